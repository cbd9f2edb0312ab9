//! Layers of members' years at an arm's prices: what counts toward them, and where they begin.

use super::ArmBook;
use crate::ledger::Party;
use crate::money::Amount;
use crate::population::MONTHS;
use crate::utilization::ServiceTerms;
use crate::views::{LayerView, MemberLayer, ViewPlan, Whose, YearFacts};

/// Dollars of members above an attachment point: a layer, or one for each payer where their prices differ.
#[derive(Debug, Clone)]
pub struct Layers(Vec<LayerView>);

impl Layers {
    /// Dollars in the layers.
    #[must_use]
    pub fn dollars<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.0.iter().fold(A::ZERO, |sum, view| sum + year.layer(*view))
    }
}

/// What of a member's year counts toward a layer.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations, reason = "a question has no text")]
pub struct Counted<'a> {
    /// Whether what members pay is taken off.
    pub paid: bool,
    /// Whether each service counts, by payer and service.
    pub services: &'a dyn Fn(usize, usize) -> bool,
    /// Whose members.
    pub whose: Whose,
}

/// Which part of what counts is the layer, and what is particular to a cover.
#[derive(Debug, Clone)]
pub struct Part {
    /// Where it begins, dollars per member-year.
    pub attachment: f64,
    /// Its height, dollars per member-year; infinite for none.
    pub limit: f64,
    /// What a dollar of the provider's own services counts for.
    pub own_value: f64,
    /// Rows of members whose layer begins elsewhere, in their order, and where.
    pub lasers: Vec<(usize, f64)>,
    /// How many months of the year count, from its start.
    pub months: usize,
}

impl Part {
    /// The part of every member's whole year above an attachment point, up to a limit.
    #[must_use]
    pub fn above(attachment: f64, limit: f64) -> Self {
        Self { attachment, limit, own_value: 1.0, lasers: Vec::new(), months: MONTHS }
    }
}

impl ArmBook<'_> {
    /// Declares the part of members' years above an attachment point, up to a limit.
    pub fn layers(&self, views: &mut ViewPlan, counted: Counted<'_>, attachment: f64, limit: f64) -> Layers {
        self.parts(views, counted, &Part::above(attachment, limit))
    }

    /// Declares a part of members' years.
    pub fn parts(&self, views: &mut ViewPlan, counted: Counted<'_>, part: &Part) -> Layers {
        let own = |service: &ServiceTerms| service.deliverer == Party::Provider;
        let services = self.book.services.iter();
        let values: Vec<f64> =
            services.map(|service| if own(service) { part.own_value } else { 1.0 }).collect();
        let weights_of = |payer: u16| {
            let weights = self.weights(payer, counted.paid, |s| (counted.services)(payer.into(), s));
            weights.iter().zip(&values).map(|(weight, value)| weight * value).collect()
        };
        let layer = |(payer, weights)| MemberLayer {
            weights,
            versions: self.versions.to_vec(),
            benefit: self.benefit_if(counted.paid),
            values: values.clone(),
            whose: Whose { payer, ..counted.whose },
            attachment: part.attachment,
            limit: part.limit,
            lasers: part.lasers.clone(),
            months: part.months,
        };
        let all = self.by_prices(weights_of).into_iter().map(layer);
        Layers(all.map(|layer| views.layer(layer)).collect())
    }

    /// What dollars of each service count for: once where it is alike for all payers of the contract, else for each.
    pub(super) fn by_prices(&self, weights: impl Fn(u16) -> Vec<f64>) -> Vec<(Option<u16>, Vec<f64>)> {
        let mut all: Vec<(Option<u16>, Vec<f64>)> =
            self.payers().map(|payer| (Some(payer), weights(payer))).collect();
        if all.windows(2).all(|pair| pair[0].1 == pair[1].1) {
            all.truncate(1);
            for (payer, _) in &mut all {
                *payer = self.payer;
            }
        }
        all
    }
}
