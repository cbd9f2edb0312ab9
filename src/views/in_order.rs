//! What members pay of the claims of a batch's year, in the order in which they come.

use super::claims::Claim;
use super::cost_sharing::Spent;
use super::{Benefit, BenefitView};
use crate::population::MemberYear;
use crate::utilization::events::BATCH;

/// What the members of a batch paid in its year.
#[derive(Debug, Clone)]
pub(super) struct InOrder {
    n_services: usize,
    /// By benefit and service: dollars of each member.
    shares: Vec<[f64; BATCH]>,
}

impl InOrder {
    pub fn new(n_benefits: usize, n_services: usize) -> Self {
        Self { n_services, shares: vec![[0.0; BATCH]; n_benefits * n_services] }
    }

    /// Begins a batch's year.
    pub fn clear(&mut self) {
        self.shares.fill([0.0; BATCH]);
    }

    /// What members pay under a benefit of claims in order: hands over the share of each by member, service and month.
    pub fn settle(
        &mut self,
        claims: &[Claim],
        position: usize,
        benefit: &Benefit,
        members: &[MemberYear],
        mut hand_over: impl FnMut(usize, usize, usize, f64),
    ) {
        let (mut of, mut spent) = (usize::MAX, Spent::default());
        for claim in claims.iter().filter(|claim| claim.version == benefit.versions[claim.service]) {
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
