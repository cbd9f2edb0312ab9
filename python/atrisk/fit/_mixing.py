"""How many events members of a frailty have: chances of counts, averaged over the frailty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from atrisk.distributions import Gamma, LogNormal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

FAMILIES = ("gamma", "log_normal")
POINTS = 1_024
GRID = 64
#: Upper ends of the kinds of counts that families are told apart by; more is the last kind.
ENDS = (0, 1, 2, 3, 5, 9, 17, 33)


@dataclass(frozen=True)
class Mixing:
    """The frailty of a line in a year: what members share over services times what is the line's own.

    Attributes
    ----------
    parts : tuple of (str, float)
        Family and relative variance of each independent factor of mean 1.
    non_users : float
        The part of the members whose frailty is 0; that of the others is 1 / (1 − part) times the product.
    """

    parts: tuple[tuple[str, float], ...]
    non_users: float = 0.0

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Equally likely values of the factors' product, from evenly spread points of each."""
        varied = [part for part in self.parts if part[1] > 0.0]
        return np.asarray(np.prod([np.ones(POINTS), *factors(varied)], axis=0))

    def none(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance of no event of members who expect so many."""
        users = 1.0 - self.non_users
        return np.asarray(self.non_users + users * self._spread(expected / users, lambda rates: np.exp(-rates)))

    def kinds(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chances of each kind of count, shape (kinds, members)."""
        from scipy.special import pdtr  # noqa: PLC0415 - an optional dependency

        users = 1.0 - self.non_users
        upto = [self._spread(expected / users, partial(pdtr, end)) for end in ENDS]
        chances = users * np.diff(np.vstack([np.zeros(len(expected)), *upto, np.ones(len(expected))]), axis=0)
        chances[0] += self.non_users
        return np.asarray(chances)

    def _spread(
        self, expected: NDArray[np.float64], chance: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Average a chance over the frailty, at a grid of expectations and between."""
        low, high = max(float(expected.min()), 1e-9), float(expected.max()) * (1.0 + 1e-9)
        grid = np.geomspace(low, max(high, low * (1.0 + 1e-9)), GRID)
        means = np.asarray(chance(np.multiply.outer(grid, self.points))).mean(axis=1)
        return np.asarray(np.interp(np.log(np.maximum(expected, low)), np.log(grid), means))


def factors(parts: Sequence[tuple[str, float]]) -> list[NDArray[np.float64]]:
    """Return evenly spread points of independent factors of mean 1, by family and relative variance."""
    from scipy.stats import qmc  # noqa: PLC0415 - an optional dependency

    if not parts:
        return []
    # One seed: points move smoothly with the variances, so that what is sought over them is found.
    spread = qmc.Sobol(len(parts), scramble=True, seed=1).random(POINTS)
    made = []
    for column, (family, variance) in enumerate(parts):
        if variance <= 0.0:
            made.append(np.ones(POINTS))
            continue
        cv = float(np.sqrt(variance))
        law = Gamma(mean=1.0, cv=cv) if family == "gamma" else LogNormal(mean=1.0, cv=cv)
        values = law.ppf(np.clip(spread[:, column], 1e-12, 1.0 - 1e-12))
        made.append(values / values.mean())
    return made


def split(variance: float, kept: float) -> tuple[float, float]:
    """Return the relative variances of the part that is kept and of that of a year, whose product has so much."""
    return kept, (1.0 + variance) / (1.0 + kept) - 1.0
