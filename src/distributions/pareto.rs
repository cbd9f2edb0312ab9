//! Pareto distribution of the second kind (Lomax): power tails that start at 0.
//!
//! P(X > x) = (1 + x/θ)^(−α) with shape α and scale θ; mean θ / (α − 1) for α > 1, squared coefficient of
//! variation α / (α − 2) for α > 2. What exceeds d is Lomax again, with scale θ + d.

use super::law::Law;
use super::parameters::{check_mean, check_scale, parameters, value, way_of};
use crate::error::{Place, Result, show};
use crate::math;

parameters!(
    /// Pareto (Lomax) by (mean, cv) or (shape, scale).
    Spec { mean, cv, shape, scale }
);

impl Spec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Pareto> {
        if way_of(place, &self.given(), &[&["mean", "cv"], &["shape", "scale"]])? == 0 {
            let (mean, cv) = (value(self.mean), value(self.cv));
            check_mean(place, mean)?;
            if cv.is_nan() || cv <= 1.0 {
                let error = place.error("cv", "must be above 1 for a Pareto distribution").got(show(cv));
                return Err(error.hint("a cv of at most 1 is that of Gamma, LogNormal or Weibull").into());
            }
            place.within("cv", cv, 1.000_001, 1_000.0)?;
            let shape = 2.0 * cv * cv / ((cv - 1.0) * (cv + 1.0));
            return Ok(Pareto { shape, scale: mean * (shape - 1.0) });
        }
        let (shape, scale) = (value(self.shape), value(self.scale));
        place.within("shape", shape, 0.05, 1e6)?;
        check_scale(place, scale)?;
        Ok(Pareto { shape, scale })
    }
}

/// Lomax with a shape and a scale.
#[derive(Debug, Clone, Copy)]
pub struct Pareto {
    shape: f64,
    scale: f64,
}

impl Pareto {
    fn ln_above(&self, x: f64) -> f64 {
        -self.shape * math::ln_1p(x.max(0.0) / self.scale)
    }
}

impl Law for Pareto {
    fn lower(&self, p: f64) -> f64 {
        self.scale * math::exp_m1(-math::ln_1p(-p) / self.shape)
    }

    fn upper(&self, q: f64) -> f64 {
        self.scale * math::exp_m1(-math::ln(q) / self.shape)
    }

    fn below(&self, x: f64) -> f64 {
        -math::exp_m1(self.ln_above(x))
    }

    fn above(&self, x: f64) -> f64 {
        math::exp(self.ln_above(x))
    }

    fn density(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 0.0;
        }
        self.shape / self.scale * math::exp(-(self.shape + 1.0) * math::ln_1p(x / self.scale))
    }

    fn mean(&self) -> f64 {
        if self.shape > 1.0 { self.scale / (self.shape - 1.0) } else { f64::INFINITY }
    }

    fn variance(&self) -> f64 {
        if self.shape > 2.0 {
            self.mean() * self.mean() * self.shape / (self.shape - 2.0)
        } else {
            f64::INFINITY
        }
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }
}
