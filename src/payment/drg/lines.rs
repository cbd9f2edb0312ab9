//! Facts of an inpatient stay, and the lines of its payment.

use crate::rules::figures::figures;

figures! {
    /// A stay, its hospital and the figures of its year.
    StayFacts {
        weight: Factor, "relative weight of the diagnosis-related group";
        geometric_mean_length_of_stay: Factor, "geometric mean length of stay of the group, days";
        length_of_stay: Count, "days of the stay";
        charges: Dollars, "covered charges";
        per_diem_transfer: Flag, "transferred, and paid by the day";
        special_pay_transfer: Flag, "transferred, and paid a part at once and the rest by the day";
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
        large_and_urban: Flag = 0.0, "whether urban with many beds: capital has a disproportionate share";
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
        transfer_fraction: Factor, "by the day: (max(length_of_stay, 1) + transfer_extra_days) ÷ geometric_mean_length_of_stay; special pay: special_pay_part + (1 − special_pay_part) × that; four decimals, at most 1; without a transfer 1";
        geographic_factor: Factor, "wage_index ^ geographic_exponent, four decimals";
        teaching_factor: Factor, "teaching_multiplier × ((1 + residents_to_beds) ^ teaching_exponent − 1), nine decimals";
        disproportionate_share_factor: Factor, "of s = ssi_ratio + medicaid_ratio: share_base + share_slope × (s − share_from) from share_from, share_steep_base + share_steep_slope × (s − share_steep_from) from share_steep_from, four decimals; at most share_cap for some";
        capital_teaching_factor: Factor, "capital_base ^ (capital_teaching_coefficient × min(capital_teaching_most, residents_to_average_daily_census)) − 1, nine decimals";
        capital_disproportionate_share_factor: Factor, "capital_base ^ (capital_share_coefficient × (ssi_ratio + medicaid_ratio)) − 1, four decimals, where large_and_urban";
        operating_payment: Dollars, "(labor_amount × wage_index + nonlabor_amount × cost_of_living_factor) × weight × transfer_fraction × covid_factor × no_cost_factor";
        teaching_payment: Dollars, "operating_payment × teaching_factor";
        disproportionate_share_payment: Dollars, "operating_payment × disproportionate_share_factor × share_paid_part";
        uncompensated_care_payment: Dollars, "uncompensated_care";
        new_technology_payment: Dollars, "the smaller of new_technology_maximum and new_technology_part × (operating_cost − operating, teaching and disproportionate-share payments), at least 0";
        capital_payment: Dollars, "weight × (capital_rate × geographic_factor, in cents) × (capital_living_part × (cost_of_living_factor − 1) + 1) × transfer_fraction × no_cost_factor";
        capital_teaching_payment: Dollars, "capital_payment × capital_teaching_factor";
        capital_disproportionate_share_payment: Dollars, "capital_payment × capital_disproportionate_share_factor";
        operating_cost: Dollars, "charges × operating_cost_to_charge_ratio";
        capital_cost: Dollars, "charges × capital_cost_to_charge_ratio";
        operating_outlier_threshold: Dollars, "operating, teaching, disproportionate-share, uncompensated-care and new-technology payments + fixed_loss_threshold × (labor_share × wage_index + (1 − labor_share) × cost_of_living_factor) × operating part of the ratios × transfer_fraction";
        capital_outlier_threshold: Dollars, "capital, capital teaching and capital disproportionate-share payments + fixed_loss_threshold × geographic_factor × capital part of the ratios × (capital_living_part × (cost_of_living_factor − 1) + 1) × transfer_fraction";
        operating_outlier: Dollars, "outlier_part × (operating_cost − operating_outlier_threshold), where above 0 and both costs reach both thresholds";
        capital_outlier: Dollars, "outlier_part × (capital_cost − capital_outlier_threshold), likewise";
        hospital_specific_payment: Dollars, "hospital_specific_part × (hospital_specific_rate × weight × covid_factor × no_cost_factor − operating, teaching, disproportionate-share, operating-outlier and uncompensated-care payments), where above 0";
        low_volume_payment: Dollars, "low_volume_rate × (operating, teaching, disproportionate-share, uncompensated-care, new-technology, capital, outlier and hospital-specific payments)";
        readmissions_adjustment: Dollars, "(readmissions_factor − 1) × (operating_payment + new_technology_payment)";
        value_based_adjustment: Dollars, "(value_based_factor − 1) × (operating_payment + new_technology_payment)";
        subtotal: Dollars, "operating, teaching, disproportionate-share, uncompensated-care, new-technology, capital, outlier, hospital-specific and low-volume payments + readmissions_adjustment + value_based_adjustment";
        conditions_adjustment: Dollars, "−conditions_rate × subtotal, for the worst quartile";
        other_payments: Dollars, "pass_through + other_payment";
        payment: Dollars, "subtotal + conditions_adjustment + other_payments";
        patient_deductible: Dollars, "the smaller of deductible and payment";
        sequestration: Dollars, "sequestration_rate × (payment − patient_deductible)";
        medicare_payment: Dollars, "payment − patient_deductible − sequestration";
    }
}
