//! The care a panel uses: service lines, what makes members and years differ, and what arms change.

mod capacity;
mod care;
mod collections;
mod cost_sharing;
mod draws;
pub mod episodes;
pub mod events;
mod frailty;
pub mod health;
mod levels;
mod months;
mod rates;
mod relativities;
mod scoring;
mod service;
mod severity;
mod shocks;
mod tables;
mod versions;
mod weights;
mod year_keys;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

pub use capacity::Capacity;
pub use care::{ArmCare, Care, ProgrammeSpec};
pub use collections::Collections;
pub use cost_sharing::{CostSharing, CostSharingSpec};
pub use episodes::{DAYS_OF_MONTH, EpisodeTerms, MOST_DAYS};
pub use levels::{Levels, Market};
pub use rates::LargestWeights;
pub use scoring::Scoring;
pub use service::{Service, ServiceTerms};
pub use tables::Tables;
pub use weights::Panel;

use crate::error::{InputError, Place, Result};
use crate::money::{Number, Term};
use crate::population::{Horizon, Population, grown};
use crate::rng::{Key, NO_NAME, NO_YEAR, Process, name_hash};
use capacity::CapacitySpec;
use collections::CollectionsSpec;
use episodes::{Around, Episode, EpisodeSpec};
use frailty::{Dispersion, FrailtySpec};
use health::{Health, HealthSpec};
use service::{Common, ServiceSpec, check_trend, nothing, read_service};
use severity::Severity;
use shocks::{ShockSpec, Shocks};

/// Most events that a member's year may be expected to have; Poisson quantiles are exact up to this rate.
const LARGEST_RATE: f64 = 1e6;

/// The care a panel uses, as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UtilizationSpec {
    services: Vec<Value>,
    frailty_cv: Number,
    #[serde(default)]
    frailty: Option<FrailtySpec>,
    #[serde(default = "nothing")]
    severity_cv: Number,
    #[serde(default = "nothing")]
    severity_correlation: Number,
    #[serde(default = "nothing")]
    trend: Number,
    #[serde(default = "nothing")]
    price_trend: Number,
    #[serde(default)]
    shocks: Vec<Value>,
    #[serde(default)]
    shock_correlation: Option<Vec<Vec<Number>>>,
    fixed_cost_per_month: Term,
    #[serde(default = "nothing")]
    fixed_cost_trend: Number,
    #[serde(default)]
    capacity: Vec<CapacitySpec>,
    #[serde(default)]
    collections: BTreeMap<String, CollectionsSpec>,
    #[serde(default)]
    cost_sharing: BTreeMap<String, CostSharingSpec>,
    #[serde(default)]
    episodes: Vec<Value>,
}

/// Care ready to be simulated; services in the order of their names, so that the order they are given in moves nothing.
#[derive(Debug, Clone)]
pub struct Utilization {
    services: Vec<Service>,
    episodes: Vec<Episode>,
    dispersion: Dispersion,
    frailty_key: Key,
    severity: Option<Severity>,
    shocks: Shocks,
    horizon: Horizon,
    seed: u64,
    /// Clinicians that the provider keeps.
    pub capacity: Vec<Capacity>,
    /// What becomes of bills, by payer.
    pub collections: Vec<Collections>,
    /// What members pay in the order of their claims, by payer; `None` where only coinsurance is asked.
    pub cost_sharing: Vec<Option<CostSharing>>,
    /// Outcomes, then measures.
    pub health: Vec<Health>,
    /// What arms change.
    pub care: Care,
    /// Dollars a month that the provider spends whatever happens, in each simulated year.
    pub fixed_costs: Vec<Term>,
}

impl UtilizationSpec {
    /// Checks everything and compiles it for the years of one seed.
    pub fn compile(
        self,
        seed: u64,
        horizon: Horizon,
        payers: &[String],
        tables: &mut Tables,
    ) -> Result<Utilization> {
        let place = Place("utilization");
        self.check(place)?;
        let shared = self.shared_frailty(place)?;
        let (correlation, shock_specs) = (self.shock_correlation, read_shocks(self.shocks)?);
        let specs = self.services.into_iter().enumerate().map(read_service).collect::<Result<Vec<_>>>()?;
        let mut lines: Vec<_> = specs.into_iter().flat_map(ServiceSpec::lines).collect();
        refuse_colliding_names(&lines)?;
        lines.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
        let common = Common { seed, horizon, trend: self.trend.0, price_trend: self.price_trend.0, payers };
        let services: Vec<Service> = lines
            .into_iter()
            .map(|(spec, whole)| spec.compile(whole, common, tables))
            .collect::<Result<_>>()?;
        let capacity = self.capacity.iter().enumerate();
        let cost_sharing =
            collections::by_payer("utilization.cost_sharing", &self.cost_sharing, payers, |place, spec| {
                spec.compile(place, &services)
            })?;
        let around = Around { services: &services, seed, horizon };
        let episodes = compile_episodes(self.episodes, &around, tables)?;
        let years = || (0..horizon.len()).map(|position| horizon.label(position));
        let dispersion = shared.compile(tables);
        let severity = Severity::compile(self.severity_cv, self.severity_correlation, &dispersion, seed)?;
        Ok(Utilization {
            shocks: Shocks::compile(&shock_specs, correlation.as_deref(), &services, seed)?,
            severity,
            dispersion,
            frailty_key: Key::new(seed, Process::Frailty, NO_YEAR, NO_NAME),
            fixed_costs: years()
                .map(|year| self.fixed_cost_per_month.grown(grown(self.fixed_cost_trend.0, year)))
                .collect(),
            capacity: capacity
                .map(|(position, spec)| spec.compile(position, &services))
                .collect::<Result<_>>()?,
            collections: collections::compile(&self.collections, payers)?,
            cost_sharing,
            health: Vec::new(),
            care: Care::new(services.len(), &episodes),
            episodes,
            services,
            horizon,
            seed,
        })
    }

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.within("frailty_cv", self.frailty_cv.0, 0.0, 20.0)?;
        place.not_negative("fixed_cost_per_month", self.fixed_cost_per_month.value())?;
        for (field, trend) in [
            ("trend", self.trend),
            ("price_trend", self.price_trend),
            ("fixed_cost_trend", self.fixed_cost_trend),
        ] {
            check_trend(place, field, trend)?;
        }
        if self.services.is_empty() {
            return Err(place.error("services", "must name at least one service").got("none").into());
        }
        Ok(())
    }

    fn shared_frailty(&self, place: Place<'_>) -> Result<FrailtySpec> {
        let Some(frailty) = &self.frailty else { return Ok(FrailtySpec::gamma(self.frailty_cv)) };
        if self.frailty_cv.0 != 0.0 {
            let error = place.error("frailty", "must not be given beside frailty_cv");
            return Err(error.got("both").hint("Frailty(cv=...) says all that frailty_cv says").into());
        }
        frailty.check(Place(&place.field("frailty")))?;
        Ok(frailty.clone())
    }
}

/// Episodes with names and triggers of their own.
fn compile_episodes(values: Vec<Value>, around: &Around<'_>, tables: &mut Tables) -> Result<Vec<Episode>> {
    let mut episodes: Vec<Episode> = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let episode = EpisodeSpec::read(index, value)?.compile(around, tables)?;
        let place = Place("utilization");
        let twice = |what: &str, got: &str| place.error("episodes", what).got(format!("{got:?} twice"));
        let named = |other: &Episode| name_hash(&other.name) == name_hash(&episode.name);
        if episodes.iter().any(named) {
            return Err(twice("must have names of their own", &episode.name).into());
        }
        let same = |service: &usize| episodes.iter().any(|other| other.trigger() == Some(*service));
        if let Some(service) = episode.trigger().filter(same) {
            let service = &around.services[service].terms.name;
            return Err(twice("must be opened by services of their own", service).into());
        }
        episodes.push(episode);
    }
    let opens = |service: usize| episodes.iter().any(|episode| episode.trigger() == Some(service));
    for episode in &episodes {
        if let Some(service) = episode.brings().find(|service| opens(*service)) {
            let error = Place(&episode.name).error("care", "must not be of a service that opens episodes");
            return Err(error.got(format!("{:?}", around.services[service].terms.name)).into());
        }
    }
    Ok(episodes)
}

fn read_shocks(values: Vec<Value>) -> Result<Vec<ShockSpec>> {
    let read =
        |(position, value)| crate::reading::parse(&format!("utilization.shocks[{position}]"), value, &[]);
    values.into_iter().enumerate().map(read).collect()
}

/// Two services may not share a name, nor by bad luck the hash that is their address.
fn refuse_colliding_names(lines: &[(ServiceSpec, Option<String>)]) -> Result<()> {
    let mut seen: IndexMap<u32, &str> = IndexMap::new();
    seen.insert(NO_NAME, "what all services share");
    for (spec, _) in lines {
        if let Some(other) = seen.insert(name_hash(&spec.name), &spec.name) {
            let error = InputError::new("utilization.services", "must have names of their own");
            return Err(if other == spec.name {
                error.got(format!("{other:?} twice")).into()
            } else {
                let got = format!("{:?}, whose random numbers are those of {other:?}", spec.name);
                error.got(got).hint("rename one of them").into()
            });
        }
    }
    Ok(())
}

impl Utilization {
    /// The episodes.
    #[must_use]
    pub fn episodes(&self) -> &[Episode] {
        &self.episodes
    }

    /// The service lines, in the order of their names.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The version of each service and episode under an arm's programmes, which are checked, and responses.
    pub fn versions_under(
        &mut self,
        arm: &str,
        programmes: &[ProgrammeSpec],
        responses: &[f64],
    ) -> Result<ArmCare> {
        for (position, programme) in programmes.iter().enumerate() {
            let path = format!("{arm}.programmes[{position}]");
            programme.check(Place(&path), &self.services, &self.episodes)?;
            if programmes[..position].iter().any(|other| other.name == programme.name) {
                let error = Place(&path).error("name", "must be a name of its own in its arm");
                return Err(error.got(format!("{:?} twice", programme.name)).into());
            }
        }
        self.care.versions_under(programmes, responses, &self.services, &self.episodes, self.seed)
    }

    /// Adds the outcomes and measures that are looked at, which have names of their own.
    pub fn look_at(
        &mut self,
        outcomes: Vec<Value>,
        measures: Vec<Value>,
        population: &Population,
    ) -> Result<()> {
        for (values, kind) in [(outcomes, "outcomes"), (measures, "measures")] {
            for (position, value) in values.into_iter().enumerate() {
                let path = format!("{kind}[{position}]");
                let spec: HealthSpec = crate::reading::parse(&path, value, &[])?;
                let health = spec.compile(kind == "measures", &self.services, population)?;
                if self.health.iter().any(|other| other.name == health.name) {
                    let error = Place(&path).error("name", "must be a name of its own");
                    return Err(error.got(format!("{:?} twice", health.name)).into());
                }
                self.health.push(health);
            }
        }
        Ok(())
    }

    /// What members pay in the order of their claims under an arm that changes it, by payer.
    pub fn cost_sharing_of(
        &self,
        arm: &str,
        given: &BTreeMap<String, CostSharingSpec>,
        payers: &[String],
    ) -> Result<Vec<Option<CostSharing>>> {
        let field = format!("{arm}.cost_sharing");
        collections::by_payer(&field, given, payers, |place, spec| spec.compile(place, &self.services))
    }

    /// The years that are simulated.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }
}
