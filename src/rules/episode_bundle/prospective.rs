//! Prospective bundles: a price for a case, of whose cost the provider bears what neither warranty nor stop-loss takes over.
//!
//! Prices, and what is repaid of a case, are payments: whole cents in both arithmetics, so that sums of them agree.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;
use crate::terms::{layer, part_of};

/// Largest multiple of the price at which aggregate stop-loss may attach.
const LARGEST_MULTIPLE: f64 = 10.0;

/// Terms of a case.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProspectiveCase {
    /// The part of the price that is taken off.
    pub discount: Term,
    /// The part of readmissions inside the window that the provider bears.
    pub warranty_share: Term,
    /// The part of a case above its attachment that stop-loss repays.
    pub case_ceded_share: Term,
    /// Dollars for the stop-loss of a case.
    #[serde(default)]
    pub stop_loss_premium: Term,
}

figures! {
    /// A case.
    CaseFacts {
        target: Dollars from 0.0, "price of the case, before any discount";
        actual: Dollars from 0.0, "cost of the case, with its readmissions";
        readmission: Dollars from 0.0 = 0.0, "cost of readmissions inside the window, a part of actual";
        case_attachment: Dollars from 0.0 or unknown, "where stop-loss for a case attaches";
    }
}

figures! {
    /// What the case leaves.
    CaseLines {
        price: Dollars, "target × (1 − discount)";
        payer_readmission: Dollars, "(1 − warranty_share) × readmission: the payer pays it beside the price";
        borne: Dollars, "actual − payer_readmission";
        case_recovery: Dollars, "case_ceded_share × the part of borne above case_attachment";
        premium: Dollars, "stop_loss_premium: what stop-loss costs";
        margin: Dollars, "price − borne + case_recovery − premium";
    }
}

impl Rule for ProspectiveCase {
    type Facts<A: Amount> = CaseFacts<A>;
    type Lines<A: Amount> = CaseLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("discount", self.discount.value())?;
        place.rate("warranty_share", self.warranty_share.value())?;
        place.rate("case_ceded_share", self.case_ceded_share.value())?;
        place.not_negative("stop_loss_premium", self.stop_loss_premium.value())
    }

    fn settle<A: Amount>(&self, facts: &CaseFacts<A>) -> CaseLines<A> {
        let price = facts.target.times(A::ONE - A::term(&self.discount)).cents();
        let payer_share = A::ONE - A::term(&self.warranty_share);
        let payer_readmission = facts.readmission.times(payer_share).cents();
        let borne = facts.actual - payer_readmission;
        let above = facts.case_attachment.map_or(A::ZERO, |attachment| layer(borne, attachment, None));
        let case_recovery = above.times(A::term(&self.case_ceded_share)).cents();
        let premium = A::term(&self.stop_loss_premium).cents();
        let margin = price - borne + case_recovery - premium;
        CaseLines { price, payer_readmission, borne, case_recovery, premium, margin }
    }
}

/// Terms of all cases together.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProspectiveBundle {
    /// The multiple of the prices above which aggregate stop-loss repays what is borne.
    pub aggregate_attachment_rate: Option<Term>,
}

figures! {
    /// The cases of a provider together.
    BundleFacts {
        target: Dollars from 0.0, "sum of prices, after any discount";
        actual: Dollars from 0.0, "sum of costs, with readmissions";
        payer_readmission: Dollars from 0.0 = 0.0, "what of readmissions the payer pays";
        case_recovery: Dollars from 0.0 = 0.0, "what stop-loss for each case repays";
        premium: Dollars from 0.0 = 0.0, "what stop-loss costs, of cases and of all";
    }
}

figures! {
    /// What they leave.
    BundleLines {
        borne: Dollars, "actual − payer_readmission − case_recovery";
        aggregate_attachment: Dollars or unknown, "aggregate_attachment_rate × target";
        aggregate_recovery: Dollars, "the part of borne above aggregate_attachment";
        margin: Dollars, "target − borne + aggregate_recovery − premium: what the provider keeps of the prices";
    }
}

impl Rule for ProspectiveBundle {
    type Facts<A: Amount> = BundleFacts<A>;
    type Lines<A: Amount> = BundleLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        self.aggregate_attachment_rate.map_or(Ok(()), |rate| {
            place.within("aggregate_attachment_rate", rate.value(), 0.0, LARGEST_MULTIPLE)
        })
    }

    fn settle<A: Amount>(&self, facts: &BundleFacts<A>) -> BundleLines<A> {
        let borne = facts.actual - facts.payer_readmission - facts.case_recovery;
        let aggregate_attachment = part_of(facts.target, self.aggregate_attachment_rate.as_ref());
        let above = aggregate_attachment.map_or(A::ZERO, |attachment| layer(borne, attachment, None));
        let (borne, aggregate_recovery) = (borne.cents(), above.cents());
        let margin = facts.target.cents() - borne + aggregate_recovery - facts.premium.cents();
        BundleLines { borne, aggregate_attachment, aggregate_recovery, margin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A price of 30,000 less 2 %, half of readmissions borne, 80 % repaid above 50,000: a ladder of costs.
    #[test]
    fn ladder_of_costs() {
        let case = ProspectiveCase {
            discount: "0.02".parse().unwrap(),
            warranty_share: "0.5".parse().unwrap(),
            case_ceded_share: "0.8".parse().unwrap(),
            stop_loss_premium: Term::default(),
        };
        for (actual, readmission, margin) in [
            (20_000.0, 0.0, 9_400.0),
            (29_400.0, 0.0, 0.0),
            (40_000.0, 10_000.0, -5_600.0),
            (50_000.0, 0.0, -20_600.0),
            (60_000.0, 0.0, -22_600.0),
            (70_000.0, 20_000.0, -22_600.0),
        ] {
            let facts = CaseFacts { target: 30_000.0, actual, readmission, case_attachment: Some(50_000.0) };
            assert_eq!(case.settle(&facts).margin.cents(), margin, "actual {actual}");
        }
    }

    #[test]
    fn all_cases_attach_at_a_multiple_of_their_prices() {
        let bundle = ProspectiveBundle { aggregate_attachment_rate: Some("1.1".parse().unwrap()) };
        for (actual, margin) in [(90.0, 10.0), (110.0, -10.0), (110.01, -10.0), (200.0, -10.0)] {
            let facts = BundleFacts {
                target: 100.0,
                actual,
                payer_readmission: 0.0,
                case_recovery: 0.0,
                premium: 0.0,
            };
            assert_eq!(bundle.settle(&facts).margin.cents(), margin, "actual {actual}");
        }
    }
}
