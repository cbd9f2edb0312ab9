//! The claims of a batch's year in the order in which they come, and what members pay of each.

use super::cost_sharing::Spent;
use super::{Benefit, BenefitView};
use crate::population::MemberYear;
use crate::utilization::events::{BATCH, Events};

/// Claims of a batch's year, and what its members paid by benefit and service.
#[derive(Debug, Clone)]
pub(super) struct InOrder {
    claims: Vec<Claim>,
    n_services: usize,
    /// By benefit and service: dollars of each member.
    shares: Vec<[f64; BATCH]>,
}

/// One claim; the derived order is that of the year: month, then the order drawn within it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Claim {
    member: usize,
    month: usize,
    order: u64,
    service: usize,
    version: usize,
    price: f64,
}

impl InOrder {
    pub fn new(n_benefits: usize, n_services: usize) -> Self {
        Self { claims: Vec::new(), n_services, shares: vec![[0.0; BATCH]; n_benefits * n_services] }
    }

    /// Begins a batch's year.
    pub fn clear(&mut self) {
        self.claims.clear();
        self.shares.fill([0.0; BATCH]);
    }

    /// Keeps the events of a block.
    #[inline(never)]
    pub fn add(&mut self, member: usize, service: usize, version: usize, events: &Events) {
        for place in (0..4).filter(|place| events.live[*place] > 0.0) {
            let (month, order, price) = (events.months[place], events.order[place], events.prices[place]);
            self.claims.push(Claim { member, month, order, service, version, price });
        }
    }

    /// Puts the claims of each member into their order.
    pub fn sort(&mut self) {
        self.claims.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    }

    /// What members pay under a benefit: hands over the share of each claim by member, service and month.
    pub fn settle(
        &mut self,
        position: usize,
        benefit: &Benefit,
        members: &[MemberYear],
        mut hand_over: impl FnMut(usize, usize, usize, f64),
    ) {
        let (mut of, mut spent) = (usize::MAX, Spent::default());
        for claim in self.claims.iter().filter(|claim| claim.version == benefit.versions[claim.service]) {
            if claim.member != of {
                (of, spent) = (claim.member, Spent::default());
            }
            let payer = usize::from(members[claim.member].payer);
            let price = claim.price * benefit.prices[payer][claim.service];
            let share = benefit.plans[payer].share(claim.service, price, &mut spent);
            self.shares[position * self.n_services + claim.service][claim.member] += share;
            hand_over(claim.member, claim.service, claim.month, share);
        }
    }

    /// What each member paid for a service under a benefit.
    pub fn shares(&self, benefit: BenefitView, service: usize) -> &[f64; BATCH] {
        &self.shares[benefit.0 * self.n_services + service]
    }
}
