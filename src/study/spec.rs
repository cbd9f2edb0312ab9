//! A study as the user writes it: which parts it has, and the rules about the whole.

use serde_json::Value;

use super::figures::Keep;
use super::parameters::ParametersSpec;
use crate::contracts::ArrangementSpec;
use crate::error::{InputError, Result};
use crate::money::Number;
use crate::population::{DynamicsSpec, Horizon};
use crate::reading::parse;
use crate::utilization::UtilizationSpec;

/// Everything about a study but its members.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StudySpec {
    pub seed: u64,
    pub years: Number,
    #[serde(default = "none")]
    pub base_years: Number,
    #[serde(default)]
    pub population: DynamicsSpec,
    pub utilization: Value,
    pub arms: Vec<Value>,
    #[serde(default)]
    pub outcomes: Vec<Value>,
    #[serde(default)]
    pub measures: Vec<Value>,
    #[serde(default)]
    pub keep: Keep,
    #[serde(default)]
    pub parameters: ParametersSpec,
}

fn none() -> Number {
    Number(0.0)
}

impl StudySpec {
    pub fn read(value: Value) -> Result<Self> {
        parse("study", value, &[])
    }

    pub fn utilization(&self) -> Result<UtilizationSpec> {
        parse("utilization", self.utilization.clone(), &[])
    }

    pub fn horizon(&self) -> Result<Horizon> {
        let horizon = Horizon::new(self.base_years.0, self.years.0)?;
        let episodes = self.utilization.get("episodes").and_then(Value::as_array);
        Ok(if episodes.is_some_and(|all| !all.is_empty()) { horizon.with_run_out() } else { horizon })
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
