//! Capitation: a fixed payment per member per month, out of which the provider bears the care in scope.

use serde::Deserialize;
use serde_json::Value;

use super::{ArmBook, Bearer, Book, Claims, Contract, Priced, Scope, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::population::grown;
use crate::reading::shown;
use crate::views::{ByMonth, Exposure, ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of capitation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capitation {
    pmpm: Term,
    #[serde(default)]
    trend: Option<Term>,
    #[serde(default)]
    risk_adjusted: Value,
    #[serde(default)]
    normalization: Option<Term>,
    #[serde(default)]
    risk_score_cap: Option<Term>,
    scope: Option<Scope>,
}

impl Capitation {
    /// Whether each service of the book is borne out of this capitation.
    fn claimed(&self, book: &Book) -> Vec<bool> {
        let contains = |service| self.scope.as_ref().is_none_or(|scope| scope.contains(service));
        book.services.iter().map(contains).collect()
    }

    fn check_risk(&self, place: Place<'_>) -> Result<()> {
        let adjusted = match &self.risk_adjusted {
            Value::Null => false,
            Value::Bool(adjusted) => *adjusted,
            other => {
                return Err(place.error("risk_adjusted", "must be True or False").got(shown(other)).into());
            }
        };
        for (field, term) in
            [("normalization", &self.normalization), ("risk_score_cap", &self.risk_score_cap)]
        {
            let Some(term) = term else { continue };
            if field == "normalization" {
                place.within(field, term.value(), 0.01, 100.0)?;
            } else {
                place.rate(field, term.value())?;
            }
            if !adjusted {
                let error = place.error(field, "must not be given without risk_adjusted");
                return Err(error.got(crate::error::show(term.value())).into());
            }
        }
        Ok(())
    }
}

impl Contract for Capitation {
    type Settlement = Prepayment;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.not_negative("pmpm", self.pmpm.value())?;
        if let Some(trend) = &self.trend {
            place.within("trend", trend.value(), -0.9, 1.0)?;
        }
        self.check_risk(place)?;
        self.scope.as_ref().map_or(Ok(()), |scope| scope.check(place, book))
    }

    fn claims(&self, book: &Book) -> Option<Claims> {
        Some(Claims { bearer: Bearer::Capitation, services: self.claimed(book) })
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Prepayment {
        let claimed = self.claimed(arm.book);
        let mut purchased = arm.priced(views);
        purchased.retain(|line| claimed[line.service] && line.deliverer == Party::OtherProviders);
        let rate = |year| self.trend.as_ref().map_or(1.0, |trend| grown(trend.value(), year as i8));
        let risk = (self.risk_adjusted == Value::Bool(true)).then(|| Risk {
            scores: views.exposure(Exposure::scores(arm.members())),
            normalization: self.normalization.unwrap_or_else(|| Term::from(1)),
            cap: self.risk_score_cap,
        });
        Prepayment {
            pmpms: (0..arm.book.horizon.years).map(|year| self.pmpm.grown(rate(year))).collect(),
            exposure: arm.exposure(views),
            risk,
            purchased,
        }
    }
}

/// The payment, and the care by others that is paid out of it.
#[derive(Debug, Clone)]
pub struct Prepayment {
    /// Of each performance year.
    pmpms: Vec<Term>,
    exposure: ExposureView,
    risk: Option<Risk>,
    purchased: Vec<Priced>,
}

/// Adjustment of the payment to the members' risk scores.
#[derive(Debug, Clone)]
struct Risk {
    scores: ExposureView,
    /// Mean risk score of the payer's book, for which the payment is meant.
    normalization: Term,
    /// Most by which the mean score may grow from the first performance year.
    cap: Option<Term>,
}

impl Prepayment {
    fn pmpm<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        A::term(&self.pmpms[year.position - facts.horizon().base_years])
    }

    /// Members of each month, each counted as the risk score that is paid for.
    fn paid_for<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> ByMonth<A> {
        let Some(risk) = &self.risk else { return *year.exposure(self.exposure) };
        let factor = self.cap_factor(risk, facts, year).over(A::term(&risk.normalization));
        year.exposure(risk.scores).map(|score| score.times(factor))
    }

    /// What is left of the scores where their mean has grown beyond its cap.
    fn cap_factor<A: Amount>(&self, risk: &Risk, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        let one = A::of(1.0);
        let first = facts.performance_years().next().map_or(year, |(_, first)| first);
        let mean = |of: &YearFacts<A>| of.member_months(risk.scores).over(of.member_months(self.exposure));
        match &risk.cap {
            Some(cap) if mean(year) > A::ZERO && mean(first) > A::ZERO => {
                mean(first).times(one + A::term(cap)).over(mean(year)).least(one)
            }
            _ => one,
        }
    }
}

impl Settlement for Prepayment {
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let pmpm = self.pmpm(facts, year);
        let flow = Flow(Party::Payer, Party::Provider, Account::Capitation);
        for (month, members) in self.paid_for(facts, year).into_iter().enumerate() {
            ledger.post(flow, None, months_before + month, members.times(pmpm));
        }
        let purchase = Flow(Party::Provider, Party::OtherProviders, Account::PurchasedCare);
        for line in &self.purchased {
            for (month, dollars) in line.lines(year).iter().enumerate() {
                ledger.post(purchase, Some(line.payer), months_before + month, dollars.paid);
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let pmpm = self.pmpm(facts, year);
        let paid = self.paid_for(facts, year).into_iter();
        let paid = paid.fold(A::ZERO, |sum, members| sum + members.times(pmpm).posted());
        let purchased = self.purchased.iter().flat_map(|line| line.lines(year));
        let purchased = purchased.fold(A::ZERO, |sum, line| sum + line.paid);
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        if let Some(risk) = &self.risk {
            let mean = year.member_months(risk.scores).over(year.member_months(self.exposure));
            steps.push(Step::factor("risk_score", "mean of the enrolled members", mean));
            let cap = self.cap_factor(risk, facts, year);
            steps.push(Step::factor("cap_factor", "what risk_score_cap leaves of it", cap));
            steps.push(Step::dollars(
                "capitation",
                "pmpm × members enrolled × risk_score × cap_factor / normalization, by month",
                paid,
            ));
        } else {
            steps.push(Step::dollars("capitation", "pmpm × members enrolled, by month", paid));
        }
        steps.push(Step::dollars("purchased_care", "paid for care in scope by other providers", purchased));
        steps
    }
}
