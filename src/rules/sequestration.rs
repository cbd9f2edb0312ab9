//! Sequestration: the part of a federal payment that is held back by law.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result};
use crate::money::Amount;

/// It has no terms: its rate is a fact, looked up by the date of payment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequestration {}

figures! {
    /// A payment.
    SequestrationFacts {
        amount: Dollars, "what would be paid";
        rate: Rate, "the part that is held back on the date of payment";
    }
}

figures! {
    /// What is left of it.
    SequestrationLines {
        payment: Dollars, "amount in whole cents";
        sequestered: Dollars, "rate × payment, where above 0: nothing is added to what is owed";
        paid: Dollars, "payment − sequestered";
    }
}

impl Rule for Sequestration {
    type Facts<A: Amount> = SequestrationFacts<A>;
    type Lines<A: Amount> = SequestrationLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &SequestrationFacts<A>) -> SequestrationLines<A> {
        let payment = facts.amount.posted();
        let sequestered = payment.most(A::ZERO).times(facts.rate).posted();
        SequestrationLines { payment, sequestered, paid: payment - sequestered }
    }
}
