//! Episode bundles settle to the same cent in the simulation's arithmetic and in decimal, gates and limits included.

use atrisk::money::{Amount, decimal_of, float_of};
use atrisk::rules::episode_bundle::{EpisodeReconciliation, ProspectiveBundle, ProspectiveCase};
use atrisk::rules::{Figures, Rule};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn percent(most: i32) -> impl Strategy<Value = Value> {
    (0..=most).prop_map(|percent| json!(format!("{}", f64::from(percent) / 100.0)))
}

fn maybe(rate: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), rate]
}

/// Discounts as those of CJR, or one that quality leaves alone.
fn discounts() -> impl Strategy<Value = (Value, Value, Value)> {
    let gains = json!([{"from": 0, "gives": "0.03"}, {"from": "30", "gives": "0.02"}, {"from": "66", "gives": "0.015"}]);
    let losses = json!([{"from": 0, "gives": "0.02"}, {"from": "30", "gives": "0.01"}, {"from": "66", "gives": "0.005"}]);
    prop_oneof![
        percent(5).prop_map(|discount| (discount, json!([]), Value::Null)),
        Just((json!(0), gains.clone(), Value::Null)),
        Just((json!(0), gains, losses)),
    ]
}

fn reconciliations() -> impl Strategy<Value = EpisodeReconciliation> {
    let rates = (percent(15), percent(15), percent(5), percent(5), percent(100), percent(100));
    let limits = (maybe(percent(20)), maybe(percent(20)), maybe((0..=60).prop_map(|score| json!(score))));
    (discounts(), rates, limits).prop_map(|(discounts, rates, limits)| {
        let terms = json!({"discount": discounts.0, "quality_discounts": discounts.1,
            "quality_loss_discounts": discounts.2, "best_score": 100, "least_quality": limits.2,
            "quality_gain_cut": rates.0, "quality_loss_cut": rates.1, "minimum_savings_rate": rates.2,
            "minimum_loss_rate": rates.3, "sharing_rate": rates.4, "loss_rate": rates.5, "stop_gain_rate": limits.0,
            "stop_loss_rate": limits.1});
        serde_json::from_value(terms).expect("terms of a reconciliation")
    })
}

fn dollars(most: i64) -> impl Strategy<Value = f64> {
    (0..most * 100).prop_map(|cents| cents as f64 / 100.0)
}

/// Sums as a user has them: dollars in cents, a score in whole points, spending near the target.
fn sums() -> impl Strategy<Value = Vec<f64>> {
    let after = (dollars(100_000), dollars(100_000));
    (dollars(10_000_000), -0.3..0.3, 0..=100, after).prop_map(|(target, over, score, after)| {
        let actual = f64::round(target * (1.0 + over) * 100.0) / 100.0;
        vec![target, actual, f64::from(score), after.0, after.1]
    })
}

fn cases() -> impl Strategy<Value = Vec<Option<f64>>> {
    (dollars(60_000), dollars(200_000), 0.0..1.0, prop::option::of(dollars(90_000))).prop_map(
        |(price, cost, part, attachment)| {
            vec![Some(price), Some(cost), Some(f64::round(cost * part * 100.0) / 100.0), attachment]
        },
    )
}

/// Terms of a case; a premium that most cases do not have.
fn prospective_cases() -> impl Strategy<Value = ProspectiveCase> {
    let premium = prop_oneof![Just(0.0), dollars(5_000)];
    (percent(5), percent(100), percent(100), premium).prop_map(|(discount, warranty, ceded, premium)| {
        let terms = json!({"discount": discount, "warranty_share": warranty, "case_ceded_share": ceded,
            "stop_loss_premium": premium});
        serde_json::from_value(terms).expect("terms of a case")
    })
}

/// Spending at which the difference meets its minimum or its limit to the cent, or misses it by some.
fn near(terms: &EpisodeReconciliation, sums: &[f64], limit: bool, cents: f64) -> Vec<f64> {
    let known: Vec<Option<f64>> = sums.iter().copied().map(Some).collect();
    let facts = <EpisodeReconciliation as Rule>::Facts::<f64>::from_slice(&known);
    let lines = terms.settle(&facts);
    let side = if lines.difference < 0.0 { -1.0 } else { 1.0 };
    let stop = if side < 0.0 { lines.stop_loss } else { lines.stop_gain };
    let distance = if limit { stop.unwrap_or(lines.minimum) } else { lines.minimum };
    let actual = (((lines.discounted_target - side * distance) * 100.0).round() + cents) / 100.0;
    let mut near = sums.to_vec();
    near[1] = actual.max(0.0);
    near
}

fn agree<R: Rule>(terms: &R, facts: &[Option<f64>]) -> Result<(), TestCaseError> {
    let decimals: Vec<Option<Decimal>> = facts.iter().map(|fact| fact.and_then(decimal_of)).collect();
    let mut exact = Vec::new();
    terms.settle(&R::Facts::from_slice(&decimals)).visit(|_, value| exact.push(value));
    let mut all = Ok(());
    terms.settle(&R::Facts::<f64>::from_slice(facts)).visit(|line, value| {
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

fn known(sums: &[f64]) -> Vec<Option<f64>> {
    sums.iter().copied().map(Some).collect()
}

/// The same cases in every run.
fn runs() -> ProptestConfig {
    ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(30),
        failure_persistence: None,
        ..Default::default()
    }
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn episodes_reconcile_alike(terms in reconciliations(), sums in sums()) {
        agree(&terms, &known(&sums))?;
    }

    #[test]
    fn episodes_reconcile_alike_at_gates_and_limits(
        terms in reconciliations(), sums in sums(), limit in prop::bool::ANY, cents in -2..=2_i8
    ) {
        agree(&terms, &known(&near(&terms, &sums, limit, f64::from(cents))))?;
    }

    /// Adjustments add up to the settlement in whole cents.
    #[test]
    fn episodes_add_up(terms in reconciliations(), sums in sums()) {
        let decimals: Vec<Option<Decimal>> = sums.iter().map(|fact| decimal_of(*fact)).collect();
        let lines = terms.settle(&<EpisodeReconciliation as Rule>::Facts::from_slice(&decimals));
        let adjusted = lines.difference + lines.below_minimum + lines.quality_adjustment + lines.sharing_adjustment
            + lines.limit_adjustment - lines.post_episode_excess;
        prop_assert_eq!(adjusted, lines.settlement);
    }

    #[test]
    fn episodes_paid_beforehand_settle_alike(terms in prospective_cases(), case in cases()) {
        agree(&terms, &case)?;
    }

    /// What the provider keeps of a case is its price less all that is borne and paid, in whole cents.
    #[test]
    fn episodes_paid_beforehand_add_up(terms in prospective_cases(), case in cases()) {
        let decimals: Vec<Option<Decimal>> = case.iter().map(|fact| fact.and_then(decimal_of)).collect();
        let lines = terms.settle(&<ProspectiveCase as Rule>::Facts::from_slice(&decimals));
        prop_assert_eq!(lines.price - lines.borne + lines.case_recovery - lines.premium, lines.margin);
        prop_assert_eq!(lines.premium, Decimal::term(&terms.stop_loss_premium));
    }

    #[test]
    fn episodes_paid_beforehand_attach_alike(
        target in dollars(10_000_000), over in -0.5..0.5, rate in maybe(percent(130)), parts in (0.0..0.5, 0.0..0.5),
        premium in dollars(200_000)
    ) {
        let terms = json!({"aggregate_attachment_rate": rate});
        let cents = |dollars: f64| f64::round(dollars * 100.0) / 100.0;
        let actual = cents(target * (1.0 + over));
        let facts = known(&[target, actual, cents(actual * parts.0), cents(actual * parts.1), premium]);
        agree(&serde_json::from_value::<ProspectiveBundle>(terms).expect("terms of a bundle"), &facts)?;
    }
}
