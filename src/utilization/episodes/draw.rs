//! The episodes of a batch's year: which windows open, which way patients go, and the care that follows, now or later.

use super::super::Utilization;
use super::super::draws::{BATCH, Draws};
use super::super::events::{Events, LIVE, Sink};
use super::opening::{Trigger, order};
use super::opens::Opens;
use super::{Episode, EpisodeCare, MOST_CARE, shifted};
use crate::population::{MONTHS, MemberYear, Population};
use crate::rng::{World, open_uniform};

/// Blocks of random words of one episode: its own, and one for each kind of care.
const BLOCKS: u64 = 1 + MOST_CARE as u64;

/// A window that opens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opened {
    /// Index of the episode.
    pub episode: usize,
    /// Version of the episode.
    pub version: usize,
    /// Position of the member in its batch.
    pub member: usize,
    /// Where it begins, months since the start of the first simulated year; what comes then is inside.
    pub start: f64,
    /// Where it ends, by its days or by death; what comes then is outside.
    pub end: f64,
    /// Whether it ends by death.
    pub died: bool,
    /// How many episodes it counts as: one, or of a condition the part of its window in which its member is enrolled.
    pub counts: f64,
}

/// Scratch of the episodes of a batch.
#[derive(Debug, Clone, Default)]
pub(in crate::utilization) struct EpisodeDraws {
    /// Events of this year that may open episodes.
    pub triggers: Vec<Trigger>,
    /// Care of later years.
    later: Vec<Follows>,
    /// By episode and version: where the window ends that each member has open.
    open_until: Vec<Vec<[f64; BATCH]>>,
}

/// Care of an episode that comes at some time.
#[derive(Debug, Clone, Copy)]
struct Follows {
    episode: usize,
    version: usize,
    service: usize,
    member: usize,
    time: f64,
    /// Drawn price before the level of its year.
    price: f64,
}

/// A year of a batch's members in a world.
#[derive(Clone, Copy)]
pub(in crate::utilization) struct Year<'a> {
    pub population: &'a Population,
    pub world: World,
    /// Position of the year.
    pub position: usize,
    pub label: i8,
}

impl EpisodeDraws {
    /// Begins a batch of members.
    pub fn begin(&mut self, versions: impl Iterator<Item = usize>) {
        self.triggers.clear();
        self.later.clear();
        self.open_until.clear();
        self.open_until.extend(versions.map(|n| vec![[f64::NEG_INFINITY; BATCH]; n]));
    }
}

impl Utilization {
    /// Hands over what the episodes of the batch's year open and bring, and what those of the year before brought for it.
    pub(in crate::utilization) fn give_episodes(
        &self,
        year: Year<'_>,
        draws: &mut Draws,
        sink: &mut impl Sink,
    ) {
        let mut episodes = std::mem::take(&mut draws.episodes);
        let waiting = std::mem::take(&mut episodes.later);
        for follows in waiting {
            self.give(year, draws, follows, &mut episodes.later, sink);
        }
        let mut triggers = std::mem::take(&mut episodes.triggers);
        self.open_by_condition(year, draws, &mut triggers);
        triggers.sort_by(|a, b| {
            let key = |trigger: &Trigger| (trigger.episode, trigger.version, trigger.member);
            key(a).cmp(&key(b)).then(a.time.total_cmp(&b.time))
        });
        for trigger in &triggers {
            let versions = self.care.episode_versions(trigger.episode).iter().enumerate();
            for (version, of) in versions.filter(|(_, of)| of.trigger == trigger.version) {
                let steering = of.steering.by_month(year.label, |p| draws.reached[p][trigger.member]);
                let odds = steering[trigger.time as usize % MONTHS];
                self.follow(year, draws, *trigger, (version, odds), &mut episodes, sink);
            }
        }
        triggers.clear();
        episodes.triggers = triggers;
        draws.episodes = episodes;
    }

    /// Members who have the condition that opens an episode, from their first month of the year.
    fn open_by_condition(&self, year: Year<'_>, draws: &Draws, triggers: &mut Vec<Trigger>) {
        for (index, episode) in self.episodes.iter().enumerate() {
            let Opens::Condition(of) = &episode.opens else { continue };
            let states = &draws.course.states;
            for member in (0..of.members(states)).filter(|member| of.has(states, *member)) {
                let there = &draws.years[member];
                if there.months > 0 {
                    let time = (year.position * MONTHS + usize::from(there.first_month)) as f64;
                    triggers.push(Trigger { episode: index, version: 0, member, time, number: 0 });
                }
            }
        }
    }

    /// Follows one event: the window it opens and the care it brings, under a version that moves the odds of worse paths.
    fn follow(
        &self,
        year: Year<'_>,
        draws: &Draws,
        trigger: Trigger,
        (version, steering): (usize, f64),
        episodes: &mut EpisodeDraws,
        sink: &mut impl Sink,
    ) {
        let Trigger { episode: index, member, time, number, .. } = trigger;
        let episode = &self.episodes[index];
        let address = episode.keys[year.position].at(year.world, draws.members[member]);
        let [function, whether, death, _] = address.block(number * BLOCKS);
        let (odds, prices) = episode.factors(year.population, draws.first_row + member, year.world);
        let path = episode.path(open_uniform(function), odds * steering);
        let (mut end, counts) = episode.whole_window(time, &draws.years[member]);
        let died = open_uniform(whether) < shifted(episode.death_rate, odds);
        if died {
            end = time + episode.window * open_uniform(death);
        }
        let open_until = &mut episodes.open_until[index][version][member];
        if !(episode.absorbs && time < *open_until) {
            *open_until = end;
            sink.opened(&Opened { episode: index, version, member, start: time, end, died, counts });
        }
        for (position, care) in episode.care.iter().enumerate() {
            if care.path.is_some_and(|of| of != path) {
                continue;
            }
            let words = address.block(number * BLOCKS + 1 + position as u64);
            let odds = if care.avoidable { odds * steering } else { odds };
            let Some((after, price)) = care.at_words(words, odds) else { continue };
            if time + after < end {
                let (service, time, price) = (care.service, time + after, price * prices);
                let follows = Follows { episode: index, version, service, member, time, price };
                self.give(year, draws, follows, &mut episodes.later, sink);
            }
        }
    }

    /// Hands over care of this year to every version of its service that has it, if its member is still there; keeps care
    /// of later years.
    fn give(
        &self,
        year: Year<'_>,
        draws: &Draws,
        follows: Follows,
        later: &mut Vec<Follows>,
        sink: &mut impl Sink,
    ) {
        let Follows { episode, version, service, member, time, price } = follows;
        let months = time as usize;
        if months / MONTHS > year.position {
            later.push(follows);
            return;
        }
        let (month, there) = (months % MONTHS, &draws.years[member]);
        let (first, n) = (usize::from(there.first_month), usize::from(there.months));
        if !(first..first + n).contains(&month) {
            return;
        }
        let line = &self.services[service];
        let price = price * draws.levels.price(year.position, service) * line.fee_level(there.payer);
        let events = Events {
            live: LIVE[1],
            prices: [price, 0.0, 0.0, 0.0],
            case_costs: [0.0; 4],
            months: [month; 4],
            order: [order(time.fract()); 4],
        };
        for of_service in self.care.versions_with(service, episode, version) {
            sink.events::<true>(member, service, of_service, &events);
        }
    }
}

impl Episode {
    /// Where the window ends if nobody dies, and how many episodes it counts as: that of a condition ends with the year.
    fn whole_window(&self, start: f64, there: &MemberYear) -> (f64, f64) {
        let end = start + self.window;
        match self.opens {
            Opens::Event(_) => (end, 1.0),
            Opens::Condition(_) => {
                let year = start as usize / MONTHS;
                let over = ((year + 1) * MONTHS) as f64;
                (end.min(over), f64::from(there.months).min(self.window) / self.window)
            }
        }
    }
}

impl EpisodeCare {
    /// How many months after the start the care comes, and its price; nothing where there is none.
    fn at_words(&self, [whether, price, when, _]: [u64; 4], odds: f64) -> Option<(f64, f64)> {
        let given = open_uniform(whether) < shifted(self.share, odds);
        given.then(|| (self.from + self.length * open_uniform(when), self.price.at_word(price)))
    }
}
