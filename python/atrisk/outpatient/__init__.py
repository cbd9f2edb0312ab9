"""Hospital outpatient services by ambulatory payment classification (APC), observation among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _figures
from atrisk.outpatient._price import explain, price

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["explain", "figures", "price"]


def figures() -> pd.DataFrame:
    """Return the dated figures.

    Returns
    -------
    pandas.DataFrame
        ``program figure first_year last_year value source confidence``: a value holds for the calendar years from first
        to last, both included. None was read in the text of a rule.
    """
    return _figures.table("atrisk.outpatient")
