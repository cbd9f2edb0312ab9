//! Instructions of each hot kernel, counted by valgrind: figures that no other load of the machine moves.
//!
//! `make instructions`. Draws come in thousands, and a panel has a thousand members: an instruction of one draw or
//! of one member-year is a thousandth of what is printed.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    reason = "the macros of the runner make public items and exit"
)]

use std::hint::black_box;

use atrisk::distributions::gamma::Gamma;
use atrisk::distributions::log_normal::LogNormal;
use atrisk::distributions::table::Table;
use atrisk::distributions::{AMOUNT_TOLERANCE, FRAILTY_TOLERANCE, poisson};
use atrisk::ledger::Ledger;
use atrisk::population::Columns;
use atrisk::rng::{Address, Key, Process, World, open_uniform};
use atrisk::study::Study;
use atrisk::views::Facts;
use gungraun::{library_benchmark, library_benchmark_group, main};

const DRAWS: u64 = 1_000;
const MEMBERS: usize = 1_000;
const WORLD: World = World { draw: 0, replicate: 0 };

fn address() -> Address {
    Key::new(1, Process::Service, 1, 5).at(WORLD, 3)
}

fn uniforms() -> Vec<f64> {
    (0..DRAWS).map(|block| open_uniform(address().block(block)[0])).collect()
}

#[library_benchmark]
#[bench::four_words(address())]
fn philox(address: Address) -> u64 {
    (0..DRAWS).fold(0, |sum, block| sum ^ black_box(&address).block(block)[0])
}

fn price() -> (Table<4>, Vec<f64>) {
    (Table::compile(&LogNormal::new(15_000.0, 1.3), AMOUNT_TOLERANCE), uniforms())
}

#[library_benchmark]
#[bench::log_normal(price())]
fn price_from_table((table, uniforms): (Table<4>, Vec<f64>)) -> f64 {
    uniforms.iter().map(|u| table.at(*u)).sum()
}

fn frailty() -> (Table<8>, Vec<f64>) {
    (Table::compile(&Gamma::new(1.0, 1.2), FRAILTY_TOLERANCE), uniforms())
}

#[library_benchmark]
#[bench::gamma(frailty())]
fn frailty_from_table((table, uniforms): (Table<8>, Vec<f64>)) -> f64 {
    uniforms.iter().map(|u| table.at(*u)).sum()
}

#[library_benchmark]
#[bench::rate_0_08(0.08, uniforms())]
#[bench::rate_0_3(0.3, uniforms())]
#[bench::rate_2_1(2.1, uniforms())]
#[bench::rate_3_2(3.2, uniforms())]
#[bench::rate_10(10.0, uniforms())]
fn poisson_count(rate: f64, uniforms: Vec<f64>) -> u64 {
    uniforms.iter().map(|u| u64::from(poisson::quantile(*u, black_box(rate)))).sum()
}

/// The panel task with a tenth of its members: five services, frailty of cv 1.2, truncation, one-sided settlement.
fn panel_task() -> Study {
    let columns = Columns {
        member: (0..MEMBERS as u64).collect(),
        age: vec![50.0; MEMBERS],
        risk_score: vec![1.0; MEMBERS],
        entry_month: vec![1; MEMBERS],
        exit_month: vec![12; MEMBERS],
        payer: vec![0; MEMBERS],
        payers: vec!["payer".to_owned()],
    };
    let services = [
        ("primary care", 3200, 110, 0.5),
        ("specialist", 2100, 160, 0.8),
        ("inpatient", 80, 15000, 1.3),
        ("emergency", 300, 900, 1.0),
        ("drugs", 10000, 60, 1.2),
    ]
    .map(|(name, rate, mean, cv)| {
        format!(r#"{{"name": "{name}", "per_1000": {rate}, "allowed": {{"log_normal": {{"mean": {mean}, "cv": {cv}}}}},
                "own_cost": 0, "delivered_by": "provider", "coinsurance": 0}}"#)
    })
    .join(",");
    let spec = format!(
        r#"{{"seed": 1, "years": 1, "utilization": {{"services": [{services}], "frailty_cv": 1.2,
                "fixed_cost_per_month": 0}}, "arms": [
            {{"name": "ACO", "contracts": [{{"fee_for_service": {{"fee_level": 1}}}}, {{"shared_savings": {{"benchmark_pmpm": 230,
              "basis": "allowed", "sharing_rate": 0.5, "loss_rate": 0, "minimum_savings_rate": 0,
              "minimum_loss_rate": 0, "settle_month": 21, "truncation": 100000, "benchmark_truncated": true}}}}]}}]}}"#
    );
    Study::new(&spec, columns).expect("the panel task is a valid study")
}

#[library_benchmark]
#[bench::panel_task(panel_task())]
fn member_years(study: Study) -> (Study, Facts<f64>) {
    let facts = black_box(&study).facts(WORLD);
    (study, facts)
}

fn world() -> (Study, Facts<f64>, Ledger<f64>) {
    let study = panel_task();
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
