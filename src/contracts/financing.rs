//! Financing: interest on the provider's cash, owed below zero and earned above, from month to month.

use serde::Deserialize;

use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Cash, Flow, Ledger, Month, Party};
use crate::money::{Amount, LARGEST_TERM, Term};
use crate::population::MONTHS;
use crate::views::{Facts, ViewPlan, YearFacts};

/// Terms of financing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Financing {
    credit_rate: Term,
    deposit_rate: Term,
    opening_cash: Term,
}

impl Contract for Financing {
    type Settlement = CurrentAccount;

    fn check(&self, place: Place<'_>, _book: &Book) -> Result<()> {
        place.rate("credit_rate", self.credit_rate.value())?;
        place.rate("deposit_rate", self.deposit_rate.value())?;
        place.within("opening_cash", self.opening_cash.value(), -LARGEST_TERM, LARGEST_TERM)
    }

    fn settles_last(&self) -> bool {
        true
    }

    fn declare(&self, arm: &ArmBook<'_>, _views: &mut ViewPlan) -> CurrentAccount {
        CurrentAccount { terms: self.clone(), last: arm.book.horizon.years * MONTHS }
    }
}

/// The account that holds the provider's cash.
#[derive(Debug, Clone)]
pub struct CurrentAccount {
    terms: Financing,
    /// The last month of the study.
    last: usize,
}

/// A month of the account.
#[derive(Debug, Clone, Copy)]
struct MonthOfCash<A> {
    /// Counted from 1.
    month: usize,
    /// Balance at the end of the month before.
    opening: A,
    /// What everything else moves in the month.
    moved: A,
    /// Interest on the opening balance, below zero where the provider owes it.
    interest: A,
}

impl CurrentAccount {
    /// The months of a year; of the last year those too in which what it is owed is still settled.
    fn months<A: Amount>(&self, months_before: usize, ledger: &Ledger<A>) -> Vec<MonthOfCash<A>> {
        let cash = Cash::of(Party::Provider, ledger.before());
        let end = months_before + MONTHS;
        let end = if end == self.last { end.max(cash.last) } else { end };
        let mut opening = A::term(&self.terms.opening_cash).posted();
        let mut months = Vec::with_capacity(end);
        for month in 1..=end {
            let (moved, interest) = (cash.in_month(month), self.interest(opening));
            months.push(MonthOfCash { month, opening, moved, interest });
            opening = opening + moved + interest;
        }
        months.split_off(months_before)
    }

    /// A month's interest on a balance; a balance of less than a cent bears none.
    fn interest<A: Amount>(&self, balance: A) -> A {
        let cents = balance.cents();
        if cents == A::ZERO {
            return A::ZERO;
        }
        let rate = if cents < A::ZERO { &self.terms.credit_rate } else { &self.terms.deposit_rate };
        balance.times(A::term(rate)).over(A::of(MONTHS as f64)).posted()
    }
}

impl Settlement for CurrentAccount {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        _year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        for MonthOfCash { month, interest, .. } in self.months(months_before, ledger) {
            // What runs on after the last year is a cost of settling it.
            let months = (month.min(self.last) as Month, month as Month);
            if interest < A::ZERO {
                ledger.settle(
                    Flow(Party::Provider, Party::Lender, Account::Interest),
                    None,
                    months,
                    -interest,
                );
            } else {
                ledger.settle(
                    Flow(Party::Lender, Party::Provider, Account::Interest),
                    None,
                    months,
                    interest,
                );
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let months_before = facts.months_before(year);
        let months = self.months(months_before, ledger);
        let sum =
            |of: &dyn Fn(&MonthOfCash<A>) -> A| months.iter().fold(A::ZERO, |sum, month| sum + of(month));
        let opening = months.first().map_or(A::ZERO, |month| month.opening);
        let moved = sum(&|month| month.moved);
        let earned = sum(&|month| month.interest.most(A::ZERO));
        let owed = sum(&|month| (-month.interest).most(A::ZERO));
        let lowest = months.iter().fold(opening, |least, month| least.least(month.opening));
        let closing = opening + moved + earned - owed;
        vec![
            Step::dollars(
                "opening_balance",
                "opening_cash, or the closing balance of the year before",
                opening,
            ),
            Step::dollars(
                "cash_moved",
                "what everything before this contract moves in the months of the year",
                moved,
            ),
            Step::dollars("interest_earned", "deposit_rate / 12 × month-end balances above 0", earned),
            Step::dollars("interest_owed", "credit_rate / 12 × month-end balances below 0", owed),
            Step::dollars(
                "closing_balance",
                "opening_balance + cash_moved + interest_earned − interest_owed",
                closing,
            ),
            Step::dollars(
                "lowest_balance",
                "of the month-ends on which interest is counted, and the last",
                lowest.least(closing),
            ),
        ]
    }
}
