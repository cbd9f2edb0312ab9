//! A mixture as it is written: weights beside distributions.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::Distribution;
use super::mixture::Mixture;
use super::parameters::is_any;
use crate::error::{Place, Result};
use crate::money::Number;

/// Weights and distributions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    components: Vec<Component>,
}

/// One component: `{"weight": 0.3, "gamma": {...}}`, so that the path of an error names nothing but parameters.
#[derive(Debug, Clone, PartialEq)]
struct Component {
    weight: Number,
    distribution: Distribution,
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(ComponentVisitor)
    }
}

struct ComponentVisitor;

impl<'de> Visitor<'de> for ComponentVisitor {
    type Value = Component;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a weight and a distribution")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Component, A::Error> {
        let (mut weight, mut distribution) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            if key == "weight" {
                weight = Some(map.next_value()?);
            } else if distribution.replace(Distribution::read(&key, &mut map)?).is_some() {
                return Err(de::Error::custom("must hold one weight and one distribution"));
            }
        }
        weight
            .zip(distribution)
            .map(|(weight, distribution)| Component { weight, distribution })
            .ok_or_else(|| de::Error::custom("must hold one weight and one distribution"))
    }
}

impl Spec {
    /// Checks weights and components, and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Mixture> {
        if self.components.is_empty() || self.components.len() > 1_000 {
            let error = place.error("components", "must be 1 to 1000 pairs of a weight and a distribution");
            return Err(error.got(self.components.len()).into());
        }
        let mut parts = Vec::with_capacity(self.components.len());
        for (index, component) in self.components.iter().enumerate() {
            let path = place.field(&format!("components[{index}]"));
            let (weight, law) = (component.weight.0, component.distribution.law(Place(&path))?);
            if is_any(Place(&path), "weight", weight, 1e-12, 1e12)? {
                parts.push((weight, law));
            }
        }
        if parts.is_empty() {
            return Err(place.error("components", "must not all have weight 0").got("only zeros").into());
        }
        Ok(Mixture::new(parts))
    }
}
