"""Shared savings: a year's spending against a benchmark, and a share of what was saved or overspent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from atrisk.benchmark import Benchmark


@dataclass(frozen=True, kw_only=True)
class SharedSavings(Contract):
    """A share of savings, and in a two-sided contract of losses, against a benchmark.

    The benchmark of a year is its dollars per member per month × member-months, of the members attributed to the
    provider; savings = benchmark − spending over all services. Minimum
    rates are met by meeting them; sharing is from the first dollar. Shape of 42 CFR 425.605 and 425.610.

    Parameters
    ----------
    benchmark_pmpm : float, optional
        Dollars per member per month, above 0; fixed, that is, known without error. This or ``benchmark``.
    benchmark : Benchmark, optional
        One that is computed from base years, with errors of its own.
    basis : {"allowed", "paid"}
        What spending and benchmark measure: allowed amounts at the arm's prices, or those less the members'
        cost share.
    sharing_rate : float
        The provider's share of savings, 0-1.
    loss_rate : float, default 0
        The provider's share of losses, 0-1; 0 is one-sided.
    minimum_savings_rate, minimum_loss_rate : float, default 0
        Part of the benchmark, 0-1, that must be saved or lost before anything is shared.
    payment_limit_rate, loss_limit_rate : float, optional
        The most that can be earned or owed, as a part of the benchmark, 0-1; by default no limit.
    truncation : float, optional
        Dollars that a member's year counts for at most; by default all of them.
    benchmark_truncated : bool, default False
        Says that ``benchmark_pmpm`` was computed from truncated spending; without it truncation is refused. A
        ``benchmark`` of base years is truncated as spending is.
    settle_month : int, default 21
        Month in which the cash moves, 12-60, counted from the start of the year.
    """

    benchmark_pmpm: float | None = None
    benchmark: Benchmark | None = None
    basis: str
    sharing_rate: float
    loss_rate: float = 0.0
    minimum_savings_rate: float = 0.0
    minimum_loss_rate: float = 0.0
    payment_limit_rate: float | None = None
    loss_limit_rate: float | None = None
    truncation: float | None = None
    benchmark_truncated: bool = False
    settle_month: int = 21
