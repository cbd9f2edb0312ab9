//! Where the random numbers of a service in a year live: a key for each process.

use crate::rng::{Key, Process};

/// Where the random numbers of a service in a year live.
#[derive(Debug, Clone, Copy)]
pub(super) struct YearKeys {
    pub events: Key,
    pub months: Key,
    pub thinning: Key,
    pub extra: Key,
    pub extra_months: Key,
    pub order: Key,
    pub extra_order: Key,
}

impl YearKeys {
    pub(super) fn new(seed: u64, year: i8, name: u32) -> Self {
        let key = |process| Key::new(seed, process, year, name);
        Self {
            events: key(Process::Service),
            months: key(Process::Month),
            thinning: key(Process::Thinning),
            extra: key(Process::Extra),
            extra_months: key(Process::ExtraMonth),
            order: key(Process::ClaimOrder),
            extra_order: key(Process::ExtraOrder),
        }
    }
}
