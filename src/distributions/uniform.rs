//! Uniform and triangular distributions: what is known of a figure with a range and perhaps a best guess.

use std::sync::Arc;

use super::fixed::Fixed;
use super::law::{Form, Law};
use super::parameters::{check_mean, check_order, check_place, parameters, value, way_of};
use crate::error::{Place, Result, show};

parameters!(
    /// Uniform by (lower, upper) or (mean, cv).
    UniformSpec { lower, upper, mean, cv }
);

parameters!(
    /// Triangular by (lower, mode, upper).
    TriangularSpec { lower, mode, upper }
);

impl UniformSpec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        let (lower, upper) = if way_of(place, &self.given(), &[&["lower", "upper"], &["mean", "cv"]])? == 0 {
            (value(self.lower), value(self.upper))
        } else {
            let (mean, cv) = (value(self.mean), value(self.cv));
            check_mean(place, mean)?;
            place.not_negative("cv", cv)?;
            if cv == 0.0 {
                return Ok(Arc::new(Fixed(mean)));
            }
            let half = mean * cv * 3.0_f64.sqrt();
            if cv > 0.577_350_269_189_626 {
                let error =
                    place.error("cv", "must be at most 0.57735 for a uniform distribution from 0 or more");
                return Err(error.got(show(cv)).hint("give lower and upper to reach below 0").into());
            }
            ((mean - half).max(0.0), mean + half)
        };
        check_place(place, "lower", lower)?;
        check_place(place, "upper", upper)?;
        check_order(place, ("lower", lower), ("upper", upper))?;
        Ok(Arc::new(Uniform { lower, upper }))
    }
}

impl TriangularSpec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Triangular> {
        way_of(place, &self.given(), &[&["lower", "mode", "upper"]])?;
        let (lower, mode, upper) = (value(self.lower), value(self.mode), value(self.upper));
        check_place(place, "lower", lower)?;
        check_place(place, "upper", upper)?;
        check_order(place, ("lower", lower), ("upper", upper))?;
        if !(lower..=upper).contains(&mode) {
            let rule = format!("must be between lower ({}) and upper ({})", show(lower), show(upper));
            return Err(place.error("mode", rule).got(show(mode)).into());
        }
        Ok(Triangular { lower, mode, upper })
    }
}

/// All values between two ends equally likely.
#[derive(Debug, Clone, Copy)]
pub struct Uniform {
    lower: f64,
    upper: f64,
}

impl Law for Uniform {
    fn lower(&self, p: f64) -> f64 {
        self.lower + (self.upper - self.lower) * p
    }

    fn upper(&self, q: f64) -> f64 {
        self.upper - (self.upper - self.lower) * q
    }

    fn below(&self, x: f64) -> f64 {
        ((x - self.lower) / (self.upper - self.lower)).clamp(0.0, 1.0)
    }

    fn above(&self, x: f64) -> f64 {
        ((self.upper - x) / (self.upper - self.lower)).clamp(0.0, 1.0)
    }

    fn density(&self, x: f64) -> f64 {
        if x < self.lower || x > self.upper { 0.0 } else { 1.0 / (self.upper - self.lower) }
    }

    fn mean(&self) -> f64 {
        0.5 * (self.lower + self.upper)
    }

    fn variance(&self) -> f64 {
        (self.upper - self.lower) * (self.upper - self.lower) / 12.0
    }

    fn support(&self) -> (f64, f64) {
        (self.lower, self.upper)
    }
}

/// A density that rises to the mode and falls from it, both in straight lines.
#[derive(Debug, Clone, Copy)]
pub struct Triangular {
    lower: f64,
    mode: f64,
    upper: f64,
}

impl Triangular {
    fn width(&self) -> f64 {
        self.upper - self.lower
    }

    /// Distance from the lower end with probability `p` below it, for p up to that of the mode.
    fn rise(&self, p: f64) -> f64 {
        (p * self.width() * (self.mode - self.lower)).sqrt()
    }

    fn fall(&self, q: f64) -> f64 {
        (q * self.width() * (self.upper - self.mode)).sqrt()
    }
}

impl Law for Triangular {
    fn lower(&self, p: f64) -> f64 {
        if p * self.width() <= self.mode - self.lower {
            self.lower + self.rise(p)
        } else {
            let (left, right) = (self.mode - self.lower, self.upper - self.mode);
            self.lower + self.width() * (left + p * right) / (self.width() + self.fall(1.0 - p))
        }
    }

    fn upper(&self, q: f64) -> f64 {
        if q * self.width() <= self.upper - self.mode {
            self.upper - self.fall(q)
        } else {
            let (left, right) = (self.mode - self.lower, self.upper - self.mode);
            self.upper - self.width() * (right + q * left) / (self.width() + self.rise(1.0 - q))
        }
    }

    fn below(&self, x: f64) -> f64 {
        let (far, width) = (x - self.lower, self.width());
        if far <= 0.0 {
            0.0
        } else if x <= self.mode {
            far / (self.mode - self.lower) * (far / width)
        } else if x < self.upper {
            // What lies below the mode, and the part beyond it: sums of what is positive keep their digits.
            let (left, right) = (self.mode - self.lower, self.upper - self.mode);
            left / width + (x - self.mode) / width * ((right + (self.upper - x)) / right)
        } else {
            1.0
        }
    }

    fn above(&self, x: f64) -> f64 {
        let (far, width) = (self.upper - x, self.width());
        if far <= 0.0 {
            0.0
        } else if x > self.mode {
            far / (self.upper - self.mode) * (far / width)
        } else if x > self.lower {
            let (left, right) = (self.mode - self.lower, self.upper - self.mode);
            right / width + (self.mode - x) / width * ((left + (x - self.lower)) / left)
        } else {
            1.0
        }
    }

    fn density(&self, x: f64) -> f64 {
        if x < self.lower || x > self.upper {
            0.0
        } else if x < self.mode {
            2.0 * (x - self.lower) / (self.width() * (self.mode - self.lower))
        } else if x > self.mode {
            2.0 * (self.upper - x) / (self.width() * (self.upper - self.mode))
        } else {
            2.0 / self.width()
        }
    }

    fn mean(&self) -> f64 {
        (self.lower + self.mode + self.upper) / 3.0
    }

    fn variance(&self) -> f64 {
        let (left, right) = (self.mode - self.lower, self.upper - self.mode);
        (left * left + left * right + right * right) / 18.0
    }

    fn support(&self) -> (f64, f64) {
        (self.lower, self.upper)
    }

    fn form(&self) -> Form {
        Form::Pieces
    }

    fn knots(&self, _most: usize) -> Option<Vec<f64>> {
        Some(vec![self.mode])
    }
}
