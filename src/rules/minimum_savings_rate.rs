//! The minimum savings rate that a table gives a number of members.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use super::minimum_rate::check_table;
use crate::error::{Place, Result};
use crate::money::Amount;
use crate::terms::{TableBand, in_bands};

/// A table of rates by members.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumSavingsRate {
    minimum_rate_table: Vec<TableBand>,
}

figures! {
    /// Whose rate is asked for.
    MembersFacts {
        members: Count, "heads";
    }
}

figures! {
    /// The rate.
    RateLines {
        minimum_savings_rate: Rate, "straight line inside the band of the table that members fall in";
    }
}

impl Rule for MinimumSavingsRate {
    type Facts<A: Amount> = MembersFacts<A>;
    type Lines<A: Amount> = RateLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        check_table(place, &self.minimum_rate_table)
    }

    fn settle<A: Amount>(&self, facts: &MembersFacts<A>) -> RateLines<A> {
        RateLines { minimum_savings_rate: in_bands(facts.members, &self.minimum_rate_table) }
    }
}
