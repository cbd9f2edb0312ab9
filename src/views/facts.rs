//! What happened in a world, year by year, as far as a contract asked.

use std::ops::Add;

use rust_decimal::Decimal;

use super::{
    BenefitView, ByMonth, EntrantsView, EpisodeLayerView, EpisodesView, ExposureView, LayerView, TotalView,
};
use crate::error::{InputError, Result};
use crate::money::{Amount, LARGEST_FACT, decimal_fact};
use crate::population::{Horizon, MONTHS};
use crate::utilization::Market;
use crate::utilization::health::Found;

/// Events and what they cost at drawn prices.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally<A> {
    /// Number of events.
    pub events: A,
    /// Sum of drawn prices, dollars.
    pub prices: A,
}

impl<A: Amount> Add for Tally<A> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { events: self.events + other.events, prices: self.prices + other.prices }
    }
}

/// The facts of a world.
#[derive(Debug, Clone)]
pub struct Facts<A> {
    pub(super) horizon: Horizon,
    pub(super) years: Vec<YearFacts<A>>,
}

/// The facts of one year.
#[derive(Debug, Clone, Default)]
pub struct YearFacts<A> {
    /// Position among the simulated years.
    pub position: usize,
    pub(super) totals: Vec<ByMonth<Tally<A>>>,
    /// By total: what giving the cases cost, where cases differ in it; empty where none do.
    pub(super) case_costs: Vec<ByMonth<A>>,
    pub(super) layers: Vec<A>,
    /// By benefit and total: what members paid.
    pub(super) cost_shares: Vec<Vec<ByMonth<A>>>,
    pub(super) exposures: Vec<ByMonth<A>>,
    pub(super) entrants: Vec<ByMonth<A>>,
    pub(super) episode_layers: Vec<A>,
    pub(super) episodes: Vec<ByMonth<A>>,
    /// What the reference populations spend.
    pub market: Market,
    /// By outcome or measure and version: what was found of the members.
    pub health: Vec<Vec<Found>>,
}

impl<A: Amount> Facts<A> {
    /// The performance years, each with the number of months before it.
    pub fn performance_years(&self) -> impl Iterator<Item = (usize, &YearFacts<A>)> {
        self.years[self.horizon.performance()].iter().enumerate().map(|(index, year)| (index * MONTHS, year))
    }

    /// Number of a performance year, from 0.
    #[must_use]
    pub fn performance_year(&self, year: &YearFacts<A>) -> usize {
        year.position - self.horizon.base_years
    }

    /// Months of the study before a performance year.
    #[must_use]
    pub fn months_before(&self, year: &YearFacts<A>) -> usize {
        self.performance_year(year) * MONTHS
    }

    /// The base years, the earliest first.
    #[must_use]
    pub fn base_years(&self) -> &[YearFacts<A>] {
        &self.years[..self.horizon.base_years]
    }

    /// Years by their positions.
    #[must_use]
    pub fn years(&self, positions: std::ops::Range<usize>) -> &[YearFacts<A>] {
        &self.years[positions]
    }

    /// The years there are.
    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.horizon
    }
}

impl<A: Amount> YearFacts<A> {
    /// Events and drawn prices by month.
    #[must_use]
    pub fn total(&self, view: TotalView) -> &ByMonth<Tally<A>> {
        &self.totals[view.0]
    }

    /// What giving the cases of a total cost by month, where cases differ in it.
    #[must_use]
    pub fn case_costs(&self, view: TotalView) -> Option<&ByMonth<A>> {
        self.case_costs.get(view.0)
    }

    /// Dollars that members paid of a total in the order of their claims, by month.
    #[must_use]
    pub fn cost_share(&self, benefit: BenefitView, view: TotalView) -> &ByMonth<A> {
        &self.cost_shares[benefit.0][view.0]
    }

    /// Dollars in a layer, over its members.
    #[must_use]
    pub fn layer(&self, view: LayerView) -> A {
        self.layers[view.0]
    }

    /// Members enrolled by month.
    #[must_use]
    pub fn exposure(&self, view: ExposureView) -> &ByMonth<A> {
        &self.exposures[view.0]
    }

    /// Members who enter, by month.
    #[must_use]
    pub fn entrants(&self, view: EntrantsView) -> &ByMonth<A> {
        &self.entrants[view.0]
    }

    /// Dollars in a layer, over the episodes that begin in the year.
    #[must_use]
    pub fn episode_layer(&self, view: EpisodeLayerView) -> A {
        self.episode_layers[view.0]
    }

    /// Episodes by the month in which they begin.
    #[must_use]
    pub fn episodes(&self, view: EpisodesView) -> &ByMonth<A> {
        &self.episodes[view.0]
    }

    /// Member-months of the year.
    #[must_use]
    pub fn member_months(&self, view: ExposureView) -> A {
        self.exposure(view).iter().fold(A::ZERO, |sum, members| sum + *members)
    }
}

impl Facts<f64> {
    /// The facts of a statement, in decimal.
    pub fn to_decimal(&self) -> Result<Facts<Decimal>> {
        let years = self.years.iter().map(YearFacts::to_decimal).collect::<Option<_>>();
        years.map(|years| Facts { horizon: self.horizon, years }).ok_or_else(|| {
            let rule = format!("must have at most {LARGEST_FACT} dollars of a service and month");
            InputError::new("statement", rule).into()
        })
    }
}

impl YearFacts<f64> {
    fn to_decimal(&self) -> Option<YearFacts<Decimal>> {
        Some(YearFacts {
            position: self.position,
            totals: self
                .totals
                .iter()
                .map(|row| decimal_months(row, decimal_tally))
                .collect::<Option<_>>()?,
            case_costs: decimal_rows(&self.case_costs)?,
            layers: self.layers.iter().map(|value| decimal_fact(*value)).collect::<Option<_>>()?,
            cost_shares: self.cost_shares.iter().map(|rows| decimal_rows(rows)).collect::<Option<_>>()?,
            exposures: decimal_rows(&self.exposures)?,
            entrants: decimal_rows(&self.entrants)?,
            episode_layers: self
                .episode_layers
                .iter()
                .map(|value| decimal_fact(*value))
                .collect::<Option<_>>()?,
            episodes: decimal_rows(&self.episodes)?,
            market: self.market,
            health: self.health.clone(),
        })
    }
}

fn decimal_rows(rows: &[ByMonth<f64>]) -> Option<Vec<ByMonth<Decimal>>> {
    rows.iter().map(|row| decimal_months(row, |value| decimal_fact(*value))).collect()
}

fn decimal_tally(tally: &Tally<f64>) -> Option<Tally<Decimal>> {
    Some(Tally { events: decimal_fact(tally.events)?, prices: decimal_fact(tally.prices)? })
}

fn decimal_months<T, D: Copy + Default>(
    row: &ByMonth<T>,
    decimal: impl Fn(&T) -> Option<D>,
) -> Option<ByMonth<D>> {
    let mut months = [D::default(); MONTHS];
    for (month, value) in months.iter_mut().zip(row) {
        *month = decimal(value)?;
    }
    Some(months)
}
