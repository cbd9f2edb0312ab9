//! Episode bundle: all care in the windows of episodes for one price, reconciled afterwards or paid beforehand.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::bundle_settlement::{Bundle, Kind as OfKind, Way};
use super::quality_score::{QualityScore, beside_measures, check_measures};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Month};
use crate::money::Term;
use crate::rules::Rule;
use crate::rules::episode_bundle::{EpisodeReconciliation, ProspectiveBundle};
use crate::terms::Rung;
use crate::views::ViewPlan;

/// Dollars of an episode by its name; under an empty name those of every episode.
type ByEpisode = BTreeMap<String, Term>;

/// Terms of an episode bundle.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeBundle {
    episodes: Vec<String>,
    kind: Kind,
    target_price: Option<ByEpisode>,
    discount: Term,
    truncate_at: Option<ByEpisode>,
    raise_to: Option<ByEpisode>,
    minimum_savings_rate: Term,
    minimum_loss_rate: Term,
    sharing_rate: Term,
    loss_rate: Term,
    stop_gain_rate: Option<Term>,
    stop_loss_rate: Option<Term>,
    best_score: Term,
    quality_gain_cut: Term,
    quality_loss_cut: Term,
    quality_discounts: Vec<Rung>,
    quality_loss_discounts: Option<Vec<Rung>>,
    least_quality: Option<Term>,
    quality_score: Option<Term>,
    quality_measures: Vec<String>,
    post_episode_threshold: Option<ByEpisode>,
    warranty_share: Term,
    case_attachment: Option<ByEpisode>,
    case_ceded_share: Term,
    aggregate_attachment_rate: Option<Term>,
    settle_month: Term,
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

/// When the price is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Afterwards, the difference from what was paid.
    Retrospective,
    /// Beforehand.
    Prospective,
}

impl EpisodeBundle {
    /// The rule that reconciles all episodes together.
    fn reconciliation(&self) -> EpisodeReconciliation {
        EpisodeReconciliation {
            discount: self.discount,
            quality_discounts: self.quality_discounts.clone(),
            quality_loss_discounts: self.quality_loss_discounts.clone(),
            best_score: self.best_score,
            least_quality: self.least_quality,
            quality_gain_cut: self.quality_gain_cut,
            quality_loss_cut: self.quality_loss_cut,
            minimum_savings_rate: self.minimum_savings_rate,
            minimum_loss_rate: self.minimum_loss_rate,
            sharing_rate: self.sharing_rate,
            loss_rate: self.loss_rate,
            stop_gain_rate: self.stop_gain_rate,
            stop_loss_rate: self.stop_loss_rate,
        }
    }

    fn check_episodes(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let known = || match book.episodes[..] {
            [] => "the utilization has none: Utilization(services, episodes=[Episode(...)])".to_owned(),
            _ => format!("the episodes are {}", book.episodes.join(", ")),
        };
        for (position, name) in self.episodes.iter().enumerate() {
            if !book.episodes.contains(name) {
                let error = place.error("episodes", "must be episodes of the utilization");
                return Err(error.got(format!("{name:?}")).hint(known()).into());
            }
            if self.episodes[..position].contains(name) {
                let error = place.error("episodes", "must name each episode once");
                return Err(error.got(format!("{name:?} twice")).into());
            }
        }
        Ok(())
    }

    fn check_dollars(&self, place: Place<'_>) -> Result<()> {
        if self.target_price.is_none() {
            let error = place.error("target_price", "must be given").got("None");
            return Err(error.hint("no price is assumed: they are published by region and year").into());
        }
        for (field, dollars) in [
            ("target_price", &self.target_price),
            ("truncate_at", &self.truncate_at),
            ("raise_to", &self.raise_to),
            ("case_attachment", &self.case_attachment),
        ] {
            let Some(dollars) = dollars else { continue };
            for (name, of) in dollars {
                if !name.is_empty() && !self.episodes.contains(name) {
                    let error = place.error(field, "must be by episodes of the bundle");
                    let hint = format!("they are {}", self.episodes.join(", "));
                    return Err(error.got(format!("{name:?}")).hint(hint).into());
                }
                let at = if name.is_empty() { field.to_owned() } else { format!("{field}[{name}]") };
                place.not_negative(&at, of.value())?;
            }
            if field != "target_price" {
                continue;
            }
            if let Some(name) = self.episodes.iter().find(|name| of_episode(Some(dollars), name).is_none()) {
                let error = place.error(field, "must have a price for every episode");
                return Err(error.got(format!("none of {name:?}")).into());
            }
        }
        for name in &self.episodes {
            let (least, most) =
                (of_episode(self.raise_to.as_ref(), name), of_episode(self.truncate_at.as_ref(), name));
            if let (Some(least), Some(most)) = (least, most) {
                place.within("raise_to", least.value(), 0.0, most.value())?;
            }
        }
        Ok(())
    }

    /// What a study does not know, or the other kind does not have.
    fn check_of_study(&self, place: Place<'_>) -> Result<()> {
        if self.post_episode_threshold.is_some() {
            let error = place.error("post_episode_threshold", "must be left out in a study").got("dollars");
            return Err(error.hint("what comes after windows is not looked at; .settle() knows it").into());
        }
        if self.warranty_share.value() != 1.0 {
            let error = place.error("warranty_share", "must be 1 in a study");
            let hint = "care in a window is not told apart; .settle() knows readmissions";
            return Err(error.got(show(self.warranty_share.value())).hint(hint).into());
        }
        Ok(())
    }

    fn check_quality(&self, place: Place<'_>, book: &Book) -> Result<()> {
        check_measures(&self.quality_measures, place, book)?;
        let looks = self.kind == Kind::Retrospective && self.reconciliation().looks_at_quality();
        match (&self.quality_score, self.quality_measures.is_empty()) {
            (Some(_), false) => Err(beside_measures(place, "both")),
            (Some(score), true) if self.best_score.value() == 1.0 => {
                place.rate("quality_score", score.value())
            }
            (Some(score), true) => place.within("quality_score", score.value(), 0.0, self.best_score.value()),
            (None, true) if looks => {
                let error = place.error("quality_score", "must be given, or quality_measures").got("neither");
                Err(error.hint("the terms look at quality").into())
            }
            (None, false) if !looks => {
                let error = place.error("quality_measures", "must be of use: nothing depends on their score");
                Err(error.got(self.quality_measures.join(", ")).into())
            }
            _ => Ok(()),
        }
    }

    fn check_prospective(&self, place: Place<'_>, book: &Book) -> Result<()> {
        place.rate("case_ceded_share", self.case_ceded_share.value())?;
        self.aggregate().check(place)?;
        if self.kind == Kind::Prospective && book.cost_sharing.iter().any(Option::is_some) {
            let rule = "must not be prospective where members pay in the order of their claims";
            return Err(place.error("kind", rule).got("prospective").into());
        }
        Ok(())
    }

    fn aggregate(&self) -> ProspectiveBundle {
        ProspectiveBundle { aggregate_attachment_rate: self.aggregate_attachment_rate }
    }

    fn kind_of(&self, name: &str, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Option<OfKind> {
        let episode = arm.book.episodes.iter().position(|known| known == name)?;
        let price = of_episode(self.target_price.as_ref(), name)?;
        let raise_to = of_episode(self.raise_to.as_ref(), name);
        let floor = raise_to.map_or(0.0, |least| least.value());
        let most = of_episode(self.truncate_at.as_ref(), name).map_or(f64::INFINITY, |most| most.value());
        let paid = self.kind == Kind::Prospective;
        let above = of_episode(self.case_attachment.as_ref(), name);
        Some(OfKind {
            price,
            raise_to,
            episodes: arm.episodes_that_begin(episode, views),
            dollars: arm.episode_layers(episode, paid, (floor, most - floor), views),
            above: above
                .map(|point| arm.episode_layers(episode, paid, (point.value(), f64::INFINITY), views)),
        })
    }
}

/// The dollars of an episode, where there are any.
fn of_episode(dollars: Option<&ByEpisode>, name: &str) -> Option<Term> {
    let dollars = dollars?;
    dollars.get(name).or_else(|| dollars.get("")).copied()
}

impl Contract for EpisodeBundle {
    type Settlement = Bundle;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_episodes(place, book)?;
        self.check_dollars(place)?;
        self.reconciliation().check(place)?;
        self.check_of_study(place)?;
        self.check_quality(place, book)?;
        self.check_prospective(place, book)?;
        check_settle_month(place, &self.settle_month)
    }

    fn episodes(&self) -> &[String] {
        &self.episodes
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::EpisodeGain, Account::EpisodePrice]
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Bundle {
        let kinds = self.episodes.iter().filter_map(|name| self.kind_of(name, arm, views)).collect();
        let way = match self.kind {
            Kind::Retrospective => {
                let score = (self.quality_score.unwrap_or_default(), self.best_score);
                Way::Retrospective {
                    rule: self.reconciliation().into(),
                    quality_score: QualityScore::declare(&self.quality_measures, score, arm, views),
                }
            }
            Kind::Prospective => Way::Prospective {
                rule: self.aggregate(),
                discount: self.discount,
                case_ceded_share: self.case_ceded_share,
            },
        };
        Bundle { kinds, way, settle_month: self.settle_month.value() as Month }
    }
}
