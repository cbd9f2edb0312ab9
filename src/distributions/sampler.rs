//! Compiled distributions: from a word of the generator to a value.

use std::sync::Arc;

use rand::Rng;
use rand_distr::Distribution as RandDistribution;

use super::AMOUNT_TOLERANCE;
use super::law::{Form, Law};
use super::pieces::Pieces;
use super::steps::Steps;
use super::table::Table;
use crate::rng::open_uniform;

/// A compiled distribution: from a word to a value.
#[derive(Debug, Clone)]
pub enum Sampler {
    /// Always the same value; its word is not looked at.
    Fixed(f64),
    /// A quantile table of one smooth density.
    Table(Table<4>),
    /// Polynomials between kinks, jumps and atoms.
    Pieces(Arc<Pieces>),
    /// Atoms alone.
    Steps(Arc<Steps>),
    /// Rows of a list by their weights, each with its value: not in the order of the values.
    Rows(Arc<Steps>, Arc<[f64]>),
    /// The quantile function itself, where a table would be too large.
    Exact(Arc<dyn Law>),
}

impl Sampler {
    /// Compiles a law in the form that fits it.
    #[must_use]
    pub fn compile(law: &Arc<dyn Law>) -> Self {
        match law.form() {
            Form::Atom(value) => Self::Fixed(value),
            Form::Steps => Steps::compile(law.as_ref())
                .map_or_else(|| Self::Exact(law.clone()), |steps| Self::Steps(steps.into())),
            Form::Smooth => {
                let table = Table::compile(law.as_ref(), AMOUNT_TOLERANCE);
                if table.error_bound() <= AMOUNT_TOLERANCE { Self::Table(table) } else { Self::pieces(law) }
            }
            Form::Pieces => Self::pieces(law),
        }
    }

    fn pieces(law: &Arc<dyn Law>) -> Self {
        Pieces::compile(law.as_ref(), AMOUNT_TOLERANCE)
            .map_or_else(|| Self::Exact(law.clone()), |pieces| Self::Pieces(pieces.into()))
    }

    /// Largest relative error seen when the table was compiled; 0 where every value is exact.
    #[must_use]
    pub fn error_bound(&self) -> f64 {
        match self {
            Self::Fixed(_) | Self::Steps(_) | Self::Rows(..) | Self::Exact(_) => 0.0,
            Self::Table(table) => table.error_bound(),
            Self::Pieces(pieces) => pieces.error_bound(),
        }
    }

    /// The value at a word of the generator.
    #[inline]
    #[must_use]
    pub fn at_word(&self, word: u64) -> f64 {
        match self {
            Self::Table(table) => table.at_word(word),
            other => other.at(open_uniform(word)),
        }
    }

    /// The value at probability `u` in (0, 1).
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Table(table) => table.at(u),
            Self::Pieces(pieces) => pieces.at(u),
            Self::Steps(steps) => steps.at(u),
            Self::Rows(rows, values) => values[rows.at(u) as usize],
            Self::Exact(law) => law.at(u),
        }
    }

    /// The values at many words: `values[i]` is `at_word(words[i])`. Which kind it is, is asked once.
    pub fn fill(&self, words: &[u64], values: &mut [f64]) {
        let each = words.iter().zip(values);
        match self {
            Self::Fixed(value) => each.for_each(|(_, to)| *to = *value),
            Self::Table(table) => each.for_each(|(word, to)| *to = table.at_word(*word)),
            Self::Pieces(pieces) => each.for_each(|(word, to)| *to = pieces.at(open_uniform(*word))),
            Self::Steps(steps) => each.for_each(|(word, to)| *to = steps.at(open_uniform(*word))),
            Self::Rows(rows, values) => {
                each.for_each(|(word, to)| *to = values[rows.at(open_uniform(*word)) as usize]);
            }
            Self::Exact(law) => each.for_each(|(word, to)| *to = law.at(open_uniform(*word))),
        }
    }
}

impl RandDistribution<f64> for Sampler {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.at_word(rng.next_u64())
    }
}
