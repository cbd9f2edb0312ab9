//! Payment terms as small pure functions, in the simulation's arithmetic and in decimal cents alike.

use crate::error::{Place, Result, show};
use crate::ledger::LAST_MONTH;
use crate::money::{Amount, Term};
use crate::population::MONTHS;

/// Refuses a settlement before the year has ended or beyond the months the ledger keeps.
pub fn check_settle_month(place: Place<'_>, month: &Term) -> Result<()> {
    let value = month.value();
    if value.fract() == 0.0 && (MONTHS as f64..=f64::from(LAST_MONTH)).contains(&value) {
        return Ok(());
    }
    let rule = format!(
        "must be a whole month between {MONTHS} and {LAST_MONTH}, counted from the start of the year"
    );
    Err(place.error("settle_month", rule).got(show(value)).into())
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
