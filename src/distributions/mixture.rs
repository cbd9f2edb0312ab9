//! A choice between distributions by weight: kinds of cases that share a price list.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::Distribution;
use super::law::{Form, Law, NEGLIGIBLE, discrete, negligible};
use super::parameters::is_any;
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
            let (weight, law) = (component.weight.0, component.distribution.law(Place(&path))?);
            if is_any(Place(&path), "weight", weight, 1e-12, 1e12)? {
                parts.push((weight, law));
            }
        }
        if parts.is_empty() {
            return Err(place.error("components", "must not all have weight 0").got("only zeros").into());
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

/// A law of a mixture, with what is asked of it often.
#[derive(Debug)]
struct Part {
    weight: f64,
    law: Arc<dyn Law>,
    ends: (f64, f64),
    /// Whether it has atoms alone.
    atoms: bool,
}

impl Part {
    fn new(weight: f64, law: Arc<dyn Law>) -> Self {
        Self { weight, ends: law.support(), atoms: discrete(law.as_ref()), law }
    }

    fn below(&self, x: f64) -> f64 {
        if x < self.ends.0 {
            0.0
        } else if x >= self.ends.1 {
            self.weight
        } else {
            self.weight * self.law.below(x)
        }
    }

    fn above(&self, x: f64) -> f64 {
        if x < self.ends.0 {
            self.weight
        } else if x >= self.ends.1 {
            0.0
        } else {
            self.weight * self.law.above(x)
        }
    }

    fn density(&self, x: f64) -> f64 {
        if x < self.ends.0 || x > self.ends.1 { 0.0 } else { self.weight * self.law.density(x) }
    }

    /// Adds what it is at each of the knots, whose places are in order: its own atoms are walked along with them.
    fn add_to(&self, knots: &mut [Knot]) {
        let own = if self.atoms { self.law.knots(MOST_ATOMS).unwrap_or_default() } else { Vec::new() };
        let tails = self.law.at_knots(&own);
        let mut passed = 0;
        for knot in knots {
            while passed < own.len() && own[passed] < knot.x {
                passed += 1;
            }
            let before = passed.checked_sub(1).map(|last| tails[last]);
            let atom = own.get(passed).is_some_and(|x| *x == knot.x);
            let outside = || (self.below(knot.x) / self.weight, self.above(knot.x) / self.weight);
            // Between its own atoms nothing changes; before the first and beyond the last it is asked.
            let (short, at) = match before {
                _ if atom => {
                    let first = || (self.law.below(knot.x.next_down()), self.law.above(knot.x.next_down()));
                    (before.unwrap_or_else(first), tails[passed])
                }
                Some(before) if passed < own.len() => (before, before),
                _ => {
                    let at = outside();
                    (at, at)
                }
            };
            knot.below += self.weight * at.0;
            knot.above += self.weight * at.1;
            knot.short += self.weight * short.0;
            knot.from += self.weight * short.1;
            if self.atoms {
                knot.atoms.0 += self.weight * at.0;
                knot.atoms.1 += self.weight * at.1;
            }
        }
    }
}

/// Laws with weights that sum to one; none of them is a choice itself.
#[derive(Debug)]
pub struct Mixture {
    parts: Vec<Part>,
    /// Where a part has a knot, begins or ends; `None` where these are too many.
    places: OnceLock<Option<Vec<f64>>>,
    knots: OnceLock<Vec<Knot>>,
}

impl Mixture {
    /// A choice by weights above 0; choices among the laws become choices of this one.
    #[must_use]
    pub fn new(parts: Vec<(f64, Arc<dyn Law>)>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for (weight, law) in parts {
            flatten(weight, law, &mut flat);
        }
        let total: f64 = flat.iter().map(|(weight, _)| weight).sum();
        let parts = flat.into_iter().map(|(weight, law)| Part::new(weight / total, law)).collect();
        Self { parts, places: OnceLock::new(), knots: OnceLock::new() }
    }

    /// A choice, or the one law there is.
    #[must_use]
    pub fn of(mut parts: Vec<(f64, Arc<dyn Law>)>) -> Option<Arc<dyn Law>> {
        match parts.len() {
            0 => None,
            1 => parts.pop().map(|(_, law)| law),
            _ => Some(Arc::new(Self::new(parts))),
        }
    }

    fn places(&self) -> Option<&[f64]> {
        let places = self.places.get_or_init(|| {
            let mut places = Vec::new();
            for part in &self.parts {
                places.extend(part.law.knots(MOST_ATOMS)?);
                if !part.atoms {
                    places.extend([part.ends.0, part.ends.1].into_iter().filter(|x| x.is_finite()));
                }
                if places.len() > 2 * MOST_ATOMS {
                    places.sort_by(f64::total_cmp);
                    places.dedup();
                }
            }
            places.sort_by(f64::total_cmp);
            places.dedup();
            (places.len() <= MOST_ATOMS).then_some(places)
        });
        places.as_deref()
    }

    fn knots(&self) -> &[Knot] {
        self.knots.get_or_init(|| {
            let nothing =
                |x: &f64| Knot { x: *x, below: 0.0, above: 0.0, short: 0.0, from: 0.0, atoms: (0.0, 0.0) };
            let mut knots: Vec<Knot> = self.places().unwrap_or_default().iter().map(nothing).collect();
            for part in &self.parts {
                part.add_to(&mut knots);
            }
            for knot in &mut knots {
                let Knot { below, above, short, from, .. } = knot;
                for sum in [below, above, short, from] {
                    *sum = sum.min(1.0);
                }
            }
            knots
        })
    }

    /// The last knot up to `x`, where the next one is known: of atoms alone nothing changes between them.
    fn step(&self, x: f64) -> Option<&Knot> {
        if self.form() != Form::Steps {
            return None;
        }
        let knots = self.knots();
        let next = knots.partition_point(|knot| knot.x <= x);
        let last = knots.get(next.checked_sub(1)?)?;
        (next < knots.len() || last.x == x).then_some(last)
    }

    /// Sum over the parts that are atoms alone, or over the others.
    fn sum_of(&self, atoms: bool, f: impl Fn(&Part) -> f64) -> f64 {
        self.parts.iter().filter(|part| part.atoms == atoms).map(f).sum()
    }

    fn sum(&self, f: impl Fn(&Part) -> f64) -> f64 {
        self.parts.iter().map(f).sum()
    }

    /// The value with `p` at or below it and `q` above it, between two knots; `last` is the one before.
    ///
    /// Only the parts with densities change here: the search is theirs, in the tail of theirs that is smaller.
    fn between(&self, p: f64, q: f64, last: Option<&Knot>, high: f64) -> f64 {
        let low = last.map_or(self.support().0.next_down(), |knot| knot.x);
        // Without a knot at either end the parts that are furthest out are the bracket.
        let alone = || self.parts.iter().map(|part| part.law.quantile(p, q));
        let low = if low.is_finite() { low } else { alone().fold(f64::INFINITY, f64::min).next_down() };
        let high = if high.is_finite() { high } else { alone().fold(f64::NEG_INFINITY, f64::max).next_up() };
        let known = self.places().is_some();
        let (below, above) = match last {
            _ if !known => (0.0, 0.0),
            Some(knot) => knot.atoms,
            None => (0.0, self.sum_of(true, |part| part.weight)),
        };
        let (p, q) = (p - below, q - above);
        let (tail, probability) = if p < q { (Tail::Lower, p) } else { (Tail::Upper, q) };
        solve(tail, probability, (low, high), self.guess(tail, probability), |x| {
            let of = |part: &Part| if tail == Tail::Lower { part.below(x) } else { part.above(x) };
            let mass = if known { self.sum_of(false, of) } else { self.sum(of) };
            (mass, self.sum_of(false, |part| part.density(x)))
        })
    }

    /// Where the part that is furthest out reaches the probability alone.
    fn guess(&self, tail: Tail, probability: f64) -> f64 {
        let parts = self.parts.iter().filter(|part| part.weight > probability && !part.atoms);
        let alone = parts.map(|Part { weight, law, .. }| match tail {
            Tail::Lower => law.quantile(probability / weight, 1.0 - probability / weight),
            Tail::Upper => law.quantile(1.0 - probability / weight, probability / weight),
        });
        match tail {
            Tail::Lower => alone.fold(f64::INFINITY, f64::min),
            Tail::Upper => alone.fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// Takes choices apart, however deep.
fn flatten(weight: f64, law: Arc<dyn Law>, flat: &mut Vec<(f64, Arc<dyn Law>)>) {
    match law.parts() {
        None => flat.push((weight, law)),
        Some(parts) => parts.into_iter().for_each(|(share, part)| flatten(weight * share, part, flat)),
    }
}

impl Law for Mixture {
    fn lower(&self, p: f64) -> f64 {
        let knots = self.knots();
        let next = knots.partition_point(|knot| knot.below < p);
        let last = next.checked_sub(1).map(|last| &knots[last]);
        match knots.get(next) {
            Some(knot) if knot.short < p || self.form() == Form::Steps => knot.x,
            Some(knot) => self.between(p, 1.0 - p, last, knot.x),
            None => self.between(p, 1.0 - p, last, self.support().1),
        }
    }

    fn upper(&self, q: f64) -> f64 {
        let knots = self.knots();
        let next = knots.partition_point(|knot| knot.above > q);
        let last = next.checked_sub(1).map(|last| &knots[last]);
        match knots.get(next) {
            Some(knot) if knot.from > q || self.form() == Form::Steps => knot.x,
            Some(knot) => self.between(1.0 - q, q, last, knot.x),
            None => self.between(1.0 - q, q, last, self.support().1),
        }
    }

    fn below(&self, x: f64) -> f64 {
        self.step(x).map_or_else(|| self.sum(|part| part.below(x)).min(1.0), |knot| knot.below)
    }

    fn above(&self, x: f64) -> f64 {
        self.step(x).map_or_else(|| self.sum(|part| part.above(x)).min(1.0), |knot| knot.above)
    }

    fn density(&self, x: f64) -> f64 {
        self.sum(|part| part.density(x))
    }

    fn mass(&self, x: f64) -> f64 {
        self.sum(|part| part.weight * part.law.mass(x))
    }

    fn mean(&self) -> f64 {
        self.sum(|part| part.weight * part.law.mean())
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        if mean.is_infinite() {
            return f64::INFINITY;
        }
        self.sum(|part| {
            let apart = part.law.mean() - mean;
            part.weight * (part.law.variance() + apart * apart)
        })
    }

    fn support(&self) -> (f64, f64) {
        let ends = self.parts.iter().map(|part| part.ends);
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |all, one| (all.0.min(one.0), all.1.max(one.1)))
    }

    fn form(&self) -> Form {
        let steps = self.parts.iter().all(|part| part.atoms) && self.places().is_some();
        if steps { Form::Steps } else { Form::Pieces }
    }

    fn knots(&self, most: usize) -> Option<Vec<f64>> {
        self.places().filter(|places| places.len() <= most).map(<[f64]>::to_vec)
    }

    fn at_knots(&self, knots: &[f64]) -> Vec<(f64, f64)> {
        if self.places() == Some(knots) {
            return self.knots().iter().map(|knot| (knot.below, knot.above)).collect();
        }
        knots.iter().map(|x| (self.below(*x), self.above(*x))).collect()
    }

    fn parts(&self) -> Option<Vec<(f64, Arc<dyn Law>)>> {
        Some(self.parts.iter().map(|part| (part.weight, part.law.clone())).collect())
    }

    /// Its own, or that of a part whose rounding is coarser than a billionth of its mean.
    fn negligible(&self) -> f64 {
        let coarse = |law: &&Arc<dyn Law>| law.negligible() > 2.0 * NEGLIGIBLE * law.mean().abs();
        let parts = self.parts.iter().map(|part| &part.law).filter(coarse);
        parts.map(|law| law.negligible()).fold(negligible(self), f64::max)
    }
}
