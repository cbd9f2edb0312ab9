//! What was settled before a contract, read off the ledger: payments by account, of a year or by its months.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::ledger::{Account, Ledger, Month, Party, Transfer};
use crate::money::Amount;

/// Accounts that move between payer and provider.
const OF_PAYER: &[Account] = &[
    Account::Claim,
    Account::Capitation,
    Account::CareManagementFee,
    Account::SharedSavings,
    Account::SharedLosses,
    Account::QualityPayment,
    Account::QualityPenalty,
    Account::CorridorReceipt,
    Account::CorridorPayment,
    Account::PoolSurplus,
    Account::PoolDeficit,
    Account::Withheld,
    Account::WithholdReturned,
    Account::Rebate,
    Account::Sequestered,
    Account::Advance,
    Account::AdvanceRepaid,
    Account::EpisodePrice,
    Account::EpisodeGain,
];

/// Accounts between payer and provider, as the user names them; those that take back count against the others.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Accounts(Vec<String>);

impl Accounts {
    /// Refuses none at all, unknown names and repeated ones.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        if self.0.is_empty() {
            return Err(place.error("accounts", "must name at least one account").got("none").into());
        }
        for (position, name) in self.0.iter().enumerate() {
            if !OF_PAYER.iter().any(|account| account.name() == name) {
                let rule = "must name accounts between payer and provider";
                let known = OF_PAYER.iter().map(|account| account.name()).collect::<Vec<_>>().join(", ");
                let error = place.error("accounts", rule).got(format!("{name:?}"));
                return Err(error.hint(format!("they are {known}")).into());
            }
            if self.0[..position].contains(name) {
                let error = place.error("accounts", "must name each account once");
                return Err(error.got(format!("{name:?} twice")).into());
            }
        }
        Ok(())
    }

    /// The accounts, once they are checked.
    pub fn known(&self) -> Vec<Account> {
        let named = |account: &Account| self.0.iter().any(|name| name == account.name());
        OF_PAYER.iter().copied().filter(named).collect()
    }
}

/// Months incurred and of cash.
pub type Months = (Month, Month);

/// What the payer paid the provider before this contract, of some accounts and a year, by months incurred and of cash;
/// what it took back is taken off.
pub fn paid_by_month<A: Amount>(
    ledger: &Ledger<A>,
    months_before: usize,
    accounts: &[Account],
) -> BTreeMap<Months, A> {
    let mut paid = BTreeMap::new();
    for transfer in ledger.before_of_year(months_before) {
        if !accounts.contains(&transfer.account) {
            continue;
        }
        let amount = match (transfer.from, transfer.to) {
            (Party::Payer, Party::Provider) => transfer.amount,
            (Party::Provider, Party::Payer) => A::ZERO - transfer.amount,
            _ => continue,
        };
        let sum = paid.entry((transfer.incurred, transfer.cash)).or_insert(A::ZERO);
        *sum = *sum + amount;
    }
    paid
}

/// What a party received less what it paid in a year, of the transfers whose account is asked for.
pub fn net<'a, A: Amount + 'a>(
    transfers: impl Iterator<Item = &'a Transfer<A>>,
    months_before: usize,
    party: Party,
    of: impl Fn(Account) -> bool,
) -> A {
    transfers.filter(|transfer| transfer.is_of_year(months_before) && of(transfer.account)).fold(
        A::ZERO,
        |sum, transfer| {
            if transfer.to == party {
                sum + transfer.amount
            } else if transfer.from == party {
                sum - transfer.amount
            } else {
                sum
            }
        },
    )
}

/// What stop-loss before this contract repays of a year, but for that of bundles, which is of billed care.
pub fn repaid_by_covers<A: Amount>(ledger: &Ledger<A>, months_before: usize, bundles: &[u16]) -> A {
    let of_bundle = |contract: u16| bundles.contains(&contract);
    let covers = ledger.before().filter(|transfer| !transfer.contract.is_some_and(of_bundle));
    net(covers, months_before, Party::Provider, |account| account == Account::StopLossRecovery)
}

/// The provider's capitation revenue of a year before this contract.
pub fn capitation<A: Amount>(ledger: &Ledger<A>, months_before: usize) -> A {
    net(ledger.before(), months_before, Party::Provider, |account| account == Account::Capitation)
}
