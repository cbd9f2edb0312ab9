//! Riders at random: every contract that stands on others, with terms that are valid.

use serde_json::{Value, json};

use crate::campaign::Random;
use crate::contracts::{Ground, INVERSE, MEASURE, care_management_fee, maybe, scope, settle_month, some_of};
use crate::episodes::episode_bundle;

/// Accounts between payer and provider that a withhold or a sequestration may look at.
const ACCOUNTS: [&str; 6] =
    ["claim", "capitation", "care_management_fee", "shared_savings", "sequestered", "withheld"];

const EARNINGS: [&str; 5] =
    ["shared_savings", "quality_payment", "corridor_receipt", "pool_surplus", "withhold_returned"];

type Rider = fn(&mut Random, &Ground<'_>) -> Value;

const RIDERS: [Rider; 13] = [
    administrative_cost,
    advance_payment,
    care_management_fee,
    investment,
    medical_loss_ratio_rebate,
    pay_for_performance,
    repayment_mechanism,
    risk_corridor,
    sequestration,
    shared_savings,
    shared_savings,
    stop_loss,
    withhold,
];

/// Any rider but a risk pool, which needs services that the payer pays for, and interest, which comes last.
pub fn rider(random: &mut Random, ground: &Ground<'_>) -> Value {
    if !ground.episodes.is_empty() && random.chance(0.2) {
        return episode_bundle(random, ground);
    }
    random.pick(&RIDERS)(random, ground)
}

fn shared_savings(random: &mut Random, ground: &Ground<'_>) -> Value {
    let truncated = random.chance(0.5);
    let truncation = if truncated { random.between(1.0, 9_000.0) } else { Value::Null };
    let by_quality = if random.chance(0.3) {
        json!([random.between(0.0, 0.4), random.between(0.4, 1.0)])
    } else {
        Value::Null
    };
    let mut terms = json!({"basis": random.pick(&["allowed", "paid"]),
        "sharing_rate": random.between(0.0, 1.0), "loss_rate": random.between(0.0, 1.0),
        "minimum_savings_rate": random.between(0.0, 0.1), "minimum_loss_rate": random.between(0.0, 0.1),
        "payment_limit_rate": maybe(random, 0.0, 0.3), "loss_limit_rate": maybe(random, 0.0, 0.3),
        "loss_limit_revenue_rate": maybe(random, 0.0, 0.3), "loss_rate_by_quality": by_quality,
        "quality_rule": random.pick(&["none", "times_score", "all_or_nothing", "full_or_alternative"]),
        "minimum_rate_table": minimum_rates(random), "table_below_members": maybe(random, 0.0, 9.0),
        "sequestration_rate": random.between(0.0, 0.1), "discount_rate": random.between(0.0, 0.1),
        "quality_withhold_rate": random.between(0.0, 0.1), "distributed_share": random.between(0.0, 1.0),
        "recovered_share": random.between(0.0, 1.0), "truncation": truncation,
        "settle_month": settle_month(random)});
    overlap(random, ground, &mut terms);
    if random.chance(0.3) {
        terms["quality_rule"] = json!("times_score");
        terms["quality_measures"] = json!([MEASURE]);
    } else {
        terms["quality_score"] = random.between(0.0, 1.0);
    }
    if ground.base_years > 0 && random.chance(0.4) {
        terms["benchmark"] = benchmark(random);
        terms["benchmark_truncated"] = json!(false);
    } else {
        terms["benchmark_pmpm"] = random.between(1.0, 900.0);
        terms["benchmark_truncated"] = json!(truncated);
    }
    json!({"shared_savings": terms})
}

/// What bundles pay is mostly left aside, since a contract that counts it must see it.
fn overlap(random: &mut Random, ground: &Ground<'_>, terms: &mut Value) {
    if !ground.episodes.is_empty() && random.chance(0.7) {
        terms["episode_payments"] = json!(random.pick(&["apart", "apart", "counted"]));
    }
}

fn minimum_rates(random: &mut Random) -> Value {
    if random.chance(0.7) {
        return json!([]);
    }
    json!([
        {"from": 0, "to": 3, "low": random.between(0.0, 0.2), "high": random.between(0.0, 0.2)},
        {"from": 4, "to": null, "low": 0.02, "high": random.between(0.0, 0.2)},
    ])
}

fn benchmark(random: &mut Random) -> Value {
    let (rebase, adjusted) =
        (if random.chance(0.5) { json!(1 + random.below(3)) } else { Value::Null }, random.chance(0.5));
    let mut terms = json!({"trend": random.pick(&["national", "regional"]), "noise_cv": random.between(0.0, 0.1),
        "rebase_every": rebase, "risk_adjusted": adjusted});
    if adjusted {
        terms["risk_score_cap"] = maybe(random, 0.0, 0.1);
    }
    if random.chance(0.3) {
        terms["trend"] = json!("prospective");
        terms["trend_rate"] = random.between(-0.1, 0.1);
    }
    terms
}

fn stop_loss(random: &mut Random, ground: &Ground<'_>) -> Value {
    let mut terms = json!({"ceded_share": random.between(0.0, 1.0), "limit": maybe(random, 0.0, 20_000.0),
        "premium_pmpm": random.between(0.0, 50.0), "scope": scope(random, ground),
        "value_own_services_at": random.between(0.0, 1.0), "settle_month": settle_month(random),
        // So short a lag leaves no claim out.
        "basis": random.pick(&["incurred", "12/15"]), "payment_lag_months": random.below(4)});
    let aggregate = random.chance(0.3);
    terms["kind"] = json!(if aggregate { "aggregate" } else { "specific" });
    if aggregate && random.chance(0.5) {
        terms["attachment_rate"] = random.between(0.0, 2.0);
        terms["expected_pmpm"] = random.between(0.0, 500.0);
        return json!({"stop_loss": terms});
    }
    terms["attachment_point"] = random.between(0.0, 9_000.0);
    if !aggregate && random.chance(0.3) {
        let point = random.between(9_000.0, 90_000.0);
        terms["lasers"] = json!([{"member_id": "0", "row": 0, "attachment_point": point}]);
    }
    json!({"stop_loss": terms})
}

fn withhold(random: &mut Random, _: &Ground<'_>) -> Value {
    json!({"withhold": {"withhold_rate": random.between(0.0, 1.0), "accounts": some_of(random, &ACCOUNTS),
        "returned_share": random.between(0.0, 1.0), "quality_score": random.between(0.0, 1.0),
        "target_pmpm": maybe(random, 0.0, 300.0), "settle_month": settle_month(random)}})
}

fn sequestration(random: &mut Random, ground: &Ground<'_>) -> Value {
    let later = 2 + random.below(ground.months);
    json!({"sequestration": {"accounts": some_of(random, &ACCOUNTS), "first_date": "2026-01-01", "notes": [],
        "rates": [{"from": 1, "gives": random.between(0.0, 1.0)}, {"from": later, "gives": random.between(0.0, 1.0)}]}})
}

fn corridor_bands(random: &mut Random) -> Value {
    let edges = [random.between(0.0, 0.05), random.between(0.06, 0.1)];
    json!([{"from": edges[0], "to": edges[1], "share": random.between(0.0, 1.0)},
        {"from": edges[1], "to": null, "share": random.between(0.0, 1.0)}])
}

fn risk_corridor(random: &mut Random, ground: &Ground<'_>) -> Value {
    let of_provider = random.chance(0.3);
    let mut terms = json!({"losses": corridor_bands(random), "gains": corridor_bands(random),
        "share_of": if of_provider { "provider" } else { "payer" }, "value_own_services_at": "paid",
        "settle_month": settle_month(random)});
    overlap(random, ground, &mut terms);
    if of_provider || random.chance(0.5) {
        terms["target_pmpm"] = random.between(0.0, 500.0);
    } else {
        terms["target_loss_ratio"] = random.between(0.0, 1.0);
        terms["value_own_services_at"] = json!(random.pick(&["paid", "own_cost"]));
    }
    json!({"risk_corridor": terms})
}

fn medical_loss_ratio_rebate(random: &mut Random, _: &Ground<'_>) -> Value {
    let credibility = if random.chance(0.5) {
        json!([])
    } else {
        json!([{"from": random.below(3), "gives": random.between(0.0, 0.1)}, {"from": 4, "gives": 0}])
    };
    let decimals = if random.chance(0.5) { Value::Null } else { json!(random.below(10)) };
    json!({"medical_loss_ratio_rebate": {"standard": random.between(0.0, 1.0), "credibility": credibility,
        "deductible_factors": [{"from": 0, "gives": random.between(0.0, 2.0)}], "ratio_decimals": decimals,
        "rebate_on": random.pick(&["premium_less_taxes", "premium"]),
        "value_own_services_at": random.pick(&["paid", "own_cost"]), "settle_month": settle_month(random)}})
}

fn pay_for_performance(random: &mut Random, _: &Ground<'_>) -> Value {
    let ladder = json!({"ladder": [{"from": 0.3, "gives": random.between(0.0, 0.5)}, {"from": 0.8, "gives": 1}],
        "straight_line": random.chance(0.5), "improvement": maybe(random, 0.01, 1.0)});
    let ladder = if random.chance(0.5) { ladder } else { Value::Null };
    let mut measures = vec![json!({"name": MEASURE, "ladder": ladder, "weight": maybe(random, 0.01, 5.0)})];
    if random.chance(0.5) {
        measures.push(json!({"name": INVERSE, "ladder": null, "weight": null}));
    }
    json!({"pay_for_performance": {"measures": if random.chance(0.3) { vec![] } else { measures },
        "ladder": [{"from": random.between(0.0, 0.4), "gives": random.between(0.0, 1.0)}, {"from": 1, "gives": 2}],
        "penalty_ladder": [{"from": random.between(0.0, 0.4), "gives": 1}, {"from": 0.75, "gives": random.between(0.0, 1.0)}],
        "straight_line": random.chance(0.5), "withhold_rate": random.between(0.0, 1.0),
        "bonus_pmpm": random.between(0.0, 20.0), "bonus_rate": random.between(0.0, 1.0),
        "penalty_rate": random.between(0.0, 1.0), "dollars_per_member": {MEASURE: random.between(0.0, 50.0)},
        "pool": null, "budget_neutral": false, "minimum_eligible": 1 + random.below(3), "minimum_measures": 1,
        "settle_month": settle_month(random)}})
}

/// Of services that no capitation bears; the payer must pay for one.
pub fn risk_pool(random: &mut Random) -> Value {
    json!({"risk_pool": {"budget_pmpm": random.between(0.01, 500.0), "trend": random.between(-0.2, 0.2),
        "scope": null, "surplus_share": random.between(0.0, 1.0), "deficit_share": random.between(0.0, 1.0),
        "surplus_limit_rate": maybe(random, 0.0, 1.0), "deficit_limit_rate": maybe(random, 0.0, 1.0),
        "truncation": maybe(random, 1.0, 9_000.0), "carry_deficit": random.chance(0.5),
        "settle_month": settle_month(random)}})
}

fn advance_payment(random: &mut Random, ground: &Ground<'_>) -> Value {
    let first = ground.month(random);
    let mut terms = json!({"amount": random.between(0.0, 9_000.0), "first_month": first,
        "recouped_from": some_of(random, &EARNINGS), "repay_balance": random.chance(0.5)});
    if random.chance(0.5) {
        terms["pmpm"] = random.between(0.0, 50.0);
        terms["last_month"] = json!(first + random.below(ground.months - first + 1));
    }
    json!({"advance_payment": terms})
}

fn investment(random: &mut Random, ground: &Ground<'_>) -> Value {
    let first = if random.chance(0.5) { json!(ground.month(random)) } else { Value::Null };
    json!({"investment": {"amount": random.between(0.01, 90_000.0), "month": ground.month(random),
        "first_month": first, "life_months": 1 + random.below(600)}})
}

pub fn administrative_cost(random: &mut Random, _: &Ground<'_>) -> Value {
    let measures = if random.chance(0.5) { json!(random.below(9)) } else { Value::Null };
    json!({"administrative_cost": {"per_year": random.between(0.0, 9_000.0), "pmpm": maybe(random, 0.0, 9.0),
        "hours_per_measure": random.between(0.0, 90.0), "hourly_cost": random.between(0.0, 90.0),
        "measures": measures, "trend": random.between(-0.2, 0.2)}})
}

fn repayment_mechanism(random: &mut Random, ground: &Ground<'_>) -> Value {
    let form = *random.pick(&["escrow", "letter_of_credit", "surety_bond"]);
    let mut terms = json!({"form": form, "first_month": ground.month(random),
        "release_month": settle_month(random)});
    if random.chance(0.5) {
        terms["amount"] = random.between(0.0, 9_000.0);
    } else {
        terms["benchmark_share"] = random.between(0.0, 1.0);
        terms["benchmark_pmpm"] = random.between(1.0, 900.0);
    }
    if form != "escrow" {
        terms["yearly_fee_rate"] = random.between(0.0, 1.0);
    }
    json!({"repayment_mechanism": terms})
}

pub fn financing(random: &mut Random) -> Value {
    json!({"financing": {"credit_rate": random.between(0.0, 1.0), "deposit_rate": random.between(0.0, 1.0),
        "opening_cash": random.between(-9_000.0, 9_000.0)}})
}
