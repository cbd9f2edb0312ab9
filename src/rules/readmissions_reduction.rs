//! Hospital readmissions reduction: excess readmissions lower base payments, down to a floor.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result};
use crate::money::{Amount, Rounding, Term};

/// The modifier of a fiscal year and the most that can be lost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadmissionsReduction {
    /// Scales reductions so that peer groups cost what they would without them.
    neutrality_modifier: Term,
    /// The largest reduction, a part of base payments.
    cap: Term,
    /// Decimals of the payment factor.
    decimals: u32,
}

figures! {
    /// A fiscal year of a hospital.
    ReadmissionsFacts {
        weighted_excess: Factor, "Σ payment ratio × (excess readmission ratio − peer group median), over measures that count";
        base_payment: Dollars = 0.0, "base operating payments by diagnosis-related group";
    }
}

figures! {
    /// What is lost.
    ReadmissionsLines {
        reduction_rate: Rate, "neutrality_modifier × weighted_excess, at most the cap, rounded";
        payment_factor: Factor, "1 − reduction_rate";
        reduction: Dollars, "reduction_rate × base_payment";
        payment: Dollars, "base_payment − reduction";
    }
}

impl Rule for ReadmissionsReduction {
    type Facts<A: Amount> = ReadmissionsFacts<A>;
    type Lines<A: Amount> = ReadmissionsLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.within("neutrality_modifier", self.neutrality_modifier.value(), 0.0, 10.0)?;
        place.rate("cap", self.cap.value())
    }

    fn settle<A: Amount>(&self, facts: &ReadmissionsFacts<A>) -> ReadmissionsLines<A> {
        let excess = facts.weighted_excess.times(A::term(&self.neutrality_modifier));
        // The factor is printed, and used, with so many decimals (hospital-specific report, table 1).
        let reduction_rate =
            excess.least(A::term(&self.cap)).rounded(self.decimals, Rounding::HalfAwayFromZero);
        let reduction = facts.base_payment.times(reduction_rate).posted();
        ReadmissionsLines {
            reduction_rate,
            payment_factor: A::term(&Term::from(1)) - reduction_rate,
            reduction,
            payment: facts.base_payment - reduction,
        }
    }
}
