//! Episodes as the user writes them: what opens one, how long it lasts, which way patients go, what care it brings.

use serde::Deserialize;

use super::effects::{Effect, EffectSpec};
use super::opens::{OfCondition, Opens};
use super::{DAYS_OF_MONTH, Episode, EpisodeCare, MOST_CARE, MOST_DAYS};
use crate::distributions::{Distribution, KINDS};
use crate::error::{Place, Result, show};
use crate::money::Number;
use crate::population::{Horizon, Population};
use crate::reading::parse;
use crate::rng::{Key, Process, name_hash};
use crate::utilization::Panel;
use crate::utilization::service::{Service, nothing};
use crate::utilization::tables::Tables;

/// How far the sum of shares may be from 1.
const SHARES_TOLERANCE: f64 = 1e-9;

/// An episode as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::utilization) struct EpisodeSpec {
    name: String,
    /// Name of the service whose events open it; or
    #[serde(default)]
    trigger: Option<String>,
    /// name of the condition that opens one in every year, and the states that count.
    #[serde(default)]
    condition: Option<String>,
    #[serde(default)]
    states: Option<Vec<String>>,
    /// Days from the event that opens it to its end.
    window_days: Number,
    /// Ways that patients go afterwards, by falling function; their shares come to 1.
    #[serde(default)]
    paths: Vec<PathSpec>,
    /// Care of every path: readmissions, follow-up.
    #[serde(default)]
    care: Vec<CareSpec>,
    /// The part of patients who die inside the window.
    #[serde(default = "nothing")]
    death_rate: Number,
    /// Name of the members' factors of the odds of a worse path, of further care and of death.
    #[serde(default)]
    factor: Option<String>,
    /// What who treats its patients does to odds and prices.
    #[serde(default)]
    effects: Vec<EffectSpec>,
    /// Whether an event inside an open window opens none of its own.
    #[serde(default = "yes")]
    absorbs: bool,
    /// Whether the service lines are what they are with the care of episodes, or that comes on top.
    #[serde(default = "yes")]
    within_lines: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathSpec {
    name: String,
    share: Number,
    #[serde(default)]
    care: Vec<CareSpec>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CareSpec {
    /// Name of the service line that it is an event of.
    service: String,
    /// The part of patients who have it.
    share: Number,
    /// Dollars, before the fee levels of arms.
    amount: Distribution,
    /// First and last day on which it may come, from the event that opens the episode.
    from_day: Number,
    to_day: Number,
    /// Whether programmes for the episode move its odds too.
    #[serde(default)]
    avoidable: bool,
}

fn yes() -> bool {
    true
}

/// What compiling reads besides the terms.
pub(in crate::utilization) struct Around<'a> {
    pub services: &'a [Service],
    pub seed: u64,
    pub horizon: Horizon,
}

impl EpisodeSpec {
    /// Reads one episode, telling faults by its name.
    pub fn read(index: usize, value: serde_json::Value) -> Result<Self> {
        let name =
            value.get("name").and_then(serde_json::Value::as_str).unwrap_or_default().trim().to_owned();
        if name.is_empty() {
            let path = format!("utilization.episodes[{index}]");
            let spec: Self = parse(&path, value, KINDS)?;
            return Err(Place(&path)
                .error("name", "must not be empty")
                .got(format!("{:?}", spec.name))
                .into());
        }
        parse(&name, value, KINDS)
    }

    /// Checks the terms and compiles them.
    pub fn compile(self, around: &Around<'_>, tables: &mut Tables) -> Result<Episode> {
        let place = Place(&self.name);
        let opens = self.opens(place, around)?;
        if self.window_days.0.fract() != 0.0 || !(1.0..=MOST_DAYS).contains(&self.window_days.0) {
            let rule = format!("must be a whole number of days between 1 and {MOST_DAYS}");
            return Err(place.error("window_days", rule).got(show(self.window_days.0)).into());
        }
        place.rate("death_rate", self.death_rate.0)?;
        let mut care = Vec::new();
        for (position, spec) in self.care.iter().enumerate() {
            care.push(self.care(&format!("care[{position}]"), spec, None, around, tables)?);
        }
        for (path, of) in self.paths.iter().enumerate() {
            for (position, spec) in of.care.iter().enumerate() {
                let field = format!("paths[{}].care[{position}]", of.name);
                care.push(self.care(&field, spec, Some(path), around, tables)?);
            }
        }
        if care.len() > MOST_CARE {
            let rule =
                format!("must bring no more than {MOST_CARE} kinds of care, those of all paths counted");
            return Err(place.error("care", rule).got(care.len()).into());
        }
        if let Some(known) = care.iter().find(|care| opens.trigger() == Some(care.service)) {
            let error = place.error("care", "must not be of the service that opens the episode");
            return Err(error.got(format!("{:?}", around.services[known.service].terms.name)).into());
        }
        let hash = name_hash(&self.name);
        let years = (0..around.horizon.len()).map(|position| around.horizon.label(position));
        Ok(Episode {
            worse: self.worse(place)?,
            opens,
            effects: self.compile_effects(around.seed)?,
            window: self.window_days.0 / DAYS_OF_MONTH,
            care,
            death_rate: self.death_rate.0,
            factor: self.factor,
            absorbs: self.absorbs,
            within_lines: self.within_lines,
            keys: years.map(|year| Key::new(around.seed, Process::Episode, year, hash)).collect(),
            name: self.name,
        })
    }

    /// What opens it: one of the two.
    fn opens(&self, place: Place<'_>, around: &Around<'_>) -> Result<Opens> {
        match (&self.trigger, &self.condition) {
            (Some(trigger), None) => {
                if let Some(states) = &self.states {
                    let error = place.error("states", "must be left out where no condition opens it");
                    return Err(error.got(states.join(", ")).into());
                }
                Ok(Opens::Event(line(place, "trigger", trigger, around.services)?))
            }
            (None, Some(condition)) => {
                if self.death_rate.0 != 0.0 {
                    let rule = "must be 0 where a condition opens it";
                    let error = place.error("death_rate", rule).got(show(self.death_rate.0));
                    return Err(error.hint("members die by the Enrolment of the study").into());
                }
                Ok(Opens::Condition(OfCondition::named(condition, self.states.clone())))
            }
            (given, _) => {
                let got = if given.is_some() { "both" } else { "neither" };
                let rule = "must be given, or a condition, and not both";
                Err(place.error("trigger", rule).got(got).into())
            }
        }
    }

    /// Effects, each of a column of its own.
    fn compile_effects(&self, seed: u64) -> Result<Vec<Effect>> {
        for (position, effect) in self.effects.iter().enumerate() {
            if self.effects[..position].iter().any(|other| other.name() == effect.name()) {
                let error = Place(&self.name).error("effects", "must be of columns of their own");
                return Err(error.got(format!("{:?} twice", effect.name())).into());
            }
        }
        let compile = |effect: &EffectSpec| {
            effect.compile(Place(&format!("{}.effects[{}]", self.name, effect.name())), seed)
        };
        self.effects.iter().map(compile).collect()
    }

    /// By path: the part of patients who go a worse one.
    fn worse(&self, place: Place<'_>) -> Result<Vec<f64>> {
        let mut sum = 0.0;
        let mut worse = Vec::with_capacity(self.paths.len());
        for (position, path) in self.paths.iter().enumerate() {
            let field = format!("paths[{}]", path.name);
            if path.name.trim().is_empty()
                || self.paths[..position].iter().any(|other| other.name == path.name)
            {
                let error = place.error("paths", "must have names of their own");
                return Err(error.got(format!("{:?}", path.name)).into());
            }
            place.rate(&format!("{field}.share"), path.share.0)?;
            sum += path.share.0;
            worse.push((1.0 - sum).max(0.0));
        }
        if !self.paths.is_empty() && (sum - 1.0).abs() > SHARES_TOLERANCE {
            let error = place.error("paths", "must have shares that come to 1").got(show(sum));
            return Err(error.hint("who goes home without care has a path too").into());
        }
        Ok(worse)
    }

    fn care(
        &self,
        field: &str,
        spec: &CareSpec,
        path: Option<usize>,
        around: &Around<'_>,
        tables: &mut Tables,
    ) -> Result<EpisodeCare> {
        let text = Place(&self.name).field(field);
        let place = Place(&text);
        let service = line(place, "service", &spec.service, around.services)?;
        place.rate("share", spec.share.0)?;
        spec.amount.check(Place(&place.field("amount")))?;
        let (from, to, last) = (spec.from_day.0, spec.to_day.0, self.window_days.0);
        place.within("from_day", from, 0.0, last)?;
        place.within("to_day", to, from, last)?;
        let (price, mean) = tables.price(Place(&place.field("amount")), &spec.amount)?;
        Ok(EpisodeCare {
            service,
            path,
            share: spec.share.0,
            price,
            mean,
            from: from / DAYS_OF_MONTH,
            length: (to - from) / DAYS_OF_MONTH,
            avoidable: spec.avoidable,
        })
    }
}

/// The index of a service line that is not divided by networks.
fn line(place: Place<'_>, field: &str, name: &str, services: &[Service]) -> Result<usize> {
    let known = || {
        let whole = services.iter().filter(|service| service.terms.out_of_network_of.is_none());
        whole.map(|service| service.terms.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let index = services.iter().position(|service| service.terms.name == name).ok_or_else(|| {
        let error = place.error(field, "must be a service of the utilization").got(format!("{name:?}"));
        error.hint(format!("the services are {}", known()))
    })?;
    if services.iter().any(|other| other.terms.out_of_network_of.as_deref() == Some(name)) {
        let error = place.error(field, "must be a service without a part given out of network");
        return Err(error.got(format!("{name:?}")).into());
    }
    Ok(index)
}

/// A column that every member must have.
pub(super) fn must_have<'a>(
    place: Place<'_>,
    field: &str,
    population: &'a Population,
    name: &str,
) -> Result<&'a [f64]> {
    let found = population.factor(name);
    found.ok_or_else(|| place.error(field, "must have a number of each member").got("none").into())
}

impl Episode {
    /// Refuses factors that members do not have, and finds the condition that opens it.
    pub fn check(&mut self, panel: Panel<'_>) -> Result<()> {
        let Self { name, opens, effects, factor, .. } = self;
        let place = Place(name);
        if let Opens::Condition(of) = opens {
            of.find(place, &panel.dynamics.conditions)?;
        }
        for effect in effects.iter() {
            effect.check(place, panel.population)?;
        }
        let Some(factor) = factor else { return Ok(()) };
        let factors = must_have(place, "relativities", panel.population, factor)?;
        for (row, factor) in factors.iter().enumerate() {
            place.not_negative(&format!("relativities[{row}]"), *factor)?;
        }
        Ok(())
    }
}
