//! Stop-loss: a reinsurer repays the part of each member's year, or of the whole panel's, above an attachment point.

use serde::Deserialize;
use serde_json::Value;

use super::settle_month::check_settle_month;
use super::stop_loss_cover::Cover;
use super::{ArmBook, Bearer, Book, Contract, Counted, Part, Scope};
use crate::error::{Place, Result, show};
use crate::ledger::{LAST_MONTH, Month};
use crate::money::Term;
use crate::population::MONTHS;
use crate::reading::shown;
use crate::views::ViewPlan;

/// Highest attachment as a multiple of what is expected; a percent (120 for 1.2) is far above it.
const HIGHEST_ATTACHMENT_RATE: f64 = 10.0;

/// Terms of stop-loss.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopLoss {
    #[serde(default)]
    kind: Kind,
    attachment_point: Option<Term>,
    attachment_rate: Option<Term>,
    expected_pmpm: Option<Term>,
    ceded_share: Term,
    limit: Option<Term>,
    premium_pmpm: Term,
    scope: Option<Scope>,
    settle_month: Term,
    #[serde(default)]
    lasers: Vec<Laser>,
    #[serde(default = "incurred")]
    basis: Value,
    #[serde(default)]
    payment_lag_months: Term,
    #[serde(default = "Term::one")]
    value_own_services_at: Term,
}

/// Whose dollars attach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Each member's.
    #[default]
    Specific,
    /// Those of all members together.
    Aggregate,
}

/// A member whose cover begins elsewhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Laser {
    /// As the user knows the member.
    member_id: String,
    /// Row of the panel.
    row: usize,
    /// Dollars per member-year.
    attachment_point: Term,
}

fn incurred() -> Value {
    Value::from("incurred")
}

impl StopLoss {
    fn check_attachment(&self, place: Place<'_>) -> Result<()> {
        let refuse = |name: &str, rule: &str, got: &str| Err(place.error(name, rule).got(got).into());
        let aggregate = self.kind == Kind::Aggregate;
        match (&self.attachment_point, &self.attachment_rate) {
            (_, Some(_)) if !aggregate => {
                refuse("attachment_rate", "must not be given for a specific cover", "a rate")
            }
            (Some(_), Some(_)) => {
                refuse("attachment_rate", "must not be given beside attachment_point", "both")
            }
            (None, None) if aggregate => {
                refuse("attachment_point", "must be given, or attachment_rate", "neither")
            }
            (None, None) => refuse("attachment_point", "must be a number", "None"),
            (Some(point), None) => {
                place.not_negative("attachment_point", point.value())?;
                if self.expected_pmpm.is_none() {
                    return Ok(());
                }
                refuse("expected_pmpm", "must not be given without attachment_rate", "a number")
            }
            (None, Some(rate)) => {
                place.within("attachment_rate", rate.value(), 0.0, HIGHEST_ATTACHMENT_RATE)?;
                match &self.expected_pmpm {
                    Some(expected) => place.not_negative("expected_pmpm", expected.value()),
                    None => refuse("expected_pmpm", "must be given beside attachment_rate", "None"),
                }
            }
        }
    }

    fn check_lasers(&self, place: Place<'_>) -> Result<()> {
        let least = self.attachment_point.map_or(0.0, |point| point.value());
        for laser in &self.lasers {
            let field = format!("lasers[{}]", laser.member_id);
            if self.kind == Kind::Aggregate {
                let rule = "must be given for a specific cover alone";
                return Err(place.error("lasers", rule).got("an aggregate one").into());
            }
            place.not_negative(&field, laser.attachment_point.value())?;
            if laser.attachment_point.value() < least {
                let rule = format!("must be at least attachment_point ({})", show(least));
                return Err(place.error(&field, rule).got(show(laser.attachment_point.value())).into());
            }
        }
        Ok(())
    }

    /// The last month, from the start of the year, in which covered claims are paid.
    fn paid_within(&self) -> Option<Month> {
        let text = self.basis.as_str()?;
        if text == "incurred" {
            return Some(Month::MAX);
        }
        let months: Month = text.strip_prefix("12/")?.parse().ok()?;
        (MONTHS as Month..=LAST_MONTH).contains(&months).then_some(months)
    }

    fn check_basis(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let Some(paid_within) = self.paid_within() else {
            let rule = format!("must be \"incurred\" or \"12/12\" to \"12/{LAST_MONTH}\"");
            let error = place.error("basis", rule).got(shown(&self.basis));
            let hint = "incurred in 12 months and paid within so many of their start";
            return Err(error.hint(hint).into());
        };
        let (lag, last) = (self.payment_lag_months.value(), f64::from(paid_within.min(LAST_MONTH)));
        if lag.fract() != 0.0 || !(0.0..last).contains(&lag) {
            let rule = format!("must be a whole number of months, at least 0 and below {last}");
            return Err(place.error("payment_lag_months", rule).got(show(lag)).into());
        }
        if self.months() < MONTHS && book.cost_sharing.iter().any(Option::is_some) {
            let rule = "must leave no claim out where members pay in the order of their claims";
            let error = place.error("basis", rule).got(shown(&self.basis));
            return Err(error.hint("basis=\"incurred\" leaves none out, nor does a shorter lag").into());
        }
        Ok(())
    }

    /// How many months of the year have claims that are paid in time.
    fn months(&self) -> usize {
        let lag = self.payment_lag_months.value() as Month;
        usize::from(self.paid_within().unwrap_or(Month::MAX).saturating_sub(lag)).min(MONTHS)
    }

    /// The part of each member's year that is repaid, or of which the whole panel's is made.
    fn part(&self) -> Part {
        let limit = self.limit.map_or(f64::INFINITY, |limit| limit.value());
        let (attachment, limit) = match self.kind {
            Kind::Specific => (self.attachment_point.map_or(0.0, |point| point.value()), limit),
            Kind::Aggregate => (0.0, f64::INFINITY),
        };
        let lasers = self.lasers.iter().map(|laser| (laser.row, laser.attachment_point.value()));
        let mut lasers: Vec<_> = lasers.collect();
        lasers.sort_by_key(|laser| laser.0);
        let own_value = self.value_own_services_at.value();
        Part { own_value, lasers, months: self.months(), ..Part::above(attachment, limit) }
    }
}

impl Contract for StopLoss {
    type Settlement = Cover;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_attachment(place)?;
        place.rate("ceded_share", self.ceded_share.value())?;
        if let Some(limit) = &self.limit {
            place.not_negative("limit", limit.value())?;
        }
        place.not_negative("premium_pmpm", self.premium_pmpm.value())?;
        self.check_lasers(place)?;
        self.check_basis(place, book)?;
        place.rate("value_own_services_at", self.value_own_services_at.value())?;
        check_settle_month(place, &self.settle_month)?;
        self.scope.as_ref().map_or(Ok(()), |scope| scope.check(place, book))
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Cover {
        let any_capitation = arm.bears(Bearer::Capitation);
        let services = |payer: usize, service: usize| match &self.scope {
            Some(scope) => scope.contains(&arm.book.services[service]),
            None => !any_capitation || arm.bearers[payer][service] == Bearer::Capitation,
        };
        let counted = Counted { paid: true, services: &services, whose: arm.members() };
        Cover {
            dollars: arm.parts(views, counted, &self.part()),
            exposure: arm.exposure(views),
            aggregate: self.kind == Kind::Aggregate,
            bundles: if any_capitation { arm.positions_of_bundles() } else { Vec::new() },
            attachment_point: self.attachment_point,
            attachment_rate: self.attachment_rate,
            expected_pmpm: self.expected_pmpm,
            ceded_share: self.ceded_share,
            limit: self.limit,
            premium_pmpm: self.premium_pmpm,
            settle_month: self.settle_month.value() as Month,
        }
    }
}
