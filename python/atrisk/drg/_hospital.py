"""What is known of hospitals: ranges of their facts, and what their type, place and beds decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import codes, measured, whole_numbers
from atrisk._payment._checks import flags, refuse
from atrisk._payment._year_figures import optional_amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk._payment._year_figures import YearFigures
    from atrisk.drg import _weights

PLACE = "drg"
LOCATIONS = ("urban", "rural")
MOST = 1e9  # dollars of a stay
RANGES = {
    "charges": (0, MOST, "dollars"),
    "wage_index": (0.01, 10, ""),
    "cost_of_living_factor": (0.5, 2, ""),
    "operating_cost_to_charge_ratio": (0, 10, ""),
    "capital_cost_to_charge_ratio": (0, 10, ""),
    "residents_to_beds": (0, 10, ""),
    "residents_to_average_daily_census": (0, 10, ""),
    "ssi_ratio": (0, 1, ""),
    "medicaid_ratio": (0, 1, ""),
    "low_volume_rate": (0, 1, ""),
    "readmissions_factor": (0, 1, ""),
    "value_based_factor": (0, 2, ""),
    "sequestration_rate": (0, 1, ""),
    "uncompensated_care": (0, MOST, "dollars"),
    "new_technology_maximum": (0, MOST, "dollars"),
    "hospital_specific_rate": (0, MOST, "dollars"),
    "pass_through": (0, MOST, "dollars"),
    "other_payment": (-MOST, MOST, "dollars"),
    "deductible": (0, MOST, "dollars"),
}
# Figures of the year that a user may give in place of the shipped ones.
FIGURES = {
    "labor_amount": (0, 1e6, "dollars"),
    "nonlabor_amount": (0, 1e6, "dollars"),
    "labor_share": (0, 1, ""),
    "fixed_loss_threshold": (0, 1e6, "dollars"),
    "capital_rate": (0, 1e6, "dollars"),
    "outlier_part": (0, 1, ""),
    "new_technology_part": (0, 1, ""),
    "covid_factor": (0, 10, ""),
    "no_cost_factor": (0, 1, ""),
}
# What is 0 where there is none: a blank may be either.
OPTIONAL = (
    *("residents_to_beds", "residents_to_average_daily_census", "ssi_ratio", "medicaid_ratio", "low_volume_rate"),
    *("sequestration_rate", "uncompensated_care", "new_technology_maximum", "hospital_specific_rate", "pass_through"),
    *("other_payment", "deductible"),
)
FLAGS = ("covid_diagnosis", "no_cost_product", "without_outlier", "worst_quartile")


def checked(given: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Return the numbers and flags that are given, refusing what lies out of range with its row."""
    facts = {
        name: (optional_amount if name in OPTIONAL else measured)(f"{PLACE}.{name}", given[name], low, high, unit)
        for name, (low, high, unit) in RANGES.items()
        if name in given
    }
    for name in FLAGS:
        if name in given:
            facts[name] = flags(f"{PLACE}.{name}", given[name])
    facts["length_of_stay"] = whole_numbers(f"{PLACE}.length_of_stay", given["length_of_stay"], 0, 36_500, "days")
    return facts


def of_hospital(
    given: Mapping[str, Any], facts: Mapping[str, NDArray[np.float64]], look: YearFigures
) -> dict[str, Any]:
    """Return what the type, the place and the beds of a hospital decide."""
    table = _tables.read("atrisk.drg", "hospital_types.csv")
    words = [*table.words("hospital_type"), *table.words("code")]
    kinds = codes(f"{PLACE}.hospital_type", given.get("hospital_type", "acute"), words, f"one of {', '.join(words)}")
    kind = kinds % len(table.rows)
    part = table.numbers("hospital_specific_part")[kind]
    own = facts.get("hospital_specific_rate", np.asarray(0.0))
    named = ", ".join(row["hospital_type"] for row in table.rows if float(row["hospital_specific_part"]))
    rule, hint = "must be 0 for a hospital type without a rate of its own", f"types with one: {named}"
    refuse(f"{PLACE}.hospital_specific_rate", (own > 0) & (part == 0), rule, own, hint)
    look.note("hospital_specific_base", own > 0)
    decided: dict[str, Any] = {"hospital_specific_part": part}
    if not {"ssi_ratio", "medicaid_ratio"} & set(given):
        return decided
    missing = [name for name in ("location", "beds") if name not in given]
    if missing:
        raise InputError(
            PLACE,
            f"must be given {', '.join(missing)} with ssi_ratio or medicaid_ratio",
            f"no {' and no '.join(missing)}",
        )
    rural = codes(f"{PLACE}.location", given["location"], LOCATIONS, "urban or rural") == 1
    beds = whole_numbers(f"{PLACE}.beds", given["beds"], 1, 100_000, "beds")
    large_urban, large_rural = (look.figure(f"beds_of_a_large_{where}_hospital") for where in LOCATIONS)
    small = np.where(rural, (beds < large_rural) | (table.numbers("capped_in_any_size")[kind] == 1), beds < large_urban)
    capped = small & (table.numbers("share_without_cap")[kind] == 0)
    return decided | {
        "share_is_capped": capped.astype(float),
        "large_and_urban": (~rural & (beds >= large_urban)).astype(float),
    }


def transfer(
    given: Mapping[str, Any], weights: _weights.Weights, rows: NDArray[np.intp], exempt: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return the transfer policy of each case: 0 none, 1 by the day, 2 half at once and half by the day."""
    discharges = ("home", "acute_transfer", "post_acute")
    listed = "home (or any that is no transfer), acute_transfer or post_acute"
    discharge = codes(f"{PLACE}.discharge", given["discharge"], discharges, listed)
    post_acute = np.where(weights.post_acute[rows], 1 + weights.special_pay[rows], 0)
    policy = np.select([discharge == 1, discharge == 2], [1, post_acute], 0)  # noqa: PLR2004 - positions of the words
    return np.asarray(np.where(exempt, 0, policy), dtype=np.intp)
