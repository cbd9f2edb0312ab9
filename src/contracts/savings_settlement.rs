//! Settles shared savings: the spending of a year beside its benchmark, and what of the difference is earned or owed.

use super::adjusted_benchmark::AdjustedBenchmark;
use super::benchmark::Benchmark;
use super::episode_payments::EpisodePayments;
use super::interim::InterimSettled;
use super::quality_score::QualityScore;
use super::shared_savings::SharedSavings;
use super::{Layers, Line, Priced, Settlement, Step};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::Amount;
use crate::population::MONTHS;
use crate::rules::Rule;
use crate::rules::shared_savings::{SharedSavings as Sharing, SharedSavingsFacts, SharedSavingsLines};
use crate::views::{ExposureView, Facts, YearFacts};

/// Computing what is owed once the year is known.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    pub(super) sharing: Sharing,
    pub(super) terms: SharedSavings,
    pub(super) benchmark: Option<Benchmark>,
    pub(super) quality_score: QualityScore,
    pub(super) paid: bool,
    pub(super) lines: Vec<Priced>,
    pub(super) exposure: ExposureView,
    /// Dollars above the truncation.
    pub(super) truncated: Option<Layers>,
    pub(super) episode_payments: EpisodePayments,
    pub(super) settle_month: Month,
}

/// A year, all facts, and what was settled before.
#[derive(Clone, Copy)]
struct Known<'a, A> {
    facts: &'a Facts<A>,
    year: &'a YearFacts<A>,
    ledger: &'a Ledger<A>,
}

impl Reconciliation {
    /// The rule, at the facts of a year.
    fn reconcile<A: Amount>(&self, known: Known<'_, A>) -> SharedSavingsLines<A> {
        self.reconcile_until(known, MONTHS, self.of_episodes(known))
    }

    /// The rule, at the members and claims of the first months of a year and what bundles are known to pay; all else is as
    /// at its end.
    fn reconcile_until<A: Amount>(
        &self,
        known: Known<'_, A>,
        months: usize,
        of_episodes: A,
    ) -> SharedSavingsLines<A> {
        let Known { facts, year, .. } = known;
        let members = year.exposure(self.exposure)[..months].iter();
        let member_months = members.fold(A::ZERO, |sum, members| sum + *members);
        let benchmark = member_months.times(self.benchmark_pmpm(known));
        let quality_score = self.quality_score.of(facts, year);
        let adjusted = self.terms.taken_off().of(benchmark, quality_score);
        let claims = self.spending_until(year, months) - self.truncated_until(year, months);
        self.sharing.settle(&SharedSavingsFacts {
            members: member_months.over(A::of(months as f64)),
            quality_score,
            revenue: self.sharing.looks_at_revenue().then(|| self.revenue_until(year, months)),
            ..SharedSavingsFacts::of(adjusted.after, claims + of_episodes)
        })
    }

    /// The interim settlement of a year and its month, where there is one.
    fn interim<A: Amount>(&self, known: Known<'_, A>) -> Option<(Month, InterimSettled<A>)> {
        let terms = self.terms.interim();
        // Bundles are not yet settled then.
        let earned = |months| self.reconcile_until(known, months, A::ZERO).earned;
        terms.paid_in().map(|month| (month, terms.of(earned(terms.months()))))
    }

    /// The benchmark of a year with what is taken off it.
    fn adjusted<A: Amount>(&self, known: Known<'_, A>) -> AdjustedBenchmark<A> {
        self.terms.taken_off().of(self.benchmark(known), self.quality_score.of(known.facts, known.year))
    }

    /// What bundles of episodes pay for its members in a year, as far as it counts as spending.
    fn of_episodes<A: Amount>(&self, known: Known<'_, A>) -> A {
        self.episode_payments.counted(known.ledger, known.facts.months_before(known.year))
    }

    /// What the provider's own care of these members comes to in the first months of a year, on the basis of the
    /// contract.
    fn revenue_until<A: Amount>(&self, year: &YearFacts<A>, months: usize) -> A {
        let own = self.lines.iter().filter(|line| line.deliverer == Party::Provider);
        self.sum(own, year, months)
    }

    fn sum<'a, A: Amount>(
        &self,
        lines: impl Iterator<Item = &'a Priced>,
        year: &YearFacts<A>,
        months: usize,
    ) -> A {
        let dollars = lines.flat_map(|line| line.lines(year).into_iter().take(months));
        dollars.fold(A::ZERO, |sum, line: Line<A>| sum + if self.paid { line.paid } else { line.allowed })
    }

    /// The benchmark of a year in dollars per member per month.
    fn benchmark_pmpm<A: Amount>(&self, known: Known<'_, A>) -> A {
        match (&self.benchmark, self.terms.known_benchmark()) {
            (Some(benchmark), _) => {
                benchmark.pmpm(known.facts, known.year, |year| self.counted(Known { year, ..known }))
            }
            (None, Some(pmpm)) => A::term(pmpm),
            (None, None) => A::ZERO,
        }
    }

    /// What of a year a benchmark is made from: of a base year before the first performance year its claims alone.
    fn counted<A: Amount>(&self, known: Known<'_, A>) -> A {
        let Known { facts, year, .. } = known;
        let settled = facts.horizon().performance().contains(&year.position);
        let of_episodes = if settled { self.of_episodes(known) } else { A::ZERO };
        self.spending(year) - self.truncated(year) + of_episodes
    }

    /// The benchmark of the panel in a year.
    fn benchmark<A: Amount>(&self, known: Known<'_, A>) -> A {
        known.year.member_months(self.exposure).times(self.benchmark_pmpm(known))
    }

    /// Spending of a year on the basis of the contract before any truncation.
    fn spending<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.spending_until(year, MONTHS)
    }

    fn spending_until<A: Amount>(&self, year: &YearFacts<A>, months: usize) -> A {
        self.sum(self.lines.iter(), year, months)
    }

    fn truncated<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.truncated.as_ref().map_or(A::ZERO, |layers| layers.dollars(year))
    }

    /// Dollars above the truncation, which are known of a year alone: of its first months in proportion to spending.
    fn truncated_until<A: Amount>(&self, year: &YearFacts<A>, months: usize) -> A {
        let spending = self.spending(year);
        if months == MONTHS || spending == A::ZERO {
            return self.truncated(year);
        }
        self.truncated(year).times(self.spending_until(year, months)).over(spending)
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
        let known = Known { facts, year, ledger };
        let SharedSavingsLines { earned, owed, .. } = self.reconcile(known);
        let interim = self.interim(known);
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        ledger.settle(Flow(Party::Payer, Party::Provider, Account::SharedSavings), None, months, earned);
        ledger.settle(Flow(Party::Provider, Party::Payer, Account::SharedLosses), None, months, owed);
        if let Some((month, interim)) = interim {
            interim.settle(months, before + month, ledger);
        }
        self.terms.participants().settle(earned, owed, months, ledger);
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let known = Known { facts, year, ledger };
        let lines = self.reconcile(known);
        let (benchmark, truncated) = (self.adjusted(known), self.truncated(year));
        let of_episodes = self.of_episodes(known).cents();
        // The lines add up in cents, and savings are the cents that the gate compares.
        let spending = benchmark.after.cents() + truncated.cents() - of_episodes - lines.savings.cents();
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        if let Some(benchmark) = &self.benchmark {
            steps.extend(benchmark.steps(facts, year, |year| self.counted(Known { year, ..known })));
        }
        steps.extend(self.quality_score.steps(facts, year));
        steps.push(Step::dollars("benchmark", "benchmark_pmpm × member_months", benchmark.before));
        steps.extend(self.terms.taken_off().steps(&benchmark, "adjusted_benchmark"));
        steps.extend([
            Step::dollars("spending", "on the basis of the contract, all services", spending),
            Step::dollars("truncated", "dollars of members above truncation", truncated),
        ]);
        steps.extend(self.episode_payments.steps(ledger, facts.months_before(year)));
        steps.extend(Step::all_of(&lines).into_iter().map(|step| match &*step.line {
            "savings" if self.episode_payments.is_counted() => {
                Step { formula: "benchmark − spending − episode_payments", ..step }
            }
            _ => step,
        }));
        // Advances are not part of a simulated contract.
        steps.retain(|step| !matches!(&*step.line, "advance_recouped" | "cash"));
        if let Some((_, interim)) = self.interim(known) {
            steps.extend(interim.steps(lines.earned, lines.owed));
        }
        steps.extend(self.terms.participants().steps(lines.earned, lines.owed));
        steps
    }
}
