//! Truncated spending: a member's months of one enrolment type, annualised and cut off at a truncation point.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result};
use crate::money::Amount;

/// It has no terms: truncation points are facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TruncatedSpending {}

/// Months of a year.
const MONTHS: f64 = 12.0;

figures! {
    /// A member's year in one enrolment type.
    TruncationFacts {
        spending: Dollars, "paid for the months in this type";
        months: Count, "months in this type, 1-12";
        truncation_point: Dollars above 0.0, "the most that a whole year counts for";
        completion_factor: Factor from 1.0 to 10.0 = 1.0, "all that will be paid / paid so far";
    }
}

figures! {
    /// What counts.
    TruncationLines {
        person_years: Count, "months / 12";
        annualised: Dollars, "spending × completion factor / person-years";
        truncated: Dollars, "annualised, at most the truncation point";
        counted: Dollars, "truncated × person-years";
    }
}

impl Rule for TruncatedSpending {
    type Facts<A: Amount> = TruncationFacts<A>;
    type Lines<A: Amount> = TruncationLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &TruncationFacts<A>) -> TruncationLines<A> {
        let year = A::of(MONTHS);
        let annualised = facts.spending.times(facts.completion_factor).times(year).over(facts.months);
        let truncated = annualised.least(facts.truncation_point);
        TruncationLines {
            person_years: facts.months.over(year),
            annualised,
            truncated,
            counted: truncated.times(facts.months).over(year),
        }
    }
}
