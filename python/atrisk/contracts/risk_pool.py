"""Risk pool: a budget for some services, whose surplus and deficit the provider shares with the payer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class RiskPool(Contract):
    """A budget for services that the payer pays for, whose surplus and deficit the provider shares.

    An institutional, a pharmacy or a referral pool beside a capitation of professional care: it is funded with
    ``budget_pmpm`` × member-months, and charged with what is paid (allowed less the members' cost share) for the
    services in scope of all members of its payers, whoever delivers them.

    Parameters
    ----------
    budget_pmpm : float
        Dollars per member per month of the first performance year, above 0.
    trend : float, default 0
        Yearly growth of the budget after the first performance year.
    scope : sequence of str, optional
        Names of the services that are charged; by default every service that no capitation of the arm bears.
    surplus_share : float
        The provider's share of what is left of the budget, 0-1.
    deficit_share : float, default 0
        The provider's share of what the budget lacks, 0-1; 0 is a pool without downside.
    surplus_limit_rate, deficit_limit_rate : float, optional
        The most that is paid or charged in a year, as a part of the budget, 0-1; by default no limit.
    truncation : float, optional
        Dollars that a member's year is charged for at most, above 0; by default all of them.
    carry_deficit : bool, default False
        Whether what of a deficit is not charged is set against the surpluses of later years, before they are shared.
    settle_month : int, default 18
        Month in which the cash moves, 12-60, counted from the start of the year.
    """

    budget_pmpm: Uncertain
    trend: Uncertain = 0.0
    scope: Sequence[str] | None = None
    surplus_share: Uncertain
    deficit_share: Uncertain = 0.0
    surplus_limit_rate: Uncertain | None = None
    deficit_limit_rate: Uncertain | None = None
    truncation: Uncertain | None = None
    carry_deficit: bool = False
    settle_month: int = 18
