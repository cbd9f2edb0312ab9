"""Medicare's three quality programs of hospitals, on published files or a user's own figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _figures
from atrisk.hospital._payment import payment
from atrisk.hospital._result import ProgramResult
from atrisk.hospital.acquired_conditions import hac
from atrisk.hospital.readmissions import hrrp
from atrisk.hospital.value_based_purchasing import vbp

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ProgramResult", "figures", "hac", "hrrp", "payment", "vbp"]


def figures() -> pd.DataFrame:
    """Return the dated figures of the programs.

    Returns
    -------
    pandas.DataFrame
        ``program figure first_year last_year value source confidence``: a value holds for the federal fiscal years from
        first to last, both included; rates are 0-1; confidence is ``read``, ``read_secondary`` or ``recalled``.
    """
    return _figures.table("atrisk.hospital")
