//! Rules without a simulation, for Python: terms as JSON, facts and lines in columns.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::guarded;
use crate::error::Error;
use crate::payment;
use crate::rules::{self, Calculator, Column, Figure, Missing, settle_columns};

/// A rule with its terms, ready to settle.
#[pyclass(frozen, module = "atrisk._core")]
pub struct Rule {
    place: String,
    calculator: Box<dyn Calculator>,
}

#[pymethods]
impl Rule {
    #[new]
    fn new(name: &str, place: String, terms: &str) -> PyResult<Self> {
        let calculator = guarded(|| {
            let terms = serde_json::from_str(terms).map_err(|error| Error::Internal(error.to_string()))?;
            let of_payment = payment::NAMES.contains(&name);
            if of_payment { payment::read(name, &place, terms) } else { rules::read(name, &place, terms) }
        })?;
        Ok(Self { place, calculator })
    }

    /// Facts of a case: name, unit, meaning, and what they are where they are not given: a number, NaN where the rule does
    /// without, None where they must be given.
    fn facts(&self) -> Vec<(&'static str, &'static str, &'static str, Option<f64>)> {
        let described = |figure: &Figure| (figure.name, figure.unit.name(), figure.formula, missing(figure));
        self.calculator.facts().iter().map(described).collect()
    }

    /// Lines of its statement: name, unit, formula.
    fn lines(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        let described = |figure: &Figure| (figure.name, figure.unit.name(), figure.formula);
        self.calculator.lines().iter().map(described).collect()
    }

    /// Settles `n` cases: a column for each fact in, of length 1 where it is the same for all; a column for each line out.
    fn settle<'py>(
        &self,
        py: Python<'py>,
        columns: Vec<PyReadonlyArray1<'py, f64>>,
        n: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let slices = columns.iter().map(|column| column.as_slice()).collect::<Result<Vec<_>, _>>()?;
        let columns: Vec<Column<'_>> = slices.iter().map(|values| column(values, n)).collect();
        let settled =
            py.detach(|| guarded(|| settle_columns(&*self.calculator, &self.place, &columns, n)))?;
        let lines = PyDict::new(py);
        for (figure, values) in self.calculator.lines().iter().zip(settled) {
            lines.set_item(figure.name, PyArray1::from_vec(py, values))?;
        }
        Ok(lines)
    }

    /// Settles one case: each line that is known with its value as decimal text.
    fn statement<'py>(&self, py: Python<'py>, facts: Vec<f64>) -> PyResult<Bound<'py, PyList>> {
        let values = guarded(|| self.calculator.settle_case(&self.place, &facts))?;
        let lines = PyList::empty(py);
        for (figure, value) in self.calculator.lines().iter().zip(values) {
            if let Some(value) = value {
                lines.append((
                    figure.name,
                    figure.formula,
                    value.normalize().to_string(),
                    figure.unit.name(),
                ))?;
            }
        }
        Ok(lines)
    }
}

fn column(values: &[f64], n: usize) -> Column<'_> {
    match values {
        [value] if n != 1 => Column::Same(*value),
        values => Column::Each(values),
    }
}

fn missing(figure: &Figure) -> Option<f64> {
    match figure.missing {
        Missing::Refused => None,
        Missing::Is(value) => Some(value),
        Missing::Unknown => Some(f64::NAN),
    }
}

/// Names of all rules that settle a user's own figures.
#[pyfunction]
pub fn rule_names() -> Vec<&'static str> {
    rules::NAMES.to_vec()
}

/// Names of all payment systems, which are read as rules are.
#[pyfunction]
pub fn payment_names() -> Vec<&'static str> {
    payment::NAMES.to_vec()
}
