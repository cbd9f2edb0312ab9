//! An episode against its target price: truncated at the caps of its cell, and compared.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::Amount;
use crate::rules::Rule;
use crate::rules::figures::figures;

/// It has no terms: caps belong to the cell, and the discount to the provider.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeDifference {}

figures! {
    /// An episode.
    DifferenceFacts {
        target: Dollars from 0.0, "target price of the episode, before any discount";
        actual: Dollars from 0.0, "spending of the episode";
        truncate_at: Dollars from 0.0 or unknown, "the most that an episode of its cell counts for";
        raise_to: Dollars from 0.0 or unknown, "the least that an episode of its cell counts for";
        discount: Rate = 0.0, "part of the target price that is taken off";
    }
}

figures! {
    /// What counts of it.
    DifferenceLines {
        truncated: Dollars, "actual, at most truncate_at and at least raise_to";
        discounted_target: ExactDollars, "target × (1 − discount)";
        difference: ExactDollars, "discounted_target − truncated";
    }
}

impl Rule for EpisodeDifference {
    type Facts<A: Amount> = DifferenceFacts<A>;
    type Lines<A: Amount> = DifferenceLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &DifferenceFacts<A>) -> DifferenceLines<A> {
        let raised = facts.raise_to.map_or(facts.actual, |least| facts.actual.most(least));
        let truncated = facts.truncate_at.map_or(raised, |most| raised.least(most));
        let discounted_target = facts.target.times(A::ONE - facts.discount);
        DifferenceLines { truncated, discounted_target, difference: discounted_target - truncated }
    }
}
