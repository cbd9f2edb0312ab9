"""What frameworks of payment models call each contract, with the source and how sure it is."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def tags() -> dict[str, dict[str, str]]:
    """Return the tags of every contract, by its name as a specification writes it."""
    text = resources.files("atrisk.contracts").joinpath("tags.csv").read_text(encoding="utf-8")
    return {row.pop("contract"): row for row in csv.DictReader(text.splitlines())}
