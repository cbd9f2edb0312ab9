//! Settles an episode bundle: the episodes that begin in a year, reconciled with their target prices or paid by them.

use super::episode_baseline::Baseline;
use super::episode_windows::{EpisodeLayers, Episodes};
use super::quality_score::QualityScore;
use super::{Settlement, Step};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Rounding, Term, Unit};
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
    /// What base years make of the prices.
    pub(super) baseline: Option<Baseline>,
    pub(super) settle_month: Month,
}

/// One kind of episodes.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    pub name: String,
    /// Dollars of an episode that are given, before any discount.
    pub price: Term,
    /// The least that an episode counts for.
    pub raise_to: Option<Term>,
    pub episodes: Episodes,
    /// The episodes, each counted as its member's multiplier of the price, where there are any.
    pub weighted: Option<Episodes>,
    /// Dollars that the provider answers for, above that least, up to the most that an episode counts for.
    pub dollars: EpisodeLayers,
    /// Dollars above the point at which stop-loss of a case attaches.
    pub above: Option<EpisodeLayers>,
    /// The payer's part of readmissions.
    pub of_payer: Option<EpisodeLayers>,
    /// Dollars after the episodes, and from where they come off.
    pub after: Option<(Term, EpisodeLayers)>,
}

/// When the price is paid.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// Afterwards, the difference from what was paid.
    Retrospective { rule: Box<EpisodeReconciliation>, quality_score: QualityScore },
    /// Beforehand: what the windows cost is charged to the provider.
    Prospective(Prospective),
}

/// Terms of prices that are paid beforehand.
#[derive(Debug, Clone)]
pub(super) struct Prospective {
    pub rule: ProspectiveBundle,
    pub discount: Term,
    pub case_ceded_share: Term,
    /// Dollars an episode for stop-loss.
    pub premium: Term,
}

/// A year among all facts.
#[derive(Clone, Copy)]
struct Known<'a, A> {
    facts: &'a Facts<A>,
    year: &'a YearFacts<A>,
}

impl Kind {
    /// Dollars that the provider answers for.
    fn borne<A: Amount>(&self, year: &YearFacts<A>) -> A {
        let least =
            self.raise_to.as_ref().map_or(A::ZERO, |least| self.episodes.count(year).times(A::term(least)));
        least + self.dollars.dollars(year)
    }

    /// The episodes of a year as prices count them.
    fn priced(&self) -> Episodes {
        self.weighted.unwrap_or(self.episodes)
    }
}

impl Bundle {
    fn sum<A: Amount>(&self, of: impl Fn(&Kind) -> A) -> A {
        self.kinds.iter().fold(A::ZERO, |sum, kind| sum + of(kind))
    }

    /// What the episodes of base years cost on average, where base years make the price and there were any.
    fn mean<A: Amount>(&self, kind: &Kind, known: Known<'_, A>) -> Option<A> {
        let of_base = |base: &YearFacts<A>| (kind.borne(base), kind.priced().count(base));
        self.baseline.as_ref().and_then(|baseline| baseline.mean(known.facts, known.year, of_base))
    }

    /// The price of an episode of a kind, before any discount and its member's multiplier.
    fn price<A: Amount>(&self, kind: &Kind, known: Known<'_, A>) -> A {
        let given = A::term(&kind.price);
        self.baseline.as_ref().map_or(given, |baseline| baseline.price(self.mean(kind, known), given))
    }

    fn reconciled<A: Amount>(&self, score: A, known: Known<'_, A>) -> ReconciliationFacts<A> {
        let year = known.year;
        let after = |kind: &Kind| kind.after.as_ref().map_or(A::ZERO, |(_, after)| after.dollars(year));
        let allowed = |kind: &Kind| {
            let threshold = kind.after.as_ref().map(|(threshold, _)| A::term(threshold));
            threshold.map_or(A::ZERO, |threshold| kind.episodes.count(year).times(threshold))
        };
        ReconciliationFacts {
            target: self.sum(|kind| kind.priced().count(year).times(self.price(kind, known))),
            actual: self.sum(|kind| kind.borne(year)),
            quality_score: score,
            post_episode: self.sum(after),
            post_episode_allowed: self.sum(allowed),
        }
    }

    /// The price of a case after the discount: a payment, in whole cents unless multipliers make each another.
    fn discounted<A: Amount>(&self, kind: &Kind, discount: &Term, known: Known<'_, A>) -> A {
        let price = self.price(kind, known).times(A::ONE - A::term(discount));
        if kind.weighted.is_some() { price } else { price.cents() }
    }

    fn paid<A: Amount>(&self, terms: &Prospective, known: Known<'_, A>) -> BundleFacts<A> {
        let year = known.year;
        let above = |kind: &Kind| kind.above.as_ref().map_or(A::ZERO, |above| above.dollars(year));
        let of_payer = |kind: &Kind| kind.of_payer.as_ref().map_or(A::ZERO, |part| part.dollars(year));
        let payer_readmission = self.sum(of_payer);
        let price = |kind: &Kind| self.discounted(kind, &terms.discount, known);
        BundleFacts {
            target: self.sum(|kind| kind.priced().paid(price(kind), year)),
            actual: self.sum(|kind| kind.borne(year)) + payer_readmission,
            payer_readmission,
            case_recovery: self.sum(above).times(A::term(&terms.case_ceded_share)).cents(),
            premium: self.sum(|kind| kind.episodes.paid(A::term(&terms.premium), year)),
        }
    }

    /// The price of each case, and of its stop-loss, in the month in which it begins.
    fn pay_prices<A: Amount>(
        &self,
        terms: &Prospective,
        known: Known<'_, A>,
        before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let paid = Flow(Party::Payer, Party::Provider, Account::EpisodePrice);
        let insured = Flow(Party::Provider, Party::Reinsurer, Account::StopLossPremium);
        for kind in &self.kinds {
            let price = self.discounted(kind, &terms.discount, known);
            for (month, episodes) in kind.priced().by_month(known.year).iter().enumerate() {
                ledger.post(paid, None, before + month, episodes.times(price));
            }
            for (month, episodes) in kind.episodes.by_month(known.year).iter().enumerate() {
                ledger.post(insured, None, before + month, episodes.times(A::term(&terms.premium)));
            }
        }
    }

    /// What makes the prices, where base years do.
    fn of_baseline<A: Amount>(&self, known: Known<'_, A>) -> Vec<Step<A>> {
        if self.baseline.is_none() {
            return Vec::new();
        }
        let of_kind = |kind: &Kind| {
            let step = |what: &str, formula, value: A| Step {
                line: format!("{what}[{}]", kind.name).into(),
                formula,
                value: value.cents(),
                unit: Unit::Dollars,
            };
            let mean = self.mean(kind, known);
            let mean = mean.map(|mean| step("baseline_mean", "of the episodes of base years, trended", mean));
            let formula = "own_share × baseline_mean + (1 − own_share) × target_price";
            let price = step("target_price", formula, self.price(kind, known));
            mean.into_iter().chain([price]).collect::<Vec<_>>()
        };
        self.kinds.iter().flat_map(of_kind).collect()
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
        let known = Known { facts, year };
        match &self.way {
            Way::Retrospective { rule, quality_score } => {
                let score = quality_score.of(facts, year);
                let settlement = rule.settle(&self.reconciled(score, known)).settlement;
                let (gain, loss) = (settlement.most(A::ZERO), (-settlement).most(A::ZERO));
                ledger.settle(Flow(payer, provider, Account::EpisodeGain), None, months, gain);
                ledger.settle(Flow(provider, payer, Account::EpisodeLoss), None, months, loss);
            }
            Way::Prospective(terms) => {
                self.pay_prices(terms, known, months_before, ledger);
                let paid = self.paid(terms, known);
                let charge = Flow(provider, payer, Account::EpisodeCare);
                ledger.settle(charge, None, months, paid.actual - paid.payer_readmission);
                let recovered = paid.case_recovery + terms.rule.settle(&paid).aggregate_recovery;
                let recovery = Flow(Party::Reinsurer, provider, Account::StopLossRecovery);
                ledger.settle(recovery, None, months, recovered);
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let mut steps = vec![Step {
            line: "episodes".into(),
            formula: "that begin in the year",
            // Parts of a year are known to so many digits.
            value: self.sum(|kind| kind.episodes.count(year)).rounded(6, Rounding::HalfAwayFromZero),
            unit: Unit::Count,
        }];
        let known = Known { facts, year };
        steps.extend(self.of_baseline(known));
        match &self.way {
            Way::Retrospective { rule, quality_score } => {
                steps.extend(quality_score.of_measures(facts, year));
                let compared = self.reconciled(quality_score.of(facts, year), known);
                steps.extend(Step::all_of(&compared));
                steps.extend(Step::all_of(&rule.settle(&compared)));
            }
            Way::Prospective(terms) => {
                let paid = self.paid(terms, known);
                steps.extend(Step::all_of(&paid));
                steps.extend(Step::all_of(&terms.rule.settle(&paid)));
            }
        }
        steps
    }
}
