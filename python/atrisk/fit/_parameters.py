"""An estimated parameter: its value, and what each member adds to it on the scale where it is nearly normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NORMAL = 1.959963984540054  # normal quantile of an interval of 95 %
LARGEST_ERROR = 0.5  # of the logarithm of a cv: its square is then one standard error above 0


@dataclass(frozen=True)
class Parameter:
    """An estimate.

    Attributes
    ----------
    path : str
        Where it stands in a :class:`~atrisk.Utilization`: ``"inpatient.per_1000"``.
    value : float
        The estimate.
    influence : numpy.ndarray
        What each member adds to it on its scale; squares sum to the variance there.
    scale : {"log", "logit", "square"}
        Where it is taken as normal: the logarithm, that of the odds of a share, or the square of a coefficient of
        variation that is hardly told from 0, which it is where the square is below 0.
    unit, basis : str
        Its unit, and what it was estimated from.
    """

    path: str
    value: float
    influence: NDArray[np.float64]
    scale: str
    unit: str
    basis: str

    @property
    def error(self) -> float:
        """Standard error on its scale."""
        return float(np.sqrt(self.influence @ self.influence))


def on_scale(scale: str, value: float) -> float:
    """Take a value to the scale where it is nearly normal."""
    if scale == "square":
        return value**2
    return float(np.log(value) if scale == "log" else np.log(value / (1.0 - value)))


def from_scale(scale: str, value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take values back from it."""
    if scale == "square":
        return np.sqrt(np.maximum(value, 0.0))
    return np.asarray(np.exp(value) if scale == "log" else 1.0 / (1.0 + np.exp(-value)))


def slope(scale: str, value: float) -> float:
    """Return by how much the value moves for a small move on its scale."""
    if scale == "square":
        return 0.5 / value
    return value if scale == "log" else value * (1.0 - value)


def variation(path: str, square: float, influence: NDArray[np.float64], basis: str) -> Parameter:
    """Return a coefficient of variation by its square, a relative variance above 0, and its influence.

    Its logarithm is nearly normal where it is well away from 0. Nearer to 0 it would be spread without end, as the
    square is not.
    """
    cv = float(np.sqrt(square))
    logarithm = Parameter(path, cv, influence / (2.0 * square), "log", "ratio", basis)
    return logarithm if logarithm.error <= LARGEST_ERROR else Parameter(path, cv, influence, "square", "ratio", basis)
