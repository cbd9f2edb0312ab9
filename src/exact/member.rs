//! A member's year on a grid, and the moments of a layer of it summed over the panel.

use super::complex;
use super::compound::Compound;
use super::fourier::Fourier;
use super::grid::{Grid, Masses, Rounding};
use super::layer::Layer;
use super::moments::Moments;
use super::panel::Tail;
use super::specification::Model;
use super::weights::Group;

/// The distribution of a year of a member of this weight; what is lost is no part of it.
#[must_use]
pub fn year(compound: &Compound, fourier: &Fourier, weight: f64) -> Masses {
    let transform: Vec<_> = (0..fourier.frequencies())
        .map(|frequency| complex::exp(compound.ln_transform(weight, frequency)))
        .collect();
    Masses { mass: fourier.masses(transform), lost: compound.lost(weight) }
}

/// Mean and variance of the panel's layer at one value of the shock, as far as independent members make it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// Expected dollars in the layer.
    pub mean: f64,
    /// Variance; none where it is infinite.
    pub variance: Option<f64>,
}

/// The smallest, the central and the largest that the sums may be.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bounds {
    /// With prices rounded down.
    pub lower: Sums,
    /// With the mean of prices kept.
    pub central: Sums,
    /// With prices rounded up.
    pub upper: Sums,
}

/// Traces of rounding in a transform's masses.
const TRACE: f64 = 1e-17;

/// First and second moment of a member's layer.
type Pair = (f64, f64);

/// Sums over members of the moments of a layer, one grid and one pass for all of them.
pub struct Layers<'a> {
    model: &'a Model,
    moments: Moments,
    fourier: Fourier,
    grid: Grid,
    tail: Tail,
    /// Prices rounded down, with their mean kept, rounded up.
    compounds: [Compound; 3],
}

impl<'a> Layers<'a> {
    /// Transforms the prices of a model on a grid.
    #[must_use]
    pub fn new(model: &'a Model, grid: Grid) -> Self {
        let fourier = Fourier::new(grid.cells);
        let compounds =
            Rounding::ALL.map(|rounding| Compound::new(model, grid, rounding).transformed(&fourier));
        Self { model, moments: Moments::of(model), fourier, grid, tail: Tail::new(model, grid), compounds }
    }

    /// The sums over groups of members; `wrapped` is the largest probability that a year left the grid.
    #[must_use]
    pub fn sums(&self, groups: &[Group], wrapped: f64) -> Bounds {
        let finite = self.moments.luck.is_finite() || self.model.layer.limit.is_finite();
        let mut bounds = [(0.0, 0.0); 3];
        for group in groups {
            let [low, central, high] = self.member(group.weight, wrapped);
            let variances =
                [low.1 - high.0 * high.0, central.1 - central.0 * central.0, high.1 - low.0 * low.0];
            for ((sum, pair), variance) in bounds.iter_mut().zip([low, central, high]).zip(variances) {
                sum.0 += group.count * pair.0;
                sum.1 += group.count * variance.max(0.0);
            }
        }
        let [lower, central, upper] =
            bounds.map(|(mean, variance)| Sums { mean, variance: finite.then_some(variance) });
        Bounds { lower, central, upper }
    }

    /// The layer of a year of a member of this weight, with prices rounded one way, and the step of its grid.
    #[must_use]
    pub fn layer(&self, weight: f64, rounding: Rounding) -> (Masses, f64) {
        let compound = &self.compounds[rounding as usize];
        let year = year(compound, &self.fourier, weight);
        let mut layer = self.model.layer.apply(&year, self.grid.step, rounding);
        // What transforms leave far out is no probability, and would be many cells of nothing.
        let used = layer.mass.iter().rposition(|mass| *mass > TRACE).map_or(1, |last| last + 1);
        layer.mass.truncate(used);
        (layer, self.grid.step)
    }

    /// Moments of one member's layer, smallest, central and largest.
    fn member(&self, weight: f64, wrapped: f64) -> [Pair; 3] {
        let [low, central, mut high] =
            [0, 1, 2].map(|index| year(&self.compounds[index], &self.fourier, weight));
        high.lost += wrapped;
        let (layer, step) = (self.model.layer, self.grid.step);
        if layer.limit.is_finite() {
            let [low, central, high] =
                [low, central, high].map(|year| Layer::moments(&year, step, layer.limit, |x| layer.of(x)));
            let within = |value: f64, low: f64, high: f64| value.max(low).min(high);
            return [low, (within(central.0, low.0, high.0), within(central.1, low.1, high.1)), high];
        }
        self.unlimited(weight, &[low, central, high], wrapped)
    }

    /// Without a limit: all of a year less what stays below, which the far tail does not move.
    fn unlimited(&self, weight: f64, years: &[Masses; 3], wrapped: f64) -> [Pair; 3] {
        let (layer, step) = (self.model.layer, self.grid.step);
        let mean = weight * self.moments.mean;
        let second = self.moments.member_variance(weight) + mean * mean;
        let a = layer.attachment;
        let below = Layer { attachment: 0.0, limit: a };
        // x² − (x − a)² where x exceeds a; the lost exceed everything, and their part of it has no bound.
        let rest = |x: f64| if x < a { x * x } else { a * (2.0 * x - a) };
        let kept = |year: &Masses| Layer::moments(year, step, a, |x| below.of(x)).0;
        let within = |year: &Masses| Layer::moments(year, step, 0.0, rest).0;
        let direct = |year: &Masses| Layer::moments(year, step, 0.0, |x| layer.of(x));
        let [low, central, high] = years;
        let (least, most) = (direct(low), direct(high));
        let lower = (least.0.max(mean - kept(high)), least.1);
        let beyond = self.tail.of(weight, weight * weight, weight) + wrapped * self.grid.reach();
        let upper = ((most.0 + beyond).min(mean - kept(low)), second - within(low));
        let value = (
            (mean - kept(central)).max(lower.0).min(upper.0),
            (second - within(central)).max(lower.1).min(upper.1),
        );
        [lower, value, upper]
    }
}
