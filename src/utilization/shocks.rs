//! Shocks: what moves the use or the price of services for everyone, and does not shrink as a panel grows.
//!
//! A shock is log-normal with mean exactly 1 in every year. A transitory one is another in each year; a permanent one
//! is a random walk that starts at 1 in year 0, so that what is missed accumulates: the level of performance year y is
//! the product of the steps of years 1 to y, that of base year y the product of the steps of years 0 down to y + 1.

use indexmap::IndexSet;
use serde::Deserialize;

use super::service::Service;
use crate::correlation::cholesky;
use crate::distributions::normal;
use crate::error::{Place, Result, show};
use crate::math;
use crate::money::Number;
use crate::population::{Horizon, MOST_BASE_YEARS, MOST_YEARS};
use crate::rng::{Key, Process, World, name_hash, open_uniform};

/// What a shock moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Moves {
    /// The number of events.
    #[default]
    Use,
    /// Their prices.
    Price,
}

/// A shock as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShockSpec {
    name: String,
    cv: Number,
    #[serde(default)]
    services: Option<Vec<String>>,
    #[serde(default)]
    on: Moves,
    #[serde(default)]
    permanent: bool,
    #[serde(default = "nothing")]
    market_share: Number,
    #[serde(default)]
    national_share: Option<Number>,
    #[serde(default)]
    years: Option<Vec<Number>>,
}

fn nothing() -> Number {
    Number(0.0)
}

/// Largest coefficient of variation of a year's shock.
const LARGEST_CV: f64 = 2.0;

/// Shocks ready to be drawn.
#[derive(Debug, Clone, Default)]
pub struct Shocks {
    seed: u64,
    all: Vec<Shock>,
    /// Lower triangle whose product with its transpose is the correlation matrix.
    root: Vec<Vec<f64>>,
}

#[derive(Debug, Clone)]
struct Shock {
    name: u32,
    /// Standard deviation of the logarithm.
    sigma: f64,
    services: Vec<bool>,
    on: Moves,
    permanent: bool,
    /// The parts that the regional and the national reference population share.
    shares: [f64; 2],
    years: Option<Vec<i8>>,
}

/// A shock's standard normal value in a year.
type Draws = Vec<Vec<f64>>;

impl Shocks {
    /// Checks shocks and their correlation and compiles them for services in their order.
    pub fn compile(
        specs: &[ShockSpec],
        correlation: Option<&[Vec<Number>]>,
        services: &[Service],
        seed: u64,
    ) -> Result<Self> {
        let mut names = IndexSet::new();
        let mut shocks = Vec::with_capacity(specs.len());
        for (position, spec) in specs.iter().enumerate() {
            let path = format!("utilization.shocks[{position}]");
            shocks.push(spec.compile(Place(&path), services)?);
            if !names.insert(name_hash(&spec.name)) {
                let error = Place(&path).error("name", "must be a name of its own");
                return Err(error.got(format!("{:?}", spec.name)).into());
            }
        }
        let root = match correlation {
            Some(matrix) => cholesky("utilization.shock_correlation", "shock", matrix, shocks.len())?,
            None => (0..shocks.len())
                .map(|row| (0..=row).map(|col| f64::from(u8::from(row == col))).collect())
                .collect(),
        };
        Ok(Self { seed, all: shocks, root })
    }

    /// Multiplies what each service's rate and price come to in each year by the shocks of a world, and the same of
    /// the regional and the national reference population by their share of them: rows by year, then service.
    pub fn apply(
        &self,
        horizon: Horizon,
        world: World,
        rates: &mut [f64],
        prices: &mut [f64],
        markets: &mut [Vec<f64>; 2],
    ) {
        if self.all.is_empty() {
            return;
        }
        let years: Vec<i8> = (0..horizon.len()).map(|position| horizon.label(position)).collect();
        let (first, last) = (years[0].min(1), years[years.len() - 1]);
        let draws: Draws = (first..=last).map(|year| self.draw(year, world)).collect();
        let n_services = rates.len() / years.len();
        for (position, year) in years.into_iter().enumerate() {
            for (index, shock) in self.all.iter().enumerate() {
                let z = |of: i8| draws[usize::from((of - first) as u8)][index];
                let (level, shared) =
                    (shock.level(year, 1.0, z), shock.shares.map(|share| shock.level(year, share, z)));
                for (service, _) in shock.services.iter().enumerate().filter(|(_, moved)| **moved) {
                    let place = position * n_services + service;
                    match shock.on {
                        Moves::Use => rates[place] *= level,
                        Moves::Price => prices[place] *= level,
                    }
                    markets.iter_mut().zip(shared).for_each(|(market, shared)| market[place] *= shared);
                }
            }
        }
    }

    /// The correlated standard normals of a year.
    fn draw(&self, year: i8, world: World) -> Vec<f64> {
        let independent = |shock: &Shock| {
            let key = Key::new(self.seed, Process::Shock, year, shock.name);
            normal::quantile(open_uniform(key.at(world, 0).block(0)[0]))
        };
        let independent: Vec<f64> = self.all.iter().map(independent).collect();
        self.root
            .iter()
            .map(|row| row.iter().zip(&independent).fold(0.0, |sum, (r, z)| sum + r * z))
            .collect()
    }

    /// The largest level that rates are checked for: six standard deviations up, in the year that has most of them.
    #[must_use]
    pub fn largest(&self, service: usize, horizon: Horizon) -> f64 {
        let years = horizon.years.max(horizon.base_years) as f64;
        let moving = self.all.iter().filter(|shock| shock.on == Moves::Use && shock.services[service]);
        moving.fold(1.0, |level, shock| {
            let steps = if shock.permanent { years } else { 1.0 };
            level * math::exp(6.0 * shock.sigma * steps.sqrt())
        })
    }
}

impl Shock {
    /// The level of a year for those who have a share of it, from the normals of all years.
    fn level(&self, year: i8, share: f64, z: impl Fn(i8) -> f64) -> f64 {
        let steps = if !self.permanent {
            year..=year
        } else if year > 0 {
            1..=year
        } else {
            year + 1..=0
        };
        let sigma = share * self.sigma;
        let happens = |step: &i8| self.years.as_ref().is_none_or(|years| years.contains(step));
        steps.filter(happens).fold(1.0, |level, step| level * math::log_normal_of_mean_one(sigma, z(step)))
    }
}

impl ShockSpec {
    fn compile(&self, place: Place<'_>, services: &[Service]) -> Result<Shock> {
        if self.name.trim().is_empty() {
            return Err(place.error("name", "must not be empty").got(format!("{:?}", self.name)).into());
        }
        place.within("cv", self.cv.0, 0.0, LARGEST_CV)?;
        place.rate("market_share", self.market_share.0)?;
        let national = self.national_share.unwrap_or(self.market_share);
        place.rate("national_share", national.0)?;
        Ok(Shock {
            name: name_hash(&self.name),
            sigma: math::log_normal_sigma(self.cv.0),
            services: chosen(place, self.services.as_deref(), services)?,
            on: self.on,
            permanent: self.permanent,
            shares: [self.market_share.0, national.0],
            years: self.years.as_ref().map(|years| years_of(place, years)).transpose()?,
        })
    }
}

/// Which services are named; all of them where none is.
pub(super) fn chosen(place: Place<'_>, names: Option<&[String]>, services: &[Service]) -> Result<Vec<bool>> {
    let Some(names) = names else { return Ok(vec![true; services.len()]) };
    for name in names {
        if !services.iter().any(|service| service.terms.is_called(name)) {
            let known: Vec<&str> = services.iter().map(|service| service.terms.name.as_str()).collect();
            let error =
                place.error("services", "must name services of the utilization").got(format!("{name:?}"));
            return Err(error.hint(format!("the services are {}", known.join(", "))).into());
        }
    }
    if names.is_empty() {
        return Err(place.error("services", "must name at least one service").got("none").into());
    }
    let is_chosen = |service: &Service| names.iter().any(|name| service.terms.is_called(name));
    Ok(services.iter().map(is_chosen).collect())
}

fn years_of(place: Place<'_>, years: &[Number]) -> Result<Vec<i8>> {
    let (earliest, latest) = (1.0 - f64::from(MOST_BASE_YEARS), f64::from(MOST_YEARS));
    let read = |year: &Number| {
        let whole = year.0.fract() == 0.0 && (earliest..=latest).contains(&year.0);
        let rule = format!("must be whole years between {earliest} and {latest}");
        whole.then_some(year.0 as i8).ok_or_else(|| place.error("years", rule).got(show(year.0)).into())
    };
    years.iter().map(read).collect()
}
