"""Base rates and case-mix indexes by fiscal year, those of a user's own before those that are shipped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._payment import _tables
from atrisk._payment._own import own_rows
from atrisk.snf._hipps import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Row = dict[str, str]

AREAS = ("urban", "rural")
COMPONENTS = ("physical_therapy", "occupational_therapy", "speech_language", "nursing", "nta", "non_case_mix")
MIXED = COMPONENTS[:-1]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXY"
RATES, INDEXES, SHARES = "base_rates.csv", "case_mix_indexes.csv", "labor_shares.csv"


@dataclass(frozen=True)
class Book:
    """Figures to look up; what is not known is NaN.

    Attributes
    ----------
    years : list of int
        Fiscal years with base rates.
    rates : array
        By year, area, whether quality was reported, and component.
    indexes : array
        By year, component and letter.
    labor_shares : array
        By year.
    rows : dict
        The row of each figure, by the name of its array and its position there.
    sure : dict of arrays
        How sure each figure is, by the name of its array.
    """

    years: list[int]
    rates: NDArray[np.float64]
    indexes: NDArray[np.float64]
    labor_shares: NDArray[np.float64]
    rows: dict[tuple[Any, ...], Row]
    sure: dict[str, NDArray[np.intp]]

    @property
    def years_with_indexes(self) -> list[int]:
        """Fiscal years with case-mix indexes."""
        known = np.asarray(~np.isnan(self.indexes).all(axis=(1, 2)))
        return [year for year, has in zip(self.years, known, strict=True) if has]


def book(base_rates: object = None, case_mix_indexes: object = None) -> Book:
    """Return the shipped figures, with those of a user's own frames in their place."""
    if base_rates is None and case_mix_indexes is None:
        return _shipped()
    words = {"area": AREAS, "component": COMPONENTS}
    rates = own_rows("snf.base_rates", base_rates, words, "rate", by_reporting=True)
    letters = {"component": MIXED, "letter": tuple(LETTERS)}
    indexes = own_rows("snf.case_mix_indexes", case_mix_indexes, letters, "index", spans=True)
    return _bound(rates, indexes)


@cache
def _shipped() -> Book:
    return _bound([], [])


def _bound(own_rates: Sequence[Row], own_indexes: Sequence[Row]) -> Book:
    """Return all figures in arrays; the user's own come last and so prevail."""
    rates = [*_tables.read(PACKAGE, RATES).rows, *own_rates]
    years = sorted({int(row["fiscal_year"]) for row in rates})
    shapes = {
        "rates": (len(years), len(AREAS), 2, len(COMPONENTS)),
        "indexes": (len(years), len(MIXED), len(LETTERS)),
        "labor_shares": (len(years),),
    }
    value = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
    sure = {name: np.full(shape, len(_figures.CONFIDENCES) - 1) for name, shape in shapes.items()}
    rows: dict[tuple[Any, ...], Row] = {}

    def put(name: str, at: tuple[int, ...], row: Row, figure: str) -> None:
        value[name][at] = float(row[figure])
        sure[name][at] = _figures.CONFIDENCES.index(row["confidence"])
        rows[name, *at] = row

    for row in rates:
        reported = int(row["quality_reported"] == "yes")
        at = (AREAS.index(row["area"]), reported, COMPONENTS.index(row["component"]))
        put("rates", (years.index(int(row["fiscal_year"])), *at), row, "rate")
    for row in [*_tables.read(PACKAGE, INDEXES).rows, *own_indexes]:
        for year in years:
            if int(row["first_year"]) <= year <= int(row["last_year"]):
                at = (years.index(year), MIXED.index(row["component"]), LETTERS.index(row["letter"]))
                put("indexes", at, row, "index")
    for row in _tables.read(PACKAGE, SHARES).rows:
        put("labor_shares", (years.index(int(row["fiscal_year"])),), row, "labor_share")
    return Book(years, **value, rows=rows, sure=sure)
