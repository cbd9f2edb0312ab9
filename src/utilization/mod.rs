//! Service lines: how often, for whom, at what price, at what cost of giving, delivered by whom.

mod draws;
pub mod events;
mod months;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::distributions::{Distribution, Frailty, KINDS, Sampler};
use crate::error::{InputError, Place, Result, show};
use crate::ledger::Party;
use crate::money::{Number, Term};
use crate::population::Member;
use crate::reading::parse;
use crate::rng::{Key, NO_NAME, NO_YEAR, Process, name_hash};

/// Most events that a member's year may be expected to have; Poisson quantiles are exact up to this rate.
const LARGEST_RATE: f64 = 1e6;

/// The care a panel uses, as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UtilizationSpec {
    services: Vec<Value>,
    frailty_cv: Number,
    fixed_cost_per_month: Term,
}

/// One service line as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceSpec {
    name: String,
    per_1000: Number,
    allowed: Distribution,
    own_cost: Term,
    delivered_by: String,
    coinsurance: Term,
}

/// What contracts may know of a service line.
#[derive(Debug, Clone)]
pub struct ServiceTerms {
    /// Name.
    pub name: String,
    /// Provider or other providers.
    pub deliverer: Party,
    /// Dollars per event, borne by the deliverer.
    pub own_cost: Term,
    /// The member's share of the allowed amount, 0-1.
    pub coinsurance: Term,
}

/// A service line ready to be simulated.
#[derive(Debug, Clone)]
pub struct Service {
    /// What contracts may know.
    pub terms: ServiceTerms,
    /// Events per year of a member with risk score 1 and frailty 1.
    rate: f64,
    /// Its square root.
    root_rate: f64,
    price: Sampler,
    events_key: Key,
    months_key: Key,
}

/// Care ready to be simulated; services in the order of their names, so that the order they are given in moves nothing.
#[derive(Debug, Clone)]
pub struct Utilization {
    services: Vec<Service>,
    frailty: Frailty,
    frailty_key: Key,
    /// Dollars a month that the provider spends whatever happens.
    pub fixed_cost_per_month: Term,
}

impl UtilizationSpec {
    /// Checks everything and compiles it for one year of one seed.
    pub fn compile(self, seed: u64, year: i8) -> Result<Utilization> {
        let place = Place("utilization");
        place.within("frailty_cv", self.frailty_cv.0, 0.0, 20.0)?;
        place.not_negative("fixed_cost_per_month", self.fixed_cost_per_month.value())?;
        if self.services.is_empty() {
            return Err(place.error("services", "must name at least one service").got("none").into());
        }
        let mut specs =
            self.services.into_iter().enumerate().map(read_service).collect::<Result<Vec<_>>>()?;
        refuse_colliding_names(&specs)?;
        specs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Utilization {
            services: specs.into_iter().map(|spec| spec.compile(seed, year)).collect(),
            frailty: Frailty::compile(self.frailty_cv.0),
            frailty_key: Key::new(seed, Process::Frailty, NO_YEAR, NO_NAME),
            fixed_cost_per_month: self.fixed_cost_per_month,
        })
    }
}

fn read_service((index, value): (usize, Value)) -> Result<ServiceSpec> {
    let name = value.get("name").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let path = if name.is_empty() { format!("utilization.services[{index}]") } else { name };
    let spec: ServiceSpec = parse(&path, value, KINDS)?;
    spec.check(Place(&path))?;
    Ok(spec)
}

impl ServiceSpec {
    fn check(&self, place: Place<'_>) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(place.error("name", "must not be empty").got(format!("{:?}", self.name)).into());
        }
        place.not_negative("per_1000", self.per_1000.0)?;
        self.allowed.check(Place(&place.field("allowed")))?;
        place.not_negative("own_cost", self.own_cost.value())?;
        place.rate("coinsurance", self.coinsurance.value())?;
        self.deliverer(place).map(|_| ())
    }

    fn deliverer(&self, place: Place<'_>) -> Result<Party> {
        [Party::Provider, Party::OtherProviders]
            .into_iter()
            .find(|party| party.name() == self.delivered_by)
            .ok_or_else(|| {
                let rule = "must be \"provider\" or \"other_providers\"";
                place.error("delivered_by", rule).got(format!("{:?}", self.delivered_by)).into()
            })
    }

    fn compile(self, seed: u64, year: i8) -> Service {
        let name = name_hash(&self.name);
        let by_provider = self.delivered_by == Party::Provider.name();
        let deliverer = if by_provider { Party::Provider } else { Party::OtherProviders };
        Service {
            rate: self.per_1000.0 / 1_000.0,
            root_rate: (self.per_1000.0 / 1_000.0).sqrt(),
            price: self.allowed.compile(),
            events_key: Key::new(seed, Process::Service, year, name),
            months_key: Key::new(seed, Process::Month, year, name),
            terms: ServiceTerms {
                name: self.name,
                deliverer,
                own_cost: self.own_cost,
                coinsurance: self.coinsurance,
            },
        }
    }
}

/// Two services may not share a name, nor by bad luck the hash that is their address.
fn refuse_colliding_names(specs: &[ServiceSpec]) -> Result<()> {
    let mut seen: IndexMap<u32, &str> = IndexMap::new();
    seen.insert(NO_NAME, "what all services share");
    for spec in specs {
        if let Some(other) = seen.insert(name_hash(&spec.name), &spec.name) {
            let error = InputError::new("utilization.services", "must have names of their own");
            return Err(if other == spec.name {
                error.got(format!("{other:?} twice")).into()
            } else {
                let got = format!("{:?}, whose random numbers are those of {other:?}", spec.name);
                error.got(got).hint("rename one of them").into()
            });
        }
    }
    Ok(())
}

impl Utilization {
    /// The service lines, in the order of their names.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Refuses rates and risk scores that together ask for more events than can be drawn.
    pub fn check_rates(&self, members: &[Member]) -> Result<()> {
        let risk = highest_risk(members);
        let frailty = self.frailty.largest();
        for service in &self.services {
            let rate = service.rate * (risk * frailty);
            if !(rate.is_finite() && rate <= LARGEST_RATE) {
                let rule = format!("must give no member a rate above {LARGEST_RATE} events a year");
                let got = show(service.rate * 1_000.0);
                let hint = format!("the highest risk score is {risk} and the largest frailty {frailty:.4}");
                return Err(Place(&service.terms.name).error("per_1000", rule).got(got).hint(hint).into());
            }
        }
        Ok(())
    }

    /// Events that a year of all members is expected to have.
    #[must_use]
    pub fn expected_events(&self, members: &[Member]) -> f64 {
        let risk: f64 = members.iter().map(|member| member.exposed_risk).sum();
        self.services.iter().map(|service| service.rate * risk).sum()
    }
}

fn highest_risk(members: &[Member]) -> f64 {
    members.iter().map(|member| member.exposed_risk).fold(0.0, f64::max)
}
