"""Parts of the members without use: what years without any use show beyond rates and frailty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._mixing import factors
from atrisk.fit._roots import falling, rising

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from atrisk.fit._dispersion import Dispersion, Spread
    from atrisk.fit._moments import Moments, Used

LOOKED_AT = 200  # person-years at which the chance of no use at all is worked out, evenly spaced by what they expect
CLOSE = 1e-3  # how near to a part without use is near enough
SURE = 3.0  # standard errors by which years without use must exceed those expected to be told as non-users


def without_use(moments: Moments, found: Dispersion, lines: Sequence[Used]) -> Dispersion:
    """Find the parts without use of each counted line, then of all lines together."""
    for line in lines:
        if line.counted:
            found = _matched(moments, found, [line], line.name)
    return found if found.shared is None else _matched(moments, found, lines, "")


def _matched(moments: Moments, found: Dispersion, lines: Sequence[Used], whose: str) -> Dispersion:
    """Find the parts at which as many members use none of the lines, in a year and in two, as did.

    Years without use that are no more than rates and frailty expect, by three standard errors, are no sign of any.
    """
    none = np.all([line.used == 0.0 for line in lines], axis=0).astype(np.float64)
    once, twice = float(none.mean()), _twice(moments, none)
    by_member = moments.sums(none - once)
    enough = once - SURE * float(np.sqrt(by_member @ by_member)) / len(none)
    chances, spread = _Chances(lines), found.spread(whose)
    if chances.none(found)[0] >= enough:
        return found

    def in_a_year(never: float) -> float:
        """Return the part of the others who use nothing in a year at which years without use are as many."""
        return falling(
            lambda share: once - chances.none(found.without_use(whose, share, never))[0], spread.most_non_users, CLOSE
        )

    def short_of_pairs(never: float) -> float:
        return (twice or 0.0) - chances.none(found.without_use(whose, in_a_year(never), never))[1]

    never = 0.0 if twice is None else falling(short_of_pairs, spread.most_never, CLOSE)
    return found.without_use(whose, in_a_year(never), never)


def _twice(moments: Moments, none: NDArray[np.float64]) -> float | None:
    """Return the part of pairs of a member's years in which neither has any use; None where nobody has two."""
    years, empty = moments.sums(np.ones_like(none)), moments.sums(none)
    pairs = float((years * (years - 1.0)).sum())
    return float((empty * (empty - 1.0)).sum()) / pairs if pairs else None


class _Chances:
    """Chances that nothing is used of some lines in a year, and in two years of a member."""

    def __init__(self, lines: Sequence[Used]) -> None:
        self.lines = lines
        total = np.sum([line.mean / line.mean.mean() for line in lines], axis=0)
        self.rows = np.argsort(total, kind="stable")[_evenly(len(total))]

    def none(self, found: Dispersion) -> tuple[float, float]:
        """Return both, over person-years of all sizes."""
        spreads = [("", found.spread(""))] + [(line.name, found.spread(line.name)) for line in self.lines]
        parts = [(found.families.get(name, "gamma"), part) for name, spread in spreads for part in _parts(spread)]
        points = factors(parts)
        of_years, of_both = (np.ones((len(self.rows), len(points[0]))) for _ in range(2))
        years = [of_years, of_years.copy()]
        for place, line in enumerate(self.lines, start=1):
            own = found.spread(line.name)
            price = 1.0 if line.counted else _price(line, found)
            level = line.mean[self.rows] / price / (found.spread("").users * own.users)
            each = []
            for year in (0, 1):
                frailty = points[0] * points[1 + year] * points[3 * place] * points[3 * place + 1 + year]
                each.append(_lifted(np.exp(-np.multiply.outer(level, frailty)), own.non_users))
            of_both *= _lifted(each[0] * each[1], own.never)
            for year in (0, 1):
                years[year] *= _lifted(each[year], own.never)
        # Whoever uses nothing of all in a year does so beside what lines have in common.
        shared = found.spread("")
        once = _lifted(_lifted(years[0], shared.non_users), shared.never)
        return float(np.mean(once)), float(np.mean(shared.in_two_years(years[0], years[1], of_both)))


def _price(line: Used, found: Dispersion) -> float:
    """Return the price of an unseen event at which as many member-years have no event as have no dollars."""
    wanted, mixing = max(float((line.used == 0.0).sum()), 0.5), found.mixing(line.name)
    return rising(lambda price: float(mixing.none(line.mean / price).sum()) - wanted, float(line.mean.mean()))


def _parts(spread: Spread) -> tuple[float, float, float]:
    """Return relative variances of what is kept and of the parts of two years."""
    kept, yearly = spread.parts
    return kept, yearly, yearly


def _lifted(chance: NDArray[np.float64], without: float) -> NDArray[np.float64]:
    """Return the chance of nothing where a part of the members surely uses nothing."""
    return without + (1.0 - without) * chance


def _evenly(n: int) -> NDArray[np.int64]:
    """Return ranks at the middles of equal parts."""
    parts = min(n, LOOKED_AT)
    return ((np.arange(parts) + 0.5) * n / parts).astype(np.int64)
