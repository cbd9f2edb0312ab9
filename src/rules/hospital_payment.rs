//! A hospital's payment after its three programmes, in their order.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result};
use crate::money::{Amount, Term};

/// What the worst quartile loses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HospitalPayment {
    /// The part of payments that the worst quartile of hospital-acquired conditions loses.
    reduction_rate: Term,
}

figures! {
    /// A fiscal year of a hospital.
    HospitalFacts {
        base_payment: Dollars, "base operating payments by diagnosis-related group";
        other_payment: Dollars = 0.0, "payments on top of these: teaching, low income, outliers, capital";
        purchasing_factor: Factor = 1.0, "payment factor of value-based purchasing";
        readmissions_factor: Factor = 1.0, "payment factor of readmissions reduction";
        worst_quartile: Flag = 0.0, "whether in the worst quartile of hospital-acquired conditions";
    }
}

figures! {
    /// Payment after each programme.
    HospitalLines {
        purchasing_adjustment: Dollars, "base_payment × (purchasing_factor − 1)";
        readmissions_reduction: Dollars, "base_payment × (1 − readmissions_factor)";
        conditions_reduction: Dollars, "reduction_rate × (base_payment + other_payment + purchasing_adjustment − readmissions_reduction), for the worst quartile";
        payment: Dollars, "what is left";
    }
}

impl Rule for HospitalPayment {
    type Facts<A: Amount> = HospitalFacts<A>;
    type Lines<A: Amount> = HospitalLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("reduction_rate", self.reduction_rate.value())
    }

    fn settle<A: Amount>(&self, facts: &HospitalFacts<A>) -> HospitalLines<A> {
        let one = A::term(&Term::from(1));
        let base = facts.base_payment;
        let purchasing_adjustment = base.times(facts.purchasing_factor - one).posted();
        let readmissions_reduction = base.times(one - facts.readmissions_factor).posted();
        let before = base + facts.other_payment + purchasing_adjustment - readmissions_reduction;
        let rate = A::term(&self.reduction_rate).times(facts.worst_quartile);
        let conditions_reduction = before.times(rate).posted();
        HospitalLines {
            purchasing_adjustment,
            readmissions_reduction,
            conditions_reduction,
            payment: before - conditions_reduction,
        }
    }
}
