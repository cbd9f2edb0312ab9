"""Capitation: a fixed payment per member per month, out of which the provider bears the care in scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class Capitation(Contract):
    """A fixed payment per member per month, whatever care is used.

    Care in scope that the provider delivers is an encounter paid zero; care in scope that others deliver is
    paid by the provider at its price less the member's cost share.

    Parameters
    ----------
    pmpm : float
        Dollars per member per month, at least 0.
    scope : sequence of str, optional
        Names of the services claimed (partial capitation); by default every service (global capitation).
    """

    pmpm: float
    scope: Sequence[str] | None = None
