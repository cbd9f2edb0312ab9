//! Surgeons and hospitals: what an episode's patients have in common by who treats them, in odds and in prices.

use serde::Deserialize;

use super::spec::must_have;
use crate::distributions::normal;
use crate::error::{Place, Result, show};
use crate::math;
use crate::money::Number;
use crate::population::Population;
use crate::rng::{Key, NO_YEAR, Process, World, name_hash, open_uniform};

/// Largest standard deviation of the log odds.
const LARGEST_SD: f64 = 3.0;

/// Largest coefficient of variation of prices.
const LARGEST_CV: f64 = 3.0;

/// Step and end of the trapezoid rule over a standard normal, exact to nine digits for odds that spread as far as allowed.
const STEP: f64 = 0.25;
const LAST: i32 = 32;

/// An effect as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EffectSpec {
    /// Name of the column, which is the address of its random numbers.
    name: String,
    /// Name of the members' values: hashes of who treats each.
    factor: String,
    log_odds_sd: Number,
    price_cv: Number,
}

/// What who treats a member does to its episodes: lasting, and another for each of them.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    key: Key,
    factor: String,
    log_odds_sd: f64,
    /// Standard deviation of the logarithm of prices.
    sigma: f64,
}

impl EffectSpec {
    /// Checks the terms and compiles them.
    pub fn compile(&self, place: Place<'_>, seed: u64) -> Result<Effect> {
        place.within("log_odds_sd", self.log_odds_sd.0, 0.0, LARGEST_SD)?;
        place.within("price_cv", self.price_cv.0, 0.0, LARGEST_CV)?;
        Ok(Effect {
            key: Key::new(seed, Process::EpisodeEffect, NO_YEAR, name_hash(&self.name)),
            factor: self.factor.clone(),
            log_odds_sd: self.log_odds_sd.0,
            sigma: math::log_normal_sigma(self.price_cv.0),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Effect {
    /// Refuses members of whom it is not known who treats them.
    pub fn check(&self, place: Place<'_>, population: &Population) -> Result<()> {
        let values = must_have(place, "effects", population, &self.factor)?;
        let is_hash = |value: &f64| value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(value);
        match values.iter().position(|value| !is_hash(value)) {
            None => Ok(()),
            Some(row) => {
                let error = place.error(&format!("effects[{row}]"), "must be the hash of a value");
                Err(error.got(show(values[row])).into())
            }
        }
    }

    /// Factors of the odds and of the prices of a member's episodes in a world.
    pub fn at(&self, population: &Population, row: usize, world: World) -> (f64, f64) {
        let Some(values) = population.factor(&self.factor) else { return (1.0, 1.0) };
        let [odds, price, ..] = self.key.at(world, values[row] as u64).block(0);
        let z = |word| normal::quantile(open_uniform(word));
        let price = if self.sigma > 0.0 { math::log_normal_of_mean_one(self.sigma, z(price)) } else { 1.0 };
        let odds = if self.log_odds_sd > 0.0 { math::exp(self.log_odds_sd * z(odds)) } else { 1.0 };
        (odds, price)
    }
}

/// How far the log odds of all effects together spread.
pub(super) fn spread(effects: &[Effect]) -> f64 {
    effects.iter().map(|effect| effect.log_odds_sd * effect.log_odds_sd).sum::<f64>().sqrt()
}

/// The mean of what depends on a factor of odds, over effects that spread so far: weights and factors.
pub(super) fn factors_of_odds(spread: f64) -> Vec<(f64, f64)> {
    if spread == 0.0 {
        return vec![(1.0, 1.0)];
    }
    let nodes = (-LAST..=LAST).map(|node| {
        let z = f64::from(node) * STEP;
        (math::exp(-z * z / 2.0), math::exp(spread * z))
    });
    let nodes: Vec<(f64, f64)> = nodes.collect();
    let all: f64 = nodes.iter().map(|(weight, _)| weight).sum();
    nodes.into_iter().map(|(weight, factor)| (weight / all, factor)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::shifted;
    use super::*;

    /// A probability of a half stays one whatever the spread; the mean of the factor is that of a log-normal.
    #[test]
    fn means_over_effects() {
        for sd in [0.0, 0.3, 1.0, LARGEST_SD] {
            let nodes = factors_of_odds(sd);
            let mean = |of: &dyn Fn(f64) -> f64| nodes.iter().map(|(w, factor)| w * of(*factor)).sum::<f64>();
            assert!((mean(&|factor| shifted(0.5, factor)) - 0.5).abs() < 1e-12, "{sd}");
            let two = mean(&|factor| shifted(0.2, factor)) + mean(&|factor| shifted(0.8, factor));
            assert!((two - 1.0).abs() < 1e-12, "{sd}: {two}");
            assert!((mean(&|_| 1.0) - 1.0).abs() < 1e-14);
        }
        let nodes = factors_of_odds(0.5);
        let mean: f64 = nodes.iter().map(|(weight, factor)| weight * factor).sum();
        assert!((mean - math::exp(0.125)).abs() < 1e-12, "{mean}");
    }
}
