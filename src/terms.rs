//! Payment terms as small pure functions, in the simulation's arithmetic and in decimal cents alike.

use serde::Deserialize;

use crate::money::{Amount, Rounding, Term};

/// The part of `amount` above nothing, shared at a rate and held at a cap.
pub fn share<A: Amount>(amount: A, rate: A, cap: Option<A>) -> A {
    let shared = amount.most(A::ZERO).times(rate);
    cap.map_or(shared, |cap| shared.least(cap))
}

/// Whether `amount` is above zero and meets `threshold`, both in whole cents; to meet it is enough.
pub fn gate<A: Amount>(amount: A, threshold: A) -> bool {
    let amount = amount.cents();
    amount > A::ZERO && amount >= threshold.cents()
}

/// A part of a base, where there is one: limits as a share of the benchmark.
pub fn part_of<A: Amount>(base: A, rate: Option<&Term>) -> Option<A> {
    rate.map(|rate| base.times(A::term(rate)))
}

/// The part of `amount` above `attachment`, at most `limit` of it.
pub fn layer<A: Amount>(amount: A, attachment: A, limit: Option<A>) -> A {
    let above = (amount - attachment).most(A::ZERO);
    limit.map_or(above, |limit| above.least(limit))
}

/// An amount held between a floor and a ceiling.
pub fn clamp<A: Amount>(amount: A, floor: A, ceiling: A) -> A {
    amount.most(floor).least(ceiling)
}

/// What of an amount has come after so many of its months in a straight line, as it is posted: differences add up.
pub fn accrued<A: Amount>(amount: A, months: usize, of: usize) -> A {
    amount.times(A::of(months as f64)).over(A::of(of as f64)).posted()
}

/// A band of a corridor: from one part of the base to another, a share of what lies between.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Where it begins, as a part of the base.
    pub from: Term,
    /// Where it ends, as a part of the base; none for a last band without end.
    pub to: Option<Term>,
    /// The share of what lies in it.
    pub share: Term,
}

/// What the bands, which rise, share of an amount above nothing.
pub fn corridor<A: Amount>(amount: A, base: A, bands: &[Band]) -> A {
    let mut sum = A::ZERO;
    for band in bands {
        let from = base.times(A::term(&band.from));
        if amount <= from {
            break;
        }
        let end = band.to.map_or(amount, |to| amount.least(base.times(A::term(&to))));
        sum = sum + (end - from).times(A::term(&band.share));
    }
    sum
}

/// A rung of a ladder: what is given from a value on.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// The value from which it counts.
    pub from: Term,
    /// What is given there.
    pub gives: Term,
}

/// Whether a value meets another to nine decimals, so that a score that is a sum meets what it comes to.
///
/// Dollars meet in [`gate`], or come in whole cents.
pub fn reaches<A: Amount>(value: A, from: &Term) -> bool {
    let nine = |value: A| value.rounded(9, Rounding::HalfAwayFromZero);
    nine(value) >= nine(A::term(from))
}

/// How many of the values that begin something are met.
fn reached<A: Amount, B>(value: A, all: &[B], from: impl Fn(&B) -> &Term) -> usize {
    all.partition_point(|each| reaches(value, from(each)))
}

/// What the highest rung that is reached gives; nothing below the first.
pub fn ladder<A: Amount>(value: A, rungs: &[Rung]) -> A {
    let below = reached(value, rungs, |rung| &rung.from).checked_sub(1);
    below.map_or(A::ZERO, |below| A::term(&rungs[below].gives))
}

/// The same with straight lines between the rungs.
pub fn slope<A: Amount>(value: A, rungs: &[Rung]) -> A {
    let above = reached(value, rungs, |rung| &rung.from);
    match (above.checked_sub(1).map(|below| &rungs[below]), rungs.get(above)) {
        (None, _) => A::ZERO,
        (Some(last), None) => A::term(&last.gives),
        (Some(low), Some(high)) => between(value, (low.from, low.gives), (high.from, high.gives)),
    }
}

/// A straight line through two points.
fn between<A: Amount>(value: A, (from, low): (Term, Term), (to, high): (Term, Term)) -> A {
    let (from, low) = (A::term(&from), A::term(&low));
    low + (value - from).times(A::term(&high) - low).over(A::term(&to) - from)
}

/// A band of a table that is read by straight lines inside its bands, both ends of which belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableBand {
    /// Its first value.
    pub from: Term,
    /// Its last value; none for a last band that goes on.
    pub to: Option<Term>,
    /// What the table says at its first value.
    pub low: Term,
    /// What the table says at its last value.
    pub high: Term,
}

/// What a table of bands says of a value; below the first band what it begins with.
pub fn in_bands<A: Amount>(value: A, bands: &[TableBand]) -> A {
    let below = reached(value, bands, |band| &band.from).saturating_sub(1);
    match bands.get(below) {
        None => A::ZERO,
        Some(TableBand { to: None, high, .. }) => A::term(high),
        Some(TableBand { from, to: Some(to), low, high }) => {
            between(clamp(value, A::term(from), A::term(to)), (*from, *low), (*to, *high))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str) -> Term {
        text.parse().unwrap()
    }

    #[test]
    fn share_on_a_ladder() {
        for (amount, shared) in [(-20., 0.), (0., 0.), (10., 5.), (40., 20.), (60., 25.), (80., 25.)] {
            assert_eq!(share(amount, 0.5, Some(25.0)), shared, "amount {amount}");
        }
        assert_eq!(share(80.0, 0.5, None), 40.0);
    }

    #[test]
    fn the_gate_opens_at_its_cent() {
        for (amount, open) in [(99.99, false), (99.994, false), (99.995, true), (100.0, true), (100.01, true)]
        {
            assert_eq!(gate(amount, 100.0), open, "amount {amount}");
        }
        assert!(!gate(0.0, 0.0), "nothing saved is nothing earned");
        assert!(gate(0.01, 0.0));
    }

    #[test]
    fn layers_and_clamps_on_a_ladder() {
        for (amount, above) in [(-5., 0.), (10., 0.), (10.01, 0.01), (15., 5.), (30., 20.), (31., 20.)] {
            assert!((layer(amount, 10.0, Some(20.0)) - above).abs() < 1e-12, "amount {amount}");
        }
        assert_eq!(layer(1000.0, 10.0, None), 990.0);
        assert_eq!([-1.0, 0.5, 2.0].map(|value| clamp(value, 0.0, 1.0)), [0.0, 0.5, 1.0]);
    }

    /// Half between 3 and 8 %, four fifths beyond.
    #[test]
    fn corridor_on_a_ladder() {
        let band =
            |from, to: Option<&str>, share| Band { from: term(from), to: to.map(term), share: term(share) };
        let bands = [band("0.03", Some("0.08"), "0.5"), band("0.08", None, "0.8")];
        for (amount, shared) in [(2., 0.), (3., 0.), (5., 1.), (8., 2.5), (10., 4.1), (20., 12.1)] {
            assert!((corridor(amount, 100.0, &bands) - shared).abs() < 1e-12, "amount {amount}");
        }
    }

    #[test]
    fn ladders_step_and_slopes_rise() {
        let rung = |from, gives| Rung { from: term(from), gives: term(gives) };
        let rungs = [rung("0.5", "10"), rung("0.75", "20"), rung("1", "40")];
        for (value, step, line) in [
            (0.49, 0., 0.),
            (0.5, 10., 10.),
            (0.625, 10., 15.),
            (0.75, 20., 20.),
            (0.9, 20., 32.),
            (1.2, 40., 40.),
        ] {
            assert_eq!(ladder(value, &rungs), step, "value {value}");
            assert!((slope(value, &rungs) - line).abs() < 1e-12, "value {value}");
        }
    }

    #[test]
    fn tables_are_read_inside_their_bands() {
        let band = |from, to: Option<&str>, low, high| TableBand {
            from: term(from),
            to: to.map(term),
            low: term(low),
            high: term(high),
        };
        let bands = [band("20000", Some("49999"), "0.025", "0.022"), band("50000", None, "0.02", "0.02")];
        for (members, rate) in [
            (100., 0.025),
            (20_000., 0.025),
            (33_798., 0.023_620_154),
            (49_999., 0.022),
            (50_000., 0.02),
            (1e6, 0.02),
        ] {
            assert!((in_bands(members, &bands) - rate).abs() < 1e-8, "{members} members");
        }
    }
}
