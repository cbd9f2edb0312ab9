//! The events of a batch of members in one world: counts, prices and months, each word at its own address.
//!
//! A batch goes through year after year and each service stage by stage: first blocks, counts, the list of blocks that
//! hold events, their words, their prices. Every stage is a plain loop over the batch, whose end the processor can
//! foresee; what a block holds beyond its last event is drawn too, and counts for nothing.

use std::ops::Range;

pub use super::draws::{BATCH, Draws};
use super::draws::{FIRST, LISTED, Place, STRIDE};
use super::months::{DIGITS, months_of};
use super::service::Service;
use super::year_keys::YearKeys;
use crate::distributions::poisson_table::PoissonTable;
use crate::population::MemberYear;
use crate::rng::{Block, WIDTH, World};

/// 1 for a place that holds an event, by how many of the four do.
pub(super) const LIVE: [[f64; 4]; 5] =
    [[0., 0., 0., 0.], [1., 0., 0., 0.], [1., 1., 0., 0.], [1., 1., 1., 0.], [1., 1., 1., 1.]];

/// The events of one block of words: of one service of one member, up to four.
#[derive(Debug, Clone, Copy)]
pub struct Events {
    /// 1 for a place that holds an event, 0 for one that does not.
    pub live: [f64; 4],
    /// Drawn prices, dollars; 0 where there is no event.
    pub prices: [f64; 4],
    /// What giving the cases cost, dollars, where cases differ in it.
    pub case_costs: [f64; 4],
    /// Months from 0, where they were asked for.
    pub months: [usize; 4],
    /// Order within the month, where it was asked for.
    pub order: [u64; 4],
}

/// Receives the events of a batch of members, year after year.
pub trait Sink {
    /// Whether it looks at months; if not, none are drawn.
    fn asks_months(&self) -> bool;
    /// Whether it looks at the order of events within a month.
    fn asks_order(&self) -> bool {
        false
    }
    /// Begins a year, by its position, of the members of the batch, the first of which is at a row of the panel.
    fn begin(&mut self, year: usize, first_row: usize, members: &[MemberYear]);
    /// Events of a service (by index) under a version of care (0 is the baseline) of a member (by position in the
    /// batch); a member's blocks come in order. Unless `CLOSELY`, they have neither order nor costs of cases.
    fn events<const CLOSELY: bool>(&mut self, member: usize, service: usize, version: usize, events: &Events);
    /// A window that an episode opens.
    fn opened(&mut self, _opened: &super::episodes::Opened) {}
    /// Whether it follows windows to their end, and any of the batch is open at the end of the years it looks at.
    fn has_open_windows(&self) -> bool {
        false
    }
    /// What is found of an outcome or measure (by index) in the batch's year, by version.
    fn found(&mut self, _health: usize, _found: &[super::health::Found]) {}
    /// Ends the year.
    fn end(&mut self);
}

/// One service of a batch of members in one year of a world.
pub(super) struct ServiceYear<'a> {
    pub service: &'a Service,
    pub index: usize,
    /// Position of the year.
    pub year: usize,
    /// What arms do to the service in this year.
    pub versions: &'a [super::care::Factor],
    /// Number of the year.
    pub label: i8,
    /// Members of the batch.
    pub members: usize,
    pub world: World,
}

impl ServiceYear<'_> {
    pub(super) fn keys(&self) -> YearKeys {
        self.service.keys[self.year]
    }

    pub(super) fn simulate(
        &self,
        draws: &mut Draws,
        sink: &mut impl Sink,
        stopped: &impl Fn() -> bool,
    ) -> bool {
        self.count(draws);
        if self.asks_months(sink) {
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
        self.add_events(draws, sink, stopped)
    }

    /// Months decide what stays under a programme that grows, whoever else looks at them; what is looked at closely has
    /// them all.
    fn asks_months(&self, sink: &impl Sink) -> bool {
        sink.asks_months() || !self.versions.is_empty() || self.service.case_costs.is_some()
    }

    fn count(&self, draws: &mut Draws) {
        draws.draw_first_blocks(self.keys().events, self.world);
        let (rate, root) = draws.levels.rate(self.year, self.index);
        let table = PoissonTable::shared();
        draws.n_users = 0;
        for position in 0..self.members {
            let (rate, root) = (rate * draws.weights[position], root * draws.roots[position]);
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
        let words = draws.listed.blocks.each_mut().map(|words| &mut words[..n]);
        self.keys().months.fill(self.world, &draws.asked_members[..n], &FIRST[..n], words);
        for (position, user) in users.iter().enumerate() {
            draws.first_months[usize::from(*user)] = draws.listed.blocks.each_ref().map(|row| row[position]);
        }
    }

    /// Draws the events of the list, which begins with first blocks and ends with `later` ones; hands them over.
    fn hand_over(&self, draws: &mut Draws, later: Range<usize>, sink: &mut impl Sink) {
        let (first, listed) = (later.start, later.end);
        draws.draw_listed(self.keys().events, self.world, later, |words| &mut words.blocks);
        let events = draws.gather_words(first, listed);
        self.service.price.fill(&draws.words[..events], &mut draws.prices[..events]);
        if !self.versions.is_empty() {
            draws.draw_listed(self.keys().thinning, self.world, 0..listed, |words| &mut words.thinning);
        }
        if sink.asks_order() {
            draws.draw_listed(self.keys().order, self.world, 0..listed, |words| &mut words.order);
        }
        if let Some(costs) = &self.service.case_costs {
            costs.fill(&draws.words[..events], &mut draws.case_costs[..events]);
        }
        if !self.versions.is_empty() || sink.asks_order() || self.service.case_costs.is_some() {
            self.report::<true, true>(draws, listed, sink);
        } else if sink.asks_months() {
            self.report::<true, false>(draws, listed, sink);
        } else {
            self.report::<false, false>(draws, listed, sink);
        }
    }

    /// `CLOSELY` looks at what few studies ask for: the order of claims, versions of care, and the costs of cases.
    fn report<const MONTHS: bool, const CLOSELY: bool>(
        &self,
        draws: &Draws,
        listed: usize,
        sink: &mut impl Sink,
    ) {
        let level = draws.levels.price(self.year, self.index);
        let mut start = 0;
        // Behind a block's last event lies the price of another: finite, as all prices are, and nothing times zero.
        for (position, place) in draws.list[..listed].iter().enumerate() {
            let member = place.member();
            let events = place.events(draws.counts[member]);
            let live = LIVE[events];
            let level = level * draws.scales[member];
            let prices = std::array::from_fn(|k| draws.prices[start + k] * (live[k] * level));
            let months = if MONTHS { self.months(draws, *place) } else { [0; 4] };
            let order = if CLOSELY { draws.listed.order.each_ref().map(|row| row[position]) } else { [0; 4] };
            let case_costs = if CLOSELY { self.case_costs(draws, start, live) } else { [0.0; 4] };
            let of_block = Events { live, prices, case_costs, months, order };
            sink.events::<CLOSELY>(member, self.index, 0, &of_block);
            if CLOSELY && !self.versions.is_empty() {
                self.thin(draws, position, member, &of_block, sink);
            }
            start += events;
        }
    }

    /// What the cases of a block of events, the first of which is at `start`, cost their deliverer.
    fn case_costs(&self, draws: &Draws, start: usize, live: [f64; 4]) -> [f64; 4] {
        let growth = self.service.cost_growth[self.year];
        match self.service.case_costs {
            Some(_) => std::array::from_fn(|k| draws.case_costs[start + k] * (live[k] * growth)),
            None => [0.0; 4],
        }
    }

    #[allow(clippy::inline_always, reason = "handed over by memory, months cost twice as much")]
    #[inline(always)]
    fn months(&self, draws: &Draws, place: Place) -> [usize; 4] {
        let (position, block) = (place.member(), place.block());
        let words =
            if block < DIGITS { draws.first_months[position] } else { self.later_months(draws, place) };
        months_of(words, block % DIGITS, &draws.years[position])
    }

    /// The months of events beyond the first 31.
    #[cold]
    fn later_months(&self, draws: &Draws, place: Place) -> Block {
        let address = self.keys().months.at(self.world, draws.members[place.member()]);
        address.block(u64::from(place.block() / DIGITS))
    }
}
