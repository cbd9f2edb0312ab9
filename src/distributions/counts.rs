//! Counts: Poisson, negative binomial with a real shape, and binomial, by their exact distribution functions.

use std::fmt::Debug;
use std::sync::Arc;

use super::fixed::Fixed;
use super::gamma::{incomplete_gamma, ln_poisson_density};
use super::incomplete_beta::{incomplete_beta, ln_binomial_density};
use super::law::{Form, Law, SMALLEST_TAIL};
use super::normal;
use super::parameters::{parameters, value, way_of};
use super::solve::Tail;
use crate::error::{Place, Result, show};
use crate::math;

parameters!(
    /// Poisson by its rate.
    PoissonSpec { rate }
);

parameters!(
    /// Negative binomial by (mean, shape) or (mean, cv).
    NegativeBinomialSpec { mean, shape, cv }
);

parameters!(
    /// Binomial by (n, probability).
    BinomialSpec { n, probability }
);

/// Largest mean of a count: up to here Poisson quantiles are exact.
const LARGEST_MEAN: f64 = 1e6;

impl PoissonSpec {
    /// Checks the rate and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        way_of(place, &self.given(), &[&["rate"]])?;
        let rate = value(self.rate);
        place.within("rate", rate, 0.0, LARGEST_MEAN)?;
        Ok(if rate == 0.0 { Arc::new(Fixed(0.0)) } else { Arc::new(Counted(Poisson { rate })) })
    }
}

impl NegativeBinomialSpec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Counted<NegativeBinomial>> {
        let by_shape = way_of(place, &self.given(), &[&["mean", "shape"], &["mean", "cv"]])? == 0;
        let mean = value(self.mean);
        place.positive("mean", mean)?;
        place.within("mean", mean, 1e-9, LARGEST_MEAN)?;
        if by_shape {
            place.within("shape", value(self.shape), 1e-3, 1e9)?;
            return Ok(Counted(NegativeBinomial { mean, shape: value(self.shape) }));
        }
        let (cv, least) = (value(self.cv), 1.0 / mean.sqrt());
        if cv.is_nan() || cv <= least {
            let rule = format!("must be above {least:.6} for a negative binomial of this mean");
            let error = place.error("cv", rule).got(show(cv));
            return Err(error.hint("a Poisson count has the coefficient of variation 1 / sqrt(mean)").into());
        }
        let shape = 1.0 / (cv * cv - 1.0 / mean);
        if !(1e-3..=1e9).contains(&shape) {
            let rule = "must give a shape 1 / (cv² − 1 / mean) between 0.001 and 1000000000";
            return Err(place.error("cv", rule).got(show(cv)).into());
        }
        Ok(Counted(NegativeBinomial { mean, shape }))
    }
}

impl BinomialSpec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        way_of(place, &self.given(), &[&["n", "probability"]])?;
        let (n, probability) = (value(self.n), value(self.probability));
        place.within("n", n, 0.0, 1e9)?;
        if n.fract() != 0.0 {
            return Err(place.error("n", "must be a whole number").got(show(n)).into());
        }
        place.rate("probability", probability)?;
        Ok(if n == 0.0 || probability == 0.0 {
            Arc::new(Fixed(0.0))
        } else if probability == 1.0 {
            Arc::new(Fixed(n))
        } else {
            Arc::new(Counted(Binomial { n, probability }))
        })
    }
}

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
        } else if x >= self.0.most() {
            1.0
        } else {
            self.0.tails(x.floor()).0
        }
    }

    fn above(&self, x: f64) -> f64 {
        if x < 0.0 {
            1.0
        } else if x >= self.0.most() {
            0.0
        } else {
            self.0.tails(x.floor()).1
        }
    }

    fn density(&self, _x: f64) -> f64 {
        0.0
    }

    fn mass(&self, x: f64) -> f64 {
        if x < 0.0 || x > self.0.most() || x.fract() != 0.0 || x.is_infinite() {
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

/// Events of a constant rate: P(N = k) = e^(−λ) λ^k / k!.
#[derive(Debug, Clone, Copy)]
pub struct Poisson {
    rate: f64,
}

impl Count for Poisson {
    fn tails(&self, k: f64) -> (f64, f64) {
        let (above, below) = incomplete_gamma(k + 1.0, self.rate);
        (below, above)
    }

    fn probability(&self, k: f64) -> f64 {
        math::exp(ln_poisson_density(k, self.rate))
    }

    fn mean(&self) -> f64 {
        self.rate
    }

    fn variance(&self) -> f64 {
        self.rate
    }

    fn most(&self) -> f64 {
        f64::INFINITY
    }
}

/// Events whose rate is gamma distributed with a real shape r: P(N = k) = Γ(k + r) / (Γ(r) k!) p^r (1 − p)^k,
/// p = r / (r + mean).
#[derive(Debug, Clone, Copy)]
pub struct NegativeBinomial {
    mean: f64,
    shape: f64,
}

impl NegativeBinomial {
    /// p and 1 − p.
    fn shares(&self) -> (f64, f64) {
        let total = self.shape + self.mean;
        (self.shape / total, self.mean / total)
    }
}

impl Count for NegativeBinomial {
    fn tails(&self, k: f64) -> (f64, f64) {
        let (p, rest) = self.shares();
        incomplete_beta(self.shape, k + 1.0, p, rest)
    }

    fn probability(&self, k: f64) -> f64 {
        let (p, rest) = self.shares();
        math::exp(ln_binomial_density(self.shape, k, p, rest)) * (self.shape / (self.shape + k))
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean + self.mean * self.mean / self.shape
    }

    fn most(&self) -> f64 {
        f64::INFINITY
    }
}

/// Successes of n trials.
#[derive(Debug, Clone, Copy)]
pub struct Binomial {
    n: f64,
    probability: f64,
}

impl Count for Binomial {
    fn tails(&self, k: f64) -> (f64, f64) {
        if k >= self.n {
            return (1.0, 0.0);
        }
        let (above, below) = incomplete_beta(k + 1.0, self.n - k, self.probability, 1.0 - self.probability);
        (below, above)
    }

    fn probability(&self, k: f64) -> f64 {
        math::exp(ln_binomial_density(k, self.n - k, self.probability, 1.0 - self.probability))
    }

    fn mean(&self) -> f64 {
        self.n * self.probability
    }

    fn variance(&self) -> f64 {
        self.n * self.probability * (1.0 - self.probability)
    }

    fn most(&self) -> f64 {
        self.n
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::poisson;

    #[test]
    fn poisson_is_the_poisson_of_the_simulation() {
        for rate in [0.01, 0.9, 10.0, 59.9, 745.0, 746.0, 2_500.0, 1e6] {
            let law = Counted(Poisson { rate });
            for i in 1..200 {
                let u = f64::from(i) / 200.0 + 1e-7;
                assert_eq!(law.at(u), f64::from(poisson::quantile(u, rate)), "rate {rate}, u {u}");
            }
        }
    }

    #[test]
    fn quantiles_are_the_smallest_counts_that_reach_the_probability() {
        for law in [
            Counted(NegativeBinomial { mean: 3.2, shape: 0.37 }),
            Counted(NegativeBinomial { mean: 5_000.0, shape: 2.5 }),
        ] {
            for p in [1e-12, 1e-3, 0.3, 0.5] {
                let (k, from_above) = (law.lower(p), law.upper(p));
                assert!(law.below(k) >= p && (k == 0.0 || law.below(k - 1.0) < p));
                assert!(law.above(from_above) <= p && (from_above == 0.0 || law.above(from_above - 1.0) > p));
            }
        }
    }

    #[test]
    fn tails_by_blocks_are_the_tails() {
        let law = Counted(NegativeBinomial { mean: 40.0, shape: 0.9 });
        let knots = law.knots(10_000).unwrap();
        for (k, (below, above)) in knots.iter().zip(law.at_knots(&knots)) {
            assert!((below / law.below(*k) - 1.0).abs() < 1e-13, "{k}");
            assert!((above / law.above(*k) - 1.0).abs() < 1e-12, "{k}");
        }
    }
}
