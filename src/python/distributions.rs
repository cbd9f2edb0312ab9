//! Distributions across the boundary: arrays of probabilities, values and words in and out.

use std::sync::{Arc, OnceLock};

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use super::guarded;
use crate::distributions::law::{Law, discrete};
use crate::distributions::{Distribution as Specification, KINDS, Sampler};
use crate::error::{Error, Place, Result};
use crate::rng::{Key, NO_NAME, NO_YEAR, Process, World};

/// A distribution that was checked; its table is compiled when it is first asked for.
#[pyclass(frozen, module = "atrisk._core")]
pub(super) struct Distribution {
    law: Arc<dyn Law>,
    sampler: OnceLock<Sampler>,
}

impl Distribution {
    fn sampler(&self) -> &Sampler {
        self.sampler.get_or_init(|| Sampler::compile(&self.law))
    }

    /// One number for each of many.
    fn map<'py>(
        py: Python<'py>,
        given: &PyReadonlyArray1<'py, f64>,
        each: impl Fn(usize, f64) -> Result<f64> + Sync,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let given = given.as_array().to_vec();
        let all = || given.into_iter().enumerate().map(|(index, value)| each(index, value)).collect();
        let values = py.detach(|| guarded(all))?;
        Ok(PyArray1::from_vec(py, values))
    }
}

/// A value of the line as its function sees it: not-a-number stays what it is.
fn at(x: f64, f: impl Fn(f64) -> f64) -> f64 {
    if x.is_nan() { x } else { f(x) }
}

/// Room for values; where there is none, an error instead of an end of everything.
fn zeros(length: usize) -> Result<Vec<f64>> {
    let mut zeros = Vec::new();
    let no_room = |_| Error::Memory(format!("a sample needs {} bytes of memory", 8.0 * length as f64));
    zeros.try_reserve_exact(length).map_err(no_room)?;
    zeros.resize(length, 0.0);
    Ok(zeros)
}

#[pymethods]
impl Distribution {
    /// Reads and checks a JSON specification; faults are told at `path`.
    #[new]
    fn new(py: Python<'_>, path: &str, spec: &str) -> PyResult<Self> {
        let read = || {
            let value = serde_json::from_str(spec).map_err(|error| Error::Internal(error.to_string()))?;
            let specification: Specification = crate::reading::parse(path, value, KINDS)?;
            specification.law(Place(path))
        };
        let law = py.detach(|| guarded(read))?;
        Ok(Self { law, sampler: OnceLock::new() })
    }

    /// Exact quantiles at probabilities from 0 to 1 below them, or above them.
    fn quantile<'py>(
        &self,
        py: Python<'py>,
        probability: PyReadonlyArray1<'py, f64>,
        upper: bool,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Self::map(py, &probability, |index, p| {
            if p.is_nan() {
                return Ok(p);
            }
            Place("").within(&format!("[{index}]"), p, 0.0, 1.0)?;
            Ok(if upper { self.law.isf(p) } else { self.law.ppf(p) })
        })
    }

    /// Values at words of the generator as they are drawn, from the compiled table.
    fn drawn<'py>(
        &self,
        py: Python<'py>,
        words: PyReadonlyArray1<'py, u64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let words = words.as_array().to_vec();
        let mut values = vec![0.0; words.len()];
        py.detach(|| {
            guarded(|| {
                self.sampler().fill(&words, &mut values);
                Ok(())
            })
        })?;
        Ok(PyArray1::from_vec(py, values))
    }

    /// Probabilities at or below values, or above them.
    fn probability<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray1<'py, f64>,
        upper: bool,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Self::map(py, &values, |_, x| {
            Ok(at(x, |x| if upper { self.law.above(x) } else { self.law.below(x) }))
        })
    }

    /// The density of what is no atom.
    fn density<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Self::map(py, &values, |_, x| Ok(at(x, |x| self.law.density(x))))
    }

    /// Probabilities of exactly these values.
    fn mass<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Self::map(py, &values, |_, x| Ok(at(x, |x| self.law.mass(x))))
    }

    /// Mean and variance.
    fn moments(&self, py: Python<'_>) -> PyResult<(f64, f64)> {
        py.detach(|| guarded(|| Ok((self.law.mean(), self.law.variance()))))
    }

    /// Smallest and largest value.
    fn support(&self, py: Python<'_>) -> PyResult<(f64, f64)> {
        py.detach(|| guarded(|| Ok(self.law.support())))
    }

    /// Whether all values are atoms.
    fn discrete(&self, py: Python<'_>) -> PyResult<bool> {
        py.detach(|| guarded(|| Ok(discrete(self.law.as_ref()))))
    }

    /// Values with an atom, or where the density has a kink or a jump; none where these are more than `most`.
    fn knots(&self, py: Python<'_>, most: usize) -> PyResult<Option<Vec<f64>>> {
        py.detach(|| guarded(|| Ok(self.law.knots(most))))
    }

    /// Largest relative error of the compiled table.
    fn table_error(&self, py: Python<'_>) -> PyResult<f64> {
        py.detach(|| guarded(|| Ok(self.sampler().error_bound())))
    }

    /// The first `n` values of a seed, from the addresses of the process "sample".
    fn sample<'py>(&self, py: Python<'py>, seed: u64, n: usize) -> PyResult<Bound<'py, PyArray1<f64>>> {
        const BLOCKS: usize = 256;
        let draw = || {
            let address =
                Key::new(seed, Process::Sample, NO_YEAR, NO_NAME).at(World { draw: 0, replicate: 0 }, 0);
            let mut values = zeros(n)?;
            let mut words = [0; 4 * BLOCKS];
            for (chunk, values) in values.chunks_mut(4 * BLOCKS).enumerate() {
                for (block, words) in words.chunks_mut(4).enumerate() {
                    words.copy_from_slice(&address.block((chunk * BLOCKS + block) as u64));
                }
                self.sampler().fill(&words[..values.len()], values);
            }
            Ok(values)
        };
        Ok(PyArray1::from_vec(py, py.detach(|| guarded(draw))?))
    }
}

/// Names of all distributions, as a specification writes them.
#[pyfunction]
pub(super) fn distribution_names() -> Vec<&'static str> {
    KINDS.to_vec()
}
