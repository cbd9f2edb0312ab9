//! Beta distribution on an interval, [0, 1] unless said otherwise: rates and shares.
//!
//! Density of z = (x − lower) / (upper − lower): z^(α−1) (1 − z)^(β−1) / B(α, β).

use std::sync::Arc;

use super::fixed::Fixed;
use super::incomplete_beta::{incomplete_beta, ln_binomial_density};
use super::law::Law;
use super::normal;
use super::parameters::{check_order, check_place, parameters, value, way_of};
use super::solve::{Tail, solve};
use crate::error::{Place, Result, show};
use crate::math;

parameters!(
    /// Beta by (alpha, beta) or (mean, cv), between lower and upper.
    Spec { alpha, beta, mean, cv, lower, upper }
);

impl Spec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        let lower = self.lower.map_or(0.0, |number| number.0);
        let upper = self.upper.map_or(1.0, |number| number.0);
        check_place(place, "lower", lower)?;
        check_place(place, "upper", upper)?;
        check_order(place, ("lower", lower), ("upper", upper))?;
        let given = &self.given()[..4];
        let (alpha, beta) = if way_of(place, given, &[&["alpha", "beta"], &["mean", "cv"]])? == 0 {
            (value(self.alpha), value(self.beta))
        } else {
            match from_mean(place, value(self.mean), value(self.cv), lower, upper)? {
                Some(shapes) => shapes,
                None => return Ok(Arc::new(Fixed(value(self.mean)))),
            }
        };
        place.within("alpha", alpha, 0.01, 1e9)?;
        place.within("beta", beta, 0.01, 1e9)?;
        Ok(Arc::new(Beta { shapes: (alpha, beta), lower, width: upper - lower }))
    }
}

/// α and β from mean and coefficient of variation, which has a limit: all mass at the two ends. None without spread.
fn from_mean(place: Place<'_>, mean: f64, cv: f64, lower: f64, upper: f64) -> Result<Option<(f64, f64)>> {
    place.positive("mean", mean)?;
    if !(mean > lower && mean < upper) {
        let rule = format!("must be between lower ({}) and upper ({})", show(lower), show(upper));
        return Err(place.error("mean", rule).got(show(mean)).into());
    }
    place.not_negative("cv", cv)?;
    if cv == 0.0 {
        return Ok(None);
    }
    let width = upper - lower;
    let (share, rest) = ((mean - lower) / width, (upper - mean) / width);
    let limit = (share * rest).sqrt() * width / mean;
    if cv >= limit {
        let rule = format!("must be below {limit:.6} for a beta distribution of this mean");
        return Err(place.error("cv", rule).got(show(cv)).into());
    }
    let deviation = cv * mean / width;
    let count = share * rest / (deviation * deviation) - 1.0;
    Ok(Some((share * count, rest * count)))
}

/// Beta between two ends.
#[derive(Debug, Clone, Copy)]
pub struct Beta {
    /// α and β.
    shapes: (f64, f64),
    lower: f64,
    width: f64,
}

impl Beta {
    fn share(&self, x: f64) -> (f64, f64) {
        let upper = self.lower + self.width;
        (((x - self.lower) / self.width).clamp(0.0, 1.0), ((upper - x) / self.width).clamp(0.0, 1.0))
    }

    fn share_density(&self, z: f64, rest: f64) -> f64 {
        let (a, b) = self.shapes;
        let n = a + b;
        if z <= 0.0 || rest <= 0.0 {
            let (near, far) = if z <= 0.0 { (a, b) } else { (b, a) };
            return if near > 1.0 {
                0.0
            } else if near < 1.0 {
                f64::INFINITY
            } else {
                far
            };
        }
        math::exp(ln_binomial_density(a, b, z, rest)) * (a / n) * b / (z * rest)
    }
}

/// The z of Beta(a, b) with `probability` in its lower tail; for the upper one exchange a and b and read 1 − z.
fn nearer(a: f64, b: f64, tail: Tail, probability: f64) -> f64 {
    // First term of the series, exact where z vanishes.
    let ln_b = math::ln_gamma(a) + math::ln_gamma(b) - math::ln_gamma(a + b);
    let p = if tail == Tail::Lower { probability } else { 1.0 - probability };
    let small = (math::ln(p) + math::ln(a) + ln_b) / a;
    if small < -60.0 {
        return math::exp(small);
    }
    let mean = a / (a + b);
    let series = if tail == Tail::Lower { math::exp(small.min(0.0)).min(mean) } else { mean };
    let guess = if a > 1.0 && b > 1.0 { normal_guess(a, b, tail, probability) } else { series };
    let shape = Beta { shapes: (a, b), lower: 0.0, width: 1.0 };
    solve(tail, probability, (0.0, 1.0), guess, |z| {
        let (below, above) = incomplete_beta(a, b, z, 1.0 - z);
        (if tail == Tail::Lower { below } else { above }, shape.share_density(z, 1.0 - z))
    })
}

/// The approximation of Abramowitz and Stegun, 26.5.22.
fn normal_guess(a: f64, b: f64, tail: Tail, probability: f64) -> f64 {
    let z = normal::lower_quantile(probability) * if tail == Tail::Lower { -1.0 } else { 1.0 };
    let (one, other) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
    let (bend, size) = ((z * z - 3.0) / 6.0, 2.0 / (one + other));
    let w =
        z * (size + bend).max(0.0).sqrt() / size - (other - one) * (bend + 5.0 / 6.0 - 2.0 / (3.0 * size));
    a / (a + b * math::exp(2.0 * w))
}

impl Law for Beta {
    fn lower(&self, p: f64) -> f64 {
        self.lower + self.width * nearer(self.shapes.0, self.shapes.1, Tail::Lower, p)
    }

    fn upper(&self, q: f64) -> f64 {
        // Solved for whichever end is nearer, so that its distance keeps its digits.
        if self.below(self.lower + 0.5 * self.width) >= 1.0 - q {
            return self.lower + self.width * nearer(self.shapes.0, self.shapes.1, Tail::Upper, q);
        }
        self.lower + self.width * (1.0 - nearer(self.shapes.1, self.shapes.0, Tail::Lower, q))
    }

    fn below(&self, x: f64) -> f64 {
        let (z, rest) = self.share(x);
        incomplete_beta(self.shapes.0, self.shapes.1, z, rest).0
    }

    fn above(&self, x: f64) -> f64 {
        let (z, rest) = self.share(x);
        incomplete_beta(self.shapes.0, self.shapes.1, z, rest).1
    }

    fn density(&self, x: f64) -> f64 {
        if x < self.lower || x > self.lower + self.width {
            return 0.0;
        }
        let (z, rest) = self.share(x);
        self.share_density(z, rest) / self.width
    }

    fn mean(&self) -> f64 {
        self.lower + self.width * (self.shapes.0 / (self.shapes.0 + self.shapes.1))
    }

    fn variance(&self) -> f64 {
        let n = self.shapes.0 + self.shapes.1;
        self.width * self.width * (self.shapes.0 / n) * (self.shapes.1 / n) / (n + 1.0)
    }

    fn support(&self) -> (f64, f64) {
        (self.lower, self.lower + self.width)
    }
}
