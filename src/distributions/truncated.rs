//! A distribution on the condition that its value lies in an interval.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use super::Distribution;
use super::counted::first_whole;
use super::law::{Form, Law, SMALLEST_TAIL, negligible};
use super::mixture::Mixture;
use super::parameters::{Given, check_order};
use super::segments::moments;
use crate::error::{InputError, Place, Result, show};

/// Smallest probability of an interval: what is rarer is no condition but a wish.
const SMALLEST_INSIDE: f64 = 1e-12;

/// A distribution and the interval [lower, upper] that is kept; a missing end cuts nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    distribution: Box<Distribution>,
    #[serde(default)]
    lower: Given,
    #[serde(default)]
    upper: Given,
}

impl Spec {
    /// Checks the interval and what it is cut from, and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        let law = self.distribution.law(Place(&place.field("distribution")))?;
        let (lower, upper) = (self.lower.map(|number| number.0), self.upper.map(|number| number.0));
        for (name, end) in [("lower", lower), ("upper", upper)] {
            if end.is_some_and(f64::is_nan) {
                return Err(place.error(name, "must be a number").got("nan").into());
            }
        }
        if lower.is_none() && upper.is_none() {
            let error = InputError::new(place.0, "must have a lower or an upper end, or both").got("neither");
            return Err(error.into());
        }
        if let (Some(lower), Some(upper)) = (lower, upper)
            && lower != upper
        {
            check_order(place, ("lower", lower), ("upper", upper))?;
        }
        let from = lower.map_or(f64::NEG_INFINITY, f64::next_down);
        let kept = cut(&law, from, upper.unwrap_or(f64::INFINITY));
        let inside = kept.as_ref().map_or(0.0, |(inside, _)| *inside);
        if let Some((_, law)) = kept.filter(|_| inside >= SMALLEST_INSIDE) {
            return Ok(law);
        }
        let rule = format!("must keep a probability of at least {SMALLEST_INSIDE:e} between lower and upper");
        Err(InputError::new(place.0, rule).got(show(inside)).into())
    }
}

/// A law on the condition that its value is above `from` and at most `to`, and the probability of that.
#[must_use]
pub fn cut(law: &Arc<dyn Law>, from: f64, to: f64) -> Option<(f64, Arc<dyn Law>)> {
    cut_within(law, from, to, MOST_EVALUATIONS)
}

/// The parts of a choice are cut one by one, and share the quantiles that their moments may ask for.
fn cut_within(law: &Arc<dyn Law>, from: f64, to: f64, evaluations: u32) -> Option<(f64, Arc<dyn Law>)> {
    if let Some(parts) = law.parts() {
        let share = evaluations / parts.len() as u32;
        let kept = parts.iter().filter_map(|(weight, part)| {
            cut_within(part, from, to, share).map(|(inside, law)| (weight * inside, law))
        });
        let kept: Vec<(f64, Arc<dyn Law>)> = kept.collect();
        let inside = kept.iter().map(|(weight, _)| weight).sum();
        return Mixture::of(kept).map(|law| (inside, law));
    }
    let cut = Cut::new(law.clone(), from, to, evaluations);
    let inside = cut.inside;
    (inside >= f64::MIN_POSITIVE).then(|| (inside, law.within(from, to).unwrap_or_else(|| Arc::new(cut))))
}

/// Quantiles that an integral of moments may ask for.
const MOST_EVALUATIONS: u32 = 1 << 15;

/// A law on the condition that its value is above `from` and at most `to`.
#[derive(Debug)]
struct Cut {
    law: Arc<dyn Law>,
    from: f64,
    to: f64,
    /// Probabilities at or below, and above, each end.
    from_tails: (f64, f64),
    to_tails: (f64, f64),
    inside: f64,
    /// The smallest and the largest value.
    ends: (f64, f64),
    evaluations: u32,
    moments: OnceLock<(f64, f64)>,
}

impl Cut {
    fn new(law: Arc<dyn Law>, from: f64, to: f64, evaluations: u32) -> Self {
        let tails = |x: f64| {
            if x == f64::NEG_INFINITY {
                (0.0, 1.0)
            } else if x == f64::INFINITY {
                (1.0, 0.0)
            } else {
                (law.below(x), law.above(x))
            }
        };
        let (from_tails, to_tails) = (tails(from), tails(to));
        let inside = if from_tails.0 > 0.5 {
            from_tails.1 - to_tails.1
        } else if to_tails.0 < 0.5 {
            to_tails.0 - from_tails.0
        } else {
            (0.5 - from_tails.0) + (0.5 - to_tails.1)
        };
        let ends = ends(law.as_ref(), from, to);
        Self { law, from, to, from_tails, to_tails, inside, ends, evaluations, moments: OnceLock::new() }
    }

    fn moments(&self) -> (f64, f64) {
        *self.moments.get_or_init(|| {
            if self.law.whole() { self.moments_of_atoms() } else { moments(self, self.evaluations) }
        })
    }

    /// Sums over the atoms from the first to the last that any moment can feel.
    fn moments_of_atoms(&self) -> (f64, f64) {
        let (first, last) = (self.between(LEAST_TAIL, 1.0), self.between(1.0, LEAST_TAIL));
        let atoms = self.law.listed(first - 1.0, last);
        let sum = |f: &dyn Fn(f64) -> f64| atoms.iter().map(|(x, mass)| mass * f(*x)).sum::<f64>();
        let all = sum(&|_| 1.0);
        let mean = first + sum(&|x| x - first) / all;
        (mean, sum(&|x| (x - mean) * (x - mean)) / all)
    }

    /// The value with `p` at or below it and `q` above it; no difference of nearly equal numbers is taken.
    fn between(&self, p: f64, q: f64) -> f64 {
        let (below, above) = if p < q {
            (self.from_tails.0 + p * self.inside, self.from_tails.1 - p * self.inside)
        } else {
            (self.to_tails.0 - q * self.inside, self.to_tails.1 + q * self.inside)
        };
        self.law.quantile(below, above).clamp(self.ends.0, self.ends.1)
    }

    /// Both tails where the law that is cut has `below` and `above`.
    fn tails(&self, below: f64, above: f64) -> (f64, f64) {
        let lower = if below <= 0.5 { below - self.from_tails.0 } else { self.from_tails.1 - above };
        let upper = if above <= 0.5 { above - self.to_tails.1 } else { self.to_tails.0 - below };
        ((lower / self.inside).clamp(0.0, 1.0), (upper / self.inside).clamp(0.0, 1.0))
    }
}

/// Moments of counts do not feel what is rarer.
const LEAST_TAIL: f64 = 1e-30;

/// The smallest and the largest value above `from` and up to `to`.
fn ends(law: &dyn Law, from: f64, to: f64) -> (f64, f64) {
    let (low, high) = law.support();
    let low = if from < low || from == f64::NEG_INFINITY {
        low
    } else if law.whole() {
        from.floor() + 1.0
    } else {
        // Adding zero turns −0 into 0.
        from.next_up() + 0.0
    };
    (low, high.min(if law.whole() { to.floor() } else { to }))
}

impl Law for Cut {
    fn lower(&self, p: f64) -> f64 {
        let x = self.between(p, 1.0 - p);
        if self.law.whole() { first_whole(self.ends, x, 1.0, |k| self.below(k) >= p) } else { x }
    }

    fn upper(&self, q: f64) -> f64 {
        let x = self.between(1.0 - q, q);
        if self.law.whole() { first_whole(self.ends, x, 1.0, |k| self.above(k) <= q) } else { x }
    }

    fn below(&self, x: f64) -> f64 {
        if x <= self.from {
            return 0.0;
        }
        if x >= self.to {
            return 1.0;
        }
        self.tails(self.law.below(x), self.law.above(x)).0
    }

    fn above(&self, x: f64) -> f64 {
        if x <= self.from {
            return 1.0;
        }
        if x >= self.to {
            return 0.0;
        }
        self.tails(self.law.below(x), self.law.above(x)).1
    }

    fn density(&self, x: f64) -> f64 {
        if x <= self.from || x > self.to { 0.0 } else { self.law.density(x) / self.inside }
    }

    fn mass(&self, x: f64) -> f64 {
        if x <= self.from || x > self.to { 0.0 } else { self.law.mass(x) / self.inside }
    }

    fn mean(&self) -> f64 {
        self.moments().0
    }

    fn variance(&self) -> f64 {
        self.moments().1
    }

    fn support(&self) -> (f64, f64) {
        self.ends
    }

    fn form(&self) -> Form {
        match self.law.form() {
            Form::Atom(_) | Form::Steps if self.ends.0 == self.ends.1 => Form::Atom(self.ends.0),
            Form::Atom(_) | Form::Steps => Form::Steps,
            other => other,
        }
    }

    fn knots(&self, most: usize) -> Option<Vec<f64>> {
        if self.law.whole() {
            let (first, last) = (self.lower(SMALLEST_TAIL), self.upper(SMALLEST_TAIL));
            return (last - first < most as f64)
                .then(|| (0..=(last - first) as u64).map(|k| first + k as f64).collect());
        }
        let mut knots = self.law.knots(most)?;
        knots.retain(|x| *x > self.from && *x <= self.to);
        Some(knots)
    }

    fn at_knots(&self, knots: &[f64]) -> Vec<(f64, f64)> {
        self.law.at_knots(knots).into_iter().map(|(below, above)| self.tails(below, above)).collect()
    }

    fn whole(&self) -> bool {
        self.law.whole()
    }

    fn listed(&self, from: f64, to: f64) -> Vec<(f64, f64)> {
        let mut atoms = self.law.listed(from.max(self.from), to.min(self.to));
        for (_, mass) in &mut atoms {
            *mass /= self.inside;
        }
        atoms
    }

    /// What was cut from both sides of zero has the rounding of its larger values near zero too.
    fn negligible(&self) -> f64 {
        let whole = if self.law.support().0 < 0.0 { 1e-6 * self.upper(0.5).abs() } else { 0.0 };
        negligible(self).max(whole)
    }
}
