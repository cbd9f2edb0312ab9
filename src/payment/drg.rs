//! Inpatient stays by diagnosis-related group: operating and capital payments with their adjustments, transfers and outliers.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::math::pow;
use crate::money::{Amount, Rounding, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;

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

figures! {
    /// A stay, its hospital and the figures of its year.
    StayFacts {
        weight: Factor, "relative weight of the diagnosis-related group";
        geometric_mean_length_of_stay: Factor, "geometric mean length of stay of the group, days";
        length_of_stay: Count, "days of the stay";
        charges: Dollars, "covered charges";
        per_diem_transfer: Flag, "transferred, and paid by the day";
        special_pay_transfer: Flag, "transferred, and paid half at once and half by the day";
        labor_amount: Dollars, "labor part of the operating standardized amount";
        nonlabor_amount: Dollars, "other part of the operating standardized amount";
        labor_share: Rate, "part of the fixed loss that wages move";
        fixed_loss_threshold: Dollars, "loss that a stay must make before it is an outlier";
        capital_rate: Dollars, "federal capital rate";
        outlier_part: Rate, "part of costs beyond the threshold that is paid";
        new_technology_part: Rate, "part of costs beyond the payment that is paid for a new technology";
        wage_index: Factor, "wage index of the hospital's area";
        cost_of_living_factor: Factor = 1.0, "cost of living, Alaska and Hawaii";
        operating_cost_to_charge_ratio: Factor, "operating costs ÷ charges";
        capital_cost_to_charge_ratio: Factor, "capital costs ÷ charges";
        residents_to_beds: Factor = 0.0, "interns and residents ÷ beds";
        residents_to_average_daily_census: Factor = 0.0, "interns and residents ÷ average daily census";
        ssi_ratio: Rate = 0.0, "part of Medicare days of patients with Supplemental Security Income";
        medicaid_ratio: Rate = 0.0, "part of all days of Medicaid patients without Medicare";
        share_is_capped: Flag = 0.0, "whether the disproportionate share of such a hospital has a cap";
        large_and_urban: Flag = 0.0, "whether urban with at least 100 beds: capital has a disproportionate share";
        uncompensated_care: Dollars = 0.0, "uncompensated-care amount by the stay";
        covid_factor: Factor = 1.0, "factor on the weight of operating payments for COVID-19 in the emergency";
        no_cost_factor: Factor = 1.0, "factor where the costly product was free to the hospital";
        new_technology_maximum: Dollars = 0.0, "most that is paid on top for the new technology used";
        without_outlier: Flag = 0.0, "whether paid without outlier (review codes 06, 07, 11)";
        hospital_specific_rate: Dollars = 0.0, "hospital-specific rate at a weight of 1";
        hospital_specific_part: Rate = 0.0, "part of its excess over federal payments that such a hospital gets";
        readmissions_factor: Factor = 1.0, "payment factor of readmissions reduction";
        value_based_factor: Factor = 1.0, "payment factor of value-based purchasing";
        low_volume_rate: Rate = 0.0, "low-volume adjustment";
        worst_quartile: Flag = 0.0, "whether in the worst quartile of hospital-acquired conditions";
        pass_through: Dollars = 0.0, "pass-through amounts of the stay";
        other_payment: Dollars = 0.0, "other amounts of the stay";
        deductible: Dollars = 0.0, "what the patient pays";
        sequestration_rate: Rate = 0.0, "part of Medicare's payment that is sequestered";
    }
}

figures! {
    /// The payment, step by step.
    StayLines {
        transfer_fraction: Factor, "by the day: (max(length_of_stay, 1) + 1) ÷ geometric mean; special pay: half + half × that; four decimals, at most 1; without a transfer 1";
        geographic_factor: Factor, "wage_index^0.6848, four decimals";
        teaching_factor: Factor, "1.35 × ((1 + residents_to_beds)^0.405 − 1), nine decimals";
        disproportionate_share_factor: Factor, "of ssi_ratio + medicaid_ratio: 0.025 + 0.65 × (it − 0.15) from 0.15, 0.0588 + 0.825 × (it − 0.202) from 0.202, four decimals; capped at 0.12 for some";
        capital_teaching_factor: Factor, "2.7183^(0.2822 × min(1.5, residents_to_average_daily_census)) − 1, nine decimals";
        capital_disproportionate_share_factor: Factor, "2.7183^(0.2025 × (ssi_ratio + medicaid_ratio)) − 1, four decimals, urban with at least 100 beds";
        operating_payment: Dollars, "(labor_amount × wage_index + nonlabor_amount × cost_of_living_factor) × weight × transfer_fraction × covid_factor × no_cost_factor";
        teaching_payment: Dollars, "operating_payment × teaching_factor";
        disproportionate_share_payment: Dollars, "operating_payment × disproportionate_share_factor × 0.25";
        uncompensated_care_payment: Dollars, "uncompensated_care";
        new_technology_payment: Dollars, "the smaller of new_technology_maximum and new_technology_part × (operating_cost − operating, teaching and disproportionate-share payments), at least 0";
        capital_payment: Dollars, "weight × (capital_rate × geographic_factor, in cents) × (0.3152 × (cost_of_living_factor − 1) + 1) × transfer_fraction × no_cost_factor";
        capital_teaching_payment: Dollars, "capital_payment × capital_teaching_factor";
        capital_disproportionate_share_payment: Dollars, "capital_payment × capital_disproportionate_share_factor";
        operating_cost: Dollars, "charges × operating_cost_to_charge_ratio";
        capital_cost: Dollars, "charges × capital_cost_to_charge_ratio";
        operating_outlier_threshold: Dollars, "operating, teaching, disproportionate-share, uncompensated-care and new-technology payments + fixed_loss_threshold × (labor_share × wage_index + (1 − labor_share) × cost_of_living_factor) × operating part of the ratios × transfer_fraction";
        capital_outlier_threshold: Dollars, "capital payments + fixed_loss_threshold × geographic_factor × capital part of the ratios × cost of living × transfer_fraction";
        operating_outlier: Dollars, "outlier_part × (operating_cost − operating_outlier_threshold), where above 0 and both costs reach both thresholds";
        capital_outlier: Dollars, "outlier_part × (capital_cost − capital_outlier_threshold), likewise";
        hospital_specific_payment: Dollars, "hospital_specific_part × (hospital_specific_rate × weight − operating, teaching, disproportionate-share, operating-outlier and uncompensated-care payments), where above 0";
        low_volume_payment: Dollars, "low_volume_rate × all payments above";
        readmissions_adjustment: Dollars, "(readmissions_factor − 1) × (operating_payment + new_technology_payment)";
        value_based_adjustment: Dollars, "(value_based_factor − 1) × (operating_payment + new_technology_payment)";
        subtotal: Dollars, "the sum so far";
        conditions_adjustment: Dollars, "−1 % of the subtotal, for the worst quartile";
        other_payments: Dollars, "pass_through + other_payment";
        payment: Dollars, "subtotal + conditions_adjustment + other_payments";
        patient_deductible: Dollars, "the smaller of deductible and payment";
        sequestration: Dollars, "sequestration_rate × (payment − patient_deductible)";
        medicare_payment: Dollars, "payment − patient_deductible − sequestration";
    }
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
        let (thresholds, outliers) = self.outliers(facts, &factors, &paid);
        let hospital_specific_payment = hospital_specific(facts, &paid, outliers.operating);
        let low_volume_payment =
            (hospital_specific_payment + paid.all() + outliers.operating + outliers.capital)
                .times(facts.low_volume_rate)
                .cents();
        let base = paid.operating.cents() + paid.new_technology;
        let readmissions_adjustment = base.times(facts.readmissions_factor - A::ONE).cents();
        let value_based_adjustment = base.times(facts.value_based_factor - A::ONE).cents();
        let subtotal = hospital_specific_payment
            + paid.all()
            + outliers.operating
            + outliers.capital
            + low_volume_payment
            + readmissions_adjustment
            + value_based_adjustment;
        let reduction_rate = A::term(&self.conditions_rate).times(facts.worst_quartile);
        let conditions_adjustment = -subtotal.times(reduction_rate).cents();
        let other_payments = (facts.pass_through + facts.other_payment).cents();
        let payment = subtotal + conditions_adjustment + other_payments;
        let patient_deductible = facts.deductible.cents().least(payment.most(A::ZERO));
        let sequestration = (payment - patient_deductible).times(facts.sequestration_rate).cents();
        StayLines {
            transfer_fraction: factors.transfer,
            geographic_factor: factors.geographic,
            teaching_factor: factors.teaching,
            disproportionate_share_factor: factors.share,
            capital_teaching_factor: factors.capital_teaching,
            capital_disproportionate_share_factor: factors.capital_share,
            operating_payment: paid.operating.cents(),
            teaching_payment: paid.teaching,
            disproportionate_share_payment: paid.share,
            uncompensated_care_payment: paid.uncompensated,
            new_technology_payment: paid.new_technology,
            capital_payment: paid.capital.cents(),
            capital_teaching_payment: paid.capital_teaching,
            capital_disproportionate_share_payment: paid.capital_share,
            operating_cost: paid.operating_cost,
            capital_cost: paid.capital_cost,
            operating_outlier_threshold: thresholds.operating,
            capital_outlier_threshold: thresholds.capital,
            operating_outlier: outliers.operating,
            capital_outlier: outliers.capital,
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

/// Factors of a stay and its hospital.
struct Factors<A> {
    transfer: A,
    geographic: A,
    capital_living: A,
    teaching: A,
    share: A,
    capital_teaching: A,
    capital_share: A,
}

/// Payments before outliers: what later steps multiply with all its decimals, what is added up in cents.
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
            + self.teaching
            + self.share
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
    fn factors<A: Amount>(&self, facts: &StayFacts<A>) -> Factors<A> {
        let low_income = facts.ssi_ratio + facts.medicaid_ratio;
        let residents = facts.residents_to_average_daily_census.least(A::term(&self.capital_teaching_most));
        let living = A::term(&self.capital_living_part).times(facts.cost_of_living_factor - A::ONE) + A::ONE;
        let teaching = power(A::ONE + facts.residents_to_beds, &self.teaching_exponent) - 1.0;
        let capital_share = if facts.large_and_urban > A::ZERO {
            self.capital_power(&self.capital_share_coefficient, low_income, COARSE)
        } else {
            A::ZERO
        };
        Factors {
            transfer: self.transfer(facts),
            geographic: rounded_float(power(facts.wage_index, &self.geographic_exponent), COARSE),
            capital_living: round(living, LIVING),
            teaching: rounded_float(self.teaching_multiplier.value() * teaching, FINE),
            share: self.disproportionate_share(low_income, facts.share_is_capped),
            capital_teaching: self.capital_power(&self.capital_teaching_coefficient, residents, FINE),
            capital_share,
        }
    }

    /// A power of the base for capital, less one.
    fn capital_power<A: Amount>(&self, coefficient: &Term, of: A, decimals: u32) -> A {
        let exponent = A::term(coefficient).times(of).float();
        rounded_float(pow(self.capital_base.value(), exponent) - 1.0, decimals)
    }

    fn transfer<A: Amount>(&self, facts: &StayFacts<A>) -> A {
        let (per_diem, special) = (facts.per_diem_transfer > A::ZERO, facts.special_pay_transfer > A::ZERO);
        let days = facts.length_of_stay.most(A::ONE) + A::term(&self.transfer_extra_days);
        let mean = facts.geometric_mean_length_of_stay;
        if !(per_diem || special) || days >= mean {
            return A::ONE;
        }
        let at_once = if special { A::term(&self.special_pay_part) } else { A::ZERO };
        round(at_once + (A::ONE - at_once).times(days).over(mean), COARSE).least(A::ONE)
    }

    fn disproportionate_share<A: Amount>(&self, low_income: A, is_capped: A) -> A {
        let [from, base, slope] = [&self.share_from, &self.share_base, &self.share_slope].map(A::term);
        let [steep_from, steep_base, steep_slope] =
            [&self.share_steep_from, &self.share_steep_base, &self.share_steep_slope].map(A::term);
        let factor = if low_income < from {
            A::ZERO
        } else if low_income < steep_from {
            base + slope.times(low_income - from)
        } else {
            steep_base + steep_slope.times(low_income - steep_from)
        };
        let cap = A::term(&self.share_cap);
        round(if is_capped > A::ZERO { factor.least(cap) } else { factor }, COARSE)
    }

    fn paid<A: Amount>(&self, facts: &StayFacts<A>, factors: &Factors<A>) -> Paid<A> {
        let adjusted = facts.labor_amount.times(facts.wage_index)
            + facts.nonlabor_amount.times(facts.cost_of_living_factor);
        let factor = facts.covid_factor.times(facts.no_cost_factor);
        let operating = round(adjusted.times(facts.weight).times(factors.transfer).times(factor), FINE);
        let teaching = operating.times(factors.teaching).cents();
        let share = self.share_of(operating, factors).cents();
        let rate = facts.capital_rate.times(factors.geographic).cents();
        let capital = facts.weight.times(rate).times(factors.capital_living).times(factors.transfer);
        let capital = round(capital.times(facts.no_cost_factor), FINE);
        let operating_cost = round(facts.charges.times(facts.operating_cost_to_charge_ratio), FINE);
        let beyond = (operating_cost - operating.cents() - teaching - share).most(A::ZERO);
        let new_technology =
            facts.new_technology_maximum.least(facts.new_technology_part.times(beyond)).cents();
        Paid {
            operating,
            teaching,
            share,
            uncompensated: facts.uncompensated_care.cents(),
            new_technology,
            capital,
            capital_teaching: capital.times(factors.capital_teaching).cents(),
            capital_share: capital.times(factors.capital_share).cents(),
            operating_cost,
            capital_cost: round(facts.charges.times(facts.capital_cost_to_charge_ratio), FINE),
        }
    }

    fn share_of<A: Amount>(&self, operating: A, factors: &Factors<A>) -> A {
        operating.times(factors.share).times(A::term(&self.share_paid_part))
    }

    /// Thresholds and outlier payments, both operating and capital.
    fn outliers<A: Amount>(
        &self,
        facts: &StayFacts<A>,
        factors: &Factors<A>,
        paid: &Paid<A>,
    ) -> (Both<A>, Both<A>) {
        let ratios = facts.operating_cost_to_charge_ratio + facts.capital_cost_to_charge_ratio;
        let part = |ratio: A| round(ratio.over(ratios), FINE);
        let fixed = facts.fixed_loss_threshold.cents().times(factors.transfer);
        let labor = facts.labor_share.times(facts.wage_index);
        let nonlabor = (A::ONE - facts.labor_share).times(facts.cost_of_living_factor);
        let operating_loss = round(
            round(fixed.times(labor + nonlabor), FINE).times(part(facts.operating_cost_to_charge_ratio)),
            FINE,
        );
        let capital_loss = round(fixed.times(factors.geographic).times(factors.capital_living), FINE);
        let capital_loss = round(capital_loss.times(part(facts.capital_cost_to_charge_ratio)), FINE);
        let on_operating = round(paid.operating.times(factors.teaching), FINE);
        let operating = paid.operating + on_operating + round(self.share_of(paid.operating, factors), FINE);
        let on_capital = paid.capital.times(factors.capital_teaching + factors.capital_share);
        let threshold = Both {
            operating: operating + operating_loss + paid.uncompensated + paid.new_technology,
            capital: paid.capital + round(on_capital, FINE) + capital_loss,
        };
        // Both costs together must reach both thresholds before either is paid.
        let reached = paid.operating_cost + paid.capital_cost >= threshold.operating + threshold.capital;
        let outlier_part =
            if reached && facts.without_outlier == A::ZERO { facts.outlier_part } else { A::ZERO };
        let outlier = |cost: A, threshold: A| (cost - threshold).most(A::ZERO).times(outlier_part).cents();
        let outliers = Both {
            operating: outlier(paid.operating_cost, threshold.operating),
            capital: outlier(paid.capital_cost, threshold.capital),
        };
        (threshold, outliers)
    }
}

/// What a hospital with a rate of its own gets beyond federal payments; a transfer leaves its rate whole.
fn hospital_specific<A: Amount>(facts: &StayFacts<A>, paid: &Paid<A>, operating_outlier: A) -> A {
    let weight = facts.weight.times(facts.covid_factor).times(facts.no_cost_factor);
    let own = round(facts.hospital_specific_rate.times(weight), FINE);
    let federal =
        paid.operating.cents() + paid.teaching + paid.share + operating_outlier + paid.uncompensated;
    (own - federal).most(A::ZERO).times(facts.hospital_specific_part).cents()
}

/// A power. Decimals have none: it is taken in f64, correctly rounded, whose error of 2e-16 lies far behind the nine
/// decimals or fewer that are kept of it.
fn power<A: Amount>(base: A, exponent: &Term) -> f64 {
    pow(base.float(), exponent.value())
}

/// What came of a power, to the decimals that are kept.
fn rounded_float<A: Amount>(value: f64, decimals: u32) -> A {
    A::of(value.rounded(decimals, Rounding::HalfAwayFromZero))
}

fn round<A: Amount>(value: A, decimals: u32) -> A {
    value.rounded(decimals, Rounding::HalfAwayFromZero)
}
