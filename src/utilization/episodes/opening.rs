//! Watches the events of a service that opens episodes on their way to the sink.

use super::super::draws::BATCH;
use super::super::events::{Events, Sink};
use crate::population::{MONTHS, MemberYear};

/// An event that may open an episode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::utilization) struct Trigger {
    pub episode: usize,
    /// Version of care of the service.
    pub version: usize,
    pub member: usize,
    /// Months since the start of the first simulated year.
    pub time: f64,
    /// Its number among the places for events of the member's year: no other has it, and every version gives it the same.
    pub number: u64,
}

/// A sink behind which the events of one service are noted.
pub(in crate::utilization) struct Opening<'a, S> {
    sink: &'a mut S,
    episode: usize,
    year: usize,
    triggers: &'a mut Vec<Trigger>,
    /// By version: blocks of each member so far.
    blocks: Vec<[u64; BATCH]>,
}

impl<'a, S: Sink> Opening<'a, S> {
    pub fn new(
        sink: &'a mut S,
        episode: usize,
        year: usize,
        n_versions: usize,
        triggers: &'a mut Vec<Trigger>,
    ) -> Self {
        Self { sink, episode, year, triggers, blocks: vec![[0; BATCH]; n_versions] }
    }
}

impl<S: Sink> Sink for Opening<'_, S> {
    fn asks_months(&self) -> bool {
        true
    }

    fn asks_order(&self) -> bool {
        true
    }

    fn begin(&mut self, year: usize, first_row: usize, members: &[MemberYear]) {
        self.sink.begin(year, first_row, members);
    }

    fn events<const CLOSELY: bool>(
        &mut self,
        member: usize,
        service: usize,
        version: usize,
        events: &Events,
    ) {
        self.sink.events::<CLOSELY>(member, service, version, events);
        let block = &mut self.blocks[version][member];
        for place in (0..4).filter(|place| events.live[*place] > 0.0) {
            self.triggers.push(Trigger {
                episode: self.episode,
                version,
                member,
                time: time(self.year, events.months[place], events.order[place]),
                number: 4 * *block + place as u64,
            });
        }
        *block += 1;
    }

    fn end(&mut self) {
        self.sink.end();
    }
}

/// Months since the start of the first simulated year, of an event at a place in the order of its month.
#[must_use]
pub fn time(year: usize, month: usize, order: u64) -> f64 {
    (year * MONTHS + month) as f64 + order as f64 / TWO_TO_64
}

/// The place in the order of its month of a part of a month.
pub(super) fn order(part: f64) -> u64 {
    (part * TWO_TO_64) as u64
}

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
