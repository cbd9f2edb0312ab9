//! Episodes: an event of a service opens a window of days, sends its patient one of several ways and brings further care.
//!
//! What an episode brings are events of service lines like any other: every view sees them, whoever bears the line pays
//! for them, and the line's own events are fewer by as many dollars, so that the line costs what it cost before. Which way
//! a patient goes is its function after the event: one uniform, the ways in order, and factors that move the odds of a
//! worse one. All of it depends on the event that opens the episode and on nothing else; arms that keep the same events
//! and move no odds have the same episodes.

mod draw;
mod effects;
mod net;
mod opening;
mod opens;
mod spec;

pub use draw::Opened;
pub(super) use draw::{EpisodeDraws, Year};
pub(super) use opening::Opening;
pub use opening::time;
pub(super) use spec::{Around, EpisodeSpec};

use crate::distributions::Sampler;
use crate::population::Population;
use crate::rng::{Key, World};
use effects::Effect;
use opens::Opens;

/// Days of each of the twelve equal months of a year.
pub const DAYS_OF_MONTH: f64 = 365.0 / 12.0;

/// Longest window, days: what begins in a year ends before the end of the next.
pub const MOST_DAYS: f64 = 365.0;

/// Factor of odds from which on a probability is 1 to the last bit, and with which dollars are numbers.
const LARGEST_ODDS: f64 = 1e300;

/// Most kinds of care of one episode; each has a block of random words.
const MOST_CARE: usize = 15;

/// What contracts may know of an episode.
#[derive(Debug, Clone)]
pub struct EpisodeTerms {
    /// Name.
    pub name: String,
    /// Months from its start to its end.
    pub window: f64,
    /// Index of the service whose events open it; none where a condition does.
    pub trigger: Option<usize>,
}

/// An episode ready to be drawn.
#[derive(Debug, Clone)]
pub struct Episode {
    /// Name.
    pub name: String,
    /// What opens it.
    opens: Opens,
    /// Months from the event that opens it to its end.
    window: f64,
    /// By path, from the best: the part of patients who go a worse one.
    worse: Vec<f64>,
    care: Vec<EpisodeCare>,
    death_rate: f64,
    /// Name of the members' factors of odds.
    factor: Option<String>,
    /// What who treats its patients does to odds and prices.
    effects: Vec<Effect>,
    /// Whether an event inside an open window opens none of its own.
    absorbs: bool,
    /// Whether its care is part of what the service lines are.
    within_lines: bool,
    /// Where its random numbers live, by simulated year.
    keys: Vec<Key>,
}

/// Care that an episode brings: at most one event of a service.
#[derive(Debug, Clone)]
struct EpisodeCare {
    service: usize,
    /// The path that it belongs to, or every one.
    path: Option<usize>,
    share: f64,
    price: Sampler,
    /// Mean of the drawn price, dollars.
    mean: f64,
    /// Earliest month after the event that opens the episode, and how many there are from it to the latest.
    from: f64,
    length: f64,
    /// Whether programmes for the episode move its odds too.
    avoidable: bool,
}

impl Episode {
    /// The services of which it brings events.
    pub fn brings(&self) -> impl Iterator<Item = usize> {
        self.care.iter().map(|care| care.service)
    }

    /// The service whose events open it, unless a condition does.
    #[must_use]
    pub fn trigger(&self) -> Option<usize> {
        self.opens.trigger()
    }

    /// What contracts may know of it.
    #[must_use]
    pub fn terms(&self) -> EpisodeTerms {
        EpisodeTerms { name: self.name.clone(), window: self.window, trigger: self.trigger() }
    }

    /// The factor of a member's odds.
    fn odds(&self, population: &Population, row: usize) -> f64 {
        let factors = self.factor.as_deref().and_then(|name| population.factor(name));
        factors.map_or(1.0, |factors| factors[row])
    }

    /// Factors of a member's odds and prices in a world: its own, and of those who treat it.
    fn factors(&self, population: &Population, row: usize, world: World) -> (f64, f64) {
        let own = (self.odds(population, row), 1.0);
        self.effects.iter().fold(own, |(odds, price), effect| {
            let (of_odds, of_price) = effect.at(population, row, world);
            (odds * of_odds, price * of_price)
        })
    }

    /// The path at a uniform of function, where the odds of each worse one are so many times what they were.
    fn path(&self, function: f64, odds: f64) -> usize {
        self.worse.partition_point(|worse| 1.0 - function < shifted(*worse, odds))
    }

    /// The part of patients who go a path.
    fn share_of_path(&self, path: usize, odds: f64) -> f64 {
        let better = path.checked_sub(1).map_or(1.0, |before| shifted(self.worse[before], odds));
        better - shifted(self.worse[path], odds)
    }
}

/// A probability whose odds are multiplied: with odds of 0 even what is else certain never is.
fn shifted(probability: f64, odds: f64) -> f64 {
    if odds == 1.0 {
        return probability;
    }
    if odds <= 0.0 || odds.is_nan() {
        return 0.0;
    }
    // Odds beyond all bounds times none would be no number.
    let odds = odds.min(LARGEST_ODDS);
    odds * probability / (1.0 - probability + odds * probability)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_move_probabilities() {
        assert_eq!(shifted(0.3, 1.0), 0.3);
        assert!((shifted(0.2, 2.0) - 1.0 / 3.0).abs() < 1e-15, "1 to 4 doubled is 1 to 2");
        assert_eq!((shifted(0.0, 5.0), shifted(1.0, 5.0), shifted(0.4, 0.0)), (0.0, 1.0, 0.0));
        assert_eq!(
            (shifted(1.0, 0.0), shifted(0.0, f64::INFINITY), shifted(0.4, f64::INFINITY)),
            (0.0, 0.0, 1.0)
        );
    }
}
