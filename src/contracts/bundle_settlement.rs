//! Settles an episode bundle: the episodes that begin in a year, reconciled with their target prices or paid by them.

use super::episode_windows::{EpisodeLayers, Episodes};
use super::quality_score::QualityScore;
use super::{Settlement, Step};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term, Unit};
use crate::population::MONTHS;
use crate::rules::Rule;
use crate::rules::episode_bundle::{
    BundleFacts, EpisodeReconciliation, ProspectiveBundle, ReconciliationFacts,
};
use crate::views::{Facts, YearFacts};

/// The episodes of a bundle and how they are settled.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub(super) kinds: Vec<Kind>,
    pub(super) way: Way,
    pub(super) settle_month: Month,
}

/// One kind of episodes.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    /// Dollars of an episode, before any discount.
    pub price: Term,
    /// The least that an episode counts for.
    pub raise_to: Option<Term>,
    pub episodes: Episodes,
    /// Dollars above that least, up to the most that an episode counts for.
    pub dollars: EpisodeLayers,
    /// Dollars above the point at which stop-loss of a case attaches.
    pub above: Option<EpisodeLayers>,
}

/// When the price is paid.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// Afterwards, the difference from what was paid.
    Retrospective { rule: Box<EpisodeReconciliation>, quality_score: QualityScore },
    /// Beforehand: what the windows cost is charged to the provider.
    Prospective { rule: ProspectiveBundle, discount: Term, case_ceded_share: Term },
}

impl Kind {
    fn actual<A: Amount>(&self, year: &YearFacts<A>) -> A {
        let least =
            self.raise_to.as_ref().map_or(A::ZERO, |least| self.episodes.count(year).times(A::term(least)));
        least + self.dollars.dollars(year)
    }

    /// The price of a case after the discount: a payment, in whole cents.
    fn discounted<A: Amount>(&self, discount: &Term) -> A {
        A::term(&self.price).times(A::ONE - A::term(discount)).cents()
    }
}

impl Bundle {
    fn sum<A: Amount>(&self, of: impl Fn(&Kind) -> A) -> A {
        self.kinds.iter().fold(A::ZERO, |sum, kind| sum + of(kind))
    }

    fn actual<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.sum(|kind| kind.actual(year))
    }

    fn reconciled<A: Amount>(&self, score: A, year: &YearFacts<A>) -> ReconciliationFacts<A> {
        ReconciliationFacts {
            target: self.sum(|kind| kind.episodes.count(year).times(A::term(&kind.price))),
            actual: self.actual(year),
            quality_score: score,
            post_episode: A::ZERO,
            post_episode_allowed: A::ZERO,
        }
    }

    fn paid<A: Amount>(&self, discount: &Term, ceded: &Term, year: &YearFacts<A>) -> BundleFacts<A> {
        let above = |kind: &Kind| kind.above.as_ref().map_or(A::ZERO, |above| above.dollars(year));
        BundleFacts {
            target: self.sum(|kind| kind.episodes.count(year).times(kind.discounted(discount))),
            actual: self.actual(year),
            payer_readmission: A::ZERO,
            case_recovery: self.sum(above).times(A::term(ceded)).cents(),
        }
    }

    /// The price of each case in the month in which it begins.
    fn pay_prices<A: Amount>(
        &self,
        discount: &Term,
        year: &YearFacts<A>,
        before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let flow = Flow(Party::Payer, Party::Provider, Account::EpisodePrice);
        for kind in &self.kinds {
            let price = kind.discounted(discount);
            for (month, episodes) in kind.episodes.by_month(year).iter().enumerate() {
                ledger.post(flow, None, before + month, episodes.times(price));
            }
        }
    }
}

impl Settlement for Bundle {
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        let (payer, provider) = (Party::Payer, Party::Provider);
        match &self.way {
            Way::Retrospective { rule, quality_score } => {
                let score = quality_score.of(facts, year);
                let settlement = rule.settle(&self.reconciled(score, year)).settlement;
                let (gain, loss) = (settlement.most(A::ZERO), (-settlement).most(A::ZERO));
                ledger.settle(Flow(payer, provider, Account::EpisodeGain), None, months, gain);
                ledger.settle(Flow(provider, payer, Account::EpisodeLoss), None, months, loss);
            }
            Way::Prospective { rule, discount, case_ceded_share } => {
                self.pay_prices(discount, year, months_before, ledger);
                let paid = self.paid(discount, case_ceded_share, year);
                let charge = Flow(provider, payer, Account::EpisodeCare);
                ledger.settle(charge, None, months, paid.actual);
                let recovered = paid.case_recovery + rule.settle(&paid).aggregate_recovery;
                let recovery = Flow(Party::Reinsurer, provider, Account::StopLossRecovery);
                ledger.settle(recovery, None, months, recovered);
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let mut steps = vec![Step {
            line: "episodes".into(),
            formula: "that begin in the year",
            value: self.sum(|kind| kind.episodes.count(year)),
            unit: Unit::Count,
        }];
        match &self.way {
            Way::Retrospective { rule, quality_score } => {
                steps.extend(quality_score.of_measures(facts, year));
                let compared = self.reconciled(quality_score.of(facts, year), year);
                steps.extend(Step::all_of(&compared));
                steps.extend(Step::all_of(&rule.settle(&compared)));
            }
            Way::Prospective { rule, discount, case_ceded_share } => {
                let paid = self.paid(discount, case_ceded_share, year);
                steps.extend(Step::all_of(&paid));
                steps.extend(Step::all_of(&rule.settle(&paid)));
            }
        }
        steps
    }
}
