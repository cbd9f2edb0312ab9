"""Members of a preset: ages, sexes and health drawn from its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.presets._rows import Figures

HEALTH = ("excellent", "very_good", "good", "fair", "poor")
UNDER_65 = 65


def members(figures: Figures, size: int, seed: int) -> dict[str, NDArray[Any]]:
    """Return age, sex, self-rated health and risk score of so many members.

    Every column has a generator of its own and takes one number a member, so that a member stays what it is when more
    are drawn.
    """
    of_age, within, of_sex, of_health = (np.random.default_rng([seed, column]).random(size) for column in range(4))
    bands = figures.under("age.from")
    first = np.array([int(age) for age in bands])
    band = chosen(of_age, list(bands.values()))
    sexes = figures.under("sex")
    health = np.empty(size, dtype=np.intp)
    for position, age in enumerate(bands):
        there = band == position
        health[there] = chosen(of_health[there], [figures[f"health.{age}.{name}"] for name in HEALTH])
    scores = np.array([figures[f"risk_score.{name}"] for name in HEALTH])
    return {
        "age": _ages(figures, first, band, within),
        "sex": np.array(list(sexes), dtype=object)[chosen(of_sex, list(sexes.values()))],
        "risk_score": scores[health],
        "self_rated_health": np.array(HEALTH, dtype=object)[health],
    }


def chosen(uniforms: NDArray[np.float64], shares: list[float]) -> NDArray[np.intp]:
    """Return the position of the share in which each uniform falls; the last takes what rounding leaves."""
    found: NDArray[np.intp] = np.searchsorted(np.cumsum(shares)[:-1], uniforms, side="right")
    return found


def _ages(
    figures: Figures, first: NDArray[np.int64], band: NDArray[np.intp], within: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return ages in completed years: even within a band; of the old, the part older falls to none at the oldest."""
    if first[-1] < UNDER_65:
        ends = np.append(first[1:], UNDER_65)
        years: NDArray[np.int64] = np.floor(within * (ends - first)[band]).astype(np.int64)
        return first[band] + years
    oldest = figures["age.oldest"]
    age = oldest - (oldest - first[0]) * (1.0 - within) ** (1.0 / figures["age.tail_power"])
    completed: NDArray[np.int64] = np.minimum(np.floor(age), oldest - 1).astype(np.int64)
    return completed
