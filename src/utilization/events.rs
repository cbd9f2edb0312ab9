//! The events of one member in one world: counts, prices and months, each word at its own address.

use super::{Service, Utilization};
use crate::distributions::{Frailty, poisson};
use crate::population::Member;
use crate::rng::{Block, World, open_uniform};

/// Services whose first blocks are made together, so that the processor works on all of them at once.
const IN_FLIGHT: usize = 8;

/// Events whose months come from one block.
const EVENTS_A_BLOCK: u32 = 4;

/// Receives the events of one member.
pub trait Sink {
    /// One event of a service (by index), in a month from 0, at its drawn price.
    fn event(&mut self, service: usize, month: usize, price: f64);
}

impl Utilization {
    /// Draws a member's year and hands every event to `sink`, service by service.
    #[inline]
    pub fn simulate(&self, member: &Member, world: World, sink: &mut impl Sink) {
        let weight = member.exposed_risk * self.frailty(member, world);
        for (group, services) in self.services.chunks(IN_FLIGHT).enumerate() {
            let mut first_blocks = [[0; 4]; IN_FLIGHT];
            for (block, service) in first_blocks.iter_mut().zip(services) {
                *block = service.events_key.at(world, member.word).block(0);
            }
            for (position, (block, service)) in first_blocks.into_iter().zip(services).enumerate() {
                let index = group * IN_FLIGHT + position;
                service
                    .simulate(weight, block, member, world, |month, price| sink.event(index, month, price));
            }
        }
    }

    /// The member's frailty in a world; mean 1.
    #[inline]
    #[must_use]
    pub fn frailty(&self, member: &Member, world: World) -> f64 {
        match &self.frailty {
            Frailty::None => 1.0,
            Frailty::Gamma(table) => {
                table.at(open_uniform(self.frailty_key.at(world, member.word).block(0)[0]))
            }
        }
    }
}

impl Service {
    /// The word after the count is the first amount: amounts run one word behind the months.
    #[inline]
    fn simulate(
        &self,
        weight: f64,
        mut words: Block,
        member: &Member,
        world: World,
        mut event: impl FnMut(usize, f64),
    ) {
        let count = poisson::quantile(open_uniform(words[0]), self.rate * weight);
        let events = self.events_key.at(world, member.word);
        let months = self.months_key.at(world, member.word);
        for block in 0..count.div_ceil(EVENTS_A_BLOCK) {
            let left = (count - block * EVENTS_A_BLOCK).min(EVENTS_A_BLOCK) as usize;
            let month_words = months.block(u64::from(block));
            let next = if left == 4 { events.block(u64::from(block) + 1) } else { words };
            let amount_words = [words[1], words[2], words[3], next[0]];
            for (month, amount) in month_words.into_iter().zip(amount_words).take(left) {
                event(month_of(month, member), self.price.at_word(amount));
            }
            words = next;
        }
    }
}

/// A month of enrolment, all equally likely, from 0.
#[inline]
fn month_of(word: u64, member: &Member) -> usize {
    // floor(u × months) in whole numbers: u is (2 × (word >> 12) + 1) / 2^53.
    usize::from(member.first_month) + ((((word >> 12) << 1 | 1) * u64::from(member.months)) >> 53) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_uniform_falls_in_the_last_enrolled_month() {
        for months in 1..=12 {
            let member = Member { word: 0, exposed_risk: 1.0, first_month: 0, months, payer: 0 };
            assert_eq!(month_of(u64::MAX, &member), usize::from(months) - 1);
            assert_eq!(month_of(0, &member), 0);
        }
    }
}
