"""Inpatient hospital stays by diagnosis-related group, as Medicare's inpatient pricer pays them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk._payment import _tables
from atrisk.drg._price import explain, price
from atrisk.drg._stay import Stay

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Stay", "explain", "price", "tables"]


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables that come with the package.

    Returns
    -------
    dict of pandas.DataFrame
        ``weights``: groups of fiscal year 2021 with relative weight, mean lengths of stay in days, and the flags of the
        transfer policies. ``figures``: dated figures, each for the fiscal years from ``first_year`` to ``last_year``.
        ``groups``: groups with a rule of their own. ``hospital_types``: types of hospitals with their codes and what
        differs. Every row has ``source`` and ``confidence`` (``read``, ``read_secondary`` or ``recalled``).

    Examples
    --------
    >>> import atrisk as ar
    >>> weights = ar.drg.tables()["weights"].set_index("drg")
    >>> float(weights.loc["470", "weight"])
    1.8999
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    frames = {name: _tables.read("atrisk.drg", f"{name}.csv") for name in ("weights", "groups", "hospital_types")}
    shown = {name: table.frame() for name, table in frames.items()}
    for name, column in (("weights", "drg"), ("groups", "drg"), ("hospital_types", "code")):
        shown[name][column] = pd.Series(frames[name].words(column), index=shown[name].index)
    return {**shown, "figures": _tables.read("atrisk.drg", "figures.csv").frame()}
