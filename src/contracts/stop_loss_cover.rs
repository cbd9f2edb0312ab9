//! A stop-loss cover in settlement: its premium every month, its recovery once a year.

use super::before::repaid_by_covers;
use super::{Layers, Settlement, Step};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::terms::layer;
use crate::views::{ExposureView, Facts, YearFacts};

/// A cover with the facts it settles on.
#[derive(Debug, Clone)]
pub struct Cover {
    /// Each member's layer, or for aggregate cover all of their covered dollars.
    pub(super) dollars: Layers,
    pub(super) exposure: ExposureView,
    /// Whether the members' dollars attach together.
    pub(super) aggregate: bool,
    /// Positions of bundles whose stop-loss repays care that is billed, where the cover is of capitated care.
    pub(super) bundles: Vec<u16>,
    pub(super) attachment_point: Option<Term>,
    pub(super) attachment_rate: Option<Term>,
    pub(super) expected_pmpm: Option<Term>,
    pub(super) ceded_share: Term,
    pub(super) limit: Option<Term>,
    pub(super) premium_pmpm: Term,
    pub(super) settle_month: Month,
}

/// The year of all members against an aggregate attachment.
struct Sums<A> {
    /// What counts, before anything is repaid.
    covered: A,
    /// What covers before this one repay of the year.
    repaid: A,
    attachment: A,
}

impl Cover {
    /// The sum of the members' layers, or the layer of their sum.
    fn layer<A: Amount>(&self, year: &YearFacts<A>, months_before: usize, ledger: &Ledger<A>) -> A {
        if !self.aggregate {
            return self.dollars.dollars(year);
        }
        let Sums { covered, repaid, attachment } = self.sums(year, months_before, ledger);
        layer(covered - repaid, attachment, self.limit.as_ref().map(A::term))
    }

    fn sums<A: Amount>(&self, year: &YearFacts<A>, months_before: usize, ledger: &Ledger<A>) -> Sums<A> {
        let expected = || {
            let rate = self.attachment_rate.as_ref().map_or(A::ZERO, A::term);
            let pmpm = self.expected_pmpm.as_ref().map_or(A::ZERO, A::term);
            year.member_months(self.exposure).times(pmpm).times(rate)
        };
        Sums {
            covered: self.dollars.dollars(year),
            repaid: repaid_by_covers(ledger, months_before, &self.bundles),
            attachment: self.attachment_point.as_ref().map_or_else(expected, A::term),
        }
    }
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
        let layer = self.layer(year, months_before, ledger);
        let recovery = layer.times(A::term(&self.ceded_share));
        let flow = Flow(Party::Reinsurer, Party::Provider, Account::StopLossRecovery);
        let (before, settle_month) = (months_before as Month, self.settle_month);
        ledger.settle(flow, None, (before + MONTHS as Month, before + settle_month), recovery);
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let premium = A::term(&self.premium_pmpm);
        let paid = year.exposure(self.exposure).iter();
        let paid = paid.fold(A::ZERO, |sum, members| sum + members.times(premium).posted());
        let months_before = facts.months_before(year);
        let layer = self.layer(year, months_before, ledger);
        let mut steps = vec![
            Step::member_months(year.member_months(self.exposure)),
            Step::dollars("premium", "premium_pmpm × members enrolled, by month", paid),
        ];
        let mut formula = "sum over members of min(max(year − attachment_point, 0), limit)";
        if self.aggregate {
            let sums = self.sums(year, months_before, ledger);
            let attachment = match self.attachment_point {
                Some(_) => "attachment_point",
                None => "attachment_rate × expected_pmpm × member_months",
            };
            formula = "min(max(covered − repaid_before − attachment, 0), limit)";
            steps.extend([
                Step::dollars("covered", "what is paid for the services covered", sums.covered),
                Step::dollars("repaid_before", "recoveries of covers before this one", sums.repaid),
                Step::dollars("attachment", attachment, sums.attachment),
            ]);
        }
        steps.extend([
            Step::dollars("layer", formula, layer),
            Step::dollars("recovery", "ceded_share × layer", layer.times(A::term(&self.ceded_share))),
        ]);
        steps
    }
}
