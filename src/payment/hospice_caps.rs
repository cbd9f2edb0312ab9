//! The two caps of a hospice's year: on inpatient days, and on payments for each beneficiary.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;

/// The cap on inpatient days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InpatientCap {
    /// The part of all days that may be inpatient.
    largest_share: Term,
}

figures! {
    /// A cap year's days.
    InpatientCapFacts {
        inpatient_days: Count, "days of general inpatient and inpatient respite care";
        total_days: Count, "days of all levels of care";
        inpatient_payments: Dollars, "what was paid for the inpatient days";
        routine_rate: Dollars, "rate of routine home care, wage-adjusted, at which days beyond are paid";
    }
}

figures! {
    /// What is repaid.
    InpatientCapLines {
        allowed_days: Factor, "largest_share × total_days";
        excess_days: Factor, "inpatient_days − allowed_days, at least 0";
        allowed_payments: Dollars, "inpatient_payments × (inpatient_days − excess_days) ÷ inpatient_days";
        routine_payments: Dollars, "excess_days × routine_rate";
        repayment: Dollars, "inpatient_payments − allowed_payments − routine_payments, at least 0";
    }
}

impl Rule for InpatientCap {
    type Facts<A: Amount> = InpatientCapFacts<A>;
    type Lines<A: Amount> = InpatientCapLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("largest_share", self.largest_share.value())
    }

    fn settle<A: Amount>(&self, facts: &InpatientCapFacts<A>) -> InpatientCapLines<A> {
        let allowed_days = facts.total_days.times(A::term(&self.largest_share));
        let excess_days = (facts.inpatient_days - allowed_days).most(A::ZERO);
        let within = facts.inpatient_days - excess_days;
        let paid = facts.inpatient_payments.cents();
        let allowed_payments = paid.times(within).over(facts.inpatient_days).cents();
        let routine_payments = excess_days.times(facts.routine_rate).cents();
        InpatientCapLines {
            allowed_days,
            excess_days,
            allowed_payments,
            routine_payments,
            repayment: (paid - allowed_payments - routine_payments).most(A::ZERO),
        }
    }
}

/// The cap on payments; it has no terms: its amount is a fact, looked up by cap year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AggregateCap {}

figures! {
    /// A cap year's payments.
    AggregateCapFacts {
        payments: Dollars, "what was paid to the hospice in the cap year";
        beneficiaries: Count, "beneficiaries counted in the cap year, parts of them too";
        cap_amount: Dollars, "the cap for a beneficiary";
    }
}

figures! {
    /// What is repaid.
    AggregateCapLines {
        aggregate_cap: Dollars, "cap_amount × beneficiaries";
        repayment: Dollars, "payments − aggregate_cap, at least 0";
        kept: Dollars, "payments − repayment";
    }
}

impl Rule for AggregateCap {
    type Facts<A: Amount> = AggregateCapFacts<A>;
    type Lines<A: Amount> = AggregateCapLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &AggregateCapFacts<A>) -> AggregateCapLines<A> {
        let payments = facts.payments.cents();
        let aggregate_cap = facts.cap_amount.times(facts.beneficiaries).cents();
        let repayment = (payments - aggregate_cap).most(A::ZERO);
        AggregateCapLines { aggregate_cap, repayment, kept: payments - repayment }
    }
}
