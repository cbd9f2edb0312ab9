//! Repayment mechanism: a guarantee that losses will be paid, by an escrow, a letter of credit or a surety bond.
//!
//! Asked for by 42 CFR 425.204(f) before losses are shared. The provider pays its losses by the contract that owes them.

use serde::Deserialize;

use super::settle_month::{check_month_after, check_month_of_study};
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::terms::accrued;
use crate::views::{Exposure, ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of a repayment mechanism.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepaymentMechanism {
    form: Form,
    amount: Option<Term>,
    benchmark_share: Option<Term>,
    benchmark_pmpm: Option<Term>,
    yearly_fee_rate: Option<Term>,
    first_month: Term,
    release_month: Term,
}

/// What stands for the losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    /// Money that is put away.
    Escrow,
    /// The promise of a bank, for a fee.
    LetterOfCredit,
    /// The promise of an insurer, for a fee.
    SuretyBond,
}

impl RepaymentMechanism {
    fn check_amount(&self, place: Place<'_>) -> Result<()> {
        let refuse = |field: &str, rule: &str, got: &str| Err(place.error(field, rule).got(got).into());
        match (&self.amount, &self.benchmark_share, &self.benchmark_pmpm) {
            (Some(amount), None, None) => place.not_negative("amount", amount.value()),
            (None, Some(share), Some(pmpm)) => {
                place.rate("benchmark_share", share.value())?;
                place.positive("benchmark_pmpm", pmpm.value())
            }
            (None, None, _) => {
                refuse("amount", "must be given, or benchmark_share and benchmark_pmpm", "None")
            }
            (Some(_), Some(_), _) => refuse("amount", "must not be given beside benchmark_share", "both"),
            (Some(_), None, Some(_)) => {
                refuse("benchmark_pmpm", "must not be given without benchmark_share", "amount instead")
            }
            (None, Some(_), None) => refuse("benchmark_pmpm", "must be given with benchmark_share", "None"),
        }
    }

    fn check_fee(&self, place: Place<'_>) -> Result<()> {
        match (&self.yearly_fee_rate, self.form) {
            (Some(rate), Form::LetterOfCredit | Form::SuretyBond) => {
                place.rate("yearly_fee_rate", rate.value())
            }
            (None, Form::Escrow) => Ok(()),
            (None, _) => {
                let rule = "must be given for a letter of credit or a surety bond";
                Err(place.error("yearly_fee_rate", rule).got("None").into())
            }
            (Some(_), Form::Escrow) => Err(place
                .error("yearly_fee_rate", "must not be given for an escrow")
                .got("a fee")
                .hint("an escrow ties up cash; Financing says what that costs")
                .into()),
        }
    }
}

impl Contract for RepaymentMechanism {
    type Settlement = Guarantee;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_amount(place)?;
        self.check_fee(place)?;
        check_month_of_study(place, "first_month", &self.first_month, (1.0, book.horizon.years))?;
        check_month_after(place, "release_month", &self.release_month)
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Guarantee {
        let last = arm.book.horizon.years * MONTHS;
        Guarantee {
            terms: self.clone(),
            exposure: views.exposure(Exposure::of(arm.attributed())),
            first: self.first_month.value() as usize,
            released: last - MONTHS + self.release_month.value() as usize,
            last,
        }
    }
}

/// The guarantee, and how long it stands.
#[derive(Debug, Clone)]
pub struct Guarantee {
    terms: RepaymentMechanism,
    exposure: ExposureView,
    /// The month in which it is given, from 1.
    first: usize,
    /// The month in which it is given back, from 1.
    released: usize,
    /// The last month of the study.
    last: usize,
}

impl Guarantee {
    /// Dollars that are guaranteed: given, or a share of a year's benchmark of the members of the first month.
    fn amount<A: Amount>(&self, facts: &Facts<A>) -> A {
        let share = self.terms.benchmark_share.as_ref().zip(self.terms.benchmark_pmpm.as_ref());
        let Some((share, pmpm)) = share else {
            return self.terms.amount.as_ref().map_or(A::ZERO, A::term).posted();
        };
        let (year, month) = ((self.first - 1) / MONTHS, (self.first - 1) % MONTHS);
        let year = facts.performance_years().nth(year);
        let members = year.map_or(A::ZERO, |(_, year)| year.exposure(self.exposure)[month]);
        let benchmark = members.times(A::of(MONTHS as f64)).times(A::term(pmpm));
        benchmark.times(A::term(share)).posted()
    }

    /// Fees until the end of a month.
    fn fee_until<A: Amount>(&self, amount: A, month: usize) -> A {
        let yearly = self.terms.yearly_fee_rate.as_ref().map_or(A::ZERO, A::term).times(amount);
        accrued(yearly, (month.min(self.released) + 1).saturating_sub(self.first), MONTHS)
    }

    /// The last month of a year, or of the guarantee where the year is the last.
    fn end(&self, months_before: usize) -> usize {
        let end = months_before + MONTHS;
        if end == self.last { end.max(self.released) } else { end }
    }
}

impl Settlement for Guarantee {
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        _year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let amount = self.amount(facts);
        let pays = Flow(Party::Provider, Party::Lender, Account::Guarantee);
        let first = self.first as Month;
        for month in months_before + 1..=self.end(months_before) {
            let fee = self.fee_until(amount, month) - self.fee_until(amount, month - 1);
            ledger.settle(pays, None, (month.min(self.last) as Month, month as Month), fee);
            if self.terms.form == Form::Escrow && month == self.first {
                // Money put away is no cost: what goes and what comes back are of the same month.
                ledger.settle(pays, None, (first, first), amount);
                let returns = Flow(Party::Lender, Party::Provider, Account::Guarantee);
                ledger.settle(returns, None, (first, self.released as Month), amount);
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let before = facts.months_before(year);
        let end = self.end(before);
        let of_year = |month: usize| (before + 1..=before + MONTHS).contains(&month);
        let losses = ledger.before().filter(|transfer| {
            transfer.account == Account::SharedLosses && of_year(usize::from(transfer.incurred))
        });
        let owed = losses.fold(A::ZERO, |sum, transfer| sum + transfer.amount);
        let amount = self.amount(facts);
        let stands = if self.first <= end { amount } else { A::ZERO };
        let covered = owed.least(stands);
        let moved = |moves: bool| if moves && self.terms.form == Form::Escrow { amount } else { A::ZERO };
        let in_year = |month: usize| (before + 1..=end).contains(&month);
        let fee = self.fee_until(amount, end) - self.fee_until(amount, before);
        vec![
            Step::dollars(
                "guaranteed",
                "amount, or benchmark_share × benchmark_pmpm × 12 × members of first_month",
                stands,
            ),
            Step::dollars("losses_owed", "shared losses of the year, by the contracts before", owed),
            Step::dollars("covered", "losses_owed, at most guaranteed", covered),
            Step::dollars("not_covered", "losses_owed − covered", owed - covered),
            Step::dollars("fee", "yearly_fee_rate / 12 × guaranteed, each month that it stands", fee),
            Step::dollars("put_away", "guaranteed, in first_month, of an escrow", moved(in_year(self.first))),
            Step::dollars(
                "returned",
                "guaranteed, in release_month, of an escrow",
                moved(in_year(self.released)),
            ),
        ]
    }
}
