//! Sequestration: the part of the payer's payments that a law takes off, month by month.

use serde::Deserialize;

use super::before::{Accounts, Months, paid_by_month};
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::Amount;
use crate::rules::Rule;
use crate::rules::sequestration::{Sequestration as Cut, SequestrationFacts, SequestrationLines};
use crate::terms::{Rung, ladder};
use crate::views::{Facts, ViewPlan, YearFacts};

/// Terms of sequestration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequestration {
    /// Rates from a month on, counted from the first of the first performance year.
    rates: Vec<Rung>,
    accounts: Accounts,
    /// The first day of the first performance year; rates with dates are given by month with its help.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    first_date: Option<String>,
    /// What a reader must know of the rates; printed where they are used.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

impl Contract for Sequestration {
    type Settlement = Sequestered;

    fn check(&self, place: Place<'_>, _book: &Book) -> Result<()> {
        if self.rates.is_empty() {
            let error = place.error("first_date", "must be given where rates have dates").got("None");
            let hint = "the first day of the first performance year, for example \"2026-01-01\"; or one rate for all: rates=0.02";
            return Err(error.hint(hint).into());
        }
        let mut before = 0.0;
        for (position, rung) in self.rates.iter().enumerate() {
            let (path, month) = (place.field(&format!("rates[{position}]")), rung.from.value());
            place.rate(&format!("rates[{position}]"), rung.gives.value())?;
            if month.is_nan() || month <= before {
                let rule = "must begin in a month, each later than the one before";
                return Err(Place(&path).error("from", rule).got(show(month)).into());
            }
            before = month;
        }
        self.accounts.check(place)
    }

    fn looks_at(&self) -> Vec<Account> {
        self.accounts.known()
    }

    fn declare(&self, _arm: &ArmBook<'_>, _views: &mut ViewPlan) -> Sequestered {
        Sequestered { rates: self.rates.clone(), accounts: self.accounts.known() }
    }
}

/// Rates by month, and what they cut.
#[derive(Debug, Clone)]
pub struct Sequestered {
    rates: Vec<Rung>,
    accounts: Vec<Account>,
}

impl Sequestered {
    /// What is cut of each month's payments.
    fn cuts<A: Amount>(
        &self,
        months_before: usize,
        ledger: &Ledger<A>,
    ) -> Vec<(Months, SequestrationLines<A>)> {
        let paid = paid_by_month(ledger, months_before, &self.accounts);
        let cut = |(months, amount): (Months, A)| {
            let rate = ladder(A::of(f64::from(months.0)), &self.rates);
            (months, Cut {}.settle(&SequestrationFacts { amount, rate }))
        };
        paid.into_iter().map(cut).collect()
    }
}

impl Settlement for Sequestered {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        _year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let flow = Flow(Party::Provider, Party::Payer, Account::Sequestered);
        for (months, lines) in self.cuts(months_before, ledger) {
            ledger.settle(flow, None, months, lines.sequestered);
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let cuts = self.cuts(facts.months_before(year), ledger);
        let sum = |of: fn(&SequestrationLines<A>) -> A| {
            cuts.iter().fold(A::ZERO, |sum, (_, lines)| sum + of(lines))
        };
        vec![
            Step::dollars(
                "payment",
                "of the payer in accounts, before this contract, by month",
                sum(|lines| lines.payment),
            ),
            Step::dollars(
                "sequestered",
                "rate of the month × payment, by month, where above 0",
                sum(|lines| lines.sequestered),
            ),
            Step::dollars("paid", "payment − sequestered", sum(|lines| lines.paid)),
        ]
    }
}
