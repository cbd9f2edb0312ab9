//! Regularised incomplete beta function: a continued fraction with a prefactor that keeps its digits.
//!
//! I(a, b, x) is the probability that a beta variable is at most x. Continued fraction DLMF 8.17.22, contracted as by
//! Didonato and Morris (1992), by Lentz's method; its prefactor from three Poisson densities by the saddle point of Loader (2000).

#![allow(clippy::many_single_char_names, reason = "a, b, x and y = 1 − x are their names in every book")]

use super::incomplete_gamma::ln_poisson_density;
use crate::math;

/// Logarithm of x^a y^b Γ(a + b + 1) / (Γ(a + 1) Γ(b + 1)), y = 1 − x: for whole numbers the binomial probability
/// of a among a + b. Both x and y are given, since neither can be had from the other where it is small.
#[must_use]
pub fn ln_binomial_density(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    if x <= 0.0 {
        return if a == 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    if y <= 0.0 {
        return if b == 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    ln_poisson_density(a, n * x) + ln_poisson_density(b, n * y) - ln_poisson_density(n, n)
}

/// I(a, b, x) and its complement, for a, b > 0, 0 ≤ x ≤ 1 and y = 1 − x.
#[must_use]
pub fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    let density = math::exp(ln_binomial_density(a, b, x, y));
    let n = a + b;
    if lower_first(a, b, x, y) {
        let lower = density * (b / n) * fraction(a, b, x, y);
        (lower, 1.0 - lower)
    } else {
        let upper = density * (a / n) * fraction(b, a, y, x);
        (1.0 - upper, upper)
    }
}

/// Which of the two is computed: up to the mean the lower one. Where one shape is below 1 the mass at its end is nearly
/// all there is, far short of the mean already, and the other side is the one to keep digits of.
fn lower_first(a: f64, b: f64, x: f64, y: f64) -> bool {
    const NEAR: f64 = 0.25;
    let n = a + b;
    if a < 1.0 && b >= 1.0 {
        n * x <= NEAR
    } else if b < 1.0 && a >= 1.0 {
        n * y > NEAR
    } else {
        x <= (a + 1.0) / (n + 2.0)
    }
}

/// a B(a, b) I(a, b, x) / (x^a y^b) by the continued fraction of which every second step is left out.
///
/// Its terms are sums of what is positive as long as x is not beyond the mean: no digit is lost however large a or b
/// is, since a y − b x is had from x and y both.
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const MOST_TERMS: f64 = 1e6;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let distance = a * y - b * x + 1.0;
    let mut whole = away_from_zero(a * distance / (a + 1.0));
    let (mut forward, mut backward) = (whole, 0.0);
    let mut m = 0.0;
    loop {
        m += 1.0;
        let twice = a + 2.0 * m;
        let share = (a + m - 1.0) / (twice - 1.0);
        let even = m * (b - m) * x / (twice - 1.0);
        let numerator = share * ((a + b + m - 1.0) * x) * even;
        let term = m + even + (a + m) * (distance + m * (1.0 + y)) / (twice + 1.0);
        backward = 1.0 / away_from_zero(term + numerator * backward);
        forward = away_from_zero(term + numerator / forward);
        let change = backward * forward;
        whole *= change;
        if (change - 1.0).abs() < 1e-16 || m > MOST_TERMS {
            return a / whole;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        // The logarithm of 1e-36 has an error of 1e-14.
        for x in [1e-12, 1e-3, 0.2, 0.5, 0.9, 0.999] {
            let y = 1.0 - x;
            let (lower, upper) = incomplete_beta(1.0, 5.0, x, y);
            assert!((upper / math::pow(y, 5.0) - 1.0).abs() < 5e-14, "x {x}");
            assert!((lower + upper - 1.0).abs() < 1e-15);
            let lower = incomplete_beta(3.0, 1.0, x, y).0;
            assert!((lower / (x * x * x) - 1.0).abs() < 5e-14, "x {x}");
            // I(2, 2, x) = x² (3 − 2x)
            let lower = incomplete_beta(2.0, 2.0, x, y).0;
            assert!((lower / (x * x * (3.0 - 2.0 * x)) - 1.0).abs() < 5e-14, "x {x}");
        }
    }

    #[test]
    fn large_parameters_are_symmetric() {
        for a in [50.0, 1e4, 1e7] {
            assert!((incomplete_beta(a, a, 0.5, 0.5).0 - 0.5).abs() < 1e-11, "a {a}");
        }
    }
}
