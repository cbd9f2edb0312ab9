"""Names that all of home health shares: disciplines, tables, terms."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from atrisk._payment import _tables, _year_figures

if TYPE_CHECKING:
    from atrisk._payment._dated import Dated

PLACE = "home_health"
PACKAGE = "atrisk.home_health"

# In the order in which ties go; those that may have the add-on of a first visit come first.
DISCIPLINES = (
    "skilled_nursing",
    "physical_therapy",
    "occupational_therapy",
    "speech_language_pathology",
    "medical_social_services",
    "home_health_aide",
)
ADD_ON_DISCIPLINES = DISCIPLINES[:4]

TABLES = (
    "rates",
    "labor_shares",
    "visit_rates",
    "add_on_factors",
    "rural_factors",
    "weights",
    "letters",
    "institutions",
    "terms",
    "visits",
)


def table(name: str) -> _tables.Table:
    """Return a table of the package."""
    return _tables.read(PACKAGE, f"{name}.csv")


def term(name: str) -> str:
    """Return what holds for every year as it is written."""
    return _year_figures.term(PACKAGE, name)


@cache
def figures() -> Dated:
    """Return the figures of each calendar year, of all disciplines and rural categories."""
    dated = ("rates", "labor_shares", "visit_rates", "add_on_factors", "rural_factors")
    return _year_figures.dated_of([table(name) for name in dated], "calendar_year")
