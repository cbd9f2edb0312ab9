"""Shocks: what moves a year for everyone, and does not shrink as a panel grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import flag, names, number, numbers, optional_number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk.distributions import Distribution

# Standard deviation of a year's savings rate that does not shrink with size, fitted to the public use files of the
# Medicare Shared Savings Program; docs/datasets.md. An upper bound: true change is in it.
DEFAULT_CV = 0.013


@dataclass(frozen=True)
class Shock:
    """A log-normal factor of mean exactly 1 on the use or the price of services, the same for all members.

    Parameters
    ----------
    name : str
        Name; also the address of its random numbers.
    cv : float
        Coefficient of variation of one year's shock, 0-2.
    services : sequence of str, optional
        Names of the services it moves; by default all.
    on : {"use", "price"}, default "use"
        Whether it moves the number of events or their prices.
    permanent : bool, default False
        Whether it stays: then years are a random walk from 1 in year 0, so that missed trends accumulate. Else each
        year has a shock of its own.
    market_share : float, default 0
        The part, 0-1, that the reference population of a regional benchmark shares: its logarithm is so much of ours. A
        retrospective trend cancels that part, a fixed PMPM does not.
    national_share : float, optional
        The same of the national reference population; by default as ``market_share``.
    years : sequence of int, optional
        Years in which it happens (1 is the first performance year, 0 and below are base years); by default all.
    """

    name: str
    cv: float | Distribution
    services: Sequence[str] | None = None
    on: str = "use"
    permanent: bool = False
    market_share: float | Distribution = 0.0
    national_share: float | Distribution | None = None
    years: Sequence[int] | None = None

    @classmethod
    def default(cls) -> Shock:
        """Return the default part of risk that size does not diversify: another cv of 1.3 % on all use each year.

        From the year-on-year changes of the savings rates of accountable care organizations in the public use files
        (:func:`atrisk.datasets.mssp_savings_rates`), whose variance is ``2 (s0² + k² / members)`` with s0 about 1.3 %:
        what the market shares is out of it, true change of an organization is in it, so that it is an upper bound.
        """
        return cls("undiversified", cv=DEFAULT_CV)

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        path = f"shock {self.name}"
        return {
            "name": text("utilization.shocks.name", self.name),
            "cv": number(self.cv),
            "services": names(self.services),
            "on": text(f"{path}.on", self.on),
            "permanent": flag(f"{path}.permanent", self.permanent),
            "market_share": number(self.market_share),
            "national_share": optional_number(self.national_share),
            "years": None if self.years is None else numbers(f"{path}.years", self.years),
        }
