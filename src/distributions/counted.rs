//! What all distributions of whole numbers share: quantiles by search in exact distribution functions, atoms as knots.

use std::fmt::Debug;

use super::law::{Form, Law, SMALLEST_TAIL};
use super::normal;
use super::solve::Tail;

/// What a distribution of whole numbers from 0 knows; `k` is whole.
pub trait Count: Debug + Send + Sync {
    /// The probabilities of at most `k`, and of more.
    fn tails(&self, k: f64) -> (f64, f64);
    /// The probability of `k`.
    fn probability(&self, k: f64) -> f64;
    /// The mean.
    fn mean(&self) -> f64;
    /// The variance.
    fn variance(&self) -> f64;
    /// The largest count.
    fn most(&self) -> f64;
}

/// A count as a law.
#[derive(Debug, Clone, Copy)]
pub struct Counted<C>(pub C);

impl<C: Count> Counted<C> {
    /// The smallest k whose tail has reached `probability`: doubling steps from a normal guess, then halving.
    fn search(&self, tail: Tail, probability: f64) -> f64 {
        let z = normal::lower_quantile(probability.min(0.5)) * if tail == Tail::Lower { 1.0 } else { -1.0 };
        let sd = self.0.variance().sqrt();
        let most = self.0.most();
        let reached = |k: f64| {
            let (below, above) = self.0.tails(k);
            if tail == Tail::Lower { below >= probability } else { above <= probability }
        };
        let guess = (self.0.mean() + sd * z).floor().clamp(0.0, most);
        let mut step = (0.02 * sd).floor().max(1.0);
        let (mut low, mut high) = (guess, guess);
        if reached(guess) {
            loop {
                low = (high - step).max(-1.0);
                if low < 0.0 || !reached(low) {
                    break;
                }
                high = low;
                step *= 2.0;
            }
        } else {
            loop {
                high = (low + step).min(most);
                if high >= most || reached(high) {
                    break;
                }
                low = high;
                step *= 2.0;
            }
        }
        // `low` has not reached the probability (or is −1), `high` has.
        while high - low > 1.0 {
            let middle = (0.5 * (low + high)).floor();
            if reached(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }
}

/// No count is larger: means are at most a million, and shapes at least a thousandth.
const FARTHEST: f64 = 1e15;

/// Counts between two exact distribution functions, from one of which the other's digits are kept by adding.
const BLOCK: usize = 32;

impl<C: Count> Law for Counted<C> {
    fn lower(&self, p: f64) -> f64 {
        self.search(Tail::Lower, p)
    }

    fn upper(&self, q: f64) -> f64 {
        self.search(Tail::Upper, q)
    }

    fn below(&self, x: f64) -> f64 {
        if x < 0.0 {
            0.0
        } else if x >= self.0.most().min(FARTHEST) {
            1.0
        } else {
            self.0.tails(x.floor()).0
        }
    }

    fn above(&self, x: f64) -> f64 {
        if x < 0.0 {
            1.0
        } else if x >= self.0.most().min(FARTHEST) {
            0.0
        } else {
            self.0.tails(x.floor()).1
        }
    }

    fn density(&self, _x: f64) -> f64 {
        0.0
    }

    fn mass(&self, x: f64) -> f64 {
        if x < 0.0 || x > self.0.most().min(FARTHEST) || x.fract() != 0.0 {
            0.0
        } else {
            self.0.probability(x)
        }
    }

    fn mean(&self) -> f64 {
        self.0.mean()
    }

    fn variance(&self) -> f64 {
        self.0.variance()
    }

    fn support(&self) -> (f64, f64) {
        (0.0, self.0.most())
    }

    fn form(&self) -> Form {
        Form::Steps
    }

    fn knots(&self, most: usize) -> Option<Vec<f64>> {
        let (first, last) = (self.lower(SMALLEST_TAIL), self.upper(SMALLEST_TAIL));
        (last - first < most as f64).then(|| (0..=(last - first) as u64).map(|k| first + k as f64).collect())
    }

    /// Exact at the ends of blocks, sums of probabilities between them.
    fn at_knots(&self, knots: &[f64]) -> Vec<(f64, f64)> {
        let mut tails = Vec::with_capacity(knots.len());
        for block in knots.chunks(BLOCK) {
            let (first, last) = (self.0.tails(block[0]), self.0.tails(block[block.len() - 1]));
            let masses: Vec<f64> = block.iter().map(|k| self.mass(*k)).collect();
            let start = tails.len();
            let mut below = first.0;
            tails.push((below, 0.0));
            for mass in &masses[1..] {
                below += mass;
                tails.push((below, 0.0));
            }
            let mut above = last.1;
            for (place, mass) in tails[start..].iter_mut().zip(&masses).rev() {
                place.1 = above;
                above += mass;
            }
        }
        tails
    }

    fn negligible(&self) -> f64 {
        0.0
    }
}
