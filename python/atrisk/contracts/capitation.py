"""Capitation: a fixed payment per member per month, out of which the provider bears the care in scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._columns import SEXES
from atrisk._errors import InputError
from atrisk._spec import known_term, names, term
from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain

#: A rate cell: from an age, below an age (None: without end), a sex (None: any), and its factor.
Cell = tuple[int, int | None, str | None, float]
CELL = ("age_from", "age_below", "sex", "factor")


@dataclass(frozen=True, kw_only=True)
class Capitation(Contract):
    """A fixed payment per member per month, whatever care is used.

    Care in scope that the provider delivers is an encounter paid zero; care in scope that others deliver is
    paid by the provider at its price less the member's cost share.

    Parameters
    ----------
    pmpm : float
        Dollars per member per month of the first performance year, at least 0.
    trend : float, default 0
        Yearly growth of the payment after the first performance year.
    risk_adjusted : bool, default False
        Whether each member is paid for by its recorded risk score: pmpm × risk score / ``normalization``.
    normalization : float, optional
        Mean risk score of the payer's book, for which ``pmpm`` is meant; by default 1. Never the panel's own mean.
    risk_score_cap : float, optional
        Most by which the panel's mean risk score may grow from the first performance year, 0-1; by default no cap.
    cells : sequence of (age_from, age_below, sex, factor), optional
        Rate cells, instead of risk scores: each member is paid for by pmpm × factor / ``cell_normalization`` of the
        cell that holds its age in the year (completed years, from the first age on and below the second, None: without
        end) and its sex ("female", "male", None: any). Every age and sex must be in exactly one cell.
    cell_normalization : float, optional
        Mean factor of the payer's book, for which ``pmpm`` is meant; by default 1. Never the panel's own mean.
    scope : sequence of str, optional
        Names of the services claimed (partial capitation); by default every service (global capitation).
    carve_outs : sequence of str, optional
        Names of services that are not claimed although they are in scope; another contract or the payer pays for them.
    retroactive_rate : float, optional
        Part of each month's payment, 0-1, for members who are known to be enrolled only later: owed for the month, and
        paid ``retroactive_months`` after it. By default none.
    retroactive_months : int, optional
        Months by which that part is later, 1-48; given together with ``retroactive_rate``.
    claims_lag_months : int, default 0
        Months from care that others deliver to its payment, 0-12: a cost of the month of the care, whose cash moves
        later. What is unpaid at the end of a year is its liability for claims incurred, a line of the statement.
    """

    pmpm: Uncertain
    trend: Uncertain = 0.0
    risk_adjusted: bool = False
    normalization: Uncertain | None = None
    risk_score_cap: Uncertain | None = None
    cells: Sequence[Cell] | None = None
    cell_normalization: Uncertain | None = None
    scope: Sequence[str] | None = None
    carve_outs: Sequence[str] | None = None
    retroactive_rate: Uncertain | None = None
    retroactive_months: int | None = None
    claims_lag_months: int = 0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        spec = super().to_spec()["capitation"]
        return {"capitation": spec | {"cells": _cells(self.cells), "carve_outs": names(self.carve_outs)}}


def _cells(given: object) -> list[dict[str, Any]] | None:
    """Return rate cells by their words, refusing what is none."""
    if given is None:
        return None
    rule = "must be cells (age_from, age_below, sex, factor), where age_below and sex may be None"
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError("Capitation.cells", rule, repr(given))
    cells = []
    for position, row in enumerate(given):
        place = f"Capitation.cells[{position}]"
        if isinstance(row, str) or not isinstance(row, Iterable) or len(parts := list(row)) != len(CELL):
            raise InputError(place, rule, repr(row))
        age_from, age_below, sex, factor = parts
        cells.append(
            {
                "age_from": known_term(f"{place}.age_from", age_from),
                "age_below": known_term(f"{place}.age_below", age_below),
                "sex": None if sex is None else SEXES.get(str(sex).strip().lower(), str(sex)),
                "factor": term(factor),
            }
        )
    return cells
