"""What every distribution answers: moments, probabilities, quantiles, samples, a plot."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from atrisk import _core
from atrisk._errors import InputError, a
from atrisk._memory import refuse_more_than_available
from atrisk._seed import recorded_seed
from atrisk._spec import number, snake_case, whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from atrisk._seed import Seed

LARGEST_SAMPLE = 2**40
DEEPEST = 30


@dataclass(frozen=True, init=False, repr=False)
class Distribution:
    """Base of all distributions.

    The methods are those of a frozen distribution of ``scipy.stats``. ``cdf``, ``sf``, ``ppf``, ``isf`` and ``pdf`` are
    exact; ``sample`` and the simulation draw from a table compiled from the same quantile function, whose relative
    error is at most :attr:`table_error`. Parameters are checked when the distribution is first used.
    """

    _given: tuple[tuple[str, Any], ...]

    #: Names of the parameters by keyword, for each way to give them, where their order says nothing.
    WAYS: ClassVar[tuple[tuple[str, ...], ...]] = ()

    def __init__(self, *unnamed: object, **parameters: object) -> None:
        kind = type(self)
        if kind is Distribution:
            raise TypeError("Distribution is the base of all distributions; use one of them, LogNormal for example")
        if unnamed:
            ways = " or ".join(f"{kind.__name__}({', '.join(f'{name}=...' for name in way)})" for way in kind.WAYS)
            raise InputError(kind.__name__, f"must be given by keyword: {ways}", ", ".join(map(shown, unnamed)))
        given = tuple((name, _plain(value)) for name, value in parameters.items() if value is not None)
        self._given_as(given)

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
        return self._like("cdf.x", x, lambda flat: self._law.probability(flat, upper=False))

    def sf(self, x: ArrayLike) -> Any:  # noqa: ANN401
        """Return the probability of values above ``x``, with all its digits where that is small."""
        return self._like("sf.x", x, lambda flat: self._law.probability(flat, upper=True))

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
        return self._like("ppf.p", p, lambda flat: self._law.quantile(flat, upper=False))

    def isf(self, q: ArrayLike) -> Any:  # noqa: ANN401
        """Return the smallest value with probability ``q`` above it, exact however small ``q`` is."""
        return self._like("isf.q", q, lambda flat: self._law.quantile(flat, upper=True))

    def pdf(self, x: ArrayLike) -> Any:  # noqa: ANN401
        """Return the density at ``x``; of a distribution with atoms that of the rest, of atoms alone 0."""
        return self._like("pdf.x", x, self._law.density)

    def pmf(self, x: ArrayLike) -> Any:  # noqa: ANN401
        """Return the probability of exactly ``x``: 0 where there is no atom."""
        return self._like("pmf.x", x, self._law.mass)

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
        seed = recorded_seed(seed, "sample.seed")
        law = self._law
        refuse_more_than_available(f"a sample of {n:,} values needs", 8 * n, "draw fewer")
        return law.sample(seed, n)

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
        depth = 1 + max((_depth(value) for _, value in given), default=0)
        if depth > DEEPEST:
            raise InputError(type(self).__name__, f"must be nested at most {DEEPEST} deep")
        self.__dict__["_nested"] = depth
        return self

    def _like(self, field: str, given: ArrayLike, work: Any) -> Any:  # noqa: ANN401
        """Hand a flat array to the core; return a number for a number, an array of its shape for an array."""
        path = f"{type(self).__name__}.{field}"
        try:
            array = np.asarray(given)
            if array.dtype.kind not in "biufO":
                raise InputError(path, "must be a number or an array of numbers", a(given))
            array = array.astype(np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(path, "must be a number or an array of numbers", a(given)) from None
        try:
            values = work(np.ascontiguousarray(array.ravel()))
        except InputError as error:
            # The core names the place in the flat array: ``[3]``, or what it is in the shape that was given.
            if not error.path.startswith("["):
                raise
            place = np.unravel_index(int(error.path[1:-1]), array.shape)
            index = f"[{', '.join(str(each) for each in place)}]" if array.ndim else ""
            raise InputError(f"{path}{index}", error.rule, error.value, error.hint) from None
        return float(values[0]) if array.ndim == 0 else values.reshape(array.shape)


class _Frozen(Distribution):
    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")


class ContinuousDistribution(_Frozen):
    """A distribution with a density."""


class DiscreteDistribution(_Frozen):
    """A distribution of atoms."""


def _again(kind: type[Distribution], given: tuple[tuple[str, Any], ...]) -> Distribution:
    return kind.__new__(kind)._given_as(given)  # noqa: SLF001 - its own kind


def _depth(value: object) -> int:
    """Return how deep distributions are nested in a parameter."""
    if isinstance(value, Distribution):
        depth: int = value.__dict__["_nested"]
        return depth
    if isinstance(value, tuple) and not (value and isinstance(value[0], float)):
        return max((_depth(each) for each in value if isinstance(each, (tuple, Distribution))), default=0)
    return 0


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
        # A million observed values need no look at each.
        plain = all(type(each) is float for each in value) and np.isfinite(value).all()
        return list(value) if plain else [_spec_of(each) for each in value]
    return number(value)


def component_of(path: str, value: object) -> Distribution | float:
    """Return a distribution, or a number that stands for a fixed value."""
    if isinstance(value, Distribution):
        return value
    if isinstance(value, (Decimal, np.floating, np.integer)):
        return float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise InputError(path, "must be a distribution or a number", a(value))


MOST_SHOWN = 10


def shown(value: object) -> str:
    """Return a parameter as code; a long list with its beginning, its end and its length."""
    if isinstance(value, tuple):
        parts = [shown(each) for each in (value if len(value) <= MOST_SHOWN else (*value[:3], *value[-1:]))]
        if len(value) > MOST_SHOWN:
            parts.insert(3, f"... {len(value):,} values ...")
        return f"[{', '.join(parts)}]"
    return repr(value)
