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
    /// Nothing with a probability, and a frailty of its own for the others.
    Users {
        /// Probability of nothing.
        non_users: f64,
        /// Frailty of the others, of mean 1 among them.
        among: Arc<Frailty>,
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

    /// Compiles a checked coefficient of variation among users, beside whom a checked part, below 1, has nothing.
    #[must_use]
    pub fn compile_with_non_users(family: Family, cv: f64, non_users: f64) -> Self {
        if non_users == 0.0 {
            return Self::compile(family, cv);
        }
        Self::Users { non_users, among: Arc::new(Self::compile(family, cv)) }
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
            Self::Users { non_users, among } => {
                let above = 1.0 - open_uniform(word);
                let users = 1.0 - *non_users;
                if above >= users { 0.0 } else { among.at_word(word_above(above / users)) / users }
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
            Self::TwoPoint { .. } | Self::Users { .. } => {
                each.for_each(|(value, word)| *value *= self.at_word(*word));
            }
        }
    }

    /// The largest frailty that a word can give.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.at_word(u64::MAX)
    }
}

/// The word of a uniform that is so much below 1; what is rare at the top stays as rare.
fn word_above(above: f64) -> u64 {
    const STEPS: f64 = (1_u64 << 52) as f64;
    !(((above * STEPS) as u64) << 12)
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

    #[test]
    fn non_users_have_nothing_and_leave_the_mean() {
        for (family, cv) in [(Family::Gamma, 1.0), (Family::LogNormal, 1.1), (Family::TwoPoint, 0.9)] {
            let frailty = Frailty::compile_with_non_users(family, cv, 0.25);
            let n = 1 << 18;
            let values: Vec<f64> = (0..n).map(|i: u64| frailty.at_word((2 * i + 1) << (63 - 18))).collect();
            let (mean, square) = values
                .iter()
                .fold((0.0, 0.0), |(mean, square), x| (mean + x / n as f64, square + x * x / n as f64));
            let none = values.iter().take_while(|x| **x == 0.0).count() as f64 / n as f64;
            assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{family:?}");
            assert!((mean - 1.0).abs() < 1e-4, "{family:?}: {mean}");
            assert!((square - (1.0 + cv * cv) / 0.75).abs() < 4e-3, "{family:?}: {square}");
            assert!((none - 0.25).abs() < 1e-5 || family == Family::TwoPoint, "{family:?}: {none}");
        }
        let alike = Frailty::compile_with_non_users(Family::Gamma, 0.0, 0.25);
        assert_eq!((alike.at_word(0), alike.at_word(u64::MAX)), (0.0, 4.0 / 3.0));
    }
}
