//! Payment systems: each prices one unit of care (a visit, a day, a stay, a 30-day period) step by step, as its pricer does.
//!
//! A system is a rule: a file with its terms, the facts of a case, the lines of its statement, and one pure function
//! between them. Groups and figures of a year are looked up in tables before, and come as facts. To add one: its file,
//! and a line of the registration list here.

mod drg;
mod home_health;
mod hospice;
mod hospice_caps;
mod irf;
mod ltch;
mod outpatient;
mod skilled_nursing;
mod therapy;

use crate::math::pow;
use crate::money::{Amount, Rounding};
use crate::rules::register;

register! {
    drg => drg::InpatientStay,
    home_health => home_health::HomeHealth,
    hospice => hospice::Hospice,
    hospice_aggregate_cap => hospice_caps::AggregateCap,
    hospice_inpatient_cap => hospice_caps::InpatientCap,
    irf => irf::InpatientRehabilitation,
    ltch => ltch::LongTermStay,
    outpatient => outpatient::OutpatientService,
    skilled_nursing => skilled_nursing::SkilledNursing,
    therapy_allowed => therapy::TherapyAllowed,
    therapy_coverage => therapy::TherapyCoverage,
    therapy_payment => therapy::TherapyPayment,
}

/// A power. Decimals have none: it is taken in f64, correctly rounded, whose error of 2e-16 lies far behind the nine
/// decimals or fewer that are kept of it.
fn power<A: Amount>(base: A, exponent: f64) -> f64 {
    pow(base.float(), exponent)
}

/// What came of a power, to the decimals that are kept.
fn kept<A: Amount>(value: f64, decimals: u32) -> A {
    A::of_rounded(value, decimals, Rounding::HalfAwayFromZero)
}
