//! Fuzzing: text that nearly is a study, read and run. Whatever comes in, an answer or an [`InputError`] comes out,
//! in time and without a panic.
//!
//! Valid specifications are made at random and then broken: in their structure (keys dropped, doubled, renamed; values
//! replaced, nested, moved) and in their bytes. Seeds are fixed, so a fault found once is found again: its execution
//! is printed. `make test` runs a few thousand, `ATRISK_FUZZ_EXECUTIONS=1000000` (`make verify`) a million, of which
//! a fifth go through the engine, 50,000 more of distributions alone, and 100,000 in which one term of episodes, of bundles or
//! of what counts them breaks a rule that must be told of by its field.
#![allow(clippy::cast_possible_wrap, reason = "months and members of small panels")]

mod breaks;
mod campaign;
mod contracts;
mod distributions;
mod episodes;
mod riders;
mod studies;
mod wrong;

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use atrisk::contracts::NAMES;
use atrisk::error::{Error, InputError};
use atrisk::population::Columns;
use atrisk::rng::World;
use atrisk::study::{Run, Study};
use serde_json::{Value, json};

use breaks::{break_bytes, break_structure, places};
use campaign::{Outcome, Random, TIME_LIMIT, campaign, executions, find_nothing, rule};
use contracts::PAYERS;
use episodes::{MULTIPLIER, ODDS, SURGEON};
use studies::{STAGE, valid};

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

/// Further columns of every panel: multipliers of prices, hashes of surgeons, factors of odds, states of a condition.
const COLUMNS: [&str; 4] = [MULTIPLIER, SURGEON, ODDS, STAGE];

/// A tiny panel with members of each payer in all base years, its columns now and then as wrong as a frame can make them; whether they are.
fn columns(random: &mut Random) -> (Columns, bool) {
    let members = 2 + random.below(5);
    let entry: Vec<i64> =
        (0..members).map(|row| if row < 2 { 1 } else { 1 + random.below(12) as i64 }).collect();
    let mut columns = Columns {
        member: (0..members as u64).collect(),
        age: (0..members).map(|_| random.uniform() * 100.0).collect(),
        risk_score: (0..members).map(|_| random.uniform() * 3.0).collect(),
        exit_month: entry.iter().map(|entry| entry + random.below(13 - *entry as usize) as i64).collect(),
        entry_month: entry,
        payer: (0..members as i64).map(|member| member % 2).collect(),
        payers: PAYERS.map(str::to_owned).to_vec(),
        sex: (0..members as i64).map(|member| member % 3).collect(),
        ..Columns::default()
    };
    let (mut numbers, mut hashes) = (Vec::new(), Vec::new());
    for _ in 0..members {
        numbers.push(random.uniform() * 3.0);
        hashes.push((random.below(3) * 1_000_003) as f64);
    }
    let further = [numbers.clone(), hashes, numbers, (0..members).map(|row| (row % 2) as f64).collect()];
    columns.factors.extend(COLUMNS.map(str::to_owned).into_iter().zip(further));
    let broken = random.chance(0.15);
    if broken {
        let row = random.below(members);
        let odd = *random.pick(&[f64::NAN, f64::INFINITY, -1.0, 1e300, 1e-300, 131.0]);
        let far = *random.pick(&[i64::MIN, i64::MAX, 0, 13, -1]);
        match random.below(9) {
            0 => columns.age[row] = odd,
            1 => columns.risk_score[row] = odd,
            2 => columns.entry_month[row] = far,
            3 => columns.exit_month[row] = far,
            4 => columns.payer[row] = far,
            5 => columns.member[row] = 0,
            6 => drop(columns.factors.swap_remove(*random.pick(&COLUMNS))),
            7 => columns.factors[*random.pick(&COLUMNS)][row] = odd,
            _ => drop(columns.age.pop()),
        }
    }
    (columns, broken)
}

fn a_member_of_each_payer() -> Columns {
    let further = [vec![1.5, 0.5], vec![17.0, 4_294_967_295.0], vec![0.0, 2.0], vec![0.0, 1.0]];
    Columns {
        factors: COLUMNS.map(str::to_owned).into_iter().zip(further).collect(),
        member: vec![7, 8],
        age: vec![50.0, 70.0],
        risk_score: vec![1.0, 0.5],
        entry_month: vec![1, 1],
        exit_month: vec![12, 12],
        payer: vec![0, 1],
        payers: PAYERS.map(str::to_owned).to_vec(),
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

/// Whether terms that are each right are refused together: lines of a panel with less than episodes bring of them,
/// contracts that stand before all that they are computed from or count, two prices of one episode, and rates of members
/// who differ as much as they may.
fn refused_together(error: &Error) -> bool {
    let together = [
        "dollars that episodes bring of the line",
        "must stand after the payments",
        "must see the bundles whose payments it counts",
        "must not name an episode of another bundle",
        "must give no member a rate above",
    ];
    matches!(error, Error::Input(error) if together.iter().any(|rule| error.rule.contains(rule)))
}

/// One execution of the reader.
fn read_once(execution: u64) -> Outcome {
    let mut random = Random::new(1, execution);
    if random.chance(0.1) {
        return read_wrong_type(&mut random);
    }
    let Input { text, breaks } = input(&mut random);
    match Study::new(&text, a_member_of_each_payer()) {
        Ok(_) => Outcome::Accepted,
        Err(error) => {
            assert!(breaks > 0 || refused_together(&error), "a valid study is refused: {error}: {text}");
            Outcome::Refused(rule(&followable(error, &text)))
        }
    }
}

/// A valid study with one value of a type that no field takes: the path must lead to that very field.
fn read_wrong_type(random: &mut Random) -> Outcome {
    let mut document = valid(random);
    let text = document.to_string();
    if let Err(error) = Study::new(&text, a_member_of_each_payer()) {
        assert!(refused_together(&error), "a valid study is refused: {error}: {text}");
        return Outcome::Refused(rule(&followable(error, &text)));
    }
    let leaves: Vec<String> = places(&document)
        .into_iter()
        .filter(|place| document.pointer(place).is_some_and(|value| !value.is_object() && !value.is_array()))
        .collect();
    let leaf = random.pick(&leaves);
    let wrong = random.pick(&[json!([[1]]), json!({"what": 1}), json!([])]).clone();
    *document.pointer_mut(leaf).expect("a leaf of the document") = wrong;
    let text = document.to_string();
    let error = Study::new(&text, a_member_of_each_payer())
        .err()
        .unwrap_or_else(|| panic!("{leaf} takes anything: {text}"));
    let error = followable(error, &text);
    let field = leaf.split('/').rfind(|part| part.parse::<usize>().is_err()).expect("a leaf has a field");
    assert!(error.path.contains(field), "{leaf} is wrong, told of {error}: {text}");
    if let Some(place) = place_of_contract(leaf) {
        assert!(error.path.starts_with(&place), "{leaf} is wrong, told of {error}: {text}");
    }
    Outcome::Refused(rule(&error))
}

/// A valid study with one term of episodes, bundles or savings made wrong in a way that has a rule of its own.
fn read_wrong_term(execution: u64) -> Outcome {
    let mut random = Random::new(4, execution);
    let mut document = valid(&mut random);
    let mut columns = a_member_of_each_payer();
    if let Err(error) = Study::new(&document.to_string(), columns.clone()) {
        assert!(refused_together(&error), "a valid study is refused: {error}: {document}");
        return Outcome::Refused(rule(&followable(error, &document.to_string())));
    }
    let Some(field) = wrong::plant(&mut random, &mut document, &mut columns) else {
        return Outcome::Accepted;
    };
    let text = document.to_string();
    let error =
        Study::new(&text, columns).err().unwrap_or_else(|| panic!("{field} may be as it must not: {text}"));
    let error = followable(error, &text);
    assert!(error.path.contains(field), "{field} is wrong, told of {error}: {text}");
    Outcome::Refused(format!("{field}: {}", rule(&error)))
}

/// The path of the contract that a place of a document lies in, of a payer or with all of them.
fn place_of_contract(leaf: &str) -> Option<String> {
    let parts: Vec<&str> = leaf.split('/').collect();
    match parts[..] {
        ["", "arms", arm, "contracts", contract, ..] => Some(format!("arm {arm}[{contract}]")),
        ["", "arms", arm, "payers", payer, "contracts", contract, ..] => {
            let payer = PAYERS[payer.parse::<usize>().ok()?];
            Some(format!("arm {arm}.payers[{payer}][{contract}]"))
        }
        _ => None,
    }
}

/// One execution of the engine: read, build, run, look at every figure, settle a statement.
fn run_once(execution: u64) -> Outcome {
    let mut random = Random::new(2, execution);
    let Input { text, breaks } = input(&mut random);
    let (columns, broken) = columns(&mut random);
    let study = match Study::new(&text, columns) {
        Ok(study) => study,
        Err(error) => {
            let known = broken || breaks > 0 || refused_together(&error);
            assert!(known, "a valid study is refused: {error}: {text}");
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
fn wrong_terms_of_episodes_are_named() {
    let tally = find_nothing("terms", executions() / 2, read_wrong_term);
    assert!((0.1..0.9).contains(&tally.accepted_share()), "terms must be wrong where there are any");
    let named: BTreeSet<&str> =
        tally.rules.keys().filter_map(|rule| rule.split_once(": ")).map(|pair| pair.0).collect();
    let missing: Vec<_> = wrong::FIELDS.iter().filter(|field| !named.contains(*field)).collect();
    assert!(missing.is_empty(), "never wrong: {missing:?}");
}

#[test]
fn distributions_answer_whatever_comes() {
    let tally = find_nothing("distributions", executions() / 20, distributions::ask_once);
    assert!((0.3..0.95).contains(&tally.accepted_share()), "parameters must be wrong, and not all");
    assert!(tally.rules.len() > 8, "parameters must be wrong in many ways");
}

#[test]
fn every_contract_is_among_the_inputs() {
    let (mut with_all, mut with_one) = (BTreeSet::new(), BTreeSet::new());
    for execution in 0..2_000 {
        let study = valid(&mut Random::new(3, execution));
        for arm in study["arms"].as_array().expect("arms") {
            with_all.extend(kinds(&arm["contracts"]));
            let of_payers = arm["payers"].as_array().expect("payers");
            with_one.extend(of_payers.iter().flat_map(|payer| kinds(&payer["contracts"])));
        }
    }
    let names: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(with_all, names);
    assert_eq!(with_one, names.into_iter().filter(|name| name != "financing").collect());
}

fn kinds(contracts: &Value) -> Vec<String> {
    let each = contracts.as_array().expect("contracts").iter();
    each.flat_map(|contract| contract.as_object().expect("a contract by its name").keys().cloned()).collect()
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
