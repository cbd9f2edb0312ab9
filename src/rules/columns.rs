//! Settles columns of cases on all processors: every row alone, so that their number changes nothing.

use std::thread;

use super::Calculator;
use crate::error::{Error, Result};

/// A fact of many cases.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// The same for all.
    Same(f64),
    /// One for each.
    Each(&'a [f64]),
}

/// Rows that are worth a thread of their own.
const WORTH_A_THREAD: usize = 20_000;

/// Settles `n` cases; a column for each fact in, a column for each line out.
pub fn settle_columns(
    calculator: &dyn Calculator,
    place: &str,
    columns: &[Column<'_>],
    n: usize,
) -> Result<Vec<Vec<f64>>> {
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parts = (n / WORTH_A_THREAD).clamp(1, processors);
    let range = |part: usize| n * part / parts..n * (part + 1) / parts;
    let mut settled = thread::scope(|scope| {
        let threads: Vec<_> = (1..parts)
            .map(|part| scope.spawn(move || calculator.settle_rows(place, columns, range(part))))
            .collect();
        let first = calculator.settle_rows(place, columns, range(0));
        let others = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| Err(Error::from_panic(&*panic))));
        std::iter::once(first).chain(others).collect::<Vec<_>>()
    })
    .into_iter();
    let mut lines = settled.next().unwrap_or_else(|| Ok(Vec::new()))?;
    for part in settled {
        for (line, more) in lines.iter_mut().zip(part?) {
            line.extend(more);
        }
    }
    Ok(lines)
}
