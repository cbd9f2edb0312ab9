//! Home health: a 30-day period by its group, its visits or its cost.

mod period;

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::{Amount, Rounding, Term};
use crate::rules::Rule;
use period::{HomeHealthFacts, HomeHealthLines};

/// What holds for every year; figures of a year come as facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeHealth {
    /// Days of a whole period.
    period_days: Term,
}

/// Disciplines of visits in the order in which ties go; those that may have an add-on come first.
const DISCIPLINES: usize = 6;
const ADD_ON_DISCIPLINES: usize = 4;

/// Both parts of an amount after the wage index.
#[derive(Clone, Copy)]
struct Parts<A> {
    labor: A,
    nonlabor: A,
}

impl<A: Amount> Parts<A> {
    const NONE: Self = Self { labor: A::ZERO, nonlabor: A::ZERO };

    fn sum(self) -> A {
        self.labor + self.nonlabor
    }
}

impl<A: Amount> HomeHealthFacts<A> {
    /// Each part of an amount is rounded before they are added.
    fn adjusted(&self, amount: A) -> Parts<A> {
        Parts {
            labor: self.wage_index.times(self.labor_share).times(amount).cents(),
            nonlabor: (A::ONE - self.labor_share).times(amount).cents(),
        }
    }

    fn visits(&self) -> [A; DISCIPLINES] {
        [
            self.skilled_nursing_visits,
            self.physical_therapy_visits,
            self.occupational_therapy_visits,
            self.speech_language_pathology_visits,
            self.medical_social_services_visits,
            self.home_health_aide_visits,
        ]
    }

    fn visit_rates(&self) -> [A; DISCIPLINES] {
        [
            self.skilled_nursing_visit_rate,
            self.physical_therapy_visit_rate,
            self.occupational_therapy_visit_rate,
            self.speech_language_pathology_visit_rate,
            self.medical_social_services_visit_rate,
            self.home_health_aide_visit_rate,
        ]
    }

    /// What the units of each discipline cost.
    fn costs(&self) -> [Parts<A>; DISCIPLINES] {
        [
            (self.skilled_nursing_units, self.skilled_nursing_unit_rate),
            (self.physical_therapy_units, self.physical_therapy_unit_rate),
            (self.occupational_therapy_units, self.occupational_therapy_unit_rate),
            (self.speech_language_pathology_units, self.speech_language_pathology_unit_rate),
            (self.medical_social_services_units, self.medical_social_services_unit_rate),
            (self.home_health_aide_units, self.home_health_aide_unit_rate),
        ]
        .map(|(units, rate)| {
            if units > A::ZERO {
                self.adjusted(rate.times(self.rural_factor).cents().times(units).cents())
            } else {
                Parts::NONE
            }
        })
    }

    /// What the first visit of each discipline is paid more: that of the earliest visit alone, which may be nothing.
    fn add_ons(&self, rates: &[A; DISCIPLINES]) -> [A; ADD_ON_DISCIPLINES] {
        let days = [
            self.skilled_nursing_first_day,
            self.physical_therapy_first_day,
            self.occupational_therapy_first_day,
            self.speech_language_pathology_first_day,
            self.medical_social_services_first_day,
            self.home_health_aide_first_day,
        ];
        let factors = [
            self.skilled_nursing_add_on_factor,
            self.physical_therapy_add_on_factor,
            self.occupational_therapy_add_on_factor,
            self.speech_language_pathology_add_on_factor,
        ];
        let visits = self.visits();
        let mut first: Option<(usize, Option<A>)> = None;
        for discipline in 0..DISCIPLINES {
            let earlier = match (first, days[discipline]) {
                (None, _) => true,
                (Some((_, Some(earliest))), Some(day)) => day < earliest,
                // Days are left out where they decide nothing.
                (Some(_), _) => false,
            };
            if visits[discipline] > A::ZERO && earlier {
                first = Some((discipline, days[discipline]));
            }
        }
        let mut add_ons = [A::ZERO; ADD_ON_DISCIPLINES];
        let with_add_on = |(discipline, _): &(usize, Option<A>)| *discipline < ADD_ON_DISCIPLINES;
        if let Some((discipline, _)) = first.filter(with_add_on).filter(|_| self.first_period > A::ZERO) {
            add_ons[discipline] = rates[discipline].times(factors[discipline]).cents();
        }
        add_ons
    }
}

/// A period that is paid as a whole.
struct Whole<A> {
    case_mix_payment: A,
    case_mix: Parts<A>,
    full: A,
    factor: A,
    period: A,
    fixed_dollar_loss: A,
    loss: Parts<A>,
    costs: [Parts<A>; DISCIPLINES],
    uncapped_outlier: A,
    outlier: A,
}

/// A period that is paid by the visit.
struct ByVisit<A> {
    visits: [Parts<A>; DISCIPLINES],
    add_ons: [A; ADD_ON_DISCIPLINES],
    add_on: Parts<A>,
}

impl HomeHealth {
    fn whole<A: Amount>(&self, facts: &HomeHealthFacts<A>, rate: A, room: A) -> Whole<A> {
        let case_mix_payment = facts.weight.times(rate).cents();
        let case_mix = facts.adjusted(case_mix_payment);
        let full = case_mix.sum();
        let days = facts.partial_period_days.over(A::term(&self.period_days));
        let factor = days.rounded(2, Rounding::HalfAwayFromZero);
        let period = full.times(factor).cents();
        let fixed_dollar_loss = rate.times(facts.fixed_dollar_loss_ratio).cents();
        let loss = facts.adjusted(fixed_dollar_loss);
        let costs = facts.costs();
        let cost = costs.iter().fold(A::ZERO, |sum, cost| sum + cost.sum());
        let beyond = (cost - period - loss.sum()).most(A::ZERO);
        let uncapped_outlier = facts.loss_sharing.times(beyond).cents();
        let has_history = facts.prior_payments > A::ZERO && facts.prior_outliers > A::ZERO;
        let outlier = if has_history && uncapped_outlier > room { A::ZERO } else { uncapped_outlier };
        Whole {
            case_mix_payment,
            case_mix,
            full,
            factor,
            period,
            fixed_dollar_loss,
            loss,
            costs,
            uncapped_outlier,
            outlier,
        }
    }
}

impl<A: Amount> Whole<A> {
    const NONE: Self = Self {
        case_mix_payment: A::ZERO,
        case_mix: Parts::NONE,
        full: A::ZERO,
        factor: A::ONE,
        period: A::ZERO,
        fixed_dollar_loss: A::ZERO,
        loss: Parts::NONE,
        costs: [Parts::NONE; DISCIPLINES],
        uncapped_outlier: A::ZERO,
        outlier: A::ZERO,
    };
}

impl<A: Amount> ByVisit<A> {
    const NONE: Self = Self {
        visits: [Parts::NONE; DISCIPLINES],
        add_ons: [A::ZERO; ADD_ON_DISCIPLINES],
        add_on: Parts::NONE,
    };

    fn of(facts: &HomeHealthFacts<A>) -> Self {
        let (counts, rates) = (facts.visits(), facts.visit_rates());
        let mut visits = [Parts::NONE; DISCIPLINES];
        for ((parts, count), rate) in visits.iter_mut().zip(counts).zip(rates) {
            if count > A::ZERO {
                *parts = facts.adjusted(count.times(rate).cents());
            }
        }
        let add_ons = facts.add_ons(&rates);
        let add_on = facts.adjusted(add_ons.into_iter().fold(A::ZERO, |sum, add_on| sum + add_on));
        Self { visits, add_ons, add_on }
    }

    fn of_visits(&self) -> A {
        self.visits.iter().fold(A::ZERO, |sum, parts| sum + parts.sum())
    }
}

impl Rule for HomeHealth {
    type Facts<A: Amount> = HomeHealthFacts<A>;
    type Lines<A: Amount> = HomeHealthLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.positive("period_days", self.period_days.value())
    }

    fn settle<A: Amount>(&self, facts: &HomeHealthFacts<A>) -> HomeHealthLines<A> {
        let visits = facts.visits().into_iter().fold(A::ZERO, |sum, count| sum + count);
        let lupa = visits < facts.lupa_threshold;
        let rate = facts.base_rate.times(facts.rural_factor);
        let room = facts.agency_outlier_cap.times(facts.prior_payments).cents() - facts.prior_outliers;
        let whole = if lupa { Whole::NONE } else { self.whole(facts, rate, room) };
        let by_visit = if lupa { ByVisit::of(facts) } else { ByVisit::NONE };

        let late = facts.late_notice_days.over(A::term(&self.period_days));
        let late_notice_reduction = (whole.period + whole.outlier).times(late).cents();
        let moved = |amount: A| amount.times(facts.value_based_factor).cents() - amount;
        let in_time = whole.period - whole.period.times(late).cents();
        let by_lines = by_visit.visits.iter().fold(A::ZERO, |sum, parts| sum + moved(parts.sum()));
        let value_based_adjustment = moved(in_time) + by_lines + moved(by_visit.add_on.sum());

        let (lupa_payment, lupa_add_on) = (by_visit.of_visits(), by_visit.add_on.sum());
        let earned = whole.period + whole.outlier + lupa_payment + lupa_add_on;
        let [nursing, physical, occupational, speech, social, aide] = by_visit.visits;
        let costs = whole.costs;
        HomeHealthLines {
            visits,
            lupa: if lupa { A::ONE } else { A::ZERO },
            rate,
            case_mix_payment: whole.case_mix_payment,
            case_mix_labor: whole.case_mix.labor,
            case_mix_nonlabor: whole.case_mix.nonlabor,
            full_period_payment: whole.full,
            partial_period_factor: whole.factor,
            partial_period_reduction: whole.full - whole.period,
            period_payment: whole.period,
            fixed_dollar_loss: whole.fixed_dollar_loss,
            loss_labor: whole.loss.labor,
            loss_nonlabor: whole.loss.nonlabor,
            outlier_threshold: whole.period + whole.loss.sum(),
            skilled_nursing_cost_labor: costs[0].labor,
            skilled_nursing_cost_nonlabor: costs[0].nonlabor,
            physical_therapy_cost_labor: costs[1].labor,
            physical_therapy_cost_nonlabor: costs[1].nonlabor,
            occupational_therapy_cost_labor: costs[2].labor,
            occupational_therapy_cost_nonlabor: costs[2].nonlabor,
            speech_language_pathology_cost_labor: costs[3].labor,
            speech_language_pathology_cost_nonlabor: costs[3].nonlabor,
            medical_social_services_cost_labor: costs[4].labor,
            medical_social_services_cost_nonlabor: costs[4].nonlabor,
            home_health_aide_cost_labor: costs[5].labor,
            home_health_aide_cost_nonlabor: costs[5].nonlabor,
            imputed_cost: costs.iter().fold(A::ZERO, |sum, cost| sum + cost.sum()),
            uncapped_outlier: whole.uncapped_outlier,
            agency_outlier_room: room,
            outlier_payment: whole.outlier,
            skilled_nursing_labor: nursing.labor,
            skilled_nursing_nonlabor: nursing.nonlabor,
            physical_therapy_labor: physical.labor,
            physical_therapy_nonlabor: physical.nonlabor,
            occupational_therapy_labor: occupational.labor,
            occupational_therapy_nonlabor: occupational.nonlabor,
            speech_language_pathology_labor: speech.labor,
            speech_language_pathology_nonlabor: speech.nonlabor,
            medical_social_services_labor: social.labor,
            medical_social_services_nonlabor: social.nonlabor,
            home_health_aide_labor: aide.labor,
            home_health_aide_nonlabor: aide.nonlabor,
            lupa_payment,
            skilled_nursing_add_on: by_visit.add_ons[0],
            physical_therapy_add_on: by_visit.add_ons[1],
            occupational_therapy_add_on: by_visit.add_ons[2],
            speech_language_pathology_add_on: by_visit.add_ons[3],
            add_on_labor: by_visit.add_on.labor,
            add_on_nonlabor: by_visit.add_on.nonlabor,
            lupa_add_on,
            late_notice_reduction,
            value_based_adjustment,
            payment: earned - late_notice_reduction + value_based_adjustment,
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::money::float_of;
    use crate::rules::{Figures, Missing};

    const YEAR: [(&str, f64); 24] = [
        ("weight", 1.1),
        ("lupa_threshold", 4.0),
        ("wage_index", 1.05),
        ("base_rate", 2038.22),
        ("rural_factor", 1.0),
        ("labor_share", 0.749),
        ("fixed_dollar_loss_ratio", 0.37),
        ("loss_sharing", 0.8),
        ("agency_outlier_cap", 0.1),
        ("skilled_nursing_unit_rate", 60.0),
        ("skilled_nursing_visit_rate", 176.96),
        ("physical_therapy_visit_rate", 193.42),
        ("occupational_therapy_visit_rate", 194.74),
        ("speech_language_pathology_visit_rate", 210.25),
        ("medical_social_services_visit_rate", 283.64),
        ("home_health_aide_visit_rate", 80.12),
        ("first_period", 1.0),
        ("physical_therapy_first_day", 4.0),
        ("occupational_therapy_first_day", 1.0),
        ("skilled_nursing_add_on_factor", 0.72),
        ("physical_therapy_add_on_factor", 0.6225),
        ("occupational_therapy_add_on_factor", 0.7238),
        ("speech_language_pathology_add_on_factor", 0.6696),
        ("value_based_factor", 1.0),
    ];

    fn payment<A: Amount>(own: &[(&str, f64)]) -> A {
        let value =
            |name: &str| own.iter().chain(&YEAR).find(|(each, _)| *each == name).map(|(_, value)| *value);
        let facts: Vec<Option<A>> = <HomeHealthFacts<A> as Figures<A>>::FIGURES
            .iter()
            .map(|figure| match (value(figure.name), figure.missing) {
                (Some(value), _) | (None, Missing::Is(value)) => Some(A::of(value)),
                _ => None,
            })
            .collect();
        HomeHealth { period_days: Term::from(30) }.settle(&HomeHealthFacts::from_slice(&facts)).payment
    }

    #[test]
    fn both_arithmetics_pay_the_same_cents() {
        let cases: [(&[(&str, f64)], &str); 5] = [
            (&[("skilled_nursing_visits", 10.0)], "2326.00"),
            (&[("skilled_nursing_visits", 10.0), ("partial_period_days", 17.0)], "1325.82"),
            (&[("occupational_therapy_visits", 1.0), ("physical_therapy_visits", 2.0)], "749.59"),
            (&[("skilled_nursing_visits", 10.0), ("late_notice_days", 6.0)], "1860.80"),
            (&[("skilled_nursing_visits", 10.0), ("skilled_nursing_units", 100.0)], "4819.06"),
        ];
        for (own, expected) in cases {
            let expected: Decimal = expected.parse().unwrap();
            assert_eq!(payment::<Decimal>(own), expected, "{own:?}");
            assert!((payment::<f64>(own) - float_of(expected)).abs() < 1e-9, "{own:?}");
        }
    }
}
