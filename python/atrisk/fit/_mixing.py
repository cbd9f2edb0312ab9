"""How many events members of a frailty have: chances of counts, averaged over the frailty."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from atrisk.distributions import Gamma, LogNormal

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAMILIES = ("gamma", "log_normal")
POINTS = 2_048
GRID = 96
#: Upper ends of the kinds of counts that families are told apart by; more is the last kind.
ENDS = (0, 1, 2, 3, 5, 9, 17, 33)


@dataclass(frozen=True)
class Mixing:
    """The frailty of a line in a year: what members share over services times what is the line's own.

    Attributes
    ----------
    parts : tuple of (str, float)
        Family and relative variance of each independent factor of mean 1.
    """

    parts: tuple[tuple[str, float], ...]
    _largest: float = field(default=1e6, repr=False)

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Equally likely values of the product, from evenly spread points of the factors."""
        from scipy.stats import qmc  # noqa: PLC0415 - an optional dependency

        varied = [(family, variance) for family, variance in self.parts if variance > 0.0]
        product = np.ones(POINTS)
        if varied:
            spread = qmc.Sobol(len(varied), scramble=True, seed=1).random(POINTS)
            for column, (family, variance) in enumerate(varied):
                cv = float(np.sqrt(variance))
                law = Gamma(mean=1.0, cv=cv) if family == "gamma" else LogNormal(mean=1.0, cv=cv)
                values = law.ppf(np.clip(spread[:, column], 1e-12, 1.0 - 1e-12))
                product *= values / values.mean()
        return product

    def none(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance of no event of members who expect so many."""
        return self._spread(expected, lambda rates: np.exp(-rates))

    def kinds(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chances of each kind of count, shape (kinds, members)."""
        from scipy.special import pdtr  # noqa: PLC0415 - an optional dependency

        upto = [self._spread(expected, lambda rates, end=end: pdtr(end, rates)) for end in ENDS]
        return np.diff(np.vstack([np.zeros(len(expected)), *upto, np.ones(len(expected))]), axis=0)

    def _spread(self, expected: NDArray[np.float64], chance: object) -> NDArray[np.float64]:
        """Average a chance over the frailty, at a grid of expectations and between."""
        low, high = max(float(expected.min()), 1e-9), float(expected.max()) * (1.0 + 1e-9)
        grid = np.geomspace(low, max(high, low * (1.0 + 1e-9)), GRID)
        means = np.asarray(chance(np.multiply.outer(grid, self.points))).mean(axis=1)  # type: ignore[operator]
        return np.interp(np.log(np.maximum(expected, low)), np.log(grid), means)


def split(variance: float, kept: float) -> tuple[float, float]:
    """Return the relative variances of the part that is kept and of that of a year, whose product has so much."""
    return kept, (1.0 + variance) / (1.0 + kept) - 1.0
