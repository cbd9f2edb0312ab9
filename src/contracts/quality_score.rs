//! The quality score that moves a settlement: fixed by a term, or made by measures of the study.

use super::quality::{MeasureSpec, Quality};
use super::{ArmBook, Book, Step};
use crate::error::{Error, Place, Result, show};
use crate::money::{Amount, Term, Unit};
use crate::views::{Facts, ViewPlan, YearFacts};

/// A score, 0-1, or up to the best that the terms name.
#[derive(Debug, Clone)]
pub struct QualityScore {
    fixed: Term,
    best: Term,
    /// Measures that make it, in place of a fixed one.
    measures: Option<Quality>,
}

/// Refuses a score that is none, and measures that are none or stand beside a fixed one; whether there are any.
pub fn check_score(names: &[String], score: &Term, place: Place<'_>, book: &Book) -> Result<bool> {
    place.rate("quality_score", score.value())?;
    if names.is_empty() {
        return Ok(false);
    }
    check_measures(names, place, book)?;
    if score.value() == 1.0 {
        return Ok(true);
    }
    Err(beside_measures(place, &show(score.value())))
}

/// Refuses names that are no measures of the study.
pub fn check_measures(names: &[String], place: Place<'_>, book: &Book) -> Result<()> {
    MeasureSpec::check_all(&by_name(names), place, "quality_measures", book)
}

/// The error of a score beside measures that make it.
pub fn beside_measures(place: Place<'_>, got: &str) -> Error {
    place.error("quality_score", "must be left out where quality_measures make it").got(got).into()
}

/// The error of measures on whose score nothing depends.
pub fn of_no_use(place: Place<'_>, hint: &str) -> Error {
    place.error("quality_measures", "must be of use: nothing depends on their score").hint(hint).into()
}

/// Measures by their own benchmarks and weights.
fn by_name(names: &[String]) -> Vec<MeasureSpec> {
    names.iter().map(|name| MeasureSpec::named(name)).collect()
}

impl QualityScore {
    /// Finds the measures in the arm; `fixed` is the score without any, from 0 to `best`.
    pub fn declare(
        names: &[String],
        (fixed, best): (Term, Term),
        arm: &ArmBook<'_>,
        views: &mut ViewPlan,
    ) -> Self {
        let measures =
            (!names.is_empty()).then(|| Quality::declare(&by_name(names), (Term::one(), 1), arm, views));
        Self { fixed, best, measures }
    }

    /// The score of a year.
    pub fn of<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        let measured = |measures: &Quality| measures.score(facts, year).times(A::term(&self.best));
        self.measures.as_ref().map_or_else(|| A::term(&self.fixed), measured)
    }

    /// What each measure comes to, for a statement; nothing where the score is fixed.
    pub fn of_measures<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> Vec<Step<A>> {
        self.measures.as_ref().map_or_else(Vec::new, |measures| measures.steps(facts, year))
    }

    /// The same, and the score that they make.
    pub fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> Vec<Step<A>> {
        let mut steps = self.of_measures(facts, year);
        if self.measures.is_some() {
            let formula = "mean by weight of the measures that count";
            let value = self.of(facts, year);
            steps.push(Step { line: "quality_score".into(), formula, value, unit: Unit::Rate });
        }
        steps
    }
}
