"""A copy of the model in NumPy, quick enough to be fitted: two years of a preset's members, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk.presets._people import members
from atrisk.presets._rows import LINES, Figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Cost = Callable[[float], NDArray[np.float64]]

YEARS = 2
STEPS = 13  # halvings of an interval, to a thousandth of a coefficient of variation
LARGEST_FRAILTY, LARGEST_SPREAD = 20.0, 12.0
SAMPLE = 40_000  # members of whom the users of a line are counted


@dataclass(frozen=True)
class Spread:
    """What all lines share.

    Attributes
    ----------
    frailty : float
        Coefficient of variation of the shared frailty.
    severity : float
        Coefficient of variation of severity.
    permanent, own_permanent : float
        Permanent shares of the shared frailty and of those of the lines.
    large : float
        Mean price of a large stay, in mean prices of a stay.
    """

    frailty: float
    severity: float
    permanent: float
    own_permanent: float
    large: float


@dataclass(frozen=True)
class Line:
    """What was found of a line: cv of its own frailty and of its price, users and median over mean that they give."""

    frailty: float
    price: float
    users: float
    median_over_mean: float


class Panel:
    """Members of a preset with the expected events of each line."""

    def __init__(self, preset: str, size: int, seed: int) -> None:
        figures = Figures(preset)
        people = members(figures, size, seed)
        ages = people["age"]
        self.price = {line: figures[f"{line}.price"] for line in LINES}
        self.large_share = figures["inpatient.large_share"]
        self.rate: dict[str, NDArray[np.float64]] = {}
        for line in LINES:
            rate = figures[f"{line}.per_1000"] / 1_000.0 * people["risk_score"]
            by_age = figures.under(f"{line}.age")
            if by_age:
                bands = np.array([int(age) for age in by_age])
                rate = rate * np.array(list(by_age.values()))[np.searchsorted(bands, ages, side="right") - 1]
            by_sex = figures.under(f"{line}.sex")
            self.rate[line] = rate * np.where(people["sex"] == "female", by_sex["female"], by_sex["male"])


def simulate(
    panel: Panel, spread: Spread, aims: dict[str, float], seed: int, prices: dict[str, float] | None = None
) -> tuple[NDArray[np.float64], dict[str, Line]]:
    """Return dollars by year and member, with the spread of each line that shows its own figures.

    Parameters
    ----------
    panel : Panel
        The members.
    spread : Spread
        What the lines share.
    aims : dict of str to float
        ``users.LINE`` and ``median_over_mean.LINE``; a line without them has the spread of physician visits.
    seed : int
        Where the random numbers start.
    prices : dict of str to float, optional
        Coefficients of variation of prices by line, in place of those that show the medians.
    """
    size = len(panel.rate["drugs"])
    generator = np.random.default_rng([seed, 0])
    shared = frailty(generator, spread.frailty, spread.permanent, (YEARS, size))
    sigma = sigma_of(spread.severity)
    severity = np.exp(sigma * generator.standard_normal(size) - sigma**2 / 2)
    total = np.zeros((YEARS, size))
    found: dict[str, Line] = {}
    for position, line in enumerate(LINES, start=1):
        same = found["physician visits"] if f"users.{line}" not in aims else None
        rate = panel.rate[line] * shared
        own = same.frailty if same else own_frailty(rate[0, :SAMPLE], spread, aims[f"users.{line}"], seed, position)
        kept = frailty(np.random.default_rng([seed, position, 1]), own, spread.own_permanent, (YEARS, size))
        draws = np.random.default_rng([seed, position, 2])
        counts = draws.poisson(rate * kept)
        events = int(counts.sum())
        normals = draws.standard_normal(events)
        cost = costs(counts, normals, np.ones(events), severity)
        users = counts > 0
        mean = float(panel.rate[line].mean() / users.mean())

        def over(cv: float, cost: Cost = cost, users: NDArray[np.bool_] = users, mean: float = mean) -> float:
            return float(np.median(cost(cv)[users])) / mean

        if prices:
            price = prices[line]
        else:
            price = same.price if same else crossing(over, aims[f"median_over_mean.{line}"], LARGEST_SPREAD)
        if line == "inpatient":  # over the spread of its price, which the median tells
            sizes = stays(draws.random(events), panel.large_share, spread.large)
            cost = costs(counts, normals, sizes, severity)
        total += panel.price[line] * cost(price)
        found[line] = Line(own, price, float(users.mean()), over(price, cost))
    return total, found


def frailty(generator: np.random.Generator, cv: float, permanent: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return a gamma frailty by year and member: a kept part times a yearly one."""
    kept, yearly = np.sqrt(permanent) * cv, np.sqrt((1.0 - permanent) * cv**2 / (1.0 + permanent * cv**2))
    return gamma(generator, kept, size[1]) * gamma(generator, yearly, size)


def gamma(generator: np.random.Generator, cv: float, size: int | tuple[int, int]) -> NDArray[np.float64]:
    """Return gamma variables of mean 1; without spread they are 1."""
    return generator.standard_gamma(1.0 / cv**2, size) * cv**2 if cv > 0.0 else np.ones(size)


def sigma_of(cv: float) -> float:
    """Return the standard deviation of the logarithm of a log-normal variable."""
    return float(np.sqrt(np.log1p(cv**2)))


def own_frailty(rate: NDArray[np.float64], spread: Spread, users: float, seed: int, position: int) -> float:
    """Return the cv of a line's own frailty with which so many members use it."""

    def used(cv: float) -> float:
        generator = np.random.default_rng([seed, position, 3])
        kept = frailty(generator, cv, spread.own_permanent, (1, len(rate)))[0]
        return float(np.mean(1.0 - np.exp(-rate * kept)))

    return crossing(used, users, LARGEST_FRAILTY)


def crossing(falling: Callable[[float], float], aim: float, highest: float) -> float:
    """Return where a falling function of a cv reaches its aim; 0 where it is below from the start."""
    if falling(0.0) <= aim:
        return 0.0
    low, high = 0.0, highest
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > aim else (low, middle)
    return (low + high) / 2


def stays(uniforms: NDArray[np.float64], share: float, large: float) -> NDArray[np.float64]:
    """Return the mean price of each stay in mean prices of all: large ones, and what they leave for the others."""
    return np.where(uniforms < share, large, (1.0 - share * large) / (1.0 - share))


def costs(
    counts: NDArray[np.int64], normals: NDArray[np.float64], sizes: NDArray[np.float64], severity: NDArray[np.float64]
) -> Cost:
    """Return the function of a price's cv that gives the cost of each year and member, in mean prices."""
    whose = np.repeat(np.arange(counts.size), counts.ravel())

    def cost(cv: float) -> NDArray[np.float64]:
        sigma = sigma_of(cv)
        each = sizes * np.exp(sigma * normals - sigma**2 / 2)
        return np.bincount(whose, each, minlength=counts.size).reshape(counts.shape) * severity

    return cost
