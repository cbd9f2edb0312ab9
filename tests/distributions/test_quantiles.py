"""Exact quantiles undo the distribution function and keep their digits far out, says mpmath."""

import mpmath
import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from distributions.points import CASES, POINTS

mpmath.mp.dps = 40
FAR = (1e-6, 1e-9, 1e-12)


def conditioned(ours, x, p):
    """Where a relative change of x by 1e-16 moves the probability by less than a ten-billionth of itself."""
    with np.errstate(all="ignore"):
        # Beside the end of a truncation values have the digits of what was truncated.
        size = np.maximum(np.abs(x), ours.ppf(0.5)) if isinstance(ours, ar.Truncated) else np.abs(x)
        return np.isfinite(x) & (size * ours.pdf(x) < 1e5 * p) & (np.abs(x) * ours.pdf(x) > 1e-3 * p)


@pytest.mark.parametrize(("family", "index"), [case for case in CASES if hasattr(POINTS[case[0]][0][0], "pdf")])
def test_quantiles_undo_the_distribution_function(family, index):
    ours, _ = POINTS[family][index]
    p = np.concatenate([10.0 ** np.arange(-12, 0), [0.2, 0.3, 0.4, 0.49999, 0.5]])
    x = ours.ppf(p)
    well = conditioned(ours, x, p) & (ours.pmf(x) == 0 if hasattr(ours, "pmf") else True)
    np.testing.assert_allclose(ours.ppf(ours.cdf(x[well])), x[well], rtol=1e-9)
    np.testing.assert_allclose(ours.cdf(x[well]), p[well], rtol=1e-9)
    x = ours.isf(p)
    well = conditioned(ours, x, p) & (ours.pmf(x) == 0 if hasattr(ours, "pmf") else True)
    np.testing.assert_allclose(ours.isf(ours.sf(x[well])), x[well], rtol=1e-9)
    np.testing.assert_allclose(ours.sf(x[well]), p[well], rtol=1e-9)


@pytest.mark.parametrize(("family", "index"), CASES)
def test_the_smallest_value_that_reaches_the_probability(family, index):
    ours, _ = POINTS[family][index]
    p = np.concatenate([np.random.default_rng(index).random(40), [1e-9, 0.5, 1 - 1e-9]])
    x = ours.ppf(p)
    # A value is a float: where the density is high its last digit moves the probability more than rounding does.
    density = np.nan_to_num(ours.pdf(x), posinf=0) if hasattr(ours, "pdf") else 0.0
    slack = 1e-11 * p + 1e-15 * np.maximum(np.abs(x), np.abs(ours.ppf(0.5))) * density
    assert (ours.cdf(x) >= p - slack).all()
    before = x - 1e-9 * np.maximum(np.abs(x), min(ours.std(), 1.0) + 1e-9)
    assert (ours.cdf(before) <= p + slack).all()
    assert (np.diff(ours.ppf(np.sort(p))) >= 0).all()
    low, high = ours.support()
    assert ours.ppf(0) == low
    assert ours.ppf(1) == high
    assert ours.isf(0) == high


@pytest.mark.parametrize("family", ["bernoulli", "empirical", "poisson", "negative_binomial", "binomial"])
def test_atoms_are_their_own_quantiles(family):
    for ours, _ in POINTS[family]:
        x = np.unique(ours.ppf(np.linspace(0.001, 0.999, 200)))
        np.testing.assert_array_equal(ours.ppf(ours.cdf(x)), x)
        shown = ours.sf(x) > 0
        np.testing.assert_array_equal(ours.isf(ours.sf(x))[shown], x[shown])


def normal_sf(z):
    return mpmath.erfc(z / mpmath.sqrt(2)) / 2


def inverse_gaussian_sf(mean, shape):
    def sf(x):
        root = mpmath.sqrt(shape / x)
        return normal_sf(root * (x / mean - 1)) - mpmath.exp(2 * shape / mean) * normal_sf(root * (x / mean + 1))

    return sf


def log_normal_sf(mean, cv):
    variance = mpmath.log1p(mpmath.mpf(cv) ** 2)
    return lambda x: normal_sf((mpmath.log(x / mpmath.mpf(mean)) + variance / 2) / mpmath.sqrt(variance))


def gamma_sf(shape, scale):
    return lambda x: mpmath.gammainc(shape, x / mpmath.mpf(scale), mpmath.inf, regularized=True)


def beta_sf(a, b):
    return lambda x: mpmath.betainc(a, b, x, 1, regularized=True)


BODY, TAIL = ar.LogNormal(mean=1_000, cv=1.0), ar.Pareto(shape=2.5, scale=2_000)
HIGH = [
    (ar.LogNormal(mean=12_000, cv=1.4), log_normal_sf(12_000, 1.4)),
    (ar.LogNormal(mean=110, cv=0.5), log_normal_sf(110, 0.5)),
    (ar.Gamma(shape=0.37, scale=40), gamma_sf(mpmath.mpf(0.37), 40)),
    (ar.Gamma(shape=6.25, scale=3), gamma_sf(6.25, 3)),
    (ar.Gamma(shape=400, scale=3), gamma_sf(400, 3)),
    (ar.Weibull(shape=0.7, scale=200), lambda x: mpmath.exp(-((x / 200) ** mpmath.mpf(0.7)))),
    (ar.Pareto(shape=2.5, scale=1_000), lambda x: (1 + x / 1_000) ** mpmath.mpf(-2.5)),
    (ar.Normal(100, 15), lambda x: normal_sf((x - 100) / 15)),
    (ar.InverseGaussian(mean=300, shape=300), inverse_gaussian_sf(300, 300)),
    (ar.InverseGaussian(mean=300, shape=12), inverse_gaussian_sf(300, 12)),
    (ar.Beta(alpha=2, beta=5), beta_sf(2, 5)),
    (ar.Beta(alpha=0.5, beta=3), beta_sf(0.5, 3)),
    (ar.Uniform(2, 5), lambda x: (5 - x) / 3),
    (ar.Triangular(1, 2, 5), lambda x: (5 - x) ** 2 / 12),
    (
        ar.Mixture([(0.9, ar.Gamma(shape=2, scale=100)), (0.1, BODY)]),
        lambda x: mpmath.mpf(0.9) * gamma_sf(2, 100)(x) + mpmath.mpf(0.1) * log_normal_sf(1_000, 1)(x),
    ),
    (
        ar.Spliced(BODY, TAIL, at=5_000, tail_probability=0.03125),
        lambda x: mpmath.mpf(0.03125) * ((x + 2_000) / 7_000) ** mpmath.mpf(-2.5),
    ),
    (ar.Truncated(BODY, lower=700), lambda x: log_normal_sf(1_000, 1)(x) / log_normal_sf(1_000, 1)(mpmath.mpf(700))),
]


def relative_error(sf, x, q):
    """How far x is from the quantile, relative to it: the distance of probabilities over the density."""
    x = mpmath.mpf(float(x))
    step = x * mpmath.mpf(10) ** -12
    density = (sf(x - step) - sf(x + step)) / (2 * step)
    return abs((sf(x) - mpmath.mpf(float(q))) / (density * x))


@pytest.mark.parametrize(("ours", "sf"), HIGH, ids=lambda case: repr(case)[:40] if hasattr(case, "isf") else "")
def test_quantiles_and_tables_beyond_the_last_millionth(ours, sf):
    """At 1 − 1e-6, 1 − 1e-9 and 1 − 1e-12, the quantile to a billionth and the table to what it states."""
    for q in FAR:
        assert relative_error(sf, ours.isf(q), q) < 1e-12
        # The word whose uniform is nearest to 1 − q, and its own exact distance from 1.
        from_above = int(q * 2**52)
        word = np.array([(2**52 - 1 - from_above) << 12], dtype=np.uint64)
        drawn = ours._law.drawn(word)[0]
        assert relative_error(sf, drawn, (from_above + 0.5) * 2.0**-52) <= 1.001 * ours.table_error + 1e-13
        assert ours.table_error <= 1e-7


@pytest.mark.parametrize("rate", [745, 746, 2_500, 1e6])
def test_poisson_far_out(rate):
    """mpmath at 60 digits: the count has reached the probability, the one before has not."""
    ours = ar.Poisson(rate)
    with mpmath.workdps(60):
        for q in FAR:
            k = ours.isf(q)
            above = [
                1 - mpmath.gammainc(n + 1, rate, mpmath.inf, regularized=True) if rate < 1e5 else None
                for n in (k, k - 1)
            ]
            if rate < 1e5:
                assert above[0] <= q < above[1]
            assert stats.poisson.sf(k, rate) <= q * (1 + 1e-9)
            assert stats.poisson.sf(k - 1, rate) > q * (1 - 1e-9)
        for p in (1e-9, 0.025, 0.5):
            k = ours.ppf(p)
            assert stats.poisson.cdf(k - 1, rate) < p * (1 + 1e-9)
            assert stats.poisson.cdf(k, rate) >= p * (1 - 1e-9)


def test_probabilities_are_refused_outside_their_range():
    for wrong in (1.5, -1e-9, float("inf")):
        with pytest.raises(ar.InputError, match=r"^Fixed\.ppf\.p\[1\]: must be between 0 and 1, got "):
            ar.Fixed(1.0).ppf([0.5, wrong])
    assert np.isnan(ar.Fixed(1.0).ppf(float("nan")))


def test_a_number_for_a_number_and_an_array_for_an_array():
    ours = ar.Gamma(mean=3, cv=1)
    assert isinstance(ours.ppf(0.5), float)
    assert ours.cdf([[1, 2, 3]]).shape == (1, 3)
    assert ours.pdf(np.zeros((2, 0))).shape == (2, 0)


@pytest.mark.parametrize(
    "family",
    ["uniform", "triangular", "normal", "beta", "log_normal", "gamma", "weibull", "pareto", "inverse_gaussian"],
)
def test_densities_are_those_of_scipy(family):
    for ours, theirs in POINTS[family]:
        x = ours.ppf([1e-6, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-6])
        np.testing.assert_allclose(ours.pdf(x), theirs.pdf(x), rtol=2e-6)


@pytest.mark.parametrize("family", ["bernoulli", "poisson", "negative_binomial", "binomial"])
def test_masses_are_those_of_scipy(family):
    for ours, theirs in POINTS[family]:
        x = np.unique(ours.ppf([1e-6, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-6]))
        np.testing.assert_allclose(ours.pmf(x), theirs.pmf(x), rtol=1e-8)
        assert not ours.pmf(x + 0.5).any()
