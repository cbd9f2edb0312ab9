//! Which members a view is of, and the months in which they are enrolled.

use super::{ByMonth, Cell, Exposure, ViewPlan, Whose};
use crate::population::{Horizon, MONTHS, MemberYear, Population};

/// Members of each year, view and month, if nothing happens to end enrolment.
pub type Exposures = Vec<Vec<ByMonth<f64>>>;

impl ViewPlan {
    /// The exposures of each year, if nothing happens to end enrolment.
    #[must_use]
    pub fn expected_exposures(&self, population: &Population, horizon: Horizon) -> Exposures {
        let of_year = |year| self.exposures.iter().map(|view| view.expected(population, year)).collect();
        (0..horizon.len()).map(|position| of_year(horizon.label(position))).collect()
    }
}

impl Whose {
    #[inline]
    pub(super) fn includes(self, member: &MemberYear) -> bool {
        self.payer.is_none_or(|payer| payer == member.payer)
            && self.attributed.is_none_or(|attributed| attributed == member.attributed)
    }
}

impl Cell {
    #[inline]
    pub(super) fn includes(self, member: &MemberYear) -> bool {
        let (age, risk) = (f64::from(member.age), member.paid_risk);
        let of_age = self.from_age <= age && age < self.below_age;
        of_age
            && self.from_risk <= risk
            && risk < self.below_risk
            && self.sex.is_none_or(|sex| sex == member.sex)
    }
}

impl Exposure {
    #[inline]
    pub(super) fn includes(self, member: &MemberYear) -> bool {
        self.whose.includes(member) && self.cell.includes(member)
    }

    /// Adds a member to the months in which it is enrolled.
    pub(super) fn add(self, member: &MemberYear, months: &mut ByMonth<f64>) {
        let first = usize::from(member.first_month);
        let weight = if self.by_risk { member.paid_risk } else { 1.0 };
        months[first..first + usize::from(member.months)].iter_mut().for_each(|month| *month += weight);
    }

    /// The exposure of a year in which nothing happens to end enrolment.
    fn expected(self, population: &Population, year: i8) -> ByMonth<f64> {
        let mut months = [0.0; MONTHS];
        let members = population.members().iter().map(|member| member.in_year(year));
        members.filter(|member| self.includes(member)).for_each(|member| self.add(&member, &mut months));
        months
    }
}
