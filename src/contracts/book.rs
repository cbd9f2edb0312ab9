//! What a contract may know besides facts: the services, who delivers them, and who bears them in its arm.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::ledger::Party;
use crate::money::{Amount, Term};
use crate::population::Horizon;
use crate::utilization::ServiceTerms;
use crate::views::{ByMonth, Exposure, ExposureView, Total, TotalView, ViewPlan, Whose, YearFacts};

/// The services and payers of a study.
#[derive(Debug, Clone)]
pub struct Book {
    /// Service lines, in the order of their index.
    pub services: Vec<ServiceTerms>,
    /// Number of payers.
    pub n_payers: u16,
    /// Whether some members are not attributed to the provider.
    pub attribution: bool,
    /// The years of the study.
    pub horizon: Horizon,
    /// Dollars a month that the provider spends whatever happens, in each simulated year.
    pub fixed_costs: Vec<Term>,
}

/// Names of services a contract applies to; `None` for its own default.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Refuses an empty scope, unknown services and repeated ones.
    pub fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        if self.0.is_empty() {
            return Err(place.error("scope", "must name at least one service").got("none").into());
        }
        for (position, name) in self.0.iter().enumerate() {
            if !book.services.iter().any(|service| service.name == *name) {
                let known: Vec<_> = book.services.iter().map(|service| service.name.as_str()).collect();
                let error =
                    place.error("scope", "must name services of the utilization").got(format!("{name:?}"));
                return Err(error.hint(format!("the services are {}", known.join(", "))).into());
            }
            if self.0[..position].contains(name) {
                return Err(place
                    .error("scope", "must name each service once")
                    .got(format!("{name:?} twice"))
                    .into());
            }
        }
        Ok(())
    }

    /// Whether a service is in scope.
    #[must_use]
    pub fn contains(&self, service: &ServiceTerms) -> bool {
        self.0.contains(&service.name)
    }
}

/// Who pays for a service line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bearer {
    /// No base payment claims it: the payer pays the drawn price.
    Unclaimed,
    /// The payer pays a fee, as a multiple of the drawn price.
    Fee(Term),
    /// The provider, out of a capitation.
    Capitation,
}

/// The services a base payment claims, in the order of the book.
#[derive(Debug, Clone)]
pub struct Claims {
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
    /// The bearer of each service.
    pub bearers: &'a [Bearer],
    /// The version of care of each service.
    pub versions: &'a [usize],
}

impl ArmBook<'_> {
    /// All service lines of all payers at the arm's prices, their facts declared.
    pub fn priced(&self, views: &mut ViewPlan) -> Vec<Priced> {
        let attributed: &[bool] = if self.book.attribution { &[true, false] } else { &[true] };
        let mut lines = Vec::new();
        for payer in 0..self.book.n_payers {
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
            bearer: self.bearers[total.service],
            deliverer: service.deliverer,
            own_costs: service.own_costs.clone(),
            coinsurance: service.coinsurance,
        }
    }

    /// The members who count where only those count who are attributed to the provider.
    #[must_use]
    pub fn attributed(&self) -> Whose {
        Whose { payer: None, attributed_only: self.book.attribution }
    }

    /// The exposure of all members.
    pub fn exposure(&self, views: &mut ViewPlan) -> ExposureView {
        views.exposure(Exposure { whose: Whose::ALL, by_risk: false })
    }

    /// Dollars at the arm's prices for a drawn dollar of each service: allowed, or paid, of services that `count` accepts.
    pub fn weights(&self, paid: bool, count: impl Fn(usize) -> bool) -> Vec<f64> {
        let services = self.book.services.iter().zip(self.bearers).enumerate();
        services
            .map(|(index, (service, bearer))| {
                let member = if paid { service.coinsurance.value() } else { 0.0 };
                if count(index) { bearer.fee_level::<f64>() * (1.0 - member) } else { 0.0 }
            })
            .collect()
    }
}

impl Bearer {
    /// The multiple of the drawn price that is allowed.
    fn fee_level<A: Amount>(&self) -> A {
        match self {
            Self::Fee(level) => A::term(level),
            Self::Unclaimed | Self::Capitation => A::term(&Term::from(1)),
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
}

impl Priced {
    /// The dollars of each month.
    #[must_use]
    pub fn lines<A: Amount>(&self, year: &YearFacts<A>) -> ByMonth<Line<A>> {
        let tallies = year.total(self.total);
        let (fee_level, coinsurance) = (self.bearer.fee_level::<A>(), A::term(&self.coinsurance));
        let own_cost = A::term(&self.own_costs[year.position]);
        std::array::from_fn(|month| {
            let allowed = tallies[month].prices.times(fee_level);
            let cost_share = allowed.times(coinsurance);
            let own_cost = tallies[month].events.times(own_cost);
            Line { allowed, cost_share, paid: allowed - cost_share, own_cost }
        })
    }
}
