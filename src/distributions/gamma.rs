//! Gamma distribution: density x^(a−1) e^(−x/θ) / (Γ(a) θ^a) with shape a = 1 / cv² and scale θ = mean × cv².
//!
//! Its quantiles invert the incomplete gamma functions by steps of Halley, or expand around a normal for large shapes.

use std::sync::Arc;

use super::fixed::Fixed;
use super::incomplete_gamma::{from_prefactor, incomplete_gamma, ln_poisson_density};
use super::law::Law;
use super::normal;
use super::parameters::{check_mean, check_scale, parameters, value, way_of};
use super::solve::Tail;
use crate::error::{Place, Result};
use crate::math;

parameters!(
    /// Gamma by (mean, cv) or (shape, scale).
    Spec { mean, cv, shape, scale }
);

impl Spec {
    /// Checks the parameters and makes the law; without spread it is a fixed value.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        if way_of(place, &self.given(), &[&["mean", "cv"], &["shape", "scale"]])? == 0 {
            check_mean(place, value(self.mean))?;
            place.within("cv", value(self.cv), 0.0, 20.0)?;
            let law = Gamma::new(value(self.mean), value(self.cv));
            return Ok(if law.shape.is_infinite() { Arc::new(Fixed(law.mean)) } else { Arc::new(law) });
        }
        let (shape, scale) = (value(self.shape), value(self.scale));
        place.within("shape", shape, 0.0025, 1e15)?;
        check_scale(place, scale)?;
        Ok(Arc::new(Gamma { mean: shape * scale, shape }))
    }
}

/// Gamma distribution with a mean in the unit of its values and a coefficient of variation.
#[derive(Debug, Clone, Copy)]
pub struct Gamma {
    mean: f64,
    shape: f64,
}

impl Gamma {
    /// Gamma with `mean` > 0 and 0 < `cv`.
    #[must_use]
    pub fn new(mean: f64, cv: f64) -> Self {
        Self { mean, shape: 1.0 / (cv * cv) }
    }

    fn tails(&self, x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return (0.0, 1.0);
        }
        if x.is_infinite() {
            return (1.0, 0.0);
        }
        if self.shape > LARGEST_SHAPE {
            let z = normal_of(self.shape, x / self.mean);
            return (normal::below(z), normal::below(-z));
        }
        incomplete_gamma(self.shape, x / self.mean * self.shape)
    }
}

impl Law for Gamma {
    fn lower(&self, p: f64) -> f64 {
        self.mean * relative_quantile(self.shape, p, Tail::Lower)
    }

    fn upper(&self, q: f64) -> f64 {
        self.mean * relative_quantile(self.shape, q, Tail::Upper)
    }

    fn below(&self, x: f64) -> f64 {
        self.tails(x).0
    }

    fn above(&self, x: f64) -> f64 {
        self.tails(x).1
    }

    fn density(&self, x: f64) -> f64 {
        if x < 0.0 || x.is_infinite() {
            return 0.0;
        }
        if x == 0.0 {
            let at_zero = if self.shape < 1.0 { f64::INFINITY } else { 1.0 / self.mean };
            return if self.shape > 1.0 { 0.0 } else { at_zero };
        }
        let y = x / self.mean * self.shape;
        if y.is_infinite() { 0.0 } else { math::exp(ln_poisson_density(self.shape, y)) * self.shape / x }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean / self.shape
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }
}

/// Above this shape the expansion has all the digits of an f64, and a series would need 6 √a terms.
const LARGEST_SHAPE: f64 = 1e6;

/// The quantile as a multiple of the mean.
fn relative_quantile(a: f64, probability: f64, tail: Tail) -> f64 {
    if a > LARGEST_SHAPE {
        cornish_fisher(a, normal_at(probability, tail))
    } else {
        standard_quantile(a, probability, tail) / a
    }
}

/// The standard normal quantile at the probability of either tail.
fn normal_at(probability: f64, tail: Tail) -> f64 {
    let z = normal::lower_quantile(probability);
    if tail == Tail::Lower { z } else { -z }
}

/// The expansion of Cornish and Fisher in 1 / √a (Abramowitz and Stegun 26.4.17 with more terms), of mean 1.
fn cornish_fisher(a: f64, z: f64) -> f64 {
    let (root, square) = (a.sqrt(), z * z);
    let deviation = z + (square - 1.0) / (3.0 * root) + z * (square - 7.0) / (36.0 * a)
        - (6.0 * square * square + 14.0 * square - 32.0) / (1_620.0 * a * root)
        + z * (9.0 * square * square + 256.0 * square - 433.0) / (38_880.0 * a * a);
    1.0 + deviation / root
}

/// The z at which the expansion is `y`; it is nearly a straight line for the shapes it serves.
fn normal_of(a: f64, y: f64) -> f64 {
    let root = a.sqrt();
    let mut z = (y - 1.0) * root;
    for _ in 0..12 {
        if z.abs() > 40.0 {
            break;
        }
        z -= (cornish_fisher(a, z) - y) * root;
    }
    z
}

/// The x with P(a, x) or Q(a, x) equal to `probability` ≤ 1/2, by safeguarded steps of Halley on logarithms.
fn standard_quantile(a: f64, probability: f64, tail: Tail) -> f64 {
    let p = if tail == Tail::Lower { probability } else { 1.0 - probability };
    // The first term of the series, exact where x vanishes beside 1.
    let small = (math::ln(p) + math::ln_gamma(a + 1.0)) / a;
    if small < -46.0 {
        return math::exp(small);
    }
    let target = math::ln(probability);
    // Distance of the logarithms, and its slope in ln x: both grow with x for the lower tail, fall for the upper.
    let gap = |y: f64| {
        let x = math::exp(y);
        let prefactor = math::exp(ln_poisson_density(a, x));
        let (below, above) = from_prefactor(a, x, prefactor);
        let mass = if tail == Tail::Lower { below } else { above };
        let slope = a * prefactor / mass;
        // The slope's own relative slope: the prefactor's is a − x, the mass's is the slope, of its tail's sign.
        if tail == Tail::Lower {
            (math::ln(mass) - target, slope, a - x - slope)
        } else {
            (target - math::ln(mass), slope, a - x + slope)
        }
    };
    let (mut low, mut high) = (-50.0, 50.0);
    let mut y = first_guess(a, probability, tail, small).clamp(-49.0, 49.0);
    for _ in 0..200 {
        let (value, slope, bend) = gap(y);
        if value > 0.0 {
            high = y;
        } else {
            low = y;
        }
        let step = value / slope;
        let halley = y - step / (1.0 - 0.5 * step * bend).clamp(0.5, 2.0);
        let next = if halley > low && halley < high { halley } else { 0.5 * (low + high) };
        // Halley's steps cube their error: after one of 1e-6 nothing is left to gain.
        if (next - y).abs() * (1.0 + bend.abs()) <= 1e-6 && next == halley {
            return math::exp(next);
        }
        y = next;
    }
    math::exp(y)
}

/// Wilson and Hilferty's cube of a normal (1931), or the first term of the series where that fails.
fn first_guess(a: f64, probability: f64, tail: Tail, small: f64) -> f64 {
    let z = normal_at(probability, tail);
    let root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * a.sqrt());
    if root > 0.1 && a > 0.3 {
        return math::ln(a * root * root * root);
    }
    // Far out a small shape is nearly exponential: Q = x^(a − 1) e^(−x) / Γ(a).
    let far = -math::ln(probability) - math::ln_gamma(a);
    if tail == Tail::Upper && far > 1.0 { math::ln(far + (a - 1.0) * math::ln(far)) } else { small.min(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_undoes_the_distribution_function() {
        for cv in [0.05, 0.5, 0.8, 1.0, 1.2, 2.0, 5.0] {
            let gamma = Gamma::new(1.0, cv);
            for exponent in 1..52 {
                let t = math::pow(0.5, f64::from(exponent)) * 0.9;
                let (p, _) = incomplete_gamma(gamma.shape, gamma.lower(t) * gamma.shape);
                if gamma.lower(t) > 1e-200 {
                    assert!((p / t - 1.0).abs() < 1e-12, "cv {cv}, p {t}: {p}");
                }
                let x = gamma.upper(t) * gamma.shape;
                // Where the mass lies at vanishing values Q is 1 − P, and holds no more digits than that.
                let q = incomplete_gamma(gamma.shape, x).1;
                assert!((q / t - 1.0).abs() < 1e-11, "cv {cv}, q {t}: {q}");
            }
        }
    }

    #[test]
    fn the_expansion_continues_the_series() {
        for exponent in 1..52 {
            let t = math::pow(0.5, f64::from(exponent)) * 0.9;
            for tail in [Tail::Lower, Tail::Upper] {
                let (expansion, exact) =
                    (cornish_fisher(1e6, normal_at(t, tail)), standard_quantile(1e6, t, tail) / 1e6);
                assert!((expansion / exact - 1.0).abs() < 1e-12, "{t}: {expansion} {exact}");
            }
        }
        assert_eq!(Gamma::new(100.0, 1e-200).lower(0.3), 100.0);
    }

    #[test]
    fn an_exponential_has_its_closed_form() {
        let gamma = Gamma::new(2.0, 1.0);
        for q in [0.5, 1e-3, 1e-9, 1e-15] {
            assert!((gamma.upper(q) / (-2.0 * math::ln(q)) - 1.0).abs() < 1e-14);
        }
    }
}
