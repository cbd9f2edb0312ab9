//! Shared savings: a year's spending against a benchmark, and a share of what was saved or overspent.
//!
//! Shape of 42 CFR 425.605 and 425.610: minimum rates are met by meeting them, sharing is from the first
//! dollar, limits are parts of the benchmark.

use serde::Deserialize;
use serde_json::Value;

use super::benchmark::{Benchmark, BenchmarkSpec};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Priced, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::reading::shown;
use crate::terms::{gate, part_of, share};
use crate::views::{Exposure, ExposureView, Facts, LayerView, MemberLayer, ViewPlan, YearFacts};

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
    truncation: Option<Term>,
    benchmark_truncated: Value,
    settle_month: Term,
}

impl SharedSavings {
    fn check_rates(&self, place: Place<'_>) -> Result<()> {
        place.rate("sharing_rate", self.sharing_rate.value())?;
        place.rate("loss_rate", self.loss_rate.value())?;
        place.rate("minimum_savings_rate", self.minimum_savings_rate.value())?;
        place.rate("minimum_loss_rate", self.minimum_loss_rate.value())?;
        for (field, limit) in
            [("payment_limit_rate", &self.payment_limit_rate), ("loss_limit_rate", &self.loss_limit_rate)]
        {
            limit.as_ref().map_or(Ok(()), |limit| place.rate(field, limit.value()))?;
        }
        Ok(())
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
        if let (Some(_), Some(truncation)) = (&self.benchmark, &self.truncation) {
            // Computed from base years that are truncated alike.
            return place.positive("truncation", truncation.value());
        }
        let Some(benchmark_truncated) = self.benchmark_truncated.as_bool() else {
            let got = shown(&self.benchmark_truncated);
            return Err(place.error("benchmark_truncated", "must be True or False").got(got).into());
        };
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
        self.check_rates(place)?;
        self.check_truncation(place)?;
        check_settle_month(place, &self.settle_month)
    }

    fn savings_shares(&self) -> Option<(f64, f64)> {
        Some((self.sharing_rate.value(), self.loss_rate.value()))
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Reconciliation {
        let paid = self.basis == "paid";
        let truncated = self.truncation.map(|truncation| {
            views.layer(MemberLayer {
                weights: arm.weights(paid, |_| true),
                versions: arm.versions.to_vec(),
                benefit: arm.benefit_if(paid),
                whose: arm.attributed(),
                attachment: truncation.value(),
                limit: f64::INFINITY,
            })
        });
        let mut lines = arm.priced(views);
        lines.retain(|line| line.attributed);
        Reconciliation {
            benchmark: self.benchmark.as_ref().map(|benchmark| benchmark.declare(arm, views)),
            terms: self.clone(),
            paid,
            lines,
            exposure: views.exposure(Exposure { whose: arm.attributed(), by_risk: false }),
            truncated,
            settle_month: self.settle_month.value() as Month,
        }
    }
}

/// Computing what is owed once the year is known.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    terms: SharedSavings,
    benchmark: Option<Benchmark>,
    paid: bool,
    lines: Vec<Priced>,
    exposure: ExposureView,
    /// Dollars above the truncation.
    truncated: Option<LayerView>,
    settle_month: Month,
}

impl SharedSavings {
    /// Steps 3 to 5 of the formula: what is earned and what is owed.
    fn reconcile<A: Amount>(&self, benchmark: A, spending: A) -> (A, A) {
        let savings = benchmark - spending;
        let minimum_savings = benchmark.times(A::term(&self.minimum_savings_rate));
        let minimum_loss = benchmark.times(A::term(&self.minimum_loss_rate));
        if gate(savings, minimum_savings) {
            let limit = part_of(benchmark, self.payment_limit_rate.as_ref());
            (share(savings, A::term(&self.sharing_rate), limit), A::ZERO)
        } else if gate(-savings, minimum_loss) {
            let limit = part_of(benchmark, self.loss_limit_rate.as_ref());
            (A::ZERO, share(-savings, A::term(&self.loss_rate), limit))
        } else {
            (A::ZERO, A::ZERO)
        }
    }
}

impl Reconciliation {
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
        let months = self.lines.iter().flat_map(|line| line.lines(year));
        months.fold(A::ZERO, |sum, line| sum + if self.paid { line.paid } else { line.allowed })
    }

    fn truncated<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.truncated.map_or(A::ZERO, |view| year.layer(view))
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
        let spending = self.spending(year) - self.truncated(year);
        let (earned, owed) = self.terms.reconcile(self.benchmark(facts, year), spending);
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        ledger.settle(Flow(Party::Payer, Party::Provider, Account::SharedSavings), None, months, earned);
        ledger.settle(Flow(Party::Provider, Party::Payer, Account::SharedLosses), None, months, owed);
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> Vec<Step<A>> {
        let terms = &self.terms;
        let (benchmark, spending) = (self.benchmark(facts, year), self.spending(year));
        let truncated = self.truncated(year);
        let counted = spending - truncated;
        let (earned, owed) = terms.reconcile(benchmark, counted);
        let minimum = |rate: &Term| benchmark.times(A::term(rate));
        // The lines add up in cents, and savings are the cents that the gate compares.
        let savings = (benchmark - counted).cents();
        let spending = benchmark.cents() + truncated.cents() - savings;
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        if let Some(benchmark) = &self.benchmark {
            let counted = |year: &YearFacts<A>| self.spending(year) - self.truncated(year);
            steps.extend(benchmark.steps(facts, year, counted));
        }
        steps.extend([
            Step::dollars("benchmark", "benchmark_pmpm × member_months", benchmark),
            Step::dollars("spending", "on the basis of the contract, all services", spending),
            Step::dollars("truncated", "dollars of members above truncation", truncated),
            Step::dollars("savings", "benchmark − (spending − truncated)", savings),
            Step::dollars(
                "minimum_savings",
                "minimum_savings_rate × benchmark",
                minimum(&terms.minimum_savings_rate),
            ),
            Step::dollars(
                "minimum_losses",
                "minimum_loss_rate × benchmark",
                minimum(&terms.minimum_loss_rate),
            ),
        ]);
        for (line, limit) in
            [("payment_limit", &terms.payment_limit_rate), ("loss_limit", &terms.loss_limit_rate)]
        {
            let limit = part_of(benchmark, limit.as_ref());
            steps.extend(limit.map(|limit| Step::dollars(line, "limit rate × benchmark", limit)));
        }
        steps.push(Step::dollars("earned", "sharing_rate × savings, at most payment_limit", earned));
        steps.push(Step::dollars("owed", "loss_rate × losses, at most loss_limit", owed));
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terms of a benchmark of 500, half shared one way, with some of them changed.
    fn terms(changes: &str) -> SharedSavings {
        let terms = r#"{"benchmark_pmpm": 500, "basis": "allowed", "sharing_rate": 0.5, "loss_rate": 0,
            "minimum_savings_rate": 0, "minimum_loss_rate": 0, "benchmark_truncated": false, "settle_month": 21}"#;
        let mut terms: serde_json::Value = serde_json::from_str(terms).unwrap();
        let changes: serde_json::Value = serde_json::from_str(changes).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            terms[name] = value.clone();
        }
        serde_json::from_value(terms).unwrap()
    }

    /// Axene's worked example: target 500, actual 495.50, 125,000 member-months, half shared.
    #[test]
    fn worked_example() {
        let (benchmark, spending) = (62_500_000.0, 495.5 * 125_000.0);
        assert_eq!(terms("{}").reconcile(benchmark, spending), (281_250.0, 0.0));
        assert_eq!(terms(r#"{"minimum_savings_rate": "0.01"}"#).reconcile(benchmark, spending), (0.0, 0.0));
    }

    /// Benchmark 100; minimum 2 % both ways, half shared both ways, limits 10 % and 5 %: a ladder of spending.
    #[test]
    fn ladder_of_spending() {
        let terms = terms(
            r#"{"loss_rate": 0.5, "minimum_savings_rate": 0.02, "minimum_loss_rate": 0.02,
                "payment_limit_rate": 0.1, "loss_limit_rate": 0.05}"#,
        );
        for (spending, earned, owed) in [
            (70.0, 10.0, 0.0),
            (80.0, 10.0, 0.0),
            (90.0, 5.0, 0.0),
            (98.0, 1.0, 0.0),
            (98.01, 0.0, 0.0),
            (100.0, 0.0, 0.0),
            (101.99, 0.0, 0.0),
            (102.0, 0.0, 1.0),
            (108.0, 0.0, 4.0),
            (110.0, 0.0, 5.0),
            (130.0, 0.0, 5.0),
        ] {
            let (got_earned, got_owed) = terms.reconcile(100.0, spending);
            assert_eq!((got_earned.cents(), got_owed.cents()), (earned, owed), "spending {spending}");
        }
    }
}
