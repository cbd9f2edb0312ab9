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
