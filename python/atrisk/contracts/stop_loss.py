"""Stop-loss: a reinsurer repays the part of each member's year, or of the whole panel's, above an attachment point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from atrisk._lasers import lasers_spec
from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class StopLoss(Contract):
    """Cover of each member's year, or of all members' together, above an attachment point.

    A member with covered dollars x brings ``ceded_share`` × min(max(x − ``attachment_point``, 0), ``limit``). Aggregate
    cover reads x as the covered dollars of all members, less what covers before it in the arm have repaid.
    Covered is what is paid (allowed less the member's cost share) for the services that a capitation of the
    same arm bears, or for every service in an arm without one.

    Parameters
    ----------
    kind : {"specific", "aggregate"}, default "specific"
        Whether each member's dollars attach, or those of all members together.
    attachment_point : float, optional
        Dollars where the cover begins, at least 0: per member-year, or for aggregate cover of all members' year.
    attachment_rate : float, optional
        Instead, for aggregate cover: the cover begins at this multiple (0-10) of ``expected_pmpm`` × member-months.
    expected_pmpm : float, optional
        Covered dollars that are expected per member per month, at least 0; with ``attachment_rate``.
    ceded_share : float, default 1
        The reinsurer's share of the layer, 0-1.
    limit : float, optional
        Height of the layer, dollars a year (per member, or of all), before the ceded share; by default none.
    premium_pmpm : float, optional
        Price of the cover, dollars per member per month, at least 0; or give a loading.
    loading : float, optional
        Instead of a premium: it becomes the expected recovery × (1 + ``loading``), by the exact engine when the study
        is built. ``study.expected_recoveries()`` shows both.
    scope : sequence of str, optional
        Names of the services covered, instead of the default above.
    settle_month : int, default 15
        Month in which the recovery is paid, 12-60, counted from the start of the year.
    lasers : mapping of member_id to float, optional
        Members whose specific cover begins at another, higher attachment point, dollars per member-year.
    basis : str, default "incurred"
        Claims covered: those incurred in the year whenever they are paid, or with ``"12/15"`` those that are also
        paid within 15 months of its start; 12-60.
    payment_lag_months : int, default 0
        Whole months from when a claim is incurred until it is paid.
    value_own_services_at : float, default 1
        What a dollar of the provider's own services counts for, 0-1.
    """

    kind: str = "specific"
    attachment_point: float | None = None
    attachment_rate: float | None = None
    expected_pmpm: float | None = None
    ceded_share: float = 1.0
    limit: float | None = None
    premium_pmpm: float | None = None
    loading: float | None = None
    scope: Sequence[str] | None = None
    settle_month: int = 15
    lasers: Mapping[Any, float] | None = None
    basis: str = "incurred"
    payment_lag_months: int = 0
    value_own_services_at: float = 1.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads; members of lasers get their rows when the study is built."""
        if self.lasers is None:
            [(kind, terms)] = super().to_spec().items()
            return {kind: {name: value for name, value in terms.items() if name != "lasers"}}
        [(kind, terms)] = replace(self, lasers=None).to_spec().items()
        return {kind: terms | {"lasers": lasers_spec(self.lasers)}}
