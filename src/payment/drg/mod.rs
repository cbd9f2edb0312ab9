//! Inpatient stays by diagnosis-related group: operating and capital payments with their adjustments, transfers and outliers.

mod factors;
mod lines;

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Rounding, Term};
use crate::rules::Rule;
use factors::Factors;
use lines::{StayFacts, StayLines};

/// Decimals of operating and capital parts, costs and thresholds.
const FINE: u32 = 9;
/// Decimals of the geographic adjustment, the transfer fraction and disproportionate shares.
const COARSE: u32 = 4;
/// Decimals of factors for cost of living.
const LIVING: u32 = 3;

/// What has been the same in all years.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InpatientStay {
    /// Factor on what teaching adds to operating payments.
    teaching_multiplier: Term,
    /// The power of one and residents to beds.
    teaching_exponent: Term,
    /// The power of the wage index that makes the geographic adjustment of capital.
    geographic_exponent: Term,
    /// The part of the cost-of-living factor that holds for capital.
    capital_living_part: Term,
    /// The base of capital powers.
    capital_base: Term,
    /// What multiplies the share of low-income patients in the power for capital.
    capital_share_coefficient: Term,
    /// What multiplies residents to patients in the power for capital.
    capital_teaching_coefficient: Term,
    /// The most residents to patients that count.
    capital_teaching_most: Term,
    /// Below it no disproportionate share is paid.
    share_from: Term,
    /// What is paid there, as a factor.
    share_base: Term,
    /// How fast it rises from there.
    share_slope: Term,
    /// Where the steep line begins.
    share_steep_from: Term,
    /// What it pays there.
    share_steep_base: Term,
    /// How fast it rises.
    share_steep_slope: Term,
    /// The most that some hospitals get.
    share_cap: Term,
    /// The part of a disproportionate share that is paid by the stay.
    share_paid_part: Term,
    /// Days added to those of a stay that ends in a transfer: the first counts twice.
    transfer_extra_days: Term,
    /// The part that a stay of a special-pay group gets at once.
    special_pay_part: Term,
    /// The part of payments that the worst quartile of hospital-acquired conditions loses.
    conditions_rate: Term,
}

impl Rule for InpatientStay {
    type Facts<A: Amount> = StayFacts<A>;
    type Lines<A: Amount> = StayLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("share_paid_part", self.share_paid_part.value())?;
        place.rate("special_pay_part", self.special_pay_part.value())?;
        place.rate("conditions_rate", self.conditions_rate.value())?;
        place.rate("share_cap", self.share_cap.value())?;
        place.positive("capital_base", self.capital_base.value())?;
        place.not_negative("transfer_extra_days", self.transfer_extra_days.value())
    }

    fn settle<A: Amount>(&self, facts: &StayFacts<A>) -> StayLines<A> {
        let factors = self.factors(facts);
        let paid = self.paid(facts, &factors);
        let (thresholds, outliers) = paid.outliers(facts, &factors);
        let hospital_specific_payment = hospital_specific(facts, &paid, outliers.operating);
        let beyond = outliers.operating.cents() + outliers.capital.cents();
        let before = hospital_specific_payment + paid.all() + beyond;
        let low_volume_payment = by(before, facts.low_volume_rate).cents();
        let base = paid.operating.cents() + paid.new_technology;
        let readmissions_adjustment = by(base, facts.readmissions_factor - A::ONE).cents();
        let value_based_adjustment = by(base, facts.value_based_factor - A::ONE).cents();
        let subtotal = before + low_volume_payment + readmissions_adjustment + value_based_adjustment;
        let reduction_rate = A::term(&self.conditions_rate).times(facts.worst_quartile);
        let conditions_adjustment = -by(subtotal, reduction_rate).cents();
        let other_payments = (facts.pass_through + facts.other_payment).cents();
        let payment = subtotal + conditions_adjustment + other_payments;
        let patient_deductible = facts.deductible.cents().least(payment.most(A::ZERO));
        let sequestration = by(payment - patient_deductible, facts.sequestration_rate).cents();
        StayLines {
            transfer_fraction: factors.transfer,
            geographic_factor: factors.geographic,
            teaching_factor: factors.teaching,
            disproportionate_share_factor: factors.share,
            capital_teaching_factor: factors.capital_teaching,
            capital_disproportionate_share_factor: factors.capital_share,
            operating_payment: paid.operating.cents(),
            teaching_payment: paid.teaching.cents(),
            disproportionate_share_payment: paid.share.cents(),
            uncompensated_care_payment: paid.uncompensated,
            new_technology_payment: paid.new_technology,
            capital_payment: paid.capital.cents(),
            capital_teaching_payment: paid.capital_teaching,
            capital_disproportionate_share_payment: paid.capital_share,
            operating_cost: paid.operating_cost,
            capital_cost: paid.capital_cost,
            operating_outlier_threshold: thresholds.operating,
            capital_outlier_threshold: thresholds.capital,
            operating_outlier: outliers.operating.cents(),
            capital_outlier: outliers.capital.cents(),
            hospital_specific_payment,
            low_volume_payment,
            readmissions_adjustment,
            value_based_adjustment,
            subtotal,
            conditions_adjustment,
            other_payments,
            payment,
            patient_deductible,
            sequestration,
            medicare_payment: payment - patient_deductible - sequestration,
        }
    }
}

/// Payments before outliers. Operating parts are held with all their decimals; cents are what is reported and added up.
struct Paid<A> {
    operating: A,
    teaching: A,
    share: A,
    uncompensated: A,
    new_technology: A,
    capital: A,
    capital_teaching: A,
    capital_share: A,
    operating_cost: A,
    capital_cost: A,
}

impl<A: Amount> Paid<A> {
    /// All of them, in cents.
    fn all(&self) -> A {
        self.operating.cents()
            + self.teaching.cents()
            + self.share.cents()
            + self.uncompensated
            + self.new_technology
            + self.capital.cents()
            + self.capital_teaching
            + self.capital_share
    }
}

/// An operating and a capital amount.
struct Both<A> {
    operating: A,
    capital: A,
}

impl InpatientStay {
    fn paid<A: Amount>(&self, facts: &StayFacts<A>, factors: &Factors<A>) -> Paid<A> {
        let adjusted = facts.labor_amount.times(facts.wage_index)
            + by(facts.nonlabor_amount, facts.cost_of_living_factor);
        let factor = by(facts.covid_factor, facts.no_cost_factor);
        let operating = round(by(by(adjusted.times(facts.weight), factors.transfer), factor), FINE);
        let teaching = round(by(operating, factors.teaching), FINE);
        let paid_part = A::term(&self.share_paid_part);
        let share = round(by(operating, factors.share).times(paid_part), FINE);
        let rate = facts.capital_rate.times(factors.geographic).cents();
        let capital = by(by(facts.weight.times(rate), factors.capital_living), factors.transfer);
        let capital = round(by(capital, facts.no_cost_factor), FINE);
        let operating_cost = round(facts.charges.times(facts.operating_cost_to_charge_ratio), FINE);
        let beyond = (operating_cost - operating - teaching - share).most(A::ZERO);
        let new_technology =
            facts.new_technology_maximum.least(facts.new_technology_part.times(beyond)).cents();
        Paid {
            operating,
            teaching,
            share,
            uncompensated: facts.uncompensated_care.cents(),
            new_technology,
            capital,
            capital_teaching: by(capital, factors.capital_teaching).cents(),
            capital_share: by(capital, factors.capital_share).cents(),
            operating_cost,
            capital_cost: round(facts.charges.times(facts.capital_cost_to_charge_ratio), FINE),
        }
    }
}

impl<A: Amount> Paid<A> {
    /// Thresholds and outlier payments, both operating and capital.
    fn outliers(&self, facts: &StayFacts<A>, factors: &Factors<A>) -> (Both<A>, Both<A>) {
        let ratios = facts.operating_cost_to_charge_ratio + facts.capital_cost_to_charge_ratio;
        let part = |ratio: A| round(ratio.over(ratios), FINE);
        let fixed = by(facts.fixed_loss_threshold.cents(), factors.transfer);
        let labor = facts.labor_share.times(facts.wage_index);
        let nonlabor = by(A::ONE - facts.labor_share, facts.cost_of_living_factor);
        let operating_loss = round(
            round(fixed.times(labor + nonlabor), FINE).times(part(facts.operating_cost_to_charge_ratio)),
            FINE,
        );
        let capital_loss = round(by(fixed.times(factors.geographic), factors.capital_living), FINE);
        let capital_loss = round(capital_loss.times(part(facts.capital_cost_to_charge_ratio)), FINE);
        let operating = self.operating + self.teaching + self.share;
        let on_capital = by(self.capital, factors.capital_teaching + factors.capital_share);
        let threshold = Both {
            operating: operating + operating_loss + self.uncompensated + self.new_technology,
            capital: self.capital + round(on_capital, FINE) + capital_loss,
        };
        // Both costs together must reach both thresholds before either is paid.
        let reached = self.operating_cost + self.capital_cost >= threshold.operating + threshold.capital;
        let outlier_part =
            if reached && facts.without_outlier == A::ZERO { facts.outlier_part } else { A::ZERO };
        let outlier =
            |cost: A, threshold: A| round((cost - threshold).most(A::ZERO).times(outlier_part), FINE);
        let outliers = Both {
            operating: outlier(self.operating_cost, threshold.operating),
            capital: outlier(self.capital_cost, threshold.capital),
        };
        (threshold, outliers)
    }
}

/// What a hospital with a rate of its own gets beyond federal payments; a transfer leaves its rate whole.
fn hospital_specific<A: Amount>(facts: &StayFacts<A>, paid: &Paid<A>, operating_outlier: A) -> A {
    if facts.hospital_specific_rate == A::ZERO {
        return A::ZERO;
    }
    let weight = by(by(facts.weight, facts.covid_factor), facts.no_cost_factor);
    let own = round(facts.hospital_specific_rate.times(weight), FINE);
    let federal = paid.operating + paid.teaching + paid.share + operating_outlier + paid.uncompensated;
    (own - federal).most(A::ZERO).times(facts.hospital_specific_part).cents()
}

/// An amount times a factor that is mostly one or nothing: then digits are spared.
fn by<A: Amount>(amount: A, factor: A) -> A {
    if factor == A::ONE || amount == A::ZERO {
        amount
    } else if factor == A::ZERO {
        A::ZERO
    } else {
        amount.times(factor)
    }
}

fn round<A: Amount>(value: A, decimals: u32) -> A {
    value.rounded(decimals, Rounding::HalfAwayFromZero)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde_json::json;

    use super::*;
    use crate::money::{decimal_of, float_of};
    use crate::rules::{Figures, Missing};

    fn terms() -> InpatientStay {
        serde_json::from_value(json!({
            "teaching_multiplier": "1.35", "teaching_exponent": "0.405", "geographic_exponent": "0.6848",
            "capital_living_part": "0.3152", "capital_base": "2.7183", "capital_share_coefficient": "0.2025",
            "capital_teaching_coefficient": "0.2822", "capital_teaching_most": "1.5", "share_from": "0.15",
            "share_base": "0.025", "share_slope": "0.65", "share_steep_from": "0.202",
            "share_steep_base": "0.0588", "share_steep_slope": "0.825", "share_cap": "0.12",
            "share_paid_part": "0.25", "transfer_extra_days": "1", "special_pay_part": "0.5",
            "conditions_rate": "0.01",
        }))
        .unwrap()
    }

    /// A teaching hospital's outlier, with what is not named as it is where it is not given.
    fn facts(length_of_stay: f64, charges: f64) -> Vec<Option<f64>> {
        let given = [
            ("weight", 4.8503),
            ("geometric_mean_length_of_stay", 10.2),
            ("length_of_stay", length_of_stay),
            ("charges", charges),
            ("per_diem_transfer", 1.0),
            ("labor_amount", 4071.57),
            ("nonlabor_amount", 1889.74),
            ("labor_share", 0.683),
            ("fixed_loss_threshold", 29064.0),
            ("capital_rate", 466.21),
            ("outlier_part", 0.8),
            ("wage_index", 1.0537),
            ("operating_cost_to_charge_ratio", 0.251),
            ("capital_cost_to_charge_ratio", 0.023),
            ("residents_to_beds", 0.3127),
            ("ssi_ratio", 0.1433),
            ("medicaid_ratio", 0.2719),
            ("large_and_urban", 1.0),
            ("readmissions_factor", 0.9871),
        ];
        let of = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let figures = <StayFacts<f64> as Figures<f64>>::FIGURES.iter();
        figures
            .map(|figure| match (of(figure.name), figure.missing) {
                (Some(value), _) | (None, Missing::Is(value)) => Some(value),
                _ => Some(0.0),
            })
            .collect()
    }

    #[test]
    fn both_arithmetics_pay_the_same_cents() {
        for case in 0..400 {
            let facts = facts(f64::from(case % 14), f64::from(case) * 1037.41);
            let decimals: Vec<_> = facts.iter().map(|fact| fact.and_then(decimal_of)).collect();
            let mut exact = Vec::new();
            terms().settle(&StayFacts::<Decimal>::from_slice(&decimals)).visit(|_, value| exact.push(value));
            terms().settle(&StayFacts::<f64>::from_slice(&facts)).visit(|line, value| {
                let (float, decimal) = (value.unwrap(), float_of(exact[line].unwrap()));
                assert!((float - decimal).abs() < 2e-9 * decimal.abs().max(1.0), "{line}: {float} {decimal}");
            });
        }
    }
}
