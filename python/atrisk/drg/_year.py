"""Figures of the year of each inpatient stay, a user's own in their place, and what a year does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._checks import refuse
from atrisk.drg import _hospital

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk._payment._year_figures import YearFigures

PLACE = "drg"


def figures(numbers: Mapping[str, NDArray[np.float64]], look: YearFigures, burn: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the figures of the year of each stay, or those that the user gives in their place."""
    above = numbers["wage_index"] > 1
    zero = np.asarray(0.0)
    new_technology = numbers.get("new_technology_maximum", zero) > 0
    may_be_outlier = (numbers["charges"] > 0) & (numbers.get("without_outlier", zero) == 0)
    bounds, always = _hospital.FIGURES, np.asarray(True)  # noqa: FBT003 - a mask
    found: dict[str, Any] = {}
    for name, used in (("labor_amount", always), ("nonlabor_amount", always), ("labor_share", may_be_outlier)):
        found[name] = _either(look, name, above, ("above_one", "up_to_one"), used)
    found["outlier_part"] = _either(look, "outlier_part", burn, ("of_burns", "of_most"), may_be_outlier)
    found["fixed_loss_threshold"] = look.own_or_figure(
        "fixed_loss_threshold", bounds["fixed_loss_threshold"], may_be_outlier, needed=True
    )
    found["capital_rate"] = look.own_or_figure("capital_rate", bounds["capital_rate"])
    part = look.own_or_figure("new_technology_part", bounds["new_technology_part"], new_technology)
    found["new_technology_part"] = np.nan_to_num(part)
    look.note("new_technology_base", new_technology)
    for flag, name in (("covid_diagnosis", "covid_factor"), ("no_cost_product", "no_cost_factor")):
        if name in look.given and flag not in numbers:
            raise InputError(f"{PLACE}.{name}", f"must come with {flag}, which says what stays it holds for")
        applies = numbers.get(flag, zero) == 1
        found[name] = np.where(applies, look.own_or_figure(name, bounds[name], applies), 1.0)
        if name in look.given:
            look.filled.add(name)
    return found


def _either(
    look: YearFigures, name: str, which: NDArray[np.bool_], figures: tuple[str, str], used: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return one of two figures for each case, or the user's own."""

    def shipped(absent: NDArray[np.bool_]) -> NDArray[np.float64]:
        yes, no = (
            look.figure(f"{name}_{figure}", where & absent & used, name, needed=where & absent)
            for figure, where in zip(figures, (which, ~which), strict=True)
        )
        return np.where(which, yes, no)

    return look.own_or(name, _hospital.FIGURES[name], shipped)


def refuse_impossible(numbers: Mapping[str, NDArray[np.float64]], look: YearFigures) -> None:
    """Refuse factors beyond what the law allows in the year."""
    least = {"readmissions_factor": "readmissions_floor", "value_based_factor": "value_based_floor"}
    for name, floor in least.items():
        if name in numbers:
            low = look.figure(floor)
            _refuse_beyond(name, numbers[name] < low, numbers[name], "at least", low)
    if "low_volume_rate" in numbers:
        most = look.figure("low_volume_most")
        _refuse_beyond(
            "low_volume_rate", numbers["low_volume_rate"] > most, numbers["low_volume_rate"], "at most", most
        )
    if "worst_quartile" in numbers:
        worst = numbers["worst_quartile"] == 1
        first = look.dated.years[int(np.argmin(np.isnan(look.dated.values("conditions_rate"))))]
        without = np.isnan(look.dated.values("conditions_rate")[look.position])
        refuse(f"{PLACE}.worst_quartile", worst & without, f"must be false before {first}", "true")


def _refuse_beyond(
    name: str, wrong: NDArray[np.bool_], values: NDArray[np.float64], word: str, bounds: NDArray[np.float64]
) -> None:
    """Refuse the first value beyond its bound."""
    for row in np.flatnonzero(wrong)[:1]:
        bound = np.broadcast_to(bounds, np.shape(wrong)).flat[row]
        refuse(f"{PLACE}.{name}", wrong, f"must be {word} {bound:g} in its fiscal year", values)


def uses(numbers: Mapping[str, NDArray[np.float64]], policy: NDArray[np.intp]) -> dict[str, Any]:
    """Return for the beginning of a term's name which stays use it; terms that are not among them hold for all."""
    zero = np.asarray(0.0)
    low_income = numbers.get("ssi_ratio", zero) + numbers.get("medicaid_ratio", zero) > 0
    of_census = numbers.get("residents_to_average_daily_census", zero) > 0
    return {
        "share_": low_income,
        "capital_share_": low_income,
        "teaching_": numbers.get("residents_to_beds", zero) > 0,
        "capital_teaching_": of_census,
        "capital_base": low_income | of_census,
        "capital_living_part": numbers.get("cost_of_living_factor", np.asarray(1.0)) != 1,
        "conditions_rate": numbers.get("worst_quartile", zero) == 1,
        "special_pay_part": policy > 1,
        "transfer_extra_days": policy > 0,
    }
