"""Amounts of money as they are written in claims files, read into whole cents."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk.claims._texts import read_texts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

LARGEST = 1e9  # dollars of a line: a hundred million such lines still sum to whole cents
CENTS = 100
WRITTEN = re.compile(r"[-+]?\d*\.?\d*(?:[eE][-+]?\d+)?", re.ASCII)
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d*(?:[eE][-+]?\d+)?", re.ASCII)


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
    cents, unreadable, dressed, rounded = _of_words(texts.words)
    none = np.append(np.zeros(len(cents), dtype=bool), True)
    return Amounts(
        np.append(cents, 0)[texts.codes],
        none[texts.codes],
        np.append(unreadable, False)[texts.codes],
        np.append(dressed, False)[texts.codes],
        np.append(rounded, False)[texts.codes],
    )


def _of_words(
    words: NDArray[Any],
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return cents of each word, and which are unreadable, written with signs, or finer than a cent."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    plain = pd.to_numeric(pd.Series(words, dtype=object), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    read = _of_numbers(plain)
    cents = read.cents.copy()
    unreadable, dressed, rounded = (np.zeros(len(words), dtype=bool) for _ in range(3))
    # Decimals decide about what is no plain number of whole cents.
    for at in np.flatnonzero(read.missing | read.unreadable | read.rounded):
        value = _cents(words[at])
        unreadable[at] = value is None
        whole = Decimal(0) if value is None else value.to_integral_value(ROUND_HALF_UP)
        cents[at] = int(whole)
        rounded[at] = value is not None and value != whole
        dressed[at] = value is not None and WRITTEN.fullmatch(words[at]) is None
    return cents, unreadable, dressed, rounded


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
    except ArithmeticError:
        return None
    return None if value > LARGEST * CENTS else -value if negative else value
