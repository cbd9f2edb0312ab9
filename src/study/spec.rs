//! A study as the user writes it: which parts it has, and the rules about the whole.

use serde_json::Value;

use crate::contracts::ArrangementSpec;
use crate::error::{InputError, Result};
use crate::reading::parse;
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
        parse("study", value, &[])
    }

    pub fn utilization(&self) -> Result<UtilizationSpec> {
        parse("utilization", self.utilization.clone(), &[])
    }

    /// Refuses any number of performance years but one, until the engine simulates more.
    pub fn check_years(&self) -> Result<()> {
        if self.years.as_u64() == Some(1) {
            return Ok(());
        }
        let error = InputError::new("study.years", "must be 1").got(&self.years);
        Err(error.hint("one performance year is what this version simulates").into())
    }

    /// The arms, refusing none at all, empty names and two of the same name.
    pub fn arms(&self) -> Result<Vec<ArrangementSpec>> {
        let mut arms: Vec<ArrangementSpec> = Vec::with_capacity(self.arms.len());
        for value in &self.arms {
            let arm: ArrangementSpec = parse("arms", value.clone(), &[])?;
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
