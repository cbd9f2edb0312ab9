//! Distributions: one uniform in the open interval makes one value through a quantile function.
//!
//! A severity is written as a [`Distribution`], checked, and compiled once per study into a [`Sampler`].

pub mod gamma;
pub mod log_normal;
pub mod normal;
pub mod poisson;
pub mod poisson_table;
pub mod table;

use std::fmt;

use rand::Rng;
use rand_distr::Distribution as RandDistribution;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::error::{Place, Result};
use crate::money::{LARGEST_TERM, Number, NumberVisitor};
use crate::rng::open_uniform;
use table::Table;

/// Names of all distributions, as they are written in a specification.
pub const KINDS: &[&str] = &["fixed", "log_normal", "gamma"];

/// Relative error of a compiled severity.
pub const AMOUNT_TOLERANCE: f64 = 1e-7;

/// Relative error of compiled frailty, which moves counts and not only dollars.
pub const FRAILTY_TOLERANCE: f64 = 1e-11;

/// A continuous distribution known by its quantiles, each tail measured from its own end.
pub trait Quantile {
    /// The value with probability `p` ≤ 1/2 below it.
    fn lower(&self, p: f64) -> f64;
    /// The value with probability `q` ≤ 1/2 above it.
    fn upper(&self, q: f64) -> f64;
    /// The mean.
    fn mean(&self) -> f64;

    /// The value with probability `u` in (0, 1) below it.
    fn at(&self, u: f64) -> f64 {
        if u < 0.5 { self.lower(u) } else { self.upper(1.0 - u) }
    }
}

/// A distribution of dollars as the user writes it; a bare number is [`Distribution::Fixed`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// Always the same value.
    Fixed(Fixed),
    /// Log-normal by mean and coefficient of variation.
    LogNormal(MeanCv),
    /// Gamma by mean and coefficient of variation.
    Gamma(MeanCv),
}

/// Always the same value.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    value: Number,
}

/// A distribution by its mean and coefficient of variation.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanCv {
    mean: Number,
    cv: Number,
}

impl Distribution {
    /// Refuses parameters outside their range, naming them at `place`.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        match self {
            Self::Fixed(Fixed { value }) => {
                place.not_negative("value", value.0)?;
                place.within("value", value.0, 0.0, LARGEST_TERM)
            }
            Self::LogNormal(MeanCv { mean, cv }) => {
                check_mean(place, mean.0)?;
                place.within("cv", cv.0, 0.0, 1_000.0)
            }
            Self::Gamma(MeanCv { mean, cv }) => {
                check_mean(place, mean.0)?;
                place.within("cv", cv.0, 0.0, 20.0)
            }
        }
    }

    /// Compiles checked parameters; a coefficient of variation of 0 is a fixed value.
    #[must_use]
    pub fn compile(&self) -> Sampler {
        match self {
            Self::Fixed(Fixed { value }) => Sampler::Fixed(value.0),
            Self::LogNormal(MeanCv { mean, cv }) | Self::Gamma(MeanCv { mean, cv }) if cv.0 == 0.0 => {
                Sampler::Fixed(mean.0)
            }
            Self::LogNormal(MeanCv { mean, cv }) => Sampler::table(&log_normal::LogNormal::new(mean.0, cv.0)),
            Self::Gamma(MeanCv { mean, cv }) => Sampler::table(&gamma::Gamma::new(mean.0, cv.0)),
        }
    }
}

/// Smallest mean of a distribution, dollars: a ten-thousandth of a cent.
const SMALLEST_MEAN: f64 = 1e-6;

/// A mean above zero, and of a size whose squares and tables can be computed.
fn check_mean(place: Place<'_>, mean: f64) -> Result<()> {
    place.positive("mean", mean)?;
    place.within("mean", mean, SMALLEST_MEAN, LARGEST_TERM)
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrDistribution)
    }
}

/// Reads a number or an externally tagged distribution by hand: serde's `untagged` would lose the error's path.
struct NumberOrDistribution;

impl NumberOrDistribution {
    fn fixed<E: de::Error>(text: std::result::Result<String, E>) -> std::result::Result<Distribution, E> {
        let text = text?;
        let value = text
            .parse()
            .map_err(|_| E::custom(format!("must be a number or a distribution, got {text:?}")))?;
        Ok(Distribution::Fixed(Fixed { value: Number(value) }))
    }
}

impl<'de> Visitor<'de> for NumberOrDistribution {
    type Value = Distribution;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a distribution")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Distribution, A::Error> {
        let kind: String = map.next_key()?.ok_or_else(|| de::Error::custom("must name a distribution"))?;
        match kind.as_str() {
            "fixed" => map.next_value().map(Distribution::Fixed),
            "log_normal" => map.next_value().map(Distribution::LogNormal),
            "gamma" => map.next_value().map(Distribution::Gamma),
            other => Err(de::Error::unknown_variant(other, KINDS)),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Distribution, E> {
        Self::fixed(NumberVisitor.visit_str(text))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> std::result::Result<Distribution, E> {
        Self::fixed(NumberVisitor.visit_f64(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> std::result::Result<Distribution, E> {
        Self::fixed(NumberVisitor.visit_i64(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> std::result::Result<Distribution, E> {
        Self::fixed(NumberVisitor.visit_u64(value))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> std::result::Result<Distribution, E> {
        Self::fixed(NumberVisitor.visit_bool(value))
    }

    fn visit_unit<E: de::Error>(self) -> std::result::Result<Distribution, E> {
        Err(E::custom("must be a number or a distribution, got None"))
    }
}

/// A compiled severity: from a word to dollars.
#[derive(Debug, Clone)]
pub enum Sampler {
    /// Always the same value; its word is not looked at.
    Fixed(f64),
    /// A quantile table.
    Table(Table<4>),
}

impl Sampler {
    fn table(quantile: &impl Quantile) -> Self {
        Self::Table(Table::compile(quantile, AMOUNT_TOLERANCE))
    }

    /// The value at a word of the generator.
    #[inline]
    #[must_use]
    pub fn at_word(&self, word: u64) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Table(table) => table.at_word(word),
        }
    }

    /// The values at many words: `values[i]` at `words[i]`.
    #[inline]
    pub fn fill(&self, words: &[u64], values: &mut [f64]) {
        match self {
            Self::Fixed(value) => values.fill(*value),
            Self::Table(table) => {
                for (value, word) in values.iter_mut().zip(words) {
                    *value = table.at_word(*word);
                }
            }
        }
    }

    /// The value at probability `u` in (0, 1).
    #[inline]
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Table(table) => table.at(u),
        }
    }
}

impl RandDistribution<f64> for Sampler {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.at_word(rng.next_u64())
    }
}

/// Frailty of mean 1: one for everyone, or gamma with a coefficient of variation.
#[derive(Debug, Clone)]
pub enum Frailty {
    /// Nobody differs.
    None,
    /// Gamma with mean 1.
    Gamma(Table<8>),
}

impl Frailty {
    /// Compiles a checked coefficient of variation.
    #[must_use]
    pub fn compile(cv: f64) -> Self {
        if cv == 0.0 {
            return Self::None;
        }
        Self::Gamma(Table::compile(&gamma::Gamma::new(1.0, cv), FRAILTY_TOLERANCE))
    }

    /// The largest frailty that a word can give.
    #[must_use]
    pub fn largest(&self) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Gamma(table) => table.at(open_uniform(u64::MAX)),
        }
    }
}
