//! A claim of skilled nursing under the patient-driven payment model, in the steps and roundings of its pricer.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Rounding, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;

/// What days are worth, and which of them a patient shares.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkilledNursing {
    /// Factors of physical and occupational therapy by day of the stay.
    therapy_schedule: Vec<Span>,
    /// Factors of non-therapy ancillaries by day of the stay.
    nta_schedule: Vec<Span>,
    /// The part that nursing gains with AIDS.
    aids_add_on_rate: Term,
    /// Days of a benefit period without coinsurance.
    full_days: Term,
}

/// Days of a stay with one factor.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    /// Its first day.
    from: Term,
    /// Its last day.
    to: Term,
    /// What a day of it counts.
    factor: Term,
}

figures! {
    /// A claim with its base rates and indexes.
    SkilledNursingFacts {
        physical_therapy_base_rate: Dollars, "unadjusted federal rate of physical therapy per day";
        occupational_therapy_base_rate: Dollars, "unadjusted federal rate of occupational therapy per day";
        speech_language_base_rate: Dollars, "unadjusted federal rate of speech-language pathology per day";
        nursing_base_rate: Dollars, "unadjusted federal rate of nursing per day";
        nta_base_rate: Dollars, "unadjusted federal rate of non-therapy ancillaries per day";
        non_case_mix_rate: Dollars, "federal rate without case mix per day";
        physical_therapy_index: Factor, "case-mix index of physical therapy";
        occupational_therapy_index: Factor, "case-mix index of occupational therapy";
        speech_language_index: Factor, "case-mix index of speech-language pathology";
        nursing_index: Factor, "case-mix index of nursing";
        nta_index: Factor, "case-mix index of non-therapy ancillaries";
        aids: Flag = 0.0, "whether the claim has the diagnosis of AIDS (B20)";
        days: Count, "covered days of the claim";
        prior_days: Count = 0.0, "days of the stay before the claim, on which the variable per diem goes on";
        benefit_days_used: Count = 0.0, "days of the benefit period before the claim";
        labor_share: Rate, "the part of the rate that follows wages";
        wage_index: Factor, "wage index of the area";
        value_based_multiplier: Factor = 1.0, "incentive payment multiplier of the value-based purchasing program";
        coinsurance_per_day: Dollars or unknown, "what a patient pays a day with coinsurance, by calendar year";
        sequestration_rate: Rate or unknown, "the part that is held back by law, by date";
    }
}

figures! {
    /// A claim step by step.
    SkilledNursingLines {
        physical_therapy_rate: Dollars, "physical_therapy_index × physical_therapy_base_rate, in cents";
        occupational_therapy_rate: Dollars, "occupational_therapy_index × occupational_therapy_base_rate, in cents";
        speech_language_rate: Dollars, "speech_language_index × speech_language_base_rate, in cents";
        aids_add_on: Dollars, "aids_add_on_rate × nursing_index × nursing_base_rate, each in cents, with AIDS";
        nursing_rate: Dollars, "nursing_index × nursing_base_rate, in cents, + aids_add_on";
        nta_rate: Dollars, "nta_index × nta_base_rate, in cents";
        therapy_factor_days: Factor, "Σ therapy factors over days prior_days + 1 to prior_days + days";
        nta_factor_days: Factor, "Σ NTA factors over the same days";
        therapy_portion: Dollars, "(physical_therapy_rate + occupational_therapy_rate) × therapy_factor_days";
        nta_portion: Dollars, "nta_rate × nta_factor_days";
        other_portion: Dollars, "(nursing_rate + speech_language_rate + non_case_mix_rate) × days";
        total: Dollars, "therapy_portion + nta_portion + other_portion";
        labor_portion: Dollars, "total × labor_share, in cents";
        adjusted_labor_portion: Dollars, "labor_portion × wage_index, in cents";
        nonlabor_portion: Dollars, "total × (1 − labor_share), in cents";
        wage_adjustment: Dollars, "federal_payment − total";
        federal_payment: Dollars, "adjusted_labor_portion + nonlabor_portion";
        value_based_adjustment: Dollars, "payment − federal_payment";
        payment: Dollars, "value_based_multiplier × federal_payment, in cents";
        coinsurance_days: Count, "days of the claim beyond the full days of the benefit period";
        coinsurance: Dollars or unknown, "coinsurance_days × coinsurance_per_day, at most payment";
        sequestered: Dollars or unknown, "sequestration_rate × (payment − coinsurance), in cents";
        medicare_payment: Dollars or unknown, "payment − coinsurance − sequestered";
    }
}

impl Rule for SkilledNursing {
    type Facts<A: Amount> = SkilledNursingFacts<A>;
    type Lines<A: Amount> = SkilledNursingLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        for span in self.therapy_schedule.iter().chain(&self.nta_schedule) {
            place.positive("schedule.from", span.from.value())?;
            place.not_negative("schedule.to", span.to.value() - span.from.value())?;
            place.not_negative("schedule.factor", span.factor.value())?;
        }
        place.not_negative("full_days", self.full_days.value())?;
        place.rate("aids_add_on_rate", self.aids_add_on_rate.value())
    }

    fn settle<A: Amount>(&self, facts: &SkilledNursingFacts<A>) -> SkilledNursingLines<A> {
        let physical_therapy_rate =
            facts.physical_therapy_base_rate.times(facts.physical_therapy_index).cents();
        let occupational_therapy_rate =
            facts.occupational_therapy_base_rate.times(facts.occupational_therapy_index).cents();
        let speech_language_rate = facts.speech_language_base_rate.times(facts.speech_language_index).cents();
        let nursing = facts.nursing_base_rate.times(facts.nursing_index).cents();
        let aids_add_on = nursing.times(A::term(&self.aids_add_on_rate).times(facts.aids)).cents();
        let nursing_rate = nursing + aids_add_on;
        let nta_rate = facts.nta_base_rate.times(facts.nta_index).cents();

        // Days are whole; decimals without digits behind the point are quick to compare with those of the schedule.
        let [days, prior_days, used] = [facts.days, facts.prior_days, facts.benefit_days_used]
            .map(|days| days.rounded(0, Rounding::HalfAwayFromZero));
        let therapy_factor_days = factor_days(&self.therapy_schedule, prior_days, prior_days + days);
        let nta_factor_days = factor_days(&self.nta_schedule, prior_days, prior_days + days);
        let therapy_portion =
            (physical_therapy_rate + occupational_therapy_rate).times(therapy_factor_days).cents();
        let nta_portion = nta_rate.times(nta_factor_days).cents();
        let other_portion =
            (nursing_rate + speech_language_rate + facts.non_case_mix_rate).times(days).cents();
        let total = therapy_portion + nta_portion + other_portion;

        let labor_portion = total.times(facts.labor_share).cents();
        let adjusted_labor_portion = labor_portion.times(facts.wage_index).cents();
        let nonlabor_portion = total.times(A::ONE - facts.labor_share).cents();
        let federal_payment = adjusted_labor_portion + nonlabor_portion;
        let payment = federal_payment.times(facts.value_based_multiplier).cents();

        let full_days = A::term(&self.full_days).most(used);
        let coinsurance_days = (used + days - full_days).most(A::ZERO);
        let per_day = if coinsurance_days > A::ZERO { facts.coinsurance_per_day } else { Some(A::ZERO) };
        let coinsurance = per_day.map(|per_day| coinsurance_days.times(per_day).cents().least(payment));
        let sequestered = coinsurance
            .zip(facts.sequestration_rate)
            .map(|(shared, rate)| (payment - shared).times(rate).cents());
        SkilledNursingLines {
            physical_therapy_rate,
            occupational_therapy_rate,
            speech_language_rate,
            aids_add_on,
            nursing_rate,
            nta_rate,
            therapy_factor_days,
            nta_factor_days,
            therapy_portion,
            nta_portion,
            other_portion,
            total,
            labor_portion,
            adjusted_labor_portion,
            nonlabor_portion,
            wage_adjustment: federal_payment - total,
            federal_payment,
            value_based_adjustment: payment - federal_payment,
            payment,
            coinsurance_days,
            coinsurance,
            sequestered,
            medicare_payment: coinsurance.zip(sequestered).map(|(shared, held)| payment - shared - held),
        }
    }
}

/// What the days after `before` up to `last` count together.
fn factor_days<A: Amount>(schedule: &[Span], before: A, last: A) -> A {
    let mut sum = A::ZERO;
    for span in schedule {
        let (from, to) = (A::term(&span.from), A::term(&span.to));
        if from > last {
            break;
        }
        if to > before {
            let days = to.least(last) - (from - A::ONE).most(before);
            sum = sum + days.times(A::term(&span.factor));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Figures;
    use rust_decimal::Decimal;

    fn span(from: i32, to: i32, factor: &str) -> Span {
        Span { from: Term::from(from), to: Term::from(to), factor: factor.parse().unwrap() }
    }

    /// 30 days of NHNC1 in fiscal year 2026, urban, as amounts of either kind.
    fn worked<A: Amount>() -> [A; 4] {
        let rule = SkilledNursing {
            therapy_schedule: vec![span(1, 20, "1"), span(21, 27, "0.98"), span(28, 34, "0.96")],
            nta_schedule: vec![span(1, 3, "3"), span(4, 100, "1")],
            aids_add_on_rate: "0.18".parse().unwrap(),
            full_days: Term::from(20),
        };
        let facts = [
            75.73, 70.49, 28.28, 132.0, 99.59, 118.21, 1.4, 1.42, 2.7, 1.47, 1.74, 0.0, 30.0, 0.0, 0.0,
            0.719, 0.95, 0.985, 217.0, 0.02,
        ];
        let lines = rule.settle(&SkilledNursingFacts::<A>::from_slice(&facts.map(|fact| Some(A::of(fact)))));
        [lines.total, lines.federal_payment, lines.payment, lines.medicare_payment.unwrap()]
    }

    #[test]
    fn both_arithmetics_give_the_worked_example() {
        let cents = [2_402_675, 2_316_299, 2_281_555, 2_023_264];
        assert_eq!(worked::<Decimal>(), cents.map(|cents| Decimal::new(cents, 2)));
        for (ours, cents) in worked::<f64>().into_iter().zip(cents) {
            assert_eq!((ours * 100.0).round() as i64, cents);
        }
    }

    #[test]
    fn factors_add_up_day_by_day() {
        let schedule = [span(1, 3, "3"), span(4, 100, "1")];
        for (before, last, sum) in [(0., 1., 3.), (0., 3., 9.), (0., 4., 10.), (2., 4., 4.), (3., 100., 97.)]
        {
            assert_eq!(factor_days(&schedule, before, last), sum, "days after {before} to {last}");
        }
    }
}
