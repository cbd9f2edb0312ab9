//! Mixing laws of mean 1, by which rates vary: through their Laplace transform, or as nodes and weights.

use serde::Deserialize;

use super::complex::{self, Complex};
use crate::distributions::gamma::Gamma;
use crate::distributions::law::Law;
use crate::error::{Place, Result};
use crate::math;
use crate::money::Number;

/// The rule of trapezoids with steps h in ln of the value errs by e^(growth − 2π/h) where its integrand grows by
/// e^growth at the edge of its strip: this much is left for the density itself.
const DIGITS: f64 = 39.0;

/// Probability beyond the outermost nodes.
const OUTSIDE: f64 = 1e-17;

/// A law of mean 1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mixing {
    /// Always 1.
    One,
    /// Gamma with a coefficient of variation.
    Gamma {
        /// Standard deviation, as the mean is 1.
        cv: Number,
    },
    /// Values with probabilities: exactly these, or a quadrature of another law.
    Nodes {
        /// Values, of mean 1.
        values: Vec<Number>,
        /// Their probabilities.
        probabilities: Vec<Number>,
    },
}

impl Mixing {
    /// Refuses what is not a law of mean 1; a law without spread becomes [`Mixing::One`].
    pub fn checked(self, place: Place<'_>) -> Result<Self> {
        match &self {
            Self::One => Ok(self),
            Self::Gamma { cv } => {
                place.within("cv", cv.0, 0.0, 20.0)?;
                Ok(if cv.0 == 0.0 { Self::One } else { self })
            }
            Self::Nodes { values, probabilities } => {
                check_nodes(place, values, probabilities)?;
                Ok(self)
            }
        }
    }

    /// ln E[e^(−zF)] for a real part of z of at least 0.
    #[must_use]
    pub fn ln_laplace(&self, z: Complex) -> Complex {
        match self {
            Self::One => -z,
            Self::Gamma { cv } => {
                let square = cv.0 * cv.0;
                -complex::ln_1p(z * square) / square
            }
            Self::Nodes { values, probabilities } => {
                let each = values.iter().zip(probabilities);
                complex::ln(each.map(|(value, p)| complex::exp(-z * value.0) * p.0).sum())
            }
        }
    }

    /// ln E[e^(xF)] for real x; infinite where it does not exist.
    #[must_use]
    pub fn ln_growth(&self, x: f64) -> f64 {
        match self {
            Self::One => x,
            Self::Gamma { cv } => {
                let square = cv.0 * cv.0;
                if square * x >= 1.0 { f64::INFINITY } else { -math::ln_1p(-square * x) / square }
            }
            Self::Nodes { values, probabilities } => {
                // The largest exponent is taken out, so that none overflows.
                let largest = values.iter().map(|value| value.0 * x).fold(f64::NEG_INFINITY, f64::max);
                let each = values.iter().zip(probabilities);
                largest + math::ln(each.map(|(value, p)| p.0 * math::exp(value.0 * x - largest)).sum())
            }
        }
    }

    /// E[F²].
    #[must_use]
    pub fn second_moment(&self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Gamma { cv } => 1.0 + cv.0 * cv.0,
            Self::Nodes { values, probabilities } => {
                values.iter().zip(probabilities).map(|(value, p)| p.0 * value.0 * value.0).sum()
            }
        }
    }

    /// Values and probabilities that give the same means of e^(−zF) for |z| up to `largest`, and of what is smoother.
    #[must_use]
    pub fn nodes(&self, largest: f64) -> Vec<(f64, f64)> {
        match self {
            Self::One => vec![(1.0, 1.0)],
            Self::Gamma { cv } => gamma_nodes(cv.0, largest),
            Self::Nodes { values, probabilities } => {
                values.iter().zip(probabilities).map(|(value, p)| (value.0, p.0)).collect()
            }
        }
    }
}

fn check_nodes(place: Place<'_>, values: &[Number], probabilities: &[Number]) -> Result<()> {
    if values.is_empty() || values.len() != probabilities.len() {
        let got = format!("{} and {}", values.len(), probabilities.len());
        let rule = "must be as many as values, and at least one";
        return Err(place.error("probabilities", rule).got(got).into());
    }
    for (value, probability) in values.iter().zip(probabilities) {
        place.not_negative("values", value.0)?;
        place.rate("probabilities", probability.0)?;
    }
    let sum: f64 = probabilities.iter().map(|p| p.0).sum();
    let mean: f64 = values.iter().zip(probabilities).map(|(value, p)| value.0 * p.0).sum();
    place.within("probabilities summed", sum, 1.0 - 1e-9, 1.0 + 1e-9)?;
    place.within("mean", mean, 1.0 - 1e-9, 1.0 + 1e-9)
}

/// The rule of trapezoids in ln of the value, where the density of a gamma is analytic and falls off at both ends.
fn gamma_nodes(cv: f64, largest: f64) -> Vec<(f64, f64)> {
    let law = Gamma::new(1.0, cv);
    let (low, high) = (law.lower(OUTSIDE).max(1e-30), law.upper(OUTSIDE));
    let step = (2.0 * std::f64::consts::PI / (DIGITS + 2.0 * largest)).min(cv / 2.0);
    let count = (math::ln(high / low) / step).ceil() as usize + 1;
    let mut nodes: Vec<(f64, f64)> = (0..count)
        .map(|index| {
            let value = low * math::exp(index as f64 * step);
            (value, law.density(value) * value * step)
        })
        .collect();
    // What lies below the lowest node has no events to speak of.
    let sum: f64 = nodes.iter().map(|node| node.1).sum();
    nodes.push((0.0, (1.0 - sum).max(0.0)));
    let mean: f64 = nodes.iter().map(|node| node.0 * node.1).sum();
    for node in &mut nodes {
        node.0 /= mean;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_a_gamma_have_its_transform() {
        for cv in [0.05, 0.3, 1.0, 2.0, 6.0] {
            let gamma = Mixing::Gamma { cv: Number(cv) };
            let nodes = gamma.nodes(150.0);
            let moment: f64 = nodes.iter().map(|node| node.1 * node.0 * node.0).sum();
            assert!((moment / gamma.second_moment() - 1.0).abs() < 1e-11, "cv {cv}: {moment}");
            for z in [Complex::new(0.1, 0.0), Complex::new(3.0, -20.0), Complex::new(100.0, 100.0)] {
                let exact = complex::exp(gamma.ln_laplace(z));
                let sum: Complex = nodes.iter().map(|node| complex::exp(-z * node.0) * node.1).sum();
                assert!((exact - sum).norm() < 1e-11, "cv {cv}, z {z}: {exact} {sum}");
            }
        }
    }

    #[test]
    fn growth_continues_the_transform() {
        let gamma = Mixing::Gamma { cv: Number(0.5) };
        assert!((gamma.ln_growth(-2.0) - gamma.ln_laplace(Complex::new(2.0, 0.0)).re).abs() < 1e-15);
        assert_eq!(gamma.ln_growth(4.0), f64::INFINITY);
        let two =
            Mixing::Nodes { values: vec![Number(0.0), Number(2.0)], probabilities: vec![Number(0.5); 2] };
        assert!((two.ln_growth(1_000.0) - (2_000.0 + math::ln(0.5))).abs() < 1e-12);
        assert!((two.ln_laplace(Complex::new(1.0, 0.0)).re - two.ln_growth(-1.0)).abs() < 1e-15);
        assert_eq!(two.second_moment(), 2.0);
    }
}
