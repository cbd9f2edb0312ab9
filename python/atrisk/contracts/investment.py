"""Investment: money spent in one month for many, whose cost is incurred evenly over the life of what it buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class Investment(Contract):
    """What the provider spends in one month for many: the cash moves at once, the cost is spread over the life.

    The cost is incurred in a straight line, ``amount / life_months`` in each month of the life. What of the life lies
    after the last year of the study is incurred in none of its years, though its cash has moved.

    Parameters
    ----------
    amount : float
        Dollars spent, above 0.
    month : int
        Month in which they are paid, counted from 1, the first of the study's performance years.
    life_months : int
        Months over which the cost is incurred, 1-600.
    first_month : int, optional
        First month of the life, counted like ``month``, before or after it; by default ``month``.
    """

    amount: Uncertain
    month: int
    life_months: int
    first_month: int | None = None
