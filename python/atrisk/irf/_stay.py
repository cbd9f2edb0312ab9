"""Stays in inpatient rehabilitation as the price of a simulated service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError, a
from atrisk._payment._caseload import SHARE, Law, combined, is_frame, mix, priced
from atrisk.case_prices import CasePrices
from atrisk.irf._price import price

if TYPE_CHECKING:
    from atrisk.distributions import Distribution

PLACE = "irf.Stay"
MOST_DAYS = 365


class Stay(CasePrices):
    """Rehabilitation stays: groups and days are drawn, the prospective payment system prices them.

    Parameters
    ----------
    fiscal_year : int
        Federal fiscal year of the rates.
    case_mix : data frame or mapping of columns
        A row for each group, with its ``share`` and facts of :func:`atrisk.irf.price`: ``cmg`` and ``tier`` for
        ``weights``, or ``weight``, and what else differs between groups (``discharge_status``, ...).
    days : Distribution, mapping of int to float, or int, optional
        Length of a stay: a law (rounded up to whole days), days with their shares, or a number. Left out where
        ``case_mix`` has ``length_of_stay``.
    weights : data frame, optional
        Weights of groups, as in :func:`atrisk.irf.price`.
    **facts
        Other facts of :func:`atrisk.irf.price`, the same for all.

    Notes
    -----
    The price of a case is its ``payment``. Cases have the column ``days``, every step, and ``confidence``.
    """

    def __init__(
        self,
        *,
        fiscal_year: int,
        case_mix: object,
        days: Distribution | dict[int, float] | int | None = None,
        weights: object = None,
        **facts: Any,  # noqa: ANN401 - facts of the system
    ) -> None:
        if not is_frame(case_mix):
            raise InputError(f"{PLACE}.case_mix", f"must be a frame with the column {SHARE}", a(case_mix))
        cases = mix(f"{PLACE}.case_mix", case_mix, "weight")
        if days is not None:
            cases = combined(PLACE, cases, {"days": Law(days, 1, MOST_DAYS)})
            cases = cases.rename(columns={"days": "length_of_stay"})
        table = priced(cases, price, {"fiscal_year": fiscal_year, "weights": weights, **facts})
        table["days"] = table["length_of_stay"]
        title = f"Inpatient rehabilitation stays, fiscal year {fiscal_year}"
        super().__init__(table, price="payment", weight=SHARE, title=title)
