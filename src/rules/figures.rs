//! Facts and lines of rules: structs whose fields know their unit and how they are computed.

use rust_decimal::Decimal;

use crate::error::{InputError, show};
use crate::money::{Amount, LARGEST_TERM, Unit, decimal_of};

/// A named number of a case.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// How a line is computed; what a fact means.
    pub formula: &'static str,
    /// What a fact is where it is not given.
    pub missing: Missing,
}

/// What is done where a fact is not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Missing {
    /// It must be given.
    Refused,
    /// It is this.
    Is(f64),
    /// The rule does without it.
    Unknown,
}

/// A struct of named numbers.
pub trait Figures<A: Amount> {
    /// Its fields in order.
    const FIGURES: &'static [Figure];
    /// Made from its fields in order.
    fn from_slice(values: &[Option<A>]) -> Self;
    /// Hands over its fields in order.
    fn visit(&self, see: impl FnMut(usize, Option<A>));
}

/// A field: a number, or one that may be unknown.
pub trait Field<A>: Copy {
    /// From what was given.
    fn of(value: Option<A>) -> Self;
    /// As a number that may be unknown.
    fn known(self) -> Option<A>;
}

impl<A: Amount> Field<A> for A {
    fn of(value: Option<A>) -> Self {
        value.unwrap_or(A::ZERO)
    }

    fn known(self) -> Option<A> {
        Some(self)
    }
}

impl<A: Amount> Field<A> for Option<A> {
    fn of(value: Option<A>) -> Self {
        value
    }

    fn known(self) -> Self {
        self
    }
}

/// A fact that breaks the rule of its unit.
#[derive(Debug)]
pub struct Refused {
    figure: &'static Figure,
    rule: &'static str,
    value: f64,
}

impl Refused {
    /// The error, with its place and its row where it stands in a frame.
    pub fn at(self, place: &str, row: Option<usize>) -> InputError {
        let name = self.figure.name;
        let row = row.map_or(String::new(), |row| format!("[{row}]"));
        InputError::new(format!("{place}.{name}{row}"), self.rule).got(show(self.value))
    }
}

impl Figure {
    /// A fact as a decimal, where its unit allows it; unknown facts are NaN.
    pub fn read(&'static self, value: f64) -> Result<Option<Decimal>, Refused> {
        if value.is_nan() && self.missing == Missing::Unknown {
            return Ok(None);
        }
        let (allowed, rule) = match self.unit {
            Unit::Dollars | Unit::ExactDollars => {
                (value.abs() <= LARGEST_TERM, "must be a number of dollars of at most 1e12 in size")
            }
            Unit::Rate => ((0.0..=1.0).contains(&value), "must be between 0 and 1"),
            Unit::Flag => (value == 0.0 || value == 1.0, "must be true or false"),
            Unit::Factor | Unit::Points => (value.abs() <= 1e6, "must be a number of at most 1e6 in size"),
            Unit::Count | Unit::MemberMonths => {
                ((0.0..=LARGEST_TERM).contains(&value), "must be a number of at least 0")
            }
        };
        let read = decimal_of(value).filter(|_| allowed);
        read.map(Some).ok_or(Refused { figure: self, rule, value })
    }
}

/// A struct of figures: each field with its unit and what it means or how it is computed.
///
/// `name: Unit` must be given, `name: Unit = value` is that value where it is not, and `name: Unit or unknown` may be unknown.
macro_rules! figures {
    ($(#[$about:meta])* $Name:ident {
        $($field:ident: $unit:ident $(= $default:literal)? $(or $unknown:ident)?, $formula:literal;)*
    }) => {
        $(#[$about])*
        #[allow(clippy::doc_markdown, reason = "formulas are printed on statements as they stand")]
        pub struct $Name<A> {
            $(#[doc = $formula] pub $field: $crate::rules::figures::field_of!(A $($unknown)?),)*
        }

        #[allow(clippy::expl_impl_clone_on_copy, reason = "nothing is derived where types are made by a macro")]
        impl<A: Copy> Clone for $Name<A> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<A: Copy> Copy for $Name<A> {}

        impl<A: $crate::money::Amount> $crate::rules::Figures<A> for $Name<A> {
            const FIGURES: &'static [$crate::rules::Figure] = &[$($crate::rules::Figure {
                name: stringify!($field),
                unit: $crate::money::Unit::$unit,
                formula: $formula,
                missing: $crate::rules::figures::missing_of!($($default)? $($unknown)?),
            }),*];

            fn from_slice(values: &[Option<A>]) -> Self {
                let mut values = values.iter().copied();
                Self { $($field: $crate::rules::figures::Field::of(values.next().flatten()),)* }
            }

            fn visit(&self, mut see: impl FnMut(usize, Option<A>)) {
                let values = [$($crate::rules::figures::Field::known(self.$field)),*];
                for (position, value) in values.into_iter().enumerate() {
                    see(position, value);
                }
            }
        }
    };
}

macro_rules! field_of {
    ($A:ident) => {
        $A
    };
    ($A:ident unknown) => {
        Option<$A>
    };
}

macro_rules! missing_of {
    () => {
        $crate::rules::Missing::Refused
    };
    ($default:literal) => {
        $crate::rules::Missing::Is($default)
    };
    (unknown) => {
        $crate::rules::Missing::Unknown
    };
}

pub(crate) use {field_of, figures, missing_of};
