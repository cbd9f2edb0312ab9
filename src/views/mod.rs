//! The facts contracts ask for: declared when a study is built, shared by all arms, filled in one pass.
//!
//! A view is declared to a [`ViewPlan`], which gives the same handle to equal declarations, and read from
//! [`Facts`] by its handle when a contract settles. Prices in the facts are as drawn: fee levels belong to arms.

mod fill;

use std::ops::Add;

use indexmap::IndexSet;
use rust_decimal::Decimal;

pub use fill::Filler;

use crate::error::{InputError, Result};
use crate::money::{Amount, LARGEST_FACT, decimal_fact};
use crate::population::MONTHS;

/// One value for each month of the year.
pub type ByMonth<A> = [A; MONTHS];

/// Events and drawn prices of one service of one payer's members, by month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Total {
    /// Index of the service.
    pub service: usize,
    /// Index of the payer.
    pub payer: u16,
}

/// The sum over members of the part of their weighted year between an attachment and an attachment plus a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberLayer {
    /// Dollars counted for a drawn dollar of each service; 0 leaves a service out.
    pub weights: Vec<f64>,
    /// Whose members; `None` for all payers.
    pub payer: Option<u16>,
    /// Where the layer begins, dollars per member-year.
    pub attachment: f64,
    /// Its height, dollars per member-year; infinite for none.
    pub limit: f64,
}

/// Members enrolled in each month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// Whose members; `None` for all payers.
    pub payer: Option<u16>,
}

/// Handle of a [`Total`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalView(usize);

/// Handle of a [`MemberLayer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerView(usize);

/// Handle of an [`Exposure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExposureView(usize);

/// Everything the arms of a study ask for, each fact once.
#[derive(Debug, Clone, Default)]
pub struct ViewPlan {
    totals: IndexSet<Total>,
    layers: Vec<MemberLayer>,
    exposures: Vec<Exposure>,
}

fn handle<T: PartialEq>(declared: &mut Vec<T>, view: T) -> usize {
    declared.iter().position(|known| *known == view).unwrap_or_else(|| {
        declared.push(view);
        declared.len() - 1
    })
}

impl ViewPlan {
    /// Declares a total.
    pub fn total(&mut self, view: Total) -> TotalView {
        TotalView(self.totals.insert_full(view).0)
    }

    /// Declares a member layer.
    pub fn layer(&mut self, view: MemberLayer) -> LayerView {
        LayerView(handle(&mut self.layers, view))
    }

    /// Declares an exposure.
    pub fn exposure(&mut self, view: Exposure) -> ExposureView {
        ExposureView(handle(&mut self.exposures, view))
    }

    /// Number of declared totals, layers and exposures, after equal ones have become one.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.totals.len(), self.layers.len(), self.exposures.len())
    }
}

/// Events and what they cost at drawn prices.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally<A> {
    /// Number of events.
    pub events: A,
    /// Sum of drawn prices, dollars.
    pub prices: A,
}

impl<A: Amount> Add for Tally<A> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { events: self.events + other.events, prices: self.prices + other.prices }
    }
}

/// What happened, as far as a contract asked.
#[derive(Debug, Clone)]
pub struct Facts<A> {
    totals: Vec<ByMonth<Tally<A>>>,
    layers: Vec<A>,
    exposures: Vec<ByMonth<A>>,
}

impl<A: Amount> Facts<A> {
    /// Events and drawn prices by month.
    #[must_use]
    pub fn total(&self, view: TotalView) -> &ByMonth<Tally<A>> {
        &self.totals[view.0]
    }

    /// Dollars in a layer, over its members.
    #[must_use]
    pub fn layer(&self, view: LayerView) -> A {
        self.layers[view.0]
    }

    /// Members enrolled by month.
    #[must_use]
    pub fn exposure(&self, view: ExposureView) -> &ByMonth<A> {
        &self.exposures[view.0]
    }

    /// Member-months of the year.
    #[must_use]
    pub fn member_months(&self, view: ExposureView) -> A {
        self.exposure(view).iter().fold(A::ZERO, |sum, members| sum + *members)
    }
}

impl Facts<f64> {
    /// The facts of a statement, in decimal.
    pub fn to_decimal(&self) -> Result<Facts<Decimal>> {
        let converted = || {
            Some(Facts {
                totals: self
                    .totals
                    .iter()
                    .map(|row| decimal_months(row, decimal_tally))
                    .collect::<Option<_>>()?,
                layers: self.layers.iter().map(|value| decimal_fact(*value)).collect::<Option<_>>()?,
                exposures: self
                    .exposures
                    .iter()
                    .map(|row| decimal_months(row, |members| decimal_fact(*members)))
                    .collect::<Option<_>>()?,
            })
        };
        converted().ok_or_else(|| {
            let rule = format!("must have at most {LARGEST_FACT} dollars of a service and month");
            InputError::new("statement", rule).into()
        })
    }
}

fn decimal_tally(tally: &Tally<f64>) -> Option<Tally<Decimal>> {
    Some(Tally { events: decimal_fact(tally.events)?, prices: decimal_fact(tally.prices)? })
}

fn decimal_months<T, D: Copy + Default>(
    row: &ByMonth<T>,
    decimal: impl Fn(&T) -> Option<D>,
) -> Option<ByMonth<D>> {
    let mut months = [D::default(); MONTHS];
    for (month, value) in months.iter_mut().zip(row) {
        *month = decimal(value)?;
    }
    Some(months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_declarations_share_a_handle() {
        let mut plan = ViewPlan::default();
        let layer = |attachment| MemberLayer { weights: vec![1.0, 0.0], payer: None, attachment, limit: 5.0 };
        let first = plan.layer(layer(10.0));
        assert_eq!(plan.layer(layer(10.0)), first);
        assert_ne!(plan.layer(layer(11.0)), first);
        plan.exposure(Exposure { payer: None });
        plan.exposure(Exposure { payer: None });
        assert_eq!(plan.counts(), (0, 2, 1));
    }
}
