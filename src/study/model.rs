//! A study's care and arms compiled for one draw of its uncertain inputs.

use std::sync::Arc;

use serde_json::Value;

use super::spec::StudySpec;
use crate::contracts::{Arrangement, Book};
use crate::error::Result;
use crate::population::{Dynamics, Horizon, Population};
use crate::utilization::{Panel, Tables, Utilization};
use crate::views::ViewPlan;

/// Care and arms, ready to be simulated and settled.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub horizon: Horizon,
    pub dynamics: Dynamics,
    pub utilization: Utilization,
    pub book: Book,
    pub views: Arc<ViewPlan>,
    pub arms: Vec<Arrangement>,
}

impl Model {
    /// Compiles a specification, checking everything but what depends on single members.
    pub fn compile(spec: Value, population: &Population, tables: &mut Tables) -> Result<Self> {
        let spec = StudySpec::read(spec)?;
        let horizon = spec.horizon()?;
        let mut utilization = spec.utilization()?.compile(spec.seed, horizon, tables)?;
        let names: Vec<&str> =
            utilization.services().iter().map(|service| service.terms.name.as_str()).collect();
        let dynamics = spec.population.clone().compile(spec.seed, population, &names)?;
        let book = Book {
            services: utilization.services().iter().map(|service| service.terms.clone()).collect(),
            n_payers: population.payers().len() as u16,
            attribution: dynamics.attributes(),
            horizon,
            fixed_costs: utilization.fixed_costs.clone(),
        };
        let mut views = ViewPlan::default();
        let mut arms = Vec::new();
        for arm in spec.arms()? {
            let programmes = arm.programmes()?;
            let versions = utilization.versions_under(&arm.name, &programmes)?;
            arms.push(arm.compile(&book, &versions, &mut views)?);
        }
        Ok(Self { horizon, dynamics, utilization, book, views: Arc::new(views), arms })
    }

    /// A panel that moves as the model says.
    pub fn panel<'a>(&'a self, population: &'a Population) -> Panel<'a> {
        Panel { population, dynamics: &self.dynamics }
    }
}
