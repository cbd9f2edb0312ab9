//! What is kept of each replicate, arm and year: read off its ledger and its facts.

use serde::Deserialize;

use crate::contracts::Arrangement;
use crate::ledger::{LAST_MONTH, Ledger, Party, Transfer};
use crate::population::MONTHS;
use crate::views::Facts;

/// What is kept of each replicate, arm and year, in this order.
pub const FIGURES: [&str; 10] = [
    "member_months",
    "allowed",
    "paid",
    "provider_revenue",
    "provider_cost",
    "provider_net",
    "payer_spend",
    "member_cost_share",
    "minimum_cash",
    "minimum_cash_month",
];

/// How many of them are known of each payer: all but those of cash.
pub const OF_PAYER: usize = 8;

/// What is kept of each year besides: on request, since it is much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// The figures of each payer.
    pub payers: bool,
    /// What the provider's cash moves by in each month.
    pub months: bool,
}

impl Keep {
    /// How many values are kept besides.
    pub fn len(self, n_payers: usize) -> usize {
        let payers = if self.payers { n_payers * OF_PAYER } else { 0 };
        payers + if self.months { usize::from(LAST_MONTH) } else { 0 }
    }
}

/// Reads the figures of one arm off its ledger, year by year.
///
/// Behind the figures of a year come, by outcome and measure, how many events or members who meet it and how many
/// eligible; then the figures of each payer, then what the provider's cash moves by in each month, if they are kept.
pub fn figures(
    arm: &Arrangement,
    health: &[usize],
    keep: Keep,
    facts: &Facts<f64>,
    ledger: &Ledger<f64>,
    rows: &mut Vec<f64>,
) {
    let years = facts.horizon().years;
    let mut all = vec![Money::default(); years];
    let mut of_payers = vec![Money::default(); if keep.payers { arm.n_payers() * years } else { 0 }];
    for transfer in ledger.transfers() {
        // What is incurred after the last year is of none of them.
        let Some(money) = all.get_mut(transfer.year()) else { continue };
        money.add(transfer);
        if let (Some(payer), true) = (transfer.payer, keep.payers) {
            of_payers[usize::from(payer) * years + transfer.year()].add(transfer);
        }
    }
    let cash = ledger.minimum_cash(Party::Provider, years);
    for (index, (_, year)) in facts.performance_years().enumerate() {
        let (allowed, paid) = arm.allowed_and_paid(year, None);
        rows.extend(all[index].figures([arm.member_months(year), allowed, paid]));
        let (minimum_cash, month) = cash[index];
        rows.extend([minimum_cash, f64::from(month)]);
        for (versions, version) in year.health.iter().zip(health) {
            rows.extend([versions[*version].count, versions[*version].eligible]);
        }
        for (payer, years) in of_payers.chunks(years).enumerate() {
            let (allowed, paid) = arm.allowed_and_paid(year, Some(payer as u16));
            rows.extend(years[index].figures([arm.member_months_of(payer, year), allowed, paid]));
        }
        if keep.months {
            months(ledger, index, index + 1 == years, rows);
        }
    }
}

/// What parties receive less what they pay, of one year incurred.
#[derive(Debug, Clone, Copy, Default)]
struct Money {
    /// The provider, from payers and members.
    customers: f64,
    /// The provider, from everybody else.
    others: f64,
    payer: f64,
    member: f64,
    /// Parties of which nothing is kept.
    rest: f64,
}

impl Money {
    fn add(&mut self, transfer: &Transfer<f64>) {
        *self.of(transfer.to, transfer.from) += transfer.amount;
        *self.of(transfer.from, transfer.to) -= transfer.amount;
    }

    /// What the dealings of a party with another are part of.
    fn of(&mut self, party: Party, with: Party) -> &mut f64 {
        match (party, with) {
            (Party::Provider, Party::Payer | Party::Member) => &mut self.customers,
            (Party::Provider, _) => &mut self.others,
            (Party::Payer, _) => &mut self.payer,
            (Party::Member, _) => &mut self.member,
            _ => &mut self.rest,
        }
    }

    fn figures(&self, [member_months, allowed, paid]: [f64; 3]) -> [f64; OF_PAYER] {
        let (revenue, cost) = (self.customers, 0.0 - self.others);
        let (payer, member) = (0.0 - self.payer, 0.0 - self.member);
        [member_months, allowed, paid, revenue, cost, revenue - cost, payer, member]
    }
}

/// What the provider's cash moves by in the months of a year, of the last one also after its end; zeros behind.
fn months(ledger: &Ledger<f64>, year: usize, last: bool, rows: &mut Vec<f64>) {
    let start = rows.len();
    rows.resize(start + usize::from(LAST_MONTH), 0.0);
    let most = if last { usize::from(LAST_MONTH) } else { MONTHS };
    for transfer in ledger.transfers() {
        let Some(month) = (usize::from(transfer.cash) - 1).checked_sub(year * MONTHS) else { continue };
        if month >= most {
            continue;
        }
        if transfer.to == Party::Provider {
            rows[start + month] += transfer.amount;
        } else if transfer.from == Party::Provider {
            rows[start + month] -= transfer.amount;
        }
    }
}
