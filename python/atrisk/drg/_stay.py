"""Inpatient stays as the price of a simulated service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._payment._caseload import SHARE, combined, mix, whole, with_steps
from atrisk.case_prices import CasePrices
from atrisk.drg._price import price

if TYPE_CHECKING:
    from atrisk.distributions import Distribution

PLACE = "drg.Stay"
MOST_DAYS = 365


class Stay(CasePrices):
    """Inpatient stays: groups, days and charges are drawn, the inpatient prospective payment system prices them.

    Parameters
    ----------
    fiscal_year : int
        Federal fiscal year of the rates.
    case_mix : int, mapping or data frame
        A group (``drg``); groups with their shares; or a frame with the column ``share`` and any facts of
        :func:`atrisk.drg.price`.
    days : Distribution, mapping of int to float, or int, optional
        Length of a stay: a law (rounded up to whole days), days with their shares, or a number. Left out where
        ``case_mix`` has ``length_of_stay``.
    charges_per_day : float, optional
        Dollars charged for each day, beside the ``charges`` of a case, 0 where there are none: they decide outliers.
    weights : data frame, optional
        Weights of groups, as in :func:`atrisk.drg.price`.
    **facts
        Other facts of :func:`atrisk.drg.price`, the same for all: ``discharge``, ``wage_index``, ...

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
        charges_per_day: float = 0.0,
        weights: object = None,
        **facts: Any,  # noqa: ANN401 - facts of the system
    ) -> None:
        cases = mix(f"{PLACE}.case_mix", case_mix, "drg")
        if days is not None:
            lengths = whole(f"{PLACE}.days", days, 1, MOST_DAYS)
            cases = combined(PLACE, cases, lengths.rename(columns={"value": "length_of_stay"}))
        if charges_per_day:
            charged = cases["charges"] if "charges" in cases else facts.pop("charges", 0.0)
            cases["charges"] = charged + charges_per_day * cases["length_of_stay"]
        priced = price(cases.drop(columns=SHARE), fiscal_year=fiscal_year, weights=weights, **facts)
        table = with_steps(cases, priced)
        table["days"] = table["length_of_stay"] if "length_of_stay" in table else facts["length_of_stay"]
        super().__init__(table, price="payment", weight=SHARE, title=f"Inpatient stays, fiscal year {fiscal_year}")
