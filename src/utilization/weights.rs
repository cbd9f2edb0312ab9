//! What multiplies the rates of a batch's members: risk, exposure, frailty, relativities; and the loop over its years.

use super::draws::{BATCH, Draws, Words};
use super::episodes::{Opening, Year};
use super::events::{ServiceYear, Sink};
use super::frailty::{FrailtyPlace, KEPT};
use super::health::{Batch, Found};
use super::{Service, Utilization};
use crate::population::{Dynamics, Member, Population};
use crate::rng::{Key, World, open_uniform};

/// A panel and how it moves through the years.
#[derive(Debug, Clone, Copy)]
pub struct Panel<'a> {
    /// The members.
    pub population: &'a Population,
    /// Who leaves, who counts, which conditions members have.
    pub dynamics: &'a Dynamics,
}

impl Utilization {
    /// Draws all years of a world and hands every event to `sink`: batch by batch, year by year, service by service.
    ///
    /// Base years are drawn only if `base_years`. False if `stopped` said so on the way; it is asked after some thousand
    /// events at most.
    pub fn simulate(
        &self,
        panel: Panel<'_>,
        base_years: bool,
        world: World,
        draws: &mut Draws,
        sink: &mut impl Sink,
        stopped: &impl Fn() -> bool,
    ) -> bool {
        self.level(world, &mut draws.levels);
        // Care of episodes that began in a base year is part of the first performance year.
        let first = if base_years || !self.episodes.is_empty() { 0 } else { self.horizon.base_years };
        for (batch, members) in panel.population.members().chunks(BATCH).enumerate() {
            draws.first_row = batch * BATCH;
            self.begin_members(panel, members, world, draws);
            for year in first..self.horizon.len() {
                if year >= self.horizon.performance().end && !sink.has_open_windows() {
                    break;
                }
                self.begin_year(panel, members, year, world, draws);
                sink.begin(year, draws.first_row, &draws.years[..members.len()]);
                let (label, n) = (self.horizon.label(year), members.len());
                for (index, service) in self.services.iter().enumerate() {
                    self.weigh(panel, index, label, draws);
                    let versions = self.care.versions(index);
                    let of = ServiceYear { service, index, year, versions, label, members: n, world };
                    if stopped() || !self.simulate_service(&of, draws, sink, stopped) {
                        return false;
                    }
                }
                if !self.episodes.is_empty() {
                    let of = Year { population: panel.population, world, position: year, label };
                    self.give_episodes(of, draws, sink);
                }
                let batch = Batch {
                    population: panel.population,
                    care: &self.care,
                    seed: self.seed,
                    world,
                    label,
                    members: n,
                };
                self.look_at_health(&batch, draws, sink);
                sink.end();
            }
        }
        true
    }

    /// A service of the batch in a year; of one that opens episodes the events are noted.
    fn simulate_service(
        &self,
        of: &ServiceYear<'_>,
        draws: &mut Draws,
        sink: &mut impl Sink,
        stopped: &impl Fn() -> bool,
    ) -> bool {
        let Some(episode) = self.episodes.iter().position(|episode| episode.trigger() == Some(of.index))
        else {
            return of.simulate(draws, sink, stopped);
        };
        let mut triggers = std::mem::take(&mut draws.episodes.triggers);
        let mut opening = Opening::new(sink, episode, of.year, 1 + of.versions.len(), &mut triggers);
        let complete = of.simulate(draws, &mut opening, stopped);
        draws.episodes.triggers = triggers;
        complete
    }

    /// Outcomes and measures of the batch in a year.
    fn look_at_health(&self, batch: &Batch<'_>, draws: &Draws, sink: &mut impl Sink) {
        for (index, health) in self.health.iter().enumerate() {
            let mut found = vec![Found::default(); health.n_versions()];
            health.find(batch, draws, &mut found);
            sink.found(index, &found);
        }
    }

    /// What members keep over the years: frailty, severity, who is reached by a programme.
    fn begin_members(&self, panel: Panel<'_>, members: &[Member], world: World, draws: &mut Draws) {
        draws.frailty_block = None;
        let versions = (0..self.episodes.len()).map(|episode| self.care.episode_versions(episode).len());
        draws.episodes.begin(versions);
        for (word, member) in draws.members.iter_mut().zip(members) {
            *word = member.word;
        }
        self.draw_frailty_words(KEPT, world, draws);
        draws.permanent = [1.0; BATCH];
        self.dispersion.permanent.multiply(&draws.frailty_words[KEPT.word], &mut draws.permanent);
        draws.severity = [1.0; BATCH];
        if let Some(severity) = &self.severity {
            draws.draw_first_blocks(severity.key, world);
            let own = draws.first_blocks[0].iter().zip(&draws.frailty_words[KEPT.word]);
            for (factor, (own, frailty)) in draws.severity.iter_mut().zip(own) {
                *factor = severity.at_words(*frailty, *own);
            }
        }
        draws.own_permanent.resize(self.services.len(), [1.0; BATCH]);
        let own = draws.own_permanent.iter_mut().zip(&draws.own_frailty_words);
        for (service, (own, words)) in self.services.iter().zip(own) {
            *own = [1.0; BATCH];
            service.dispersion.permanent.multiply(&words[KEPT.word], own);
        }
        draws.reached.clear();
        for key in self.care.reach_keys() {
            draws.draw_first_blocks(key, world);
            draws.reached.push(draws.first_blocks[0].map(open_uniform));
        }
        if panel.dynamics.is_any() {
            let mut uniforms = uniforms_of(members, world);
            let (row, course) = (draws.first_row, &mut draws.course);
            panel.dynamics.begin(panel.population, row, members, self.horizon, &mut uniforms, course);
        }
    }

    /// Draws the block of all frailties that holds a place, unless it is there already.
    fn draw_frailty_words(&self, place: FrailtyPlace, world: World, draws: &mut Draws) {
        if draws.frailty_block == Some(place.block) {
            return;
        }
        draws.frailty_block = Some(place.block);
        let (members, blocks) = (&draws.members, [place.block; BATCH]);
        let draw = |key: Key, words: &mut Words<BATCH>| {
            key.fill(world, members, &blocks, words.each_mut().map(<[u64; BATCH]>::as_mut_slice));
        };
        if self.dispersion.is_any() || self.severity.is_some() {
            draw(self.frailty_key, &mut draws.frailty_words);
        }
        draws.own_frailty_words.resize(self.services.len(), [[0; BATCH]; 4]);
        for (service, words) in self.services.iter().zip(&mut draws.own_frailty_words) {
            if service.dispersion.is_any() {
                draw(service.frailty_key, words);
            }
        }
    }

    /// The members in a year, and what multiplies their rates whatever the service.
    fn begin_year(&self, panel: Panel<'_>, members: &[Member], year: usize, world: World, draws: &mut Draws) {
        let label = self.horizon.label(year);
        for (there, member) in draws.years.iter_mut().zip(members) {
            *there = member.in_year(label);
        }
        if panel.dynamics.is_any() {
            let (course, years) = (&mut draws.course, &mut draws.years[..members.len()]);
            panel.dynamics.advance(
                members,
                year,
                self.horizon,
                &mut uniforms_of(members, world),
                course,
                years,
            );
        }
        let each = draws.shared_weights.iter_mut().zip(&draws.years).zip(&draws.permanent);
        for ((weight, there), permanent) in each.take(members.len()) {
            *weight = there.exposed_risk * permanent;
        }
        if panel.dynamics.is_any() {
            let each = draws.shared_weights.iter_mut().zip(&draws.course.last_year);
            each.for_each(|(weight, last_year)| *weight *= last_year);
        }
        let place = FrailtyPlace::of_year(label);
        self.draw_frailty_words(place, world, draws);
        self.dispersion.yearly.multiply(&draws.frailty_words[place.word], &mut draws.shared_weights);
        draws.shared_roots = draws.shared_weights.map(f64::sqrt);
    }

    /// What multiplies the rates of one service.
    fn weigh(&self, panel: Panel<'_>, index: usize, label: i8, draws: &mut Draws) {
        (draws.weights, draws.roots, draws.scales) =
            (draws.shared_weights, draws.shared_roots, draws.severity);
        let service = &self.services[index];
        if !service.fee_levels.is_empty() {
            let each = draws.scales.iter_mut().zip(&draws.years);
            each.for_each(|(scale, there)| *scale *= service.fee_levels[usize::from(there.payer)]);
        }
        if !service.has_weights_of_its_own() && panel.dynamics.conditions.is_empty() {
            return;
        }
        if service.dispersion.permanent.is_any() {
            let own = draws.own_permanent[index];
            draws.weights.iter_mut().zip(own).for_each(|(weight, own)| *weight *= own);
        }
        if service.dispersion.yearly.is_any() {
            let words = &draws.own_frailty_words[index][FrailtyPlace::of_year(label).word];
            service.dispersion.yearly.multiply(words, &mut draws.weights);
        }
        if let Some(by_age) = &service.by_age {
            let each = draws.weights.iter_mut().zip(&draws.years);
            each.for_each(|(weight, there)| *weight *= by_age.at(there.age));
        }
        for (condition, states) in panel.dynamics.conditions.iter().zip(&draws.course.states) {
            if let Some(factors) = condition.relativities(index) {
                let each = draws.weights.iter_mut().zip(states);
                each.for_each(|(weight, state)| *weight *= factors[usize::from(*state)]);
            }
        }
        if let Some(factors) = service.relativity.as_deref().and_then(|name| panel.population.factor(name)) {
            let each = draws.weights.iter_mut().zip(&factors[draws.first_row..]);
            each.for_each(|(weight, factor)| *weight *= factor);
        }
        draws.roots = draws.weights.map(f64::sqrt);
    }
}

/// The uniforms of the first block of each member of a batch under a key.
fn uniforms_of(members: &[Member], world: World) -> impl FnMut(Key) -> Vec<[f64; 4]> {
    move |key| members.iter().map(|member| key.at(world, member.word).block(0).map(open_uniform)).collect()
}

impl Service {
    fn has_weights_of_its_own(&self) -> bool {
        self.dispersion.is_any() || self.by_age.is_some() || self.relativity.is_some()
    }
}
