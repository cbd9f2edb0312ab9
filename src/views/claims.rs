//! The claims of a batch's year, kept where somebody looks at them one by one: in the order in which they come.

use std::cmp::Ordering;

use crate::utilization::events::Events;

/// Claims of a batch's year.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    asked: bool,
    claims: Vec<Claim>,
}

/// One claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Claim {
    pub member: usize,
    pub month: usize,
    pub order: u64,
    pub service: usize,
    pub version: usize,
    pub price: f64,
}

impl Claim {
    /// The order of the year: member, month, then the order drawn within it; claims that are alike stand in any.
    fn compare(&self, other: &Self) -> Ordering {
        let place = |claim: &Self| (claim.member, claim.month, claim.order, claim.service, claim.version);
        place(self).cmp(&place(other)).then(self.price.total_cmp(&other.price))
    }
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

    /// Keeps the claims of some members only: the others' need not be brought into order.
    pub fn keep(&mut self, members: &[bool]) {
        self.claims.retain(|claim| members[claim.member]);
    }

    /// The claims, those of each member in their order.
    pub fn in_order(&mut self) -> &[Claim] {
        self.claims.sort_unstable_by(Claim::compare);
        &self.claims
    }
}
