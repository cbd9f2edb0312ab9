//! Health on the same paths: outcomes counted and quality measured for the members whose care is simulated.
//!
//! Both depend on the dose of services: the mean factor by which an arm changes a service over a member's year.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::care::Care;
use super::draws::Draws;
use super::scoring::Scoring;
use super::service::Service;
use crate::distributions::normal;
use crate::distributions::poisson_table::PoissonTable;
use crate::error::{InputError, Place, Result};
use crate::math;
use crate::money::Number;
use crate::population::{MemberYear, Population};
use crate::rng::{Key, NO_YEAR, Process, World, name_hash, open_uniform};

/// An outcome or a measure as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthSpec {
    name: String,
    /// Events per member-year, or the share that meets the measure.
    rate: Number,
    /// Standard deviation of providers' true rates of a measure.
    #[serde(default)]
    sd_between: Option<Number>,
    /// By service: elasticity of the rate, or of the odds, in the dose.
    #[serde(default)]
    doses: BTreeMap<String, Number>,
    /// Name of the members' factors of the rate, or of the odds.
    #[serde(default)]
    factor: Option<String>,
    /// Name of the members' column of who is eligible: 1, or 0.
    #[serde(default)]
    eligible: Option<String>,
    /// How what is found of a measure is scored.
    #[serde(default)]
    scoring: Option<Scoring>,
}

/// An outcome or a measure, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Health {
    /// Name.
    pub name: String,
    hash: u32,
    kind: Kind,
    /// Elasticity of each service's dose.
    doses: Vec<f64>,
    factor: Option<String>,
    eligible: Option<String>,
    /// How what is found of a measure is scored.
    pub scoring: Option<Scoring>,
    /// Versions of all services that arms have, which are told apart where a dose matters; the first is the baseline.
    versions: Vec<Vec<usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Events a year of a member of weight 1.
    Outcome { rate: f64 },
    /// Logarithm of the odds, and the spread of providers' own.
    Measure { log_odds: f64, spread: f64 },
}

/// What is found of a batch's members in a year under a version: events, or how many are eligible and meet it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Found {
    /// Events, or members who meet the measure.
    pub count: f64,
    /// Members who are eligible.
    pub eligible: f64,
}

impl HealthSpec {
    /// Checks the terms; `measure` tells a measure from an outcome.
    pub fn compile(&self, measure: bool, services: &[Service], population: &Population) -> Result<Health> {
        let path = format!("{}.{}", if measure { "measures" } else { "outcomes" }, self.name);
        let place = Place(&path);
        if self.name.trim().is_empty() {
            return Err(InputError::new(path, "must have a name").got(format!("{:?}", self.name)).into());
        }
        for (name, elasticity) in &self.doses {
            place.within(&format!("doses.{name}"), elasticity.0, -10.0, 10.0)?;
            if !services.iter().any(|service| service.terms.is_called(name)) {
                let known: Vec<&str> = services.iter().map(|service| service.terms.name.as_str()).collect();
                let error = place.error("doses", "must name services of the utilization");
                let hint = format!("the services are {}", known.join(", "));
                return Err(error.got(format!("{name:?}")).hint(hint).into());
            }
        }
        for column in [&self.factor, &self.eligible].into_iter().flatten() {
            let values = population
                .factor(column)
                .ok_or_else(|| place.error("factors", "must have a number of each member").got("none"))?;
            for (row, value) in values.iter().enumerate() {
                place.not_negative(&format!("factors[{row}]"), *value)?;
            }
        }
        self.scoring.as_ref().map_or(Ok(()), |scoring| scoring.check(place))?;
        let dose = |service: &Service| {
            if service.terms.out_of_network_of.is_some() {
                return 0.0; // what is given out of network belongs to the dose of the whole line
            }
            let own = self.doses.iter().find(|(name, _)| service.terms.is_called(name));
            own.map_or(0.0, |(_, elasticity)| elasticity.0)
        };
        Ok(Health {
            name: self.name.clone(),
            hash: name_hash(&self.name),
            kind: self.kind(place, measure)?,
            doses: services.iter().map(dose).collect(),
            factor: self.factor.clone(),
            eligible: self.eligible.clone(),
            scoring: self.scoring.clone(),
            versions: vec![vec![0; services.len()]],
        })
    }

    fn kind(&self, place: Place<'_>, measure: bool) -> Result<Kind> {
        if !measure {
            place.within("per_member_year", self.rate.0, 0.0, 1_000.0)?;
            return Ok(Kind::Outcome { rate: self.rate.0 });
        }
        let rate = self.rate.0;
        place.rate("rate", rate)?;
        place.within("rate", rate, 0.001, 0.999)?;
        let sd = self.sd_between.map_or(0.0, |sd| sd.0);
        place.within("sd_between", sd, 0.0, 0.25)?;
        Ok(Kind::Measure { log_odds: math::ln(rate / (1.0 - rate)), spread: sd / (rate * (1.0 - rate)) })
    }
}

impl Health {
    /// The number of an arm's version, from the versions of its services.
    pub fn version(&mut self, of_services: &[usize]) -> usize {
        let matters = |(version, dose): (&usize, &f64)| if *dose == 0.0 { 0 } else { *version };
        let wanted: Vec<usize> = of_services.iter().zip(&self.doses).map(matters).collect();
        self.versions.iter().position(|known| *known == wanted).unwrap_or_else(|| {
            self.versions.push(wanted);
            self.versions.len() - 1
        })
    }

    /// Number of versions.
    #[must_use]
    pub fn n_versions(&self) -> usize {
        self.versions.len()
    }

    /// What is found of a batch's members in a year, by version.
    pub(super) fn find(&self, batch: &Batch<'_>, draws: &Draws, found: &mut [Found]) {
        let process =
            if matches!(self.kind, Kind::Outcome { .. }) { Process::Outcome } else { Process::Measure };
        let key = Key::new(batch.seed, process, batch.label, self.hash);
        let own =
            Key::new(batch.seed, Process::MeasureRate, NO_YEAR, self.hash).at(batch.world, 0).block(0)[0];
        let of = |column: &Option<String>, member: usize| {
            let values = column.as_deref().and_then(|name| batch.population.factor(name));
            values.map_or(1.0, |values| values[draws.first_row + member])
        };
        for (member, there) in
            draws.years[..batch.members].iter().enumerate().filter(|(_, there)| there.months > 0)
        {
            if of(&self.eligible, member) == 0.0 {
                continue;
            }
            let word = key.at(batch.world, draws.members[member]).block(0)[0];
            let factor = of(&self.factor, member);
            for (version, found) in self.versions.iter().zip(found.iter_mut()) {
                let ln_dose = self.ln_dose(version, batch, draws, member, there);
                let count = match self.kind {
                    Kind::Outcome { rate } => {
                        let rate = rate * draws.shared_weights[member] * factor * math::exp(ln_dose);
                        f64::from(PoissonTable::shared().at_word(word, rate, rate.sqrt()))
                    }
                    Kind::Measure { log_odds, spread } => {
                        let own = log_odds + spread * normal::quantile(open_uniform(own));
                        let odds = math::exp(own + ln_dose) * factor;
                        f64::from(u8::from(open_uniform(word) < odds / (1.0 + odds)))
                    }
                };
                found.count += count;
                found.eligible += 1.0;
            }
        }
    }

    /// Elasticity times the logarithm of the dose, over the services; no dose at all counts as a millionth.
    fn ln_dose(
        &self,
        version: &[usize],
        batch: &Batch<'_>,
        draws: &Draws,
        member: usize,
        there: &MemberYear,
    ) -> f64 {
        let each = version.iter().zip(&self.doses).enumerate().filter(|(_, (version, _))| **version > 0);
        each.fold(0.0, |sum, (service, (version, elasticity))| {
            let factor = &batch.care.versions(service)[version - 1];
            let months = factor.by_month(batch.label, |programme| draws.reached[programme][member]);
            let (first, n) = (usize::from(there.first_month), usize::from(there.months));
            let dose = months[first..first + n].iter().sum::<f64>() / n as f64;
            sum + elasticity * math::ln(dose.max(SMALLEST_DOSE))
        })
    }
}

/// What counts as no dose.
const SMALLEST_DOSE: f64 = 1e-6;

/// A batch of members in a year of a world.
pub(super) struct Batch<'a> {
    pub population: &'a Population,
    pub care: &'a Care,
    pub seed: u64,
    pub world: World,
    pub label: i8,
    pub members: usize,
}
