//! The month in which a settlement is paid.

use crate::error::{Place, Result, show};
use crate::ledger::LAST_MONTH;
use crate::money::Term;
use crate::population::MONTHS;

/// Refuses a settlement before the year has ended or beyond the months the ledger keeps.
pub fn check_settle_month(place: Place<'_>, month: &Term) -> Result<()> {
    let value = month.value();
    if value.fract() == 0.0 && (MONTHS as f64..=f64::from(LAST_MONTH)).contains(&value) {
        return Ok(());
    }
    let rule = format!(
        "must be a whole month between {MONTHS} and {LAST_MONTH}, counted from the start of the year"
    );
    Err(place.error("settle_month", rule).got(show(value)).into())
}
