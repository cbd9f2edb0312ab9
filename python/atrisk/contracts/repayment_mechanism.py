"""Repayment mechanism: a guarantee that losses will be paid, by an escrow, a letter of credit or a surety bond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class RepaymentMechanism(Contract):
    """A guarantee that the provider will pay its losses: an escrow ties up cash, a letter or a bond costs a fee.

    The losses themselves are paid by the contract that owes them; the guarantee is never drawn, and comes back whole.

    Parameters
    ----------
    form : {"escrow", "letter_of_credit", "surety_bond"}
        What stands for the losses.
    amount : float, optional
        Dollars guaranteed, at least 0; this or ``benchmark_share``.
    benchmark_share : float, optional
        Part of a year's benchmark that is guaranteed, 0-1: × ``benchmark_pmpm`` × 12 × the attributed members of
        ``first_month``.
    benchmark_pmpm : float, optional
        Dollars per member per month, above 0; with ``benchmark_share``.
    yearly_fee_rate : float, optional
        Fee of a letter or a bond, a year, as a part of what is guaranteed, 0-1; an escrow has none.
    first_month : int, default 1
        Month in which the guarantee begins, counted from 1, the first of the study's performance years.
    release_month : int, default 24
        Month in which it ends, 12-60, counted from the start of the last year: by default a year after it.
    """

    form: str
    amount: Uncertain | None = None
    benchmark_share: Uncertain | None = None
    benchmark_pmpm: Uncertain | None = None
    yearly_fee_rate: Uncertain | None = None
    first_month: int = 1
    release_month: int = 24
