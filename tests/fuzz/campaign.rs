//! Campaigns: many executions on all processors, none of which may panic or hang; and their random numbers.

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use atrisk::error::{Error, InputError};
use atrisk::rng::{Key, Process, Stream, World, open_uniform};
use atrisk::study::Run;
use rand::Rng;
use serde_json::{Value, json};

/// Executions of a run that asks for nothing else: a few seconds.
const EXECUTIONS: u64 = 10_000;

/// Longer than any execution may take: building the tables of a study takes milliseconds.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How often the watching thread looks whether an execution hangs.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The whole budget, from the environment.
pub fn executions() -> u64 {
    let asked = std::env::var("ATRISK_FUZZ_EXECUTIONS").ok();
    asked.map_or(EXECUTIONS, |text| text.parse().expect("ATRISK_FUZZ_EXECUTIONS is a number"))
}

/// Random numbers of one execution, the same whenever it is run.
pub struct Random(Stream);

impl Random {
    pub fn new(purpose: u32, execution: u64) -> Self {
        let key = Key::new(20_261_122, Process::Service, 1, purpose);
        Self(key.at(World { draw: 0, replicate: 0 }, execution).stream())
    }

    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    pub fn uniform(&mut self) -> f64 {
        open_uniform(self.word())
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A number with two decimals, as a number or as the text in which terms cross.
    pub fn between(&mut self, low: f64, high: f64) -> Value {
        let value = ((low + (high - low) * self.uniform()) * 100.0).round() / 100.0;
        if self.chance(0.3) { json!(value.to_string()) } else { json!(value) }
    }
}

/// What came of an execution: an answer, or the rule that was broken.
pub enum Outcome {
    Accepted,
    Refused(String),
}

/// The rule without the words of its input.
pub fn rule(error: &InputError) -> String {
    let words = error.rule.split_inclusive(['`', '"', '(']).step_by(2);
    words.collect::<String>().chars().filter(|c| !c.is_ascii_digit()).take(80).collect()
}

/// What a campaign came to.
#[derive(Default)]
pub struct Tally {
    executions: u64,
    accepted: u64,
    pub rules: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, outcome: Outcome) {
        self.executions += 1;
        match outcome {
            Outcome::Accepted => self.accepted += 1,
            Outcome::Refused(rule) => *self.rules.entry(rule).or_default() += 1,
        }
    }

    pub fn accepted_share(&self) -> f64 {
        self.accepted as f64 / self.executions as f64
    }
}

/// What one worker is doing: the execution it is in, and since when.
type Desk = Arc<Mutex<(u64, Instant)>>;

/// Runs executions `0..count` on all processors; `Err` names the execution that panicked or took too long.
pub fn campaign(count: u64, limit: Duration, once: fn(u64) -> Outcome) -> Result<Tally, String> {
    let next = Arc::new(AtomicU64::new(0));
    let (sender, receiver) = channel();
    let desks: Vec<Desk> = (0..Run::default_threads())
        .map(|_| {
            let desk: Desk = Arc::new(Mutex::new((0, Instant::now())));
            let (next, sender, here) = (Arc::clone(&next), sender.clone(), Arc::clone(&desk));
            // Not scoped: an execution that hangs must not be waited for.
            thread::spawn(move || work(count, once, &next, &here, &sender));
            desk
        })
        .collect();
    drop(sender);
    let mut tally = Tally::default();
    loop {
        match receiver.recv_timeout(LOOK_EVERY) {
            Ok(outcomes) => outcomes?.into_iter().for_each(|outcome| tally.add(outcome)),
            Err(RecvTimeoutError::Disconnected) => return Ok(tally),
            Err(RecvTimeoutError::Timeout) => {}
        }
        for desk in &desks {
            let (execution, since) = *desk.lock().expect("no panic while it is held");
            if execution < count && since.elapsed() > limit {
                return Err(format!("execution {execution} runs for more than {limit:?}"));
            }
        }
    }
}

/// Executions whose outcomes are sent together.
const BATCH: usize = 256;

fn work(
    count: u64,
    once: fn(u64) -> Outcome,
    next: &AtomicU64,
    desk: &Desk,
    sender: &Sender<Result<Vec<Outcome>, String>>,
) {
    let mut outcomes = Vec::with_capacity(BATCH);
    loop {
        let execution = next.fetch_add(1, Ordering::Relaxed);
        *desk.lock().expect("no panic while it is held") = (execution, Instant::now());
        if execution >= count {
            // The receiver has gone if another execution failed.
            sender.send(Ok(outcomes)).ok();
            return;
        }
        match catch_unwind(|| once(execution)) {
            Ok(outcome) => outcomes.push(outcome),
            Err(panic) => {
                let error = Error::from_panic(&*panic);
                sender.send(Err(format!("execution {execution}: {error}"))).ok();
                return;
            }
        }
        if outcomes.len() == BATCH && sender.send(Ok(std::mem::take(&mut outcomes))).is_err() {
            return;
        }
    }
}

/// Runs a campaign that must find nothing, and prints what it went through.
pub fn find_nothing(what: &str, count: u64, once: fn(u64) -> Outcome) -> Tally {
    let start = Instant::now();
    let tally = campaign(count, TIME_LIMIT, once).unwrap_or_else(|fault| panic!("{what}: {fault}"));
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(tally.executions, count);
    println!(
        "fuzz {what}: {count} executions in {seconds:.1} s, {:.0} a second; {:.1} % accepted, the others against {} rules",
        count as f64 / seconds,
        100.0 * tally.accepted_share(),
        tally.rules.len()
    );
    let mut rules: Vec<_> = tally.rules.iter().collect();
    rules.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
    for (rule, times) in rules.into_iter().take(10) {
        println!("  {times:>7} × {rule}");
    }
    tally
}
