"""Skilled nursing facilities under Medicare Part A: the patient-driven payment model (PDPM), claim by claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk._payment import _tables
from atrisk.snf._groups import groups
from atrisk.snf._pdpm import Pdpm
from atrisk.snf._price import explain, price

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Pdpm", "explain", "groups", "price", "tables"]

NAMES = (
    "base_rates",
    "case_mix_indexes",
    "coinsurance",
    "conditions",
    "labor_shares",
    "nta_groups",
    "nursing_groups",
    "parameters",
    "speech_groups",
    "therapy_groups",
    "variable_per_diem",
)


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables that claims are priced by.

    Returns
    -------
    dict of pandas.DataFrame
        By name: ``base_rates`` (dollars a day by fiscal year, area and component), ``case_mix_indexes`` (by the letters
        of a HIPPS code), ``coinsurance`` (dollars a day by calendar year), ``conditions`` (points of the 50 NTA
        comorbidities), ``labor_shares`` (0-1 by fiscal year), ``variable_per_diem`` (factors by day of the stay),
        ``parameters``, and what makes groups of clinical inputs: ``therapy_groups``, ``speech_groups``,
        ``nursing_groups``, ``nta_groups``. Every row has its ``source`` and ``confidence``: ``read``,
        ``read_secondary``, ``recalled`` or ``doubtful``.

    Examples
    --------
    >>> int(ar.snf.tables()["variable_per_diem"]["nta_factor"].sum())
    106
    """
    return {name: _tables.read("atrisk.snf", f"{name}.csv").frame() for name in NAMES}
