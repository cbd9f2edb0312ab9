"""Figures of data beside those of replicates of a model: errors, bands, and what is within them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._goodness_counts import Counts, Lags
from atrisk.fit._goodness_figures import CURVES, Curves, Excess, Family, Money, Spec, Top, Unused, View, bands

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.fit._simulated import Sample

QUANTILES = (0.90, 0.975, 0.99)  # of the data's annual dollars, where attachments are by default
FEWEST = 2  # values from which a spread can be computed
DUST = 1e-9  # of sums, relative


class Judged:
    """One table of person-years, and the figures of the replicates that were simulated of it so far."""

    def __init__(self, observed: Sample, attachments: Sequence[float] | None) -> None:
        self.observed = observed
        self.attachments = _attachments(observed) if attachments is None else list(attachments)
        self._families: list[Family] = [
            Unused(observed),
            Top(),
            Money(observed),
            Counts(observed),
            Lags(observed),
            Excess(observed, self.attachments),
            Curves(observed),
        ]
        self.specs: list[Spec] = [spec for family in self._families for spec in family.specs()]
        self._replicates: list[list[float]] = []

    def _values(self, view: View) -> list[float]:
        return [value for family in self._families for value in family.values(view)]

    def add(self, simulated: Sample) -> None:
        """Take in one replicate."""
        self._replicates.append(self._values(View(simulated)))

    def left_out(self) -> list[str]:
        """Return the figures of which there are too few persons, a sentence each."""
        return [sentence for family in self._families for sentence in family.left_out()]

    def compared(self, bootstraps: int, seed: int) -> tuple[pd.DataFrame, list[str]]:
        """Return every figure with its errors and band, curves too, and those that are undefined, a sentence each."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        data = np.array(self._values(View(self.observed)))
        model = np.array(self._replicates)
        known = np.isfinite(model).sum(axis=0)
        undefined = {
            position: f"{spec.name}: undefined in the {'model' if np.isfinite(data[position]) else 'data'}"
            for position, spec in enumerate(self.specs)
            if not np.isfinite(data[position]) or known[position] < FEWEST
        }
        kept = [position for position in range(len(data)) if position not in undefined]
        frame = pd.DataFrame([self.specs[position] for position in kept], columns=list(Spec._fields))
        model = model[:, kept]
        frame["data"], frame["data_se"] = data[kept], _spread(self._bootstrap(bootstraps, seed)[:, kept])
        frame["model"], frame["model_sd"] = np.nanmean(model, axis=0), _spread(model)
        frame["model_se"] = frame["model_sd"] / np.sqrt(known[kept])
        return _judged(frame), list(undefined.values())

    def _bootstrap(self, bootstraps: int, seed: int) -> NDArray[np.float64]:
        """Return the figures of samples in which persons, with all their years, are drawn with replacement."""
        layout = self.observed.layout
        generator = np.random.default_rng(seed)
        values = np.empty((bootstraps, len(self.specs)))
        for row in values:
            times = np.bincount(generator.integers(layout.members, size=layout.members), minlength=layout.members)
            row[:] = self._values(View(self.observed, times[layout.member].astype(np.float64)))
        return values


def _attachments(observed: Sample) -> list[float]:
    """Return quantiles of the data, in whole dollars so that their names say all; each once, none of 0."""
    found = np.round(np.quantile(observed.total, QUANTILES))
    return [float(each) for each in np.unique(found) if each > 0.0]


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of each column, of what is defined in it; NaN where fewer than two values are."""
    known = np.isfinite(values)
    enough = known.sum(axis=0) >= FEWEST
    spread = np.full(values.shape[1], math.nan)
    spread[enough] = np.nanstd(np.where(known, values, math.nan)[:, enough], axis=0, ddof=1)
    return spread


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    difference = frame["model"] - frame["data"]
    of_means = bands()["standard_errors"] * np.hypot(frame["data_se"], frame["model_se"])
    band = frame["band"].astype(float).where(~frame["kind"].isin(CURVES) & frame["band"].notna(), of_means)
    # What differs by the dust of sums does not differ.
    difference = difference.where(difference.abs() > DUST * frame["data"].abs(), 0.0)
    error = np.hypot(frame["data_se"], frame["model_sd"])
    with np.errstate(divide="ignore", invalid="ignore"):
        standardised = np.where(difference == 0.0, 0.0, difference / error)
    return frame.assign(difference=difference, band=band, within=difference.abs() <= band, standardised=standardised)
