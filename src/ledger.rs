//! Every dollar is a transfer from a party to a party, with an account, the month incurred and the month the cash moves.

use crate::money::Amount;
use crate::population::{MONTHS, MOST_YEARS};

/// Who pays and who is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The health plan or government programme.
    Payer,
    /// The provider whose risk is studied.
    Provider,
    /// Everyone else who gives care to the members.
    OtherProviders,
    /// The member.
    Member,
    /// Who takes over a part of the risk.
    Reinsurer,
    /// Staff, rent, drugs: whoever is paid for giving care.
    Suppliers,
    /// Who lends money, keeps it, and stands surety for it.
    Lender,
}

impl Party {
    /// The word used in terms, tables and statements.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Provider => "provider",
            Self::OtherProviders => "other_providers",
            Self::Member => "member",
            Self::Reinsurer => "reinsurer",
            Self::Suppliers => "suppliers",
            Self::Lender => "lender",
        }
    }
}

/// What a transfer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// The member's share of a claim.
    CostShare,
    /// Cost of giving a service.
    OwnCost,
    /// Cost of being there.
    FixedCost,
    /// Cost of a programme.
    ProgrammeCost,
    /// Cost of clinicians kept for services.
    CapacityCost,
    /// Cost of sending bills.
    BillingCost,
    /// A claim paid by the payer.
    Claim,
    /// Care by others that a capitated provider pays for.
    PurchasedCare,
    /// Payment per member per month.
    Capitation,
    /// Earned share of savings.
    SharedSavings,
    /// Owed share of losses.
    SharedLosses,
    /// Part of a year's savings that is paid before they are settled, and taken back when they are.
    InterimSettlement,
    /// Price of stop-loss cover.
    StopLossPremium,
    /// What stop-loss cover pays.
    StopLossRecovery,
    /// Payment of a member for direct primary care.
    Retainer,
    /// Payment of a member who joins direct primary care.
    EnrolmentFee,
    /// Payment per member per month for managing care.
    CareManagementFee,
    /// Payment for quality.
    QualityPayment,
    /// What quality takes back.
    QualityPenalty,
    /// What a corridor pays the provider.
    CorridorReceipt,
    /// What the provider pays into a corridor.
    CorridorPayment,
    /// Part of what a pool has left.
    PoolSurplus,
    /// Part of what a pool lacks.
    PoolDeficit,
    /// Part of payments that is kept back.
    Withheld,
    /// What is given back of it.
    WithholdReturned,
    /// Premium given back for care that cost too little.
    Rebate,
    /// What a law takes off payments.
    Sequestered,
    /// Paid before it is earned.
    Advance,
    /// Advances paid back.
    AdvanceRepaid,
    /// Price of an episode, paid beforehand.
    EpisodePrice,
    /// What the care in the windows of those episodes cost.
    EpisodeCare,
    /// What episodes cost less than their target prices, as far as it is paid.
    EpisodeGain,
    /// What they cost more, as far as it is owed.
    EpisodeLoss,
    /// What is spent once for years.
    Investment,
    /// Cost of running a contract.
    AdministrativeCost,
    /// Interest on money that is borrowed.
    Interest,
    /// Cost of a guarantee that losses will be paid.
    Guarantee,
    /// Part of a settlement that is passed on to those who give care.
    Distribution,
}

impl Account {
    /// The word used in tables and statements.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CostShare => "cost_share",
            Self::OwnCost => "own_cost",
            Self::FixedCost => "fixed_cost",
            Self::ProgrammeCost => "programme_cost",
            Self::CapacityCost => "capacity_cost",
            Self::BillingCost => "billing_cost",
            Self::Claim => "claim",
            Self::PurchasedCare => "purchased_care",
            Self::Capitation => "capitation",
            Self::SharedSavings => "shared_savings",
            Self::SharedLosses => "shared_losses",
            Self::InterimSettlement => "interim_settlement",
            Self::StopLossPremium => "stop_loss_premium",
            Self::StopLossRecovery => "stop_loss_recovery",
            Self::Retainer => "retainer",
            Self::EnrolmentFee => "enrolment_fee",
            Self::CareManagementFee => "care_management_fee",
            Self::QualityPayment => "quality_payment",
            Self::QualityPenalty => "quality_penalty",
            Self::CorridorReceipt => "corridor_receipt",
            Self::CorridorPayment => "corridor_payment",
            Self::PoolSurplus => "pool_surplus",
            Self::PoolDeficit => "pool_deficit",
            Self::Withheld => "withheld",
            Self::WithholdReturned => "withhold_returned",
            Self::Rebate => "rebate",
            Self::Sequestered => "sequestered",
            Self::Advance => "advance",
            Self::AdvanceRepaid => "advance_repaid",
            Self::EpisodePrice => "episode_price",
            Self::EpisodeCare => "episode_care",
            Self::EpisodeGain => "episode_gain",
            Self::EpisodeLoss => "episode_loss",
            Self::Investment => "investment",
            Self::AdministrativeCost => "administrative_cost",
            Self::Interest => "interest",
            Self::Guarantee => "guarantee",
            Self::Distribution => "distribution",
        }
    }
}

/// A month counted from 1, the first month of the first performance year.
pub type Month = u16;

/// Latest month in which cash of a year may move, counted from the start of that year.
pub const LAST_MONTH: Month = 60;

/// Months of a ledger: those of the last year there may be, and its run-out.
const ALL_MONTHS: usize = (MOST_YEARS as usize - 1) * MONTHS + LAST_MONTH as usize;

/// One movement of money.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transfer<A> {
    /// Who pays.
    pub from: Party,
    /// Who is paid.
    pub to: Party,
    /// What for.
    pub account: Account,
    /// Position in its arm of the contract that caused it; `None` for what any arm moves.
    pub contract: Option<u16>,
    /// Index of the payer whose members it concerns; `None` for all of them.
    pub payer: Option<u16>,
    /// Month incurred.
    pub incurred: Month,
    /// Month in which the cash moves.
    pub cash: Month,
    /// Dollars, above zero.
    pub amount: A,
}

impl<A> Transfer<A> {
    /// The year in which it is incurred, from 0.
    #[must_use]
    pub fn year(&self) -> usize {
        year_of(self.incurred)
    }

    /// Whether it is incurred in the year before which there were so many months.
    #[must_use]
    pub fn is_of_year(&self, months_before: usize) -> bool {
        self.year() * MONTHS == months_before
    }
}

/// The transfers of one arm in one world.
#[derive(Debug, Clone)]
pub struct Ledger<A> {
    transfers: Vec<Transfer<A>>,
    contract: Option<u16>,
    payer: Option<u16>,
}

impl<A> Default for Ledger<A> {
    fn default() -> Self {
        Self { transfers: Vec::new(), contract: None, payer: None }
    }
}

impl<A: Amount> Ledger<A> {
    /// Empties the ledger for the next arm or world.
    pub fn clear(&mut self) {
        self.transfers.clear();
        (self.contract, self.payer) = (None, None);
    }

    /// What follows is caused by the contract at this position, which is with one payer or with all.
    pub fn begin(&mut self, contract: usize, payer: Option<u16>) {
        (self.contract, self.payer) = (u16::try_from(contract).ok(), payer);
    }

    /// What was posted before the contract that is settling now, of its payer's members: care and earlier contracts.
    pub fn before(&self) -> impl Iterator<Item = &Transfer<A>> {
        let (contract, payer) = (self.contract, self.payer);
        self.transfers.iter().filter(move |transfer| {
            transfer.contract < contract && (payer.is_none() || transfer.payer == payer)
        })
    }

    /// What the contract that is settling now has posted so far.
    pub fn own(&self) -> impl Iterator<Item = &Transfer<A>> {
        self.transfers.iter().filter(move |transfer| transfer.contract == self.contract)
    }

    /// What was posted before it of the year before which there were so many months.
    pub fn before_of_year(&self, months_before: usize) -> impl Iterator<Item = &Transfer<A>> {
        self.before().filter(move |transfer| transfer.is_of_year(months_before))
    }

    /// What it has posted itself of that year.
    pub fn own_of_year(&self, months_before: usize) -> impl Iterator<Item = &Transfer<A>> {
        self.own().filter(move |transfer| transfer.is_of_year(months_before))
    }

    /// The sum of what it has posted itself of that year, over the transfers that `counts` accepts.
    pub fn own_sum(&self, months_before: usize, counts: impl Fn(&Transfer<A>) -> bool) -> A {
        let own = self.own_of_year(months_before).filter(|transfer| counts(transfer));
        own.fold(A::ZERO, |sum, transfer| sum + transfer.amount)
    }

    /// Posts a transfer whose cash moves in the month incurred; nothing where there is no amount.
    pub fn post(&mut self, flow: Flow, payer: Option<u16>, month: usize, amount: A) {
        let incurred = month as Month + 1;
        self.settle(flow, payer, (incurred, incurred), amount);
    }

    /// Posts a transfer with its months incurred and of cash, both counted from 1.
    pub fn settle(&mut self, flow: Flow, payer: Option<u16>, (incurred, cash): (Month, Month), amount: A) {
        let amount = amount.posted();
        if amount != A::ZERO {
            let Flow(from, to, account) = flow;
            let (contract, payer) = (self.contract, payer.or(self.payer));
            self.transfers.push(Transfer { from, to, account, contract, payer, incurred, cash, amount });
        }
    }

    /// All transfers, in the order they were posted.
    #[must_use]
    pub fn transfers(&self) -> &[Transfer<A>] {
        &self.transfers
    }

    /// What `party` receives less what it pays, in dealings with parties that `with` accepts.
    #[must_use]
    pub fn net(&self, party: Party, with: impl Fn(Party) -> bool) -> A {
        self.transfers.iter().fold(A::ZERO, |sum, transfer| {
            if transfer.to == party && with(transfer.from) {
                sum + transfer.amount
            } else if transfer.from == party && with(transfer.to) {
                sum - transfer.amount
            } else {
                sum
            }
        })
    }

    /// The lowest month-end balance of a party's cash within each year, in whole cents and from nothing before the
    /// first, and the first month that has it; the last year goes on to the last month in which cash moves.
    #[must_use]
    pub fn minimum_cash(&self, party: Party, years: usize) -> Vec<(A, Month)> {
        let Cash { moved, last } = Cash::of(party, self.transfers.iter());
        let last = last.max(years * MONTHS);
        let mut balance = A::ZERO;
        let mut lowest: Vec<(A, Month)> = Vec::with_capacity(years);
        for (month, amount) in moved.iter().enumerate().take(last + 1).skip(1) {
            balance = balance + *amount;
            let year = year_of(month as Month).min(years - 1);
            match lowest.get_mut(year) {
                None => lowest.push((balance, month as Month)),
                // In whole cents, so that months which tie do not depend on the last bit of a sum.
                Some(known) if balance.cents() < known.0.cents() => *known = (balance, month as Month),
                Some(_) => {}
            }
        }
        lowest.into_iter().map(|(balance, month)| (balance.cents(), month)).collect()
    }
}

/// What a party receives less what it pays, by the month in which the cash moves.
#[derive(Debug, Clone)]
pub struct Cash<A> {
    moved: [A; ALL_MONTHS + 1],
    /// The last month in which any moves; 0 where none does.
    pub last: usize,
}

impl<A: Amount> Cash<A> {
    /// The cash of a party in some transfers.
    pub fn of<'a>(party: Party, transfers: impl Iterator<Item = &'a Transfer<A>>) -> Self
    where
        A: 'a,
    {
        let mut cash = Self { moved: [A::ZERO; ALL_MONTHS + 1], last: 0 };
        for transfer in transfers {
            let month = usize::from(transfer.cash).min(ALL_MONTHS);
            let moved = &mut cash.moved[month];
            if transfer.to == party {
                *moved = *moved + transfer.amount;
            } else if transfer.from == party {
                *moved = *moved - transfer.amount;
            } else {
                continue;
            }
            cash.last = cash.last.max(month);
        }
        cash
    }

    /// What moves in a month, counted from 1.
    #[must_use]
    pub fn in_month(&self, month: usize) -> A {
        self.moved[month]
    }
}

/// The year of a month, from 0.
fn year_of(month: Month) -> usize {
    (usize::from(month) - 1) / MONTHS
}

/// From whom, to whom, what for.
#[derive(Debug, Clone, Copy)]
pub struct Flow(pub Party, pub Party, pub Account);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_and_the_trough() {
        let mut ledger = Ledger::<f64>::default();
        ledger.post(Flow(Party::Provider, Party::Suppliers, Account::FixedCost), None, 0, 40.0);
        ledger.post(Flow(Party::Payer, Party::Provider, Account::Claim), Some(0), 1, 100.0);
        ledger.settle(Flow(Party::Provider, Party::Payer, Account::SharedLosses), None, (12, 21), 75.0);
        ledger.post(Flow(Party::Payer, Party::Provider, Account::Claim), Some(0), 5, 0.0);
        assert_eq!(ledger.transfers().len(), 3, "nothing is posted where nothing moves");
        assert_eq!(ledger.net(Party::Provider, |_| true), -15.0);
        assert_eq!(ledger.net(Party::Provider, |party| party == Party::Payer), 25.0);
        assert_eq!(ledger.minimum_cash(Party::Provider, 1), [(-40.0, 1)]);
        assert_eq!(ledger.minimum_cash(Party::Payer, 1), [(-100.0, 2)]);
        assert_eq!(ledger.minimum_cash(Party::Provider, 2), [(-40.0, 1), (-15.0, 21)]);
        let years: Vec<usize> = ledger.transfers().iter().map(Transfer::year).collect();
        assert_eq!(years, [0, 0, 0], "cash of the second year is of the year in which it was incurred");
        ledger.post(Flow(Party::Provider, Party::Suppliers, Account::FixedCost), None, 12, 40.0);
        assert_eq!(ledger.transfers()[3].year(), 1);
    }
}
