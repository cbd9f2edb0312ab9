"""Sequestration: the part of a federal payment that is held back by law, by the date of payment."""

from __future__ import annotations

import datetime as dt
import numbers as kinds
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import rate
from atrisk.rules import _presets
from atrisk.rules._facts import given_facts, is_one
from atrisk.rules._rule import Rule, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

Date = str | dt.date
Rates = float | tuple[tuple[Date, float], ...]

TABLE = "sequestration_rates.csv"
PLACE = "Sequestration"
RULE = "must be a date (YYYY-MM-DD)"


@dataclass(frozen=True, kw_only=True)
class Sequestration(Terms):
    """What is held back of a payment; paid = amount − rate × amount, where the amount is above 0.

    Parameters
    ----------
    rates : float or sequence of (date, rate), optional
        One rate, 0-1, or rates with the date from which each holds; by default the table of Medicare's payments, which
        is recalled (2 USC 901a(6)) and says so on every statement.

    Examples
    --------
    >>> ar.Sequestration().rate("2022-05-31")
    0.01
    >>> ar.Sequestration().settle(amount=12_514_910, date="2017-10-01")["paid"]
    Decimal('12264611.80')
    """

    rates: Rates | None = None

    def rate(self, date: object) -> Any:  # noqa: ANN401 - a number for one date, an array for many
        """Return the rate at which payments made on a date are cut.

        Parameters
        ----------
        date : date, text (2022-05-31), or a column of them
            Date of payment.

        Returns
        -------
        float or numpy.ndarray
            Part of the payment, 0-1.

        Raises
        ------
        InputError
            Where it is no date, or before the first one with a rate; with its row.
        """
        starts, rates = self._schedule()
        days = _days(f"{PLACE}.date", date)
        at = np.searchsorted(starts, days, side="right") - 1
        if (early := np.flatnonzero(at < 0)).size:
            row = f"[{early[0]}]" if days.ndim else ""
            raise InputError(f"{PLACE}.date{row}", f"must be from {starts[0]} on", str(days.flat[early[0]]))
        found = rates[at]
        return found if days.ndim else found.item()

    def rule(self) -> Rule:
        """Return the rule of the core."""
        self._schedule()
        return Rule("sequestration", {}, PLACE, [("payment", 1), ("sequestered", -1), ("paid", 1)])

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle payments.

        Parameters
        ----------
        frame : data frame or mapping, optional
            Payments in rows, with the columns ``amount``, dollars, and ``date``; other columns are left alone, unless
            they look like facts.
        **facts
            The same by name: single values give a :class:`Statement`, columns a frame. A ``rate`` in place of the date
            is taken as it is; with one rate for all dates neither is needed.

        Returns
        -------
        Statement or data frame
            ``payment`` (the amount in cents), ``sequestered`` and ``paid``, dollars. A frame is of the kind that was
            given.

        Raises
        ------
        InputError
            Where facts are missing, unknown, of several lengths, or no number or date, with their row.
        """
        given = given_facts(PLACE, frame, facts, ["amount", "date", "rate"])
        if "rate" in given and "date" in given:
            raise InputError(PLACE, "must be given date or rate", "both")
        date = given.pop("date", None)
        rule = self.rule()
        if "rate" not in given:
            if date is None and not _is_one(self.rates):
                missing = [name for name in ("amount", "date") if name == "date" or name not in given]
                raise InputError(PLACE, f"must be given {', '.join(missing)}", None if given else "none of them")
            given["rate"] = self.rate(dt.date.max if date is None else date)
            rule = self._noted(rule, date)
        return rule.settled(given, frame)

    def _schedule(self) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
        """Return the dates from which rates hold, in order, and the rates."""
        path = f"{PLACE}.rates"
        if self.rates is None:
            steps: list[Any] = [(row["first_date"], float(row["rate"])) for row in _presets.table(TABLE)]
        elif _is_one(self.rates):
            steps = [(dt.date.min, self.rates)]
        else:
            steps = _steps(path, self.rates)
        starts = np.array(
            [day_of(f"{path}[{at}]", start) for at, (start, _) in enumerate(steps)], dtype="datetime64[D]"
        )
        for at in np.flatnonzero(starts[1:] <= starts[:-1]):
            raise InputError(f"{path}[{at + 1}]", "must rise from date to date", str(starts[at + 1]))
        one = _is_one(self.rates)
        return starts, np.array([rate(path if one else f"{path}[{at}]", part) for at, (_, part) in enumerate(steps)])

    def _noted(self, rule: Rule, date: object) -> Rule:
        """Return the rule with what says the rate of a single date, and how sure it is."""
        if self.rates is not None or date is None or not is_one(date):
            return rule
        row = _presets.table(TABLE)[int(np.searchsorted(self._schedule()[0], _days(PLACE, date), side="right")) - 1]
        notes = (f"Paid on {_days(PLACE, date)}", *_presets.notes([row], described))
        return replace(rule, source=row["source"], notes=notes)


def _is_one(rates: object) -> bool:
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


def _days(path: str, dates: object) -> NDArray[np.datetime64]:
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
    """Return what a row of the table says."""
    to = f" to {row['last_date']}" if row["last_date"] else " on"
    return f"rate {row['rate']} from {row['first_date']}{to}"
