"""Dated figures of a payment system for many cases at once: by the year of each, unless the user gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._errors import InputError

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


@dataclass
class Lookup:
    """Looks figures up by the year of each case, and remembers how sure they are.

    Attributes
    ----------
    place : str
        The payment system, as errors call it.
    dated : Dated
        Its figures.
    position : array of int
        Position of the year of each case.
    kind : str
        What years are called.
    sureness : array of int
        How sure the least sure figure of each case is so far.
    used : list
        Rows of the figures of the first case, for the notes of its statement.
    """

    place: str
    dated: Dated
    position: NDArray[np.intp]
    kind: str = "fiscal year"
    sureness: NDArray[np.intp] = field(default_factory=lambda: np.asarray(SUREST))
    used: list[_figures.Figure] = field(default_factory=list)

    def figure(self, name: str, where: Any = True, called: str | None = None) -> NDArray[np.float64]:  # noqa: ANN401, FBT002 - a mask, or all
        """Return a figure for each case; where it is needed, it must be known for the year."""
        values = self.dated.values(name)[self.position]
        needed = np.asarray(where)
        lacking = np.flatnonzero(np.atleast_1d(np.isnan(values) & needed))
        if lacking.size:
            positions = np.broadcast_to(self.position, np.broadcast(self.position, needed).shape)
            year = self.dated.years[np.atleast_1d(positions)[lacking[0]]]
            row = f"[{lacking[0]}]" if positions.ndim else ""
            hint = f"shipped for {self.dated.shipped(name)}"
            raise InputError(f"{self.place}.{called or name}{row}", f"must be given for {self.kind} {year}", hint=hint)
        self.note(name, where)
        return values

    def note(self, name: str, where: Any = True) -> None:  # noqa: ANN401, FBT002 - a mask, or all
        """Remember that a figure was used in some cases."""
        sure = np.where(where, self.dated.sureness(name)[self.position], SUREST)
        self.sureness = np.minimum(self.sureness, sure)
        first = np.ravel(np.where(where, self.position, -1))[:1]
        row = self.dated.rows[name][first[0]] if first.size and first[0] >= 0 else None
        if row is not None:
            self.used.append(row)

    @property
    def confidence(self) -> NDArray[np.str_]:
        """How sure the least sure figure of each case is, in words."""
        return np.asarray(np.asarray(_figures.CONFIDENCES)[self.sureness])

    @property
    def notes(self) -> list[str]:
        """What a reader of the first case must know of its figures."""
        return _figures.Year({}, {row.figure: row for row in self.used}).notes
