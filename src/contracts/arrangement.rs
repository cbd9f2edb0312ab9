//! An arrangement: the ordered contracts of one arm, with one bearer for every service.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    AnyContract, AnySettlement, ArmBook, Bearer, Book, Incentives, NAMES, Priced, ResponseSpec, Settlement,
    Step,
};
use crate::error::{InputError, Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::reading::parse;
use crate::utilization::{Capacity, CostSharingSpec, ProgrammeSpec};
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
    #[serde(default)]
    cost_sharing: BTreeMap<String, CostSharingSpec>,
    #[serde(default)]
    response: Option<ResponseSpec>,
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
    capacity: Vec<Capacity>,
    contracts: Vec<(&'static str, AnySettlement)>,
}

/// An arm whose contracts are read and checked, before the care it leads to is known.
#[derive(Debug, Clone)]
pub struct ReadArrangement {
    spec: ArrangementSpec,
    book: Book,
    contracts: Vec<AnyContract>,
    bearers: Vec<Bearer>,
    /// What its terms make of each service.
    pub incentives: Incentives,
    /// Its programmes.
    pub programmes: Vec<ProgrammeSpec>,
}

impl ReadArrangement {
    /// Name of the arm.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// The factor of each service's volume that its incentives lead to.
    pub fn responses(&self, arms: &[Incentives]) -> Result<Vec<f64>> {
        let place = format!("{}.response", self.spec.name);
        match &self.spec.response {
            None => Ok(vec![1.0; self.book.services.len()]),
            Some(response) => response.factors(Place(&place), &self.book, &self.incentives, arms),
        }
    }

    /// Declares the views; `versions` is the version of care of each service.
    pub fn compile(self, versions: &[usize], views: &mut ViewPlan) -> Arrangement {
        let book = &self.book;
        let benefit = book.benefit(&self.bearers, versions, views);
        let arm = ArmBook { book, bearers: &self.bearers, versions, benefit };
        let settlements =
            self.contracts.iter().map(|contract| (contract.name(), contract.declare(&arm, views)));
        Arrangement {
            contracts: settlements.collect(),
            care: arm.priced(views),
            exposure: arm.exposure(views),
            fixed_costs: book.fixed_costs.clone(),
            capacity: book.capacity.clone(),
            programmes: self.programmes,
            name: self.spec.name,
        }
    }
}

impl ArrangementSpec {
    /// The programmes of the arm.
    pub fn programmes(&self) -> Result<Vec<ProgrammeSpec>> {
        let read = |(position, value): (usize, &Value)| {
            parse(&format!("{}.programmes[{position}]", self.name), value.clone(), &[])
        };
        self.programmes.iter().enumerate().map(read).collect()
    }

    /// The cost sharing that the arm changes, by payer.
    #[must_use]
    pub fn cost_sharing(&self) -> &BTreeMap<String, CostSharingSpec> {
        &self.cost_sharing
    }

    /// Reads and checks the contracts and finds the bearer of each service.
    pub fn read(self, book: Book) -> Result<ReadArrangement> {
        let contracts = self.read_contracts(&book)?;
        let bearers = self.bearers(&contracts, &book)?;
        let incentives = Incentives::new(&self.name, &book, &bearers, &contracts);
        Ok(ReadArrangement {
            programmes: self.programmes()?,
            spec: self,
            book,
            contracts,
            bearers,
            incentives,
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
            self.keep_clinicians(year, months_before, ledger);
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
            let billing = Flow(deliverer, Party::Suppliers, Account::BillingCost);
            let billing_cost = A::term(&line.collections.billing_cost);
            for (month, dollars) in line.lines(year).iter().enumerate() {
                let month = months_before + month;
                line.charge(cost_share, month, dollars.cost_share, ledger);
                if deliverer == Party::Provider && line.bearer != Bearer::Capitation {
                    ledger.post(billing, payer, month, dollars.events.times(billing_cost));
                }
                ledger.post(own_cost, payer, month, dollars.own_cost);
                if line.bearer == Bearer::Unclaimed {
                    line.bill(claim, month, dollars.paid, ledger);
                }
            }
        }
        let fixed_cost = Flow(Party::Provider, Party::Suppliers, Account::FixedCost);
        for month in 0..MONTHS {
            ledger.post(fixed_cost, None, months_before + month, A::term(&self.fixed_costs[year.position]));
        }
    }

    /// Whole clinicians for the year's events of the services they give, at least so many, each paid every month.
    fn keep_clinicians<A: Amount>(&self, year: &YearFacts<A>, months_before: usize, ledger: &mut Ledger<A>) {
        let flow = Flow(Party::Provider, Party::Suppliers, Account::CapacityCost);
        for clinicians in &self.capacity {
            let given =
                |line: &&Priced| clinicians.services[line.service] && line.deliverer == Party::Provider;
            let months = self.care.iter().filter(given).flat_map(|line| line.lines(year));
            let events = months.fold(A::ZERO, |sum, line| sum + line.events);
            let each = A::term(&clinicians.events_per_month).times(A::of(MONTHS as f64));
            let needed = events.over(each).whole_up().most(A::term(&clinicians.least));
            for month in 0..MONTHS {
                let cost = needed.times(A::term(&clinicians.cost_per_month));
                ledger.post(flow, None, months_before + month, cost);
            }
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
