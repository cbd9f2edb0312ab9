//! Historical benchmark: spending of three base years, trended to the last and at its risk, weighted.

use serde::Deserialize;

use super::by_type::{ByType, each, figure, figures_by_type, mean, one};
use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::rules::Rule;

/// How base years count.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoricalBenchmark {
    /// Weight of each base year, the earliest first.
    base_year_weights: [Term; 3],
}

figures_by_type! {
    /// Three base years.
    HistoricalFacts {
        by_type {
            per_capita_base_year_1: Dollars, "spending of a person-year of base year 1, truncated and completed";
            per_capita_base_year_2: Dollars, "spending of a person-year of base year 2, truncated and completed";
            per_capita_base_year_3: Dollars, "spending of a person-year of base year 3, truncated and completed";
            national_trend_base_year_1: Factor, "growth of national spending from base year 1 to 3";
            national_trend_base_year_2: Factor, "growth of national spending from base year 2 to 3";
            regional_trend_base_year_1: Factor, "growth of spending in the counties from base year 1 to 3";
            regional_trend_base_year_2: Factor, "growth of spending in the counties from base year 2 to 3";
            market_share_base_year_3: Rate, "assigned of the assignable in the counties: weight of the national trend";
            risk_score_base_year_1: Factor, "mean risk score of base year 1 over the national mean";
            risk_score_base_year_2: Factor, "mean risk score of base year 2 over the national mean";
            risk_score_base_year_3: Factor, "mean risk score of base year 3 over the national mean";
            person_years_base_year_3: Count, "assigned person-years of base year 3";
        }
        all {}
    }
}

figures_by_type! {
    /// The benchmark before adjustments.
    HistoricalLines {
        by_type {
            trend_base_year_1: Factor, "market share × national + (1 − market share) × regional trend";
            trend_base_year_2: Factor, "market share × national + (1 − market share) × regional trend";
            trended_base_year_1: Dollars, "per capita × trend × risk score of base year 3 / of base year 1";
            trended_base_year_2: Dollars, "per capita × trend × risk score of base year 3 / of base year 2";
            trended_base_year_3: Dollars, "per capita";
            historical_benchmark: Dollars, "Σ weight of the base year × trended";
        }
        all {
            historical_benchmark_all: Dollars, "mean over types, weights: person-years of base year 3";
        }
    }
}

impl Rule for HistoricalBenchmark {
    type Facts<A: Amount> = HistoricalFacts<A>;
    type Lines<A: Amount> = HistoricalLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        for weight in &self.base_year_weights {
            place.rate("base_year_weights", weight.value())?;
        }
        let sum: f64 = self.base_year_weights.iter().map(Term::value).sum();
        if (sum - 1.0).abs() <= 1e-9 {
            return Ok(());
        }
        Err(place.error("base_year_weights", "must sum to 1").got(show(sum)).into())
    }

    fn settle<A: Amount>(&self, facts: &HistoricalFacts<A>) -> HistoricalLines<A> {
        let share = &facts.market_share_base_year_3;
        let trend_base_year_1 =
            blended(share, &facts.national_trend_base_year_1, &facts.regional_trend_base_year_1);
        let trend_base_year_2 =
            blended(share, &facts.national_trend_base_year_2, &facts.regional_trend_base_year_2);
        let risk = &facts.risk_score_base_year_3;
        let trended_base_year_1 =
            trended(&facts.per_capita_base_year_1, &trend_base_year_1, risk, &facts.risk_score_base_year_1);
        let trended_base_year_2 =
            trended(&facts.per_capita_base_year_2, &trend_base_year_2, risk, &facts.risk_score_base_year_2);
        let trended_base_year_3 = facts.per_capita_base_year_3;
        let historical_benchmark =
            each(|k| self.weighted([trended_base_year_1[k], trended_base_year_2[k], trended_base_year_3[k]]));
        HistoricalLines {
            trend_base_year_1,
            trend_base_year_2,
            trended_base_year_1,
            trended_base_year_2,
            trended_base_year_3,
            historical_benchmark,
            historical_benchmark_all: mean(&historical_benchmark, &facts.person_years_base_year_3),
        }
    }
}

impl HistoricalBenchmark {
    fn weighted<A: Amount>(&self, years: [A; 3]) -> A {
        let weighted = years.into_iter().zip(&self.base_year_weights);
        weighted.fold(A::ZERO, |sum, (year, weight)| sum + year.times(A::term(weight)))
    }
}

/// National and regional growth, blended by the share of the market.
pub(super) fn blended<A: Amount>(share: &ByType<A>, national: &ByType<A>, regional: &ByType<A>) -> ByType<A> {
    each(|k| national[k].times(share[k]) + regional[k].times(one::<A>() - share[k]))
}

/// Spending of a base year at the level and the risk of the last one.
fn trended<A: Amount>(
    spending: &ByType<A>,
    trend: &ByType<A>,
    risk: &ByType<A>,
    of_year: &ByType<A>,
) -> ByType<A> {
    each(|k| spending[k].times(trend[k]).times(risk[k].over(of_year[k])))
}
