"""Stays read, with the figures of their year looked up, ready to be priced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._cases import codes, measured, read_cases, whole_numbers
from atrisk._payment._checks import above_zero, flags, known_or_missing, refuse
from atrisk._payment._priced import Cases
from atrisk._payment._tables import least_sure
from atrisk._payment._year_figures import YearFigures, optional_amount, read_years, surest_of_terms
from atrisk.irf._groups import (
    LONGEST_STAY,
    OWN,
    SPECIAL,
    Weights,
    group_weights,
    own_groups,
    positions,
    read_weights,
    special_groups,
    statuses,
)
from atrisk.irf._names import OUTSIDE_CITIES, PACKAGE, PLACE, figures, table, term
from atrisk.rules._facts import lengths
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

REQUIRED = ["fiscal_year", "length_of_stay", "discharge_status", "wage_index"]
OF_THE_YEAR = ["conversion_factor", "labor_share", "outlier_threshold", "location_factor"]
FACTS = [
    *REQUIRED,
    *("location", "cmg", "tier", "weight", "special_weight", "average_length_of_stay", "impairment_category"),
    *("low_income_ratio", "teaching_ratio", "charges", "cost_to_charge_ratio", "late_assessment"),
    *OF_THE_YEAR,
]
OF_DEATHS = ("orthopedic_days", "other_days", "first_orthopedic_category", "last_orthopedic_category")
SHORT = 0  # the position in SPECIAL of a short stay; those after it are deaths
LOCATIONS = ("urban", *OUTSIDE_CITIES)
SOURCE = "42 CFR 412.602-412.624; the CMS inpatient rehabilitation pricer"
WATERFALL = (
    ("federal_payment", 1),
    ("low_income_payment", 1),
    ("teaching_payment", 1),
    ("outlier_payment", 1),
    ("late_assessment_reduction", -1),
    ("payment", 1),
)
TERMS = (
    *("loss_sharing", "late_assessment_penalty", "transfer_half_day"),
    *("low_income_exponent", "teaching_exponent"),
)
LARGEST_CHARGES, LARGEST_INDEX, LARGEST_RATIO = 1e9, 10, 10  # more is a slip
LARGEST_DOLLARS, LARGEST_FACTOR = 1e6, 3


def read_stays(frame: object, weights: object, facts: Mapping[str, Any]) -> tuple[Cases, dict[str, Any]]:
    """Return stays with all that their rule needs, and what their figures rest on."""
    given = read_cases(PLACE, frame, facts, FACTS, [])
    _refuse_missing(given, weights)
    _refuse_contradictions(given, weights)
    lengths(PLACE, {name: np.asarray(value) for name, value in given.items()})
    dated, year = read_years(PLACE, "fiscal_year", given["fiscal_year"], figures(), later=True)
    look = YearFigures(PLACE, dated, year, given=given)
    days = whole_numbers(f"{PLACE}.length_of_stay", given["length_of_stay"], 1, LONGEST_STAY, "days")
    by_group = None if weights is None else read_weights(weights)
    own = own_groups(given)
    transferred, died = statuses(given["discharge_status"])
    average = _averages(given, own, by_group, transferred)
    transfer = transferred & (days < average)
    special = special_groups(given, own, days, transfer, died)
    charged = _charges(given, look)
    cost = charged.get("charges", np.zeros(())) * charged.get("cost_to_charge_ratio", np.zeros(())) > 0
    dollars = (0, LARGEST_DOLLARS, "dollars")
    read: dict[str, Any] = {
        "weight": group_weights(given, own, special, by_group),
        "conversion_factor": look.own_or_figure("conversion_factor", dollars),
        "transfer": transfer.astype(np.float64),
        "length_of_stay": days,
        "average_length_of_stay": average,
        "wage_index": above_zero(f"{PLACE}.wage_index", given["wage_index"], LARGEST_INDEX),
        "labor_share": look.own_or_figure("labor_share", (0, 1, "")),
        "location_factor": _location_factor(look),
        **_ratios(given),
        **charged,
        "outlier_threshold": look.own_or_figure("outlier_threshold", dollars, cost),
    }
    if "late_assessment" in given:
        read["late_assessment"] = flags(f"{PLACE}.late_assessment", given["late_assessment"])
    look.refuse_lacking()
    refuse(f"{PLACE}.conversion_factor", read["conversion_factor"] == 0, "must be above 0", "0")
    rule = Rule("irf", {name: term(name) for name in TERMS}, PLACE, WATERFALL, source=SOURCE)
    submitted = np.full((), "as submitted", dtype=object) if own is None else own
    found = {"paid_group": np.where(special == OWN, submitted, np.array(SPECIAL, dtype=object)[special])}
    late = _above(read, "late_assessment")
    terms = {
        "transfer_half_day": transfer,
        "short_stay_days": special == SHORT,
        **dict.fromkeys(OF_DEATHS, special > SHORT),
        "low_income_exponent": _above(read, "low_income_ratio"),
        "teaching_exponent": _above(read, "teaching_ratio"),
        "loss_sharing": cost,
        "late_assessment_penalty": late,
    }
    confidence = least_sure(look.sureness, *surest_of_terms(PACKAGE, terms))
    # The weight that pays may be another than the one given: it has its column always.
    shown = {"own_weight" if name == "weight" else name: value for name, value in look.shown.items()}
    used = {"given": given, "look": look, "own": own, "cost": cost, "terms": terms, "confidence": confidence}
    return Cases(rule, shown, read, found, confidence), used


def _above(read: Mapping[str, Any], name: str) -> NDArray[np.bool_]:
    return np.asarray(read.get(name, np.zeros(())) > 0)


def _refuse_missing(given: Mapping[str, Any], weights: object) -> None:
    """Refuse stays without what all need, named at once."""
    missing = [name for name in REQUIRED if name not in given]
    if "location" not in given and "location_factor" not in given:
        missing.append("location")
    if weights is None and "weight" not in given:
        missing.append("weight, or weights= with cmg and tier")
    if missing:
        raise InputError(PLACE, f"must be given {', '.join(missing)}", f"only {', '.join(given)}" if given else "none")


def _refuse_contradictions(given: Mapping[str, Any], weights: object) -> None:
    if weights is not None and "weight" in given:
        raise InputError(f"{PLACE}.weights", "must be left out where each stay has its weight", "both")
    if weights is not None and "special_weight" in given:
        raise InputError(f"{PLACE}.special_weight", "must be left out: weights= has its groups", "both")
    if "cmg" not in given and (weights is not None or "tier" in given):
        raise InputError(PLACE, "must be given both cmg and tier, or neither", "no cmg")
    if ("charges" in given) != ("cost_to_charge_ratio" in given):
        raise InputError(PLACE, "must be given both charges and cost_to_charge_ratio, or neither", "one of them")


def _averages(
    given: Mapping[str, Any], own: NDArray[np.object_] | None, by_group: Weights | None, transferred: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return average lengths of stay, missing where nobody was transferred and none is given."""
    name = "average_length_of_stay"
    if name in given:
        average = known_or_missing(f"{PLACE}.{name}", given[name], 1, LONGEST_STAY, "days")
    elif by_group is not None and own is not None:
        average = by_group.average[positions(by_group.groups, own)]
    else:
        average = np.full((), np.nan)
    rule = "must be given where the discharge status is a transfer"
    got = "none" if name not in given and by_group is None else "a missing value"
    refuse(f"{PLACE}.{name}", transferred & np.isnan(average), rule, got)
    return average


def _location_factor(look: YearFigures) -> NDArray[np.float64]:
    """Return the rural adjustment of each stay: the user's own, else that of its location in the year."""

    def shipped(absent: NDArray[np.bool_]) -> NDArray[np.float64]:
        if "location" not in look.given:
            refuse(f"{PLACE}.location_factor", absent, "must be given where there is no location", "a missing value")
            return np.ones(absent.shape)
        rule = f"one of {', '.join(LOCATIONS)}"
        at = codes(f"{PLACE}.location", look.given["location"], LOCATIONS, rule)
        factor = np.ones(np.broadcast_shapes(absent.shape, at.shape, look.position.shape))
        for word in OUTSIDE_CITIES:
            there = at == LOCATIONS.index(word)
            if not there.any():
                continue
            known = ~np.isnan(look.dated.values(word)[look.position])
            if word != OUTSIDE_CITIES[0]:
                rule = "must be urban or rural in this fiscal year"
                hint = f"{word} is known for {look.dated.shipped(word)}, else give location_factor"
                refuse(f"{PLACE}.location", absent & there & ~known, rule, word, hint)
            factor = np.where(there, look.figure(word, absent & there, "location_factor"), factor)
        return factor

    return look.own_or("location_factor", (0.1, LARGEST_FACTOR, ""), shipped)


def _ratios(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return low-income and teaching ratios; they are parts, and 0 where there is none."""
    most = {"low_income_ratio": 2, "teaching_ratio": 5}
    return {
        name: optional_amount(f"{PLACE}.{name}", given[name], 0, bound, "as a part, not in percent")
        for name, bound in most.items()
        if name in given
    }


def _charges(given: Mapping[str, Any], look: YearFigures) -> dict[str, Any]:
    """Return charges and cost-to-charge ratios, refusing ratios that the average of the nation stands for."""
    if "charges" not in given:
        return {}
    charges = optional_amount(f"{PLACE}.charges", given["charges"], 0, LARGEST_CHARGES, "dollars")
    ratio = measured(f"{PLACE}.cost_to_charge_ratio", given["cost_to_charge_ratio"], 0, LARGEST_RATIO, "")
    ceiling = look.dated.values("cost_to_charge_ceiling")[look.position]
    for row in table("rates").rows:
        if not row["cost_to_charge_ceiling"]:
            continue
        averages = [f"{row[f'average_{where}_cost_to_charge_ratio']} {where}" for where in ("urban", "rural")]
        hint = f"above it the average of the nation holds: {', '.join(averages)}"
        above = (ceiling == float(row["cost_to_charge_ceiling"])) & (ratio > ceiling)
        rule = f"must be at most the ceiling of the year, {row['cost_to_charge_ceiling']}"
        refuse(f"{PLACE}.cost_to_charge_ratio", above, rule, ratio, hint)
    return {"charges": charges, "cost_to_charge_ratio": ratio}
