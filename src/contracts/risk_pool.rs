//! Risk pool: a budget for some services, whose surplus and deficit the provider shares with the payer.

use serde::Deserialize;
use serde_json::Value;

use super::settle_month::check_settle_month;
use super::{ArmBook, Bearer, Book, Contract, Counted, Layers, Priced, Scope, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::{MONTHS, grown};
use crate::reading::shown;
use crate::terms::{part_of, share};
use crate::utilization::ServiceTerms;
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of a risk pool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskPool {
    budget_pmpm: Term,
    trend: Term,
    scope: Option<Scope>,
    surplus_share: Term,
    deficit_share: Term,
    surplus_limit_rate: Option<Term>,
    deficit_limit_rate: Option<Term>,
    truncation: Option<Term>,
    carry_deficit: Value,
    settle_month: Term,
}

impl RiskPool {
    /// Whether the pool is charged with a service: in scope, and paid for by the payer.
    fn is_charged(&self, service: &ServiceTerms, bearer: &Bearer) -> bool {
        *bearer != Bearer::Capitation && self.scope.as_ref().is_none_or(|scope| scope.contains(service))
    }
}

impl Contract for RiskPool {
    type Settlement = Pool;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.positive("budget_pmpm", self.budget_pmpm.value())?;
        place.within("trend", self.trend.value(), -0.9, 1.0)?;
        place.rate("surplus_share", self.surplus_share.value())?;
        place.rate("deficit_share", self.deficit_share.value())?;
        for (field, rate) in [
            ("surplus_limit_rate", &self.surplus_limit_rate),
            ("deficit_limit_rate", &self.deficit_limit_rate),
        ] {
            rate.as_ref().map_or(Ok(()), |rate| place.rate(field, rate.value()))?;
        }
        if let Some(truncation) = &self.truncation {
            place.positive("truncation", truncation.value())?;
        }
        if !self.carry_deficit.is_boolean() {
            let got = shown(&self.carry_deficit);
            return Err(place.error("carry_deficit", "must be True or False").got(got).into());
        }
        check_settle_month(place, &self.settle_month)?;
        self.scope.as_ref().map_or(Ok(()), |scope| scope.check(place, book))
    }

    fn check_bearers(&self, place: Place<'_>, book: &Book, bearers: &[Vec<Bearer>]) -> Result<()> {
        let lines = || bearers.iter().flat_map(|of_payer| book.services.iter().zip(of_payer));
        if let Some(scope) = &self.scope {
            let borne =
                |line: &(&ServiceTerms, &Bearer)| scope.contains(line.0) && *line.1 == Bearer::Capitation;
            if let Some((service, _)) = lines().find(borne) {
                let error = place.error("scope", "must name services that the payer pays for");
                return Err(error
                    .got(format!("{:?}, which a capitation bears", service.name))
                    .hint("the provider pays for it already; carve it out of the capitation, or leave it out here")
                    .into());
            }
        }
        if lines().any(|(service, bearer)| self.is_charged(service, bearer)) {
            return Ok(());
        }
        let error = place.error("scope", "must leave services that the payer pays for");
        Err(error.got("none: a capitation bears all of them").into())
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::PoolSurplus]
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Pool {
        let charged = |payer: usize, service: usize| {
            self.is_charged(&arm.book.services[service], &arm.bearers[payer][service])
        };
        let mut lines = arm.priced(views);
        lines.retain(|line| charged(line.payer.into(), line.service));
        let truncated = self.truncation.map(|truncation| {
            let counted = Counted { paid: true, services: &charged, whose: arm.members() };
            arm.layers(views, counted, truncation.value(), f64::INFINITY)
        });
        let budget = |year| self.budget_pmpm.grown(grown(self.trend.value(), year as i8));
        Pool {
            budgets: (0..arm.book.horizon.years).map(budget).collect(),
            terms: self.clone(),
            exposure: arm.exposure(views),
            lines,
            truncated,
        }
    }
}

/// A pool ready to be filled and charged.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Dollars per member per month of each performance year.
    budgets: Vec<Term>,
    terms: RiskPool,
    exposure: ExposureView,
    lines: Vec<Priced>,
    /// Dollars above the truncation.
    truncated: Option<Layers>,
}

/// A year of the pool.
#[derive(Debug, Clone, Copy)]
struct Balance<A> {
    budget: A,
    spending: A,
    truncated: A,
    /// What is left of the budget, at least nothing.
    surplus: A,
    /// What it lacks, at least nothing.
    deficit: A,
    /// Deficits of earlier years that were not charged, and what of the surplus is set against them.
    carried: A,
    set_against: A,
    paid: A,
    charged: A,
    carried_on: A,
}

impl Pool {
    fn carries(&self) -> bool {
        self.terms.carry_deficit == Value::Bool(true)
    }

    /// The balance of a year, with deficits carried into it; every amount in what is posted.
    fn balance<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, carried: A) -> Balance<A> {
        let terms = &self.terms;
        let pmpm = A::term(&self.budgets[facts.performance_year(year)]);
        let budget = year.member_months(self.exposure).times(pmpm).posted();
        let spending = self.lines.iter().flat_map(|line| line.lines(year));
        let spending = spending.fold(A::ZERO, |sum, month| sum + month.paid).posted();
        let truncated = self.truncated.as_ref().map_or(A::ZERO, |layers| layers.dollars(year)).posted();
        let left = budget - (spending - truncated);
        let (surplus, deficit) = (left.most(A::ZERO), (-left).most(A::ZERO));
        let set_against = carried.least(surplus);
        let limit = |rate: &Option<Term>| part_of(budget, rate.as_ref());
        let paid =
            share(surplus - set_against, A::term(&terms.surplus_share), limit(&terms.surplus_limit_rate))
                .posted();
        let charged =
            share(deficit, A::term(&terms.deficit_share), limit(&terms.deficit_limit_rate)).posted();
        let carried_on = if self.carries() { carried - set_against + (deficit - charged) } else { A::ZERO };
        Balance {
            budget,
            spending,
            truncated,
            surplus,
            deficit,
            carried,
            set_against,
            paid,
            charged,
            carried_on,
        }
    }

    /// The balances of all performance years, each with the months before it.
    fn balances<'a, A: Amount>(
        &'a self,
        facts: &'a Facts<A>,
    ) -> impl Iterator<Item = (usize, Balance<A>)> + 'a {
        facts.performance_years().scan(A::ZERO, |carried, (months_before, year)| {
            let balance = self.balance(facts, year, *carried);
            *carried = balance.carried_on;
            Some((months_before, balance))
        })
    }

    fn post<A: Amount>(&self, balance: &Balance<A>, months_before: usize, ledger: &mut Ledger<A>) {
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.terms.settle_month.value() as Month);
        let surplus = Flow(Party::Payer, Party::Provider, Account::PoolSurplus);
        ledger.settle(surplus, None, months, balance.paid);
        let deficit = Flow(Party::Provider, Party::Payer, Account::PoolDeficit);
        ledger.settle(deficit, None, months, balance.charged);
    }
}

impl Settlement for Pool {
    fn settle<A: Amount>(&self, facts: &Facts<A>, ledger: &mut Ledger<A>) {
        for (months_before, balance) in self.balances(facts) {
            self.post(&balance, months_before, ledger);
        }
    }

    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        _year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let of_year = self.balances(facts).filter(|(before, _)| *before == months_before);
        of_year.for_each(|(_, balance)| self.post(&balance, months_before, ledger));
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let months_before = facts.months_before(year);
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        for (_, balance) in self.balances(facts).filter(|(before, _)| *before == months_before) {
            steps.extend(balance.steps(self));
        }
        steps
    }
}

impl<A: Amount> Balance<A> {
    fn steps(&self, pool: &Pool) -> Vec<Step<A>> {
        let truncation = pool.truncated.as_ref().map(|_| {
            Step::dollars("truncated", "dollars of members above truncation, not charged", self.truncated)
        });
        let carried = |line: Step<A>| pool.carries().then_some(line);
        let words = "budget_pmpm × (1 + trend)^(year − 1) × member_months";
        let paid = if pool.carries() {
            "surplus_share × (surplus − set_against), at most surplus_limit_rate × budget"
        } else {
            "surplus_share × surplus, at most surplus_limit_rate × budget"
        };
        let charged = "deficit_share × deficit, at most deficit_limit_rate × budget";
        [
            Some(Step::dollars("budget", words, self.budget)),
            Some(Step::dollars("spending", "paid for the services in scope", self.spending)),
            truncation,
            Some(Step::dollars("surplus", "max(budget − spending + truncated, 0)", self.surplus)),
            Some(Step::dollars("deficit", "max(spending − truncated − budget, 0)", self.deficit)),
            carried(Step::dollars("carried", "deficits of earlier years not charged", self.carried)),
            carried(Step::dollars("set_against", "min(surplus, carried)", self.set_against)),
            Some(Step::dollars("surplus_paid", paid, self.paid)),
            Some(Step::dollars("deficit_charged", charged, self.charged)),
            carried(Step::dollars(
                "carried_on",
                "carried − set_against + deficit − deficit_charged",
                self.carried_on,
            )),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
