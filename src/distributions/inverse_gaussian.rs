//! Inverse Gaussian (Wald) distribution by mean μ and shape λ; cv² = μ / λ.
//!
//! Density √(λ / (2π x³)) exp(−λ (x − μ)² / (2 μ² x)). The distribution function is Shuster's (1968), written
//! with the scaled complementary error function so that nothing overflows and the upper tail keeps its digits.

use std::sync::Arc;

use super::fixed::Fixed;
use super::law::Law;
use super::normal;
use super::parameters::{check_mean, is_any, parameters, value, way_of};
use super::solve::{Tail, solve};
use crate::error::{Place, Result};
use crate::math;

parameters!(
    /// Inverse Gaussian by (mean, cv) or (mean, shape).
    Spec { mean, cv, shape }
);

impl Spec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        let by_cv = way_of(place, &self.given(), &[&["mean", "cv"], &["mean", "shape"]])? == 0;
        let mean = value(self.mean);
        check_mean(place, mean)?;
        if by_cv {
            let cv = value(self.cv);
            let spread = is_any(place, "cv", cv, 1e-6, 100.0)?;
            return Ok(if spread {
                Arc::new(InverseGaussian { mean, square: cv * cv })
            } else {
                Arc::new(Fixed(mean))
            });
        }
        place.within("shape", value(self.shape), mean * 1e-4, mean * 1e12)?;
        Ok(Arc::new(InverseGaussian { mean, square: mean / value(self.shape) }))
    }
}

/// Inverse Gaussian with a mean and the square of its coefficient of variation.
#[derive(Debug, Clone, Copy)]
pub struct InverseGaussian {
    mean: f64,
    square: f64,
}

impl InverseGaussian {
    /// Both tails at a multiple `y` of the mean.
    fn tails(&self, y: f64) -> (f64, f64) {
        if y.is_infinite() {
            return (1.0, 0.0);
        }
        let root = (2.0 * self.square * y).sqrt();
        let (near, far) = ((y - 1.0) / root, (y + 1.0) / root);
        let half = 0.5 * math::exp(-near * near);
        if near < 0.0 {
            let below = half * (math::erfcx(-near) + math::erfcx(far));
            (below, 1.0 - below)
        } else {
            let above = half * (math::erfcx(near) - math::erfcx(far));
            (1.0 - above, above)
        }
    }

    /// The density of the multiple of the mean.
    fn relative_density(&self, y: f64) -> f64 {
        // Divided step by step, since a square may overflow; where the exponential has vanished, nothing is divided.
        let decay = math::exp(-(y - 1.0) / (2.0 * self.square) * ((y - 1.0) / y));
        if decay == 0.0 { 0.0 } else { decay / (std::f64::consts::TAU * self.square * y).sqrt() / y }
    }

    fn quantile_of(&self, tail: Tail, probability: f64) -> f64 {
        let z = normal::lower_quantile(probability) * if tail == Tail::Lower { 1.0 } else { -1.0 };
        let variance = math::ln_1p(self.square);
        let guess = math::exp(variance.sqrt() * z - 0.5 * variance);
        let y = solve(tail, probability, (0.0, 1e300), guess, |y| {
            let (below, above) = self.tails(y);
            (if tail == Tail::Lower { below } else { above }, self.relative_density(y))
        });
        self.mean * y
    }
}

impl Law for InverseGaussian {
    fn lower(&self, p: f64) -> f64 {
        self.quantile_of(Tail::Lower, p)
    }

    fn upper(&self, q: f64) -> f64 {
        self.quantile_of(Tail::Upper, q)
    }

    fn below(&self, x: f64) -> f64 {
        if x <= 0.0 { 0.0 } else { self.tails(x / self.mean).0 }
    }

    fn above(&self, x: f64) -> f64 {
        if x <= 0.0 { 1.0 } else { self.tails(x / self.mean).1 }
    }

    fn density(&self, x: f64) -> f64 {
        let y = x / self.mean;
        if y <= 0.0 || y.is_infinite() { 0.0 } else { self.relative_density(y) / self.mean }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean * self.square
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }
}
