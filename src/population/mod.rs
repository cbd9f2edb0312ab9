//! Members in columns: who is enrolled, when, with which risk score and payer.

use crate::error::{InputError, Place, Result, show};

/// Months of a year.
pub const MONTHS: usize = 12;

/// Most payers of a panel; more is a mistaken column.
const MOST_PAYERS: usize = 1_000;

/// Columns as they arrive, one entry per member.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Word of the member's address: the hash of an identifier, or the row.
    pub member: Vec<u64>,
    /// Age in years.
    pub age: Vec<f64>,
    /// Risk score; 1.0 is the average member of the rates.
    pub risk_score: Vec<f64>,
    /// First enrolled month, 1-12.
    pub entry_month: Vec<i64>,
    /// Last enrolled month, 1-12, included.
    pub exit_month: Vec<i64>,
    /// Index into `payers`.
    pub payer: Vec<i64>,
    /// Names of the payers.
    pub payers: Vec<String>,
}

/// A checked panel.
#[derive(Debug, Clone)]
pub struct Population {
    members: Vec<Member>,
    payers: Vec<String>,
}

/// One member in the form the simulation loop reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// Word of the address.
    pub word: u64,
    /// Risk score times the enrolled part of the year: the member's weight in every rate.
    pub exposed_risk: f64,
    /// First enrolled month, from 0.
    pub first_month: u8,
    /// Number of enrolled months.
    pub months: u8,
    /// Index of the payer.
    pub payer: u16,
}

impl Population {
    /// Checks the columns and turns them into members.
    pub fn new(columns: Columns) -> Result<Self> {
        let n = columns.risk_score.len();
        if n == 0 {
            return Err(InputError::new("population", "must have at least one member")
                .got("an empty panel")
                .into());
        }
        columns.check_lengths(n)?;
        columns.check_payers()?;
        refuse_repeated_members(&columns.member)?;
        let members = (0..n).map(|row| columns.member_at(row)).collect::<Result<_>>()?;
        Ok(Self { members, payers: columns.payers })
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

    /// Members enrolled in each month, of one payer or of all.
    #[must_use]
    pub fn enrolled(&self, payer: Option<u16>) -> [f64; MONTHS] {
        let mut enrolled = [0.0; MONTHS];
        for member in self.members.iter().filter(|member| payer.is_none_or(|p| p == member.payer)) {
            let first = usize::from(member.first_month);
            enrolled[first..first + usize::from(member.months)].iter_mut().for_each(|month| *month += 1.0);
        }
        enrolled
    }
}

impl Columns {
    fn check_lengths(&self, n: usize) -> Result<()> {
        let lengths = [
            ("member", self.member.len()),
            ("age", self.age.len()),
            ("entry_month", self.entry_month.len()),
            ("exit_month", self.exit_month.len()),
            ("payer", self.payer.len()),
        ];
        for (name, length) in lengths {
            if length != n {
                let rule = format!("must have one entry per member ({n})");
                return Err(Place("population").error(name, rule).got(length).into());
            }
        }
        Ok(())
    }

    fn check_payers(&self) -> Result<()> {
        if self.payers.len() <= MOST_PAYERS {
            return Ok(());
        }
        let error = Place("population").error("payer", format!("must name at most {MOST_PAYERS} payers"));
        Err(error.got(self.payers.len()).hint("is it a column of members?").into())
    }

    fn member_at(&self, row: usize) -> Result<Member> {
        let place = Place("population");
        let risk_score = self.risk_score[row];
        place.not_negative(&format!("risk_score[{row}]"), risk_score)?;
        place.within(&format!("age[{row}]"), self.age[row], 0.0, 130.0)?;
        let (entry, exit) = (self.entry_month[row], self.exit_month[row]);
        for (name, month) in [("entry_month", entry), ("exit_month", exit)] {
            place.within(&format!("{name}[{row}]"), month as f64, 1.0, MONTHS as f64)?;
        }
        if exit < entry {
            let rule = format!("must not be before entry_month ({entry})");
            return Err(place.error(&format!("exit_month[{row}]"), rule).got(exit).into());
        }
        let payer = u16::try_from(self.payer[row]).ok().filter(|p| usize::from(*p) < self.payers.len());
        let payer = payer.ok_or_else(|| {
            place.error(&format!("payer[{row}]"), "must be a known payer").got(show(self.payer[row] as f64))
        })?;
        let months = (exit - entry + 1) as u8;
        let exposed_risk = risk_score * (f64::from(months) / MONTHS as f64);
        Ok(Member { word: self.member[row], exposed_risk, first_month: (entry - 1) as u8, months, payer })
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
        }
    }

    #[test]
    fn enrolled_members_by_month() {
        let population = Population::new(two_members()).unwrap();
        assert_eq!(population.enrolled(None), [1., 1., 1., 2., 2., 2., 1., 1., 1., 1., 1., 1.]);
        assert_eq!(population.members()[1].exposed_risk, 0.5);
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
