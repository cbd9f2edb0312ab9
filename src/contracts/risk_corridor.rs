//! Risk corridor: payer and provider share what a year's care cost more or less than a target, band by band.

use serde::Deserialize;

use super::adjusted_benchmark::{AdjustedBenchmark, TakenOff};
use super::before::{capitation, repaid_by_covers};
use super::care_cost::{CareCost, OwnServicesAt};
use super::episode_payments::{EpisodePayments, Overlap};
use super::quality_score::{QualityScore, check_score, of_no_use};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{InputError, Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::rules::Rule;
use crate::rules::corridor::{CorridorFacts, RiskCorridor as Bands, ShareOf};
use crate::terms::Band;
use crate::views::{Exposure, ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of a risk corridor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskCorridor {
    losses: Vec<Band>,
    gains: Option<Vec<Band>>,
    share_of: ShareOf,
    target_pmpm: Option<Term>,
    target_loss_ratio: Option<Term>,
    #[serde(default)]
    discount_rate: Term,
    #[serde(default)]
    quality_withhold_rate: Term,
    #[serde(default = "Term::one")]
    quality_score: Term,
    #[serde(default)]
    quality_measures: Vec<String>,
    value_own_services_at: OwnServicesAt,
    /// Whether what bundles of episodes pay counts as cost, where the payer bears it.
    #[serde(default)]
    episode_payments: Overlap,
    settle_month: Term,
    /// What says so, and what a reader must know of the terms; printed where they are used.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

/// What costs are compared with.
#[derive(Debug, Clone, Copy)]
enum Target {
    /// Dollars per member per month.
    Pmpm(Term),
    /// A part of the capitation.
    LossRatio(Term),
}

impl RiskCorridor {
    /// The rule that shares.
    fn bands(&self) -> Bands {
        Bands { losses: self.losses.clone(), gains: self.gains.clone(), share_of: self.share_of }
    }

    /// The target, where there is exactly one.
    fn target(&self, place: Place<'_>) -> std::result::Result<Target, InputError> {
        match (self.target_pmpm, self.target_loss_ratio) {
            (Some(pmpm), None) => Ok(Target::Pmpm(pmpm)),
            (None, Some(ratio)) => Ok(Target::LossRatio(ratio)),
            (None, None) => {
                Err(place.error("target_pmpm", "must be given, or target_loss_ratio").got("neither"))
            }
            (Some(_), Some(_)) => {
                Err(place.error("target_pmpm", "must not be given beside target_loss_ratio").got("both"))
            }
        }
    }

    fn taken_off(&self) -> TakenOff {
        let Self { discount_rate, quality_withhold_rate, .. } = *self;
        TakenOff { discount_rate, quality_withhold_rate }
    }

    /// Refuses rates that are none, and measures that are none, stand beside a fixed score, or do nothing.
    fn check_taken_off(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.taken_off().check(place)?;
        let by_measures = check_score(&self.quality_measures, &self.quality_score, place, book)?;
        if by_measures && self.quality_withhold_rate.value() == 0.0 {
            return Err(of_no_use(place, "give quality_withhold_rate="));
        }
        Ok(())
    }

    /// Refuses terms that only mean something where the provider bears the costs.
    fn check_of_provider(&self, place: Place<'_>) -> Result<()> {
        if self.share_of == ShareOf::Payer {
            return Ok(());
        }
        if let Some(ratio) = &self.target_loss_ratio {
            let rule = "must not be given where shares are the provider's: the payer bears the costs, and there is no capitation";
            return Err(place.error("target_loss_ratio", rule).got(show(ratio.value())).into());
        }
        if self.value_own_services_at == OwnServicesAt::OwnCost {
            let rule = "must be \"paid\" where shares are the provider's: the payer bears what it pays";
            return Err(place.error("value_own_services_at", rule).got("\"own_cost\"").into());
        }
        Ok(())
    }
}

impl Contract for RiskCorridor {
    type Settlement = Corridor;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.bands().check(place)?;
        match self.target(place)? {
            Target::Pmpm(pmpm) => place.not_negative("target_pmpm", pmpm.value())?,
            Target::LossRatio(ratio) => place.rate("target_loss_ratio", ratio.value())?,
        }
        self.check_of_provider(place)?;
        self.check_taken_off(place, book)?;
        check_settle_month(place, &self.settle_month)
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::CorridorReceipt]
    }

    fn counts_episodes(&self) -> bool {
        self.share_of == ShareOf::Provider && self.episode_payments == Overlap::Counted
    }

    fn looks_at(&self) -> Vec<Account> {
        self.target_loss_ratio.iter().map(|_| Account::Capitation).collect()
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Corridor {
        let of_payer = self.share_of == ShareOf::Payer;
        let whose = if of_payer { arm.members() } else { arm.attributed() };
        let care = if of_payer {
            CareCost::borne_by_provider(arm, self.value_own_services_at, views)
        } else {
            CareCost::borne_by_payer(arm, views)
        };
        let score = (self.quality_score, Term::one());
        Corridor {
            quality_score: QualityScore::declare(&self.quality_measures, score, arm, views),
            taken_off: self.taken_off(),
            bands: self.bands(),
            target: self.target(Place("")).unwrap_or_else(|_| unreachable!("terms are checked before")),
            care,
            episode_payments: (!of_payer).then(|| arm.episode_payments(self.episode_payments)),
            bundles: arm.positions_of_bundles(),
            exposure: views.exposure(Exposure::of(whose)),
            settle_month: self.settle_month.value() as Month,
        }
    }
}

/// The bands, a target and what is compared with it.
#[derive(Debug, Clone)]
pub struct Corridor {
    bands: Bands,
    target: Target,
    taken_off: TakenOff,
    quality_score: QualityScore,
    care: CareCost,
    /// What bundles pay for its members, where the payer bears the costs.
    episode_payments: Option<EpisodePayments>,
    /// Positions of bundles, whose stop-loss repays costs that are billed and no part of these.
    bundles: Vec<u16>,
    exposure: ExposureView,
    settle_month: Month,
}

impl Corridor {
    /// The target of a year with what is taken off it.
    fn adjusted<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        ledger: &Ledger<A>,
    ) -> AdjustedBenchmark<A> {
        let target = match &self.target {
            Target::Pmpm(pmpm) => year.member_months(self.exposure).times(A::term(pmpm)),
            Target::LossRatio(ratio) => capitation(ledger, facts.months_before(year)).times(A::term(ratio)),
        };
        self.taken_off.of(target.posted(), self.quality_score.of(facts, year))
    }

    /// What the rule looks at.
    fn facts<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        ledger: &Ledger<A>,
    ) -> CorridorFacts<A> {
        let before = facts.months_before(year);
        let of_episodes = self.episode_payments.as_ref().map_or(A::ZERO, |all| all.counted(ledger, before));
        let target = self.adjusted(facts, year, ledger).after;
        let cost = self.care.dollars(year) + of_episodes - self.recovered(before, ledger);
        CorridorFacts { target, cost }
    }

    /// The lines that lead to the target: the score and what is taken off stand where anything is.
    fn target_steps<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        ledger: &Ledger<A>,
    ) -> Vec<Step<A>> {
        let mut steps = self.quality_score.steps(facts, year);
        let formula = match self.target {
            Target::Pmpm(_) => "target_pmpm × member_months",
            Target::LossRatio(_) => {
                let revenue = capitation(ledger, facts.months_before(year));
                steps.push(Step::dollars("capitation", "paid before this contract", revenue));
                "target_loss_ratio × capitation"
            }
        };
        let adjusted = self.adjusted(facts, year, ledger);
        let line = if self.taken_off.nothing() { "target" } else { "benchmark" };
        steps.push(Step::dollars(line, formula, adjusted.before));
        steps.extend(self.taken_off.steps(&adjusted, "target"));
        steps
    }

    /// What stop-loss before it repays of the costs, where the provider bears them.
    fn recovered<A: Amount>(&self, months_before: usize, ledger: &Ledger<A>) -> A {
        if self.bands.share_of == ShareOf::Payer {
            repaid_by_covers(ledger, months_before, &self.bundles)
        } else {
            A::ZERO
        }
    }
}

impl Settlement for Corridor {
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let lines = self.bands.settle(&self.facts(facts, year, ledger));
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        let receipt = Flow(Party::Payer, Party::Provider, Account::CorridorReceipt);
        ledger.settle(receipt, None, months, lines.payer_pays);
        let payment = Flow(Party::Provider, Party::Payer, Account::CorridorPayment);
        ledger.settle(payment, None, months, lines.payer_takes);
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let compared = self.facts(facts, year, ledger);
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        steps.extend(self.target_steps(facts, year, ledger));
        steps.extend(self.care.steps(year));
        let before = facts.months_before(year);
        let of_episodes = self.episode_payments.as_ref();
        steps.extend(of_episodes.and_then(|all| all.steps(ledger, before)));
        let formula = if of_episodes.is_some_and(EpisodePayments::is_counted) {
            "care_by_others + own_services + episode_payments − recovered"
        } else {
            "care_by_others + own_services − recovered"
        };
        let recovered = self.recovered(before, ledger);
        steps.extend([
            Step::dollars("recovered", "by stop-loss before this contract", recovered),
            Step::dollars("cost", formula, compared.cost),
        ]);
        let lines = self.bands.settle(&compared);
        steps.extend(Step::all_of(&lines));
        steps
    }
}
