//! Members in columns: who is enrolled, when, with which risk score and payer.

mod ages;
mod attribution;
mod columns;
mod conditions;
mod dynamics;
mod enrolment;
mod horizon;
mod scores;
mod selection;

pub use ages::by_age;
pub use columns::Columns;
pub use conditions::Condition;
pub use dynamics::{Course, Dynamics, DynamicsSpec};
pub use horizon::{Horizon, MONTHS, MOST_BASE_YEARS, MOST_YEARS, grown};

use indexmap::IndexMap;

use crate::error::{InputError, Place, Result};

/// A checked panel.
#[derive(Debug, Clone)]
pub struct Population {
    members: Vec<Member>,
    payers: Vec<String>,
    factors: IndexMap<String, Vec<f64>>,
}

/// One member in the form the simulation loop reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// Word of the address.
    pub word: u64,
    /// Risk score: the member's weight in every rate.
    pub risk_score: f64,
    /// First and last enrolled month, counted from 1, the first month of the first performance year.
    enrolled: (i16, i16),
    /// Index of the payer.
    pub payer: u16,
    /// Age in completed years in the first performance year.
    pub age: u8,
    /// Sex, as far as it is known.
    pub sex: Sex,
}

/// What payments by age and sex ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither, or not known.
    #[default]
    Other,
}

/// One member in one year.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MemberYear {
    /// Risk score times the enrolled part of the year: what care depends on.
    pub exposed_risk: f64,
    /// The risk score that payments are made for.
    pub paid_risk: f64,
    /// First enrolled month of the year, from 0.
    pub first_month: u8,
    /// Number of enrolled months.
    pub months: u8,
    /// Whether enrolment begins in the year.
    pub enters: bool,
    /// Age in completed years.
    pub age: u8,
    /// Sex, as far as it is known.
    pub sex: Sex,
    /// Index of the payer.
    pub payer: u16,
    /// Whether the member counts where only those count who are attributed to the provider.
    pub attributed: bool,
}

impl Member {
    /// Whether a year is the member's first.
    #[must_use]
    pub fn enters_in(&self, year: i8) -> bool {
        (self.enrolled.0 - 1).div_euclid(MONTHS as i16) == i16::from(year) - 1
    }

    /// The member in a year, if nothing happens to end its enrolment.
    #[inline]
    #[must_use]
    pub fn in_year(&self, year: i8) -> MemberYear {
        let start = (i16::from(year) - 1) * MONTHS as i16;
        let first = (self.enrolled.0 - 1 - start).clamp(0, MONTHS as i16);
        let end = (self.enrolled.1 - start).clamp(0, MONTHS as i16);
        let months = (end - first).max(0);
        MemberYear {
            exposed_risk: self.risk_score * PART_OF_YEAR[months as usize],
            paid_risk: self.risk_score,
            first_month: first as u8,
            months: months as u8,
            enters: self.enters_in(year),
            age: (i16::from(self.age) + i16::from(year) - 1).clamp(0, 255) as u8,
            sex: self.sex,
            payer: self.payer,
            attributed: true,
        }
    }
}

/// The part of a year that so many months are.
const PART_OF_YEAR: [f64; MONTHS + 1] = {
    let mut part = [0.0; MONTHS + 1];
    let mut months = 0;
    while months <= MONTHS {
        part[months] = months as f64 / MONTHS as f64;
        months += 1;
    }
    part
};

impl Population {
    /// Checks the columns and turns them into members.
    pub fn new(columns: Columns) -> Result<Self> {
        let n = columns.risk_score.len();
        if n == 0 {
            return Err(InputError::new("population", "must have at least one member")
                .got("an empty panel")
                .into());
        }
        columns.check(n)?;
        refuse_repeated_members(&columns.member)?;
        let members = (0..n).map(|row| columns.member_at(row)).collect::<Result<_>>()?;
        Ok(Self { members, payers: columns.payers, factors: columns.factors })
    }

    /// The members, in the order they were given.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Names of the payers.
    #[must_use]
    pub fn payers(&self) -> &[String] {
        &self.payers
    }

    /// A further number of each member, by its name: what a service's relativities come to.
    #[must_use]
    pub fn factor(&self, name: &str) -> Option<&[f64]> {
        self.factors.get(name).map(Vec::as_slice)
    }
}

fn refuse_repeated_members(words: &[u64]) -> Result<()> {
    let mut order: Vec<usize> = (0..words.len()).collect();
    order.sort_unstable_by_key(|&row| (words[row], row));
    match order.windows(2).find(|pair| words[pair[0]] == words[pair[1]]) {
        None => Ok(()),
        Some(pair) => Err(Place("population")
            .error("member_id", "must be different for every member")
            .got(format!("the same in rows {} and {}", pair[0], pair[1]))
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_members() -> Columns {
        Columns {
            member: vec![0, 1],
            age: vec![40.0, 70.0],
            risk_score: vec![1.0, 2.0],
            entry_month: vec![1, 4],
            exit_month: vec![12, 6],
            payer: vec![0, 0],
            payers: vec!["payer".to_owned()],
            ..Columns::default()
        }
    }

    #[test]
    fn part_of_a_year() {
        let second = Population::new(two_members()).unwrap().members()[1].in_year(1);
        assert_eq!((second.exposed_risk, second.first_month, second.months), (0.5, 3, 3));
    }

    /// Without years, an entry after January and an exit before December are of the first performance year; who was
    /// there all of it was there before and stays.
    #[test]
    fn enrolment_over_several_years() {
        let mut columns = two_members();
        let months = |columns: &Columns, row: usize| {
            let population = Population::new(columns.clone()).unwrap();
            [-1, 0, 1, 2].map(|year| population.members()[row].in_year(year).months)
        };
        assert_eq!(months(&columns, 0), [12, 12, 12, 12]);
        assert_eq!(months(&columns, 1), [0, 0, 3, 0]);
        (columns.entry_month[1], columns.exit_month[0]) = (1, 9);
        assert_eq!(months(&columns, 0), [12, 12, 9, 0]);
        assert_eq!(months(&columns, 1), [12, 12, 6, 0]);
        (columns.entry_year, columns.exit_year) = (vec![0, -1], vec![2, 1]);
        assert_eq!(months(&columns, 0), [0, 12, 12, 9]);
        assert_eq!(months(&columns, 1), [12, 12, 6, 0]);
        let member = Population::new(columns).unwrap().members()[1].in_year(0);
        assert_eq!((member.age, member.first_month), (69, 0));
    }

    #[test]
    fn bad_columns_are_named() {
        let message = |change: fn(&mut Columns)| {
            let mut columns = two_members();
            change(&mut columns);
            Population::new(columns).unwrap_err().to_string()
        };
        assert_eq!(
            message(|c| c.exit_month[1] = 2),
            "population.exit_month[1]: must not be before entry_month (4), got 2"
        );
        assert_eq!(
            message(|c| c.risk_score[0] = f64::NAN),
            "population.risk_score[0]: must be a finite number of at least 0, got nan"
        );
        assert_eq!(
            message(|c| c.member[1] = 0),
            "population.member_id: must be different for every member, got the same in rows 0 and 1"
        );
        assert_eq!(
            message(|c| *c = Columns::default()),
            "population: must have at least one member, got an empty panel"
        );
    }
}
