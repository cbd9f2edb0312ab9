//! Leaving and dying: monthly chances, by age and by risk.

use serde::Deserialize;

use super::selection::{check_selected, selected};
use super::{Member, MemberYear, Population, by_age};
use crate::error::{Place, Result};
use crate::money::Number;

/// Who leaves and who dies, as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnrolmentSpec {
    lapse_rate: Number,
    lapse_selection: Number,
    /// Ages from which on a monthly rate of death holds, and the rates.
    death_ages: Vec<Number>,
    death_rates: Vec<Number>,
    last_year_relativity: Number,
}

/// Monthly chances to leave and to die.
#[derive(Debug, Clone)]
pub(super) struct Enrolment {
    lapse_rate: f64,
    lapse_selection: f64,
    /// By age in completed years.
    death_rates: Vec<f64>,
    pub(super) last_year_relativity: f64,
}

impl EnrolmentSpec {
    pub(super) fn compile(&self, population: &Population) -> Result<Enrolment> {
        let place = Place("population.enrolment");
        place.rate("lapse_rate", self.lapse_rate.0)?;
        let selection = ("lapse_selection", self.lapse_selection.0);
        check_selected(place, ("lapse_rate", self.lapse_rate.0), selection, population)?;
        place.within("last_year_relativity", self.last_year_relativity.0, 0.0, 100.0)?;
        for (position, rate) in self.death_rates.iter().enumerate() {
            place.rate(&format!("death_rate[{position}]"), rate.0)?;
        }
        if self.death_ages.len() != self.death_rates.len()
            || self.death_ages.windows(2).any(|w| w[0].0 >= w[1].0)
        {
            return Err(place.error("death_rate", "must map rising ages to monthly rates").into());
        }
        Ok(Enrolment {
            lapse_rate: self.lapse_rate.0,
            lapse_selection: self.lapse_selection.0,
            death_rates: by_age(&self.death_ages, &self.death_rates, 0.0),
            last_year_relativity: self.last_year_relativity.0,
        })
    }
}

/// How a member's year ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// It stays, as far as it is enrolled.
    Stays,
    /// It leaves after so many enrolled months.
    Leaves(u8),
    /// It dies after so many enrolled months.
    Dies(u8),
}

impl Enrolment {
    /// How a year ends at uniforms for leaving and for dying; death comes first in the same month.
    pub(super) fn end(&self, member: &Member, there: &MemberYear, lapse: f64, death: f64) -> End {
        let lapse_rate = selected(self.lapse_rate, self.lapse_selection, member.risk_score);
        let leaves = month_of(lapse_rate, lapse, there.months);
        let dies = month_of(self.death_rates[usize::from(there.age)], death, there.months);
        match (leaves, dies) {
            (None, None) => End::Stays,
            (Some(leaves), Some(dies)) if leaves < dies => End::Leaves(leaves),
            (_, Some(dies)) => End::Dies(dies),
            (Some(leaves), None) => End::Leaves(leaves),
        }
    }
}

/// The month, from 1, at whose end something with a monthly chance happens first at a uniform; `None` if not within `months`.
fn month_of(rate: f64, u: f64, months: u8) -> Option<u8> {
    let mut stays = 1.0;
    (1..=months).find(|_| {
        stays *= 1.0 - rate;
        u <= 1.0 - stays
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A monthly chance of one half: after one month for half of the uniforms, after two for a quarter.
    #[test]
    fn months_until_something_happens() {
        let month = |u| month_of(0.5, u, 3);
        assert_eq!([0.1, 0.5, 0.6, 0.8, 0.9].map(month), [Some(1), Some(1), Some(2), Some(3), None]);
        assert_eq!(month_of(0.0, 1e-12, 12), None);
        assert_eq!(month_of(1.0, 1.0 - 1e-12, 12), Some(1));
    }
}
