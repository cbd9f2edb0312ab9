//! Contracts at random: base payments that divide the services, of each payer or of all of them, and riders on them.

use serde_json::{Value, json};

use crate::campaign::Random;
use crate::riders::{administrative_cost, financing, rider, risk_pool};

/// The payers of every panel.
pub const PAYERS: [&str; 2] = ["one", "two"];

/// A measure of every study that is better met by more members, and one that is better met by fewer.
pub const MEASURE: &str = "checks";
pub const INVERSE: &str = "returns";

/// What contracts stand on.
pub struct Ground<'a> {
    /// Names of the services, and whether the provider gives them.
    pub services: &'a [(&'a str, bool)],
    /// Months of all performance years.
    pub months: usize,
    pub base_years: usize,
    /// Whether some members are not attributed.
    pub attribution: bool,
    /// Names of the episodes.
    pub episodes: &'a [&'a str],
    /// Whether members pay in the order of claims.
    pub in_order: bool,
}

impl Ground<'_> {
    pub fn names(&self) -> Vec<&str> {
        self.services.iter().map(|(name, _)| *name).collect()
    }

    fn own(&self) -> Vec<&str> {
        self.services.iter().filter(|(_, own)| *own).map(|(name, _)| *name).collect()
    }

    pub fn month(&self, random: &mut Random) -> usize {
        1 + random.below(self.months)
    }
}

/// The contracts of an arm with all payers, and those of each payer, of which there may be none.
pub fn arrangement(random: &mut Random, ground: &Ground<'_>) -> (Value, Value) {
    let (mut common, of_payers) = if random.chance(0.3) {
        let of_payer = |payer| json!({"payer": payer, "contracts": with_riders(random, ground)});
        let of_payers: Vec<Value> = PAYERS.into_iter().map(of_payer).collect();
        let common = (0..random.below(3)).map(|_| rider(random, ground)).collect();
        (common, of_payers)
    } else {
        (with_riders(random, ground), vec![])
    };
    if random.chance(0.2) || common.is_empty() && of_payers.is_empty() {
        common.push(financing(random));
    }
    let some_of_payers = of_payers.iter().any(|of| of["contracts"] != json!([]));
    if common.is_empty() && !some_of_payers {
        common.push(administrative_cost(random, ground));
    }
    (Value::Array(common), Value::Array(of_payers))
}

/// Base payments and what looks at them, mostly in this order.
fn with_riders(random: &mut Random, ground: &Ground<'_>) -> Vec<Value> {
    let (mut contracts, payer_pays) = base(random, ground);
    contracts.extend((0..random.below(4)).map(|_| rider(random, ground)));
    if payer_pays && random.chance(0.2) {
        contracts.push(risk_pool(random));
    }
    if random.chance(0.1) {
        contracts.reverse();
    }
    contracts
}

/// Base payments that divide the services among them, and whether the payer still pays for any.
fn base(random: &mut Random, ground: &Ground<'_>) -> (Vec<Value>, bool) {
    match random.below(4) {
        0 => (vec![fee_for_service(random, &Value::Null)], true),
        1 => {
            let names = ground.names();
            let mut carved: Vec<&str> = names.iter().copied().filter(|_| random.chance(0.2)).collect();
            carved.truncate(names.len() - 1);
            let some = !carved.is_empty();
            let carve_outs = if some { json!(carved) } else { Value::Null };
            (vec![capitation(random, &Value::Null, &carve_outs)], some)
        }
        _ => divided(random, ground),
    }
}

fn divided(random: &mut Random, ground: &Ground<'_>) -> (Vec<Value>, bool) {
    let mut ways: [Vec<&str>; 5] = Default::default();
    for (name, own) in ground.services {
        let way = if *own { random.below(5) } else { random.below(2) };
        ways[way].push(name);
    }
    let [unclaimed, capitated, paid, retained, visits] = ways;
    let payer_pays = [&unclaimed, &paid, &visits].iter().any(|names| !names.is_empty());
    let mut contracts = Vec::new();
    if !capitated.is_empty() {
        contracts.push(capitation(random, &json!(capitated), &Value::Null));
    }
    if !paid.is_empty() {
        contracts.push(fee_for_service(random, &json!(paid)));
    }
    if !retained.is_empty() {
        contracts.push(direct_primary_care(random, &retained));
    }
    if !visits.is_empty() {
        let mut fee = care_management_fee(random, ground);
        let terms = fee["care_management_fee"].as_object_mut().expect("terms by name");
        // What is paid flat is not reduced too.
        terms.remove("reduced_scope");
        terms.insert("fee_reduction".to_owned(), json!(0));
        terms.insert("flat_visit_fee".to_owned(), random.between(0.0, 200.0));
        terms.insert("visit_scope".to_owned(), json!(visits));
        contracts.push(fee);
    }
    (contracts, payer_pays)
}

/// Some of the names, at least one.
pub fn some_of<'a>(random: &mut Random, names: &[&'a str]) -> Vec<&'a str> {
    let some: Vec<&str> = names.iter().copied().filter(|_| random.chance(0.5)).collect();
    if some.is_empty() { vec![*random.pick(names)] } else { some }
}

pub fn scope(random: &mut Random, ground: &Ground<'_>) -> Value {
    if random.chance(0.5) { Value::Null } else { json!(some_of(random, &ground.names())) }
}

/// Dollars or a rate, or nothing at all.
pub fn maybe(random: &mut Random, low: f64, high: f64) -> Value {
    if random.chance(0.5) { random.between(low, high) } else { Value::Null }
}

pub fn settle_month(random: &mut Random) -> usize {
    12 + random.below(49)
}

fn fee_for_service(random: &mut Random, scope: &Value) -> Value {
    json!({"fee_for_service": {"fee_level": random.between(0.0, 2.0), "scope": scope}})
}

fn capitation(random: &mut Random, scope: &Value, carve_outs: &Value) -> Value {
    let mut terms = json!({"pmpm": random.between(0.0, 600.0), "trend": random.between(-0.2, 0.2),
        "risk_adjusted": false, "scope": scope, "carve_outs": carve_outs, "cells": null,
        "claims_lag_months": random.below(13)});
    match random.below(3) {
        0 => {
            terms["risk_adjusted"] = json!(true);
            terms["normalization"] = random.between(0.5, 2.0);
            terms["risk_score_cap"] = maybe(random, 0.0, 0.2);
        }
        1 => {
            terms["cells"] = cells(random);
            terms["cell_normalization"] = random.between(0.5, 2.0);
        }
        _ => {}
    }
    if random.chance(0.5) {
        terms["retroactive_rate"] = random.between(0.0, 1.0);
        terms["retroactive_months"] = json!(1 + random.below(48));
    }
    json!({"capitation": terms})
}

/// The young together, the old by sex.
fn cells(random: &mut Random) -> Value {
    let age = 1 + random.below(90);
    json!([
        {"age_from": 0, "age_below": age, "sex": null, "factor": random.between(0.0, 2.0)},
        {"age_from": age, "age_below": null, "sex": "female", "factor": random.between(0.0, 5.0)},
        {"age_from": age, "age_below": null, "sex": "male", "factor": random.between(0.0, 5.0)},
    ])
}

fn direct_primary_care(random: &mut Random, names: &[&str]) -> Value {
    let (retained, passed) = names.split_at(1 + random.below(names.len()));
    let pass_through = if passed.is_empty() { Value::Null } else { json!(passed) };
    json!({"direct_primary_care": {"retainer_pmpm": bands(random), "scope": retained,
        "enrolment_fee": random.between(0.0, 200.0), "sponsor_share": random.between(0.0, 1.0),
        "pass_through": pass_through, "pass_through_markup": random.between(0.0, 1.0)}})
}

/// Dollars per member per month by age or by risk score, or one figure for all.
fn bands(random: &mut Random) -> Value {
    if random.chance(0.4) {
        return json!([{"from": "0", "below": null, "pmpm": random.between(0.0, 90.0)}]);
    }
    let (from, width) = (random.below(2), 1 + random.below(60));
    json!([
        {"from": from, "below": from + width, "pmpm": random.between(0.0, 90.0)},
        {"from": from + width, "below": null, "pmpm": random.between(0.0, 90.0)},
    ])
}

pub fn care_management_fee(random: &mut Random, ground: &Ground<'_>) -> Value {
    let mut terms = json!({"coinsurance": random.between(0.0, 1.0),
        "prepaid_incentive_pmpm": random.between(0.0, 9.0),
        "incentive_earned_share": random.between(0.0, 1.0), "prospective_pmpm": random.between(0.0, 30.0),
        "fee_reduction": 0, "performance_adjustment": random.between(-1.0, 1.0),
        "settle_month": settle_month(random), "notes": ["recalled"]});
    if random.chance(0.5) {
        terms["pmpm"] = random.between(0.0, 90.0);
    } else {
        terms["tiers"] = bands(random);
    }
    if !ground.own().is_empty() && random.chance(0.5) {
        terms["fee_reduction"] = random.between(0.01, 1.0);
        terms["reduced_scope"] = json!(some_of(random, &ground.own()));
    }
    json!({"care_management_fee": terms})
}
