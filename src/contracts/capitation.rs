//! Capitation: a fixed payment per member per month, out of which the provider bears the care in scope.

use serde::Deserialize;

use super::{ArmBook, Bearer, Book, Claims, Contract, Priced, Scope, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::views::{ExposureView, Facts, ViewPlan};

/// Terms of capitation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capitation {
    pmpm: Term,
    scope: Option<Scope>,
}

impl Capitation {
    /// Whether each service of the book is borne out of this capitation.
    fn claimed(&self, book: &Book) -> Vec<bool> {
        let contains = |service| self.scope.as_ref().is_none_or(|scope| scope.contains(service));
        book.services.iter().map(contains).collect()
    }
}

impl Contract for Capitation {
    type Settlement = Prepayment;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.not_negative("pmpm", self.pmpm.value())?;
        self.scope.as_ref().map_or(Ok(()), |scope| scope.check(place, book))
    }

    fn claims(&self, book: &Book) -> Option<Claims> {
        Some(Claims { bearer: Bearer::Capitation, services: self.claimed(book) })
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Prepayment {
        let claimed = self.claimed(arm.book);
        let mut purchased = arm.priced(views);
        purchased.retain(|line| claimed[line.service] && line.deliverer == Party::OtherProviders);
        Prepayment { pmpm: self.pmpm, exposure: arm.exposure(views), purchased }
    }
}

/// The payment, and the care by others that is paid out of it.
#[derive(Debug, Clone)]
pub struct Prepayment {
    pmpm: Term,
    exposure: ExposureView,
    purchased: Vec<Priced>,
}

impl Settlement for Prepayment {
    fn settle<A: Amount>(&self, facts: &Facts<A>, ledger: &mut Ledger<A>) {
        let pmpm = A::term(&self.pmpm);
        for (month, members) in facts.exposure(self.exposure).iter().enumerate() {
            ledger.post(
                Flow(Party::Payer, Party::Provider, Account::Capitation),
                None,
                month,
                members.times(pmpm),
            );
        }
        let purchase = Flow(Party::Provider, Party::OtherProviders, Account::PurchasedCare);
        for line in &self.purchased {
            for (month, dollars) in line.lines(facts).iter().enumerate() {
                ledger.post(purchase, Some(line.payer), month, dollars.paid);
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>) -> Vec<Step<A>> {
        let pmpm = A::term(&self.pmpm);
        let paid = facts.exposure(self.exposure).iter();
        let paid = paid.fold(A::ZERO, |sum, members| sum + members.times(pmpm).posted());
        let purchased = self.purchased.iter().flat_map(|line| line.lines(facts));
        let purchased = purchased.fold(A::ZERO, |sum, line| sum + line.paid);
        vec![
            Step::member_months(facts.member_months(self.exposure)),
            Step::dollars("capitation", "pmpm × members enrolled, by month", paid),
            Step::dollars("purchased_care", "paid for care in scope by other providers", purchased),
        ]
    }
}
