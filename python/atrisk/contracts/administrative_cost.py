"""Administrative cost: what running a contract costs the provider, fixed, by members and by the measures it reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class AdministrativeCost(Contract):
    """What running a contract costs the provider: fixed, by members, and by the measures that it reports.

    A year costs ``per_year`` + ``hours_per_measure`` × ``measures`` × ``hourly_cost``, a twelfth of it each month, and
    ``pmpm`` × the members enrolled in each month; of a payer's contract, its members.

    Parameters
    ----------
    per_year : float, optional
        Dollars of the first performance year whoever is enrolled, at least 0.
    pmpm : float, optional
        Dollars per member per month of the first performance year, at least 0.
    hours_per_measure : float, optional
        Hours that a measure takes in a year, at least 0; with ``hourly_cost``.
    hourly_cost : float, optional
        Dollars per hour of the first performance year, at least 0.
    measures : int, optional
        Measures that the contract asks for, 0-1,000; by default those of the study.
    trend : float, default 0
        Yearly growth of all dollars after the first performance year, -0.9 to 1.
    """

    per_year: Uncertain | None = None
    pmpm: Uncertain | None = None
    hours_per_measure: Uncertain | None = None
    hourly_cost: Uncertain | None = None
    measures: int | None = None
    trend: Uncertain = 0.0
