"""Prices of events: the family by Akaike's criterion, with a heavy tail spliced on where that fits better."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from atrisk.distributions import Distribution, Gamma, InverseGaussian, LogNormal, Pareto, Spliced, Weibull

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

FEWEST = 30  # amounts from which a family can be told
FEWEST_IN_TAIL = 50  # amounts beyond the splice
MOST = 100_000  # amounts that families are compared on; of more, evenly spaced ranks
ALIKE = 0.25  # how far, as a part of it, the spread of single events may be from that of all
LARGEST_SHAPE, THINNEST = 1e6, 25.0  # what the core takes
SPLICES = (0.8, 0.9, 0.95, 0.98)  # parts of the amounts below the splice that are tried


@dataclass(frozen=True)
class Family:
    """A family fitted to amounts: its distribution, its parameters' number and its log-likelihood."""

    name: str
    distribution: Distribution
    parameters: int
    log_likelihood: float

    @property
    def criterion(self) -> float:
        """Akaike's criterion; less is better."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood


@dataclass(frozen=True)
class Severity:
    """Prices of a line's events.

    Attributes
    ----------
    distribution : Distribution
        Of one event.
    family : str
        Its family.
    criteria : mapping of str to float
        Akaike's criterion of each family that was tried; empty where there were too few amounts to tell.
    amounts : int
        Amounts of single events that told.
    """

    distribution: Distribution
    family: str
    criteria: Mapping[str, float] = field(default_factory=dict)
    amounts: int = 0


def severity(amounts: NDArray[np.float64], mean: float, cv: float | None) -> Severity:
    """Choose the family of prices.

    Parameters
    ----------
    amounts : numpy.ndarray
        Prices of single events, dollars above 0.
    mean : float
        Mean price of all events, which the distribution is given.
    cv : float or None
        Coefficient of variation of all events where single ones do not stand for them; None takes the family's own.
    """
    if len(amounts) < FEWEST or amounts.min() == amounts.max():
        spread = cv if cv is not None else _cv_of(amounts)
        return Severity(LogNormal(mean=mean, cv=spread), "log_normal", amounts=len(amounts))
    told = _evenly(np.sort(amounts))
    families = [fit(told) for fit in (_log_normal, _gamma, _weibull, _inverse_gaussian)]
    families += _spliced(told)
    best = min((each for each in families if _stands(each, cv)), key=lambda family: family.criterion)
    criteria = {family.name: family.criterion for family in sorted(families, key=lambda family: family.criterion)}
    chosen = best.distribution
    if cv is None or isinstance(chosen, Spliced):
        chosen = scaled(chosen, mean / chosen.mean())
    else:
        chosen = type(chosen)(mean=mean, cv=cv)
    return Severity(chosen, best.name, criteria, len(amounts))


def _stands(family: Family, cv: float | None) -> bool:
    """Say whether a family may stand for all events: a spliced one has the spread that single events gave it."""
    if cv is None or not isinstance(family.distribution, Spliced):
        return True
    own = family.distribution.std() / family.distribution.mean()
    return bool(np.isfinite(own) and abs(own - cv) <= ALIKE * cv)


def scaled(distribution: Distribution, factor: float) -> Distribution:
    """Return the distribution of values times a factor."""
    given = dict(distribution.parameters)
    if isinstance(distribution, Spliced):
        body, tail = scaled(given["body"], factor), scaled(given["tail"], factor)
        return Spliced(body, tail, at=given["at"] * factor, tail_probability=given["tail_probability"])
    if isinstance(distribution, LogNormal) and "mu" in given:
        return LogNormal(mu=given["mu"] + float(np.log(factor)), sigma=given["sigma"])
    name = "scale" if "scale" in given else "mean"
    return type(distribution)(**(given | {name: given[name] * factor}))


def _cv_of(amounts: NDArray[np.float64]) -> float:
    return float(amounts.std(ddof=1) / amounts.mean()) if len(amounts) > 1 else 0.0


def _evenly(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the amounts, or so many evenly spaced ranks of them that families can be compared soon."""
    if len(ordered) <= MOST:
        return ordered
    return np.asarray(ordered[np.linspace(0, len(ordered) - 1, MOST).round().astype(np.int64)])


def _log_normal(x: NDArray[np.float64]) -> Family:
    logs = np.log(x)
    mu, sigma = float(logs.mean()), float(logs.std())
    density = -np.log(x) - np.log(sigma) - 0.5 * np.log(2.0 * np.pi) - (logs - mu) ** 2 / (2.0 * sigma**2)
    return Family("log_normal", LogNormal(mu=mu, sigma=sigma), 2, float(density.sum()))


def _gamma(x: NDArray[np.float64]) -> Family:
    from scipy.special import digamma, gammaln  # noqa: PLC0415 - an optional dependency

    gap = float(np.log(x.mean()) - np.log(x).mean())
    shape = _root(lambda shape: np.log(shape) - float(digamma(shape)) - gap, 1e-2, 1e6)
    scale = float(x.mean()) / shape
    density = (shape - 1.0) * np.log(x) - x / scale - gammaln(shape) - shape * np.log(scale)
    return Family("gamma", Gamma(shape=shape, scale=scale), 2, float(density.sum()))


def _weibull(x: NDArray[np.float64]) -> Family:
    y = x / x.max()
    logs = np.log(y)

    def gap(shape: float) -> float:
        powers = y**shape
        return 1.0 / shape + float(logs.mean()) - float((powers * logs).sum() / powers.sum())

    shape = _root(gap, 0.1, 1e3)
    scale = float((y**shape).mean() ** (1.0 / shape) * x.max())
    z = x / scale
    density = np.log(shape / scale) + (shape - 1.0) * np.log(z) - z**shape
    return Family("weibull", Weibull(shape=shape, scale=scale), 2, float(density.sum()))


def _inverse_gaussian(x: NDArray[np.float64]) -> Family:
    mean = float(x.mean())
    shape = 1.0 / float((1.0 / x - 1.0 / mean).mean())
    density = 0.5 * np.log(shape / (2.0 * np.pi * x**3)) - shape * (x - mean) ** 2 / (2.0 * mean**2 * x)
    return Family("inverse_gaussian", InverseGaussian(mean=mean, shape=shape), 2, float(density.sum()))


def _spliced(x: NDArray[np.float64]) -> list[Family]:
    """Return log-normal bodies with Pareto tails, at each splice that leaves a tail to look at; the best of them."""
    found = []
    for below in SPLICES:
        at = float(np.quantile(x, below))
        body, tail = x[x <= at], x[x > at]
        if len(tail) < FEWEST_IN_TAIL or body.min() == body.max():
            continue
        low, low_likelihood = _body(body, at)
        high, high_likelihood = _tail(tail, at)
        if high is None:
            continue
        share = len(tail) / len(x)
        chances = float(len(body) * np.log1p(-share) + len(tail) * np.log(share))
        spliced = Spliced(low, high, at=at, tail_probability=share)
        # Two of the body, two of the tail, the splice and what lies beyond it.
        found.append(Family("log_normal_with_pareto_tail", spliced, 6, chances + low_likelihood + high_likelihood))
    return [min(found, key=lambda family: family.criterion)] if found else []


def _body(x: NDArray[np.float64], at: float) -> tuple[LogNormal, float]:
    """Fit a log-normal on the condition of being at most ``at``."""
    from scipy.optimize import minimize  # noqa: PLC0415 - an optional dependency
    from scipy.special import log_ndtr  # noqa: PLC0415

    logs, end = np.log(x), np.log(at)
    n, mean, square = len(x), float(logs.mean()), float((logs**2).mean())

    def less(given: NDArray[np.float64]) -> float:
        mu, log_sigma = given
        sigma = np.exp(log_sigma)
        spread = (square - 2.0 * mu * mean + mu**2) / (2.0 * sigma**2)
        return float(n * (log_sigma + 0.5 * np.log(2.0 * np.pi) + spread + log_ndtr((end - mu) / sigma)) + logs.sum())

    best = minimize(less, np.array([mean, np.log(logs.std())]), method="Nelder-Mead", options={"maxiter": 400})
    # A body much wider than its amounts is a power law and no log-normal; it is kept within what the core takes.
    mu, sigma = float(np.clip(best.x[0], -13.0, 27.0)), float(np.clip(np.exp(best.x[1]), 1e-6, 10.0))
    return LogNormal(mu=mu, sigma=sigma), -less(np.array([mu, np.log(sigma)]))


def _tail(x: NDArray[np.float64], at: float) -> tuple[Pareto | None, float]:
    """Fit a Pareto on the condition of being above ``at``; None where its mean would be infinite."""
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - an optional dependency

    def shape_of(scale: float) -> float:
        return float(len(x) / np.log((x + scale) / (at + scale)).sum())

    def less(log_scale: float) -> float:
        scale = float(np.exp(log_scale))
        shape = shape_of(scale)
        terms = np.log((x + scale) / (at + scale))
        return -float(len(x) * (np.log(shape) - np.log(at + scale)) - (shape + 1.0) * terms.sum())

    best = minimize_scalar(less, bounds=(np.log(at) - 12.0, np.log(at) + 12.0), method="bounded")
    scale = float(np.exp(best.x))
    shape = shape_of(scale)
    # A finite mean; and a tail so thin that hardly any of it lies beyond the splice is none.
    beyond = shape * np.log1p(at / scale)
    if not (1.0 < shape < LARGEST_SHAPE and beyond < THINNEST):
        return None, 0.0
    return Pareto(shape=shape, scale=scale), -float(best.fun)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Find where a falling function is zero, on a logarithmic scale; its ends where it is not."""
    from scipy.optimize import brentq  # noqa: PLC0415 - an optional dependency

    if function(low) <= 0.0:
        return low
    if function(high) >= 0.0:
        return high
    return float(np.exp(brentq(lambda log: function(float(np.exp(log))), np.log(low), np.log(high), xtol=1e-12)))
