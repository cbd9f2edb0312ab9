//! When the money of a capitation moves: payments for members known late, and claims of others that come late.

use super::Capitation;
use crate::contracts::Step;
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, LAST_MONTH, Ledger, Month, Transfer};
use crate::money::{Amount, Term};
use crate::population::MONTHS;

/// When payments and claims become cash.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The part of payments that comes later, and how many months later.
    retroactive: Option<(Term, Month)>,
    /// Months from care by others to its payment.
    claims_lag: Month,
}

impl Capitation {
    pub(super) fn check_timing(&self, place: Place<'_>) -> Result<()> {
        if let Some(rate) = &self.retroactive_rate {
            place.rate("retroactive_rate", rate.value())?;
        }
        if let Some(months) = &self.retroactive_months {
            check_months(place, "retroactive_months", months, 1.0, f64::from(LAST_MONTH) - MONTHS as f64)?;
        }
        if let Some(months) = &self.claims_lag_months {
            // Within a year, so that what is owed at its end was incurred in it.
            check_months(place, "claims_lag_months", months, 0.0, MONTHS as f64)?;
        }
        let (alone, other, given) = match (&self.retroactive_rate, &self.retroactive_months) {
            (Some(rate), None) if rate.value() > 0.0 => ("retroactive_rate", "retroactive_months", rate),
            (None, Some(months)) => ("retroactive_months", "retroactive_rate", months),
            _ => return Ok(()),
        };
        let error = place.error(alone, format!("must be given together with {other}"));
        Err(error.got(format!("{} alone", show(given.value()))).into())
    }

    pub(super) fn timing(&self) -> Timing {
        let month = |term: &Term| term.value() as Month;
        Timing {
            retroactive: self.retroactive_rate.zip(self.retroactive_months.as_ref().map(month)),
            claims_lag: self.claims_lag_months.as_ref().map_or(0, month),
        }
    }
}

fn check_months(place: Place<'_>, field: &str, months: &Term, least: f64, most: f64) -> Result<()> {
    let value = months.value();
    if value.fract() == 0.0 && (least..=most).contains(&value) {
        return Ok(());
    }
    let rule = format!("must be a whole number of months between {least} and {most}");
    Err(place.error(field, rule).got(show(value)).into())
}

impl Timing {
    /// Posts the payment of a month, counted from 0: what is known of it at once, the rest later.
    pub fn pay<A: Amount>(&self, flow: Flow, month: usize, amount: A, ledger: &mut Ledger<A>) {
        let Some((rate, months)) = &self.retroactive else { return ledger.post(flow, None, month, amount) };
        let (incurred, later) = (month as Month + 1, amount.times(A::term(rate)).posted());
        ledger.post(flow, None, month, amount.posted() - later);
        ledger.settle(flow, None, (incurred, incurred + months), later);
    }

    /// The months in which care by others is incurred and paid, of a month counted from 0.
    pub fn of_claims(&self, month: usize) -> (Month, Month) {
        let incurred = month as Month + 1;
        (incurred, incurred + self.claims_lag)
    }

    /// What comes later of the year after so many months, as a statement tells it; nothing where nothing does.
    pub fn steps<A: Amount>(&self, months_before: usize, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let end = (months_before + MONTHS) as Month;
        let sum = |account: Account, later: &dyn Fn(&Transfer<A>) -> bool| {
            ledger.own_sum(months_before, |transfer| transfer.account == account && later(transfer))
        };
        let mut steps = Vec::new();
        if self.retroactive.is_some() {
            let dollars = sum(Account::Capitation, &|transfer| transfer.cash > transfer.incurred);
            let formula = "retroactive_rate × capitation, paid retroactive_months later";
            steps.push(Step::dollars("retroactive", formula, dollars));
        }
        if self.claims_lag > 0 {
            let dollars = sum(Account::PurchasedCare, &|transfer| transfer.cash > end);
            let formula = "purchased_care of the year that is paid after it";
            steps.push(Step::dollars("claims_liability", formula, dollars));
        }
        steps
    }
}
