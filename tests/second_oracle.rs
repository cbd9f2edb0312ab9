//! Our quantile functions against the rejection samplers of `rand_distr`: same distributions, found another way.

use atrisk::distributions::AMOUNT_TOLERANCE;
use atrisk::distributions::gamma::Gamma;
use atrisk::distributions::law::Law;
use atrisk::distributions::log_normal::LogNormal;
use atrisk::distributions::poisson;
use atrisk::distributions::table::Table;
use atrisk::rng::{Key, NO_NAME, Process, Stream, World, open_uniform};
use rand::Rng;
use rand_distr::Distribution;

const DRAWS: usize = 200_000;

/// Two samples of this size differ by more than this once in ten thousand times: √(ln(2 / 0.0001) / DRAWS).
const LARGEST_DISTANCE: f64 = 0.007_04;

fn stream(number: u64) -> Stream {
    Key::new(2026, Process::Service, 1, NO_NAME).at(World { draw: 0, replicate: 0 }, number).stream()
}

/// The two-sample Kolmogorov-Smirnov distance.
fn distance(mut ours: Vec<f64>, mut theirs: Vec<f64>) -> f64 {
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let (mut i, mut j, mut largest) = (0, 0, 0.0_f64);
    while i < ours.len() && j < theirs.len() {
        let value = ours[i].min(theirs[j]);
        while i < ours.len() && ours[i] <= value {
            i += 1;
        }
        while j < theirs.len() && theirs[j] <= value {
            j += 1;
        }
        largest = largest.max((i as f64 / ours.len() as f64 - j as f64 / theirs.len() as f64).abs());
    }
    largest
}

fn assert_same(name: &str, ours: impl Fn(u64) -> f64, theirs: &impl Distribution<f64>) {
    let (mut words, mut generator) = (stream(1), stream(2));
    let ours = (0..DRAWS).map(|_| ours(words.next_u64())).collect();
    let theirs = (0..DRAWS).map(|_| theirs.sample(&mut generator)).collect();
    let found = distance(ours, theirs);
    assert!(found < LARGEST_DISTANCE, "{name}: distance {found}");
}

fn table<T: Law>(quantile: &T) -> impl Fn(u64) -> f64 + use<T> {
    let table = Table::<4>::compile(quantile, AMOUNT_TOLERANCE);
    move |word| table.at(open_uniform(word))
}

#[test]
fn log_normal_prices() {
    for cv in [0.3, 1.0, 2.5] {
        let theirs = rand_distr::LogNormal::from_mean_cv(900.0, cv).expect("valid parameters");
        assert_same(&format!("log-normal, cv {cv}"), table(&LogNormal::new(900.0, cv)), &theirs);
    }
}

#[test]
fn gamma_prices() {
    for cv in [0.2_f64, 0.8, 1.0, 1.7] {
        let theirs = rand_distr::Gamma::new(1.0 / (cv * cv), 900.0 * cv * cv).expect("valid parameters");
        assert_same(&format!("gamma, cv {cv}"), table(&Gamma::new(900.0, cv)), &theirs);
    }
}

#[test]
fn poisson_counts() {
    for rate in [0.05, 0.9, 3.2, 25.0, 61.0, 400.0, 2_500.0] {
        let theirs = rand_distr::Poisson::new(rate).expect("valid parameters");
        let ours = |word| f64::from(poisson::quantile(open_uniform(word), rate));
        assert_same(&format!("Poisson, rate {rate}"), ours, &theirs);
    }
}

#[test]
fn a_wrong_distribution_is_noticed() {
    let (mut words, mut generator) = (stream(1), stream(2));
    let theirs = rand_distr::Gamma::new(1.0, 900.0).expect("valid parameters");
    let ours = table(&Gamma::new(950.0, 1.0));
    let ours = (0..DRAWS).map(|_| ours(words.next_u64())).collect();
    let theirs = (0..DRAWS).map(|_| theirs.sample(&mut generator)).collect();
    assert!(distance(ours, theirs) > LARGEST_DISTANCE);
}
