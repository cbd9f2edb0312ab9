//! Log-normal distribution by mean and coefficient of variation.
//!
//! σ² = ln(1 + cv²), μ = ln(mean) − σ²/2; the quantile is exp(μ + σ z) with the normal quantile z.

use super::{Quantile, normal};
use crate::math;

/// Log-normal distribution with a mean in the unit of its values and a coefficient of variation.
#[derive(Debug, Clone, Copy)]
pub struct LogNormal {
    mean: f64,
    mu: f64,
    sigma: f64,
}

impl LogNormal {
    /// Log-normal with `mean` > 0 and `cv` > 0.
    #[must_use]
    pub fn new(mean: f64, cv: f64) -> Self {
        let variance = math::ln_1p(cv * cv);
        Self { mean, mu: math::ln(mean) - 0.5 * variance, sigma: variance.sqrt() }
    }
}

impl Quantile for LogNormal {
    fn lower(&self, p: f64) -> f64 {
        math::exp(self.mu + self.sigma * normal::lower_quantile(p))
    }

    fn upper(&self, q: f64) -> f64 {
        math::exp(self.mu - self.sigma * normal::lower_quantile(q))
    }

    fn mean(&self) -> f64 {
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_below_the_mean_by_the_root_of_one_plus_cv_squared() {
        let distribution = LogNormal::new(10_000.0, 1.5);
        assert!((distribution.lower(0.5) - 10_000.0 / 3.25_f64.sqrt()).abs() < 1e-9);
    }
}
