//! Dollars per member per month by bands: of age, or of the risk score that is paid for.

use serde::Deserialize;

use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::views::{ByMonth, Cell, Exposure, ExposureView, ViewPlan, Whose, YearFacts};

/// A band and what is paid for its members.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PmpmBand {
    /// Its lowest value.
    from: Term,
    /// The first value that is too high; none for a last band without end.
    below: Option<Term>,
    /// Dollars per member per month.
    pmpm: Term,
}

/// What the bands are of.
#[derive(Debug, Clone, Copy)]
pub enum Banded {
    /// Age in completed years.
    Age,
    /// Risk score.
    Risk,
}

impl PmpmBand {
    /// One payment for everybody.
    pub fn everybody(pmpm: Term) -> Self {
        Self { from: Term::from(0), below: None, pmpm }
    }

    fn end(&self) -> f64 {
        self.below.map_or(f64::INFINITY, |below| below.value())
    }

    fn cell(&self, banded: Banded) -> Cell {
        let (from, below) = (self.from.value(), self.end());
        match banded {
            Banded::Age => Cell { from_age: from, below_age: below, ..Cell::ALL },
            Banded::Risk => Cell { from_risk: from, below_risk: below, ..Cell::ALL },
        }
    }

    fn check(&self, place: Place<'_>, before: Option<&Self>, is_last: bool) -> Result<()> {
        place.not_negative("from", self.from.value())?;
        place.not_negative("pmpm", self.pmpm.value())?;
        if let Some(end) = before.map(Self::end)
            && end != self.from.value()
        {
            let rule = format!("must be where the band before ends ({})", show(end));
            return Err(place.error("from", rule).got(show(self.from.value())).into());
        }
        let Some(below) = self.below.map(|below| below.value()) else {
            let error = place.error("below", "must be given for every band but the last").got("None");
            return if is_last { Ok(()) } else { Err(error.into()) };
        };
        if below > self.from.value() {
            return Ok(());
        }
        let rule = format!("must be above from ({})", show(self.from.value()));
        Err(place.error("below", rule).got(show(below)).into())
    }
}

/// Refuses bands that do not rise, leave gaps or overlap; one band of everybody goes by the name of its field.
pub fn check_bands(field: &str, bands: &[PmpmBand], place: Place<'_>) -> Result<()> {
    match bands {
        [] => Err(place.error(field, "must have at least one band").got("none").into()),
        [one] if one.below.is_none() && one.from.value() == 0.0 => {
            place.not_negative(field, one.pmpm.value())
        }
        _ => {
            for (position, band) in bands.iter().enumerate() {
                let path = place.field(&format!("{field}[{position}]"));
                let before = position.checked_sub(1).map(|before| &bands[before]);
                band.check(Place(&path), before, position + 1 == bands.len())?;
            }
            Ok(())
        }
    }
}

/// Bands whose members are counted.
#[derive(Debug, Clone)]
pub struct PaidBands(Vec<(ExposureView, Term)>);

impl PaidBands {
    /// Declares the members of each band.
    pub fn new(bands: &[PmpmBand], banded: Banded, whose: Whose, views: &mut ViewPlan) -> Self {
        let view = |band: &PmpmBand| Exposure { cell: band.cell(banded), ..Exposure::of(whose) };
        Self(bands.iter().map(|band| (views.exposure(view(band)), band.pmpm)).collect())
    }

    /// What is paid for the members of all bands, by month.
    #[must_use]
    pub fn dollars<A: Amount>(&self, year: &YearFacts<A>) -> ByMonth<A> {
        let mut months = [A::ZERO; MONTHS];
        for (view, pmpm) in &self.0 {
            let members = year.exposure(*view);
            months.iter_mut().zip(members).for_each(|(sum, n)| *sum = *sum + n.times(A::term(pmpm)));
        }
        months
    }
}
