//! Reconciliation of a provider's episodes: quality, shares and limits of what they cost less or more than their targets.
//!
//! The order of TEAM and BPCI Advanced: quality before the limits. In CJR quality is in the discount of the target prices.

use serde::Deserialize;

use super::discounts::Discounts;
use crate::error::{Place, Result};
use crate::money::{Amount, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;
use crate::terms::{Rung, clamp, gate, part_of, reaches};

/// Terms of a reconciliation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeReconciliation {
    /// The part of target prices that is taken off.
    pub discount: Term,
    /// That part by the score; empty: `discount` at any.
    pub quality_discounts: Vec<Rung>,
    /// That part where episodes cost more than their targets; none: the same.
    pub quality_loss_discounts: Option<Vec<Rung>>,
    /// The best score there is.
    pub best_score: Term,
    /// A score below it gains nothing.
    pub least_quality: Option<Term>,
    /// The part of gains that a score of 0 takes off.
    pub quality_gain_cut: Term,
    /// The part of losses that the best score takes off.
    pub quality_loss_cut: Term,
    /// The part of the target that must be gained before anything is shared.
    pub minimum_savings_rate: Term,
    /// The part of the target that must be lost before anything is owed.
    pub minimum_loss_rate: Term,
    /// The provider's share of gains.
    pub sharing_rate: Term,
    /// Its share of losses.
    pub loss_rate: Term,
    /// The most that can be gained, as a part of the target.
    pub stop_gain_rate: Option<Term>,
    /// The most that can be owed, as a part of the target.
    pub stop_loss_rate: Option<Term>,
}

figures! {
    /// The episodes of a provider together.
    ReconciliationFacts {
        target: Dollars from 0.0, "sum of target prices, before any discount";
        actual: Dollars from 0.0, "sum of spending, each episode truncated";
        quality_score: Points from 0.0, "composite score, from 0 to best_score";
        post_episode: Dollars from 0.0 = 0.0, "sum of spending after the episodes";
        post_episode_allowed: Dollars from 0.0 = 0.0, "sum of the thresholds above which it is taken off";
    }
}

figures! {
    /// The computation; every adjustment is in whole cents, so that they add up to the settlement.
    ReconciliationLines {
        discount: Rate, "of quality_discounts at quality_score, else discount";
        discounted_target: Dollars, "target × (1 − discount)";
        difference: Dollars, "discounted_target − actual; 0 between the targets of gains and of losses";
        minimum: Dollars, "minimum rate of its side × discounted_target; a difference counts from it on, then in full";
        below_minimum: Dollars, "takes away a difference that does not reach the minimum";
        quality_rate: Rate, "gains: quality_gain_cut × (1 − quality_score / best_score), or 1 below least_quality; losses: quality_loss_cut × quality_score / best_score";
        quality_adjustment: Dollars, "−quality_rate × difference";
        share_rate: Rate, "sharing_rate of gains, loss_rate of losses";
        sharing_adjustment: Dollars, "−(1 − share_rate) × what quality left";
        stop_gain: Dollars or unknown, "stop_gain_rate × discounted_target";
        stop_loss: Dollars or unknown, "stop_loss_rate × discounted_target";
        limit_adjustment: Dollars, "takes away what lies beyond stop_gain or stop_loss";
        post_episode_excess: Dollars, "post_episode − post_episode_allowed, where above 0";
        settlement: Dollars, "difference and its adjustments − post_episode_excess, rounded once: above 0 the provider receives it";
    }
}

/// The terms of the side that happened.
struct SideTerms<'a, A> {
    discount: A,
    minimum_rate: &'a Term,
    quality_rate: A,
    share_rate: &'a Term,
}

impl Rule for EpisodeReconciliation {
    type Facts<A: Amount> = ReconciliationFacts<A>;
    type Lines<A: Amount> = ReconciliationLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.within("best_score", self.best_score.value(), 1e-6, 1e6)?;
        let best_score = self.best_score.value();
        self.discounts().check(place, best_score)?;
        if let Some(least) = &self.least_quality {
            place.within("least_quality", least.value(), 0.0, best_score)?;
        }
        for (field, rate) in [
            ("quality_gain_cut", &self.quality_gain_cut),
            ("quality_loss_cut", &self.quality_loss_cut),
            ("minimum_savings_rate", &self.minimum_savings_rate),
            ("minimum_loss_rate", &self.minimum_loss_rate),
            ("sharing_rate", &self.sharing_rate),
            ("loss_rate", &self.loss_rate),
        ] {
            place.rate(field, rate.value())?;
        }
        for (field, rate) in
            [("stop_gain_rate", &self.stop_gain_rate), ("stop_loss_rate", &self.stop_loss_rate)]
        {
            rate.as_ref().map_or(Ok(()), |rate| place.rate(field, rate.value()))?;
        }
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &ReconciliationFacts<A>) -> ReconciliationLines<A> {
        let difference = self.difference(facts);
        let side = self.side(facts.quality_score, difference);
        let discounted_target = facts.target.times(A::ONE - side.discount);
        let minimum = discounted_target.times(A::term(side.minimum_rate));
        let distance = difference.most(-difference);
        let counted = if gate(distance, minimum) { difference } else { A::ZERO };
        let after_quality = counted.times(A::ONE - side.quality_rate);
        let share_rate = A::term(side.share_rate);
        let shared = after_quality.times(share_rate);
        let stop_gain = part_of(discounted_target, self.stop_gain_rate.as_ref());
        let stop_loss = part_of(discounted_target, self.stop_loss_rate.as_ref());
        let limited = clamp(
            shared,
            stop_loss.map_or(shared, |limit| -limit),
            stop_gain.unwrap_or(shared.most(A::ZERO)),
        );
        let excess = (facts.post_episode - facts.post_episode_allowed).most(A::ZERO);
        let settlement = (limited - excess).posted();
        ReconciliationLines {
            discount: side.discount,
            discounted_target,
            difference: difference.posted(),
            minimum,
            below_minimum: step(difference, counted),
            quality_rate: side.quality_rate,
            quality_adjustment: step(counted, after_quality),
            share_rate,
            sharing_adjustment: step(after_quality, shared),
            stop_gain,
            stop_loss,
            limit_adjustment: step(shared, limited),
            post_episode_excess: step(settlement, limited),
            settlement,
        }
    }
}

impl EpisodeReconciliation {
    /// Whether any term looks at the score.
    #[must_use]
    pub fn looks_at_quality(&self) -> bool {
        let cut = |rate: &Term| rate.value() > 0.0;
        !self.quality_discounts.is_empty()
            || self.least_quality.is_some()
            || cut(&self.quality_gain_cut)
            || cut(&self.quality_loss_cut)
    }

    fn discounts(&self) -> Discounts<'_> {
        Discounts {
            flat: &self.discount,
            gains: &self.quality_discounts,
            losses: self.quality_loss_discounts.as_deref(),
        }
    }

    /// Target less actual, by the discount of the side that happened; nothing where neither did.
    fn difference<A: Amount>(&self, facts: &ReconciliationFacts<A>) -> A {
        let against = |discount: A| facts.target.times(A::ONE - discount) - facts.actual;
        let discounts = self.discounts();
        let gain = against(discounts.of_gains(facts.quality_score));
        if gain > A::ZERO { gain } else { against(discounts.of_losses(facts.quality_score)).least(A::ZERO) }
    }

    /// The terms of losses, or of gains where there is no loss of a cent.
    fn side<A: Amount>(&self, score: A, difference: A) -> SideTerms<'_, A> {
        let part = clamp(score.over(A::term(&self.best_score)), A::ZERO, A::ONE);
        if difference.cents() < A::ZERO {
            return SideTerms {
                discount: self.discounts().of_losses(score),
                minimum_rate: &self.minimum_loss_rate,
                quality_rate: A::term(&self.quality_loss_cut).times(part),
                share_rate: &self.loss_rate,
            };
        }
        let acceptable = self.least_quality.as_ref().is_none_or(|least| reaches(score, least));
        let cut = A::term(&self.quality_gain_cut).times(A::ONE - part);
        SideTerms {
            discount: self.discounts().of_gains(score),
            minimum_rate: &self.minimum_savings_rate,
            quality_rate: if acceptable { cut } else { A::ONE },
            share_rate: &self.sharing_rate,
        }
    }
}

/// From one amount to the next in whole cents, so that a statement's lines add up.
fn step<A: Amount>(before: A, after: A) -> A {
    after.cents() - before.cents()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(changes: &str) -> EpisodeReconciliation {
        let terms = r#"{"discount": 0, "quality_discounts": [], "quality_loss_discounts": null, "best_score": 100,
            "least_quality": null, "quality_gain_cut": "0.1", "quality_loss_cut": "0.1", "minimum_savings_rate": 0,
            "minimum_loss_rate": 0, "sharing_rate": 1, "loss_rate": 1, "stop_gain_rate": "0.2", "stop_loss_rate": "0.2"}"#;
        let mut terms: serde_json::Value = serde_json::from_str(terms).unwrap();
        let changes: serde_json::Value = serde_json::from_str(changes).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            terms[name] = value.clone();
        }
        serde_json::from_value(terms).unwrap()
    }

    fn settled(terms: &EpisodeReconciliation, actual: f64, quality_score: f64) -> f64 {
        let facts = ReconciliationFacts {
            target: 2_000_000.0,
            actual,
            quality_score,
            post_episode: 0.0,
            post_episode_allowed: 0.0,
        };
        terms.settle(&facts).settlement.cents()
    }

    /// TEAM: target prices of two million, the three tracks.
    #[test]
    fn worked_examples() {
        let track_3 = terms("{}");
        assert_eq!(settled(&track_3, 1_850_000.0, 70.0), 145_500.0);
        assert_eq!(settled(&track_3, 2_150_000.0, 70.0), -139_500.0);
        let track_1 = terms(r#"{"loss_rate": 0, "stop_gain_rate": "0.1", "stop_loss_rate": null}"#);
        assert_eq!(settled(&track_1, 1_700_000.0, 90.0), 200_000.0);
        assert_eq!(settled(&track_1, 2_700_000.0, 90.0), 0.0);
        let track_2 = r#"{"quality_loss_cut": "0.15", "stop_gain_rate": "0.05", "stop_loss_rate": "0.05"}"#;
        assert_eq!(settled(&terms(track_2), 2_150_000.0, 40.0), -100_000.0);
    }

    /// Discounts of 3 and 1 % on the two sides: between 97 and 99 % of the target nothing moves.
    #[test]
    fn between_the_discounts_nothing_moves() {
        let terms = terms(
            r#"{"quality_gain_cut": 0, "quality_loss_cut": 0, "quality_discounts": [{"from": 0, "gives": "0.03"}],
                "quality_loss_discounts": [{"from": 0, "gives": "0.01"}]}"#,
        );
        for (actual, settlement) in [
            (1_939_999.99, 0.01),
            (1_940_000.0, 0.0),
            (1_960_000.0, 0.0),
            (1_980_000.0, 0.0),
            (1_980_000.01, -0.01),
        ] {
            assert_eq!(settled(&terms, actual, 50.0), settlement, "actual {actual}");
        }
    }
}
