//! How many events a panel asks for: what is expected, and rates beyond what can be drawn.

use super::{LARGEST_RATE, Panel, Service, Utilization, relativities};
use crate::error::{Place, Result, show};
use crate::population::{Dynamics, Population};

impl Utilization {
    /// The largest weights of a panel's members: of all services, and of each by its relativities.
    pub fn largest_weights(&self, population: &Population) -> Result<LargestWeights> {
        let years = (0..self.horizon.len()).map(|position| self.horizon.label(position));
        let risk = years.fold(0.0, |highest, year| {
            let risks = population.members().iter().map(|member| member.in_year(year).exposed_risk);
            risks.fold(highest, f64::max)
        });
        let relativities = self.services.iter().map(|service| largest_relativity(service, population));
        Ok(LargestWeights { risk, relativities: relativities.collect::<Result<_>>()? })
    }

    /// Refuses rates and weights that together ask for more events than can be drawn.
    pub fn check_rates(&self, largest: &LargestWeights, dynamics: &Dynamics) -> Result<()> {
        let risk = largest.risk;
        for (index, service) in self.services.iter().enumerate() {
            let frailty = self.dispersion.largest_beside(&service.dispersion);
            let growth = service.growth.iter().fold(1.0, |a: f64, b| a.max(*b));
            let care = self.care.versions(index).iter().fold(1.0, |a: f64, version| a.max(version.largest()));
            let level = growth
                * self.shocks.largest(index, self.horizon)
                * care
                * (largest.relativities[index] * dynamics.largest(index));
            let rate = service.rate * (risk * frailty) * level;
            if !(rate.is_finite() && rate <= LARGEST_RATE) {
                let rule = format!("must give no member a rate above {LARGEST_RATE} events a year");
                let got = show(service.rate * 1_000.0);
                let mut hint =
                    format!("the highest risk score is {risk} and the largest frailty {frailty:.4}");
                if level != 1.0 {
                    let what = "trend, shocks, relativities, conditions and programmes";
                    hint = format!("{hint}; {what} come to {level:.4}");
                }
                return Err(Place(&service.terms.name).error("per_1000", rule).got(got).hint(hint).into());
            }
        }
        Ok(())
    }

    /// Events that the simulated years of all members are expected to have, before shocks, enrolment by chance and
    /// programmes.
    #[must_use]
    pub fn expected_events(&self, panel: Panel<'_>, position: usize) -> f64 {
        let of_service =
            |service| self.expected(service, panel, position).map(|(_, _, events)| events).sum::<f64>();
        (0..self.services.len()).map(of_service).sum()
    }

    /// Rows and payers of members, and how many events of a service they are expected to have in a year.
    pub(super) fn expected<'a>(
        &'a self,
        index: usize,
        panel: Panel<'a>,
        position: usize,
    ) -> impl Iterator<Item = (usize, u16, f64)> + 'a {
        let (service, population) = (&self.services[index], panel.population);
        let factors = service.relativity.as_deref().and_then(|name| population.factor(name));
        let (year, rate) = (self.horizon.label(position), service.rate * service.growth[position]);
        let by_condition = by_condition(index, panel, year);
        population.members().iter().enumerate().map(move |(row, member)| {
            let there = member.in_year(year);
            let by_age = service.by_age.as_ref().map_or(1.0, |by_age| by_age.at(there.age));
            let weight = there.exposed_risk * by_age * factors.map_or(1.0, |factors| factors[row]);
            let weight = by_condition.as_ref().map_or(weight, |of| weight * of[row]);
            (row, there.payer, rate * weight)
        })
    }
}

/// By row: what conditions are expected to make of the rate of a service in a year, where any has a factor of it.
fn by_condition(index: usize, panel: Panel<'_>, year: i8) -> Option<Vec<f64>> {
    let with_factors = panel
        .dynamics
        .conditions
        .iter()
        .filter_map(|condition| condition.relativities(index).map(|factors| (condition, factors)));
    with_factors.fold(None, |so_far, (condition, factors)| {
        let means = condition.means(panel.population, year, |state| factors[state]);
        Some(match so_far {
            None => means.collect(),
            Some(product) => {
                product.into_iter().zip(means).map(|(product, mean): (f64, f64)| product * mean).collect()
            }
        })
    })
}

/// The largest weights of a panel's members.
#[derive(Debug, Clone, Default)]
pub struct LargestWeights {
    risk: f64,
    relativities: Vec<f64>,
}

fn largest_relativity(service: &Service, population: &Population) -> Result<f64> {
    let by_age = service.by_age.as_ref().map_or(1.0, relativities::AgeRelativities::largest);
    let Some(name) = &service.relativity else { return Ok(by_age) };
    let place = Place(&service.terms.name);
    let factor = population
        .factor(name)
        .ok_or_else(|| place.error("relativities", "must have a factor of each member").got("none"))?;
    for (row, factor) in factor.iter().enumerate() {
        place.not_negative(&format!("relativities[{row}]"), *factor)?;
    }
    Ok(by_age * factor.iter().fold(0.0, |a: f64, b| a.max(*b)))
}
