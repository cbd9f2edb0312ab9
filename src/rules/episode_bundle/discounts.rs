//! Discounts of a target price by quality: rungs that fall while the score rises, for gains and for losses apart.

use crate::error::{Place, Result, show};
use crate::money::{Amount, Term};
use crate::terms::{Rung, ladder};

/// What is taken off target prices, where episodes cost less than these and where they cost more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Discounts<'a> {
    /// Whatever the score, where there are no rungs.
    pub flat: &'a Term,
    /// By the score, for gains.
    pub gains: &'a [Rung],
    /// By the score, for losses; none: as for gains.
    pub losses: Option<&'a [Rung]>,
}

impl Discounts<'_> {
    /// The discount where there is a gain.
    pub fn of_gains<A: Amount>(&self, score: A) -> A {
        if self.gains.is_empty() { A::term(self.flat) } else { ladder(score, self.gains) }
    }

    /// The discount where there is a loss.
    pub fn of_losses<A: Amount>(&self, score: A) -> A {
        self.losses.map_or_else(|| self.of_gains(score), |rungs| ladder(score, rungs))
    }

    /// Refuses rungs out of order, two discounts at once, and losses that begin where gains have not ended.
    pub fn check(&self, place: Place<'_>, best_score: f64) -> Result<()> {
        place.rate("discount", self.flat.value())?;
        if !self.gains.is_empty() && self.flat.value() != 0.0 {
            let rule = "must be left out where quality_discounts say what is taken off";
            return Err(place.error("discount", rule).got(show(self.flat.value())).into());
        }
        check_rungs(place, "quality_discounts", self.gains, best_score)?;
        let Some(losses) = self.losses else { return Ok(()) };
        if self.gains.is_empty() || losses.is_empty() {
            let rule = "must be rungs beside those of quality_discounts";
            return Err(place.error("quality_loss_discounts", rule).into());
        }
        check_rungs(place, "quality_loss_discounts", losses, best_score)?;
        for rung in self.gains.iter().chain(losses) {
            let (gain, loss) = (self.of_gains(rung.from.value()), self.of_losses(rung.from.value()));
            if loss > gain {
                let rule = format!(
                    "must not lie above quality_discounts ({} at a score of {}): episodes would gain and lose at once",
                    show(gain),
                    show(rung.from.value())
                );
                return Err(place.error("quality_loss_discounts", rule).got(show(loss)).into());
            }
        }
        Ok(())
    }
}

fn check_rungs(place: Place<'_>, field: &str, rungs: &[Rung], best_score: f64) -> Result<()> {
    for (position, rung) in rungs.iter().enumerate() {
        let path = format!("{}[{position}]", place.field(field));
        let place = Place(&path);
        let (from, gives) = (rung.from.value(), rung.gives.value());
        place.within("from", from, 0.0, best_score)?;
        place.rate("gives", gives)?;
        let Some(before) = position.checked_sub(1).map(|before| &rungs[before]) else {
            if from == 0.0 {
                continue;
            }
            let rule = "must begin at 0: every score has a discount";
            return Err(place.error("from", rule).got(show(from)).into());
        };
        if from <= before.from.value() {
            return Err(place.error("from", "must lie above the rung before").got(show(from)).into());
        }
        if gives > before.gives.value() {
            let rule = "must not lie above the rung before: a better score never costs more";
            return Err(place.error("gives", rule).got(show(gives)).into());
        }
    }
    Ok(())
}
