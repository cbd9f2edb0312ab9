//! Months of terms: in which a settlement is paid, and in which something of the study begins or ends.

use crate::error::{Place, Result, show};
use crate::ledger::LAST_MONTH;
use crate::money::Term;
use crate::population::MONTHS;

/// Refuses a settlement before the year has ended or beyond the months the ledger keeps.
pub fn check_settle_month(place: Place<'_>, month: &Term) -> Result<()> {
    check_month_after(place, "settle_month", month)
}

/// Refuses a month of a field before the year has ended or beyond the months the ledger keeps.
pub fn check_month_after(place: Place<'_>, field: &str, month: &Term) -> Result<()> {
    let value = month.value();
    if value.fract() == 0.0 && (MONTHS as f64..=f64::from(LAST_MONTH)).contains(&value) {
        return Ok(());
    }
    let rule = format!(
        "must be a whole month between {MONTHS} and {LAST_MONTH}, counted from the start of the year"
    );
    Err(place.error(field, rule).got(show(value)).into())
}

/// Refuses a month of a field that is none of the study, counted from 1, or is before the first that may be.
pub fn check_month_of_study(
    place: Place<'_>,
    field: &str,
    month: &Term,
    (first, years): (f64, usize),
) -> Result<()> {
    let (value, last) = (month.value(), years * MONTHS);
    if value.fract() == 0.0 && (first..=last as f64).contains(&value) {
        return Ok(());
    }
    let rule = format!("must be a whole month between {first} and {last}, the last of the study");
    Err(place.error(field, rule).got(show(value)).into())
}
