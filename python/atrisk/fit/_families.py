"""Families of frailty and the part of members without use: what the counts are likeliest under."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._mixing import ENDS, FAMILIES, factors
from atrisk.fit._unseen import mean_price

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from atrisk.fit._dispersion import Dispersion
    from atrisk.fit._moments import Moments, Used

LOOKED_AT = 200  # person-years at which the chance of no use at all is worked out, evenly spaced by what they expect
CLOSE = 1e-3  # how near to a part without use is near enough
SURE = 2.0  # standard errors by which years without use must exceed those expected to be told as non-users


def with_families(moments: Moments, found: Dispersion, lines: Sequence[Used], family: str) -> Dispersion:
    """Choose the family of the shared frailty, each line's own, and the part of members without use in a year."""
    tried = []
    for shared in FAMILIES if family == "auto" else (family,):
        alike = found.with_families({"": shared} | {line.name: shared for line in lines})
        chosen = _owns(alike, lines) if family == "auto" else alike
        chosen = _without_use(moments, chosen, lines)
        tried.append((sum(_log_likelihood(chosen, line) for line in lines if line.counted), chosen))
    best = max(tried, key=lambda pair: pair[0])[1]
    if best.shared is None or best.shared.users == 1.0:
        return best
    note = (
        f"beyond what rates and frailty tell, {best.shared.never:.1%} of members never use anything and "
        f"{best.shared.non_users:.1%} of the others nothing in a year; both are taken as known"
    )
    return replace(best, notes=(*best.notes, note))


def _owns(found: Dispersion, lines: Sequence[Used]) -> Dispersion:
    """Choose the family of each counted line's own frailty by its counts."""
    for line in lines:
        if line.counted and found.own[line.name].cv > 0.0:
            options = [found.with_families({line.name: family}) for family in FAMILIES]
            found = max(options, key=lambda option: _log_likelihood(option, line))
    return found


def _log_likelihood(found: Dispersion, line: Used) -> float:
    """Return the log-likelihood of the kinds of counts of a line, person-years taken one by one."""
    kind = np.searchsorted(ENDS, line.used)
    chances = found.mixing(line.name).kinds(line.mean)[kind, np.arange(len(kind))]
    return float(np.log(np.maximum(chances, 1e-300)).sum())


def _without_use(moments: Moments, found: Dispersion, lines: Sequence[Used]) -> Dispersion:
    """Find the parts of members without use at which as many use nothing, in a year and in two, as did.

    Years without use that are no more than rates and frailty expect, by two standard errors, are no sign of any.
    """
    if found.shared is None:
        return found
    none = np.all([line.used == 0.0 for line in lines], axis=0).astype(np.float64)
    by_member = moments.sums(none - none.mean())
    enough = float(none.mean()) - SURE * float(np.sqrt(by_member @ by_member)) / len(none)
    chances = Chances(lines)
    if chances.none(found)[0] >= enough:
        return found
    wanted_twice = _twice(moments, none)
    never = 0.0
    if wanted_twice is not None:

        def short(never: float) -> float:
            once = _balanced(chances, found, never, float(none.mean()))
            return wanted_twice - chances.none(found.without_use(once, never))[1]

        never = _falling(short, found.shared.most_never)
    return found.without_use(_balanced(chances, found, never, float(none.mean())), never)


def _balanced(chances: Chances, found: Dispersion, never: float, wanted: float) -> float:
    """Return the part without use in a year, beside those who never use anything, at which so many use nothing."""
    most = 0.0 if found.shared is None else found.shared.most_non_users
    return _falling(lambda share: wanted - chances.none(found.without_use(share, never))[0], most)


def _falling(function: Callable[[float], float], most: float) -> float:
    """Find where a function that falls from 0 to ``most`` is zero; its nearer end where it is not."""
    if most <= 0.0 or function(0.0) <= 0.0:
        return 0.0
    if function(most) >= 0.0:
        return most
    from scipy.optimize import brentq  # noqa: PLC0415 - an optional dependency

    return float(brentq(function, 0.0, most, xtol=CLOSE))


def _twice(moments: Moments, none: NDArray[np.float64]) -> float | None:
    """Return the part of pairs of a member's years in which neither has any use; None where nobody has two."""
    years, empty = moments.sums(np.ones_like(none)), moments.sums(none)
    pairs = float((years * (years - 1.0)).sum())
    return float((empty * (empty - 1.0)).sum()) / pairs if pairs else None


class Chances:
    """Chances that nothing is used in a year, and in two years of a member."""

    def __init__(self, lines: Sequence[Used]) -> None:
        self.lines = lines
        total = np.sum([line.mean / line.mean.mean() for line in lines], axis=0)
        self.rows = np.argsort(total, kind="stable")[_evenly(len(total))]

    def none(self, found: Dispersion) -> tuple[float, float]:
        """Return both, over person-years of all sizes."""
        assert found.shared is not None  # noqa: S101 - nobody else asks
        shared, family = found.shared, found.families[""]
        kept, yearly = shared.parts
        parts = [(family, kept), (family, yearly), (family, yearly)]
        for line in self.lines:
            own_kept, own_yearly = found.own[line.name].parts
            parts += [(found.families[line.name], part) for part in (own_kept, own_yearly, own_yearly)]
        points = factors(parts)
        expected = [np.zeros((len(self.rows), len(points[0]))) for _ in range(2)]
        for place, line in enumerate(self.lines, start=1):
            price = 1.0 if line.counted else mean_price(line, found.mixing(line.name))
            level = line.mean[self.rows] / price / shared.users
            for year in (0, 1):
                frailty = points[0] * points[1 + year] * points[3 * place] * points[3 * place + 1 + year]
                expected[year] += np.multiply.outer(level, frailty)
        users = 1.0 - shared.non_users
        once = [shared.non_users + users * np.exp(-rates) for rates in expected]
        never, ever = shared.never, 1.0 - shared.never
        return never + ever * float(np.mean(once)), never + ever * float(np.mean(once[0] * once[1]))


def _evenly(n: int) -> NDArray[np.int64]:
    """Return ranks at the middles of equal parts."""
    parts = min(n, LOOKED_AT)
    return ((np.arange(parts) + 0.5) * n / parts).astype(np.int64)
