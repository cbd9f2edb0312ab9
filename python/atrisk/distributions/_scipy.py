"""To SciPy and back: the frozen distributions of ``scipy.stats`` that mean the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from atrisk._errors import InputError, a
from atrisk.distributions.composite import Mixture, Spliced, Truncated
from atrisk.distributions.continuous import (
    Beta,
    Gamma,
    InverseGaussian,
    LogNormal,
    Normal,
    Pareto,
    Triangular,
    Uniform,
    Weibull,
)
from atrisk.distributions.discrete import Bernoulli, Binomial, Empirical, Fixed, NegativeBinomial, Poisson

if TYPE_CHECKING:
    from collections.abc import Callable

    from atrisk.distributions._base import Distribution


def to_scipy(distribution: Distribution) -> Any:  # noqa: ANN401 - SciPy's classes have no types
    """Return SciPy's own family where it has one, else one that asks the distribution itself."""
    from scipy import stats  # noqa: PLC0415 - an optional dependency

    distribution._law  # noqa: B018, SLF001 - refuses parameters that break a rule, SciPy would give nan
    if _wraps(distribution):
        return _wrapped(distribution)
    return TO_SCIPY[type(distribution)](stats, distribution, distribution.parameters)


def _wraps(distribution: Distribution) -> bool:
    without_family = (Fixed, Empirical, Mixture, Spliced, Truncated)
    return isinstance(distribution, without_family) or distribution.var() == 0.0


def _shapes(d: Distribution) -> tuple[float, float]:
    given = d.parameters
    if "alpha" in given:
        return given["alpha"], given["beta"]
    lower, upper = d.support()
    share, variance = (d.mean() - lower) / (upper - lower), d.var() / (upper - lower) ** 2
    count = share * (1 - share) / variance - 1
    return share * count, (1 - share) * count


def _shape_and_scale(d: Distribution) -> tuple[float, float]:
    given = d.parameters
    if "shape" in given:
        return given["shape"], given["scale"]
    if isinstance(d, Pareto):
        cv = given["cv"]
        shape = 2 * cv**2 / (cv**2 - 1)
        return shape, d.mean() * (shape - 1)
    # P(X > x) = exp(-(x / scale)^shape) at two quantiles.
    near, far = d.isf(math.exp(-1)), d.isf(math.exp(-16))
    return math.log(16) / math.log(far / near), near


def _wrapped(distribution: Distribution) -> Any:  # noqa: ANN401
    """Return a frozen distribution of SciPy that asks ours."""
    from scipy import stats  # noqa: PLC0415

    law = distribution._law  # noqa: SLF001 - of the same family
    lower, upper = distribution.support()
    if law.discrete():
        values = law.knots(2**20)
        if values is None:
            rule = "must have at most 2**20 atoms for SciPy"
            raise InputError(type(distribution).__name__, rule, hint="its own methods know all of them")
        masses = law.mass(np.asarray(values))
        discrete = stats.rv_discrete(values=(values, masses / masses.sum()))()
        discrete.dist.atrisk = distribution
        return discrete

    # A class of its own for each distribution: SciPy makes copies of what it freezes by calling the class again.
    kind = type("Ours", (_Asked, stats.rv_continuous), {"atrisk": distribution})
    return kind(a=lower, b=upper, name=type(distribution).__name__)()


class _Asked:
    """What SciPy's base class is told by ours."""

    atrisk: ClassVar[Distribution]
    _parse_args: Any

    def _probability(self, x: Any, args: Any, kwds: Any, *, upper: bool) -> Any:  # noqa: ANN401
        """Ask ours at both ends too, where SciPy would answer 0 or 1 whatever has an atom there."""
        _, loc, scale = self._parse_args(*args, **kwds)
        law = self.atrisk._law  # noqa: SLF001 - of the same family
        moved = (np.asarray(x, dtype=np.float64) - loc) / scale
        return _flat(lambda each: law.probability(each, upper=upper), moved)[()]

    def _quantile(self, p: Any, args: Any, kwds: Any, *, upper: bool) -> Any:  # noqa: ANN401
        _, loc, scale = self._parse_args(*args, **kwds)
        law = self.atrisk._law  # noqa: SLF001
        # What is no probability is not-a-number, as everywhere in SciPy.
        known = np.where((np.asarray(p) >= 0) & (np.asarray(p) <= 1), p, np.nan)
        return (loc + scale * _flat(lambda each: law.quantile(each, upper=upper), known))[()]

    def cdf(self, x: Any, *args: Any, **kwds: Any) -> Any:  # noqa: ANN401
        return self._probability(x, args, kwds, upper=False)

    def sf(self, x: Any, *args: Any, **kwds: Any) -> Any:  # noqa: ANN401
        return self._probability(x, args, kwds, upper=True)

    def ppf(self, q: Any, *args: Any, **kwds: Any) -> Any:  # noqa: ANN401
        return self._quantile(q, args, kwds, upper=False)

    def isf(self, q: Any, *args: Any, **kwds: Any) -> Any:  # noqa: ANN401
        return self._quantile(q, args, kwds, upper=True)

    def _cdf(self, x: Any) -> Any:  # noqa: ANN401
        return self.atrisk.cdf(x)

    def _pdf(self, x: Any) -> Any:  # noqa: ANN401
        return self.atrisk.pdf(x)

    def _ppf(self, q: Any) -> Any:  # noqa: ANN401
        return self.atrisk.ppf(q)

    def _stats(self) -> tuple[float, float, None, None]:
        return self.atrisk.mean(), self.atrisk.var(), None, None

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as the distribution that is asked."""
        return _dist_of, (self.atrisk,)


def _dist_of(distribution: Distribution) -> Any:  # noqa: ANN401
    return to_scipy(distribution).dist


def _flat(work: Callable[[Any], Any], given: Any) -> Any:  # noqa: ANN401
    array = np.asarray(given, dtype=np.float64)
    return work(np.ascontiguousarray(array.ravel())).reshape(array.shape)


def _log_normal(stats: Any, d: Distribution, given: dict[str, Any]) -> Any:  # noqa: ANN401
    sigma = given.get("sigma", math.sqrt(math.log1p(d.var() / d.mean() ** 2)))
    return stats.lognorm(sigma, scale=math.exp(given["mu"]) if "mu" in given else d.mean() * math.exp(-(sigma**2) / 2))


def _gamma(stats: Any, d: Distribution, given: dict[str, Any]) -> Any:  # noqa: ANN401
    shape = given.get("shape", d.mean() ** 2 / d.var())
    return stats.gamma(shape, scale=given.get("scale", d.mean() / shape))


def _triangular(stats: Any, d: Distribution, given: dict[str, Any]) -> Any:  # noqa: ANN401
    lower, upper = d.support()
    return stats.triang((given["mode"] - lower) / (upper - lower), lower, upper - lower)


def _scipy_beta(stats: Any, d: Distribution, _given: dict[str, Any]) -> Any:  # noqa: ANN401
    lower, upper = d.support()
    return stats.beta(*_shapes(d), lower, upper - lower)


def _inverse_gaussian(stats: Any, d: Distribution, given: dict[str, Any]) -> Any:  # noqa: ANN401
    shape = given.get("shape", d.mean() ** 3 / d.var())
    return stats.invgauss(d.mean() / shape, scale=shape)


def _negative_binomial(stats: Any, d: Distribution, given: dict[str, Any]) -> Any:  # noqa: ANN401
    shape = given.get("shape", d.mean() ** 2 / (d.var() - d.mean()))
    return stats.nbinom(shape, shape / (shape + d.mean()))


def _weibull(stats: Any, d: Distribution, _given: dict[str, Any]) -> Any:  # noqa: ANN401
    shape, scale = _shape_and_scale(d)
    return stats.weibull_min(shape, scale=scale)


def _pareto(stats: Any, d: Distribution, _given: dict[str, Any]) -> Any:  # noqa: ANN401
    shape, scale = _shape_and_scale(d)
    return stats.lomax(shape, scale=scale)


TO_SCIPY: dict[type, Callable[[Any, Any, dict[str, Any]], Any]] = {
    Bernoulli: lambda stats, _, given: stats.bernoulli(given["probability"]),
    Beta: _scipy_beta,
    Binomial: lambda stats, _, given: stats.binom(given["n"], given["probability"]),
    Gamma: _gamma,
    InverseGaussian: _inverse_gaussian,
    LogNormal: _log_normal,
    NegativeBinomial: _negative_binomial,
    Normal: lambda stats, d, _: stats.norm(d.mean(), d.std()),
    Pareto: _pareto,
    Poisson: lambda stats, d, _: stats.poisson(d.mean()),
    Triangular: _triangular,
    Uniform: lambda stats, d, _: stats.uniform(d.support()[0], d.support()[1] - d.support()[0]),
    Weibull: _weibull,
}

PATH = "Distribution.from_scipy"


def from_scipy(frozen: Any) -> Distribution:  # noqa: ANN401
    """Return the distribution that a frozen one of SciPy means."""
    family: Any = getattr(frozen, "dist", None)
    name = getattr(family, "name", None)
    if name is None:
        hint = "for example scipy.stats.gamma(2.0, scale=50.0)"
        raise InputError(PATH, "must be a frozen distribution of scipy.stats", a(frozen), hint)
    shapes, loc, scale = family._parse_args(*frozen.args, **frozen.kwds)  # noqa: SLF001 - SciPy's way to read them
    try:
        shapes, loc, scale = [float(shape) for shape in shapes], float(loc), float(scale)
    except TypeError:
        raise InputError(PATH, "must have one number for each parameter", "an array") from None
    if hasattr(family, "atrisk") and (loc, scale) == (0.0, 1.0):
        kept: Distribution = family.atrisk
        return kept
    if getattr(family, "xk", None) is not None:
        return Empirical(np.asarray(family.xk) + loc, family.pk)
    if name not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise InputError(PATH, "must be of a family known here", name, f"the families are {known}")
    moved, make = FAMILIES[name]
    if loc != 0 and not moved:
        hint = "give the distribution without it"
        raise InputError(f"{PATH}.loc", f"must be 0 for {name}", f"{loc:g}", hint)
    try:
        made = make(shapes, loc, scale)
    except (ArithmeticError, ValueError):
        given = ", ".join(f"{each:g}" for each in (*shapes, loc, scale))
        raise InputError(PATH, f"must have parameters that {name} allows", given) from None
    made._law  # noqa: B018, SLF001 - refuses parameters that break a rule
    return made


def _beta(s: list[float], loc: float, scale: float) -> Beta:
    if (loc, scale) == (0.0, 1.0):
        return Beta(alpha=s[0], beta=s[1])
    return Beta(alpha=s[0], beta=s[1], lower=loc, upper=loc + scale)


# Name in SciPy: whether it may be moved, and how it is made of shapes, loc and scale.
FAMILIES: dict[str, tuple[bool, Callable[[list[float], float, float], Distribution]]] = {
    "bernoulli": (False, lambda s, _loc, _scale: Bernoulli(s[0])),
    "beta": (True, _beta),
    "binom": (False, lambda s, _loc, _scale: Binomial(s[0], s[1])),
    "expon": (False, lambda _s, _loc, scale: Gamma(shape=1.0, scale=scale)),
    "gamma": (False, lambda s, _loc, scale: Gamma(shape=s[0], scale=scale)),
    "invgauss": (False, lambda s, _loc, scale: InverseGaussian(mean=s[0] * scale, shape=scale)),
    "lognorm": (False, lambda s, _loc, scale: LogNormal(mu=math.log(scale), sigma=s[0])),
    "lomax": (False, lambda s, _loc, scale: Pareto(shape=s[0], scale=scale)),
    "nbinom": (False, lambda s, _loc, _scale: NegativeBinomial(mean=s[0] * (1 - s[1]) / s[1], shape=s[0])),
    "norm": (True, lambda _s, loc, scale: Normal(loc, scale)),
    "poisson": (False, lambda s, _loc, _scale: Poisson(s[0])),
    "triang": (True, lambda s, loc, scale: Triangular(loc, loc + s[0] * scale, loc + scale)),
    "uniform": (True, lambda _s, loc, scale: Uniform(loc, loc + scale)),
    "weibull_min": (False, lambda s, _loc, scale: Weibull(shape=s[0], scale=scale)),
}
