//! How arms change what is asked for and what is offered: responses to net marginal revenue and to members' prices.
//!
//! A response is a factor of a service's volume against a named reference arm. It comes from terms, mean prices and
//! costs, never from outcomes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AnyContract, Bearer, Bearers, Book};
use crate::error::{InputError, Place, Result};
use crate::ledger::Party;
use crate::math;
use crate::money::Number;
use crate::utilization::ServiceTerms;

/// The response of an arm as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseSpec {
    reference: Option<String>,
    /// By service, or under an empty name of all: of volume in net marginal revenue as a part of the price.
    #[serde(default)]
    provider: BTreeMap<String, Number>,
    /// By service, or under an empty name of all: of volume in the member's price.
    #[serde(default)]
    member: BTreeMap<String, Number>,
    cap: Number,
    /// By arm: the chance that shared savings earn, and that they owe.
    #[serde(default)]
    chances: BTreeMap<String, [Number; 2]>,
}

/// What a response looks at in an arm.
#[derive(Debug, Clone)]
pub struct Incentives {
    /// Name of the arm.
    pub name: String,
    /// By service: payment less own marginal cost, or less what is owed for a referral; dollars an event.
    revenue: Vec<f64>,
    /// The parts of the price of an event that shared savings give up: of what is earned, and of what is owed.
    shares: (f64, f64),
    /// By service: the part of the price that members pay, 0-1.
    member_price: Vec<f64>,
}

impl Incentives {
    /// What an arm's terms come to in the first performance year, at the mean price of each service.
    #[must_use]
    pub fn new<'a>(
        name: &str,
        book: &Book,
        bearers: &Bearers,
        contracts: impl Iterator<Item = &'a AnyContract>,
    ) -> Self {
        let shares = contracts.filter_map(AnyContract::savings_shares);
        let each = book.services.iter().enumerate();
        Self {
            name: name.to_owned(),
            revenue: book
                .services
                .iter()
                .enumerate()
                .map(|(index, _)| mean_revenue(book, index, bearers))
                .collect(),
            shares: shares.fold((0.0, 0.0), |sum, share| (sum.0 + share.0, sum.1 + share.1)),
            member_price: each.map(|(index, service)| member_price(book, index, service, bearers)).collect(),
        }
    }
}

/// What an event leaves on average over the payers.
fn mean_revenue(book: &Book, index: usize, bearers: &Bearers) -> f64 {
    let of = |of_payer: &Vec<Bearer>| marginal_revenue(book, &book.services[index], &of_payer[index]);
    bearers.iter().map(of).sum::<f64>() / bearers.len() as f64
}

fn marginal_revenue(book: &Book, service: &ServiceTerms, bearer: &Bearer) -> f64 {
    let (price, coinsurance) = (service.mean_price, service.coinsurance.value());
    let year = book.horizon.base_years;
    let own_cost =
        service.own_costs[year].value() + service.mean_case_costs.get(year).copied().unwrap_or(0.0);
    match (bearer, service.deliverer == Party::Provider) {
        (Bearer::Fee(level), true) => level.value() * price - own_cost,
        (Bearer::Unclaimed, true) => price - own_cost,
        (Bearer::FlatFee(fee), true) => fee.value() + coinsurance * price - own_cost,
        (Bearer::Capitation, true) => coinsurance * price - own_cost,
        (Bearer::Retainer, true) => -own_cost,
        (Bearer::Capitation, false) => -(1.0 - coinsurance) * price,
        (_, false) => 0.0,
    }
}

/// The part of a mean price that members pay after any deductible, on average over the payers.
fn member_price(book: &Book, index: usize, service: &ServiceTerms, bearers: &Bearers) -> f64 {
    let price = service.mean_price;
    let of = |(sharing, bearers): (&Option<crate::utilization::CostSharing>, &Vec<Bearer>)| {
        if bearers[index] == Bearer::Retainer {
            return 0.0;
        }
        let own = (false, 0.0, service.coinsurance.value());
        let (_, copay, coinsurance) = sharing.as_ref().map_or(own, |sharing| sharing.services[index]);
        let copay = copay.min(price);
        if price > 0.0 { (copay + coinsurance * (price - copay)) / price } else { 0.0 }
    };
    book.cost_sharing.iter().zip(bearers).map(of).sum::<f64>() / book.cost_sharing.len() as f64
}

impl ResponseSpec {
    /// The factor of each service's volume in an arm, which is one of `arms`.
    pub fn factors(
        &self,
        place: Place<'_>,
        book: &Book,
        arm: &Incentives,
        arms: &[Incentives],
    ) -> Result<Vec<f64>> {
        place.within("cap", self.cap.0, 1.0, 10.0)?;
        let Some(name) = &self.reference else {
            let error = place.error("reference", "must name an arm to compare incentives with").got("None");
            return Err(error.hint("an elasticity tells nothing without a reference arm").into());
        };
        let known = || arms.iter().map(|arm| arm.name.as_str()).collect::<Vec<_>>().join(", ");
        let reference = arms.iter().find(|other| other.name == *name).ok_or_else(|| {
            let error = place.error("reference", "must be an arm of the study").got(format!("{name:?}"));
            error.hint(format!("the arms are {}", known()))
        })?;
        let limit = math::ln(self.cap.0);
        let mut factors = Vec::with_capacity(book.services.len());
        for (index, service) in book.services.iter().enumerate() {
            let provider = elasticity(place, "provider", &self.provider, service)?;
            let member = elasticity(place, "member", &self.member, service)?;
            let price = service.mean_price;
            let revenue = |of: &Incentives| of.revenue[index] - self.given_up(of) * price;
            let gained = if price > 0.0 { (revenue(arm) - revenue(reference)) / price } else { 0.0 };
            let (now, then) = (arm.member_price[index], reference.member_price[index]);
            let dearer = if now + then > 0.0 { 2.0 * (now - then) / (now + then) } else { 0.0 };
            factors.push(math::exp((provider * gained + member * dearer).clamp(-limit, limit)));
        }
        self.check_names(place, book)?;
        Ok(factors)
    }

    /// The part of a price that shared savings give up, weighed with the chance that they earn or owe at all.
    fn given_up(&self, of: &Incentives) -> f64 {
        let [earns, owes] =
            self.chances.get(&of.name).map_or([0.0, 0.0], |chances| [chances[0].0, chances[1].0]);
        earns * of.shares.0 + owes * of.shares.1
    }

    fn check_names(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let mut all = self.provider.keys().chain(self.member.keys()).filter(|name| !name.is_empty());
        let unknown = all.find(|name| !book.services.iter().any(|service| service.is_called(name)));
        unknown.map_or(Ok(()), |name| {
            let services: Vec<&str> = book.services.iter().map(|service| service.name.as_str()).collect();
            let error = InputError::new(place.field("elasticity"), "must name services of the utilization");
            Err(error
                .got(format!("{name:?}"))
                .hint(format!("the services are {}", services.join(", ")))
                .into())
        })
    }
}

fn elasticity(
    place: Place<'_>,
    field: &str,
    given: &BTreeMap<String, Number>,
    service: &ServiceTerms,
) -> Result<f64> {
    let own = given.iter().find(|(name, _)| service.is_called(name)).map(|(_, value)| value.0);
    let value = own.or_else(|| given.get("").map(|value| value.0)).unwrap_or(0.0);
    let path = if field == "provider" { "elasticity" } else { "member_elasticity" };
    place.within(path, value, -10.0, 10.0)?;
    Ok(value)
}
