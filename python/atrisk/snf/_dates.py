"""Dates of a claim: its fiscal year, its calendar year, and how many days it can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._by_date import fiscal_year_of, read_days
from atrisk._payment._checks import Refusing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def read_span(
    place: str, given: Mapping[str, Any], fiscal_year: NDArray[Any], days: NDArray[np.float64]
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]] | None:
    """Return the first and the last day of claims; those that span fiscal years or lack days are refused.

    Without ``from_date`` a claim begins as many days before its end as it has covered days.
    """
    if "through_date" not in given:
        if "from_date" in given:
            raise InputError(place, "must be given through_date with from_date", "only from_date")
        return None
    refuse = Refusing(place, given)
    last = read_days(f"{place}.through_date", given["through_date"])
    year_rule = "must lie in the fiscal year of the claim"
    refuse("through_date", fiscal_year_of(last) != fiscal_year, year_rule, last)
    if "from_date" in given:
        first, named = read_days(f"{place}.from_date", given["from_date"]), "from_date"
    else:
        first, named = last - (np.asarray(days, dtype=np.int64) - 1), "days"
    refuse("from_date", first > last, "must not lie after through_date", first)
    span = (last - first).astype(np.int64) + 1
    refuse("days", days > span, "must be at most the days from from_date to through_date", days)
    shown = first if named == "from_date" else days
    hint = "a claim must not span fiscal years: price its parts"
    refuse(named, fiscal_year_of(first) != fiscal_year, "must begin in the fiscal year", shown, hint)
    return first, last
