//! Rounding, the same in both arithmetics: a number a hair beside a half or a whole is that half or whole.

use rust_decimal::{Decimal, RoundingStrategy};

use super::POWERS_OF_TEN;

/// How a number is rounded where a rule says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Halves away from zero.
    HalfAwayFromZero,
    /// Halves to the even neighbour.
    HalfEven,
    /// What lies beyond the last decimal is cut off.
    TowardZero,
}

/// What four roundings may lose of a number: an amount, a rate, their product and its shift to whole numbers.
const FEW_ROUNDINGS: f64 = 4.0 * f64::EPSILON;

/// The least hair, in units of the last place: what a difference of amounts of ten million may lose, and less than a
/// product of cents, a rate in hundredths of a percent and a share in percent can lie beside a half.
const LAST_PLACE_HAIR: f64 = 5e-7;

/// Decimals behind the last place that tell whether a decimal is a half or a whole.
const GUARD_DECIMALS: u32 = 12;

/// An f64 to at most nine decimals.
pub(super) fn float(value: f64, decimals: u32, rounding: Rounding) -> f64 {
    let one = POWERS_OF_TEN[decimals.min(9) as usize];
    let size = (value * one).abs();
    // What is a half or a whole in decimals may lie a hair beside it in binary.
    let hair = (size * FEW_ROUNDINGS).clamp(LAST_PLACE_HAIR, 0.1);
    let whole = (size + hair).floor();
    let rest = size - whole;
    let up = match rounding {
        Rounding::HalfAwayFromZero => rest >= 0.5 - hair,
        Rounding::HalfEven => rest > 0.5 + hair || (rest >= 0.5 - hair && whole % 2.0 != 0.0),
        Rounding::TowardZero => false,
    };
    (if up { whole + 1.0 } else { whole } / one).copysign(value)
}

/// A decimal to at most nine decimals.
pub(super) fn decimal(value: Decimal, decimals: u32, rounding: Rounding) -> Decimal {
    if value.scale() <= decimals {
        return value;
    }
    if let Some(quick) = word(value, decimals.min(9), rounding) {
        return quick;
    }
    let strategy = match rounding {
        Rounding::HalfAwayFromZero => RoundingStrategy::MidpointAwayFromZero,
        Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
        Rounding::TowardZero => RoundingStrategy::ToZero,
    };
    let decimals = decimals.min(9);
    // A quotient ends after 28 digits: a third times three is meant to be one.
    let ended = if value.scale() > decimals + GUARD_DECIMALS {
        value.round_dp_with_strategy(decimals + GUARD_DECIMALS, RoundingStrategy::MidpointAwayFromZero)
    } else {
        value
    };
    ended.round_dp_with_strategy(decimals, strategy)
}

/// The same for a decimal of few digits, in whole numbers of one machine word; `None` where it has more.
fn word(value: Decimal, decimals: u32, rounding: Rounding) -> Option<Decimal> {
    let dropped = value.scale().checked_sub(decimals).filter(|dropped| *dropped <= GUARD_DECIMALS)?;
    let units = i64::try_from(value.mantissa()).ok()?;
    let one = 10_i64.pow(dropped);
    let (whole, twice) = (units / one, 2 * (units % one).abs());
    let up = match rounding {
        Rounding::HalfAwayFromZero => twice >= one,
        Rounding::HalfEven => twice > one || (twice == one && whole % 2 != 0),
        Rounding::TowardZero => false,
    };
    Some(Decimal::new(if up { whole + units.signum() } else { whole }, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Amount;

    #[test]
    fn a_hair_is_no_step() {
        let third = Decimal::ONE / Decimal::from(3);
        assert_eq!((third * Decimal::from(3)).rounded(2, Rounding::TowardZero), Decimal::ONE);
        assert_eq!((0.1_f64 + 0.7).rounded(1, Rounding::TowardZero), 0.8);
        // Six hundred billion dollars keep their cents, and 0.499 of a cent on a billion is no half.
        assert_eq!(600_000_000_000.01_f64.cents(), 600_000_000_000.01);
        assert_eq!(-1_000_000_000.004_99_f64.cents(), -1_000_000_000.0);
        assert_eq!(
            [0.5, 1.5, -0.5, -1.5].map(|half: f64| half.rounded(0, Rounding::HalfEven)),
            [0., 2., 0., -2.]
        );
        assert_eq!(f64::INFINITY.cents(), f64::INFINITY);
        assert!(f64::NAN.cents().is_nan());
    }
}
