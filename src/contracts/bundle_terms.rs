//! The terms of an episode bundle that do not go with each other, or with the study: refused when it is built.

use serde_json::Value;

use super::Book;
use super::episode_bundle::{EpisodeBundle, Kind, of_episode};
use super::quality_score::{beside_measures, check_measures};
use crate::error::{Place, Result, show};
use crate::reading::shown;
use crate::rules::Rule;
use crate::utilization::{DAYS_OF_MONTH, EpisodeTerms, MOST_DAYS, ServiceTerms};

/// Days after an episode that are looked at where nothing else is said.
const USUAL_DAYS_AFTER: f64 = 30.0;

impl EpisodeBundle {
    /// Refuses what is wrong with the terms.
    pub(super) fn check_terms(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_episodes(place, book)?;
        self.check_dollars(place)?;
        self.reconciliation().check(place)?;
        self.check_services(place, book)?;
        self.check_after(place, book)?;
        self.check_members(place, book)?;
        self.check_quality(place, book)?;
        self.check_prospective(place, book)?;
        let baseline = self.baseline.as_ref();
        baseline.map_or(Ok(()), |baseline| baseline.check(Place(&place.field("baseline")), book))
    }

    fn check_episodes(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let known = || match &names(book)[..] {
            [] => "the utilization has none: Utilization(services, episodes=[Episode(...)])".to_owned(),
            names => format!("the episodes are {}", names.join(", ")),
        };
        for (position, name) in self.episodes.iter().enumerate() {
            if !names(book).contains(&name.as_str()) {
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
            ("post_episode_threshold", &self.post_episode_threshold),
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

    /// Services whose dollars count, and those that are readmissions, where a part of these is the payer's.
    fn check_services(&self, place: Place<'_>, book: &Book) -> Result<()> {
        for (field, scope) in
            [("services", &self.services), ("readmission_services", &self.readmission_services)]
        {
            scope.as_ref().map_or(Ok(()), |scope| scope.check_field(field, place, book))?;
        }
        let share = self.warranty_share.value();
        place.rate("warranty_share", share)?;
        let Some(readmissions) = &self.readmission_services else {
            if share == 1.0 {
                return Ok(());
            }
            let error = place.error("readmission_services", "must be given where warranty_share is below 1");
            return Err(error
                .got("none")
                .hint("name the services whose events in a window are readmissions")
                .into());
        };
        if share == 1.0 {
            let error = place.error("readmission_services", "must be left out where warranty_share is 1");
            return Err(error
                .got("services")
                .hint("the provider bears readmissions like all other care")
                .into());
        }
        let opens = |episode: &&EpisodeTerms| {
            episode.trigger.is_some_and(|service| readmissions.contains(&book.services[service]))
        };
        if let Some(episode) = self.kinds(book).find(opens) {
            let error =
                place.error("readmission_services", "must not name the service that opens an episode");
            let hint = "the event that opens a window is no readmission; give readmissions a service line of their own";
            return Err(error.got(format!("that of {:?}", episode.name)).hint(hint).into());
        }
        let outside = |service: &&ServiceTerms| {
            readmissions.contains(service)
                && self.services.as_ref().is_some_and(|counted| !counted.contains(service))
        };
        book.services.iter().find(outside).map_or(Ok(()), |service| {
            let error = place.error("readmission_services", "must be among the services that count");
            Err(error.got(format!("{:?}", service.name)).into())
        })
    }

    /// The time after windows, which must be over a year after they begin; after those of conditions the next ones begin.
    fn check_after(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let days = self.post_episode_days.value();
        if self.post_episode_threshold.is_none() {
            if days == USUAL_DAYS_AFTER {
                return Ok(());
            }
            let rule = "must be left out where there is no post_episode_threshold";
            return Err(place.error("post_episode_days", rule).got(show(days)).into());
        }
        for episode in self.kinds(book) {
            let window = (episode.window * DAYS_OF_MONTH).round();
            if episode.trigger.is_none() {
                let rule = "must be left out of episodes that a condition opens";
                let error = place.error("post_episode_threshold", rule).got(format!("{:?}", episode.name));
                return Err(error.hint("the year after belongs to the next window").into());
            }
            let most = MOST_DAYS - window;
            if most < 1.0 {
                let rule = "must be left out of windows of a year: the time after ends within a year too";
                let got = format!("{:?} of {window} days", episode.name);
                return Err(place.error("post_episode_threshold", rule).got(got).into());
            }
            if days.fract() != 0.0 || !(1.0..=most).contains(&days) {
                let rule = format!(
                    "must be a whole number of days between 1 and {most}, so that the time after {:?} ends within a year",
                    episode.name
                );
                return Err(place.error("post_episode_days", rule).got(show(days)).into());
            }
        }
        Ok(())
    }

    /// What goes with only some members or kinds.
    fn check_members(&self, place: Place<'_>, book: &Book) -> Result<()> {
        if self.excludes_attributed == Value::Bool(true) && !book.attribution {
            let error =
                place.error("excludes_attributed", "must be left out where all members are attributed");
            return Err(error
                .got("True")
                .hint("Population.from_frame(frame, attribution=Attribution(...))")
                .into());
        }
        if !self.excludes_attributed.is_boolean() {
            let got = shown(&self.excludes_attributed);
            return Err(place.error("excludes_attributed", "must be True or False").got(got).into());
        }
        let raised = |episode: &&EpisodeTerms| {
            episode.trigger.is_none() && of_episode(self.raise_to.as_ref(), &episode.name).is_some()
        };
        if let Some(episode) = self.kinds(book).find(raised) {
            let error = place.error("raise_to", "must be left out of episodes that a condition opens");
            let hint = "they count as the part of the window in which their member is enrolled";
            return Err(error.got(format!("{:?}", episode.name)).hint(hint).into());
        }
        Ok(())
    }

    /// The kinds of episodes that it covers.
    fn kinds<'a>(&'a self, book: &'a Book) -> impl Iterator<Item = &'a EpisodeTerms> {
        book.episodes.iter().filter(|episode| self.episodes.contains(&episode.name))
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
        place.not_negative("stop_loss_premium", self.stop_loss_premium.value())?;
        if self.stop_loss_premium.value() > 0.0
            && self.case_attachment.is_none()
            && self.aggregate_attachment_rate.is_none()
        {
            let error = place.error("stop_loss_premium", "must be left out where there is no stop-loss");
            let hint = "give case_attachment= or aggregate_attachment_rate=";
            return Err(error.got(show(self.stop_loss_premium.value())).hint(hint).into());
        }
        if self.kind == Kind::Prospective && book.cost_sharing.iter().any(Option::is_some) {
            let rule = "must not be prospective where members pay in the order of their claims";
            return Err(place.error("kind", rule).got("prospective").into());
        }
        Ok(())
    }
}

/// Names of the episodes of the study.
fn names(book: &Book) -> Vec<&str> {
    book.episodes.iter().map(|episode| episode.name.as_str()).collect()
}
