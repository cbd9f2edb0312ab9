//! What the exact engine is asked: services, mixing, members, a layer of each member's year, and figures.

use std::sync::Arc;

use serde::Deserialize;

use super::layer::Layer;
use super::mixing::Mixing;
use crate::distributions::Distribution;
use crate::distributions::law::Law;
use crate::error::{Place, Result};
use crate::money::Number;

/// Words that only name a kind, which paths of errors leave out.
pub const NAMES: &[&str] = &["one", "nodes"];

/// Fewest and most cells of a grid.
const CELLS: (usize, usize) = (1 << 8, 1 << 22);

/// Most events that the panel may be expected to have: beyond, transforms have no digits left.
const MOST_EVENTS: f64 = 1e10;

/// A question, as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Specification {
    services: Vec<ServiceSpec>,
    frailty: Mixing,
    #[serde(default = "one")]
    shock: Mixing,
    weights: Vec<Number>,
    counts: Vec<Number>,
    #[serde(default)]
    attachment: Option<Number>,
    #[serde(default)]
    limit: Option<Number>,
    #[serde(default)]
    quantiles: Vec<Number>,
    #[serde(default)]
    tvar: Vec<Number>,
    #[serde(default)]
    cells: Option<usize>,
    #[serde(default)]
    masses: bool,
}

/// A service: yearly rate at weight 1, price, dollars counted for a dollar of it, and frailty of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceSpec {
    rate: Number,
    price: Distribution,
    weight: Number,
    frailty: Mixing,
}

fn one() -> Mixing {
    Mixing::One
}

/// A service that was checked and costs something.
#[derive(Debug, Clone)]
pub struct Line {
    /// Events a year at weight 1 and frailty 1.
    pub rate: f64,
    /// The law of a price.
    pub law: Arc<dyn Law>,
    /// Dollars that count for a dollar of the price.
    pub weight: f64,
    /// Frailty of this service alone.
    pub own: Mixing,
}

/// A question that was checked.
#[derive(Debug, Clone)]
pub struct Model {
    /// Services that cost something.
    pub lines: Vec<Line>,
    /// Frailty of a member, shared by the services.
    pub frailty: Mixing,
    /// A factor on all rates of all members.
    pub shock: Mixing,
    /// Exposed risk of members, and how many have it.
    pub members: Vec<(f64, f64)>,
    /// What counts of each member's year.
    pub layer: Layer,
    /// Probabilities of quantiles.
    pub quantiles: Vec<f64>,
    /// Probabilities above which tails are averaged.
    pub tvar: Vec<f64>,
    /// Cells of the grid, where the user says.
    pub cells: Option<usize>,
    /// Whether the masses of the total are wanted.
    pub masses: bool,
}

impl Specification {
    /// Checks everything.
    pub fn checked(self) -> Result<Model> {
        let place = Place("exact");
        let members = members(place, &self.weights, &self.counts)?;
        let layer = layer(place, self.attachment, self.limit)?;
        check_cells(place, self.cells)?;
        let quantiles = probabilities(place, "quantiles", &self.quantiles)?;
        let tvar = probabilities(place, "tvar", &self.tvar)?;
        let lines: Vec<Option<Line>> =
            self.services.into_iter().enumerate().map(line).collect::<Result<_>>()?;
        let lines: Vec<Line> = lines.into_iter().flatten().collect();
        let exposure: f64 = members.iter().map(|(weight, count)| weight * count).sum();
        let events: f64 = lines.iter().map(|line| line.rate * exposure).sum();
        place.within("expected events", events, 0.0, MOST_EVENTS)?;
        Ok(Model {
            lines,
            frailty: self.frailty.checked(Place("exact.frailty"))?,
            shock: self.shock.checked(Place("exact.shock"))?,
            members,
            layer,
            quantiles,
            tvar,
            cells: self.cells,
            masses: self.masses,
        })
    }
}

fn line((index, spec): (usize, ServiceSpec)) -> Result<Option<Line>> {
    let path = format!("exact.services[{index}]");
    let place = Place(&path);
    place.not_negative("rate", spec.rate.0)?;
    place.not_negative("weight", spec.weight.0)?;
    let price = place.field("price");
    spec.price.check(Place(&price))?;
    let law = spec.price.law(Place(&price))?;
    let own = spec.frailty.checked(Place(&place.field("frailty")))?;
    let costs = spec.rate.0 > 0.0 && spec.weight.0 > 0.0 && law.mean() > 0.0;
    Ok(costs.then_some(Line { rate: spec.rate.0, law, weight: spec.weight.0, own }))
}

fn members(place: Place<'_>, weights: &[Number], counts: &[Number]) -> Result<Vec<(f64, f64)>> {
    if weights.len() != counts.len() {
        let got = format!("{} and {}", weights.len(), counts.len());
        return Err(place.error("counts", "must be as many as weights").got(got).into());
    }
    weights
        .iter()
        .zip(counts)
        .map(|(weight, count)| {
            place.not_negative("weights", weight.0)?;
            place.not_negative("counts", count.0)?;
            Ok((weight.0, count.0))
        })
        .collect()
}

fn layer(place: Place<'_>, attachment: Option<Number>, limit: Option<Number>) -> Result<Layer> {
    let attachment = attachment.map_or(0.0, |attachment| attachment.0);
    place.not_negative("attachment", attachment)?;
    limit.map_or(Ok(()), |limit| place.not_negative("limit", limit.0))?;
    Ok(Layer { attachment, limit: limit.map_or(f64::INFINITY, |limit| limit.0) })
}

fn check_cells(place: Place<'_>, cells: Option<usize>) -> Result<()> {
    let Some(cells) = cells else { return Ok(()) };
    if cells.is_power_of_two() && (CELLS.0..=CELLS.1).contains(&cells) {
        return Ok(());
    }
    let rule = format!("must be a power of two between {} and {}", CELLS.0, CELLS.1);
    Err(place.error("cells", rule).got(cells).into())
}

fn probabilities(place: Place<'_>, field: &str, given: &[Number]) -> Result<Vec<f64>> {
    let check = |p: &Number| {
        if p.0 > 0.0 && p.0 < 1.0 {
            return Ok(p.0);
        }
        Err(place.error(field, "must be above 0 and below 1").got(crate::error::show(p.0)).into())
    };
    given.iter().map(check).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The model of a question in JSON.
    pub fn model(text: &str) -> Model {
        read(text).unwrap()
    }

    fn read(text: &str) -> Result<Model> {
        let kinds = [crate::distributions::KINDS, NAMES].concat();
        let specification: Specification =
            crate::reading::parse("exact", serde_json::from_str(text).unwrap(), &kinds)?;
        specification.checked()
    }

    #[test]
    fn faults_are_told_with_their_path() {
        let text = |price: &str, rest: &str| {
            format!(
                r#"{{"services": [{{"rate": 1, "price": {price}, "weight": 1, "frailty": "one"}}],
                    "frailty": "one", "weights": [1], "counts": [1]{rest}}}"#
            )
        };
        let told = |price: &str, rest: &str| read(&text(price, rest)).unwrap_err().to_string();
        assert!(told(r#"{"gamma": {"mean": "x", "cv": 1}}"#, "").starts_with("exact.services[0].price.mean"));
        assert!(
            told(r#"{"normal": {"mean": 0, "sd": 1}}"#, "")
                .contains("exact.services[0].price: must not reach")
        );
        assert!(told("1", r#", "cells": 1000"#).starts_with("exact.cells: must be a power of two"));
        assert!(told("1", r#", "quantiles": [1]"#).starts_with("exact.quantiles: must be above 0"));
        assert!(told("1", r#", "shock": {"nodes": {"values": [2], "probabilities": [1]}}"#).contains("mean"));
        assert!(told("1", r#", "frailties": 1"#).starts_with("exact.frailties: unknown field"));
    }

    #[test]
    fn what_costs_nothing_is_left_out() {
        let text = r#"{"services": [{"rate": 1, "price": 0, "weight": 1, "frailty": "one"},
            {"rate": 1, "price": 5, "weight": 0, "frailty": "one"}], "frailty": "one", "weights": [1], "counts": [1]}"#;
        assert!(model(text).lines.is_empty());
    }
}
