//! From a question to its figures: each with a lower and an upper bound from prices rounded down and up.

use super::grid::{Masses, Rounding};
use super::layer::Layer;
use super::member::{Bounds, Layers, Sums};
use super::moments::Moments;
use super::outcome::Outcome;
use super::panel::{SHOCK, Tail, layered as layered_total, shocked, total};
use super::sizing::{Sized, for_layers, for_members, for_panel};
use super::smooth;
use super::specification::{Model, Specification};
use super::weights::{Group, grouped};
use crate::error::Result;

/// A figure between its bounds; none where it is undefined or lost beyond the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bracket {
    /// With prices rounded down.
    pub lower: Option<f64>,
    /// In closed form, or with the mean of prices kept.
    pub value: Option<f64>,
    /// With prices rounded up.
    pub upper: Option<f64>,
}

impl Bracket {
    /// A figure known in closed form; none where it is infinite.
    fn closed(value: f64) -> Self {
        let value = value.is_finite().then_some(value);
        Self { lower: value, value, upper: value }
    }

    /// The value moved to between the bounds.
    fn ordered(lower: Option<f64>, value: Option<f64>, upper: Option<f64>) -> Self {
        let value = value.map(|value| value.max(lower.unwrap_or(value)).min(upper.unwrap_or(value)));
        Self { lower, value, upper }
    }
}

/// The figures of a panel's year.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Mean of the panel's layers.
    pub mean: Bracket,
    /// Their standard deviation.
    pub sd: Bracket,
    /// Quantiles of the total, as asked.
    pub quantiles: Vec<Bracket>,
    /// Averages of the total's tail, as asked.
    pub tvar: Vec<Bracket>,
    /// Grid of members' years, where one was needed.
    pub member_grid: Option<Sized>,
    /// Grid of the total, where one was needed.
    pub panel_grid: Option<Sized>,
    /// Masses of the total with prices rounded down, split and up, where they were asked for.
    pub masses: Option<[Vec<f64>; 3]>,
}

/// Answers a question.
pub fn evaluate(specification: Specification) -> Result<Answer> {
    let model = specification.checked()?;
    let groups = grouped(&model.members);
    if model.lines.is_empty() || groups.is_empty() || model.layer.limit == 0.0 {
        return Ok(nothing(&model));
    }
    let mut answer = Answer::default();
    if model.layer == Layer::ALL {
        closed_form(&model, &mut answer);
    } else {
        layered(&model, &groups, &mut answer)?;
    }
    if !(model.quantiles.is_empty() && model.tvar.is_empty() && !model.masses) {
        distribution(&model, &groups, &mut answer)?;
    }
    Ok(answer)
}

/// Nothing is used, or nothing of it counts.
fn nothing(model: &Model) -> Answer {
    let zero = Bracket::closed(0.0);
    Answer {
        mean: zero,
        sd: zero,
        quantiles: vec![zero; model.quantiles.len()],
        tvar: vec![zero; model.tvar.len()],
        ..Answer::default()
    }
}

fn closed_form(model: &Model, answer: &mut Answer) {
    let moments = Moments::of(model);
    let sum: f64 = model.members.iter().map(|(weight, count)| weight * count).sum();
    let squares: f64 = model.members.iter().map(|(weight, count)| weight * weight * count).sum();
    answer.mean = Bracket::closed(moments.mean * sum);
    answer.sd = Bracket::closed(moments.panel_variance(sum, squares).sqrt());
}

/// Mean and standard deviation of layers, from the years of single members.
fn layered(model: &Model, groups: &[Group], answer: &mut Answer) -> Result<()> {
    let sized = for_members(model, groups)?;
    let layers = Layers::new(model, sized.grid);
    let nodes = model.shock.nodes(SHOCK);
    let each: Vec<(f64, Bounds)> = nodes
        .iter()
        .filter(|(shock, p)| shock * p > 0.0)
        .map(|(shock, p)| (*p, layers.sums(&shocked(groups, *shock), sized.wrapped)))
        .collect();
    let mean = |of: fn(&Bounds) -> Sums| -> f64 { each.iter().map(|(p, bounds)| p * of(bounds).mean).sum() };
    let means = [mean(|bounds| bounds.lower), mean(|bounds| bounds.central), mean(|bounds| bounds.upper)];
    // Rounding moves the means of all shocks by less than the widest bracket, and so their spread.
    let spread: f64 = (nodes.iter().map(|(shock, p)| (shock, p)))
        .filter(|(shock, p)| **shock == 0.0 && **p > 0.0)
        .map(|(_, p)| p * means[1] * means[1])
        .sum::<f64>()
        + each
            .iter()
            .map(|(p, bounds)| p * (bounds.central.mean - means[1]) * (bounds.central.mean - means[1]))
            .sum::<f64>();
    let widest = each.iter().map(|(_, bounds)| bounds.upper.mean - bounds.lower.mean).fold(0.0, f64::max);
    let widest = if nodes.len() == 1 { 0.0 } else { widest };
    let sd = |of: fn(&Bounds) -> Sums, shift: f64| -> Option<f64> {
        let within = each.iter().try_fold(0.0, |sum, (p, bounds)| Some(sum + p * of(bounds).variance?))?;
        let between = (spread.sqrt() + shift).max(0.0);
        Some((within + between * between).sqrt())
    };
    answer.mean = Bracket::ordered(Some(means[0]), Some(means[1]), Some(means[2]));
    answer.sd = Bracket::ordered(
        sd(|bounds| bounds.lower, -widest),
        sd(|bounds| bounds.central, 0.0),
        sd(|bounds| bounds.upper, widest),
    );
    answer.member_grid = Some(sized);
    Ok(())
}

/// The total with prices rounded down, split and up, and whether it has a density.
fn totals(model: &Model, groups: &[Group], answer: &Answer) -> Result<(Sized, [Masses; 3], bool)> {
    if model.layer != Layer::ALL {
        let members = answer.member_grid.expect("a layer was looked at before its total");
        let layers = Layers::new(model, members.grid);
        let mean = answer.mean.upper.unwrap_or_default();
        let moments = (mean, answer.sd.upper.unwrap_or(mean));
        let mut sized = for_layers(model, groups, moments, |weight| layers.layer(weight, Rounding::Up))?;
        let count: f64 = groups.iter().map(|group| group.count).sum();
        sized.wrapped += members.wrapped * count;
        let total = |rounding| {
            layered_total(model, groups, sized.grid, rounding, |weight| layers.layer(weight, rounding))
        };
        return Ok((sized, Rounding::ALL.map(total), false));
    }
    if model.cells.is_none()
        && let Some((sized, masses)) = smooth::totals(model, groups)
    {
        return Ok((sized, masses, true));
    }
    let sized = for_panel(model, groups)?;
    Ok((sized, Rounding::ALL.map(|rounding| total(model, groups, sized.grid, rounding)), false))
}

/// Quantiles and tails of the total.
fn distribution(model: &Model, groups: &[Group], answer: &mut Answer) -> Result<()> {
    let (sized, masses, smooth) = totals(model, groups, answer)?;
    let outcomes = masses.map(|masses| Outcome::new(masses, sized.grid.step));
    let [low, central, high] = &outcomes;
    // What left the grid may have come back at its beginning: above it would be counted at its end.
    let quantile =
        |outcome: &Outcome, p: f64| if smooth { outcome.smooth_quantile(p) } else { outcome.quantile(p) };
    let at_most = |p: f64| quantile(high, p + sized.wrapped);
    answer.quantiles = model
        .quantiles
        .iter()
        .map(|p| Bracket::ordered(quantile(low, *p), central.smooth_quantile(*p), at_most(*p)))
        .collect();
    let beyond = beyond(model, groups, sized);
    answer.tvar = model
        .tvar
        .iter()
        .map(|p| {
            let of = |outcome: &Outcome, q: Option<f64>, beyond| q.map(|q| outcome.tvar(*p, q, beyond));
            Bracket::ordered(
                of(low, quantile(low, *p), 0.0),
                of(central, central.smooth_quantile(*p), 0.0),
                of(high, at_most(*p), beyond),
            )
        })
        .collect();
    answer.panel_grid = Some(sized);
    answer.masses = model.masses.then(|| outcomes.map(Outcome::into_masses));
    Ok(())
}

/// At least the expected dollars that the grid of the total does not hold.
fn beyond(model: &Model, groups: &[Group], sized: Sized) -> f64 {
    let wrapped = sized.wrapped * sized.grid.reach();
    if model.layer.limit.is_finite() {
        return wrapped;
    }
    let sum: f64 = groups.iter().map(|group| group.count * group.weight).sum();
    let squares: f64 = groups.iter().map(|group| group.count * group.weight * group.weight).sum();
    Tail::new(model, sized.grid).of(sum, squares, sum) + wrapped
}
