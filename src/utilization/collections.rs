//! What becomes of a provider's bills: denials, bad debt, days to pay, the cost of billing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{InputError, Place, Result};
use crate::money::{Number, Term};

/// Days of a month, on average.
const DAYS_A_MONTH: f64 = 365.25 / 12.0;

/// Collections as the user writes them, of one payer or, under an empty name, of all.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionsSpec {
    denial_rate: Term,
    bad_debt_rate: Term,
    days_to_pay: Number,
    billing_cost: Term,
}

/// What becomes of bills to one payer and its members.
#[derive(Debug, Clone, Copy)]
pub struct Collections {
    /// The part of what a payer owes for claims that it never pays.
    pub denial_rate: Term,
    /// The part of members' cost share that is never paid.
    pub bad_debt_rate: Term,
    /// Months from service to cash.
    pub months_to_pay: u16,
    /// Dollars a claim.
    pub billing_cost: Term,
}

impl Default for Collections {
    fn default() -> Self {
        let none = Term::from(0);
        Self { denial_rate: none, bad_debt_rate: none, months_to_pay: 0, billing_cost: none }
    }
}

impl CollectionsSpec {
    fn compile(&self, place: Place<'_>) -> Result<Collections> {
        place.rate("denial_rate", self.denial_rate.value())?;
        place.rate("bad_debt_rate", self.bad_debt_rate.value())?;
        place.within("days_to_pay", self.days_to_pay.0, 0.0, 730.0)?;
        place.not_negative("billing_cost", self.billing_cost.value())?;
        Ok(Collections {
            denial_rate: self.denial_rate,
            bad_debt_rate: self.bad_debt_rate,
            months_to_pay: (self.days_to_pay.0 / DAYS_A_MONTH).round() as u16,
            billing_cost: self.billing_cost,
        })
    }
}

/// The entry of each payer: its own, else that under the empty name.
pub(super) fn by_payer<T, U>(
    field: &str,
    given: &BTreeMap<String, T>,
    payers: &[String],
    compile: impl Fn(Place<'_>, &T) -> Result<U>,
) -> Result<Vec<Option<U>>> {
    if let Some(payer) = given.keys().find(|payer| !payer.is_empty() && !payers.contains(payer)) {
        let error = InputError::new(field, "must name payers of the panel").got(format!("{payer:?}"));
        return Err(error.hint(format!("the payers are {}", payers.join(", "))).into());
    }
    let of = |payer: &String| {
        let entry = given.get_key_value(payer).or_else(|| given.get_key_value(""));
        let path = |name: &str| if name.is_empty() { field.to_owned() } else { format!("{field}.{name}") };
        entry.map(|(name, entry)| compile(Place(&path(name)), entry)).transpose()
    };
    payers.iter().map(of).collect()
}

/// Collections of each payer.
pub(super) fn compile(
    given: &BTreeMap<String, CollectionsSpec>,
    payers: &[String],
) -> Result<Vec<Collections>> {
    let known = by_payer("utilization.collections", given, payers, |place, spec| spec.compile(place))?;
    Ok(known.into_iter().map(Option::unwrap_or_default).collect())
}
