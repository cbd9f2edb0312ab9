//! Hospital outpatient services by ambulatory payment classification: wages, discounts, packaging, outliers and the copayment.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;

/// How a rate is moved by wages and by a second procedure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutpatientService {
    /// The part of a rate that wages move.
    labor_share: Term,
    /// What further procedures of a claim are paid.
    further_procedure_part: Term,
}

figures! {
    /// A line of a claim, with what is packaged into it.
    ServiceFacts {
        apc_rate: Dollars, "national rate of the ambulatory payment classification";
        wage_index: Factor, "wage index of the hospital's area";
        paid: Flag, "whether the line is paid, not packaged";
        discounted: Flag, "whether a further procedure of its claim";
        rural_factor: Factor = 1.0, "factor of rural sole community hospitals";
        charges_with_packaged: Dollars = 0.0, "charges of the line and of what is packaged into it";
        cost_to_charge_ratio: Factor = 0.0, "costs ÷ charges";
        outlier_multiple: Factor, "multiple of the payment that costs must exceed";
        outlier_fixed_amount: Dollars or unknown, "amount by which costs must exceed the payment; not needed without a cost-to-charge ratio";
        outlier_part: Rate, "part of costs beyond the multiple that is paid";
        copayment_rate: Rate, "patient's part of the payment";
        inpatient_deductible: Dollars, "most that a patient pays for a procedure";
        sequestration_rate: Rate = 0.0, "part of Medicare's payment that is sequestered";
    }
}

figures! {
    /// The payment, step by step.
    ServiceLines {
        wage_adjusted_rate: Dollars, "apc_rate × (labor_share × wage_index + 1 − labor_share)";
        service_payment: Dollars, "wage_adjusted_rate × rural_factor; × further_procedure_part for further procedures of a claim; 0 where packaged";
        cost: Dollars, "charges_with_packaged × cost_to_charge_ratio";
        outlier_payment: Dollars, "outlier_part × (cost − outlier_multiple × service_payment), where cost is above that and above service_payment + outlier_fixed_amount";
        payment: Dollars, "service_payment + outlier_payment";
        copayment: Dollars, "the smaller of copayment_rate × service_payment and inpatient_deductible";
        sequestration: Dollars, "sequestration_rate × (payment − copayment)";
        medicare_payment: Dollars, "payment − copayment − sequestration";
    }
}

impl Rule for OutpatientService {
    type Facts<A: Amount> = ServiceFacts<A>;
    type Lines<A: Amount> = ServiceLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("labor_share", self.labor_share.value())?;
        place.rate("further_procedure_part", self.further_procedure_part.value())
    }

    fn settle<A: Amount>(&self, facts: &ServiceFacts<A>) -> ServiceLines<A> {
        let labor_share = A::term(&self.labor_share);
        let wages = labor_share.times(facts.wage_index) + A::ONE - labor_share;
        let wage_adjusted_rate = facts.apc_rate.times(wages).cents();
        let further = A::term(&self.further_procedure_part);
        let part = if facts.discounted > A::ZERO { further } else { A::ONE };
        let full = wage_adjusted_rate.times(facts.rural_factor).times(part).times(facts.paid);
        let service_payment = full.cents();
        let cost = facts.charges_with_packaged.times(facts.cost_to_charge_ratio).cents();
        let multiple = facts.outlier_multiple.times(service_payment);
        let fixed = facts.outlier_fixed_amount;
        let reached = fixed.is_some_and(|fixed| cost > multiple && cost > service_payment + fixed);
        let is_outlier = reached && facts.paid > A::ZERO;
        let beyond = (cost - multiple).times(facts.outlier_part).cents();
        let outlier_payment = if is_outlier { beyond } else { A::ZERO };
        let payment = service_payment + outlier_payment;
        let copayment = facts.copayment_rate.times(service_payment).cents().least(facts.inpatient_deductible);
        let sequestration = (payment - copayment).times(facts.sequestration_rate).cents();
        ServiceLines {
            wage_adjusted_rate,
            service_payment,
            cost,
            outlier_payment,
            payment,
            copayment,
            sequestration,
            medicare_payment: payment - copayment - sequestration,
        }
    }
}
