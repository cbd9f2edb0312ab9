//! A line of a hospice claim: a level of care for some days, or quarter hours, at rates that follow wages.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Rounding, Term};
use crate::rules::Rule;
use crate::rules::figures::figures;

/// Where rates change and levels of care end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hospice {
    /// Days from admission at the first rate of routine care.
    first_rate_days: Term,
    /// Quarter hours from which a day is continuous care.
    least_continuous_units: Term,
    /// Consecutive days of respite that are paid as such.
    most_respite_days: Term,
    /// Units in an hour.
    units_per_hour: Term,
    /// Hours in a day.
    hours_per_day: Term,
    /// Hours a day that service intensity adds at most.
    most_intensity_hours: Term,
}

figures! {
    /// A line of a claim with its rates.
    HospiceFacts {
        routine_days: Count = 0.0, "days of routine home care";
        continuous_units: Count = 0.0, "quarter hours of continuous home care, of one day";
        respite_days: Count = 0.0, "days of inpatient respite care, consecutive";
        inpatient_days: Count = 0.0, "days of general inpatient care";
        intensity_units: Count = 0.0, "quarter hours of nurse and social worker on one of the last days of life";
        prior_days: Count = 0.0, "days since admission before the line";
        prior_respite_days: Count = 0.0, "days of respite just before the line, without a break";
        first_routine_rate: Dollars, "rate of routine care, first days";
        later_routine_rate: Dollars, "rate of routine care, later days";
        continuous_rate: Dollars, "rate of continuous care, for a whole day";
        respite_rate: Dollars, "rate of inpatient respite care";
        inpatient_rate: Dollars, "rate of general inpatient care";
        routine_labor_share: Rate, "the part of the routine rates that follows wages";
        continuous_labor_share: Rate, "the part of the continuous rate that follows wages";
        respite_labor_share: Rate, "the part of the respite rate that follows wages";
        inpatient_labor_share: Rate, "the part of the inpatient rate that follows wages";
        wage_index: Factor, "wage index where care is given";
        sequestration_rate: Rate or unknown, "the part that is held back by law, by date";
    }
}

figures! {
    /// What a line is paid.
    HospiceLines {
        adjusted_first_routine_rate: ExactDollars, "(first_routine_rate × routine_labor_share, in cents) × wage_index + the rest of first_routine_rate";
        adjusted_later_routine_rate: ExactDollars, "(later_routine_rate × routine_labor_share, in cents) × wage_index + the rest of later_routine_rate";
        adjusted_continuous_rate: ExactDollars, "(continuous_rate × continuous_labor_share, in cents) × wage_index + the rest of continuous_rate";
        adjusted_respite_rate: ExactDollars, "(respite_rate × respite_labor_share, in cents) × wage_index + the rest of respite_rate";
        adjusted_inpatient_rate: ExactDollars, "(inpatient_rate × inpatient_labor_share, in cents) × wage_index + the rest of inpatient_rate";
        days_as_respite: Count, "respite_days, up to most_respite_days in a row with prior_respite_days";
        days_as_routine: Count, "routine_days + respite_days − days_as_respite + a day of fewer than least_continuous_units";
        days_at_first_rate: Count, "days_as_routine, up to first_rate_days since admission";
        hourly_continuous_rate: ExactDollars, "adjusted_continuous_rate ÷ hours_per_day, cut off after four decimals";
        hourly_intensity_rate: Dollars, "adjusted_continuous_rate ÷ hours_per_day, in cents";
        routine_payment: Dollars, "days_at_first_rate × adjusted_first_routine_rate + the other days_as_routine × adjusted_later_routine_rate, each in cents";
        continuous_payment: Dollars, "hourly_continuous_rate × continuous_units ÷ units_per_hour, from least_continuous_units, in cents";
        respite_payment: Dollars, "days_as_respite × adjusted_respite_rate, in cents";
        inpatient_payment: Dollars, "inpatient_days × adjusted_inpatient_rate, in cents";
        intensity_payment: Dollars, "hourly_intensity_rate × intensity_units ÷ units_per_hour, of at most most_intensity_hours, in cents";
        payment: Dollars, "sum of the portions";
        sequestered: Dollars or unknown, "sequestration_rate × payment, in cents";
        medicare_payment: Dollars or unknown, "payment − sequestered";
    }
}

impl Rule for Hospice {
    type Facts<A: Amount> = HospiceFacts<A>;
    type Lines<A: Amount> = HospiceLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.not_negative("first_rate_days", self.first_rate_days.value())?;
        place.not_negative("least_continuous_units", self.least_continuous_units.value())?;
        place.not_negative("most_respite_days", self.most_respite_days.value())?;
        place.positive("units_per_hour", self.units_per_hour.value())?;
        place.positive("hours_per_day", self.hours_per_day.value())?;
        place.not_negative("most_intensity_hours", self.most_intensity_hours.value())
    }

    fn settle<A: Amount>(&self, facts: &HospiceFacts<A>) -> HospiceLines<A> {
        let adjusted = |rate: A, share: A| {
            let labor = rate.times(share).cents();
            labor.times(facts.wage_index) + (rate - labor)
        };
        let adjusted_first_routine_rate = adjusted(facts.first_routine_rate, facts.routine_labor_share);
        let adjusted_later_routine_rate = adjusted(facts.later_routine_rate, facts.routine_labor_share);
        let adjusted_continuous_rate = adjusted(facts.continuous_rate, facts.continuous_labor_share);
        let adjusted_respite_rate = adjusted(facts.respite_rate, facts.respite_labor_share);
        let adjusted_inpatient_rate = adjusted(facts.inpatient_rate, facts.inpatient_labor_share);

        let left = (A::term(&self.most_respite_days) - facts.prior_respite_days).most(A::ZERO);
        let days_as_respite = facts.respite_days.least(left);
        let long_enough = facts.continuous_units >= A::term(&self.least_continuous_units);
        let short_day = if facts.continuous_units > A::ZERO && !long_enough { A::ONE } else { A::ZERO };
        let days_as_routine = facts.routine_days + short_day + (facts.respite_days - days_as_respite);
        let before = facts.prior_days + days_as_respite;
        let days_at_first_rate =
            (A::term(&self.first_rate_days) - before).most(A::ZERO).least(days_as_routine);

        let an_hour = adjusted_continuous_rate.over(A::term(&self.hours_per_day));
        let hourly_continuous_rate = an_hour.rounded(4, Rounding::TowardZero);
        let hourly_intensity_rate = an_hour.cents();
        let hours = |units: A| units.over(A::term(&self.units_per_hour));
        let continuous_units = if long_enough { facts.continuous_units } else { A::ZERO };
        let intensity_hours = hours(facts.intensity_units).least(A::term(&self.most_intensity_hours));

        let routine_payment = days_at_first_rate.times(adjusted_first_routine_rate).cents()
            + (days_as_routine - days_at_first_rate).times(adjusted_later_routine_rate).cents();
        let continuous_payment = hourly_continuous_rate.times(hours(continuous_units)).cents();
        let respite_payment = days_as_respite.times(adjusted_respite_rate).cents();
        let inpatient_payment = facts.inpatient_days.times(adjusted_inpatient_rate).cents();
        let intensity_payment = hourly_intensity_rate.times(intensity_hours).cents();
        let payment =
            routine_payment + continuous_payment + respite_payment + inpatient_payment + intensity_payment;
        let sequestered = facts.sequestration_rate.map(|rate| payment.times(rate).cents());
        HospiceLines {
            adjusted_first_routine_rate,
            adjusted_later_routine_rate,
            adjusted_continuous_rate,
            adjusted_respite_rate,
            adjusted_inpatient_rate,
            days_as_respite,
            days_as_routine,
            days_at_first_rate,
            hourly_continuous_rate,
            hourly_intensity_rate,
            routine_payment,
            continuous_payment,
            respite_payment,
            inpatient_payment,
            intensity_payment,
            payment,
            sequestered,
            medicare_payment: sequestered.map(|held| payment - held),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Figures;
    use rust_decimal::Decimal;

    /// A day of continuous care of so many units in fiscal year 2025 at a wage index of 1.
    fn continuous<A: Amount>(units: f64) -> A {
        let rule = Hospice {
            first_rate_days: Term::from(60),
            least_continuous_units: Term::from(32),
            most_respite_days: Term::from(5),
            units_per_hour: Term::from(4),
            hours_per_day: Term::from(24),
            most_intensity_hours: Term::from(4),
        };
        let facts = [
            0.0, units, 0.0, 0.0, 0.0, 60.0, 0.0, 224.62, 176.92, 1618.59, 518.78, 1170.04, 0.66, 0.752,
            0.61, 0.635, 1.0, 0.02,
        ];
        rule.settle(&HospiceFacts::<A>::from_slice(&facts.map(|fact| Some(A::of(fact))))).payment
    }

    #[test]
    fn both_arithmetics_give_the_same_day() {
        for (units, cents) in [(31.0, 17_692), (32.0, 53_953), (96.0, 161_859)] {
            assert_eq!(continuous::<Decimal>(units), Decimal::new(cents, 2), "{units} units");
            assert_eq!((continuous::<f64>(units) * 100.0).round() as i64, cents, "{units} units");
        }
    }
}
