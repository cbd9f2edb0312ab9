//! The events of one member in one world: counts, prices and months, each word at its own address.

use super::{Service, Utilization};
use crate::distributions::{Frailty, poisson};
use crate::population::Member;
use crate::rng::{World, open_uniform};

/// Amounts in the block of the count.
const FIRST_AMOUNTS: u32 = 3;

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
        for (index, service) in self.services.iter().enumerate() {
            service.simulate(weight, member, world, |month, price| sink.event(index, month, price));
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
    #[inline]
    fn simulate(&self, weight: f64, member: &Member, world: World, mut event: impl FnMut(usize, f64)) {
        let events = self.events_key.at(world, member.word);
        let first = events.block(0);
        let count = poisson::quantile(open_uniform(first[0]), self.rate * weight);
        if count == 0 {
            return;
        }
        let months = self.months_key.at(world, member.word);
        let (mut month_words, mut amount_words) = ([0; 4], first);
        for number in 0..count {
            if number % 4 == 0 {
                month_words = months.block(u64::from(number / 4));
            }
            let position = (number + 1) % 4;
            if position == 0 && number >= FIRST_AMOUNTS {
                amount_words = events.block(u64::from(1 + (number - FIRST_AMOUNTS) / 4));
            }
            let month = month_of(month_words[(number % 4) as usize], member);
            event(month, self.price.at_word(amount_words[position as usize]));
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
