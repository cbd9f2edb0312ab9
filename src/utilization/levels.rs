//! What a world's years come to before any member is drawn: rates and prices after trend and shocks, and the market's.

use super::Utilization;
use crate::distributions::normal;
use crate::rng::{Key, NO_NAME, Process, World, open_uniform};

/// Rates and prices of each simulated year and service, and the market process of each year.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    n_services: usize,
    rates: Vec<f64>,
    roots: Vec<f64>,
    prices: Vec<f64>,
    /// What the reference populations spend in each year.
    pub market: Vec<Market>,
}

/// What the reference populations of benchmarks spend in a year.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Market {
    /// Dollars per member in the region, as a multiple of year 0 without shocks.
    pub regional: f64,
    /// Dollars per member in the nation, likewise.
    pub national: f64,
    /// Standard normal noise of what is measured.
    pub noise: f64,
}

impl Levels {
    /// Events a year of a member with risk score 1 and frailty 1, and the root of it.
    #[inline]
    pub(super) fn rate(&self, year: usize, service: usize) -> (f64, f64) {
        let place = year * self.n_services + service;
        (self.rates[place], self.roots[place])
    }

    /// What drawn prices are multiplied with.
    #[inline]
    pub(super) fn price(&self, year: usize, service: usize) -> f64 {
        self.prices[year * self.n_services + service]
    }
}

impl Utilization {
    /// Computes the levels of a world.
    pub fn level(&self, world: World, levels: &mut Levels) {
        let n_years = self.horizon.len();
        levels.n_services = self.services.len();
        let by_year = |of: &dyn Fn(&super::Service, usize) -> f64| -> Vec<f64> {
            (0..n_years).flat_map(|year| self.services.iter().map(move |service| of(service, year))).collect()
        };
        levels.rates = by_year(&|service, year| {
            service.rate * service.growth[year] * service.net.get(year).copied().unwrap_or(1.0)
        });
        levels.prices = by_year(&|service, year| service.price_growth[year] * service.price_level);
        let growth = by_year(&|service, year| service.growth[year] * service.price_growth[year]);
        let mut markets = [growth.clone(), growth];
        self.shocks.apply(self.horizon, world, &mut levels.rates, &mut levels.prices, &mut markets);
        levels.roots = levels.rates.iter().map(|rate| rate.sqrt()).collect();
        let [regional, national] = markets.map(|market| self.index(&market));
        let noise = |position| {
            let key = Key::new(self.seed, Process::Market, self.horizon.label(position), NO_NAME);
            normal::quantile(open_uniform(key.at(world, 0).block(0)[0]))
        };
        let each = regional.into_iter().zip(national).enumerate();
        let market = |(year, (regional, national))| Market { regional, national, noise: noise(year) };
        levels.market = each.map(market).collect();
    }

    /// Dollars of each year per dollar of year 0, services weighted by what a member of risk score 1 spends on them.
    fn index(&self, levels: &[f64]) -> Vec<f64> {
        let dollars: Vec<f64> =
            self.services.iter().map(|service| service.rate * service.terms.mean_price).collect();
        let all: f64 = dollars.iter().sum();
        let of_year = |year: &[f64]| {
            let sum: f64 = year.iter().zip(&dollars).map(|(level, dollars)| level * dollars).sum();
            if all > 0.0 { sum / all } else { 1.0 }
        };
        levels.chunks(self.services.len()).map(of_year).collect()
    }
}
