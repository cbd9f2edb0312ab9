//! Log-normal distribution by mean and coefficient of variation, or by the parameters of its logarithm.
//!
//! σ² = ln(1 + cv²), μ = ln(mean) − σ²/2; the quantile is exp(μ + σ z) with the normal quantile z.

use std::sync::Arc;

use super::fixed::Fixed;
use super::law::Law;
use super::normal;
use super::parameters::{check_mean, parameters, value, way_of};
use crate::error::{Place, Result};
use crate::math;

parameters!(
    /// Log-normal by (mean, cv) or (mu, sigma).
    Spec { mean, cv, mu, sigma }
);

impl Spec {
    /// Checks the parameters and makes the law; without spread it is a fixed value.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        let by_mean = way_of(place, &self.given(), &[&["mean", "cv"], &["mu", "sigma"]])? == 0;
        let law = if by_mean {
            check_mean(place, value(self.mean))?;
            place.within("cv", value(self.cv), 0.0, 1_000.0)?;
            LogNormal::new(value(self.mean), value(self.cv))
        } else {
            place.within("mu", value(self.mu), -13.0, 27.0)?;
            place.within("sigma", value(self.sigma), 0.0, 10.0)?;
            LogNormal::from_logarithm(value(self.mu), value(self.sigma))
        };
        Ok(if law.sigma == 0.0 { Arc::new(Fixed(law.mean)) } else { Arc::new(law) })
    }
}

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

    /// Log-normal whose logarithm has mean `mu` and standard deviation `sigma`.
    #[must_use]
    pub fn from_logarithm(mu: f64, sigma: f64) -> Self {
        Self { mean: math::exp(mu + 0.5 * sigma * sigma), mu, sigma }
    }

    fn z(&self, x: f64) -> f64 {
        if x <= 0.0 { f64::NEG_INFINITY } else { (math::ln(x) - self.mu) / self.sigma }
    }
}

impl Law for LogNormal {
    fn lower(&self, p: f64) -> f64 {
        math::exp(self.mu + self.sigma * normal::lower_quantile(p))
    }

    fn upper(&self, q: f64) -> f64 {
        math::exp(self.mu - self.sigma * normal::lower_quantile(q))
    }

    fn below(&self, x: f64) -> f64 {
        normal::below(self.z(x))
    }

    fn above(&self, x: f64) -> f64 {
        normal::below(-self.z(x))
    }

    fn density(&self, x: f64) -> f64 {
        if x <= 0.0 || x.is_infinite() { 0.0 } else { normal::density(self.z(x)) / self.sigma / x }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean * math::exp_m1(self.sigma * self.sigma)
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
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
