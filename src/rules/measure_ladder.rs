//! Ladder of a measure: the share of its reward that a performance, or an improvement, earns.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::terms::{Rung, clamp, ladder, slope};

/// Rungs from the first performance that earns anything to the target, and what improving is worth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureLadder {
    /// Shares from a performance on; performances rise, or fall where less is better.
    ladder: Vec<Rung>,
    /// Straight lines between the rungs, no steps.
    straight_line: bool,
    /// The part of the gap between baseline and target that earns all when it is closed; none where improving earns nothing.
    improvement: Option<Term>,
}

figures! {
    /// A measure of a provider.
    LadderFacts {
        performance: Factor, "rate of the period";
        baseline: Factor = 0.0, "the provider's own rate before";
        has_baseline: Flag = 0.0, "whether there is one";
    }
}

figures! {
    /// What it earns.
    LadderLines {
        achievement: Rate, "share of the rung that is reached, or on the line between two";
        improvement: Rate, "(performance − baseline) ÷ (improvement × (target − baseline)), between 0 and 1";
        share: Rate, "the larger of both";
    }
}

impl Rule for MeasureLadder {
    type Facts<A: Amount> = LadderFacts<A>;
    type Lines<A: Amount> = LadderLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        check_rungs(place, "ladder", &self.rising(), 1.0)?;
        if self.improvement.is_some_and(|part| part.value() == 0.0) {
            return Err(place.error("improvement", "must lie above 0").got("0").into());
        }
        self.improvement.map_or(Ok(()), |part| place.rate("improvement", part.value()))
    }

    fn settle<A: Amount>(&self, facts: &LadderFacts<A>) -> LadderLines<A> {
        let better = |rate: A| if self.less_is_better() { -rate } else { rate };
        let (performance, rungs) = (better(facts.performance), self.rising());
        let reached = if self.straight_line { slope } else { ladder };
        let achievement = reached(performance, &rungs);
        let target = rungs.last().map_or(A::ZERO, |rung| A::term(&rung.from));
        let improvement = if facts.has_baseline > A::ZERO {
            self.improvement(performance, better(facts.baseline), target)
        } else {
            A::ZERO
        };
        LadderLines { achievement, improvement, share: achievement.most(improvement) }
    }
}

impl MeasureLadder {
    /// Straight lines between rungs that rise; improving earns nothing.
    #[must_use]
    pub fn lines(ladder: Vec<Rung>) -> Self {
        Self { ladder, straight_line: true, improvement: None }
    }

    /// Whether the provider's own rate before counts.
    #[must_use]
    pub fn looks_at_baseline(&self) -> bool {
        self.improvement.is_some()
    }

    fn less_is_better(&self) -> bool {
        matches!(&self.ladder[..], [first, .., last] if last.from.value() < first.from.value())
    }

    /// The rungs with performances that rise.
    fn rising(&self) -> Vec<Rung> {
        let sign = |rung: &Rung| if self.less_is_better() { -rung.from } else { rung.from };
        self.ladder.iter().map(|rung| Rung { from: sign(rung), gives: rung.gives }).collect()
    }

    fn improvement<A: Amount>(&self, performance: A, baseline: A, target: A) -> A {
        let Some(part) = &self.improvement else { return A::ZERO };
        let (way, one) = (performance - baseline, A::term(&Term::from(1)));
        if way <= A::ZERO {
            A::ZERO
        } else if performance >= target {
            one
        } else {
            clamp(way.over((target - baseline).times(A::term(part))), A::ZERO, one)
        }
    }
}

/// Refuses a ladder without rungs, out of order, or on which a better value earns less.
pub(super) fn check_rungs(place: Place<'_>, field: &str, rungs: &[Rung], most: f64) -> Result<()> {
    if rungs.is_empty() {
        return Err(place.error(field, "must have a rung").into());
    }
    let mut before: Option<&Rung> = None;
    for (position, rung) in rungs.iter().enumerate() {
        let path = format!("{}[{position}]", place.field(field));
        let (from, gives) = (rung.from.value(), rung.gives.value());
        Place(&path).within("from", from.abs(), 0.0, 1e6)?;
        Place(&path).within("gives", gives, 0.0, most)?;
        if before.is_some_and(|before| from <= before.from.value()) {
            let rule = "must go one way: rungs rise, or all fall where less is better";
            return Err(Place(&path).error("from", rule).got(show(from.abs())).into());
        }
        if before.is_some_and(|before| gives < before.gives.value()) {
            let rule = "must not lie below the rung before: a better value never earns less";
            return Err(Place(&path).error("gives", rule).got(show(gives)).into());
        }
        before = Some(rung);
    }
    Ok(())
}
