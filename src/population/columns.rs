//! The columns of a panel as they arrive, and the rules their entries keep.

use indexmap::IndexMap;

use super::{MONTHS, MOST_BASE_YEARS, MOST_YEARS, Member, Sex};
use crate::error::{Place, Result, show};

/// Most payers of a panel; more is a mistaken column.
const MOST_PAYERS: usize = 1_000;

/// Columns as they arrive, one entry per member.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Word of the member's address: the hash of an identifier, or the row.
    pub member: Vec<u64>,
    /// Age in years, in the first performance year.
    pub age: Vec<f64>,
    /// Risk score; 1.0 is the average member of the rates.
    pub risk_score: Vec<f64>,
    /// First enrolled month, 1-12.
    pub entry_month: Vec<i64>,
    /// Last enrolled month, 1-12, included.
    pub exit_month: Vec<i64>,
    /// Year of the first enrolled month; empty where an entry in January is one at any time before.
    pub entry_year: Vec<i64>,
    /// Year of the last enrolled month; empty where an exit in December is none.
    pub exit_year: Vec<i64>,
    /// 0 female, 1 male, 2 neither or not known; empty where nothing asks for it.
    pub sex: Vec<i64>,
    /// Index into `payers`.
    pub payer: Vec<i64>,
    /// Names of the payers.
    pub payers: Vec<String>,
    /// Further numbers of each member, by name.
    pub factors: IndexMap<String, Vec<f64>>,
}

impl Columns {
    /// Checks what concerns whole columns.
    pub(super) fn check(&self, n: usize) -> Result<()> {
        let or_none = |length: usize| if length == 0 { n } else { length };
        let lengths = [
            ("member", self.member.len()),
            ("age", self.age.len()),
            ("entry_month", self.entry_month.len()),
            ("exit_month", self.exit_month.len()),
            ("entry_year", or_none(self.entry_year.len())),
            ("exit_year", or_none(self.exit_year.len())),
            ("sex", or_none(self.sex.len())),
            ("payer", self.payer.len()),
        ];
        let factors = self.factors.iter().map(|(name, values)| (name.as_str(), values.len()));
        for (name, length) in lengths.into_iter().chain(factors) {
            if length != n {
                let rule = format!("must have one entry per member ({n})");
                return Err(Place("population").error(name, rule).got(length).into());
            }
        }
        if self.payers.len() <= MOST_PAYERS {
            return Ok(());
        }
        let error = Place("population").error("payer", format!("must name at most {MOST_PAYERS} payers"));
        Err(error.got(self.payers.len()).hint("is it a column of members?").into())
    }

    /// Checks a row and makes it a member.
    pub(super) fn member_at(&self, row: usize) -> Result<Member> {
        let place = Place("population");
        let risk_score = self.risk_score[row];
        place.not_negative(&format!("risk_score[{row}]"), risk_score)?;
        place.within(&format!("age[{row}]"), self.age[row], 0.0, 130.0)?;
        let payer = u16::try_from(self.payer[row]).ok().filter(|p| usize::from(*p) < self.payers.len());
        let payer = payer.ok_or_else(|| {
            place.error(&format!("payer[{row}]"), "must be a known payer").got(show(self.payer[row] as f64))
        })?;
        let enrolled = (self.first_month(row)?, self.last_month(row)?);
        if enrolled.1 < enrolled.0 {
            let rule = format!("must not be before entry_month ({})", self.entry_month[row]);
            let error = place.error(&format!("exit_month[{row}]"), rule).got(self.exit_month[row]);
            return Err(match (self.entry_year.get(row), self.exit_year.get(row)) {
                (None, None) => error,
                _ => error.hint("of the year given by entry_year and exit_year"),
            }
            .into());
        }
        let sex = match self.sex.get(row) {
            Some(0) => Sex::Female,
            Some(1) => Sex::Male,
            _ => Sex::Other,
        };
        Ok(Member { word: self.member[row], risk_score, enrolled, payer, age: self.age[row] as u8, sex })
    }

    fn first_month(&self, row: usize) -> Result<i16> {
        let month = month_of_year("entry_month", &self.entry_month, row)?;
        let year = year_of("entry_year", &self.entry_year, row)?;
        Ok(match year {
            None if month == 1 => -(MONTHS as i16) * MOST_BASE_YEARS as i16,
            year => month_from_start(year.unwrap_or(1), month),
        })
    }

    fn last_month(&self, row: usize) -> Result<i16> {
        let month = month_of_year("exit_month", &self.exit_month, row)?;
        let year = year_of("exit_year", &self.exit_year, row)?;
        Ok(match year {
            None if month == MONTHS as i16 => month_from_start(MOST_YEARS as i16, month),
            year => month_from_start(year.unwrap_or(1), month),
        })
    }
}

fn month_from_start(year: i16, month: i16) -> i16 {
    (year - 1) * MONTHS as i16 + month
}

fn month_of_year(name: &str, months: &[i64], row: usize) -> Result<i16> {
    Place("population").within(&format!("{name}[{row}]"), months[row] as f64, 1.0, MONTHS as f64)?;
    Ok(months[row] as i16)
}

fn year_of(name: &str, years: &[i64], row: usize) -> Result<Option<i16>> {
    let Some(year) = years.get(row) else { return Ok(None) };
    let (earliest, latest) = (1.0 - f64::from(MOST_BASE_YEARS), f64::from(MOST_YEARS));
    Place("population").within(&format!("{name}[{row}]"), *year as f64, earliest, latest)?;
    Ok(Some(*year as i16))
}
