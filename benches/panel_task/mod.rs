//! The panel task of the race: five services, frailty of cv 1.2, truncation, one-sided settlement.

use atrisk::population::Columns;
use atrisk::study::Study;

/// A study of the task with so many members.
pub fn panel_task(members: usize) -> Study {
    let columns = Columns {
        member: (0..members as u64).collect(),
        age: vec![50.0; members],
        risk_score: vec![1.0; members],
        entry_month: vec![1; members],
        exit_month: vec![12; members],
        payer: vec![0; members],
        payers: vec!["payer".to_owned()],
        ..Columns::default()
    };
    let services = [
        ("primary care", 3200, 110, 0.5),
        ("specialist", 2100, 160, 0.8),
        ("inpatient", 80, 15000, 1.3),
        ("emergency", 300, 900, 1.0),
        ("drugs", 10000, 60, 1.2),
    ]
    .map(|(name, rate, mean, cv)| {
        format!(r#"{{"name": "{name}", "per_1000": {rate}, "allowed": {{"log_normal": {{"mean": {mean}, "cv": {cv}}}}},
                "own_cost": 0, "delivered_by": "provider", "coinsurance": 0}}"#)
    })
    .join(",");
    let spec = format!(
        r#"{{"seed": 1, "years": 1, "utilization": {{"services": [{services}], "frailty_cv": 1.2,
                "fixed_cost_per_month": 0}}, "arms": [
            {{"name": "ACO", "contracts": [{{"fee_for_service": {{"fee_level": 1}}}}, {{"shared_savings": {{"benchmark_pmpm": 230,
              "basis": "allowed", "sharing_rate": 0.5, "loss_rate": 0, "minimum_savings_rate": 0,
              "minimum_loss_rate": 0, "settle_month": 21, "truncation": 100000, "benchmark_truncated": true}}}}]}}]}}"#
    );
    Study::new(&spec, columns).expect("the panel task is a valid study")
}
