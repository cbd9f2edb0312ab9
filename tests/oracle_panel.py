"""Second opinion on panels: who is there in which months, who is attributed, who has what, and how it is recorded."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oracle_lines import services_of
from oracle_quantiles import log_scale, normal_quantile, number_of, unit_log_normal
from oracle_random import (
    ATTRIBUTION,
    CONDITION,
    ENROLMENT,
    F64,
    I64,
    RISK_SCORE,
    Columns,
    Luck,
    Terms,
    address_words,
    member_uniform,
    name_hash,
    uniform,
)

MONTHS = 12
ALWAYS = 10_000  # months away, in either direction, is outside any study

Flags = npt.NDArray[np.bool_]


class Standing(NamedTuple):
    """How every member stands in one year of one world, all shapes (members,)."""

    first: I64  # first enrolled month, 1 to 12
    months: I64  # number of enrolled months
    last_year: F64  # factor of all rates, 1 but in the year of a death
    attributed: Flags
    states: tuple[I64, ...]  # of each condition, numbered from 0
    recorded: F64  # the risk score that payments look at


def population_of(spec: Terms) -> Terms:
    """How the panel of a study moves."""
    return spec.get("population") or {}


# ---------------------------------------------------------------------------------------------------------
# Who is there, and of what age
# ---------------------------------------------------------------------------------------------------------


def enrolment(columns: Columns) -> tuple[I64, I64]:
    """First and last month of each member, both included, counted from month 1 of year 1, shapes (members,)."""
    entry, leave = columns["entry_month"].astype(np.int64), columns["exit_month"].astype(np.int64)
    if "entry_year" in columns:
        first = entry + MONTHS * (columns["entry_year"].astype(np.int64) - 1)
    else:
        first = np.where(entry > 1, entry, -ALWAYS)
    if "exit_year" in columns:
        last = leave + MONTHS * (columns["exit_year"].astype(np.int64) - 1)
    else:
        last = np.where(leave < MONTHS, leave, ALWAYS)
    return first, last


def on_the_panel(columns: Columns, year: int) -> tuple[I64, I64]:
    """First month of a year, 1 to 12, and number of months for which the panel has a member, shapes (members,)."""
    before = MONTHS * (year - 1)
    first, last = enrolment(columns)
    first, last = np.maximum(first - before, 1), np.minimum(last - before, MONTHS)
    return first, np.maximum(last - first + 1, 0)


def age_in(columns: Columns, year: int) -> F64:
    """Age in completed years, shape (members,)."""
    return np.asarray(np.maximum(np.floor(columns["age"]) + year - 1, 0), dtype=np.float64)


def by_age(age: F64, starts: Sequence[float], values: Sequence[float]) -> F64:
    """The value of the band that each age is in, shape of the ages."""
    band = np.searchsorted(starts, age, side="right") - 1
    if (band < 0).any():
        raise ValueError("an age below the first band")
    return np.asarray(values, dtype=np.float64)[band]


def relativity(service: Terms, columns: Columns, year: int) -> F64:
    """Factor of each member's age band in the year, times that of its other columns, shape (members,)."""
    factor = np.ones(len(columns["member"]))
    if service.get("relativity") is not None:
        factor *= columns[service["relativity"]]
    bands = service.get("age_relativities")
    if bands is not None:
        factor *= by_age(age_in(columns, year), bands["from"], bands["factors"])
    return factor


def with_selection(rate: float, risk_score: F64, power: float) -> F64:
    """A rate times the risk score to a power; for a risk score of 0 it is 0 where the power is above 0, else whole."""
    some = np.where(risk_score > 0.0, risk_score, 1.0) ** power
    return rate * np.where(risk_score > 0.0, some, 0.0 if power > 0.0 else 1.0)


def month_of(u: F64, chance: F64, months: I64) -> I64:
    """First month m in 1..months with u ≤ 1 − (1 − chance)^m, else 13, all shapes (members,)."""
    number = np.arange(1, MONTHS + 1)
    reached = u[:, np.newaxis] <= 1.0 - (1.0 - chance)[:, np.newaxis] ** number
    found = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, MONTHS + 1)
    return np.where(found <= months, found, MONTHS + 1)


def enrolled_months(spec: Terms, luck: Luck, columns: Columns, years: Iterable[int]) -> dict[int, tuple[I64, I64, F64]]:
    """For each year the first enrolled month, the number of enrolled months and the factor of a last year."""
    terms = population_of(spec).get("enrolment")
    score = columns["risk_score"]
    gone = np.zeros(len(score), dtype=np.bool_)
    found = {}
    for year in sorted(years):
        first, months = on_the_panel(columns, year)
        months = np.where(gone, 0, months)
        if terms is None:
            found[year] = first, months, np.ones(len(score))
            continue
        words = address_words(luck, ENROLMENT, year, 0, columns["member"])
        lapse = with_selection(number_of(terms, "lapse_rate"), score, number_of(terms, "lapse_selection"))
        death = by_age(age_in(columns, year), terms["death_ages"], terms["death_rates"])
        leaves = month_of(uniform(words[:, 0]), lapse, months)
        dies = month_of(uniform(words[:, 1]), death, months)
        died = (dies <= MONTHS) & (dies <= leaves)
        factor = np.where(died, number_of(terms, "last_year_relativity"), 1.0)
        found[year] = first, np.minimum(months, np.minimum(leaves, dies)), factor
        if year >= 1:
            gone |= (leaves <= MONTHS) | (dies <= MONTHS)
    return found


def is_enrolled(standing: Standing) -> F64:
    """1 in the months of a year in which a member is enrolled, else 0, shape (members, 12)."""
    month = np.arange(1, MONTHS + 1)
    first, after = standing.first[:, np.newaxis], (standing.first + standing.months)[:, np.newaxis]
    return ((first <= month) & (month < after)).astype(np.float64)


# ---------------------------------------------------------------------------------------------------------
# Who is attributed
# ---------------------------------------------------------------------------------------------------------


def attributed(spec: Terms, luck: Luck, columns: Columns, years: Iterable[int]) -> dict[int, Flags]:
    """Whether each member is attributed in each year, shapes (members,): a chain from year 1 in both directions."""
    terms, members = population_of(spec).get("attribution"), len(columns["member"])
    if terms is None:
        return {year: np.ones(members, dtype=np.bool_) for year in years}
    share = number_of(terms, "share")
    leave = with_selection(number_of(terms, "turnover"), columns["risk_score"], number_of(terms, "selection"))
    back = leave * share / (1.0 - share) if share < 1.0 else np.ones(members)
    found: dict[int, Flags] = {}
    for year in sorted(years, key=lambda each: abs(each - 1)):
        u = member_uniform(luck, ATTRIBUTION, year, 0, columns["member"])
        if year == 1:
            found[year] = u < share
        else:
            nearer = found[year - 1 if year > 1 else year + 1]
            found[year] = np.where(nearer, u < 1.0 - leave, u < back)
    return found


# ---------------------------------------------------------------------------------------------------------
# Conditions and what is recorded of them
# ---------------------------------------------------------------------------------------------------------


def conditions_of(spec: Terms) -> list[Terms]:
    """The conditions of the panel."""
    return list(population_of(spec).get("conditions") or [])


def first_reached(u: F64, chances: F64) -> I64:
    """The first state whose cumulated chance, in its member's row, is at least u: (members, states) to (members,)."""
    reached = np.cumsum(chances, axis=1) >= u[:, np.newaxis]
    found = np.where(reached.any(axis=1), reached.argmax(axis=1), chances.shape[1] - 1)
    return np.asarray(found, dtype=np.int64)


def states_of(condition: Terms, luck: Luck, columns: Columns, years: Iterable[int]) -> dict[int, I64]:
    """State of each member in each year, numbered from 0, shapes (members,); base years have that of year 1."""
    name = name_hash(condition["name"])
    transition: F64 = np.asarray(condition["transition"], dtype=np.float64)

    def step(year: int) -> F64:
        return member_uniform(luck, CONDITION, year, name, columns["member"])

    if condition.get("column") is not None:
        state = np.asarray(columns[condition["column"]], dtype=np.int64)
    else:
        shares = np.asarray(condition["shares"], dtype=np.float64)
        state = first_reached(step(1), np.broadcast_to(shares, (len(columns["member"]), len(shares))))
    chain = {1: state}
    for year in range(2, max(years) + 1):
        chain[year] = first_reached(step(year), transition[chain[year - 1]])
    return {year: chain[max(year, 1)] for year in years}


def condition_factors(spec: Terms, states: Sequence[I64]) -> F64:
    """What conditions multiply rates by, shape (members, services), from states (members,)."""
    columns = []
    for service in services_of(spec):
        factor = np.ones(len(states[0])) if states else np.ones(1)
        for condition, state in zip(conditions_of(spec), states, strict=True):
            factors = (condition.get("relativities") or {}).get(service["whole"])
            if factors is not None:
                factor = factor * np.asarray(factors, dtype=np.float64)[state]
        columns.append(factor)
    return np.stack(columns, axis=1)


def first_year(columns: Columns) -> I64:
    """The year in which each member is new, shape (members,); far away for who was there before."""
    if "entry_year" in columns:
        return np.asarray(columns["entry_year"], dtype=np.int64)
    return np.where(columns["entry_month"] > 1, 1, -ALWAYS).astype(np.int64)


def recorded_scores(spec: Terms, luck: Luck, columns: Columns, year: int, states: Sequence[I64]) -> F64:
    """The risk scores that payments look at in a year, shape (members,)."""
    terms, member = population_of(spec).get("risk_scores"), columns["member"]
    score: F64 = columns["risk_score"].astype(np.float64)
    if terms is None:
        return score
    for condition, state in zip(conditions_of(spec), states, strict=True):
        if condition.get("risk_scores") is not None:
            u = member_uniform(luck, RISK_SCORE, year, name_hash(condition["name"]), member)
            added = np.asarray(condition["risk_scores"], dtype=np.float64)[state]
            score = score + np.where(u < number_of(terms, "recapture"), added, 0.0)
    z = normal_quantile(member_uniform(luck, RISK_SCORE, year, 0, member))
    noise = unit_log_normal(z, log_scale(number_of(terms, "noise_cv")))
    score = score * (1.0 + number_of(terms, "coding_growth")) ** (year - 1) * noise
    if terms.get("new_member_score") is None:
        return score
    return np.where(first_year(columns) == year, number_of(terms, "new_member_score"), score)


def follow(spec: Terms, luck: Luck, columns: Columns, years: Sequence[int]) -> dict[int, Standing]:
    """How every member stands in each year of a world; the years include year 1."""
    enrolled, counted = enrolled_months(spec, luck, columns, years), attributed(spec, luck, columns, years)
    chains = [states_of(condition, luck, columns, years) for condition in conditions_of(spec)]
    found = {}
    for year in years:
        states = tuple(chain[year] for chain in chains)
        recorded = recorded_scores(spec, luck, columns, year, states)
        found[year] = Standing(*enrolled[year], counted[year], states, recorded)
    return found


def mean_recorded(standing: Standing, counted: Flags | None = None) -> float:
    """Mean recorded risk score per member-month of a year, of all members or of those who count."""
    weights = standing.months if counted is None else standing.months * counted
    return math.fsum(standing.recorded * weights) / float(weights.sum())
