//! Care that an arm changes: programmes and responses compiled into one factor for each service, member and month.
//!
//! An event of the baseline stays where its thinning uniform is below the factor; above 1, further events come from a
//! process of their own. The factor comes from terms, never from outcomes, so one pass serves all arms, and arms whose
//! factors for a service are equal share its facts.

use serde::Deserialize;

use super::episodes::Episode;
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
    /// Names of episodes whose odds of a worse path it changes, in place of services.
    #[serde(default)]
    pub episodes: Vec<String>,
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
    /// Dollars for each episode of those it names that begins while it runs, of the members it reaches.
    #[serde(default)]
    pub cost_per_episode: Term,
}

/// What an arm does to one service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Factor {
    /// The response of everyone in every performance year, as a factor less 1.
    response: f64,
    effects: Vec<Effect>,
    /// Versions of the episodes that bring events of the service; none where they are the baseline.
    episodes: Vec<(usize, usize)>,
}

/// What an arm does to one episode.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EpisodeVersion {
    /// Version of the service whose events open it; 0 where a condition does.
    pub(super) trigger: usize,
    /// Factors of the odds of a worse path.
    pub(super) steering: Factor,
}

/// The versions of care that an arm leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmCare {
    /// Of each service.
    pub services: Vec<usize>,
    /// Of each episode.
    pub episodes: Vec<usize>,
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
    pub fn check(&self, place: Place<'_>, services: &[Service], episodes: &[Episode]) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(place.error("name", "must not be empty").got(format!("{:?}", self.name)).into());
        }
        self.check_episodes(place, episodes)?;
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
        place.not_negative("start_cost", self.start_cost.value())?;
        place.not_negative("cost_per_episode", self.cost_per_episode.value())?;
        if self.cost_per_episode.value() > 0.0 && self.episodes.is_empty() {
            let error = place.error("cost_per_episode", "must be left out where no episodes are named");
            return Err(error.got(show(self.cost_per_episode.value())).hint("give episodes=").into());
        }
        Ok(())
    }

    fn check_episodes(&self, place: Place<'_>, episodes: &[Episode]) -> Result<()> {
        if !self.episodes.is_empty() && self.services.is_some() {
            let error = place.error("episodes", "must not be given beside services");
            return Err(error.got("both").hint("write a programme for each").into());
        }
        match self.episodes.iter().find(|name| !episodes.iter().any(|episode| episode.name == **name)) {
            None => Ok(()),
            Some(name) => {
                let known: Vec<&str> = episodes.iter().map(|episode| episode.name.as_str()).collect();
                let error = place.error("episodes", "must be episodes of the utilization");
                let hint = format!("the episodes are {}", known.join(", "));
                Err(error.got(format!("{name:?}")).hint(hint).into())
            }
        }
    }

    fn effect(&self, programme: usize) -> Effect {
        Effect {
            programme,
            change: self.effect.0,
            reach: self.reach.value(),
            start_month: self.start_month.0,
            ramp_months: self.ramp_months.0,
        }
    }
}

/// The programmes of all arms by their names, and the factors that arms need.
#[derive(Debug, Clone, Default)]
pub struct Care {
    programmes: Vec<(u32, Key)>,
    /// By service: the factors that are not 1 for everyone.
    versions: Vec<Vec<Factor>>,
    /// By episode: its versions, the baseline first.
    episodes: Vec<Vec<EpisodeVersion>>,
}

impl Care {
    /// No programmes yet.
    #[must_use]
    pub fn new(n_services: usize, episodes: &[Episode]) -> Self {
        Self {
            programmes: Vec::new(),
            versions: vec![Vec::new(); n_services],
            episodes: vec![vec![EpisodeVersion::default()]; episodes.len()],
        }
    }

    /// The version of each service under some programmes and responses (a factor for each service); 0 is the baseline.
    pub fn versions_under(
        &mut self,
        programmes: &[ProgrammeSpec],
        responses: &[f64],
        services: &[Service],
        episodes: &[Episode],
        seed: u64,
    ) -> Result<ArmCare> {
        let response = |factor: &f64| Factor { response: factor - 1.0, ..Factor::default() };
        let mut factors: Vec<Factor> = responses.iter().map(response).collect();
        let mut steering = vec![Factor::default(); episodes.len()];
        for spec in programmes {
            let programme = self.programme(&spec.name, seed);
            let effect = spec.effect(programme);
            if !spec.episodes.is_empty() {
                let named = |(episode, _): &(&Episode, _)| spec.episodes.contains(&episode.name);
                let steered = episodes.iter().zip(&mut steering).filter(named);
                steered.for_each(|(_, steering)| steering.effects.push(effect.clone()));
                continue;
            }
            let affected = chosen(Place(&spec.name), spec.services.as_deref(), services)?;
            for (factor, _) in factors.iter_mut().zip(affected).filter(|(_, affected)| *affected) {
                factor.effects.push(effect.clone());
            }
        }
        Ok(self.number(factors, steering, episodes))
    }

    /// The numbers of versions: those of services that open episodes, of episodes, and of the services they bring.
    fn number(&mut self, mut factors: Vec<Factor>, steering: Vec<Factor>, episodes: &[Episode]) -> ArmCare {
        let mut of_episodes = Vec::with_capacity(episodes.len());
        for (index, (episode, steering)) in episodes.iter().zip(steering).enumerate() {
            let trigger =
                episode.trigger().map_or(0, |service| self.version(service, factors[service].clone()));
            let version = EpisodeVersion { trigger, steering };
            let known = &mut self.episodes[index];
            let number = known.iter().position(|other| *other == version).unwrap_or_else(|| {
                known.push(version);
                known.len() - 1
            });
            of_episodes.push(number);
            let mut brought: Vec<usize> = episode.brings().collect();
            brought.sort_unstable();
            brought.dedup();
            for service in brought.into_iter().filter(|_| number > 0) {
                factors[service].episodes.push((index, number));
            }
        }
        let services = factors.into_iter().enumerate().map(|(service, factor)| self.version(service, factor));
        ArmCare { services: services.collect(), episodes: of_episodes }
    }

    /// The versions of an episode, the baseline first.
    #[must_use]
    pub fn episode_versions(&self, episode: usize) -> &[EpisodeVersion] {
        &self.episodes[episode]
    }

    /// The versions of a service whose arms have a version of an episode.
    pub(super) fn versions_with(
        &self,
        service: usize,
        episode: usize,
        version: usize,
    ) -> impl Iterator<Item = usize> {
        let of = move |factor: &Factor| {
            factor.episodes.iter().find(|(of, _)| *of == episode).map_or(0, |(_, version)| *version)
        };
        let versions = self.versions[service].iter().map(of);
        std::iter::once(0)
            .chain(versions)
            .enumerate()
            .filter(move |(_, of)| *of == version)
            .map(|(number, _)| number)
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
        let factor = Factor { effects: vec![effect(-0.4, 1.0, 3.0, 4.0)], ..Factor::default() };
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
        let factor =
            Factor { response: 0.5, effects: vec![effect(-0.5, 0.3, 1.0, 0.0)], episodes: Vec::new() };
        assert_eq!(factor.by_month(1, |_| 0.29), [0.75; 12]);
        assert_eq!(factor.by_month(1, |_| 0.31), [1.5; 12]);
        assert_eq!(factor.by_month(0, |_| 0.29), [1.0; 12], "base years know no arms");
        assert_eq!(factor.largest(), 1.5);
    }
}
