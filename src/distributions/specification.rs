//! Distributions as the user writes them: externally tagged, or a bare number.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::law::Law;
use super::sampler::Sampler;
use super::{
    beta, components, counts, empirical, fixed, gamma, inverse_gaussian, log_normal, normal, pareto, spliced,
    truncated, uniform, weibull,
};
use crate::error::{InputError, Place, Result, show};
use crate::money::{LARGEST_TERM, Number, NumberVisitor};

/// Names of all distributions, as they are written in a specification.
pub const KINDS: &[&str] = &[
    "fixed",
    "bernoulli",
    "uniform",
    "triangular",
    "normal",
    "beta",
    "log_normal",
    "gamma",
    "weibull",
    "pareto",
    "inverse_gaussian",
    "empirical",
    "mixture",
    "spliced",
    "truncated",
    "poisson",
    "negative_binomial",
    "binomial",
];

/// A distribution as the user writes it; a bare number is [`Distribution::Fixed`].
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same value.
    Fixed(fixed::Spec),
    /// One with a probability, else zero.
    Bernoulli(empirical::BernoulliSpec),
    /// All values of an interval equally likely.
    Uniform(uniform::UniformSpec),
    /// Rises to a mode and falls from it.
    Triangular(uniform::TriangularSpec),
    /// Normal.
    Normal(normal::Spec),
    /// Beta on an interval.
    Beta(beta::Spec),
    /// Log-normal.
    LogNormal(log_normal::Spec),
    /// Gamma.
    Gamma(gamma::Spec),
    /// Weibull.
    Weibull(weibull::Spec),
    /// Pareto of the second kind (Lomax).
    Pareto(pareto::Spec),
    /// Inverse Gaussian.
    InverseGaussian(inverse_gaussian::Spec),
    /// Observed values with weights.
    Empirical(empirical::Spec),
    /// A choice between distributions.
    Mixture(components::Spec),
    /// One distribution up to a point, another beyond.
    Spliced(spliced::Spec),
    /// A distribution on the condition of an interval.
    Truncated(truncated::Spec),
    /// Poisson counts.
    Poisson(counts::PoissonSpec),
    /// Negative binomial counts.
    NegativeBinomial(counts::NegativeBinomialSpec),
    /// Binomial counts.
    Binomial(counts::BinomialSpec),
}

impl Distribution {
    /// Checks the parameters, naming those that break a rule at `place`, and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        Ok(match self {
            Self::Fixed(spec) => Arc::new(spec.law(place)?),
            Self::Bernoulli(spec) => Arc::new(spec.law(place)?),
            Self::Uniform(spec) => spec.law(place)?,
            Self::Triangular(spec) => Arc::new(spec.law(place)?),
            Self::Normal(spec) => spec.law(place)?,
            Self::Beta(spec) => spec.law(place)?,
            Self::LogNormal(spec) => spec.law(place)?,
            Self::Gamma(spec) => spec.law(place)?,
            Self::Weibull(spec) => spec.law(place)?,
            Self::Pareto(spec) => Arc::new(spec.law(place)?),
            Self::InverseGaussian(spec) => spec.law(place)?,
            Self::Empirical(spec) => Arc::new(spec.law(place)?),
            Self::Mixture(spec) => Arc::new(spec.law(place)?),
            Self::Spliced(spec) => spec.law(place)?,
            Self::Truncated(spec) => spec.law(place)?,
            Self::Poisson(spec) => spec.law(place)?,
            Self::NegativeBinomial(spec) => Arc::new(spec.law(place)?),
            Self::Binomial(spec) => spec.law(place)?,
        })
    }

    /// Refuses parameters outside their range, and what cannot be the price of an event, naming them at `place`.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        if let Self::Fixed(fixed::Spec { value }) = self {
            place.not_negative("value", value.0)?;
            return place.within("value", value.0, 0.0, LARGEST_TERM);
        }
        let law = self.law(place)?;
        let (lowest, mean) = (law.support().0, law.mean());
        if lowest < 0.0 {
            let error = InputError::new(place.0, "must not reach below 0 dollars");
            let error = error.got(format!("values from {}", show(lowest)));
            return Err(error.hint("truncate it: Truncated(distribution, lower=0)").into());
        }
        if mean.is_infinite() {
            let error = InputError::new(place.0, "must have a finite mean").got("an infinite one");
            let hint =
                "a Pareto tail has a mean above shape 1; or truncate it: Truncated(distribution, upper=...)";
            return Err(error.hint(hint).into());
        }
        if mean <= LARGEST_TERM {
            return Ok(());
        }
        let rule = format!("must have a mean of at most {LARGEST_TERM}");
        Err(InputError::new(place.0, rule).got(show(mean)).into())
    }

    /// Compiles checked parameters.
    ///
    /// # Panics
    ///
    /// If the parameters were not checked and break a rule.
    #[must_use]
    pub fn compile(&self) -> Sampler {
        Sampler::compile(&self.law(Place("")).expect("parameters that were checked"))
    }

    /// Reads the distribution of a kind, which is a key of `map` that was just read.
    pub(super) fn read<'de, A: MapAccess<'de>>(
        kind: &str,
        map: &mut A,
    ) -> std::result::Result<Self, A::Error> {
        match kind {
            "fixed" => map.next_value().map(Self::Fixed),
            "bernoulli" => map.next_value().map(Self::Bernoulli),
            "uniform" => map.next_value().map(Self::Uniform),
            "triangular" => map.next_value().map(Self::Triangular),
            "normal" => map.next_value().map(Self::Normal),
            "beta" => map.next_value().map(Self::Beta),
            "log_normal" => map.next_value().map(Self::LogNormal),
            "gamma" => map.next_value().map(Self::Gamma),
            "weibull" => map.next_value().map(Self::Weibull),
            "pareto" => map.next_value().map(Self::Pareto),
            "inverse_gaussian" => map.next_value().map(Self::InverseGaussian),
            "empirical" => map.next_value().map(Self::Empirical),
            "mixture" => map.next_value().map(Self::Mixture),
            "spliced" => map.next_value().map(Self::Spliced),
            "truncated" => map.next_value().map(Self::Truncated),
            "poisson" => map.next_value().map(Self::Poisson),
            "negative_binomial" => map.next_value().map(Self::NegativeBinomial),
            "binomial" => map.next_value().map(Self::Binomial),
            other => Err(de::Error::unknown_variant(other, KINDS)),
        }
    }
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
        Ok(Distribution::Fixed(fixed::Spec { value: Number(value) }))
    }
}

impl<'de> Visitor<'de> for NumberOrDistribution {
    type Value = Distribution;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a distribution")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Distribution, A::Error> {
        let kind: String = map.next_key()?.ok_or_else(|| de::Error::custom("must name a distribution"))?;
        Distribution::read(&kind, &mut map)
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
