"""Hospital outpatient services by ambulatory payment classification (APC), observation among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _figures
from atrisk.outpatient._price import explain, price

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["explain", "price", "tables"]


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables that come with the package.

    Returns
    -------
    dict of pandas.DataFrame
        ``figures``: dated figures, each for the calendar years from ``first_year`` to ``last_year``, with ``source``
        and ``confidence``. None was read in the text of a rule.

    Examples
    --------
    >>> import atrisk as ar
    >>> sorted(ar.outpatient.tables()["figures"]["confidence"].unique())
    ['doubtful', 'read_secondary', 'recalled']
    """
    return {"figures": _figures.table("atrisk.outpatient")}
