//! A choice between distributions by weight: kinds of cases that share a price list.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::Distribution;
use super::law::{Form, Law, NEGLIGIBLE, negligible};
use super::solve::{Tail, solve};
use super::steps::MOST_ATOMS;
use crate::error::{Place, Result};
use crate::money::Number;

/// Weights and distributions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    components: Vec<Component>,
}

/// One component: `{"weight": 0.3, "gamma": {...}}`, so that the path of an error names nothing but parameters.
#[derive(Debug, Clone, PartialEq)]
struct Component {
    weight: Number,
    distribution: Distribution,
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(ComponentVisitor)
    }
}

struct ComponentVisitor;

impl<'de> Visitor<'de> for ComponentVisitor {
    type Value = Component;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a weight and a distribution")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Component, A::Error> {
        let (mut weight, mut distribution) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            if key == "weight" {
                weight = Some(map.next_value()?);
            } else if distribution.replace(Distribution::read(&key, &mut map)?).is_some() {
                return Err(de::Error::custom("must hold one weight and one distribution"));
            }
        }
        weight
            .zip(distribution)
            .map(|(weight, distribution)| Component { weight, distribution })
            .ok_or_else(|| de::Error::custom("must hold one weight and one distribution"))
    }
}

impl Spec {
    /// Checks weights and components, and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Mixture> {
        if self.components.is_empty() || self.components.len() > 1_000 {
            let error = place.error("components", "must be 1 to 1000 pairs of a weight and a distribution");
            return Err(error.got(self.components.len()).into());
        }
        let mut parts = Vec::with_capacity(self.components.len());
        for (index, component) in self.components.iter().enumerate() {
            let path = place.field(&format!("components[{index}]"));
            Place(&path).positive("weight", component.weight.0)?;
            Place(&path).within("weight", component.weight.0, 1e-12, 1e12)?;
            parts.push((component.weight.0, component.distribution.law(Place(&path))?));
        }
        Ok(Mixture::new(parts))
    }
}

/// What is known of a kink, jump or atom.
#[derive(Debug, Clone, Copy)]
struct Knot {
    x: f64,
    /// Probabilities up to and beyond it, and short of it and from it on.
    below: f64,
    above: f64,
    short: f64,
    from: f64,
    /// The share of `below` and `above` that is made of atoms, which does not change up to the next knot.
    atoms: (f64, f64),
}

/// Laws with weights that sum to one.
#[derive(Debug)]
pub struct Mixture {
    parts: Vec<(f64, Arc<dyn Law>)>,
    knots: Option<Vec<Knot>>,
}

impl Mixture {
    fn new(mut parts: Vec<(f64, Arc<dyn Law>)>) -> Self {
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        for (weight, _) in &mut parts {
            *weight /= total;
        }
        let mut mixture = Self { parts, knots: None };
        mixture.knots = mixture.places().map(|places| places.into_iter().map(|x| mixture.knot(x)).collect());
        mixture
    }

    /// Knots of the parts, and where parts begin and end.
    fn places(&self) -> Option<Vec<f64>> {
        let mut places = Vec::new();
        for (_, law) in &self.parts {
            places.extend(law.knots(MOST_ATOMS)?);
            if !discrete(law.as_ref()) {
                places.extend([law.support().0, law.support().1].into_iter().filter(|x| x.is_finite()));
            }
        }
        places.sort_by(f64::total_cmp);
        places.dedup();
        (places.len() <= MOST_ATOMS).then_some(places)
    }

    fn knot(&self, x: f64) -> Knot {
        let (below, above) = (self.below(x), self.above(x));
        let atoms = (self.sum_of(true, |law| law.below(x)), self.sum_of(true, |law| law.above(x)));
        if self.mass(x) == 0.0 {
            return Knot { x, below, above, short: below, from: above, atoms };
        }
        Knot { x, below, above, short: self.below(x.next_down()), from: self.above(x.next_down()), atoms }
    }

    /// Sum over the parts that are atoms alone, or over the others.
    fn sum_of(&self, atoms: bool, f: impl Fn(&dyn Law) -> f64) -> f64 {
        let parts = self.parts.iter().filter(|(_, law)| discrete(law.as_ref()) == atoms);
        parts.map(|(weight, law)| weight * f(law.as_ref())).sum()
    }

    fn sum(&self, f: impl Fn(&dyn Law) -> f64) -> f64 {
        self.parts.iter().map(|(weight, law)| weight * f(law.as_ref())).sum()
    }

    /// The value with `p` at or below it and `q` above it, between two knots; `last` is the one before.
    ///
    /// Only the parts with densities change here: the search is theirs, in the tail of theirs that is smaller.
    fn between(&self, p: f64, q: f64, last: Option<&Knot>, high: f64) -> f64 {
        let low = last.map_or(self.support().0.next_down(), |knot| knot.x);
        // Without a knot at either end the parts that are furthest out are the bracket.
        let alone = || self.parts.iter().map(|(_, law)| law.quantile(p, q));
        let low = if low.is_finite() { low } else { alone().fold(f64::INFINITY, f64::min).next_down() };
        let high = if high.is_finite() { high } else { alone().fold(f64::NEG_INFINITY, f64::max).next_up() };
        let known = self.knots.is_some();
        let (below, above) = match last {
            _ if !known => (0.0, 0.0),
            Some(knot) => knot.atoms,
            None => (0.0, self.sum_of(true, |_| 1.0)),
        };
        let (p, q) = (p - below, q - above);
        let (tail, probability) = if p < q { (Tail::Lower, p) } else { (Tail::Upper, q) };
        solve(tail, probability, (low, high), self.guess(tail, probability), |x| {
            let of = |law: &dyn Law| if tail == Tail::Lower { law.below(x) } else { law.above(x) };
            let mass = if known { self.sum_of(false, of) } else { self.sum(of) };
            (mass, self.sum_of(false, |law| law.density(x)))
        })
    }

    /// Where the part that is furthest out reaches the probability alone.
    fn guess(&self, tail: Tail, probability: f64) -> f64 {
        let parts =
            self.parts.iter().filter(|(weight, law)| *weight > probability && !discrete(law.as_ref()));
        let alone = parts.map(|(weight, law)| match tail {
            Tail::Lower => law.quantile(probability / weight, 1.0 - probability / weight),
            Tail::Upper => law.quantile(1.0 - probability / weight, probability / weight),
        });
        match tail {
            Tail::Lower => alone.fold(f64::INFINITY, f64::min),
            Tail::Upper => alone.fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

fn discrete(law: &dyn Law) -> bool {
    matches!(law.form(), Form::Atom(_) | Form::Steps)
}

impl Law for Mixture {
    fn lower(&self, p: f64) -> f64 {
        let knots = self.knots.as_deref().unwrap_or_default();
        let next = knots.partition_point(|knot| knot.below < p);
        let last = next.checked_sub(1).map(|last| &knots[last]);
        match knots.get(next) {
            Some(knot) if knot.short < p || self.form() == Form::Steps => knot.x,
            Some(knot) => self.between(p, 1.0 - p, last, knot.x),
            None => self.between(p, 1.0 - p, last, self.support().1),
        }
    }

    fn upper(&self, q: f64) -> f64 {
        let knots = self.knots.as_deref().unwrap_or_default();
        let next = knots.partition_point(|knot| knot.above > q);
        let last = next.checked_sub(1).map(|last| &knots[last]);
        match knots.get(next) {
            Some(knot) if knot.from > q || self.form() == Form::Steps => knot.x,
            Some(knot) => self.between(1.0 - q, q, last, knot.x),
            None => self.between(1.0 - q, q, last, self.support().1),
        }
    }

    fn below(&self, x: f64) -> f64 {
        self.sum(|law| law.below(x)).min(1.0)
    }

    fn above(&self, x: f64) -> f64 {
        self.sum(|law| law.above(x)).min(1.0)
    }

    fn density(&self, x: f64) -> f64 {
        self.sum(|law| law.density(x))
    }

    fn mass(&self, x: f64) -> f64 {
        self.sum(|law| law.mass(x))
    }

    fn mean(&self) -> f64 {
        self.parts.iter().map(|(weight, law)| weight * law.mean()).sum()
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        if mean.is_infinite() {
            return f64::INFINITY;
        }
        self.sum(|law| law.variance() + (law.mean() - mean) * (law.mean() - mean))
    }

    fn support(&self) -> (f64, f64) {
        let ends = self.parts.iter().map(|(_, law)| law.support());
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    fn form(&self) -> Form {
        let steps = self.knots.is_some() && self.parts.iter().all(|(_, law)| discrete(law.as_ref()));
        if steps { Form::Steps } else { Form::Pieces }
    }

    fn knots(&self, most: usize) -> Option<Vec<f64>> {
        let knots = self.knots.as_ref()?;
        (knots.len() <= most).then(|| knots.iter().map(|knot| knot.x).collect())
    }

    fn at_knots(&self, knots: &[f64]) -> Vec<(f64, f64)> {
        let own = self.knots.as_deref().unwrap_or_default();
        let known = own.len() == knots.len() && own.iter().zip(knots).all(|(knot, x)| knot.x == *x);
        if known {
            return own.iter().map(|knot| (knot.below, knot.above)).collect();
        }
        knots.iter().map(|x| (self.below(*x), self.above(*x))).collect()
    }

    /// Its own, or that of a part whose rounding is coarser than a billionth of its mean.
    fn negligible(&self) -> f64 {
        let coarse = |law: &&Arc<dyn Law>| law.negligible() > 2.0 * NEGLIGIBLE * law.mean().abs();
        let parts = self.parts.iter().map(|(_, law)| law).filter(coarse);
        parts.map(|law| law.negligible()).fold(negligible(self), f64::max)
    }
}
