//! Target prices that base years make: what episodes cost then, with the noise of so few of them.

use serde::Deserialize;

use super::Book;
use super::benchmark::check_weights;
use crate::error::{InputError, Place, Result};
use crate::money::{Amount, Number, Term};
use crate::population::grown;
use crate::views::{Facts, YearFacts};

/// Terms of a baseline.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineSpec {
    /// Of each base year, the earliest first; equal where none are given.
    #[serde(default)]
    weights: Option<Vec<Number>>,
    /// Yearly growth from each base year to the performance year.
    trend: Number,
    /// The part of the price that base years make; the rest is the price that is given.
    own_share: Term,
}

/// A baseline ready to be computed.
#[derive(Debug, Clone)]
pub struct Baseline {
    weights: Vec<f64>,
    trend: f64,
    own_share: Term,
}

impl BaselineSpec {
    /// Checks the terms, naming them at `place`.
    pub fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let n = book.horizon.base_years;
        if n == 0 {
            let error =
                InputError::new(place.0, "must have base years to be computed from").got("base_years=0");
            return Err(error.hint("Study(..., base_years=3), or target_price= alone").into());
        }
        check_weights(place, self.weights.as_deref(), n)?;
        place.within("trend", self.trend.0, -0.9, 1.0)?;
        place.rate("own_share", self.own_share.value())
    }

    /// Compiles it for the base years there are.
    pub fn compile(&self, base_years: usize) -> Baseline {
        let equal = || vec![1.0 / base_years as f64; base_years];
        let given = |weights: &Vec<Number>| weights.iter().map(|weight| weight.0).collect();
        Baseline {
            weights: self.weights.as_ref().map_or_else(equal, given),
            trend: self.trend.0,
            own_share: self.own_share,
        }
    }
}

impl Baseline {
    /// What the episodes of base years cost on average at the prices of a year, from the dollars and the number of those of
    /// each base year; nothing where there were none.
    pub fn mean<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        dollars_and_number: impl Fn(&YearFacts<A>) -> (A, A),
    ) -> Option<A> {
        let (mut sum, mut of_weights) = (A::ZERO, A::ZERO);
        for (base, weight) in facts.base_years().iter().zip(&self.weights) {
            let (dollars, number) = dollars_and_number(base);
            if number > A::ZERO {
                let growth = grown(self.trend, (year.position - base.position) as i8);
                sum = sum + dollars.over(number).times(A::of(weight * growth));
                of_weights = of_weights + A::of(*weight);
            }
        }
        (of_weights > A::ZERO).then(|| sum.over(of_weights))
    }

    /// The price, from the mean of base years and the price that is given, which stands alone where there is no mean.
    pub fn price<A: Amount>(&self, mean: Option<A>, given: A) -> A {
        let own_share = A::term(&self.own_share);
        mean.map_or(given, |mean| mean.times(own_share) + given.times(A::ONE - own_share))
    }
}
