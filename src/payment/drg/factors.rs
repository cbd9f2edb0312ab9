//! Factors of an inpatient stay: its transfer, its hospital's wages, teaching and low-income patients.

use super::lines::StayFacts;
use super::{COARSE, FINE, InpatientStay, LIVING, round};
use crate::money::{Amount, Term};
use crate::payment::{kept, power};

/// Factors of a stay and its hospital.
pub(super) struct Factors<A> {
    pub(super) transfer: A,
    pub(super) geographic: A,
    pub(super) capital_living: A,
    pub(super) teaching: A,
    pub(super) share: A,
    pub(super) capital_teaching: A,
    pub(super) capital_share: A,
}

impl InpatientStay {
    pub(super) fn factors<A: Amount>(&self, facts: &StayFacts<A>) -> Factors<A> {
        let low_income = facts.ssi_ratio + facts.medicaid_ratio;
        let residents = facts.residents_to_average_daily_census.least(A::term(&self.capital_teaching_most));
        let living = A::term(&self.capital_living_part).times(facts.cost_of_living_factor - A::ONE) + A::ONE;
        let teaching = power(A::ONE + facts.residents_to_beds, self.teaching_exponent.value()) - 1.0;
        let capital_share = if facts.large_and_urban > A::ZERO {
            self.capital_power(&self.capital_share_coefficient, low_income, COARSE)
        } else {
            A::ZERO
        };
        Factors {
            transfer: self.transfer(facts),
            geographic: kept(power(facts.wage_index, self.geographic_exponent.value()), COARSE),
            capital_living: round(living, LIVING),
            teaching: kept(self.teaching_multiplier.value() * teaching, FINE),
            share: self.disproportionate_share(low_income, facts.share_is_capped),
            capital_teaching: self.capital_power(&self.capital_teaching_coefficient, residents, FINE),
            capital_share,
        }
    }

    /// A power of the base for capital, less one.
    fn capital_power<A: Amount>(&self, coefficient: &Term, of: A, decimals: u32) -> A {
        let exponent = A::term(coefficient).times(of).float();
        kept(power(A::term(&self.capital_base), exponent) - 1.0, decimals)
    }

    fn transfer<A: Amount>(&self, facts: &StayFacts<A>) -> A {
        let (per_diem, special) = (facts.per_diem_transfer > A::ZERO, facts.special_pay_transfer > A::ZERO);
        let days = facts.length_of_stay.most(A::ONE) + A::term(&self.transfer_extra_days);
        let mean = facts.geometric_mean_length_of_stay;
        if !(per_diem || special) || days >= mean {
            return A::ONE;
        }
        let at_once = if special { A::term(&self.special_pay_part) } else { A::ZERO };
        round(at_once + (A::ONE - at_once).times(days).over(mean), COARSE).least(A::ONE)
    }

    fn disproportionate_share<A: Amount>(&self, low_income: A, is_capped: A) -> A {
        let [from, base, slope] = [&self.share_from, &self.share_base, &self.share_slope].map(A::term);
        let [steep_from, steep_base, steep_slope] =
            [&self.share_steep_from, &self.share_steep_base, &self.share_steep_slope].map(A::term);
        let factor = if low_income < from {
            A::ZERO
        } else if low_income < steep_from {
            base + slope.times(low_income - from)
        } else {
            steep_base + steep_slope.times(low_income - steep_from)
        };
        let cap = A::term(&self.share_cap);
        round(if is_capped > A::ZERO { factor.least(cap) } else { factor }, COARSE)
    }
}
