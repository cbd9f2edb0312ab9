"""Home health care of Medicare: 30-day periods under the patient-driven groupings model (PDGM)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk.home_health._groups import groups, hipps
from atrisk.home_health._names import TABLES, table
from atrisk.home_health._pdgm import Pdgm
from atrisk.home_health._price import explain, price

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Pdgm", "explain", "groups", "hipps", "price", "tables"]


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the package, each row with its ``source`` and ``confidence``.

    Returns
    -------
    dict of pandas.DataFrame
        By calendar year: ``rates`` (dollars and ratios), ``labor_shares``, ``visit_rates`` (dollars),
        ``add_on_factors`` and ``rural_factors``. ``weights`` by HIPPS code, ``letters`` of the codes,
        ``institutions``, ``terms`` that hold for every year, and ``visits``, mean visits of periods by clinical group,
        which no price needs.

    Examples
    --------
    >>> import atrisk as ar
    >>> len(ar.home_health.tables()["weights"])
    396
    """
    return {name: table(name).frame() for name in TABLES}
