//! Service lines less the care of episodes: a line's own events are fewer by as many dollars as episodes bring.

use super::super::{Panel, Utilization};
use super::effects::{factors_of_odds, spread};
use super::opens::Opens;
use super::{Episode, EpisodeCare, shifted};
use crate::error::{Place, Result, show};

/// What is expected to open a member's episodes in a year.
struct Openings {
    row: usize,
    payer: u16,
    /// How many.
    number: f64,
    /// Months in which the member is there in the year.
    months: f64,
    /// Whether the member is there when the next year begins.
    stays: bool,
}

impl Utilization {
    /// Lowers the rates of lines of which episodes bring events, year by year: the first simulated year has the care of
    /// episodes that began before it among its own events.
    ///
    /// # Errors
    ///
    /// Where episodes bring more dollars of a line than it has.
    pub fn net_of_episodes(&mut self, panel: Panel<'_>) -> Result<()> {
        for episode in &mut self.episodes {
            episode.check(panel)?;
        }
        self.refuse_shared_states(panel)?;
        let years = self.horizon.len();
        let brought = self.brought(panel);
        for (index, brought) in brought.into_iter().enumerate() {
            if brought.iter().all(|dollars| *dollars == 0.0) {
                continue;
            }
            let line: Vec<f64> = (0..years).map(|year| self.dollars(index, panel, year)).collect();
            let net = |(brought, line): (&f64, &f64)| if *line > 0.0 { 1.0 - brought / line } else { 1.0 };
            let net: Vec<f64> = brought.iter().zip(&line).map(net).collect();
            let lost = brought.iter().zip(&line).position(|(brought, line)| brought > line);
            if let Some(year) = lost {
                let rule = "must have at least the dollars that episodes bring of the line";
                let got = format!("{} of {} a year", show(line[year].round()), show(brought[year].round()));
                let error = Place(&self.services[index].terms.name).error("per_1000", rule).got(got);
                return Err(error
                    .hint("Episode(within_lines=False) brings its care on top of the lines")
                    .into());
            }
            self.services[index].net = net;
        }
        Ok(())
    }

    /// Refuses two kinds of episodes that the same state of a condition opens, as two that the same service opens.
    fn refuse_shared_states(&self, panel: Panel<'_>) -> Result<()> {
        for (position, episode) in self.episodes.iter().enumerate() {
            let Opens::Condition(of) = &episode.opens else { continue };
            for other in &self.episodes[..position] {
                let Opens::Condition(before) = &other.opens else { continue };
                if let Some(state) = of.shared_with(before, &panel.dynamics.conditions) {
                    let rule = "must be opened by states of their own";
                    let got = format!("{state:?} of {:?} and of {:?}", other.name, episode.name);
                    return Err(Place("utilization").error("episodes", rule).got(got).into());
                }
            }
        }
        Ok(())
    }

    /// By service and year: dollars that episodes bring, at the prices of year 0.
    fn brought(&self, panel: Panel<'_>) -> Vec<Vec<f64>> {
        let years = self.horizon.len();
        let mut brought = vec![vec![0.0; years]; self.services.len()];
        for episode in self.episodes.iter().filter(|episode| episode.within_lines) {
            let of_effects = factors_of_odds(spread(&episode.effects));
            for year in 0..years {
                let openings = self.openings(episode, panel, year);
                for opened in openings.into_iter().filter(|opened| opened.number > 0.0) {
                    let odds = episode.odds(panel.population, opened.row);
                    for care in &episode.care {
                        let expected = of_effects.iter().fold((0.0, 0.0), |sum, (weight, factor)| {
                            let (now, next) = episode.expected(care, odds * factor, &opened);
                            (sum.0 + weight * now, sum.1 + weight * next)
                        });
                        let (now, next) = expected;
                        let number = opened.number * self.services[care.service].fee_level(opened.payer);
                        brought[care.service][year] += number * now;
                        if opened.stays {
                            brought[care.service][year + 1] += number * next;
                        }
                    }
                }
            }
        }
        brought
    }

    /// What is expected to open episodes in a year, member by member.
    fn openings(&self, episode: &Episode, panel: Panel<'_>, year: usize) -> Vec<Openings> {
        let (population, label) = (panel.population, self.horizon.label(year));
        match &episode.opens {
            Opens::Event(service) => {
                let goes_on = year + 1 < self.horizon.len();
                let opened = self.expected(*service, panel, year).map(|(row, payer, number)| {
                    let next = population.members()[row].in_year(label + 1);
                    let stays = goes_on && next.first_month == 0 && next.months > 0;
                    let months = f64::from(population.members()[row].in_year(label).months);
                    Openings { row, payer, number, months, stays }
                });
                opened.collect()
            }
            Opens::Condition(of) => {
                let chances = of.chances(&panel.dynamics.conditions, population, label);
                let opened = chances.zip(population.members()).enumerate().map(|(row, (number, member))| {
                    let there = member.in_year(label);
                    let months = f64::from(there.months);
                    Openings { row, payer: there.payer, number, months, stays: false }
                });
                opened.collect()
            }
        }
    }

    /// Dollars that a line is expected to have in a year, all members together, at the prices of year 0.
    fn dollars(&self, index: usize, panel: Panel<'_>, year: usize) -> f64 {
        let service = &self.services[index];
        let expected = self.expected(index, panel, year);
        expected.map(|(_, payer, events)| events * service.fee_level(payer) * service.terms.mean_price).sum()
    }
}

impl Episode {
    /// Dollars of a kind of care that one episode is expected to bring in its own year and in the next.
    ///
    /// An event comes at any time alike while its member is there in the year, the care at any time between its days, and
    /// death at any time of the window.
    fn expected(&self, care: &EpisodeCare, odds: f64, opened: &Openings) -> (f64, f64) {
        let path = care.path.map_or(1.0, |path| self.share_of_path(path, odds));
        let dollars = path * shifted(care.share, odds) * care.mean;
        if matches!(self.opens, Opens::Condition(_)) {
            return (dollars * care.part_before(opened.months.min(self.window)), 0.0);
        }
        let (dead, late) = (shifted(self.death_rate, odds) / self.window, 1.0 / opened.months);
        let now = care.part_before(opened.months) * care.mean_until(opened.months, dead, late);
        let given = 1.0 - dead * (care.from + care.length / 2.0);
        (dollars * now, dollars * (given - now))
    }
}

impl EpisodeCare {
    /// The mean of (1 − a d) (1 − b d) over delays d from the first to the last, or to a time before it.
    fn mean_until(&self, time: f64, a: f64, b: f64) -> f64 {
        let length = self.length.min(time - self.from).max(0.0);
        let mean = self.from + length / 2.0;
        let square = mean * mean + length * length / 12.0;
        1.0 - (a + b) * mean + a * b * square
    }

    /// The part of the care that comes before a time, months after the start.
    fn part_before(&self, reach: f64) -> f64 {
        if self.length > 0.0 {
            ((reach - self.from) / self.length).clamp(0.0, 1.0)
        } else {
            f64::from(u8::from(self.from < reach))
        }
    }
}
