//! Elementary functions whose bits are the same on every platform: the only door to logarithms and powers.
//!
//! The C library and the standard library differ in the last bit of 5-10 % of calls, which would move counts
//! and dollars between machines. `pxfm` rounds correctly and is compiled with us.

/// Natural logarithm.
#[must_use]
pub fn ln(x: f64) -> f64 {
    pxfm::f_log(x)
}

/// `ln(1 + x)`, exact near zero.
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    pxfm::f_log1p(x)
}

/// e to the power `x`.
#[must_use]
pub fn exp(x: f64) -> f64 {
    pxfm::f_exp(x)
}

/// `exp(x) − 1`, exact near zero.
#[must_use]
pub fn exp_m1(x: f64) -> f64 {
    pxfm::f_expm1(x)
}

/// Complementary error function.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    pxfm::f_erfc(x)
}

/// `exp(x²) erfc(x)`, which does not vanish where `erfc` does.
#[must_use]
pub fn erfcx(x: f64) -> f64 {
    pxfm::f_erfcx(x)
}

/// `x` to the power `y`.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    pxfm::f_pow(x, y)
}

/// Sine and cosine.
#[must_use]
pub fn sin_cos(x: f64) -> (f64, f64) {
    pxfm::f_sincos(x)
}

/// The angle of the point (`x`, `y`), from −π to π.
#[must_use]
pub fn atan2(y: f64, x: f64) -> f64 {
    pxfm::f_atan2(y, x)
}

/// Standard deviation of the logarithm of a log-normal with a coefficient of variation.
#[must_use]
pub fn log_normal_sigma(cv: f64) -> f64 {
    ln_1p(cv * cv).sqrt()
}

/// The log-normal value of mean exactly 1 at a standard normal `z`; without spread it is exactly 1.
#[must_use]
pub fn log_normal_of_mean_one(sigma: f64, z: f64) -> f64 {
    exp(sigma * z - 0.5 * sigma * sigma)
}

/// Logarithm of the gamma function for `x > 0`, by Stirling's series after shifting `x` above 12.
///
/// Absolute error below 1e-14 × max(1, |ln Γ|), shown in the tests against closed forms.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    // Coefficients B(2k) / (2k (2k − 1)), Abramowitz and Stegun 6.1.41.
    const SERIES: [f64; 7] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
    ];
    const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_7;
    let (mut y, mut shift) = (x, 1.0);
    while y < 12.0 {
        shift *= y;
        y += 1.0;
    }
    let inverse_square = 1.0 / (y * y);
    let correction = SERIES.iter().rev().fold(0.0, |sum, c| sum * inverse_square + c) / y;
    (y - 0.5) * ln(y) - y + HALF_LN_TWO_PI + correction - ln(shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_of_integers_is_the_logarithm_of_a_factorial() {
        let mut factorial = 1.0;
        for n in 1..30 {
            let expected = ln(factorial);
            assert!((ln_gamma(f64::from(n)) - expected).abs() <= 1e-14 * expected.max(1.0), "n = {n}");
            factorial *= f64::from(n);
        }
    }

    #[test]
    fn ln_gamma_of_halves_and_small_numbers() {
        let sqrt_pi = std::f64::consts::PI.sqrt();
        assert!((ln_gamma(0.5) - ln(sqrt_pi)).abs() < 1e-14);
        assert!((ln_gamma(2.5) - ln(0.75 * sqrt_pi)).abs() < 1e-14);
        // Γ(x) = 1/x − γ + O(x): near zero the logarithm of 1/x rules.
        assert!((ln_gamma(1e-9) - (-ln(1e-9) - 0.577_215_664_9e-9)).abs() < 1e-14);
    }

    #[test]
    fn bits_of_elementary_functions_are_pinned() {
        assert_eq!(ln(10.0).to_bits(), std::f64::consts::LN_10.to_bits());
        assert_eq!(exp(1.0).to_bits(), std::f64::consts::E.to_bits());
        assert_eq!(pow(2.0, 0.5).to_bits(), std::f64::consts::SQRT_2.to_bits());
        assert_eq!(ln_1p(1.0).to_bits(), std::f64::consts::LN_2.to_bits());
        // e − 1 = 1.718281828459045235..., and not the float of e less one.
        assert_eq!(exp_m1(1.0), 1.718_281_828_459_045_3);
    }

    /// mpmath at 30 digits.
    #[test]
    fn error_functions_in_the_far_tail() {
        for (x, plain, scaled) in [
            (0.5, 0.479_500_122_186_953_5, 0.615_690_344_192_925_9),
            (5.0, 1.537_459_794_428_034_8e-12, 0.110_704_637_733_068_63),
            (20.0, 5.395_865_611_607_901e-176, 0.028_174_348_741_051_32),
        ] {
            assert!((erfc(x) / plain - 1.0).abs() < 1e-15, "{x}");
            assert!((erfcx(x) / scaled - 1.0).abs() < 1e-15, "{x}: {}", erfcx(x));
        }
    }
}
