//! The quality score of a contract: what is found of measures in a year, each scored by a ladder, and their mean by weight.

use serde::Deserialize;

use super::{ArmBook, Book, Step};
use crate::error::{Place, Result};
use crate::money::{Amount, Term, Unit};
use crate::rules::Rule;
use crate::rules::measure_ladder::{LadderFacts, MeasureLadder};
use crate::terms::reaches;
use crate::utilization::health::Found;
use crate::views::{Facts, ViewPlan, YearFacts};

/// A measure that a contract looks at, as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureSpec {
    name: String,
    /// In place of the measure's own benchmarks, whose drift it does not have.
    ladder: Option<MeasureLadder>,
    /// In place of the measure's own weight.
    weight: Option<Term>,
}

impl MeasureSpec {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A measure by its own benchmarks and weight.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ladder: None, weight: None }
    }

    /// Refuses names that are no measures of the study or given twice, and ladders that break a rule.
    pub fn check_all(measures: &[Self], place: Place<'_>, field: &str, book: &Book) -> Result<()> {
        for (position, measure) in measures.iter().enumerate() {
            let name = &measure.name;
            if book.scoring_of(name).is_none() {
                let known: Vec<&str> = book.measures().collect();
                let hint = match known[..] {
                    [] => "the study has none: Study(..., measures=[Measure(...)])".to_owned(),
                    _ => format!("the measures are {}", known.join(", ")),
                };
                let error = place.error(field, "must name measures of the study").got(format!("{name:?}"));
                return Err(error.hint(hint).into());
            }
            if measures[..position].iter().any(|other| other.name == *name) {
                let error = place.error(field, "must name each measure once");
                return Err(error.got(format!("{name:?} twice")).into());
            }
            let path = format!("{}[{name}]", place.field(field));
            measure.ladder.as_ref().map_or(Ok(()), |ladder| ladder.check(Place(&path)))?;
            measure
                .weight
                .as_ref()
                .map_or(Ok(()), |weight| Place(&path).positive("weight", weight.value()))?;
        }
        Ok(())
    }
}

/// Measures, ready to be scored.
#[derive(Debug, Clone)]
pub struct Quality {
    measures: Vec<Scored>,
    /// Measures with fewer eligible members do not count.
    minimum_eligible: Term,
    /// With fewer measures that count the score is nothing.
    minimum_measures: usize,
}

/// A measure of the study, with what scores it.
#[derive(Debug, Clone)]
struct Scored {
    name: String,
    /// Where it stands among outcomes and measures, and the version that the arm's care leads to.
    found: (usize, usize),
    ladder: MeasureLadder,
    weight: Term,
    /// Of its own benchmarks: what they gain a year, and whether what does not meet the measure is scored.
    drift: Term,
    inverse: bool,
}

/// What a measure comes to in a year.
#[derive(Debug, Clone, Copy)]
pub struct MeasureYear<A> {
    eligible: A,
    rate: A,
    /// What its ladder gives; nothing where too few are eligible.
    share: Option<A>,
}

impl Quality {
    /// Finds the measures in the arm.
    pub fn declare(
        measures: &[MeasureSpec],
        (minimum_eligible, minimum_measures): (Term, usize),
        arm: &ArmBook<'_>,
        views: &mut ViewPlan,
    ) -> Self {
        let measures: Vec<Scored> =
            measures.iter().filter_map(|measure| Scored::declare(measure, arm)).collect();
        if arm.book.horizon.base_years > 0
            && measures.iter().any(|measure| measure.ladder.looks_at_baseline())
        {
            views.base_years();
        }
        Self { measures, minimum_eligible, minimum_measures }
    }

    /// The score of a year, 0-1: the mean by weight of the measures that count.
    pub fn score<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        let (mut points, mut weights, mut counted) = (A::ZERO, A::ZERO, 0);
        for measure in &self.measures {
            if let Some(share) = self.of_year(measure, facts, year).share {
                let weight = A::term(&measure.weight);
                (points, weights, counted) = (points + share.times(weight), weights + weight, counted + 1);
            }
        }
        if counted < self.minimum_measures { A::ZERO } else { points.over(weights).least(A::ONE) }
    }

    /// Members who meet a measure of that name in a year.
    pub fn met<A: Amount>(&self, name: &str, year: &YearFacts<A>) -> A {
        let measure = self.measures.iter().find(|measure| measure.name == name);
        A::of(measure.map_or(0.0, |measure| measure.found(year).count))
    }

    /// What each measure comes to, for a statement.
    pub fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> Vec<Step<A>> {
        let mut steps = Vec::with_capacity(3 * self.measures.len());
        for measure in &self.measures {
            let MeasureYear { eligible, rate, share } = self.of_year(measure, facts, year);
            let mut add = |word: &str, formula, value, unit| {
                steps.push(Step { line: format!("{}_{word}", measure.name).into(), formula, value, unit });
            };
            add("eligible", "members who are eligible", eligible, Unit::Count);
            add("rate", "members who meet it ÷ eligible", rate, Unit::Rate);
            if let Some(share) = share {
                add("share", "share its ladder gives", share, Unit::Rate);
            }
        }
        steps
    }

    fn of_year<A: Amount>(&self, measure: &Scored, facts: &Facts<A>, year: &YearFacts<A>) -> MeasureYear<A> {
        let (eligible, rate) = measure.rate(year);
        let counts = eligible > A::ZERO && reaches(eligible, &self.minimum_eligible);
        let share = counts.then(|| measure.share(rate, facts, year));
        MeasureYear { eligible, rate, share }
    }
}

impl Scored {
    /// A measure of the study; what is none was refused.
    fn declare(measure: &MeasureSpec, arm: &ArmBook<'_>) -> Option<Self> {
        let (index, scoring) = arm.book.scoring_of(&measure.name)?;
        let own = measure.ladder.is_none();
        Some(Self {
            name: measure.name.clone(),
            found: (index, arm.health[index]),
            ladder: measure
                .ladder
                .clone()
                .unwrap_or_else(|| MeasureLadder::lines(scoring.benchmarks.clone())),
            weight: measure.weight.unwrap_or(scoring.weight),
            drift: if own { scoring.drift } else { Term::from(0) },
            inverse: own && scoring.inverse,
        })
    }

    /// What was found of it; nothing in a year that was not simulated.
    fn found<A>(&self, year: &YearFacts<A>) -> Found {
        let (index, version) = self.found;
        year.health.get(index).and_then(|versions| versions.get(version)).copied().unwrap_or_default()
    }

    /// Members who are eligible, and the part of them who meet the measure.
    fn rate<A: Amount>(&self, year: &YearFacts<A>) -> (A, A) {
        let Found { count, eligible } = self.found(year);
        (A::of(eligible), A::of(count).over(A::of(eligible)))
    }

    fn share<A: Amount>(&self, rate: A, facts: &Facts<A>, year: &YearFacts<A>) -> A {
        let better = |rate: A| if self.inverse { A::ONE - rate } else { rate };
        // Benchmarks that rise are as good as rates that fall.
        // Base years, which stand before the first, had lower ones.
        let years = year.position as i32 - facts.horizon().base_years as i32;
        let drifted = A::term(&self.drift).times(A::term(&Term::from(years)));
        let (has_baseline, baseline) = self.baseline(facts, year);
        let facts = LadderFacts { performance: better(rate) - drifted, baseline, has_baseline };
        self.ladder.settle(&facts).share
    }

    /// The rate of the year before, where improving earns and there is one.
    fn baseline<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>) -> (A, A) {
        let before = year.position.checked_sub(1).filter(|_| self.ladder.looks_at_baseline());
        let found = before.and_then(|before| facts.years(before..year.position).first());
        let (eligible, rate) = found.map_or((A::ZERO, A::ZERO), |before| self.rate(before));
        (if eligible > A::ZERO { A::ONE } else { A::ZERO }, rate)
    }
}
