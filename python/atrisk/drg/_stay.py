"""Inpatient stays as the price of a simulated service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._frames import need
from atrisk._payment._caseload import SHARE, Law, combined, mix, priced
from atrisk._spec import plain
from atrisk.case_prices import CasePrices
from atrisk.drg._price import price

if TYPE_CHECKING:
    import pandas as pd

    from atrisk.distributions import Distribution

PLACE = "drg.Stay"
MOST_DAYS = 365
CHARGED = ("charges", "length_of_stay")


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
        Dollars charged for each day beside the ``charges`` of a case, which decide outliers.
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
            cases = combined(PLACE, cases, {"days": Law(days, 1, MOST_DAYS)})
            cases = cases.rename(columns={"days": "length_of_stay"})
        if charges_per_day:
            cases = _charged(cases, charges_per_day, facts)
        table = priced(cases, price, {"fiscal_year": fiscal_year, "weights": weights, **facts})
        table["days"] = table["length_of_stay"]
        super().__init__(table, price="payment", weight=SHARE, title=f"Inpatient stays, fiscal year {fiscal_year}")


def _charged(cases: pd.DataFrame, charges_per_day: float, facts: dict[str, Any]) -> pd.DataFrame:
    """Return cases with the charges of their days beside their own; what was a fact of all is a column then."""
    of_day = plain(f"{PLACE}.charges_per_day", charges_per_day)
    cases = cases.assign(**{name: facts.pop(name) for name in CHARGED if name in facts})
    need(PLACE, cases, CHARGED)
    return cases.assign(charges=cases["charges"] + of_day * cases["length_of_stay"])
