//! Instructions of each hot kernel, counted by valgrind: figures that no other load of the machine moves.
//!
//! `make instructions`. Draws come in thousands, and a panel has a thousand members: an instruction of one draw or
//! of one member-year is a thousandth of what is printed.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    reason = "the macros of the runner make public items and exit"
)]

mod panel_task;

use std::hint::black_box;

use atrisk::distributions::gamma::Gamma;
use atrisk::distributions::log_normal::LogNormal;
use atrisk::distributions::poisson_table::PoissonTable;
use atrisk::distributions::table::Table;
use atrisk::distributions::{AMOUNT_TOLERANCE, FRAILTY_TOLERANCE};
use atrisk::ledger::Ledger;
use atrisk::rng::{Address, Key, Process, World};
use atrisk::study::Study;
use atrisk::views::Facts;
use gungraun::{library_benchmark, library_benchmark_group, main};

use panel_task::panel_task;

const DRAWS: u64 = 1_000;
const MEMBERS: usize = 1_000;
const WORLD: World = World { draw: 0, replicate: 0 };

fn address() -> Address {
    Key::new(1, Process::Service, 1, 5).at(WORLD, 3)
}

fn words() -> Vec<u64> {
    // Compiled once a process, outside of what is counted.
    let _compiled = PoissonTable::shared();
    (0..DRAWS).map(|block| address().block(block)[0]).collect()
}

#[library_benchmark]
#[bench::four_words(address())]
fn philox(address: Address) -> u64 {
    (0..DRAWS).fold(0, |sum, block| sum ^ black_box(&address).block(block)[0])
}

fn price() -> (Table<4>, Vec<u64>) {
    (Table::compile(&LogNormal::new(15_000.0, 1.3), AMOUNT_TOLERANCE), words())
}

#[library_benchmark]
#[bench::log_normal(price())]
fn price_from_table((table, words): (Table<4>, Vec<u64>)) -> f64 {
    words.iter().map(|word| table.at_word(*word)).sum()
}

fn frailty() -> (Table<8>, Vec<u64>) {
    (Table::compile(&Gamma::new(1.0, 1.2), FRAILTY_TOLERANCE), words())
}

#[library_benchmark]
#[bench::gamma(frailty())]
fn frailty_from_table((table, words): (Table<8>, Vec<u64>)) -> f64 {
    words.iter().map(|word| table.at_word(*word)).sum()
}

#[library_benchmark]
#[bench::rate_0_08(0.08, words())]
#[bench::rate_0_3(0.3, words())]
#[bench::rate_2_1(2.1, words())]
#[bench::rate_3_2(3.2, words())]
#[bench::rate_10(10.0, words())]
fn poisson_count(rate: f64, words: Vec<u64>) -> u64 {
    let (table, root) = (PoissonTable::shared(), rate.sqrt());
    words.iter().map(|word| u64::from(table.at_word(*word, black_box(rate), root))).sum()
}

fn task() -> Study {
    let _compiled = PoissonTable::shared();
    panel_task(MEMBERS)
}

#[library_benchmark]
#[bench::panel_task(task())]
fn member_years(study: Study) -> (Study, Facts<f64>) {
    let facts = black_box(&study).facts(WORLD);
    (study, facts)
}

fn world() -> (Study, Facts<f64>, Ledger<f64>) {
    let study = panel_task(MEMBERS);
    let facts = study.facts(WORLD);
    let mut ledger = Ledger::default();
    // Its vectors have their size in any world but the first.
    study.arm(0).expect("the task has an arm").settle(&facts, &mut ledger);
    (study, facts, ledger)
}

#[library_benchmark]
#[bench::of_an_arm(world())]
fn settlement((study, facts, mut ledger): (Study, Facts<f64>, Ledger<f64>)) -> (Study, Ledger<f64>) {
    study.arm(0).expect("the task has an arm").settle(black_box(&facts), &mut ledger);
    (study, ledger)
}

library_benchmark_group!(
    name = kernels,
    benchmarks = [philox, price_from_table, frailty_from_table, poisson_count, member_years, settlement]
);

main!(library_benchmark_groups = kernels);
