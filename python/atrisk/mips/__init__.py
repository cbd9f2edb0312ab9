"""Merit-based incentive payments of clinicians (MIPS)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _figures
from atrisk.mips._adjustment import adjustment

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["adjustment", "figures"]


def figures() -> pd.DataFrame:
    """Return the dated figures by performance year.

    Returns
    -------
    pandas.DataFrame
        ``program figure first_year last_year value source confidence``: a value holds for the performance years from
        first to last, both included (payments follow two years later); rates are 0-1; confidence is ``read``,
        ``read_secondary`` or ``recalled``.
    """
    return _figures.table("atrisk.mips")
