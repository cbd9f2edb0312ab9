//! Cost sharing as a plan writes it: deductible, copays, coinsurance and a maximum for a year.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::service::Service;
use crate::error::{Place, Result};
use crate::money::Number;

/// Cost sharing as the user writes it, of one payer or, under an empty name, of all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostSharingSpec {
    deductible: Number,
    exempt: Vec<String>,
    copay: BTreeMap<String, Number>,
    coinsurance: BTreeMap<String, Number>,
    out_of_pocket_maximum: Option<Number>,
}

/// What members of one payer pay.
#[derive(Debug, Clone, PartialEq)]
pub struct CostSharing {
    /// Dollars that a member pays first in a year.
    pub deductible: f64,
    /// The most that a member pays in a year; infinite for none.
    pub maximum: f64,
    /// By service: whether the deductible does not apply, dollars of an event, share of the rest.
    pub services: Vec<(bool, f64, f64)>,
}

/// Largest dollars of a term.
const LARGEST: f64 = 1e9;

impl CostSharingSpec {
    /// Checks the terms and compiles them; a service that is not named keeps its own coinsurance.
    pub fn compile(&self, place: Place<'_>, services: &[Service]) -> Result<CostSharing> {
        place.within("deductible", self.deductible.0, 0.0, LARGEST)?;
        if let Some(maximum) = self.out_of_pocket_maximum {
            place.within("out_of_pocket_maximum", maximum.0, 0.0, LARGEST)?;
        }
        let named = self.copay.keys().chain(self.coinsurance.keys()).filter(|name| !name.is_empty());
        for name in named.chain(&self.exempt) {
            if !services.iter().any(|service| service.terms.is_called(name)) {
                let known: Vec<&str> = services.iter().map(|service| service.terms.name.as_str()).collect();
                let error = place.error("services", "must name services of the utilization");
                return Err(error
                    .got(format!("{name:?}"))
                    .hint(format!("the services are {}", known.join(", ")))
                    .into());
            }
        }
        for (name, copay) in &self.copay {
            place.within(&format!("copay.{name}"), copay.0, 0.0, LARGEST)?;
        }
        for (name, share) in &self.coinsurance {
            place.rate(&format!("coinsurance.{name}"), share.0)?;
        }
        let rules = |service: &Service| {
            let of = |terms: &BTreeMap<String, Number>| {
                let own = terms.iter().find(|(name, _)| service.terms.is_called(name));
                own.map(|(_, value)| value.0).or_else(|| terms.get("").map(|value| value.0))
            };
            let exempt = self.exempt.iter().any(|name| service.terms.is_called(name));
            let coinsurance = of(&self.coinsurance).unwrap_or_else(|| service.terms.coinsurance.value());
            (exempt, of(&self.copay).unwrap_or(0.0), coinsurance)
        };
        Ok(CostSharing {
            deductible: self.deductible.0,
            maximum: self.out_of_pocket_maximum.map_or(f64::INFINITY, |maximum| maximum.0),
            services: services.iter().map(rules).collect(),
        })
    }
}
