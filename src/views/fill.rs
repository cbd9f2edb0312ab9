//! Fills the declared views from the events of one member after the other: claims are never stored.

use super::{Facts, MemberLayer, ViewPlan};
use crate::money::Amount;
use crate::population::{MONTHS, Member, Population};
use crate::utilization::events::Sink;

/// No view asks for this service of this payer.
const UNASKED: usize = usize::MAX;

/// Scratch of one thread: one member, and the facts so far.
#[derive(Debug, Clone)]
pub struct Filler<'a> {
    plan: &'a ViewPlan,
    n_services: usize,
    /// Position among the totals of each payer and service.
    total_of: Vec<usize>,
    /// Payer of the member at hand, times the number of services.
    payer_offset: usize,
    /// The member's drawn dollars by service.
    member_prices: Vec<f64>,
    facts: Facts<f64>,
}

impl<'a> Filler<'a> {
    /// Scratch for a plan; exposures are filled at once, since they are the same in every world.
    #[must_use]
    pub fn new(plan: &'a ViewPlan, population: &Population, n_services: usize) -> Self {
        let mut total_of = vec![UNASKED; population.payers().len() * n_services];
        for (position, total) in plan.totals.iter().enumerate() {
            total_of[usize::from(total.payer) * n_services + total.service] = position;
        }
        let facts = Facts {
            events: vec![[0.0; MONTHS]; plan.totals.len()],
            prices: vec![[0.0; MONTHS]; plan.totals.len()],
            layers: vec![0.0; plan.layers.len()],
            exposures: plan.exposures.iter().map(|view| population.enrolled(view.payer)).collect(),
        };
        Self { plan, n_services, total_of, payer_offset: 0, member_prices: vec![0.0; n_services], facts }
    }

    /// Begins a new world.
    pub fn clear(&mut self) {
        self.facts.events.fill([0.0; MONTHS]);
        self.facts.prices.fill([0.0; MONTHS]);
        self.facts.layers.fill(0.0);
    }

    /// Begins a member.
    #[inline]
    pub fn begin(&mut self, member: &Member) {
        self.payer_offset = usize::from(member.payer) * self.n_services;
        self.member_prices.fill(0.0);
    }

    /// Ends a member: adds its part of each layer.
    #[inline]
    pub fn end(&mut self, member: &Member) {
        for (sum, layer) in self.facts.layers.iter_mut().zip(&self.plan.layers) {
            if layer.payer.is_none_or(|payer| payer == member.payer) {
                *sum += layer.part(&self.member_prices);
            }
        }
    }

    /// The facts of the world so far.
    #[must_use]
    pub fn facts(&self) -> &Facts<f64> {
        &self.facts
    }
}

impl Sink for Filler<'_> {
    #[inline]
    fn event(&mut self, service: usize, month: usize, price: f64) {
        self.member_prices[service] += price;
        let total = self.total_of[self.payer_offset + service];
        if total != UNASKED {
            self.facts.events[total][month] += 1.0;
            self.facts.prices[total][month] += price;
        }
    }
}

impl MemberLayer {
    /// The part of a member's year that falls in the layer.
    #[inline]
    fn part(&self, member_prices: &[f64]) -> f64 {
        let dollars =
            self.weights.iter().zip(member_prices).fold(0.0, |sum, (weight, price)| sum + weight * price);
        (dollars - self.attachment).most(0.0).least(self.limit)
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
            assert_eq!(layer.part(&[loss - 0.5 * 4.0, 4.0, 99.0]), part, "loss {loss}");
        }
    }
}
