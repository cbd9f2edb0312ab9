//! A study as the user writes it: JSON text in, errors with paths a person can follow out.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::contracts::ArrangementSpec;
use crate::error::{InputError, Result};
use crate::utilization::UtilizationSpec;

/// Everything about a study but its members.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StudySpec {
    pub seed: u64,
    pub years: Value,
    pub utilization: Value,
    pub arms: Vec<Value>,
}

impl StudySpec {
    pub fn read(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| InputError::new("study", "must be a JSON document").got(error))?;
        parse("study", value, 0)
    }

    pub fn utilization(&self) -> Result<UtilizationSpec> {
        parse("utilization", self.utilization.clone(), 0)
    }

    /// Number of performance years; one, until the engine simulates more.
    pub fn years(&self) -> Result<u8> {
        if self.years.as_u64() == Some(1) {
            return Ok(1);
        }
        let error = InputError::new("study.years", "must be 1").got(&self.years);
        Err(error.hint("one performance year is what this version simulates").into())
    }

    /// The arms, refusing none at all, empty names and two of the same name.
    pub fn arms(&self) -> Result<Vec<ArrangementSpec>> {
        let mut arms: Vec<ArrangementSpec> = Vec::with_capacity(self.arms.len());
        for value in &self.arms {
            let arm: ArrangementSpec = parse("arms", value.clone(), 0)?;
            if arm.name.trim().is_empty() {
                return Err(InputError::new("arms", "must have names").got(format!("{:?}", arm.name)).into());
            }
            if arms.iter().any(|other| other.name.trim() == arm.name.trim()) {
                let error = InputError::new("arms", "must have names of their own");
                return Err(error.got(format!("{:?} twice", arm.name)).into());
            }
            arms.push(arm);
        }
        if arms.is_empty() {
            return Err(InputError::new("arms", "must have at least one arm").got("none").into());
        }
        Ok(arms)
    }
}

/// Reads a part of a specification; a fault is told at `path` and the field inside it.
///
/// `tags` is the number of leading fields that only name a kind (`stop_loss`) and are left out of the path.
pub(crate) fn parse<T: DeserializeOwned>(path: &str, value: Value, tags: usize) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().to_string();
        let fields: Vec<&str> =
            inner.split('.').skip(tags).filter(|field| !field.is_empty() && *field != ".").collect();
        let path = [&[path][..], &fields].concat().join(".");
        told_by_serde(path, &error.into_inner().to_string()).into()
    })
}

/// Splits serde's sentence into rule and value where it has both.
fn told_by_serde(path: String, message: &str) -> InputError {
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
            parse::<AnyContract>("Capitation[1]", value, 1).unwrap_err().to_string()
        };
        assert_eq!(
            read(r#"{"stop_loss": {"attachment_point": "50k", "premium_pmpm": 1}}"#),
            "Capitation[1].attachment_point: must be a number, got \"50k\""
        );
        assert!(
            read(r#"{"stop_loss": {"atachment": 1}}"#).starts_with("Capitation[1].atachment: unknown field")
        );
        assert!(read(r#"{"stoploss": {}}"#).starts_with("Capitation[1]"));
    }
}
