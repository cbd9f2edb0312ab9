//! What all distributions of whole numbers share: quantiles by search in exact distribution functions, atoms as knots.

use std::fmt::Debug;

use super::law::{Form, Law, SMALLEST_TAIL};
use super::normal;
use super::segments::gauss_points;
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
    /// The smallest k that has reached a probability, from where a normal variable has the same tail.
    fn search(&self, tail: Tail, probability: f64, reached: impl Fn(f64) -> bool) -> f64 {
        let sign = if (tail == Tail::Lower) == (probability < 0.5) { 1.0 } else { -1.0 };
        let z = sign * normal::lower_quantile(probability.min(1.0 - probability));
        let sd = self.0.variance().sqrt();
        let most = self.0.most();
        let guess = (self.0.mean() + sd * z).floor().clamp(0.0, most);
        first_whole((0.0, most), guess, (0.02 * sd).floor().max(1.0), reached)
    }
}

/// The smallest whole number between two ends at which something is reached, as it is at the upper end: doubling steps
/// from a guess, then halving.
pub(super) fn first_whole(ends: (f64, f64), guess: f64, step: f64, reached: impl Fn(f64) -> bool) -> f64 {
    let mut step = step;
    let (mut low, mut high) = (guess, guess);
    if reached(guess) {
        loop {
            low = (high - step).max(ends.0 - 1.0);
            if low < ends.0 || !reached(low) {
                break;
            }
            high = low;
            step *= 2.0;
        }
    } else {
        loop {
            high = (low + step).min(ends.1);
            if high >= ends.1 || reached(high) {
                break;
            }
            low = high;
            step *= 2.0;
        }
    }
    // `low` has not reached it (or lies before the ends), `high` has.
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

/// No count is larger: means are at most a million, and shapes at least a thousandth.
const FARTHEST: f64 = 1e15;

/// Counts between two exact distribution functions, from one of which the other's digits are kept by adding.
const BLOCK: usize = 32;

/// So many counts are listed one by one.
const MOST_LISTED: f64 = (1 << 20) as f64;

/// Of more than these, so many are listed, and the others are summed by blocks that grow by this part.
const FIRST_LISTED: f64 = (1 << 16) as f64;
const GROWTH: f64 = 1.0 / 16.0;

impl<C: Count> Law for Counted<C> {
    fn lower(&self, p: f64) -> f64 {
        self.search(Tail::Lower, p, |k| self.0.tails(k).0 >= p)
    }

    fn upper(&self, q: f64) -> f64 {
        self.search(Tail::Upper, q, |k| self.0.tails(k).1 <= q)
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
                // The larger of the two has the digits of the smaller one.
                if place.0 > place.1 {
                    place.0 = 1.0 - place.1;
                } else {
                    place.1 = 1.0 - place.0;
                }
            }
        }
        tails
    }

    fn whole(&self) -> bool {
        true
    }

    /// Beyond what is listed the sum over a block of counts is an integral, by the rule of midpoints.
    fn listed(&self, from: f64, to: f64) -> Vec<(f64, f64)> {
        let (first, last) = ((from.floor() + 1.0).max(0.0), to.floor().min(self.0.most().min(FARTHEST)));
        let single = if last - first < MOST_LISTED { last } else { first + FIRST_LISTED };
        let one = |k: u64| (first + k as f64, self.0.probability(first + k as f64));
        let mut points: Vec<(f64, f64)> = (0..=(single - first).max(-1.0) as u64).map(one).collect();
        let mut start = single + 0.5;
        while start < last {
            let end = (start * (1.0 + GROWTH)).min(last + 0.5);
            points.extend(gauss_points(start, end).map(|(x, weight)| (x, weight * self.0.probability(x))));
            start = end;
        }
        points
    }

    fn negligible(&self) -> f64 {
        0.0
    }
}
