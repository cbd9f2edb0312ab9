"""Amounts of money as they are written in claims files, read into whole cents."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk.claims._texts import read_texts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

LARGEST = 1e12  # dollars: what a float still holds to the cent
CENTS = 100
WRITTEN = re.compile(r"[-+]?\d*\.?\d*(?:[eE][-+]?\d+)?")
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d*(?:[eE][-+]?\d+)?")


class Amounts(NamedTuple):
    """Cents of each row, 0 where unknown, and masks of what was unusual."""

    cents: NDArray[np.int64]
    missing: NDArray[np.bool_]
    unreadable: NDArray[np.bool_]
    written: NDArray[np.bool_]
    rounded: NDArray[np.bool_]


def read_amounts(column: pd.Series[Any]) -> Amounts:
    """Read dollars: numbers, or texts such as ``"1,234.50"``, ``"(12.00)"``, ``"$5"``, ``"12.00-"`` and ``"-$3"``."""
    if column.dtype.kind in "iuf":
        return _of_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan))
    texts = read_texts(column).texts
    values = [_cents(word) for word in texts.words]
    unreadable = np.array([value is None for value in values], dtype=bool)
    exact = [value if value is not None else Decimal(0) for value in values]
    whole = [value.to_integral_value(ROUND_HALF_UP) for value in exact]
    cents = np.array([int(value) for value in whole], dtype=np.int64)
    rounded = np.array([one != other for one, other in zip(exact, whole, strict=True)], dtype=bool)
    dressed = np.array([WRITTEN.fullmatch(word) is None for word in texts.words], dtype=bool) & ~unreadable
    none = np.append(np.zeros(len(values), dtype=bool), True)
    return Amounts(
        np.append(cents, 0)[texts.codes],
        none[texts.codes],
        np.append(unreadable, False)[texts.codes],
        np.append(dressed, False)[texts.codes],
        np.append(rounded, False)[texts.codes],
    )


def _of_numbers(values: NDArray[np.float64]) -> Amounts:
    missing = np.isnan(values)
    unreadable = ~missing & ~(np.abs(values) <= LARGEST)
    known = np.where(missing | unreadable, 0.0, values) * CENTS
    # Half a cent goes away from zero, as it does for texts; a float of 1.005 dollars is no half cent and goes down.
    whole = np.sign(known) * np.floor(np.abs(known) + 0.5)
    finer = np.abs(known - whole) > 1e-6 * np.maximum(1.0, np.abs(known) * 1e-6)
    return Amounts(whole.astype(np.int64), missing, unreadable, np.zeros(len(values), dtype=bool), finer)


def _cents(text: str) -> Decimal | None:
    """Return cents of a written amount, None where it is none."""
    bare = text.replace(" ", "").replace("USD", "")
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1], True
    bare = bare.replace("$", "", 1)
    if bare[-1:] == "-":
        bare, negative = bare[:-1], not negative
    if bare[:1] in {"-", "+"}:
        negative, bare = negative ^ (bare[0] == "-"), bare[1:]
    bare = bare.replace("$", "", 1)
    if not GROUPED.fullmatch(bare):
        return None
    try:
        value = Decimal(bare.replace(",", "")) * CENTS
    except InvalidOperation:
        return None
    return None if value > LARGEST * CENTS else -value if negative else value
