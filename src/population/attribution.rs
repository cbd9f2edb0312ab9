//! Attribution: who counts as the provider's, a chain over the years whose share stays.

use serde::Deserialize;

use super::selection::{check_selected, selected};
use super::{Horizon, Member, Population};
use crate::error::{Place, Result, show};
use crate::money::Number;
use crate::rng::{Key, NO_NAME, Process};

/// Who counts, as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributionSpec {
    share: Number,
    turnover: Number,
    selection: Number,
}

/// Who counts where only those count who are attributed to the provider.
#[derive(Debug, Clone)]
pub(super) struct Attribution {
    share: f64,
    turnover: f64,
    selection: f64,
}

impl AttributionSpec {
    pub(super) fn compile(&self, population: &Population) -> Result<Attribution> {
        let place = Place("population.attribution");
        let (share, turnover) = (self.share.0, self.turnover.0);
        place.rate("share", share)?;
        place.rate("turnover", turnover)?;
        check_selected(place, ("turnover", turnover), ("selection", self.selection.0), population)?;
        if turnover * share > 1.0 - share {
            let rule = "must leave enough others to replace who is lost: at most (1 - share) / share";
            return Err(place.error("turnover", rule).got(show(turnover)).into());
        }
        Ok(Attribution { share, turnover, selection: self.selection.0 })
    }
}

impl Attribution {
    /// Who is attributed in each year: a chain from performance year 1 in both directions, whose share stays.
    pub(super) fn draw(
        &self,
        seed: u64,
        members: &[Member],
        horizon: Horizon,
        words: &mut impl FnMut(Key) -> Vec<[f64; 4]>,
    ) -> Vec<Vec<bool>> {
        let mut uniforms =
            |position: usize| words(Key::new(seed, Process::Attribution, horizon.label(position), NO_NAME));
        let first = horizon.base_years;
        let mut years = vec![Vec::new(); horizon.len()];
        years[first] = uniforms(first).iter().map(|u| u[0] < self.share).collect();
        let backwards = (0..first).rev().map(|position| (position, position + 1));
        let forwards = (first + 1..horizon.len()).map(|position| (position, position - 1));
        for (position, from) in backwards.chain(forwards) {
            let next = |((attributed, member), u): ((&bool, &Member), [f64; 4])| {
                let turnover = selected(self.turnover, self.selection, member.risk_score);
                let gained = if self.share < 1.0 { turnover * self.share / (1.0 - self.share) } else { 0.0 };
                u[0] < if *attributed { 1.0 - turnover } else { gained }
            };
            years[position] = years[from].iter().zip(members).zip(uniforms(position)).map(next).collect();
        }
        years
    }
}
