"""Twelve and more parameter points of every family, each beside what SciPy says of it."""

import numpy as np
from scipy import optimize, special, stats

import atrisk as ar

VALUES = np.random.default_rng(1).lognormal(6, 1.2, 5_000).round(2)


class Other:
    """A distribution function SciPy has no family for, with the moments of its parts."""

    def __init__(self, cdf, mean, var):
        self.cdf, self._mean, self._var = cdf, mean, var

    def mean(self):
        return self._mean

    def var(self):
        return self._var


def log_normal(mean, cv):
    sigma = np.sqrt(np.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean * np.exp(-(sigma**2) / 2))


def gamma(mean, cv):
    return stats.gamma(1 / cv**2, scale=mean * cv**2)


def weibull(mean, cv):
    def gap(shape):
        return np.expm1(special.gammaln(1 + 2 / shape) - 2 * special.gammaln(1 + 1 / shape)) - cv**2

    shape = optimize.brentq(gap, 0.1, 100, xtol=1e-14)
    return stats.weibull_min(shape, scale=mean / special.gamma(1 + 1 / shape))


def mixture(*parts):
    """The sum of weighted distribution functions."""
    total = sum(weight for weight, _ in parts)
    mean = sum(weight * part.mean() for weight, part in parts) / total
    square = sum(weight * (part.var() + part.mean() ** 2) for weight, part in parts) / total
    return Other(lambda x: sum(weight * part.cdf(x) for weight, part in parts) / total, mean, square - mean**2)


def truncated(whole, lower, upper):
    """The distribution function on a condition, with moments by SciPy's quadrature of the quantile function."""
    below, upto = whole.cdf(lower), whole.cdf(upper)
    nodes, weights = special.roots_legendre(1_000)
    # Each half from its own end, where the nodes crowd: u = v^6 / 2, and 1 - u = v^6 / 2.
    v = (nodes + 1) / 2
    half = 0.5 * (upto - below) * v**6
    values = np.concatenate([whole.ppf(below + half), whole.isf(whole.sf(upper) + half)])
    weights = np.tile(weights * 1.5 * v**5, 2)
    mean = weights @ values
    return Other(
        lambda x: (np.clip(whole.cdf(x), below, upto) - below) / (upto - below),
        mean,
        weights @ (values - mean) ** 2,
    )


def spliced(body, tail, at, share):
    """A body up to `at`, a Lomax tail (shape, scale) beyond it: what exceeds `at` is Lomax with scale + at."""
    shape, scale = tail
    excess = stats.lomax(shape, scale=scale + at, loc=at)
    part = truncated(body, -np.inf, at)

    def cdf(x):
        return np.where(x <= at, (1 - share) * part.cdf(x), 1 - share * excess.sf(np.maximum(x, at)))

    mean = (1 - share) * part.mean() + share * excess.mean()
    square = (1 - share) * (part.var() + part.mean() ** 2) + share * (excess.var() + excess.mean() ** 2)
    return Other(cdf, mean, square - mean**2)


def empirical(values, weights=None):
    values, weights = np.asarray(values, float), np.ones(len(values)) if weights is None else np.asarray(weights, float)
    order = np.argsort(values)
    values, steps = values[order], np.concatenate([[0.0], np.cumsum(weights[order])]) / weights.sum()
    mean = np.average(values, weights=weights[order])
    return Other(
        lambda x: steps[np.searchsorted(values, x, "right")],
        mean,
        np.average((values - mean) ** 2, weights=weights[order]),
    )


CVS = (0.01, 0.05, 0.2, 0.4, 0.5, 0.7, 0.9, 1.0, 1.2, 1.6, 2.5, 4.0)
PRICE = (ar.Gamma(mean=200, cv=0.8), gamma(200, 0.8))
DEAR = (ar.LogNormal(mean=9_000, cv=1.1), log_normal(9_000, 1.1))
BODY = (ar.LogNormal(mean=1_000, cv=1.0), log_normal(1_000, 1.0))

POINTS = {
    "fixed": [(ar.Fixed(x), empirical([x])) for x in (0, 1e-6, 0.01, 0.5, 1, 7.5, 100, 1e3, 1e5, 1e9, 1e12, -3)],
    "bernoulli": [
        (ar.Bernoulli(p), stats.bernoulli(p))
        for p in (1e-4, 1e-3, 0.01, 0.1, 0.2, 0.3, 0.5, 0.6, 0.75, 0.9, 0.99, 0.999)
    ],
    "uniform": [
        (ar.Uniform(a, a + w), stats.uniform(a, w))
        for a, w in zip(
            (0, 0, 0, 1, 2, 10, 100, -1, -5, 1e3, 1e6, 0.1), (1, 10, 1e6, 1, 1, 90, 1, 2, 5, 1, 1e6, 1e-3), strict=True
        )
    ]
    + [(ar.Uniform(mean=10, cv=0.3), stats.uniform(10 - 3 * np.sqrt(3), 6 * np.sqrt(3)))],
    "triangular": [
        (ar.Triangular(a, m, b), stats.triang((m - a) / (b - a), a, b - a))
        for a, m, b in [
            (0, 0, 1),
            (0, 1, 1),
            (0, 0.5, 1),
            (0, 0.01, 1),
            (0, 0.99, 1),
            (1, 2, 5),
            (10, 11, 20),
            (-5, 0, 1),
            (-1, -1, 3),
            (100, 150, 1e3),
            (1e3, 9e5, 1e6),
            (0, 0.3, 0.4),
        ]
    ],
    "normal": [
        (ar.Normal(m, s), stats.norm(m, s))
        for m, s in zip(
            (0, 0, 0.05, 1, 1, 10, 100, -5, 1e3, 1e6, 1e6, -1e3),
            (1, 100, 0.02, 0.1, 5, 1, 15, 2, 1, 1, 1e5, 10),
            strict=True,
        )
    ]
    + [(ar.Normal(mean=50, cv=0.2), stats.norm(50, 10))],
    "beta": [
        (ar.Beta(alpha=a, beta=b), stats.beta(a, b))
        for a, b in [
            (0.3, 0.4),
            (0.5, 0.5),
            (0.5, 3),
            (1, 1),
            (1, 4),
            (2, 2),
            (2, 5),
            (5, 2),
            (10, 0.7),
            (30, 70),
            (400, 3),
            (5e3, 5e3),
        ]
    ]
    + [
        (ar.Beta(alpha=2, beta=3, lower=10, upper=30), stats.beta(2, 3, 10, 20)),
        (ar.Beta(mean=0.25, cv=0.5), stats.beta(2.75, 8.25)),
    ],
    "log_normal": [(ar.LogNormal(mean=12_000, cv=cv), log_normal(12_000, cv)) for cv in CVS]
    + [(ar.LogNormal(mu=3, sigma=0.6), stats.lognorm(0.6, scale=np.exp(3)))],
    "gamma": [(ar.Gamma(mean=500, cv=cv), gamma(500, cv)) for cv in CVS]
    + [(ar.Gamma(shape=0.37, scale=40), stats.gamma(0.37, scale=40))],
    "weibull": [
        (ar.Weibull(shape=k, scale=200), stats.weibull_min(k, scale=200))
        for k in (0.4, 0.5, 0.7, 0.9, 1, 1.3, 1.5, 2, 3.5, 7, 20, 100)
    ]
    + [(ar.Weibull(mean=100, cv=2.0), weibull(100, 2.0))],
    "pareto": [
        (ar.Pareto(shape=a, scale=1_000), stats.lomax(a, scale=1_000))
        for a in (0.8, 1.2, 1.5, 2, 2.2, 2.5, 3, 4, 4.5, 6, 10, 50)
    ]
    + [(ar.Pareto(mean=100, cv=1.3), stats.lomax(2 * 1.69 / 0.69, scale=100 * (2 * 1.69 / 0.69 - 1)))],
    "inverse_gaussian": [(ar.InverseGaussian(mean=300, cv=cv), stats.invgauss(cv**2, scale=300 / cv**2)) for cv in CVS]
    + [(ar.InverseGaussian(mean=3, shape=2), stats.invgauss(1.5, scale=2))],
    "empirical": [
        (ar.Empirical(values, weights), empirical(values, weights))
        for values, weights in [
            ([3], None),
            ([1, 2], None),
            ([1, 2], [3, 1]),
            ([5, 1, 3], None),
            ([0, 100], [999, 1]),
            ([-1, 0, 1], [1, 2, 1]),
            ([2, 2, 3], None),
            (np.arange(10), None),
            (np.arange(1_000), np.arange(1_000)),
            (VALUES, None),
            (VALUES, 1 / VALUES),
            (np.geomspace(1, 1e6, 77), np.geomspace(1, 1e-6, 77)),
        ]
    ],
    "mixture": [
        (ar.Mixture([(w, PRICE[0]), (1 - w, DEAR[0])]), mixture((w, PRICE[1]), (1 - w, DEAR[1])))
        for w in (0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
    ]
    + [
        (ar.Mixture([(3, 0), (1, DEAR[0])]), mixture((3, empirical([0])), (1, DEAR[1]))),
        (
            ar.Mixture([(1, ar.Uniform(0, 1)), (2, ar.Uniform(5, 6))]),
            mixture((1, stats.uniform(0, 1)), (2, stats.uniform(5, 1))),
        ),
        (
            ar.Mixture([(1, ar.Triangular(0, 1, 2)), (2, ar.Poisson(3))]),
            mixture((1, stats.triang(0.5, 0, 2)), (2, stats.poisson(3))),
        ),
        (ar.Mixture([(1, ar.Poisson(3)), (1, ar.Poisson(90))]), mixture((1, stats.poisson(3)), (1, stats.poisson(90)))),
        (
            ar.Mixture([(1, ar.LogNormal(mean=1, cv=0.1)), (1, ar.LogNormal(mean=1e6, cv=0.1))]),
            mixture((1, log_normal(1, 0.1)), (1, log_normal(1e6, 0.1))),
        ),
        (
            ar.Mixture([(1, ar.Normal(0, 1)), (1, ar.Normal(6, 1)), (1, 3.0)]),
            mixture((1, stats.norm(0, 1)), (1, stats.norm(6, 1)), (1, empirical([3]))),
        ),
    ],
    "spliced": [
        (
            ar.Spliced(BODY[0], ar.Pareto(shape=a, scale=2_000), at=at, tail_probability=p),
            spliced(BODY[1], (a, 2_000), at, BODY[1].sf(at) if p is None else p),
        )
        for a, at, p in [
            (4.5, 5_000, None),
            (3, 2_000, None),
            (6, 800, None),
            (10, 500, None),
            (5, 300, None),
            (2.5, 10_000, None),
            (4.5, 5_000, 0.1),
            (5, 2_000, 0.5),
            (6, 800, 0.9),
            (4.2, 1_000, 0.01),
            (5, 1_500, 0.2),
            (9, 3_000, 0.03),
        ]
    ],
    "truncated": [
        (
            ar.Truncated(ours, lower, upper),
            truncated(theirs, -np.inf if lower is None else lower, np.inf if upper is None else upper),
        )
        for (ours, theirs), lower, upper in [
            (BODY, None, 5_000),
            (BODY, 500, None),
            (BODY, 200, 3_000),
            (BODY, 900, 1_000),
            (PRICE, 100, 1_000),
            (PRICE, None, 50),
            ((ar.Normal(100, 50), stats.norm(100, 50)), 0, None),
            ((ar.Normal(0, 1), stats.norm(0, 1)), -1, 2),
            ((ar.Normal(0, 1), stats.norm(0, 1)), -8, 1),
            ((ar.Pareto(shape=0.8, scale=10), stats.lomax(0.8, scale=10)), None, 1e4),
            ((ar.Weibull(shape=2, scale=3), stats.weibull_min(2, scale=3)), 1, 4),
            ((ar.Beta(alpha=2, beta=3), stats.beta(2, 3)), 0.1, 0.8),
        ]
    ],
    "poisson": [
        (ar.Poisson(rate), stats.poisson(rate))
        for rate in (1e-3, 0.08, 0.5, 1, 3.2, 10, 59.9, 60.1, 400, 745, 746, 2_500, 1e5, 1e6)
    ],
    "negative_binomial": [
        (ar.NegativeBinomial(mean=m, shape=r), stats.nbinom(r, r / (r + m)))
        for m, r in [
            (0.08, 0.37),
            (1, 0.37),
            (3.2, 0.37),
            (3.2, 1),
            (3.2, 2.5),
            (10, 0.9),
            (50, 7.25),
            (100, 0.5),
            (500, 30.5),
            (5_000, 2.5),
            (1e4, 100),
            (1e5, 1.5),
        ]
    ]
    + [(ar.NegativeBinomial(mean=4, cv=1.0), stats.nbinom(4 / 3, 0.25))],
    "binomial": [
        (ar.Binomial(n, p), stats.binom(n, p))
        for n, p in [
            (1, 0.5),
            (2, 0.1),
            (10, 0.3),
            (10, 0.9),
            (50, 0.5),
            (100, 0.01),
            (365, 0.2),
            (1_000, 0.5),
            (1_000, 0.999),
            (10_000, 0.03),
            (100_000, 0.5),
            (1_000_000, 1e-5),
        ]
    ],
}

CASES = [(family, index) for family, points in POINTS.items() for index in range(len(points))]
