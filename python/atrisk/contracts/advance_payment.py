"""Advance payment: money before it is earned, taken back out of what is earned until it is repaid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import names
from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain


@dataclass(frozen=True, kw_only=True)
class AdvancePayment(Contract):
    """Money that the payer pays before it is earned, and takes back out of what is earned until it is repaid.

    Each year's earnings of the contracts before this one repay what was advanced until they are paid and is still
    outstanding. An advance is no income while it may have to be repaid: its cash moves when it is paid, and it is
    incurred when it is taken back, so that both cancel, or at the end of the last year when it is kept.

    Parameters
    ----------
    amount : float, optional
        Dollars paid in ``first_month``, at least 0; this, ``pmpm`` or both.
    pmpm : float, optional
        Dollars per attributed member per month, at least 0, from ``first_month`` to ``last_month``.
    first_month : int, default 1
        Month of the first payment, counted from 1, the first of the study's performance years.
    last_month : int, optional
        Month of the last payment by members, counted likewise; with ``pmpm``.
    recouped_from : str or sequence of str, default "shared_savings"
        Accounts that repay it: ``"shared_savings"``, ``"quality_payment"``, ``"corridor_receipt"``,
        ``"pool_surplus"``, ``"withhold_returned"``.
    repay_balance : bool, default False
        Whether what is outstanding after the last year's earnings is due with them; otherwise it is kept.
    """

    amount: Uncertain | None = None
    pmpm: Uncertain | None = None
    first_month: int = 1
    last_month: int | None = None
    recouped_from: str | Sequence[str] = "shared_savings"
    repay_balance: bool = False

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        spec = super().to_spec()
        spec["advance_payment"]["recouped_from"] = names(self.recouped_from) or []
        return spec
