//! Counts: Poisson, negative binomial with a real shape, and binomial, by their exact distribution functions.

use std::sync::Arc;

use super::counted::{Count, Counted};
use super::fixed::Fixed;
use super::incomplete_beta::{incomplete_beta, ln_binomial_density};
use super::incomplete_gamma::{incomplete_gamma, ln_poisson_density};
use super::law::Law;
use super::parameters::{parameters, value, way_of};
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
