"""Rows of terms (bands, rungs, tables) as the core reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import known_term

if TYPE_CHECKING:
    from collections.abc import Sequence

BAND_OF_TABLE = ("from", "to", "low", "high")


def rows_of_terms(path: str, given: object, words: Sequence[str], rule: str) -> list[dict[str, Any]]:
    """Return rows of terms by their words, refusing what is none with ``rule``."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(path, rule, repr(given))
    read = []
    for position, row in enumerate(given):
        place = f"{path}[{position}]"
        if isinstance(row, str) or not isinstance(row, Iterable) or len(parts := list(row)) != len(words):
            raise InputError(place, rule, repr(row))
        named = zip(words, parts, strict=True)
        read.append({word: known_term(f"{place}.{word}", part) for word, part in named})
    return read


def table_bands(path: str, given: object) -> list[dict[str, Any]]:
    """Return a table of bands (from, to, low, high), refusing what is none."""
    rule = "must be bands (from, to, low, high), where to may be None"
    return [] if given is None else rows_of_terms(path, given, BAND_OF_TABLE, rule)
