"""Stays in long-term care hospitals by the prospective payment system of Medicare; most figures are recalled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _figures
from atrisk.ltch._price import explain, price

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["explain", "price", "tables"]


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables that come with the package.

    Returns
    -------
    dict of pandas.DataFrame
        ``figures``: dated figures, each for the fiscal years from ``first_year`` to ``last_year``, with ``source`` and
        ``confidence``. All but two thresholds of acute-care hospitals are recalled or doubtful.

    Examples
    --------
    >>> import atrisk as ar
    >>> sorted(ar.ltch.tables()["figures"]["confidence"].unique())
    ['doubtful', 'read', 'recalled']
    """
    return {"figures": _figures.table("atrisk.ltch")}
