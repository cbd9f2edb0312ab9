"""Figures of counted events and of persistence: relative variances and covariances, correlations at lags."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._goodness_figures import NUMBER, Spec, View, bands, fewest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.fit._simulated import Sample

LAGS = (1, 2, 3, 4)


class Counts:
    """Means, variances, relative variances net of Poisson, and relative covariances of the counted lines."""

    def __init__(self, observed: Sample) -> None:
        self._names = observed.layout.counted
        self._pairs = list(combinations(range(len(self._names)), 2))

    def specs(self) -> list[Spec]:
        """Return what the figures are."""
        names = self._names
        pairs = [f"{names[one]} and {names[other]}" for one, other in self._pairs]
        return [
            *(Spec(f"mean events of {name}", "events a year", "events") for name in names),
            *(Spec(f"variance of {name}", "events² a year²", "events") for name in names),
            *(Spec(f"relative variance net of Poisson of {name}", NUMBER, "relative", name) for name in names),
            *(Spec(f"relative covariance of {pair}", NUMBER, "relative", pair) for pair in pairs),
        ]

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample; those relative to a mean of 0 are undefined."""
        mean, covariance = view.moments(view.sample.events)
        variance = np.diagonal(covariance)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(np.outer(mean, mean) > 0.0, covariance / np.outer(mean, mean), math.nan)
            net = np.diagonal(relative) - 1.0 / mean
        return [
            *mean.tolist(),
            *variance.tolist(),
            *net.tolist(),
            *(float(relative[pair]) for pair in self._pairs),
        ]

    def left_out(self) -> list[str]:
        """Return nothing: what is undefined is left out with its reason where figures are judged."""
        return []


class Lags:
    """Correlations between a person's years, some years apart, of log dollars and of the events of one line."""

    def __init__(self, observed: Sample) -> None:
        self._rows = {lag: observed.layout.earlier(lag) for lag in LAGS}
        self._known = [lag for lag in LAGS if len(self._rows[lag]) >= fewest()]
        names, events = observed.layout.counted, observed.events.sum(axis=0)
        self._line = int(np.argmax(events)) if len(events) else None
        self._name = "" if self._line is None else names[self._line]

    def _what(self) -> list[str]:
        counts = [] if self._line is None else [f"events of {self._name}", f"log (1 + events of {self._name})"]
        return ["log (1 + dollars)", *counts]

    def specs(self) -> list[Spec]:
        """Return what the figures are."""
        band = bands()["correlation"]
        return [
            Spec(f"correlation of {what}, lag {lag}", "correlation", "lag", what, lag, band)
            for what in self._what()
            for lag in self._known
        ]

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample."""
        series = [view.sample.log_total]
        if self._line is not None:
            series += [view.sample.events[:, self._line], view.sample.log_events[:, self._line]]
        values = np.column_stack(series)
        by_lag = [self._correlations(view, values, lag) for lag in self._known]
        return [float(each) for each in np.array(by_lag).T.ravel()]

    def _correlations(self, view: View, values: NDArray[np.float64], lag: int) -> NDArray[np.float64]:
        """Return the correlation of each series over the pairs of years; undefined where values are all alike."""
        rows, n = self._rows[lag], values.shape[1]
        pairs = View(view.sample, None if view.weights is None else view.weights[rows])
        if pairs.weights is not None and pairs.weights.sum() <= 0.0:
            return np.full(n, math.nan)
        _, covariance = pairs.moments(np.column_stack([values[rows], values[rows + lag]]))
        variance = np.diagonal(covariance)
        spread = np.sqrt(np.maximum(variance[:n] * variance[n:], 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(spread > 0.0, np.diagonal(covariance, offset=n) / spread, math.nan)

    def left_out(self) -> list[str]:
        """Return the lags that too few persons span."""
        few = [(lag, len(self._rows[lag])) for lag in LAGS if lag not in self._known]
        return [f"correlations at lag {lag}: {pairs} pairs of years" for lag, pairs in few]
