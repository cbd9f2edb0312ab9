//! Inpatient rehabilitation: a stay by its group, with transfers, location, low income, teaching and outliers.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Rounding, Term};
use crate::payment::{kept, power};
use crate::rules::Rule;
use crate::rules::figures::figures;

/// Decimals of the low-income and the teaching factor.
const FINE: u32 = 9;

/// What holds for every year; figures of a year come as facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InpatientRehabilitation {
    /// The part of the loss beyond the threshold that is paid.
    loss_sharing: Term,
    /// The part of a payment lost where the patient assessment came late.
    late_assessment_penalty: Term,
    /// The day added to the length of stay of a transfer.
    transfer_half_day: Term,
    /// The power of one and the part of low-income patients.
    low_income_exponent: Term,
    /// The power of one and residents to average daily census.
    teaching_exponent: Term,
}

figures! {
    /// A stay.
    RehabilitationFacts {
        weight: Factor, "weight of the group that pays the stay";
        conversion_factor: Dollars, "standard payment conversion factor";
        transfer: Flag, "whether it ended by a transfer before the group's average length of stay";
        length_of_stay: Count, "days";
        average_length_of_stay: Count or unknown, "average length of stay of the group, days";
        wage_index: Factor, "wage index of where the facility is";
        labor_share: Rate, "part of a payment that is moved by the wage index";
        location_factor: Factor, "rural adjustment";
        low_income_ratio: Factor = 0.0, "part of patients with low income: the two ratios of the hospital added";
        teaching_ratio: Factor = 0.0, "residents ÷ average daily census";
        charges: Dollars = 0.0, "covered charges of the stay";
        cost_to_charge_ratio: Factor = 0.0, "operating and capital cost-to-charge ratio";
        outlier_threshold: Dollars or unknown, "loss before an outlier is paid, unadjusted; not needed without charges";
        late_assessment: Flag = 0.0, "whether the patient assessment was sent late";
    }
}

figures! {
    /// What it is paid, step by step.
    RehabilitationLines {
        transfer_fraction: Rate, "(length_of_stay + transfer_half_day) ÷ average_length_of_stay cut off after four decimals, at most 1, for a transfer; 1 else";
        standard_payment: Dollars, "transfer_fraction × weight × conversion_factor, cut off after the cents";
        wage_adjustment: Factor, "labor_share × wage_index + 1 − labor_share";
        federal_payment: Dollars, "standard_payment × wage_adjustment × location_factor in whole cents";
        low_income_factor: Factor, "(1 + low_income_ratio) ^ low_income_exponent − 1, nine decimals";
        teaching_factor: Factor, "(1 + teaching_ratio) ^ teaching_exponent − 1, nine decimals";
        low_income_payment: Dollars, "federal_payment × low_income_factor in whole cents";
        teaching_payment: Dollars, "federal_payment × teaching_factor in whole cents";
        adjusted_threshold: Dollars or unknown, "outlier_threshold × wage_adjustment × location_factor × (1 + low_income_factor + teaching_factor) in whole cents";
        cost: Dollars, "charges × cost_to_charge_ratio in whole cents";
        outlier_payment: Dollars, "loss_sharing × (cost − federal, low-income and teaching payments − adjusted_threshold) in whole cents, where above 0";
        late_assessment_reduction: Dollars, "late_assessment_penalty × each of the four payments, what is left in whole cents, where the assessment was late";
        payment: Dollars, "federal_payment + low_income_payment + teaching_payment + outlier_payment − late_assessment_reduction";
    }
}

impl Rule for InpatientRehabilitation {
    type Facts<A: Amount> = RehabilitationFacts<A>;
    type Lines<A: Amount> = RehabilitationLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("loss_sharing", self.loss_sharing.value())?;
        place.rate("late_assessment_penalty", self.late_assessment_penalty.value())?;
        place.not_negative("transfer_half_day", self.transfer_half_day.value())
    }

    fn settle<A: Amount>(&self, facts: &RehabilitationFacts<A>) -> RehabilitationLines<A> {
        let transfer_fraction = match facts.average_length_of_stay {
            Some(average) if facts.transfer > A::ZERO => {
                let days = facts.length_of_stay + A::term(&self.transfer_half_day);
                days.over(average).rounded(4, Rounding::TowardZero).least(A::ONE)
            }
            _ => A::ONE,
        };
        let whole = facts.weight.times(facts.conversion_factor);
        let standard_payment = transfer_fraction.times(whole).rounded(2, Rounding::TowardZero);
        let wage_adjustment = facts.labor_share.times(facts.wage_index) + A::ONE - facts.labor_share;
        let place = wage_adjustment.times(facts.location_factor);
        let federal_payment = standard_payment.times(place).cents();
        let low_income_factor = factor(facts.low_income_ratio, &self.low_income_exponent);
        let teaching_factor = factor(facts.teaching_ratio, &self.teaching_exponent);
        let low_income_payment = federal_payment.times(low_income_factor).cents();
        let teaching_payment = federal_payment.times(teaching_factor).cents();
        let before = federal_payment + low_income_payment + teaching_payment;
        let more = A::ONE + low_income_factor + teaching_factor;
        let adjusted_threshold =
            facts.outlier_threshold.map(|threshold| threshold.times(place).times(more).cents());
        let cost = facts.charges.times(facts.cost_to_charge_ratio).cents();
        let beyond =
            adjusted_threshold.map_or(A::ZERO, |threshold| (cost - before - threshold).most(A::ZERO));
        let outlier_payment = A::term(&self.loss_sharing).times(beyond).cents();
        let kept = A::ONE - A::term(&self.late_assessment_penalty).times(facts.late_assessment);
        let late_assessment_reduction =
            [federal_payment, low_income_payment, teaching_payment, outlier_payment]
                .into_iter()
                .fold(A::ZERO, |sum, payment| sum + payment - payment.times(kept).cents());
        RehabilitationLines {
            transfer_fraction,
            standard_payment,
            wage_adjustment,
            federal_payment,
            low_income_factor,
            teaching_factor,
            low_income_payment,
            teaching_payment,
            adjusted_threshold,
            cost,
            outlier_payment,
            late_assessment_reduction,
            payment: before + outlier_payment - late_assessment_reduction,
        }
    }
}

/// One and a part to a power, less one.
fn factor<A: Amount>(part: A, exponent: &Term) -> A {
    kept(power(A::ONE + part, exponent.value()) - 1.0, FINE)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::money::float_of;

    fn payment<A: Amount>(transfer: f64, days: f64) -> A {
        let terms = InpatientRehabilitation {
            loss_sharing: "0.80".parse().unwrap(),
            late_assessment_penalty: "0.25".parse().unwrap(),
            transfer_half_day: "0.5".parse().unwrap(),
            low_income_exponent: "0.3177".parse().unwrap(),
            teaching_exponent: "1.0163".parse().unwrap(),
        };
        let facts = RehabilitationFacts {
            weight: A::of(1.5),
            conversion_factor: A::of(19371.0),
            transfer: A::of(transfer),
            length_of_stay: A::of(days),
            average_length_of_stay: Some(A::of(12.0)),
            wage_index: A::of(1.02),
            labor_share: A::of(0.744),
            location_factor: A::ONE,
            low_income_ratio: A::ZERO,
            teaching_ratio: A::ZERO,
            charges: A::ZERO,
            cost_to_charge_ratio: A::ZERO,
            outlier_threshold: Some(A::of(10062.0)),
            late_assessment: A::ZERO,
        };
        terms.settle(&facts).payment
    }

    #[test]
    fn both_arithmetics_pay_the_same_cents() {
        for (transfer, days, expected) in [(0.0, 14.0, "29488.86"), (1.0, 6.0, "15971.17")] {
            let expected: Decimal = expected.parse().unwrap();
            assert_eq!(payment::<Decimal>(transfer, days), expected);
            assert!((payment::<f64>(transfer, days) - float_of(expected)).abs() < 1e-9);
        }
    }
}
