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
    /// What a fact must be beyond what its unit asks for.
    pub bounds: Bounds,
}

/// Bounds of a fact, narrower than those of its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// It lies above this.
    pub above: Option<f64>,
    /// It is at least this.
    pub least: Option<f64>,
    /// It is at most this.
    pub most: Option<f64>,
}

impl Bounds {
    fn allow(self, value: f64) -> bool {
        self.above.is_none_or(|above| value > above)
            && self.least.is_none_or(|least| value >= least)
            && self.most.is_none_or(|most| value <= most)
    }

    fn rule(self) -> String {
        let words = [("above", self.above), ("at least", self.least), ("at most", self.most)];
        let told = words.iter().filter_map(|(words, bound)| Some(format!("{words} {}", show((*bound)?))));
        format!("must be {}", told.collect::<Vec<_>>().join(" and "))
    }
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
    rule: String,
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
        let refused = |rule| Refused { figure: self, rule, value };
        let read = decimal_of(value).filter(|_| allowed).ok_or_else(|| refused(rule.to_owned()))?;
        if self.bounds.allow(value) { Ok(Some(read)) } else { Err(refused(self.bounds.rule())) }
    }
}

/// A struct of figures: each field with its unit and what it means or how it is computed.
///
/// `name: Unit` must be given, `name: Unit = value` is that value where it is not, and `name: Unit or unknown` may be unknown.
/// After the unit stand bounds narrower than its own, for a fact: `above 0.0` or `from 0.0`, then `to 12.0`.
macro_rules! figures {
    ($(#[$about:meta])* $Name:ident {
        $($field:ident: $unit:ident $(above $above:literal)? $(from $least:literal)? $(to $most:literal)?
            $(= $default:literal)? $(or $unknown:ident)?, $formula:literal;)*
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
                bounds: $crate::rules::Bounds {
                    above: $crate::rules::figures::bound_of!($($above)?),
                    least: $crate::rules::figures::bound_of!($($least)?),
                    most: $crate::rules::figures::bound_of!($($most)?),
                },
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

macro_rules! bound_of {
    () => {
        None
    };
    ($bound:literal) => {
        Some($bound)
    };
}

pub(crate) use {bound_of, field_of, figures, missing_of};

#[cfg(test)]
mod tests {
    use super::*;

    figures! {
        Bounded {
            free: Dollars, "any dollars";
            least: Dollars from 0.0 = 1.0, "none below nothing";
            above: Dollars above 0.0, "more than nothing";
            months: Count to 12.0, "of a year";
            factor: Factor from 1.0 to 10.0, "completes";
            unknown: Dollars from 0.0 or unknown, "may be missing";
        }
    }

    #[test]
    fn bounds_are_narrower_than_the_unit() {
        let told = |position: usize, value: f64| {
            let figure: &'static Figure = &<Bounded<f64> as Figures<f64>>::FIGURES[position];
            figure.read(value).err().map(|refused| refused.at("place", Some(3)).to_string())
        };
        for (position, allowed) in
            [(0, [-1.0, 0.0]), (1, [0.0, 1.0]), (2, [0.01, 5.0]), (3, [0.0, 12.0]), (4, [1.0, 10.0])]
        {
            assert_eq!(allowed.map(|value| told(position, value)), [None, None], "{position}");
        }
        assert_eq!(told(5, f64::NAN), None);
        for (position, value, text) in [
            (1, -0.01, "place.least[3]: must be at least 0, got -0.01"),
            (2, 0.0, "place.above[3]: must be above 0, got 0"),
            (3, 12.5, "place.months[3]: must be at most 12, got 12.5"),
            (3, -1.0, "place.months[3]: must be a number of at least 0, got -1"),
            (4, 0.98, "place.factor[3]: must be at least 1 and at most 10, got 0.98"),
            (5, -1.0, "place.unknown[3]: must be at least 0, got -1"),
            (2, f64::NAN, "place.above[3]: must be a number of dollars of at most 1e12 in size, got nan"),
        ] {
            assert_eq!(told(position, value).as_deref(), Some(text));
        }
    }
}
