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
    /// What a fact is where it is not given; `None` where it must be.
    pub default: Option<f64>,
}

/// A struct of named numbers.
pub trait Figures<A: Amount> {
    /// Its fields in order.
    const FIGURES: &'static [Figure];
    /// Made from its fields in order.
    fn from_slice(values: &[A]) -> Self;
    /// Hands over its fields in order.
    fn visit(&self, see: impl FnMut(usize, A));
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
    /// A fact as a decimal, where its unit allows it.
    pub fn read(&'static self, value: f64) -> Result<Decimal, Refused> {
        let (allowed, rule) = match self.unit {
            Unit::Dollars => {
                (value.abs() <= LARGEST_TERM, "must be a number of dollars of at most 1e12 in size")
            }
            Unit::Rate => ((0.0..=1.0).contains(&value), "must be between 0 and 1"),
            Unit::Flag => (value == 0.0 || value == 1.0, "must be true or false"),
            Unit::Factor | Unit::Points => (value.abs() <= 1e6, "must be a number of at most 1e6 in size"),
            Unit::Count | Unit::MemberMonths => {
                ((0.0..=LARGEST_TERM).contains(&value), "must be a number of at least 0")
            }
        };
        decimal_of(value).filter(|_| allowed).ok_or(Refused { figure: self, rule, value })
    }
}

/// A struct of figures: each field with its unit, what it means or how it is computed, and for facts a default.
macro_rules! figures {
    ($(#[$about:meta])* $Name:ident { $($field:ident: $unit:ident $(= $default:literal)?, $formula:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[allow(clippy::doc_markdown, reason = "formulas are printed on statements as they stand")]
        pub struct $Name<A> {
            $(#[doc = $formula] pub $field: A,)*
        }

        impl<A: $crate::money::Amount> $crate::rules::Figures<A> for $Name<A> {
            const FIGURES: &'static [$crate::rules::Figure] = &[$($crate::rules::Figure {
                name: stringify!($field),
                unit: $crate::money::Unit::$unit,
                formula: $formula,
                default: $crate::rules::figures::default_of!($($default)?),
            }),*];

            fn from_slice(values: &[A]) -> Self {
                let mut values = values.iter().copied();
                Self { $($field: values.next().expect("as many values as fields"),)* }
            }

            fn visit(&self, mut see: impl FnMut(usize, A)) {
                for (position, value) in [$(self.$field),*].into_iter().enumerate() {
                    see(position, value);
                }
            }
        }
    };
}

macro_rules! default_of {
    () => {
        None
    };
    ($default:literal) => {
        Some($default)
    };
}

pub(crate) use {default_of, figures};
