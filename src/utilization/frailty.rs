//! Dispersion of use between members of the same risk score: a permanent part and a yearly part, each of mean 1.
//!
//! Frailty is permanent × yearly. With coefficient of variation c and permanent share w the permanent part has variance
//! w c² and the yearly part (1 − w) c² / (1 + w c²), so that their product has variance c² and the frailties of two
//! years have correlation w. Beside that a share p of members may never use anything, or use nothing in a year and be
//! others in every year; the rest use 1 / (1 − p) as much.

use serde::Deserialize;

use super::tables::Tables;
use crate::distributions::{Family, Frailty};
use crate::error::{Place, Result};
use crate::money::Number;

/// A frailty as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrailtySpec {
    #[serde(default)]
    family: Family,
    cv: Number,
    #[serde(default = "all")]
    permanent_share: Number,
    #[serde(default = "none")]
    non_user_share: Number,
    #[serde(default = "none")]
    never_user_share: Number,
}

fn none() -> Number {
    Number(0.0)
}

fn all() -> Number {
    Number(1.0)
}

/// Where a frailty's word stands among its blocks: the kept part before those of performance years 1, 2, ..., base years
/// before it, so that one block holds what three years need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrailtyPlace {
    pub block: u64,
    pub word: usize,
}

/// The place of the kept part.
pub(super) const KEPT: FrailtyPlace = FrailtyPlace { block: 0, word: 0 };

impl FrailtyPlace {
    /// The place of the part that belongs to a year.
    pub(super) fn of_year(label: i8) -> Self {
        let place = i64::from(label) - i64::from(label < 1);
        Self { block: place.div_euclid(4).cast_unsigned(), word: place.rem_euclid(4) as usize }
    }
}

/// The two parts of a frailty, compiled.
#[derive(Debug, Clone)]
pub struct Dispersion {
    /// The part that a member keeps.
    pub permanent: Frailty,
    /// The part that is another in every year.
    pub yearly: Frailty,
}

impl FrailtySpec {
    /// A gamma frailty that members keep.
    pub(super) fn gamma(cv: Number) -> Self {
        Self {
            family: Family::Gamma,
            cv,
            permanent_share: all(),
            non_user_share: none(),
            never_user_share: none(),
        }
    }

    /// Checks the terms, naming them at `place`.
    pub(super) fn check(&self, place: Place<'_>) -> Result<()> {
        place.within("cv", self.cv.0, 0.0, 20.0)?;
        place.rate("permanent_share", self.permanent_share.0)?;
        for (field, share) in
            [("non_user_share", self.non_user_share), ("never_user_share", self.never_user_share)]
        {
            place.rate(field, share.0)?;
            if share.0 == 1.0 {
                return Err(place.error(field, "must be below 1: somebody must use care").got("1").into());
            }
        }
        Ok(())
    }

    /// Coefficients of variation of the part that members keep and of that of a year.
    fn parts(&self) -> (f64, f64) {
        let (cv, share) = (self.cv.0, self.permanent_share.0);
        match share {
            0.0 => (0.0, cv),
            1.0 => (cv, 0.0),
            _ => {
                let variance = cv * cv;
                let kept = share * variance;
                (kept.sqrt(), ((1.0 - share) * variance / (1.0 + kept)).sqrt())
            }
        }
    }

    /// Compiles checked terms.
    pub(super) fn compile(&self, tables: &mut Tables) -> Dispersion {
        let (permanent, yearly) = self.parts();
        Dispersion {
            permanent: tables.frailty(self.family, permanent, self.never_user_share.0),
            yearly: tables.frailty(self.family, yearly, self.non_user_share.0),
        }
    }
}

impl Dispersion {
    /// Nobody differs.
    #[must_use]
    pub fn none() -> Self {
        Self { permanent: Frailty::None, yearly: Frailty::None }
    }

    /// Whether anyone differs.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.permanent.is_any() || self.yearly.is_any()
    }

    /// The largest product with another that rates are checked for: of one part alone what any word can give, of several
    /// a value in a million of each.
    #[must_use]
    pub fn largest_beside(&self, other: &Self) -> f64 {
        let parts = [&self.permanent, &self.yearly, &other.permanent, &other.yearly];
        let any: Vec<_> = parts.into_iter().filter(|part| part.is_any()).collect();
        match any.as_slice() {
            [alone] => alone.largest(),
            several => several.iter().map(|part| part.at_word(IN_A_MILLION)).product(),
        }
    }
}

/// A word whose uniform is one in a million from the top.
const IN_A_MILLION: u64 = u64::MAX - (u64::MAX / 1_000_000);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_parts_share_a_word() {
        let place = |label| FrailtyPlace::of_year(label);
        assert_eq!([1, 2, 3].map(place), [1, 2, 3].map(|word| FrailtyPlace { block: 0, word }));
        assert_eq!(place(4), FrailtyPlace { block: 1, word: 0 });
        assert_eq!([0, -3].map(place), [3, 0].map(|word| FrailtyPlace { block: u64::MAX, word }));
        assert_eq!(place(-4), FrailtyPlace { block: u64::MAX - 1, word: 3 });
        let mut all: Vec<_> = (-9..=20).map(place).chain([KEPT]).map(|at| (at.block, at.word)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 31);
    }
}
