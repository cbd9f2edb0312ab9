//! An arrangement: the ordered contracts of one arm, with one bearer for every service.

use std::collections::BTreeMap;

use serde_json::Value;

use super::episode_payments::{bundles_of, check_overlap};
use super::order::{check_episodes, check_order, check_what_is_seen};
use super::programmes::Programme;
use super::{
    AnyContract, AnySettlement, ArmBook, Bearer, Bearers, Book, Incentives, NAMES, Priced, ResponseSpec,
    Settlement, Step,
};
use crate::error::{InputError, Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::reading::parse;
use crate::utilization::{ArmCare, Capacity, CostSharingSpec, ProgrammeSpec};
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// An arm as the user writes it.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrangementSpec {
    /// Name of the arm.
    pub name: String,
    /// Contracts with every payer, or with the provider itself.
    #[serde(default)]
    contracts: Vec<Value>,
    /// Contracts with one payer each.
    #[serde(default)]
    payers: Vec<PayerSpec>,
    #[serde(default)]
    programmes: Vec<Value>,
    #[serde(default)]
    cost_sharing: BTreeMap<String, CostSharingSpec>,
    #[serde(default)]
    response: Option<ResponseSpec>,
}

/// The contracts of one payer as the user writes them.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PayerSpec {
    payer: String,
    contracts: Vec<Value>,
}

/// A contract of an arm, with whom it is, and its path.
#[derive(Debug, Clone)]
pub(super) struct Signed<C> {
    /// Its path in errors.
    pub path: String,
    /// The payer it is with; none for all of them.
    pub payer: Option<u16>,
    /// The contract.
    pub contract: C,
}

/// The contracts of an arm, ready to settle, beside the money that moves in any arm.
#[derive(Debug, Clone)]
pub struct Arrangement {
    /// Name of the arm.
    pub name: String,
    care: Vec<Priced>,
    exposure: ExposureView,
    /// Of each payer's members, where they are kept apart.
    of_payers: Vec<ExposureView>,
    fixed_costs: Vec<Term>,
    programmes: Vec<Programme>,
    capacity: Vec<Capacity>,
    contracts: Vec<Signed<(&'static str, AnySettlement)>>,
}

/// An arm whose contracts are read and checked, before the care it leads to is known.
#[derive(Debug, Clone)]
pub struct ReadArrangement {
    spec: ArrangementSpec,
    book: Book,
    contracts: Vec<Signed<AnyContract>>,
    bearers: Bearers,
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

    /// Declares the views; `care` is the version of each service and episode, `health` of each outcome and measure.
    pub fn compile(self, care: &ArmCare, health: &[usize], views: &mut ViewPlan) -> Arrangement {
        let book = &self.book;
        let ArmCare { services: versions, episodes } = care;
        let benefit = book.benefit(&self.bearers, versions, views);
        let bundles = &bundles_of(&self.contracts)[..];
        let bearers = &self.bearers;
        let arm = ArmBook { book, payer: None, bearers, versions, episodes, bundles, benefit, health };
        let settle = |signed: Signed<AnyContract>| {
            let with = ArmBook { payer: signed.payer, ..arm };
            let contract = (signed.contract.name(), signed.contract.declare(&with, views));
            Signed { path: signed.path, payer: signed.payer, contract }
        };
        let contracts = self.contracts.into_iter().map(settle).collect();
        let programmes = self.programmes.iter().map(|spec| Programme::declare(spec, &arm, views));
        let programmes: Vec<Programme> = programmes.collect();
        Arrangement {
            contracts,
            care: arm.priced(views),
            exposure: arm.exposure(views),
            of_payers: if book.keeps_payers { of_payers(&arm, views) } else { Vec::new() },
            fixed_costs: book.fixed_costs.clone(),
            capacity: book.capacity.clone(),
            programmes,
            name: self.spec.name,
        }
    }
}

/// The exposure of each payer's members.
fn of_payers(arm: &ArmBook<'_>, views: &mut ViewPlan) -> Vec<ExposureView> {
    arm.payers().map(|payer| ArmBook { payer: Some(payer), ..*arm }.exposure(views)).collect()
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
        check_order(&contracts)?;
        check_episodes(&contracts)?;
        let bearers = Self::bearers(&contracts, &book)?;
        check_what_is_seen(&contracts, &bearers, &book)?;
        check_overlap(&contracts)?;
        for Signed { path, payer, contract } in &contracts {
            let of = payer.map_or(0..bearers.len(), |payer| payer.into()..usize::from(payer) + 1);
            contract.check_bearers(Place(path), &book, &bearers[of])?;
        }
        let all = contracts.iter().map(|signed| &signed.contract);
        let incentives = Incentives::new(&self.name, &book, &bearers, all);
        Ok(ReadArrangement {
            programmes: self.programmes()?,
            spec: self,
            book,
            contracts,
            bearers,
            incentives,
        })
    }

    /// All contracts with their paths: those of each payer, then those with all.
    fn signed(&self, book: &Book) -> Result<Vec<Signed<Value>>> {
        let mut signed = Vec::new();
        for (position, of) in self.payers.iter().enumerate() {
            let payer = self.payer(position, book)?;
            let all = of.contracts.iter().enumerate().map(|(place, contract)| Signed {
                path: format!("{}.payers[{}][{place}]", self.name, of.payer),
                payer: Some(payer),
                contract: contract.clone(),
            });
            signed.extend(all);
        }
        let all = self.contracts.iter().enumerate().map(|(place, contract)| Signed {
            path: format!("{}[{place}]", self.name),
            payer: None,
            contract: contract.clone(),
        });
        signed.extend(all);
        Ok(signed)
    }

    /// The index of the payer named at a position; unknown and repeated names and payers left out are refused.
    fn payer(&self, position: usize, book: &Book) -> Result<u16> {
        let place = format!("{}.payers", self.name);
        let name = &self.payers[position].payer;
        let known = format!("the payers are {}", book.payers.join(", "));
        let refuse = |rule: &str, got: String| InputError::new(&place, rule).got(got).hint(known.clone());
        let index = book
            .payers
            .iter()
            .position(|payer| payer == name)
            .ok_or_else(|| refuse("must name payers of the population", format!("{name:?}")))?;
        if self.payers[..position].iter().any(|other| other.payer == *name) {
            return Err(refuse("must name each payer once", format!("{name:?} twice")).into());
        }
        let named = |payer: &&String| !self.payers.iter().any(|of| of.payer == **payer);
        if let Some(missing) = book.payers.iter().find(named) {
            let rule = "must say what holds for every payer; [] leaves one without a contract";
            return Err(refuse(rule, format!("nothing for {missing:?}")).into());
        }
        Ok(index as u16)
    }

    fn read_contracts(&self, book: &Book) -> Result<Vec<Signed<AnyContract>>> {
        let signed = self.signed(book)?;
        if signed.is_empty() {
            return Err(InputError::new(&self.name, "must have at least one contract").got("none").into());
        }
        let read = |Signed { path, payer, contract }: Signed<Value>| {
            let contract: AnyContract = parse(&path, contract, NAMES)?;
            contract.check(Place(&path), book)?;
            Ok(Signed { path, payer, contract })
        };
        signed.into_iter().map(read).collect()
    }

    /// The bearer of each service, by payer; two claims on one service are refused.
    fn bearers(contracts: &[Signed<AnyContract>], book: &Book) -> Result<Bearers> {
        let n = usize::from(book.n_payers());
        let mut bearers = vec![vec![Bearer::Unclaimed; book.services.len()]; n];
        let mut claimed_by: Vec<Vec<Option<&str>>> = vec![vec![None; book.services.len()]; n];
        for signed in contracts {
            let Some(claims) = signed.contract.claims(book) else { continue };
            for payer in (0..n).filter(|payer| signed.payer.is_none_or(|of| usize::from(of) == *payer)) {
                for (service, _) in claims.services.iter().enumerate().filter(|(_, claimed)| **claimed) {
                    if let Some(other) = claimed_by[payer][service] {
                        let rule = "must not overlap the scope of another base payment";
                        return Err(InputError::new(format!("{}.{}", signed.path, claims.field), rule)
                            .got(format!("{:?}, which {other} claims too", book.services[service].name))
                            .hint("give each service to one base payment by scope=[...]")
                            .into());
                    }
                    bearers[payer][service] = claims.bearer;
                    claimed_by[payer][service] = Some(&signed.path);
                }
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
            self.programmes.iter().for_each(|each| each.run(year, months_before, ledger));
            self.keep_clinicians(year, months_before, ledger);
        }
        for (position, signed) in self.contracts.iter().enumerate() {
            ledger.begin(position, signed.payer);
            signed.contract.1.settle(facts, ledger);
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
                if deliverer == Party::Provider && line.bearer.is_billed() {
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

    /// The value of a year's care at this arm's prices, and that value less the members' cost share; of one payer's
    /// members or of all.
    #[must_use]
    pub fn allowed_and_paid<A: Amount>(&self, year: &YearFacts<A>, payer: Option<u16>) -> (A, A) {
        let of = self.care.iter().filter(|line| payer.is_none_or(|payer| payer == line.payer));
        let lines = of.flat_map(|line| line.lines(year));
        lines.fold((A::ZERO, A::ZERO), |(allowed, paid), line| (allowed + line.allowed, paid + line.paid))
    }

    /// Member-months of the year.
    #[must_use]
    pub fn member_months<A: Amount>(&self, year: &YearFacts<A>) -> A {
        year.member_months(self.exposure)
    }

    /// Member-months of a payer's members; known where the figures of payers are kept.
    #[must_use]
    pub fn member_months_of<A: Amount>(&self, payer: usize, year: &YearFacts<A>) -> A {
        self.of_payers.get(payer).map_or(A::ZERO, |view| year.member_months(*view))
    }

    /// Number of payers whose figures are kept.
    #[must_use]
    pub fn n_payers(&self) -> usize {
        self.of_payers.len()
    }

    /// The computation of each contract for one year line by line, with its name; `ledger` is the arm's, settled.
    #[must_use]
    pub fn steps<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        ledger: &mut Ledger<A>,
    ) -> Vec<(&'static str, Vec<Step<A>>)> {
        let mut steps = Vec::with_capacity(self.contracts.len());
        for (position, Signed { payer, contract: (name, contract), .. }) in self.contracts.iter().enumerate()
        {
            ledger.begin(position, *payer);
            steps.push((*name, contract.steps(facts, year, ledger)));
        }
        steps
    }

    /// Paths of the contracts, by their position.
    #[must_use]
    pub fn paths(&self) -> Vec<&str> {
        self.contracts.iter().map(|signed| signed.path.as_str()).collect()
    }
}
