//! Runs replicates on threads of its own: the replicate is the unit of work, and no sum crosses threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::Study;
use super::figures::figures;
use super::model::Model;
use crate::error::{Error, InputError, Result};
use crate::ledger::Ledger;
use crate::rng::World;
use crate::utilization::Tables;
use crate::utilization::events::Draws;
use crate::views::Filler;

/// How long the waiting thread sleeps between two looks at the outside world.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// In how many batches a thread takes its part of a run: at its end one thread waits for at most one batch.
const SHARES: u32 = 32;

/// Replicates a thread takes at a time, at most.
const LARGEST_BATCH: u32 = 64;

/// Which replicates to run, and on how many threads.
#[derive(Debug, Clone)]
pub struct Run {
    /// Absolute number of the first replicate; nested, counted over all draws.
    pub first: u32,
    /// Number of replicates, at least 1.
    pub replicates: u32,
    /// Number of threads, at least 1.
    pub threads: usize,
    /// Whether to draw the month of every event, so that cash moves when it would.
    pub by_month: bool,
    /// Replicates of each parameter draw, where draws are nested; else each replicate is a draw.
    pub inner: Option<u32>,
    /// Values of the uncertain inputs, a row for each draw that is run; none for their means.
    pub values: Vec<Vec<f64>>,
}

impl Run {
    /// One thread for each processor that this process may use.
    #[must_use]
    pub fn default_threads() -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    /// The draw of a replicate.
    fn draw(&self, replicate: u32) -> u32 {
        replicate / self.inner.unwrap_or(1)
    }

    /// The world of a replicate: nested draws have luck of their own, else draws share the luck of their number.
    fn world(&self, replicate: u32) -> World {
        match self.inner {
            Some(inner) => World { draw: replicate / inner, replicate: replicate % inner },
            None => World { draw: 0, replicate },
        }
    }

    /// The values of the draw of a replicate, if they are not the means.
    fn values(&self, replicate: u32) -> Option<&[f64]> {
        let row = self.draw(replicate) - self.draw(self.first);
        self.values.get(row as usize).map(Vec::as_slice)
    }

    fn check_values(&self) -> Result<()> {
        let rows = (self.draw(self.first + (self.replicates - 1)) - self.draw(self.first)) as usize + 1;
        if self.values.is_empty() || self.values.len() == rows {
            return Ok(());
        }
        let rule = format!("must have a row of values for each draw ({rows})");
        Err(InputError::new("parameters", rule).got(self.values.len()).into())
    }
}

/// A finished batch: its first replicate, counted from the first of the run, and its figures.
type Batch = (usize, Vec<f64>);

impl Study {
    /// The figures of each replicate, arm and year, flat: replicate, then arm, then year, then [`Study::row`].
    ///
    /// `go_on` is asked after every batch and at least every 50 ms; its `Err` stops the run and is returned.
    pub fn run(&self, run: &Run, mut go_on: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
        let row = self.model.arms.len() * self.model.horizon.years * self.row();
        run.check_values()?;
        let mut all = zeros(run.replicates as usize * row)?;
        let (stop, next) = (AtomicBool::new(false), AtomicU64::new(0));
        let (sender, receiver) = channel::<Result<Batch>>();
        let outcome = std::thread::scope(|scope| {
            for started in 0..run.threads.min(run.replicates as usize) {
                let (sender, stop, next) = (sender.clone(), &stop, &next);
                let work = move || self.work(run, stop, next, &sender);
                match std::thread::Builder::new().spawn_scoped(scope, work) {
                    Ok(_) => {}
                    Err(error) if started == 0 => return Err(Error::Memory(format!("no thread: {error}"))),
                    // Those that have started do all the work.
                    Err(_) => break,
                }
            }
            drop(sender);
            let outcome = loop {
                match receiver.recv_timeout(LOOK_EVERY) {
                    Ok(Ok((start, rows))) => {
                        all[start * row..start * row + rows.len()].copy_from_slice(&rows);
                    }
                    Ok(Err(error)) => break Err(error),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break Ok(()),
                }
                if let Err(error) = go_on() {
                    break Err(error);
                }
            };
            stop.store(true, Ordering::Relaxed);
            outcome
        });
        outcome.map(|()| all)
    }

    /// One thread: takes batches until none is left or a stop is asked for.
    fn work(&self, run: &Run, stop: &AtomicBool, next: &AtomicU64, sender: &Sender<Result<Batch>>) {
        let replicates = u64::from(run.replicates);
        let batch = u64::from((run.replicates / (run.threads as u32 * SHARES)).clamp(1, LARGEST_BATCH));
        let work = || {
            let mut bench = self.bench(run.by_month);
            loop {
                let start = next.fetch_add(batch, Ordering::Relaxed);
                if start >= replicates {
                    return;
                }
                let range = start as u32..(start + batch).min(replicates) as u32;
                let rows = match bench.replicates(run, range, stop) {
                    Ok(Some(rows)) => Ok((start as usize, rows)),
                    Ok(None) => return,
                    Err(error) => Err(error),
                };
                if sender.send(rows).is_err() {
                    return;
                }
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            // The receiver may have gone already; then there is nobody left to tell.
            sender.send(Err(Error::from_panic(&*panic))).ok();
        }
    }

    fn bench(&self, by_month: bool) -> Bench<'_> {
        Bench {
            study: self,
            by_month,
            drawn: None,
            tables: self.tables.clone(),
            filler: self.filler(&self.model, by_month),
            draws: Draws::default(),
            ledger: Ledger::default(),
        }
    }
}

/// Zeros that may be too many: an allocation that fails here would end the process of the user.
fn zeros(length: usize) -> Result<Vec<f64>> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(length).map_err(|error| Error::Memory(error.to_string()))?;
    zeros.resize(length, 0.0);
    Ok(zeros)
}

/// What one thread works on: the model of a draw, the facts of one world and the ledger of one arm.
struct Bench<'a> {
    study: &'a Study,
    by_month: bool,
    /// The model of the draw with these values, where it is not that of the means.
    drawn: Option<(Vec<f64>, Model)>,
    tables: Tables,
    filler: Filler,
    draws: Draws,
    ledger: Ledger<f64>,
}

impl Bench<'_> {
    /// The figures of a range of replicates, counted from the first; `None` if stopped on the way.
    fn replicates(
        &mut self,
        run: &Run,
        range: std::ops::Range<u32>,
        stop: &AtomicBool,
    ) -> Result<Option<Vec<f64>>> {
        let study = self.study;
        let mut rows = Vec::new();
        for replicate in range {
            let replicate = run.first + replicate;
            if let Some(values) = run.values(replicate) {
                self.draw(values)?;
            }
            let model = self.drawn.as_ref().map_or(&study.model, |(_, model)| model);
            let stopped = || stop.load(Ordering::Relaxed);
            if !study.fill(model, &mut self.filler, &mut self.draws, run.world(replicate), &stopped) {
                return Ok(None);
            }
            for (arm, health) in model.arms.iter().zip(&model.health_versions) {
                arm.settle(self.filler.facts(), &mut self.ledger);
                figures(arm, health, model.keep, self.filler.facts(), &self.ledger, &mut rows);
            }
        }
        Ok(Some(rows))
    }

    /// Compiles the model of a draw, unless it is the one at hand.
    fn draw(&mut self, values: &[f64]) -> Result<()> {
        if self.drawn.as_ref().is_some_and(|(known, _)| known == values) {
            return Ok(());
        }
        let model = self.study.model_at(values, &mut self.tables)?;
        self.filler = self.study.filler(&model, self.by_month);
        self.drawn = Some((values.to_vec(), model));
        Ok(())
    }
}
