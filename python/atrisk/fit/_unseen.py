"""Lines of which only dollars are known: any use tells how often, dollars how much.

Their events are not seen. A member-year is taken to have a Poisson number of them, as in every line, and their number
is what makes the share of member-years without dollars; the price of one is what is left of the dollars.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from atrisk.fit._dispersion import Dispersion, Spread
    from atrisk.fit._mixing import Mixing
    from atrisk.fit._moments import Moments, Used

WIDE = 30.0  # octaves either side of the first guess in which the price is sought
NUDGE = 1e-4


@dataclass(frozen=True)
class Price:
    """Price of an unseen event.

    Attributes
    ----------
    mean : float
        Dollars.
    influence : numpy.ndarray
        What each member adds to the logarithm of the mean.
    relative_variance : float
        Of one event's price.
    note : str
        What could not be told; empty where all was.
    """

    mean: float
    influence: NDArray[np.float64]
    relative_variance: float
    note: str


def mean_price(line: Used, mixing: Mixing) -> float:
    """Return the price at which as many member-years have no event as have no dollars."""
    wanted = max(float((line.used == 0.0).sum()), 0.5)
    return _root(lambda price: float(mixing.none(line.mean / price).sum()) - wanted, float(line.mean.mean()))


def unseen_price(moments: Moments, line: Used, dispersion: Dispersion, severity: float) -> Price:
    """Find the price of an unseen event and its spread, where a member's prices have a relative variance."""
    none, mixing = line.used == 0.0, dispersion.mixing(line.name)
    note = "" if none.any() else f"everybody uses {line.name}: how often is a guess"
    price = mean_price(line, mixing)
    chance, up, down = (mixing.none(line.mean / price * (1.0 + step)) for step in (0.0, NUDGE, -NUDGE))
    by_events = (up - down) / (2.0 * NUDGE)
    through = moments.through_rates(line, -by_events / line.mean)
    direct = moments.sums(none - chance) + through - _through_frailty(line, dispersion, price)
    spread = _relative_variance(line, dispersion, price, severity)
    if spread <= 0.0:
        note = f"{line.name}: any use and frailty leave no spread for prices"
    # A price higher by a part of it means events fewer by that part.
    influence = direct / -float(by_events.sum())
    return Price(mean=price, influence=influence, relative_variance=max(spread, 0.0), note=note)


def _root(function: Callable[[float], float], guess: float) -> float:
    """Find where a function that grows with the price is zero, within octaves of a guess; its nearer end if nowhere."""
    from scipy.optimize import brentq  # noqa: PLC0415 - an optional dependency

    low, high = float(np.log2(guess)) - WIDE, float(np.log2(guess)) + WIDE
    if function(2.0**low) >= 0.0:
        return float(2.0**low)
    return float(2.0 ** brentq(lambda octave: function(2.0**octave), low, high, xtol=1e-9))


def _through_frailty(line: Used, dispersion: Dispersion, price: float) -> NDArray[np.float64]:
    """Return the influence that the share without use has through the frailties' variances, by small changes."""
    expected, own = line.mean / price, dispersion.own[line.name]
    total = np.zeros_like(own.variance.influence)

    def without(changed: Dispersion) -> float:
        return float(changed.mixing(line.name).none(expected).sum())

    if dispersion.shared is not None and dispersion.shared.cv > 0.0:
        of = dispersion.shared
        ends = [without(replace(dispersion, shared=wider(of, step))) for step in (NUDGE, -NUDGE)]
        total += (ends[0] - ends[1]) / (2.0 * NUDGE * of.variance.value) * of.variance.influence
    if own.cv > 0.0:
        names = dict(dispersion.own)
        ends = [without(replace(dispersion, own=names | {line.name: wider(own, step)})) for step in (NUDGE, -NUDGE)]
        total += (ends[0] - ends[1]) / (2.0 * NUDGE * own.variance.value) * own.variance.influence
    return total


def wider(spread: Spread, step: float) -> Spread:
    """Return a frailty whose variance in a year is larger by a part of it."""
    return replace(spread, variance=replace(spread.variance, value=spread.variance.value * (1.0 + step)))


def _relative_variance(line: Used, dispersion: Dispersion, price: float, severity: float) -> float:
    """Return what the dollars' spread leaves for the price v of one event.

    With the factor s on a member's prices, ``Σ r² = Σ m² ((1 + s) (1 + frailty) − 1) + (1 + s) (1 + v) Σ m price``.
    """
    shared = 0.0 if dispersion.shared is None else dispersion.shared.variance.value
    frailty = (1.0 + shared) * (1.0 + dispersion.own[line.name].cv ** 2)
    left = float((line.residual**2).sum() - ((1.0 + severity) * frailty - 1.0) * (line.mean**2).sum())
    return left / ((1.0 + severity) * price * float(line.mean.sum())) - 1.0
