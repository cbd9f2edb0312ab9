"""Hospice care under Medicare: levels of care, service intensity, and the two caps of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk._payment import _tables
from atrisk.hospice._caps import aggregate_cap, inpatient_cap
from atrisk.hospice._price import explain, price

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aggregate_cap", "explain", "inpatient_cap", "price", "tables"]

NAMES = ("caps", "labor_shares", "parameters", "rates")


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables that care is priced by.

    Returns
    -------
    dict of pandas.DataFrame
        By name: ``rates`` (dollars a day by fiscal year and care; continuous care for 24 hours), ``labor_shares`` (0-1
        by care), ``caps`` (dollars a beneficiary by cap year), ``parameters`` (where rates change and care ends). Every
        row has its ``source`` and ``confidence``: ``read``, ``read_secondary``, ``recalled`` or ``doubtful``.

    Examples
    --------
    >>> len(ar.hospice.tables()["rates"])
    15
    """
    return {name: _tables.read("atrisk.hospice", f"{name}.csv").frame() for name in NAMES}
