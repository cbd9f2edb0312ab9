//! The claims of a batch's year, kept where somebody looks at them one by one: in the order in which they come.

use crate::utilization::events::Events;

/// Claims of a batch's year.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    asked: bool,
    claims: Vec<Claim>,
}

/// One claim; the derived order is that of the year: member, month, then the order drawn within it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Claim {
    pub member: usize,
    pub month: usize,
    pub order: u64,
    pub service: usize,
    pub version: usize,
    pub price: f64,
}

impl Claims {
    pub fn new(asked: bool) -> Self {
        Self { asked, claims: Vec::new() }
    }

    /// Whether anybody looks at claims.
    #[inline]
    pub fn is_asked(&self) -> bool {
        self.asked
    }

    /// Begins a batch's year.
    pub fn clear(&mut self) {
        self.claims.clear();
    }

    /// Keeps the events of a block.
    #[inline(never)]
    pub fn add(&mut self, member: usize, service: usize, version: usize, events: &Events) {
        for place in (0..4).filter(|place| events.live[*place] > 0.0) {
            let (month, order, price) = (events.months[place], events.order[place], events.prices[place]);
            self.claims.push(Claim { member, month, order, service, version, price });
        }
    }

    /// The claims, those of each member in their order.
    pub fn in_order(&mut self) -> &[Claim] {
        self.claims.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        &self.claims
    }
}
