"""Figures of a sample of replicates, each with its Monte Carlo standard error.

A figure is a pair (value, standard error). What a sample is too small for is ``None``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Figure = tuple[float | None, float | None]


def cents(dollars: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to whole cents: what is less is the dust of sums, neither a gain nor a loss."""
    return np.round(dollars, 2)


def mean(values: NDArray[np.float64]) -> tuple[float, float | None]:
    """Return the mean; its standard error is sd / √n."""
    if len(values) < 2:  # noqa: PLR2004 - one value has no spread
        return float(values.mean()), None
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def standard_deviation(values: NDArray[np.float64]) -> Figure:
    """Return the standard deviation s; its standard error is √((m₄ − s⁴) / n) / (2 s), m₄ the fourth central moment."""
    n = len(values)
    if n < 2:  # noqa: PLR2004 - one value has no spread
        return None, None
    sd = float(values.std(ddof=1))
    if sd == 0.0:
        return 0.0, 0.0
    scaled = (values - values.mean()) / sd
    fourth = float(np.mean(scaled**4))
    return sd, sd * math.sqrt(max(fourth - 1.0, 0.0) / n) / 2.0


def probability(hits: NDArray[np.bool_]) -> Figure:
    """Return the share of hits k / n; its standard error at p = (k + ½) / (n + 1), so that none seen is not never."""
    n, k = len(hits), int(np.count_nonzero(hits))
    p = (k + 0.5) / (n + 1)
    return k / n, math.sqrt(p * (1.0 - p) / n)


def quantile(values: NDArray[np.float64], p: float) -> Figure:
    """Return the quantile; its standard error is half the distance of the order statistics √(np(1 − p)) either side."""
    ordered = np.sort(values)
    n = len(ordered)
    value = float(np.quantile(ordered, p))
    spread = math.sqrt(n * p * (1.0 - p))
    low, high = math.floor(n * p - spread), math.ceil(n * p + spread)
    if low < 0 or high > n - 1:
        return value, None
    return value, float(ordered[high] - ordered[low]) / 2.0
