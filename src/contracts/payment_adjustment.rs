//! The rule of a programme by which a score moves payments themselves: those of clinicians, or those of hospitals.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Step;
use super::before::Months;
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Rounding, Unit};
use crate::rules::Rule;
use crate::rules::mips::{Mips, MipsFacts, MipsLines};
use crate::rules::value_based_purchasing::{PurchasingFacts, ValueBasedPurchasing};

/// A rule with its terms.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentAdjustment {
    /// A final score moves a clinician's payments up or down.
    Mips(Mips),
    /// A part of a hospital's payments is withheld, and returned by its total performance score.
    ValueBasedPurchasing(ValueBasedPurchasing),
}

/// A total performance score that is reached in full, in points.
const FULL_SCORE: f64 = 100.0;

/// One thing that an adjustment moves.
struct Move<A> {
    flow: Flow,
    dollars: A,
    /// Whether it cannot be known before the score is.
    by_score: bool,
}

impl PaymentAdjustment {
    /// Refuses terms that the rule refuses.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        match self {
            Self::Mips(rule) => rule.check(place),
            Self::ValueBasedPurchasing(rule) => rule.check(place),
        }
    }

    /// A score, 0-1, in the points of the programme, to nine decimals.
    fn points<A: Amount>(&self, score: A) -> A {
        let full = match self {
            Self::Mips(rule) => A::term(&rule.highest_score),
            Self::ValueBasedPurchasing(_) => A::of(FULL_SCORE),
        };
        score.times(full).rounded(9, Rounding::HalfAwayFromZero)
    }

    /// What it moves of so many dollars of payments.
    fn moves<A: Amount>(&self, score: A, payments: A) -> [Move<A>; 2] {
        let (payer, provider) = (Party::Payer, Party::Provider);
        let to_provider =
            |account, dollars| Move { flow: Flow(payer, provider, account), dollars, by_score: true };
        let to_payer =
            |account, dollars, by_score| Move { flow: Flow(provider, payer, account), dollars, by_score };
        match self {
            Self::Mips(rule) => {
                let MipsLines { adjustment, .. } =
                    rule.settle(&MipsFacts { score: self.points(score), payments });
                [
                    to_provider(Account::QualityPayment, adjustment.most(A::ZERO)),
                    to_payer(Account::QualityPenalty, (-adjustment).most(A::ZERO), true),
                ]
            }
            Self::ValueBasedPurchasing(rule) => {
                let total_performance_score = self.points(score);
                let lines = rule.settle(&PurchasingFacts { total_performance_score, base_payment: payments });
                [
                    to_payer(Account::Withheld, lines.withheld, false),
                    to_provider(Account::WithholdReturned, lines.incentive),
                ]
            }
        }
    }

    /// Moves a part of every month's payments, so that in cents the months add up to what the rule says of their sum.
    ///
    /// What depends on the score moves as payments are paid, or in the months of `late`, where it is not known before.
    pub fn settle<A: Amount>(
        &self,
        score: A,
        paid: &BTreeMap<Months, A>,
        late: Option<Months>,
        ledger: &mut Ledger<A>,
    ) {
        let (mut payments, mut moved) = (A::ZERO, [A::ZERO; 2]);
        for (months, dollars) in paid {
            payments = payments + *dollars;
            let so_far = self.moves(score, payments.most(A::ZERO)).into_iter().zip(&mut moved);
            for (Move { flow, dollars, by_score }, moved) in so_far {
                if late.is_none() || !by_score {
                    ledger.settle(flow, None, *months, dollars - *moved);
                    *moved = dollars;
                }
            }
        }
        let Some(months) = late else { return };
        for Move { flow, dollars, .. } in
            self.moves(score, payments.most(A::ZERO)).into_iter().filter(|each| each.by_score)
        {
            ledger.settle(flow, None, months, dollars);
        }
    }

    /// The points of a score and the lines of the rule, for a statement.
    pub fn steps<A: Amount>(&self, score: A, payments: A) -> Vec<Step<A>> {
        let (points, formula) = (self.points(score), "score in points of the programme, to nine decimals");
        let mut steps = vec![Step { line: "points".into(), formula, value: points, unit: Unit::Points }];
        steps.extend(match self {
            Self::Mips(rule) => Step::all_of(&rule.settle(&MipsFacts { score: points, payments })),
            Self::ValueBasedPurchasing(rule) => {
                let facts = PurchasingFacts { total_performance_score: points, base_payment: payments };
                Step::all_of(&rule.settle(&facts))
            }
        });
        steps
    }
}
