//! Hospital value-based purchasing: a withhold from base payments, returned by the total performance score.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result};
use crate::money::{Amount, Term};

/// The withhold of a fiscal year and the slope that pays it all out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueBasedPurchasing {
    /// The part of base operating payments that is withheld.
    withhold_rate: Term,
    /// The score that counts as all.
    divisor: Term,
    /// What the exchange function multiplies a score by.
    slope: Term,
}

figures! {
    /// A fiscal year of a hospital.
    PurchasingFacts {
        total_performance_score: Points, "total performance score";
        base_payment: Dollars = 0.0, "base operating payments by diagnosis-related group";
    }
}

figures! {
    /// What is withheld and what comes back.
    PurchasingLines {
        incentive_rate: Factor, "withhold_rate × total_performance_score ÷ divisor × slope";
        payment_factor: Factor, "1 + incentive_rate − withhold_rate";
        withheld: Dollars, "withhold_rate × base_payment";
        incentive: Dollars, "incentive_rate × base_payment";
        payment: Dollars, "base_payment − withheld + incentive";
    }
}

impl Rule for ValueBasedPurchasing {
    type Facts<A: Amount> = PurchasingFacts<A>;
    type Lines<A: Amount> = PurchasingLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("withhold_rate", self.withhold_rate.value())?;
        place.positive("divisor", self.divisor.value())?;
        place.within("slope", self.slope.value(), 0.0, 1e6)
    }

    fn settle<A: Amount>(&self, facts: &PurchasingFacts<A>) -> PurchasingLines<A> {
        let withhold_rate = A::term(&self.withhold_rate);
        let full = withhold_rate.times(A::term(&self.slope));
        let incentive_rate = facts.total_performance_score.times(full).over(A::term(&self.divisor));
        let withheld = facts.base_payment.times(withhold_rate).posted();
        let incentive = facts.base_payment.times(incentive_rate).posted();
        PurchasingLines {
            incentive_rate,
            payment_factor: A::term(&Term::from(1)) + incentive_rate - withhold_rate,
            withheld,
            incentive,
            payment: facts.base_payment - withheld + incentive,
        }
    }
}
