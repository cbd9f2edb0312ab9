"""Financing: interest on the provider's cash, owed below zero and earned above, from month to month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class Financing(Contract):
    """Interest on the provider's cash, owed where it is below zero and earned where it is above, month by month.

    The balance at the end of a month, of all cash that the arm moved until then and all interest, bears a twelfth of
    the yearly rate in the next month, so that interest bears interest. It is the last contract of its arm.

    Parameters
    ----------
    credit_rate : float
        Interest a year on a balance below zero, 0-1; 12 % a year is 1 % a month.
    deposit_rate : float, default 0
        Interest a year on a balance above zero, 0-1.
    opening_cash : float, default 0
        Dollars of cash before month 1; below zero a debt. It bears interest and is no transfer: ``minimum_cash`` of the
        results counts from nothing.
    """

    credit_rate: Uncertain
    deposit_rate: Uncertain = 0.0
    opening_cash: Uncertain = 0.0
