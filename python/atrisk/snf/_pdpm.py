"""Stays in a skilled nursing facility as the price of a simulated service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._payment._caseload import SHARE, Law, combined, mix, priced
from atrisk.case_prices import CasePrices
from atrisk.snf._price import price

if TYPE_CHECKING:
    from atrisk.distributions import Distribution

PLACE = "snf.Pdpm"
MOST_DAYS = 100


class Pdpm(CasePrices):
    """Skilled nursing stays: groups and days are drawn, the patient-driven payment model prices them.

    Parameters
    ----------
    fiscal_year : int
        Federal fiscal year of the rates.
    case_mix : str, mapping or data frame
        A HIPPS code; codes with their shares; or a frame with the column ``share`` and any facts of
        :func:`atrisk.snf.price` (``hipps``, ``area``, ``aids``, ``days``, ...).
    days : Distribution, mapping of int to float, or int, optional
        Covered days of a stay: a law (rounded up to whole days, those beyond the hundredth not covered), days with
        their shares, or a number. Left out where ``case_mix`` has them.
    most_days : int, optional
        Last day that is covered; by default the hundredth of the benefit, less ``prior_days``.
    **facts
        Other facts of :func:`atrisk.snf.price`, the same for all: ``area``, ``wage_index``,
        ``value_based_multiplier``, ``prior_days``, ...

    Notes
    -----
    The price of a case is its ``payment``: what the facility receives of Medicare and of the patient, before
    sequestration. Cases have the columns ``hipps``, ``days``, every step, and ``confidence``.

    Examples
    --------
    >>> import atrisk as ar
    >>> stays = ar.snf.Pdpm(fiscal_year=2026, case_mix={"NHNC1": 0.6, "KAQD1": 0.4}, days={20: 0.5, 30: 0.5},
    ...     area="urban", wage_index=0.95)
    >>> round(stays.mean("days"), 1)
    25.0
    """

    def __init__(
        self,
        *,
        fiscal_year: int,
        case_mix: object,
        days: Distribution | dict[int, float] | int | None = None,
        most_days: int | None = None,
        **facts: Any,  # noqa: ANN401 - facts of the system
    ) -> None:
        cases = mix(f"{PLACE}.case_mix", case_mix, "hipps")
        if days is not None:
            most = MOST_DAYS - (facts["prior_days"] if isinstance(facts.get("prior_days"), int) else 0)
            laws = {"days": Law(days, 1, most if most_days is None else most_days, last_holds_more=True)}
            cases = combined(PLACE, cases, laws)
        table = priced(cases, price, {"fiscal_year": fiscal_year, **facts})
        title = f"Skilled nursing stays, fiscal year {fiscal_year}"
        super().__init__(table, price="payment", weight=SHARE, title=title)
