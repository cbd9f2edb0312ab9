//! Wrong terms: one of episodes, bundles or what counts them, made wrong where a rule of its own forbids it.

use atrisk::population::Columns;
use serde_json::{Value, json};

use crate::campaign::Random;
use crate::episodes::{MULTIPLIER, ODDS, SURGEON};

/// What is told of: every field that is made wrong.
pub const FIELDS: [&str; 26] = [
    "avoidable",
    "baseline",
    "baseline.own_share",
    "baseline.trend",
    "baseline.weights",
    "condition",
    "cost_per_episode",
    "death_rate",
    "effects",
    "episode_payments",
    "episodes",
    "excludes_attributed",
    "log_odds_sd",
    "multiplier",
    "post_episode_days",
    "post_episode_threshold",
    "price_cv",
    "raise_to",
    "readmission_services",
    "relativities",
    "services",
    "states",
    "stop_loss_premium",
    "target_multipliers",
    "trigger",
    "warranty_share",
];

/// Makes a term wrong; the field that must be told of, or nothing where the study has no such term.
pub fn plant(random: &mut Random, document: &mut Value, columns: &mut Columns) -> Option<&'static str> {
    match random.below(11) {
        0..4 => of_episode(random, document),
        4..8 => of_bundle(random, document),
        8 => of_columns(random, document, columns),
        9 => of_programme(random, document),
        _ => {
            let (_, terms) = some_contract(random, document, &["shared_savings", "risk_corridor"])?;
            let wrong = [json!("both"), json!(true), json!(null), json!(["counted"])];
            set(terms, "episode_payments", random.pick(&wrong).clone())
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "an arm of a match whose others may find no such term")]
fn set(terms: &mut Value, field: &'static str, value: Value) -> Option<&'static str> {
    terms[field] = value;
    Some(field)
}

/// What an episode costs a programme is of the episodes that it names.
fn of_programme(random: &mut Random, document: &mut Value) -> Option<&'static str> {
    let programmes = document["arms"][0]["programmes"].as_array_mut()?;
    let terms = programmes.first_mut()?;
    if terms["episodes"].is_null() && random.chance(0.5) {
        return set(terms, "cost_per_episode", json!(1));
    }
    set(terms, "cost_per_episode", json!(random.pick(&["-0.01", "inf", "a lot"])))
}

fn of_episode(random: &mut Random, document: &mut Value) -> Option<&'static str> {
    let episodes = document["utilization"]["episodes"].as_array_mut()?;
    let place = random.below(episodes.len());
    let terms = episodes.get_mut(place)?;
    let of_condition = !terms["condition"].is_null();
    match (random.below(8), of_condition) {
        (0, false) => {
            terms["condition"] = json!("illness");
            Some("trigger")
        }
        (0, true) => set(terms, "trigger", json!("visits")),
        (1, false) => set(terms, "trigger", Value::Null),
        (1, true) => {
            terms["condition"] = Value::Null;
            Some("trigger")
        }
        (2, true) => {
            let wrong = [json!(["gone"]), json!([]), json!(["ill", "ill"]), json!("ill"), json!([1])];
            set(terms, "states", random.pick(&wrong).clone())
        }
        (2, false) => set(terms, "states", json!(["ill"])),
        (3, true) => set(terms, "condition", json!("nothing of the kind")),
        (4, true) => set(terms, "death_rate", json!(0.01)),
        (7, true) => {
            let mut other = terms.clone();
            other["name"] = json!("another of the same states");
            episodes.push(other);
            Some("episodes")
        }
        (5, _) => {
            let wrong = [json!("perhaps"), json!(2), Value::Null];
            set(terms["care"].as_array_mut()?.first_mut()?, "avoidable", random.pick(&wrong).clone())
        }
        _ => of_effect(random, terms),
    }
}

fn of_effect(random: &mut Random, terms: &mut Value) -> Option<&'static str> {
    let effects = terms["effects"].as_array_mut()?;
    let again = effects.first()?.clone();
    match random.below(4) {
        0 => set(&mut effects[0], "log_odds_sd", json!(random.pick(&["-0.1", "3.1", "NaN"]))),
        1 => set(&mut effects[0], "price_cv", json!(random.pick(&["-0.1", "3.1", "inf"]))),
        2 => {
            effects.push(again);
            Some("effects")
        }
        _ => {
            effects[0]["factor"] = json!("a column that is not there");
            Some("effects")
        }
    }
}

fn of_bundle(random: &mut Random, document: &mut Value) -> Option<&'static str> {
    let (base_years, attribution) = (document["base_years"].clone(), &document["population"]["attribution"]);
    let (attribution, base_years) = (!attribution.is_null(), base_years.as_u64().unwrap_or(0));
    let episodes = document["utilization"]["episodes"].clone();
    let (_, terms) = some_contract(random, document, &["episode_bundle"])?;
    let named =
        |episode: &&Value| terms["episodes"].as_array().is_some_and(|all| all.contains(&episode["name"]));
    let opens = episodes.as_array()?.iter().filter(named).find_map(|episode| episode["trigger"].as_str());
    let of_condition = terms["episodes"].as_array()?.contains(&json!(crate::episodes::OF_CONDITION));
    let prospective = terms["kind"] == "prospective";
    match random.below(8) {
        0 => of_baseline(random, terms, base_years),
        1 if prospective => of_warranty(random, terms, opens),
        2 if of_condition => {
            terms["truncate_at"] = Value::Null;
            let field = *random.pick(&["raise_to", "post_episode_threshold"]);
            set(terms, field, json!({"": 1}))
        }
        2 if random.chance(0.3) => {
            terms["post_episode_threshold"] = Value::Null;
            set(terms, "post_episode_days", json!(12))
        }
        2 => {
            terms["post_episode_threshold"] = json!({"": 1});
            let wrong = ["0", "366", "1.5", "-3", "NaN"];
            set(terms, "post_episode_days", json!(random.pick(&wrong)))
        }
        3 if prospective && random.chance(0.5) => {
            terms["case_attachment"] = Value::Null;
            terms["aggregate_attachment_rate"] = Value::Null;
            set(terms, "stop_loss_premium", json!(1))
        }
        3 => set(terms, "stop_loss_premium", json!(random.pick(&["-0.01", "inf", "nothing"]))),
        4 if !attribution && random.chance(0.5) => set(terms, "excludes_attributed", json!(true)),
        4 => set(terms, "excludes_attributed", random.pick(&[json!("yes"), json!(1), Value::Null]).clone()),
        5 => set(terms, "services", random.pick(&[json!(["nobody"]), json!([]), json!("visits")]).clone()),
        6 => set(terms, "target_multipliers", random.pick(&[json!(1.2), json!(["multiplier"])]).clone()),
        _ => set(terms, "warranty_share", json!(random.pick(&["-0.1", "1.01", "NaN"]))),
    }
}

/// Readmissions are named where a part of them is the payer's, and are no events that open windows.
fn of_warranty(random: &mut Random, terms: &mut Value, opens: Option<&str>) -> Option<&'static str> {
    match (random.below(4), opens) {
        (3, Some(opens)) => {
            terms["warranty_share"] = json!("0.5");
            terms["services"] = Value::Null;
            set(terms, "readmission_services", json!([opens]))
        }
        (0, _) => {
            terms["warranty_share"] = json!("0.5");
            set(terms, "readmission_services", Value::Null)
        }
        (1, _) => {
            terms["warranty_share"] = json!(1);
            set(terms, "readmission_services", json!(["visits"]))
        }
        _ => {
            terms["warranty_share"] = json!("0.5");
            terms["services"] = json!(["visits"]);
            set(terms, "readmission_services", json!(["visits", "nobody"]))
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "an arm of a match whose others may find no such term")]
fn of_baseline(random: &mut Random, terms: &mut Value, base_years: u64) -> Option<&'static str> {
    terms["baseline"] = json!({"weights": null, "trend": 0, "own_share": 1});
    if base_years == 0 {
        return Some("baseline");
    }
    let baseline = &mut terms["baseline"];
    match random.below(3) {
        0 => {
            let wrong = [json!([]), json!([0.5, 0.4]), json!([2, -1]), json!([0.2, 0.3, 0.5])];
            baseline["weights"] = random.pick(&wrong).clone();
            Some("baseline.weights")
        }
        1 => {
            baseline["trend"] = json!(random.pick(&["-0.91", "1.01", "NaN"]));
            Some("baseline.trend")
        }
        _ => {
            baseline["own_share"] = json!(random.pick(&["-0.1", "1.01"]));
            Some("baseline.own_share")
        }
    }
}

/// Columns that are read must be there, and hold what they must.
fn of_columns(random: &mut Random, document: &mut Value, columns: &mut Columns) -> Option<&'static str> {
    let text = document.to_string();
    let (column, field) =
        *random.pick(&[(MULTIPLIER, "multiplier"), (ODDS, "relativities"), (SURGEON, "effects")]);
    if !text.contains(&format!(":{}", json!(column))) {
        return None;
    }
    // A panel without one of them has members all the same.
    if random.chance(0.3) {
        columns.factors.swap_remove(column);
        return Some(field);
    }
    let wrong = if column == SURGEON && random.chance(0.5) {
        *random.pick(&[0.5, 4_294_967_296.0])
    } else {
        *random.pick(&[-1.0, f64::NAN, f64::INFINITY])
    };
    columns.factors[column][1] = wrong;
    Some(field)
}

/// A contract of one of some kinds, of a payer or with all of them, and its kind.
fn some_contract<'a>(
    random: &mut Random,
    document: &'a mut Value,
    kinds: &[&'static str],
) -> Option<(&'static str, &'a mut Value)> {
    let mut found = Vec::new();
    for arm in document["arms"].as_array_mut()? {
        let arm = arm.as_object_mut()?;
        for (field, value) in arm.iter_mut() {
            match (field.as_str(), value) {
                ("contracts", Value::Array(contracts)) => found.extend(contracts.iter_mut()),
                ("payers", Value::Array(payers)) => {
                    for payer in payers {
                        found.extend(payer["contracts"].as_array_mut()?.iter_mut());
                    }
                }
                _ => {}
            }
        }
    }
    let mut wanted: Vec<(&'static str, &mut Value)> = Vec::new();
    for contract in found {
        for kind in kinds {
            if contract.get(*kind).is_some() {
                wanted.push((kind, &mut contract[*kind]));
                break;
            }
        }
    }
    if wanted.is_empty() {
        return None;
    }
    let place = random.below(wanted.len());
    Some(wanted.swap_remove(place))
}
