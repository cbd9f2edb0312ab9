"""The files of figures of the presets, and how one is looked up."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from atrisk._errors import InputError
from atrisk.assumption import Assumption

COLUMNS = ("preset", "figure", "value", "unit", "year", "source", "confidence")

#: Service line -> its kind of event in MEPS, and the kind within it that is a line of its own.
LINES: dict[str, tuple[str, str | None]] = {
    "inpatient": ("Inpatient stays", None),
    "emergency": ("Emergency room visits", None),
    "outpatient": ("Outpatient events", None),
    "physician visits": ("Office-based physician visits", None),
    "other visits": ("Office-based events", "Office-based physician visits"),
    "drugs": ("Prescription medicines", None),
    "home health": ("Home health events", None),
    "dental": ("Dental visits", None),
    "equipment": ("Other medical equipment and services", None),
}

USED = ("figures.csv", "shape.csv", "assumed.csv")  # read from MEPS; fitted; assumed
TARGETS = "targets.csv"


@cache
def read(file: str) -> dict[str, tuple[Assumption, ...]]:
    """Return the rows of a file by preset."""
    by: dict[str, list[Assumption]] = {}
    with files("atrisk.presets").joinpath(file).open(encoding="utf-8") as stream:
        for row in list(csv.reader(stream))[1:]:
            preset, figure, value, unit, year, source, confidence = row
            assumption = Assumption(
                figure=figure, value=value, unit=unit, year=year, source=source, confidence=confidence
            )
            by.setdefault(preset, []).append(assumption)
    return {preset: tuple(rows) for preset, rows in by.items()}


def names() -> list[str]:
    """Return the names of the presets, sorted."""
    return sorted(read(USED[0]))


def known(path: str, name: object) -> str:
    """Return the name of a preset, refusing any other."""
    if name not in names():
        raise InputError(path, f"must be one of {', '.join(names())}", repr(name))
    return str(name)


class Figures:
    """The figures of one preset; remembers those that were used.

    Parameters
    ----------
    name : str
        Name of a preset that there is.
    """

    def __init__(self, name: str) -> None:
        self._rows = {row.figure: row for file in USED for row in read(file).get(name, ())}
        self._used: dict[str, Assumption] = {}

    def __getitem__(self, figure: str) -> float:
        """Return a figure."""
        self._used[figure] = self._rows[figure]
        return float(self._rows[figure].value)

    def under(self, stem: str) -> dict[str, float]:
        """Return the figures whose names begin with ``stem.`` and have one more word, by that word."""
        found = [name for name in self._rows if name.rpartition(".")[0] == stem]
        return {name.rpartition(".")[2]: self[name] for name in found}

    @property
    def used(self) -> tuple[Assumption, ...]:
        """The rows that were used, in the order of their use."""
        return tuple(self._used.values())
