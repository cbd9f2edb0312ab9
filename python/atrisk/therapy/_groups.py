"""Lines that belong together: groups by several columns, ranks inside them, sums that run along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


LARGEST = 2**62  # one whole number holds all keys below it, and is quicker to sort


def distinct(path: str, values: object, n: int) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the position of each row's value among the distinct ones, and these; missing values are refused.

    A single value holds for all ``n`` rows.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values)
    if array.ndim > 1:
        raise InputError(path, "must be a value or a column of values", f"{array.ndim} dimensions")
    at, found = pd.factorize(array.reshape(-1))
    if (missing := np.flatnonzero(at < 0)).size:
        raise InputError(f"{path}[{missing[0]}]" if array.ndim else path, "must not be missing")
    return np.broadcast_to(at.astype(np.int64), (n,)), list(found)


def grouped(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each row's group, counted from 0: rows that are equal in all columns."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    group = columns[0]
    for column in columns[1:]:
        group = group * (column.max(initial=0) + 1) + column
        group = pd.factorize(group)[0].astype(np.int64)
    return group


def ranked(group: NDArray[np.int64], *keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each row's position inside its group, from 0, by keys that rise; the first key counts most."""
    order = _order(group, *keys)
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - _starts(group[order])
    return rank


def running(amount: NDArray[np.float64], group: NDArray[np.int64], *keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what the amounts of a group come to before each row, by keys that rise; exact to the cent."""
    order = _order(group, *keys)
    cents = np.rint(amount[order] * 100).astype(np.int64)
    before = np.cumsum(cents) - cents
    before -= before[_starts(group[order])] if len(before) else 0
    result = np.empty(len(group))
    result[order] = before / 100
    return result


def in_order(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the position of each row by keys that rise; the first key counts most."""
    position = np.empty(len(keys[0]), dtype=np.int64)
    position[_order(*keys)] = np.arange(len(position))
    return position


def _order(*keys: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the order of rows by keys, the first of which counts most; equal rows stay in theirs."""
    one, span = np.zeros(len(keys[0]), dtype=np.int64), 1
    for key in keys:
        low = int(key.min(initial=0))
        width = int(key.max(initial=0)) - low + 1
        one, span = one * width + (key - low), span * width
    return np.argsort(one, kind="stable") if span < LARGEST else np.lexsort(keys[::-1])


def _starts(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each row of sorted groups where its group begins."""
    fresh = np.ones(len(group), dtype=bool)
    fresh[1:] = group[1:] != group[:-1]
    return np.maximum.accumulate(np.where(fresh, np.arange(len(group)), 0))


def same_in_group(path: str, group: NDArray[np.int64], values: NDArray[np.float64], what: str) -> None:
    """Refuse a column that differs inside a group."""
    first = np.zeros(group.max(initial=-1) + 1, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    wrong = np.flatnonzero(values != values[first[group]])
    if wrong.size:
        row = int(wrong[0])
        before = int(first[group[row]])
        rule = f"must be the same on all lines of {what}"
        raise InputError(f"{path}[{row}]", rule, f"{values[row]:g} after {values[before]:g} on row {before}")
