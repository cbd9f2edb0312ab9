//! Transforms of a member's year: Poisson events of several services, mixed by frailty.

use super::complex::{self, Complex};
use super::fourier::Fourier;
use super::grid::{Grid, Masses, Rounding, discretise};
use super::mixing::Mixing;
use super::specification::Model;
use super::weights::Group;
use crate::math;

/// Logarithm of a size that is nothing beside 1.
const NOTHING: f64 = -46.0;

/// A service on a grid.
struct Line {
    rate: f64,
    own: Mixing,
    masses: Masses,
}

/// The services of a model on a grid, with prices rounded one way.
pub struct Compound {
    lines: Vec<Line>,
    frailty: Mixing,
    /// Quadrature of frailty, where a service has a frailty of its own.
    nodes: Option<Vec<(f64, f64)>>,
    /// 1 − the transform of a price at each frequency: of all services together, or of each.
    gaps: Vec<Vec<Complex>>,
}

impl Compound {
    /// Rounds the prices of a model; transforms come with [`Compound::transformed`].
    #[must_use]
    pub fn new(model: &Model, grid: Grid, rounding: Rounding) -> Self {
        let each = model.lines.iter();
        let lines: Vec<Line> = each
            .map(|line| Line {
                rate: line.rate,
                own: line.own.clone(),
                masses: discretise(line.law.as_ref(), line.weight, grid, rounding),
            })
            .collect();
        let own = lines.iter().any(|line| line.own != Mixing::One);
        let largest = model.members.iter().map(|member| member.0).fold(0.0, f64::max);
        let rate: f64 = lines.iter().map(|line| line.rate).sum();
        let nodes = own.then(|| model.frailty.nodes(2.0 * rate * largest));
        Self { lines, frailty: model.frailty.clone(), nodes, gaps: Vec::new() }
    }

    /// With the transforms of its prices.
    #[must_use]
    pub fn transformed(mut self, fourier: &Fourier) -> Self {
        let gap = |line: &Line| -> Vec<Complex> {
            fourier.transform(&line.masses.mass).into_iter().map(|phi| (1.0 - phi) * line.rate).collect()
        };
        self.gaps = self.lines.iter().map(gap).collect();
        if self.nodes.is_none() {
            let mut all = vec![Complex::new(0.0, 0.0); fourier.frequencies()];
            for gap in &self.gaps {
                all.iter_mut().zip(gap).for_each(|(sum, gap)| *sum += gap);
            }
            self.gaps = vec![all];
        }
        self
    }

    /// ln of the transform of a year of a member of this weight.
    #[must_use]
    pub fn ln_transform(&self, weight: f64, frequency: usize) -> Complex {
        let Some(nodes) = &self.nodes else {
            return self.frailty.ln_laplace(self.gaps[0][frequency] * weight);
        };
        let given = |frailty: f64| -> Complex {
            let lines = self.lines.iter().zip(&self.gaps);
            lines.map(|(line, gap)| line.own.ln_laplace(gap[frequency] * (weight * frailty))).sum()
        };
        complex::ln(nodes.iter().map(|(frailty, p)| complex::exp(given(*frailty)) * p).sum())
    }

    /// ln of the transform of the panel's year, and nothing where that is nothing beside 1.
    #[must_use]
    pub fn panel_transform(&self, groups: &[Group], frequencies: usize) -> Vec<Complex> {
        let silent = silence(&self.frailty, groups);
        (0..frequencies)
            .map(|frequency| {
                if self.nodes.is_none() && self.gaps[0][frequency].re > silent {
                    return Complex::new(0.0, 0.0);
                }
                let each = |index: usize| self.ln_transform(groups[index].weight, frequency);
                complex::exp(if self.analytic() {
                    groups.iter().enumerate().map(|(index, group)| each(index) * group.count).sum()
                } else {
                    unwrapped_sum(groups, each)
                })
            })
            .collect()
    }

    /// Whether logarithms of transforms are those of a formula, on one branch for all weights.
    fn analytic(&self) -> bool {
        self.nodes.is_none() && !matches!(self.frailty, Mixing::Nodes { .. })
    }

    /// The probability that a member of this weight has an event that is lost beyond the grid.
    #[must_use]
    pub fn lost(&self, weight: f64) -> f64 {
        if self.loses() { -math::exp_m1(self.ln_transform(weight, 0).re) } else { 0.0 }
    }

    /// The probability that any member has such an event.
    #[must_use]
    pub fn panel_lost(&self, groups: &[Group]) -> f64 {
        if !self.loses() {
            return 0.0;
        }
        let each = |group: &Group| group.count * self.ln_transform(group.weight, 0).re;
        -math::exp_m1(groups.iter().map(each).sum())
    }

    fn loses(&self) -> bool {
        self.lines.iter().any(|line| line.masses.lost > 0.0)
    }

    /// The largest probability that the panel's year, of events within the grid, exceeds `cells`: Chernoff's bound.
    #[must_use]
    pub fn beyond(&self, groups: &[Group], cells: usize) -> f64 {
        chernoff(|tilt| self.ln_growth(groups, tilt / cells as f64))
    }

    /// ln E[e^(tilt × cells of the panel's year)].
    fn ln_growth(&self, groups: &[Group], tilt: f64) -> f64 {
        let factor = math::exp(tilt);
        let growths: Vec<f64> = self
            .lines
            .iter()
            .map(|line| line.masses.mass.iter().rev().fold(0.0, |sum, mass| sum * factor + mass) - 1.0)
            .collect();
        groups.iter().map(|group| group.count * self.member_growth(group.weight, &growths)).sum()
    }

    fn member_growth(&self, weight: f64, growths: &[f64]) -> f64 {
        let lines = || self.lines.iter().zip(growths);
        let Some(nodes) = &self.nodes else {
            return self
                .frailty
                .ln_growth(weight * lines().map(|(line, growth)| line.rate * growth).sum::<f64>());
        };
        let given = |frailty: f64| -> f64 {
            lines().map(|(line, growth)| line.own.ln_growth(weight * frailty * line.rate * growth)).sum()
        };
        let exponents: Vec<f64> = nodes.iter().map(|(frailty, p)| given(*frailty) + math::ln(*p)).collect();
        let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        largest + math::ln(exponents.iter().map(|exponent| math::exp(exponent - largest)).sum())
    }
}

/// The real part of the gap beyond which the panel's transform is nothing: |E e^(−zF)| ≤ E e^(−Re z F).
pub(super) fn silence(frailty: &Mixing, groups: &[Group]) -> f64 {
    let size = |x: f64| -> f64 {
        groups.iter().map(|group| group.count * frailty.ln_growth(-x * group.weight)).sum()
    };
    let (mut low, mut high) = (1e-15, 1e15);
    for _ in 0..100 {
        let middle = math::exp(0.5 * (math::ln(low) + math::ln(high)));
        if size(middle) < NOTHING {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// The least of e^(ln E[e^(tilt × part of the reach)] − tilt) over tilts: no more than that is beyond the reach.
pub(super) fn chernoff(ln_growth: impl Fn(f64) -> f64) -> f64 {
    let mut least = 0.0_f64;
    for half_octave in 0..26 {
        let tilt = 16.0 * math::pow(2.0, 0.5 * f64::from(half_octave));
        let bound = ln_growth(tilt) - tilt;
        // A growth that does not exist at one tilt does not at larger ones.
        if !bound.is_finite() {
            break;
        }
        least = least.min(bound);
    }
    math::exp(least)
}

/// Σ count × logarithm, each logarithm on the branch next to its neighbour's: counts need not be whole numbers.
pub(super) fn unwrapped_sum(groups: &[Group], ln: impl Fn(usize) -> Complex) -> Complex {
    const TURN: f64 = 2.0 * std::f64::consts::PI;
    let (mut sum, mut angle) = (Complex::new(0.0, 0.0), 0.0);
    for (index, group) in groups.iter().enumerate() {
        let mut value = ln(index);
        value.im -= TURN * ((value.im - angle) / TURN).round();
        angle = value.im;
        sum += value * group.count;
    }
    sum
}
