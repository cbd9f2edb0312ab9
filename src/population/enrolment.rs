//! Leaving and dying: monthly chances, by age and by risk.

use serde::Deserialize;

use super::selection::{check_selected, selected};
use super::{Member, MemberYear, Population};
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

/// Ages told apart.
const AGES: usize = 256;

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
        let rate = |age: usize| {
            let band = self.death_ages.iter().rposition(|from| from.0 <= age as f64);
            band.map_or(0.0, |band| self.death_rates[band].0)
        };
        Ok(Enrolment {
            lapse_rate: self.lapse_rate.0,
            lapse_selection: self.lapse_selection.0,
            death_rates: (0..AGES).map(rate).collect(),
            last_year_relativity: self.last_year_relativity.0,
        })
    }
}

impl Enrolment {
    /// The enrolled months that are left of a year, and whether the member dies in it, at uniforms for leaving and dying.
    pub(super) fn end(&self, member: &Member, there: &MemberYear, lapse: f64, death: f64) -> (u8, bool) {
        let lapse_rate = selected(self.lapse_rate, self.lapse_selection, member.risk_score);
        let lapses = month_of(lapse_rate, lapse, there.months);
        let dies = month_of(self.death_rates[usize::from(there.age)], death, there.months);
        match (lapses, dies) {
            (None, None) => (there.months, false),
            (Some(month), None) => (month, false),
            (lapses, Some(month)) => {
                (month.min(lapses.unwrap_or(month)), lapses.is_none_or(|other| month <= other))
            }
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

impl Enrolment {
    /// Whether the member leaves within the year, at the latest at the end of its last enrolled month.
    pub(super) fn left(&self, member: &Member, there: &MemberYear, lapse: f64, months: u8) -> bool {
        let rate = selected(self.lapse_rate, self.lapse_selection, member.risk_score);
        month_of(rate, lapse, there.months) == Some(months)
    }
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
