"""Distributions of dollars: what one event of a service may cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._spec import fields, number, snake_case

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Distribution:
    """Base of all distributions; values are dollars per event."""

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {snake_case(type(self).__name__): {name: number(value) for name, value in fields(self).items()}}

    def ppf(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Quantiles, exactly as the simulation draws them from its table.

        The relative error is below 1e-7; values below a billionth of the mean are held to that part of the mean.

        Parameters
        ----------
        probability : array_like
            Probabilities between 0 and 1, both excluded.

        Returns
        -------
        numpy.ndarray
            Dollars, in the shape of ``probability``.

        Raises
        ------
        InputError
            If a parameter or a probability is out of range.
        """
        flat = np.asarray(probability, dtype=np.float64)
        values = _core.quantile(json.dumps(self.to_spec()), np.ascontiguousarray(flat.ravel()))
        return values.reshape(flat.shape)


@dataclass(frozen=True)
class Fixed(Distribution):
    """Always the same value.

    Parameters
    ----------
    value : float
        Dollars per event, at least 0. A bare number means the same.
    """

    value: float


@dataclass(frozen=True, kw_only=True)
class LogNormal(Distribution):
    """Log-normal distribution: σ² = ln(1 + cv²), μ = ln(mean) − σ²/2.

    Parameters
    ----------
    mean : float
        Mean, dollars per event, above 0.
    cv : float
        Coefficient of variation (standard deviation / mean), 0 to 1,000; 0 is a fixed value.
    """

    mean: float
    cv: float


@dataclass(frozen=True, kw_only=True)
class Gamma(Distribution):
    """Gamma distribution: shape = 1 / cv², scale = mean × cv².

    Parameters
    ----------
    mean : float
        Mean, dollars per event, above 0.
    cv : float
        Coefficient of variation (standard deviation / mean), 0 to 20; 0 is a fixed value.
    """

    mean: float
    cv: float
