//! Risk scores as payers record them: coding grows, conditions are found again or not, and new members have no history.
//!
//! What is recorded moves payments. What members use depends on their own risk score, which nobody records.

use serde::Deserialize;

use super::dynamics::Dynamics;
use super::{Member, MemberYear, grown};
use crate::distributions::normal;
use crate::error::{Place, Result};
use crate::math;
use crate::money::Number;
use crate::rng::{Key, NO_NAME, Process};

/// The recording of risk scores as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskScoresSpec {
    coding_growth: Number,
    recapture: Number,
    noise_cv: Number,
    #[serde(default)]
    new_member_score: Option<Number>,
}

/// The recording of risk scores, compiled.
#[derive(Debug, Clone)]
pub struct RiskScores {
    coding_growth: f64,
    recapture: f64,
    sigma: f64,
    new_member_score: Option<f64>,
}

impl RiskScoresSpec {
    pub(super) fn compile(&self) -> Result<RiskScores> {
        let place = Place("population.risk_scores");
        place.within("coding_growth", self.coding_growth.0, -0.5, 0.5)?;
        place.rate("recapture", self.recapture.0)?;
        place.within("noise_cv", self.noise_cv.0, 0.0, 10.0)?;
        if let Some(score) = self.new_member_score {
            place.within("new_member_score", score.0, 0.0, 100.0)?;
        }
        Ok(RiskScores {
            coding_growth: self.coding_growth.0,
            recapture: self.recapture.0,
            sigma: math::log_normal_sigma(self.noise_cv.0),
            new_member_score: self.new_member_score.map(|score| score.0),
        })
    }
}

impl RiskScores {
    /// Records the scores of a year: its coding is that of year 1 grown since.
    pub(super) fn record(
        &self,
        dynamics: &Dynamics,
        members: &[Member],
        year: i8,
        words: &mut impl FnMut(Key) -> Vec<[f64; 4]>,
        states: &[Vec<u8>],
        years: &mut [MemberYear],
    ) {
        let noise = words(Key::new(dynamics.seed, Process::RiskScore, year, NO_NAME));
        let coding = grown(self.coding_growth, year - 1);
        let mut found = vec![0.0; members.len()];
        for (condition, states) in dynamics.conditions.iter().zip(states) {
            let uniforms = words(condition.recapture_key(dynamics.seed, year));
            for (sum, (state, u)) in found.iter_mut().zip(states.iter().zip(uniforms)) {
                *sum += if u[0] < self.recapture { condition.risk_score(*state) } else { 0.0 };
            }
        }
        for (index, (there, member)) in years.iter_mut().zip(members).enumerate() {
            let z = normal::quantile(noise[index][0]);
            let measured = math::log_normal_of_mean_one(self.sigma, z);
            there.paid_risk = match self.new_member_score {
                Some(score) if member.enters_in(year) => score,
                _ => (member.risk_score + found[index]) * coding * measured,
            };
        }
    }
}
