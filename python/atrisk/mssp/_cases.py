"""ACO-years as columns of numbers, from a public use file or a frame of a user's own."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk import _frames
from atrisk._errors import InputError
from atrisk.mssp._read import read_puf
from atrisk.mssp._tables import table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

NEEDED = ("aco_id", "performance_year", "track", "members", "benchmark", "spending", "minimum_savings_rate")
FLAGS = (
    "quality_by_reporting",
    "met_quality_standard",
    "met_alternative_quality_standard",
    "low_revenue",
    "reduced_sharing",
)
RATES = ("minimum_savings_rate", "final_sharing_rate", "final_loss_rate", "quality_score")
NUMBERS = (
    "members",
    "benchmark",
    "spending",
    "savings",
    *RATES,
    *(f"{name}_half_unit" for name in RATES),
    "disaster_adjustment",
    "revenue_loss_limit",
    "earned_published",
)
NOT_NEGATIVE = ("disaster_adjustment", "revenue_loss_limit")
LONGEST_AGREEMENT = 10


class Cases(NamedTuple):
    """ACO-years.

    Attributes
    ----------
    columns : dict of str to array
        Numbers and flags by name; NaN where a frame has none.
    track : array of str
        Names of tracks; empty where missing.
    year : array of int
        Performance years.
    started : array of float
        Calendar year in which the agreement began, NaN where it is not known.
    """

    columns: dict[str, Floats]
    track: NDArray[Any]
    year: NDArray[np.int64]
    started: Floats

    def taken(self, places: Places) -> Cases:
        """Return some of them."""
        columns = {name: column[places] for name, column in self.columns.items()}
        return Cases(columns, self.track[places], self.year[places], self.started[places])

    def column(self, name: str, missing: float) -> Floats:
        """Return a column with a number in place of what is missing."""
        return np.where(np.isnan(self.columns[name]), missing, self.columns[name])

    def agreement_year(self) -> NDArray[np.int64]:
        """Return the year of the agreement, 1 where its start is not known; long first years count as one."""
        first = self.started.copy()
        for row in table("agreement_years.csv"):
            within = (first >= float(row["started_from"])) & (first <= float(row["started_to"]))
            first[within] = float(row["first_year_ends"])
        number = np.nan_to_num(self.year - first + 1.0, nan=1.0)
        return np.clip(number, 1, LONGEST_AGREEMENT).astype(np.int64)


def frame_of(place: str, frame: object) -> tuple[pd.DataFrame, Any]:
    """Return a public use file, or a frame of any kind, as one of pandas with rows from 0, and its own index."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(frame, (str, PathLike)):
        frame = read_puf(frame)
    given = _frames.read_frame(place, frame)
    _frames.need(place, given, NEEDED)
    twice = given.columns[given.columns.duplicated()]
    if len(twice):
        raise InputError(place, "must have each column once", f"{twice[0]} twice")
    return given, frame.index if isinstance(frame, pd.DataFrame) else given.index


def read_cases(place: str, frame: pd.DataFrame) -> Cases:
    """Read what settlements look at, naming what cannot be read with its row."""
    least = dict.fromkeys(NOT_NEGATIVE, 0.0)
    columns = {name: _frames.numbers(place, frame, name, least.get(name, -1e12), 1e12) for name in NUMBERS}
    columns |= {name: _flags(place, frame, name) for name in FLAGS}
    years = _frames.numbers(place, frame, "performance_year", 1, 9999)
    wrong = np.flatnonzero(years != np.round(years))  # NaN is no whole number either
    if len(wrong):
        raise InputError(f"{place}.performance_year[{wrong[0]}]", "must be a year", f"{years[wrong[0]]:g}")
    track = frame["track"].astype(object).where(frame["track"].notna(), "").to_numpy()
    return Cases(columns, track, years.astype(np.int64), _started(frame))


def _flags(place: str, frame: pd.DataFrame, name: str) -> Floats:
    """Return a column of yes and no as 1 and 0."""
    read = _frames.numbers(place, frame, name, 0.0, 1.0)
    wrong = np.flatnonzero((read > 0.0) & (read < 1.0))
    if len(wrong):
        raise InputError(f"{place}.{name}[{wrong[0]}]", "must be true or false", f"{read[wrong[0]]:g}")
    return read


def _started(frame: pd.DataFrame) -> Floats:
    """Return the calendar year in which each agreement began: of a date, of its text, or the year itself."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if "agreement_start" not in frame:
        return np.full(len(frame), np.nan)
    start = frame["agreement_start"]
    if pd.api.types.is_numeric_dtype(start):
        return start.to_numpy(dtype=np.float64, na_value=np.nan)
    if not pd.api.types.is_datetime64_any_dtype(start):
        start = pd.to_datetime(start, errors="coerce", format="mixed")
    return np.asarray(start.dt.year, dtype=np.float64)
