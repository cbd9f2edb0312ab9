//! What is read off a distribution on a grid: quantiles, and averages of the tail.

use super::grid::Masses;

/// A distribution whose masses were added up.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    step: f64,
    mass: Vec<f64>,
    cumulative: Vec<f64>,
}

impl Outcome {
    /// Of masses on a grid; the traces below zero that transforms leave are no probability.
    #[must_use]
    pub fn new(masses: Masses, step: f64) -> Self {
        let mass: Vec<f64> = masses.mass.into_iter().map(|mass| mass.max(0.0)).collect();
        let mut sum = 0.0;
        let cumulative = mass
            .iter()
            .map(|mass| {
                sum += mass;
                sum
            })
            .collect();
        Self { step, mass, cumulative }
    }

    /// The masses.
    #[must_use]
    pub fn into_masses(self) -> Vec<f64> {
        self.mass
    }

    /// The smallest cell with at least `p` at or below it, none where too much is lost beyond the grid.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let cell = self.cumulative.partition_point(|sum| *sum < p);
        (cell < self.mass.len()).then_some(cell as f64 * self.step)
    }

    /// The quantile of the smooth distribution that the masses stand for: each is spread over the cells around it.
    #[must_use]
    pub fn smooth_quantile(&self, p: f64) -> Option<f64> {
        let below = |cell: usize| self.cumulative[cell] - 0.5 * self.mass[cell];
        let cell = self.cumulative.partition_point(|sum| *sum < p);
        if cell >= self.mass.len() {
            return None;
        }
        let (low, high) = if p < below(cell) && cell > 0 {
            (cell - 1, cell)
        } else if cell + 1 < self.mass.len() {
            (cell, cell + 1)
        } else {
            return Some(cell as f64 * self.step);
        };
        let (from, to) = (below(low), below(high));
        let share = if to > from { ((p - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
        Some((low as f64 + share) * self.step)
    }

    /// The mean of the 1 − p worst: q + E[max(x − q, 0)] / (1 − p), with `beyond` expected dollars off the grid.
    #[must_use]
    pub fn tvar(&self, p: f64, quantile: f64, beyond: f64) -> f64 {
        let from = (quantile / self.step).floor() as usize;
        let tail = self.mass.iter().enumerate().skip(from).rev();
        let excess: f64 = tail.map(|(cell, mass)| mass * (cell as f64 * self.step - quantile).max(0.0)).sum();
        quantile + (excess + beyond) / (1.0 - p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_die() {
        let die = Outcome::new(Masses { mass: vec![1.0 / 6.0; 6], lost: 0.0 }, 2.0);
        assert_eq!(die.quantile(0.5), Some(4.0));
        assert_eq!(die.quantile(0.51), Some(6.0));
        assert!((die.tvar(0.5, 4.0, 0.0) - 8.0).abs() < 1e-14);
        // Six cells of width 2 around 0, 2, ... 10 have their median at 5.
        assert!((die.smooth_quantile(0.5).unwrap() - 5.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_lost_has_no_quantile() {
        let outcome = Outcome::new(Masses { mass: vec![0.5, 0.4], lost: 0.1 }, 1.0);
        assert_eq!(outcome.quantile(0.89), Some(1.0));
        assert_eq!(outcome.quantile(0.95), None);
    }
}
