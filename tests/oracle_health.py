"""Second opinion on health: outcomes that are counted and measures of quality that are found."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from oracle_arms import arm_factor
from oracle_lines import services_of
from oracle_panel import MONTHS, is_enrolled
from oracle_quantiles import normal_quantile, number_of, poisson_quantile
from oracle_random import F64, MEASURE, MEASURE_RATE, OUTCOME, Columns, Terms, member_uniform, name_hash, shared_uniform
from oracle_world import World, shared_frailty_of

LEAST_DOSE = 1e-6


def dose(world: World, columns: Columns, arm: Terms, name: str, year: int) -> F64:
    """Mean factor of a service over the enrolled months of a year, at least a millionth, shape (members,)."""
    (service,) = [each for each in services_of(world.spec) if each["whole"] == name and not each["outside"]]
    there = is_enrolled(world.panel[year])
    factor = arm_factor(world, columns, arm, service, year)
    mean = (factor * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1.0)
    return np.asarray(np.maximum(mean, LEAST_DOSE), dtype=np.float64)


def dependence(world: World, columns: Columns, arm: Terms, terms: Terms, year: int) -> F64:
    """Logarithm of what the doses of services and the columns of the panel multiply by, shape (members,)."""
    total = np.zeros(len(columns["member"]))
    for name, elasticity in (terms.get("doses") or {}).items():
        total = total + float(elasticity) * np.log(dose(world, columns, arm, name, year))
    if terms.get("factor") is not None:
        with np.errstate(divide="ignore"):
            total = total + np.log(columns[terms["factor"]])
    return total


def outcome_found(world: World, columns: Columns, arm: Terms, outcome: Terms, year: int) -> tuple[int, int]:
    """Events of an outcome in a year, and members who are enrolled at all."""
    standing = world.panel[year]
    rate = (
        number_of(outcome, "rate")
        * columns["risk_score"]
        * standing.months
        / MONTHS
        * shared_frailty_of(world.spec, world.luck, year, columns["member"])
        * standing.last_year
        * np.exp(dependence(world, columns, arm, outcome, year))
    )
    u = member_uniform(world.luck, OUTCOME, year, name_hash(outcome["name"]), columns["member"])
    there = standing.months > 0
    return int(poisson_quantile(u[there], rate[there]).sum()), int(there.sum())


def measure_found(world: World, columns: Columns, arm: Terms, measure: Terms, year: int) -> tuple[int, int]:
    """Members who meet a measure in a year, and those who are eligible."""
    rate, name = number_of(measure, "rate"), name_hash(measure["name"])
    spread = number_of(measure, "sd_between", 0.0) / (rate * (1.0 - rate))
    z = float(normal_quantile(np.array([shared_uniform(world.luck, MEASURE_RATE, None, name)]))[0])
    log_odds = math.log(rate / (1.0 - rate)) + spread * z + dependence(world, columns, arm, measure, year)
    eligible = world.panel[year].months > 0
    if measure.get("eligible") is not None:
        eligible &= columns[measure["eligible"]] > 0.0
    met = member_uniform(world.luck, MEASURE, year, name, columns["member"]) < 1.0 / (1.0 + np.exp(-log_odds))
    return int((met & eligible).sum()), int(eligible.sum())


def found(world: World, columns: Columns, arm_index: int, year: int) -> Mapping[str, tuple[int, int]]:
    """What is found of every outcome and measure in a year under one arm, by name."""
    arm: Any = world.spec["arms"][arm_index]
    outcomes, measures = world.spec.get("outcomes") or [], world.spec.get("measures") or []
    return {each["name"]: outcome_found(world, columns, arm, each, year) for each in outcomes} | {
        each["name"]: measure_found(world, columns, arm, each, year) for each in measures
    }
