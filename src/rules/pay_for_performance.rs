//! Pay for performance: a withhold that is earned back, a bonus and a penalty, all by a quality score.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use super::measure_ladder::check_rungs;
use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::terms::{Rung, ladder, slope};

/// What is at stake, and what share of it a score earns or owes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayForPerformance {
    /// The part of payments that is withheld.
    pub withhold_rate: Term,
    /// Dollars a member and month in the bonus pool.
    pub bonus_pmpm: Term,
    /// The part of payments in the bonus pool.
    pub bonus_rate: Term,
    /// The part of payments that can be taken back.
    pub penalty_rate: Term,
    /// The share of what is withheld and of the pool that a score earns.
    pub ladder: Vec<Rung>,
    /// The share of the penalty that a score owes: what its rung gives up to that score, nothing above the last.
    pub penalty_ladder: Vec<Rung>,
    /// Straight lines between the rungs, no steps.
    pub straight_line: bool,
    /// Scales what is returned so that all that is withheld is paid out.
    pub returned_scaling: Term,
    /// Scales bonuses so that they add up to their pool.
    pub bonus_scaling: Term,
}

figures! {
    /// A year of a provider.
    PerformanceFacts {
        score: Rate, "quality score";
        payments: Dollars = 0.0, "payments from which is withheld, and whose parts are bonus and penalty";
        member_months: MemberMonths = 0.0, "member-months that the bonus pool counts";
        met_dollars: Dollars from 0.0 = 0.0, "sum over measures of dollars_per_member × members who meet it";
    }
}

figures! {
    /// What is kept back, what is paid and what is taken back.
    PerformanceLines {
        share: Factor, "share of what is at stake that the score earns, by the ladder";
        withheld: Dollars, "withhold_rate × payments";
        returned: Dollars, "share × returned_scaling × withheld";
        bonus_pool: Dollars, "bonus_pmpm × member_months + bonus_rate × payments";
        bonus: Dollars, "share × bonus_scaling × bonus_pool";
        penalty_share: Factor, "share of the penalty that the score owes, by the penalty ladder; 0 where none is at stake";
        penalty: Dollars, "penalty_share × penalty_rate × payments";
        net: Dollars, "returned + bonus + met_dollars − withheld − penalty";
    }
}

impl Rule for PayForPerformance {
    type Facts<A: Amount> = PerformanceFacts<A>;
    type Lines<A: Amount> = PerformanceLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("withhold_rate", self.withhold_rate.value())?;
        place.within("bonus_pmpm", self.bonus_pmpm.value(), 0.0, 1e6)?;
        place.rate("bonus_rate", self.bonus_rate.value())?;
        place.rate("penalty_rate", self.penalty_rate.value())?;
        check_rungs(place, "ladder", &self.ladder, 10.0)?;
        self.check_penalty_ladder(place)?;
        for (field, rungs) in [("ladder", &self.ladder), ("penalty_ladder", &self.penalty_ladder)] {
            for (position, rung) in rungs.iter().enumerate() {
                Place(&format!("{}[{position}]", place.field(field))).rate("from", rung.from.value())?;
            }
        }
        place.not_negative("returned_scaling", self.returned_scaling.value())?;
        place.not_negative("bonus_scaling", self.bonus_scaling.value())
    }

    fn settle<A: Amount>(&self, facts: &PerformanceFacts<A>) -> PerformanceLines<A> {
        let reached = if self.straight_line { slope } else { ladder };
        let share = reached(facts.score, &self.ladder);
        let withheld = facts.payments.times(A::term(&self.withhold_rate)).posted();
        let of_payments = facts.payments.times(A::term(&self.bonus_rate));
        let bonus_pool = (facts.member_months.times(A::term(&self.bonus_pmpm)) + of_payments).posted();
        let returned = withheld.times(share.times(A::term(&self.returned_scaling))).posted();
        let bonus = bonus_pool.times(share.times(A::term(&self.bonus_scaling))).posted();
        let at_stake = facts.payments.times(A::term(&self.penalty_rate));
        let penalty_share =
            if self.penalty_rate.value() == 0.0 { A::ZERO } else { self.penalty_share(facts.score, reached) };
        let penalty = at_stake.times(penalty_share).posted();
        let net = returned + bonus + facts.met_dollars.posted() - withheld - penalty;
        PerformanceLines { share, withheld, returned, bonus_pool, bonus, penalty_share, penalty, net }
    }
}

impl PayForPerformance {
    /// The ladder looked at from its other end, where a worse score reaches more.
    fn penalty_share<A: Amount>(&self, score: A, reached: fn(A, &[Rung]) -> A) -> A {
        let mirrored = |rung: &Rung| Rung { from: -rung.from, gives: rung.gives };
        let falling: Vec<Rung> = self.penalty_ladder.iter().rev().map(mirrored).collect();
        reached(-score, &falling)
    }

    /// Refuses a penalty ladder without rungs, out of order, or on which a better score owes more.
    fn check_penalty_ladder(&self, place: Place<'_>) -> Result<()> {
        if self.penalty_ladder.is_empty() {
            return Err(place.error("penalty_ladder", "must have a rung").into());
        }
        for (position, rung) in self.penalty_ladder.iter().enumerate() {
            let path = format!("{}[{position}]", place.field("penalty_ladder"));
            let (from, gives) = (rung.from.value(), rung.gives.value());
            Place(&path).rate("gives", gives)?;
            let Some(before) = position.checked_sub(1).map(|before| &self.penalty_ladder[before]) else {
                continue;
            };
            if from <= before.from.value() {
                return Err(Place(&path)
                    .error("from", "must lie above the rung before")
                    .got(show(from))
                    .into());
            }
            if gives > before.gives.value() {
                let rule = "must not lie above the rung before: a better score never owes more";
                return Err(Place(&path).error("gives", rule).got(show(gives)).into());
            }
        }
        Ok(())
    }
}
