//! A law at points a constant ratio apart: rounding that is small beside every price, for totals without a lattice.

use super::grid::{Rounding, excess};
use crate::distributions::law::{Form, Law};
use crate::math;

/// Most atoms that are kept where they are.
const MOST_ATOMS: usize = 1 << 13;

/// Part of the mean below which prices are all rounded together.
const SMALLEST: f64 = 1e-6;

/// Points with probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// Values in dollars, in order.
    pub value: Vec<f64>,
    /// Their probabilities.
    pub mass: Vec<f64>,
    /// The probability that is lost beyond the last point.
    pub lost: f64,
}

/// The law of `weight` × a price up to `reach`, with points a part `ratio` of themselves apart.
#[must_use]
pub fn points(law: &dyn Law, weight: f64, ratio: f64, reach: f64, rounding: Rounding) -> Points {
    if let Some(atoms) = atoms(law, weight, reach) {
        return atoms;
    }
    let edges = edges(law.mean(), ratio, reach / weight);
    let median = law.quantile(0.5, 0.5);
    let tails: Vec<(f64, f64)> = edges.iter().map(|edge| (law.below(*edge), law.above(*edge))).collect();
    let between = |cell: usize| {
        let (low, high) = (tails[cell], tails[cell + 1]);
        if edges[cell] < median { high.0 - low.0 } else { low.1 - high.1 }.max(0.0)
    };
    let mut mass = vec![tails[0].0];
    mass.extend((0..edges.len() - 1).map(between));
    let lost = tails[edges.len() - 1].1;
    let up: Vec<f64> = edges.iter().map(|edge| edge * weight).collect();
    let down: Vec<f64> = std::iter::once(0.0).chain(up[..up.len() - 1].iter().copied()).collect();
    let top = up[up.len() - 1];
    match rounding {
        Rounding::Up => Points { value: up, mass, lost },
        Rounding::Down => Points { value: down, mass, lost: 0.0 }.with(top, lost),
        Rounding::Mean => {
            let average = |value: &[f64]| -> f64 { value.iter().zip(&mass).map(|(x, p)| x * p).sum() };
            let within = weight * law.mean() - excess(law, weight, top) - top * lost;
            let (low, high) = (average(&down), average(&up));
            let share = if high > low { ((within - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
            let value = down.iter().zip(&up).map(|(low, high)| low + share * (high - low)).collect();
            Points { value, mass, lost: 0.0 }.with(top, lost)
        }
    }
}

impl Points {
    /// With one more point.
    fn with(mut self, value: f64, mass: f64) -> Self {
        self.value.push(value);
        self.mass.push(mass);
        self
    }
}

/// Few atoms, none of them far out, as they are.
fn atoms(law: &dyn Law, weight: f64, reach: f64) -> Option<Points> {
    let value = match law.form() {
        Form::Atom(value) => vec![value],
        Form::Steps => law.knots(MOST_ATOMS)?,
        _ => return None,
    };
    let mass: Vec<f64> = value.iter().map(|value| law.mass(*value)).collect();
    let all: f64 = mass.iter().sum();
    let fits = (all - 1.0).abs() < 1e-12 && value.iter().all(|value| value * weight <= reach);
    fits.then(|| Points { value: value.iter().map(|value| value * weight).collect(), mass, lost: 0.0 })
}

fn edges(mean: f64, ratio: f64, reach: f64) -> Vec<f64> {
    let first = SMALLEST * mean;
    let count = (math::ln(reach / first).max(0.0) / math::ln_1p(ratio)).ceil() as usize + 1;
    (0..count).map(|index| first * math::exp(index as f64 * math::ln_1p(ratio))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::fixed::Fixed;
    use crate::distributions::log_normal::LogNormal;

    #[test]
    fn rounding_is_a_small_part_of_every_price() {
        let law = LogNormal::new(110.0, 0.7);
        let mean = |rounding| {
            let points = points(&law, 0.5, 1e-3, 1e5, rounding);
            let sum: f64 = points.mass.iter().sum();
            assert!((sum + points.lost - 1.0).abs() < 1e-12);
            points.value.iter().zip(&points.mass).map(|(x, p)| x * p).sum::<f64>()
        };
        assert!((mean(Rounding::Mean) / 55.0 - 1.0).abs() < 1e-12);
        let (low, high) = (mean(Rounding::Down), mean(Rounding::Up));
        assert!(low < 55.0 && high > 55.0 && (high / low - 1.001).abs() < 1e-6, "{low} {high}");
    }

    #[test]
    fn an_atom_is_exact() {
        for rounding in [Rounding::Down, Rounding::Mean, Rounding::Up] {
            let points = points(&Fixed(35.5), 2.0, 1e-2, 1e5, rounding);
            assert_eq!(points, Points { value: vec![71.0], mass: vec![1.0], lost: 0.0 });
        }
    }
}
