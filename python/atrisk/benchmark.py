"""A benchmark computed from base years, with the errors that such a benchmark has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import flag, number, numbers, optional_number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Dollars per member per month that shared savings compares a performance year with.

    The spending per member-month of each base year, on the basis of the contract and truncated as the performance year
    is, is trended to the performance year and weighted. Base years are simulated, so the benchmark has luck of its own.

    Parameters
    ----------
    weights : sequence of float, optional
        Weight of each base year, the earliest first, summing to 1; by default equal.
    trend : {"national", "regional", "prospective"}, default "national"
        What trends a base year: what the reference population's spending turned out to do (which cancels the part of
        shocks that it shares), or a rate set in advance.
    trend_rate : float, optional
        Yearly rate of a prospective trend.
    noise_cv : float, default 0
        Coefficient of variation of what is measured of the reference population in a year.
    rebase_every : int, optional
        After so many performance years the base years are those just before; by default never.
    risk_adjusted : bool, default False
        Whether the benchmark grows with the members' mean risk score.
    risk_score_cap : float, optional
        Most by which the mean risk score may grow from a base year; by default no cap.
    """

    weights: Sequence[Uncertain] | None = None
    trend: str = "national"
    trend_rate: Uncertain | None = None
    noise_cv: Uncertain = 0.0
    rebase_every: int | None = None
    risk_adjusted: bool = False
    risk_score_cap: Uncertain | None = None

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {
            "weights": None if self.weights is None else numbers("benchmark.weights", self.weights),
            "trend": text("benchmark.trend", self.trend),
            "trend_rate": optional_number(self.trend_rate),
            "noise_cv": number(self.noise_cv),
            "rebase_every": optional_number(self.rebase_every),
            "risk_adjusted": flag("benchmark.risk_adjusted", self.risk_adjusted),
            "risk_score_cap": optional_number(self.risk_score_cap),
        }
