//! Fee-for-service: the payer pays a fee for each service the provider delivers.

use serde::Deserialize;

use super::{ArmBook, Bearer, Book, Claims, Contract, Priced, Scope, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::views::{Facts, ViewPlan, YearFacts};

/// Highest fee as a multiple of the drawn price; a percent (90 for 0.9) is far above it.
const HIGHEST_FEE_LEVEL: f64 = 10.0;

/// Terms of fee-for-service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeForService {
    fee_level: Term,
    scope: Option<Scope>,
}

impl FeeForService {
    /// Whether each service of the book is paid by this contract's fee.
    fn claimed(&self, book: &Book) -> Vec<bool> {
        let in_scope = |service| self.scope.as_ref().is_none_or(|scope| scope.contains(service));
        book.services
            .iter()
            .map(|service| service.deliverer == Party::Provider && in_scope(service))
            .collect()
    }
}

impl Contract for FeeForService {
    type Settlement = Fees;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.within("fee_level", self.fee_level.value(), 0.0, HIGHEST_FEE_LEVEL)?;
        self.scope.as_ref().map_or(Ok(()), |scope| scope.check_own("scope", place, book))
    }

    fn claims(&self, book: &Book) -> Option<Claims> {
        Some(Claims { field: "scope", bearer: Bearer::Fee(self.fee_level), services: self.claimed(book) })
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::Claim]
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Fees {
        let claimed = self.claimed(arm.book);
        let mut lines = arm.priced(views);
        lines.retain(|line| claimed[line.service]);
        Fees { lines }
    }
}

/// The service lines paid by fee.
#[derive(Debug, Clone)]
pub struct Fees {
    lines: Vec<Priced>,
}

impl Settlement for Fees {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let flow = Flow(Party::Payer, Party::Provider, Account::Claim);
        for line in &self.lines {
            for (month, dollars) in line.lines(year).iter().enumerate() {
                line.bill(flow, months_before + month, dollars.paid, ledger);
            }
        }
    }

    fn steps<A: Amount>(&self, _facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let months = || self.lines.iter().flat_map(|line| line.lines(year));
        let allowed = months().fold(A::ZERO, |sum, line| sum + line.allowed);
        let cost_share = months().fold(A::ZERO, |sum, line| sum + line.cost_share);
        let (allowed, cost_share) = (allowed.cents(), cost_share.cents());
        let denied = self.lines.iter().fold(A::ZERO, |sum, line| {
            let paid = line.lines(year).iter().fold(A::ZERO, |sum, month| sum + month.paid);
            sum + paid.times(A::term(&line.collections.denial_rate))
        });
        let mut steps = vec![
            Step::dollars("allowed", "fee_level × prices of the services claimed", allowed),
            Step::dollars("cost_share", "what members owe of it", cost_share),
            Step::dollars("paid", "allowed − cost_share", allowed - cost_share),
        ];
        if denied != A::ZERO {
            steps.push(Step::dollars("denied", "denial_rate × paid, never received", denied));
        }
        steps
    }
}
