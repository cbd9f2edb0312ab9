"""Lines of which only dollars are known: any use tells how often, dollars how much.

Their events are not seen. A member-year is taken to have a Poisson number of them, as in every line, and their number
is what makes the share of member-years without dollars; the price of one is what is left of the dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from atrisk.fit._dispersion import Dispersion
    from atrisk.fit._moments import Moments, Used

WIDE = 30.0  # octaves either side of the first guess in which the price is sought
STEPS = 80
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


def unseen_price(moments: Moments, line: Used, dispersion: Dispersion) -> Price:
    """Find the price at which as many member-years have no event as have no dollars, and its spread."""
    none = line.used == 0.0
    if none.all():
        raise InputError(f"fit.{line.name}", "must be used by somebody", "nobody")
    note = "" if none.any() else f"everybody uses {line.name}: how often is a guess"
    wanted = max(float(none.sum()), 0.5)
    mixing = dispersion.mixing(line.name)

    def without(price: float) -> float:
        return float(mixing.none(line.mean / price).sum()) - wanted

    price = _root(without, float(line.mean.mean()))
    chance = mixing.none(line.mean / price)
    by_price = (without(price * (1.0 + NUDGE)) - without(price * (1.0 - NUDGE))) / (2.0 * NUDGE)
    up, down = (mixing.none(line.mean / price * (1.0 + step)) for step in (NUDGE, -NUDGE))
    through = moments.through_rates(line, -(up - down) / (2.0 * NUDGE) / line.mean)
    direct = moments.sums(none - chance) + through - _through_frailty(line, dispersion, price)
    spread = _relative_variance(line, dispersion, price)
    if spread <= 0.0:
        note = f"{line.name}: any use and frailty leave no spread for prices"
    return Price(mean=price, influence=direct / by_price, relative_variance=max(spread, 0.0), note=note)


def _root(function: Callable[[float], float], guess: float) -> float:
    """Find where a function that grows with the price is zero, by halving in octaves."""
    low, high = np.log2(guess) - WIDE, np.log2(guess) + WIDE
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if function(2.0**middle) < 0.0 else (low, middle)
    return float(2.0 ** ((low + high) / 2.0))


def _through_frailty(line: Used, dispersion: Dispersion, price: float) -> NDArray[np.float64]:
    """Return the influence that the share without use has through the frailties' variances, by small changes."""
    own = dispersion.own[line.name]
    spreads = [] if dispersion.shared is None else [("shared", dispersion.shared)]
    total = np.zeros_like(own.variance.influence)
    for which, spread in [*spreads, ("own", own)]:
        if spread.cv == 0.0:
            continue
        up, down = (_nudged(dispersion, line.name, which, step) for step in (NUDGE, -NUDGE))
        change = float((up.mixing(line.name).none(line.mean / price) - down.mixing(line.name).none(line.mean / price)).sum())
        total += change / (2.0 * NUDGE) / spread.variance.value * spread.variance.influence
    return total


def _nudged(dispersion: Dispersion, name: str, which: str, step: float) -> Dispersion:
    from dataclasses import replace  # noqa: PLC0415 - small and local

    def wider(spread: object) -> object:
        assert hasattr(spread, "variance")
        variance = replace(spread.variance, value=spread.variance.value * (1.0 + step))
        return replace(spread, variance=variance)  # type: ignore[type-var]

    if which == "shared":
        return replace(dispersion, shared=wider(dispersion.shared))
    return replace(dispersion, own=dict(dispersion.own) | {name: wider(dispersion.own[name])})


def _relative_variance(line: Used, dispersion: Dispersion, price: float) -> float:
    """Return what the dollars' spread leaves for a price: ``Σ r² = Σ m² frailty + (1 + v) Σ m price``."""
    shared = 0.0 if dispersion.shared is None else dispersion.shared.cv**2
    frailty = (1.0 + shared) * (1.0 + dispersion.own[line.name].cv ** 2) - 1.0
    left = float((line.residual**2).sum() - frailty * (line.mean**2).sum())
    return left / (price * float(line.mean.sum())) - 1.0
