//! Valid studies at random, with every part of the grammar in reach.

use serde_json::{Value, json};

use crate::campaign::Random;
use crate::contracts::{Ground, INVERSE, MEASURE, arrangement, some_of};
use crate::{distributions, episodes};

const NAMES: [&str; 6] = ["visits", "admissions", "drugs", "Ärzte, und mehr", "手術", "a.b[0]"];

/// The condition of members, its states, and the column that may hold them.
pub const ILLNESS: &str = "illness";
pub const STATES: [&str; 2] = ["none", "ill"];
pub const STAGE: &str = "stage";

/// Mostly no spread at all: it is read and checked like any other, and spares the milliseconds of a quantile table.
pub fn spread(random: &mut Random) -> Value {
    if random.chance(0.99) { json!(0) } else { random.between(0.0, 2.0) }
}

pub fn price(random: &mut Random) -> Value {
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

/// A valid study, with every part of the grammar in reach.
pub fn valid(random: &mut Random) -> Value {
    let count = 1 + random.below(NAMES.len());
    let names = &NAMES[..count];
    let own: Vec<bool> = names.iter().map(|_| random.chance(0.5)).collect();
    let lines: Vec<(&str, bool)> = names.iter().copied().zip(own).collect();
    let services: Vec<Value> = lines.iter().map(|line| service(random, *line)).collect();
    let (years, base_years) = (1 + random.below(3), random.below(3));
    let population = population(random, names);
    let (ill, attribution) = (population["conditions"] != json!([]), !population["attribution"].is_null());
    let kinds = episodes::names(random, names, ill);
    let common_sharing = cost_sharing(random, names);
    let arms: Vec<Value> = (0..=random.below(3))
        .map(|arm| {
            let programmes: Vec<Value> =
                (0..random.below(3)).map(|number| programme(random, number, &kinds)).collect();
            let own_sharing = cost_sharing(random, names);
            let in_order = [&common_sharing, &own_sharing].iter().any(|sharing| **sharing != json!({}));
            let months = 12 * years;
            let ground =
                Ground { services: &lines, months, base_years, attribution, episodes: &kinds, in_order };
            let (contracts, payers) = arrangement(random, &ground);
            json!({"name": format!("arm {arm}"), "contracts": contracts, "payers": payers, "programmes": programmes,
                "cost_sharing": own_sharing, "response": response(random)})
        })
        .collect();
    let shared = if random.chance(0.5) { frailty(random) } else { Value::Null };
    let frailty_cv = if shared.is_null() { spread(random) } else { json!(0) };
    let utilization = json!({"services": services, "frailty_cv": frailty_cv, "frailty": shared,
        "severity_cv": spread(random), "trend": random.between(-0.1, 0.1), "shocks": shocks(random),
        "episodes": episodes::episodes(random, &kinds, names), "cost_sharing": common_sharing, "capacity": [{"name": "team", "services": null,
            "events_per_month": random.between(0.5, 90.0), "cost_per_month": random.between(0.0, 900.0), "least": 1}],
        "collections": {"": {"denial_rate": random.between(0.0, 0.3), "bad_debt_rate": random.between(0.0, 1.0),
            "days_to_pay": random.below(400), "billing_cost": random.between(0.0, 9.0)}},
        "fixed_cost_per_month": random.between(0.0, 5_000.0)});
    json!({"seed": random.word(), "years": years, "base_years": base_years,
        "population": population, "outcomes": [{"name": "falls", "rate": random.between(0.0, 2.0),
            "doses": {names[0]: random.between(-2.0, 2.0)}}],
        "measures": [measure(random, MEASURE), measure(random, INVERSE)],
        "parameters": {"inputs": []}, "utilization": utilization, "arms": arms})
}

fn measure(random: &mut Random, name: &str) -> Value {
    json!({"name": name, "rate": random.between(0.1, 0.9), "sd_between": random.between(0.0, 0.2),
        "scoring": {"benchmarks": [{"from": 0.2, "gives": 0}, {"from": 0.6, "gives": 0.5}, {"from": 0.9, "gives": 1}],
            "drift": random.between(-0.05, 0.05), "weight": *random.pick(&[0.0, 1.0, 2.5]), "inverse": name == INVERSE}})
}

fn service(random: &mut Random, (name, own): (&str, bool)) -> Value {
    json!({"name": name, "per_1000": random.between(0.0, 3_000.0), "allowed": price(random),
                "own_cost": random.between(0.0, 300.0), "coinsurance": random.between(0.0, 1.0),
                "delivered_by": if own { "provider" } else { "other_providers" },
                "frailty": frailty(random), "trend": random.between(-0.1, 0.1),
                "price_trend": random.between(-0.1, 0.1), "own_cost_trend": random.between(0.0, 0.1),
                "fee_levels": {},
                "out_of_network_rate": 0, "out_of_network_price": random.between(0.5, 2.0),
                "age_relativities": {"from": [0, 40], "factors": [random.between(0.0, 2.0), 1]}})
}

/// How members move.
fn population(random: &mut Random, names: &[&str]) -> Value {
    let enrolment = json!({"lapse_rate": random.between(0.0, 0.1), "lapse_selection": 0, "death_ages": [0, 65],
        "death_rates": [random.between(0.0, 0.05), random.between(0.0, 0.2)],
        "last_year_relativity": random.between(0.0, 4.0)});
    let shares = if random.chance(0.5) { json!([0.5, 0.5]) } else { Value::Null };
    let column = if shares.is_null() { json!(STAGE) } else { Value::Null };
    let condition = json!({"name": ILLNESS, "states": STATES, "transition": [[0.75, 0.25], [0, 1]],
        "shares": shares, "column": column, "relativities": {names[0]: [1, random.between(0.0, 3.0)]},
        "risk_scores": [0, 0.5]});
    let scores = json!({"coding_growth": random.between(-0.1, 0.1), "recapture": random.between(0.0, 1.0),
        "noise_cv": random.between(0.0, 1.0), "new_member_score": null});
    let attributed = json!({"share": 0.5, "turnover": random.between(0.0, 1.0), "selection": 0});
    let some = |random: &mut Random, value: Value| if random.chance(0.4) { value } else { Value::Null };
    json!({"enrolment": some(random, enrolment), "attribution": some(random, attributed),
        "conditions": if random.chance(0.5) { json!([condition]) } else { json!([]) },
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

/// A programme of all services, or of episodes in place of them.
fn programme(random: &mut Random, number: usize, kinds: &[&str]) -> Value {
    let mut terms = json!({"name": format!("programme {number}"), "effect": random.between(-1.0, 1.0),
        "reach": random.between(0.0, 1.0), "start_month": 1 + random.below(12), "ramp_months": random.below(9),
        "cost_pmpm": random.between(0.0, 9.0), "start_cost": random.between(0.0, 900.0)});
    if !kinds.is_empty() && random.chance(0.4) {
        terms["episodes"] = json!(some_of(random, kinds));
        if random.chance(0.5) {
            terms["cost_per_episode"] = random.between(0.0, 900.0);
        }
    } else {
        terms["services"] = Value::Null;
    }
    terms
}
