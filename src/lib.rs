//! atrisk: what a way of paying for care does to the provider that accepts it.
//!
//! A panel of members is simulated, the care they use and what it costs; every contract is settled on the
//! same simulated years; out come margins, risks and cash.
//!
//! ```text
//! population ─┐
//! utilization ┴─► one world: replicate > member > year > event ─► views ─► contracts of each arm ─► ledger ─► figures
//!                        (draws random numbers)                  (facts)    (pure: draw nothing)  (transfers)
//! ```
//!
//! Who may know whom, from top to bottom and never back: [`math`], [`rng`], [`distributions`], [`money`],
//! [`terms`], [`error`], [`reading`] and [`correlation`] know nothing of the rest; [`rules`] settle a user's own figures, and
//! [`payment`] systems are such rules;
//! [`exact`] computes from laws alone what the
//! simulation draws; [`population`], [`utilization`] and [`views`] may draw; [`contracts`]
//! and [`ledger`] may not; [`study`] owns the only loop and the only threads; `python` only converts.

pub mod contracts;
pub mod correlation;
pub mod distributions;
pub mod error;
pub mod exact;
pub mod ledger;
pub mod math;
pub mod money;
pub mod payment;
pub mod population;
#[cfg(feature = "python")]
mod python;
pub mod reading;
pub mod rng;
pub mod rules;
pub mod study;
pub mod terms;
pub mod utilization;
pub mod views;
