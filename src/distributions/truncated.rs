//! A distribution on the condition that its value lies in an interval.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use super::Distribution;
use super::law::{Form, Law, negligible};
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
    pub fn law(&self, place: Place<'_>) -> Result<Cut> {
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
        if let (Some(lower), Some(upper)) = (lower, upper) {
            check_order(place, ("lower", lower), ("upper", upper))?;
        }
        let from = lower.map_or(f64::NEG_INFINITY, f64::next_down);
        let cut = Cut::new(law, from, upper.unwrap_or(f64::INFINITY));
        if cut.inside >= SMALLEST_INSIDE {
            return Ok(cut);
        }
        let rule = format!("must keep a probability of at least {SMALLEST_INSIDE:e} between lower and upper");
        Err(InputError::new(place.0, rule).got(show(cut.inside)).into())
    }
}

/// A law on the condition that its value is above `from` and at most `to`.
#[derive(Debug)]
pub struct Cut {
    law: Arc<dyn Law>,
    from: f64,
    to: f64,
    /// Probabilities at or below, and above, each end.
    from_tails: (f64, f64),
    to_tails: (f64, f64),
    inside: f64,
    moments: OnceLock<(f64, f64)>,
}

impl Cut {
    /// Cuts a law to the values above `from` and up to `to`.
    #[must_use]
    pub fn new(law: Arc<dyn Law>, from: f64, to: f64) -> Self {
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
        Self { law, from, to, from_tails, to_tails, inside, moments: OnceLock::new() }
    }

    /// The probability of the interval.
    #[must_use]
    pub fn inside(&self) -> f64 {
        self.inside
    }

    fn moments(&self) -> (f64, f64) {
        *self.moments.get_or_init(|| moments(self))
    }

    /// The value with `p` at or below it and `q` above it; no difference of nearly equal numbers is taken.
    fn between(&self, p: f64, q: f64) -> f64 {
        let (below, above) = if p < q {
            (self.from_tails.0 + p * self.inside, self.from_tails.1 - p * self.inside)
        } else {
            (self.to_tails.0 - q * self.inside, self.to_tails.1 + q * self.inside)
        };
        let (low, high) = self.support();
        self.law.quantile(below, above).clamp(low, high)
    }
}

impl Law for Cut {
    fn lower(&self, p: f64) -> f64 {
        self.between(p, 1.0 - p)
    }

    fn upper(&self, q: f64) -> f64 {
        self.between(1.0 - q, q)
    }

    fn below(&self, x: f64) -> f64 {
        if x <= self.from {
            return 0.0;
        }
        if x >= self.to {
            return 1.0;
        }
        let (below, above) = (self.law.below(x), self.law.above(x));
        let part = if below <= 0.5 { below - self.from_tails.0 } else { self.from_tails.1 - above };
        (part / self.inside).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> f64 {
        if x <= self.from {
            return 1.0;
        }
        if x >= self.to {
            return 0.0;
        }
        let (below, above) = (self.law.below(x), self.law.above(x));
        let part = if above <= 0.5 { above - self.to_tails.1 } else { self.to_tails.0 - below };
        (part / self.inside).clamp(0.0, 1.0)
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
        let (low, high) = self.law.support();
        // Adding zero turns −0 into 0.
        (if self.from < low { low } else { self.from.next_up() + 0.0 }, high.min(self.to))
    }

    fn form(&self) -> Form {
        match self.law.form() {
            Form::Atom(_) | Form::Steps => Form::Steps,
            other => other,
        }
    }

    fn knots(&self, most: usize) -> Option<Vec<f64>> {
        let mut knots = self.law.knots(most)?;
        knots.retain(|x| *x > self.from && *x <= self.to);
        Some(knots)
    }

    /// What was cut from both sides of zero has the rounding of its larger values near zero too.
    fn negligible(&self) -> f64 {
        let whole = if self.law.support().0 < 0.0 { 1e-6 * self.upper(0.5).abs() } else { 0.0 };
        negligible(self).max(whole)
    }
}
