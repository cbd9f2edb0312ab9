"""Dated figures of policy: each with the years it holds for, what says so, and how sure it is."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from atrisk._errors import InputError
from atrisk._spec import whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

CONFIDENCES = ("doubtful", "recalled", "read_secondary", "read")  # the least sure first

TOLD = {
    "doubtful": "doubtful, recalled and confirmed by nothing",
    "recalled": "recalled, not checked against a text",
    "read_secondary": "read in a secondary source",
}


class Figure(NamedTuple):
    """A figure of policy: its years (both included), its value as it is written, its source and how sure it is."""

    program: str
    figure: str
    first_year: int
    last_year: int
    value: str
    source: str
    confidence: str


@cache
def read(package: str, file: str = "figures.csv") -> tuple[Figure, ...]:
    """Read the dated figures of a package."""
    with files(package).joinpath(file).open(encoding="utf-8") as stream:
        return tuple(
            Figure(program, figure, int(first), int(last), value, source, confidence)
            for program, figure, first, last, value, source, confidence in list(csv.reader(stream))[1:]
        )


def table(package: str) -> pd.DataFrame:
    """Return all dated figures of a package as a frame."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    return pd.DataFrame(list(read(package)), columns=list(Figure._fields))


@dataclass
class Year:
    """Figures of a program in a year; remembers those that were used.

    Attributes
    ----------
    figures : dict of Figure
        By name.
    used : dict of Figure
        Those that were asked for, in order.
    """

    figures: dict[str, Figure]
    used: dict[str, Figure] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        """Say whether there is such a figure in the year."""
        return name in self.figures

    def __getitem__(self, name: str) -> str:
        """Return a figure as it is written."""
        self.used[name] = self.figures[name]
        return self.figures[name].value

    def number(self, name: str) -> float:
        """Return a figure as a number."""
        return float(self[name])

    @property
    def confidence(self) -> str:
        """How sure the least sure of the figures used is."""
        return least_sure(figure.confidence for figure in self.used.values())

    @property
    def notes(self) -> list[str]:
        """What a reader must know: the figures used that nobody read in the text of a rule, by what they rest on."""
        by: dict[tuple[str, str], list[str]] = {}
        for figure in self.used.values():
            if figure.confidence != "read":
                by.setdefault((figure.source, figure.confidence), []).append(f"{figure.figure} {figure.value}")
        return [note(", ".join(named), *rests_on) for rests_on, named in by.items()]

    def source(self, *names: str) -> str:
        """Return what says that some figures are so."""
        return "; ".join(dict.fromkeys(self.figures[name].source for name in names))


def of_year(package: str, program: str, path: str, year: object, needs: str) -> Year:
    """Return the figures of a program in a year that has one called ``needs``; other years are refused."""
    rows = [row for row in read(package) if row.program == program]
    years = sorted({y for row in rows if row.figure == needs for y in range(row.first_year, row.last_year + 1)})
    chosen = whole(path, year, 0, 9999)
    if chosen not in years:
        raise InputError(path, f"must be one of the years {', '.join(map(str, years))}", str(chosen))
    return Year({row.figure: row for row in rows if row.first_year <= chosen <= row.last_year})


def note(named: str, source: str, confidence: str) -> str:
    """Return what is said of figures that were not read in the text of a rule."""
    return f"{named}: {TOLD[confidence]} ({source})"


def least_sure(confidences: Iterable[str]) -> str:
    """Return the least sure of some confidences."""
    return min(confidences, key=CONFIDENCES.index, default="read")
