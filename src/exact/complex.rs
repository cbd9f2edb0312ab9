//! Complex exponential and logarithm from the elementary functions of this crate.

use crate::math;

/// A complex number.
pub type Complex = realfft::num_complex::Complex<f64>;

/// e to the power `z`.
#[must_use]
pub fn exp(z: Complex) -> Complex {
    let (sin, cos) = math::sin_cos(z.im);
    let size = math::exp(z.re);
    Complex::new(size * cos, size * sin)
}

/// The principal logarithm; of zero, that of the smallest number.
#[must_use]
pub fn ln(z: Complex) -> Complex {
    Complex::new(0.5 * math::ln(z.norm_sqr().max(f64::MIN_POSITIVE)), math::atan2(z.im, z.re))
}

/// ln(1 + z), exact near zero.
#[must_use]
pub fn ln_1p(z: Complex) -> Complex {
    Complex::new(0.5 * math::ln_1p(2.0 * z.re + z.norm_sqr()), math::atan2(z.im, 1.0 + z.re))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_undoes_the_exponential() {
        for z in [Complex::new(0.3, 2.0), Complex::new(-5.0, -3.0), Complex::new(1e-12, -1e-12)] {
            assert!((ln(exp(z)) - z).norm() < 1e-14, "{z}");
            assert!((ln_1p(exp(z) - 1.0) - z).norm() < 1e-13, "{z}");
        }
        let small = Complex::new(1e-12, 3e-13);
        assert!((ln_1p(small) - small).norm() < 1e-23);
        assert!(ln(Complex::new(0.0, 0.0)).re.is_finite());
    }
}
