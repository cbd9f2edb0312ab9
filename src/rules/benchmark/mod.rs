//! Benchmark of a population whose members are of four enrolment types: base years, adjustments, performance year.
//!
//! Three rules, one after the other, each of which can also be used alone: what an earlier one computes is a fact of the
//! next. The shape is that of the Medicare Shared Savings Program; all that its years differ in are terms.

mod adjustment;
mod by_type;
mod historical;
mod regional;
mod risk;
mod updated;

pub use adjustment::BenchmarkAdjustment;
pub use historical::HistoricalBenchmark;
pub use updated::UpdatedBenchmark;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::{BenchmarkAdjustment, HistoricalBenchmark, UpdatedBenchmark};
    use crate::money::{Unit, decimal_of, float_of};
    use crate::rules::{Figure, Figures, Rule};

    const HISTORICAL: &str = r#"{"base_year_weights": ["0.1", "0.3", "0.6"]}"#;
    const ADJUSTMENT: &str = r#"{
        "regional_weights_lower": [{"from": 1, "gives": "0.35"}, {"from": 2, "gives": "0.5"}],
        "regional_weights_higher": [{"from": 1, "gives": "0.15"}, {"from": 2, "gives": "0.25"}],
        "regional_cap": "0.05", "regional_cap_negative": "0.015", "regional_offset": true,
        "negative_regional_adjustment": true, "prior_savings_share": "0.5", "prior_savings_cap": "0.05",
        "population_cap": "0.05", "population_floor": "0.15"
    }"#;
    const UPDATE: &str = r#"{
        "risk_cap": "0.03", "risk_cap_over": "all", "regional_risk_cap": "0.03",
        "prospective_share": "0.3333333333333333", "prospective_as": "dollars", "guardrail": true
    }"#;

    fn rule<R: Rule>(terms: &str) -> R {
        serde_json::from_str(terms).unwrap()
    }

    /// A number that a fact of the unit may be, from one between 0 and 1.
    fn plausible(figure: &Figure, uniform: f64) -> f64 {
        match figure.unit {
            Unit::Dollars if figure.name == "spending" => 1e8 * (1.0 + uniform),
            Unit::Dollars => 9_000.0 + 2_000.0 * uniform,
            Unit::Factor => 0.9 + 0.2 * uniform,
            Unit::Rate => uniform,
            Unit::Count if figure.name == "regional_adjustments" => (3.0 * uniform).floor(),
            _ => 10_000.0 * uniform,
        }
    }

    /// Lines in both arithmetics differ by less than half a cent, and flags not at all.
    fn agree<R: Rule>(rule: &R, uniforms: &[f64]) {
        let figures = <R::Facts<f64> as Figures<f64>>::FIGURES;
        let decimals: Vec<Option<Decimal>> = figures
            .iter()
            .zip(uniforms)
            .map(|(figure, uniform)| decimal_of(plausible(figure, *uniform)))
            .collect();
        let floats: Vec<Option<f64>> = decimals.iter().map(|value| value.map(float_of)).collect();
        let mut lines = Vec::new();
        rule.settle(&R::Facts::<Decimal>::from_slice(&decimals)).visit(|_, value| lines.push(value));
        let names = <R::Lines<f64> as Figures<f64>>::FIGURES;
        rule.settle(&R::Facts::<f64>::from_slice(&floats)).visit(|position, float| {
            let decimal = lines[position].map(float_of);
            let apart = (float.unwrap_or(0.0) - decimal.unwrap_or(0.0)).abs();
            assert!(apart <= 0.00501, "{}: {float:?} and {decimal:?}", names[position].name);
        });
    }

    proptest! {
        #[test]
        fn both_arithmetics_agree_to_the_cent(uniforms in proptest::collection::vec(0.0..1.0, 64)) {
            agree(&rule::<HistoricalBenchmark>(HISTORICAL), &uniforms);
            agree(&rule::<BenchmarkAdjustment>(ADJUSTMENT), &uniforms);
            agree(&rule::<UpdatedBenchmark>(UPDATE), &uniforms);
        }
    }
}
