//! Shared savings: a year's spending against a benchmark, and a share of what was saved or overspent.
//!
//! Shape of 42 CFR 425.605 and 425.610: minimum rates are met by meeting them, sharing is from the first
//! dollar, limits are parts of the benchmark.

use serde::Deserialize;
use serde_json::Value;

use super::adjusted_benchmark::TakenOff;
use super::benchmark::BenchmarkSpec;
use super::episode_payments::Overlap;
use super::interim::Interim;
use super::participants::Participants;
use super::quality_score::{QualityScore, check_score, of_no_use};
use super::savings_settlement::Reconciliation;
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Counted};
use crate::error::{Place, Result};
use crate::ledger::{Account, Month};
use crate::money::Term;
use crate::population::MONTHS;
use crate::reading::shown;
use crate::rules::Rule;
use crate::rules::shared_savings::{Quality as QualityRule, SharedSavings as Sharing};
use crate::terms::TableBand;
use crate::views::{Exposure, ViewPlan};

/// Terms of shared savings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedSavings {
    #[serde(default)]
    benchmark_pmpm: Option<Term>,
    #[serde(default)]
    benchmark: Option<BenchmarkSpec>,
    basis: Value,
    sharing_rate: Term,
    loss_rate: Term,
    minimum_savings_rate: Term,
    minimum_loss_rate: Term,
    payment_limit_rate: Option<Term>,
    loss_limit_rate: Option<Term>,
    #[serde(default = "Term::one")]
    quality_score: Term,
    #[serde(default)]
    quality_rule: QualityRule,
    #[serde(default)]
    quality_measures: Vec<String>,
    loss_rate_by_quality: Option<[Term; 2]>,
    #[serde(default)]
    minimum_rate_table: Vec<TableBand>,
    table_below_members: Option<Term>,
    loss_limit_revenue_rate: Option<Term>,
    reduced_sharing: Option<[Term; 2]>,
    #[serde(default)]
    sequestration_rate: Term,
    #[serde(default)]
    discount_rate: Term,
    #[serde(default)]
    quality_withhold_rate: Term,
    #[serde(default)]
    distributed_share: Term,
    #[serde(default)]
    recovered_share: Term,
    truncation: Option<Term>,
    benchmark_truncated: Value,
    /// Whether what bundles of episodes pay counts as spending.
    #[serde(default)]
    episode_payments: Overlap,
    #[serde(default)]
    interim_share: Term,
    #[serde(default = "a_year")]
    interim_claims_months: Term,
    #[serde(default)]
    interim_month: Option<Term>,
    settle_month: Term,
    /// What a reader must know of the terms; printed where they are used.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

/// The months of a year: all of its claims.
fn a_year() -> Term {
    Term::from(MONTHS as i32)
}

impl SharedSavings {
    /// The rule that shares savings and losses.
    fn sharing(&self) -> Sharing {
        Sharing {
            sharing_rate: self.sharing_rate,
            loss_rate: self.loss_rate,
            loss_rate_by_quality: self.loss_rate_by_quality,
            quality_rule: self.quality_rule,
            minimum_savings_rate: self.minimum_savings_rate,
            minimum_loss_rate: self.minimum_loss_rate,
            minimum_rate_table: self.minimum_rate_table.clone(),
            table_below_members: self.table_below_members,
            payment_limit_rate: self.payment_limit_rate,
            loss_limit_rate: self.loss_limit_rate,
            loss_limit_revenue_rate: self.loss_limit_revenue_rate,
            reduced_sharing: self.reduced_sharing,
            sequestration_rate: self.sequestration_rate,
        }
    }

    /// The benchmark that is known, dollars per member per month.
    pub(super) fn known_benchmark(&self) -> Option<&Term> {
        self.benchmark_pmpm.as_ref()
    }

    pub(super) fn taken_off(&self) -> TakenOff {
        let Self { discount_rate, quality_withhold_rate, .. } = *self;
        TakenOff { discount_rate, quality_withhold_rate }
    }

    pub(super) fn participants(&self) -> Participants {
        let Self { distributed_share, recovered_share, .. } = *self;
        Participants { distributed_share, recovered_share }
    }

    pub(super) fn interim(&self) -> Interim {
        let Self { interim_share, interim_claims_months, interim_month, .. } = *self;
        Interim { share: interim_share, claims_months: interim_claims_months, month: interim_month }
    }

    /// Refuses measures that are none, that stand beside a fixed score, or whose score does nothing.
    fn check_quality(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let by_measures = check_score(&self.quality_measures, &self.quality_score, place, book)?;
        let by_rule = matches!(self.quality_rule, QualityRule::TimesScore);
        let used = by_rule || self.loss_rate_by_quality.is_some() || self.quality_withhold_rate.value() > 0.0;
        if used || !by_measures {
            return Ok(());
        }
        let hint = "give quality_rule=\"times_score\", loss_rate_by_quality= or quality_withhold_rate=";
        Err(of_no_use(place, hint))
    }

    fn check_benchmark(&self, place: Place<'_>, book: &Book) -> Result<()> {
        match (&self.benchmark_pmpm, &self.benchmark) {
            (Some(pmpm), None) => place.positive("benchmark_pmpm", pmpm.value()),
            (None, Some(benchmark)) => benchmark.check(Place(&place.field("benchmark")), book),
            (None, None) => Err(place
                .error("benchmark_pmpm", "must be given, or benchmark=Benchmark(...)")
                .got("neither")
                .into()),
            (Some(_), Some(_)) => Err(place
                .error("benchmark_pmpm", "must not be given beside benchmark=Benchmark(...)")
                .got("both")
                .into()),
        }
    }

    fn check_truncation(&self, place: Place<'_>) -> Result<()> {
        let Some(benchmark_truncated) = self.benchmark_truncated.as_bool() else {
            let got = shown(&self.benchmark_truncated);
            return Err(place.error("benchmark_truncated", "must be True or False").got(got).into());
        };
        if let (Some(_), Some(truncation)) = (&self.benchmark, &self.truncation) {
            // Computed from base years that are truncated alike.
            return place.positive("truncation", truncation.value());
        }
        match (&self.truncation, benchmark_truncated) {
            (Some(truncation), true) => place.positive("truncation", truncation.value()),
            (Some(truncation), false) => {
                place.positive("truncation", truncation.value())?;
                Err(place
                    .error("benchmark_truncated", "must be True when spending is truncated")
                    .got("False")
                    .hint("truncated spending against a benchmark that was not shows savings that are not there; compute benchmark_pmpm from truncated spending and say benchmark_truncated=True")
                    .into())
            }
            (None, true) => Err(place
                .error("truncation", "must be given when benchmark_truncated is True")
                .got("None")
                .hint("spending that is not truncated against a benchmark that was shows losses that are not there")
                .into()),
            (None, false) => Ok(()),
        }
    }
}

impl Contract for SharedSavings {
    type Settlement = Reconciliation;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_benchmark(place, book)?;
        if !matches!(self.basis.as_str(), Some("allowed" | "paid")) {
            let rule = "must be \"allowed\" or \"paid\"";
            return Err(place.error("basis", rule).got(shown(&self.basis)).into());
        }
        self.sharing().check(place)?;
        self.check_quality(place, book)?;
        self.taken_off().check(place)?;
        self.participants().check(place)?;
        self.check_truncation(place)?;
        check_settle_month(place, &self.settle_month)?;
        self.interim().check(place, &self.settle_month)
    }

    fn savings_shares(&self) -> Option<(f64, f64)> {
        Some(self.sharing().shares(self.quality_score.value()))
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::SharedSavings]
    }

    fn counts_episodes(&self) -> bool {
        self.episode_payments == Overlap::Counted
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Reconciliation {
        let paid = self.basis == "paid";
        let truncated = self.truncation.map(|truncation| {
            let counted = Counted { paid, services: &|_, _| true, whose: arm.attributed() };
            arm.layers(views, counted, truncation.value(), f64::INFINITY)
        });
        let mut lines = arm.priced(views);
        lines.retain(|line| line.attributed);
        let score = (self.quality_score, Term::one());
        Reconciliation {
            benchmark: self.benchmark.as_ref().map(|benchmark| benchmark.declare(arm, views)),
            quality_score: QualityScore::declare(&self.quality_measures, score, arm, views),
            sharing: self.sharing(),
            terms: self.clone(),
            paid,
            lines,
            exposure: views.exposure(Exposure::of(arm.attributed())),
            truncated,
            episode_payments: arm.episode_payments(self.episode_payments),
            settle_month: self.settle_month.value() as Month,
        }
    }
}
