//! Episode bundle: all care in the windows of episodes for one price, reconciled afterwards or paid beforehand.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::bundle_settlement::{Bundle, Kind as OfKind, Prospective, Way};
use super::episode_baseline::BaselineSpec;
use super::episode_windows::Counting;
use super::quality_score::QualityScore;
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Scope};
use crate::error::{Place, Result};
use crate::ledger::{Account, Month};
use crate::money::Term;
use crate::rules::episode_bundle::{EpisodeReconciliation, ProspectiveBundle};
use crate::terms::Rung;
use crate::utilization::{DAYS_OF_MONTH, ServiceTerms};
use crate::views::{ViewPlan, Whose};

/// Dollars of an episode by its name; under an empty name those of every episode.
pub(super) type ByEpisode = BTreeMap<String, Term>;

/// Terms of an episode bundle.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeBundle {
    pub(super) episodes: Vec<String>,
    pub(super) kind: Kind,
    pub(super) target_price: Option<ByEpisode>,
    pub(super) discount: Term,
    pub(super) truncate_at: Option<ByEpisode>,
    pub(super) raise_to: Option<ByEpisode>,
    pub(super) minimum_savings_rate: Term,
    pub(super) minimum_loss_rate: Term,
    pub(super) sharing_rate: Term,
    pub(super) loss_rate: Term,
    pub(super) stop_gain_rate: Option<Term>,
    pub(super) stop_loss_rate: Option<Term>,
    pub(super) best_score: Term,
    pub(super) quality_gain_cut: Term,
    pub(super) quality_loss_cut: Term,
    pub(super) quality_discounts: Vec<Rung>,
    pub(super) quality_loss_discounts: Option<Vec<Rung>>,
    pub(super) least_quality: Option<Term>,
    pub(super) quality_score: Option<Term>,
    pub(super) quality_measures: Vec<String>,
    pub(super) post_episode_threshold: Option<ByEpisode>,
    pub(super) post_episode_days: Term,
    pub(super) warranty_share: Term,
    /// Services whose dollars count, all where none are named, and those that are readmissions.
    #[serde(default)]
    pub(super) services: Option<Scope>,
    #[serde(default)]
    pub(super) readmission_services: Option<Scope>,
    /// Name of the members' multipliers of target prices.
    #[serde(default)]
    pub(super) target_multipliers: Option<String>,
    #[serde(default)]
    pub(super) baseline: Option<BaselineSpec>,
    pub(super) case_attachment: Option<ByEpisode>,
    pub(super) case_ceded_share: Term,
    pub(super) aggregate_attachment_rate: Option<Term>,
    pub(super) stop_loss_premium: Term,
    pub(super) excludes_attributed: Value,
    pub(super) settle_month: Term,
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

/// When the price is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Afterwards, the difference from what was paid.
    Retrospective,
    /// Beforehand.
    Prospective,
}

impl EpisodeBundle {
    /// The rule that reconciles all episodes together.
    pub(super) fn reconciliation(&self) -> EpisodeReconciliation {
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

    pub(super) fn aggregate(&self) -> ProspectiveBundle {
        ProspectiveBundle { aggregate_attachment_rate: self.aggregate_attachment_rate }
    }

    /// Whose episodes it is of.
    fn whose(&self, arm: &ArmBook<'_>) -> Whose {
        let attributed = arm.attributed();
        if self.excludes_attributed() { Whose { attributed: Some(false), ..attributed } } else { attributed }
    }

    fn kind_of(&self, name: &str, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Option<OfKind> {
        let episode = arm.book.episodes.iter().position(|known| known.name == name)?;
        let of = |dollars: &Option<ByEpisode>| of_episode(dollars.as_ref(), name);
        let (raise_to, whose) = (of(&self.raise_to), self.whose(arm));
        let floor = raise_to.map_or(0.0, |least| least.value());
        let most = of(&self.truncate_at).map_or(f64::INFINITY, |most| most.value());
        let worth = Worth { bundle: self, services: &arm.book.services };
        let (in_full, borne, payers) =
            (|s| worth.in_full(s), |s| worth.borne(s), |s| worth.borne_by_payer(s));
        let paid = self.kind == Kind::Prospective;
        let counting = Counting { episode, whose, paid, value: &borne, after: 0.0 };
        let days = self.post_episode_days.value();
        let after = Counting { value: &in_full, after: days / DAYS_OF_MONTH, ..counting };
        let of_payer = Counting { value: &payers, ..counting };
        let (all, priced) = ((0.0, f64::INFINITY), (episode, whose));
        Some(OfKind {
            name: name.to_owned(),
            price: of(&self.target_price)?,
            raise_to,
            episodes: arm.episodes_that_begin(priced, None, views),
            weighted: (self.target_multipliers.as_ref())
                .map(|name| arm.episodes_that_begin(priced, Some(name), views)),
            dollars: arm.episode_layers(counting, (floor, most - floor), views),
            above: of(&self.case_attachment)
                .map(|point| arm.episode_layers(counting, (point.value(), f64::INFINITY), views)),
            of_payer: self.readmission_services.as_ref().map(|_| arm.episode_layers(of_payer, all, views)),
            after: of(&self.post_episode_threshold)
                .map(|threshold| (threshold, arm.episode_layers(after, all, views))),
        })
    }
}

/// What a dollar of each service inside a window is worth.
struct Worth<'a> {
    bundle: &'a EpisodeBundle,
    services: &'a [ServiceTerms],
}

impl Worth<'_> {
    /// Whether it counts: 1, or 0.
    fn in_full(&self, service: usize) -> f64 {
        let counted = self.bundle.services.as_ref();
        f64::from(u8::from(counted.is_none_or(|counted| counted.contains(&self.services[service]))))
    }

    /// The provider's part of it.
    fn borne(&self, service: usize) -> f64 {
        self.in_full(service) - self.borne_by_payer(service)
    }

    /// The payer's part of it, of readmissions.
    fn borne_by_payer(&self, service: usize) -> f64 {
        let readmissions = self.bundle.readmission_services.as_ref();
        let readmits = readmissions.is_some_and(|all| all.contains(&self.services[service]));
        if readmits { 1.0 - self.bundle.warranty_share.value() } else { 0.0 }
    }
}

/// The dollars of an episode, where there are any.
pub(super) fn of_episode(dollars: Option<&ByEpisode>, name: &str) -> Option<Term> {
    let dollars = dollars?;
    dollars.get(name).or_else(|| dollars.get("")).copied()
}

impl Contract for EpisodeBundle {
    type Settlement = Bundle;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_terms(place, book)?;
        check_settle_month(place, &self.settle_month)
    }

    fn episodes(&self) -> &[String] {
        &self.episodes
    }

    fn excludes_attributed(&self) -> bool {
        self.excludes_attributed == Value::Bool(true)
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::EpisodeGain, Account::EpisodePrice]
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Bundle {
        if self.baseline.is_some() {
            views.base_years();
        }
        let kinds = self.episodes.iter().filter_map(|name| self.kind_of(name, arm, views)).collect();
        let way = match self.kind {
            Kind::Retrospective => {
                let score = (self.quality_score.unwrap_or_default(), self.best_score);
                Way::Retrospective {
                    rule: self.reconciliation().into(),
                    quality_score: QualityScore::declare(&self.quality_measures, score, arm, views),
                }
            }
            Kind::Prospective => Way::Prospective(Prospective {
                rule: self.aggregate(),
                discount: self.discount,
                case_ceded_share: self.case_ceded_share,
                premium: self.stop_loss_premium,
            }),
        };
        let base_years = arm.book.horizon.base_years;
        let baseline = self.baseline.as_ref().map(|baseline| baseline.compile(base_years));
        Bundle { kinds, way, baseline, settle_month: self.settle_month.value() as Month }
    }
}
