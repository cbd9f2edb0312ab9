"""Names that all of inpatient rehabilitation shares: tables, terms and figures of the year."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from atrisk._payment import _tables, _year_figures

if TYPE_CHECKING:
    from atrisk._payment._dated import Dated

PLACE = "irf"
PACKAGE = "atrisk.irf"
TABLES = ("rates", "locations", "discharge_statuses", "terms")
OUTSIDE_CITIES = ("rural", "formerly_rural")


def table(name: str) -> _tables.Table:
    """Return a table of the package."""
    return _tables.read(PACKAGE, f"{name}.csv")


def term(name: str) -> str:
    """Return what holds for every year as it is written."""
    return _year_figures.term(PACKAGE, name)


@cache
def figures() -> Dated:
    """Return the figures of each fiscal year; rural adjustments by the word of their location."""
    rates = _year_figures.dated_of([table("rates")], "fiscal_year")
    locations = _year_figures.dated_of([table("locations")], "fiscal_year", "location", "location_factor")
    return _year_figures.together(rates, locations)
