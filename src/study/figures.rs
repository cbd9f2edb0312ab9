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
    let all = Money::of(ledger, years, |_| true);
    let of_payers: Vec<Money> = (0..if keep.payers { arm.n_payers() } else { 0 })
        .map(|payer| Money::of(ledger, years, |transfer| transfer.payer == Some(payer)))
        .collect();
    let cash = ledger.minimum_cash(Party::Provider, years);
    for (index, (_, year)) in facts.performance_years().enumerate() {
        let (allowed, paid) = arm.allowed_and_paid(year, None);
        rows.extend(all.figures(index, [arm.member_months(year), allowed, paid]));
        let (minimum_cash, month) = cash[index];
        rows.extend([minimum_cash, f64::from(month)]);
        for (versions, version) in year.health.iter().zip(health) {
            rows.extend([versions[*version].count, versions[*version].eligible]);
        }
        for (payer, money) in of_payers.iter().enumerate() {
            let (allowed, paid) = arm.allowed_and_paid(year, Some(payer as u16));
            rows.extend(money.figures(index, [arm.member_months_of(payer, year), allowed, paid]));
        }
        if keep.months {
            months(ledger, index, index + 1 == years, rows);
        }
    }
}

/// What parties receive less what they pay, by year incurred.
struct Money {
    revenue: Vec<f64>,
    cost: Vec<f64>,
    payer: Vec<f64>,
    member: Vec<f64>,
}

impl Money {
    fn of(ledger: &Ledger<f64>, years: usize, counts: impl Fn(&Transfer<f64>) -> bool + Copy) -> Self {
        let customer = |party| matches!(party, Party::Payer | Party::Member);
        let net = |party, with: &dyn Fn(Party) -> bool| ledger.net_by_year(party, years, with, counts);
        Self {
            revenue: net(Party::Provider, &customer),
            cost: net(Party::Provider, &|party| !customer(party)),
            payer: net(Party::Payer, &|_| true),
            member: net(Party::Member, &|_| true),
        }
    }

    fn figures(&self, year: usize, [member_months, allowed, paid]: [f64; 3]) -> [f64; OF_PAYER] {
        let (revenue, cost) = (self.revenue[year], 0.0 - self.cost[year]);
        let (payer, member) = (0.0 - self.payer[year], 0.0 - self.member[year]);
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
