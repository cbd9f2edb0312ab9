//! Quantile tables that were compiled already: a study with uncertain inputs is compiled anew for each draw, its
//! tables are not.

use indexmap::IndexMap;

use crate::distributions::{Distribution, Family, Frailty, Sampler};
use crate::error::{Place, Result};

/// Tables by what they were made from.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    samplers: IndexMap<String, (Sampler, f64)>,
    frailties: IndexMap<(u8, u64, u64), Frailty>,
}

/// Most frailty tables kept: an uncertain coefficient of variation makes another for each draw.
const MOST_FRAILTIES: usize = 256;

impl Tables {
    /// A checked distribution of prices, compiled, and its mean.
    pub fn price(&mut self, place: Place<'_>, allowed: &Distribution) -> Result<(Sampler, f64)> {
        let key = format!("{allowed:?}");
        if let Some(known) = self.samplers.get(&key) {
            return Ok(known.clone());
        }
        let made = (allowed.compile(), allowed.law(place)?.mean());
        self.samplers.insert(key, made.clone());
        Ok(made)
    }

    /// A frailty with a checked coefficient of variation and part without use.
    pub fn frailty(&mut self, family: Family, cv: f64, non_users: f64) -> Frailty {
        if self.frailties.len() >= MOST_FRAILTIES {
            self.frailties.clear();
        }
        let key = (family as u8, cv.to_bits(), non_users.to_bits());
        self.frailties
            .entry(key)
            .or_insert_with(|| Frailty::compile_with_non_users(family, cv, non_users))
            .clone()
    }
}
