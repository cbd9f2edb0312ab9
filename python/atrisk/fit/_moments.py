"""Second moments of what members use beside what they were expected to, each with the influence of every member.

With residuals ``r = used − mean`` every moment is a ratio of sums over members, ``R = Σ numerator / Σ denominator``:
of a member's product of two residuals to the product of the two means. For counts the mean is taken off a square, which
is what Poisson adds; what is left is the relative variance of frailty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._rates import sums_of_members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from atrisk.fit._design import Design
    from atrisk.fit._rates import Rates


@dataclass(frozen=True)
class Used:
    """What members used of a line, beside the mean that was fitted.

    Attributes
    ----------
    name : str
        The line.
    counted : bool
        Whether ``used`` are events; else dollars.
    used, mean : numpy.ndarray
        Of each person-year.
    rates : Rates
        The fitted mean.
    """

    name: str
    counted: bool
    used: NDArray[np.float64]
    rates: Rates

    @property
    def mean(self) -> NDArray[np.float64]:
        """What each person-year is expected to use."""
        return self.rates.mean

    @property
    def residual(self) -> NDArray[np.float64]:
        """What was used beyond that."""
        return self.used - self.rates.mean


@dataclass(frozen=True)
class Moment:
    """A ratio of sums, with what each member adds to it.

    Attributes
    ----------
    value : float
        The ratio.
    influence : numpy.ndarray
        Of each member; their squares sum to the variance.
    """

    value: float
    influence: NDArray[np.float64]

    @classmethod
    def nothing(cls, members: int) -> Moment:
        """Return a moment that is surely 0."""
        return cls(0.0, np.zeros(members))


@dataclass(frozen=True)
class Weight:
    """A weight above 0, with what each member adds to its logarithm."""

    value: float
    influence: NDArray[np.float64]

    def __mul__(self, other: Weight) -> Weight:
        return Weight(self.value * other.value, self.influence + other.influence)


class Moments:
    """Moments of person-years that stand by member."""

    def __init__(self, design: Design, member: NDArray[np.int64]) -> None:
        self.design = design
        self.member = member

    def same_year(self, one: Used, other: Used) -> Moment:
        """Relate two lines in the same year: ``E[r r'] / E[m m']``; a line with itself, net of Poisson if counted."""
        own = one is other
        r, s, m, n = one.residual, other.residual, one.mean, other.mean
        poisson = one.used if own and one.counted else 0.0
        numerator, denominator = r * s - poisson, m * n
        value = float(numerator.sum() / denominator.sum())
        of_itself = [(one, -2.0 * r - 2.0 * value * m)]
        gradients = of_itself if own else [(one, -s - value * n), (other, -r - value * m)]
        return self._moment(value, numerator, denominator, gradients)

    def other_years(self, one: Used, other: Used) -> Moment | None:
        """Relate two lines in different years of a member; None where nobody has two years."""
        r, s, m, n = one.residual, other.residual, one.mean, other.mean
        all_r, all_s, all_m, all_n = (self._of_member(values) for values in (r, s, m, n))
        numerator, denominator = r * (all_s - s), m * (all_n - n)
        if not denominator.sum() > 0.0:
            return None
        value = float(numerator.sum() / denominator.sum())
        gradients = [(one, -(all_s - s) - value * (all_n - n)), (other, -(all_r - r) - value * (all_m - m))]
        return self._moment(value, numerator, denominator, gradients)

    def pooled(self, moments: Sequence[tuple[Weight, Moment]]) -> Moment:
        """Return the mean of moments by weights."""
        total = sum(weight.value for weight, _ in moments)
        value = sum(weight.value * moment.value for weight, moment in moments) / total
        # Where moments differ, what a member adds to the weights moves their mean too.
        moved = [
            weight.value * (moment.influence + (moment.value - value) * weight.influence) for weight, moment in moments
        ]
        return Moment(value=value, influence=np.asarray(sum(moved)) / total)

    def weight(self, line: Used, dollars: NDArray[np.float64]) -> Weight:
        """Return the weight of a line: its dollars by the relative variance of what is used, ``Σ r² / (Σ m)²``."""
        square, total = float(line.residual @ line.residual), float(line.mean.sum())
        spread = self.sums(line.residual**2) + self.through_rates(line, -2.0 * line.residual)
        mean = self.sums(line.mean) + self.through_rates(line, np.ones_like(line.mean))
        influence = self.sums(dollars) / float(dollars.sum()) - spread / square + 2.0 * mean / total
        return Weight(float(dollars.sum()) * total**2 / square, influence)

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return sums by member."""
        return sums_of_members(values, self.member)

    def through_rates(self, used: Used, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the influence that a sum has through a line's fitted mean, by its derivative at each row's mean."""
        return np.asarray(used.rates.influence @ (self.design.matrix.T @ (gradient * used.mean)))

    def _of_member(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.sums(values)[self.member])

    def _moment(
        self,
        value: float,
        numerator: NDArray[np.float64],
        denominator: NDArray[np.float64],
        gradients: list[tuple[Used, NDArray[np.float64]]],
    ) -> Moment:
        total = float(denominator.sum())
        direct = self.sums(numerator - value * denominator)
        through = sum(self.through_rates(used, gradient) for used, gradient in gradients)
        return Moment(value=value, influence=(direct + through) / total)
