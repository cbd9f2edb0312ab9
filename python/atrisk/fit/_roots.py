"""Where a function of one parameter is zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

WIDE = 30.0  # octaves either side of the first guess in which a root is sought


def falling(function: Callable[[float], float], most: float, close: float) -> float:
    """Find where a function that falls from 0 to ``most`` is zero; its nearer end where it is not."""
    if most <= 0.0 or function(0.0) <= 0.0:
        return 0.0
    if function(most) >= 0.0:
        return most
    from scipy.optimize import brentq  # noqa: PLC0415 - an optional dependency

    return float(brentq(function, 0.0, most, xtol=close))


def rising(function: Callable[[float], float], guess: float) -> float:
    """Find where a function that grows is zero, within octaves of a guess; its nearer end where it is not."""
    from scipy.optimize import brentq  # noqa: PLC0415 - an optional dependency

    def at(octave: float) -> float:
        return function(2.0**octave)

    centre, width = float(np.log2(guess)), 0.25
    low, high = centre - width, centre + width
    while at(low) > 0.0 and centre - low < WIDE:
        low, high, width = low - 2.0 * width, low, 2.0 * width
    while at(high) < 0.0 and high - centre < WIDE:
        low, high, width = high, high + 2.0 * width, 2.0 * width
    if at(low) >= 0.0:
        return float(2.0**low)
    if at(high) <= 0.0:
        return float(2.0**high)
    return float(2.0 ** brentq(at, low, high, xtol=1e-9))
