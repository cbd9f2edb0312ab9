"""Specific stop-loss: a reinsurer repays the part of each member's year above an attachment point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class StopLoss(Contract):
    """Cover of each member's year above an attachment point.

    A member with covered dollars x brings ``ceded_share`` × min(max(x − ``attachment_point``, 0), ``limit``).
    Covered is what is paid (allowed less the member's cost share) for the services that a capitation of the
    same arm bears, or for every service in an arm without one.

    Parameters
    ----------
    attachment_point : float
        Dollars per member-year where the cover begins, at least 0.
    ceded_share : float, default 1
        The reinsurer's share of the layer, 0-1.
    limit : float, optional
        Height of the layer, dollars per member-year, before the ceded share; by default none.
    premium_pmpm : float, optional
        Price of the cover, dollars per member per month, at least 0; or give a loading.
    loading : float, optional
        Instead of a premium: it becomes the expected recovery × (1 + ``loading``), by the exact engine when the study
        is built. ``study.expected_recoveries()`` shows both.
    scope : sequence of str, optional
        Names of the services covered, instead of the default above.
    settle_month : int, default 15
        Month in which the recovery is paid, 12-60, counted from the start of the year.
    """

    attachment_point: float
    ceded_share: float = 1.0
    limit: float | None = None
    premium_pmpm: float | None = None
    loading: float | None = None
    scope: Sequence[str] | None = None
    settle_month: int = 15
