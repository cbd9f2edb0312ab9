//! Investment: money spent in one month for many, whose cost is incurred evenly over the life of what it buys.

use serde::Deserialize;

use super::settle_month::check_month_of_study;
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::terms::accrued;
use crate::views::{Facts, ViewPlan, YearFacts};

/// Longest life, months.
const LONGEST_LIFE: f64 = 600.0;

/// Terms of an investment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Investment {
    amount: Term,
    month: Term,
    first_month: Option<Term>,
    life_months: Term,
}

impl Contract for Investment {
    type Settlement = Asset;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.positive("amount", self.amount.value())?;
        check_month_of_study(place, "month", &self.month, (1.0, book.horizon.years))?;
        if let Some(first) = &self.first_month {
            check_month_of_study(place, "first_month", first, (1.0, book.horizon.years))?;
        }
        let life = self.life_months.value();
        if life.fract() == 0.0 && (1.0..=LONGEST_LIFE).contains(&life) {
            return Ok(());
        }
        let rule = format!("must be a whole number of months between 1 and {LONGEST_LIFE}");
        Err(place.error("life_months", rule).got(show(life)).into())
    }

    fn declare(&self, arm: &ArmBook<'_>, _views: &mut ViewPlan) -> Asset {
        Asset {
            amount: self.amount,
            paid: self.month.value() as usize,
            first: self.first_month.as_ref().unwrap_or(&self.month).value() as usize,
            life: self.life_months.value() as usize,
            last: arm.book.horizon.years * MONTHS,
        }
    }
}

/// What is bought, and when it is paid and used.
#[derive(Debug, Clone)]
pub struct Asset {
    amount: Term,
    /// The month in which it is paid, from 1.
    paid: usize,
    /// The first month of its life, from 1.
    first: usize,
    /// Months of its life.
    life: usize,
    /// The last month of the study.
    last: usize,
}

impl Asset {
    /// What is incurred until the end of a month.
    fn incurred_until<A: Amount>(&self, month: usize) -> A {
        let used = (month + 1).saturating_sub(self.first).min(self.life);
        accrued(A::term(&self.amount), used, self.life)
    }

    fn amount<A: Amount>(&self) -> A {
        A::term(&self.amount).posted()
    }
}

impl Settlement for Asset {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        _year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let flow = Flow(Party::Provider, Party::Suppliers, Account::Investment);
        let cash = self.paid as Month;
        for month in months_before + 1..=months_before + MONTHS {
            let incurred = self.incurred_until::<A>(month) - self.incurred_until::<A>(month - 1);
            ledger.settle(flow, None, (month as Month, cash), incurred);
        }
        // The cash of a life that goes on has moved all the same; its cost is of no year of the study.
        if months_before + MONTHS == self.last && self.first + self.life > self.last + 1 {
            let after = self.amount::<A>() - self.incurred_until::<A>(self.last);
            ledger.settle(flow, None, (self.last as Month + 1, cash), after);
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let before = facts.months_before(year);
        let amount = self.amount::<A>();
        let paid = (before + 1..=before + MONTHS).contains(&self.paid);
        let (until, now) = (self.incurred_until::<A>(before), self.incurred_until::<A>(before + MONTHS));
        vec![
            Step::dollars("amount", "what is spent", amount),
            Step::dollars(
                "cash_paid",
                "amount, where month is of this year",
                if paid { amount } else { A::ZERO },
            ),
            Step::dollars("incurred_before", "amount / life_months × months of life in earlier years", until),
            Step::dollars("incurred", "amount / life_months × months of life in this year", now - until),
            Step::dollars("not_yet_incurred", "amount − incurred_before − incurred", amount - now),
        ]
    }
}
