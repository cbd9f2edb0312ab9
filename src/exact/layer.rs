//! A layer of a member's year: min(max(x − attachment, 0), limit), its moments and its own distribution.

use super::grid::{Masses, Rounding};

/// Part of a cell that is the dust of a division.
const DUST: f64 = 1e-9;

/// The part of a year's cost above an attachment point, up to a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layer {
    /// Dollars where it begins.
    pub attachment: f64,
    /// Its height; infinite for none.
    pub limit: f64,
}

impl Layer {
    /// All of a year's cost.
    pub const ALL: Self = Self { attachment: 0.0, limit: f64::INFINITY };

    /// The dollars in the layer of a year that cost `x`.
    #[must_use]
    pub fn of(&self, x: f64) -> f64 {
        (x - self.attachment).max(0.0).min(self.limit)
    }

    /// Dollars beyond which nothing more counts.
    #[must_use]
    pub fn top(&self) -> f64 {
        self.attachment + self.limit
    }

    /// First and second moment of a function that grows with cost to `most`; infinite where `most` is and mass is lost.
    #[must_use]
    pub fn moments(masses: &Masses, step: f64, most: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
        let each = masses.mass.iter().enumerate().rev();
        let within = each.fold((0.0, 0.0), |sum, (cell, mass)| {
            let value = f(cell as f64 * step);
            (sum.0 + value * mass, sum.1 + value * value * mass)
        });
        if masses.lost > 0.0 {
            (within.0 + most * masses.lost, within.1 + most * most * masses.lost)
        } else {
            within
        }
    }

    /// The distribution of the layer on the same grid, rounded the same way.
    #[must_use]
    pub fn apply(&self, masses: &Masses, step: f64, rounding: Rounding) -> Masses {
        if *self == Self::ALL { masses.clone() } else { self.moved(masses, step, step, rounding) }
    }

    /// The distribution of the layer on a grid of another step.
    #[must_use]
    pub fn moved(&self, masses: &Masses, step: f64, to: f64, rounding: Rounding) -> Masses {
        let mut layered = Masses { mass: Vec::new(), lost: 0.0 };
        for (cell, mass) in masses.mass.iter().enumerate().filter(|(_, mass)| **mass != 0.0) {
            put(&mut layered.mass, self.of(cell as f64 * step) / to, *mass, rounding);
        }
        if masses.lost > 0.0 && self.limit.is_finite() {
            put(&mut layered.mass, self.limit / to, masses.lost, rounding);
        } else {
            layered.lost = masses.lost;
        }
        layered
    }
}

/// Adds a mass at a place between cells.
fn put(to: &mut Vec<f64>, place: f64, mass: f64, rounding: Rounding) {
    let (low, high) = ((place + DUST).floor(), (place - DUST).ceil());
    let share = if high > low { place - low } else { 0.0 };
    let mut add = |cell: f64, mass: f64| {
        let cell = cell as usize;
        if to.len() <= cell {
            to.resize(cell + 1, 0.0);
        }
        to[cell] += mass;
    };
    match rounding {
        Rounding::Down => add(low, mass),
        Rounding::Up => add(high, mass),
        Rounding::Mean => {
            add(low, (1.0 - share) * mass);
            add(high, share * mass);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ladder_of_years() {
        let layer = Layer { attachment: 100.0, limit: 50.0 };
        for (year, in_layer) in
            [(0.0, 0.0), (100.0, 0.0), (100.01, 0.01), (149.99, 49.99), (150.0, 50.0), (1e9, 50.0)]
        {
            assert!((layer.of(year) - in_layer).abs() < 1e-9, "{year}");
        }
        assert_eq!(Layer::ALL.of(7.0), 7.0);
    }

    #[test]
    fn a_distribution_in_layers() {
        let masses = Masses { mass: vec![0.4, 0.3, 0.2, 0.05], lost: 0.05 };
        let layer = Layer { attachment: 15.0, limit: 10.0 };
        let up = layer.apply(&masses, 10.0, Rounding::Up);
        assert_eq!(up.lost, 0.0);
        assert!((up.mass[0] - 0.7).abs() < 1e-15 && (up.mass[1] - 0.3).abs() < 1e-15, "{up:?}");
        let down = layer.apply(&masses, 10.0, Rounding::Down);
        assert!((down.mass[0] - 0.9).abs() < 1e-15 && (down.mass[1] - 0.1).abs() < 1e-15, "{down:?}");
        let mean = layer.apply(&masses, 10.0, Rounding::Mean);
        assert!((mean.mass[0] - 0.8).abs() < 1e-15 && (mean.mass[1] - 0.2).abs() < 1e-15, "{mean:?}");
        let (first, second) = Layer::moments(&masses, 10.0, layer.limit, |x| layer.of(x));
        assert!((first - (0.2 * 5.0 + 1.0)).abs() < 1e-14 && (second - (5.0 + 10.0)).abs() < 1e-13);
    }
}
