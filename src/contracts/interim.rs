//! An interim settlement: a part of what the first months of a year would earn, paid early and counted against the final one.

use super::Step;
use super::settle_month::check_month_after;
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;

/// Terms of an interim settlement.
#[derive(Debug, Clone, Copy)]
pub struct Interim {
    /// The part that is paid; 0 where there is none.
    pub share: Term,
    /// The first months of the year whose claims and members are looked at.
    pub claims_months: Term,
    /// When it is paid.
    pub month: Option<Term>,
}

/// An interim settlement of a year.
#[derive(Debug, Clone, Copy)]
pub struct InterimSettled<A> {
    /// What the months that are looked at would earn by themselves.
    earned: A,
    /// What of it is paid.
    paid: A,
}

impl Interim {
    /// Refuses parts and months that are none, and a month that is not before the final settlement.
    pub fn check(&self, place: Place<'_>, settle_month: &Term) -> Result<()> {
        place.rate("interim_share", self.share.value())?;
        let months = self.claims_months.value();
        if months.fract() != 0.0 || !(1.0..=MONTHS as f64).contains(&months) {
            let rule = format!("must be a whole number between 1 and {MONTHS}");
            return Err(place.error("interim_claims_months", rule).got(show(months)).into());
        }
        match (&self.month, self.share.value() > 0.0) {
            (None, false) => Ok(()),
            (None, true) => {
                Err(place.error("interim_month", "must be given with interim_share").got("None").into())
            }
            (Some(month), false) => {
                let error = place.error("interim_month", "must not be given without interim_share");
                Err(error.got(show(month.value())).into())
            }
            (Some(month), true) => {
                check_month_after(place, "interim_month", month)?;
                if month.value() < settle_month.value() {
                    return Ok(());
                }
                let rule = format!("must be before settle_month, {}", show(settle_month.value()));
                Err(place.error("interim_month", rule).got(show(month.value())).into())
            }
        }
    }

    /// The month in which it is paid, where there is one.
    pub fn paid_in(&self) -> Option<Month> {
        self.month.map(|month| month.value() as Month)
    }

    /// The first months that are looked at.
    pub fn months(&self) -> usize {
        self.claims_months.value() as usize
    }

    /// What is paid of what these months would earn.
    pub fn of<A: Amount>(&self, earned: A) -> InterimSettled<A> {
        InterimSettled { earned, paid: earned.times(A::term(&self.share)).posted() }
    }
}

impl<A: Amount> InterimSettled<A> {
    /// Posts it in its month, and takes all of it back in that of the final settlement, which is posted whole.
    pub fn settle(&self, (incurred, cash): (Month, Month), interim: Month, ledger: &mut Ledger<A>) {
        let flow = |from, to| Flow(from, to, Account::InterimSettlement);
        ledger.settle(flow(Party::Payer, Party::Provider), None, (incurred, interim), self.paid);
        ledger.settle(flow(Party::Provider, Party::Payer), None, (incurred, cash), self.paid);
    }

    /// The lines of a statement, beside a final settlement.
    pub fn steps(&self, earned: A, owed: A) -> [Step<A>; 4] {
        let clawed_back = (self.paid - earned).most(A::ZERO);
        [
            Step::dollars(
                "interim_earned",
                "what the first interim_claims_months would earn by these terms",
                self.earned,
            ),
            Step::dollars("interim_settlement", "interim_share × interim_earned", self.paid),
            Step::dollars(
                "final_settlement",
                "earned − owed − interim_settlement",
                earned - owed - self.paid,
            ),
            Step::dollars("clawed_back", "interim_settlement − earned, where above 0", clawed_back),
        ]
    }
}
