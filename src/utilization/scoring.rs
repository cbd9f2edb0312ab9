//! How a measure is scored: the benchmarks of its peers, how they drift, and its weight.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::Term;
use crate::terms::Rung;

/// How what is found of a measure becomes a score.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// Scores, 0-1, from rates on, with straight lines between them; in performance year 1.
    pub benchmarks: Vec<Rung>,
    /// Yearly change of all benchmarks.
    pub drift: Term,
    /// Weight in the quality score.
    pub weight: Term,
    /// Whether the share that does not meet the measure is what is scored.
    pub inverse: bool,
}

impl Scoring {
    /// Refuses terms that are no numbers of any use.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        for (position, rung) in self.benchmarks.iter().enumerate() {
            place.within(&format!("benchmarks[{position}]"), rung.from.value(), -1e3, 1e3)?;
        }
        place.within("drift", self.drift.value(), -1e3, 1e3)?;
        place.not_negative("weight", self.weight.value())
    }
}
