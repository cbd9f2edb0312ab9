//! Episode bundles: episodes against their target prices, reconciled over all of a provider, or paid at a price beforehand.
//!
//! Retrospective: [`EpisodeDifference`] truncates an episode and compares it, [`EpisodeReconciliation`] does the rest with
//! the sums of a provider. Prospective: [`ProspectiveCase`] is what a case leaves, [`ProspectiveBundle`] what all of them do.

mod discounts;
mod episode;
mod prospective;
mod reconciliation;

pub use self::episode::{DifferenceFacts, DifferenceLines, EpisodeDifference};
pub use self::prospective::{
    BundleFacts, BundleLines, CaseFacts, CaseLines, ProspectiveBundle, ProspectiveCase,
};
pub use self::reconciliation::{EpisodeReconciliation, ReconciliationFacts, ReconciliationLines};
