//! A benchmark computed from base years: their spending, weighted, trended and adjusted to a performance year.

use serde::Deserialize;
use serde_json::Value;

use super::{ArmBook, Book, Step};
use crate::error::{InputError, Place, Result, show};
use crate::math;
use crate::money::{Amount, Number, Term};
use crate::population::grown;
use crate::reading::shown;
use crate::views::{Exposure, ExposureView, Facts, ViewPlan, YearFacts};

/// What a benchmark is trended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Trend {
    /// What the national reference population's spending turns out to do.
    National,
    /// What the regional reference population's spending turns out to do.
    Regional,
    /// A rate set in advance.
    Prospective,
}

/// Terms of a benchmark.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkSpec {
    #[serde(default)]
    weights: Option<Vec<Number>>,
    trend: Trend,
    #[serde(default)]
    trend_rate: Option<Number>,
    #[serde(default)]
    noise_cv: Option<Number>,
    #[serde(default)]
    rebase_every: Option<Number>,
    #[serde(default)]
    risk_adjusted: Value,
    #[serde(default)]
    risk_score_cap: Option<Term>,
}

/// A benchmark ready to be computed.
#[derive(Debug, Clone)]
pub struct Benchmark {
    weights: Vec<f64>,
    trend: Trend,
    trend_rate: f64,
    noise_cv: f64,
    rebase_every: Option<usize>,
    scores: Option<ExposureView>,
    risk_score_cap: Option<Term>,
    exposure: ExposureView,
}

impl BenchmarkSpec {
    /// Checks the terms, naming them at `place`.
    pub fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let n = book.horizon.base_years;
        if n == 0 {
            let error =
                InputError::new(place.0, "must have base years to be computed from").got("base_years=0");
            return Err(error
                .hint("Study(..., base_years=3), or benchmark_pmpm= for one that is known")
                .into());
        }
        check_weights(place, self.weights.as_deref(), n)?;
        match (self.trend, &self.trend_rate) {
            (Trend::Prospective, None) => {
                let rule = "must be given for a prospective trend";
                return Err(place.error("trend_rate", rule).got("None").into());
            }
            (Trend::National | Trend::Regional, Some(rate)) => {
                let rule = "must not be given for a trend that is read off a reference population";
                return Err(place.error("trend_rate", rule).got(show(rate.0)).into());
            }
            (_, Some(rate)) => place.within("trend_rate", rate.0, -0.9, 1.0)?,
            (_, None) => {}
        }
        if let Some(noise) = &self.noise_cv {
            place.within("noise_cv", noise.0, 0.0, 1.0)?;
        }
        if let Some(Number(every)) = self.rebase_every
            && !(every.fract() == 0.0 && (1.0..=20.0).contains(&every))
        {
            return Err(place
                .error("rebase_every", "must be a whole number of years")
                .got(show(every))
                .into());
        }
        if !matches!(self.risk_adjusted, Value::Null | Value::Bool(_)) {
            let got = shown(&self.risk_adjusted);
            return Err(place.error("risk_adjusted", "must be True or False").got(got).into());
        }
        let Some(cap) = &self.risk_score_cap else { return Ok(()) };
        if self.risk_adjusted != Value::Bool(true) {
            let error = place.error("risk_score_cap", "must not be given without risk_adjusted");
            return Err(error.got(show(cap.value())).into());
        }
        place.rate("risk_score_cap", cap.value())
    }

    /// Declares what it reads.
    pub fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Benchmark {
        views.benchmark(arm.payer);
        let n = arm.book.horizon.base_years;
        let equal = || vec![1.0 / n as f64; n];
        let whose = arm.attributed();
        let adjusted = self.risk_adjusted == Value::Bool(true);
        Benchmark {
            weights: self.weights.as_ref().map_or_else(equal, |w| w.iter().map(|weight| weight.0).collect()),
            trend: self.trend,
            trend_rate: self.trend_rate.map_or(0.0, |rate| rate.0),
            noise_cv: self.noise_cv.map_or(0.0, |noise| noise.0),
            rebase_every: self.rebase_every.map(|every| every.0 as usize),
            scores: adjusted.then(|| views.exposure(Exposure::scores(whose))),
            risk_score_cap: self.risk_score_cap,
            exposure: views.exposure(Exposure::of(whose)),
        }
    }
}

/// Refuses weights of base years that are not one for each, or do not sum to 1.
pub(super) fn check_weights(place: Place<'_>, weights: Option<&[Number]>, n: usize) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != n {
        let rule = format!("must have one weight for each base year ({n}), the earliest first");
        return Err(place.error("weights", rule).got(format!("{} weights", weights.len())).into());
    }
    for (position, weight) in weights.iter().enumerate() {
        place.rate(&format!("weights[{position}]"), weight.0)?;
    }
    let sum: f64 = weights.iter().map(|weight| weight.0).sum();
    if (sum - 1.0).abs() > 1e-9 {
        return Err(place.error("weights", "must sum to 1").got(show(sum)).into());
    }
    Ok(())
}

impl Benchmark {
    /// Dollars per member per month in a performance year, from each year's spending.
    pub fn pmpm<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        spending: impl Fn(&YearFacts<A>) -> A,
    ) -> A {
        let base = self.base_of(facts, year);
        base.iter().zip(&self.weights).fold(A::ZERO, |sum, (base, weight)| {
            let pmpm = spending(base).over(base.member_months(self.exposure));
            let trended = pmpm.times(A::of(*weight * self.trend_between(base, year)));
            sum + trended.times(self.risk_between(base, year))
        })
    }

    /// The years it is computed from: those before the agreement that the year is in.
    fn base_of<'a, A: Amount>(&self, facts: &'a Facts<A>, year: &YearFacts<A>) -> &'a [YearFacts<A>] {
        let performance = facts.performance_year(year);
        let shift = self.rebase_every.map_or(0, |every| performance / every * every);
        facts.years(shift..shift + facts.horizon().base_years)
    }

    fn trend_between<A: Amount>(&self, base: &YearFacts<A>, year: &YearFacts<A>) -> f64 {
        let years = (year.position - base.position) as i8;
        let measured = |of: &YearFacts<A>| {
            let level = if self.trend == Trend::National { of.market.national } else { of.market.regional };
            level * math::log_normal_of_mean_one(math::log_normal_sigma(self.noise_cv), of.market.noise)
        };
        match self.trend {
            Trend::Prospective => grown(self.trend_rate, years),
            Trend::National | Trend::Regional => measured(year) / measured(base),
        }
    }

    /// Growth of the mean risk score, at most as much as its cap allows.
    fn risk_between<A: Amount>(&self, base: &YearFacts<A>, year: &YearFacts<A>) -> A {
        let one = A::of(1.0);
        let Some(scores) = self.scores else { return one };
        let mean = |of: &YearFacts<A>| of.member_months(scores).over(of.member_months(self.exposure));
        let ratio = mean(year).over(mean(base));
        self.risk_score_cap.as_ref().map_or(ratio, |cap| ratio.least(one + A::term(cap)))
    }

    /// How it was computed, for a statement.
    pub fn steps<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        spending: impl Fn(&YearFacts<A>) -> A,
    ) -> Vec<Step<A>> {
        let mut steps = Vec::new();
        for base in self.base_of(facts, year) {
            let pmpm = spending(base).over(base.member_months(self.exposure));
            steps.push(Step::dollars("base_year_pmpm", "spending / member_months of a base year", pmpm));
            let trend = A::of(self.trend_between(base, year));
            steps.push(Step::factor("base_year_trend", "from that base year to this year", trend));
            if self.scores.is_some() {
                let risk = self.risk_between(base, year);
                steps.push(Step::factor(
                    "base_year_risk",
                    "mean risk score over that base year's, capped",
                    risk,
                ));
            }
        }
        let pmpm = self.pmpm(facts, year, spending);
        steps.push(Step::dollars("benchmark_pmpm", "sum of weight × base year × trend × risk", pmpm));
        steps
    }
}
