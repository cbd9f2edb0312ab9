//! Home health: what must be known of a 30-day period, and its lines.

use crate::rules::figures::figures;

figures! {
    /// A period of care.
    HomeHealthFacts {
        weight: Factor, "case-mix weight of the group";
        lupa_threshold: Count, "visits from which a period of the group is paid as a whole";
        wage_index: Factor, "wage index of where the patient lives";
        base_rate: Dollars, "rate of a 30-day period";
        rural_factor: Factor, "rural add-on as a factor, on the base rate and on rates of units";
        labor_share: Rate, "part of a rate that is moved by the wage index";
        skilled_nursing_visits: Count = 0.0, "visits";
        physical_therapy_visits: Count = 0.0, "visits";
        occupational_therapy_visits: Count = 0.0, "visits";
        speech_language_pathology_visits: Count = 0.0, "visits";
        medical_social_services_visits: Count = 0.0, "visits";
        home_health_aide_visits: Count = 0.0, "visits";
        partial_period_days: Count = 30.0, "days from the first visit to the last before a transfer or a return; 30 for a whole period";
        fixed_dollar_loss_ratio: Factor, "loss before an outlier is paid, as a part of the rate";
        loss_sharing: Rate, "part of the loss beyond it that is paid";
        agency_outlier_cap: Rate, "largest part of an agency's payments that may be outliers";
        prior_payments: Dollars = 0.0, "the agency's payments of the year before this period";
        prior_outliers: Dollars = 0.0, "the agency's outlier payments of the year before this period";
        skilled_nursing_units: Count = 0.0, "15-minute units that count";
        physical_therapy_units: Count = 0.0, "15-minute units that count";
        occupational_therapy_units: Count = 0.0, "15-minute units that count";
        speech_language_pathology_units: Count = 0.0, "15-minute units that count";
        medical_social_services_units: Count = 0.0, "15-minute units that count";
        home_health_aide_units: Count = 0.0, "15-minute units that count";
        skilled_nursing_unit_rate: Dollars = 0.0, "rate of a 15-minute unit";
        physical_therapy_unit_rate: Dollars = 0.0, "rate of a 15-minute unit";
        occupational_therapy_unit_rate: Dollars = 0.0, "rate of a 15-minute unit";
        speech_language_pathology_unit_rate: Dollars = 0.0, "rate of a 15-minute unit";
        medical_social_services_unit_rate: Dollars = 0.0, "rate of a 15-minute unit";
        home_health_aide_unit_rate: Dollars = 0.0, "rate of a 15-minute unit";
        skilled_nursing_visit_rate: Dollars, "rate of a visit in a period of few visits (LUPA)";
        physical_therapy_visit_rate: Dollars, "rate of a visit in a period of few visits (LUPA)";
        occupational_therapy_visit_rate: Dollars, "rate of a visit in a period of few visits (LUPA)";
        speech_language_pathology_visit_rate: Dollars, "rate of a visit in a period of few visits (LUPA)";
        medical_social_services_visit_rate: Dollars, "rate of a visit in a period of few visits (LUPA)";
        home_health_aide_visit_rate: Dollars, "rate of a visit in a period of few visits (LUPA)";
        first_period: Flag, "whether the period is the only one or the first of a sequence";
        skilled_nursing_first_day: Count or unknown, "day of the period of the first visit";
        physical_therapy_first_day: Count or unknown, "day of the period of the first visit";
        occupational_therapy_first_day: Count or unknown, "day of the period of the first visit";
        speech_language_pathology_first_day: Count or unknown, "day of the period of the first visit";
        medical_social_services_first_day: Count or unknown, "day of the period of the first visit";
        home_health_aide_first_day: Count or unknown, "day of the period of the first visit";
        skilled_nursing_add_on_factor: Factor, "what a first visit is paid more, as a part of the visit's rate";
        physical_therapy_add_on_factor: Factor, "what a first visit is paid more, as a part of the visit's rate";
        occupational_therapy_add_on_factor: Factor, "what a first visit is paid more, as a part of the visit's rate; 0 while it had none";
        speech_language_pathology_add_on_factor: Factor, "what a first visit is paid more, as a part of the visit's rate";
        late_notice_days: Count = 0.0, "days by which the notice of admission was late";
        value_based_factor: Factor = 1.0, "payment factor of value-based purchasing";
    }
}

figures! {
    /// What it is paid, step by step.
    HomeHealthLines {
        visits: Count, "visits of the six disciplines";
        lupa: Flag, "visits < lupa_threshold: paid by the visit";
        rate: Dollars, "base_rate × rural_factor, not rounded";
        case_mix_payment: Dollars, "weight × rate in whole cents; 0 for a LUPA, as all lines down to outlier_payment";
        case_mix_labor: Dollars, "wage_index × labor_share × case_mix_payment in whole cents";
        case_mix_nonlabor: Dollars, "(1 − labor_share) × case_mix_payment in whole cents";
        full_period_payment: Dollars, "case_mix_labor + case_mix_nonlabor";
        partial_period_factor: Factor, "partial_period_days ÷ days of a period to two decimals";
        partial_period_reduction: Dollars, "full_period_payment − period_payment";
        period_payment: Dollars, "full_period_payment × partial_period_factor in whole cents";
        fixed_dollar_loss: Dollars, "rate × fixed_dollar_loss_ratio in whole cents";
        loss_labor: Dollars, "wage_index × labor_share × fixed_dollar_loss in whole cents";
        loss_nonlabor: Dollars, "(1 − labor_share) × fixed_dollar_loss in whole cents";
        outlier_threshold: Dollars, "period_payment + loss_labor + loss_nonlabor";
        skilled_nursing_cost_labor: Dollars, "labor part of units × (unit_rate × rural_factor in whole cents), adjusted by the wage index";
        skilled_nursing_cost_nonlabor: Dollars, "the other part of the same";
        physical_therapy_cost_labor: Dollars, "labor part of units × (unit_rate × rural_factor in whole cents), adjusted by the wage index";
        physical_therapy_cost_nonlabor: Dollars, "the other part of the same";
        occupational_therapy_cost_labor: Dollars, "labor part of units × (unit_rate × rural_factor in whole cents), adjusted by the wage index";
        occupational_therapy_cost_nonlabor: Dollars, "the other part of the same";
        speech_language_pathology_cost_labor: Dollars, "labor part of units × (unit_rate × rural_factor in whole cents), adjusted by the wage index";
        speech_language_pathology_cost_nonlabor: Dollars, "the other part of the same";
        medical_social_services_cost_labor: Dollars, "labor part of units × (unit_rate × rural_factor in whole cents), adjusted by the wage index";
        medical_social_services_cost_nonlabor: Dollars, "the other part of the same";
        home_health_aide_cost_labor: Dollars, "labor part of units × (unit_rate × rural_factor in whole cents), adjusted by the wage index";
        home_health_aide_cost_nonlabor: Dollars, "the other part of the same";
        imputed_cost: Dollars, "the sum of these costs";
        uncapped_outlier: Dollars, "loss_sharing × (imputed_cost − outlier_threshold) in whole cents, where above 0";
        agency_outlier_room: Dollars, "agency_outlier_cap × prior_payments in whole cents − prior_outliers";
        outlier_payment: Dollars, "uncapped_outlier; 0 where it is more than agency_outlier_room and both prior totals are more than 0";
        skilled_nursing_labor: Dollars, "LUPA: wage_index × labor_share × (visits × visit_rate) in whole cents";
        skilled_nursing_nonlabor: Dollars, "LUPA: (1 − labor_share) × (visits × visit_rate) in whole cents";
        physical_therapy_labor: Dollars, "LUPA: wage_index × labor_share × (visits × visit_rate) in whole cents";
        physical_therapy_nonlabor: Dollars, "LUPA: (1 − labor_share) × (visits × visit_rate) in whole cents";
        occupational_therapy_labor: Dollars, "LUPA: wage_index × labor_share × (visits × visit_rate) in whole cents";
        occupational_therapy_nonlabor: Dollars, "LUPA: (1 − labor_share) × (visits × visit_rate) in whole cents";
        speech_language_pathology_labor: Dollars, "LUPA: wage_index × labor_share × (visits × visit_rate) in whole cents";
        speech_language_pathology_nonlabor: Dollars, "LUPA: (1 − labor_share) × (visits × visit_rate) in whole cents";
        medical_social_services_labor: Dollars, "LUPA: wage_index × labor_share × (visits × visit_rate) in whole cents";
        medical_social_services_nonlabor: Dollars, "LUPA: (1 − labor_share) × (visits × visit_rate) in whole cents";
        home_health_aide_labor: Dollars, "LUPA: wage_index × labor_share × (visits × visit_rate) in whole cents";
        home_health_aide_nonlabor: Dollars, "LUPA: (1 − labor_share) × (visits × visit_rate) in whole cents";
        lupa_payment: Dollars, "the sum of these visits";
        skilled_nursing_add_on: Dollars, "LUPA, first period, where the earliest visit of all six disciplines is of this one: visit_rate × add_on_factor in whole cents";
        physical_therapy_add_on: Dollars, "LUPA, first period, where the earliest visit of all six disciplines is of this one: visit_rate × add_on_factor in whole cents";
        occupational_therapy_add_on: Dollars, "LUPA, first period, where the earliest visit of all six disciplines is of this one: visit_rate × add_on_factor in whole cents";
        speech_language_pathology_add_on: Dollars, "LUPA, first period, where the earliest visit of all six disciplines is of this one: visit_rate × add_on_factor in whole cents";
        add_on_labor: Dollars, "wage_index × labor_share × add-on in whole cents";
        add_on_nonlabor: Dollars, "(1 − labor_share) × add-on in whole cents";
        lupa_add_on: Dollars, "add_on_labor + add_on_nonlabor";
        late_notice_reduction: Dollars, "(period_payment + outlier_payment) × late_notice_days ÷ days of a period in whole cents";
        value_based_adjustment: Dollars, "period_payment less its part of late notice, or each discipline's visits and the add-on, × value_based_factor in whole cents, less the same";
        payment: Dollars, "full_period_payment − partial_period_reduction + outlier_payment + lupa_payment + lupa_add_on − late_notice_reduction + value_based_adjustment";
    }
}
