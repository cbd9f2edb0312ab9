//! Conditions: states that members move between from year to year, which change what they use and what is recorded.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Population;
use crate::error::{InputError, Place, Result, show};
use crate::money::Number;
use crate::rng::{Key, Process, name_hash};

/// Most states of a condition.
const MOST_STATES: usize = 50;

/// What probabilities may miss of 1.
const ROUNDING: f64 = 1e-9;

/// A condition as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionSpec {
    name: String,
    states: Vec<String>,
    transition: Vec<Vec<Number>>,
    /// Share of the members in each state in performance year 1, unless a column tells.
    #[serde(default)]
    shares: Option<Vec<Number>>,
    /// Name of the members' states in performance year 1.
    #[serde(default)]
    column: Option<String>,
    /// By service: the factor of its rate in each state.
    #[serde(default)]
    relativities: BTreeMap<String, Vec<Number>>,
    /// What each state adds to the risk score that is recorded.
    #[serde(default)]
    risk_scores: Option<Vec<Number>>,
}

/// A condition ready to be drawn.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Name.
    pub name: String,
    /// Names of the states.
    pub states: Vec<String>,
    hash: u32,
    /// Cumulated probabilities: of the states of year 1, and of the states after each state.
    start: Vec<f64>,
    steps: Vec<Vec<f64>>,
    /// Name of the members' states in performance year 1.
    pub column: Option<String>,
    /// By service: the factor of each state, where there are any.
    relativities: Vec<Option<Vec<f64>>>,
    risk_scores: Vec<f64>,
}

impl ConditionSpec {
    /// Checks the terms and compiles them for services in their order.
    pub fn compile(&self, position: usize, services: &[&str]) -> Result<Condition> {
        let path = if self.name.trim().is_empty() {
            return Err(InputError::new(
                format!("population.conditions[{position}].name"),
                "must not be empty",
            )
            .got(format!("{:?}", self.name))
            .into());
        } else {
            format!("population.conditions.{}", self.name)
        };
        let (place, n) = (Place(&path), self.states.len());
        if !(2..=MOST_STATES).contains(&n) {
            return Err(place.error("states", format!("must be 2 to {MOST_STATES} names")).got(n).into());
        }
        if self.transition.len() != n {
            let rule = format!("must have a row for each state ({n})");
            return Err(place.error("transition", rule).got(self.transition.len()).into());
        }
        let rows = self.transition.iter().enumerate();
        let steps = rows.map(|(row, values)| cumulated(place, &format!("transition[{row}]"), values, n));
        Ok(Condition {
            name: self.name.clone(),
            states: self.states.clone(),
            hash: name_hash(&self.name),
            start: self.start(place, n)?,
            steps: steps.collect::<Result<_>>()?,
            column: self.column.clone(),
            relativities: self.relativities(place, n, services)?,
            risk_scores: match &self.risk_scores {
                None => vec![0.0; n],
                Some(values) => factors(place, "risk_scores", values, n)?,
            },
        })
    }

    fn start(&self, place: Place<'_>, n: usize) -> Result<Vec<f64>> {
        match (&self.shares, &self.column) {
            (Some(shares), None) => cumulated(place, "shares", shares, n),
            (None, Some(_)) => Ok(Vec::new()),
            (given, _) => {
                let got = if given.is_some() { "both" } else { "neither" };
                Err(place
                    .error("shares", "must be given, or a column of states, and not both")
                    .got(got)
                    .into())
            }
        }
    }

    fn relativities(&self, place: Place<'_>, n: usize, services: &[&str]) -> Result<Vec<Option<Vec<f64>>>> {
        for name in self.relativities.keys() {
            if !services.contains(&name.as_str()) {
                let error = place.error("relativities", "must name services of the utilization");
                let hint = format!("the services are {}", services.join(", "));
                return Err(error.got(format!("{name:?}")).hint(hint).into());
            }
        }
        let of = |service: &&str| {
            let values = self.relativities.get(*service);
            values.map(|values| factors(place, &format!("relativities.{service}"), values, n)).transpose()
        };
        services.iter().map(of).collect()
    }
}

/// Probabilities that sum to one, cumulated.
fn cumulated(place: Place<'_>, field: &str, values: &[Number], n: usize) -> Result<Vec<f64>> {
    if values.len() != n {
        let rule = format!("must have a probability for each state ({n})");
        return Err(place.error(field, rule).got(values.len()).into());
    }
    for (position, value) in values.iter().enumerate() {
        place.rate(&format!("{field}[{position}]"), value.0)?;
    }
    let sum: f64 = values.iter().map(|value| value.0).sum();
    if (sum - 1.0).abs() > ROUNDING {
        return Err(place.error(field, "must sum to 1").got(show(sum)).into());
    }
    let mut so_far = 0.0;
    let mut cumulated: Vec<f64> = values
        .iter()
        .map(|value| {
            so_far += value.0;
            so_far
        })
        .collect();
    cumulated[n - 1] = 1.0;
    Ok(cumulated)
}

fn factors(place: Place<'_>, field: &str, values: &[Number], n: usize) -> Result<Vec<f64>> {
    if values.len() != n {
        return Err(place
            .error(field, format!("must have one for each state ({n})"))
            .got(values.len())
            .into());
    }
    let check = |(position, value): (usize, &Number)| {
        place.within(&format!("{field}[{position}]"), value.0, 0.0, 1_000.0).map(|()| value.0)
    };
    values.iter().enumerate().map(check).collect()
}

impl Condition {
    /// Where the random numbers of a year live.
    #[must_use]
    pub fn key(&self, seed: u64, year: i8) -> Key {
        Key::new(seed, Process::Condition, year, self.hash)
    }

    /// Where the numbers live that tell whether the condition is found again in a year.
    #[must_use]
    pub fn recapture_key(&self, seed: u64, year: i8) -> Key {
        Key::new(seed, Process::RiskScore, year, self.hash)
    }

    /// The state of performance year 1 at a uniform, where no column tells it.
    #[must_use]
    pub fn start(&self, u: f64) -> u8 {
        state_at(&self.start, u)
    }

    /// The state after a state at a uniform.
    #[must_use]
    pub fn step(&self, state: u8, u: f64) -> u8 {
        state_at(&self.steps[usize::from(state)], u)
    }

    /// The factors of a service by state, if it has any.
    #[must_use]
    pub fn relativities(&self, service: usize) -> Option<&[f64]> {
        self.relativities[service].as_deref()
    }

    /// What a state adds to the recorded risk score.
    #[must_use]
    pub fn risk_score(&self, state: u8) -> f64 {
        self.risk_scores[usize::from(state)]
    }

    /// The mean over the states that each member of a panel may be in in a year of what a state comes to, by row.
    pub fn means<'a>(
        &'a self,
        population: &'a Population,
        year: i8,
        of: impl Fn(usize) -> f64,
    ) -> impl Iterator<Item = f64> + 'a {
        let steps = usize::from(year.max(1).unsigned_abs()) - 1;
        let mut values: Vec<f64> = (0..self.states.len()).map(of).collect();
        for _ in 0..steps {
            values = self.steps.iter().map(|step| mean(step, &values)).collect();
        }
        let known = self.column.as_deref().and_then(|column| population.factor(column));
        let of_all = if known.is_some() { 0.0 } else { mean(&self.start, &values) };
        let rows = 0..population.members().len();
        rows.map(move |row| known.map_or(of_all, |states| values[states[row] as usize]))
    }

    /// The largest factor of a service.
    #[must_use]
    pub fn largest(&self, service: usize) -> f64 {
        self.relativities(service).map_or(1.0, |factors| factors.iter().fold(0.0, |a: f64, b| a.max(*b)))
    }
}

/// The mean of values by cumulated probabilities.
fn mean(cumulated: &[f64], values: &[f64]) -> f64 {
    let before = std::iter::once(&0.0).chain(cumulated);
    cumulated.iter().zip(before).zip(values).map(|((up_to, before), value)| (up_to - before) * value).sum()
}

/// The first state whose cumulated probability reaches `u`.
fn state_at(cumulated: &[f64], u: f64) -> u8 {
    cumulated.partition_point(|up_to| *up_to < u) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diabetes(changes: &str) -> Result<Condition> {
        let mut spec: serde_json::Value = serde_json::from_str(
            r#"{"name": "diabetes", "states": ["none", "plain", "complicated"], "shares": [0.9, 0.08, 0.02],
                "transition": [[0.97, 0.03, 0], [0, 0.9, 0.1], [0, 0, 1]], "relativities": {"visits": [1, 2, 4]}}"#,
        )
        .unwrap();
        let changes: serde_json::Value = serde_json::from_str(changes).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            spec[name] = value.clone();
        }
        serde_json::from_value::<ConditionSpec>(spec).unwrap().compile(0, &["stays", "visits"])
    }

    #[test]
    fn states_follow_their_probabilities() {
        let condition = diabetes("{}").unwrap();
        assert_eq!([0.5, 0.9, 0.901, 0.9801].map(|u| condition.start(u)), [0, 0, 1, 2]);
        assert_eq!([0.5, 0.98].map(|u| condition.step(0, u)), [0, 1]);
        assert_eq!([0.5, 0.95].map(|u| condition.step(1, u)), [1, 2]);
        assert_eq!(condition.step(2, 0.999_999), 2, "nobody recovers");
        assert_eq!(
            (condition.relativities(0), condition.relativities(1)),
            (None, Some(&[1.0, 2.0, 4.0][..]))
        );
    }

    #[test]
    fn what_is_no_chain_is_refused() {
        let text = |changes| diabetes(changes).unwrap_err().to_string();
        assert_eq!(
            text(r#"{"transition": [[0.97, 0.02, 0], [0, 0.9, 0.1], [0, 0, 1]]}"#),
            "population.conditions.diabetes.transition[0]: must sum to 1, got 0.99"
        );
        assert!(text(r#"{"relativities": {"drugs": [1, 1, 1]}}"#).contains("the services are stays, visits"));
        assert!(
            text(r#"{"shares": [1.5, -0.5, 0]}"#).contains("shares[0]: must be between 0 and 1, got 1.5")
        );
        assert!(text(r#"{"column": "stage"}"#).ends_with("and not both, got both"));
    }
}
