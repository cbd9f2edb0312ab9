//! Updated benchmark: the adjusted benchmark at the risk and the level of the performance year, in dollars.

use serde::Deserialize;

use super::by_type::{ByType, each, figure, figures_by_type, flag, mean, one, sum};
use super::historical::blended;
use super::risk::{CapOver, RegionalRisk, Risk};
use crate::error::{Place, Result};
use crate::money::{Amount, Term};
use crate::rules::Rule;
use crate::terms::gate;

/// Caps of risk, and what the update is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdatedBenchmark {
    /// Growth of risk that counts in full.
    risk_cap: Term,
    /// Of what growth that is a cap.
    risk_cap_over: CapOver,
    /// Growth of a region's risk that counts in full; none for no cap.
    regional_risk_cap: Option<Term>,
    /// Part of the prospective trend in the update.
    prospective_share: Term,
    /// How that trend is given.
    prospective_as: Prospective,
    /// Losses are reckoned without the prospective trend where that makes them smaller.
    guardrail: bool,
}

/// How the prospective trend is given.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Prospective {
    /// As what the benchmark is multiplied by.
    Ratio,
    /// As growth of national spending, which becomes dollars at the organization's risk.
    Dollars,
}

figures_by_type! {
    /// An adjusted benchmark and its performance year.
    UpdateFacts {
        by_type {
            adjusted_benchmark: Dollars, "historical benchmark with its adjustment, of a person-year";
            person_years: Count, "assigned person-years of the performance year";
            risk_score_base_year_3: Factor, "mean risk score of base year 3 over the national mean";
            risk_score: Factor, "mean risk score of the performance year over the national mean";
            market_share: Rate, "assigned of the assignable in the counties, performance year";
            national_trend: Factor, "growth of national spending from base year 3 to the performance year";
            regional_trend: Factor, "growth of spending in the counties from base year 3 to the performance year";
            demographic_score_base_year_3: Factor = 1.0, "mean demographic risk score of base year 3";
            demographic_score: Factor = 1.0, "mean demographic risk score of the performance year";
            regional_risk_growth: Factor = 1.0, "risk score of the counties, performance year / base year 3";
            prospective_trend: Factor = 1.0, "growth fixed when the agreement began, to the performance year";
            national_per_capita: Dollars = 0.0, "of a person-year of assignable beneficiaries, truncated, base year 3";
        }
        all {
            regional_risk_growth_all: Factor = 1.0, "growth of the counties' risk score over all types";
            regional_demographic_growth_all: Factor = 1.0, "growth of their demographic risk score over all types";
            market_share_all: Rate = 0.0, "assigned of the assignable in the counties over all types";
            spending: Dollars or unknown, "of all assigned members in the performance year, for the guardrail";
            minimum_loss_rate: Rate or unknown, "losses of this part of the benchmark are shared, for the guardrail";
        }
    }
}

figures_by_type! {
    /// The updated benchmark.
    UpdateLines {
        by_type {
            risk_growth: Factor, "risk score / risk score of base year 3";
            risk_factor: Factor, "risk growth, at most the risk cap where that binds";
            regional_risk_factor: Factor, "regional risk growth / its cap where that binds, else 1";
            two_way_update: Factor, "market share × national + (1 − market share) × regional trend × regional risk factor";
            prospective_update: Factor, "the prospective trend as what the benchmark is multiplied by";
            update: Factor, "two-way update × (1 − prospective share) + prospective update × prospective share";
            updated_benchmark: Dollars, "adjusted benchmark × risk factor × update, of a person-year";
            two_way_benchmark: Dollars, "adjusted benchmark × risk factor × two-way update, of a person-year";
        }
        all {
            risk_growth_all: Factor, "mean over types, weights: adjusted benchmark × person-years";
            demographic_growth_all: Factor, "mean over types of demographic score / that of base year 3, same weights";
            risk_cap: Factor, "1 (or demographic growth, where the cap is one of all types) + the growth that counts";
            risk_capped: Flag, "some risk factor is below its risk growth";
            regional_risk_cap: Factor, "room + market share × growth above it; room: demographic growth + the growth that counts";
            person_years_all: Count, "sum over types";
            updated_benchmark_all: Dollars, "mean over types, weights: person-years";
            updated_benchmark_total: Dollars, "Σ updated benchmark × person-years";
            two_way_benchmark_total: Dollars, "Σ two-way benchmark × person-years";
            guardrail: Flag or unknown, "spending exceeds the updated benchmark by the minimum loss rate or more";
            settlement_benchmark_total: Dollars or unknown, "updated; under the guardrail two-way where higher, at most spending";
        }
    }
}

impl Rule for UpdatedBenchmark {
    type Facts<A: Amount> = UpdateFacts<A>;
    type Lines<A: Amount> = UpdateLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("risk_cap", self.risk_cap.value())?;
        if let Some(cap) = &self.regional_risk_cap {
            place.rate("regional_risk_cap", cap.value())?;
        }
        place.rate("prospective_share", self.prospective_share.value())
    }

    fn settle<A: Amount>(&self, facts: &UpdateFacts<A>) -> UpdateLines<A> {
        let risk = Risk::of(&self.risk_cap, self.risk_cap_over, facts);
        let regional = RegionalRisk::of(self.regional_risk_cap.as_ref(), facts);
        let trend = each(|k| facts.regional_trend[k].times(regional.factor[k]));
        let two_way_update = blended(&facts.market_share, &facts.national_trend, &trend);
        let prospective_update = self.prospective(facts);
        let part = A::term(&self.prospective_share);
        let update = each(|k| two_way_update[k].times(one::<A>() - part) + prospective_update[k].times(part));
        let before = each(|k| facts.adjusted_benchmark[k].times(risk.factor[k]));
        let updated_benchmark = each(|k| before[k].times(update[k]));
        let two_way_benchmark = each(|k| before[k].times(two_way_update[k]));
        let total = dollars(&updated_benchmark, facts);
        let two_way = dollars(&two_way_benchmark, facts);
        let guardrail = self.guardrail(facts, total);
        UpdateLines {
            risk_growth: risk.growth,
            risk_factor: risk.factor,
            regional_risk_factor: regional.factor,
            two_way_update,
            prospective_update,
            update,
            updated_benchmark,
            two_way_benchmark,
            risk_growth_all: risk.growth_all,
            demographic_growth_all: risk.demographic_growth_all,
            risk_cap: risk.cap,
            risk_capped: flag(risk.capped),
            regional_risk_cap: regional.cap,
            person_years_all: sum(&facts.person_years),
            updated_benchmark_all: mean(&updated_benchmark, &facts.person_years),
            updated_benchmark_total: total,
            two_way_benchmark_total: two_way,
            guardrail: guardrail.map(flag),
            settlement_benchmark_total: guardrail.map(|applies| match facts.spending {
                Some(spending) if applies && two_way > total => two_way.least(spending),
                _ => total,
            }),
        }
    }
}

impl UpdatedBenchmark {
    /// The prospective trend as what the benchmark is multiplied by.
    fn prospective<A: Amount>(&self, facts: &UpdateFacts<A>) -> ByType<A> {
        match self.prospective_as {
            Prospective::Ratio => facts.prospective_trend,
            Prospective::Dollars => each(|k| {
                let growth = facts.prospective_trend[k] - one();
                let at_risk = facts.national_per_capita[k].times(facts.risk_score_base_year_3[k]);
                one::<A>() + growth.times(at_risk).over(facts.adjusted_benchmark[k])
            }),
        }
    }

    /// Whether losses reach their minimum; unknown without spending, or where there is no guardrail.
    fn guardrail<A: Amount>(&self, facts: &UpdateFacts<A>, total: A) -> Option<bool> {
        let (spending, rate) = (facts.spending?, facts.minimum_loss_rate?);
        self.guardrail.then(|| gate(spending - total, total.times(rate)))
    }
}

fn dollars<A: Amount>(per_capita: &ByType<A>, facts: &UpdateFacts<A>) -> A {
    sum(&each(|k| per_capita[k].times(facts.person_years[k]))).posted()
}
