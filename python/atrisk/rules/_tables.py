"""Tables in bands as the core reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from atrisk._errors import InputError
from atrisk._spec import term

KEYS = ("from", "to", "low", "high")


def table_bands(path: str, given: object) -> list[dict[str, Any]]:
    """Return a table of bands (from, to, low, high), refusing what is none."""
    rule = "must be bands (from, to, low, high), where to may be None"
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(path, rule, repr(given))
    read = []
    for position, band in enumerate(given):
        if isinstance(band, str) or not isinstance(band, Iterable) or len(parts := list(band)) != len(KEYS):
            raise InputError(f"{path}[{position}]", rule, repr(band))
        read.append(dict(zip(KEYS, map(term, parts), strict=True)))
    return read
