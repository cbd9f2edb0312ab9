//! The facts contracts ask for: declared when a study is built, shared by all arms, filled in one pass.
//!
//! A view is declared to a [`ViewPlan`], which gives the same handle to equal declarations, and read from the
//! [`YearFacts`] of each year by its handle when a contract settles. Prices in the facts are as drawn: fee levels belong
//! to arms. Arms whose care differs read facts of their own where it differs: a service has versions.

mod case_costs;
mod claims;
pub mod cost_sharing;
mod counted;
mod early;
mod exposures;
mod facts;
mod fill;
mod in_order;
mod windows;

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

pub use exposures::Exposures;
pub use facts::{Facts, Tally, YearFacts};
pub use fill::{Closer, Filler};

use crate::error::{Place, Result};
use crate::population::{MONTHS, Population, Sex};
use cost_sharing::Plan;

/// One value for each month of the year.
pub type ByMonth<A> = [A; MONTHS];

/// Whose members a fact is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Whose {
    /// Of one payer, or of all.
    pub payer: Option<u16>,
    /// Only of those attributed to the provider, only of the others, or of all.
    pub attributed: Option<bool>,
}

impl Whose {
    /// All members.
    pub const ALL: Self = Self { payer: None, attributed: None };
}

/// Events and drawn prices of one service of one payer's members, by month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Total {
    /// Index of the service.
    pub service: usize,
    /// Version of care; 0 is the baseline.
    pub version: usize,
    /// Index of the payer.
    pub payer: u16,
    /// Of those attributed to the provider, or of the others.
    pub attributed: bool,
}

/// What members pay of their claims in the order of the year, at an arm's prices.
#[derive(Debug, Clone, PartialEq)]
pub struct Benefit {
    /// By payer.
    pub plans: Vec<Plan>,
    /// By payer: dollars allowed for a drawn dollar of each service.
    pub prices: Vec<Vec<f64>>,
    /// Version of care of each service.
    pub versions: Vec<usize>,
}

/// The sum over members of the part of their weighted year between an attachment and an attachment plus a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberLayer {
    /// Dollars counted for a drawn dollar of each service; 0 leaves a service out.
    pub weights: Vec<f64>,
    /// Version of care of each service.
    pub versions: Vec<usize>,
    /// What members pay of the services that count, where that is taken off in the order of claims.
    pub benefit: Option<BenefitView>,
    /// What a dollar that members pay of each service takes off.
    pub values: Vec<f64>,
    /// Whose members.
    pub whose: Whose,
    /// Where the layer begins, dollars per member-year.
    pub attachment: f64,
    /// Its height, dollars per member-year; infinite for none.
    pub limit: f64,
    /// Rows of members whose layer begins elsewhere, in their order, and where.
    pub lasers: Vec<(usize, f64)>,
    /// How many months of the year count, from its start.
    pub months: usize,
}

/// The sum over the episodes that begin in a year of the part of their weighted windows between an attachment and an
/// attachment plus a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeLayer {
    /// Which episodes.
    pub episodes: EpisodesOf,
    /// Months after their end that are looked at in place of the windows; 0 where the windows are.
    pub after: f64,
    /// Dollars counted for a drawn dollar of each service; 0 leaves a service out.
    pub weights: Vec<f64>,
    /// Version of care of each service.
    pub versions: Vec<usize>,
    /// Where the layer begins, dollars per episode.
    pub attachment: f64,
    /// Its height, dollars per episode; infinite for none.
    pub limit: f64,
}

/// The number of episodes by the month in which they begin, each counted as what its member comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeCount {
    /// Which episodes.
    pub of: EpisodesOf,
    /// Name of the members' numbers that an episode counts for; 1 where there are none.
    pub multipliers: Option<String>,
}

/// Which episodes a fact is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpisodesOf {
    /// Index of the episode.
    pub episode: usize,
    /// Version of the episode.
    pub version: usize,
    /// Whose members.
    pub whose: Whose,
}

/// Members enrolled in each month, or their risk scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposure {
    /// Whose members.
    pub whose: Whose,
    /// Whether each member counts as its risk score.
    pub by_risk: bool,
    /// Which of them.
    pub cell: Cell,
}

/// Members of a rate cell: by age in the year, sex, and the risk score that is paid for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Youngest age, in completed years.
    pub from_age: f64,
    /// The first age that is too old.
    pub below_age: f64,
    /// Sex, or any.
    pub sex: Option<Sex>,
    /// Lowest risk score.
    pub from_risk: f64,
    /// The first risk score that is too high.
    pub below_risk: f64,
}

impl Cell {
    /// Everybody.
    pub const ALL: Self = Self {
        from_age: 0.0,
        below_age: f64::INFINITY,
        sex: None,
        from_risk: 0.0,
        below_risk: f64::INFINITY,
    };
}

impl Exposure {
    /// All members of somebody.
    #[must_use]
    pub fn of(whose: Whose) -> Self {
        Self { whose, by_risk: false, cell: Cell::ALL }
    }

    /// Their risk scores.
    #[must_use]
    pub fn scores(whose: Whose) -> Self {
        Self { by_risk: true, ..Self::of(whose) }
    }
}

/// Members by the month in which their enrolment begins; who was there before the study began enters in none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entrants(pub Whose);

/// Handle of a [`Total`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalView(usize);

/// Handle of a [`Benefit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BenefitView(usize);

/// Handle of a [`MemberLayer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerView(usize);

/// Handle of an [`Exposure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExposureView(usize);

/// Handle of an [`EpisodeLayer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpisodeLayerView(usize);

/// Handle of an [`EpisodeCount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpisodesView(usize);

/// Handle of [`Entrants`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntrantsView(usize);

/// Everything the arms of a study ask for, each fact once.
#[derive(Debug, Clone, Default)]
pub struct ViewPlan {
    totals: IndexSet<Total>,
    layers: Vec<MemberLayer>,
    benefits: Vec<Benefit>,
    exposures: Vec<Exposure>,
    entrants: Vec<Entrants>,
    episode_layers: Vec<EpisodeLayer>,
    episodes: Vec<EpisodeCount>,
    /// What multipliers of episodes come to for each member, by name.
    multipliers: IndexMap<String, Arc<[f64]>>,
    base_years: bool,
    benchmarks: Vec<Option<u16>>,
}

/// Views with their indices, those together that are alike.
fn grouped<T: Clone>(views: &[T], alike: impl Fn(&T, &T) -> bool) -> Vec<Vec<(usize, T)>> {
    let mut all: Vec<Vec<(usize, T)>> = Vec::new();
    for (index, view) in views.iter().enumerate() {
        match all.iter_mut().find(|known| alike(&known[0].1, view)) {
            Some(known) => known.push((index, view.clone())),
            None => all.push(vec![(index, view.clone())]),
        }
    }
    all
}

fn handle<T: PartialEq>(declared: &mut Vec<T>, view: T) -> usize {
    declared.iter().position(|known| *known == view).unwrap_or_else(|| {
        declared.push(view);
        declared.len() - 1
    })
}

impl ViewPlan {
    /// Declares a total.
    pub fn total(&mut self, view: Total) -> TotalView {
        TotalView(self.totals.insert_full(view).0)
    }

    /// Declares a member layer.
    pub fn layer(&mut self, view: MemberLayer) -> LayerView {
        LayerView(handle(&mut self.layers, view))
    }

    /// Declares what members pay in the order of claims.
    pub fn benefit(&mut self, view: Benefit) -> BenefitView {
        BenefitView(handle(&mut self.benefits, view))
    }

    /// Declares an exposure.
    pub fn exposure(&mut self, view: Exposure) -> ExposureView {
        ExposureView(handle(&mut self.exposures, view))
    }

    /// Declares who enters.
    pub fn entrants(&mut self, view: Entrants) -> EntrantsView {
        EntrantsView(handle(&mut self.entrants, view))
    }

    /// Declares a layer of episodes.
    pub fn episode_layer(&mut self, view: EpisodeLayer) -> EpisodeLayerView {
        EpisodeLayerView(handle(&mut self.episode_layers, view))
    }

    /// Declares a number of episodes.
    pub fn episodes(&mut self, view: EpisodeCount) -> EpisodesView {
        EpisodesView(handle(&mut self.episodes, view))
    }

    /// Finds what the multipliers of episodes come to for each member.
    pub fn find_multipliers(&mut self, population: &Population) -> Result<()> {
        for name in self.episodes.iter().filter_map(|count| count.multipliers.as_ref()) {
            let numbers = population.factor(name).ok_or_else(|| {
                Place("population").error(name, "must have a number of each member").got("none")
            })?;
            for (row, number) in numbers.iter().enumerate() {
                Place("population").not_negative(&format!("{name}[{row}]"), *number)?;
            }
            self.multipliers.entry(name.clone()).or_insert_with(|| numbers.into());
        }
        Ok(())
    }

    /// Declares that the facts of base years are read too.
    pub fn base_years(&mut self) {
        self.base_years = true;
    }

    /// Declares a benchmark that base years of a payer's members make, or of all members.
    pub fn benchmark(&mut self, payer: Option<u16>) {
        self.base_years();
        handle(&mut self.benchmarks, payer);
    }

    /// Whose base years make benchmarks: a payer's members', or all members'.
    #[must_use]
    pub fn benchmarks(&self) -> &[Option<u16>] {
        &self.benchmarks
    }

    /// Whether any arm reads the facts of base years.
    #[must_use]
    pub fn reads_base_years(&self) -> bool {
        self.base_years
    }

    /// Numbers of totals, layers and exposures.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.totals.len(), self.layers.len(), self.exposures.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_declarations_share_a_handle() {
        let mut plan = ViewPlan::default();
        let layer = |attachment| MemberLayer {
            weights: vec![1.0, 0.0],
            versions: vec![0, 0],
            benefit: None,
            values: vec![1.0, 1.0],
            whose: Whose::ALL,
            attachment,
            limit: 5.0,
            lasers: Vec::new(),
            months: MONTHS,
        };
        let first = plan.layer(layer(10.0));
        assert_eq!(plan.layer(layer(10.0)), first);
        assert_ne!(plan.layer(layer(11.0)), first);
        plan.exposure(Exposure::of(Whose::ALL));
        plan.exposure(Exposure::of(Whose::ALL));
        assert_eq!(plan.counts(), (0, 2, 1));
    }
}
