//! The exact engine across the boundary: a question in JSON, figures and their bounds out.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::guarded;
use crate::distributions::KINDS;
use crate::error::Error;
use crate::exact::{Bracket, NAMES, Specification, evaluate, sizing::Sized};

/// Figures of a panel's year without simulation, each as (lower, value, upper), None where it is undefined.
#[pyfunction]
pub(super) fn exact<'py>(py: Python<'py>, spec: &str) -> PyResult<Bound<'py, PyDict>> {
    let answer = py.detach(|| {
        guarded(|| {
            let value = serde_json::from_str(spec).map_err(|error| Error::Internal(error.to_string()))?;
            let specification: Specification =
                crate::reading::parse("exact", value, &[KINDS, NAMES].concat())?;
            evaluate(specification)
        })
    })?;
    let figures = PyDict::new(py);
    figures.set_item("mean", bracket(&answer.mean))?;
    figures.set_item("sd", bracket(&answer.sd))?;
    figures.set_item("quantiles", answer.quantiles.iter().map(bracket).collect::<Vec<_>>())?;
    figures.set_item("tvar", answer.tvar.iter().map(bracket).collect::<Vec<_>>())?;
    figures.set_item("member_grid", grid(answer.member_grid))?;
    figures.set_item("panel_grid", grid(answer.panel_grid))?;
    if let Some(masses) = answer.masses {
        let arrays = masses.map(|masses| PyArray1::from_vec(py, masses));
        figures.set_item("masses", arrays)?;
    }
    Ok(figures)
}

fn bracket(bracket: &Bracket) -> (Option<f64>, Option<f64>, Option<f64>) {
    (bracket.lower, bracket.value, bracket.upper)
}

/// Step in dollars, cells, cells of a single event, and the largest probability that left the grid.
fn grid(sized: Option<Sized>) -> Option<(f64, usize, usize, f64)> {
    sized.map(|sized| (sized.grid.step, sized.grid.cells, sized.grid.event_cells, sized.wrapped))
}
