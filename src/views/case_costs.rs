//! What giving the cases of services costs, by total and month, where cases differ in it.

use super::ByMonth;
use crate::population::MONTHS;

/// Sums of all years; nothing is kept where nobody looks.
#[derive(Debug, Clone)]
pub(super) struct CaseCosts {
    /// Totals of a year, and one behind them for what nobody asks for.
    totals_a_year: usize,
    sums: Vec<ByMonth<f64>>,
}

impl CaseCosts {
    /// Nothing yet, of some totals over some years; `asked` if some service's cases differ.
    pub(super) fn new(totals: usize, years: usize, asked: bool) -> Self {
        let totals_a_year = totals + 1;
        let cells = if asked { totals_a_year * years } else { 0 };
        Self { totals_a_year, sums: vec![[0.0; MONTHS]; cells] }
    }

    /// Whether anybody looks.
    #[inline]
    pub(super) fn is_asked(&self) -> bool {
        !self.sums.is_empty()
    }

    /// Begins a new world.
    pub(super) fn clear(&mut self) {
        self.sums.fill([0.0; MONTHS]);
    }

    /// Adds the costs of a block of cases in their months to a total, counted over all years.
    pub(super) fn add(&mut self, total: usize, costs: &[f64; 4], months: [usize; 4]) {
        let sums = &mut self.sums[total];
        months.iter().zip(costs).for_each(|(month, cost)| sums[*month] += cost);
    }

    /// The totals of a year by its position; none where nobody looks.
    pub(super) fn of_year(&self, position: usize) -> &[ByMonth<f64>] {
        let first = position * self.totals_a_year;
        self.sums.get(first..first + self.totals_a_year - 1).unwrap_or_default()
    }
}
