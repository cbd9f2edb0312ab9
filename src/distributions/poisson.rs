//! Poisson quantiles, exact for rates from 0 to a million: the smallest count with at least `u` at or below it.

use super::incomplete_gamma::{incomplete_gamma, ln_poisson_density};
use super::normal;
use crate::math;

/// Below this rate counting up from zero is fastest, and e^(−rate) is far from underflow.
const COUNTING_RATE: f64 = 128.0;

/// 1 / count, as far as counting up can come: a division would wait for its turn at every step.
const INVERSE: [f64; 256] = {
    let mut inverse = [0.0; 256];
    let mut count = 1;
    while count < inverse.len() {
        inverse[count] = 1.0 / count as f64;
        count += 1;
    }
    inverse
};

/// Above this probability the running sum of probabilities has lost the digits that decide.
const COUNTING_LIMIT: f64 = 1.0 - 1e-9;

/// The number of events at probability `u` in (0, 1) for a rate of 0 to 1,000,000.
#[inline]
#[must_use]
pub fn quantile(u: f64, rate: f64) -> u32 {
    if rate < COUNTING_RATE && u < COUNTING_LIMIT {
        count_up(u, rate)
    } else if rate > 1.0 - u {
        search(u, rate)
    } else {
        // An event is at most as likely as the rate: not even one.
        0
    }
}

#[inline]
fn count_up(u: f64, rate: f64) -> u32 {
    let mut probability = math::exp(-rate);
    let mut below = probability;
    let mut count = 0_usize;
    while below < u {
        count += 1;
        probability *= rate * INVERSE[count];
        below += probability;
    }
    count as u32
}

/// The probability of at most `count` events, as counting up adds it; for rates below 128.
#[inline]
#[must_use]
pub(super) fn at_or_below(count: u32, rate: f64) -> f64 {
    let mut probability = math::exp(-rate);
    let mut below = probability;
    for inverse in &INVERSE[1..=count as usize] {
        probability *= rate * inverse;
        below += probability;
    }
    below
}

/// Starts at the Cornish-Fisher guess and walks to the answer, in the tail that keeps its digits.
#[cold]
fn search(u: f64, rate: f64) -> u32 {
    let upper = u > 0.5;
    let tail = if upper { 1.0 - u } else { u };
    let z = normal::lower_quantile(tail) * if upper { -1.0 } else { 1.0 };
    let guess = (rate + rate.sqrt() * z + (z * z - 1.0) / 6.0).floor().max(0.0);
    if upper { walk_upper(tail, rate, guess) } else { walk_lower(tail, rate, guess) }
}

/// Smallest k with P(N ≤ k) ≥ p.
fn walk_lower(p: f64, rate: f64, guess: f64) -> u32 {
    let mut k = guess;
    let mut below = incomplete_gamma(k + 1.0, rate).1;
    let mut mass = math::exp(ln_poisson_density(k, rate));
    while below < p {
        k += 1.0;
        mass *= rate / k;
        below += mass;
    }
    while k > 0.0 && below - mass >= p {
        below -= mass;
        mass *= k / rate;
        k -= 1.0;
    }
    k as u32
}

/// Smallest k with P(N > k) ≤ q.
fn walk_upper(q: f64, rate: f64, guess: f64) -> u32 {
    let mut k = guess;
    let mut above = incomplete_gamma(k + 1.0, rate).0;
    let mut mass = math::exp(ln_poisson_density(k, rate));
    while above > q {
        k += 1.0;
        mass *= rate / k;
        above -= mass;
    }
    while k > 0.0 && above + mass <= q {
        above += mass;
        mass *= k / rate;
        k -= 1.0;
    }
    k as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rate_no_events() {
        for rate in [0.0, 5e-324, 1e-310, 1e-300, 1e-17] {
            assert_eq!(quantile(1.0 - 1e-16, rate), 0, "rate {rate}");
            assert_eq!(quantile(1.0 - 9e-10, rate), 0, "rate {rate}");
        }
    }

    /// The definition itself, with both tails computed from the incomplete gamma function.
    #[test]
    fn quantiles_are_the_smallest_count_that_reaches_the_probability() {
        for rate in [1e-6, 0.08, 0.9, 3.2, 10.0, 59.9, 60.1, 745.0, 746.0, 2_500.0, 1e6] {
            for i in 1..400 {
                let u = f64::from(i) / 400.0 + 1e-7;
                let k = quantile(u, rate);
                let at_or_below = |k: f64| incomplete_gamma(k + 1.0, rate).1;
                assert!(at_or_below(f64::from(k)) >= u, "rate {rate}, u {u}, count {k}");
                assert!(k == 0 || at_or_below(f64::from(k) - 1.0) < u, "rate {rate}, u {u}, count {k}");
            }
        }
    }

    #[test]
    fn the_far_tail_is_reached_from_both_roads() {
        for rate in [0.01, 1.0, 30.0] {
            for q in [1e-8, 2e-9, 1e-10, 1e-14] {
                let k = quantile(1.0 - q, rate);
                let above = |k: f64| incomplete_gamma(k + 1.0, rate).0;
                assert!(above(f64::from(k)) <= q * (1.0 + 1e-2), "rate {rate}, q {q}, count {k}");
                assert!(k == 0 || above(f64::from(k) - 1.0) > q * (1.0 - 1e-2));
            }
        }
    }

    #[test]
    fn counts_are_pinned() {
        assert_eq!(quantile(0.5, 1e6), 1_000_000);
        assert_eq!(quantile(0.999, 2_500.0), 2_656);
        assert_eq!(quantile(0.001, 745.0), 662);
    }
}
