//! A study: one panel, its care, and arms settled on the same worlds; owner of the only loop and the only threads.

mod figures;
mod model;
mod parameters;
mod run;
mod spec;
mod statement;

pub use figures::FIGURES;
pub use parameters::Parameters;
pub use run::Run;
pub use statement::{Statement, StatementLine};

use serde_json::Value;

use crate::contracts::Arrangement;
use crate::error::{Error, InputError, Result};
use crate::population::{Columns, Horizon, Member, MemberYear, Population};
use crate::rng::World;
use crate::utilization::events::{Draws, Events, Sink};
use crate::utilization::{LargestWeights, Service, Tables};
use crate::views::{Closer, Exposures, Facts, Filler};
use model::Model;
use spec::StudySpec;

/// A study ready to run.
#[derive(Debug, Clone)]
pub struct Study {
    population: Population,
    spec: Value,
    parameters: Parameters,
    tables: Tables,
    largest: LargestWeights,
    /// With uncertain inputs at their means.
    model: Model,
    exposures: Exposures,
}

/// One event of a simulated year, for those who want to look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// Row of the member.
    pub member: usize,
    /// Number of the year; the first performance year is 1.
    pub year: i8,
    /// Index of the service, in the order of [`Study::services`].
    pub service: usize,
    /// Month of the year, from 1.
    pub month: u16,
    /// Drawn price, dollars.
    pub price: f64,
}

impl Study {
    /// Builds a study from its JSON specification and its members, checking everything.
    pub fn new(spec: &str, columns: Columns) -> Result<Self> {
        let spec: Value = serde_json::from_str(spec)
            .map_err(|error| InputError::new("study", "must be a JSON document").got(error))?;
        let read = StudySpec::read(spec.clone())?;
        read.horizon()?;
        let population = Population::new(columns)?;
        let mut tables = Tables::default();
        let parameters = read.parameters.compile(read.seed)?;
        let model =
            Model::compile(parameters.applied(&spec, &parameters.means())?, &population, &mut tables)?;
        let largest = model.utilization.largest_weights(&population)?;
        let exposures = model.views.expected_exposures(&population, model.horizon);
        let study = Self { population, spec, parameters, tables, largest, model, exposures };
        study.check_base_years()?;
        study.model.utilization.check_rates(&study.largest, &study.model.dynamics)?;
        for extreme in study.parameters.extremes() {
            study.model_at(&extreme, &mut study.tables.clone())?;
        }
        Ok(study)
    }

    /// Refuses a base year that a benchmark reads and in which nobody whom it is of is enrolled.
    fn check_base_years(&self) -> Result<()> {
        let Model { views, horizon, .. } = &self.model;
        for payer in views.benchmarks() {
            let mut years = (0..horizon.base_years).map(|position| horizon.label(position));
            let Some(year) = years.find(|year| !self.has_members(*payer, *year)) else { continue };
            let whose = payer.map_or(String::new(), |payer| {
                format!(" with {:?}", self.population.payers()[usize::from(payer)])
            });
            let rule = "must have members in every base year that a benchmark is computed from";
            let error = InputError::new("population", rule);
            return Err(error.got(format!("nobody enrolled{whose} in year {year}")).into());
        }
        Ok(())
    }

    fn has_members(&self, payer: Option<u16>, year: i8) -> bool {
        let of_payer = |member: &&Member| payer.is_none_or(|payer| payer == member.payer);
        self.population.members().iter().filter(of_payer).any(|member| member.in_year(year).months > 0)
    }

    /// The model at the values of its uncertain inputs.
    fn model_at(&self, values: &[f64], tables: &mut Tables) -> Result<Model> {
        let mut compiled = || {
            let model =
                Model::compile(self.parameters.applied(&self.spec, values)?, &self.population, tables)?;
            model.utilization.check_rates(&self.largest, &model.dynamics)?;
            Ok(model)
        };
        compiled().map_err(|error| self.parameters.explain(error, values))
    }

    /// Names of the services, in the order of their index.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        self.model.book.services.iter().map(|service| service.name.as_str()).collect()
    }

    /// The arrangement at an index, with uncertain inputs at their means.
    #[must_use]
    pub fn arm(&self, index: usize) -> Option<&Arrangement> {
        self.model.arms.get(index)
    }

    /// The panel.
    #[must_use]
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// By arm and service: the factor of volume that incentives lead to, with uncertain inputs at their means.
    #[must_use]
    pub fn responses(&self) -> &[Vec<f64>] {
        &self.model.responses
    }

    /// Names of the outcomes and measures that are looked at.
    #[must_use]
    pub fn health(&self) -> Vec<&str> {
        self.model.utilization.health.iter().map(|health| health.name.as_str()).collect()
    }

    /// Figures of each replicate, arm and year: [`FIGURES`], two for each outcome and measure, and what is kept besides.
    #[must_use]
    pub fn row(&self) -> usize {
        FIGURES.len()
            + 2 * self.model.utilization.health.len()
            + self.model.keep.len(self.population.payers().len())
    }

    /// The uncertain inputs.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The years.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.model.horizon
    }

    /// The facts of one world, with uncertain inputs at their means.
    #[must_use]
    pub fn facts(&self, world: World) -> Facts<f64> {
        let mut filler = self.filler(&self.model, true);
        self.fill(&self.model, &mut filler, &mut Draws::default(), world, &|| false);
        filler.facts().clone()
    }

    /// Every event of one world under the baseline: by member, then year, then service, then in the order of the words.
    ///
    /// `stopped` is asked every millisecond or so.
    pub fn claims(
        &self,
        world: World,
        values: Option<&[f64]>,
        base_years: bool,
        stopped: impl Fn() -> bool,
    ) -> Result<Vec<Claim>> {
        let uncertain = values.map(|values| self.model_at(values, &mut self.tables.clone())).transpose()?;
        let model = uncertain.as_ref().unwrap_or(&self.model);
        let mut recorder = Recorder { horizon: model.horizon, first_row: 0, year: 0, claims: Vec::new() };
        let mut draws = Draws::default();
        let complete = model.utilization.simulate(
            model.panel(&self.population),
            base_years,
            world,
            &mut draws,
            &mut recorder,
            &stopped,
        );
        if !complete {
            return Err(Error::Interrupted);
        }
        if !base_years {
            // With episodes base years are simulated whoever asks.
            recorder.claims.retain(|claim| claim.year >= 1);
        }
        recorder.claims.sort_by_key(|claim| (claim.member, claim.year, claim.service));
        Ok(recorder.claims)
    }

    /// Events that one world is expected to have, over all members, services and performance years.
    #[must_use]
    pub fn expected_events(&self) -> f64 {
        let years = self.model.horizon.performance();
        years
            .map(|position| {
                self.model.utilization.expected_events(self.model.panel(&self.population), position)
            })
            .sum()
    }

    fn filler(&self, model: &Model, by_month: bool) -> Filler {
        let versions = model.utilization.care.counts();
        let payers = self.population.payers().len();
        let moves = model.dynamics.is_any();
        let case_costs = model.utilization.services().iter().any(Service::has_case_costs);
        let closer = Closer { by_month, case_costs };
        Filler::new(&model.views, payers, model.horizon, &versions, &self.exposures, moves, closer)
    }

    /// Simulates all members of a world into the views; false if `stopped` said so on the way.
    fn fill(
        &self,
        model: &Model,
        filler: &mut Filler,
        draws: &mut Draws,
        world: World,
        stopped: &impl Fn() -> bool,
    ) -> bool {
        filler.clear();
        let base_years = model.views.reads_base_years();
        let complete = model.utilization.simulate(
            model.panel(&self.population),
            base_years,
            world,
            draws,
            filler,
            stopped,
        );
        filler.finish(draws.levels());
        complete
    }
}

/// Keeps every event of the baseline.
struct Recorder {
    horizon: Horizon,
    /// Row of the batch's first member.
    first_row: usize,
    year: usize,
    claims: Vec<Claim>,
}

impl Sink for Recorder {
    fn asks_months(&self) -> bool {
        true
    }

    fn begin(&mut self, year: usize, first_row: usize, _members: &[MemberYear]) {
        (self.year, self.first_row) = (year, first_row);
    }

    fn events<const CLOSELY: bool>(
        &mut self,
        member: usize,
        service: usize,
        version: usize,
        events: &Events,
    ) {
        if version > 0 {
            return;
        }
        let Events { live, prices, months, .. } = events;
        let (member, year) = (self.first_row + member, self.horizon.label(self.year));
        for ((month, price), _) in months.iter().zip(prices).zip(live).filter(|(_, live)| **live > 0.0) {
            self.claims.push(Claim { member, year, service, month: *month as u16 + 1, price: *price });
        }
    }

    fn end(&mut self) {}
}
