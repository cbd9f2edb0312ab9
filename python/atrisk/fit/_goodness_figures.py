"""Figures of annual dollars that are compared: none, at the top, on average, beyond attachments, by quantiles."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from atrisk.fit._simulated import Sample

PARTS = (0.01, 0.05, 0.10, 0.20, 0.50)
POINTS = (*(step / 20 for step in range(1, 20)), 0.975, 0.99, 0.995, 0.999)
BEYOND = 5  # person-years beyond a quantile from which on it is shown
STEPS = 60  # of the curve of exceedance

DOLLARS, OF_ROWS, OF_DOLLARS, NUMBER = "dollars", "share of person-years", "share of dollars", "1"


@cache
def bands() -> dict[str, float]:
    """Return the bands that figures are allowed and the limits of this check, from ``goodness_bands.csv``."""
    with files("atrisk.fit").joinpath("goodness_bands.csv").open(encoding="utf-8") as stream:
        return {row["figure"]: float(row["value"]) for row in csv.DictReader(stream)}


def fewest() -> int:
    """Return the number of persons or person-years below which nothing is said."""
    return int(bands()["fewest"])


class Spec(NamedTuple):
    """What a figure is.

    Attributes
    ----------
    name : str
        In words.
    unit : str
        Its unit.
    kind : str
        Which panel of the page shows it; "quantile" and "exceedance" are curves and no rows of the table.
    label : str
        Its name within the panel.
    x : float
        Where it is in the panel: lag, attachment, probability.
    band : float or None
        The difference that is allowed, or None for some standard errors of the difference.
    """

    name: str
    unit: str
    kind: str
    label: str = ""
    x: float = math.nan
    band: float | None = None


CURVES = ("quantile", "exceedance")


@dataclass(frozen=True, eq=False)
class View:
    """A sample whose rows weigh as often as a bootstrap drew their persons; ``weights`` None: once each."""

    sample: Sample
    weights: NDArray[np.float64] | None = None

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean over the rows, of each column."""
        if self.weights is None:
            return np.asarray(values.mean(axis=0))
        return np.asarray(self.weights @ values / self.weights.sum())

    def moments(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the means of the columns over the rows and their covariances, with the number of rows as divisor."""
        mean = self.mean(values)
        apart = values - mean
        weighted = apart if self.weights is None else apart * self.weights[:, None]
        rows = len(values) if self.weights is None else self.weights.sum()
        return mean, np.asarray(weighted.T @ apart / rows)

    @cached_property
    def cumulated(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Cumulated weights of the rows, the cheapest first, and cumulated dollars; both begin with 0."""
        ordered = self.sample.ordered
        weights = np.ones(len(ordered)) if self.weights is None else self.weights[self.sample.ascending]
        return np.append(0.0, np.cumsum(weights)), np.append(0.0, np.cumsum(weights * ordered))

    def above(self, dollars: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weight of the rows above some amounts, and their dollars."""
        rows, money = self.cumulated
        first = np.searchsorted(self.sample.ordered, dollars, side="right")
        return rows[-1] - rows[first], money[-1] - money[first]


class Family(Protocol):
    """Figures that are computed together; ``values`` are in the order of ``specs``, NaN where undefined."""

    def specs(self) -> list[Spec]:
        """Return what the figures are."""

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample."""

    def left_out(self) -> list[str]:
        """Return what is left out and why, a sentence each."""


class Unused:
    """Shares of person-years without any expense, and without use of each line."""

    def __init__(self, observed: Sample) -> None:
        self._lines = [line.name for line in observed.layout.lines]

    def specs(self) -> list[Spec]:
        """Return what the figures are."""
        band = bands()["without_expense"], bands()["without_use"]
        first = Spec("person-years without expense", OF_ROWS, "unused", "any expense", band=band[0])
        return [
            first,
            *(Spec(f"person-years without {name}", OF_ROWS, "unused", name, band=band[1]) for name in self._lines),
        ]

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample."""
        return [float(share) for share in view.mean(view.sample.unused)]

    def left_out(self) -> list[str]:
        """Return nothing: every sample has them."""
        return []


class Top:
    """Shares of the dollars that the dearest person-years have."""

    def specs(self) -> list[Spec]:
        """Return what the figures are."""
        percents = [round(100 * part) for part in PARTS]
        return [
            Spec(f"dollars in the top {each} %", OF_DOLLARS, "top", f"{each} %", part, bands()[f"top_{each}"])
            for each, part in zip(percents, PARTS, strict=True)
        ]

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample; the row at the edge counts for the part of it that is within."""
        rows, money = view.cumulated
        if money[-1] <= 0.0:
            return [math.nan] * len(PARTS)
        below = np.interp((1.0 - np.array(PARTS)) * rows[-1], rows, money)
        return [float(share) for share in 1.0 - below / money[-1]]

    def left_out(self) -> list[str]:
        """Return nothing: every sample has them."""
        return []


class Money:
    """Mean, standard deviation and coefficient of variation of annual dollars, and the means of the lines."""

    def __init__(self, observed: Sample) -> None:
        self._lines = [line.name for line in observed.layout.lines]

    def specs(self) -> list[Spec]:
        """Return what the figures are."""
        return [
            Spec("mean dollars", DOLLARS, "money"),
            Spec("standard deviation of dollars", DOLLARS, "money"),
            Spec("coefficient of variation of dollars", NUMBER, "money"),
            *(Spec(f"mean dollars of {name}", DOLLARS, "money") for name in self._lines),
        ]

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample."""
        mean = float(view.mean(view.sample.total))
        sd = math.sqrt(float(view.mean((view.sample.total - mean) ** 2)))
        return [mean, sd, sd / mean if mean > 0.0 else math.nan, *view.mean(view.sample.dollars).tolist()]

    def left_out(self) -> list[str]:
        """Return nothing: every sample has them."""
        return []


class Excess:
    """Chance that annual dollars exceed attachments, and by how much they then do on average."""

    def __init__(self, observed: Sample, attachments: Sequence[float]) -> None:
        self._attachments = np.array(attachments, dtype=np.float64)
        above = [int(np.count_nonzero(observed.total > each)) for each in self._attachments]
        self._above = above
        self._known = [position for position, rows in enumerate(above) if rows >= fewest()]

    def specs(self) -> list[Spec]:
        """Return what the figures are."""
        amounts = [(f"{each:,.10g}", float(each)) for each in self._attachments]
        chances = [Spec(f"chance of more than {text} dollars", OF_ROWS, "chance", text, x) for text, x in amounts]
        known = [amounts[position] for position in self._known]
        return chances + [Spec(f"mean excess over {text} dollars", DOLLARS, "excess", text, x) for text, x in known]

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample."""
        rows, money = view.above(self._attachments)
        excess = [
            money[each] / rows[each] - self._attachments[each] if rows[each] > 0.0 else math.nan for each in self._known
        ]
        return [*(rows / view.cumulated[0][-1]).tolist(), *map(float, excess)]

    def left_out(self) -> list[str]:
        """Return the excesses that too few person-years have."""
        few = [(each, rows) for each, rows in zip(self._attachments, self._above, strict=True) if rows < fewest()]
        return [f"mean excess over {each:,.10g} dollars: {rows} person-years exceed it" for each, rows in few]


class Curves:
    """Quantiles of annual dollars, and their chance of exceedance over the whole range; drawn, not judged."""

    def __init__(self, observed: Sample) -> None:
        n, ordered = len(observed.total), observed.ordered
        self._points = [point for point in POINTS if (1.0 - point) * n >= BEYOND]
        spent = ordered[ordered > 0.0]
        low, high = (float(spent[0]), float(spent[-1])) if len(spent) else (1.0, 1.0)
        self._grid = np.geomspace(max(low, high / 1e5), 3.0 * high, STEPS)

    def specs(self) -> list[Spec]:
        """Return what the figures are."""
        points = [Spec(f"quantile {point:g}", DOLLARS, "quantile", x=point) for point in self._points]
        chances = [Spec(f"exceedance of {each:g}", OF_ROWS, "exceedance", x=float(each)) for each in self._grid]
        return points + chances

    def values(self, view: View) -> list[float]:
        """Return the figures of a sample; a quantile is the smallest amount that reaches the part of the rows."""
        rows, _ = view.cumulated
        # A hair less, so that rounding makes no row of a part that is a whole number of rows.
        wanted = np.array(self._points) * rows[-1] - 1e-9 * rows[-1]
        quantiles = view.sample.ordered[np.searchsorted(rows[1:], wanted)]
        return [*quantiles.tolist(), *(view.above(self._grid)[0] / rows[-1]).tolist()]

    def left_out(self) -> list[str]:
        """Return nothing: points of too few rows are no figures."""
        return []
