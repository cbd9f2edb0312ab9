//! Amounts of money: one arithmetic for the simulation (f64) and for statements (decimal cents).
//!
//! Settlement operators are written once over [`Amount`]. Terms arrive as decimal text and keep both forms.

mod rounding;
mod unit;

use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::{self, Deserialize, Deserializer, Visitor};

pub use rounding::Rounding;
pub use unit::Unit;

/// Largest term: times the largest fact it stays below 10^27, far from where a decimal overflows.
pub const LARGEST_TERM: f64 = 1e12;

/// Largest fact (dollars, events, member-months) that a statement accepts.
pub const LARGEST_FACT: f64 = 1e15;

/// What settlement operators need of a number of dollars.
pub trait Amount: Copy + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Neg<Output = Self> {
    /// No money.
    const ZERO: Self;
    /// All of it.
    const ONE: Self;
    /// A term of a contract in this arithmetic.
    fn term(term: &Term) -> Self;
    /// A number of the simulation in this arithmetic; nothing where a decimal cannot hold it.
    fn of(value: f64) -> Self;
    /// This number as f64: for powers, which decimals do not have.
    fn float(self) -> f64;
    /// What came of a power, rounded to at most nine decimals.
    fn of_rounded(value: f64, decimals: u32, rounding: Rounding) -> Self;
    /// This amount divided by a number of months or members; nothing over nothing.
    #[must_use]
    fn over(self, divisor: Self) -> Self;
    /// This amount times a rate, a count or a number of months.
    #[must_use]
    fn times(self, factor: Self) -> Self;
    /// The whole number at or above it; a hair above a whole number is that number.
    #[must_use]
    fn whole_up(self) -> Self;
    /// Rounded to so many decimals.
    #[must_use]
    fn rounded(self, decimals: u32, rounding: Rounding) -> Self;
    /// Whole cents, half away from zero: what gates compare and statements print.
    #[must_use]
    fn cents(self) -> Self {
        self.rounded(2, Rounding::HalfAwayFromZero)
    }
    /// What is posted to the ledger: unrounded in the simulation, whole cents on a statement.
    #[must_use]
    fn posted(self) -> Self;

    /// The smaller of two amounts.
    #[must_use]
    fn least(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The larger of two amounts.
    #[must_use]
    fn most(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

impl Amount for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn term(term: &Term) -> Self {
        term.float
    }

    fn of(value: f64) -> Self {
        value
    }

    fn float(self) -> f64 {
        self
    }

    fn of_rounded(value: f64, decimals: u32, rounding: Rounding) -> Self {
        rounding::float(value, decimals, rounding)
    }

    fn over(self, divisor: Self) -> Self {
        if divisor == 0.0 { 0.0 } else { self / divisor }
    }

    fn times(self, factor: Self) -> Self {
        self * factor
    }

    fn whole_up(self) -> Self {
        (self - 1e-9).ceil().max(0.0)
    }

    fn rounded(self, decimals: u32, rounding: Rounding) -> Self {
        rounding::float(self, decimals, rounding)
    }

    fn posted(self) -> Self {
        self
    }
}

impl Amount for Decimal {
    const ZERO: Self = Self::ZERO;
    const ONE: Self = Self::ONE;

    fn term(term: &Term) -> Self {
        term.decimal
    }

    fn of(value: f64) -> Self {
        Self::from_f64_retain(value).map_or(Self::ZERO, |value| value.round_dp(FACTOR_DECIMALS))
    }

    fn float(self) -> f64 {
        float_of(self)
    }

    fn of_rounded(value: f64, decimals: u32, rounding: Rounding) -> Self {
        let rounded = rounding::float(value, decimals, rounding);
        let units = (rounded * POWERS_OF_TEN[decimals as usize]).round();
        if units.abs() < LARGEST_WHOLE { Self::new(units as i64, decimals) } else { Self::of(rounded) }
    }

    fn over(self, divisor: Self) -> Self {
        self.checked_div(divisor).unwrap_or(Self::ZERO)
    }

    fn times(self, factor: Self) -> Self {
        self * factor
    }

    fn whole_up(self) -> Self {
        (self - Self::new(1, 9)).ceil().max(Self::ZERO)
    }

    fn rounded(self, decimals: u32, rounding: Rounding) -> Self {
        rounding::decimal(self, decimals, rounding)
    }

    fn posted(self) -> Self {
        self.cents()
    }
}

const POWERS_OF_TEN: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// Decimals kept of a factor of growth.
const FACTOR_DECIMALS: u32 = 12;

/// Decimals kept of a fact: cents are made where amounts are compared, posted and printed, not before.
const FACT_DECIMALS: u32 = 9;

/// A fact of the simulation as a decimal; `None` where it is too large for a statement.
#[must_use]
pub fn decimal_fact(value: f64) -> Option<Decimal> {
    let in_range = value.is_finite() && value.abs() <= LARGEST_FACT;
    in_range.then(|| Decimal::from_f64_retain(value).map(|fact| fact.round_dp(FACT_DECIMALS))).flatten()
}

/// A fact of a user's own as the decimal that was written, of at most nine places; `None` where it is too large.
#[must_use]
pub fn decimal_of(value: f64) -> Option<Decimal> {
    if !(value.is_finite() && value.abs() <= LARGEST_FACT) {
        return None;
    }
    // Few digits first: they are what was written, and short numbers are quick to multiply.
    for decimals in [2, 6] {
        let one = POWERS_OF_TEN[decimals as usize];
        let units = (value * one).round();
        if units.abs() < LARGEST_WHOLE && units / one == value {
            return Some(Decimal::new(units as i64, decimals));
        }
    }
    // Whole dollars and what is behind the point apart: both are exact before they are rounded.
    let whole = value.trunc();
    let part = ((value - whole) * POWERS_OF_TEN[FACT_DECIMALS as usize]).round();
    let mantissa = whole as i128 * i128::from(NANOS) + part as i128;
    Some(Decimal::from_i128_with_scale(mantissa, FACT_DECIMALS))
}

/// Whole numbers below it have an f64 each.
const LARGEST_WHOLE: f64 = (1_i64 << 53) as f64;

/// Billionths in one.
const NANOS: i64 = 1_000_000_000;

/// A decimal as f64.
#[must_use]
pub fn float_of(value: Decimal) -> f64 {
    let scale = value.scale() as usize;
    // A quotient of two numbers that are exact is rounded once.
    if value.mantissa().unsigned_abs() < 1 << 53 && scale < POWERS_OF_TEN.len() {
        return value.mantissa() as i64 as f64 / POWERS_OF_TEN[scale];
    }
    f64::try_from(value).unwrap_or(f64::NAN)
}

/// A number in a contract's terms: the decimal the user wrote, and its f64; 0 where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Term {
    decimal: Decimal,
    float: f64,
}

impl Term {
    /// The term that changes no product.
    #[must_use]
    pub fn one() -> Self {
        Self::from(1)
    }

    /// The term as f64; infinite or NaN where it was given so, which every check refuses.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.float
    }

    /// The term times a factor of growth; the very same term where nothing grows.
    #[must_use]
    pub fn grown(&self, factor: f64) -> Self {
        if factor == 1.0 {
            return *self;
        }
        let float = self.float * factor;
        Self { decimal: Decimal::try_from(float).unwrap_or(self.decimal), float }
    }
}

impl From<i32> for Term {
    fn from(value: i32) -> Self {
        Self { decimal: Decimal::from(value), float: f64::from(value) }
    }
}

impl Neg for Term {
    type Output = Self;

    fn neg(self) -> Self {
        Self { decimal: -self.decimal, float: -self.float }
    }
}

impl FromStr for Term {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let float: f64 = text.trim().parse().map_err(|_| format!("must be a number, got {text:?}"))?;
        if !float.is_finite() {
            return Ok(Self { decimal: Decimal::ZERO, float });
        }
        if float.abs() > LARGEST_TERM {
            return Err(format!("must be at most 1e12 in size, got {text}"));
        }
        let parsed = Decimal::from_str(text.trim()).or_else(|_| Decimal::from_scientific(text.trim()));
        let decimal = parsed.or_else(|_| Decimal::try_from(float));
        decimal.map(|decimal| Self { decimal, float }).map_err(|_| format!("must be a decimal, got {text}"))
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer
            .deserialize_any(NumberVisitor)
            .map_err(de::Error::custom)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// A number of the simulation, finite or not: checks refuse what is not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(pub f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = deserializer.deserialize_any(NumberVisitor)?;
        text.trim()
            .parse()
            .map(Self)
            .map_err(|_| de::Error::custom(format!("must be a number, got {text:?}")))
    }
}

/// Reads a JSON number, or text that holds one (decimals, NaN and infinities cross as text), as text.
pub struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> std::result::Result<String, E> {
        Ok(format!("{value}"))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> std::result::Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> std::result::Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_unit<E: de::Error>(self) -> std::result::Result<String, E> {
        Err(E::custom("must be a number, got None"))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> std::result::Result<String, E> {
        Err(E::custom(format!("must be a number, got {}", if value { "True" } else { "False" })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str(text).unwrap()
    }

    #[test]
    fn cents_are_half_away_from_zero_in_both_arithmetics() {
        for (value, cents) in [("0.125", "0.13"), ("-0.125", "-0.13"), ("2.5", "2.5"), ("0.004", "0")] {
            assert_eq!(decimal(value).cents(), decimal(cents));
            assert_eq!(value.parse::<f64>().unwrap().cents(), cents.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn facts_are_the_decimals_that_were_written() {
        for text in ["0.1", "-0.1", "1000000000.1", "999999999999.99", "0.023620154", "123456.789012", "5"] {
            assert_eq!(decimal_of(text.parse().unwrap()), Some(decimal(text)), "{text}");
            assert_eq!(float_of(decimal(text)), text.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn terms_keep_the_decimal_that_was_written() {
        let term: Term = "0.1".parse().unwrap();
        assert_eq!((Decimal::term(&term), f64::term(&term)), (decimal("0.1"), 0.1));
        assert_eq!("1e-05".parse::<Term>().unwrap().decimal, decimal("0.00001"));
        assert!("nan".parse::<Term>().unwrap().value().is_nan());
        assert_eq!("50k".parse::<Term>().unwrap_err(), "must be a number, got \"50k\"");
        assert!("1e13".parse::<Term>().is_err());
    }

    #[test]
    fn the_largest_products_do_not_overflow() {
        let largest: Term = "1e12".parse().unwrap();
        let fact = decimal_fact(LARGEST_FACT).unwrap();
        assert!(fact.times(Decimal::term(&largest)).cents() > Decimal::ZERO);
        assert_eq!(decimal_fact(1.1e15), None);
        assert_eq!(decimal_fact(f64::NAN), None);
    }
}
