//! What every distribution knows: both tails of its distribution function, and the quantiles of both.

use std::fmt;
use std::sync::Arc;

/// Values below this part of the mean are held to an absolute error: they add nothing to any sum.
pub const NEGLIGIBLE: f64 = 1e-9;

/// Sums of probabilities from both ends agree to this.
const ULP: f64 = 4.0 * f64::EPSILON;

/// How a distribution is best compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// One value.
    Atom(f64),
    /// One smooth density from end to end.
    Smooth,
    /// Atoms alone.
    Steps,
    /// Smooth pieces between kinks, jumps and atoms.
    Pieces,
}

/// A distribution, each tail measured from its own end, so that neither loses its digits.
pub trait Law: fmt::Debug + Send + Sync {
    /// The smallest value with probability `p` ≤ 1/2 at or below it; of atoms alone, for every `p`.
    fn lower(&self, p: f64) -> f64;
    /// The smallest value with at most `q` ≤ 1/2 above it; of atoms alone, for every `q`.
    fn upper(&self, q: f64) -> f64;
    /// The probability of values up to `x`.
    fn below(&self, x: f64) -> f64;
    /// The probability of values above `x`.
    fn above(&self, x: f64) -> f64;
    /// The density at `x`, of what is no atom.
    fn density(&self, x: f64) -> f64;
    /// The probability of exactly `x`.
    fn mass(&self, _x: f64) -> f64 {
        0.0
    }
    /// The mean; infinite where a tail is that heavy.
    fn mean(&self) -> f64;
    /// The variance; infinite where a tail is that heavy.
    fn variance(&self) -> f64;
    /// The smallest and the largest value.
    fn support(&self) -> (f64, f64);
    /// How it is best compiled.
    fn form(&self) -> Form {
        Form::Smooth
    }
    /// Where inside the support the density is not smooth, in order; `None` where these are more than `most`.
    fn knots(&self, _most: usize) -> Option<Vec<f64>> {
        Some(Vec::new())
    }
    /// The probabilities at or below, and above, each of `knots`.
    fn at_knots(&self, knots: &[f64]) -> Vec<(f64, f64)> {
        knots.iter().map(|x| (self.below(*x), self.above(*x))).collect()
    }

    /// Whether all values are whole numbers, none of them left out between two others.
    fn whole(&self) -> bool {
        false
    }
    /// Of whole numbers: those above `from` and up to `to`, with probabilities; where these are too many to list, points
    /// and weights that give the same sums of smooth functions.
    fn listed(&self, _from: f64, _to: f64) -> Vec<(f64, f64)> {
        Vec::new()
    }
    /// The weights and laws it is a choice between, where it is one.
    fn parts(&self) -> Option<Vec<(f64, Arc<dyn Law>)>> {
        None
    }
    /// Itself on the condition of a value above `from` and up to `to`, where that is a law of its own kind.
    fn within(&self, _from: f64, _to: f64) -> Option<Arc<dyn Law>> {
        None
    }

    /// The value with `p` at or below it and `q` = 1 − `p` above it, whichever is told more exactly.
    fn quantile(&self, p: f64, q: f64) -> f64 {
        if p <= 0.0 {
            self.support().0
        } else if q <= 0.0 {
            self.support().1
        } else if p < q {
            self.lower(p)
        } else {
            self.upper(q)
        }
    }

    /// The value with probability `u` in (0, 1) at or below it.
    fn at(&self, u: f64) -> f64 {
        if u < 0.5 { self.lower(u) } else { self.upper(1.0 - u) }
    }

    /// The smallest value with at least `p` at or below it.
    ///
    /// Above one half atoms are found from the other end, whose sum may differ in the last digit: what the
    /// distribution function itself says of the two neighbours decides.
    fn ppf(&self, p: f64) -> f64 {
        let q = 1.0 - p;
        if discrete(self) && p > 0.0 && q > 0.0 {
            return self.lower(p);
        }
        let x = self.quantile(p, q);
        if p < q || q <= 0.0 || self.form() == Form::Smooth {
            return x;
        }
        let before = self.quantile(p - ULP, q + ULP);
        if before < x && self.below(before) >= p {
            return before;
        }
        let after = self.quantile(p + ULP, q - ULP);
        if after > x && self.below(x) < p && self.mass(x) > 0.0 { after } else { x }
    }

    /// The smallest value with at most `q` above it.
    fn isf(&self, q: f64) -> f64 {
        let p = 1.0 - q;
        if discrete(self) && p > 0.0 && q > 0.0 {
            return self.upper(q);
        }
        let x = self.quantile(p, q);
        if q <= p || p <= 0.0 || self.form() == Form::Smooth {
            return x;
        }
        let before = self.quantile(p - ULP, q + ULP);
        if before < x && self.above(before) <= q {
            return before;
        }
        let after = self.quantile(p + ULP, q - ULP);
        if after > x && self.above(x) > q && self.mass(x) > 0.0 { after } else { x }
    }

    /// The size below which values are held to an absolute error.
    fn negligible(&self) -> f64 {
        negligible(self)
    }
}

/// Whether a law has atoms alone.
pub fn discrete<L: Law + ?Sized>(law: &L) -> bool {
    matches!(law.form(), Form::Atom(_) | Form::Steps)
}

/// A billionth of the mean, or of the median where that is infinite; about a standard deviation for what reaches below 0.
pub fn negligible<L: Law + ?Sized>(law: &L) -> f64 {
    let mean = law.mean();
    let typical = if mean.is_finite() { mean.abs() } else { law.upper(0.5).abs() };
    if law.support().0 >= 0.0 {
        return NEGLIGIBLE * typical;
    }
    let spread = law.upper(1.0 / 1024.0) - law.lower(1.0 / 1024.0);
    (spread / 6.0).max(NEGLIGIBLE * typical)
}

/// The smallest and largest value that words of 52 bits can reach have this probability outside them.
pub const SMALLEST_TAIL: f64 = 1.0 / (1_u64 << 54) as f64;
