//! Reads parts of a specification: JSON in, errors with paths a person can follow out.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{InputError, Result};

/// Reads a part of a specification; a fault is told at `path` and the field inside it.
///
/// Fields that only name one of several `kinds` (`stop_loss`, `log_normal`) are left out of the path.
pub fn parse<T: DeserializeOwned>(path: &str, value: Value, kinds: &[&str]) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let fields: Vec<&str> =
            inner.split('.').filter(|field| !field.is_empty() && !kinds.contains(field)).collect();
        let path = [&[path][..], &fields].concat().join(".");
        told_by_serde(path, &error.into_inner().to_string()).into()
    })
}

/// A value as its writer in Python knows it.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// Splits serde's sentence into rule and value where it has both.
fn told_by_serde(path: String, message: &str) -> InputError {
    if let Some((given, choices)) =
        message.strip_prefix("unknown variant `").and_then(|rest| rest.split_once("`, expected "))
    {
        let choices = choices.trim_start_matches("one of ").replace('`', "");
        return InputError::new(path, format!("must be one of {choices}")).got(format!("{given:?}"));
    }
    match message.split_once(", got ") {
        Some((rule, value)) => InputError::new(path, rule).got(value),
        None => InputError::new(path, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::AnyContract;

    #[test]
    fn paths_leave_out_the_kind() {
        let read = |text: &str| {
            let value = serde_json::from_str(text).unwrap();
            parse::<AnyContract>("Capitation[1]", value, crate::contracts::NAMES).unwrap_err().to_string()
        };
        assert_eq!(
            read(r#"{"stop_loss": {"attachment_point": "50k", "premium_pmpm": 1}}"#),
            "Capitation[1].attachment_point: must be a number, got \"50k\""
        );
        assert!(
            read(r#"{"stop_loss": {"atachment": 1}}"#).starts_with("Capitation[1].atachment: unknown field")
        );
        assert!(
            read(r#"{"stoploss": {}}"#)
                .contains("[1]: must be one of administrative_cost, advance_payment, ")
        );
    }
}
