//! What a mixture asks of its parts, and what it keeps of the places where one of them has a kink, a jump or an atom.

use std::sync::Arc;

use super::law::{Law, discrete};
use super::steps::MOST_ATOMS;

/// What is known of a kink, jump or atom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Knot {
    pub(super) x: f64,
    /// Probabilities up to and beyond it, and short of it and from it on.
    pub(super) below: f64,
    pub(super) above: f64,
    pub(super) short: f64,
    pub(super) from: f64,
    /// The share of `below` and `above` that is made of atoms, which does not change up to the next knot.
    pub(super) atoms: (f64, f64),
}

/// A law of a mixture, with what is asked of it often.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) weight: f64,
    pub(super) law: Arc<dyn Law>,
    pub(super) ends: (f64, f64),
    /// Whether it has atoms alone.
    pub(super) atoms: bool,
}

impl Part {
    pub(super) fn new(weight: f64, law: Arc<dyn Law>) -> Self {
        Self { weight, ends: law.support(), atoms: discrete(law.as_ref()), law }
    }

    pub(super) fn below(&self, x: f64) -> f64 {
        if x < self.ends.0 {
            0.0
        } else if x >= self.ends.1 {
            self.weight
        } else {
            self.weight * self.law.below(x)
        }
    }

    pub(super) fn above(&self, x: f64) -> f64 {
        if x < self.ends.0 {
            self.weight
        } else if x >= self.ends.1 {
            0.0
        } else {
            self.weight * self.law.above(x)
        }
    }

    pub(super) fn density(&self, x: f64) -> f64 {
        if x < self.ends.0 || x > self.ends.1 { 0.0 } else { self.weight * self.law.density(x) }
    }

    /// Adds what it is at each of the knots, whose places are in order: its own atoms are walked along with them.
    pub(super) fn add_to(&self, knots: &mut [Knot]) {
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
