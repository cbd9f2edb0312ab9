//! Episodes at an arm's prices: how many begin, and what of their windows, or of the time after, falls between two points.

use super::ArmBook;
use crate::money::Amount;
use crate::views::{
    ByMonth, EpisodeCount, EpisodeLayer, EpisodeLayerView, EpisodesOf, EpisodesView, ViewPlan, Whose,
    YearFacts,
};

/// Dollars of windows between two points: a layer, or one for each payer where their prices differ.
#[derive(Debug, Clone)]
pub struct EpisodeLayers(Vec<EpisodeLayerView>);

impl EpisodeLayers {
    /// Dollars in the layers, over the episodes that begin in a year.
    #[must_use]
    pub fn dollars<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.0.iter().fold(A::ZERO, |sum, view| sum + year.episode_layer(*view))
    }
}

/// Episodes of one kind by the month in which they begin.
#[derive(Debug, Clone, Copy)]
pub struct Episodes(EpisodesView);

impl Episodes {
    /// Those of each month.
    #[must_use]
    pub fn by_month<A: Amount>(self, year: &YearFacts<A>) -> &ByMonth<A> {
        year.episodes(self.0)
    }

    /// So many dollars for each, paid month by month.
    #[must_use]
    pub fn paid<A: Amount>(self, each: A, year: &YearFacts<A>) -> A {
        let months = self.by_month(year).iter();
        months.fold(A::ZERO, |sum, episodes| sum + episodes.times(each).posted())
    }

    /// Those of the year.
    #[must_use]
    pub fn count<A: Amount>(self, year: &YearFacts<A>) -> A {
        self.by_month(year).iter().fold(A::ZERO, |sum, month| sum + *month)
    }
}

/// Episodes of one kind, and what of the dollars in their windows counts.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations, reason = "a question has no text")]
pub struct Counting<'a> {
    /// Index of the kind.
    pub episode: usize,
    /// Whose episodes.
    pub whose: Whose,
    /// What the payer pays, which is nothing for care under a capitation or a retainer; if not, allowed dollars.
    pub paid: bool,
    /// What a dollar of each service counts for.
    pub value: &'a dyn Fn(usize) -> f64,
    /// Months after the windows that are looked at in place of them; 0 where the windows are.
    pub after: f64,
}

impl ArmBook<'_> {
    /// Declares the number of episodes, each counted as what its member comes to.
    pub fn episodes_that_begin(
        &self,
        (episode, whose): (usize, Whose),
        multipliers: Option<&String>,
        views: &mut ViewPlan,
    ) -> Episodes {
        let of = self.episodes_of(episode, whose);
        Episodes(views.episodes(EpisodeCount { of, multipliers: multipliers.cloned() }))
    }

    /// Declares what of the windows of an episode lies above a point, up to a limit, at the arm's prices.
    pub fn episode_layers(
        &self,
        counting: Counting<'_>,
        (attachment, limit): (f64, f64),
        views: &mut ViewPlan,
    ) -> EpisodeLayers {
        let Counting { episode, whose, paid, value, after } = counting;
        let weights = |payer: u16| {
            let bearers = &self.bearers[usize::from(payer)];
            let weights = self.weights(payer, paid, |service| !paid || bearers[service].is_billed());
            weights.into_iter().enumerate().map(|(service, weight)| weight * value(service)).collect()
        };
        let layer = |(payer, weights)| EpisodeLayer {
            episodes: self.episodes_of(episode, Whose { payer, ..whose }),
            after,
            weights,
            versions: self.versions.to_vec(),
            attachment,
            limit,
        };
        let layers = self.by_prices(weights).into_iter().map(layer);
        EpisodeLayers(layers.map(|layer| views.episode_layer(layer)).collect())
    }

    fn episodes_of(&self, episode: usize, whose: Whose) -> EpisodesOf {
        EpisodesOf { episode, version: self.episodes[episode], whose }
    }
}
