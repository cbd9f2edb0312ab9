//! Relativities by age: what the rate of a service is multiplied with in each band of completed years.

use std::cmp::Ordering;

use serde::Deserialize;

use crate::error::{Place, Result, show};
use crate::money::Number;
use crate::population::by_age;

/// The oldest age that a band may begin at.
const OLDEST: f64 = 150.0;

/// Largest relativity: beyond it stands a mistaken column.
const LARGEST: f64 = 1_000.0;

/// Relativities as the user writes them: bands from an age on, each with its factor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeRelativitiesSpec {
    from: Vec<Number>,
    factors: Vec<Number>,
}

/// The factor of each age in completed years.
#[derive(Debug, Clone)]
pub struct AgeRelativities(Vec<f64>);

impl AgeRelativitiesSpec {
    pub(super) fn check(&self, place: Place<'_>) -> Result<()> {
        let refuse =
            |rule: &str, got: String| Err(crate::error::InputError::new(place.0, rule).got(got).into());
        if self.from.len() != self.factors.len() || self.from.is_empty() {
            let got = format!("{} ages and {} factors", self.from.len(), self.factors.len());
            return refuse("must give a factor for each age it names", got);
        }
        if self.from[0].0 != 0.0 {
            return refuse("must begin at age 0", show(self.from[0].0));
        }
        if let Some(pair) =
            self.from.windows(2).find(|pair| pair[1].0.partial_cmp(&pair[0].0) != Some(Ordering::Greater))
        {
            return refuse(
                "must name ages in rising order",
                format!("{} after {}", show(pair[1].0), show(pair[0].0)),
            );
        }
        if let Some(age) = self.from.iter().find(|age| age.0.fract() != 0.0 || age.0 > OLDEST) {
            return refuse("must name whole ages up to 150", show(age.0));
        }
        for (position, factor) in self.factors.iter().enumerate() {
            place.within(&format!("factors[{position}]"), factor.0, 0.0, LARGEST)?;
        }
        Ok(())
    }

    pub(super) fn compile(&self) -> AgeRelativities {
        AgeRelativities(by_age(&self.from, &self.factors, 1.0))
    }
}

impl AgeRelativities {
    /// The factor of an age.
    #[inline]
    #[must_use]
    pub fn at(&self, age: u8) -> f64 {
        self.0[usize::from(age)]
    }

    /// The largest factor.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.0.iter().fold(0.0, |largest, factor| factor.max(largest))
    }
}
