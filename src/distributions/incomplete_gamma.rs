//! The regularised incomplete gamma functions, each tail with its own digits.
//!
//! A series below the mean and a continued fraction above it (Abramowitz and Stegun 6.5.29, 6.5.31), their prefactor
//! by the saddle point of Loader (2000), which keeps its digits for large shapes.

use crate::math;

const LN_TWO_PI: f64 = 1.837_877_066_409_345_3;

/// Logarithm of x^a e^(−x) / Γ(a + 1): for whole a the Poisson probability of a at rate x.
#[must_use]
pub fn ln_poisson_density(a: f64, x: f64) -> f64 {
    if a < 12.0 {
        return a * math::ln(x) - x - math::ln_gamma(a + 1.0);
    }
    let deviation = (x - a) / a;
    let saddle = if deviation > -0.999 {
        a * (deviation - math::ln_1p(deviation))
    } else {
        x - a - a * math::ln(x / a)
    };
    let i = 1.0 / (a * a);
    let stirling =
        (1.0 / 12.0 - i * (1.0 / 360.0 - i * (1.0 / 1260.0 - i * (1.0 / 1680.0 - i / 1188.0)))) / a;
    -saddle - stirling - 0.5 * (LN_TWO_PI + math::ln(a))
}

/// Lower and upper regularised incomplete gamma functions P(a, x) and Q(a, x), a > 0, x ≥ 0.
#[must_use]
pub fn incomplete_gamma(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    from_prefactor(a, x, math::exp(ln_poisson_density(a, x)))
}

/// P and Q where the prefactor x^a e^(−x) / Γ(a + 1) is known already.
pub(super) fn from_prefactor(a: f64, x: f64, prefactor: f64) -> (f64, f64) {
    if x < a + 1.0 {
        let p = prefactor * lower_series(a, x);
        (p, 1.0 - p)
    } else {
        let q = prefactor * a * upper_fraction(a, x);
        (1.0 - q, q)
    }
}

/// Σ x^n / ((a+1) ... (a+n)), n from 0.
fn lower_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    while term > sum * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// The continued fraction of Γ(a, x) e^x x^(−a), by Lentz's method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const MOST_TERMS: f64 = 1e6;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut term = x + 1.0 - a;
    let mut forward = 1.0 / TINY;
    let mut backward = 1.0 / term;
    let mut fraction = backward;
    let mut step = 0.0;
    loop {
        step += 1.0;
        let numerator = -step * (step - a);
        term += 2.0;
        backward = 1.0 / away_from_zero(numerator * backward + term);
        forward = away_from_zero(term + numerator / forward);
        let change = backward * forward;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 || step > MOST_TERMS {
            return fraction;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_gamma_against_closed_forms() {
        for x in [0.01, 0.5, 1.0, 3.0, 20.0] {
            let (p, q) = incomplete_gamma(1.0, x);
            assert!((q / math::exp(-x) - 1.0).abs() < 1e-14);
            assert!((p + q - 1.0).abs() < 1e-15);
            // Q(3, x) = e^(−x) (1 + x + x²/2)
            let expected = math::exp(-x) * (1.0 + x + x * x / 2.0);
            assert!((incomplete_gamma(3.0, x).1 / expected - 1.0).abs() < 1e-13);
        }
    }
}
