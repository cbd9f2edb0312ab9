"""Dollars per member per month by bands, as the core reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._spec import term
from atrisk.rules._tables import rows_of_terms

if TYPE_CHECKING:
    from atrisk._types import Uncertain

#: A band: from, below (None: without end), dollars per member per month.
PmpmBand = tuple[float, float | None, float]
WORDS = ("from", "below", "pmpm")


def pmpm_bands(path: str, given: object, what: str) -> list[dict[str, Any]]:
    """Return bands of ``what``, refusing what is none."""
    return rows_of_terms(path, given, WORDS, f"must be bands ({what}_from, {what}_below or None, dollars)")


def one_or_bands(path: str, given: Uncertain | object, what: str) -> list[dict[str, Any]]:
    """Return bands, or the one band of everybody that a single figure is."""
    if isinstance(given, (list, tuple)):
        return pmpm_bands(path, given, what)
    return [{"from": "0", "below": None, "pmpm": term(given)}]
