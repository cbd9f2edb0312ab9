//! What a contract may know besides facts: the services, who delivers them, and who bears them in its arm.

use super::episode_payments::BundleOf;
use crate::ledger::{Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::Horizon;
use crate::utilization::{Capacity, Collections, CostSharing, EpisodeTerms, Scoring, ServiceTerms};
use crate::views::cost_sharing::{Plan, Rules};
use crate::views::{
    Benefit, BenefitView, ByMonth, Exposure, ExposureView, Tally, Total, TotalView, ViewPlan, Whose,
    YearFacts,
};

/// The services and payers of a study.
#[derive(Debug, Clone)]
pub struct Book {
    /// Service lines, in the order of their index.
    pub services: Vec<ServiceTerms>,
    /// Names of the payers.
    pub payers: Vec<String>,
    /// Whether the figures of each payer are kept.
    pub keeps_payers: bool,
    /// Names of the outcomes and measures that are looked at.
    pub health: Vec<String>,
    /// How each of them is scored; nothing where it is no measure.
    pub scoring: Vec<Option<Scoring>>,
    /// How many of them are measures.
    pub measures: usize,
    /// Whether some members are not attributed to the provider.
    pub attribution: bool,
    /// The years of the study.
    pub horizon: Horizon,
    /// Dollars a month that the provider spends whatever happens, in each simulated year.
    pub fixed_costs: Vec<Term>,
    /// Clinicians that the provider keeps.
    pub capacity: Vec<Capacity>,
    /// What becomes of bills, by payer.
    pub collections: Vec<Collections>,
    /// What members pay in the order of their claims, by payer.
    pub cost_sharing: Vec<Option<CostSharing>>,
    /// The episodes.
    pub episodes: Vec<EpisodeTerms>,
}

/// Who pays for a service line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bearer {
    /// No base payment claims it: the payer pays the drawn price.
    Unclaimed,
    /// The payer pays a fee, as a multiple of the drawn price.
    Fee(Term),
    /// The payer pays so many dollars an event, whatever its price.
    FlatFee(Term),
    /// The provider, out of a capitation.
    Capitation,
    /// The provider, out of what its members pay each month: there is no claim, so that nothing is allowed.
    Retainer,
}

/// Who pays for each service line, by payer.
pub type Bearers = Vec<Vec<Bearer>>;

impl Book {
    /// Number of payers.
    #[must_use]
    pub fn n_payers(&self) -> u16 {
        self.payers.len() as u16
    }

    /// Names of the measures.
    pub fn measures(&self) -> impl Iterator<Item = &str> {
        let all = self.health.iter().zip(&self.scoring);
        all.filter_map(|(name, scoring)| scoring.as_ref().map(|_| name.as_str()))
    }

    /// Where a measure stands among outcomes and measures, and how it is scored; nothing where there is no such measure.
    #[must_use]
    pub fn scoring_of(&self, name: &str) -> Option<(usize, &Scoring)> {
        let index = self.health.iter().position(|known| known == name)?;
        self.scoring[index].as_ref().map(|scoring| (index, scoring))
    }

    /// Declares what members pay in the order of their claims at an arm's prices, if any payer asks for it.
    pub fn benefit(
        &self,
        bearers: &Bearers,
        versions: &[usize],
        views: &mut ViewPlan,
    ) -> Option<BenefitView> {
        self.cost_sharing.iter().any(Option::is_some).then(|| {
            views.benefit(Benefit {
                plans: self.cost_sharing.iter().map(|sharing| self.plan(sharing.as_ref())).collect(),
                prices: bearers
                    .iter()
                    .map(|of_payer| of_payer.iter().map(Bearer::fee_level).collect())
                    .collect(),
                versions: versions.to_vec(),
            })
        })
    }

    /// A payer's plan; without one the coinsurance of each service.
    fn plan(&self, sharing: Option<&CostSharing>) -> Plan {
        let rules = |(exempt, copay, coinsurance): (bool, f64, f64)| Rules { exempt, copay, coinsurance };
        let plan = |deductible, maximum, services: Vec<Rules>| Plan { deductible, maximum, services };
        sharing.map_or_else(
            || {
                let own = self.services.iter().map(|service| (false, 0.0, service.coinsurance.value()));
                plan(0.0, f64::INFINITY, own.map(rules).collect())
            },
            |sharing| {
                let services = sharing.services.iter().copied().map(rules);
                plan(sharing.deductible, sharing.maximum, services.collect())
            },
        )
    }
}

/// The services a base payment claims, in the order of the book.
#[derive(Debug, Clone)]
pub struct Claims {
    /// The term that names the services.
    pub field: &'static str,
    /// How they are borne.
    pub bearer: Bearer,
    /// Whether each service is claimed.
    pub services: Vec<bool>,
}

/// The book of one arm: who bears each service.
#[derive(Debug, Clone, Copy)]
pub struct ArmBook<'a> {
    /// The book of the study.
    pub book: &'a Book,
    /// The payer whose contract it is; `None` for one with all of them.
    pub payer: Option<u16>,
    /// The bearer of each service, by payer.
    pub bearers: &'a Bearers,
    /// The version of care of each service.
    pub versions: &'a [usize],
    /// The version of each episode.
    pub episodes: &'a [usize],
    /// Its bundles of episodes.
    pub bundles: &'a [BundleOf],
    /// What members pay in the order of their claims, where any payer asks for it.
    pub benefit: Option<BenefitView>,
    /// Version of each outcome and measure.
    pub health: &'a [usize],
}

impl ArmBook<'_> {
    /// The payers that the contract is with.
    pub fn payers(&self) -> impl Iterator<Item = u16> + use<> {
        let all = 0..self.book.n_payers();
        let one = self.payer;
        all.filter(move |payer| one.is_none_or(|one| one == *payer))
    }

    /// The members of the payers that the contract is with.
    #[must_use]
    pub fn members(&self) -> Whose {
        Whose { payer: self.payer, attributed: None }
    }

    /// Whether any of its payers' services is borne so.
    #[must_use]
    pub fn bears(&self, bearer: Bearer) -> bool {
        self.payers().any(|payer| self.bearers[usize::from(payer)].contains(&bearer))
    }

    /// All service lines of the contract's payers at the arm's prices, their facts declared.
    pub fn priced(&self, views: &mut ViewPlan) -> Vec<Priced> {
        let attributed: &[bool] = if self.book.attribution { &[true, false] } else { &[true] };
        let mut lines = Vec::new();
        for payer in self.payers() {
            for attributed in attributed {
                lines.extend((0..self.book.services.len()).map(|service| {
                    let version = self.versions[service];
                    self.price(Total { service, version, payer, attributed: *attributed }, views)
                }));
            }
        }
        lines
    }

    fn price(&self, total: Total, views: &mut ViewPlan) -> Priced {
        let service = &self.book.services[total.service];
        Priced {
            total: views.total(total),
            service: total.service,
            payer: total.payer,
            attributed: total.attributed,
            bearer: self.bearers[usize::from(total.payer)][total.service],
            deliverer: service.deliverer,
            own_costs: service.own_costs.clone(),
            coinsurance: service.coinsurance,
            benefit: self.benefit,
            collections: self.book.collections[usize::from(total.payer)],
        }
    }

    /// The members who count where only those count who are attributed to the provider.
    #[must_use]
    pub fn attributed(&self) -> Whose {
        Whose { payer: self.payer, attributed: self.book.attribution.then_some(true) }
    }

    /// The exposure of the members of its payers.
    pub fn exposure(&self, views: &mut ViewPlan) -> ExposureView {
        views.exposure(Exposure::of(self.members()))
    }

    /// What members pay in the order of their claims, where that is taken off what is counted.
    pub(super) fn benefit_if(&self, paid: bool) -> Option<BenefitView> {
        self.benefit.filter(|_| paid)
    }

    /// Dollars at the arm's prices for a drawn dollar of each service of a payer: allowed, or paid, of services that
    /// `count` accepts; where members pay in the order of their claims, what is paid is allowed until
    /// [`Self::benefit_if`] takes it off.
    pub(super) fn weights(&self, payer: u16, paid: bool, count: impl Fn(usize) -> bool) -> Vec<f64> {
        let services = self.book.services.iter().zip(&self.bearers[usize::from(payer)]).enumerate();
        services
            .map(|(index, (service, bearer))| {
                let member = if paid && self.benefit.is_none() { service.coinsurance.value() } else { 0.0 };
                if count(index) { bearer.fee_level::<f64>() * (1.0 - member) } else { 0.0 }
            })
            .collect()
    }
}

impl Bearer {
    /// Whether a bill is sent for each event.
    #[must_use]
    pub fn is_billed(&self) -> bool {
        !matches!(self, Self::Capitation | Self::Retainer)
    }

    /// Whether the payer pays the price of each event, or a multiple of it.
    #[must_use]
    pub fn has_fee(&self) -> bool {
        matches!(self, Self::Fee(_) | Self::Unclaimed)
    }

    /// The multiple of the drawn price that is allowed.
    fn fee_level<A: Amount>(&self) -> A {
        match self {
            Self::Fee(level) => A::term(level),
            Self::Retainer => A::ZERO,
            Self::Unclaimed | Self::FlatFee(_) | Self::Capitation => A::ONE,
        }
    }
}

/// A service line of one payer at the arm's prices.
#[derive(Debug, Clone)]
pub struct Priced {
    total: TotalView,
    /// Index of the service.
    pub service: usize,
    /// Index of the payer.
    pub payer: u16,
    /// Of the members attributed to the provider, or of the others.
    pub attributed: bool,
    /// Who pays for it.
    pub bearer: Bearer,
    /// Who gives it.
    pub deliverer: Party,
    own_costs: Vec<Term>,
    coinsurance: Term,
    benefit: Option<BenefitView>,
    /// What becomes of bills to its payer and members.
    pub collections: Collections,
}

/// Dollars of a service line in a month.
#[derive(Debug, Clone, Copy)]
pub struct Line<A> {
    /// The value of the care at the arm's prices.
    pub allowed: A,
    /// The member's part of it.
    pub cost_share: A,
    /// The rest.
    pub paid: A,
    /// What giving the care cost its deliverer.
    pub own_cost: A,
    /// Number of events.
    pub events: A,
}

impl Priced {
    /// What the payer pays for a month's claims, less what it denies the provider.
    pub fn bill<A: Amount>(&self, flow: Flow, month: usize, paid: A, ledger: &mut Ledger<A>) {
        self.collect(flow, month, paid, &self.collections.denial_rate, ledger);
    }

    /// What members pay of a month's claims, less what they never pay the provider.
    pub fn charge<A: Amount>(&self, flow: Flow, month: usize, cost_share: A, ledger: &mut Ledger<A>) {
        self.collect(flow, month, cost_share, &self.collections.bad_debt_rate, ledger);
    }

    /// Others are paid at once and whole; the provider after its days to pay, less what is lost.
    fn collect<A: Amount>(&self, flow: Flow, month: usize, due: A, lost: &Term, ledger: &mut Ledger<A>) {
        if self.deliverer != Party::Provider {
            return ledger.post(flow, Some(self.payer), month, due);
        }
        let incurred = month as Month + 1;
        let months = (incurred, incurred + self.collections.months_to_pay);
        ledger.settle(flow, Some(self.payer), months, due.times(A::of(1.0) - A::term(lost)));
    }

    /// The dollars of each month.
    #[must_use]
    pub fn lines<A: Amount>(&self, year: &YearFacts<A>) -> ByMonth<Line<A>> {
        let tallies = year.total(self.total);
        let (fee_level, coinsurance) = (self.bearer.fee_level::<A>(), A::term(&self.coinsurance));
        let own_cost = A::term(&self.own_costs[year.position]);
        let case_costs = year.case_costs(self.total);
        let in_order = self.benefit.map(|benefit| year.cost_share(benefit, self.total));
        std::array::from_fn(|month| {
            let Tally { events, prices } = tallies[month];
            let allowed = prices.times(fee_level);
            let cost_share = in_order.map_or_else(|| allowed.times(coinsurance), |shares| shares[month]);
            let of_cases = case_costs.map_or(A::ZERO, |costs| costs[month]);
            let own_cost = events.times(own_cost) + of_cases;
            Line { allowed, cost_share, paid: allowed - cost_share, own_cost, events }
        })
    }
}
