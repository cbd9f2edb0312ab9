"""Stays read, with the figures of their year looked up, ready to be priced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import codes, measured, read_cases, whole_numbers, years
from atrisk._payment._checks import above_zero, flags, known_or_missing, refuse
from atrisk._payment._priced import Cases
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
from atrisk.irf._names import PLACE, table, term
from atrisk.rules._facts import lengths
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

REQUIRED = ["fiscal_year", "length_of_stay", "discharge_status", "wage_index", "location"]
FACTS = [
    *REQUIRED,
    *("cmg", "tier", "weight", "special_weight", "average_length_of_stay", "impairment_category"),
    *("low_income_percentage", "teaching_ratio", "covered_charges", "cost_to_charge_ratio", "late_assessment"),
]
SOURCE = "42 CFR 412.602-412.624; the CMS inpatient rehabilitation pricer"
WATERFALL = (
    ("federal_payment", 1),
    ("low_income_payment", 1),
    ("teaching_payment", 1),
    ("outlier_payment", 1),
    ("late_assessment_reduction", -1),
    ("payment", 1),
)
LARGEST_CHARGES, LARGEST_INDEX, LARGEST_RATIO = 1e9, 10, 10  # more is a slip


def read_stays(frame: object, weights: object, facts: Mapping[str, Any]) -> tuple[Cases, dict[str, Any]]:
    """Return stays with all that their rule needs, and the rows of tables that each of them uses."""
    given = read_cases(PLACE, frame, facts, FACTS, REQUIRED)
    _refuse_contradictions(given, weights)
    lengths(PLACE, {name: np.asarray(value) for name, value in given.items()})
    rates = table("rates")
    year = years(f"{PLACE}.fiscal_year", given["fiscal_year"], rates.whole("fiscal_year"))
    days = whole_numbers(f"{PLACE}.length_of_stay", given["length_of_stay"], 1, LONGEST_STAY, "days")
    by_group = None if weights is None else read_weights(weights)
    own = own_groups(given)
    transferred, died = statuses(given["discharge_status"])
    average = _averages(given, own, by_group, transferred)
    transfer = transferred & (days < average)
    special = special_groups(given, own, days, transfer, died)
    location, row = _locations(given, year)
    ratio = _ratios(given, year)
    read: dict[str, Any] = {
        "weight": group_weights(given, own, special, by_group),
        "conversion_factor": rates.numbers("conversion_factor")[year],
        "transfer": transfer.astype(np.float64),
        "length_of_stay": days,
        "average_length_of_stay": average,
        "wage_index": above_zero(f"{PLACE}.wage_index", given["wage_index"], LARGEST_INDEX),
        "labor_share": rates.numbers("labor_share")[year],
        "location_factor": location,
        "outlier_threshold": rates.numbers("outlier_threshold")[year],
    }
    read |= _factor(given, "low_income_percentage", "low_income_factor", "low_income_exponent", 2)
    read |= _factor(given, "teaching_ratio", "teaching_factor", "teaching_exponent", 5)
    if "covered_charges" in given:
        read["covered_charges"] = measured(
            f"{PLACE}.covered_charges", given["covered_charges"], 0, LARGEST_CHARGES, "dollars"
        )
        read["cost_to_charge_ratio"] = ratio
    if "late_assessment" in given:
        read["late_assessment"] = flags(f"{PLACE}.late_assessment", given["late_assessment"])
    # The weight that pays may be another than the one given: it has its column always.
    shown = {"own_weight" if name == "weight" else name: value for name, value in given.items()}
    names = ("loss_sharing", "late_assessment_penalty", "transfer_half_day")
    rule = Rule("irf", {name: term(name) for name in names}, PLACE, WATERFALL, source=SOURCE)
    submitted = np.full((), "as submitted", dtype=object) if own is None else own
    found = {"paid_group": np.where(special == OWN, submitted, np.array(SPECIAL, dtype=object)[special])}
    used = {"given": given, "year": year, "location": row, "special": special, "read": read}
    return Cases(rule, shown, read, found, _confidence(used)), used


def _refuse_contradictions(given: Mapping[str, Any], weights: object) -> None:
    if weights is None and "weight" not in given:
        raise InputError(PLACE, "must be given weight, or weights= with cmg and tier", "neither")
    if weights is not None and "weight" in given:
        raise InputError(f"{PLACE}.weights", "must be left out where each stay has its weight", "both")
    if weights is not None and "special_weight" in given:
        raise InputError(f"{PLACE}.special_weight", "must be left out: weights= has its groups", "both")
    if ("cmg" in given) != ("tier" in given) or (weights is not None and "cmg" not in given):
        raise InputError(
            PLACE, "must be given both cmg and tier, or neither", "not both" if "cmg" not in given else "no tier"
        )
    if ("covered_charges" in given) != ("cost_to_charge_ratio" in given):
        raise InputError(
            PLACE, "must be given both covered_charges and cost_to_charge_ratio, or neither", "one of them"
        )


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
    refuse(
        f"{PLACE}.{name}",
        transferred & np.isnan(average),
        "must be given where the discharge status is a transfer",
        None,
    )
    return average


def _locations(given: Mapping[str, Any], year: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the rural adjustment of each stay and its row."""
    rows = table("locations")
    words = list(dict.fromkeys(rows.words("location")))
    at = codes(f"{PLACE}.location", given["location"], words, f"one of {', '.join(words)}")
    all_years = table("rates").whole("fiscal_year")
    row = np.full((len(words), len(all_years)), -1)
    for each, (word, dated) in enumerate(zip(rows.words("location"), rows.whole("fiscal_year"), strict=True)):
        row[words.index(word), all_years.index(dated)] = each
    picked = row[at, year]
    dates = [row["fiscal_year"] for row in rows.rows if row["location"] == words[-1]]
    refuse(
        f"{PLACE}.location",
        picked < 0,
        "must be urban or rural in this fiscal year",
        None,
        f"{words[-1]} is known for {', '.join(dates)}",
    )
    return rows.numbers("location_factor")[picked], picked


def _ratios(given: Mapping[str, Any], year: NDArray[Any]) -> NDArray[np.float64]:
    """Return cost-to-charge ratios; above the ceiling of the year, the average of the nation stands in their place."""
    if "cost_to_charge_ratio" not in given:
        return np.zeros(())
    ratio = measured(f"{PLACE}.cost_to_charge_ratio", given["cost_to_charge_ratio"], 0, LARGEST_RATIO, "")
    rates = table("rates")
    ceiling = rates.numbers("cost_to_charge_ceiling")[year]
    for row in rates.rows:
        if not row["cost_to_charge_ceiling"]:
            continue
        averages = [f"{row[f'average_{where}_cost_to_charge_ratio']} {where}" for where in ("urban", "rural")]
        hint = f"above it the average of the nation holds: {', '.join(averages)}"
        above = (ceiling == float(row["cost_to_charge_ceiling"])) & (ratio > ceiling)
        rule = f"must be at most the ceiling of the year, {row['cost_to_charge_ceiling']}"
        refuse(f"{PLACE}.cost_to_charge_ratio", above, rule, None, hint)
    return ratio


def _factor(given: Mapping[str, Any], name: str, factor: str, exponent: str, most: float) -> dict[str, Any]:
    """Return (1 + a part) to a power, less 1, of nine decimals."""
    if name not in given:
        return {}
    part = measured(f"{PLACE}.{name}", given[name], 0, most, "as a part, not in percent")
    return {factor: np.round((1 + part) ** float(term(exponent)) - 1, 9)}


def _confidence(used: Mapping[str, Any]) -> NDArray[np.str_]:
    """Return how sure the least sure figure of each case is."""
    recalled, sure = _tables.position_of("recalled"), _tables.position_of("read")
    least = [table("rates").confidences()[used["year"]], table("locations").confidences()[used["location"]]]
    least.append(np.where(used["special"] > 0, recalled, sure))
    least += [
        used["read"][name] * 0 + recalled for name in ("low_income_factor", "teaching_factor") if name in used["read"]
    ]
    if "covered_charges" in used["read"]:
        least.append(np.asarray(recalled))
    return _tables.least_sure(*[np.asarray(each).astype(np.intp) for each in least])
