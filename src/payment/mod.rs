//! Payment systems: each prices one unit of care (a visit, a day, a stay, a 30-day period) step by step, as its pricer does.
//!
//! A system is a rule: a file with its terms, the facts of a case, the lines of its statement, and one pure function
//! between them. Groups and figures of a year are looked up in tables before, and come as facts. To add one: its file,
//! and a line of the registration list here.

mod hospice;
mod hospice_caps;
mod skilled_nursing;

use crate::rules::register;

register! {
    hospice => hospice::Hospice,
    hospice_aggregate_cap => hospice_caps::AggregateCap,
    hospice_inpatient_cap => hospice_caps::InpatientCap,
    skilled_nursing => skilled_nursing::SkilledNursing,
}
