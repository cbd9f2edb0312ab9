//! Shared savings: what is earned of a year's savings, and owed of its losses, against a benchmark.
//!
//! The order of 42 CFR 425.605 and 425.610: the minimum rate, a share from the first dollar, sequestration, the payment
//! limit; of losses a share, their limit, then what a disaster takes off.

mod case;
mod sides;

use serde::Deserialize;

pub use self::case::{SharedSavingsFacts, SharedSavingsLines};
use super::Rule;
use super::minimum_rate::{MinimumRate, Side};
use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::terms::TableBand;

/// Terms of sharing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedSavings {
    /// The provider's share of savings.
    pub sharing_rate: Term,
    /// Its share of losses, where quality does not set it.
    pub loss_rate: Term,
    /// Floor and ceiling of losses shared at 1 − sharing rate × quality score.
    pub loss_rate_by_quality: Option<[Term; 2]>,
    /// What quality does to the sharing rate.
    pub quality_rule: Quality,
    /// Part of the benchmark that must be saved.
    pub minimum_savings_rate: Term,
    /// Part of the benchmark that must be lost.
    pub minimum_loss_rate: Term,
    /// Both by the number of members.
    pub minimum_rate_table: Vec<TableBand>,
    /// Below so many members the table holds whatever was elected; none: always.
    pub table_below_members: Option<Term>,
    /// The most that can be earned, as a part of the benchmark.
    pub payment_limit_rate: Option<Term>,
    /// The most that can be owed, as a part of the benchmark.
    pub loss_limit_rate: Option<Term>,
    /// The most that can be owed, as a part of the participants' revenue.
    pub loss_limit_revenue_rate: Option<Term>,
    /// For low-revenue providers below the minimum: a factor of the sharing rate, from so many members on.
    pub reduced_sharing: Option<[Term; 2]>,
    /// What is taken off a payment.
    pub sequestration_rate: Term,
}

/// What quality does to the sharing rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Nothing.
    #[default]
    None,
    /// The rate times the score; nothing where the standard is not met.
    TimesScore,
    /// All of it where the standard is met, else nothing.
    AllOrNothing,
    /// All of it where the standard is met, times the score where only the alternative one is.
    FullOrAlternative,
}

impl Rule for SharedSavings {
    type Facts<A: Amount> = SharedSavingsFacts<A>;
    type Lines<A: Amount> = SharedSavingsLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("sharing_rate", self.sharing_rate.value())?;
        place.rate("loss_rate", self.loss_rate.value())?;
        self.minimum().check(place)?;
        for (field, limit) in [
            ("payment_limit_rate", &self.payment_limit_rate),
            ("loss_limit_rate", &self.loss_limit_rate),
            ("loss_limit_revenue_rate", &self.loss_limit_revenue_rate),
        ] {
            limit.as_ref().map_or(Ok(()), |limit| place.rate(field, limit.value()))?;
        }
        place.rate("sequestration_rate", self.sequestration_rate.value())?;
        if let Some([least, most]) = &self.loss_rate_by_quality {
            place.rate("loss_rate_by_quality[0]", least.value())?;
            place.rate("loss_rate_by_quality[1]", most.value())?;
            if least.value() > most.value() {
                let error = place
                    .error("loss_rate_by_quality", "must be (least, most), the least not above the most");
                return Err(error.got(format!("({}, {})", show(least.value()), show(most.value()))).into());
            }
        }
        if let Some([factor, members]) = &self.reduced_sharing {
            place.rate("reduced_sharing[0]", factor.value())?;
            place.not_negative("reduced_sharing[1]", members.value())?;
        }
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &SharedSavingsFacts<A>) -> SharedSavingsLines<A> {
        let savings = facts.benchmark - facts.spending;
        let side = if savings < A::ZERO { Side::Losses } else { Side::Savings };
        let minimum_rate = self.minimum().at(side, facts.members, facts.elected_minimum_rate);
        let minimum = facts.benchmark.times(minimum_rate);
        let earned = self.earn(facts, savings, minimum);
        let lost = self.lose(facts, -savings, minimum);
        let settlement = earned.paid - lost.owed;
        let advance_recouped = facts.advance_balance.least(earned.paid).most(A::ZERO);
        SharedSavingsLines {
            savings,
            minimum_rate,
            minimum,
            sharing_rate: earned.rate,
            shared: earned.shared,
            sequestered: earned.sequestered,
            payment_limit: earned.limit,
            earned: earned.paid,
            loss_rate: lost.rate,
            shared_losses: lost.shared,
            loss_limit: lost.limit,
            limited_losses: lost.limited,
            disaster_reduction: lost.disaster,
            owed: lost.owed,
            settlement,
            advance_recouped,
            cash: settlement - advance_recouped,
        }
    }
}

impl SharedSavings {
    /// The parts of savings and of losses that are shared at a quality score.
    #[must_use]
    pub fn shares(&self, quality_score: f64) -> (f64, f64) {
        let facts = SharedSavingsFacts { quality_score, ..SharedSavingsFacts::of(0.0, 0.0) };
        (self.final_sharing_rate(&facts), self.final_loss_rate(&facts))
    }

    fn minimum(&self) -> MinimumRate<'_> {
        MinimumRate {
            savings: &self.minimum_savings_rate,
            losses: &self.minimum_loss_rate,
            table: &self.minimum_rate_table,
            table_below_members: self.table_below_members.as_ref(),
        }
    }

    /// Whether losses are limited by revenue.
    #[must_use]
    pub fn looks_at_revenue(&self) -> bool {
        self.loss_limit_revenue_rate.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Figures, Missing};

    /// Half of savings shared without any minimum or limit, with some of the terms changed.
    fn terms(changes: &str) -> SharedSavings {
        let terms = r#"{"sharing_rate": 0.5, "loss_rate": 0, "quality_rule": "none", "minimum_rate_table": [],
            "minimum_savings_rate": 0, "minimum_loss_rate": 0, "sequestration_rate": 0}"#;
        let mut terms: serde_json::Value = serde_json::from_str(terms).unwrap();
        let changes: serde_json::Value = serde_json::from_str(changes).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            terms[name] = value.clone();
        }
        serde_json::from_value(terms).unwrap()
    }

    fn settled(terms: &SharedSavings, benchmark: f64, spending: f64) -> (f64, f64) {
        let lines = terms.settle(&SharedSavingsFacts::of(benchmark, spending));
        (lines.earned.cents(), lines.owed.cents())
    }

    #[test]
    fn what_is_not_given_is_as_it_is_declared() {
        SharedSavingsFacts::of(1.0, 2.0).visit(|position, value| {
            let declared = match SharedSavingsFacts::<f64>::FIGURES[position].missing {
                Missing::Refused => Some([1.0, 2.0][position]),
                Missing::Is(value) => Some(value),
                Missing::Unknown => None,
            };
            assert_eq!(value, declared, "{position}");
        });
    }

    /// Axene's worked example: target 500, actual 495.50, 125,000 member-months, half shared.
    #[test]
    fn worked_example() {
        let (benchmark, spending) = (62_500_000.0, 495.5 * 125_000.0);
        assert_eq!(settled(&terms("{}"), benchmark, spending), (281_250.0, 0.0));
        let gated = terms(r#"{"minimum_savings_rate": "0.01"}"#);
        assert_eq!(settled(&gated, benchmark, spending), (0.0, 0.0));
        assert_eq!(settled(&gated, benchmark, 495.0 * 125_000.0), (312_500.0, 0.0));
    }

    /// Benchmark 100; minimum 2 % both ways, half shared both ways, limits 10 % and 5 %: a ladder of spending.
    #[test]
    fn ladder_of_spending() {
        let terms = terms(
            r#"{"loss_rate": 0.5, "minimum_savings_rate": 0.02, "minimum_loss_rate": 0.02,
                "payment_limit_rate": 0.1, "loss_limit_rate": 0.05}"#,
        );
        for (spending, earned, owed) in [
            (70.0, 10.0, 0.0),
            (80.0, 10.0, 0.0),
            (90.0, 5.0, 0.0),
            (98.0, 1.0, 0.0),
            (98.01, 0.0, 0.0),
            (100.0, 0.0, 0.0),
            (101.99, 0.0, 0.0),
            (102.0, 0.0, 1.0),
            (108.0, 0.0, 4.0),
            (110.0, 0.0, 5.0),
            (130.0, 0.0, 5.0),
        ] {
            assert_eq!(settled(&terms, 100.0, spending), (earned, owed), "spending {spending}");
        }
    }

    /// The limit comes after sequestration: what is taken off does not lower it.
    #[test]
    fn the_limit_holds_after_sequestration() {
        let terms = terms(r#"{"payment_limit_rate": 0.1, "sequestration_rate": "0.02"}"#);
        for (spending, earned) in [(90.0, 4.9), (79.6, 10.0), (79.59, 10.0), (79.8, 9.9), (50.0, 10.0)] {
            assert_eq!(settled(&terms, 100.0, spending).0, earned, "spending {spending}");
        }
    }
}
