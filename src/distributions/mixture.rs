//! A choice between distributions by weight: kinds of cases that share a price list.

use std::sync::{Arc, OnceLock};

use super::law::{Form, Law, NEGLIGIBLE, negligible};
use super::mixture_parts::{Knot, Part};
use super::solve::{Tail, solve};
use super::steps::MOST_ATOMS;

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
