"""Names that all of home health shares: disciplines, tables, terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._payment import _tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACE = "home_health"
PACKAGE = "atrisk.home_health"

# Those that may have the add-on of a first visit come first, in the order in which ties go.
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
    return next(row["value"] for row in table("terms").rows if row["term"] == name)


def by_year(name: str, columns: list[str], year: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return columns of a table at the year of each case; ``year`` are positions of its rows."""
    return {column: table(name).numbers(column)[year] for column in columns}
