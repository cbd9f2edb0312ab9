//! Severity of a member: what makes all of its events dearer or cheaper than others' at the same price.
//!
//! A log-normal factor of mean 1 that a member keeps; its normal has a stated correlation with the normal of the
//! uniform that makes the permanent part of the shared frailty, so that those who use more may also use dearer care.

use super::frailty::Dispersion;
use crate::distributions::normal;
use crate::error::{Place, Result, show};
use crate::math;
use crate::money::Number;
use crate::rng::{Key, NO_NAME, NO_YEAR, Process, open_uniform};

/// Severity compiled.
#[derive(Debug, Clone)]
pub struct Severity {
    /// Where its random numbers live.
    pub key: Key,
    sigma: f64,
    correlation: f64,
    rest: f64,
}

impl Severity {
    /// Checks the terms; `None` where members do not differ.
    pub fn compile(cv: Number, correlation: Number, shared: &Dispersion, seed: u64) -> Result<Option<Self>> {
        let place = Place("utilization");
        place.within("severity_cv", cv.0, 0.0, 5.0)?;
        place.within("severity_correlation", correlation.0, -1.0, 1.0)?;
        if correlation.0 != 0.0 && (cv.0 == 0.0 || !shared.permanent.is_any()) {
            let rule = "must be 0 without both severity_cv and a shared frailty that members keep";
            return Err(place.error("severity_correlation", rule).got(show(correlation.0)).into());
        }
        Ok((cv.0 > 0.0).then(|| Self {
            key: Key::new(seed, Process::Severity, NO_YEAR, NO_NAME),
            sigma: math::log_normal_sigma(cv.0),
            correlation: correlation.0,
            rest: (1.0 - correlation.0 * correlation.0).sqrt(),
        }))
    }

    /// The factor of a member, from the word of its permanent frailty and its own.
    #[must_use]
    pub fn at_words(&self, frailty: u64, own: u64) -> f64 {
        let z = self.correlation * normal::quantile(open_uniform(frailty))
            + self.rest * normal::quantile(open_uniform(own));
        math::log_normal_of_mean_one(self.sigma, z)
    }
}
