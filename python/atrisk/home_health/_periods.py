"""Periods of care read, with the figures of their year looked up, ready to be priced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._cases import measured, read_cases, whole_numbers
from atrisk._payment._checks import above_zero, flags, refuse
from atrisk._payment._priced import Cases
from atrisk._payment._tables import least_sure, position_of
from atrisk._payment._year_figures import YearFigures, optional_amount, optional_count, read_years
from atrisk.home_health._groups import read_codes, words_of
from atrisk.home_health._names import DISCIPLINES, PLACE, figures, table, term
from atrisk.home_health._rates import (
    ADD_ON_FACTORS,
    LARGEST_FACTOR,
    LARGEST_RATE,
    OF_THE_YEAR,
    UNITS,
    VISIT_RATES,
    rates_of,
)
from atrisk.home_health._weights import MOST_VISITS, looked_up, threshold_of, weight_of
from atrisk.rules._facts import lengths, numbers
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

VISITS = [f"{each}_visits" for each in DISCIPLINES]
UNIT_RATES = [f"{each}_unit_rate" for each in DISCIPLINES]
FIRST_DAYS = [f"{each}_first_day" for each in DISCIPLINES]
OTHERS = ["first_period", "quality_data", "rural_category", "partial_period_days", "prior_payments", "prior_outliers"]
LAST = ["late_notice_days", "value_based_factor"]
GROUP = ["hipps", "weight", "lupa_threshold"]
FACTS = [
    *GROUP,
    *("calendar_year", "wage_index"),
    *VISITS,
    *FIRST_DAYS,
    *OTHERS,
    *UNITS,
    *UNIT_RATES,
    *LAST,
    *OF_THE_YEAR,
    *VISIT_RATES,
    *ADD_ON_FACTORS,
]
LARGEST_TOTAL, LARGEST_INDEX = 1e12, 10  # dollars of an agency's year, wage index: more is a slip
SOURCE = "42 CFR 484.205-484.240 and 484.370; the CMS home health pricer"
WATERFALL = (
    ("full_period_payment", 1),
    ("partial_period_reduction", -1),
    ("outlier_payment", 1),
    ("lupa_payment", 1),
    ("lupa_add_on", 1),
    ("late_notice_reduction", -1),
    ("value_based_adjustment", 1),
    ("payment", 1),
)


def read_periods(frame: object, weights: object, facts: Mapping[str, Any]) -> tuple[Cases, dict[str, Any]]:
    """Return periods with all that their rule needs, and what their figures rest on."""
    given = read_cases(PLACE, frame, facts, FACTS, [])
    _refuse_missing(given, weights)
    lengths(PLACE, {name: np.asarray(value) for name, value in given.items()})
    dated, year = read_years(PLACE, "calendar_year", given["calendar_year"], figures(), later=True)
    look = YearFigures(PLACE, dated, year, "calendar year", given=given)
    visits = _visits(given)
    total = np.asarray(sum(visits.values(), np.zeros(())))
    refuse(f"{PLACE}.visits", total == 0, "must be at least 1 of the six disciplines", "0")
    read, found, of_weights = _group(given, weights)
    lupa = total < read["lupa_threshold"]
    read["wage_index"] = above_zero(f"{PLACE}.wage_index", given["wage_index"], LARGEST_INDEX)
    read |= visits | _units(given, visits) | _options(given, np.asarray(dated.years)[year])
    read["first_period"] = _first_period(given, found)
    read |= rates_of(look, read, lupa)
    read |= _first_days(given, read, lupa)
    look.refuse_lacking()
    late = read.get("late_notice_days", np.zeros(())) > 0
    positions = [look.sureness, np.where(late, position_of("recalled"), position_of("read"))]
    if of_weights:
        positions.append(table("weights").confidences().min())
    used = {
        "look": look,
        "weights": of_weights,
        "lupa": lupa,
        "late": late,
        "parts": late | ("partial_period_days" in read),
        "units": any(name in read for name in UNITS),
        "confidence": least_sure(*positions),
    }
    rule = Rule("home_health", {"period_days": term("period_days")}, PLACE, WATERFALL, source=SOURCE)
    return Cases(rule, look.shown, read, found, used["confidence"]), used


def _refuse_missing(given: Mapping[str, Any], weights: object) -> None:
    """Refuse cases without what all need, named at once."""
    own = [name for name in GROUP[1:] if name in given]
    missing = [name for name in ("calendar_year", "wage_index") if name not in given]
    if not own and "hipps" not in given:
        missing.append("hipps, or weight and lupa_threshold")
    missing += [name for name in GROUP[1:] if len(own) == 1 and name not in given]
    if "hipps" not in given and "first_period" not in given:
        missing.append("first_period (early groups are first)" if own else "first_period where there is no hipps")
    if not any(name in given for name in VISITS):
        missing.append(f"visits by discipline: some of {', '.join(VISITS)}")
    if missing:
        raise InputError(PLACE, f"must be given {', '.join(missing)}", f"only {', '.join(given)}" if given else "none")
    if own and weights is not None:
        raise InputError(f"{PLACE}.weights", "must be left out where each case has its weight", "both")


def _visits(given: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    named = [name for name in VISITS if name in given]
    return {name: optional_count(f"{PLACE}.{name}", given[name], MOST_VISITS, "visits") for name in named}


def _group(given: Mapping[str, Any], weights: object) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Return weights and thresholds, what the codes say, and whether the weights are those of the package."""
    own = "weight" in given
    position, names = read_codes(f"{PLACE}.hipps", given["hipps"]) if "hipps" in given else (np.zeros((), int), None)
    found: dict[str, Any] = {} if names is None else dict(words_of(position, names))
    if own:
        weight = weight_of(f"{PLACE}.weight", given["weight"])
        threshold = threshold_of(f"{PLACE}.lupa_threshold", given["lupa_threshold"])
    else:
        weight, threshold = looked_up(weights, position, names or [])
    return {"weight": weight, "lupa_threshold": threshold}, found, not own and weights is None


def _units(given: Mapping[str, Any], visits: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Return 15-minute units and their rates; units without a rate are refused, as no table has one."""
    read: dict[str, Any] = {}
    most = int(term("units_a_day")) * int(term("period_days"))
    for units, rate, visit in zip(UNITS, UNIT_RATES, VISITS, strict=True):
        if rate in given:
            read[rate] = measured(f"{PLACE}.{rate}", given[rate], 0, LARGEST_RATE, "dollars")
        if units not in given:
            continue
        read[units] = optional_count(f"{PLACE}.{units}", given[units], most, "units")
        without_visits = (read[units] > 0) & (visits.get(visit, np.zeros(())) == 0)
        refuse(f"{PLACE}.{units}", without_visits, "must be 0 where there are no visits", read[units])
        hint = "no table here has rates of 15-minute units: give those of the final rule of the year"
        without_rate = (read[units] > 0) & (read.get(rate, np.zeros(())) == 0)
        got = "0" if rate in given else "none"
        refuse(f"{PLACE}.{rate}", without_rate, f"must be given with {units}", got, hint)
    total = np.asarray(sum((read[name] for name in UNITS if name in read), np.zeros(())))
    hint = f"at most {term('units_a_day')} units a day count"
    rule = f"must be at most {most} of all disciplines together"
    refuse(f"{PLACE}.units", total > most, rule, total, hint)
    return read


def _options(given: Mapping[str, Any], year: NDArray[Any]) -> dict[str, Any]:
    """Return facts that have a plain value where they are not given."""
    days, read = int(term("period_days")), {}
    if "partial_period_days" in given:
        read["partial_period_days"] = whole_numbers(
            f"{PLACE}.partial_period_days", given["partial_period_days"], 1, days, "days"
        )
    for name in ("prior_payments", "prior_outliers"):
        if name in given:
            read[name] = optional_amount(f"{PLACE}.{name}", given[name], 0, LARGEST_TOTAL, "dollars")
    if ("prior_payments" in given) != ("prior_outliers" in given):
        raise InputError(PLACE, "must be given both prior_payments and prior_outliers, or neither", "one of them")
    if "late_notice_days" in given:
        late = optional_count(f"{PLACE}.late_notice_days", given["late_notice_days"], days, "days")
        since = int(term("first_year_of_late_notice"))
        refuse(f"{PLACE}.late_notice_days", (year < since) & (late > 0), f"must be 0 before {since}", late)
        read["late_notice_days"] = late
    if "value_based_factor" in given:
        read["value_based_factor"] = above_zero(
            f"{PLACE}.value_based_factor", given["value_based_factor"], LARGEST_FACTOR
        )
    return read


def _first_period(given: Mapping[str, Any], found: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return whether a period is the first of its sequence: as given, or as its code says."""
    if "first_period" not in given:
        return np.asarray(found["timing"] == "early").astype(np.float64)
    first = flags(f"{PLACE}.first_period", given["first_period"])
    if found:
        hint = "the first period of a sequence is early"
        late = np.asarray(found["timing"] == "late")
        refuse(f"{PLACE}.first_period", (first == 1) & late, "must be false where hipps is a late group", "true", hint)
    return first


def _first_days(given: Mapping[str, Any], read: Mapping[str, Any], lupa: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the day of the first visit by discipline, asked for where the earliest one decides on an add-on."""
    days: dict[str, Any] = {}
    most, no = int(term("period_days")), np.zeros(())
    visited = [np.asarray(read.get(visits, no) > 0) for visits in VISITS]
    eligible = [had & (read[factor] > 0) for had, factor in zip(visited, ADD_ON_FACTORS, strict=False)]
    several = np.asarray(sum((had.astype(int) for had in visited), no)) > 1
    decides = lupa & (read["first_period"] == 1) & several & np.any(np.broadcast_arrays(*eligible), axis=0)
    for name, had in zip(FIRST_DAYS, visited, strict=True):
        day = numbers(f"{PLACE}.{name}", given.get(name, np.nan))
        whole_numbers(f"{PLACE}.{name}", np.where(np.isnan(day), 1, day), 1, most, "days")
        hint = "the first period of a LUPA pays the discipline of the earliest visit more"
        got = "a missing value" if name in given else "none"
        missing = decides & had & np.isnan(day)
        refuse(f"{PLACE}.{name}", missing, "must be given where several disciplines visited", got, hint)
        if name in given:
            days[name] = day
    return days
