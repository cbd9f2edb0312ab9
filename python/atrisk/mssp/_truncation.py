"""Per-capita spending of members with truncated years, by enrolment type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._frames import give_back
from atrisk._spec import plain
from atrisk.mssp._benchmark import TYPES
from atrisk.mssp._by_type import columns_of, refuse_missing
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACE = "truncated_per_capita"
MONTHS = 12
NEEDED = ("enrolment_type", "months", "spending")
GROUPS = ("aco_id", "year", "enrolment_type")


def truncated_per_capita(
    frame: object, *, truncation_points: Mapping[Any, float], completion_factor: float = 1.0
) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Compute spending of a person-year by enrolment type, each member's year truncated.

    A member's months of one type are annualised, truncated and weighted by their person-years::

        per capita = Σ min(spending × completion factor / (months / 12), truncation point) × months / 12 / Σ months / 12

    Parameters
    ----------
    frame : data frame
        A row for each member, year and enrolment type: ``enrolment_type`` ("esrd", "disabled", "aged_dual",
        "aged_non_dual"), ``months`` of it (above 0, at most 12), ``spending`` for these months in dollars; where given,
        ``year`` and ``aco_id`` tell groups apart, and no ``member_id`` may have more than 12 months of a year or a type
        twice.
    truncation_points : mapping
        Dollars of a whole year, above 0, by enrolment type, or by (year, enrolment type).
    completion_factor : float, optional
        All that will be paid / paid so far, 1-10.

    Returns
    -------
    data frame
        Of the kind that was given, one row for each group:

        - ``aco_id`` and ``year`` where given, ``enrolment_type``
        - ``person_years``: months / 12
        - ``members``: rows of the group
        - ``members_truncated``: rows whose year is truncated
        - ``spending``: dollars, completed
        - ``counted``: dollars that count after truncation
        - ``per_capita``: counted / person-years, dollars of a person-year

    Raises
    ------
    InputError
        If columns are missing (all are named), a truncation point is missing, or a number is out of its range.

    Notes
    -----
    The Medicare Shared Savings Program takes the 99th percentile of national fee-for-service spending of assignable
    beneficiaries of the same calendar year. That it is taken by type, that years are annualised before they are
    truncated and completed before that, is recalled: ``truncation_rules.csv`` and ``docs/mssp_benchmark.md``.

    Source: 42 CFR 425.605(a)(3), 425.610(a)(4).
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    given = columns_of(PLACE, frame)
    missing = [name for name in NEEDED if name not in given]
    if missing:
        raise InputError(PLACE, "must have a row for each member and enrolment type", f"no {', '.join(missing)}")
    groups = [name for name in GROUPS if name in given]
    refuse_missing(PLACE, given, groups)
    _check_months(given)
    points = _points(given, truncation_points)
    facts = {name: given[name] for name in ("spending", "months")}
    terms = facts | {"truncation_point": points, "completion_factor": completion_factor}
    lines = pd.DataFrame(Rule("truncated_spending", {}, PLACE).columns(terms))
    lines["spending"] = np.asarray(given["spending"], dtype=np.float64) * completion_factor
    lines["members_truncated"] = lines["annualised"] > points
    lines["members"] = 1
    for name in groups:
        lines[name] = given[name]
    summed = ["person_years", "members", "members_truncated", "spending", "counted"]
    result = lines.groupby(groups, sort=False, as_index=False)[summed].sum()
    return give_back(result.assign(per_capita=result["counted"] / result["person_years"]), frame)


def _points(given: dict[str, NDArray[Any]], points: Mapping[Any, float]) -> NDArray[np.float64]:
    """Return the truncation point of each row."""
    if not isinstance(points, Mapping):
        raise InputError(f"{PLACE}.truncation_points", "must be a mapping by type, or by (year, type)", repr(points))
    for key, point in points.items():
        path = f"{PLACE}.truncation_points[{key!r}]"
        if plain(path, point) <= 0:
            raise InputError(path, "must be dollars above 0", f"{point:g}")
    kinds = given["enrolment_type"].tolist()
    for row, kind in enumerate(kinds):
        if kind not in TYPES:
            raise InputError(f"{PLACE}.enrolment_type[{row}]", f"must be one of {', '.join(TYPES)}", repr(kind))
    by_year = any(isinstance(key, tuple) for key in points)
    if by_year and "year" not in given:
        raise InputError(PLACE, "must have a year for truncation points by year", "no year")
    keys = list(zip(given["year"].tolist(), kinds, strict=True)) if by_year else kinds
    missing = sorted({str(key) for key in keys if key not in points})
    if missing:
        raise InputError(
            f"{PLACE}.truncation_points", "must have every type and year of the frame", f"no {', '.join(missing)}"
        )
    return np.array([points[key] for key in keys], dtype=np.float64)


def _check_months(given: dict[str, NDArray[Any]]) -> None:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    try:
        months = given["months"].astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{PLACE}.months", "must be numbers", repr(given["months"])[:60]) from None
    for row in np.flatnonzero(~((months > 0) & (months <= MONTHS))):
        raise InputError(f"{PLACE}.months[{row}]", "must be above 0 and at most 12", f"{months[row]:g}")
    if "member_id" not in given:
        return
    members = pd.DataFrame({name: given[name] for name in ("member_id", *GROUPS) if name in given})
    for row in np.flatnonzero(members.duplicated()):
        raise InputError(f"{PLACE}.member_id[{row}]", "must have each type once a year", str(given["member_id"][row]))
    of = [name for name in members if name != "enrolment_type"]
    total = members.assign(months=months).groupby(of)["months"].transform("sum")
    for row in np.flatnonzero(total > MONTHS):
        raise InputError(f"{PLACE}.member_id[{row}]", "must have at most 12 months a year", f"{total[row]:g}")
