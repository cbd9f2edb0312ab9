"""Dates of a claim: its fiscal year, its calendar year, and how many days it can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._refusing import refuse_where
from atrisk.rules.sequestration import _day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def read_days(path: str, values: object) -> NDArray[np.datetime64]:
    """Return a date or a column of dates as days; each distinct date is read once."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values)
    plain = array.astype("datetime64[D]" if array.dtype.kind == "M" else object)
    at, distinct = pd.factorize(np.atleast_1d(plain), use_na_sentinel=False)
    first = np.flatnonzero(~pd.Series(at).duplicated())
    rows = [f"[{row}]" if array.ndim else "" for row in first]
    days = np.array(
        [_day(f"{path}{row}", _plain(date)) for row, date in zip(rows, distinct, strict=True)], dtype="datetime64[D]"
    )
    return np.asarray(days[at].reshape(array.shape))


def _plain(date: object) -> Any:  # noqa: ANN401 - a date of any kind
    """Return a day of an array as a date; anything else as it is."""
    return date.astype("datetime64[D]").item() if isinstance(date, np.datetime64) else date


def year_of(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return calendar years."""
    return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)


def fiscal_year_of(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return federal fiscal years, which begin in October."""
    return year_of((days.astype("datetime64[M]") + np.timedelta64(3, "M")).astype("datetime64[D]"))


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
    last = read_days(f"{place}.through_date", given["through_date"])
    year_rule = "must lie in the fiscal year of the claim"
    refuse_where(fiscal_year_of(last) != fiscal_year, f"{place}.through_date", year_rule, last)
    if "from_date" in given:
        first, named = read_days(f"{place}.from_date", given["from_date"]), "from_date"
    else:
        first, named = last - (np.asarray(days, dtype=np.int64) - 1), "days"
    refuse_where(first > last, f"{place}.from_date", "must not lie after through_date", first)
    span = (last - first).astype(np.int64) + 1
    refuse_where(days > span, f"{place}.days", "must be at most the days from from_date to through_date", days)
    shown = first if named == "from_date" else days
    hint = "a claim must not span fiscal years: price its parts"
    refuse_where(fiscal_year_of(first) != fiscal_year, f"{place}.{named}", "must begin in the fiscal year", shown, hint)
    return first, last
