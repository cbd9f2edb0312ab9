"""Discrete families: fixed and observed values, trials and counts."""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError, a
from atrisk.distributions._base import DiscreteDistribution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


MOST_VALUES = 1_000_000


class Fixed(DiscreteDistribution):
    """Always the same value.

    Parameters
    ----------
    value : float
        Dollars per event, at least 0. A bare number means the same.
    """

    def __init__(self, value: float) -> None:
        # Nothing is refused here, None neither: the core names what is no number.
        super().__init__()
        self._given_as((("value", value),))


class Bernoulli(DiscreteDistribution):
    """One with a probability, else zero.

    Parameters
    ----------
    probability : float
        Probability of 1, 0-1.
    """

    def __init__(self, probability: float) -> None:
        super().__init__(probability=probability)


class Empirical(DiscreteDistribution):
    """Observed values, drawn as they are: a step function, nothing between the values.

    Parameters
    ----------
    values : array_like
        One to 1,000,000 numbers.
    weights : array_like, optional
        Weights of at least 0, divided by their sum; without them all values weigh the same.
    """

    def __init__(self, values: ArrayLike, weights: ArrayLike | None = None) -> None:
        super().__init__(
            values=_numbers("values", values), weights=None if weights is None else _numbers("weights", weights)
        )


class Poisson(DiscreteDistribution):
    """Poisson distribution: counts of events of a constant rate.

    Parameters
    ----------
    rate : float
        Mean number of events, 0 to 1,000,000.
    """

    def __init__(self, rate: float) -> None:
        super().__init__(rate=rate)


class NegativeBinomial(DiscreteDistribution):
    """Negative binomial distribution: counts whose rate is gamma distributed; variance mean + mean² / shape.

    Parameters
    ----------
    mean : float
        Mean number of events, above 0.
    shape : float
        Shape of the gamma distribution of rates, any real number from 0.001 to 1e9.
    cv : float
        Or, instead of ``shape``, the coefficient of variation of the count, above ``1 / sqrt(mean)``.
    """

    WAYS = (("mean", "shape"), ("mean", "cv"))

    def __init__(
        self, *unnamed: float, mean: float | None = None, shape: float | None = None, cv: float | None = None
    ) -> None:
        super().__init__(*unnamed, mean=mean, shape=shape, cv=cv)


class Binomial(DiscreteDistribution):
    """Binomial distribution: successes of independent trials.

    Parameters
    ----------
    n : float
        Number of trials, a whole number from 0 to 1e9.
    probability : float
        Probability of success, 0-1.
    """

    def __init__(self, n: float, probability: float) -> None:
        super().__init__(n=n, probability=probability)


def _numbers(name: str, given: ArrayLike) -> tuple[float, ...]:
    if isinstance(given, Sized) and len(given) > MOST_VALUES:
        hint = "group values that are nearly the same, with weights"
        raise InputError(f"Empirical.{name}", f"must be 1 to {MOST_VALUES} numbers", str(len(given)), hint)
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"Empirical.{name}", "must be a list of numbers", a(given)) from None
    if array.ndim != 1:
        raise InputError(f"Empirical.{name}", "must be a list of numbers", f"an array of {array.ndim} dimensions")
    return tuple(array.tolist())
