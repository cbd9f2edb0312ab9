//! Growth of risk between base year 3 and the performance year, and the caps it is held at.

use serde::Deserialize;

use super::by_type::{ByType, each, mean, one};
use super::updated::UpdateFacts;
use crate::money::{Amount, Term};

/// Of what growth the cap is one.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapOver {
    /// Of each type alone, from no growth on.
    Type,
    /// Of all types together, from demographic growth on; where they stay below it, no type is capped.
    All,
}

/// Growth of risk, and what of it counts.
pub struct Risk<A> {
    /// Growth of each type.
    pub growth: ByType<A>,
    /// What counts.
    pub factor: ByType<A>,
    /// Mean growth, weighted by benchmark dollars.
    pub growth_all: A,
    /// Mean demographic growth, likewise.
    pub demographic_growth_all: A,
    /// Where growth is capped.
    pub cap: A,
    /// Whether it was, for any type.
    pub capped: bool,
}

impl<A: Amount> Risk<A> {
    /// Growth of each type; what lies above the cap does not count, decreases do.
    pub fn of(counts: &Term, over: CapOver, facts: &UpdateFacts<A>) -> Self {
        let dollars = each(|k| facts.adjusted_benchmark[k].times(facts.person_years[k]));
        let growth = each(|k| facts.risk_score[k].over(facts.risk_score_base_year_3[k]));
        let demographic = each(|k| facts.demographic_score[k].over(facts.demographic_score_base_year_3[k]));
        let (growth_all, demographic_growth_all) = (mean(&growth, &dollars), mean(&demographic, &dollars));
        let from = match over {
            CapOver::Type => one(),
            CapOver::All => demographic_growth_all,
        };
        let cap = from + A::term(counts);
        let binds = match over {
            CapOver::Type => true,
            CapOver::All => growth_all > cap,
        };
        let factor = if binds { each(|k| growth[k].least(cap)) } else { growth };
        let capped = binds && growth.iter().any(|growth| *growth > cap);
        Self { growth, factor, growth_all, demographic_growth_all, cap, capped }
    }
}

/// What multiplies the growth of a region whose risk grew past its cap: above 1 where it was capped.
pub struct RegionalRisk<A> {
    /// Where growth of the region's risk is capped.
    pub cap: A,
    /// The factor of each type.
    pub factor: ByType<A>,
}

impl<A: Amount> RegionalRisk<A> {
    /// The cap lies the higher, the more of its region the organization is.
    pub fn of(growth: Option<&Term>, facts: &UpdateFacts<A>) -> Self {
        let Some(growth) = growth else {
            return Self { cap: A::ZERO, factor: each(|_| one()) };
        };
        let room = facts.regional_demographic_growth_all + A::term(growth);
        let above = (facts.regional_risk_growth_all - room).most(A::ZERO);
        let cap = room + facts.market_share_all.times(above);
        let binds = facts.regional_risk_growth_all > cap;
        let factor = each(|k| {
            let growth = facts.regional_risk_growth[k];
            if binds && growth > cap { growth.over(cap) } else { one() }
        });
        Self { cap, factor }
    }
}
