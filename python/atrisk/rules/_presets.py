"""Presets of rules: dated rows of a table that is shipped, each with its source and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atrisk import _shipped
from atrisk._errors import InputError
from atrisk._spec import text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Row = dict[str, str]

CHECKED = ("read", "read_secondary")  # the other words are recalled and doubtful
YEARS = (1965, 2100)


def table(file: str) -> tuple[Row, ...]:
    """Return the rows of a table beside this file."""
    return _shipped.rows("atrisk.rules", file)


def preset(path: str, file: str, name: object, year: object) -> list[Row]:
    """Return the rows of a preset in a year, refusing a name or a year that has none.

    Rows name their presets in a column ``preset``, or several in ``presets``; those without years hold in any.
    """
    rows, name = table(file), text(path, name)
    if name not in names(rows):
        raise InputError(path, f"must be one of {', '.join(map(_dated(rows), names(rows)))}", repr(name))
    found = [row for row in rows if name in _names(row)]
    if not any(row["first_year"] for row in found):
        return found
    listing = f"must be a year of {_dated(rows)(name)}"
    if year is None:
        raise InputError(f"{path}.year", listing, "None")
    year = whole(f"{path}.year", year, *YEARS)
    found = [row for row in found if int(row["first_year"] or YEARS[0]) <= year <= int(row["last_year"] or YEARS[1])]
    if not found:
        raise InputError(f"{path}.year", listing, str(year))
    return found


def names(rows: Sequence[Row]) -> list[str]:
    """Return the names of all presets of a table."""
    return list(dict.fromkeys(name for row in rows for name in _names(row)))


def _names(row: Row) -> list[str]:
    return (row["preset"] if "preset" in row else row["presets"]).split()


def _dated(rows: Sequence[Row]) -> Callable[[str], str]:
    """Return a name with its years: aca (2014-2016)."""

    def dated(name: str) -> str:
        spans = dict.fromkeys((row["first_year"], row["last_year"]) for row in rows if name in _names(row))
        shown = ", ".join(first if first == last else f"{first}-{last}" for first, last in spans if first)
        return f"{name} ({shown})" if shown else name

    return dated


def source(name: str, year: object, rows: Sequence[Row]) -> str:
    """Return what says so: the preset and the sources of its rows; notes have those of the rows that are in doubt."""
    named = name if year is None else f"{name} {year}"
    read = [row["source"] for row in rows if row["confidence"] in CHECKED] or [row["source"] for row in rows]
    return f"preset {named}: {'; '.join(dict.fromkeys(read))}"


def notes(rows: Sequence[Row], describe: Callable[[Row], str]) -> tuple[str, ...]:
    """Return a note for the rows that were not checked against a text, together where they share their source."""
    doubts: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["confidence"] not in CHECKED:
            doubts.setdefault((row["confidence"], row["source"]), []).append(describe(row))
    return tuple(
        f"{confidence.capitalize()}, not checked against a text: {', '.join(described)} ({source})"
        for (confidence, source), described in doubts.items()
    )
