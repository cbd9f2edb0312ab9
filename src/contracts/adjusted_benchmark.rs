//! What a payer takes off the benchmark of shared savings, or the target of a corridor: a discount, and a part that the quality score earns back.

use super::Step;
use crate::error::{Place, Result};
use crate::money::{Amount, Term};

/// Parts of the benchmark that are taken off.
#[derive(Debug, Clone, Copy)]
pub struct TakenOff {
    /// For the payer, whatever happens.
    pub discount_rate: Term,
    /// Of what is left, earned back by the quality score.
    pub quality_withhold_rate: Term,
}

/// A benchmark with what is taken off it.
#[derive(Debug, Clone, Copy)]
pub struct AdjustedBenchmark<A> {
    /// As it was computed.
    pub before: A,
    discount: A,
    withheld: A,
    returned: A,
    /// What spending is compared with.
    pub after: A,
}

impl TakenOff {
    /// Refuses rates that are none.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("discount_rate", self.discount_rate.value())?;
        place.rate("quality_withhold_rate", self.quality_withhold_rate.value())
    }

    /// Whether nothing is taken off.
    pub fn nothing(&self) -> bool {
        self.discount_rate.value() == 0.0 && self.quality_withhold_rate.value() == 0.0
    }

    /// The benchmark at a quality score: first the discount, then the withhold on what is left.
    pub fn of<A: Amount>(&self, before: A, quality_score: A) -> AdjustedBenchmark<A> {
        let discount = before.times(A::term(&self.discount_rate)).posted();
        let withheld = (before - discount).times(A::term(&self.quality_withhold_rate)).posted();
        let returned = withheld.times(quality_score).posted();
        let after = if self.nothing() { before } else { before - discount - withheld + returned };
        AdjustedBenchmark { before, discount, withheld, returned, after }
    }

    /// The lines of a statement, where anything is taken off; the last, called so, is what is left.
    pub fn steps<A: Amount>(&self, benchmark: &AdjustedBenchmark<A>, left: &'static str) -> Vec<Step<A>> {
        if self.nothing() {
            return Vec::new();
        }
        let AdjustedBenchmark { discount, withheld, returned, after, .. } = *benchmark;
        vec![
            Step::dollars("discount", "discount_rate × benchmark", discount),
            Step::dollars("quality_withheld", "quality_withhold_rate × (benchmark − discount)", withheld),
            Step::dollars("quality_returned", "quality_score × quality_withheld", returned),
            Step::dollars(left, "benchmark − discount − quality_withheld + quality_returned", after),
        ]
    }
}
