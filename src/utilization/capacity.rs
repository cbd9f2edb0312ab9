//! Capacity: clinicians that a provider keeps for its services, who come in whole numbers.

use serde::Deserialize;

use super::service::Service;
use super::shocks::chosen;
use crate::error::{Place, Result};
use crate::money::Term;

/// Clinicians as the user writes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacitySpec {
    name: String,
    services: Option<Vec<String>>,
    events_per_month: Term,
    cost_per_month: Term,
    least: Term,
}

/// Clinicians kept for some services.
#[derive(Debug, Clone)]
pub struct Capacity {
    /// Name.
    pub name: String,
    /// Whether each service is given by them.
    pub services: Vec<bool>,
    /// Events that one of them can give in a month.
    pub events_per_month: Term,
    /// Dollars of each of them a month.
    pub cost_per_month: Term,
    /// The fewest that are kept.
    pub least: Term,
}

impl CapacitySpec {
    pub(super) fn compile(&self, position: usize, services: &[Service]) -> Result<Capacity> {
        let path = format!("utilization.capacity[{position}]");
        let place = Place(&path);
        place.positive("events_per_month", self.events_per_month.value())?;
        place.not_negative("cost_per_month", self.cost_per_month.value())?;
        place.within("least", self.least.value(), 0.0, 1e6)?;
        Ok(Capacity {
            name: self.name.clone(),
            services: chosen(place, self.services.as_deref(), services)?,
            events_per_month: self.events_per_month,
            cost_per_month: self.cost_per_month,
            least: self.least,
        })
    }
}
