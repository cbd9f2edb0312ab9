"""Terms that hold for agreements that start within a range of days, read from the shipped tables."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from atrisk._errors import InputError
from atrisk.mssp._tables import table

Term = float | bool | str | None
#: Words of the tables that are no text.
WORDS: dict[str, Term] = {"yes": True, "no": False, "none": None}


def rows_of(name: str, start: date) -> list[dict[str, str]]:
    """Return the rows of a table that hold for an agreement starting on that day."""
    day = start.isoformat()
    return [row for row in table(name) if row["first_start"] <= day <= (row["last_start"] or day)]


def terms(name: str, start: date) -> dict[str, Term]:
    """Return the terms of a table that hold for an agreement starting on that day."""
    return {row["term"]: value(row["value"]) for row in rows_of(name, start)}


def value(cell: str) -> Term:
    """Return what a cell says: yes, no, none, a number, a fraction or a word."""
    if cell in WORDS:
        return WORDS[cell]
    try:
        return float(Fraction(cell))
    except ValueError:
        return cell


def notes(rows: list[dict[str, str]]) -> tuple[str, ...]:
    """Return a sentence for each row that was not read in a text."""
    doubted = [row for row in rows if row["confidence"] not in {"read", "read_secondary"}]
    return tuple(f"{row['confidence'].capitalize()}: {row['meaning']} ({row['source']})." for row in doubted)


def start_of(path: str, name: str, given: object) -> date:
    """Return the day an agreement starts, from a date, its text or a year, refusing days without terms.

    A year means the first day of it for which there are terms, and nothing the first day of all.
    """
    first = date.fromisoformat(min(row["first_start"] for row in table(name)))
    last = date.fromisoformat(max(row["last_start"] for row in table(name)))
    day = first if given is None else _day(path, given, first)
    if first <= day <= last:
        return day
    years = ", ".join(map(str, range(first.year, last.year + 1)))
    hint = "" if first == date(first.year, 1, 1) else f"; {first.year} from {first.isoformat()} on"
    raise InputError(path, f"must be a start that has terms: {years}{hint}", str(given))


def _day(path: str, given: object, first: date) -> date:
    """Return a day, from a year its first day that is not before the first one with terms."""
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    if isinstance(given, int) and not isinstance(given, bool) and date.min.year <= given <= date.max.year:
        return first if given == first.year else date(given, 1, 1)
    try:
        return date.fromisoformat(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError(path, "must be a year or a date", repr(given)) from None
