//! Withhold: a part of each payment is kept back, and comes back after the year by quality, or by what spending left of it.

use serde::Deserialize;

use super::before::{Accounts, net, paid_by_month};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::terms::share;
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of a withhold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "terms are the words of the field")]
pub struct Withhold {
    withhold_rate: Term,
    accounts: Accounts,
    returned_share: Term,
    quality_score: Term,
    target_pmpm: Option<Term>,
    settle_month: Term,
}

impl Contract for Withhold {
    type Settlement = HeldBack;

    fn check(&self, place: Place<'_>, _book: &Book) -> Result<()> {
        place.rate("withhold_rate", self.withhold_rate.value())?;
        self.accounts.check(place)?;
        place.rate("returned_share", self.returned_share.value())?;
        place.rate("quality_score", self.quality_score.value())?;
        if let Some(target) = &self.target_pmpm {
            place.not_negative("target_pmpm", target.value())?;
        }
        check_settle_month(place, &self.settle_month)
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::WithholdReturned]
    }

    fn looks_at(&self) -> Vec<Account> {
        self.accounts.known()
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> HeldBack {
        HeldBack {
            accounts: self.accounts.known(),
            exposure: arm.exposure(views),
            settle_month: self.settle_month.value() as Month,
            terms: self.clone(),
        }
    }
}

/// A withhold, and what spending may leave of it.
#[derive(Debug, Clone)]
pub struct HeldBack {
    terms: Withhold,
    accounts: Vec<Account>,
    exposure: ExposureView,
    settle_month: Month,
}

/// What a year's withhold comes to, once it is kept back.
struct Reckoned<A> {
    withheld: A,
    spending: A,
    target: A,
    /// Spending above the target, where there is one.
    deficit: A,
    returned: A,
}

impl HeldBack {
    fn reckon<A: Amount>(
        &self,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &Ledger<A>,
    ) -> Reckoned<A> {
        let kept = |account| account == Account::Withheld;
        let withheld = net(ledger.own(), months_before, Party::Payer, kept);
        let spending = A::ZERO - net(ledger.before(), months_before, Party::Payer, |_| true);
        let target = self.terms.target_pmpm.as_ref().map(A::term);
        let target = target.map(|pmpm| year.member_months(self.exposure).times(pmpm).posted());
        let deficit = target.map_or(A::ZERO, |target| (spending - target).most(A::ZERO));
        let rate = A::term(&self.terms.returned_share).times(A::term(&self.terms.quality_score));
        Reckoned {
            withheld,
            spending,
            target: target.unwrap_or(A::ZERO),
            deficit,
            returned: share(withheld - deficit, rate, None).posted(),
        }
    }
}

impl Settlement for HeldBack {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let rate = A::term(&self.terms.withhold_rate);
        let before = months_before as Month;
        // Nothing comes back before it was kept back, however late its cash moves.
        let mut returns = before + self.settle_month;
        let flow = Flow(Party::Provider, Party::Payer, Account::Withheld);
        for (months, paid) in paid_by_month(ledger, months_before, &self.accounts) {
            ledger.settle(flow, None, months, share(paid, rate, None));
            returns = returns.max(months.1);
        }
        let returned = self.reckon(year, months_before, ledger).returned;
        let flow = Flow(Party::Payer, Party::Provider, Account::WithholdReturned);
        ledger.settle(flow, None, (before + MONTHS as Month, returns), returned);
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let months_before = facts.months_before(year);
        let paid = paid_by_month(ledger, months_before, &self.accounts).into_values();
        let payments = paid.fold(A::ZERO, |sum, paid| sum + paid.most(A::ZERO));
        let reckoned = self.reckon(year, months_before, ledger);
        let mut steps = vec![
            Step::dollars("payments", "of the payer in accounts, before this contract, by month", payments),
            Step::dollars("withheld", "withhold_rate × payments, by month", reckoned.withheld),
        ];
        if self.terms.target_pmpm.is_some() {
            let left = (reckoned.withheld - reckoned.deficit).most(A::ZERO);
            steps.extend([
                Step::member_months(year.member_months(self.exposure)),
                Step::dollars("target", "target_pmpm × member_months", reckoned.target),
                Step::dollars("spending", "all that the payer paid before this contract", reckoned.spending),
                Step::dollars("deficit", "spending − target, where above 0", reckoned.deficit),
                Step::dollars("left", "withheld − deficit, where above 0", left),
            ]);
        }
        let formula = if self.terms.target_pmpm.is_some() {
            "returned_share × quality_score × left"
        } else {
            "returned_share × quality_score × withheld"
        };
        steps.push(Step::dollars("returned", formula, reckoned.returned));
        steps
    }
}
