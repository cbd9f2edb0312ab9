//! Distributions of all families, nested, with parameters from tiny to huge: refused with a rule, or whole in every answer.

use std::sync::Arc;

use atrisk::distributions::law::Law;
use atrisk::distributions::{Distribution, Sampler};
use atrisk::error::{Error, Place};
use atrisk::math::pow;
use serde_json::{Value, json};

use crate::campaign::{Outcome, Random, rule};

/// Of any size between 1e-8 and 1e8, seldom nothing, seldom negative.
fn size(random: &mut Random) -> Value {
    match random.below(40) {
        0 => json!(0),
        1 => json!(-1.5),
        2 => json!("nan"),
        3 => json!("inf"),
        _ => json!(pow(10.0, 17.0 * random.uniform() - 8.0)),
    }
}

/// Of a size that is common.
fn modest(random: &mut Random) -> Value {
    if random.chance(0.25) { size(random) } else { json!(0.05 + 3.0 * random.uniform()) }
}

fn share(random: &mut Random) -> Value {
    match random.below(12) {
        0 => size(random),
        1 => json!(0),
        2 => json!(1),
        _ => json!(random.uniform()),
    }
}

fn list(random: &mut Random, mut one: impl FnMut(&mut Random) -> Value) -> Value {
    (0..=random.below(5)).map(|_| one(random)).collect()
}

/// Any distribution; composites hold others, down to a `depth`.
fn any(random: &mut Random, depth: usize) -> Value {
    let kinds = if depth == 0 { 15 } else { 18 };
    match random.below(kinds) {
        0 => size(random),
        1 => json!({"bernoulli": {"probability": share(random)}}),
        2 => json!({"uniform": {"lower": modest(random), "upper": size(random)}}),
        3 => json!({"triangular": {"lower": 0, "mode": modest(random), "upper": size(random)}}),
        4 => json!({"normal": {"mean": size(random), "sd": size(random)}}),
        5 => json!({"beta": {"alpha": modest(random), "beta": modest(random)}}),
        6 => json!({"log_normal": {"mean": size(random), "cv": modest(random)}}),
        7 => json!({"gamma": {"mean": size(random), "cv": modest(random)}}),
        8 => json!({"weibull": {"shape": modest(random), "scale": size(random)}}),
        9 => json!({"pareto": {"shape": modest(random), "scale": size(random)}}),
        10 => json!({"inverse_gaussian": {"mean": size(random), "cv": modest(random)}}),
        11 => json!({"empirical": {"values": list(random, size)}}),
        12 => json!({"poisson": {"rate": modest(random)}}),
        13 => json!({"negative_binomial": {"mean": modest(random), "shape": modest(random)}}),
        14 => json!({"binomial": {"n": random.below(1_000), "probability": share(random)}}),
        15 => {
            let component = |random: &mut Random| component(share(random), any(random, depth - 1));
            json!({"mixture": {"components": list(random, component)}})
        }
        16 => {
            json!({"truncated": {"distribution": any(random, depth - 1), "lower": modest(random), "upper": size(random)}})
        }
        _ => {
            let (body, tail) = (any(random, depth - 1), any(random, depth - 1));
            json!({"spliced": {"body": body, "tail": tail, "at": modest(random), "tail_probability": share(random)}})
        }
    }
}

/// A component of a mixture: the distribution beside its weight.
fn component(weight: Value, distribution: Value) -> Value {
    let mut fields =
        if distribution.is_object() { distribution } else { json!({"fixed": {"value": distribution}}) };
    fields["weight"] = weight;
    fields
}

/// A price that a study takes.
pub fn price(random: &mut Random) -> Value {
    let body = json!({"log_normal": {"mean": random.between(10.0, 900.0), "cv": 1.0}});
    match random.below(4) {
        0 => json!({"truncated": {"distribution": body, "upper": 5_000}}),
        1 => {
            json!({"mixture": {"components": [component(json!(0.3), json!(0)), component(json!(0.7), body)]}})
        }
        2 => {
            json!({"spliced": {"body": body, "tail": {"pareto": {"shape": 2.5, "scale": 900}}, "at": 1_000}})
        }
        _ => json!({"empirical": {"values": [random.between(0.0, 9.0), random.between(9.0, 90.0), 400]}}),
    }
}

/// One execution: read a distribution, check it, ask everything it answers, compile it now and then.
pub fn ask_once(execution: u64) -> Outcome {
    let mut random = Random::new(3, execution);
    let text = any(&mut random, 3).to_string();
    let Ok(distribution) = serde_json::from_str::<Distribution>(&text) else {
        return Outcome::Refused("unreadable".to_owned());
    };
    let law = match distribution.law(Place("price")) {
        Ok(law) => law,
        Err(Error::Input(error)) => {
            assert!(error.path.starts_with("price"), "told at {}: {text}", error.path);
            return Outcome::Refused(rule(&error));
        }
        Err(error) => panic!("the input's fault told as {error:?}: {text}"),
    };
    ask_everything(&law, &text, &mut random);
    ask_at_extremes(&law, &text);
    if random.chance(0.02) {
        draw(&law, &text, &mut random);
    }
    Outcome::Accepted
}

fn ask_everything(law: &Arc<dyn Law>, text: &str, random: &mut Random) {
    let (lowest, highest) = law.support();
    assert!(lowest <= highest, "support from {lowest} to {highest}: {text}");
    assert!(!law.mean().is_nan() && law.variance() >= 0.0, "{} {}: {text}", law.mean(), law.variance());
    let mut last = f64::NEG_INFINITY;
    for u in [1e-15, 1e-9, 0.01, 0.3, 0.5, 0.5 + 0.4 * random.uniform(), 0.95, 1.0 - 1e-9, 1.0 - 1e-15] {
        let x = law.at(u);
        assert!((lowest..=highest).contains(&x), "{x} at {u} is not in {lowest}..{highest}: {text}");
        // Where the two tails meet, the last digits of a quantile may disagree.
        assert!(x >= last - 1e-9 * last.abs(), "{last}, then {x} at {u}: {text}");
        last = x;
        let (below, above) = (law.below(x), law.above(x));
        assert!(
            (0.0..=1.0).contains(&below) && (0.0..=1.0).contains(&above),
            "{below} {above} at {x}: {text}"
        );
        assert!((below + above - 1.0).abs() < 1e-9, "{below} + {above} at {x}: {text}");
        assert!(
            law.density(x) >= 0.0 && (0.0..=1.0 + 1e-12).contains(&law.mass(x)),
            "density at {x}: {text}"
        );
    }
}

/// Far outside of where anything happens, where sizes overflow.
fn ask_at_extremes(law: &Arc<dyn Law>, text: &str) {
    for x in [f64::NEG_INFINITY, -1e308, -5e-324, 0.0, 5e-324, 1e-300, 1e100, 1e294, 1e308, f64::INFINITY] {
        let (below, above) = (law.below(x), law.above(x));
        assert!((below + above - 1.0).abs() < 1e-9, "{below} + {above} at {x}: {text}");
        assert!(law.density(x) >= 0.0 && law.mass(x) >= 0.0, "density at {x}: {text}");
    }
}

fn draw(law: &Arc<dyn Law>, text: &str, random: &mut Random) {
    let sampler = Sampler::compile(law);
    let (lowest, highest) = law.support();
    let room = 1e-6 * (law.at(0.5).abs() + law.at(1.0 - 1e-9).abs());
    for word in [0, 1 << 63, u64::MAX, (random.uniform() * 1e19) as u64] {
        let x = sampler.at_word(word);
        assert!(x >= lowest - room && x <= highest + room, "drew {x} from {lowest}..{highest}: {text}");
    }
}
