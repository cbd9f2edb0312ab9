//! Advances on savings: what a member brings each quarter, how advances are recouped, and savings paid in advance.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::terms::{Rung, ladder, share};

/// What a member brings each quarter by its score.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvancePaymentRate {
    /// Score of a member with low income.
    low_income_score: Term,
    /// Score of a member whose area is not known.
    unknown_score: Term,
    /// Dollars of a quarter from a score on.
    rates: Vec<Rung>,
}

figures! {
    /// A member.
    MemberFacts {
        low_income: Flag, "has the low-income subsidy or dual status";
        area_deprivation: Points or unknown, "national percentile of the Area Deprivation Index, 1-100";
    }
}

figures! {
    /// What it brings.
    RateLines {
        risk_factor_score: Points, "that of low income, else the area's percentile, else that of an unknown area";
        quarterly_rate: Dollars, "rate of the score's band";
    }
}

impl Rule for AdvancePaymentRate {
    type Facts<A: Amount> = MemberFacts<A>;
    type Lines<A: Amount> = RateLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        let mut before = -1.0;
        for Rung { from, gives } in &self.rates {
            place.not_negative("rates", gives.value())?;
            if from.value().is_nan() || from.value() <= before {
                let rule = "must be given for scores that rise from 0";
                return Err(place.error("rates", rule).got(show(from.value())).into());
            }
            before = from.value();
        }
        place.not_negative("low_income_score", self.low_income_score.value())?;
        place.not_negative("unknown_score", self.unknown_score.value())
    }

    fn settle<A: Amount>(&self, facts: &MemberFacts<A>) -> RateLines<A> {
        let risk_factor_score = if facts.low_income > A::ZERO {
            A::term(&self.low_income_score)
        } else {
            facts.area_deprivation.unwrap_or(A::term(&self.unknown_score))
        };
        RateLines { risk_factor_score, quarterly_rate: ladder(risk_factor_score, &self.rates) }
    }
}

/// Advances that are paid back out of earned savings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceRecoupment {}

figures! {
    /// A settled year.
    RecoupmentFacts {
        advanced: Dollars, "all advances paid until this settlement";
        recouped_before: Dollars = 0.0, "of them recouped in earlier years";
        earned_savings: Dollars, "savings earned in this year, before recoupment; nothing is taken where below 0";
        leaves_early: Flag = 0.0, "leaves before the agreement ends, so that all is due";
    }
}

figures! {
    /// What is taken and what remains.
    RecoupmentLines {
        outstanding_before: Dollars, "advanced − recouped before, where above 0";
        recouped: Dollars, "earned savings, at most what is outstanding";
        savings_paid: Dollars, "earned savings − recouped";
        due: Dollars, "outstanding before − recouped, where the organization leaves early";
        outstanding: Dollars, "outstanding before − recouped − due";
    }
}

impl Rule for AdvanceRecoupment {
    type Facts<A: Amount> = RecoupmentFacts<A>;
    type Lines<A: Amount> = RecoupmentLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &RecoupmentFacts<A>) -> RecoupmentLines<A> {
        let earned = facts.earned_savings.most(A::ZERO).posted();
        let outstanding_before = (facts.advanced - facts.recouped_before).most(A::ZERO).posted();
        let recouped = earned.least(outstanding_before);
        let left = outstanding_before - recouped;
        let due = if facts.leaves_early > A::ZERO { left } else { A::ZERO };
        RecoupmentLines {
            outstanding_before,
            recouped,
            savings_paid: earned - recouped,
            due,
            outstanding: left - due,
        }
    }
}

/// Part of earlier savings that is paid before they are earned again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepaidSavings {
    /// Part of them that is paid in advance.
    prepaid_share: Term,
    /// Part of savings that counts as shared.
    savings_share: Term,
    /// The most of it, as a part of national spending.
    cap: Term,
    /// Payments a year.
    payments: Term,
}

figures! {
    /// Savings of the base years, and the year to come.
    PrepaidFacts {
        savings_base_year_1: Dollars, "savings (losses below 0) of a person-year of base year 1";
        savings_base_year_2: Dollars, "savings (losses below 0) of a person-year of base year 2";
        proration: Rate = 1.0, "less than 1 where more members are assigned than were reconciled";
        national_per_capita_all: Dollars, "spending of a person-year of assignable beneficiaries";
        person_years: Count, "assigned person-years";
    }
}

figures! {
    /// What is paid in advance.
    PrepaidLines {
        mean_savings: Dollars, "mean of both base years × proration";
        multiplier: Dollars, "prepaid share × savings share × mean savings, at most the cap; 0 where nothing was saved";
        payment: Dollars, "multiplier × person-years / payments a year";
        payment_of_year: Dollars, "payment × payments a year";
    }
}

impl Rule for PrepaidSavings {
    type Facts<A: Amount> = PrepaidFacts<A>;
    type Lines<A: Amount> = PrepaidLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("prepaid_share", self.prepaid_share.value())?;
        place.rate("savings_share", self.savings_share.value())?;
        place.rate("cap", self.cap.value())?;
        place.positive("payments", self.payments.value())
    }

    fn settle<A: Amount>(&self, facts: &PrepaidFacts<A>) -> PrepaidLines<A> {
        let both = facts.savings_base_year_1 + facts.savings_base_year_2;
        let mean_savings = both.over(A::of(2.0)).times(facts.proration);
        let rate = A::term(&self.savings_share).times(A::term(&self.prepaid_share));
        let cap = facts.national_per_capita_all.times(A::term(&self.cap));
        let multiplier = share(mean_savings, rate, Some(cap));
        let payments = A::term(&self.payments);
        let payment = multiplier.times(facts.person_years).over(payments).posted();
        PrepaidLines { mean_savings, multiplier, payment, payment_of_year: payment.times(payments) }
    }
}
