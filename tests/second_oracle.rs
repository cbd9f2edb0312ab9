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

/// A law as a specification writes it, compiled as a study compiles it.
fn compiled(spec: &str) -> impl Fn(u64) -> f64 + use<> {
    let distribution: atrisk::distributions::Distribution =
        serde_json::from_str(spec).expect("a specification");
    let sampler = distribution.compile();
    move |word| sampler.at_word(word)
}

#[test]
fn the_other_families() {
    let weibull = rand_distr::Weibull::new(200.0, 0.7).expect("valid parameters");
    assert_same("Weibull", compiled(r#"{"weibull": {"shape": 0.7, "scale": 200}}"#), &weibull);
    let normal = rand_distr::Normal::new(100.0, 15.0).expect("valid parameters");
    assert_same("normal", compiled(r#"{"normal": {"mean": 100, "sd": 15}}"#), &normal);
    let beta = rand_distr::Beta::new(2.0, 5.0).expect("valid parameters");
    assert_same("beta", compiled(r#"{"beta": {"alpha": 2, "beta": 5}}"#), &beta);
    let inverse_gaussian = rand_distr::InverseGaussian::new(300.0, 450.0).expect("valid parameters");
    assert_same(
        "inverse Gaussian",
        compiled(r#"{"inverse_gaussian": {"mean": 300, "shape": 450}}"#),
        &inverse_gaussian,
    );
    let triangular = rand_distr::Triangular::new(1.0, 5.0, 2.0).expect("valid parameters");
    assert_same(
        "triangular",
        compiled(r#"{"triangular": {"lower": 1, "mode": 2, "upper": 5}}"#),
        &triangular,
    );
    // What exceeds the scale of a Pareto distribution of the first kind is Lomax.
    let pareto = rand_distr::Pareto::new(1_000.0, 2.5).expect("valid parameters").map(|x| x - 1_000.0);
    assert_same("Pareto", compiled(r#"{"pareto": {"shape": 2.5, "scale": 1000}}"#), &pareto);
    let binomial = rand_distr::Binomial::new(40, 0.3).expect("valid parameters").map(|n| n as f64);
    assert_same("binomial", compiled(r#"{"binomial": {"n": 40, "probability": 0.3}}"#), &binomial);
}

#[test]
fn many_words_at_once_are_each_word_alone() {
    for spec in [
        r#"{"fixed": {"value": 3}}"#,
        r#"{"gamma": {"mean": 3, "cv": 1.2}}"#,
        r#"{"poisson": {"rate": 7}}"#,
        r#"{"mixture": {"components": [{"weight": 1, "fixed": {"value": 0}}, {"weight": 2, "gamma": {"mean": 3, "cv": 1}}]}}"#,
    ] {
        let distribution: atrisk::distributions::Distribution =
            serde_json::from_str(spec).expect("a specification");
        let sampler = distribution.compile();
        let mut generator = stream(3);
        let words: Vec<u64> = (0..1_000).map(|_| generator.next_u64()).collect();
        let mut values = vec![0.0; words.len()];
        sampler.fill(&words, &mut values);
        assert!(words.iter().zip(&values).all(|(word, value)| sampler.at_word(*word) == *value), "{spec}");
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
