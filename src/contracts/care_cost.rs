//! What a year's care cost whoever bears it: care by others at what is paid for it, own services at a value of choice.

use serde::Deserialize;

use super::{ArmBook, Bearer, Line, Priced, Step};
use crate::ledger::Party;
use crate::money::Amount;
use crate::views::{ViewPlan, YearFacts};

/// How the provider's own services are valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnServicesAt {
    /// At what would be paid for them: allowed less the members' cost share.
    Paid,
    /// At what giving them cost, whatever members pay.
    OwnCost,
}

/// Service lines whose cost is looked at.
#[derive(Debug, Clone)]
pub struct CareCost {
    lines: Vec<Priced>,
    own_at: OwnServicesAt,
}

impl CareCost {
    /// Of the care that the provider bears out of a capitation.
    pub fn borne_by_provider(arm: &ArmBook<'_>, own_at: OwnServicesAt, views: &mut ViewPlan) -> Self {
        let mut lines = arm.priced(views);
        lines.retain(|line| line.bearer == Bearer::Capitation);
        Self { lines, own_at }
    }

    /// Of the care that the payer pays for, of the members attributed to the provider.
    pub fn borne_by_payer(arm: &ArmBook<'_>, views: &mut ViewPlan) -> Self {
        let mut lines = arm.priced(views);
        lines.retain(|line| line.bearer != Bearer::Capitation && line.attributed);
        Self { lines, own_at: OwnServicesAt::Paid }
    }

    /// Dollars of the year.
    pub fn dollars<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.by_others(year) + self.own(year)
    }

    /// What is paid for care by others, in the cents of the claims of each month.
    fn by_others<A: Amount>(&self, year: &YearFacts<A>) -> A {
        self.sum(year, |deliverer| deliverer != Party::Provider, |line| line.paid)
    }

    fn own<A: Amount>(&self, year: &YearFacts<A>) -> A {
        let value = |line: &Line<A>| match self.own_at {
            OwnServicesAt::Paid => line.paid,
            OwnServicesAt::OwnCost => line.own_cost,
        };
        self.sum(year, |deliverer| deliverer == Party::Provider, value)
    }

    fn sum<A: Amount>(
        &self,
        year: &YearFacts<A>,
        by: impl Fn(Party) -> bool,
        value: impl Fn(&Line<A>) -> A,
    ) -> A {
        let months = self.lines.iter().filter(|line| by(line.deliverer)).flat_map(|line| line.lines(year));
        months.fold(A::ZERO, |sum, line| sum + value(&line).posted())
    }

    /// Its lines of a statement.
    pub fn steps<A: Amount>(&self, year: &YearFacts<A>) -> [Step<A>; 2] {
        let valued = match self.own_at {
            OwnServicesAt::Paid => "services of the provider, at what is paid for them",
            OwnServicesAt::OwnCost => "services of the provider, at what giving them cost",
        };
        [
            Step::dollars("care_by_others", "paid for care by other providers", self.by_others(year)),
            Step::dollars("own_services", valued, self.own(year)),
        ]
    }
}
