"""Fee-for-service: the payer pays a fee for each service the provider delivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class FeeForService(Contract):
    """A fee for each service: allowed = ``fee_level`` × the price drawn from ``Service.allowed``.

    The member owes the coinsurance, the payer pays the rest in the month of the event. The fee level moves
    revenue and not cost. Care by other providers is never priced here; the payer pays it at its price.

    Parameters
    ----------
    fee_level : float, default 1
        The fee as a multiple of the drawn price, 0-10.
    scope : sequence of str, optional
        Names of the services claimed; by default every service the provider delivers.
    """

    fee_level: float = 1.0
    scope: Sequence[str] | None = None
