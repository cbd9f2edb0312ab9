//! Distributions of listed atoms: observed values with weights, and the two values of a Bernoulli trial.

use std::sync::Arc;

use serde::Deserialize;

use super::law::{Form, Law};
use super::parameters::{check_place, parameters, value, way_of};
use super::sampler::Sampler;
use super::steps::Steps;
use crate::error::{Place, Result};
use crate::money::Number;

/// Values that one specification may list.
const MOST_VALUES: usize = 1_000_000;

/// Observed values, with weights or without.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    values: Vec<Number>,
    #[serde(default)]
    weights: Option<Vec<Number>>,
}

impl Spec {
    /// How many values are listed.
    #[must_use]
    pub fn n_values(&self) -> usize {
        self.values.len()
    }

    /// The mean of another column of the list.
    #[must_use]
    pub fn mean_of(&self, other: &[f64]) -> f64 {
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row].0);
        let total: f64 = (0..self.n_values()).map(weight).sum();
        other.iter().enumerate().map(|(row, value)| weight(row) / total * value).sum()
    }

    /// Draws a row of a checked list, whatever the order of its values, and gives its value; and, where there is another
    /// column, that of the same row: one word means one row of both.
    #[must_use]
    pub fn by_rows(&self, other: Option<Vec<f64>>) -> (Sampler, Option<Sampler>) {
        let rows =
            (0..self.n_values()).map(|row| self.weights.as_ref().map_or(1.0, |weights| weights[row].0));
        let atoms = Atoms::new(rows.enumerate().map(|(row, weight)| (row as f64, weight)).collect());
        let Some(steps) = Steps::compile(&atoms).map(Arc::new) else {
            unreachable!("a list has fewer rows than a table of steps may hold")
        };
        let values = self.values.iter().map(|value| value.0).collect();
        let other = other.map(|other| Sampler::Rows(steps.clone(), other.into()));
        (Sampler::Rows(steps, values), other)
    }

    /// Checks the values and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Atoms> {
        if self.values.is_empty() || self.values.len() > MOST_VALUES {
            let error = place.error("values", "must be 1 to 1000000 numbers").got(self.values.len());
            return Err(error.hint("group values that are nearly the same, with weights").into());
        }
        if let Some(weights) = self.weights.as_ref().filter(|weights| weights.len() != self.values.len()) {
            let rule = format!("must be as many as values ({})", self.values.len());
            return Err(place.error("weights", rule).got(weights.len()).into());
        }
        let mut pairs = Vec::with_capacity(self.values.len());
        for (index, x) in self.values.iter().enumerate() {
            check_place(place, &format!("values[{index}]"), x.0)?;
            let weight = self.weights.as_ref().map_or(1.0, |weights| weights[index].0);
            place.not_negative(&format!("weights[{index}]"), weight)?;
            place.within(&format!("weights[{index}]"), weight, 0.0, 1e15)?;
            pairs.push((x.0, weight));
        }
        if pairs.iter().all(|(_, weight)| *weight == 0.0) {
            return Err(place.error("weights", "must not all be 0").got("only zeros").into());
        }
        Ok(Atoms::new(pairs))
    }
}

parameters!(
    /// Bernoulli by its probability.
    BernoulliSpec { probability }
);

impl BernoulliSpec {
    /// Checks the probability and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Atoms> {
        way_of(place, &self.given(), &[&["probability"]])?;
        let probability = value(self.probability);
        place.rate("probability", probability)?;
        Ok(Atoms::new(vec![(0.0, 1.0 - probability), (1.0, probability)]))
    }
}

/// Sums of the first weights, for each number of them, with what rounding lost carried along (Neumaier 1974).
fn running_sums<'a>(weights: impl Iterator<Item = &'a f64>) -> Vec<f64> {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    let add = |weight: &f64| {
        let next = sum + weight;
        lost += if sum >= *weight { (sum - next) + weight } else { (weight - next) + sum };
        sum = next;
        sum + lost
    };
    weights.map(add).collect()
}

/// Listed values, each with its probability.
#[derive(Debug, Clone)]
pub struct Atoms {
    values: Vec<f64>,
    /// Probability at or below each value, and above it: each summed from its own end.
    below: Vec<f64>,
    above: Vec<f64>,
    masses: Vec<f64>,
}

impl Atoms {
    fn new(mut pairs: Vec<(f64, f64)>) -> Self {
        pairs.retain(|(_, weight)| *weight > 0.0);
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        pairs.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let (values, masses): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let total = running_sums(masses.iter()).last().copied().unwrap_or(1.0);
        let running = |weights: &mut dyn Iterator<Item = &f64>| -> Vec<f64> {
            running_sums(weights).into_iter().map(|sum| (sum / total).min(1.0)).collect()
        };
        let below = running(&mut masses.iter());
        let mut above = running(&mut masses.iter().rev());
        above.reverse();
        above.remove(0);
        above.push(0.0);
        Self { values, below, above, masses: masses.iter().map(|weight| weight / total).collect() }
    }

    /// How many values are at most `x`.
    fn rank(&self, x: f64) -> usize {
        self.values.partition_point(|value| *value <= x)
    }
}

impl Law for Atoms {
    fn lower(&self, p: f64) -> f64 {
        self.values[self.below.partition_point(|below| *below < p).min(self.values.len() - 1)]
    }

    fn upper(&self, q: f64) -> f64 {
        self.values[self.above.partition_point(|above| *above > q).min(self.values.len() - 1)]
    }

    fn below(&self, x: f64) -> f64 {
        self.rank(x).checked_sub(1).map_or(0.0, |last| self.below[last])
    }

    fn above(&self, x: f64) -> f64 {
        self.rank(x).checked_sub(1).map_or(1.0, |last| self.above[last])
    }

    fn density(&self, _x: f64) -> f64 {
        0.0
    }

    fn mass(&self, x: f64) -> f64 {
        self.rank(x)
            .checked_sub(1)
            .filter(|last| self.values[*last] == x)
            .map_or(0.0, |last| self.masses[last])
    }

    fn mean(&self) -> f64 {
        self.values.iter().zip(&self.masses).map(|(x, mass)| x * mass).sum()
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.values.iter().zip(&self.masses).map(|(x, mass)| (x - mean) * (x - mean) * mass).sum()
    }

    fn support(&self) -> (f64, f64) {
        (self.values[0], self.values[self.values.len() - 1])
    }

    fn form(&self) -> Form {
        if self.values.len() == 1 { Form::Atom(self.values[0]) } else { Form::Steps }
    }

    fn knots(&self, most: usize) -> Option<Vec<f64>> {
        (self.values.len() <= most).then(|| self.values.clone())
    }

    fn within(&self, from: f64, to: f64) -> Option<Arc<dyn Law>> {
        let pairs = self.values.iter().copied().zip(self.masses.iter().copied());
        let kept: Vec<(f64, f64)> = pairs.filter(|(x, _)| *x > from && *x <= to).collect();
        (!kept.is_empty()).then(|| Arc::new(Self::new(kept)) as Arc<dyn Law>)
    }

    fn negligible(&self) -> f64 {
        0.0
    }
}
