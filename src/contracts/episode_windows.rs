//! Episodes at an arm's prices: how many begin, and what of their windows falls between two points.

use super::ArmBook;
use crate::money::Amount;
use crate::views::{
    ByMonth, EpisodeLayer, EpisodeLayerView, EpisodesOf, EpisodesView, ViewPlan, Whose, YearFacts,
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

    /// Those of the year.
    #[must_use]
    pub fn count<A: Amount>(self, year: &YearFacts<A>) -> A {
        self.by_month(year).iter().fold(A::ZERO, |sum, month| sum + *month)
    }
}

impl ArmBook<'_> {
    /// Declares the number of the episodes of the contract's members.
    pub fn episodes_that_begin(&self, episode: usize, views: &mut ViewPlan) -> Episodes {
        Episodes(views.episodes(self.episodes_of(episode)))
    }

    /// Declares what of the windows of an episode lies above a point, up to a limit, at the arm's prices: allowed dollars,
    /// or what the payer pays, which is nothing for care under a capitation or a retainer.
    pub fn episode_layers(
        &self,
        episode: usize,
        paid: bool,
        (attachment, limit): (f64, f64),
        views: &mut ViewPlan,
    ) -> EpisodeLayers {
        let weights = |payer: u16| {
            let bearers = &self.bearers[usize::from(payer)];
            self.weights(payer, paid, |service| !paid || bearers[service].is_billed())
        };
        let layer = |(payer, weights)| EpisodeLayer {
            episodes: EpisodesOf { whose: Whose { payer, ..self.attributed() }, ..self.episodes_of(episode) },
            weights,
            versions: self.versions.to_vec(),
            attachment,
            limit,
        };
        let layers = self.by_prices(weights).into_iter().map(layer);
        EpisodeLayers(layers.map(|layer| views.episode_layer(layer)).collect())
    }

    /// The episodes of the contract's members.
    fn episodes_of(&self, episode: usize) -> EpisodesOf {
        EpisodesOf { episode, version: self.episodes[episode], whose: self.attributed() }
    }
}
