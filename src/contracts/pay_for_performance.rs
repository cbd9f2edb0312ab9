//! Pay for performance: the quality score of the year earns back a withhold, earns a bonus, and may owe a penalty.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::before::{Months, paid_by_month};
use super::payment_adjustment::PaymentAdjustment;
use super::quality::{MeasureSpec, Quality};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term, Unit};
use crate::population::MONTHS;
use crate::reading::shown;
use crate::rules::Rule;
use crate::rules::pay_for_performance::{PayForPerformance as Paying, PerformanceFacts};
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
    /// The rule of a programme, in place of what is at stake above.
    #[serde(default)]
    payment_adjustment: Option<PaymentAdjustment>,
    /// How many years before the payments that it moves the score is measured.
    #[serde(default)]
    lag_years: Term,
    settle_month: Term,
    /// What a reader must know of the terms; printed where they are used.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

/// The most measures, and the most members that a measure may ask for.
const MOST_MEASURES: f64 = 1_000.0;
const MOST_ELIGIBLE: f64 = 1e9;

/// The most years between a score and the payments that it moves.
const MOST_LAG_YEARS: f64 = 10.0;

/// What must not stand beside the rule of a programme.
const ALONE: &str = "must be left out where payment_adjustment says what a score moves";

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

    /// Refuses what stands beside the rule of a programme, which alone says what a score moves.
    fn check_adjustment(&self, place: Place<'_>) -> Result<()> {
        let Some(adjustment) = &self.payment_adjustment else { return Ok(()) };
        for (field, rate) in [
            ("withhold_rate", &self.withhold_rate),
            ("bonus_pmpm", &self.bonus_pmpm),
            ("bonus_rate", &self.bonus_rate),
            ("penalty_rate", &self.penalty_rate),
        ] {
            if rate.value() != 0.0 {
                return Err(place.error(field, ALONE).got(show(rate.value())).into());
            }
        }
        if let Some(name) = self.dollars_per_member.keys().next() {
            return Err(place.error("dollars_per_member", ALONE).got(format!("{name:?}")).into());
        }
        adjustment.check(Place(&place.field("payment_adjustment")))
    }

    /// Refuses a lag that leaves payments of the study without a score.
    fn check_lag(&self, place: Place<'_>, book: &Book) -> Result<()> {
        check_whole(place, "lag_years", self.lag_years.value(), 0.0, MOST_LAG_YEARS)?;
        let base_years = book.horizon.base_years;
        if self.lag_years.value() <= base_years as f64 {
            return Ok(());
        }
        let lag = show(self.lag_years.value());
        let rule = format!("must be at most the base years of the study, {base_years}");
        let hint =
            format!("Study(..., base_years={lag}), or lag_years=0: a year's score moves its own payments");
        Err(place.error("lag_years", rule).got(lag).hint(hint).into())
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
        self.check_adjustment(place)?;
        self.check_lag(place, book)?;
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

    fn pays(&self) -> &'static [Account] {
        &[Account::QualityPayment, Account::WithholdReturned]
    }

    fn looks_at(&self) -> Vec<Account> {
        let parts = [&self.withhold_rate, &self.bonus_rate, &self.penalty_rate];
        let of_payments = self.payment_adjustment.is_some() || parts.iter().any(|rate| rate.value() != 0.0);
        if of_payments { BASE.to_vec() } else { Vec::new() }
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> QualityPay {
        let least = (self.minimum_eligible, self.minimum_measures.value() as usize);
        let lag_years = self.lag_years.value() as usize;
        if lag_years > 0 {
            views.base_years();
        }
        QualityPay {
            quality: Quality::declare(&self.measures(arm.book), least, arm, views),
            paying: self.paying(),
            adjustment: self.payment_adjustment.clone(),
            lag_years,
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
    /// The rule of a programme, in place of it.
    adjustment: Option<PaymentAdjustment>,
    lag_years: usize,
    dollars_per_member: BTreeMap<String, Term>,
    exposure: ExposureView,
    settle_month: Month,
}

/// What base payments are made in, by the words of the ledger.
const BASE: &[Account] = &[Account::Claim, Account::Capitation];

impl QualityPay {
    /// The year whose score moves the payments of a year.
    fn scored<'a, A: Amount>(&self, facts: &'a Facts<A>, year: &'a YearFacts<A>) -> &'a YearFacts<A> {
        let position = year.position - self.lag_years;
        if self.lag_years == 0 { year } else { &facts.years(position..year.position)[0] }
    }

    fn facts<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        paid: &BTreeMap<Months, A>,
    ) -> PerformanceFacts<A> {
        PerformanceFacts {
            score: self.quality.score(facts, self.scored(facts, year)),
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
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        if let Some(adjustment) = &self.adjustment {
            let late = (self.lag_years == 0).then_some(months);
            return adjustment.settle(known.score, &paid, late, ledger);
        }
        let lines = self.paying.settle(&known);
        self.withhold(paid, ledger);
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
        steps.extend(self.quality.steps(facts, self.scored(facts, year)));
        let formula = "mean by weight of the measures that count";
        steps.push(Step { line: "score".into(), formula, value: known.score, unit: Unit::Rate });
        let formula =
            "claims and capitation of the year by contracts before this one, less what they took back";
        steps.push(Step::dollars("payments", formula, known.payments));
        if let Some(adjustment) = &self.adjustment {
            steps.extend(adjustment.steps(known.score, known.payments));
            return steps;
        }
        if !self.dollars_per_member.is_empty() {
            let formula = "sum over measures of dollars_per_member × members who meet it";
            steps.push(Step::dollars("met_dollars", formula, known.met_dollars));
        }
        let lines = self.paying.settle(&known);
        steps.extend(Step::all_of(&lines));
        steps
    }
}
