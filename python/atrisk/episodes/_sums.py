"""Sums of dollars by group that do not depend on the order of rows: exact where amounts have at most six decimals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNITS = 1_000_000  # millionths of a dollar
LARGEST_EXACT = 2.0**53  # units of a float that tells them apart
MOST_UNITS = 9e18  # of a whole number of eight bytes


def sums(values: NDArray[np.float64], group: NDArray[np.intp], n: int) -> NDArray[np.float64]:
    """Return the sum of the values of each of ``n`` groups."""
    units = np.rint(values * UNITS)
    size = np.abs(units)
    exact = size.max(initial=0.0) < LARGEST_EXACT and np.array_equal(units / UNITS, values)
    if exact and size.sum() < MOST_UNITS:
        totals = np.zeros(n, dtype=np.int64)
        np.add.at(totals, group, units.astype(np.int64))
        return np.array([total / UNITS for total in totals.tolist()], dtype=np.float64)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=n)).tolist()
    ordered = values[order].tolist()
    parts = zip([0, *ends[:-1]], ends, strict=True)
    return np.array([math.fsum(ordered[start:end]) for start, end in parts], dtype=np.float64)
