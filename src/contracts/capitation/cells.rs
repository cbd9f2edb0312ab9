//! Rate cells: each member is paid for by the factor of its age and sex.

use serde::Deserialize;

use super::Capitation;
use crate::contracts::Step;
use crate::error::{InputError, Place, Result, show};
use crate::money::{Amount, Term};
use crate::population::{MONTHS, Sex};
use crate::views::{ByMonth, Cell, Exposure, ExposureView, ViewPlan, Whose, YearFacts};

/// Highest factor of a cell; a percent (115 for 1.15) is above it.
const HIGHEST_FACTOR: f64 = 100.0;

/// Oldest age at which a cell may begin or end.
const OLDEST: f64 = 130.0;

/// A rate cell as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateCell {
    age_from: Term,
    age_below: Option<Term>,
    sex: Option<Sex>,
    factor: Term,
}

/// The cells ready to be paid for.
#[derive(Debug, Clone)]
pub struct Cells {
    /// The members of each cell, and its factor.
    cells: Vec<(ExposureView, Term)>,
    /// Mean factor of the payer's book, for which the payment is meant.
    normalization: Term,
}

impl Capitation {
    pub(super) fn check_cells(&self, place: Place<'_>) -> Result<()> {
        if let Some(normalization) = &self.cell_normalization {
            place.within("cell_normalization", normalization.value(), 0.01, 100.0)?;
            if self.cells.is_none() {
                let error = place.error("cell_normalization", "must not be given without cells");
                return Err(error.got(show(normalization.value())).into());
            }
        }
        let Some(cells) = &self.cells else { return Ok(()) };
        if self.is_risk_adjusted() {
            let error = place.error("cells", "must not be given beside risk_adjusted").got("both");
            return Err(error.hint("a risk score tells age and sex already").into());
        }
        for (position, cell) in cells.iter().enumerate() {
            cell.check(Place(&place.field(&format!("cells[{position}]"))))?;
        }
        check_partition(cells).map_err(|got| {
            let error = place.error("cells", "must hold every age and sex exactly once").got(got);
            error.hint("the youngest cell begins at 0, the oldest has age_below=None").into()
        })
    }

    /// Declares the members of each cell, if there are cells.
    pub(super) fn rate_cells(&self, whose: Whose, views: &mut ViewPlan) -> Option<Cells> {
        let cells = self.cells.as_ref()?.iter();
        let declare = |cell: &RateCell| {
            let view = Exposure { cell: cell.view(), ..Exposure::of(whose) };
            (views.exposure(view), cell.factor)
        };
        Some(Cells {
            cells: cells.map(declare).collect(),
            normalization: self.cell_normalization.unwrap_or_else(|| Term::from(1)),
        })
    }
}

/// Tells the first age and sex that are in no cell, or in several.
///
/// Members are female or male; a cell for neither holds whoever is known as neither.
fn check_partition(cells: &[RateCell]) -> std::result::Result<(), String> {
    for (sex, word) in [(Sex::Female, "female"), (Sex::Male, "male")] {
        for age in 0..=u8::MAX {
            let holds = |(_, cell): &(usize, &RateCell)| cell.holds(age, sex);
            let held: Vec<usize> =
                cells.iter().enumerate().filter(holds).map(|(position, _)| position).collect();
            match held[..] {
                [_] => {}
                [] => return Err(format!("no cell of a {word} of {age}")),
                [first, second, ..] => {
                    return Err(format!("cells[{first}] and cells[{second}] of a {word} of {age}"));
                }
            }
        }
    }
    Ok(())
}

impl RateCell {
    fn check(&self, place: Place<'_>) -> Result<()> {
        let whole = |field: &str, age: &Term, least: f64| {
            let value = age.value();
            if value.fract() == 0.0 && (least..=OLDEST).contains(&value) {
                return Ok(());
            }
            let rule = format!("must be a whole number of years between {least} and {OLDEST}");
            Err(InputError::new(place.field(field), rule).got(show(value)))
        };
        whole("age_from", &self.age_from, 0.0)?;
        if let Some(age_below) = &self.age_below {
            whole("age_below", age_below, self.age_from.value() + 1.0)?;
        }
        place.within("factor", self.factor.value(), 0.0, HIGHEST_FACTOR)
    }

    fn view(&self) -> Cell {
        Cell {
            from_age: self.age_from.value(),
            below_age: self.age_below.map_or(f64::INFINITY, |age| age.value()),
            sex: self.sex,
            ..Cell::ALL
        }
    }

    fn holds(&self, age: u8, sex: Sex) -> bool {
        let (cell, age) = (self.view(), f64::from(age));
        cell.from_age <= age && age < cell.below_age && cell.sex.is_none_or(|of| of == sex)
    }
}

impl Cells {
    /// Members of each month, each counted as the factor of its cell over that of the payer's book.
    pub fn paid_for<A: Amount>(&self, year: &YearFacts<A>) -> ByMonth<A> {
        let mut months = [A::ZERO; MONTHS];
        for (view, factor) in &self.cells {
            for (sum, members) in months.iter_mut().zip(year.exposure(*view)) {
                *sum = *sum + members.times(A::term(factor));
            }
        }
        months.map(|sum| sum.over(A::term(&self.normalization)))
    }

    /// The line of a statement about cells, and the formula of the payment.
    pub fn steps<A: Amount>(
        &self,
        year: &YearFacts<A>,
        exposure: ExposureView,
    ) -> (Vec<Step<A>>, &'static str) {
        let sum = self
            .cells
            .iter()
            .fold(A::ZERO, |sum, (view, factor)| sum + year.member_months(*view).times(A::term(factor)));
        let mean = sum.over(year.member_months(exposure));
        let steps = vec![Step::factor("cell_factor", "mean of the enrolled members", mean)];
        (steps, "pmpm × members enrolled × cell_factor / cell_normalization, by month")
    }
}
