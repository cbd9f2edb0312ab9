//! Figures of each enrolment type: structs whose fields hold four numbers, one for each type.

use crate::money::Amount;

/// A number for each type: end-stage renal disease, disabled, aged with dual status, aged without.
pub type ByType<A> = [A; 4];

/// A number of each type from its place.
pub fn each<A: Amount>(of: impl FnMut(usize) -> A) -> ByType<A> {
    std::array::from_fn(of)
}

/// Mean over the types; nothing where all weights are nothing.
pub fn mean<A: Amount>(values: &ByType<A>, weights: &ByType<A>) -> A {
    sum(&each(|k| values[k].times(weights[k]))).over(sum(weights))
}

/// Sum over the types.
pub fn sum<A: Amount>(values: &ByType<A>) -> A {
    values.iter().fold(A::ZERO, |sum, value| sum + *value)
}

/// One, in either arithmetic.
pub fn one<A: Amount>() -> A {
    A::of(1.0)
}

/// 1 for yes, 0 for no.
pub fn flag<A: Amount>(yes: bool) -> A {
    if yes { one() } else { A::ZERO }
}

/// A struct of figures some of which have one value for each type: those are named `..._esrd`, `..._disabled`,
/// `..._aged_dual` and `..._aged_non_dual`.
macro_rules! figures_by_type {
    ($(#[$about:meta])* $Name:ident {
        by_type { $($each:ident: $each_unit:ident $(= $each_default:literal)?, $each_formula:literal;)* }
        all { $($field:ident: $unit:ident $(= $default:literal)? $(or $unknown:ident)?, $formula:literal;)* }
    }) => {
        $(#[$about])*
        #[allow(clippy::doc_markdown, reason = "formulas are printed on statements as they stand")]
        pub struct $Name<A> {
            $(#[doc = $each_formula] pub $each: $crate::rules::benchmark::by_type::ByType<A>,)*
            $(#[doc = $formula] pub $field: $crate::rules::figures::field_of!(A $($unknown)?),)*
        }

        impl<A: $crate::money::Amount> $crate::rules::Figures<A> for $Name<A> {
            const FIGURES: &'static [$crate::rules::Figure] = &[
                $(
                    figure!($each, "_esrd", $each_unit, $each_formula, [$($each_default)?]),
                    figure!($each, "_disabled", $each_unit, $each_formula, [$($each_default)?]),
                    figure!($each, "_aged_dual", $each_unit, $each_formula, [$($each_default)?]),
                    figure!($each, "_aged_non_dual", $each_unit, $each_formula, [$($each_default)?]),
                )*
                $(figure!($field, "", $unit, $formula, [$($default)? $($unknown)?]),)*
            ];

            fn from_slice(values: &[Option<A>]) -> Self {
                let mut values = values.iter().copied();
                Self {
                    $($each: std::array::from_fn(|_| $crate::rules::figures::Field::of(values.next().flatten())),)*
                    $($field: $crate::rules::figures::Field::of(values.next().flatten()),)*
                }
            }

            fn visit(&self, mut see: impl FnMut(usize, Option<A>)) {
                let by_type: &[$crate::rules::benchmark::by_type::ByType<A>] = &[$(self.$each),*];
                let all: &[Option<A>] = &[$($crate::rules::figures::Field::known(self.$field)),*];
                let values = by_type.iter().flatten().map(|value| Some(*value)).chain(all.iter().copied());
                for (position, value) in values.enumerate() {
                    see(position, value);
                }
            }
        }
    };
}

macro_rules! figure {
    ($name:ident, $ending:literal, $unit:ident, $formula:literal, [$($missing:tt)?]) => {
        $crate::rules::Figure {
            name: concat!(stringify!($name), $ending),
            unit: $crate::money::Unit::$unit,
            formula: $formula,
            missing: $crate::rules::figures::missing_of!($($missing)?),
            bounds: $crate::rules::Bounds { above: None, least: None, most: None },
        }
    };
}

pub(super) use {figure, figures_by_type};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Figures, Missing};

    figures_by_type! {
        Both {
            by_type {
                rate: Rate = 0.5, "of a type";
                cost: Dollars, "likewise";
            }
            all {
                total: Dollars or unknown, "of all";
            }
        }
    }

    #[test]
    fn fields_go_out_in_the_order_they_came_in() {
        let values: Vec<Option<f64>> = (0..9).map(|value| Some(f64::from(value))).collect();
        let both = Both::from_slice(&values);
        assert_eq!((both.rate, both.cost, both.total), ([0., 1., 2., 3.], [4., 5., 6., 7.], Some(8.)));
        let mut seen = vec![None; 9];
        both.visit(|position, value| seen[position] = value);
        assert_eq!(seen, values);
    }

    #[test]
    fn names_end_with_their_type() {
        let figures = <Both<f64> as Figures<f64>>::FIGURES;
        let names: Vec<&str> = figures.iter().map(|figure| figure.name).collect();
        assert_eq!(names[..4], ["rate_esrd", "rate_disabled", "rate_aged_dual", "rate_aged_non_dual"]);
        assert_eq!((names[7], names[8]), ("cost_aged_non_dual", "total"));
        let missing: Vec<Missing> = figures.iter().map(|figure| figure.missing).collect();
        assert_eq!(
            (missing[0], missing[4], missing[8]),
            (Missing::Is(0.5), Missing::Refused, Missing::Unknown)
        );
    }

    #[test]
    fn means_weigh() {
        assert_eq!(mean(&[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 0.0, 3.0]), 3.25);
        assert_eq!(mean(&[1.0; 4], &[0.0; 4]), 0.0);
    }
}
