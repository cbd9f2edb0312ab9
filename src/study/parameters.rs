//! Uncertain inputs: which numbers of a study are drawn, from which distributions, correlated by a Gaussian copula.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::correlation::cholesky;
use crate::distributions::law::Law;
use crate::distributions::{Distribution, normal};
use crate::error::{Error, InputError, Place, Result};
use crate::money::Number;
use crate::rng::{Key, NO_YEAR, Process, World, name_hash, open_uniform};

/// Uncertain inputs as the user writes them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParametersSpec {
    inputs: Vec<InputSpec>,
    #[serde(default)]
    correlation: Option<Vec<Vec<Number>>>,
}

/// One uncertain input: its path as a person writes it, where it stands in the specification (a programme in every arm that has it), and its distribution.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputSpec {
    path: String,
    pointers: Vec<String>,
    distribution: Distribution,
}

/// Uncertain inputs ready to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    inputs: Vec<Input>,
    root: Option<Vec<Vec<f64>>>,
    seed: u64,
}

#[derive(Debug, Clone)]
struct Input {
    path: String,
    pointers: Vec<String>,
    law: Arc<dyn Law>,
    name: u32,
}

/// Probability at which an input must still be one that the study accepts.
const EXTREME: f64 = 1e-6;

impl ParametersSpec {
    /// Checks the distributions and their correlation.
    pub fn compile(&self, seed: u64) -> Result<Parameters> {
        let input = |spec: &InputSpec| {
            let law = spec.distribution.law(Place(&spec.path))?;
            let mean = law.mean();
            if !mean.is_finite() {
                return Err(InputError::new(&spec.path, "must have a finite mean")
                    .got("an infinite one")
                    .into());
            }
            let (path, pointers) = (spec.path.clone(), spec.pointers.clone());
            Ok(Input { path, pointers, law, name: name_hash(&spec.path) })
        };
        let inputs = self.inputs.iter().map(input).collect::<Result<Vec<_>>>()?;
        let root = match &self.correlation {
            None => None,
            Some(matrix) => {
                Some(cholesky("study.parameter_correlation", "uncertain input", matrix, inputs.len())?)
            }
        };
        Ok(Parameters { inputs, root, seed })
    }
}

impl Parameters {
    /// Whether anything is uncertain.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// Paths of the inputs, in their order.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.inputs.iter().map(|input| input.path.clone()).collect()
    }

    /// Their means.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        self.inputs.iter().map(|input| input.law.mean()).collect()
    }

    /// Values so low and so high that a draw beyond is one in a million, each with the others at their means.
    #[must_use]
    pub fn extremes(&self) -> Vec<Vec<f64>> {
        let at = |position: usize, value: f64| {
            let mut values = self.means();
            values[position] = value;
            values
        };
        let both = |(position, input): (usize, &Input)| {
            [at(position, input.law.lower(EXTREME)), at(position, input.law.upper(EXTREME))]
        };
        self.inputs.iter().enumerate().flat_map(both).collect()
    }

    /// The uniforms of a draw, independent of each other.
    #[must_use]
    pub fn uniforms(&self, draw: u32) -> Vec<f64> {
        let world = World { draw, replicate: 0 };
        let uniform = |input: &Input| {
            let key = Key::new(self.seed, Process::Parameter, NO_YEAR, input.name);
            open_uniform(key.at(world, 0).block(0)[0])
        };
        self.inputs.iter().map(uniform).collect()
    }

    /// The values at independent uniforms: correlated by the copula, then each the quantile of its distribution.
    pub fn values(&self, uniforms: &[f64]) -> Result<Vec<f64>> {
        if uniforms.len() != self.inputs.len() {
            let rule = format!("must have one column for each uncertain input ({})", self.inputs.len());
            return Err(InputError::new("parameters", rule).got(uniforms.len()).into());
        }
        if let Some(u) = uniforms.iter().find(|u| !(**u > 0.0 && **u < 1.0)) {
            return Err(InputError::new("parameters", "must be uniforms between 0 and 1, both left out")
                .got(u)
                .into());
        }
        let Some(root) = &self.root else {
            return Ok(self.inputs.iter().zip(uniforms).map(|(input, u)| input.law.at(*u)).collect());
        };
        let z: Vec<f64> = uniforms.iter().map(|u| normal::quantile(*u)).collect();
        let correlated = root.iter().map(|row| row.iter().zip(&z).fold(0.0, |sum, (r, z)| sum + r * z));
        let value = |(input, z): (&Input, f64)| input.law.quantile(normal::below(z), normal::below(-z));
        Ok(self.inputs.iter().zip(correlated).map(value).collect())
    }

    /// The specification with the values of a draw in place.
    pub fn applied(&self, spec: &Value, values: &[f64]) -> Result<Value> {
        let mut spec = spec.clone();
        for (input, value) in self.inputs.iter().zip(values) {
            for pointer in &input.pointers {
                let place = spec.pointer_mut(pointer);
                let place = place.ok_or_else(|| {
                    InputError::new(&input.path, "must stand in the specification")
                        .got(format!("{pointer:?}"))
                })?;
                // As text, so that a term keeps the same decimal as one that is written.
                *place = Value::String(format!("{value}"));
            }
        }
        Ok(spec)
    }

    /// Tells an error of a draw with what was drawn.
    #[must_use]
    pub fn explain(&self, error: Error, values: &[f64]) -> Error {
        let Error::Input(mut error) = error else { return error };
        let drawn =
            self.inputs.iter().zip(values).map(|(input, value)| format!("{} = {value:.6}", input.path));
        let hint = format!(
            "drawn: {}; a Truncated or Beta distribution stays inside",
            drawn.collect::<Vec<_>>().join(", ")
        );
        error.hint = Some(error.hint.map_or(hint.clone(), |known| format!("{known}; {hint}")));
        Error::Input(error)
    }
}
