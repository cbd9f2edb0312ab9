"""Withhold: a part of each payment is kept back, and comes back after the year by quality or spending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import names
from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class Withhold(Contract):
    """A part of what the payer pays that is kept back each month, and comes back after the year.

    It looks at the payments of the contracts before it. With a ``target_pmpm`` it first covers what the payer spent
    above the target of the year: returned = ``returned_share`` × ``quality_score`` × max(withheld − deficit, 0).

    Parameters
    ----------
    withhold_rate : float
        Part of each month's payments that is kept back, 0-1.
    accounts : sequence of str, default ("claim", "capitation", "sequestered")
        The accounts of the ledger that are looked at; those in which the payer takes back count against the others.
    returned_share : float, default 1
        Part of what is left that comes back, 0-1.
    quality_score : float, default 1
        What quality comes to, 0-1; the returned share is multiplied by it.
    target_pmpm : float, optional
        Dollars per member per month that the payer means to spend on all care; by default no deficit is covered.
    settle_month : int, default 15
        Month in which it comes back, 12-60, counted from the start of the year; never before the last was kept back.
    """

    withhold_rate: Uncertain
    accounts: Sequence[str] = ("claim", "capitation", "sequestered")
    returned_share: Uncertain = 1.0
    quality_score: Uncertain = 1.0
    target_pmpm: Uncertain | None = None
    settle_month: int = 15

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        spec = super().to_spec()["withhold"]
        return {"withhold": spec | {"accounts": names(self.accounts)}}
