//! The events of a batch of members in one world: counts, prices and months, each word at its own address.
//!
//! A batch goes through each service stage by stage: first blocks, counts, the list of blocks that hold events,
//! their words, their prices. Every stage is a plain loop over the batch, whose end the processor can foresee;
//! what a block holds beyond its last event is drawn too, and counts for nothing.

use std::ops::Range;

pub use super::draws::{BATCH, Draws};
use super::draws::{FIRST, LISTED, Place, STRIDE};
use super::months::{DIGITS, months_of};
use super::{Service, Utilization};
use crate::distributions::Frailty;
use crate::distributions::poisson_table::PoissonTable;
use crate::population::Member;
use crate::rng::{Block, WIDTH, World};

/// 1 for a place that holds an event, by how many of the four do.
const LIVE: [[f64; 4]; 5] =
    [[0., 0., 0., 0.], [1., 0., 0., 0.], [1., 1., 0., 0.], [1., 1., 1., 0.], [1., 1., 1., 1.]];

/// The events of one block of words: of one service of one member, up to four.
#[derive(Debug, Clone, Copy)]
pub struct Events {
    /// 1 for a place that holds an event, 0 for one that does not.
    pub live: [f64; 4],
    /// Drawn prices, dollars; 0 where there is no event.
    pub prices: [f64; 4],
    /// Months from 0, where they were asked for.
    pub months: [usize; 4],
}

/// Receives the events of a batch of members.
pub trait Sink {
    /// Whether it looks at months; if not, none are drawn.
    fn asks_months(&self) -> bool;
    /// Events of a service (by index) of a member (by position in the batch); a member's blocks come in order.
    fn events(&mut self, member: usize, service: usize, events: &Events);
}

impl Utilization {
    /// Draws the year of a batch of at most [`BATCH`] members and hands every event to `sink`, service by service.
    ///
    /// False if `stopped` said so on the way; it is asked after some thousand events at most.
    pub fn simulate(
        &self,
        members: &[Member],
        world: World,
        draws: &mut Draws,
        sink: &mut impl Sink,
        stopped: &impl Fn() -> bool,
    ) -> bool {
        self.weigh(members, world, draws);
        self.services.iter().enumerate().all(|(index, service)| {
            !stopped() && ServiceYear { service, index, members, world }.simulate(draws, sink, stopped)
        })
    }

    /// The rate multiplier of each member: exposed risk times frailty of mean 1.
    fn weigh(&self, members: &[Member], world: World, draws: &mut Draws) {
        for (word, member) in draws.members.iter_mut().zip(members) {
            *word = member.word;
        }
        draws.draw_first_blocks(self.frailty_key, world);
        for (position, member) in members.iter().enumerate() {
            let frailty = match &self.frailty {
                Frailty::None => 1.0,
                Frailty::Gamma(table) => table.at_word(draws.first_blocks[0][position]),
            };
            draws.weights[position] = member.exposed_risk * frailty;
            draws.roots[position] = draws.weights[position].sqrt();
        }
    }
}

/// One service of a batch of members in one world.
struct ServiceYear<'a> {
    service: &'a Service,
    index: usize,
    members: &'a [Member],
    world: World,
}

impl ServiceYear<'_> {
    fn simulate(&self, draws: &mut Draws, sink: &mut impl Sink, stopped: &impl Fn() -> bool) -> bool {
        self.count(draws);
        if sink.asks_months() {
            self.draw_first_months(draws);
        }
        let mut listed = draws.list_first_blocks();
        let mut first_blocks = listed;
        for user in 0..draws.n_users {
            let member = draws.users[user];
            let mut left = (draws.counts[usize::from(member)] / 4) as usize;
            let mut next = Place::new(member, 1);
            // One pass for nearly everyone: a loop that ends anywhere costs more than places written in vain.
            loop {
                let places = &mut draws.list[listed..listed + STRIDE];
                places.iter_mut().enumerate().for_each(|(k, place)| *place = next.after(k));
                let taken = left.min(STRIDE);
                (listed, left, next) = (listed + taken, left - taken, next.after(STRIDE));
                if listed > LISTED - STRIDE {
                    if stopped() {
                        return false;
                    }
                    self.hand_over(draws, first_blocks..listed, sink);
                    (listed, first_blocks) = (0, 0);
                }
                if left == 0 {
                    break;
                }
            }
        }
        self.hand_over(draws, first_blocks..listed, sink);
        true
    }

    fn count(&self, draws: &mut Draws) {
        draws.draw_first_blocks(self.service.events_key, self.world);
        let table = PoissonTable::shared();
        draws.n_users = 0;
        for position in 0..self.members.len() {
            let rate = self.service.rate * draws.weights[position];
            let root = self.service.root_rate * draws.roots[position];
            let count = table.at_word(draws.first_blocks[0][position], rate, root);
            draws.counts[position] = count;
            draws.users[draws.n_users] = position as u8;
            draws.n_users += usize::from(count > 0);
        }
    }

    fn draw_first_months(&self, draws: &mut Draws) {
        let users = &draws.users[..draws.n_users];
        for (member, user) in draws.asked_members.iter_mut().zip(users) {
            *member = draws.members[usize::from(*user)];
        }
        let n = users.len().next_multiple_of(WIDTH);
        let words = draws.blocks.each_mut().map(|words| &mut words[..n]);
        self.service.months_key.fill(self.world, &draws.asked_members[..n], &FIRST[..n], words);
        for (position, user) in users.iter().enumerate() {
            draws.first_months[usize::from(*user)] = draws.blocks.each_ref().map(|row| row[position]);
        }
    }

    /// Draws the events of the list, which begins with first blocks and ends with `later` ones; hands them over.
    fn hand_over(&self, draws: &mut Draws, later: Range<usize>, sink: &mut impl Sink) {
        let (first, listed) = (later.start, later.end);
        self.draw_blocks(draws, later);
        let events = draws.gather_words(first, listed);
        self.service.price.fill(&draws.words[..events], &mut draws.prices[..events]);
        if sink.asks_months() {
            self.report::<true>(draws, listed, sink);
        } else {
            self.report::<false>(draws, listed, sink);
        }
    }

    fn draw_blocks(&self, draws: &mut Draws, later: Range<usize>) {
        let n = later.len().next_multiple_of(WIDTH);
        let asked = draws.asked_members.iter_mut().zip(&mut draws.asked_blocks);
        for (place, (member, block)) in draws.list[later].iter().zip(asked) {
            (*member, *block) = (draws.members[place.member()], u64::from(place.block()));
        }
        let words = draws.blocks.each_mut().map(|words| &mut words[..n]);
        self.service.events_key.fill(self.world, &draws.asked_members[..n], &draws.asked_blocks[..n], words);
    }

    fn report<const MONTHS: bool>(&self, draws: &Draws, listed: usize, sink: &mut impl Sink) {
        let mut start = 0;
        // Behind a block's last event lies the price of another: finite, as all prices are, and nothing times zero.
        for place in &draws.list[..listed] {
            let member = place.member();
            let events = place.events(draws.counts[member]);
            let live = LIVE[events];
            let prices = std::array::from_fn(|k| draws.prices[start + k] * live[k]);
            let months = if MONTHS { self.months(draws, *place) } else { [0; 4] };
            sink.events(member, self.index, &Events { live, prices, months });
            start += events;
        }
    }

    #[allow(clippy::inline_always, reason = "handed over by memory, months cost twice as much")]
    #[inline(always)]
    fn months(&self, draws: &Draws, place: Place) -> [usize; 4] {
        let (position, block) = (place.member(), place.block());
        let words = if block < DIGITS { draws.first_months[position] } else { self.later_months(place) };
        months_of(words, block % DIGITS, &self.members[position])
    }

    /// The months of events beyond the first 31.
    #[cold]
    fn later_months(&self, place: Place) -> Block {
        let address = self.service.months_key.at(self.world, self.members[place.member()].word);
        address.block(u64::from(place.block() / DIGITS))
    }
}
