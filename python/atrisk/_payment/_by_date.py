"""Figures by date: the row in force on each day, and what is held back of payments by law on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._payment._checks import refuse
from atrisk.contracts.sequestration import TABLE
from atrisk.rules import _presets
from atrisk.rules._dated_rates import day_of, described

if TYPE_CHECKING:
    from numpy.typing import NDArray

FROM, TO = "0001-01-01", "9999-12-31"


@dataclass(frozen=True)
class ByDate:
    """Rows of one figure in the order of their dates.

    Attributes
    ----------
    rows : tuple of dict
        Its rows, with ``first_date`` and ``last_date``, empty where they have no end.
    """

    rows: tuple[dict[str, str], ...]

    def at(self, days: NDArray[np.datetime64]) -> NDArray[np.intp]:
        """Return the position of the row in force on each day; -1 where there is none."""
        first = np.array([row["first_date"] or FROM for row in self.rows], dtype="datetime64[D]")
        last = np.array([row["last_date"] or TO for row in self.rows], dtype="datetime64[D]")
        at = np.searchsorted(first, days, side="right") - 1
        return np.where((at >= 0) & (days <= last[at]), at, -1)

    def values(self, column: str = "value") -> NDArray[np.float64]:
        """Return the values of its rows."""
        return np.array([float(row[column]) for row in self.rows])

    def sure(self) -> NDArray[np.intp]:
        """Return how sure each row is; the least sure is 0."""
        return np.array([_figures.CONFIDENCES.index(row["confidence"]) for row in self.rows])


@cache
def sequestration() -> ByDate:
    """Return the rates that are held back of payments by law, in the column ``rate``."""
    return ByDate(_presets.table(TABLE))


def held_back(path: str, days: NDArray[np.datetime64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the rate that is held back on each day and how sure it is, refusing days before the first rate."""
    table = sequestration()
    at = table.at(days)
    refuse(path, at < 0, f"must be from {table.rows[0]['first_date']} on", days)
    return table.values("rate")[at], table.sure()[at]


def sequestration_notes(day: NDArray[np.datetime64]) -> list[str]:
    """Return what a reader must know of the rate on a day."""
    table = sequestration()
    return list(_presets.notes([table.rows[int(table.at(day))]], described))


def read_days(path: str, values: object) -> NDArray[np.datetime64]:
    """Return a date or a column of dates as days; each distinct date is read once."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values)
    plain = array.astype("datetime64[D]" if array.dtype.kind == "M" else object)
    at, distinct = pd.factorize(np.atleast_1d(plain), use_na_sentinel=False)
    first = np.flatnonzero(~pd.Series(at).duplicated())
    rows = [f"[{row}]" if array.ndim else "" for row in first]
    days = np.array(
        [day_of(f"{path}{row}", _plain(date)) for row, date in zip(rows, distinct, strict=True)], dtype="datetime64[D]"
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
