"""Dated figures of a payment system year by year: values, how sure they are, and which years have them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from atrisk import _figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SUREST = len(_figures.CONFIDENCES) - 1


@dataclass(frozen=True)
class Dated:
    """The dated figures of a package, year by year.

    Attributes
    ----------
    years : tuple of int
        All years that have a figure.
    rows : dict
        For each figure, its row in each of the years; None in years without.
    """

    years: tuple[int, ...]
    rows: Mapping[str, tuple[_figures.Figure | None, ...]]

    def values(self, name: str) -> NDArray[np.float64]:
        """Return a figure in each year; NaN in years without."""
        return np.array([np.nan if row is None else float(row.value) for row in self.rows[name]])

    def sureness(self, name: str) -> NDArray[np.intp]:
        """Return how sure a figure is in each year, as a position in ``_figures.CONFIDENCES``."""
        return np.array(
            [SUREST if row is None else _figures.CONFIDENCES.index(row.confidence) for row in self.rows[name]]
        )

    def shipped(self, name: str) -> str:
        """Return the years that have a figure, as text."""
        years = [str(year) for year, row in zip(self.years, self.rows[name], strict=True) if row is not None]
        return ", ".join(years)

    def term(self, name: str) -> str:
        """Return a figure that is the same in all its years, as it is written."""
        return next(row.value for row in self.rows[name] if row is not None)


@cache
def read(package: str) -> Dated:
    """Read the dated figures of a package."""
    figures = _figures.read(package)
    years = tuple(sorted({year for row in figures for year in range(row.first_year, row.last_year + 1)}))
    rows: dict[str, list[_figures.Figure | None]] = {row.figure: [None] * len(years) for row in figures}
    for row in figures:
        for year in range(row.first_year, row.last_year + 1):
            rows[row.figure][years.index(year)] = row
    return Dated(years, {name: tuple(each) for name, each in rows.items()})
