"""What frameworks of payment models call each contract, with the source and how sure it is."""

from __future__ import annotations

from atrisk import _shipped


def tags() -> dict[str, dict[str, str]]:
    """Return the tags of every contract, by its name as a specification writes it."""
    rows = _shipped.rows("atrisk.contracts", "tags.csv")
    return {row["contract"]: {name: row[name] for name in row if name != "contract"} for row in rows}
