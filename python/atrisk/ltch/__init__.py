"""Stays in long-term care hospitals by the prospective payment system of Medicare; most figures are recalled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _figures
from atrisk.ltch._price import explain, price

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["explain", "figures", "price"]


def figures() -> pd.DataFrame:
    """Return the dated figures.

    Returns
    -------
    pandas.DataFrame
        ``program figure first_year last_year value source confidence``: a value holds for the fiscal years from first
        to last, both included. All but two thresholds of acute-care hospitals are recalled.
    """
    return _figures.table("atrisk.ltch")
