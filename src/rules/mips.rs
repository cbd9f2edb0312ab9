//! Merit-based incentive payments: a final score moves a clinician's payments two years later.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};

/// The scale of a performance year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mips {
    /// The score that moves nothing.
    performance_threshold: Term,
    /// The largest reduction, a part of payments.
    applicable_rate: Term,
    /// The part of the threshold at or below which the reduction is largest.
    full_reduction_part: Term,
    /// The best score.
    pub highest_score: Term,
    /// Scales what is gained so that it costs what is lost.
    scaling_factor: Term,
    /// The most that may be.
    largest_scaling_factor: Term,
    /// The pool for exceptional performance, in years that have one.
    exceptional: Option<Exceptional>,
}

/// The pool for exceptional performance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptional {
    /// The score from which it pays.
    threshold: Term,
    /// What it pays there, before scaling.
    least: Term,
    /// What it pays at the best score, before scaling.
    most: Term,
    /// Scales it to its pool.
    scaling_factor: Term,
}

figures! {
    /// A clinician's year.
    MipsFacts {
        score: Points, "final score of the performance year";
        payments: Dollars = 0.0, "payments for covered professional services of the payment year";
    }
}

figures! {
    /// What it moves.
    MipsLines {
        adjustment_rate: Factor, "−applicable_rate up to a part of the threshold; −applicable_rate × (threshold − score) ÷ threshold below it; scaling_factor × applicable_rate × (score − threshold) ÷ (highest − threshold) from it on";
        exceptional_rate: Factor, "from the additional threshold on: scaling × (least + (most − least) × (score − additional threshold) ÷ (highest − additional threshold))";
        payment_rate: Factor, "adjustment_rate + exceptional_rate";
        adjustment: Dollars, "payment_rate × payments";
    }
}

impl Rule for Mips {
    type Facts<A: Amount> = MipsFacts<A>;
    type Lines<A: Amount> = MipsLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("applicable_rate", self.applicable_rate.value())?;
        place.rate("full_reduction_part", self.full_reduction_part.value())?;
        place.positive("performance_threshold", self.performance_threshold.value())?;
        place.within(
            "scaling_factor",
            self.scaling_factor.value(),
            0.0,
            self.largest_scaling_factor.value(),
        )?;
        self.below_highest(place, "performance_threshold", &self.performance_threshold)?;
        let Some(exceptional) = &self.exceptional else { return Ok(()) };
        place.rate("exceptional_scaling_factor", exceptional.scaling_factor.value())?;
        self.below_highest(place, "additional_threshold", &exceptional.threshold)
    }

    fn settle<A: Amount>(&self, facts: &MipsFacts<A>) -> MipsLines<A> {
        let adjustment_rate = self.adjustment(facts.score);
        let exceptional_rate = self.exceptional(facts.score);
        let payment_rate = adjustment_rate + exceptional_rate;
        let adjustment = facts.payments.times(payment_rate).posted();
        MipsLines { adjustment_rate, exceptional_rate, payment_rate, adjustment }
    }
}

impl Mips {
    fn adjustment<A: Amount>(&self, score: A) -> A {
        let [threshold, rate, highest] =
            [&self.performance_threshold, &self.applicable_rate, &self.highest_score].map(A::term);
        if score >= threshold {
            let above = (score - threshold).times(rate).over(highest - threshold);
            above.times(A::term(&self.scaling_factor))
        } else if score > threshold.times(A::term(&self.full_reduction_part)) {
            -(threshold - score).times(rate).over(threshold)
        } else {
            -rate
        }
    }

    fn exceptional<A: Amount>(&self, score: A) -> A {
        let Some(pool) = &self.exceptional else { return A::ZERO };
        let [from, least, most, highest] =
            [&pool.threshold, &pool.least, &pool.most, &self.highest_score].map(A::term);
        if score < from {
            return A::ZERO;
        }
        let rate = least + (score - from).times(most - least).over(highest - from);
        rate.times(A::term(&pool.scaling_factor))
    }

    fn below_highest(&self, place: Place<'_>, field: &str, threshold: &Term) -> Result<()> {
        if threshold.value() < self.highest_score.value() {
            return Ok(());
        }
        Err(place.error(field, "must lie below the highest score").got(show(threshold.value())).into())
    }
}
