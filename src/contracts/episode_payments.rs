//! Where bundles of episodes and savings overlap: whether what bundles pay counts as spending of the same members.

use serde::Deserialize;

use super::arrangement::Signed;
use super::before::net;
use super::{AnyContract, ArmBook, Step};
use crate::error::{InputError, Result};
use crate::ledger::{Account, Ledger, Party};
use crate::money::Amount;

/// Who counts what episodes save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// What bundles pay is spending, what they take is less of it: nothing that is saved is shared twice.
    #[default]
    Counted,
    /// Bundles are looked at apart: what episodes save is shared in both.
    Apart,
}

/// A bundle of an arm.
#[derive(Debug, Clone, Copy)]
pub struct BundleOf {
    /// Its position in the arm.
    position: u16,
    payer: Option<u16>,
    /// Whether its members are those attributed to the provider.
    overlaps: bool,
}

/// What bundles of the same members pay.
#[derive(Debug, Clone)]
pub struct EpisodePayments {
    overlap: Overlap,
    /// Positions of the bundles.
    bundles: Vec<u16>,
}

/// The bundles of an arm.
pub(super) fn bundles_of(contracts: &[Signed<AnyContract>]) -> Vec<BundleOf> {
    let bundles = contracts.iter().enumerate().filter(|(_, signed)| !signed.contract.episodes().is_empty());
    let bundle = |(position, signed): (usize, &Signed<AnyContract>)| BundleOf {
        position: position as u16,
        payer: signed.payer,
        overlaps: overlaps(&signed.contract),
    };
    bundles.map(bundle).collect()
}

/// Whether a contract is a bundle of members whose spending a contract on all their care counts too.
fn overlaps(contract: &AnyContract) -> bool {
    !contract.episodes().is_empty() && !contract.excludes_attributed()
}

/// Refuses contracts that count what bundles pay, and stand where they do not see it.
pub(super) fn check_overlap(contracts: &[Signed<AnyContract>]) -> Result<()> {
    let bundles = || contracts.iter().enumerate().filter(|(_, signed)| overlaps(&signed.contract));
    for (position, Signed { path, payer, contract }) in contracts.iter().enumerate() {
        if !contract.counts_episodes() {
            continue;
        }
        let apart = |other: Option<u16>| matches!((payer, other), (Some(one), Some(of)) if *one != of);
        let unseen = |other: Option<u16>, at: usize| at > position || !(payer.is_none() || other == *payer);
        let missed = bundles().find(|(at, bundle)| !apart(bundle.payer) && unseen(bundle.payer, *at));
        if let Some((at, bundle)) = missed {
            let rule = "must see the bundles whose payments it counts as spending";
            let got = format!("{} before {}", contract.name(), bundle.path);
            let hint = if at > position && bundle.payer == *payer {
                format!("put it after {}, or say episode_payments=\"apart\"", bundle.path)
            } else {
                "give both to the same payers, or say episode_payments=\"apart\"".to_owned()
            };
            return Err(InputError::new(path, rule).got(got).hint(hint).into());
        }
    }
    Ok(())
}

impl ArmBook<'_> {
    /// What bundles before a contract pay for its members.
    #[must_use]
    pub fn episode_payments(&self, overlap: Overlap) -> EpisodePayments {
        let of_its_payer = |bundle: &&BundleOf| self.payer.is_none() || bundle.payer == self.payer;
        let bundles = self.bundles.iter().filter(|bundle| bundle.overlaps).filter(of_its_payer);
        EpisodePayments { overlap, bundles: bundles.map(|bundle| bundle.position).collect() }
    }

    /// Positions of all bundles.
    #[must_use]
    pub fn positions_of_bundles(&self) -> Vec<u16> {
        self.bundles.iter().map(|bundle| bundle.position).collect()
    }
}

impl EpisodePayments {
    /// Whether there are bundles, and what they pay counts.
    pub fn is_counted(&self) -> bool {
        self.overlap == Overlap::Counted && !self.bundles.is_empty()
    }

    /// What of it counts as spending of a year.
    pub fn counted<A: Amount>(&self, ledger: &Ledger<A>, months_before: usize) -> A {
        if self.overlap == Overlap::Counted { self.net(ledger, months_before) } else { A::ZERO }
    }

    /// What bundles paid the provider for the episodes of a year, less what they took.
    fn net<A: Amount>(&self, ledger: &Ledger<A>, months_before: usize) -> A {
        if self.bundles.is_empty() {
            return A::ZERO;
        }
        let bundles = ledger.before().filter(|transfer| {
            let with_payer = [transfer.from, transfer.to].contains(&Party::Payer);
            with_payer && transfer.contract.is_some_and(|contract| self.bundles.contains(&contract))
        });
        net(bundles, months_before, Party::Provider, |account| {
            matches!(
                account,
                Account::EpisodePrice | Account::EpisodeCare | Account::EpisodeGain | Account::EpisodeLoss
            )
        })
    }

    /// The rule and its amount, for a statement; nothing where there is no bundle.
    pub fn steps<A: Amount>(&self, ledger: &Ledger<A>, months_before: usize) -> Option<Step<A>> {
        let formula = match self.overlap {
            Overlap::Counted => {
                "what bundles pay for these members, less what they take: counted as spending"
            }
            Overlap::Apart => {
                "what bundles before it pay for these members, less what they take: not counted, so that both share it"
            }
        };
        let line = match self.overlap {
            Overlap::Counted => "episode_payments",
            Overlap::Apart => "episode_payments_apart",
        };
        let some = !self.bundles.is_empty();
        some.then(|| Step::dollars(line, formula, self.net(ledger, months_before)))
    }
}
