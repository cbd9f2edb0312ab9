//! The minimum savings or loss rate: elected, or read off a table by the number of members.

use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::terms::{TableBand, in_bands};

/// Terms of the minimum rates.
#[derive(Debug, Clone, Copy)]
pub struct MinimumRate<'a> {
    /// What must be saved, as a part of the benchmark.
    pub savings: &'a Term,
    /// What must be lost.
    pub losses: &'a Term,
    /// Rates by members, for savings and losses alike.
    pub table: &'a [TableBand],
    /// Below so many members the table holds whatever was elected; none: it always holds, where there is one.
    pub table_below_members: Option<&'a Term>,
}

/// Which minimum is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// That of savings.
    Savings,
    /// That of losses.
    Losses,
}

impl MinimumRate<'_> {
    /// The rate of a provider with so many members; `elected` goes before the terms where it is known.
    pub fn at<A: Amount>(&self, side: Side, members: A, elected: Option<A>) -> A {
        let below = self.table_below_members;
        if !self.table.is_empty() && below.is_none_or(|below| members < A::term(below)) {
            return in_bands(members, self.table);
        }
        elected.unwrap_or_else(|| {
            A::term(match side {
                Side::Savings => self.savings,
                Side::Losses => self.losses,
            })
        })
    }

    /// Refuses rates beyond 1, and tables whose bands are out of order.
    pub fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("minimum_savings_rate", self.savings.value())?;
        place.rate("minimum_loss_rate", self.losses.value())?;
        check_table(place, self.table)?;
        let below = self.table_below_members;
        below.map_or(Ok(()), |members| place.not_negative("table_below_members", members.value()))
    }
}

/// Refuses rates beyond 1 and bands out of order.
pub(super) fn check_table(place: Place<'_>, table: &[TableBand]) -> Result<()> {
    let mut before = Some(f64::NEG_INFINITY);
    for (position, band) in table.iter().enumerate() {
        let path = place.field(&format!("minimum_rate_table[{position}]"));
        let place = Place(&path);
        place.rate("low", band.low.value())?;
        place.rate("high", band.high.value())?;
        place.not_negative("from", band.from.value())?;
        if before.is_none_or(|before| band.from.value() <= before) {
            let rule = "must lie above the end of the band before it: bands do not overlap";
            return Err(place.error("from", rule).got(show(band.from.value())).into());
        }
        if let Some(to) = band.to.filter(|to| to.value().is_nan() || to.value() < band.from.value()) {
            return Err(place.error("to", "must not lie below from").got(show(to.value())).into());
        }
        before = band.to.map(|to| to.value());
    }
    Ok(())
}
