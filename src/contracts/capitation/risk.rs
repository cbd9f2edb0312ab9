//! A capitation adjusted to risk scores: each member is paid for by its recorded score.

use serde_json::Value;

use super::Capitation;
use crate::contracts::Step;
use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::reading::shown;
use crate::views::{ByMonth, Exposure, ExposureView, Facts, ViewPlan, Whose, YearFacts};

/// Adjustment of the payment to the members' risk scores.
#[derive(Debug, Clone)]
pub struct Risk {
    scores: ExposureView,
    /// Mean risk score of the payer's book, for which the payment is meant.
    normalization: Term,
    /// Most by which the mean score may grow from the first performance year.
    cap: Option<Term>,
}

impl Capitation {
    pub(super) fn is_risk_adjusted(&self) -> bool {
        self.risk_adjusted == Value::Bool(true)
    }

    pub(super) fn check_risk(&self, place: Place<'_>) -> Result<()> {
        if !matches!(self.risk_adjusted, Value::Null | Value::Bool(_)) {
            let got = shown(&self.risk_adjusted);
            return Err(place.error("risk_adjusted", "must be True or False").got(got).into());
        }
        for (field, term) in
            [("normalization", &self.normalization), ("risk_score_cap", &self.risk_score_cap)]
        {
            let Some(term) = term else { continue };
            if field == "normalization" {
                place.within(field, term.value(), 0.01, 100.0)?;
            } else {
                place.rate(field, term.value())?;
            }
            if !self.is_risk_adjusted() {
                let error = place.error(field, "must not be given without risk_adjusted");
                return Err(error.got(show(term.value())).into());
            }
        }
        Ok(())
    }

    /// Declares the scores that are paid for, if any are.
    pub(super) fn risk(&self, whose: Whose, views: &mut ViewPlan) -> Option<Risk> {
        self.is_risk_adjusted().then(|| Risk {
            scores: views.exposure(Exposure::scores(whose)),
            normalization: self.normalization.unwrap_or_else(|| Term::from(1)),
            cap: self.risk_score_cap,
        })
    }
}

impl Risk {
    /// Members of each month, each counted as the risk score that is paid for.
    pub fn paid_for<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        exposure: ExposureView,
    ) -> ByMonth<A> {
        let factor = self.cap_factor(facts, year, exposure).over(A::term(&self.normalization));
        year.exposure(self.scores).map(|score| score.times(factor))
    }

    fn mean<A: Amount>(&self, year: &YearFacts<A>, exposure: ExposureView) -> A {
        year.member_months(self.scores).over(year.member_months(exposure))
    }

    /// What is left of the scores where their mean has grown beyond its cap.
    fn cap_factor<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, exposure: ExposureView) -> A {
        let one = A::of(1.0);
        let first = facts.performance_years().next().map_or(year, |(_, first)| first);
        let (mean, at_first) = (self.mean(year, exposure), self.mean(first, exposure));
        match &self.cap {
            Some(cap) if mean > A::ZERO && at_first > A::ZERO => {
                at_first.times(one + A::term(cap)).over(mean).least(one)
            }
            _ => one,
        }
    }

    /// The lines of a statement about scores, and the formula of the payment.
    pub fn steps<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        exposure: ExposureView,
    ) -> (Vec<Step<A>>, &'static str) {
        let mean = self.mean(year, exposure);
        let cap = self.cap_factor(facts, year, exposure);
        let steps = vec![
            Step::factor("risk_score", "mean of the enrolled members", mean),
            Step::factor("cap_factor", "what risk_score_cap leaves of it", cap),
        ];
        (steps, "pmpm × members enrolled × risk_score × cap_factor / normalization, by month")
    }
}
