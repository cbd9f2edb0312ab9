//! The order of an arm's contracts: what is surely a mistake is refused when a study is built.

use super::arrangement::Signed;
use super::{AnyContract, Bearer, Book};
use crate::error::{InputError, Result};
use crate::ledger::{Account, Party};

/// What looks at everything that is settled must come last, and be with all payers.
pub(super) fn check_order(contracts: &[Signed<AnyContract>]) -> Result<()> {
    let before = &contracts[..contracts.len() - 1];
    let with_one = contracts.last().filter(|signed| signed.payer.is_some());
    let wrong = before.iter().chain(with_one).find(|signed| signed.contract.settles_last());
    wrong.map_or(Ok(()), |signed| {
        let rule = "must be the last contract of its arm, beside those of payers where there are any";
        let error = InputError::new(&signed.path, rule).got(signed.contract.name());
        Err(error.hint("it looks at everything that is settled before it, and at nothing after").into())
    })
}

/// Refuses two prices for the same episodes of a payer's members.
pub(super) fn check_episodes(contracts: &[Signed<AnyContract>]) -> Result<()> {
    for (position, Signed { path, payer, contract }) in contracts.iter().enumerate() {
        for other in &contracts[..position] {
            let of_others = contract.excludes_attributed() != other.contract.excludes_attributed();
            let apart = of_others || matches!((payer, other.payer), (Some(one), Some(of)) if *one != of);
            let twice = contract.episodes().iter().find(|name| other.contract.episodes().contains(name));
            if let (false, Some(name)) = (apart, twice) {
                let rule = "must not name an episode of another bundle of the same members";
                let got = format!("{name:?}, which {} has too", other.path);
                return Err(InputError::new(format!("{path}.episodes"), rule).got(got).into());
            }
        }
    }
    Ok(())
}

/// Refuses a contract that is computed from payments of which none stand before it, and some after.
///
/// Only that is surely a mistake: where it sees a part of such payments, or there are none, the order may be meant.
pub(super) fn check_what_is_seen(
    contracts: &[Signed<AnyContract>],
    bearers: &[Vec<Bearer>],
    book: &Book,
) -> Result<()> {
    for (position, Signed { path, payer, contract }) in contracts.iter().enumerate() {
        let accounts = contract.looks_at();
        let pays = |other: &&Signed<AnyContract>| {
            other.contract.pays().iter().any(|account| accounts.contains(account))
        };
        let seen = |other: &&Signed<AnyContract>| payer.is_none() || other.payer == *payer;
        let unclaimed = accounts.contains(&Account::Claim) && bills_unclaimed(*payer, bearers, book);
        if unclaimed || contracts[..position].iter().filter(seen).any(|other| pays(&other)) {
            continue;
        }
        let mut after = contracts[position + 1..].iter().filter(|other| other.payer == *payer);
        if let Some(later) = after.find(pays) {
            let rule = "must stand after the payments that it is computed from";
            let got = format!("{} before {}, {}", contract.name(), later.path, later.contract.name());
            let hint = format!("a contract sees only what stands before it: put it after {}", later.path);
            return Err(InputError::new(path, rule).got(got).hint(hint).into());
        }
    }
    Ok(())
}

/// Whether the payer pays the provider claims that no contract is about.
fn bills_unclaimed(payer: Option<u16>, bearers: &[Vec<Bearer>], book: &Book) -> bool {
    let of = payer.map_or(0..bearers.len(), |payer| payer.into()..usize::from(payer) + 1);
    bearers[of].iter().any(|bearers| {
        let mut services = bearers.iter().zip(&book.services);
        services.any(|(bearer, service)| *bearer == Bearer::Unclaimed && service.deliverer == Party::Provider)
    })
}
