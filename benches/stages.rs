//! Each stage of the core apart: words, quantiles, a member-year, the settlement of an arm.

mod panel_task;

use std::hint::black_box;

use atrisk::distributions::gamma::Gamma;
use atrisk::distributions::poisson_table::PoissonTable;
use atrisk::distributions::table::Table;
use atrisk::distributions::{Distribution, FRAILTY_TOLERANCE, Sampler};
use atrisk::error::Place;
use atrisk::ledger::Ledger;
use atrisk::rng::{Key, Process, World};
use atrisk::study::Run;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use panel_task::panel_task;

const MEMBERS: usize = 10_000;
const REPLICATES: u32 = 8;

/// So many that the processor cannot learn what comes next.
const WORDS: usize = 1 << 16;

fn words_and_quantiles(criterion: &mut Criterion) {
    let (key, world) = (Key::new(1, Process::Service, 1, 5), World { draw: 0, replicate: 0 });
    let members: Vec<u64> = (0..WORDS as u64).collect();
    let blocks = vec![0; WORDS];
    let mut rows: [Vec<u64>; 4] = std::array::from_fn(|_| vec![0; WORDS]);
    let mut group = criterion.benchmark_group("a draw");
    group.throughput(Throughput::Elements(WORDS as u64));
    group.bench_function("block of four words, alone", |b| {
        b.iter(|| members.iter().fold(0, |sum, member| sum ^ key.at(world, *member).block(0)[0]));
    });
    group.bench_function("block of four words, sixteen together", |b| {
        b.iter(|| key.fill(world, &members, &blocks, rows.each_mut().map(Vec::as_mut_slice)));
    });
    let words = rows[0].clone();
    let mut values = vec![0.0; WORDS];
    for (name, spec) in [
        ("log-normal price", r#"{"log_normal": {"mean": 15000, "cv": 1.3}}"#),
        ("spliced price", SPLICED),
        ("empirical price of 1,000 values", &empirical(1_000)),
    ] {
        let law = serde_json::from_str::<Distribution>(spec).expect("a distribution").law(Place("bench"));
        let sampler = Sampler::compile(&law.expect("checked parameters"));
        group.bench_function(name, |b| b.iter(|| sampler.fill(&words, &mut values)));
    }
    let frailty = Table::<8>::compile(&Gamma::new(1.0, 1.2), FRAILTY_TOLERANCE);
    group.bench_function("gamma frailty", |b| {
        b.iter(|| words.iter().map(|word| frailty.at_word(*word)).sum::<f64>());
    });
    for rate in [0.08, 1.0, 3.2, 10.0, 90.0_f64] {
        let (table, root) = (PoissonTable::shared(), rate.sqrt());
        let count = |word: &u64| u64::from(table.at_word(*word, black_box(rate), root));
        group.bench_function(format!("Poisson count at rate {rate}"), |b| {
            b.iter(|| words.iter().map(count).sum::<u64>());
        });
    }
    group.finish();
}

const SPLICED: &str = r#"{"spliced": {"body": {"log_normal": {"mean": 9000, "cv": 1.4}},
    "tail": {"pareto": {"shape": 2.5, "scale": 40000}}, "at": 60000}}"#;

fn empirical(n: usize) -> String {
    let values: Vec<String> = (0..n).map(|i| format!("{}", (i * i) as f64 / 7.0)).collect();
    format!(r#"{{"empirical": {{"values": [{}]}}}}"#, values.join(", "))
}

fn panel(criterion: &mut Criterion) {
    let study = panel_task(MEMBERS);
    let mut group = criterion.benchmark_group("panel task");
    group.sample_size(20).throughput(Throughput::Elements(MEMBERS as u64 * u64::from(REPLICATES)));
    for (name, by_month) in [("member-year with months", true), ("member-year without months", false)] {
        let run =
            Run { first: 0, replicates: REPLICATES, threads: 1, by_month, inner: None, values: Vec::new() };
        group.bench_function(name, |b| {
            b.iter(|| study.run(&run, || Ok(())).expect("a run that nobody stops"));
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("a study with its tables", |b| b.iter(|| panel_task(1)));
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
