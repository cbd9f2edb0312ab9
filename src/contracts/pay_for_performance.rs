//! Pay for performance: the quality score of the year earns back a withhold, earns a bonus, and may owe a penalty.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::before::{Months, paid_by_month};
use super::quality::{MeasureSpec, Quality};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term, Unit};
use crate::population::MONTHS;
use crate::reading::shown;
use crate::rules::pay_for_performance::{PayForPerformance as Paying, PerformanceFacts, PerformanceLines};
use crate::rules::{Figures, Rule};
use crate::terms::Rung;
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of pay for performance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayForPerformance {
    measures: Vec<MeasureSpec>,
    ladder: Vec<Rung>,
    penalty_ladder: Vec<Rung>,
    straight_line: bool,
    withhold_rate: Term,
    bonus_pmpm: Term,
    bonus_rate: Term,
    penalty_rate: Term,
    dollars_per_member: BTreeMap<String, Term>,
    pool: Option<Term>,
    budget_neutral: Value,
    minimum_eligible: Term,
    minimum_measures: Term,
    settle_month: Term,
}

/// The most measures, and the most members that a measure may ask for.
const MOST_MEASURES: f64 = 1_000.0;
const MOST_ELIGIBLE: f64 = 1e9;

impl PayForPerformance {
    /// The rule that pays; nothing is scaled, since there is one provider.
    fn paying(&self) -> Paying {
        Paying {
            withhold_rate: self.withhold_rate,
            bonus_pmpm: self.bonus_pmpm,
            bonus_rate: self.bonus_rate,
            penalty_rate: self.penalty_rate,
            ladder: self.ladder.clone(),
            penalty_ladder: self.penalty_ladder.clone(),
            straight_line: self.straight_line,
            returned_scaling: Term::from(1),
            bonus_scaling: Term::from(1),
        }
    }

    /// The measures that are named, or all of the study.
    fn measures(&self, book: &Book) -> Vec<MeasureSpec> {
        if self.measures.is_empty() {
            return book.measures().map(MeasureSpec::named).collect();
        }
        self.measures.clone()
    }

    /// Refuses dollars for measures that the contract does not have, or that are better met by fewer.
    fn check_dollars(&self, place: Place<'_>, measures: &[MeasureSpec], book: &Book) -> Result<()> {
        for (name, dollars) in &self.dollars_per_member {
            if !measures.iter().any(|measure| measure.name() == name) {
                let known: Vec<&str> = measures.iter().map(MeasureSpec::name).collect();
                let error = place.error("dollars_per_member", "must name measures of the contract");
                let hint = format!("the measures are {}", known.join(", "));
                return Err(error.got(format!("{name:?}")).hint(hint).into());
            }
            if book.scoring_of(name).is_some_and(|(_, scoring)| scoring.inverse) {
                let error = place
                    .error("dollars_per_member", "must be for measures that are better met by more members");
                return Err(error.got(format!("{name:?}, an inverse measure")).into());
            }
            let path = format!("dollars_per_member[{name}]");
            place.within(&path, dollars.value(), 0.0, 1e6)?;
        }
        Ok(())
    }

    /// Refuses what is about several providers: a study has one.
    fn check_alone(&self, place: Place<'_>) -> Result<()> {
        if let Some(pool) = &self.pool {
            let error = place.error("pool", "must be left out in a study, which has one provider");
            return Err(error.got(show(pool.value())).hint("give bonus_pmpm= or bonus_rate=").into());
        }
        if self.budget_neutral == Value::Bool(false) {
            return Ok(());
        }
        let error = place.error("budget_neutral", "must be False in a study, which has one provider");
        Err(error.got(shown(&self.budget_neutral)).into())
    }
}

fn check_whole(place: Place<'_>, field: &str, value: f64, least: f64, most: f64) -> Result<()> {
    if value.fract() == 0.0 && (least..=most).contains(&value) {
        return Ok(());
    }
    let rule = format!("must be a whole number between {least} and {most}");
    Err(place.error(field, rule).got(show(value)).into())
}

impl Contract for PayForPerformance {
    type Settlement = QualityPay;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let measures = self.measures(book);
        if measures.is_empty() {
            let error = place.error("measures", "must have measures of the study to pay for").got("none");
            return Err(error.hint("Study(..., measures=[Measure(...)])").into());
        }
        MeasureSpec::check_all(&measures, place, "measures", book)?;
        self.paying().check(place)?;
        self.check_dollars(place, &measures, book)?;
        self.check_alone(place)?;
        check_whole(place, "minimum_eligible", self.minimum_eligible.value(), 1.0, MOST_ELIGIBLE)?;
        check_whole(place, "minimum_measures", self.minimum_measures.value(), 1.0, MOST_MEASURES)?;
        if self.minimum_measures.value() > measures.len() as f64 {
            let rule = format!("must be at most the number of measures, {}", measures.len());
            return Err(place
                .error("minimum_measures", rule)
                .got(show(self.minimum_measures.value()))
                .into());
        }
        check_settle_month(place, &self.settle_month)
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> QualityPay {
        let least = (self.minimum_eligible, self.minimum_measures.value() as usize);
        QualityPay {
            quality: Quality::declare(&self.measures(arm.book), least, arm, views),
            paying: self.paying(),
            dollars_per_member: self.dollars_per_member.clone(),
            exposure: arm.exposure(views),
            settle_month: self.settle_month.value() as Month,
        }
    }
}

/// What the quality of a year is paid.
#[derive(Debug, Clone)]
pub struct QualityPay {
    quality: Quality,
    paying: Paying,
    dollars_per_member: BTreeMap<String, Term>,
    exposure: ExposureView,
    settle_month: Month,
}

/// What base payments are made in, by the words of the ledger.
const BASE: &[Account] = &[Account::Claim, Account::Capitation];

impl QualityPay {
    fn facts<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        paid: &BTreeMap<Months, A>,
    ) -> PerformanceFacts<A> {
        PerformanceFacts {
            score: self.quality.score(facts, year),
            payments: paid.values().fold(A::ZERO, |sum, dollars| sum + *dollars).most(A::ZERO),
            member_months: year.member_months(self.exposure),
            met_dollars: self.met_dollars(year),
        }
    }

    /// Dollars for each member who meets a measure, over the measures that have any.
    fn met_dollars<A: Amount>(&self, year: &YearFacts<A>) -> A {
        let each = self.dollars_per_member.iter();
        each.fold(A::ZERO, |sum, (name, dollars)| sum + self.quality.met(name, year).times(A::term(dollars)))
    }

    /// Withholds from every month's payments, so that in cents the months add up to what is withheld of their sum.
    fn withhold<A: Amount>(&self, paid: BTreeMap<Months, A>, ledger: &mut Ledger<A>) {
        let flow = Flow(Party::Provider, Party::Payer, Account::Withheld);
        let (mut payments, mut withheld) = (A::ZERO, A::ZERO);
        for (months, dollars) in paid {
            payments = payments + dollars;
            let so_far = payments.most(A::ZERO).times(A::term(&self.paying.withhold_rate)).posted();
            ledger.settle(flow, None, months, so_far - withheld);
            withheld = so_far;
        }
    }
}

impl Settlement for QualityPay {
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let paid = paid_by_month(ledger, months_before, BASE);
        let known = self.facts(facts, year, &paid);
        let lines = self.paying.settle(&known);
        self.withhold(paid, ledger);
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        let (payer, provider) = (Party::Payer, Party::Provider);
        for (flow, amount) in [
            (Flow(payer, provider, Account::WithholdReturned), lines.returned),
            (Flow(payer, provider, Account::QualityPayment), lines.bonus),
            (Flow(payer, provider, Account::QualityPayment), known.met_dollars),
            (Flow(provider, payer, Account::QualityPenalty), lines.penalty),
        ] {
            ledger.settle(flow, None, months, amount);
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let months_before = facts.months_before(year);
        let paid = paid_by_month(ledger, months_before, BASE);
        let known = self.facts(facts, year, &paid);
        let mut steps = vec![Step::member_months(known.member_months)];
        steps.extend(self.quality.steps(facts, year));
        let formula = "mean by weight of the measures that count";
        steps.push(Step { line: "score".into(), formula, value: known.score, unit: Unit::Rate });
        let formula =
            "claims and capitation of the year by contracts before this one, less what they took back";
        steps.push(Step::dollars("payments", formula, known.payments));
        if !self.dollars_per_member.is_empty() {
            let formula = "sum over measures of dollars_per_member × members who meet it";
            steps.push(Step::dollars("met_dollars", formula, known.met_dollars));
        }
        let figures = PerformanceLines::<A>::FIGURES;
        let lines = self.paying.settle(&known);
        lines.visit(|position, value| steps.extend(value.map(|value| Step::of(&figures[position], value))));
        steps
    }
}
