//! Weibull distribution: times to failure, and amounts with a tail between exponential and log-normal.
//!
//! P(X > x) = exp(−(x/θ)^k) with shape k and scale θ; mean θ Γ(1 + 1/k), E X² = θ² Γ(1 + 2/k).

use std::sync::Arc;

use super::fixed::Fixed;
use super::law::Law;
use super::parameters::{check_mean, check_scale, is_any, parameters, value, way_of};
use crate::error::{Place, Result};
use crate::math;

parameters!(
    /// Weibull by (mean, cv) or (shape, scale).
    Spec { mean, cv, shape, scale }
);

const SHAPES: (f64, f64) = (0.1, 1_000.0);

impl Spec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        if way_of(place, &self.given(), &[&["mean", "cv"], &["shape", "scale"]])? == 0 {
            let (mean, cv) = (value(self.mean), value(self.cv));
            check_mean(place, mean)?;
            if !is_any(place, "cv", cv, 0.002, 400.0)? {
                return Ok(Arc::new(Fixed(mean)));
            }
            let shape = shape_of(cv);
            let scale = mean / math::exp(math::ln_gamma(1.0 + 1.0 / shape));
            return Ok(Arc::new(Weibull { shape, scale }));
        }
        let (shape, scale) = (value(self.shape), value(self.scale));
        place.within("shape", shape, SHAPES.0, SHAPES.1)?;
        check_scale(place, scale)?;
        Ok(Arc::new(Weibull { shape, scale }))
    }
}

/// ln(1 + cv²), which falls as the shape grows.
fn ln_one_plus_square(shape: f64) -> f64 {
    math::ln_gamma(1.0 + 2.0 / shape) - 2.0 * math::ln_gamma(1.0 + 1.0 / shape)
}

/// The shape that has this coefficient of variation, by halving its logarithm.
fn shape_of(cv: f64) -> f64 {
    let target = math::ln_1p(cv * cv);
    let (mut low, mut high) = (SHAPES.0, SHAPES.1);
    for _ in 0..100 {
        let middle = (low * high).sqrt();
        if ln_one_plus_square(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low * high).sqrt()
}

/// Weibull with a shape and a scale.
#[derive(Debug, Clone, Copy)]
pub struct Weibull {
    shape: f64,
    scale: f64,
}

impl Weibull {
    /// (x/θ)^k, the cumulated hazard.
    fn hazard(&self, x: f64) -> f64 {
        if x <= 0.0 { 0.0 } else { math::pow(x / self.scale, self.shape) }
    }
}

impl Law for Weibull {
    fn lower(&self, p: f64) -> f64 {
        self.scale * math::pow(-math::ln_1p(-p), 1.0 / self.shape)
    }

    fn upper(&self, q: f64) -> f64 {
        self.scale * math::pow(-math::ln(q), 1.0 / self.shape)
    }

    fn below(&self, x: f64) -> f64 {
        -math::exp_m1(-self.hazard(x))
    }

    fn above(&self, x: f64) -> f64 {
        math::exp(-self.hazard(x))
    }

    fn density(&self, x: f64) -> f64 {
        if x < 0.0 || x.is_infinite() {
            return 0.0;
        }
        let decay = math::exp(-self.hazard(x));
        // Where this has vanished the power may have overflown.
        if decay == 0.0 {
            return 0.0;
        }
        self.shape / self.scale * math::pow(x / self.scale, self.shape - 1.0) * decay
    }

    fn mean(&self) -> f64 {
        self.scale * math::exp(math::ln_gamma(1.0 + 1.0 / self.shape))
    }

    fn variance(&self) -> f64 {
        self.mean() * self.mean() * math::exp_m1(ln_one_plus_square(self.shape))
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }
}
