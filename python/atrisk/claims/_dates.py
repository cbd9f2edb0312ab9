"""Dates as they are written in claims files, read into days; what no calendar has is told from what is missing."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk.claims._texts import _factorised

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

UNKNOWN = np.iinfo(np.int64).min
OPEN = np.iinfo(np.int64).max
FIRST_YEAR, LAST_YEAR = 1900, 2100
OPEN_YEARS = (2299, 9998, 9999)  # ends written for "still enrolled"
NOTHING = frozenset({"", "nan", "nat", "none", "null", "<na>", "na", "n/a", ".", "0", "00000000", "0000-00-00"})
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
NAMED = re.compile(r"(\d{1,2})[- ]?([A-Za-z]{3})[A-Za-z]*[- ,]*(\d{4})", re.ASCII)
CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?$", re.ASCII)
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: at + 1 for at, name in enumerate(MONTH_NAMES)}
EPOCH = dt.date(1970, 1, 1).toordinal()
TWELVE = 12


class Dates(NamedTuple):
    """Days since 1970-01-01 of each row, UNKNOWN or OPEN where there is none; masks of what was unusual."""

    days: NDArray[np.int64]
    missing: NDArray[np.bool_]
    impossible: NDArray[np.bool_]
    ambiguous: NDArray[np.bool_]
    formats: tuple[str, ...]
    order: str


class _Form(NamedTuple):
    name: str
    year: int
    month: int
    day: int


def read_dates(column: pd.Series[Any]) -> Dates:
    """Read dates: true dates, or 20240131, "2024-01-31", "01/31/2024", "31JAN2024", with or without a time of day.

    Where the year stands last, the month is read first, unless some row of the column can only be day first and none
    only month first. Rows that could be either are ambiguous. Years outside 1900-2100 are impossible, but for those
    that mean an open end (2299, 9998 and 9999).
    """
    if column.dtype.kind == "M":
        return _of_times(column)
    codes, values = _factorised(column)
    texts = [_text(value) for value in values]
    forms = [None if text is None else _form(text) for text in texts]
    last = [form for form in forms if form is not None and form.name == "MM/DD/YYYY"]
    day_first = any(form.month > TWELVE for form in last) and not any(form.day > TWELVE for form in last)
    days = np.array([_days(form, day_first=day_first) for form in forms] + [UNKNOWN], dtype=np.int64)
    blank = np.array([text is None for text in texts] + [True], dtype=bool)
    either = np.array([_either(form) for form in forms] + [False], dtype=bool)
    names = {_written(form, day_first=day_first) for form in forms if form is not None}
    impossible = (days == UNKNOWN) & ~blank
    return Dates(
        days[codes],
        blank[codes],
        impossible[codes],
        either[codes],
        tuple(sorted(names)),
        _order(last, day_first=day_first),
    )


def day_of(text: dt.date) -> int:
    """Return the days since 1970-01-01 of a date."""
    return text.toordinal() - EPOCH


def written(day: int) -> str:
    """Return a day as text."""
    return dt.date.fromordinal(int(day) + EPOCH).isoformat()


def as_times(days: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return days as NumPy dates."""
    return days.astype("datetime64[D]")


def _of_times(column: pd.Series[Any]) -> Dates:
    times = column.dt.tz_localize(None) if getattr(column.dt, "tz", None) is not None else column
    days = times.to_numpy().astype("datetime64[D]")
    missing = np.isnat(days)
    number = np.where(missing, UNKNOWN, days.astype(np.int64))
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    is_open = ~missing & np.isin(years, OPEN_YEARS)
    impossible = ~missing & ~is_open & ((years < FIRST_YEAR) | (years > LAST_YEAR))
    number = np.where(is_open, OPEN, np.where(impossible, UNKNOWN, number))
    none = np.zeros(len(days), dtype=bool)
    return Dates(number, missing, impossible, none, (), "")


def _text(value: Any) -> str | None:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, (float, np.floating)):
        value = int(value) if np.isfinite(value) and value == int(value) else value
    text = str(value).strip()
    return None if text.lower() in NOTHING else text


def _form(text: str) -> _Form | None:
    bare = CLOCK.sub("", text)
    if found := COMPACT.fullmatch(bare):
        return _Form("YYYYMMDD", int(found[1]), int(found[2]), int(found[3]))
    if found := YEAR_FIRST.fullmatch(bare):
        return _Form("YYYY-MM-DD", int(found[1]), int(found[2]), int(found[3]))
    if found := YEAR_LAST.fullmatch(bare):
        return _Form("MM/DD/YYYY", int(found[3]), int(found[1]), int(found[2]))
    if (found := NAMED.fullmatch(bare)) and found[2].lower() in MONTHS:
        return _Form("DDMonYYYY", int(found[3]), MONTHS[found[2].lower()], int(found[1]))
    return None


def _either(form: _Form | None) -> bool:
    if form is None or form.name != "MM/DD/YYYY":
        return False
    return form.month <= TWELVE and form.day <= TWELVE and form.month != form.day


def _order(last: list[_Form], *, day_first: bool) -> str:
    """Say how rows that could be either were read, and why."""
    if day_first:
        return "read as day/month: other rows of the column can only be that"
    if any(form.day > TWELVE for form in last):
        return "read as month/day: other rows of the column can only be that"
    return "read as month/day: no row of the column tells which"


def _written(form: _Form, *, day_first: bool) -> str:
    """Return the form in which a date was read."""
    swapped = form.month > TWELVE or (day_first and form.day <= TWELVE)
    return "DD/MM/YYYY" if form.name == "MM/DD/YYYY" and swapped else form.name


def _days(form: _Form | None, *, day_first: bool) -> int:
    if form is None:
        return UNKNOWN
    if form.year in OPEN_YEARS:
        return OPEN
    swap = _written(form, day_first=day_first) == "DD/MM/YYYY"
    month, day = (form.day, form.month) if swap else (form.month, form.day)
    if not FIRST_YEAR <= form.year <= LAST_YEAR:
        return UNKNOWN
    try:
        return day_of(dt.date(form.year, month, day))
    except ValueError:
        return UNKNOWN
