//! How a panel moves through the years: who leaves or dies, who counts, which conditions members have, what is recorded.
//!
//! Performance years go on from each other: who left does not come back. Base years are years of the same members as
//! they are in performance year 1; who leaves in one of them is replaced by its like at the year's end.

use serde::Deserialize;
use serde_json::Value;

use super::conditions::{Condition, ConditionSpec};
use super::scores::{RiskScores, RiskScoresSpec};
use super::{Horizon, Member, MemberYear, PART_OF_YEAR, Population};
use crate::error::{InputError, Place, Result, show};
use crate::money::Number;
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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolmentSpec {
    lapse_rate: Number,
    lapse_selection: Number,
    /// Ages from which on a monthly rate of death holds, and the rates.
    death_ages: Vec<Number>,
    death_rates: Vec<Number>,
    last_year_relativity: Number,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributionSpec {
    share: Number,
    turnover: Number,
    selection: Number,
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

/// Monthly chances to leave and to die.
#[derive(Debug, Clone)]
pub(super) struct Enrolment {
    lapse_rate: f64,
    lapse_selection: f64,
    /// By age in completed years.
    death_rates: Vec<f64>,
    last_year_relativity: f64,
}

/// Who counts where only those count who are attributed to the provider.
#[derive(Debug, Clone)]
pub(super) struct Attribution {
    share: f64,
    turnover: f64,
    selection: f64,
}

/// Ages told apart.
const AGES: usize = 256;

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
        .position(|state| !(state.fract() == 0.0 && (0.0..condition.states() as f64).contains(state)));
    wrong.map_or(Ok(()), |row| {
        Err(InputError::new(format!("population.{column}[{row}]"), "must be one of the states")
            .got(show(states[row]))
            .into())
    })
}

/// The largest of a rate that depends on the risk score, which may not be above 1.
fn check_selected(
    place: Place<'_>,
    (field, rate): (&str, f64),
    (name, selection): (&str, f64),
    population: &Population,
) -> Result<()> {
    place.within(name, selection, -5.0, 5.0)?;
    let wrong =
        population.members().iter().position(|member| selected(rate, selection, member.risk_score) > 1.0);
    wrong.map_or(Ok(()), |row| {
        let got = show(selected(rate, selection, population.members()[row].risk_score));
        let hint = format!("for the risk score {} of row {row}", population.members()[row].risk_score);
        Err(place.error(field, "must be at most 1 for every member").got(got).hint(hint).into())
    })
}

/// A rate of a member: times its risk score to a power, 0 where that cannot be computed.
fn selected(rate: f64, selection: f64, risk_score: f64) -> f64 {
    if selection == 0.0 {
        rate
    } else if risk_score == 0.0 {
        if selection > 0.0 { 0.0 } else { rate }
    } else {
        rate * crate::math::pow(risk_score, selection)
    }
}

impl EnrolmentSpec {
    fn compile(&self, population: &Population) -> Result<Enrolment> {
        let place = Place("population.enrolment");
        place.rate("lapse_rate", self.lapse_rate.0)?;
        let selection = ("lapse_selection", self.lapse_selection.0);
        check_selected(place, ("lapse_rate", self.lapse_rate.0), selection, population)?;
        place.within("last_year_relativity", self.last_year_relativity.0, 0.0, 100.0)?;
        for (position, rate) in self.death_rates.iter().enumerate() {
            place.rate(&format!("death_rate[{position}]"), rate.0)?;
        }
        if self.death_ages.len() != self.death_rates.len()
            || self.death_ages.windows(2).any(|w| w[0].0 >= w[1].0)
        {
            return Err(place.error("death_rate", "must map rising ages to monthly rates").into());
        }
        let rate = |age: usize| {
            let band = self.death_ages.iter().rposition(|from| from.0 <= age as f64);
            band.map_or(0.0, |band| self.death_rates[band].0)
        };
        Ok(Enrolment {
            lapse_rate: self.lapse_rate.0,
            lapse_selection: self.lapse_selection.0,
            death_rates: (0..AGES).map(rate).collect(),
            last_year_relativity: self.last_year_relativity.0,
        })
    }
}

impl AttributionSpec {
    fn compile(&self, population: &Population) -> Result<Attribution> {
        let place = Place("population.attribution");
        let (share, turnover) = (self.share.0, self.turnover.0);
        place.rate("share", share)?;
        place.rate("turnover", turnover)?;
        check_selected(place, ("turnover", turnover), ("selection", self.selection.0), population)?;
        if turnover * share > 1.0 - share {
            let rule = "must leave enough others to replace who is lost: at most (1 - share) / share";
            return Err(place.error("turnover", rule).got(show(turnover)).into());
        }
        Ok(Attribution { share, turnover, selection: self.selection.0 })
    }
}

impl Enrolment {
    /// The enrolled months that are left of a year, and whether the member dies in it, at uniforms for leaving and dying.
    fn end(&self, member: &Member, there: &MemberYear, lapse: f64, death: f64) -> (u8, bool) {
        let lapse_rate = selected(self.lapse_rate, self.lapse_selection, member.risk_score);
        let lapses = month_of(lapse_rate, lapse, there.months);
        let dies = month_of(self.death_rates[usize::from(there.age)], death, there.months);
        match (lapses, dies) {
            (None, None) => (there.months, false),
            (Some(month), None) => (month, false),
            (lapses, Some(month)) => {
                (month.min(lapses.unwrap_or(month)), lapses.is_none_or(|other| month <= other))
            }
        }
    }
}

/// The month, from 1, at whose end something with a monthly chance happens first at a uniform; `None` if not within `months`.
fn month_of(rate: f64, u: f64, months: u8) -> Option<u8> {
    let mut stays = 1.0;
    (1..=months).find(|_| {
        stays *= 1.0 - rate;
        u <= 1.0 - stays
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
                let (months, dies) =
                    if course.gone[index] { (0, false) } else { enrolment.end(member, there, lapse, death) };
                course.last_year[index] = if dies { enrolment.last_year_relativity } else { 1.0 };
                let ended = dies || enrolment.left(member, there, lapse, months);
                course.gone[index] |= year > 0 && ended;
                there.months = months;
                there.exposed_risk = member.risk_score * PART_OF_YEAR[usize::from(months)];
            }
        }
    }
}

impl Enrolment {
    /// Whether the member leaves within the year, at the latest at the end of its last enrolled month.
    fn left(&self, member: &Member, there: &MemberYear, lapse: f64, months: u8) -> bool {
        let rate = selected(self.lapse_rate, self.lapse_selection, member.risk_score);
        month_of(rate, lapse, there.months) == Some(months)
    }
}

impl Attribution {
    /// Who is attributed in each year: a chain from performance year 1 in both directions, whose share stays.
    fn draw(
        &self,
        seed: u64,
        members: &[Member],
        horizon: Horizon,
        words: &mut impl FnMut(Key) -> Vec<[f64; 4]>,
    ) -> Vec<Vec<bool>> {
        let mut uniforms =
            |position: usize| words(Key::new(seed, Process::Attribution, horizon.label(position), NO_NAME));
        let first = horizon.base_years;
        let mut years = vec![Vec::new(); horizon.len()];
        years[first] = uniforms(first).iter().map(|u| u[0] < self.share).collect();
        let backwards = (0..first).rev().map(|position| (position, position + 1));
        let forwards = (first + 1..horizon.len()).map(|position| (position, position - 1));
        for (position, from) in backwards.chain(forwards) {
            let next = |((attributed, member), u): ((&bool, &Member), [f64; 4])| {
                let turnover = selected(self.turnover, self.selection, member.risk_score);
                let gained = if self.share < 1.0 { turnover * self.share / (1.0 - self.share) } else { 0.0 };
                u[0] < if *attributed { 1.0 - turnover } else { gained }
            };
            years[position] = years[from].iter().zip(members).zip(uniforms(position)).map(next).collect();
        }
        years
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A monthly chance of one half: after one month for half of the uniforms, after two for a quarter.
    #[test]
    fn months_until_something_happens() {
        let month = |u| month_of(0.5, u, 3);
        assert_eq!([0.1, 0.5, 0.6, 0.8, 0.9].map(month), [Some(1), Some(1), Some(2), Some(3), None]);
        assert_eq!(month_of(0.0, 1e-12, 12), None);
        assert_eq!(month_of(1.0, 1.0 - 1e-12, 12), Some(1));
    }

    #[test]
    fn rates_may_depend_on_risk() {
        assert_eq!(selected(0.1, 0.0, 3.0), 0.1);
        assert_eq!(selected(0.1, 1.0, 3.0), 0.1 * 3.0);
        assert_eq!((selected(0.1, 1.0, 0.0), selected(0.1, -1.0, 0.0)), (0.0, 0.1));
    }
}
