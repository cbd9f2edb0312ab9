//! The panel's total: the product of the transforms of its members, mixed over what they share.

use super::complex::{self, Complex};
use super::compound::{Compound, unwrapped_sum};
use super::fourier::Fourier;
use super::grid::{Grid, Masses, Rounding, excess};
use super::layer::Layer;
use super::moments::Moments;
use super::specification::Model;
use super::weights::Group;
use crate::math;

/// How finely a shock with a density is taken apart.
pub const SHOCK: f64 = 20.0;

/// The groups at one value of the factor that all members share.
#[must_use]
pub fn shocked(groups: &[Group], shock: f64) -> Vec<Group> {
    groups.iter().map(|group| Group { weight: group.weight * shock, count: group.count }).collect()
}

/// The total of the members' years, with prices rounded one way.
#[must_use]
pub fn total(model: &Model, groups: &[Group], grid: Grid, rounding: Rounding) -> Masses {
    let fourier = Fourier::new(grid.cells);
    let compound = Compound::new(model, grid, rounding).transformed(&fourier);
    mixed(model, groups, &fourier, |groups| {
        (compound.panel_transform(groups, fourier.frequencies()), compound.panel_lost(groups))
    })
}

/// The total of layers of the members' years, each year given on a finer grid of its own.
#[must_use]
pub fn layered(
    model: &Model,
    groups: &[Group],
    grid: Grid,
    rounding: Rounding,
    layer_of: impl Fn(f64) -> (Masses, f64),
) -> Masses {
    let fourier = Fourier::new(grid.cells);
    mixed(model, groups, &fourier, |groups| {
        let members: Vec<(Vec<Complex>, f64)> = groups
            .iter()
            .map(|group| {
                let (year, step) = layer_of(group.weight);
                let year = Layer::ALL.moved(&year, step, grid.step, rounding);
                (fourier.transform(&year.mass), year.lost)
            })
            .collect();
        let sums = (0..fourier.frequencies()).map(|frequency| {
            complex::exp(unwrapped_sum(groups, |index| complex::ln(members[index].0[frequency])))
        });
        let each = groups.iter().zip(&members);
        let kept: f64 = each.map(|(group, member)| group.count * math::ln_1p(-member.1)).sum();
        (sums.collect(), if kept < 0.0 { -math::exp_m1(kept) } else { 0.0 })
    })
}

/// Mixes the panel over what all members share; the transform and what is lost are given for each value of it.
fn mixed(
    model: &Model,
    groups: &[Group],
    fourier: &Fourier,
    given: impl Fn(&[Group]) -> (Vec<Complex>, f64),
) -> Masses {
    let mut total = Masses { mass: vec![0.0; fourier.cells()], lost: 0.0 };
    for (shock, probability) in model.shock.nodes(SHOCK) {
        if shock * probability == 0.0 {
            total.mass[0] += probability;
            continue;
        }
        let (transform, lost) = given(&shocked(groups, shock));
        total.lost += probability * lost;
        for (sum, mass) in total.mass.iter_mut().zip(fourier.masses(transform)) {
            *sum += probability * mass;
        }
    }
    total
}

/// Events beyond the grid: how many a year of weight 1 has, and what they cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    events: f64,
    dollars: f64,
    /// Expected cost of a year of weight 1.
    mean: f64,
    /// The largest second moment of frailty.
    frailty: f64,
}

impl Tail {
    /// Of a model on a grid.
    #[must_use]
    pub fn new(model: &Model, grid: Grid) -> Self {
        let reach = grid.event_reach();
        let above = |line: &super::specification::Line| line.law.above(reach / line.weight);
        let own = model.lines.iter().map(|line| line.own.second_moment()).fold(1.0, f64::max);
        let dollars = model
            .lines
            .iter()
            .map(|line| line.rate * (reach * above(line) + excess(line.law.as_ref(), line.weight, reach)));
        Self {
            events: model.lines.iter().map(|line| line.rate * above(line)).sum(),
            dollars: dollars.sum(),
            mean: Moments::of(model).mean,
            frailty: own * model.frailty.second_moment() * model.shock.second_moment(),
        }
    }

    /// At least the expected cost of years in which any event is beyond the grid: those events, and all others beside
    /// them; `sum` and `squares` are of the weights, `weight` of those whose cost counts.
    #[must_use]
    pub fn of(&self, sum: f64, squares: f64, weight: f64) -> f64 {
        sum * self.dollars + self.frailty * self.mean * self.events * squares.max(sum * weight)
    }
}
