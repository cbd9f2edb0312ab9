"""Rates by date: a schedule from dates on, the days a user gives, and what rows of a shipped table say."""

from __future__ import annotations

import datetime as dt
import numbers as kinds
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.rules import _presets

Date = str | dt.date
Rates = float | tuple[tuple[Date, float], ...]

RULE = "must be a date (YYYY-MM-DD)"


def schedule(path: str, rates: object) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    """Return the days from which rates hold, in order, and the rates; one rate holds from the first day there is."""
    one = is_one_rate(rates)
    steps = [(dt.date.min, rates)] if one else _steps(path, rates)
    starts = np.array([day_of(f"{path}[{at}]", start) for at, (start, _) in enumerate(steps)], dtype="datetime64[D]")
    for at in np.flatnonzero(starts[1:] <= starts[:-1]):
        raise InputError(f"{path}[{at + 1}]", "must rise from date to date", str(starts[at + 1]))
    return starts, np.array([rate(path if one else f"{path}[{at}]", part) for at, (_, part) in enumerate(steps)])


def is_one_rate(rates: object) -> bool:
    """Say whether rates are a single one for all dates."""
    return isinstance(rates, (kinds.Real, Decimal))


def _steps(path: str, rates: object) -> list[Any]:
    rule = "must be a rate, or rates with their dates: (date, rate)"
    steps = [] if isinstance(rates, str) or not isinstance(rates, Iterable) else list(rates)
    if not steps:
        raise InputError(path, rule, repr(rates)[:60])
    for at, step in enumerate(steps):
        if isinstance(step, str) or not isinstance(step, Iterable) or len(list(step)) != 2:  # noqa: PLR2004
            raise InputError(f"{path}[{at}]", rule, repr(step)[:60])
    return steps


def days_of(path: str, dates: object) -> NDArray[np.datetime64]:
    """Return a date or a column of dates as days, refusing what is none."""
    array = np.asarray(dates)
    if array.ndim == 0:
        return np.asarray(day_of(path, array.item() if array.dtype.kind != "M" else str(array)[:10]))
    if array.dtype.kind != "M":
        return np.array(
            [day_of(f"{path}[{row}]", date) for row, date in enumerate(array.tolist())], dtype="datetime64[D]"
        )
    days = array.astype("datetime64[D]")
    for row in np.flatnonzero(np.isnat(days)):
        raise InputError(f"{path}[{row}]", RULE, "a missing value")
    return days


def day_of(path: str, date: object) -> np.datetime64:
    """Return a date as a day, refusing what is none."""
    if date is None or date != date:  # noqa: PLR0124 - what is missing differs from itself
        raise InputError(path, RULE, "a missing value")
    try:
        if isinstance(date, str):
            return np.datetime64(dt.date.fromisoformat(date.strip()), "D")
        if isinstance(date, dt.date):
            return np.datetime64(dt.date(date.year, date.month, date.day), "D")
    except ValueError:
        pass
    raise InputError(path, RULE, repr(date)[:60])


def described(row: _presets.Row) -> str:
    """Return what a row of a table of rates by date says."""
    to = f" to {row['last_date']}" if row["last_date"] else " on"
    return f"rate {row['rate']} from {row['first_date']}{to}"
