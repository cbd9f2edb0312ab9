"""Lines of which only dollars are known: any use, in a year and in two, tells how often and how members differ.

Their events are not seen. A member-year is taken to have a Poisson number of them, as in every line. How many is told
by the share of member-years without dollars; by how much members differ, and keep differing, by the pairs of a member's
years that both have none. Dollars of different years would tell it too, but so badly, by the few largest, that errors
of what hangs on it could not be stated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._dispersion import SMALLEST, Spread
from atrisk.fit._mixing import GRID, factors
from atrisk.fit._moments import Moment
from atrisk.fit._roots import falling, rising

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.fit._dispersion import Dispersion
    from atrisk.fit._moments import Moments, Used

NUDGE = 1e-4
WIDEST = 50.0  # relative variance of a line's own frailty that is looked for: a cv of 7
CLOSE = 1e-9


@dataclass(frozen=True)
class AnyUse:
    """What any use of a line tells.

    Attributes
    ----------
    price : float
        Mean price of an unseen event, dollars.
    price_influence : numpy.ndarray
        What each member adds to its logarithm.
    own : Spread
        The line's own frailty, all of it kept; none where no member has two years.
    note : str
        What could not be told; empty where all was.
    """

    price: float
    price_influence: NDArray[np.float64]
    own: Spread
    note: str


def any_use(moments: Moments, line: Used, found: Dispersion) -> AnyUse:
    """Find the price and the own frailty that bring as many years without dollars, and pairs of them, as there are."""
    wanted = _Wanted(moments, line)
    own = _own(wanted, found) if len(wanted.pairs[0]) else 0.0
    price = wanted.price(_Unused(line, found, own))
    influence = _influence(wanted, found, price, own)
    variance = Moment(own, influence[1])
    note = "" if wanted.none.any() else f"everybody uses {line.name}: how often is a guess"
    if own == WIDEST:
        note = f"so many never use {line.name} that its frailty, and how often it is used, is a guess"
    return AnyUse(price, influence[0], Spread(variance, variance if len(wanted.pairs[0]) else None), note)


def _own(wanted: _Wanted, found: Dispersion) -> float:
    """Return the relative variance of a line's own frailty at which pairs of years without dollars are as many."""

    def short(own: float) -> float:
        unused = _Unused(wanted.line, found, own)
        return wanted.beyond(unused, wanted.price(unused))[1]

    return falling(short, WIDEST, CLOSE)


class _Wanted:
    """Person-years without dollars, and pairs of a member's, beside what is expected."""

    def __init__(self, moments: Moments, line: Used) -> None:
        self.moments, self.line = moments, line
        self.none = (line.used == 0.0).astype(np.float64)
        self.pairs = pairs_of_years(moments.member)
        self.both = self.none[self.pairs[0]] * self.none[self.pairs[1]]
        self._last = float(line.mean.mean())

    def price(self, unused: _Unused) -> float:
        """Return the price at which as many member-years have no event as have no dollars; half of one if all have."""
        without = max(float(self.none.sum()), 0.5)
        self._last = rising(lambda price: float(unused.once(price)[0].sum()) - without, self._last)
        return self._last

    def beyond(self, unused: _Unused, price: float) -> tuple[float, float]:
        """Return years without dollars beyond those expected, and pairs of them."""
        years = float((self.none - unused.once(price)[0]).sum())
        return years, float((self.both - unused.twice(price, self.pairs)[0]).sum())


class _Unused:
    """Chances that a line is not used in a year, and in two years of a member, with so wide an own frailty."""

    def __init__(self, line: Used, found: Dispersion, own: float) -> None:
        shared = found.spread("")
        kept, yearly = shared.parts
        of_all = found.families.get("", "gamma")
        parts = [(of_all, kept), (of_all, yearly), (of_all, yearly), (found.families[line.name], own)]
        always, one, other, of_line = factors(parts)
        self.shared = shared
        self.frailties = [always * of_line * year / shared.users for year in (one, other)]
        positive = line.mean[line.mean > 0.0]
        self.log_mean = np.log(np.maximum(line.mean, positive.min()))
        low, high = self.log_mean.min(), self.log_mean.max()
        # Cubic splines want more than three points, also where everybody expects the same.
        self.grid = np.linspace(low, max(high, low + 1e-3), GRID)

    def once(self, price: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the chance of each member-year and its derivative by the logarithm of what is expected."""
        from scipy.interpolate import CubicSpline  # noqa: PLC0415 - an optional dependency

        one, other = self._years(price)
        users = (1.0 - self.shared.never) * (1.0 - self.shared.non_users)
        chance = CubicSpline(self.grid, 1.0 - users + users * (one.mean(axis=1) + other.mean(axis=1)) / 2.0)
        return np.asarray(chance(self.log_mean)), np.asarray(chance(self.log_mean, 1))

    def twice(
        self, price: float, pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the chance of each pair of member-years and its derivatives by the logarithms of both."""
        from scipy.interpolate import RectBivariateSpline  # noqa: PLC0415 - an optional dependency

        one, other = self._years(price)
        of_both = one @ other.T / one.shape[1]
        year = (one.mean(axis=1) + other.mean(axis=1)) / 2.0
        chance = self.shared.in_two_years(year[:, None], year[None, :], (of_both + of_both.T) / 2.0)
        spline = RectBivariateSpline(self.grid, self.grid, chance)
        at = self.log_mean[pairs[0]], self.log_mean[pairs[1]]
        return spline.ev(*at), spline.ev(*at, dx=1), spline.ev(*at, dy=1)

    def _years(self, price: float) -> list[NDArray[np.float64]]:
        """Return chances of nothing in either year, by expectation and frailty, of those who use care."""
        expected = np.exp(self.grid) / price
        return [np.exp(-np.multiply.outer(expected, frailty)) for frailty in self.frailties]


def _influence(wanted: _Wanted, found: Dispersion, price: float, own: float) -> NDArray[np.float64]:
    """Return what each member adds to the logarithm of the price and to the own variance; to one at an end nothing."""
    moments, line = wanted.moments, wanted.line
    unused = _Unused(line, found, own)
    once, by_mean = unused.once(price)
    both, by_one, by_other = unused.twice(price, wanted.pairs)
    first, second = wanted.pairs
    by_mean_of_pairs = _by_row(first, by_one, len(once)) + _by_row(second, by_other, len(once))
    of_pairs = _by_row(first, wanted.both - both, len(once))
    scores = np.vstack([moments.sums(wanted.none - once), moments.sums(of_pairs)])
    for row, slope in enumerate((by_mean, by_mean_of_pairs)):
        scores[row] += moments.through_rates(line, -slope / np.where(line.mean > 0.0, line.mean, 1.0))
    scores += _through_shared(wanted, found, price, own)
    # A price higher by a part of it means events fewer by that part.
    by_price = np.array([by_mean.sum(), by_mean_of_pairs.sum()])
    if not SMALLEST < own < WIDEST:
        return np.vstack([-scores[0] / by_price[0], np.zeros(scores.shape[1])])
    wider, narrower = (
        np.array(wanted.beyond(_Unused(line, found, own * (1.0 + step)), price)) for step in (NUDGE, -NUDGE)
    )
    jacobian = np.column_stack([by_price, (wider - narrower) / (2.0 * NUDGE * own)])
    return np.asarray(-np.linalg.solve(jacobian, scores))


def _through_shared(wanted: _Wanted, found: Dispersion, price: float, own: float) -> NDArray[np.float64]:
    """Return the influence that both sums have through the shared frailty's variances, by small changes."""
    total = np.zeros((2, len(wanted.moments.sums(wanted.none))))
    if found.shared is None or found.shared.cv == 0.0:
        return total
    for name in ("variance", "kept"):
        moment = getattr(found.shared, name)
        if moment is None or not moment.value > 0.0:
            continue
        step = NUDGE * moment.value
        ends = [
            replace(found, shared=replace(found.shared, **{name: replace(moment, value=moment.value + by)}))
            for by in (step, -step)
        ]
        up, down = (np.array(wanted.beyond(_Unused(wanted.line, of, own), price)) for of in ends)
        total += np.multiply.outer((up - down) / (2.0 * step), moment.influence)
    return total


def _by_row(rows: NDArray[np.int64], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return sums of the values of pairs by row."""
    return np.asarray(np.bincount(rows, weights=values, minlength=n), dtype=np.float64)


def pairs_of_years(member: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of all pairs of years of one member; rows stand by member."""
    first: list[NDArray[np.int64]] = []
    second: list[NDArray[np.int64]] = []
    for lag in range(1, int(np.bincount(member).max())):
        rows = np.flatnonzero(member[lag:] == member[:-lag])
        first.append(rows)
        second.append(rows + lag)
    empty = np.zeros(0, dtype=np.int64)
    return np.concatenate([empty, *first]), np.concatenate([empty, *second])
