//! Quantiles of distributions that only know their distribution function: Newton's steps inside a bracket.

use crate::math;

/// From which end a probability is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Values at or below.
    Lower,
    /// Values above.
    Upper,
}

/// A number's place in the order of all floats: neighbours differ by one.
fn rank(x: f64) -> i64 {
    let bits = x.to_bits().cast_signed();
    if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
}

fn of_rank(rank: i64) -> f64 {
    f64::from_bits(if rank < 0 { i64::MIN.wrapping_sub(rank) } else { rank }.cast_unsigned())
}

/// The smallest x of the bracket whose tail holds `probability`.
///
/// `tail_and_density` gives the probability of the tail and the density at an x. The value lies above the lower
/// end of the bracket and at or below the upper one. Steps are Newton's on the logarithm of the probability;
/// where they do not help, the floats between the ends are halved, so that atoms and gaps end the search too.
pub fn solve(
    tail: Tail,
    probability: f64,
    bracket: (f64, f64),
    guess: f64,
    tail_and_density: impl Fn(f64) -> (f64, f64),
) -> f64 {
    let (mut low, mut high) = bracket;
    let target = math::ln(probability);
    let close = 4e-16 * target.abs().max(1.0);
    let mut x = if guess > low && guess < high { guess } else { halfway(low, high) };
    let mut last_gap = f64::INFINITY;
    for _ in 0..400 {
        let (mass, density) = tail_and_density(x);
        let gap = math::ln(mass) - target;
        let reached = if tail == Tail::Lower { mass >= probability } else { mass <= probability };
        if reached {
            high = x;
        } else {
            low = x;
        }
        if rank(high).wrapping_sub(rank(low)).cast_unsigned() <= 1 {
            return high;
        }
        let slope = if tail == Tail::Lower { density / mass } else { -density / mass };
        let change = -gap / slope;
        // The logarithm of x where x is far from its place, x itself where it is near.
        let far = bracket.0 >= 0.0 && change.abs() > 0.1 * x;
        let newton = if far { x * math::exp((change / x).clamp(-20.0, 20.0)) } else { x + change };
        if (gap.abs() <= close && density > 0.0) || change.abs() <= 2e-16 * x.abs() {
            return newton.clamp(bracket.0, bracket.1);
        }
        let falling = gap.abs() <= 0.5 * last_gap;
        last_gap = gap.abs();
        x = if newton > low && newton < high && falling { newton } else { halfway(low, high) };
        if !falling {
            last_gap = f64::INFINITY;
        }
    }
    high
}

/// The float in the middle of two floats.
fn halfway(low: f64, high: f64) -> f64 {
    let (low, high) = (rank(low.max(f64::MIN)), rank(high.min(f64::MAX)));
    of_rank(low.wrapping_add((high.wrapping_sub(low).cast_unsigned() / 2).cast_signed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_the_order_of_floats() {
        let mut last = i64::MIN;
        for x in [f64::NEG_INFINITY, -1.0, -1e-300, 0.0, 1e-300, 0.5, 1.0, f64::INFINITY] {
            assert!(rank(x) > last, "{x}");
            assert_eq!(of_rank(rank(x)), x);
            last = rank(x);
        }
        assert_eq!(rank(1.0_f64.next_up()) - rank(1.0), 1);
    }

    #[test]
    fn an_exponential_and_an_atom_are_found() {
        let exponential = |x: f64| (math::exp(-x), math::exp(-x));
        for q in [0.5, 1e-9, 1e-200] {
            let x = solve(Tail::Upper, q, (0.0, f64::MAX), 1.0, exponential);
            assert!((x + math::ln(q)).abs() <= 4e-16 * x, "{q}: {x}");
        }
        let atom = |x: f64| (if x >= 3.0 { 0.8 } else { 0.1 }, 0.0);
        assert_eq!(solve(Tail::Lower, 0.5, (0.0, 10.0), 1.0, atom), 3.0);
    }
}
