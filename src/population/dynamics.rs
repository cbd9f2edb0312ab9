//! How a panel moves through the years: who leaves or dies, who counts, which conditions members have, what is recorded.
//!
//! Performance years go on from each other: who left does not come back. Base years are years of the same members as
//! they are in performance year 1; who leaves in one of them is replaced by its like at the year's end.

use serde::Deserialize;
use serde_json::Value;

use super::attribution::{Attribution, AttributionSpec};
use super::conditions::{Condition, ConditionSpec};
use super::enrolment::{End, Enrolment, EnrolmentSpec};
use super::scores::{RiskScores, RiskScoresSpec};
use super::{Horizon, Member, MemberYear, PART_OF_YEAR, Population};
use crate::error::{InputError, Result, show};
use crate::reading::parse;
use crate::rng::{Key, NO_NAME, Process};

/// How a panel moves, as the user writes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DynamicsSpec {
    #[serde(default)]
    enrolment: Option<EnrolmentSpec>,
    #[serde(default)]
    attribution: Option<AttributionSpec>,
    #[serde(default)]
    conditions: Vec<Value>,
    #[serde(default)]
    risk_scores: Option<RiskScoresSpec>,
}

/// How a panel moves, ready to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Dynamics {
    pub(super) seed: u64,
    enrolment: Option<Enrolment>,
    attribution: Option<Attribution>,
    /// The members' conditions.
    pub conditions: Vec<Condition>,
    pub(super) scores: Option<RiskScores>,
}

impl DynamicsSpec {
    /// Checks everything and compiles it for the members of a panel and services in their order.
    pub fn compile(self, seed: u64, population: &Population, services: &[&str]) -> Result<Dynamics> {
        let condition = |(position, value): (usize, Value)| {
            let path = format!("population.conditions[{position}]");
            let condition = parse::<ConditionSpec>(&path, value, &[])?.compile(position, services)?;
            check_states(&condition, population)?;
            Ok(condition)
        };
        let conditions =
            self.conditions.into_iter().enumerate().map(condition).collect::<Result<Vec<_>>>()?;
        for (position, condition) in conditions.iter().enumerate() {
            let same = |other: &Condition| other.key(seed, 1) == condition.key(seed, 1);
            if conditions[..position].iter().any(same) {
                let path = format!("population.conditions[{position}].name");
                return Err(InputError::new(path, "must be a name of its own").got("one name twice").into());
            }
        }
        let scores = self.risk_scores.map(|scores| scores.compile()).transpose()?;
        let attribution = self.attribution.map(|attribution| attribution.compile(population)).transpose()?;
        let enrolment = self.enrolment.map(|enrolment| enrolment.compile(population)).transpose()?;
        Ok(Dynamics { seed, enrolment, attribution, conditions, scores })
    }
}

fn check_states(condition: &Condition, population: &Population) -> Result<()> {
    let Some(column) = &condition.column else { return Ok(()) };
    let states = population.factor(column).ok_or_else(|| {
        InputError::new(format!("population.{column}"), "must be a column of the panel").got("none")
    })?;
    let wrong = states
        .iter()
        .position(|state| !(state.fract() == 0.0 && (0.0..condition.states.len() as f64).contains(state)));
    wrong.map_or(Ok(()), |row| {
        Err(InputError::new(format!("population.{column}[{row}]"), "must be one of the states")
            .got(show(states[row]))
            .into())
    })
}

/// What became of a batch's members so far.
#[derive(Debug, Clone, Default)]
pub struct Course {
    gone: Vec<bool>,
    attributed: Vec<Vec<bool>>,
    /// By condition and member, in the year that is drawn.
    pub states: Vec<Vec<u8>>,
    /// Factor of all rates of each member in the year that is drawn.
    pub last_year: Vec<f64>,
}

impl Dynamics {
    /// Whether anything moves by chance.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.enrolment.is_some()
            || self.attribution.is_some()
            || !self.conditions.is_empty()
            || self.scores.is_some()
    }

    /// Whether some members are not attributed to the provider.
    #[must_use]
    pub fn attributes(&self) -> bool {
        self.attribution.is_some()
    }

    /// The largest factor that conditions and a last year can give the rate of a service.
    #[must_use]
    pub fn largest(&self, service: usize) -> f64 {
        let last_year =
            self.enrolment.as_ref().map_or(1.0, |enrolment| enrolment.last_year_relativity.max(1.0));
        self.conditions
            .iter()
            .fold(last_year, |largest, condition| largest * condition.largest(service).max(1.0))
    }

    /// Begins a batch of members, of whom the first is in `row`; `words(key)` gives the first block of each member.
    pub fn begin(
        &self,
        population: &Population,
        row: usize,
        members: &[Member],
        horizon: Horizon,
        words: &mut impl FnMut(Key) -> Vec<[f64; 4]>,
        course: &mut Course,
    ) {
        course.gone = vec![false; members.len()];
        course.last_year = vec![1.0; members.len()];
        course.states.clear();
        for condition in &self.conditions {
            let known = condition.column.as_deref().and_then(|column| population.factor(column));
            course.states.push(match known {
                Some(states) => states[row..row + members.len()].iter().map(|state| *state as u8).collect(),
                None => words(condition.key(self.seed, 1)).iter().map(|u| condition.start(u[0])).collect(),
            });
        }
        course.attributed.clear();
        if let Some(attribution) = &self.attribution {
            course.attributed = attribution.draw(self.seed, members, horizon, words);
        }
    }

    /// Moves the members of a batch into a year and changes what they are in it.
    pub fn advance(
        &self,
        members: &[Member],
        position: usize,
        horizon: Horizon,
        words: &mut impl FnMut(Key) -> Vec<[f64; 4]>,
        course: &mut Course,
        years: &mut [MemberYear],
    ) {
        let year = horizon.label(position);
        if year > 1 {
            for (condition, states) in self.conditions.iter().zip(&mut course.states) {
                let uniforms = words(condition.key(self.seed, year));
                states.iter_mut().zip(uniforms).for_each(|(state, u)| *state = condition.step(*state, u[0]));
            }
        }
        if let Some(attributed) = course.attributed.get(position) {
            years.iter_mut().zip(attributed).for_each(|(there, attributed)| there.attributed = *attributed);
        }
        if let Some(scores) = &self.scores {
            scores.record(self, members, year, words, &course.states, years);
        }
        if let Some(enrolment) = &self.enrolment {
            let uniforms = words(Key::new(self.seed, Process::Enrolment, year, NO_NAME));
            for (index, (there, member)) in years.iter_mut().zip(members).enumerate() {
                let [lapse, death, ..] = uniforms[index];
                course.last_year[index] = 1.0;
                if course.gone[index] {
                    there.months = 0;
                } else if let end @ (End::Leaves(months) | End::Dies(months)) =
                    enrolment.end(member, there, lapse, death)
                {
                    there.months = months;
                    course.gone[index] = year > 0;
                    if matches!(end, End::Dies(_)) {
                        course.last_year[index] = enrolment.last_year_relativity;
                    }
                }
                there.exposed_risk = member.risk_score * PART_OF_YEAR[usize::from(there.months)];
            }
        }
    }
}
