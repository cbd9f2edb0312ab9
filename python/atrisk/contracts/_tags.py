"""What frameworks of payment models call each contract, with the source and how sure it is."""

from __future__ import annotations

from functools import cache


@cache
def tags() -> dict[str, dict[str, str]]:
    """Return the tags of every contract, by its name as a specification writes it."""
    import csv  # noqa: PLC0415 - keeps the import of atrisk quick
    from importlib import resources  # noqa: PLC0415 - likewise

    text = resources.files("atrisk.contracts").joinpath("tags.csv").read_text(encoding="utf-8")
    return {row.pop("contract"): row for row in csv.DictReader(text.splitlines())}
