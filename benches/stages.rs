//! Each stage of the core apart: words, quantiles, a member-year, the settlement of an arm.

use std::hint::black_box;

use atrisk::distributions::gamma::Gamma;
use atrisk::distributions::log_normal::LogNormal;
use atrisk::distributions::poisson;
use atrisk::distributions::table::Table;
use atrisk::ledger::Ledger;
use atrisk::population::Columns;
use atrisk::rng::{Key, Process, World, open_uniform, philox};
use atrisk::study::{Run, Study};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const MEMBERS: usize = 10_000;
const REPLICATES: u32 = 8;

/// The panel task: five services, frailty of cv 1.2, truncation, one-sided settlement.
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

fn words_and_quantiles(criterion: &mut Criterion) {
    let words: Vec<u64> = (0..1_024).map(|i| philox([i, 0, 0, 0], [7, 7])[0]).collect();
    let uniforms: Vec<f64> = words.iter().map(|word| open_uniform(*word)).collect();
    let mut group = criterion.benchmark_group("a draw");
    group.throughput(Throughput::Elements(uniforms.len() as u64));
    let address = Key::new(1, Process::Service, 1, 5).at(World { draw: 0, replicate: 0 }, 3);
    group.bench_function("block of four words", |b| {
        b.iter(|| (0..1_024).fold(0, |sum: u64, block| sum ^ address.block(block)[0]));
    });
    let severity = Table::<4>::compile(&LogNormal::new(15_000.0, 1.3), 1e-7);
    group.bench_function("log-normal price", |b| {
        b.iter(|| uniforms.iter().map(|u| severity.at(*u)).sum::<f64>());
    });
    let frailty = Table::<8>::compile(&Gamma::new(1.0, 1.2), 1e-11);
    group
        .bench_function("gamma frailty", |b| b.iter(|| uniforms.iter().map(|u| frailty.at(*u)).sum::<f64>()));
    for rate in [0.08, 1.0, 3.2, 10.0, 100.0] {
        group.bench_function(format!("Poisson count at rate {rate}"), |b| {
            b.iter(|| {
                uniforms.iter().map(|u| u64::from(poisson::quantile(*u, black_box(rate)))).sum::<u64>()
            });
        });
    }
    group.finish();
}

fn panel(criterion: &mut Criterion) {
    let study = panel_task();
    let mut group = criterion.benchmark_group("panel task");
    group.sample_size(20).throughput(Throughput::Elements(MEMBERS as u64 * u64::from(REPLICATES)));
    group.bench_function("member-year, one thread", |b| {
        let run = Run { first: 0, replicates: REPLICATES, threads: 1, by_month: true };
        b.iter(|| study.run(run, || Ok(())).expect("a run that nobody stops"));
    });
    group.throughput(Throughput::Elements(1));
    let facts = study.facts(World { draw: 0, replicate: 0 });
    let arm = study.arm(0).expect("the task has an arm");
    group.bench_function("settlement of an arm", |b| {
        let mut ledger = Ledger::default();
        b.iter(|| arm.settle(black_box(&facts), &mut ledger));
    });
    group.finish();
}

criterion_group!(benches, words_and_quantiles, panel);
criterion_main!(benches);
