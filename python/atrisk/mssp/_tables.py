"""The tables that are shipped beside this code: names of columns and tracks, rules and rates with their sources."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

PACKAGE = "atrisk.mssp"


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a shipped table, every figure as text."""
    text = files(PACKAGE).joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def key(name: str) -> str:
    """Return a name without what changes from year to year: case, spaces, underscores and other signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("+", "plus"))


def listed(cell: str) -> list[str]:
    """Return the keys of the names a cell lists, the preferred one first."""
    return [key(name) for name in cell.split(";") if name]
