//! One distribution up to a point, another beyond it: a body of claims with a tail of its own.

use std::sync::Arc;

use serde::Deserialize;

use super::Distribution;
use super::law::{Form, Law, discrete, negligible};
use super::mixture::Mixture;
use super::parameters::{Given, check_place};
use super::truncated::cut;
use crate::error::{Place, Result, show};
use crate::money::Number;

/// A body up to `at`, a tail beyond, and the probability of the tail.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    body: Box<Distribution>,
    tail: Box<Distribution>,
    at: Number,
    #[serde(default)]
    tail_probability: Given,
}

impl Spec {
    /// Checks body, tail and splice, and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        let body = self.body.law(Place(&place.field("body")))?;
        let tail = self.tail.law(Place(&place.field("tail")))?;
        let at = self.at.0;
        check_place(place, "at", at)?;
        let weight = self.tail_probability.map_or_else(|| body.above(at), |number| number.0);
        if !(weight > 0.0 && weight < 1.0) {
            let error = place.error("tail_probability", "must be above 0 and below 1").got(show(weight));
            let hint = "without it the tail has the body's probability of exceeding `at`";
            return Err(if self.tail_probability.is_none() { error.hint(hint).into() } else { error.into() });
        }
        let [body, tail] = [
            (
                "body",
                cut(&body, f64::NEG_INFINITY, at),
                "must have a probability of at least 1e-12 up to `at`",
            ),
            ("tail", cut(&tail, at, f64::INFINITY), "must have a probability of at least 1e-12 beyond `at`"),
        ]
        .map(|(name, kept, rule)| {
            let inside = kept.as_ref().map_or(0.0, |(inside, _)| *inside);
            kept.filter(|_| inside >= 1e-12)
                .map(|(_, law)| law)
                .ok_or_else(|| place.error(name, rule).got(show(inside)))
        });
        let (body, tail) = (body?, tail?);
        if discrete(body.as_ref()) && discrete(tail.as_ref()) {
            return Ok(Arc::new(Mixture::new(vec![(1.0 - weight, body), (weight, tail)])));
        }
        Ok(Arc::new(Spliced { body, tail, at, weight }))
    }
}

/// Two laws joined at a point.
#[derive(Debug)]
pub struct Spliced {
    body: Arc<dyn Law>,
    tail: Arc<dyn Law>,
    at: f64,
    /// Probability of the tail.
    weight: f64,
}

impl Spliced {
    fn between(&self, p: f64, q: f64) -> f64 {
        let rest = 1.0 - self.weight;
        if q >= self.weight {
            let above = if p < q { 1.0 - p / rest } else { (q - self.weight) / rest };
            let below = if p < q { p / rest } else { 1.0 - above };
            self.body.quantile(below, above)
        } else {
            let above = q / self.weight;
            self.tail.quantile(if q < p { 1.0 - above } else { (p - rest) / self.weight }, above)
        }
    }
}

impl Law for Spliced {
    fn lower(&self, p: f64) -> f64 {
        self.between(p, 1.0 - p)
    }

    fn upper(&self, q: f64) -> f64 {
        self.between(1.0 - q, q)
    }

    fn below(&self, x: f64) -> f64 {
        if x <= self.at {
            (1.0 - self.weight) * self.body.below(x)
        } else {
            ((1.0 - self.weight) + self.weight * self.tail.below(x)).min(1.0)
        }
    }

    fn above(&self, x: f64) -> f64 {
        if x <= self.at {
            (self.weight + (1.0 - self.weight) * self.body.above(x)).min(1.0)
        } else {
            self.weight * self.tail.above(x)
        }
    }

    fn density(&self, x: f64) -> f64 {
        (1.0 - self.weight) * self.body.density(x) + self.weight * self.tail.density(x)
    }

    fn mass(&self, x: f64) -> f64 {
        (1.0 - self.weight) * self.body.mass(x) + self.weight * self.tail.mass(x)
    }

    fn mean(&self) -> f64 {
        (1.0 - self.weight) * self.body.mean() + self.weight * self.tail.mean()
    }

    fn variance(&self) -> f64 {
        let (body, tail) = (self.body.mean(), self.tail.mean());
        if tail.is_infinite() || body.is_infinite() {
            return f64::INFINITY;
        }
        let between = self.weight * (1.0 - self.weight) * (tail - body) * (tail - body);
        (1.0 - self.weight) * self.body.variance() + self.weight * self.tail.variance() + between
    }

    fn support(&self) -> (f64, f64) {
        (self.body.support().0, self.tail.support().1)
    }

    fn form(&self) -> Form {
        Form::Pieces
    }

    fn knots(&self, most: usize) -> Option<Vec<f64>> {
        let mut knots = self.body.knots(most)?;
        knots.extend([self.body.support().1, self.tail.support().0]);
        knots.extend(self.tail.knots(most)?);
        knots.sort_by(f64::total_cmp);
        knots.dedup();
        (knots.len() <= most).then_some(knots)
    }

    fn parts(&self) -> Option<Vec<(f64, Arc<dyn Law>)>> {
        Some(vec![(1.0 - self.weight, self.body.clone()), (self.weight, self.tail.clone())])
    }

    fn negligible(&self) -> f64 {
        negligible(self).max(self.body.negligible())
    }
}
