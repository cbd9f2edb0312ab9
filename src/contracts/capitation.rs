//! Capitation: a fixed payment per member per month, out of which the provider bears the care in scope.

mod cells;
mod risk;
mod timing;

use serde::Deserialize;
use serde_json::Value;

use super::{ArmBook, Bearer, Book, Claims, Contract, Priced, Scope, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::population::grown;
use crate::utilization::ServiceTerms;
use crate::views::{ByMonth, ExposureView, Facts, ViewPlan, Whose, YearFacts};
use cells::{Cells, RateCell};
use risk::Risk;
use timing::Timing;

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
    cells: Option<Vec<RateCell>>,
    cell_normalization: Option<Term>,
    scope: Option<Scope>,
    carve_outs: Option<Scope>,
    retroactive_rate: Option<Term>,
    retroactive_months: Option<Term>,
    claims_lag_months: Option<Term>,
}

impl Capitation {
    /// Whether each service of the book is borne out of this capitation.
    fn claimed(&self, book: &Book) -> Vec<bool> {
        let named = |scope: &Option<Scope>, service: &ServiceTerms| {
            scope.as_ref().map(|scope| scope.contains(service))
        };
        let bears = |service| {
            named(&self.scope, service).unwrap_or(true) && !named(&self.carve_outs, service).unwrap_or(false)
        };
        book.services.iter().map(bears).collect()
    }

    /// Declares what members count for.
    fn weight(&self, whose: Whose, views: &mut ViewPlan) -> Weight {
        if let Some(cells) = self.rate_cells(whose, views) {
            return Weight::Cell(cells);
        }
        self.risk(whose, views).map_or(Weight::Alike, Weight::Score)
    }

    /// Refuses carve-outs that are not in scope, and those that leave nothing of it.
    fn check_scope(&self, place: Place<'_>, book: &Book) -> Result<()> {
        if let Some(scope) = &self.scope {
            scope.check(place, book)?;
        }
        let Some(carve_outs) = &self.carve_outs else { return Ok(()) };
        carve_outs.check_field("carve_outs", place, book)?;
        if let Some(name) = self.scope.as_ref().and_then(|scope| carve_outs.beyond(scope)) {
            let error = place.error("carve_outs", "must name services in the scope").got(format!("{name:?}"));
            return Err(error.hint("a capitation bears nothing outside its scope anyway").into());
        }
        if self.claimed(book).contains(&true) {
            return Ok(());
        }
        Err(place.error("carve_outs", "must leave a service in the scope").got("all of it").into())
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
        self.check_cells(place)?;
        self.check_timing(place)?;
        self.check_scope(place, book)
    }

    fn claims(&self, book: &Book) -> Option<Claims> {
        Some(Claims { field: "scope", bearer: Bearer::Capitation, services: self.claimed(book) })
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::Capitation]
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Prepayment {
        let claimed = self.claimed(arm.book);
        let mut purchased = arm.priced(views);
        purchased.retain(|line| claimed[line.service] && line.deliverer == Party::OtherProviders);
        let rate = |year| self.trend.as_ref().map_or(1.0, |trend| grown(trend.value(), year as i8));
        Prepayment {
            pmpms: (0..arm.book.horizon.years).map(|year| self.pmpm.grown(rate(year))).collect(),
            weight: self.weight(arm.members(), views),
            exposure: arm.exposure(views),
            timing: self.timing(),
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
    weight: Weight,
    timing: Timing,
    purchased: Vec<Priced>,
}

/// What a member counts for in the payment.
#[derive(Debug, Clone)]
enum Weight {
    /// All the same.
    Alike,
    /// The risk score.
    Score(Risk),
    /// The factor of the rate cell.
    Cell(Cells),
}

impl Prepayment {
    fn pmpm<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        A::term(&self.pmpms[facts.performance_year(year)])
    }

    /// Members of each month, each counted as what is paid for it.
    fn paid_for<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> ByMonth<A> {
        match &self.weight {
            Weight::Alike => *year.exposure(self.exposure),
            Weight::Score(risk) => risk.paid_for(facts, year, self.exposure),
            Weight::Cell(cells) => cells.paid_for(year),
        }
    }

    /// What a mean member counts for, as a statement tells it, and how the payment follows from it.
    fn weight_steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> (Vec<Step<A>>, &'static str) {
        match &self.weight {
            Weight::Alike => (Vec::new(), "pmpm × members enrolled, by month"),
            Weight::Score(risk) => risk.steps(facts, year, self.exposure),
            Weight::Cell(cells) => cells.steps(year, self.exposure),
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
            self.timing.pay(flow, months_before + month, members.times(pmpm), ledger);
        }
        let purchase = Flow(Party::Provider, Party::OtherProviders, Account::PurchasedCare);
        for line in &self.purchased {
            for (month, dollars) in line.lines(year).iter().enumerate() {
                let months = self.timing.of_claims(months_before + month);
                ledger.settle(purchase, Some(line.payer), months, dollars.paid);
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let pmpm = self.pmpm(facts, year);
        let paid = self.paid_for(facts, year).into_iter();
        let paid = paid.fold(A::ZERO, |sum, members| sum + members.times(pmpm).posted());
        let purchased = self.purchased.iter().flat_map(|line| line.lines(year));
        let purchased = purchased.fold(A::ZERO, |sum, line| sum + line.paid);
        let (weight, formula) = self.weight_steps(facts, year);
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        steps.extend(weight);
        steps.push(Step::dollars("capitation", formula, paid));
        steps.push(Step::dollars("purchased_care", "paid for care in scope by other providers", purchased));
        steps.extend(self.timing.steps(facts.months_before(year), ledger));
        steps
    }
}
