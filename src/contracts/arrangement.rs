//! An arrangement: the ordered contracts of one arm, with one bearer for every service.

use serde_json::Value;

use super::{AnyContract, AnySettlement, ArmBook, Bearer, Book, NAMES, Priced, Settlement, Step};
use crate::error::{InputError, Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::reading::parse;
use crate::utilization::ProgrammeSpec;
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// An arm as the user writes it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrangementSpec {
    /// Name of the arm.
    pub name: String,
    contracts: Vec<Value>,
    #[serde(default)]
    programmes: Vec<Value>,
}

/// The contracts of an arm, ready to settle, beside the money that moves in any arm.
#[derive(Debug, Clone)]
pub struct Arrangement {
    /// Name of the arm.
    pub name: String,
    care: Vec<Priced>,
    exposure: ExposureView,
    fixed_costs: Vec<Term>,
    programmes: Vec<ProgrammeSpec>,
    contracts: Vec<(&'static str, AnySettlement)>,
}

impl ArrangementSpec {
    /// The programmes of the arm.
    pub fn programmes(&self) -> Result<Vec<ProgrammeSpec>> {
        let read = |(position, value): (usize, &Value)| {
            parse(&format!("{}.programmes[{position}]", self.name), value.clone(), &[])
        };
        self.programmes.iter().enumerate().map(read).collect()
    }

    /// Checks the contracts, finds the bearer of each service and declares the views; `versions` is the version of care
    /// of each service.
    pub fn compile(self, book: &Book, versions: &[usize], views: &mut ViewPlan) -> Result<Arrangement> {
        let contracts = self.read_contracts(book)?;
        let bearers = self.bearers(&contracts, book)?;
        let arm = ArmBook { book, bearers: &bearers, versions };
        let settlements = contracts.iter().map(|contract| (contract.name(), contract.declare(&arm, views)));
        Ok(Arrangement {
            contracts: settlements.collect(),
            care: arm.priced(views),
            exposure: arm.exposure(views),
            fixed_costs: book.fixed_costs.clone(),
            programmes: self.programmes()?,
            name: self.name,
        })
    }

    fn path(&self, position: usize) -> String {
        format!("{}[{position}]", self.name)
    }

    fn read_contracts(&self, book: &Book) -> Result<Vec<AnyContract>> {
        if self.contracts.is_empty() {
            return Err(InputError::new(&self.name, "must have at least one contract").got("none").into());
        }
        let read = |(position, value): (usize, &Value)| {
            let path = self.path(position);
            let contract: AnyContract = parse(&path, value.clone(), NAMES)?;
            contract.check(Place(&path), book)?;
            Ok(contract)
        };
        self.contracts.iter().enumerate().map(read).collect()
    }

    /// The bearer of each service; two claims on one service are refused.
    fn bearers(&self, contracts: &[AnyContract], book: &Book) -> Result<Vec<Bearer>> {
        let mut bearers = vec![Bearer::Unclaimed; book.services.len()];
        let mut claimed_by: Vec<Option<usize>> = vec![None; book.services.len()];
        for (position, contract) in contracts.iter().enumerate() {
            let Some(claims) = contract.claims(book) else { continue };
            for (service, _) in claims.services.iter().enumerate().filter(|(_, claimed)| **claimed) {
                if let Some(other) = claimed_by[service] {
                    return Err(InputError::new(
                        format!("{}.scope", self.path(position)),
                        "must not overlap the scope of another base payment",
                    )
                    .got(format!(
                        "{:?}, which {}[{other}] claims too",
                        book.services[service].name, self.name
                    ))
                    .hint("give each service to one base payment by scope=[...]")
                    .into());
                }
                (bearers[service], claimed_by[service]) = (claims.bearer, Some(position));
            }
        }
        Ok(bearers)
    }
}

impl Arrangement {
    /// Posts everything that moves in this arm for the facts of a world.
    pub fn settle<A: Amount>(&self, facts: &Facts<A>, ledger: &mut Ledger<A>) {
        ledger.clear();
        for (months_before, year) in facts.performance_years() {
            self.give_care(year, months_before, ledger);
            self.run_programmes(year, months_before, ledger);
        }
        for (position, (_, contract)) in self.contracts.iter().enumerate() {
            ledger.begin(position);
            contract.settle(facts, ledger);
        }
    }

    /// What moves whatever the contracts say: cost shares, the cost of care, and care that no contract claims.
    fn give_care<A: Amount>(&self, year: &YearFacts<A>, months_before: usize, ledger: &mut Ledger<A>) {
        for line in &self.care {
            let deliverer = line.deliverer;
            let payer = Some(line.payer);
            let cost_share = Flow(Party::Member, deliverer, Account::CostShare);
            let own_cost = Flow(deliverer, Party::Suppliers, Account::OwnCost);
            let claim = Flow(Party::Payer, deliverer, Account::Claim);
            for (month, dollars) in line.lines(year).iter().enumerate() {
                let month = months_before + month;
                ledger.post(cost_share, payer, month, dollars.cost_share);
                ledger.post(own_cost, payer, month, dollars.own_cost);
                if line.bearer == Bearer::Unclaimed {
                    ledger.post(claim, payer, month, dollars.paid);
                }
            }
        }
        let fixed_cost = Flow(Party::Provider, Party::Suppliers, Account::FixedCost);
        for month in 0..MONTHS {
            ledger.post(fixed_cost, None, months_before + month, A::term(&self.fixed_costs[year.position]));
        }
    }

    /// What programmes cost: once, and for each member reached in each month from their first.
    fn run_programmes<A: Amount>(&self, year: &YearFacts<A>, months_before: usize, ledger: &mut Ledger<A>) {
        let flow = Flow(Party::Provider, Party::Suppliers, Account::ProgrammeCost);
        for programme in &self.programmes {
            let first = programme.start_month.0 as usize - 1;
            let pmpm = A::term(&programme.cost_pmpm).times(A::term(&programme.reach));
            for (month, members) in year.exposure(self.exposure).iter().enumerate() {
                let month = months_before + month;
                if month == first {
                    ledger.post(flow, None, month, A::term(&programme.start_cost));
                }
                if month >= first {
                    ledger.post(flow, None, month, members.times(pmpm));
                }
            }
        }
    }

    /// The value of a year's care at this arm's prices, and that value less the members' cost share.
    #[must_use]
    pub fn allowed_and_paid<A: Amount>(&self, year: &YearFacts<A>) -> (A, A) {
        let lines = self.care.iter().flat_map(|line| line.lines(year));
        lines.fold((A::ZERO, A::ZERO), |(allowed, paid), line| (allowed + line.allowed, paid + line.paid))
    }

    /// Member-months of the year.
    #[must_use]
    pub fn member_months<A: Amount>(&self, year: &YearFacts<A>) -> A {
        year.member_months(self.exposure)
    }

    /// The computation of each contract for one year line by line, with its name.
    #[must_use]
    pub fn steps<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
    ) -> Vec<(&'static str, Vec<Step<A>>)> {
        self.contracts.iter().map(|(name, contract)| (*name, contract.steps(facts, year))).collect()
    }
}
