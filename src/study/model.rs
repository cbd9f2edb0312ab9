//! A study's care and arms compiled for one draw of its uncertain inputs.

use std::sync::Arc;

use serde_json::Value;

use super::figures::Keep;
use super::spec::StudySpec;
use crate::contracts::{Arrangement, Book, Incentives, ReadArrangement};
use crate::error::Result;
use crate::population::{Dynamics, Horizon, Population};
use crate::utilization::episodes::Episode;
use crate::utilization::{Panel, Tables, Utilization};
use crate::views::ViewPlan;

/// Care and arms, ready to be simulated and settled.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub horizon: Horizon,
    pub keep: Keep,
    pub dynamics: Dynamics,
    pub utilization: Utilization,
    pub book: Book,
    pub views: Arc<ViewPlan>,
    pub arms: Vec<Arrangement>,
    /// By arm and service: what incentives make of volumes.
    pub responses: Vec<Vec<f64>>,
    /// By arm and outcome or measure: its version.
    pub health_versions: Vec<Vec<usize>>,
}

impl Model {
    /// Compiles a specification, checking everything but what depends on single members.
    pub fn compile(spec: Value, population: &Population, tables: &mut Tables) -> Result<Self> {
        let spec = StudySpec::read(spec)?;
        let horizon = spec.horizon()?;
        let mut utilization = spec.utilization()?.compile(spec.seed, horizon, population.payers(), tables)?;
        let names: Vec<&str> =
            utilization.services().iter().map(|service| service.terms.whole_name()).collect();
        let dynamics = spec.population.clone().compile(spec.seed, population, &names)?;
        utilization.net_of_episodes(Panel { population, dynamics: &dynamics })?;
        utilization.look_at(spec.outcomes.clone(), spec.measures.clone(), population)?;
        let book = Book {
            services: utilization.services().iter().map(|service| service.terms.clone()).collect(),
            payers: population.payers().to_vec(),
            keeps_payers: spec.keep.payers,
            health: utilization.health.iter().map(|health| health.name.clone()).collect(),
            scoring: utilization.health.iter().map(|health| health.scoring.clone()).collect(),
            measures: spec.measures.len(),
            attribution: dynamics.attributes(),
            horizon,
            fixed_costs: utilization.fixed_costs.clone(),
            capacity: utilization.capacity.clone(),
            collections: utilization.collections.clone(),
            cost_sharing: utilization.cost_sharing.clone(),
            episodes: utilization.episodes().iter().map(Episode::terms).collect(),
        };
        let mut views = ViewPlan::default();
        let (mut arms, mut all_responses, mut health_versions) = (Vec::new(), Vec::new(), Vec::new());
        let read = spec.arms()?.into_iter().map(|arm| {
            let mut book = book.clone();
            if !arm.cost_sharing().is_empty() {
                book.cost_sharing =
                    utilization.cost_sharing_of(&arm.name, arm.cost_sharing(), population.payers())?;
            }
            arm.read(book)
        });
        let read: Vec<ReadArrangement> = read.collect::<Result<_>>()?;
        let incentives: Vec<Incentives> = read.iter().map(|arm| arm.incentives.clone()).collect();
        for arm in read {
            let responses = arm.responses(&incentives)?;
            let care = utilization.versions_under(arm.name(), &arm.programmes, &responses)?;
            let of_health: Vec<usize> =
                utilization.health.iter_mut().map(|health| health.version(&care.services)).collect();
            arms.push(arm.compile(&care, &of_health, &mut views));
            health_versions.push(of_health);
            all_responses.push(responses);
        }
        views.find_multipliers(population)?;
        let (views, responses) = (Arc::new(views), all_responses);
        Ok(Self {
            keep: spec.keep,
            horizon,
            dynamics,
            utilization,
            book,
            views,
            arms,
            responses,
            health_versions,
        })
    }

    /// A panel that moves as the model says.
    pub fn panel<'a>(&'a self, population: &'a Population) -> Panel<'a> {
        Panel { population, dynamics: &self.dynamics }
    }
}
