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
        Dollars per member per month of the first performance year, at least 0.
    trend : float, default 0
        Yearly growth of the payment after the first performance year.
    risk_adjusted : bool, default False
        Whether each member is paid for by its recorded risk score: pmpm × risk score / ``normalization``.
    normalization : float, optional
        Mean risk score of the payer's book, for which ``pmpm`` is meant; by default 1. Never the panel's own mean.
    risk_score_cap : float, optional
        Most by which the panel's mean risk score may grow from the first performance year, 0-1; by default no cap.
    scope : sequence of str, optional
        Names of the services claimed (partial capitation); by default every service (global capitation).
    """

    pmpm: float
    trend: float = 0.0
    risk_adjusted: bool = False
    normalization: float | None = None
    risk_score_cap: float | None = None
    scope: Sequence[str] | None = None
