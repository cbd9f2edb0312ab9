//! Service lines less the care of episodes: a line's own events are fewer by as many dollars as episodes bring.

use super::super::Utilization;
use super::super::service::Service;
use super::{Episode, EpisodeCare, shifted};
use crate::error::{Place, Result, show};
use crate::population::{MONTHS, Population};

impl Utilization {
    /// Lowers the rates of lines of which episodes bring events, year by year: the first simulated year has the care of
    /// episodes that began before it among its own events.
    ///
    /// # Errors
    ///
    /// Where episodes bring more dollars of a line than it has.
    pub fn net_of_episodes(&mut self, population: &Population) -> Result<()> {
        for episode in &self.episodes {
            episode.check(population)?;
        }
        let years = self.horizon.len();
        let brought = self.brought(population);
        for (index, brought) in brought.into_iter().enumerate() {
            if brought.iter().all(|dollars| *dollars == 0.0) {
                continue;
            }
            let service = &self.services[index];
            let line: Vec<f64> = (0..years).map(|year| self.dollars(service, population, year)).collect();
            let net = |(brought, line): (&f64, &f64)| if *line > 0.0 { 1.0 - brought / line } else { 1.0 };
            let net: Vec<f64> = brought.iter().zip(&line).map(net).collect();
            let lost = brought.iter().zip(&line).position(|(brought, line)| brought > line);
            if let Some(year) = lost {
                let rule = "must have at least the dollars that episodes bring of the line";
                let got = format!("{} of {} a year", show(line[year].round()), show(brought[year].round()));
                let error = Place(&service.terms.name).error("per_1000", rule).got(got);
                return Err(error
                    .hint("Episode(within_lines=False) brings its care on top of the lines")
                    .into());
            }
            self.services[index].net = net;
        }
        Ok(())
    }

    /// By service and year: dollars that episodes bring, at the prices of year 0.
    fn brought(&self, population: &Population) -> Vec<Vec<f64>> {
        let years = self.horizon.len();
        let mut brought = vec![vec![0.0; years]; self.services.len()];
        for episode in self.episodes.iter().filter(|episode| episode.within_lines) {
            let trigger = &self.services[episode.trigger];
            for year in 0..years {
                for (row, payer, events) in self.expected(trigger, population, year) {
                    let odds = episode.odds(population, row);
                    let stays = year + 1 < years && {
                        let next = population.members()[row].in_year(self.horizon.label(year + 1));
                        next.first_month == 0 && next.months > 0
                    };
                    for care in &episode.care {
                        let (now, next) = episode.expected(care, odds);
                        let events = events * self.services[care.service].fee_level(payer);
                        brought[care.service][year] += events * now;
                        if stays {
                            brought[care.service][year + 1] += events * next;
                        }
                    }
                }
            }
        }
        brought
    }

    /// Dollars that a line is expected to have in a year, all members together, at the prices of year 0.
    fn dollars(&self, service: &Service, population: &Population, year: usize) -> f64 {
        let expected = self.expected(service, population, year);
        expected.map(|(_, payer, events)| events * service.fee_level(payer) * service.terms.mean_price).sum()
    }
}

impl Episode {
    /// Dollars of a kind of care that one event is expected to bring in its own year and in the next.
    ///
    /// The event comes at any time of its year alike, the care at any time between its days, and death at any time of
    /// the window.
    fn expected(&self, care: &EpisodeCare, odds: f64) -> (f64, f64) {
        let path = care.path.map_or(1.0, |path| self.share_of_path(path, odds));
        let dollars = path * shifted(care.share, odds) * care.mean;
        let mean = care.from + care.length / 2.0;
        let square = mean * mean + care.length * care.length / 12.0;
        let (dead, late) = (shifted(self.death_rate, odds) / self.window, 1.0 / MONTHS as f64);
        let given = 1.0 - dead * mean;
        let now = 1.0 - (dead + late) * mean + dead * late * square;
        (dollars * now, dollars * (given - now))
    }
}
