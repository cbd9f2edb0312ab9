//! Episodes at random, and the bundles that settle them.

use serde_json::{Value, json};

use crate::campaign::Random;
use crate::contracts::{Ground, MEASURE, maybe, settle_month, some_of};
use crate::studies::{ILLNESS, price, spread};

/// Names of episodes; the first service opens the one, the second the other.
const NAMES: [&str; 2] = ["knee", "Schlaganfall, früh"];

/// The name of the episode that a condition opens.
pub const OF_CONDITION: &str = "a year of illness";

/// Columns of the panel: multipliers of target prices, hashes of who treats members, factors of odds.
pub const MULTIPLIER: &str = "multiplier";
pub const SURGEON: &str = "surgeon";
pub const ODDS: &str = "odds";

/// Days after windows that may be looked at, which leave room within the year.
const DAYS_AFTER: usize = 30;

/// No episode, one, or two where a third service is left for their care; and one of a condition, if there is any.
pub fn names(random: &mut Random, services: &[&str], ill: bool) -> Vec<&'static str> {
    let most = services.len().saturating_sub(1).min(NAMES.len());
    let count = if random.chance(0.5) { random.below(most + 1) } else { 0 };
    let mut names = NAMES[..count].to_vec();
    if ill && random.chance(0.5) {
        names.push(OF_CONDITION);
    }
    names
}

/// The episodes that go by these names; their care is of services that open none.
pub fn episodes(random: &mut Random, names: &[&str], services: &[&str]) -> Vec<Value> {
    let of_events = names.iter().filter(|name| **name != OF_CONDITION).count();
    let follow = &services[of_events..];
    names.iter().zip(services).map(|(name, trigger)| episode(random, name, trigger, follow)).collect()
}

fn episode(random: &mut Random, name: &str, trigger: &str, follow: &[&str]) -> Value {
    let of_condition = name == OF_CONDITION;
    let window = 1 + random.below(if of_condition { 365 } else { 365 - DAYS_AFTER });
    let within = random.chance(0.3);
    let some = |random: &mut Random, most| -> Vec<Value> {
        (0..random.below(most)).map(|_| care(random, window, within, follow)).collect()
    };
    // Shares of eighths come to 1 to the last bit.
    let first = random.below(9) as f64 / 8.0;
    let shares = [first, 1.0 - first];
    let paths: Vec<Value> = if random.chance(0.3) {
        vec![]
    } else {
        let named = ["home", "nursing"].into_iter().zip(shares);
        named.map(|(path, share)| json!({"name": path, "share": share, "care": some(random, 3)})).collect()
    };
    let factor = if random.chance(0.3) { json!(ODDS) } else { Value::Null };
    let mut terms = json!({"name": name, "trigger": trigger, "window_days": window, "paths": paths,
        "care": some(random, 4), "death_rate": random.between(0.0, 1.0), "factor": factor,
        "effects": effects(random), "absorbs": random.chance(0.5), "within_lines": within});
    if of_condition {
        terms["trigger"] = Value::Null;
        terms["death_rate"] = json!(0);
        terms["condition"] = json!(ILLNESS);
        terms["states"] =
            random.pick(&[Value::Null, json!(["ill"]), json!(["none"]), json!(["none", "ill"])]).clone();
    }
    terms
}

/// What surgeons and hospitals do, both by one column.
fn effects(random: &mut Random) -> Vec<Value> {
    let all = ["surgeon", "hôpital"].into_iter().filter(|_| random.chance(0.2)).collect::<Vec<_>>();
    all.into_iter()
        .map(|name| {
            json!({"name": name, "factor": SURGEON, "log_odds_sd": random.between(0.0, 3.0),
                "price_cv": spread(random)})
        })
        .collect()
}

/// Care on top of the lines, mostly at a number of dollars; within them of a few, so that most lines have these.
fn care(random: &mut Random, window: usize, within: bool, follow: &[&str]) -> Value {
    let first = random.below(window + 1);
    let amount = match (within, random.chance(0.3)) {
        (true, _) => random.between(0.0, 5.0),
        (false, true) => price(random),
        (false, false) => random.between(0.0, 9_000.0),
    };
    json!({"service": random.pick(follow), "share": random.between(0.0, 1.0), "amount": amount,
        "from_day": first, "to_day": first + random.below(window - first + 1), "avoidable": random.chance(0.3)})
}

/// A bundle of some episodes.
pub fn episode_bundle(random: &mut Random, ground: &Ground<'_>) -> Value {
    let kinds = some_of(random, ground.episodes);
    let mut terms = json!({"episodes": kinds, "target_price": dollars(random, &kinds, 0.0, 9_000.0),
        "discount": random.between(0.0, 1.0), "minimum_savings_rate": 0, "minimum_loss_rate": 0, "sharing_rate": 1,
        "loss_rate": 1, "best_score": 1, "quality_gain_cut": 0, "quality_loss_cut": 0, "quality_discounts": [],
        "quality_measures": [], "warranty_share": 1, "post_episode_days": 30,
        "case_ceded_share": 1, "stop_loss_premium": 0, "settle_month": settle_month(random),
        "excludes_attributed": ground.attribution && random.chance(0.4), "notes": ["recalled"]});
    if random.chance(0.5) {
        terms["services"] = json!(some_of(random, &ground.names()));
    }
    if random.chance(0.4) {
        terms["target_multipliers"] = json!(MULTIPLIER);
    }
    if ground.base_years > 0 && random.chance(0.5) {
        terms["baseline"] = baseline(random, ground);
    }
    if ground.in_order || random.chance(0.6) {
        terms["kind"] = json!("retrospective");
        retrospective(random, &kinds, &mut terms);
    } else {
        terms["kind"] = json!("prospective");
        prospective(random, ground, &kinds, &mut terms);
    }
    json!({"episode_bundle": terms})
}

/// Base years that make the price, with weights of their own or none at all.
fn baseline(random: &mut Random, ground: &Ground<'_>) -> Value {
    let weights = match ground.base_years {
        1 => json!([1]),
        _ => random.pick(&[json!([0.25, 0.75]), json!([0, 1]), json!([1, 0])]).clone(),
    };
    let weights = if random.chance(0.5) { weights } else { Value::Null };
    json!({"weights": weights, "trend": random.between(-0.9, 1.0), "own_share": random.between(0.0, 1.0)})
}

fn prospective(random: &mut Random, ground: &Ground<'_>, kinds: &[&str], terms: &mut Value) {
    terms["aggregate_attachment_rate"] = maybe(random, 0.0, 10.0);
    if random.chance(0.5) {
        terms["case_attachment"] = dollars(random, kinds, 0.0, 900.0);
        terms["case_ceded_share"] = random.between(0.0, 1.0);
        terms["stop_loss_premium"] = random.between(0.0, 900.0);
    }
    let counted =
        |name: &&str| terms["services"].as_array().is_none_or(|services| services.contains(&json!(name)));
    let opening_none = ground.names().into_iter().skip(NAMES.len());
    let readmissions: Vec<&str> = opening_none.filter(counted).collect();
    if !readmissions.is_empty() && random.chance(0.5) {
        terms["readmission_services"] = json!(some_of(random, &readmissions));
        terms["warranty_share"] = random.between(0.0, 0.98);
    }
}

fn retrospective(random: &mut Random, kinds: &[&str], terms: &mut Value) {
    for term in ["minimum_savings_rate", "minimum_loss_rate", "sharing_rate", "loss_rate", "quality_gain_cut"]
    {
        terms[term] = random.between(0.0, 1.0);
    }
    for term in ["stop_gain_rate", "stop_loss_rate"] {
        terms[term] = maybe(random, 0.0, 1.0);
    }
    if !kinds.contains(&OF_CONDITION) {
        terms["raise_to"] = dollars(random, kinds, 0.0, 100.0);
        if random.chance(0.4) {
            terms["post_episode_threshold"] = dollars(random, kinds, 0.0, 900.0);
            terms["post_episode_days"] = json!(1 + random.below(DAYS_AFTER));
        }
    }
    terms["truncate_at"] = dollars(random, kinds, 100.0, 9_000.0);
    terms["best_score"] = json!(random.pick(&[1, 20, 100]));
    terms["quality_loss_cut"] = random.between(0.01, 1.0);
    terms["least_quality"] = maybe(random, 0.0, 1.0);
    if random.chance(0.3) {
        terms["quality_discounts"] = json!([{"from": 0, "gives": random.between(0.5, 1.0)},
            {"from": random.between(0.1, 0.9), "gives": random.between(0.0, 0.5)}]);
        terms["discount"] = json!(0);
    }
    if random.chance(0.5) {
        terms["quality_measures"] = json!([MEASURE]);
    } else {
        terms["quality_score"] = random.between(0.0, 1.0);
    }
}

/// Dollars of every episode, or of each.
fn dollars(random: &mut Random, kinds: &[&str], low: f64, high: f64) -> Value {
    if random.chance(0.5) {
        return json!({"": random.between(low, high)});
    }
    kinds.iter().map(|kind| ((*kind).to_owned(), random.between(low, high))).collect()
}
