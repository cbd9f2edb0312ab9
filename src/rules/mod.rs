//! Rules that settle a user's own figures without any simulation: one case, or a column of cases.
//!
//! A rule is a file with its terms, the facts of a case, the lines of its statement and one pure function between them,
//! written once for both arithmetics. To add one: its file, and a line of the registration list here.

pub mod advance_payments;
mod advantage_bid;
mod benchmark;
mod columns;
pub mod corridor;
pub mod episode_bundle;
pub(crate) mod figures;
mod hospital_payment;
pub mod measure_ladder;
mod measure_points;
pub mod medical_loss_ratio_rebate;
mod minimum_rate;
mod minimum_savings_rate;
pub mod mips;
pub mod pay_for_performance;
mod readmissions_reduction;
mod risk_score;
pub mod sequestration;
pub mod shared_savings;
mod truncated_spending;
pub mod value_based_purchasing;

use std::ops::Range;

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use columns::{Column, settle_columns};
pub use figures::{Bounds, Figure, Figures, Missing};

use crate::error::{Place, Result};
use crate::money::{Amount, float_of};
use crate::reading::parse;

/// Terms that settle a case.
pub trait Rule: DeserializeOwned + Send + Sync + 'static {
    /// What must be known of a case.
    type Facts<A: Amount>: Figures<A>;
    /// What comes out, line by line.
    type Lines<A: Amount>: Figures<A>;

    /// Refuses terms that break a rule, naming them at `place`.
    fn check(&self, place: Place<'_>) -> Result<()>;

    /// Settles a case.
    fn settle<A: Amount>(&self, facts: &Self::Facts<A>) -> Self::Lines<A>;
}

/// A rule of any kind, ready to settle.
pub trait Calculator: Send + Sync {
    /// What must be known of a case, in order.
    fn facts(&self) -> &'static [Figure];
    /// What comes out, in order.
    fn lines(&self) -> &'static [Figure];
    /// Settles some rows of cases that are given and returned in columns; NaN is what is not known.
    fn settle_rows(&self, place: &str, columns: &[Column<'_>], rows: Range<usize>) -> Result<Vec<Vec<f64>>>;
    /// Settles one case.
    fn settle_case(&self, place: &str, facts: &[f64]) -> Result<Vec<Option<Decimal>>>;
}

impl<R: Rule> Calculator for R {
    fn facts(&self) -> &'static [Figure] {
        <R::Facts<Decimal> as Figures<Decimal>>::FIGURES
    }

    fn lines(&self) -> &'static [Figure] {
        <R::Lines<Decimal> as Figures<Decimal>>::FIGURES
    }

    fn settle_rows(&self, place: &str, columns: &[Column<'_>], rows: Range<usize>) -> Result<Vec<Vec<f64>>> {
        let mut lines = vec![Vec::with_capacity(rows.len()); self.lines().len()];
        let mut facts = vec![None; columns.len()];
        for ((fact, column), figure) in facts.iter_mut().zip(columns).zip(self.facts()) {
            if let Column::Same(value) = column {
                *fact = figure.read(*value).map_err(|error| error.at(place, None))?;
            }
        }
        for row in rows {
            for ((fact, column), figure) in facts.iter_mut().zip(columns).zip(self.facts()) {
                if let Column::Each(values) = column {
                    *fact = figure.read(values[row]).map_err(|error| error.at(place, Some(row)))?;
                }
            }
            let settled = self.settle(&R::Facts::<Decimal>::from_slice(&facts));
            settled.visit(|line, value| lines[line].push(value.map_or(f64::NAN, float_of)));
        }
        Ok(lines)
    }

    fn settle_case(&self, place: &str, facts: &[f64]) -> Result<Vec<Option<Decimal>>> {
        let read = facts.iter().zip(self.facts()).map(|(fact, figure)| figure.read(*fact));
        let facts: Vec<Option<Decimal>> =
            read.collect::<std::result::Result<_, _>>().map_err(|error| error.at(place, None))?;
        let mut lines = Vec::with_capacity(self.lines().len());
        self.settle(&R::Facts::<Decimal>::from_slice(&facts)).visit(|_, value| lines.push(value));
        Ok(lines)
    }
}

/// Lists rules: each by its low-level name, to be read with its terms.
macro_rules! register {
    ($($name:ident => $Rule:path,)*) => {
        /// Names of all rules of the list.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// Reads and checks the terms of the rule of that name; faults are told at `place`.
        pub fn read(
            name: &str,
            place: &str,
            terms: serde_json::Value,
        ) -> $crate::error::Result<Box<dyn $crate::rules::Calculator>> {
            match name {
                $(stringify!($name) => $crate::rules::compile::<$Rule>(place, terms),)*
                _ => {
                    let rule = format!("must be one of {}", NAMES.join(", "));
                    Err($crate::error::InputError::new(place, rule).got(name).into())
                }
            }
        }
    };
}

pub(crate) use register;

/// Reads and checks the terms of a rule; faults are told at `place`.
pub fn compile<R: Rule>(place: &str, terms: Value) -> Result<Box<dyn Calculator>> {
    let rule: R = parse(place, terms, &[])?;
    rule.check(Place(place))?;
    Ok(Box::new(rule))
}

register! {
    advance_payment_rate => advance_payments::AdvancePaymentRate,
    advance_recoupment => advance_payments::AdvanceRecoupment,
    advantage_bid => advantage_bid::AdvantageBid,
    benchmark_adjustment => benchmark::BenchmarkAdjustment,
    episode_difference => episode_bundle::EpisodeDifference,
    episode_reconciliation => episode_bundle::EpisodeReconciliation,
    historical_benchmark => benchmark::HistoricalBenchmark,
    hospital_payment => hospital_payment::HospitalPayment,
    measure_ladder => measure_ladder::MeasureLadder,
    measure_points => measure_points::MeasurePoints,
    medical_loss_ratio_rebate => medical_loss_ratio_rebate::MedicalLossRatioRebate,
    minimum_savings_rate => minimum_savings_rate::MinimumSavingsRate,
    mips => mips::Mips,
    pay_for_performance => pay_for_performance::PayForPerformance,
    prepaid_savings => advance_payments::PrepaidSavings,
    prospective_bundle => episode_bundle::ProspectiveBundle,
    prospective_case => episode_bundle::ProspectiveCase,
    readmissions_reduction => readmissions_reduction::ReadmissionsReduction,
    risk_corridor => corridor::RiskCorridor,
    risk_score => risk_score::RiskScore,
    sequestration => sequestration::Sequestration,
    shared_savings => shared_savings::SharedSavings,
    truncated_spending => truncated_spending::TruncatedSpending,
    updated_benchmark => benchmark::UpdatedBenchmark,
    value_based_purchasing => value_based_purchasing::ValueBasedPurchasing,
}
