"""Quantiles and counts against SciPy, the first second oracle; atoms, tails and pinned values."""

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import _core

TAILS = np.concatenate([2.0 ** -np.arange(1.0, 50), 1 - 2.0 ** -np.arange(2.0, 50)])
INSIDE = np.random.default_rng(0).random(50_000)


def scipy_log_normal(mean, cv):
    sigma = np.sqrt(np.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean * np.exp(-(sigma**2) / 2))


def upper_quantile(distribution, u):
    """SciPy's quantile, from the nearer tail."""
    return np.where(u < 0.5, distribution.ppf(u), distribution.isf(1 - u))


@pytest.mark.parametrize("u", [TAILS, INSIDE], ids=["tails", "inside"])
@pytest.mark.parametrize("cv", [1e-10, 1e-6, 1e-3, 0.05, 0.3, 0.7, 1.0, 1.5, 3.0, 8.0])
def test_log_normal(cv, u):
    got = ar.LogNormal(mean=12_000, cv=cv).ppf(u)
    np.testing.assert_allclose(got, upper_quantile(scipy_log_normal(12_000, cv), u), rtol=1.01e-7)


@pytest.mark.parametrize("u", [TAILS, INSIDE], ids=["tails", "inside"])
@pytest.mark.parametrize("cv", [1.1e-3, 0.05, 0.3, 0.7, 1.0, 1.5, 3.0, 8.0])
def test_gamma(cv, u):
    shape = 1 / cv**2
    got = ar.Gamma(mean=500, cv=cv).ppf(u)
    expected = upper_quantile(stats.gamma(shape, scale=500 / shape), u)
    # What is below a billionth of the mean is held to an absolute error: it adds nothing to a sum.
    np.testing.assert_allclose(got, expected, rtol=1.01e-7, atol=500 * 1e-9 * 1e-7)


def test_fixed_and_cv_zero():
    for distribution in (ar.Fixed(7.5), ar.LogNormal(mean=7.5, cv=0), ar.Gamma(mean=7.5, cv=0)):
        assert (distribution.ppf([[0.1, 0.9], [1e-15, 0.5]]) == 7.5).all()


def test_probabilities_outside_the_open_interval_are_refused():
    with pytest.raises(
        ar.InputError,
        match=r"probability: must be between 2\*\*-53 and 1 - 2\*\*-53, the probabilities that are drawn, got 1",
    ):
        ar.Fixed(1.0).ppf([0.5, 1.0])


@pytest.mark.parametrize("rate", [0.0, 1e-9, 0.01, 0.25, 1.0, 3.2, 10.0, 59.99, 60.01, 745.0, 746.0, 2_500.0, 1e5, 1e6])
def test_poisson(rate):
    u = np.concatenate([INSIDE[:4_000], 2.0 ** -np.arange(1.0, 45), 1 - 2.0 ** -np.arange(2.0, 45)])
    counts = _core.poisson_quantile(u, np.full_like(u, rate))
    if rate == 0:
        assert not counts.any()
        return
    # The definition, from the nearer tail; SciPy's own quantile errs by one far out.
    tail = 1e-9
    reached = np.where(
        u < 0.5,
        stats.poisson.cdf(counts, rate) - u * (1 - tail),
        (1 - u) * (1 + tail) - stats.poisson.sf(counts, rate),
    )
    below = np.where(
        u < 0.5,
        stats.poisson.cdf(counts - 1, rate) - u * (1 + tail),
        (1 - u) * (1 - tail) - stats.poisson.sf(counts - 1, rate),
    )
    assert (reached >= 0).all()
    assert (below[counts > 0] < 0).all()


def test_means_and_variances_of_many_draws():
    """A million equally spaced probabilities: the mean of the quantiles is the mean of the distribution."""
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    for distribution in (ar.LogNormal(mean=110, cv=0.5), ar.Gamma(mean=110, cv=1.2)):
        assert distribution.ppf(u).mean() == pytest.approx(110, rel=1e-4)
        assert distribution.ppf(u).std() == pytest.approx(110 * distribution.cv, rel=1e-3)


def test_pinned_values():
    """Values that a new version may only move by saying so in the changelog."""
    u = np.array([1e-12, 0.1, 0.5, 0.9, 1 - 1e-12])
    assert ar.LogNormal(mean=100, cv=1).ppf(u).round(9).tolist() == [
        0.202301656,
        24.328169819,
        70.710677932,
        205.523063523,
        24715.62979424,
    ]
    assert ar.Gamma(mean=100, cv=1.5).ppf(u).round(9).tolist() == [
        0.0,
        0.965830495,
        40.669381809,
        277.009112554,
        5654.079914467,
    ]


@pytest.mark.parametrize("cv", [1e-200, 1e-12, 1e-6, 1e-4, 0.9e-3])
def test_gamma_of_a_small_cv_is_normal_with_its_skewness(cv):
    """Far beyond what a series could sum: mean × (1 + cv z + cv² (z² − 1) / 3 + ...), to the cube of cv."""
    z = stats.norm.ppf(INSIDE[:2_000])
    expected = 100 * (1 + cv * z + cv**2 * (z**2 - 1) / 3 + cv**3 * z * (z**2 - 7) / 36)
    np.testing.assert_allclose(ar.Gamma(mean=100, cv=cv).ppf(INSIDE[:2_000]), expected, rtol=1.1e-7)
