//! Parameters as a specification gives them: which of several ways was used, and the rules many families share.

use crate::error::{InputError, Place, Result, show};
use crate::money::{LARGEST_TERM, Number};

/// A parameter, where it was given.
pub type Given = Option<Number>;

/// Smallest mean of a distribution of amounts, dollars: a ten-thousandth of a cent.
pub const SMALLEST_MEAN: f64 = 1e-6;

/// The number behind a parameter; one that was not given is refused by every check.
#[must_use]
pub fn value(given: Given) -> f64 {
    given.map_or(f64::NAN, |number| number.0)
}

/// The number of the one way in which parameters were given, refusing half a way and a mixture of two.
pub fn way_of(place: Place<'_>, given: &[(&str, Given)], ways: &[&[&str]]) -> Result<usize> {
    let names: Vec<&str> =
        given.iter().filter(|(_, number)| number.is_some()).map(|(name, _)| *name).collect();
    let fits = |way: &&[&str]| way.len() == names.len() && way.iter().all(|name| names.contains(name));
    if let Some(way) = ways.iter().position(fits) {
        return Ok(way);
    }
    let choices: Vec<String> = ways.iter().map(|way| format!("({})", way.join(", "))).collect();
    let error = InputError::new(place.0, format!("must be given by {}", choices.join(" or ")));
    let error = error.got(if names.is_empty() { "nothing".to_owned() } else { names.join(", ") });
    Err(if ways.len() > 1 && names.len() > 1 {
        error.hint("one way, whole and alone").into()
    } else {
        error.into()
    })
}

/// Refuses a mean that is not above zero, or of a size whose squares and tables cannot be computed.
pub fn check_mean(place: Place<'_>, mean: f64) -> Result<()> {
    place.positive("mean", mean)?;
    place.within("mean", mean, SMALLEST_MEAN, LARGEST_TERM)
}

/// Refuses a scale that is not above zero and of a size that can be computed with.
pub fn check_scale(place: Place<'_>, scale: f64) -> Result<()> {
    place.positive("scale", scale)?;
    place.within("scale", scale, 1e-9, LARGEST_TERM)
}

/// Refuses a place on the line of dollars beyond what can be settled.
pub fn check_place(place: Place<'_>, field: &str, value: f64) -> Result<()> {
    if !value.is_finite() {
        return Err(place.error(field, "must be a finite number").got(show(value)).into());
    }
    place.within(field, value, -LARGEST_TERM, LARGEST_TERM)
}

/// Whether there is any of it: a spread or a weight is 0, or between `low` and `high`.
pub fn is_any(place: Place<'_>, field: &str, value: f64, low: f64, high: f64) -> Result<bool> {
    if value == 0.0 || (low..=high).contains(&value) {
        return Ok(value != 0.0);
    }
    let rule = format!("must be 0, or between {low} and {high}");
    Err(place.error(field, rule).got(show(value)).into())
}

/// Refuses an upper bound that is not above the lower one.
pub fn check_order(place: Place<'_>, low: (&str, f64), high: (&str, f64)) -> Result<()> {
    if high.1 > low.1 {
        return Ok(());
    }
    let rule = format!("must be above {} ({})", low.0, show(low.1));
    Err(place.error(high.0, rule).got(show(high.1)).into())
}

/// A specification of plain numbers, each of which may be left out.
macro_rules! parameters {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(#[serde(default)] $field: $crate::distributions::parameters::Given,)*
        }

        impl $name {
            fn given(&self) -> Vec<(&'static str, $crate::distributions::parameters::Given)> {
                vec![$((stringify!($field), self.$field)),*]
            }
        }
    };
}
pub(super) use parameters;
