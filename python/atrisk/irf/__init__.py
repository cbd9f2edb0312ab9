"""Inpatient rehabilitation of Medicare: stays by case-mix group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk.irf._names import TABLES, table
from atrisk.irf._price import explain, price
from atrisk.irf._stay import Stay

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Stay", "explain", "price", "tables"]


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the package, each row with its ``source`` and ``confidence``.

    Returns
    -------
    dict of pandas.DataFrame
        By federal fiscal year: ``rates`` (dollars and ratios), ``locations`` (rural adjustments).
        ``discharge_statuses`` that are transfers or deaths, and ``terms`` that hold for every year.

    Examples
    --------
    >>> import atrisk as ar
    >>> ar.irf.tables()["rates"]["fiscal_year"].tolist()
    [2020, 2021, 2022, 2023, 2024, 2025, 2026]
    """
    return {name: table(name).frame() for name in TABLES}
