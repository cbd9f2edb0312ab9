//! A law on a grid: its values rounded down, rounded up, or split between both so that the mean stays.

use crate::distributions::law::{Form, Law};

/// A grid of equal steps from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Dollars from one cell to the next.
    pub step: f64,
    /// Number of cells of a transform, a power of two.
    pub cells: usize,
    /// Number of cells that a single event may reach.
    pub event_cells: usize,
}

impl Grid {
    /// Dollars that the cells reach.
    #[must_use]
    pub fn reach(&self) -> f64 {
        self.step * self.cells as f64
    }

    /// Dollars that a single event may reach.
    #[must_use]
    pub fn event_reach(&self) -> f64 {
        self.step * (self.event_cells - 1) as f64
    }
}

/// Where a value between two cells goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the lower cell; values beyond the grid to its last cell.
    Down,
    /// To both, with one share for all so that the mean stays what it is; values beyond the grid to its last cell.
    Mean,
    /// To the upper cell; values beyond the grid are lost to infinity.
    Up,
}

impl Rounding {
    /// All of them, from the smallest result to the largest.
    pub const ALL: [Self; 3] = [Self::Down, Self::Mean, Self::Up];
}

/// Masses of a law on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Masses {
    /// The probability of each cell; cells that are missing at the end are empty.
    pub mass: Vec<f64>,
    /// The probability that is lost to infinity.
    pub lost: f64,
}

/// The law of `weight` × a price, rounded to the grid; prices below 0 do not occur.
#[must_use]
pub fn discretise(law: &dyn Law, weight: f64, grid: Grid, rounding: Rounding) -> Masses {
    match rounding {
        Rounding::Down => down(law, weight, grid),
        Rounding::Up => up(law, weight, grid),
        Rounding::Mean => mean(law, weight, grid),
    }
}

/// Probabilities of intervals between edges, each from the tail that keeps its digits.
struct Edges<'a> {
    law: &'a dyn Law,
    median: f64,
    scale: f64,
    /// Whether an edge belongs to the interval above it.
    closed_below: bool,
    atoms: bool,
}

impl<'a> Edges<'a> {
    fn new(law: &'a dyn Law, weight: f64, grid: Grid, closed_below: bool) -> Self {
        let atoms = law.form() != Form::Smooth;
        Self { law, median: law.quantile(0.5, 0.5), scale: grid.step / weight, closed_below, atoms }
    }

    fn at(&self, cell: usize) -> Edge {
        let x = cell as f64 * self.scale;
        let atom = if self.atoms && self.closed_below { self.law.mass(x) } else { 0.0 };
        if x <= self.median {
            Edge { below: true, tail: (self.law.below(x) - atom).max(0.0) }
        } else {
            Edge { below: false, tail: self.law.above(x) + atom }
        }
    }
}

/// The probability on one side of an edge, whichever is told more exactly.
#[derive(Clone, Copy)]
struct Edge {
    below: bool,
    tail: f64,
}

impl Edge {
    /// The probability between this edge and a higher one.
    fn to(self, higher: Self) -> f64 {
        let between = match (self.below, higher.below) {
            (true, true) => higher.tail - self.tail,
            (false, false) => self.tail - higher.tail,
            (true, false) => (1.0 - self.tail) - higher.tail,
            (false, true) => 0.0,
        };
        between.max(0.0)
    }

    fn above(self) -> f64 {
        if self.below { 1.0 - self.tail } else { self.tail }
    }

    fn below(self) -> f64 {
        if self.below { self.tail } else { 1.0 - self.tail }
    }
}

/// Cell j holds (j − 1, j].
fn up(law: &dyn Law, weight: f64, grid: Grid) -> Masses {
    let edges = Edges::new(law, weight, grid, false);
    let mut last = edges.at(0);
    let mut mass = vec![last.below()];
    while mass.len() < grid.event_cells && last.above() > 0.0 {
        let next = edges.at(mass.len());
        mass.push(last.to(next));
        last = next;
    }
    Masses { mass, lost: last.above() }
}

/// Cell j holds [j, j + 1), the last one everything beyond.
fn down(law: &dyn Law, weight: f64, grid: Grid) -> Masses {
    let edges = Edges::new(law, weight, grid, true);
    let mut last = edges.at(0);
    let mut mass = Vec::new();
    while mass.len() + 1 < grid.event_cells && last.above() > 0.0 {
        let next = edges.at(mass.len() + 1);
        mass.push(last.to(next));
        last = next;
    }
    if last.above() > 0.0 || mass.is_empty() {
        mass.push(last.above());
    }
    Masses { mass, lost: 0.0 }
}

/// A share of rounding up that leaves the mean of prices within the grid as it is.
fn mean(law: &dyn Law, weight: f64, grid: Grid) -> Masses {
    let (lower, mut upper) = (down(law, weight, grid), up(law, weight, grid));
    *upper.mass.last_mut().expect("a cell") += upper.lost;
    let within = weight * law.mean() - excess(law, weight, grid.event_reach());
    let [low, high] = [&lower, &upper].map(|masses| average(&masses.mass) * grid.step);
    let share = if high > low { ((within - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
    let cells = lower.mass.len().max(upper.mass.len());
    let at = |masses: &Masses, cell: usize| masses.mass.get(cell).copied().unwrap_or(0.0);
    let mass = (0..cells).map(|cell| (1.0 - share) * at(&lower, cell) + share * at(&upper, cell)).collect();
    Masses { mass, lost: 0.0 }
}

fn average(mass: &[f64]) -> f64 {
    mass.iter().enumerate().map(|(cell, mass)| cell as f64 * mass).sum()
}

/// E[max(weight × X − from, 0)] far in the tail, by Gauss and Legendre over octaves.
#[must_use]
pub fn excess(law: &dyn Law, weight: f64, from: f64) -> f64 {
    const NODES: [(f64, f64); 4] = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
        (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
    ];
    let (mut low, top) = (from / weight, law.support().1);
    let mut width = (low / 8.0).max(f64::MIN_POSITIVE);
    let mut sum = 0.0;
    for _ in 0..4_000 {
        let high = (low + width).min(top);
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let piece: f64 = NODES
            .iter()
            .map(|(node, share)| share * (law.above(middle - node * half) + law.above(middle + node * half)))
            .sum();
        sum += piece * half;
        if high >= top || piece * half <= 1e-16 * sum || law.above(high) == 0.0 {
            break;
        }
        low = high;
        width *= 1.25;
    }
    sum * weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::empirical;
    use crate::distributions::gamma::Gamma;
    use crate::distributions::log_normal::LogNormal;
    use crate::distributions::pareto;
    use crate::error::Place;

    const GRID: Grid = Grid { step: 3.0, cells: 1 << 12, event_cells: 1 << 10 };

    #[test]
    fn rounding_brackets_the_law_at_every_cell() {
        let law = Gamma::new(50.0, 1.3);
        let [lower, upper] = [Rounding::Down, Rounding::Up].map(|way| discretise(&law, 2.0, GRID, way));
        let (mut low, mut high) = (0.0, 0.0);
        for cell in 0..1_000 {
            low += lower.mass[cell];
            high += upper.mass[cell];
            let exact = law.below(cell as f64 * 1.5);
            assert!(high <= exact + 1e-14 && exact <= low + 1e-14, "cell {cell}: {high} {exact} {low}");
        }
        assert!((upper.mass.iter().sum::<f64>() + upper.lost - 1.0).abs() < 1e-13);
        assert!((lower.mass.iter().sum::<f64>() - 1.0).abs() < 1e-13);
    }

    #[test]
    fn the_mean_stays() {
        let law = LogNormal::new(40.0, 1.0);
        let masses = discretise(&law, 1.0, GRID, Rounding::Mean);
        let beyond = excess(&law, 1.0, GRID.step * 1_023.0);
        assert!((average(&masses.mass) * 3.0 + beyond - 40.0).abs() < 1e-12);
    }

    #[test]
    fn atoms_on_the_grid_are_where_they_are() {
        let spec: empirical::Spec = serde_json::from_str(r#"{"values": [0, 6, 30]}"#).unwrap();
        let law = spec.law(Place("")).unwrap();
        for way in [Rounding::Down, Rounding::Up, Rounding::Mean] {
            let masses = discretise(&law, 1.0, GRID, way);
            for (cell, mass) in masses.mass.iter().enumerate() {
                let expected = if [0, 2, 10].contains(&cell) { 1.0 / 3.0 } else { 0.0 };
                assert!((mass - expected).abs() < 1e-15, "{way:?} {cell}: {mass}");
            }
        }
    }

    #[test]
    fn excess_of_a_heavy_tail_has_its_closed_form() {
        let spec: pareto::Spec = serde_json::from_str(r#"{"shape": 2.2, "scale": 120}"#).unwrap();
        let law = spec.law(Place("")).unwrap();
        let exact = 120.0 / 1.2 * crate::math::pow(1.0 + 900.0 / 120.0, -1.2);
        assert!((excess(&law, 2.0, 1_800.0) / (2.0 * exact) - 1.0).abs() < 1e-9);
    }
}
