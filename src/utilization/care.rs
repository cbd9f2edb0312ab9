//! Care that an arm changes: programmes and responses compiled into one factor for each service, member and month.
//!
//! An event of the baseline stays where its thinning uniform is below the factor; above 1, further events come from a
//! process of their own. The factor comes from terms, never from outcomes, so one pass serves all arms, and arms whose
//! factors for a service are equal share its facts.

use serde::Deserialize;

use super::service::Service;
use super::shocks::chosen;
use crate::error::{Place, Result, show};
use crate::money::{Number, Term};
use crate::population::{MONTHS, MOST_YEARS};
use crate::rng::{Key, NO_YEAR, Process, name_hash};

/// Largest factor: care is at most ten times what it was.
const LARGEST_FACTOR: f64 = 10.0;

/// A programme as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeSpec {
    /// Name.
    pub name: String,
    services: Option<Vec<String>>,
    effect: Number,
    /// The part of the members it reaches.
    pub reach: Term,
    /// First month, from 1.
    pub start_month: Number,
    ramp_months: Number,
    /// Dollars a month for each member reached.
    pub cost_pmpm: Term,
    /// Dollars once, in the first month.
    pub start_cost: Term,
}

/// What an arm does to one service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Factor {
    /// The response of everyone in every performance year, as a factor less 1.
    response: f64,
    effects: Vec<Effect>,
}

/// The effect of one programme on a service.
#[derive(Debug, Clone, PartialEq)]
struct Effect {
    programme: usize,
    change: f64,
    reach: f64,
    start_month: f64,
    ramp_months: f64,
}

/// Factors of the months of one year, from 0.
pub type ByMonth = [f64; MONTHS];

impl ProgrammeSpec {
    /// Checks the terms, naming them at `place`.
    pub fn check(&self, place: Place<'_>, services: &[Service]) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(place.error("name", "must not be empty").got(format!("{:?}", self.name)).into());
        }
        chosen(place, self.services.as_deref(), services)?;
        let effect = self.effect.0;
        if !(-1.0..=LARGEST_FACTOR - 1.0).contains(&effect) {
            let rule = format!("must be between -1 (no care is left) and {}", LARGEST_FACTOR - 1.0);
            let error = place.error("effect", rule).got(show(effect));
            let percent = (-100.0..-1.0).contains(&effect);
            return Err(if percent {
                error.hint(format!("did you mean {}?", effect / 100.0))
            } else {
                error
            }
            .into());
        }
        place.rate("reach", self.reach.value())?;
        let months = f64::from(MOST_YEARS) * MONTHS as f64;
        for (field, value, low) in
            [("start_month", self.start_month.0, 1.0), ("ramp_months", self.ramp_months.0, 0.0)]
        {
            if value.fract() != 0.0 || !(low..=months).contains(&value) {
                let rule = format!("must be a whole number of months between {low} and {months}");
                return Err(place.error(field, rule).got(show(value)).into());
            }
        }
        place.not_negative("cost_pmpm", self.cost_pmpm.value())?;
        place.not_negative("start_cost", self.start_cost.value())
    }
}

/// The programmes of all arms by their names, and the factors that arms need.
#[derive(Debug, Clone, Default)]
pub struct Care {
    programmes: Vec<(u32, Key)>,
    /// By service: the factors that are not 1 for everyone.
    versions: Vec<Vec<Factor>>,
}

impl Care {
    /// No programmes yet.
    #[must_use]
    pub fn new(n_services: usize) -> Self {
        Self { programmes: Vec::new(), versions: vec![Vec::new(); n_services] }
    }

    /// The version of each service under some programmes and responses (a factor for each service); 0 is the baseline.
    pub fn versions_under(
        &mut self,
        programmes: &[ProgrammeSpec],
        responses: &[f64],
        services: &[Service],
        seed: u64,
    ) -> Result<Vec<usize>> {
        let mut factors: Vec<Factor> =
            responses.iter().map(|factor| Factor { response: factor - 1.0, effects: Vec::new() }).collect();
        for spec in programmes {
            let programme = self.programme(&spec.name, seed);
            let affected = chosen(Place(&spec.name), spec.services.as_deref(), services)?;
            for (factor, _) in factors.iter_mut().zip(affected).filter(|(_, affected)| *affected) {
                factor.effects.push(Effect {
                    programme,
                    change: spec.effect.0,
                    reach: spec.reach.value(),
                    start_month: spec.start_month.0,
                    ramp_months: spec.ramp_months.0,
                });
            }
        }
        Ok(factors.into_iter().enumerate().map(|(service, factor)| self.version(service, factor)).collect())
    }

    fn programme(&mut self, name: &str, seed: u64) -> usize {
        let hash = name_hash(name);
        self.programmes.iter().position(|(known, _)| *known == hash).unwrap_or_else(|| {
            self.programmes.push((hash, Key::new(seed, Process::Programme, NO_YEAR, hash)));
            self.programmes.len() - 1
        })
    }

    fn version(&mut self, service: usize, factor: Factor) -> usize {
        if factor == Factor::default() {
            return 0;
        }
        let known = &mut self.versions[service];
        1 + known.iter().position(|other| *other == factor).unwrap_or_else(|| {
            known.push(factor);
            known.len() - 1
        })
    }

    /// Where the numbers of each programme's reach live.
    pub(super) fn reach_keys(&self) -> impl Iterator<Item = Key> {
        self.programmes.iter().map(|(_, key)| *key)
    }

    /// The factors of a service beyond the baseline.
    #[must_use]
    pub fn versions(&self, service: usize) -> &[Factor] {
        &self.versions[service]
    }

    /// Number of versions of each service, the baseline counted.
    #[must_use]
    pub fn counts(&self) -> Vec<usize> {
        self.versions.iter().map(|versions| 1 + versions.len()).collect()
    }
}

impl Factor {
    /// The factors of a year's months for a member whose uniform for each programme is `reached(programme)`.
    pub(super) fn by_month(&self, year: i8, reached: impl Fn(usize) -> f64) -> ByMonth {
        if year < 1 {
            return [1.0; MONTHS];
        }
        let mut factors = [1.0 + self.response; MONTHS];
        for effect in self.effects.iter().filter(|effect| reached(effect.programme) < effect.reach) {
            let first = (f64::from(year) - 1.0) * MONTHS as f64 + 1.0;
            for (month, factor) in factors.iter_mut().enumerate() {
                *factor *= 1.0 + effect.change * effect.ramp(first + month as f64);
            }
        }
        factors
    }

    /// The largest factor that any month can have.
    pub(super) fn largest(&self) -> f64 {
        self.effects
            .iter()
            .fold(1.0 + self.response, |largest, effect| largest * (1.0 + effect.change.max(0.0)))
    }
}

impl Effect {
    /// How much of the effect there is in a month: it grows in equal steps from the first month on.
    fn ramp(&self, month: f64) -> f64 {
        let months_in = month - self.start_month + 1.0;
        if months_in <= 0.0 {
            0.0
        } else if months_in >= self.ramp_months {
            1.0
        } else {
            months_in / self.ramp_months
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(change: f64, reach: f64, start_month: f64, ramp_months: f64) -> Effect {
        Effect { programme: 0, change, reach, start_month, ramp_months }
    }

    #[test]
    fn a_ramp_grows_in_equal_steps() {
        let factor = Factor { response: 0.0, effects: vec![effect(-0.4, 1.0, 3.0, 4.0)] };
        let first = factor.by_month(1, |_| 0.5);
        let expected = [1.0, 1.0, 0.9, 0.8, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6];
        for (month, (got, wanted)) in first.into_iter().zip(expected).enumerate() {
            assert!((got - wanted).abs() < 1e-15, "month {month}: {got} {wanted}");
        }
        assert_eq!(factor.by_month(2, |_| 0.5), [0.6; 12]);
        assert_eq!(factor.by_month(0, |_| 0.5), [1.0; 12], "nothing before it starts");
    }

    #[test]
    fn who_is_not_reached_keeps_the_baseline() {
        let factor = Factor { response: 0.5, effects: vec![effect(-0.5, 0.3, 1.0, 0.0)] };
        assert_eq!(factor.by_month(1, |_| 0.29), [0.75; 12]);
        assert_eq!(factor.by_month(1, |_| 0.31), [1.5; 12]);
        assert_eq!(factor.by_month(0, |_| 0.29), [1.0; 12], "base years know no arms");
        assert_eq!(factor.largest(), 1.5);
    }
}
