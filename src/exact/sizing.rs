//! The choice of a grid: how far it must reach, and how fine it can then be.

use super::compound::{Compound, chernoff};
use super::grid::{Grid, Masses, Rounding};
use super::layer::Layer;
use super::moments::Moments;
use super::panel::{SHOCK, shocked};
use super::specification::{Line, Model};
use super::weights::Group;
use crate::error::{Error, Place, Result, show};
use crate::math;

/// Probability that may leave the grid at its end and come back at its beginning.
pub(super) const MOST_WRAPPED: f64 = 1e-10;

/// Expected number of events that may lie beyond the grid.
const MOST_LOST: f64 = 1e-11;

/// Standard deviations above the mean that a grid reaches.
const DEVIATIONS: f64 = 14.0;

/// Cells that the average price takes at least, before single events are cut off.
const FINENESS: f64 = 16.0;

/// How often the reach is doubled before the grid is refused.
const DOUBLINGS: u32 = 12;

/// Cells of one transform, and of all transforms together.
const CELLS: (usize, usize) = (1 << 20, 1 << 22);

/// A grid, and the largest probability that left it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sized {
    /// The grid.
    pub grid: Grid,
    /// The bound of what left it.
    pub wrapped: f64,
}

/// A grid for years of single members, of which `groups` weights are looked at.
pub fn for_members(model: &Model, groups: &[Group]) -> Result<Sized> {
    let largest = groups.iter().map(|group| group.weight).fold(0.0, f64::max);
    let single = [Group { weight: largest, count: 1.0 }];
    fitted(model, &single, cells(model, groups.len()))
}

/// A grid for the total of the panel.
pub fn for_panel(model: &Model, groups: &[Group]) -> Result<Sized> {
    fitted(model, groups, cells(model, 1))
}

/// A grid for the total of layers, from the largest that its moments may be and the layers of years rounded up.
pub fn for_layers(
    model: &Model,
    groups: &[Group],
    (mean, sd): (f64, f64),
    layer_of: impl Fn(f64) -> (Masses, f64),
) -> Result<Sized> {
    let cells = cells(model, groups.len());
    let groups = most_shocked(model, groups);
    let layers: Vec<(Masses, f64)> = groups.iter().map(|group| layer_of(group.weight)).collect();
    let growth = |tilt: f64| -> f64 {
        let member = |(masses, step): &(Masses, f64)| {
            let factor = math::exp(tilt * step);
            math::ln(masses.mass.iter().rev().fold(0.0, |sum, mass| sum * factor + mass.max(0.0)))
        };
        groups.iter().zip(&layers).map(|(group, layer)| group.count * member(layer)).sum()
    };
    let far = layers.iter().map(|(masses, step)| masses.mass.len() as f64 * step).fold(0.0, f64::max);
    let first = (mean + DEVIATIONS * sd).max(if far < mean { mean } else { far });
    let mut wrapped = 1.0;
    for doubling in 0..DOUBLINGS {
        let grid = Grid {
            step: aligned(first * f64::from(1_u32 << doubling) / cells as f64, Layer::ALL),
            cells,
            event_cells: cells,
        };
        wrapped = chernoff(|tilt| growth(tilt / grid.reach()));
        let holds = layers.iter().all(|(masses, step)| (masses.mass.len() + 1) as f64 * step < grid.reach());
        if holds && wrapped <= MOST_WRAPPED {
            return Ok(Sized { grid, wrapped });
        }
    }
    Err(refused(cells, wrapped))
}

/// Fewer cells where there are many transforms, unless the user says.
fn cells(model: &Model, transforms: usize) -> usize {
    let nodes = transforms.max(1) * model.shock.nodes(SHOCK).len();
    model.cells.unwrap_or_else(|| {
        let affordable = CELLS.1 / nodes.next_power_of_two();
        affordable.clamp(1 << 14, CELLS.0)
    })
}

/// The finest grid of so many cells that loses and wraps little enough.
fn fitted(model: &Model, groups: &[Group], cells: usize) -> Result<Sized> {
    let largest_shock =
        model.shock.nodes(SHOCK).iter().filter(|node| node.1 > 0.0).map(|node| node.0).fold(1.0, f64::max);
    let groups = shocked(groups, largest_shock);
    let (reach, event_reach) = reaches(model, &groups, cells);
    let mut wrapped = 1.0;
    for doubling in 0..DOUBLINGS {
        let step = aligned(reach * f64::from(1_u32 << doubling) / cells as f64, model.layer);
        let event_cells = ((event_reach / step).ceil() as usize + 1).clamp(2, cells / 2);
        let grid = Grid { step, cells, event_cells };
        wrapped = Compound::new(model, grid, Rounding::Up).beyond(&groups, cells);
        if wrapped <= MOST_WRAPPED {
            return Ok(Sized { grid, wrapped });
        }
    }
    Err(refused(cells, wrapped))
}

fn refused(cells: usize, wrapped: f64) -> Error {
    let rule = format!("must let no more than {MOST_WRAPPED:e} of the distribution leave the grid");
    let error = Place("exact").error("cells", rule).got(format!("{cells} and up to {}", show(wrapped)));
    error.hint("say more cells, or truncate the heaviest price").into()
}

/// The groups at the largest value of the factor that all members share.
pub(super) fn most_shocked(model: &Model, groups: &[Group]) -> Vec<Group> {
    let nodes = model.shock.nodes(SHOCK);
    shocked(groups, nodes.iter().filter(|node| node.1 > 0.0).map(|node| node.0).fold(1.0, f64::max))
}

/// Dollars that hardly any total of these groups exceeds, unless by a single event.
pub(super) fn body(model: &Model, groups: &[Group]) -> f64 {
    let moments = Moments::of(model);
    let sum: f64 = groups.iter().map(|group| group.count * group.weight).sum();
    let squares: f64 = groups.iter().map(|group| group.count * group.weight * group.weight).sum();
    let (mean, variance) = (sum * moments.mean, sum * moments.luck + squares * moments.frailty);
    mean + DEVIATIONS * if variance.is_finite() { variance.sqrt() } else { mean }
}

/// Dollars that no single event of a year of these groups is expected to exceed.
pub(super) fn farthest(model: &Model, groups: &[Group]) -> f64 {
    let sum: f64 = groups.iter().map(|group| group.count * group.weight).sum();
    model.lines.iter().map(|line| rarest(line, sum)).fold(0.0, f64::max)
}

/// Dollars that the grid reaches at first, and that a single event may reach.
fn reaches(model: &Model, groups: &[Group], cells: usize) -> (f64, f64) {
    let moments = Moments::of(model);
    let (body, rarest) = (body(model, groups), farthest(model, groups));
    let price = moments.mean / model.lines.iter().map(|line| line.rate).sum::<f64>();
    let mut event = rarest.min(cells as f64 * price / (2.0 * FINENESS)).max(0.25 * body.min(rarest));
    // What a member's year costs beyond the top of the layer is not counted, however much it is.
    let top = model.layer.top();
    if top.is_finite() {
        event = event.min(1.05 * top);
    }
    let body = if top.is_finite() && groups.len() == 1 && groups[0].count == 1.0 {
        body.min(4.0 * top)
    } else {
        body
    };
    (body.max(2.1 * event), event)
}

/// The price that so few events of a year exceed that nobody has one.
fn rarest(line: &Line, weight: f64) -> f64 {
    let q = MOST_LOST / (line.rate * weight).max(1.0);
    line.weight * line.law.quantile(1.0 - q, q).min(line.law.support().1)
}

/// A step of which attachment point and limit are multiples, where these are not many steps apart.
fn aligned(step: f64, layer: Layer) -> f64 {
    let base = if layer.attachment > 0.0 { layer.attachment } else { layer.limit };
    if base.is_finite() && base > step {
        let multiples = (base / step).floor();
        return base / multiples;
    }
    // Two digits of a binary fraction, so that whole dollars often fall on the grid.
    let octave = math::pow(2.0, (math::ln(step) / std::f64::consts::LN_2).ceil());
    [0.5, 0.625, 0.75, 0.875]
        .map(|part| part * octave)
        .into_iter()
        .find(|part| *part >= step)
        .unwrap_or(octave)
}
