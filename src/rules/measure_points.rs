//! Points of a measure as Medicare gives them to hospitals: for reaching a benchmark, for improving, for consistency.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result, show};
use crate::money::{Amount, Rounding, Term};
use crate::terms::clamp;

/// Whole points along a straight line, held between the least and the most.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    factor: Term,
    added: Term,
    least: Term,
    most: Term,
}

impl Line {
    /// Points where `way` of `length` is gone: factor × way ÷ length + added, a half rounded up.
    fn points<A: Amount>(&self, way: A, length: A) -> A {
        let points = way.times(A::term(&self.factor)).over(length) + A::term(&self.added);
        // 42 CFR 412.165(a): whole points.
        let whole = points.rounded(0, Rounding::HalfAwayFromZero);
        clamp(whole, A::term(&self.least), A::term(&self.most))
    }

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.positive("factor", self.factor.value())?;
        place.within("added", self.added.value(), -1.0, 1.0)?;
        place.not_negative("least", self.least.value())?;
        if self.most.value() >= self.least.value() {
            return Ok(());
        }
        Err(place.error("most", "must not lie below least").got(show(self.most.value())).into())
    }
}

/// How many points there are, and for what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasurePoints {
    /// Points between threshold and benchmark.
    achievement: Line,
    /// Points at the benchmark and beyond.
    at_benchmark: Term,
    /// Points between the hospital's own baseline and the benchmark.
    improvement: Line,
    /// Points between a floor and the threshold, where the domain gives any.
    consistency: Option<Line>,
}

figures! {
    /// A measure of a hospital; whether more or less is better is read off the side of the benchmark.
    MeasureFacts {
        performance: Factor, "rate of the performance period";
        threshold: Factor, "rate from which achievement earns points";
        benchmark: Factor, "rate that earns all of them";
        baseline: Factor = 0.0, "the hospital's own rate of the baseline period";
        has_baseline: Flag = 0.0, "whether there is one";
        floor: Factor = 0.0, "worst rate of any hospital, from which consistency earns points";
        has_floor: Flag = 0.0, "whether there is one";
    }
}

figures! {
    /// Its points.
    MeasurePointsLines {
        achievement_points: Points, "all at the benchmark; from the threshold factor × (performance − threshold) ÷ (benchmark − threshold) + added, in whole points; else 0";
        improvement_points: Points, "where better than the baseline: all from the benchmark on, else factor × (performance − baseline) ÷ (benchmark − baseline) + added, in whole points";
        measure_score: Points, "the larger of both";
        consistency_points: Points, "factor × (performance − floor) ÷ (threshold − floor) + added, in whole points";
    }
}

impl Rule for MeasurePoints {
    type Facts<A: Amount> = MeasureFacts<A>;
    type Lines<A: Amount> = MeasurePointsLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        self.achievement.check(Place(&place.field("achievement")))?;
        self.improvement.check(Place(&place.field("improvement")))?;
        place.not_negative("at_benchmark", self.at_benchmark.value())?;
        self.consistency.map_or(Ok(()), |line| line.check(Place(&place.field("consistency"))))
    }

    fn settle<A: Amount>(&self, facts: &MeasureFacts<A>) -> MeasurePointsLines<A> {
        let better = if facts.benchmark < facts.threshold { |rate: A| -rate } else { |rate: A| rate };
        let [performance, threshold, benchmark] =
            [facts.performance, facts.threshold, facts.benchmark].map(better);
        let achievement_points = self.achievement(performance, threshold, benchmark);
        let improvement_points = if facts.has_baseline > A::ZERO {
            self.improvement(performance, better(facts.baseline), benchmark)
        } else {
            A::ZERO
        };
        let floor = (facts.has_floor > A::ZERO).then(|| better(facts.floor));
        MeasurePointsLines {
            achievement_points,
            improvement_points,
            measure_score: achievement_points.most(improvement_points),
            consistency_points: self.consistency(performance, floor, threshold),
        }
    }
}

impl MeasurePoints {
    fn achievement<A: Amount>(&self, performance: A, threshold: A, benchmark: A) -> A {
        if performance >= benchmark {
            A::term(&self.at_benchmark)
        } else if performance < threshold {
            A::ZERO
        } else {
            self.achievement.points(performance - threshold, benchmark - threshold)
        }
    }

    fn improvement<A: Amount>(&self, performance: A, baseline: A, benchmark: A) -> A {
        if performance <= baseline {
            A::ZERO
        } else if performance >= benchmark {
            A::term(&self.improvement.most)
        } else {
            self.improvement.points(performance - baseline, benchmark - baseline)
        }
    }

    fn consistency<A: Amount>(&self, performance: A, floor: Option<A>, threshold: A) -> A {
        match (&self.consistency, floor) {
            (Some(line), _) if performance >= threshold => A::term(&line.most),
            (Some(line), Some(floor)) => line.points(performance - floor, threshold - floor),
            _ => A::ZERO,
        }
    }
}
