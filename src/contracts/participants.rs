//! Those who give care under an organization that shares savings: what it passes on to them, and recovers from them.

use super::Step;
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};

/// Parts of a settlement that are the participants'.
#[derive(Debug, Clone, Copy)]
pub struct Participants {
    /// Of what is earned.
    pub distributed_share: Term,
    /// Of what is owed.
    pub recovered_share: Term,
}

impl Participants {
    /// Refuses shares that are none.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("distributed_share", self.distributed_share.value())?;
        place.rate("recovered_share", self.recovered_share.value())
    }

    /// What is distributed of savings earned, and recovered of losses owed.
    fn parts<A: Amount>(&self, earned: A, owed: A) -> (A, A) {
        let part = |amount: A, share: &Term| amount.times(A::term(share)).posted();
        (part(earned, &self.distributed_share), part(owed, &self.recovered_share))
    }

    /// Posts what moves between the organization and its participants.
    pub fn settle<A: Amount>(&self, earned: A, owed: A, months: (Month, Month), ledger: &mut Ledger<A>) {
        let (distributed, recovered) = self.parts(earned, owed);
        let flow = |from, to| Flow(from, to, Account::Distribution);
        ledger.settle(flow(Party::Provider, Party::OtherProviders), None, months, distributed);
        ledger.settle(flow(Party::OtherProviders, Party::Provider), None, months, recovered);
    }

    /// The lines of a statement, where anything is the participants'.
    pub fn steps<A: Amount>(&self, earned: A, owed: A) -> Vec<Step<A>> {
        if self.distributed_share.value() == 0.0 && self.recovered_share.value() == 0.0 {
            return Vec::new();
        }
        let (distributed, recovered) = self.parts(earned, owed);
        let kept = earned - distributed - owed + recovered;
        vec![
            Step::dollars("distributed", "distributed_share × earned", distributed),
            Step::dollars("recovered", "recovered_share × owed", recovered),
            Step::dollars("kept_by_organization", "earned − distributed − owed + recovered", kept),
        ]
    }
}
