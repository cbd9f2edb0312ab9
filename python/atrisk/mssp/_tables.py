"""The tables that are shipped beside this code: names of columns and tracks, rules and rates with their sources."""

from __future__ import annotations

import re

from atrisk import _shipped


def table(file: str) -> tuple[_shipped.Row, ...]:
    """Return the rows of a table beside this file."""
    return _shipped.rows("atrisk.mssp", file)


def key(name: str) -> str:
    """Return a name without what changes from year to year: case, spaces, underscores and other signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("+", "plus"))


def listed(cell: str) -> list[str]:
    """Return the keys of the names a cell lists, the preferred one first."""
    return [key(name) for name in cell.split(";") if name]
