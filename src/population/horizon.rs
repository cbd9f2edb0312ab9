//! The years of a study: base years before the first performance year, and the performance years.

use crate::error::{Place, Result, show};

/// Months of a year.
pub const MONTHS: usize = 12;

/// Most performance years.
pub const MOST_YEARS: u32 = 20;

/// Most base years.
pub const MOST_BASE_YEARS: u32 = 10;

/// How many years there are; performance years are numbered 1, 2, ..., base years 0, −1, ...
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Years before the first performance year.
    pub base_years: usize,
    /// Performance years, at least 1.
    pub years: usize,
    /// Years after the last performance year, in which episodes that are open then come to their end.
    pub run_out: usize,
}

impl Horizon {
    /// Checks both numbers.
    pub fn new(base_years: f64, years: f64) -> Result<Self> {
        let whole = |field: &str, value: f64, low: u32, high: u32| {
            let within = value.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(&value);
            let rule = format!("must be a whole number between {low} and {high}");
            within.then_some(value as usize).ok_or_else(|| Place("study").error(field, rule).got(show(value)))
        };
        let base_years = whole("base_years", base_years, 0, MOST_BASE_YEARS)?;
        Ok(Self { base_years, years: whole("years", years, 1, MOST_YEARS)?, run_out: 0 })
    }

    /// Number of simulated years.
    #[must_use]
    pub fn len(self) -> usize {
        self.base_years + self.years + self.run_out
    }

    /// Never: there is at least one performance year.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The number of the year at a position, from the earliest.
    #[must_use]
    pub fn label(self, position: usize) -> i8 {
        position as i8 + 1 - self.base_years as i8
    }

    /// The positions of the performance years.
    #[must_use]
    pub fn performance(self) -> std::ops::Range<usize> {
        self.base_years..self.base_years + self.years
    }

    /// The same years with one of run-out.
    #[must_use]
    pub fn with_run_out(self) -> Self {
        Self { run_out: 1, ..self }
    }

    /// The same performance years without base years.
    #[must_use]
    pub fn without_base_years(self) -> Self {
        Self { base_years: 0, ..self }
    }
}

/// What grows at a yearly rate, in a year: 1 in year 0, the last before the first performance year.
#[must_use]
pub fn grown(rate: f64, year: i8) -> f64 {
    // Multiplied out, so that no growth is exactly 1 and two years are exactly the square.
    let factor = if year < 0 { 1.0 / (1.0 + rate) } else { 1.0 + rate };
    (0..year.unsigned_abs()).fold(1.0, |level, _| level * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_numbered_from_the_first_performance_year() {
        let horizon = Horizon::new(3.0, 2.0).unwrap();
        let labels: Vec<i8> = (0..horizon.len()).map(|position| horizon.label(position)).collect();
        assert_eq!(labels, [-2, -1, 0, 1, 2]);
        assert_eq!(horizon.performance(), 3..5);
        let text = |base, years| Horizon::new(base, years).unwrap_err().to_string();
        assert_eq!(text(0.0, 0.0), "study.years: must be a whole number between 1 and 20, got 0");
        assert_eq!(text(2.5, 1.0), "study.base_years: must be a whole number between 0 and 10, got 2.5");
    }

    #[test]
    fn growth_is_counted_from_the_year_before_the_first() {
        assert_eq!(
            (grown(0.25, 0), grown(0.25, 1), grown(0.25, 2), grown(0.25, -1)),
            (1.0, 1.25, 1.5625, 0.8)
        );
        assert_eq!(grown(0.0, 7), 1.0);
    }
}
