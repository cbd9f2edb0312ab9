//! Regional adjustment: part of what the counties spend above or below the historical benchmark, within caps.

use super::adjustment::{AdjustmentFacts, BenchmarkAdjustment};
use super::by_type::{ByType, each, mean, one};
use crate::error::{Place, Result, show};
use crate::money::Amount;
use crate::terms::{Rung, clamp, ladder};

/// What the adjustment is and how it came about.
pub struct Regional<A> {
    /// Regional spending − historical benchmark.
    pub difference: ByType<A>,
    /// Its mean.
    pub difference_all: A,
    /// Part of it.
    pub weight: A,
    /// Mean risk score, weighted by spending.
    pub mean_risk_score: A,
    /// Part of a negative adjustment that is left out.
    pub offset: A,
    /// The adjustment.
    pub adjustment: ByType<A>,
    /// Its mean.
    pub adjustment_all: A,
}

impl BenchmarkAdjustment {
    /// The adjustment of each type: weighted, capped, then lessened where it takes.
    pub(super) fn regional<A: Amount>(&self, facts: &AdjustmentFacts<A>) -> Regional<A> {
        let AdjustmentFacts { person_years_base_year_3: person_years, national_per_capita: national, .. } =
            facts;
        let difference = each(|k| facts.regional_per_capita[k] - facts.historical_benchmark[k]);
        let difference_all = mean(&difference, person_years);
        let rungs = if difference_all > A::ZERO {
            &self.regional_weights_lower
        } else {
            &self.regional_weights_higher
        };
        let weight = ladder(facts.regional_adjustments, rungs);
        let dollars = each(|k| facts.per_capita_base_year_3[k].times(person_years[k]));
        let mean_risk_score = mean(&facts.risk_score_base_year_3, &dollars);
        let offset = self.offset_of(facts.dual_share_base_year_3, mean_risk_score);
        let adjustment = each(|k| {
            let floor = -national[k].times(A::term(&self.regional_cap_negative));
            let capped =
                clamp(difference[k].times(weight), floor, national[k].times(A::term(&self.regional_cap)));
            if capped < A::ZERO { capped.times(one::<A>() - offset) } else { capped }
        });
        let adjustment_all = mean(&adjustment, person_years);
        Regional { difference, difference_all, weight, mean_risk_score, offset, adjustment, adjustment_all }
    }

    fn offset_of<A: Amount>(&self, dual_share: A, mean_risk_score: A) -> A {
        if self.regional_offset {
            clamp(dual_share + mean_risk_score - one(), A::ZERO, one())
        } else {
            A::ZERO
        }
    }
}

/// Refuses weights that are none, or whose times do not rise.
pub(super) fn check_rungs(place: Place<'_>, field: &str, rungs: &[Rung]) -> Result<()> {
    let mut before = 0.0;
    for rung in rungs {
        place.rate(field, rung.gives.value())?;
        if rung.from.value().is_nan() || rung.from.value() <= before {
            let rule = "must be given for times that rise from 1";
            return Err(place.error(field, rule).got(show(rung.from.value())).into());
        }
        before = rung.from.value();
    }
    Ok(())
}
