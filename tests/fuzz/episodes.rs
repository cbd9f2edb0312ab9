//! Episodes at random, and the bundles that settle them.

use serde_json::{Value, json};

use crate::campaign::Random;
use crate::contracts::{Ground, MEASURE, maybe, settle_month, some_of};
use crate::studies::price;

/// Names of episodes; the first service opens the one, the second the other.
const NAMES: [&str; 2] = ["knee", "Schlaganfall, früh"];

/// No episode, one, or two where a third service is left for their care.
pub fn names(random: &mut Random, services: &[&str]) -> Vec<&'static str> {
    let most = services.len().saturating_sub(1).min(NAMES.len());
    let count = if random.chance(0.5) { random.below(most + 1) } else { 0 };
    NAMES[..count].to_vec()
}

/// The episodes that go by these names; their care is of services that open none.
pub fn episodes(random: &mut Random, names: &[&str], services: &[&str]) -> Vec<Value> {
    let follow = &services[names.len()..];
    names.iter().zip(services).map(|(name, trigger)| episode(random, name, trigger, follow)).collect()
}

fn episode(random: &mut Random, name: &str, trigger: &str, follow: &[&str]) -> Value {
    let window = 1 + random.below(365);
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
    json!({"name": name, "trigger": trigger, "window_days": window, "paths": paths, "care": some(random, 4),
        "death_rate": random.between(0.0, 1.0), "factor": null, "absorbs": random.chance(0.5),
        "within_lines": within})
}

/// Care of any price on top of the lines; within them of a few dollars, so that most lines have these.
fn care(random: &mut Random, window: usize, within: bool, follow: &[&str]) -> Value {
    let first = random.below(window + 1);
    let amount = if within { random.between(0.0, 5.0) } else { price(random) };
    json!({"service": random.pick(follow), "share": random.between(0.0, 1.0), "amount": amount,
        "from_day": first, "to_day": first + random.below(window - first + 1)})
}

/// A bundle of some episodes.
pub fn episode_bundle(random: &mut Random, ground: &Ground<'_>) -> Value {
    let kinds = some_of(random, ground.episodes);
    let mut terms = json!({"episodes": kinds, "target_price": dollars(random, &kinds, 0.0, 9_000.0),
        "discount": random.between(0.0, 1.0), "minimum_savings_rate": 0, "minimum_loss_rate": 0, "sharing_rate": 1,
        "loss_rate": 1, "best_score": 1, "quality_gain_cut": 0, "quality_loss_cut": 0, "quality_discounts": [],
        "quality_measures": [], "warranty_share": 1, "case_ceded_share": 1, "settle_month": settle_month(random),
        "notes": ["recalled"]});
    if ground.in_order || random.chance(0.6) {
        terms["kind"] = json!("retrospective");
        retrospective(random, &kinds, &mut terms);
    } else {
        terms["kind"] = json!("prospective");
        terms["case_attachment"] = dollars(random, &kinds, 0.0, 900.0);
        terms["case_ceded_share"] = random.between(0.0, 1.0);
        terms["aggregate_attachment_rate"] = maybe(random, 0.0, 10.0);
    }
    json!({"episode_bundle": terms})
}

fn retrospective(random: &mut Random, kinds: &[&str], terms: &mut Value) {
    for term in ["minimum_savings_rate", "minimum_loss_rate", "sharing_rate", "loss_rate", "quality_gain_cut"]
    {
        terms[term] = random.between(0.0, 1.0);
    }
    for term in ["stop_gain_rate", "stop_loss_rate"] {
        terms[term] = maybe(random, 0.0, 1.0);
    }
    terms["raise_to"] = dollars(random, kinds, 0.0, 100.0);
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
