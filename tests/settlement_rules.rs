//! Shared savings settle to the same cent in the simulation's arithmetic and in decimal, gates included.

use atrisk::money::{Amount, decimal_of, float_of};
use atrisk::rules::shared_savings::{SharedSavings, SharedSavingsFacts};
use atrisk::rules::{Figures, Rule};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn percent(most: i32) -> impl Strategy<Value = Value> {
    (0..=most * 100).prop_map(|hundredths| json!(format!("{}", f64::from(hundredths) / 10_000.0)))
}

fn maybe(rate: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), rate]
}

fn terms() -> impl Strategy<Value = SharedSavings> {
    let rates = (percent(100), percent(100), percent(10), percent(10), percent(5));
    let limits = (maybe(percent(30)), maybe(percent(30)), maybe(percent(30)));
    let by_quality = prop_oneof![Just(Value::Null), Just(json!(["0.4", "0.75"]))];
    let quality = prop::sample::select(vec!["none", "times_score", "all_or_nothing", "full_or_alternative"]);
    let table = prop_oneof![
        Just(json!([])),
        Just(json!([{"from": 100, "to": 4999, "low": "0.122", "high": "0.039"},
            {"from": 5000, "to": null, "low": "0.039", "high": "0.02"}])),
    ];
    (rates, limits, by_quality, quality, table).prop_map(|(rates, limits, by_quality, quality, table)| {
        let terms = json!({"sharing_rate": rates.0, "loss_rate": rates.1, "minimum_savings_rate": rates.2,
            "minimum_loss_rate": rates.3, "sequestration_rate": rates.4, "payment_limit_rate": limits.0,
            "loss_limit_rate": limits.1, "loss_limit_revenue_rate": limits.2, "loss_rate_by_quality": by_quality,
            "quality_rule": quality, "minimum_rate_table": table, "reduced_sharing": ["0.5", 5000]});
        serde_json::from_value(terms).expect("terms of shared savings")
    })
}

/// Facts as a user has them: dollars in cents, scores in percent; some unknown. A difference of more dollars has no digits
/// left in a float to tell a half of a cent.
fn facts() -> impl Strategy<Value = Vec<Option<f64>>> {
    let dollars = |most: i64| (0..most * 100).prop_map(|cents| cents as f64 / 100.0);
    let rate = || (0..=100).prop_map(|percent| f64::from(percent) / 100.0);
    let flag = || prop::bool::ANY.prop_map(|flag| f64::from(u8::from(flag)));
    let known = (dollars(10_000_000), -0.2..0.2, 100..90_000, rate(), flag(), flag(), flag());
    let unknown = (
        prop::option::of(rate()),
        prop::option::of(dollars(80_000_000)),
        prop::option::of(dollars(9_000_000)),
        prop::option::of(dollars(10_000_000)),
        rate(),
        dollars(1_000_000),
    );
    (known, unknown).prop_map(|(known, unknown)| {
        let (benchmark, over, members, score, met, alternative, low_revenue) = known;
        let (elected, revenue, limit, guardrail, disaster, adjustment) = unknown;
        let spending: f64 = f64::round(benchmark * (1.0 + over) * 100.0) / 100.0;
        [
            Some(benchmark),
            Some(spending),
            Some(f64::from(members)),
            elected.map(|rate| rate / 20.0),
            Some(score),
        ]
        .into_iter()
        .chain([Some(met), Some(alternative), None, None, Some(low_revenue), revenue, limit, guardrail])
        .chain([Some(disaster), Some(adjustment), Some(7.0), Some(adjustment)])
        .collect()
    })
}

/// Spending at which savings meet the minimum to the cent, or miss it by one.
fn near_the_gate(terms: &SharedSavings, facts: &[Option<f64>], cents: f64) -> Vec<Option<f64>> {
    let lines = terms.settle(&SharedSavingsFacts::<f64>::from_slice(facts));
    let benchmark = facts[0].unwrap_or_default();
    let side = if lines.savings < 0.0 { -1.0 } else { 1.0 };
    let spending = ((benchmark - side * lines.minimum) * 100.0).round() / 100.0 + cents / 100.0;
    let mut near = facts.to_vec();
    near[1] = Some((spending * 100.0).round() / 100.0);
    near
}

fn agree(terms: &SharedSavings, facts: &[Option<f64>]) -> Result<(), TestCaseError> {
    let decimals: Vec<Option<Decimal>> = facts.iter().map(|fact| fact.and_then(decimal_of)).collect();
    let mut exact = Vec::new();
    terms.settle(&SharedSavingsFacts::from_slice(&decimals)).visit(|_, value| exact.push(value));
    let mut all = Ok(());
    terms.settle(&SharedSavingsFacts::<f64>::from_slice(facts)).visit(|line, value| {
        let (float, decimal) = (value.map(Amount::cents), exact[line].map(|value| float_of(value.cents())));
        let same = match (float, decimal) {
            (Some(float), Some(decimal)) => (float - decimal).abs() < 0.001,
            (float, decimal) => float == decimal,
        };
        if !same && all.is_ok() {
            all = Err(TestCaseError::fail(format!(
                "line {line}: {float:?} in floats, {decimal:?} in decimals"
            )));
        }
    });
    all
}

/// The same cases in every run.
fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(30),
        failure_persistence: None,
        ..Default::default()
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn both_arithmetics_agree(terms in terms(), facts in facts()) {
        agree(&terms, &facts)?;
    }

    #[test]
    fn both_arithmetics_agree_at_the_gates(terms in terms(), facts in facts(), cents in -2..=2_i8) {
        agree(&terms, &near_the_gate(&terms, &facts, f64::from(cents)))?;
    }
}
