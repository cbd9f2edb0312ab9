//! Fuzzing: text that nearly is a study, read and run. Whatever comes in, an answer or an [`InputError`] comes out,
//! in time and without a panic.
//!
//! Valid specifications are made at random and then broken: in their structure (keys dropped, doubled, renamed; values
//! replaced, nested, moved) and in their bytes. Seeds are fixed, so a fault found once is found again: its execution
//! is printed. `make test` runs a few thousand, `ATRISK_FUZZ_EXECUTIONS=1000000` (`make verify`) a million, of which
//! a fifth go through the engine, and 50,000 more of distributions alone.
#![allow(clippy::cast_possible_wrap, reason = "months and members of small panels")]

mod campaign;
mod distributions;

use std::thread;
use std::time::Duration;

use atrisk::error::{Error, InputError};
use atrisk::population::Columns;
use atrisk::rng::World;
use atrisk::study::{Run, Study};
use serde_json::{Map, Number, Value, json};

use campaign::{Outcome, Random, TIME_LIMIT, campaign, executions, find_nothing, rule};

const NAMES: [&str; 6] = ["visits", "admissions", "drugs", "Ärzte, und mehr", "手術", "a.b[0]"];

/// Mostly no spread at all: it is read and checked like any other, and spares the milliseconds of a quantile table.
fn spread(random: &mut Random) -> Value {
    if random.chance(0.99) { json!(0) } else { random.between(0.0, 2.0) }
}

fn price(random: &mut Random) -> Value {
    if random.chance(0.002) {
        return distributions::price(random);
    }
    match random.below(4) {
        0 => random.between(0.0, 500.0),
        1 => json!({"fixed": {"value": random.between(0.0, 500.0)}}),
        2 => json!({"log_normal": {"mean": random.between(1.0, 9_000.0), "cv": spread(random)}}),
        _ => json!({"gamma": {"mean": random.between(1.0, 900.0), "cv": spread(random)}}),
    }
}

fn contracts(random: &mut Random, services: &[&str]) -> Value {
    let mut all = Vec::new();
    let scope = |random: &mut Random| {
        let some: Vec<&str> = services.iter().copied().filter(|_| random.chance(0.5)).collect();
        if some.is_empty() || random.chance(0.5) { Value::Null } else { json!(some) }
    };
    if random.chance(0.5) {
        all.push(json!({"fee_for_service": {"fee_level": random.between(0.0, 2.0), "scope": null}}));
    } else {
        let scope = scope(random);
        all.push(json!({"capitation": {"pmpm": random.between(0.0, 600.0), "scope": scope}}));
    }
    if random.chance(0.5) {
        let truncated = random.chance(0.5);
        let truncation = if truncated { random.between(1.0, 9_000.0) } else { Value::Null };
        all.push(json!({"shared_savings": {
            "benchmark_pmpm": random.between(1.0, 900.0), "basis": random.pick(&["allowed", "paid"]),
            "sharing_rate": random.between(0.0, 1.0), "loss_rate": random.between(0.0, 1.0),
            "minimum_savings_rate": random.between(0.0, 0.1), "minimum_loss_rate": random.between(0.0, 0.1),
            "payment_limit_rate": random.between(0.0, 0.3), "loss_limit_rate": null,
            "truncation": truncation, "benchmark_truncated": truncated, "settle_month": 13 + random.below(23)}}));
    }
    if random.chance(0.5) {
        let limit = if random.chance(0.5) { random.between(0.0, 20_000.0) } else { Value::Null };
        let scope = scope(random);
        all.push(json!({"stop_loss": {
            "attachment_point": random.between(0.0, 9_000.0), "ceded_share": random.between(0.0, 1.0),
            "limit": limit, "premium_pmpm": random.between(0.0, 50.0), "scope": scope, "settle_month": 15}}));
    }
    Value::Array(all)
}

/// A valid study, with every part of the grammar in reach.
fn valid(random: &mut Random) -> Value {
    let count = 1 + random.below(NAMES.len());
    let names = &NAMES[..count];
    let services: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({"name": name, "per_1000": random.between(0.0, 3_000.0), "allowed": price(random),
                "own_cost": random.between(0.0, 300.0), "coinsurance": random.between(0.0, 1.0),
                "delivered_by": random.pick(&["provider", "other_providers"]),
                "frailty": frailty(random), "trend": random.between(-0.1, 0.1),
                "price_trend": random.between(-0.1, 0.1), "own_cost_trend": random.between(0.0, 0.1),
                "fee_levels": {},
                "out_of_network_rate": 0, "out_of_network_price": random.between(0.5, 2.0),
                "age_relativities": {"from": [0, 40], "factors": [random.between(0.0, 2.0), 1]}})
        })
        .collect();
    let arms: Vec<Value> = (0..=random.below(3))
        .map(|arm| {
            let programmes: Vec<Value> = (0..random.below(3)).map(|number| programme(random, number)).collect();
            json!({"name": format!("arm {arm}"), "contracts": contracts(random, names), "programmes": programmes,
                "cost_sharing": cost_sharing(random, names), "response": response(random)})
        })
        .collect();
    let shared = if random.chance(0.5) { frailty(random) } else { Value::Null };
    let frailty_cv = if shared.is_null() { spread(random) } else { json!(0) };
    let utilization = json!({"services": services, "frailty_cv": frailty_cv, "frailty": shared,
        "severity_cv": spread(random), "trend": random.between(-0.1, 0.1), "shocks": shocks(random),
        "cost_sharing": cost_sharing(random, names), "capacity": [{"name": "team", "services": null,
            "events_per_month": random.between(0.5, 90.0), "cost_per_month": random.between(0.0, 900.0), "least": 1}],
        "collections": {"": {"denial_rate": random.between(0.0, 0.3), "bad_debt_rate": random.between(0.0, 1.0),
            "days_to_pay": random.below(400), "billing_cost": random.between(0.0, 9.0)}},
        "fixed_cost_per_month": random.between(0.0, 5_000.0)});
    json!({"seed": random.word(), "years": 1 + random.below(3), "base_years": random.below(3),
        "population": population(random, names), "outcomes": [{"name": "falls", "rate": random.between(0.0, 2.0),
            "doses": {names[0]: random.between(-2.0, 2.0)}}],
        "measures": [{"name": "checks", "rate": random.between(0.1, 0.9), "sd_between": random.between(0.0, 0.2)}],
        "parameters": {"inputs": []}, "utilization": utilization, "arms": arms})
}

/// How members move; benchmarks and their base years are in the contracts.
fn population(random: &mut Random, names: &[&str]) -> Value {
    let enrolment = json!({"lapse_rate": random.between(0.0, 0.1), "lapse_selection": 0, "death_ages": [0, 65],
        "death_rates": [random.between(0.0, 0.05), random.between(0.0, 0.2)],
        "last_year_relativity": random.between(0.0, 4.0)});
    let condition = json!({"name": "illness", "states": ["none", "ill"], "transition": [[0.75, 0.25], [0, 1]],
        "shares": [0.5, 0.5], "relativities": {names[0]: [1, random.between(0.0, 3.0)]}, "risk_scores": [0, 0.5]});
    let scores = json!({"coding_growth": random.between(-0.1, 0.1), "recapture": random.between(0.0, 1.0),
        "noise_cv": random.between(0.0, 1.0), "new_member_score": null});
    let attribution = json!({"share": 0.5, "turnover": random.between(0.0, 1.0), "selection": 0});
    let some = |random: &mut Random, value: Value| if random.chance(0.4) { value } else { Value::Null };
    json!({"enrolment": some(random, enrolment), "attribution": some(random, attribution),
        "conditions": if random.chance(0.4) { json!([condition]) } else { json!([]) },
        "risk_scores": some(random, scores)})
}

fn cost_sharing(random: &mut Random, names: &[&str]) -> Value {
    if random.chance(0.6) {
        return json!({});
    }
    json!({"": {"deductible": random.between(0.0, 900.0), "exempt": [names[0]],
        "copay": {"": random.between(0.0, 90.0)}, "coinsurance": {}, "out_of_pocket_maximum": random.between(0.0, 2_000.0)}})
}

fn response(random: &mut Random) -> Value {
    if random.chance(0.7) {
        return Value::Null;
    }
    json!({"reference": "arm 0", "provider": {"": random.between(-1.0, 1.0)}, "member": {"": random.between(-1.0, 0.0)},
        "cap": random.between(1.0, 3.0), "chances": {"arm 0": [0.5, 0.25]}})
}

fn frailty(random: &mut Random) -> Value {
    if random.chance(0.4) {
        return Value::Null;
    }
    json!({"family": random.pick(&["gamma", "log_normal", "two_point"]), "cv": spread(random),
        "permanent_share": random.pick(&[0.0, 0.4, 1.0]), "non_user_share": random.pick(&[0.0, 0.2, 0.5]),
        "never_user_share": random.pick(&[0.0, 0.1, 0.4])})
}

fn shocks(random: &mut Random) -> Value {
    let shock = |random: &mut Random, number: usize| {
        json!({"name": format!("shock {number}"), "cv": random.between(0.0, 0.3),
            "on": random.pick(&["use", "price"]), "permanent": random.chance(0.5),
            "market_share": random.between(0.0, 1.0)})
    };
    (0..random.below(3)).map(|number| shock(random, number)).collect()
}

fn programme(random: &mut Random, number: usize) -> Value {
    json!({"name": format!("programme {number}"), "services": null, "effect": random.between(-1.0, 1.0),
        "reach": random.between(0.0, 1.0), "start_month": 1 + random.below(12), "ramp_months": random.below(9),
        "cost_pmpm": random.between(0.0, 9.0), "start_cost": random.between(0.0, 900.0)})
}

/// Every place of a document, as JSON pointers.
fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, here: &str, into: &mut Vec<String>) {
        into.push(here.to_owned());
        let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{here}/{index}"), into);
                }
            }
            Value::Object(fields) => {
                for (key, item) in fields {
                    walk(item, &format!("{here}/{}", escape(key)), into);
                }
            }
            _ => {}
        }
    }
    let mut into = Vec::new();
    walk(value, "", &mut into);
    into
}

const TEXTS: [&str; 18] = [
    "NaN",
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "1e999",
    "-0",
    "",
    " ",
    "0x10",
    "1_000",
    "50k",
    "½",
    "\u{0}",
    "\u{202e}1",
    "💸",
    "1e-400",
    "99999999999999999999999999999.999999999",
];

/// A number as far out as JSON can write it, or near an edge that a rule may have.
fn odd_number(random: &mut Random) -> Value {
    let huge = [
        1e308,
        -1e308,
        1e12,
        1.000_000_1e12,
        1e6,
        1e15,
        5e-324,
        1e-7,
        -1e-9,
        1.0,
        1.01,
        100.0,
        50.0,
        130.0,
        -1.0,
    ];
    match random.below(5) {
        0 => json!(u64::MAX),
        1 => json!(i64::MIN),
        2 => json!(random.word()),
        3 => Number::from_f64(f64::from_bits(random.word())).map_or(Value::Null, Value::Number),
        _ => json!(*random.pick(&huge)),
    }
}

/// A value that may be what nobody expects.
fn odd_value(random: &mut Random, document: &Value) -> Value {
    match random.below(8) {
        0 => Value::Null,
        1 => json!(random.chance(0.5)),
        2 => json!(*random.pick(&TEXTS)),
        3 => json!("x".repeat(1 << random.below(12))),
        4 => nested(random),
        5 => {
            let from = places(document);
            document.pointer(random.pick::<String>(&from)).cloned().unwrap_or(Value::Null)
        }
        _ => odd_number(random),
    }
}

/// An array or object up to a few hundred deep: the reader refuses beyond 128.
fn nested(random: &mut Random) -> Value {
    let deep = random.below(300);
    let in_arrays = random.chance(0.5);
    (0..deep).fold(json!(1), |inside, _| if in_arrays { json!([inside]) } else { json!({"gamma": inside}) })
}

/// Breaks one place of a document.
fn break_structure(random: &mut Random, document: &mut Value) {
    let all = places(document);
    let place = random.pick(&all).clone();
    let replacement = odd_value(random, document);
    let found = document.pointer_mut(&place).expect("a place of the document");
    match (random.below(4), &mut *found) {
        (0, Value::Object(fields)) if !fields.is_empty() => break_fields(random, fields, replacement),
        (0 | 1, Value::Array(items)) if !items.is_empty() => {
            let index = random.below(items.len());
            match random.below(4) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                2 => items.insert(index, replacement),
                _ => items.reverse(),
            }
        }
        (2, Value::Number(number)) => {
            let value = number.as_f64().unwrap_or(0.0);
            *found = json!(value * *random.pick(&[-1.0, 0.0, 1e-3, 1e3, 1e6, 1e9]));
        }
        _ => *found = replacement,
    }
}

fn break_fields(random: &mut Random, fields: &mut Map<String, Value>, replacement: Value) {
    let keys: Vec<String> = fields.keys().cloned().collect();
    let key = random.pick(&keys).clone();
    match random.below(4) {
        0 => drop(fields.remove(&key)),
        1 => {
            let value = fields.remove(&key).unwrap_or(Value::Null);
            let other = match random.below(3) {
                0 => random.pick(&keys).clone(),
                1 => key.to_uppercase(),
                _ => format!("{key}{}", random.pick(&TEXTS)),
            };
            fields.insert(other, value);
        }
        2 => drop(fields.insert((*random.pick(&TEXTS)).to_owned(), replacement)),
        _ => drop(fields.insert(key, replacement)),
    }
}

/// Breaks the text itself: bytes flipped, cut, doubled, moved; a key written twice.
fn break_bytes(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(40)).min(bytes.len());
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = *random.pick(b"{}[]\",:0-.eEnt\\u\x00\xff"),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => bytes.truncate(at),
            5 => {
                let words: [&[u8]; 13] = [
                    b"null",
                    b"NaN",
                    b"1e999",
                    b"-",
                    b"[[[[[[[[",
                    b"{\"a\":",
                    b"\\ud800",
                    b"\xed\xa0\x80",
                    b"\xf0\x9f",
                    b"\"seed\": 1, ",
                    b"\"years\": 2, ",
                    b"00",
                    b"1e-999999999",
                ];
                let word = *random.pick(&words);
                bytes.splice(at..at, word.iter().copied());
            }
            _ => bytes[at..end].reverse(),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One input: its text, and the number of breaks in it.
struct Input {
    text: String,
    breaks: usize,
}

/// A third of the inputs is left whole or nearly so, since what is refused at once reaches nothing behind it.
fn input(random: &mut Random) -> Input {
    let mut document = valid(random);
    let (structural, textual) = match random.below(10) {
        0 | 1 => (0, false),
        2..=6 => (1, false),
        7 => (2 + random.below(4), false),
        8 => (0, true),
        _ => (1, true),
    };
    for _ in 0..structural {
        break_structure(random, &mut document);
    }
    let text = document.to_string();
    let text = if textual { break_bytes(random, &text) } else { text };
    Input { text, breaks: structural + usize::from(textual) }
}

/// A tiny panel, its columns now and then as wrong as a frame can make them; whether they are.
fn columns(random: &mut Random) -> (Columns, bool) {
    let members = 1 + random.below(6);
    let entry: Vec<i64> = (0..members).map(|_| 1 + random.below(12) as i64).collect();
    let mut columns = Columns {
        member: (0..members as u64).collect(),
        age: (0..members).map(|_| random.uniform() * 100.0).collect(),
        risk_score: (0..members).map(|_| random.uniform() * 3.0).collect(),
        exit_month: entry.iter().map(|entry| entry + random.below(13 - *entry as usize) as i64).collect(),
        entry_month: entry,
        payer: (0..members as i64).map(|member| member % 2).collect(),
        payers: vec!["one".to_owned(), "two".to_owned()],
        ..Columns::default()
    };
    let broken = random.chance(0.15);
    if broken {
        let row = random.below(members);
        let odd = *random.pick(&[f64::NAN, f64::INFINITY, -1.0, 1e300, 1e-300, 131.0]);
        let far = *random.pick(&[i64::MIN, i64::MAX, 0, 13, -1]);
        match random.below(7) {
            0 => columns.age[row] = odd,
            1 => columns.risk_score[row] = odd,
            2 => columns.entry_month[row] = far,
            3 => columns.exit_month[row] = far,
            4 => columns.payer[row] = far,
            5 => columns.member[row] = 0,
            _ => drop(columns.age.pop()),
        }
    }
    (columns, broken)
}

fn one_member() -> Columns {
    Columns {
        member: vec![7],
        age: vec![50.0],
        risk_score: vec![1.0],
        entry_month: vec![1],
        exit_month: vec![12],
        payer: vec![0],
        payers: vec!["payer".to_owned()],
        ..Columns::default()
    }
}

/// The input's fault, told so that a person can follow it: where, and which rule.
fn followable(error: Error, text: &str) -> InputError {
    let Error::Input(error) = error else { panic!("the input's fault told as {error:?}: {text}") };
    assert!(
        !error.path.is_empty() && !error.rule.is_empty(),
        "neither where nor which rule: {error}: {text}"
    );
    error
}

/// One execution of the reader.
fn read_once(execution: u64) -> Outcome {
    let mut random = Random::new(1, execution);
    if random.chance(0.1) {
        return read_wrong_type(&mut random);
    }
    let Input { text, breaks } = input(&mut random);
    match Study::new(&text, one_member()) {
        Ok(_) => Outcome::Accepted,
        Err(error) => {
            assert!(breaks > 0, "a valid study is refused: {error}: {text}");
            Outcome::Refused(rule(&followable(error, &text)))
        }
    }
}

/// A valid study with one value of a type that no field takes: the path must lead to that very field.
fn read_wrong_type(random: &mut Random) -> Outcome {
    let mut document = valid(random);
    let leaves: Vec<String> = places(&document)
        .into_iter()
        .filter(|place| document.pointer(place).is_some_and(|value| !value.is_object() && !value.is_array()))
        .collect();
    let leaf = random.pick(&leaves);
    let wrong = random.pick(&[json!([[1]]), json!({"what": 1}), json!([])]).clone();
    *document.pointer_mut(leaf).expect("a leaf of the document") = wrong;
    let text = document.to_string();
    let error =
        Study::new(&text, one_member()).err().unwrap_or_else(|| panic!("{leaf} takes anything: {text}"));
    let error = followable(error, &text);
    let field = leaf.split('/').rfind(|part| part.parse::<usize>().is_err()).expect("a leaf has a field");
    assert!(error.path.contains(field), "{leaf} is wrong, told of {error}: {text}");
    if let Some(("", contract)) = leaf.split_once("/arms/").filter(|_| leaf.contains("/contracts/")) {
        let parts: Vec<&str> = contract.split('/').collect();
        let place = format!("arm {}[{}]", parts[0], parts[2]);
        assert!(error.path.starts_with(&place), "{leaf} is wrong, told of {error}: {text}");
    }
    Outcome::Refused(rule(&error))
}

/// One execution of the engine: read, build, run, look at every figure, settle a statement.
fn run_once(execution: u64) -> Outcome {
    let mut random = Random::new(2, execution);
    let Input { text, breaks } = input(&mut random);
    let (columns, broken) = columns(&mut random);
    let study = match Study::new(&text, columns) {
        Ok(study) => study,
        Err(error) => {
            assert!(broken || breaks > 0, "a valid study is refused: {error}: {text}");
            return Outcome::Refused(rule(&followable(error, &text)));
        }
    };
    let run = Run {
        first: random.below(5) as u32,
        replicates: 1 + random.below(2) as u32,
        threads: 1,
        by_month: random.below(2) == 0,
        inner: None,
        values: Vec::new(),
    };
    let rows = study.run(&run, || Ok(())).expect("nobody stops it");
    let arms = (0..100).take_while(|arm| study.arm(*arm).is_some()).count();
    assert_eq!(rows.len(), run.replicates as usize * arms * study.horizon().years * study.row());
    assert!(rows.iter().all(|figure| figure.is_finite()), "a figure that is no number: {text}");
    let world = World { draw: 0, replicate: run.first };
    match study.statement(random.below(arms), world, None, || false) {
        Ok(statement) => assert!(!statement.steps.is_empty(), "a statement without lines: {text}"),
        Err(error) => drop(followable(error, &text)),
    }
    Outcome::Accepted
}

/// Most of the executions read, since a fault of reading needs few steps; the engine takes the rest, and
/// distributions some of their own.
#[test]
fn the_reader_answers_whatever_comes() {
    let tally = find_nothing("reader", executions() * 4 / 5, read_once);
    assert!((0.15..0.7).contains(&tally.accepted_share()), "inputs must be broken, and not all");
    assert!(tally.rules.len() > 40, "inputs must be broken in many ways");
}

#[test]
fn the_engine_answers_whatever_comes() {
    let tally = find_nothing("engine", executions() / 5, run_once);
    assert!((0.15..0.7).contains(&tally.accepted_share()), "inputs must be broken, and not all");
    assert!(tally.rules.len() > 30, "inputs must be broken in many ways");
}

#[test]
fn distributions_answer_whatever_comes() {
    let tally = find_nothing("distributions", executions() / 20, distributions::ask_once);
    assert!((0.3..0.95).contains(&tally.accepted_share()), "parameters must be wrong, and not all");
    assert!(tally.rules.len() > 8, "parameters must be wrong in many ways");
}

#[test]
fn a_panic_and_a_hang_are_noticed() {
    let panics = |execution| if execution == 700 { panic!("as it should") } else { Outcome::Accepted };
    let found = campaign(2_000, TIME_LIMIT, panics).err().expect("a panic is a fault");
    assert!(found.contains("execution 700") && found.contains("as it should"), "{found}");
    let hangs = |execution| {
        if execution == 70 {
            thread::sleep(Duration::from_secs(5));
        }
        Outcome::Accepted
    };
    let found = campaign(200, Duration::from_millis(50), hangs).err().expect("a hang is a fault");
    assert!(found.contains("execution 70"), "{found}");
}
