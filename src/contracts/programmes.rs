//! What the programmes of an arm cost: once, for each member reached in each month, and for each episode.

use super::ArmBook;
use super::episode_windows::Episodes;
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::utilization::ProgrammeSpec;
use crate::views::{ExposureView, ViewPlan, YearFacts};

/// A programme that an arm pays for.
#[derive(Debug, Clone)]
pub struct Programme {
    /// First month of the study, from 0.
    first: usize,
    start_cost: Term,
    cost_pmpm: Term,
    cost_per_episode: Term,
    /// The part of the members it reaches.
    reach: Term,
    /// Episodes that it pays for.
    episodes: Vec<Episodes>,
    exposure: ExposureView,
}

impl Programme {
    /// Declares what a programme costs by.
    pub fn declare(spec: &ProgrammeSpec, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Self {
        let known = arm.book.episodes.iter().enumerate();
        let named = known.filter(|(_, episode)| spec.episodes.contains(&episode.name));
        let whose = arm.members();
        let begin = |(index, _)| arm.episodes_that_begin((index, whose), None, views);
        let episodes =
            if spec.cost_per_episode.value() > 0.0 { named.map(begin).collect() } else { Vec::new() };
        Self {
            first: spec.start_month.0 as usize - 1,
            start_cost: spec.start_cost,
            cost_pmpm: spec.cost_pmpm,
            cost_per_episode: spec.cost_per_episode,
            reach: spec.reach,
            episodes,
            exposure: arm.exposure(views),
        }
    }

    /// Posts what it costs in a year, before which there were so many months.
    pub fn run<A: Amount>(&self, year: &YearFacts<A>, months_before: usize, ledger: &mut Ledger<A>) {
        let flow = Flow(Party::Provider, Party::Suppliers, Account::ProgrammeCost);
        let reach = A::term(&self.reach);
        let of_member = A::term(&self.cost_pmpm).times(reach);
        let of_episode = A::term(&self.cost_per_episode).times(reach);
        for (month, members) in year.exposure(self.exposure).iter().enumerate() {
            let (of_year, month) = (month, months_before + month);
            if month == self.first {
                ledger.post(flow, None, month, A::term(&self.start_cost));
            }
            if month >= self.first {
                ledger.post(flow, None, month, members.times(of_member));
                for episodes in &self.episodes {
                    ledger.post(flow, None, month, episodes.by_month(year)[of_year].times(of_episode));
                }
            }
        }
    }
}
