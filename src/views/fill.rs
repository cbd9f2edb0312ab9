//! Fills the declared views from the events of one batch of members after the other: claims are never stored.

use std::sync::Arc;

use super::case_costs::CaseCosts;
use super::claims::Claims;
use super::counted::{ByMember, Counted};
use super::early::Early;
use super::in_order::InOrder;
use super::windows::Windows;
use super::{ByMonth, Exposures, Facts, Tally, ViewPlan, YearFacts};
use crate::population::{Horizon, MONTHS, MemberYear};
use crate::utilization::Levels;
use crate::utilization::episodes::Opened;
use crate::utilization::events::{BATCH, Events, Sink};
use crate::utilization::health::Found;

/// Events and prices by month, apart by their place in a block: neighbours that fall in the same month need not wait
/// for each other.
type Apart = [ByMonth<Tally<f64>>; 4];

/// What is looked at besides totals by year.
#[derive(Debug, Clone, Copy)]
pub struct Closer {
    /// Events by their month; if not, a year's are booked in its first month and their months never drawn.
    pub by_month: bool,
    /// What giving each case costs, which some service has.
    pub case_costs: bool,
}

/// Scratch of one thread: one batch of members, and the facts so far.
#[derive(Debug, Clone)]
pub struct Filler {
    plan: Arc<ViewPlan>,
    by_month: bool,
    /// First line of each service; the versions of a service are neighbours.
    first_lines: Vec<usize>,
    n_lines: usize,
    n_payers: usize,
    /// Position among the totals of each payer (attributed or not) and line; what nobody asks for goes behind them.
    total_of: Vec<usize>,
    /// Members of the batch in the year.
    members: [MemberYear; BATCH],
    n_members: usize,
    /// Row of the batch's first member.
    first_row: usize,
    /// Where the totals of each member of the batch begin in `total_of`.
    offsets: [usize; BATCH],
    /// Position of the year, and where its totals begin.
    year: usize,
    first_total: usize,
    /// Totals of all years.
    apart: Vec<Apart>,
    case_costs: CaseCosts,
    /// Drawn dollars by line and member of the batch.
    member_prices: Vec<ByMember>,
    /// What counts toward layers.
    counted: Vec<Counted>,
    /// The same of the first months, where a layer counts no more.
    early: Early,
    /// Claims of the batch's year, where they are looked at one by one.
    claims: Claims,
    /// What members pay in the order of their claims; whether any do.
    in_order: InOrder,
    pays_in_order: bool,
    /// Windows of episodes.
    windows: Windows,
    /// Whether exposures differ between worlds, and are counted as members pass.
    counts_exposures: bool,
    facts: Facts<f64>,
}

impl Filler {
    /// Scratch for a plan and its exposures, which are the same in every world unless members come and go by chance.
    ///
    /// `versions` are the numbers of versions of each service.
    #[must_use]
    pub fn new(
        plan: &Arc<ViewPlan>,
        n_payers: usize,
        horizon: Horizon,
        versions: &[usize],
        exposures: &Exposures,
        counts_exposures: bool,
        closer: Closer,
    ) -> Self {
        let n_lines: usize = versions.iter().sum();
        let first_lines: Vec<usize> = versions
            .iter()
            .scan(0, |next, count| {
                *next += count;
                Some(*next - count)
            })
            .collect();
        let mut total_of = vec![plan.totals.len(); 2 * n_payers * n_lines];
        for (position, total) in plan.totals.iter().enumerate() {
            let cell = cell(n_payers, total.payer, total.attributed);
            total_of[cell * n_lines + first_lines[total.service] + total.version] = position;
        }
        let years = (0..horizon.len()).map(|position| YearFacts {
            position,
            totals: vec![ByMonth::default(); plan.totals.len()],
            layers: vec![0.0; plan.layers.len()],
            cost_shares: vec![vec![[0.0; MONTHS]; plan.totals.len()]; plan.benefits.len()],
            exposures: exposures[position].clone(),
            entrants: vec![[0.0; MONTHS]; plan.entrants.len()],
            episode_layers: vec![0.0; plan.episode_layers.len()],
            episodes: vec![[0.0; MONTHS]; plan.episodes.len()],
            ..YearFacts::default()
        });
        let counted = Counted::of(&plan.layers, &first_lines);
        Self {
            plan: plan.clone(),
            by_month: closer.by_month,
            first_lines,
            n_lines,
            n_payers,
            total_of,
            members: [MemberYear::default(); BATCH],
            n_members: 0,
            first_row: 0,
            offsets: [0; BATCH],
            year: 0,
            first_total: 0,
            apart: vec![Apart::default(); (plan.totals.len() + 1) * horizon.len()],
            case_costs: CaseCosts::new(plan.totals.len(), horizon.len(), closer.case_costs),
            member_prices: vec![[0.0; BATCH]; n_lines],
            counted,
            early: Early::new(&plan.layers, n_lines),
            claims: Claims::new(!plan.benefits.is_empty() || !plan.episode_layers.is_empty()),
            in_order: InOrder::new(plan.benefits.len(), versions.len()),
            pays_in_order: !plan.benefits.is_empty(),
            windows: Windows::new(plan, horizon.performance()),
            counts_exposures,
            facts: Facts { horizon, years: years.collect() },
        }
    }

    /// Begins a new world.
    pub fn clear(&mut self) {
        self.apart.fill([[Tally::default(); MONTHS]; 4]);
        self.windows.close();
        self.case_costs.clear();
        for year in &mut self.facts.years {
            year.layers.fill(0.0);
            year.health.clear();
            year.entrants.fill([0.0; MONTHS]);
            year.episode_layers.fill(0.0);
            year.episodes.fill([0.0; MONTHS]);
            year.cost_shares.iter_mut().for_each(|totals| totals.fill([0.0; MONTHS]));
            if self.counts_exposures {
                year.exposures.fill([0.0; MONTHS]);
            }
        }
    }

    /// Ends a world.
    pub fn finish(&mut self, levels: &Levels) {
        let of_years = self.apart.chunks(self.plan.totals.len() + 1);
        for (position, (year, of_year)) in self.facts.years.iter_mut().zip(of_years).enumerate() {
            for (total, apart) in year.totals.iter_mut().zip(of_year) {
                for (month, tally) in total.iter_mut().enumerate() {
                    let [first, second, third, fourth] = apart.each_ref().map(|place| place[month]);
                    *tally = (first + second) + (third + fourth);
                }
            }
            year.market = levels.market[position];
            year.case_costs.clear();
            year.case_costs.extend_from_slice(self.case_costs.of_year(position));
        }
    }

    /// The facts of the world that was finished last.
    #[must_use]
    pub fn facts(&self) -> &Facts<f64> {
        &self.facts
    }

    /// Settles what members pay of the batch's year, claim by claim.
    fn share_costs(&mut self) {
        let claims = self.claims.in_order();
        let shares = &mut self.facts.years[self.year].cost_shares;
        for (benefit, (view, totals)) in self.plan.benefits.iter().zip(shares).enumerate() {
            let (offsets, first_lines, total_of) = (&self.offsets, &self.first_lines, &self.total_of);
            self.in_order.settle(claims, benefit, view, &self.members, |member, service, month, share| {
                let total = total_of[offsets[member] + first_lines[service] + view.versions[service]];
                if let Some(months) = totals.get_mut(total) {
                    months[month] += share;
                }
            });
        }
    }

    fn count_exposures(&mut self) {
        let exposures = self.facts.years[self.year].exposures.iter_mut();
        for (months, view) in exposures.zip(&self.plan.exposures) {
            for member in self.members[..self.n_members].iter().filter(|member| view.includes(member)) {
                view.add(member, months);
            }
        }
    }

    fn count_entrants(&mut self) {
        let entrants = self.facts.years[self.year].entrants.iter_mut();
        for (months, view) in entrants.zip(&self.plan.entrants) {
            let enters = |member: &&MemberYear| member.enters && view.0.includes(member);
            for member in self.members[..self.n_members].iter().filter(enters) {
                months[usize::from(member.first_month)] += 1.0;
            }
        }
    }
}

/// Which of the payers' cells a member's totals are in: attributed members first.
fn cell(n_payers: usize, payer: u16, attributed: bool) -> usize {
    usize::from(payer) + if attributed { 0 } else { n_payers }
}

impl Sink for Filler {
    fn asks_months(&self) -> bool {
        self.by_month || self.asks_order()
    }

    fn asks_order(&self) -> bool {
        self.claims.is_asked() || self.early.is_asked()
    }

    fn begin(&mut self, year: usize, first_row: usize, members: &[MemberYear]) {
        if first_row != self.first_row {
            self.windows.close();
        }
        (self.year, self.first_row) = (year, first_row);
        self.first_total = year * (self.plan.totals.len() + 1);
        self.n_members = members.len();
        self.members[..members.len()].copy_from_slice(members);
        for (offset, member) in self.offsets.iter_mut().zip(members) {
            *offset = cell(self.n_payers, member.payer, member.attributed) * self.n_lines;
        }
        self.member_prices.fill([0.0; BATCH]);
        self.early.clear();
        self.claims.clear();
        self.in_order.clear();
    }

    #[allow(
        clippy::inline_always,
        reason = "four events handed over by memory cost as much again as drawing them"
    )]
    #[inline(always)]
    fn events<const CLOSELY: bool>(
        &mut self,
        member: usize,
        service: usize,
        version: usize,
        events: &Events,
    ) {
        let Events { live, prices, months, .. } = events;
        let of_block = |values: &[f64; 4]| (values[0] + values[1]) + (values[2] + values[3]);
        let line = self.first_lines[service] + version;
        if CLOSELY && self.claims.is_asked() {
            self.claims.add(member, service, version, events);
        }
        if CLOSELY && self.early.is_asked() {
            self.early.add(member, line, events);
        }
        self.member_prices[line][member] += of_block(prices);
        let total = self.total_of[self.offsets[member] + line];
        let apart = &mut self.apart[self.first_total + total];
        if CLOSELY && self.case_costs.is_asked() {
            let months = if self.by_month { *months } else { [0; 4] };
            self.case_costs.add(self.first_total + total, &events.case_costs, months);
        }
        if self.by_month {
            for (((place, month), events), prices) in apart.iter_mut().zip(months).zip(live).zip(prices) {
                place[*month] = place[*month] + Tally { events: *events, prices: *prices };
            }
        } else {
            apart[0][0] = apart[0][0] + Tally { events: of_block(live), prices: of_block(prices) };
        }
    }

    fn opened(&mut self, opened: &Opened) {
        self.windows.opened(opened, (self.first_row, &self.members), &mut self.facts.years);
    }

    fn has_open_windows(&self) -> bool {
        self.windows.is_open()
    }

    fn found(&mut self, health: usize, found: &[Found]) {
        let known = &mut self.facts.years[self.year].health;
        if known.len() <= health {
            known.resize(health + 1, Vec::new());
        }
        known[health].resize(found.len(), Found::default());
        for (sum, found) in known[health].iter_mut().zip(found) {
            sum.count += found.count;
            sum.eligible += found.eligible;
        }
    }

    fn end(&mut self) {
        if self.pays_in_order {
            self.share_costs();
        }
        let batch = (self.first_row, &self.members[..self.n_members]);
        for counted in &self.counted {
            let prices = self.early.prices(counted.months).unwrap_or(&self.member_prices);
            let dollars = counted.dollars(prices, &self.in_order);
            counted.add(&dollars, batch, &mut self.facts.years[self.year].layers);
        }
        if self.windows.is_open() {
            self.claims.keep(&self.windows.members());
            self.windows.end(self.year, self.claims.in_order(), &mut self.facts.years);
        }
        if self.counts_exposures {
            self.count_exposures();
        }
        self.count_entrants();
    }
}
