//! Advance payment: money before it is earned, taken back out of what is earned until it is repaid.

use serde::Deserialize;
use serde_json::Value;

use super::settle_month::check_month_of_study;
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::reading::shown;
use crate::rules::Rule;
use crate::rules::advance_payments::{AdvanceRecoupment, RecoupmentFacts, RecoupmentLines};
use crate::views::{Exposure, ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of an advance payment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvancePayment {
    amount: Option<Term>,
    pmpm: Option<Term>,
    first_month: Term,
    last_month: Option<Term>,
    recouped_from: Vec<Earning>,
    repay_balance: Value,
}

/// What an advance may be recouped from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Earning {
    SharedSavings,
    QualityPayment,
    CorridorReceipt,
    PoolSurplus,
    WithholdReturned,
}

impl Earning {
    fn account(self) -> Account {
        match self {
            Self::SharedSavings => Account::SharedSavings,
            Self::QualityPayment => Account::QualityPayment,
            Self::CorridorReceipt => Account::CorridorReceipt,
            Self::PoolSurplus => Account::PoolSurplus,
            Self::WithholdReturned => Account::WithholdReturned,
        }
    }
}

impl Contract for AdvancePayment {
    type Settlement = Advances;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        for (field, term) in [("amount", &self.amount), ("pmpm", &self.pmpm)] {
            term.as_ref().map_or(Ok(()), |term| place.not_negative(field, term.value()))?;
        }
        let years = book.horizon.years;
        check_month_of_study(place, "first_month", &self.first_month, (1.0, years))?;
        match (&self.pmpm, &self.last_month) {
            (Some(_), Some(last)) => {
                check_month_of_study(place, "last_month", last, (self.first_month.value(), years))?;
            }
            (Some(_), None) => {
                return Err(place.error("last_month", "must be given with pmpm").got("None").into());
            }
            (None, Some(last)) => {
                let error = place.error("last_month", "must not be given without pmpm");
                return Err(error.got(show(last.value())).into());
            }
            (None, None) => {}
        }
        if self.amount.is_none() && self.pmpm.is_none() {
            return Err(place.error("amount", "must be given, or pmpm, or both").got("neither").into());
        }
        if self.recouped_from.is_empty() {
            return Err(place.error("recouped_from", "must name at least one account").got("none").into());
        }
        match self.repay_balance {
            Value::Bool(_) => Ok(()),
            ref other => Err(place.error("repay_balance", "must be True or False").got(shown(other)).into()),
        }
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::Advance]
    }

    fn looks_at(&self) -> Vec<Account> {
        self.recouped_from.iter().map(|earning| earning.account()).collect()
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Advances {
        let first = self.first_month.value() as usize;
        Advances {
            amount: self.amount.unwrap_or(Term::from(0)),
            pmpm: self.pmpm.unwrap_or(Term::from(0)),
            first,
            last: self.last_month.map_or(first, |last| last.value() as usize),
            accounts: self.recouped_from.iter().map(|earning| earning.account()).collect(),
            repay_balance: self.repay_balance == Value::Bool(true),
            exposure: views.exposure(Exposure::of(arm.attributed())),
            months: arm.book.horizon.years * MONTHS,
        }
    }
}

/// What is paid before it is earned, and how it is paid back.
#[derive(Debug, Clone)]
pub struct Advances {
    amount: Term,
    pmpm: Term,
    /// Month of the amount and the first of the payments by members, from 1.
    first: usize,
    /// The last month of the payments by members.
    last: usize,
    accounts: Vec<Account>,
    repay_balance: bool,
    exposure: ExposureView,
    /// Months of the study.
    months: usize,
}

/// A year's settlement of advances.
struct Settled<A> {
    /// The last month of the year, in which it is incurred.
    incurred: usize,
    /// The month in which what is earned is paid.
    cash: usize,
    facts: RecoupmentFacts<A>,
    lines: RecoupmentLines<A>,
}

impl Advances {
    /// What is paid, by month.
    fn paid<A: Amount>(&self, facts: &Facts<A>) -> Vec<(usize, A)> {
        let mut paid = vec![(self.first, A::term(&self.amount).posted())];
        for (months_before, year) in facts.performance_years() {
            for (month, members) in year.exposure(self.exposure).iter().enumerate() {
                let month = months_before + month + 1;
                if (self.first..=self.last).contains(&month) {
                    paid.push((month, members.times(A::term(&self.pmpm)).posted()));
                }
            }
        }
        paid
    }

    /// What contracts before this one earned in a year and did not give to other advances, and when it is paid.
    fn earned<A: Amount>(&self, end: usize, ledger: &Ledger<A>) -> (A, usize) {
        let (mut earned, mut cash) = (A::ZERO, end);
        for transfer in ledger.before_of_year(end - MONTHS) {
            if transfer.to == Party::Provider && self.accounts.contains(&transfer.account) {
                earned = earned + transfer.amount;
                cash = cash.max(usize::from(transfer.cash));
            } else if transfer.account == Account::AdvanceRepaid {
                earned = earned - transfer.amount;
            }
        }
        (earned.most(A::ZERO), cash)
    }

    /// What is taken back, year after year.
    fn settled<A: Amount>(&self, facts: &Facts<A>, ledger: &Ledger<A>) -> Vec<Settled<A>> {
        let paid = self.paid(facts);
        let mut recouped_before = A::ZERO;
        let mut all = Vec::with_capacity(self.months / MONTHS);
        for (months_before, _) in facts.performance_years() {
            let incurred = months_before + MONTHS;
            let (earned_savings, cash) = self.earned(incurred, ledger);
            let until = paid.iter().filter(|(month, _)| *month <= cash);
            let due = self.repay_balance && incurred == self.months;
            let facts = RecoupmentFacts {
                advanced: until.fold(A::ZERO, |sum, (_, dollars)| sum + *dollars),
                recouped_before,
                earned_savings,
                leaves_early: if due { A::ONE } else { A::ZERO },
            };
            let lines = AdvanceRecoupment {}.settle(&facts);
            recouped_before = recouped_before + lines.recouped;
            all.push(Settled { incurred, cash, facts, lines });
        }
        all
    }

    /// An advance is no income while it may have to be repaid: each part is incurred when it is taken back, the
    /// earliest first, and what is left at the end of the last year when it is kept.
    fn advance<A: Amount>(&self, paid: Vec<(usize, A)>, repaid: &[(usize, A)], ledger: &mut Ledger<A>) {
        let flow = Flow(Party::Payer, Party::Provider, Account::Advance);
        let mut repaid = repaid.iter().copied();
        let mut next = repaid.next();
        for (month, mut dollars) in paid {
            while dollars > A::ZERO {
                let (incurred, back) = next.unwrap_or((self.months, dollars));
                let part = dollars.least(back);
                ledger.settle(flow, None, (incurred as Month, month as Month), part);
                dollars = dollars - part;
                next = next.map(|_| (incurred, back - part)).filter(|(_, left)| *left > A::ZERO);
                next = next.or_else(|| repaid.next());
            }
        }
    }
}

impl Settlement for Advances {
    fn settle<A: Amount>(&self, facts: &Facts<A>, ledger: &mut Ledger<A>) {
        let settled = self.settled(facts, ledger);
        let back = |of: &Settled<A>| of.lines.recouped + of.lines.due;
        let repaid: Vec<(usize, A)> =
            settled.iter().map(|of| (of.incurred, back(of))).filter(|(_, back)| *back > A::ZERO).collect();
        self.advance(self.paid(facts), &repaid, ledger);
        let flow = Flow(Party::Provider, Party::Payer, Account::AdvanceRepaid);
        for of in &settled {
            ledger.settle(flow, None, (of.incurred as Month, of.cash as Month), back(of));
        }
    }

    /// Nothing: what a year takes back is known only with the years before it, in [`Self::settle`].
    fn settle_year<A: Amount>(&self, _: &Facts<A>, _: &YearFacts<A>, _: usize, _: &mut Ledger<A>) {}

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let position = facts.performance_year(year);
        let Settled { incurred, facts: of, lines, .. } = self.settled(facts, ledger).swap_remove(position);
        let in_year = |(month, _): &&(usize, A)| *month > incurred - MONTHS && *month <= incurred;
        let paid = self.paid(facts).iter().filter(in_year).fold(A::ZERO, |sum, (_, dollars)| sum + *dollars);
        let kept = if incurred == self.months { lines.outstanding } else { A::ZERO };
        let steps = [
            ("paid_in_year", "amount and pmpm × members, by month", paid),
            ("advanced", "all advances paid until what is earned for the year is settled", of.advanced),
            ("recouped_before", "of them recouped for earlier years", of.recouped_before),
            ("earned_savings", "recouped_from of contracts before, less earlier advances", of.earned_savings),
            ("outstanding_before", "advanced − recouped_before", lines.outstanding_before),
            ("recouped", "earned_savings, at most outstanding_before", lines.recouped),
            ("savings_paid", "earned_savings − recouped", lines.savings_paid),
            ("due", "what is left, after the last year with repay_balance", lines.due),
            ("outstanding", "outstanding_before − recouped − due", lines.outstanding),
            ("kept", "outstanding after the last year, which is income then", kept),
        ];
        steps.into_iter().map(|(line, formula, value)| Step::dollars(line, formula, value)).collect()
    }
}
