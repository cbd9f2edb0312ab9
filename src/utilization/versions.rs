//! Events under the care of arms: which of the baseline's stay, and which are added.

use super::draws::Draws;
use super::events::{Events, LIVE, ServiceYear, Sink};
use crate::distributions::poisson_table::PoissonTable;
use crate::population::{MONTHS, MemberYear};
use crate::rng::{Address, Block, Key, open_uniform};

impl ServiceYear<'_> {
    /// Hands over, for each version, the events of a block that stay: those whose uniform is below the month's factor.
    #[inline(never)]
    pub(super) fn thin(
        &self,
        draws: &Draws,
        position: usize,
        member: usize,
        events: &Events,
        sink: &mut impl Sink,
    ) {
        let uniforms = draws.listed.thinning.each_ref().map(|row| open_uniform(row[position]));
        for (version, factor) in self.versions.iter().enumerate() {
            let factors = factor.by_month(self.label, |programme| draws.reached[programme][member]);
            let stays: [f64; 4] =
                std::array::from_fn(|k| f64::from(u8::from(uniforms[k] < factors[events.months[k]])));
            let kept = Events {
                live: std::array::from_fn(|k| events.live[k] * stays[k]),
                prices: std::array::from_fn(|k| events.prices[k] * stays[k]),
                case_costs: std::array::from_fn(|k| events.case_costs[k] * stays[k]),
                months: events.months,
                order: events.order,
            };
            sink.events::<true>(member, self.index, version + 1, &kept);
        }
    }

    /// Hands over the events that versions add where their factor is above 1; false if `stopped` said so.
    #[inline(never)]
    pub(super) fn add_events(
        &self,
        draws: &mut Draws,
        sink: &mut impl Sink,
        stopped: &impl Fn() -> bool,
    ) -> bool {
        for (version, factor) in self.versions.iter().enumerate() {
            if factor.largest() <= 1.0 {
                continue;
            }
            for member in 0..self.members {
                let factors = factor.by_month(self.label, |programme| draws.reached[programme][member]);
                let more = Added::new(factors, &draws.years[member]);
                if more.mean > 0.0 && (stopped() || !self.add(draws, member, version + 1, &more, sink)) {
                    return false;
                }
            }
        }
        true
    }

    /// The added events of one member; like the baseline's, a count and three prices, then four prices a block.
    #[inline(never)]
    fn add(&self, draws: &Draws, member: usize, version: usize, more: &Added, sink: &mut impl Sink) -> bool {
        let address = |key: Key| key.at(self.world, draws.members[member]);
        let (events, months) = (address(self.keys().extra), address(self.keys().extra_months));
        let rate = draws.levels.rate(self.year, self.index).0 * draws.weights[member] * more.mean;
        let first = events.block(0);
        let count = PoissonTable::shared().at_word(first[0], rate, rate.sqrt()) as usize;
        let level = draws.levels.price(self.year, self.index) * draws.scales[member];
        let orders = address(self.keys().extra_order);
        let (mut handed, mut block) = (0, 0);
        while handed < count {
            let (words, most) = words_of(&events, block, first);
            let live = LIVE[(count - handed).min(most)];
            let prices = std::array::from_fn(|k| self.service.price.at_word(words[k]) * (live[k] * level));
            let months = months.block(block).map(|word| more.month(open_uniform(word)));
            let order = if sink.asks_order() { orders.block(block) } else { [0; 4] };
            let growth = self.service.cost_growth[self.year];
            let case_costs = self.service.case_costs.as_ref().map_or([0.0; 4], |costs| {
                std::array::from_fn(|k| costs.at_word(words[k]) * (live[k] * growth))
            });
            let of_block = Events { live, prices, case_costs, months, order };
            sink.events::<true>(member, self.index, version, &of_block);
            handed += most;
            block += 1;
        }
        true
    }
}

/// The words of a block's prices and how many they are.
fn words_of(events: &Address, block: u64, first: Block) -> (Block, usize) {
    if block == 0 { ([first[1], first[2], first[3], 0], 3) } else { (events.block(block), 4) }
}

/// What a factor above 1 adds to a member's year.
struct Added {
    /// Events added for each of the baseline's, over the year.
    mean: f64,
    /// Part of them up to each enrolled month, from the first.
    up_to: [f64; MONTHS],
    first_month: usize,
    months: usize,
}

impl Added {
    fn new(factors: [f64; MONTHS], there: &MemberYear) -> Self {
        let (first_month, months) = (usize::from(there.first_month), usize::from(there.months));
        let mut up_to = [0.0; MONTHS];
        let mut sum = 0.0;
        for (above, factor) in up_to.iter_mut().zip(&factors[first_month..first_month + months]) {
            sum += (factor - 1.0).max(0.0);
            *above = sum;
        }
        let mean = if months == 0 { 0.0 } else { sum / months as f64 };
        Self { mean, up_to, first_month, months }
    }

    /// The month, from 0, at a uniform: months in proportion to what they add.
    fn month(&self, u: f64) -> usize {
        let last = self.months - 1;
        let reached = self.up_to[..last].partition_point(|part| *part < u * self.up_to[last]);
        self.first_month + reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_events_fall_where_the_factor_is_above_one() {
        let mut factors = [1.0; MONTHS];
        (factors[3], factors[4], factors[9]) = (1.5, 0.2, 2.5);
        let there = MemberYear { exposed_risk: 1.0, first_month: 2, months: 9, ..MemberYear::default() };
        let more = Added::new(factors, &there);
        assert!((more.mean - 2.0 / 9.0).abs() < 1e-15);
        assert_eq!([0.001, 0.25, 0.2501, 0.999].map(|u| more.month(u)), [3, 3, 9, 9]);
        assert_eq!(Added::new(factors, &MemberYear::default()).mean, 0.0);
    }
}
