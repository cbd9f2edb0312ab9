//! What can go wrong, told so that the reader can mend it: path, rule, value and hint.

use std::any::Any;
use std::fmt;

/// Result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a study could not be built or run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An input breaks a rule.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The run was stopped from outside before it ended.
    #[error("interrupted")]
    Interrupted,
    /// There is not enough memory, or no thread to be had.
    #[error("{0}")]
    Memory(String),
    /// A fault of this package, never of its user.
    #[error("internal error, please report it: {0}")]
    Internal(String),
}

impl Error {
    /// A panic, told as an error.
    #[must_use]
    pub fn from_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self::Internal(text.unwrap_or_else(|| "panic without a message".to_owned()))
    }
}

/// An input that breaks a rule: where, which rule, what was given, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// Where, in the grammar of paths: `ACO, two-sided[1].sharing_rate`, `inpatient.per_1000`.
    pub path: String,
    /// The rule, as "must be ...".
    pub rule: String,
    /// What was given instead.
    pub value: Option<String>,
    /// What may have been meant.
    pub hint: Option<String>,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.rule)?;
        if let Some(value) = &self.value {
            write!(f, ", got {value}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for InputError {}

impl InputError {
    /// An error at `path` against `rule`.
    pub fn new(path: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { path: path.into(), rule: rule.into(), value: None, hint: None }
    }

    /// Adds what was given.
    #[must_use]
    pub fn got(mut self, value: impl fmt::Display) -> Self {
        self.value = Some(value.to_string());
        self
    }

    /// Adds what may have been meant.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A place in the input, from which the paths of errors are made.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a>(pub &'a str);

impl Place<'_> {
    /// Path of a field here.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        if self.0.is_empty() { name.to_owned() } else { format!("{}.{name}", self.0) }
    }

    /// An error of a field here.
    #[must_use]
    pub fn error(&self, field: &str, rule: impl Into<String>) -> InputError {
        InputError::new(self.field(field), rule)
    }

    /// Refuses a field that is not between `low` and `high`, both allowed; NaN is refused too.
    pub fn within(&self, field: &str, value: f64, low: f64, high: f64) -> Result<()> {
        if value >= low && value <= high {
            return Ok(());
        }
        let rule = format!("must be between {low} and {high}");
        Err(self.error(field, rule).got(show(value)).into())
    }

    /// Refuses a field that is not finite or is below zero.
    pub fn not_negative(&self, field: &str, value: f64) -> Result<()> {
        if value.is_finite() && value >= 0.0 {
            return Ok(());
        }
        Err(self.error(field, "must be a finite number of at least 0").got(show(value)).into())
    }

    /// Refuses a field that is not finite or not above zero.
    pub fn positive(&self, field: &str, value: f64) -> Result<()> {
        if value.is_finite() && value > 0.0 {
            return Ok(());
        }
        Err(self.error(field, "must be a finite number above 0").got(show(value)).into())
    }

    /// Refuses a rate that is not between 0 and 1, and recognises a percent.
    pub fn rate(&self, field: &str, value: f64) -> Result<()> {
        if (0.0..=1.0).contains(&value) {
            return Ok(());
        }
        let error = self.error(field, "must be between 0 and 1").got(show(value));
        Err(if value > 1.0 && value <= 100.0 {
            error.hint(format!("did you mean {}?", hundredth(value))).into()
        } else {
            error.into()
        })
    }
}

/// A number as a person would write it; not-a-number and infinity in small letters.
#[must_use]
pub fn show(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        "nan".to_owned()
    } else if size.is_finite() && (size >= 1e16 || (size > 0.0 && size < 1e-4)) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

/// A percent as a rate, with at least two decimals: 50 is 0.50, 2.5 is 0.025.
fn hundredth(percent: f64) -> String {
    let exact = format!("{}", (percent * 1e6).round() / 1e8);
    let two = format!("{:.2}", percent / 100.0);
    if exact.len() > two.len() { exact } else { two }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(result: Result<()>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn errors_name_path_rule_value_and_hint() {
        let place = Place("ACO, two-sided[1]");
        assert_eq!(
            text(place.rate("sharing_rate", 50.0)),
            "ACO, two-sided[1].sharing_rate: must be between 0 and 1, got 50 (did you mean 0.50?)"
        );
        assert_eq!(
            text(place.rate("loss_rate", 2.5)),
            "ACO, two-sided[1].loss_rate: must be between 0 and 1, got 2.5 (did you mean 0.025?)"
        );
        assert_eq!(
            text(place.not_negative("pmpm", f64::NAN)),
            "ACO, two-sided[1].pmpm: must be a finite number of at least 0, got nan"
        );
        assert_eq!(text(Place("").rate("x", -0.1)), "x: must be between 0 and 1, got -0.1");
    }
}
