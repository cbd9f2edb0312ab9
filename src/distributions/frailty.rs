//! Frailty of mean 1: what makes one member's use differ from another's of the same risk score.

use std::sync::Arc;

use serde::Deserialize;

use super::FRAILTY_TOLERANCE;
use super::gamma::Gamma;
use super::log_normal::LogNormal;
use super::table::Table;
use crate::rng::open_uniform;

/// The family of a frailty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Gamma: with Poisson counts, negative binomial ones.
    #[default]
    Gamma,
    /// Log-normal: heavier above.
    LogNormal,
    /// Nothing for those who never use care, more than 1 for the others.
    TwoPoint,
}

/// Frailty of mean 1, compiled.
#[derive(Debug, Clone)]
pub enum Frailty {
    /// Nobody differs.
    None,
    /// A quantile table.
    Table(Arc<Table<8>>),
    /// Nothing with a probability, and what makes the mean 1 otherwise.
    TwoPoint {
        /// Probability of nothing.
        non_users: f64,
        /// Frailty of the others.
        users: f64,
    },
}

impl Frailty {
    /// Compiles a checked coefficient of variation.
    #[must_use]
    pub fn compile(family: Family, cv: f64) -> Self {
        if cv == 0.0 {
            return Self::None;
        }
        let table = |table| Self::Table(Arc::new(table));
        match family {
            Family::Gamma => table(Table::compile(&Gamma::new(1.0, cv), FRAILTY_TOLERANCE)),
            Family::LogNormal => table(Table::compile(&LogNormal::new(1.0, cv), FRAILTY_TOLERANCE)),
            Family::TwoPoint => {
                let users = 1.0 + cv * cv;
                Self::TwoPoint { non_users: 1.0 - 1.0 / users, users }
            }
        }
    }

    /// Whether anyone differs.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// The frailty at a word of the generator.
    #[inline]
    #[must_use]
    pub fn at_word(&self, word: u64) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Table(table) => table.at_word(word),
            Self::TwoPoint { non_users, users } => {
                if open_uniform(word) <= *non_users {
                    0.0
                } else {
                    *users
                }
            }
        }
    }

    /// Multiplies `values` by the frailties at `words`; which kind it is, is asked once.
    #[inline]
    pub fn multiply(&self, words: &[u64], values: &mut [f64]) {
        let each = values.iter_mut().zip(words);
        match self {
            Self::None => {}
            Self::Table(table) => each.for_each(|(value, word)| *value *= table.at_word(*word)),
            Self::TwoPoint { .. } => each.for_each(|(value, word)| *value *= self.at_word(*word)),
        }
    }

    /// The largest frailty that a word can give.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.at_word(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance over an even grid of uniforms, whose error falls with the number of points.
    #[test]
    fn every_family_has_mean_one_and_its_cv() {
        for family in [Family::Gamma, Family::LogNormal, Family::TwoPoint] {
            for cv in [0.3, 0.9] {
                let frailty = Frailty::compile(family, cv);
                let n = 1 << 18;
                let values = (0..n).map(|i: u64| frailty.at_word((2 * i + 1) << (63 - 18)));
                let (sum, squares) = values.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
                let (mean, square) = (sum / n as f64, squares / n as f64);
                assert!((mean - 1.0).abs() < 1e-4, "{family:?} {cv}: {mean}");
                assert!((square - 1.0 - cv * cv).abs() < 2e-3, "{family:?} {cv}: {square}");
            }
        }
        assert!(!Frailty::compile(Family::LogNormal, 0.0).is_any());
    }
}
