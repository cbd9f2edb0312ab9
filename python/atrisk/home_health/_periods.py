"""Periods of care read, with the figures of their year looked up, ready to be priced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import codes, measured, read_cases, whole_numbers, years
from atrisk._payment._checks import above_zero, flags, refuse
from atrisk._payment._priced import Cases
from atrisk.home_health._groups import read_codes, words_of
from atrisk.home_health._names import ADD_ON_DISCIPLINES, DISCIPLINES, PLACE, by_year, table, term
from atrisk.home_health._weights import MOST_VISITS, looked_up, threshold_of, weight_of
from atrisk.rules._facts import lengths, numbers
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

VISITS = [f"{each}_visits" for each in DISCIPLINES]
UNITS = [f"{each}_units" for each in DISCIPLINES]
UNIT_RATES = [f"{each}_unit_rate" for each in DISCIPLINES]
VISIT_RATES = [f"{each}_visit_rate" for each in DISCIPLINES]
FIRST_DAYS = [f"{each}_first_day" for each in ADD_ON_DISCIPLINES]
ADD_ON_FACTORS = [f"{each}_add_on_factor" for each in ADD_ON_DISCIPLINES]
OTHERS = ["first_period", "quality_data", "rural_category", "partial_period_days", "prior_payments", "prior_outliers"]
LAST = ["late_notice_days", "value_based_factor", "base_rate"]
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
    *VISIT_RATES,
]
RURAL = ["none", "high_utilization", "low_population", "all_other"]
LARGEST_RATE, LARGEST_TOTAL = 100_000, 1e12  # dollars of a rate, of an agency's year: more is a slip
LARGEST_INDEX, LARGEST_FACTOR = 10, 2
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
    """Return periods with all that their rule needs, and the rows of tables that each of them uses."""
    given = read_cases(PLACE, frame, facts, FACTS, ["calendar_year", "wage_index"])
    lengths(PLACE, {name: np.asarray(value) for name, value in given.items()})
    year = years(f"{PLACE}.calendar_year", given["calendar_year"], table("rates").whole("calendar_year"), "year")
    visits = _visits(given)
    total = np.asarray(sum(visits.values(), np.zeros(())))
    refuse(f"{PLACE}.visits", total == 0, "must be at least 1 of the six disciplines", "0")
    read, found, of_weights = _group(given, weights)
    lupa = total < read["lupa_threshold"]
    read["wage_index"] = above_zero(f"{PLACE}.wage_index", given["wage_index"], LARGEST_INDEX)
    read |= visits | _rates(given, year, lupa) | _units(given, visits)
    rural = codes(f"{PLACE}.rural_category", given.get("rural_category", "none"), RURAL, f"one of {', '.join(RURAL)}")
    factors = np.stack([table("rural_factors").numbers(name) for name in RURAL])
    read["rural_factor"] = factors[rural, year]
    read |= _options(given, year)
    read["first_period"] = _first_period(given, found)
    read |= _first_days(given, read, year, lupa)
    used = {
        "weights": of_weights,
        "year": year,
        "rural": rural > 0,
        "lupa": lupa,
        "late": read.get("late_notice_days", np.zeros(())) > 0,
        "units": any(name in read for name in UNITS),
    }
    rule = Rule("home_health", {"period_days": term("period_days")}, PLACE, WATERFALL, source=SOURCE)
    return Cases(rule, given, read, found, _confidence(used)), used


def _visits(given: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    if not any(name in given for name in VISITS):
        raise InputError(PLACE, f"must be given visits by discipline: some of {', '.join(VISITS)}", "none of them")
    named = [name for name in VISITS if name in given]
    return {name: whole_numbers(f"{PLACE}.{name}", given[name], 0, MOST_VISITS, "visits") for name in named}


def _group(given: Mapping[str, Any], weights: object) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Return weights and thresholds, what the codes say, and whether the weights are those of the package."""
    own = [name for name in GROUP[1:] if name in given]
    if len(own) == 1:
        raise InputError(PLACE, "must be given both weight and lupa_threshold, or neither", f"only {own[0]}")
    if own and weights is not None:
        raise InputError(f"{PLACE}.weights", "must be left out where each case has its weight", "both")
    if not own and "hipps" not in given:
        raise InputError(PLACE, "must be given hipps, or weight and lupa_threshold", "neither")
    position, names = read_codes(f"{PLACE}.hipps", given["hipps"]) if "hipps" in given else (np.zeros((), int), [])
    found: dict[str, Any] = dict(words_of(position, names)) if names else {}
    if own:
        weight = weight_of(f"{PLACE}.weight", given["weight"])
        threshold = threshold_of(f"{PLACE}.lupa_threshold", given["lupa_threshold"])
    else:
        weight, threshold = looked_up(weights, position, names)
    return {"weight": weight, "lupa_threshold": threshold}, found, not own and weights is None


def _rates(given: Mapping[str, Any], year: NDArray[Any], lupa: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the figures of the year; the user's own where given."""
    quality = flags(f"{PLACE}.quality_data", given["quality_data"]) if "quality_data" in given else np.ones(())
    dollars = by_year("rates", ["base_rate", "base_rate_without_quality_data"], year)
    base = np.where(quality == 1, dollars["base_rate"], dollars["base_rate_without_quality_data"])
    if "base_rate" in given:
        base = above_zero(f"{PLACE}.base_rate", given["base_rate"], LARGEST_RATE, "dollars")
    rates = table("rates")
    have = [row["calendar_year"] for row in rates.rows if row["base_rate_without_quality_data"]]
    hint = f"without quality data, rates are known for {', '.join(have)}"
    refuse(f"{PLACE}.base_rate", np.isnan(base), "must be given", None, hint)
    visit_rates = by_year("visit_rates", VISIT_RATES, year)
    for name in VISIT_RATES:
        if name in given:
            visit_rates[name] = above_zero(f"{PLACE}.{name}", given[name], LARGEST_RATE, "dollars")
        elif name.removesuffix("_rate") + "s" in given:
            counted = numbers(name, given[name.removesuffix("_rate") + "s"]) > 0
            hint = "rates of visits without quality data are in no table"
            refuse(f"{PLACE}.{name}", lupa & (quality == 0) & counted, "must be given", None, hint)
    names = ["fixed_dollar_loss_ratio", "loss_sharing", "agency_outlier_cap"]
    shares = by_year("labor_shares", ["labor_share"], year)
    return {"base_rate": base} | by_year("rates", names, year) | shares | visit_rates


def _units(given: Mapping[str, Any], visits: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Return 15-minute units and their rates; units without a rate are refused, as no table has one."""
    read: dict[str, Any] = {}
    most = int(term("units_a_day")) * int(term("period_days"))
    for units, rate, visit in zip(UNITS, UNIT_RATES, VISITS, strict=True):
        if rate in given:
            read[rate] = measured(f"{PLACE}.{rate}", given[rate], 0, LARGEST_RATE, "dollars")
        if units not in given:
            continue
        read[units] = whole_numbers(f"{PLACE}.{units}", given[units], 0, most, "units")
        some = read[units] > 0
        refuse(
            f"{PLACE}.{units}",
            some & (visits.get(visit, np.zeros(())) == 0),
            "must be 0 where there are no visits",
            None,
        )
        hint = "no table here has rates of 15-minute units: give those of the final rule of the year"
        refuse(f"{PLACE}.{rate}", some & (read.get(rate, np.zeros(())) == 0), f"must be given with {units}", None, hint)
    total = np.asarray(sum((read[name] for name in UNITS if name in read), np.zeros(())))
    hint = f"at most {term('units_a_day')} units a day count"
    refuse(f"{PLACE}.units", total > most, f"must be at most {most} of all disciplines together", None, hint)
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
            read[name] = measured(f"{PLACE}.{name}", given[name], 0, LARGEST_TOTAL, "dollars")
    if ("prior_payments" in given) != ("prior_outliers" in given):
        raise InputError(PLACE, "must be given both prior_payments and prior_outliers, or neither", "one of them")
    if "late_notice_days" in given:
        late = whole_numbers(f"{PLACE}.late_notice_days", given["late_notice_days"], 0, days, "days")
        since = int(term("first_year_of_late_notice"))
        early = np.asarray(table("rates").whole("calendar_year"))[year] < since
        refuse(f"{PLACE}.late_notice_days", early & (late > 0), f"must be 0 before {since}", None)
        read["late_notice_days"] = late
    if "value_based_factor" in given:
        read["value_based_factor"] = above_zero(
            f"{PLACE}.value_based_factor", given["value_based_factor"], LARGEST_FACTOR
        )
    return read


def _first_period(given: Mapping[str, Any], found: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return whether a period is the first of its sequence: as given, or as its code says."""
    if "first_period" in given:
        return flags(f"{PLACE}.first_period", given["first_period"])
    if not found:
        raise InputError(PLACE, "must be given first_period where there is no hipps", "none", "early ones are first")
    return np.asarray(found["timing"] == "early").astype(np.float64)


def _first_days(
    given: Mapping[str, Any], read: Mapping[str, Any], year: NDArray[Any], lupa: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return the day of the first visit by discipline, asked for where several may have the add-on."""
    days = dict(by_year("add_on_factors", ADD_ON_FACTORS, year))
    most, no = int(term("period_days")), np.zeros(())
    eligible = [
        (read.get(visits, no) > 0) & (days[factor] > 0) for visits, factor in zip(VISITS, ADD_ON_FACTORS, strict=False)
    ]
    several = lupa & (read["first_period"] == 1) & (sum(each.astype(int) for each in eligible) > 1)
    for name, may in zip(FIRST_DAYS, eligible, strict=True):
        day = numbers(f"{PLACE}.{name}", given.get(name, np.nan))
        whole_numbers(f"{PLACE}.{name}", np.where(np.isnan(day), 1, day), 1, most, "days")
        hint = "the first period of a LUPA pays the discipline of the earliest visit more"
        refuse(
            f"{PLACE}.{name}",
            several & may & np.isnan(day),
            "must be given where several disciplines visited",
            None,
            hint,
        )
        if name in given:
            days[name] = day
    return days


def _confidence(used: Mapping[str, Any]) -> NDArray[np.str_]:
    """Return how sure the least sure figure of each case is."""
    sure, year = _tables.position_of("read"), used["year"]
    of = {name: table(name).confidences()[year] for name in ("rates", "labor_shares", "rural_factors")}
    by_visit = np.minimum(*(table(name).confidences()[year] for name in ("visit_rates", "add_on_factors")))
    least = [of["rates"], of["labor_shares"]]
    least.append(np.where(used["rural"], of["rural_factors"], sure))
    least.append(np.where(used["lupa"], by_visit, sure))
    least.append(np.where(used["late"], _tables.position_of("recalled"), sure))
    if used["weights"]:
        least.append(np.asarray(table("weights").confidences().min()))
    return _tables.least_sure(*least)
