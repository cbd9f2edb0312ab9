"""What every distribution answers: moments, probabilities, quantiles, samples, a plot."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from atrisk import _core
from atrisk._errors import InputError
from atrisk._seed import recorded_seed
from atrisk._spec import number, snake_case, whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from atrisk._seed import Seed

LARGEST_SAMPLE = 2**40


@dataclass(frozen=True, init=False, repr=False)
class Distribution:
    """Base of all distributions.

    The methods are those of a frozen distribution of ``scipy.stats``. ``cdf``, ``sf``, ``ppf``, ``isf`` and ``pdf`` are
    exact; ``sample`` and the simulation draw from a table compiled from the same quantile function, whose relative
    error is at most :attr:`table_error`. Parameters are checked when the distribution is first used.
    """

    _given: tuple[tuple[str, Any], ...]

    def __init__(self, **parameters: object) -> None:
        if type(self) is Distribution:
            raise TypeError("Distribution is the base of all distributions; use one of them, LogNormal for example")
        given = tuple((name, _plain(value)) for name, value in parameters.items() if value is not None)
        object.__setattr__(self, "_given", given)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that were given, by name."""
        return dict(self._given)

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        return {snake_case(type(self).__name__): {name: _spec_of(value) for name, value in self._given}}

    def mean(self) -> float:
        """Return the mean; infinite where the tail is that heavy."""
        return self._law.moments()[0]

    def var(self) -> float:
        """Return the variance; infinite where the tail is that heavy."""
        return self._law.moments()[1]

    def std(self) -> float:
        """Return the standard deviation."""
        return math.sqrt(self.var())

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return self._law.support()

    def cdf(self, x: ArrayLike) -> Any:  # noqa: ANN401 - a number for a number, an array for an array
        """Return the probability of values up to ``x``."""
        return _like(x, lambda flat: self._law.probability(flat, upper=False))

    def sf(self, x: ArrayLike) -> Any:  # noqa: ANN401
        """Return the probability of values above ``x``, with all its digits where that is small."""
        return _like(x, lambda flat: self._law.probability(flat, upper=True))

    def ppf(self, p: ArrayLike) -> Any:  # noqa: ANN401
        """Return exact quantiles: the smallest value with probability ``p`` at or below it.

        Parameters
        ----------
        p : array_like
            Probabilities from 0 to 1. Near 1 use :meth:`isf`, which loses no digits.

        Returns
        -------
        float or numpy.ndarray
            Values, in the shape of ``p``. Draws come from the compiled table, within :attr:`table_error` of these.

        Raises
        ------
        InputError
            If a parameter or a probability is out of range.
        """
        return _like(p, lambda flat: self._law.quantile(flat, upper=False))

    def isf(self, q: ArrayLike) -> Any:  # noqa: ANN401
        """Return the smallest value with probability ``q`` above it, exact however small ``q`` is."""
        return _like(q, lambda flat: self._law.quantile(flat, upper=True))

    def sample(self, n: int, *, seed: Seed = None) -> NDArray[np.float64]:
        """Draw values as the simulation does, from the compiled table.

        Parameters
        ----------
        n : int
            How many.
        seed : int, numpy.random.Generator, numpy.random.SeedSequence or None
            Where the random numbers start; None draws a seed.

        Returns
        -------
        numpy.ndarray
            Values; the one at an index depends on the seed alone, not on ``n``.
        """
        n = whole("sample.n", n, 0, LARGEST_SAMPLE)
        return self._law.sample(recorded_seed(seed, "sample.seed"), n)

    @property
    def table_error(self) -> float:
        """Largest relative error of drawn values, seen when the table is compiled; at most 1e-7, and 0 for atoms.

        Values below a billionth of the mean are held to that part of the mean; those of a distribution that reaches
        below 0 to about a standard deviation.
        """
        return self._law.table_error()

    def to_scipy(self) -> Any:  # noqa: ANN401 - SciPy is not needed otherwise
        """Return the frozen ``scipy.stats`` distribution that means the same; SciPy must be installed."""
        from atrisk.distributions._scipy import to_scipy  # noqa: PLC0415 - SciPy is loaded when it is asked for

        return to_scipy(self)

    @staticmethod
    def from_scipy(frozen: Any) -> Distribution:  # noqa: ANN401 - any of SciPy's
        """Return the distribution that means the same as a frozen one of ``scipy.stats``, with ``loc=0``.

        Raises
        ------
        InputError
            If the family is not known here, or is moved by a ``loc`` that the family does not have.
        """
        from atrisk.distributions._scipy import from_scipy  # noqa: PLC0415

        return from_scipy(frozen)

    @property
    def _law(self) -> _core.Distribution:
        """The checked distribution in the core, made when it is first used."""
        known = self.__dict__.get("_made")
        if known is None:
            known = _core.Distribution(type(self).__name__, json.dumps(self.to_spec(), allow_nan=False))
            self.__dict__["_made"] = known
        return known

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as what was given."""
        return _again, (type(self), self._given)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={shown(value)}' for name, value in self._given)})"

    def _repr_html_(self) -> str:
        from atrisk.distributions._html import page  # noqa: PLC0415 - only a notebook needs it

        return page(self)

    def _given_as(self, given: tuple[tuple[str, Any], ...]) -> Self:
        object.__setattr__(self, "_given", given)
        return self


class _Frozen(Distribution):
    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")


class ContinuousDistribution(_Frozen):
    """A distribution with a density."""

    def pdf(self, x: ArrayLike) -> Any:  # noqa: ANN401
        """Return the density at ``x``; of a distribution with atoms that of the rest."""
        return _like(x, self._law.density)


class DiscreteDistribution(_Frozen):
    """A distribution of atoms."""

    def pmf(self, x: ArrayLike) -> Any:  # noqa: ANN401
        """Return the probability of exactly ``x``."""
        return _like(x, self._law.mass)


def _again(kind: type[Distribution], given: tuple[tuple[str, Any], ...]) -> Distribution:
    return kind.__new__(kind)._given_as(given)  # noqa: SLF001 - its own kind


def _like(given: ArrayLike, work: Any) -> Any:  # noqa: ANN401
    """Hand a flat array to the core; give back a number for a number and an array of the same shape for an array."""
    array = np.asarray(given, dtype=np.float64)
    values = work(np.ascontiguousarray(array.ravel()))
    return float(values[0]) if array.ndim == 0 else values.reshape(array.shape)


def _plain(value: object) -> object:
    """Return a parameter as an immutable value that can be compared and hashed."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(_plain(each) for each in value)
    return value.item() if isinstance(value, np.generic) else value


def _spec_of(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Distribution):
        return value.to_spec()
    if isinstance(value, tuple):
        return [_spec_of(each) for each in value]
    return number(value)


def component_of(path: str, value: object) -> Distribution | float:
    """Return a distribution, or a number that stands for a fixed value."""
    if isinstance(value, (Distribution, int, float)) and not isinstance(value, bool):
        return value
    raise InputError(path, "must be a distribution or a number", f"a {type(value).__name__}")


MOST_SHOWN = 10


def shown(value: object) -> str:
    """Return a parameter as code; a long list with its beginning, its end and its length."""
    if isinstance(value, tuple):
        parts = [shown(each) for each in (value if len(value) <= MOST_SHOWN else (*value[:3], *value[-1:]))]
        if len(value) > MOST_SHOWN:
            parts.insert(3, f"... {len(value):,} values ...")
        return f"[{', '.join(parts)}]"
    return repr(value)
