//! Stays in long-term care hospitals: the standard payment, short stays, outliers, and site-neutral stays.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Rounding, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;

/// Decimals to which days are compared.
const FINE: u32 = 9;

/// What has been the same in all years.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongTermStay {
    /// The part of the mean length of stay up to which a stay is short: numerator.
    mean_numerator: Term,
    /// Its denominator.
    mean_denominator: Term,
    /// The longest stay whose days the blend counts.
    blend_most_days: Term,
    /// Factor on the amount by the day of a short stay.
    per_diem_factor: Term,
}

figures! {
    /// A stay, its hospital and the figures of its year.
    LongTermFacts {
        weight: Factor, "relative weight of the long-term diagnosis-related group";
        geometric_mean_length_of_stay: Factor, "geometric mean length of stay of the group, days";
        length_of_stay: Count, "covered days of the stay";
        charges: Dollars, "covered charges";
        site_neutral: Flag, "whether the stay is paid the site-neutral rate";
        ipps_comparable_amount: Dollars or unknown, "what an acute-care hospital would be paid for these days, without outlier; site-neutral and short stays need it";
        wage_index: Factor, "wage index of the hospital's area";
        cost_of_living_factor: Factor = 1.0, "cost of living, Alaska and Hawaii";
        cost_to_charge_ratio: Factor, "costs ÷ charges";
        standard_rate: Dollars, "standard federal rate";
        labor_share: Rate, "part of the standard rate that wages move";
        fixed_loss_amount: Dollars, "loss that a stay must make before it is an outlier";
        site_neutral_fixed_loss_amount: Dollars, "likewise for site-neutral stays: that of acute-care hospitals";
        outlier_part: Rate, "part of costs beyond the threshold that is paid";
        sequestration_rate: Rate = 0.0, "part of Medicare's payment that is sequestered";
        deductible: Dollars = 0.0, "what the patient pays";
    }
}

figures! {
    /// The payment, step by step.
    LongTermLines {
        standard_payment: Dollars, "standard_rate × (labor_share × wage_index + (1 − labor_share) × cost_of_living_factor) × weight";
        short_stay: Flag, "length_of_stay × mean_denominator ≤ geometric_mean_length_of_stay × mean_numerator, and not site-neutral";
        blend_part: Rate, "length_of_stay ÷ the smaller of geometric_mean_length_of_stay × mean_numerator ÷ mean_denominator and blend_most_days, at most 1";
        short_stay_per_diem_amount: Dollars, "the smaller of per_diem_factor × standard_payment ÷ geometric mean × length_of_stay and standard_payment";
        short_stay_payment: Dollars or unknown, "blend_part × short_stay_per_diem_amount + (1 − blend_part) × ipps_comparable_amount";
        cost: Dollars, "charges × cost_to_charge_ratio";
        base_payment: Dollars, "standard_payment; of a short stay short_stay_payment; site-neutral the smaller of ipps_comparable_amount and cost";
        outlier_threshold: Dollars, "base_payment + fixed_loss_amount; site-neutral ipps_comparable_amount + site_neutral_fixed_loss_amount";
        outlier_payment: Dollars, "outlier_part × (cost − outlier_threshold), where above 0; a site-neutral stay is never paid more than its cost";
        payment: Dollars, "base_payment + outlier_payment";
        patient_deductible: Dollars, "the smaller of deductible and payment";
        sequestration: Dollars, "sequestration_rate × (payment − patient_deductible)";
        medicare_payment: Dollars, "payment − patient_deductible − sequestration";
    }
}

impl Rule for LongTermStay {
    type Facts<A: Amount> = LongTermFacts<A>;
    type Lines<A: Amount> = LongTermLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.positive("mean_numerator", self.mean_numerator.value())?;
        place.positive("mean_denominator", self.mean_denominator.value())?;
        place.positive("blend_most_days", self.blend_most_days.value())?;
        place.not_negative("per_diem_factor", self.per_diem_factor.value())
    }

    fn settle<A: Amount>(&self, facts: &LongTermFacts<A>) -> LongTermLines<A> {
        let labor = facts.labor_share.times(facts.wage_index);
        let nonlabor = (A::ONE - facts.labor_share).times(facts.cost_of_living_factor);
        let standard_payment = facts.standard_rate.times(labor + nonlabor).times(facts.weight).cents();
        let cost = facts.charges.times(facts.cost_to_charge_ratio).cents();
        let is_short = facts.site_neutral == A::ZERO && self.is_short(facts);
        let per_diem = self.per_diem(facts, standard_payment);
        let blend_part = self.blend_part(facts);
        let comparable = facts.ipps_comparable_amount.map(A::cents);
        let short_stay_payment = comparable
            .filter(|_| is_short)
            .map(|comparable| (blend_part.times(per_diem) + (A::ONE - blend_part).times(comparable)).cents());
        let site_neutral = comparable.filter(|_| facts.site_neutral > A::ZERO);
        let base_payment = match (site_neutral, short_stay_payment) {
            (Some(comparable), _) => comparable.least(cost),
            (None, Some(short)) => short,
            (None, None) => standard_payment,
        };
        let outlier_threshold = site_neutral.map_or(base_payment + facts.fixed_loss_amount, |comparable| {
            comparable + facts.site_neutral_fixed_loss_amount
        });
        let beyond = (cost - outlier_threshold).most(A::ZERO).times(facts.outlier_part).cents();
        let outlier_payment = if site_neutral.is_some() { beyond.least(cost - base_payment) } else { beyond };
        let payment = base_payment + outlier_payment;
        let patient_deductible = facts.deductible.cents().least(payment);
        let sequestration = (payment - patient_deductible).times(facts.sequestration_rate).cents();
        LongTermLines {
            standard_payment,
            short_stay: if is_short { A::ONE } else { A::ZERO },
            blend_part,
            short_stay_per_diem_amount: per_diem.cents(),
            short_stay_payment,
            cost,
            base_payment,
            outlier_threshold,
            outlier_payment,
            payment,
            patient_deductible,
            sequestration,
            medicare_payment: payment - patient_deductible - sequestration,
        }
    }
}

impl LongTermStay {
    /// The length of stay up to which a stay is short, times the denominator: no division, which would not come out even.
    fn is_short<A: Amount>(&self, facts: &LongTermFacts<A>) -> bool {
        let days = facts.length_of_stay.times(A::term(&self.mean_denominator));
        let most = facts.geometric_mean_length_of_stay.times(A::term(&self.mean_numerator));
        // Binary products of means with decimals may lie beside the whole day that they stand for.
        days <= most.rounded(FINE, Rounding::HalfAwayFromZero)
    }

    fn blend_part<A: Amount>(&self, facts: &LongTermFacts<A>) -> A {
        let mean = facts.geometric_mean_length_of_stay.times(A::term(&self.mean_numerator));
        let most_days = mean.over(A::term(&self.mean_denominator)).least(A::term(&self.blend_most_days));
        facts.length_of_stay.over(most_days).least(A::ONE)
    }

    fn per_diem<A: Amount>(&self, facts: &LongTermFacts<A>, standard_payment: A) -> A {
        let days = A::term(&self.per_diem_factor).times(facts.length_of_stay);
        standard_payment.times(days).over(facts.geometric_mean_length_of_stay).least(standard_payment)
    }
}
