//! What members use inside the windows of episodes: counted claim by claim until each window ends.

use std::ops::Range;
use std::sync::Arc;

use super::claims::Claim;
use super::{EpisodeLayer, EpisodesOf, ViewPlan, YearFacts, grouped};
use crate::money::Amount;
use crate::population::{MONTHS, MemberYear};
use crate::utilization::episodes::{Opened, time};
use crate::utilization::events::BATCH;

/// Windows of a batch's members.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// Layers with their indices, those together for which the same dollars of a window count.
    counted: Vec<Vec<(usize, EpisodeLayer)>>,
    counts: Vec<(EpisodesOf, Option<Arc<[f64]>>)>,
    open: Vec<Window>,
    /// Position of the first performance year: before it there is the care of the baseline alone.
    first: usize,
    /// Position behind the last performance year: windows that begin there are of no year.
    end: usize,
}

/// A window, where it belongs, and what has been counted of it.
#[derive(Debug, Clone)]
struct Window {
    opened: Opened,
    /// Until when anything of it is looked at.
    until: f64,
    /// The member in the year in which it begins, and the position of that year.
    there: MemberYear,
    year: usize,
    /// Whether it begins in a base year, and so is one of the baseline wherever it ends.
    of_base: bool,
    /// By what counts toward layers: dollars so far.
    dollars: Vec<f64>,
}

impl Windows {
    pub fn new(plan: &ViewPlan, Range { start: first, end }: Range<usize>) -> Self {
        let counted = grouped(&plan.episode_layers, EpisodeLayer::counts_like);
        let multipliers = |name: &String| plan.multipliers.get(name).cloned();
        let counts = plan.episodes.iter();
        let counts = counts.map(|count| (count.of, count.multipliers.as_ref().and_then(multipliers)));
        Self { counted, counts: counts.collect(), open: Vec::new(), first, end }
    }

    /// Whether any window goes on after the years so far.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Which members of a batch have windows that are open.
    pub fn members(&self) -> [bool; BATCH] {
        let mut members = [false; BATCH];
        self.open.iter().for_each(|window| members[window.opened.member] = true);
        members
    }

    /// Opens a window of a member; counts it where that is asked for.
    pub fn opened(
        &mut self,
        opened: &Opened,
        (first_row, members): (usize, &[MemberYear]),
        years: &mut [YearFacts<f64>],
    ) {
        let (months, there) = (opened.start as usize, &members[opened.member]);
        let (year, month) = (months / MONTHS, months % MONTHS);
        if year >= self.end {
            return;
        }
        for ((of, multipliers), number) in self.counts.iter().zip(&mut years[year].episodes) {
            if of.are(opened) && of.whose.includes(there) {
                let row = first_row + opened.member;
                number[month] +=
                    opened.counts * multipliers.as_ref().map_or(1.0, |multipliers| multipliers[row]);
            }
        }
        let looked_at =
            self.counted.iter().map(|layers| &layers[0].1).filter(|layer| layer.episodes.are(opened));
        let Some(after) = looked_at.map(|layer| layer.after).reduce(f64::max) else { return };
        let until = if opened.died { opened.end } else { opened.end + after };
        let dollars = vec![0.0; self.counted.len()];
        let of_base = year < self.first;
        self.open.push(Window { opened: *opened, until, there: *there, year, of_base, dollars });
    }

    /// Ends a batch's year with its claims in order: counts them, and settles the windows that have come to their end.
    pub fn end(&mut self, position: usize, claims: &[Claim], years: &mut [YearFacts<f64>]) {
        let over = ((position + 1) * MONTHS) as f64;
        let counted = &self.counted;
        self.open.retain_mut(|window| {
            window.count(position, claims, counted);
            let goes_on = window.until > over;
            if !goes_on {
                window.settle(counted, &mut years[window.year].episode_layers);
            }
            goes_on
        });
    }

    /// Ends a batch of members.
    pub fn close(&mut self) {
        self.open.clear();
    }
}

impl Window {
    /// Counts the claims of a year, which stand in order.
    fn count(&mut self, position: usize, claims: &[Claim], counted: &[Vec<(usize, EpisodeLayer)>]) {
        let Opened { member, start, .. } = self.opened;
        let of_member = &claims[claims.partition_point(|claim| claim.member < member)..];
        for claim in of_member.iter().take_while(|claim| claim.member == member) {
            let time = time(position, claim.month, claim.order);
            if time < start || time >= self.until {
                continue;
            }
            for (dollars, layers) in self.dollars.iter_mut().zip(counted) {
                let layer = &layers[0].1;
                let counts = layer.episodes.are(&self.opened) && layer.looks_at(time, &self.opened);
                let version = if self.of_base { 0 } else { layer.versions[claim.service] };
                if counts && version == claim.version {
                    *dollars += layer.weights[claim.service] * claim.price;
                }
            }
        }
    }

    fn settle(&self, counted: &[Vec<(usize, EpisodeLayer)>], sums: &mut [f64]) {
        for (dollars, layers) in self.dollars.iter().zip(counted) {
            for (index, layer) in layers {
                if layer.episodes.are(&self.opened) && layer.episodes.whose.includes(&self.there) {
                    sums[*index] += (dollars - layer.attachment).most(0.0).least(layer.limit);
                }
            }
        }
    }
}

impl EpisodesOf {
    /// Whether a window is that of such an episode, whosever it is.
    fn are(&self, opened: &Opened) -> bool {
        (self.episode, self.version) == (opened.episode, opened.version)
    }
}

impl EpisodeLayer {
    /// Whether a time that is looked at lies in the window, or in what is looked at after it.
    fn looks_at(&self, time: f64, opened: &Opened) -> bool {
        if self.after == 0.0 {
            time < opened.end
        } else {
            (opened.end..opened.end + self.after).contains(&time)
        }
    }

    /// Whether the same dollars of a window count toward another layer.
    fn counts_like(&self, other: &Self) -> bool {
        let of = |layer: &Self| (layer.episodes.episode, layer.episodes.version, layer.after);
        of(self) == of(other) && self.weights == other.weights && self.versions == other.versions
    }
}

#[cfg(test)]
mod tests {
    use super::super::claims::Claims;
    use super::super::{EpisodeCount, Whose};
    use super::*;
    use crate::utilization::events::Events;

    const ALL: EpisodesOf = EpisodesOf { episode: 0, version: 0, whose: Whose::ALL };

    fn window(member: usize, start: f64, end: f64) -> Opened {
        Opened { episode: 0, version: 0, member, start, end, died: false, counts: 1.0 }
    }

    /// A window from the middle of November to the middle of February; attachment 100, limit 50.
    #[test]
    fn a_window_over_the_end_of_a_year() {
        let layer = EpisodeLayer {
            episodes: ALL,
            after: 0.0,
            weights: vec![1.0, 0.5],
            versions: vec![0, 1],
            attachment: 100.0,
            limit: 50.0,
        };
        let year =
            || YearFacts { episode_layers: vec![0.0], episodes: vec![[0.0; MONTHS]], ..YearFacts::default() };
        let members = [MemberYear { attributed: true, ..MemberYear::default() }; 2];
        let half = 1_u64 << 63;
        let before = half - (1 << 40);
        // Prices that count: 60 at the start itself and 30 as half of 60; what is before, at the end, of another member
        // or of another version does not.
        let table = [
            (0, 1, 10, half, 0, 0, 60.0),
            (0, 1, 10, before, 0, 0, 1_000.0),
            (0, 0, 11, 0, 0, 0, 1_000.0),
            (0, 1, 11, 0, 1, 0, 1_000.0),
            (1, 1, 0, 0, 1, 1, 60.0),
            (1, 1, 1, half, 0, 0, 1_000.0),
        ];
        for (more, part) in [(0.0, 0.0), (9.0, 0.0), (10.0, 0.0), (10.01, 0.01), (60.0, 50.0), (61.0, 50.0)] {
            let mut plan = ViewPlan::default();
            plan.episode_layer(layer.clone());
            plan.episodes(EpisodeCount { of: ALL, multipliers: None });
            let mut windows = Windows::new(&plan, 0..2);
            let mut years = [year(), year(), year()];
            for position in 0..2 {
                let mut claims = Claims::new(true);
                if position == 0 {
                    let opened = window(1, 10.5, 13.5);
                    windows.opened(&opened, (0, &members), &mut years);
                }
                let late = (1, 1, 1, before, 0, 0, more);
                let of_year = table.iter().chain([&late]).filter(|claim| claim.0 == position);
                for (_, member, month, order, service, version, price) in of_year {
                    let events = Events {
                        live: [1.0, 0.0, 0.0, 0.0],
                        prices: [*price; 4],
                        case_costs: [0.0; 4],
                        months: [*month; 4],
                        order: [*order; 4],
                    };
                    claims.add(*member, *service, *version, &events);
                }
                windows.end(position, claims.in_order(), &mut years);
                assert_eq!(windows.is_open(), position == 0);
            }
            assert!((years[0].episode_layers[0] - part).abs() < 1e-9, "{more} more");
            assert_eq!((years[1].episode_layers[0], years[0].episodes[0][10]), (0.0, 1.0));
        }
    }

    #[test]
    fn windows_that_begin_after_the_last_year_are_of_none() {
        let layer = EpisodeLayer {
            episodes: ALL,
            after: 0.0,
            weights: vec![1.0],
            versions: vec![0],
            attachment: 0.0,
            limit: f64::INFINITY,
        };
        let mut plan = ViewPlan::default();
        plan.episode_layer(layer);
        let mut windows = Windows::new(&plan, 0..1);
        windows.opened(&window(0, 12.0, 13.0), (0, &[MemberYear::default()]), &mut []);
        assert!(!windows.is_open());
    }
}
