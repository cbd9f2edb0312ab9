"""Second opinion on distributions: exact quantiles and means from scipy.special, never tables."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import integrate, special  # type: ignore[import-untyped,unused-ignore]

from oracle_random import F64, I64, SAMPLE, Luck, Terms, address_words, uniform

SINGULAR = 1e-10  # a variance of this much, of 1, is rounding


def number_of(terms: Terms, name: str, default: float | None = None) -> float:
    """A term as a number; absent and None both mean the default, which a required term does not have."""
    value = terms.get(name)
    if value is not None:
        return float(value)
    if default is None:
        raise ValueError(f"{name} is required")
    return default


def normal_quantile(u: F64) -> F64:
    """Standard normal quantile, taken from the nearer tail."""
    return np.asarray(np.where(u <= 0.5, special.ndtri(u), -special.ndtri(1.0 - u)), dtype=np.float64)


def log_normal_quantile(u: F64, mean: float, cv: float) -> F64:
    """Log-normal quantile in the unit of the mean."""
    variance = math.log1p(cv * cv)
    location = math.log(mean) - variance / 2.0
    return np.asarray(np.exp(location + math.sqrt(variance) * normal_quantile(u)), dtype=np.float64)


def gamma_quantile(u: F64, mean: float, cv: float) -> F64:
    """Gamma quantile in the unit of the mean, taken from the nearer tail; cv 0 is the mean itself."""
    if cv == 0.0:
        return np.full(u.shape, mean)
    shape, scale = 1.0 / (cv * cv), mean * cv * cv
    lower, upper = special.gammaincinv(shape, u), special.gammainccinv(shape, 1.0 - u)
    return np.asarray(scale * np.where(u <= 0.5, lower, upper), dtype=np.float64)


def poisson_reaches(n: F64, u: F64, rate: F64) -> npt.NDArray[np.bool_]:
    """Whether P(N ≤ n) ≥ u, above one half asked as P(N > n) ≤ 1 - u."""
    reaches = np.where(u <= 0.5, special.pdtr(n, rate) >= u, special.pdtrc(n, rate) <= 1.0 - u)
    return np.asarray(reaches, dtype=np.bool_)


def poisson_quantile(u: F64, rate: F64) -> I64:
    """The smallest n with P(N ≤ n) ≥ u for N Poisson, all shapes (n,).

    The search climbs by ones from 9 standard deviations under the mean, where P(N ≤ n) < exp(-40.5) is
    less than the smallest u, 2**-53.
    """
    n: F64 = np.maximum(np.floor(rate - 9.0 * np.sqrt(rate)), 0.0)
    short = np.flatnonzero(~poisson_reaches(n, u, rate))
    while short.size:
        n[short] += 1.0
        short = short[~poisson_reaches(n[short], u[short], rate[short])]
    return n.astype(np.int64)


def pareto_quantile(q: F64, shape: float, scale: float) -> F64:
    """Lomax quantile with probability q above it."""
    return np.asarray(scale * np.expm1(-np.log(q) / shape), dtype=np.float64)


def empirical_quantile(u: F64, values: Sequence[float], weights: Sequence[float] | None) -> F64:
    """The smallest listed value whose cumulated weight reaches u."""
    order = np.argsort(values)
    cumulated = np.cumsum(np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)[order])
    first = np.searchsorted(cumulated / cumulated[-1], u, side="left")
    return np.asarray(np.asarray(values, dtype=np.float64)[order][np.minimum(first, len(values) - 1)])


def exceeding(allowed: Any, x: F64) -> F64:
    """P(X > x), shape of x, of the distributions that a mixture or a splice is made of here."""
    ((kind, terms),) = [pair for pair in allowed.items() if pair[0] != "weight"]
    if kind == "fixed":
        return np.where(x < number_of(terms, "value"), 1.0, 0.0)
    if kind == "log_normal":
        variance = math.log1p(number_of(terms, "cv") ** 2)
        with np.errstate(divide="ignore"):
            z = (np.log(np.maximum(x, 0.0) / number_of(terms, "mean")) + variance / 2.0) / math.sqrt(variance)
        return np.asarray(special.ndtr(-z), dtype=np.float64)
    if kind == "gamma":
        shape = number_of(terms, "cv") ** -2
        return np.asarray(special.gammaincc(shape, np.maximum(x, 0.0) * shape / number_of(terms, "mean")))
    if kind == "pareto":
        terms_of_tail = number_of(terms, "shape"), number_of(terms, "scale")
        return np.asarray(np.exp(-terms_of_tail[0] * np.log1p(np.maximum(x, 0.0) / terms_of_tail[1])))
    if kind == "mixture":
        total = sum(number_of(part, "weight") for part in terms["components"])
        parts = [number_of(part, "weight") / total * exceeding(part, x) for part in terms["components"]]
        return np.asarray(np.sum(parts, axis=0), dtype=np.float64)
    if kind == "spliced":
        at = np.array([number_of(terms, "at")])
        body, tail = exceeding(terms["body"], at), exceeding(terms["tail"], at)
        share = number_of(terms, "tail_probability", float(body[0]))
        low = share + (1.0 - share) * (exceeding(terms["body"], np.minimum(x, at)) - body) / (1.0 - body)
        return np.where(x <= at, low, share * exceeding(terms["tail"], np.maximum(x, at)) / tail)
    raise ValueError(f"unknown distribution {kind!r}")


def quantile_by_halving(allowed: Any, u: F64) -> F64:
    """The smallest x from 0 with P(X > x) ≤ 1 - u, by halving an interval a hundred times."""
    low, high = np.full(u.shape, -1e-12), np.full(u.shape, 1e13)
    for _ in range(100):
        # The geometric middle of what may be tiny, shifted so that 0 has a logarithm.
        middle = np.sqrt((low + 1e-11) * (high + 1e-11)) - 1e-11
        reached = exceeding(allowed, middle) <= 1.0 - u
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def cholesky_root(matrix: Sequence[Sequence[float]]) -> F64:
    """Lower Cholesky root; what earlier variables determine wholly adds nothing, so that its column is 0."""
    a, n = np.asarray(matrix, dtype=np.float64), len(matrix)
    root = np.zeros((n, n))
    for i in range(n):
        rest = a[i:, i] - root[i:, :i] @ root[i, :i]
        if rest[0] > SINGULAR:
            root[i:, i] = rest / math.sqrt(rest[0])
    return root


def log_scale(cv: float) -> float:
    """Standard deviation of the logarithm of a log-normal variable with a coefficient of variation."""
    return math.sqrt(math.log1p(cv * cv))


def unit_log_normal(z: F64 | float, sigma: float) -> F64:
    """A log-normal factor of mean 1 from standard normals, shape of z."""
    return np.asarray(np.exp(sigma * np.asarray(z) - sigma * sigma / 2.0), dtype=np.float64)


def two_point_quantile(u: F64, cv: float) -> F64:
    """Quantile of a variable of mean 1 that is 0 or 1 + cv²."""
    top = 1.0 + cv * cv
    return np.where(u <= 1.0 - 1.0 / top, 0.0, top)


def triangular_quantile(u: F64, lower: float, mode: float, upper: float) -> F64:
    """Triangular quantile, each side from its own end."""
    rising, falling = mode - lower, upper - mode
    from_low = lower + np.sqrt(u * (upper - lower) * rising)
    from_high = upper - np.sqrt((1.0 - u) * (upper - lower) * falling)
    return np.where(u * (upper - lower) <= rising, from_low, from_high)


def beta_quantile(u: F64, terms: Terms) -> F64:
    """Beta quantile on an interval, by its two shapes or by mean and cv, taken from the nearer tail."""
    lower, upper = number_of(terms, "lower", 0.0), number_of(terms, "upper", 1.0)
    width = upper - lower
    if terms.get("mean") is None:
        a, b = number_of(terms, "alpha"), number_of(terms, "beta")
    else:
        m = (number_of(terms, "mean") - lower) / width
        sd = number_of(terms, "cv") * number_of(terms, "mean") / width
        size = m * (1.0 - m) / (sd * sd) - 1.0
        a, b = m * size, (1.0 - m) * size
    return np.asarray(
        np.where(
            u <= 0.5, lower + width * special.betaincinv(a, b, u), upper - width * special.betaincinv(b, a, 1.0 - u)
        )
    )


def uniform_ends(terms: Terms) -> tuple[float, float]:
    """Both ends of a uniform distribution, given or found from mean and cv."""
    if terms.get("mean") is None:
        return number_of(terms, "lower"), number_of(terms, "upper")
    mean = number_of(terms, "mean")
    half = math.sqrt(3.0) * number_of(terms, "cv") * mean
    return mean - half, mean + half


def normal_terms(terms: Terms) -> tuple[float, float]:
    """Mean and standard deviation of a normal distribution."""
    mean = number_of(terms, "mean")
    return mean, number_of(terms, "sd", number_of(terms, "cv", 0.0) * mean)


QUANTILES: dict[str, Callable[[Terms, F64], F64]] = {
    "fixed": lambda terms, u: np.full(u.shape, number_of(terms, "value")),
    "uniform": lambda terms, u: uniform_ends(terms)[0] + np.subtract(*uniform_ends(terms)[::-1]) * u,
    "triangular": lambda terms, u: triangular_quantile(u, *(number_of(terms, t) for t in ("lower", "mode", "upper"))),
    "normal": lambda terms, u: normal_terms(terms)[0] + normal_terms(terms)[1] * normal_quantile(u),
    "beta": lambda terms, u: beta_quantile(u, terms),
    "log_normal": lambda terms, u: log_normal_quantile(u, number_of(terms, "mean"), number_of(terms, "cv")),
    "gamma": lambda terms, u: gamma_quantile(u, number_of(terms, "mean"), number_of(terms, "cv")),
    "pareto": lambda terms, u: pareto_quantile(1.0 - u, number_of(terms, "shape"), number_of(terms, "scale")),
    "empirical": lambda terms, u: empirical_quantile(u, terms["values"], terms.get("weights")),
    "mixture": lambda terms, u: quantile_by_halving({"mixture": terms}, u),
    "spliced": lambda terms, u: quantile_by_halving({"spliced": terms}, u),
}


def quantile(distribution: Any, u: F64) -> F64:
    """Quantile, shape of u, of a distribution as a specification writes it; a number is fixed."""
    if not isinstance(distribution, dict):
        return np.full(u.shape, float(distribution))
    ((kind, terms),) = distribution.items()
    return np.asarray(QUANTILES[kind](terms, u), dtype=np.float64)


def mean_of(distribution: Any) -> float:
    """Mean of a price distribution; what has no closed form here is the integral of what exceeds x."""
    if not isinstance(distribution, dict):
        return float(distribution)
    ((kind, terms),) = [pair for pair in distribution.items() if pair[0] != "weight"]
    if kind == "empirical":
        return float(np.average(terms["values"], weights=terms.get("weights")))
    if kind == "pareto":
        return number_of(terms, "scale") / (number_of(terms, "shape") - 1.0)
    if kind == "mixture":
        weights = [number_of(part, "weight") for part in terms["components"]]
        return float(np.average([mean_of(part) for part in terms["components"]], weights=weights))
    if kind == "spliced":
        inner = {kind: terms}

        def density(log_x: float) -> float:
            return float(exceeding(inner, np.exp(np.array([log_x])))[0]) * math.exp(log_x)

        at = math.log(number_of(terms, "at"))
        return float(sum(integrate.quad(density, *ends, limit=500)[0] for ends in ((-30.0, at), (at, 60.0))))
    return number_of(terms, "value" if kind == "fixed" else "mean")


def sample(distribution: Any, seed: int, n: int) -> F64:
    """The first n values that a distribution gives a person under a seed, shape (n,)."""
    blocks = np.arange((n + 3) // 4, dtype=np.uint64)
    member = np.zeros(len(blocks), dtype=np.uint64)
    words = address_words(Luck(seed, 0, 0), SAMPLE, None, 0, member, blocks)
    return quantile(distribution, uniform(words.ravel()[:n]))
