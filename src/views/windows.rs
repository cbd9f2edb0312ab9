//! What members use inside the windows of episodes: counted claim by claim until each window ends.

use super::{EpisodeCount, EpisodeLayer, Whose, YearFacts};
use crate::money::Amount;
use crate::population::{MONTHS, MemberYear};
use crate::utilization::episodes::{Opened, time};
use crate::utilization::events::Events;

/// Windows of a batch's members and the claims of its year.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    counted: Vec<Counted>,
    counts: Vec<EpisodeCount>,
    claims: Vec<Claim>,
    open: Vec<Window>,
    /// Position behind the last performance year: windows that begin there are of no year.
    end: usize,
}

/// Layers for which the same dollars of a window count.
#[derive(Debug, Clone)]
struct Counted {
    /// Each with its index.
    layers: Vec<(usize, EpisodeLayer)>,
}

/// One claim of a member's year.
#[derive(Debug, Clone, Copy)]
struct Claim {
    member: usize,
    time: f64,
    service: usize,
    version: usize,
    price: f64,
}

/// A window, where it belongs, and what has been counted of it.
#[derive(Debug, Clone)]
struct Window {
    opened: Opened,
    /// Position of the year in which it begins.
    year: usize,
    payer: u16,
    attributed: bool,
    /// By what counts toward layers: dollars so far.
    dollars: Vec<f64>,
}

impl Windows {
    pub fn new(layers: &[EpisodeLayer], counts: &[EpisodeCount], end: usize) -> Self {
        let mut counted: Vec<Counted> = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            let layer = (index, layer.clone());
            match counted.iter_mut().find(|known| known.layers[0].1.counts_like(&layer.1)) {
                Some(known) => known.layers.push(layer),
                None => counted.push(Counted { layers: vec![layer] }),
            }
        }
        Self { counted, counts: counts.to_vec(), claims: Vec::new(), open: Vec::new(), end }
    }

    /// Whether any layer is asked for, so that claims and their times are looked at.
    #[inline]
    pub fn is_asked(&self) -> bool {
        !self.counted.is_empty()
    }

    /// Whether any window goes on after the years so far.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Begins a batch's year, by its position.
    pub fn begin(&mut self) {
        self.claims.clear();
    }

    /// Keeps the events of a block of a member's service.
    #[inline(never)]
    pub fn add(&mut self, year: usize, member: usize, service: usize, version: usize, events: &Events) {
        for place in (0..4).filter(|place| events.live[*place] > 0.0) {
            let time = time(year, events.months[place], events.order[place]);
            self.claims.push(Claim { member, time, service, version, price: events.prices[place] });
        }
    }

    /// Opens a window of a member; counts it where that is asked for.
    pub fn opened(&mut self, opened: &Opened, members: &[MemberYear], years: &mut [YearFacts<f64>]) {
        let (year, there) = (opened.start as usize / MONTHS, &members[opened.member]);
        if year >= self.end {
            return;
        }
        let of = |whose: Whose| whose.is_of(there.payer, there.attributed);
        for (count, _) in
            self.counts.iter().enumerate().filter(|(_, view)| view.is_of(opened) && of(view.whose))
        {
            years[year].episodes[count][opened.start as usize % MONTHS] += 1.0;
        }
        if self.counted.iter().any(|counted| counted.layers[0].1.is_of(opened)) {
            let (payer, attributed) = (there.payer, there.attributed);
            let dollars = vec![0.0; self.counted.len()];
            self.open.push(Window { opened: *opened, year, payer, attributed, dollars });
        }
    }

    /// Ends a batch's year: counts its claims, and settles the windows that have come to their end.
    pub fn end(&mut self, position: usize, years: &mut [YearFacts<f64>]) {
        if self.open.is_empty() {
            return;
        }
        self.claims.sort_by(|a, b| a.member.cmp(&b.member).then(a.time.total_cmp(&b.time)));
        let over = ((position + 1) * MONTHS) as f64;
        let (claims, counted) = (&self.claims, &self.counted);
        self.open.retain_mut(|window| {
            let of_member = |claim: &Claim| claim.member < window.opened.member;
            let first = claims.partition_point(of_member);
            let inside = claims[first..]
                .iter()
                .take_while(|claim| claim.member == window.opened.member && claim.time < window.opened.end)
                .filter(|claim| claim.time >= window.opened.start);
            for claim in inside {
                for (dollars, counted) in window.dollars.iter_mut().zip(counted) {
                    *dollars += counted.layers[0].1.dollars(&window.opened, claim);
                }
            }
            let goes_on = window.opened.end > over;
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
    fn settle(&self, counted: &[Counted], sums: &mut [f64]) {
        for (dollars, counted) in self.dollars.iter().zip(counted) {
            for (index, layer) in &counted.layers {
                if layer.is_of(&self.opened) && layer.whose.is_of(self.payer, self.attributed) {
                    sums[*index] += (dollars - layer.attachment).most(0.0).least(layer.limit);
                }
            }
        }
    }
}

impl EpisodeLayer {
    fn is_of(&self, opened: &Opened) -> bool {
        (self.episode, self.version) == (opened.episode, opened.version)
    }

    /// Whether the same dollars of a window count toward another layer.
    fn counts_like(&self, other: &Self) -> bool {
        (self.episode, self.version) == (other.episode, other.version)
            && self.weights == other.weights
            && self.versions == other.versions
    }

    /// What a claim inside a window counts for.
    fn dollars(&self, opened: &Opened, claim: &Claim) -> f64 {
        let counts = self.is_of(opened) && self.versions[claim.service] == claim.version;
        if counts { self.weights[claim.service] * claim.price } else { 0.0 }
    }
}

impl EpisodeCount {
    fn is_of(&self, opened: &Opened) -> bool {
        (self.episode, self.version) == (opened.episode, opened.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window from the middle of November to the middle of February; attachment 100, limit 50.
    #[test]
    fn a_window_over_the_end_of_a_year() {
        let layer = EpisodeLayer {
            episode: 0,
            version: 0,
            weights: vec![1.0, 0.5],
            versions: vec![0, 1],
            whose: Whose::ALL,
            attachment: 100.0,
            limit: 50.0,
        };
        let count = EpisodeCount { episode: 0, version: 0, whose: Whose::ALL };
        let year =
            || YearFacts { episode_layers: vec![0.0], episodes: vec![[0.0; MONTHS]], ..YearFacts::default() };
        let members = [MemberYear { attributed: true, ..MemberYear::default() }; 2];
        let half = 1_u64 << 63;
        let before = half - (1 << 40);
        // Prices that count: 60 at the start itself and 30 as half of 60; what is before, at the end, of another member
        // or of another version does not.
        let claims = [
            (0, 1, 10, half, 0, 0, 60.0),
            (0, 1, 10, before, 0, 0, 1_000.0),
            (0, 0, 11, 0, 0, 0, 1_000.0),
            (0, 1, 11, 0, 1, 0, 1_000.0),
            (1, 1, 0, 0, 1, 1, 60.0),
            (1, 1, 1, half, 0, 0, 1_000.0),
        ];
        for (more, part) in [(0.0, 0.0), (9.0, 0.0), (10.0, 0.0), (10.01, 0.01), (60.0, 50.0), (61.0, 50.0)] {
            let mut windows = Windows::new(std::slice::from_ref(&layer), &[count], 2);
            let mut years = [year(), year(), year()];
            for position in 0..2 {
                windows.begin();
                if position == 0 {
                    let opened = Opened { episode: 0, version: 0, member: 1, start: 10.5, end: 13.5 };
                    windows.opened(&opened, &members, &mut years);
                }
                let late = (1, 1, 1, before, 0, 0, more);
                let of_year = claims.iter().chain([&late]).filter(|claim| claim.0 == position);
                for (_, member, month, order, service, version, price) in of_year {
                    let events = Events {
                        live: [1.0, 0.0, 0.0, 0.0],
                        prices: [*price; 4],
                        case_costs: [0.0; 4],
                        months: [*month; 4],
                        order: [*order; 4],
                    };
                    windows.add(position, *member, *service, *version, &events);
                }
                windows.end(position, &mut years);
                assert_eq!(windows.is_open(), position == 0);
            }
            assert!((years[0].episode_layers[0] - part).abs() < 1e-9, "{more} more");
            assert_eq!((years[1].episode_layers[0], years[0].episodes[0][10]), (0.0, 1.0));
        }
    }

    #[test]
    fn windows_that_begin_after_the_last_year_are_of_none() {
        let layer = EpisodeLayer {
            episode: 0,
            version: 0,
            weights: vec![1.0],
            versions: vec![0],
            whose: Whose::ALL,
            attachment: 0.0,
            limit: f64::INFINITY,
        };
        let mut windows = Windows::new(&[layer], &[], 1);
        let opened = Opened { episode: 0, version: 0, member: 0, start: 12.0, end: 13.0 };
        windows.opened(&opened, &[MemberYear::default()], &mut []);
        assert!(!windows.is_open());
    }
}
