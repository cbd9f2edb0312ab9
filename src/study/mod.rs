//! A study: one panel, its care, and arms settled on the same worlds; owner of the only loop and the only threads.

mod run;
mod spec;
mod statement;

pub use run::Run;
pub use statement::{Statement, StatementLine};

use crate::contracts::{Arrangement, Book};
use crate::error::{Error, Result};
use crate::ledger::{Ledger, Party};
use crate::population::{Columns, Population};
use crate::rng::World;
use crate::utilization::Utilization;
use crate::utilization::events::{BATCH, Draws, Events, Sink};
use crate::views::{Facts, Filler, ViewPlan};
use spec::StudySpec;

/// The first performance year.
const FIRST_YEAR: i8 = 1;

/// What is kept of each replicate, arm and year, in this order.
pub const FIGURES: [&str; 10] = [
    "member_months",
    "allowed",
    "paid",
    "provider_revenue",
    "provider_cost",
    "provider_net",
    "payer_spend",
    "member_cost_share",
    "minimum_cash",
    "minimum_cash_month",
];

/// The figures of one replicate, arm and year.
pub type Figures = [f64; FIGURES.len()];

/// A study ready to run.
#[derive(Debug, Clone)]
pub struct Study {
    population: Population,
    utilization: Utilization,
    book: Book,
    views: ViewPlan,
    arms: Vec<Arrangement>,
}

/// One event of a simulated year, for those who want to look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// Row of the member.
    pub member: usize,
    /// Index of the service, in the order of [`Study::services`].
    pub service: usize,
    /// Month, from 1.
    pub month: u16,
    /// Drawn price, dollars.
    pub price: f64,
}

impl Study {
    /// Builds a study from its JSON specification and its members, checking everything.
    pub fn new(spec: &str, columns: Columns) -> Result<Self> {
        let spec = StudySpec::read(spec)?;
        spec.check_years()?;
        let population = Population::new(columns)?;
        let utilization = spec.utilization()?.compile(spec.seed, FIRST_YEAR)?;
        utilization.check_rates(population.members())?;
        let book = Book {
            services: utilization.services().iter().map(|service| service.terms.clone()).collect(),
            n_payers: population.payers().len() as u16,
            fixed_cost_per_month: utilization.fixed_cost_per_month,
        };
        let mut views = ViewPlan::default();
        let arms =
            spec.arms()?.into_iter().map(|arm| arm.compile(&book, &mut views)).collect::<Result<_>>()?;
        Ok(Self { population, utilization, book, views, arms })
    }

    /// Names of the services, in the order of their index.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        self.book.services.iter().map(|service| service.name.as_str()).collect()
    }

    /// The arrangement at an index.
    #[must_use]
    pub fn arm(&self, index: usize) -> Option<&Arrangement> {
        self.arms.get(index)
    }

    /// The panel.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// The facts of one world.
    #[must_use]
    pub fn facts(&self, world: World) -> Facts<f64> {
        let mut filler = self.filler(true);
        self.fill(&mut filler, &mut Draws::default(), world, &|| false);
        filler.facts().clone()
    }

    /// Every event of one world: by member, then service, then in the order of the words.
    ///
    /// `stopped` is asked every millisecond or so.
    pub fn claims(&self, world: World, stopped: impl Fn() -> bool) -> Result<Vec<Claim>> {
        let mut recorder = Recorder::default();
        let mut draws = Draws::default();
        for (batch, members) in self.population.members().chunks(BATCH).enumerate() {
            recorder.first_member = batch * BATCH;
            if !self.utilization.simulate(members, world, &mut draws, &mut recorder, &stopped) {
                return Err(Error::Interrupted);
            }
        }
        recorder.claims.sort_by_key(|claim| (claim.member, claim.service));
        Ok(recorder.claims)
    }

    /// Events that one world is expected to have, over all members and services.
    #[must_use]
    pub fn expected_events(&self) -> f64 {
        self.utilization.expected_events(self.population.members())
    }

    fn filler(&self, by_month: bool) -> Filler<'_> {
        Filler::new(&self.views, &self.population, self.book.services.len(), by_month)
    }

    /// Simulates all members of a world into the views; false if `stopped` said so on the way.
    fn fill(
        &self,
        filler: &mut Filler<'_>,
        draws: &mut Draws,
        world: World,
        stopped: &impl Fn() -> bool,
    ) -> bool {
        filler.clear();
        let complete = self.population.members().chunks(BATCH).all(|members| {
            filler.begin(members);
            let complete = self.utilization.simulate(members, world, draws, filler, stopped);
            filler.end(members);
            complete
        });
        filler.finish();
        complete
    }
}

/// Keeps every event.
#[derive(Default)]
struct Recorder {
    first_member: usize,
    claims: Vec<Claim>,
}

impl Sink for Recorder {
    fn asks_months(&self) -> bool {
        true
    }

    fn events(&mut self, member: usize, service: usize, events: &Events) {
        let Events { live, prices, months, .. } = events;
        let member = self.first_member + member;
        for ((month, price), _) in months.iter().zip(prices).zip(live).filter(|(_, live)| **live > 0.0) {
            self.claims.push(Claim { member, service, month: *month as u16 + 1, price: *price });
        }
    }
}

/// Reads the figures of one arm off its ledger.
fn figures(arm: &Arrangement, facts: &Facts<f64>, ledger: &Ledger<f64>) -> Figures {
    let (allowed, paid) = arm.allowed_and_paid(facts);
    let customer = |party| matches!(party, Party::Payer | Party::Member);
    let provider_revenue = ledger.net(Party::Provider, customer);
    let provider_cost = 0.0 - ledger.net(Party::Provider, |party| !customer(party));
    let (minimum_cash, month) = ledger.minimum_cash(Party::Provider);
    [
        arm.member_months(facts),
        allowed,
        paid,
        provider_revenue,
        provider_cost,
        provider_revenue - provider_cost,
        0.0 - ledger.net(Party::Payer, |_| true),
        0.0 - ledger.net(Party::Member, |_| true),
        minimum_cash,
        f64::from(month),
    ]
}
