//! A service line: how often, for whom, at what price, at what cost of giving, delivered by whom.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::frailty::{Dispersion, FrailtySpec};
use super::relativities::{AgeRelativities, AgeRelativitiesSpec};
use super::tables::Tables;
use super::year_keys::YearKeys;
use crate::distributions::{Distribution, KINDS, Sampler, empirical};
use crate::error::{Place, Result, show};
use crate::ledger::Party;
use crate::money::{LARGEST_TERM, Number, Term};
use crate::population::{Horizon, grown};
use crate::reading::parse;
use crate::rng::{Key, NO_YEAR, Process, name_hash};

/// One service line as the user writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    pub(super) name: String,
    per_1000: Number,
    allowed: Distribution,
    /// Whether `allowed` lists cases, which a word means by their order and not by their prices.
    #[serde(default)]
    by_case: bool,
    /// The own cost of each case, in the order of the list.
    #[serde(default)]
    case_costs: Option<Vec<Number>>,
    own_cost: Term,
    delivered_by: String,
    coinsurance: Term,
    #[serde(default)]
    frailty: Option<FrailtySpec>,
    #[serde(default = "nothing")]
    trend: Number,
    #[serde(default = "nothing")]
    price_trend: Number,
    #[serde(default = "nothing")]
    own_cost_trend: Number,
    #[serde(default)]
    age_relativities: Option<AgeRelativitiesSpec>,
    #[serde(default)]
    relativity: Option<String>,
    #[serde(default)]
    fee_levels: BTreeMap<String, Number>,
    #[serde(default = "nothing")]
    out_of_network_rate: Number,
    #[serde(default = "unchanged")]
    out_of_network_price: Number,
}

fn unchanged() -> Number {
    Number(1.0)
}

/// A rate of growth that is none.
pub(super) fn nothing() -> Number {
    Number(0.0)
}

/// What contracts may know of a service line.
#[derive(Debug, Clone)]
pub struct ServiceTerms {
    /// Name.
    pub name: String,
    /// Name of the service line of which this is the part given out of network.
    pub out_of_network_of: Option<String>,
    /// Provider or other providers.
    pub deliverer: Party,
    /// Dollars per event in each simulated year, borne by the deliverer.
    pub own_costs: Vec<Term>,
    /// The member's share of the allowed amount, 0-1.
    pub coinsurance: Term,
    /// Mean of the drawn price in year 0, dollars.
    pub mean_price: f64,
    /// Mean of what a case costs its deliverer besides in each simulated year, dollars; empty where cases do not differ.
    pub mean_case_costs: Vec<f64>,
}

impl ServiceTerms {
    /// Name of the whole line, of which this may be the part out of network.
    #[must_use]
    pub fn whole_name(&self) -> &str {
        self.out_of_network_of.as_deref().unwrap_or(&self.name)
    }

    /// Whether a name means this line: its own, or that of the line of which it is the part out of network.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.out_of_network_of.as_deref() == Some(name)
    }
}

/// A service line ready to be simulated.
#[derive(Debug, Clone)]
pub struct Service {
    /// What contracts may know.
    pub terms: ServiceTerms,
    /// Events in year 0 of a member with risk score 1 and frailty 1.
    pub(super) rate: f64,
    /// What its rate and its price have grown to in each simulated year.
    pub(super) growth: Vec<f64>,
    pub(super) price_growth: Vec<f64>,
    /// The part of its events that episodes do not bring, in each simulated year; empty where they bring none.
    pub(super) net: Vec<f64>,
    /// What drawn prices are multiplied with besides: 1, but for care out of network.
    pub(super) price_level: f64,
    pub(super) price: Sampler,
    /// What giving each case costs, at the word of its price, where cases differ in it.
    pub(super) case_costs: Option<Sampler>,
    /// What the own cost of cases has grown to in each simulated year.
    pub(super) cost_growth: Vec<f64>,
    pub(super) dispersion: Dispersion,
    pub(super) by_age: Option<AgeRelativities>,
    /// Name of the members' further factor.
    pub(super) relativity: Option<String>,
    /// By payer: what drawn prices are multiplied with; empty where that is 1 for all.
    pub(super) fee_levels: Vec<f64>,
    pub(super) frailty_key: Key,
    pub(super) keys: Vec<YearKeys>,
}

/// What the services of a study have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'a> {
    pub seed: u64,
    pub horizon: Horizon,
    pub trend: f64,
    pub price_trend: f64,
    /// Names of the payers.
    pub payers: &'a [String],
}

/// Reads one service line, telling faults by its name.
pub(super) fn read_service((index, value): (usize, Value)) -> Result<ServiceSpec> {
    let name = value.get("name").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let path = if name.is_empty() { format!("utilization.services[{index}]") } else { name };
    let spec: ServiceSpec = parse(&path, value, KINDS)?;
    spec.check(Place(&path))?;
    Ok(spec)
}

/// Refuses a yearly rate of growth that is a mistaken percent or leaves nothing.
pub(super) fn check_trend(place: Place<'_>, field: &str, Number(trend): Number) -> Result<()> {
    if (-0.9..=1.0).contains(&trend) {
        return Ok(());
    }
    let error = place.error(field, "must be a yearly rate between -0.9 and 1").got(show(trend));
    let percent = trend > 1.0 && trend <= 100.0;
    Err(if percent { error.hint(format!("did you mean {}?", trend / 100.0)) } else { error }.into())
}

impl Service {
    /// What prices of a payer's members are multiplied with.
    pub(super) fn fee_level(&self, payer: u16) -> f64 {
        self.fee_levels.get(usize::from(payer)).copied().unwrap_or(1.0)
    }

    /// Whether its cases differ in what giving them costs.
    #[must_use]
    pub fn has_case_costs(&self) -> bool {
        self.case_costs.is_some()
    }
}

impl ServiceSpec {
    fn check(&self, place: Place<'_>) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(place.error("name", "must not be empty").got(format!("{:?}", self.name)).into());
        }
        place.not_negative("per_1000", self.per_1000.0)?;
        self.allowed.check(Place(&place.field("allowed")))?;
        place.not_negative("own_cost", self.own_cost.value())?;
        self.check_cases(place)?;
        place.rate("coinsurance", self.coinsurance.value())?;
        if let Some(frailty) = &self.frailty {
            frailty.check(Place(&place.field("frailty")))?;
        }
        for (field, trend) in [
            ("trend", self.trend),
            ("price_trend", self.price_trend),
            ("own_cost_trend", self.own_cost_trend),
        ] {
            check_trend(place, field, trend)?;
        }
        if let Some(by_age) = &self.age_relativities {
            by_age.check(Place(&place.field("relativities.age")))?;
        }
        for (payer, level) in &self.fee_levels {
            place.within(&format!("fee_levels.{payer}"), level.0, 0.0, 100.0)?;
        }
        place.rate("out_of_network_rate", self.out_of_network_rate.0)?;
        place.within("out_of_network_price", self.out_of_network_price.0, 0.0, 100.0)?;
        if self.out_of_network_rate.0 > 0.0 && self.deliverer(place)? != Party::Provider {
            let error = place.error("out_of_network_rate", "must be 0 for what other providers deliver");
            return Err(error.got(show(self.out_of_network_rate.0)).into());
        }
        self.deliverer(place).map(|_| ())
    }

    /// The list of cases, where `allowed` is one.
    fn cases(&self) -> Option<&empirical::Spec> {
        match &self.allowed {
            Distribution::Empirical(cases) if self.by_case => Some(cases),
            _ => None,
        }
    }

    /// Costs of cases are of the values that a list of prices has.
    fn check_cases(&self, place: Place<'_>) -> Result<()> {
        if self.by_case && self.cases().is_none() {
            return Err(place.error("by_case", "must go with listed prices").into());
        }
        let Some(costs) = &self.case_costs else { return Ok(()) };
        let listed = self.cases().map_or(0, empirical::Spec::n_values);
        if costs.len() != listed {
            let rule = format!("must be as many as cases ({listed})");
            return Err(place.error("case_costs", rule).got(costs.len()).into());
        }
        let mut each = costs.iter().enumerate();
        each.try_for_each(|(case, cost)| {
            place.within(&format!("case_costs[{case}]"), cost.0, 0.0, LARGEST_TERM)
        })
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

    /// The line, and beside it the part that is given out of network, if any: Poisson events divided by chance are two
    /// independent lines with the same frailty.
    pub(super) fn lines(self) -> Vec<(Self, Option<String>)> {
        let outside = self.out_of_network_rate.0;
        if outside == 0.0 {
            return vec![(self, None)];
        }
        let mut apart = self.clone();
        let mut inside = self;
        apart.name = format!("{}, out of network", inside.name);
        apart.per_1000 = Number(inside.per_1000.0 * outside);
        Party::OtherProviders.name().clone_into(&mut apart.delivered_by);
        inside.per_1000 = Number(inside.per_1000.0 * (1.0 - outside));
        inside.out_of_network_price = unchanged();
        let whole = inside.name.clone();
        vec![(inside, None), (apart, Some(whole))]
    }

    pub(super) fn compile(
        self,
        whole: Option<String>,
        common: Common<'_>,
        tables: &mut Tables,
    ) -> Result<Service> {
        let Common { seed, horizon, trend, price_trend, payers } = common;
        let name = name_hash(&self.name);
        let whole_name = whole.as_deref().map_or(name, name_hash);
        let deliverer = self.deliverer(Place(&self.name))?;
        let (price, mean_price) = tables.price(Place(&self.name), &self.allowed)?;
        let costs: Option<Vec<f64>> =
            self.case_costs.as_ref().map(|costs| costs.iter().map(|cost| cost.0).collect());
        let mean_case_cost = self.cases().zip(costs.as_ref()).map(|(cases, costs)| cases.mean_of(costs));
        let (price, case_costs) = match self.cases() {
            Some(cases) => cases.by_rows(costs),
            None => (price, None),
        };
        let price_level = self.out_of_network_price.0;
        let years = || (0..horizon.len()).map(|position| horizon.label(position));
        let growth =
            |own: f64, common: f64| years().map(move |year| grown(own, year) * grown(common, year)).collect();
        let own_costs = years().map(|year| self.own_cost.grown(grown(self.own_cost_trend.0, year))).collect();
        let cost_growth: Vec<f64> = growth(self.own_cost_trend.0, 0.0);
        Ok(Service {
            rate: self.per_1000.0 / 1_000.0,
            growth: growth(self.trend.0, trend),
            price_growth: growth(self.price_trend.0, price_trend),
            net: Vec::new(),
            price_level,
            price,
            cost_growth: cost_growth.clone(),
            case_costs,
            dispersion: self
                .frailty
                .as_ref()
                .map_or_else(Dispersion::none, |frailty| frailty.compile(tables)),
            by_age: self.age_relativities.as_ref().map(AgeRelativitiesSpec::compile),
            relativity: self.relativity.clone(),
            fee_levels: self.fee_levels(payers)?,
            frailty_key: Key::new(seed, Process::ServiceFrailty, NO_YEAR, whole_name),
            keys: years().map(|year| YearKeys::new(seed, year, name)).collect(),
            terms: ServiceTerms {
                name: self.name,
                out_of_network_of: whole,
                deliverer,
                own_costs,
                coinsurance: self.coinsurance,
                mean_price: mean_price * price_level,
                mean_case_costs: mean_case_cost
                    .map_or_else(Vec::new, |mean| cost_growth.iter().map(|growth| mean * growth).collect()),
            },
        })
    }

    fn fee_levels(&self, payers: &[String]) -> Result<Vec<f64>> {
        let place = Place(&self.name);
        if let Some(payer) = self.fee_levels.keys().find(|payer| !payers.contains(payer)) {
            let error = place.error("fee_levels", "must name payers of the panel").got(format!("{payer:?}"));
            return Err(error.hint(format!("the payers are {}", payers.join(", "))).into());
        }
        if self.fee_levels.is_empty() {
            return Ok(Vec::new());
        }
        Ok(payers.iter().map(|payer| self.fee_levels.get(payer).map_or(1.0, |level| level.0)).collect())
    }
}
