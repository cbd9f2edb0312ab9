//! Fills the declared views from the events of one batch of members after the other: claims are never stored.

use super::{ByMonth, Facts, MemberLayer, Tally, ViewPlan};
use crate::money::Amount;
use crate::population::{MONTHS, Member, Population};
use crate::utilization::events::{BATCH, Events, Sink};

/// One value for each member of a batch.
type ByMember = [f64; BATCH];

/// Scratch of one thread: one batch of members, and the facts so far.
#[derive(Debug, Clone)]
pub struct Filler<'a> {
    plan: &'a ViewPlan,
    n_services: usize,
    by_month: bool,
    /// Position among the totals of each payer and service; what nobody asks for goes to one place behind them.
    total_of: Vec<usize>,
    /// Payer of each member of the batch, times the number of services.
    payer_offsets: [usize; BATCH],
    /// Events and prices of each total, apart by their place in a block: neighbours that fall in the same month
    /// need not wait for each other.
    apart: Vec<[ByMonth<Tally<f64>>; 4]>,
    /// Drawn dollars by service and member of the batch.
    member_prices: Vec<ByMember>,
    facts: Facts<f64>,
}

impl<'a> Filler<'a> {
    /// Scratch for a plan; exposures are filled at once, since they are the same in every world.
    ///
    /// Unless `by_month`, the events of a year are booked in its first month and their months never drawn.
    #[must_use]
    pub fn new(plan: &'a ViewPlan, population: &Population, n_services: usize, by_month: bool) -> Self {
        let mut total_of = vec![plan.totals.len(); population.payers().len() * n_services];
        for (position, total) in plan.totals.iter().enumerate() {
            total_of[usize::from(total.payer) * n_services + total.service] = position;
        }
        let facts = Facts {
            totals: vec![ByMonth::default(); plan.totals.len()],
            layers: vec![0.0; plan.layers.len()],
            exposures: plan.exposures.iter().map(|view| population.enrolled(view.payer)).collect(),
        };
        let member_prices = vec![[0.0; BATCH]; n_services];
        let apart = vec![Default::default(); plan.totals.len() + 1];
        Self { plan, n_services, by_month, total_of, payer_offsets: [0; BATCH], apart, member_prices, facts }
    }

    /// Begins a new world.
    pub fn clear(&mut self) {
        self.apart.fill([[Tally::default(); MONTHS]; 4]);
        self.facts.layers.fill(0.0);
    }

    /// Begins a batch.
    pub fn begin(&mut self, members: &[Member]) {
        for (offset, member) in self.payer_offsets.iter_mut().zip(members) {
            *offset = usize::from(member.payer) * self.n_services;
        }
        self.member_prices.fill([0.0; BATCH]);
    }

    /// Ends a batch: adds its part of each layer, member by member.
    pub fn end(&mut self, members: &[Member]) {
        for (sum, layer) in self.facts.layers.iter_mut().zip(&self.plan.layers) {
            for (part, member) in layer.parts(&self.member_prices).into_iter().zip(members) {
                if layer.payer.is_none_or(|payer| payer == member.payer) {
                    *sum += part;
                }
            }
        }
    }

    /// Ends a world.
    pub fn finish(&mut self) {
        for (total, apart) in self.facts.totals.iter_mut().zip(&self.apart) {
            for (month, tally) in total.iter_mut().enumerate() {
                let [first, second, third, fourth] = apart.each_ref().map(|place| place[month]);
                *tally = (first + second) + (third + fourth);
            }
        }
    }

    /// The facts of the world that was finished last.
    #[must_use]
    pub fn facts(&self) -> &Facts<f64> {
        &self.facts
    }
}

impl Sink for Filler<'_> {
    fn asks_months(&self) -> bool {
        self.by_month
    }

    #[allow(
        clippy::inline_always,
        reason = "four events handed over by memory cost as much again as drawing them"
    )]
    #[inline(always)]
    fn events(&mut self, member: usize, service: usize, events: &Events) {
        let Events { live, prices, months, .. } = events;
        let of_block = |values: &[f64; 4]| (values[0] + values[1]) + (values[2] + values[3]);
        self.member_prices[service][member] += of_block(prices);
        let apart = &mut self.apart[self.total_of[self.payer_offsets[member] + service]];
        if self.by_month {
            for (((place, month), events), prices) in apart.iter_mut().zip(months).zip(live).zip(prices) {
                place[*month] = place[*month] + Tally { events: *events, prices: *prices };
            }
        } else {
            apart[0][0] = apart[0][0] + Tally { events: of_block(live), prices: of_block(prices) };
        }
    }
}

impl MemberLayer {
    /// The part of each member's year that falls in the layer.
    fn parts(&self, member_prices: &[ByMember]) -> ByMember {
        let mut dollars = [0.0; BATCH];
        for (weight, prices) in self.weights.iter().zip(member_prices) {
            for (sum, price) in dollars.iter_mut().zip(prices) {
                *sum += weight * price;
            }
        }
        dollars.map(|loss| (loss - self.attachment).most(0.0).least(self.limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ladder of losses that a person can check by eye: attachment 20, limit 30.
    #[test]
    fn a_layer_on_a_ladder_of_losses() {
        let layer = MemberLayer { weights: vec![1.0, 0.5, 0.0], payer: None, attachment: 20.0, limit: 30.0 };
        for (loss, part) in [(0., 0.), (10., 0.), (20., 0.), (30., 10.), (40., 20.), (50., 30.), (60., 30.)] {
            let prices = [loss - 0.5 * 4.0, 4.0, 99.0].map(|price| [price; BATCH]);
            assert_eq!(layer.parts(&prices), [part; BATCH], "loss {loss}");
        }
    }
}
