//! The total of a panel that is so large that its distribution has no lattice: few frequencies tell all of it.
//!
//! Beyond a frequency the transform is nothing, so that prices need no common grid and can be rounded relative to
//! themselves: the bounds are as close for cheap services as for dear ones.

use super::complex::{self, Complex};
use super::compound::silence;
use super::fourier::Fourier;
use super::grid::{Grid, Masses, Rounding};
use super::mixing::Mixing;
use super::moments::Moments;
use super::panel::{SHOCK, shocked};
use super::relative::{Points, points};
use super::sizing::{MOST_WRAPPED, Sized, body, farthest, most_shocked};
use super::specification::Model;
use super::weights::Group;
use crate::distributions::law::Form;
use crate::math;

/// Points of a price are this part of it apart.
const RATIO: f64 = 1.0 / 1_024.0;

/// Single events are cut off this many times beyond where the total reaches.
const FARTHEST: f64 = 4.0;

/// Cells on which the total is told.
const CELLS: usize = 1 << 16;

/// Most frequencies that are looked at.
const MOST_FREQUENCIES: usize = 1 << 13;

/// Transforms below this are nothing.
const NOTHING: f64 = 1e-14;

/// The total with prices rounded down, split and up, where few frequencies tell all of it.
#[must_use]
pub fn totals(model: &Model, groups: &[Group]) -> Option<(Sized, [Masses; 3])> {
    if !suits(model, groups) {
        return None;
    }
    let widest = most_shocked(model, groups);
    // No lattice has to be fine: single events may reach as far as they ever do, within reason.
    let body = body(model, &widest);
    let event_reach = farthest(model, &widest).min(FARTHEST * body);
    let reach = body.max(2.1 * event_reach);
    let rounded = |rounding| -> Vec<Points> {
        let each = model.lines.iter();
        each.map(|line| points(line.law.as_ref(), line.weight, RATIO, event_reach, rounding)).collect()
    };
    let up = rounded(Rounding::Up);
    let (reach, wrapped) = (0..4_u32)
        .map(|doubling| reach * f64::from(1 << doubling))
        .map(|reach| (reach, beyond(model, &widest, &up, reach)))
        .find(|(_, wrapped)| *wrapped <= MOST_WRAPPED)?;
    let first = frequencies(model, groups, reach);
    let step = reach / CELLS as f64;
    let event_cells = ((event_reach / step).ceil() as usize + 1).min(CELLS);
    let grid = Grid { step, cells: CELLS, event_cells };
    let fourier = Fourier::new(CELLS);
    let (down, mean) = (rounded(Rounding::Down), rounded(Rounding::Mean));
    let all = (0..3).map(|octave| first << octave).filter(|count| *count <= MOST_FREQUENCIES).find_map(
        |count| {
            let total = |prices: &[Points]| total(model, groups, prices, (reach, count), &fourier);
            Some([total(&down)?, total(&mean)?, total(&up)?])
        },
    )?;
    Some((Sized { grid, wrapped }, all))
}

/// Whether services with a density alone make the panel's transform nothing at high frequencies.
fn suits(model: &Model, groups: &[Group]) -> bool {
    let plain = matches!(model.frailty, Mixing::One | Mixing::Gamma { .. });
    let smooth: f64 =
        model.lines.iter().filter(|line| line.law.form() == Form::Smooth).map(|line| line.rate).sum();
    let alone = model.lines.iter().all(|line| line.own == Mixing::One);
    let nodes = model.shock.nodes(SHOCK);
    plain
        && alone
        && nodes.iter().all(|(shock, p)| {
            *p == 0.0 || (*shock > 0.0 && silence(&model.frailty, &shocked(groups, *shock)) < 0.5 * smooth)
        })
}

/// Frequencies up to 16 in units of 1 / standard deviation, where a bell is nothing.
fn frequencies(model: &Model, groups: &[Group], reach: f64) -> usize {
    let moments = Moments::of(model);
    let least =
        model.shock.nodes(SHOCK).iter().filter(|node| node.1 > 0.0).map(|node| node.0).fold(1.0, f64::min);
    let sum: f64 = groups.iter().map(|group| group.count * group.weight).sum();
    // Luck alone is the narrowest that the total can be; where that is infinite, a part of the mean stands for it.
    let luck = least * sum * moments.luck;
    let sd = if luck.is_finite() { luck.sqrt() } else { least * sum * moments.mean / 64.0 };
    (16.0 * reach / (2.0 * std::f64::consts::PI * sd)).ceil() as usize + 64
}

/// The total of prices at points, none where its transform is still something at the last frequency.
fn total(
    model: &Model,
    groups: &[Group],
    prices: &[Points],
    (reach, frequencies): (f64, usize),
    fourier: &Fourier,
) -> Option<Masses> {
    let gap = gaps(model, prices, reach, frequencies);
    let mut transform = vec![Complex::new(0.0, 0.0); fourier.frequencies()];
    let mut lost = 0.0;
    for (shock, probability) in model.shock.nodes(SHOCK).into_iter().filter(|node| node.1 > 0.0) {
        let groups = shocked(groups, shock);
        for (sum, gap) in transform.iter_mut().zip(&gap) {
            let each = |group: &Group| model.frailty.ln_laplace(gap * group.weight) * group.count;
            *sum += complex::exp(groups.iter().map(each).sum()) * probability;
        }
    }
    let highest = &transform[frequencies - 32..frequencies];
    if highest.iter().any(|size| size.norm() > NOTHING) {
        return None;
    }
    if prices.iter().any(|points| points.lost > 0.0) {
        lost = 1.0 - transform[0].re;
    }
    Some(Masses { mass: fourier.masses(transform), lost })
}

/// Σ rate × (1 − the transform of a price) at each frequency, powers of one rotation for each point.
fn gaps(model: &Model, prices: &[Points], reach: f64, frequencies: usize) -> Vec<Complex> {
    let mut gaps = vec![Complex::new(0.0, 0.0); frequencies];
    for (line, points) in model.lines.iter().zip(prices) {
        for gap in &mut gaps {
            gap.re += line.rate * points.lost;
        }
        for (value, mass) in points.value.iter().zip(&points.mass).filter(|(_, mass)| **mass > 0.0) {
            let (sin, cos) = math::sin_cos(-2.0 * std::f64::consts::PI * value / reach);
            let (rotation, mut power) = (Complex::new(cos, sin), Complex::new(1.0, 0.0));
            for gap in &mut gaps {
                *gap += (1.0 - power) * (line.rate * mass);
                power *= rotation;
            }
        }
    }
    gaps
}

/// The largest probability that the total of prices within their points exceeds `reach`: Chernoff's bound.
fn beyond(model: &Model, groups: &[Group], prices: &[Points], reach: f64) -> f64 {
    let growth = |tilt: f64| -> f64 {
        let lines = model.lines.iter().zip(prices);
        let sum: f64 = lines
            .map(|(line, points)| {
                let each = points.value.iter().zip(&points.mass);
                line.rate * (each.map(|(x, p)| p * math::exp(tilt * x)).sum::<f64>() - 1.0)
            })
            .sum();
        groups.iter().map(|group| group.count * model.frailty.ln_growth(sum * group.weight)).sum()
    };
    super::compound::chernoff(|tilt| growth(tilt / reach))
}
