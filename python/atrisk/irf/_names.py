"""Names that all of inpatient rehabilitation shares: tables and terms."""

from __future__ import annotations

from atrisk._payment import _tables

PLACE = "irf"
PACKAGE = "atrisk.irf"
TABLES = ("rates", "locations", "discharge_statuses", "terms")


def table(name: str) -> _tables.Table:
    """Return a table of the package."""
    return _tables.read(PACKAGE, f"{name}.csv")


def term(name: str) -> str:
    """Return what holds for every year as it is written."""
    return next(row["value"] for row in table("terms").rows if row["term"] == name)
