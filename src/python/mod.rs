//! The whole boundary to Python: converts, and nothing else.

#![allow(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over by value")]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "a method path does not hold for every lifetime of the interpreter"
)]

mod distributions;
mod exact;
mod rules;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use numpy::{PyArray1, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::exceptions::{PyKeyError, PyMemoryError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::distributions::poisson;
use crate::error::{Error, Place};
use crate::population::{Columns, Population};
use crate::rng::{World, open_uniform};
use crate::study::{FIGURES, Run};

/// The compiled core of atrisk.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::distributions::{Distribution, distribution_names};
    #[pymodule_export]
    use super::exact::exact;
    #[pymodule_export]
    use super::rules::{Rule, payment_names, rule_names};
    use super::{Bound, PyModule, PyModuleMethods, PyResult};
    #[pymodule_export]
    use super::{
        Study, check_population, contract_names, default_threads, figure_names, member_words, name_hash,
        philox, poisson_quantile,
    };

    #[pymodule_init]
    fn version(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// Carries a Python exception out of a run that the core only knows as interrupted.
struct Raised(PyErr);

fn to_python(error: Error) -> PyErr {
    match error {
        Error::Input(error) => {
            let parts = (error.path.clone(), error.rule.clone(), error.value.clone(), error.hint.clone());
            Python::attach(|py| {
                let class = py.import("atrisk._errors").and_then(|module| module.getattr("InputError"));
                match class.and_then(|class| class.call1(parts)) {
                    Ok(instance) => PyErr::from_value(instance),
                    Err(_) => PyValueError::new_err(error.to_string()),
                }
            })
        }
        Error::Memory(text) => PyMemoryError::new_err(text),
        other => PyRuntimeError::new_err(other.to_string()),
    }
}

/// Runs core code; a panic becomes an ordinary error, which `except Exception` catches.
fn guarded<T>(work: impl FnOnce() -> crate::error::Result<T>) -> PyResult<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(to_python),
        Err(panic) => Err(to_python(Error::from_panic(&*panic))),
    }
}

/// How often the interpreter is asked: it answers when it is free, which other threads may put off.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Runs core code without the interpreter; the code asks whether Python was interrupted (Ctrl-C).
fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&dyn Fn() -> bool) -> crate::error::Result<T> + Send,
) -> PyResult<T> {
    let (done, raised) = py.detach(|| {
        let raised = Cell::new(None);
        let asked = Cell::new(Instant::now());
        let stopped = || {
            if asked.get().elapsed() < ASK_EVERY {
                return false;
            }
            asked.set(Instant::now());
            let answer = Python::attach(|py| py.check_signals());
            answer.map_err(|error| raised.set(Some(Raised(error)))).is_err()
        };
        let done = guarded(|| work(&stopped));
        (done, raised.into_inner())
    });
    raised.map_or(done, |Raised(error)| Err(error))
}

/// A study ready to run, from its JSON specification and its member columns.
#[pyclass(frozen, module = "atrisk._core")]
struct Study(crate::study::Study);

#[pymethods]
impl Study {
    #[new]
    fn new(py: Python<'_>, spec: &str, columns: &Bound<'_, PyDict>, payers: Vec<String>) -> PyResult<Self> {
        let columns = read_columns(columns, payers)?;
        py.detach(|| guarded(|| crate::study::Study::new(spec, columns))).map(Self)
    }

    /// Figures of each replicate, arm and year, flat; one thread for each free processor by default.
    ///
    /// `inner` is the number of replicates of each draw, where draws are nested; `values` has a row of uncertain inputs
    /// for each draw that is run, and is left out for their means.
    #[pyo3(signature = (first, replicates, threads=None, by_month=true, inner=None, values=None))]
    #[allow(clippy::too_many_arguments, reason = "what to run, as Python names it")]
    fn run<'py>(
        &self,
        py: Python<'py>,
        first: u32,
        replicates: u32,
        threads: Option<usize>,
        by_month: bool,
        inner: Option<u32>,
        values: Option<Vec<Vec<f64>>>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let threads = threads.unwrap_or_else(Run::default_threads);
        let run = Run { first, replicates, threads, by_month, inner, values: values.unwrap_or_default() };
        let look = |stopped: &dyn Fn() -> bool| {
            self.0.run(&run, || if stopped() { Err(Error::Interrupted) } else { Ok(()) })
        };
        interruptible(py, look).map(|rows| PyArray1::from_vec(py, rows))
    }

    /// Every event of one world: rows of members, years, indices of services, months from 1, prices.
    #[pyo3(signature = (draw, replicate, values=None, base_years=false))]
    fn claims<'py>(
        &self,
        py: Python<'py>,
        draw: u32,
        replicate: u32,
        values: Option<Vec<f64>>,
        base_years: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let world = World { draw, replicate };
        let claims =
            interruptible(py, |stopped| self.0.claims(world, values.as_deref(), base_years, stopped))?;
        let columns = PyDict::new(py);
        let rows =
            |index: &dyn Fn(&crate::study::Claim) -> i64| claims.iter().map(index).collect::<Vec<i64>>();
        columns.set_item("member", PyArray1::from_vec(py, rows(&|claim| claim.member as i64)))?;
        columns.set_item("year", PyArray1::from_vec(py, rows(&|claim| i64::from(claim.year))))?;
        columns.set_item("service", PyArray1::from_vec(py, rows(&|claim| claim.service as i64)))?;
        columns.set_item("month", PyArray1::from_vec(py, rows(&|claim| i64::from(claim.month))))?;
        columns
            .set_item("price", PyArray1::from_vec(py, claims.iter().map(|claim| claim.price).collect()))?;
        Ok(columns)
    }

    /// The statement of one arm in one world: computation lines, and transfers in cents as text.
    #[pyo3(signature = (arm, draw, replicate, values=None))]
    fn statement<'py>(
        &self,
        py: Python<'py>,
        arm: usize,
        draw: u32,
        replicate: u32,
        values: Option<Vec<f64>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let world = World { draw, replicate };
        let statement =
            interruptible(py, |stopped| self.0.statement(arm, world, values.as_deref(), stopped))?;
        let steps = PyList::empty(py);
        for line in &statement.steps {
            let step = &line.step;
            let value = step.value.to_string();
            let unit = step.unit.name();
            steps.append((
                line.position,
                line.contract,
                line.year,
                &*step.line,
                step.formula,
                value,
                unit,
            ))?;
        }
        let transfers = PyList::empty(py);
        for transfer in &statement.transfers {
            let parties = (transfer.from.name(), transfer.to.name(), transfer.account.name());
            let (months, amount) = ((transfer.incurred, transfer.cash), transfer.amount.to_string());
            transfers.append((transfer.contract, parties, months, amount))?;
        }
        let both = PyDict::new(py);
        both.set_item("contracts", statement.contracts)?;
        both.set_item("steps", steps)?;
        both.set_item("transfers", transfers)?;
        Ok(both)
    }

    /// Number of base years and of performance years.
    fn years(&self) -> (usize, usize) {
        let horizon = self.0.horizon();
        (horizon.base_years, horizon.years)
    }

    /// Names of the outcomes and measures, in their order.
    fn health(&self) -> Vec<String> {
        self.0.health().into_iter().map(str::to_owned).collect()
    }

    /// By arm and service: the factor that incentives lead to.
    fn responses(&self) -> Vec<Vec<f64>> {
        self.0.responses().to_vec()
    }

    /// Paths of the uncertain inputs, in their order.
    fn parameter_paths(&self) -> Vec<String> {
        self.0.parameters().paths()
    }

    /// Independent uniforms of the uncertain inputs, a row for each draw.
    fn parameter_uniforms(&self, draws: Vec<u32>) -> Vec<Vec<f64>> {
        draws.into_iter().map(|draw| self.0.parameters().uniforms(draw)).collect()
    }

    /// Values of the uncertain inputs at independent uniforms, correlated as the study says, a row for each draw.
    fn parameter_values(&self, uniforms: Vec<Vec<f64>>) -> PyResult<Vec<Vec<f64>>> {
        guarded(|| uniforms.iter().map(|row| self.0.parameters().values(row)).collect())
    }

    /// Means of the uncertain inputs.
    fn parameter_means(&self) -> Vec<f64> {
        self.0.parameters().means()
    }

    /// Events that one replicate is expected to have, over all members and services.
    fn expected_events(&self) -> f64 {
        self.0.expected_events()
    }

    /// Names of the services, in the order of their index.
    fn services(&self) -> Vec<String> {
        self.0.services().into_iter().map(str::to_owned).collect()
    }
}

fn read_columns(columns: &Bound<'_, PyDict>, payers: Vec<String>) -> PyResult<Columns> {
    Ok(Columns {
        member: column(columns, "member")?,
        age: column(columns, "age")?,
        risk_score: column(columns, "risk_score")?,
        entry_month: column(columns, "entry_month")?,
        exit_month: column(columns, "exit_month")?,
        entry_year: optional_column(columns, "entry_year")?,
        exit_year: optional_column(columns, "exit_year")?,
        sex: optional_column(columns, "sex")?,
        payer: column(columns, "payer")?,
        payers,
        factors: factors(columns)?,
    })
}

fn column<T: numpy::Element + Clone>(columns: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<T>> {
    let value = columns.get_item(name)?.ok_or_else(|| PyKeyError::new_err(name.to_owned()))?;
    let array: PyReadonlyArray1<'_, T> = value.extract().map_err(|_| {
        PyTypeError::new_err(format!("column {name} must be a one-dimensional array of its documented type"))
    })?;
    Ok(array.as_array().to_vec())
}

/// A column that may be missing, which is an empty one.
fn optional_column<T: numpy::Element + Clone>(columns: &Bound<'_, PyDict>, name: &str) -> PyResult<Vec<T>> {
    if columns.contains(name)? { column(columns, name) } else { Ok(Vec::new()) }
}

/// Further numbers of each member: the columns whose names begin with "factor:".
fn factors(columns: &Bound<'_, PyDict>) -> PyResult<IndexMap<String, Vec<f64>>> {
    let mut factors = IndexMap::new();
    for name in columns.keys() {
        let name: String = name.extract()?;
        if name.starts_with("factor:") {
            factors.insert(name.clone(), column(columns, &name)?);
        }
    }
    Ok(factors)
}

/// Refuses member columns that break a rule.
#[pyfunction]
fn check_population(py: Python<'_>, columns: &Bound<'_, PyDict>, payers: Vec<String>) -> PyResult<()> {
    let columns = read_columns(columns, payers)?;
    py.detach(|| guarded(|| Population::new(columns).map(|_| ())))
}

/// Number of processors this process may use: the threads of a run that names no number.
#[pyfunction]
fn default_threads() -> usize {
    Run::default_threads()
}

/// Names of all contracts, as a specification writes them.
#[pyfunction]
fn contract_names() -> Vec<&'static str> {
    crate::contracts::NAMES.to_vec()
}

/// Names of the figures kept of each replicate, arm and year, in order.
#[pyfunction]
fn figure_names() -> Vec<&'static str> {
    FIGURES.to_vec()
}

/// The hash of a name in addresses.
#[pyfunction]
fn name_hash(name: &str) -> u32 {
    crate::rng::name_hash(name)
}

/// Words of the addresses of members, from the text of their identifiers.
#[pyfunction]
fn member_words(py: Python<'_>, member_ids: Vec<String>) -> Bound<'_, PyArray1<u64>> {
    PyArray1::from_vec(py, member_ids.iter().map(|id| crate::rng::member_hash(id)).collect())
}

/// The Philox4x64-10 block at a counter under a key.
#[pyfunction]
fn philox(counter: [u64; 4], key: [u64; 2]) -> [u64; 4] {
    crate::rng::philox(counter, key)
}

/// Counts of a Poisson distribution at probabilities in (0, 1), for rates from 0 to 1,000,000.
#[pyfunction]
fn poisson_quantile<'py>(
    py: Python<'py>,
    probability: PyReadonlyArray1<'py, f64>,
    rate: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    if probability.len() != rate.len() {
        return Err(PyValueError::new_err("probability and rate must have the same length"));
    }
    let counts = guarded(|| {
        let pairs = probability.as_array().to_vec().into_iter().zip(rate.as_array().to_vec());
        pairs
            .map(|(u, rate)| {
                Place("").within("rate", rate, 0.0, 1e6)?;
                Ok(i64::from(poisson::quantile(drawn_probability(u)?, rate)))
            })
            .collect()
    })?;
    Ok(PyArray1::from_vec(py, counts))
}

fn drawn_probability(u: f64) -> crate::error::Result<f64> {
    let smallest = open_uniform(0);
    if (smallest..=1.0 - smallest).contains(&u) {
        return Ok(u);
    }
    let rule = "must be between 2**-53 and 1 - 2**-53, the probabilities that are drawn";
    Err(Place("").error("probability", rule).got(crate::error::show(u)).into())
}
