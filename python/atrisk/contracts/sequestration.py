"""Sequestration: the part of the payer's payments that a law takes off, by date or month by month of a study."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import names, term, texts
from atrisk.contracts._base import Contract
from atrisk.rules import _presets
from atrisk.rules._dated_rates import Date, Rates, day_of, days_of, described, is_one_rate, schedule
from atrisk.rules._facts import given_facts, is_one
from atrisk.rules._rule import Rule, Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TABLE = "sequestration_rates.csv"
PLACE = "Sequestration"


@dataclass(frozen=True, kw_only=True)
class Sequestration(Contract, Terms):
    """What a law takes off the payer's payments: rate × payment, where the payment is above 0.

    In an arm it looks at what the payer pays the provider for each month in the contracts before it, and the payer
    keeps its part in the month of that cash. With :meth:`settle` it settles payments of a user's own.

    Parameters
    ----------
    rates : float or sequence of (date, rate), optional
        One rate, 0-1, or rates with the date from which each holds; by default the table of Medicare's payments, which
        is recalled (2 USC 901a(6)) and says so on every statement.
    accounts : sequence of str, default ("claim",)
        In an arm, the accounts of the ledger that are looked at; those in which the payer takes back (``"withheld"``)
        count against the others.
    first_date : date or text (2026-01-01), optional
        In an arm, the first day of the first performance year, by which rates with dates find their months; a month has
        the rate of its first day. Not needed for one rate.
    notes : sequence of str
        What a reader must know of the rates; printed on statements.

    Examples
    --------
    >>> ar.Sequestration().rate("2022-05-31")
    0.01
    >>> ar.Sequestration().settle(amount=12_514_910, date="2017-10-01")["paid"]
    Decimal('12264611.80')
    """

    rates: Rates | None = None
    accounts: Sequence[str] = ("claim",)
    first_date: Date | None = None
    notes: Sequence[str] = ()

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads: rates by month, counted from the first performance year's first."""
        steps = [{"from": str(month), "gives": term(rate)} for month, rate in self._by_month()]
        doubts = () if self.rates is not None else _presets.notes(_presets.table(TABLE), described)
        spec = {"rates": steps, "accounts": names(self.accounts), "notes": [*texts("notes", self.notes), *doubts]}
        return {"sequestration": spec | ({} if self.first_date is None else {"first_date": str(self._first())})}

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
        return self._rate(f"{PLACE}.date", days_of(f"{PLACE}.date", date))

    def rule(self) -> Rule:
        """Return the rule of the core."""
        self._schedule()
        if self.first_date is not None:
            path, first = f"{PLACE}.first_date", self._first()
            if first != first.astype("datetime64[M]"):
                raise InputError(path, "must be the first day of a month", str(first))
            self._rate(path, np.asarray(first))
        waterfall = [("payment", 1), ("sequestered", -1), ("paid", 1)]
        return Rule("sequestration", {}, PLACE, waterfall, tuple(texts(f"{PLACE}.notes", self.notes)))

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
            if date is None and not is_one_rate(self.rates):
                missing = [name for name in ("amount", "date") if name == "date" or name not in given]
                raise InputError(PLACE, f"must be given {', '.join(missing)}", None if given else "none of them")
            given["rate"] = self.rate(dt.date.max if date is None else date)
            rule = self._noted(rule, date)
        return rule.settled(given, frame)

    def _schedule(self) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
        """Return the days from which rates hold, in order, and the rates."""
        rates: Any = self.rates
        if rates is None:
            rates = [(row["first_date"], float(row["rate"])) for row in _presets.table(TABLE)]
        return schedule(f"{PLACE}.rates", rates)

    def _rate(self, path: str, days: NDArray[np.datetime64]) -> Any:  # noqa: ANN401 - a number for one day, an array for many
        starts, rates = self._schedule()
        at = np.searchsorted(starts, days, side="right") - 1
        if (early := np.flatnonzero(at < 0)).size:
            row = f"[{early[0]}]" if days.ndim else ""
            raise InputError(f"{path}{row}", f"must be from {starts[0]} on", str(days.flat[early[0]]))
        found = rates[at]
        return found if days.ndim else found.item()

    def _first(self) -> np.datetime64:
        return day_of(f"{PLACE}.first_date", self.first_date)

    def _by_month(self) -> list[tuple[int, float]]:
        """Return the months of a study from which rates hold, and the rates; none where their months are not known."""
        starts, rates = self._schedule()
        if is_one_rate(self.rates):
            return [(1, rates.item())]
        if self.first_date is None:
            return []
        # The first month whose first day is not before the rate's.
        months = (starts + np.timedelta64(-1, "D")).astype("datetime64[M]") - self._first().astype("datetime64[M]")
        by_month = {max(int(month.astype(int)) + 2, 1): float(rate) for month, rate in zip(months, rates, strict=True)}
        return sorted(by_month.items())

    def _noted(self, rule: Rule, date: object) -> Rule:
        """Return the rule with what says the rate of a single date, and how sure it is."""
        if self.rates is not None or date is None or not is_one(date):
            return rule
        day = days_of(PLACE, date)
        row = _presets.table(TABLE)[int(np.searchsorted(self._schedule()[0], day, side="right")) - 1]
        notes = (f"Paid on {day}", *_presets.notes([row], described), *rule.notes)
        return replace(rule, source=row["source"], notes=notes)
