"""Mean and spread of prices, and by how much a member's prices stay with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._moments import Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from atrisk.fit._dispersion import Dispersion
    from atrisk.fit._moments import Moments, Used


@dataclass(frozen=True)
class Priced:
    """Events and dollars of a counted line, by person-year.

    Attributes
    ----------
    name : str
        The line.
    events, dollars : numpy.ndarray
        Of each person-year.
    """

    name: str
    events: NDArray[np.float64]
    dollars: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """Mean price of an event, dollars; dollars of person-years without an event are in it."""
        return float(self.dollars.sum() / self.events.sum())

    def influence(self, moments: Moments) -> NDArray[np.float64]:
        """Return what each member adds to the logarithm of the mean."""
        return moments.sums(self.dollars - self.mean * self.events) / float(self.dollars.sum())

    def relative_variance(self, severity: float) -> float:
        """Return the relative variance of one event's price, where a member's prices have a relative variance."""
        m, n = self.mean, self.events
        used = n > 0
        around = float(((self.dollars - m * n)[used] ** 2).sum()) / m**2
        left = around - severity * float((n[used] ** 2).sum())
        return max(left / ((1.0 + severity) * float(n.sum())), 0.0)


def severity_variance(moments: Moments, lines: Sequence[Priced], members: int) -> Moment:
    """Return the relative variance of the factor on a member's prices; 0 where nothing tells of one.

    Prices of two events of one member in different years or lines share nothing but that factor: their products come
    to ``1 + variance`` times what they would be at mean prices. What a member's N events tell is divided by N; else
    the few who use most would decide, and the error be five times as large.
    """
    if not lines:
        return Moment.nothing(members)
    dollars = np.column_stack([line.dollars / line.mean for line in lines])
    events = np.column_stack([line.events for line in lines])
    weights = 1.0 / np.maximum(moments.sums(events).sum(axis=1), 1.0)

    def products(values: NDArray[np.float64]) -> NDArray[np.float64]:
        of_member = moments.sums(values)
        return np.asarray(weights * (of_member.sum(axis=1) ** 2 - moments.sums(values**2).sum(axis=1)))

    numerator, denominator = products(dollars), products(events)
    total = float(denominator.sum())
    if not total > 0.0:
        return Moment.nothing(members)
    ratio = float(numerator.sum()) / total
    influence = (numerator - ratio * denominator) / total
    if ratio <= 1.0:
        return Moment.nothing(members)
    # Mean prices are fitted: what a member adds to them changes the products of all.
    all_of_member = (weights * moments.sums(dollars).sum(axis=1))[moments.member]
    of_row = weights[moments.member]
    for place, line in enumerate(lines):
        share = 2.0 * float(dollars[:, place] @ (all_of_member - of_row * dollars[:, place])) / total
        influence = influence - share * line.influence(moments)
    return Moment(ratio - 1.0, influence)


def unseen_variance(line: Used, found: Dispersion, price: float, severity: float) -> float:
    """Return what the spread of a line's dollars leaves for the relative variance v of one unseen event's price.

    With the factor s on a member's prices, ``Σ r² = Σ m² ((1 + s) (1 + frailty) − 1) + (1 + s) (1 + v) Σ m price``.
    """
    shared = 0.0 if found.shared is None else found.shared.variance.value
    frailty = (1.0 + shared) * (1.0 + found.own[line.name].cv ** 2)
    left = float((line.residual**2).sum() - ((1.0 + severity) * frailty - 1.0) * (line.mean**2).sum())
    return left / ((1.0 + severity) * price * float(line.mean.sum())) - 1.0
