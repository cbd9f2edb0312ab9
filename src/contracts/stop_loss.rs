//! Specific stop-loss: a reinsurer repays the part of each member's year above an attachment point.

use serde::Deserialize;

use super::settle_month::check_settle_month;
use super::{ArmBook, Bearer, Book, Contract, Counted, Layers, Scope, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of specific stop-loss.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopLoss {
    attachment_point: Term,
    ceded_share: Term,
    limit: Option<Term>,
    premium_pmpm: Term,
    scope: Option<Scope>,
    settle_month: Term,
}

impl Contract for StopLoss {
    type Settlement = Cover;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.not_negative("attachment_point", self.attachment_point.value())?;
        place.rate("ceded_share", self.ceded_share.value())?;
        if let Some(limit) = &self.limit {
            place.not_negative("limit", limit.value())?;
        }
        place.not_negative("premium_pmpm", self.premium_pmpm.value())?;
        check_settle_month(place, &self.settle_month)?;
        self.scope.as_ref().map_or(Ok(()), |scope| scope.check(place, book))
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Cover {
        let any_capitation = arm.bears(Bearer::Capitation);
        let services = |payer: usize, service: usize| match &self.scope {
            Some(scope) => scope.contains(&arm.book.services[service]),
            None => !any_capitation || arm.bearers[payer][service] == Bearer::Capitation,
        };
        let counted = Counted { paid: true, services: &services, whose: arm.members() };
        let limit = self.limit.map_or(f64::INFINITY, |limit| limit.value());
        Cover {
            layer: arm.layers(views, counted, self.attachment_point.value(), limit),
            exposure: arm.exposure(views),
            ceded_share: self.ceded_share,
            premium_pmpm: self.premium_pmpm,
            settle_month: self.settle_month.value() as Month,
        }
    }
}

/// The layer above the attachment point, and its price.
#[derive(Debug, Clone)]
pub struct Cover {
    layer: Layers,
    exposure: ExposureView,
    ceded_share: Term,
    premium_pmpm: Term,
    settle_month: Month,
}

impl Settlement for Cover {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let premium = A::term(&self.premium_pmpm);
        for (month, members) in year.exposure(self.exposure).iter().enumerate() {
            let flow = Flow(Party::Provider, Party::Reinsurer, Account::StopLossPremium);
            ledger.post(flow, None, months_before + month, members.times(premium));
        }
        let recovery = self.layer.dollars(year).times(A::term(&self.ceded_share));
        let flow = Flow(Party::Reinsurer, Party::Provider, Account::StopLossRecovery);
        let before = months_before as Month;
        ledger.settle(flow, None, (before + MONTHS as Month, before + self.settle_month), recovery);
    }

    fn steps<A: Amount>(&self, _facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let layer = self.layer.dollars(year);
        let premium = A::term(&self.premium_pmpm);
        let paid = year.exposure(self.exposure).iter();
        let paid = paid.fold(A::ZERO, |sum, members| sum + members.times(premium).posted());
        vec![
            Step::member_months(year.member_months(self.exposure)),
            Step::dollars("premium", "premium_pmpm × members enrolled, by month", paid),
            Step::dollars("layer", "sum over members of min(max(year − attachment_point, 0), limit)", layer),
            Step::dollars("recovery", "ceded_share × layer", layer.times(A::term(&self.ceded_share))),
        ]
    }
}
