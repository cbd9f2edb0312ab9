//! Drawn dollars of a batch's members in the first months of a year, where a layer counts no more than these.

use super::MemberLayer;
use crate::population::MONTHS;
use crate::utilization::events::{BATCH, Events};

/// Drawn dollars up to each of the months that layers ask for; nothing where none does.
#[derive(Debug, Clone)]
pub(super) struct Early {
    /// Numbers of months that layers count, below a year, each once.
    cuts: Vec<usize>,
    n_lines: usize,
    /// By cut and line: dollars of each member.
    prices: Vec<[f64; BATCH]>,
}

impl Early {
    pub fn new(layers: &[MemberLayer], n_lines: usize) -> Self {
        let mut cuts: Vec<usize> = layers.iter().map(|layer| layer.months).filter(|m| *m < MONTHS).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let prices = vec![[0.0; BATCH]; cuts.len() * n_lines];
        Self { cuts, n_lines, prices }
    }

    /// Whether any layer counts less than a year.
    #[inline]
    pub fn is_asked(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// Begins a batch's year.
    pub fn clear(&mut self) {
        self.prices.fill([0.0; BATCH]);
    }

    /// Adds the events of a block of a member's line.
    #[inline(never)]
    pub fn add(&mut self, member: usize, line: usize, events: &Events) {
        for (cut, prices) in self.cuts.iter().zip(self.prices.chunks_mut(self.n_lines)) {
            let counted = events.months.iter().zip(&events.prices).filter(|(month, _)| *month < cut);
            prices[line][member] += counted.fold(0.0, |sum, (_, price)| sum + price);
        }
    }

    /// Dollars by line and member in the first months; none where it is the whole year.
    pub fn prices(&self, months: usize) -> Option<&[[f64; BATCH]]> {
        let position = self.cuts.iter().position(|cut| *cut == months)?;
        Some(&self.prices[position * self.n_lines..(position + 1) * self.n_lines])
    }
}
