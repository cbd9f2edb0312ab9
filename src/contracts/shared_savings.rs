//! Shared savings: a year's spending against a benchmark, and a share of what was saved or overspent.
//!
//! Shape of 42 CFR 425.605 and 425.610: minimum rates are met by meeting them, sharing is from the first
//! dollar, limits are parts of the benchmark.

use serde::Deserialize;
use serde_json::Value;

use super::adjusted_benchmark::{AdjustedBenchmark, TakenOff};
use super::benchmark::{Benchmark, BenchmarkSpec};
use super::participants::Participants;
use super::quality::{MeasureSpec, Quality};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Counted, Layers, Line, Priced, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term, Unit};
use crate::population::MONTHS;
use crate::reading::shown;
use crate::rules::shared_savings::{
    Quality as QualityRule, SharedSavings as Sharing, SharedSavingsFacts, SharedSavingsLines,
};
use crate::rules::{Figures, Rule};
use crate::terms::TableBand;
use crate::views::{Exposure, ExposureView, Facts, ViewPlan, YearFacts};

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
    settle_month: Term,
    /// What a reader must know of the terms; printed where they are used.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
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

    fn taken_off(&self) -> TakenOff {
        let Self { discount_rate, quality_withhold_rate, .. } = *self;
        TakenOff { discount_rate, quality_withhold_rate }
    }

    fn participants(&self) -> Participants {
        let Self { distributed_share, recovered_share, .. } = *self;
        Participants { distributed_share, recovered_share }
    }

    fn measures(&self) -> Vec<MeasureSpec> {
        self.quality_measures.iter().map(|name| MeasureSpec::named(name)).collect()
    }

    /// Refuses measures that are none, that stand beside a fixed score, or whose score does nothing.
    fn check_quality(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.rate("quality_score", self.quality_score.value())?;
        if self.quality_measures.is_empty() {
            return Ok(());
        }
        MeasureSpec::check_all(&self.measures(), place, "quality_measures", book)?;
        if self.quality_score.value() != 1.0 {
            let error = place.error("quality_score", "must be left out where quality_measures make it");
            return Err(error.got(show(self.quality_score.value())).into());
        }
        let by_rule = matches!(self.quality_rule, QualityRule::TimesScore);
        if by_rule || self.loss_rate_by_quality.is_some() || self.quality_withhold_rate.value() > 0.0 {
            return Ok(());
        }
        let error = place.error("quality_measures", "must be of use: nothing depends on their score");
        Err(error
            .hint("give quality_rule=\"times_score\", loss_rate_by_quality= or quality_withhold_rate=")
            .into())
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
        check_settle_month(place, &self.settle_month)
    }

    fn savings_shares(&self) -> Option<(f64, f64)> {
        Some(self.sharing().shares(self.quality_score.value()))
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Reconciliation {
        let paid = self.basis == "paid";
        let truncated = self.truncation.map(|truncation| {
            let counted = Counted { paid, services: &|_, _| true, whose: arm.attributed() };
            arm.layers(views, counted, truncation.value(), f64::INFINITY)
        });
        let mut lines = arm.priced(views);
        lines.retain(|line| line.attributed);
        let measures = self.measures();
        let quality =
            (!measures.is_empty()).then(|| Quality::declare(&measures, (Term::from(0), 1), arm, views));
        Reconciliation {
            benchmark: self.benchmark.as_ref().map(|benchmark| benchmark.declare(arm, views)),
            quality,
            sharing: self.sharing(),
            terms: self.clone(),
            paid,
            lines,
            exposure: views.exposure(Exposure::of(arm.attributed())),
            truncated,
            settle_month: self.settle_month.value() as Month,
        }
    }
}

/// Computing what is owed once the year is known.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    sharing: Sharing,
    terms: SharedSavings,
    benchmark: Option<Benchmark>,
    /// Measures that make the score, in place of a fixed one.
    quality: Option<Quality>,
    paid: bool,
    lines: Vec<Priced>,
    exposure: ExposureView,
    /// Dollars above the truncation.
    truncated: Option<Layers>,
    settle_month: Month,
}

impl Reconciliation {
    /// The rule, at the facts of a year.
    fn reconcile<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> SharedSavingsLines<A> {
        let spending = self.spending(year) - self.truncated(year);
        let months = year.member_months(self.exposure);
        self.sharing.settle(&SharedSavingsFacts {
            members: months.over(A::of(MONTHS as f64)),
            quality_score: self.score(facts, year),
            revenue: self.sharing.looks_at_revenue().then(|| self.revenue(year)),
            ..SharedSavingsFacts::of(self.adjusted(facts, year).after, spending)
        })
    }

    /// The quality score of a year.
    fn score<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        let fixed = || A::term(&self.terms.quality_score);
        self.quality.as_ref().map_or_else(fixed, |quality| quality.score(facts, year))
    }

    /// The benchmark of a year with what is taken off it.
    fn adjusted<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> AdjustedBenchmark<A> {
        self.terms.taken_off().of(self.benchmark(facts, year), self.score(facts, year))
    }

    /// What the provider's own care of these members comes to, on the basis of the contract.
    fn revenue<A: Amount>(&self, year: &YearFacts<A>) -> A {
        let own = self.lines.iter().filter(|line| line.deliverer == Party::Provider);
        self.sum(own.flat_map(|line| line.lines(year)))
    }

    fn sum<A: Amount>(&self, months: impl Iterator<Item = Line<A>>) -> A {
        months.fold(A::ZERO, |sum, line| sum + if self.paid { line.paid } else { line.allowed })
    }

    /// The benchmark of the panel in a year.
    fn benchmark<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        let counted = |year: &YearFacts<A>| self.spending(year) - self.truncated(year);
        let pmpm = match (&self.benchmark, &self.terms.benchmark_pmpm) {
            (Some(benchmark), _) => benchmark.pmpm(facts, year, counted),
            (None, Some(pmpm)) => A::term(pmpm),
            (None, None) => A::ZERO,
        };
        year.member_months(self.exposure).times(pmpm)
    }

    /// Spending of a year on the basis of the contract before any truncation.
    fn spending<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.sum(self.lines.iter().flat_map(|line| line.lines(year)))
    }

    fn truncated<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.truncated.as_ref().map_or(A::ZERO, |layers| layers.dollars(year))
    }
}

impl Settlement for Reconciliation {
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let SharedSavingsLines { earned, owed, .. } = self.reconcile(facts, year);
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        ledger.settle(Flow(Party::Payer, Party::Provider, Account::SharedSavings), None, months, earned);
        ledger.settle(Flow(Party::Provider, Party::Payer, Account::SharedLosses), None, months, owed);
        self.terms.participants().settle(earned, owed, months, ledger);
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let lines = self.reconcile(facts, year);
        let (benchmark, truncated) = (self.adjusted(facts, year), self.truncated(year));
        // The lines add up in cents, and savings are the cents that the gate compares.
        let spending = benchmark.after.cents() + truncated.cents() - lines.savings.cents();
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        if let Some(benchmark) = &self.benchmark {
            let counted = |year: &YearFacts<A>| self.spending(year) - self.truncated(year);
            steps.extend(benchmark.steps(facts, year, counted));
        }
        if let Some(quality) = &self.quality {
            steps.extend(quality.steps(facts, year));
            let (value, formula) = (self.score(facts, year), "mean by weight of the measures that count");
            steps.push(Step { line: "quality_score".into(), formula, value, unit: Unit::Rate });
        }
        steps.push(Step::dollars("benchmark", "benchmark_pmpm × member_months", benchmark.before));
        steps.extend(self.terms.taken_off().steps(&benchmark));
        steps.extend([
            Step::dollars("spending", "on the basis of the contract, all services", spending),
            Step::dollars("truncated", "dollars of members above truncation", truncated),
        ]);
        let figures = SharedSavingsLines::<A>::FIGURES;
        lines.visit(|position, value| steps.extend(value.map(|value| Step::of(&figures[position], value))));
        // Advances are not part of a simulated contract.
        steps.retain(|step| !matches!(&*step.line, "advance_recouped" | "cash"));
        steps.extend(self.terms.participants().steps(lines.earned, lines.owed));
        steps
    }
}
