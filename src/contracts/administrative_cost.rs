//! Administrative cost: what running a contract costs the provider, fixed, by members and by the measures it reports.

use serde::Deserialize;

use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term, Unit};
use crate::population::{MONTHS, grown};
use crate::terms::accrued;
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// Most measures that a contract may ask for.
const MOST_MEASURES: f64 = 1000.0;

/// Terms of administrative cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdministrativeCost {
    per_year: Option<Term>,
    pmpm: Option<Term>,
    hours_per_measure: Option<Term>,
    hourly_cost: Option<Term>,
    measures: Option<Term>,
    trend: Term,
}

impl AdministrativeCost {
    /// Refuses measures that are no whole number, and terms of them without the others.
    fn check_measures(&self, place: Place<'_>, book: &Book) -> Result<()> {
        if let Some(measures) = &self.measures {
            let value = measures.value();
            if value.fract() != 0.0 || !(0.0..=MOST_MEASURES).contains(&value) {
                let rule = format!("must be a whole number between 0 and {MOST_MEASURES}");
                return Err(place.error("measures", rule).got(show(value)).into());
            }
        }
        let needs = |field: &str, of: &str| {
            Err(place.error(field, format!("must be given with {of}")).got("None").into())
        };
        match (&self.hours_per_measure, &self.hourly_cost) {
            (Some(_), None) => needs("hourly_cost", "hours_per_measure"),
            (None, Some(_)) => needs("hours_per_measure", "hourly_cost"),
            (None, None) if self.measures.is_some() => needs("hours_per_measure", "measures"),
            (Some(_), Some(_)) if self.measures.is_none() && book.measures == 0 => Err(place
                .error("measures", "must be given in a study without measures")
                .got("None")
                .hint("measures= says how many the contract asks for")
                .into()),
            _ => Ok(()),
        }
    }
}

impl Contract for AdministrativeCost {
    type Settlement = Administration;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let dollars = [
            ("per_year", &self.per_year),
            ("pmpm", &self.pmpm),
            ("hours_per_measure", &self.hours_per_measure),
            ("hourly_cost", &self.hourly_cost),
        ];
        for (field, term) in dollars {
            term.as_ref().map_or(Ok(()), |term| place.not_negative(field, term.value()))?;
        }
        place.within("trend", self.trend.value(), -0.9, 1.0)?;
        self.check_measures(place, book)?;
        if dollars.iter().all(|(_, term)| term.is_none()) {
            let rule = "must be given, or pmpm, or hours_per_measure and hourly_cost";
            return Err(place.error("per_year", rule).got("None").into());
        }
        Ok(())
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Administration {
        let of_year = |year| {
            let rate = grown(self.trend.value(), year as i8);
            let grown = |term: &Option<Term>| term.unwrap_or(Term::from(0)).grown(rate);
            Prices {
                per_year: grown(&self.per_year),
                pmpm: grown(&self.pmpm),
                hourly_cost: grown(&self.hourly_cost),
            }
        };
        Administration {
            prices: (0..arm.book.horizon.years).map(of_year).collect(),
            hours_per_measure: self.hours_per_measure.unwrap_or(Term::from(0)),
            measures: self.measures.unwrap_or(Term::from(arm.book.measures as i32)),
            exposure: arm.exposure(views),
        }
    }
}

/// The prices of a performance year.
#[derive(Debug, Clone)]
struct Prices {
    per_year: Term,
    pmpm: Term,
    hourly_cost: Term,
}

/// What there is to do, and its prices.
#[derive(Debug, Clone)]
pub struct Administration {
    /// Of each performance year.
    prices: Vec<Prices>,
    hours_per_measure: Term,
    measures: Term,
    exposure: ExposureView,
}

impl Administration {
    fn prices<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> &Prices {
        &self.prices[facts.performance_year(year)]
    }

    /// Hours of a year that measures take.
    fn hours<A: Amount>(&self) -> A {
        A::term(&self.hours_per_measure).times(A::term(&self.measures))
    }

    /// What a year costs whoever is enrolled: fixed, and for its measures.
    fn of_year<A: Amount>(&self, prices: &Prices) -> (A, A) {
        let measures = self.hours::<A>().times(A::term(&prices.hourly_cost));
        (A::term(&prices.per_year).posted(), measures.posted())
    }
}

impl Settlement for Administration {
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let flow = Flow(Party::Provider, Party::Suppliers, Account::AdministrativeCost);
        let prices = self.prices(facts, year);
        let (fixed, measures) = self.of_year::<A>(prices);
        let until = |months| accrued(fixed + measures, months, MONTHS);
        for (month, members) in year.exposure(self.exposure).iter().enumerate() {
            ledger.post(flow, None, months_before + month, until(month + 1) - until(month));
            ledger.post(flow, None, months_before + month, members.times(A::term(&prices.pmpm)));
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, _ledger: &Ledger<A>) -> Vec<Step<A>> {
        let prices = self.prices(facts, year);
        let (fixed, measures) = self.of_year::<A>(prices);
        let months = year.exposure(self.exposure).iter();
        let pmpm = A::term(&prices.pmpm);
        let of_members = months.fold(A::ZERO, |sum, members| sum + members.times(pmpm).posted());
        let (line, formula) = ("hours", "hours_per_measure × measures");
        vec![
            Step::member_months(year.member_months(self.exposure)),
            Step::dollars("fixed", "per_year × (1 + trend)^(year − 1)", fixed),
            Step::dollars("by_members", "pmpm × (1 + trend)^(year − 1) × members, by month", of_members),
            Step { line: line.into(), formula, value: self.hours(), unit: Unit::Count },
            Step::dollars("by_measures", "hours × hourly_cost × (1 + trend)^(year − 1)", measures),
            Step::dollars("cost", "fixed + by_members + by_measures", fixed + of_members + measures),
        ]
    }
}
