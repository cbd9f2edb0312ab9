"""Any distribution made of others: what must hold whatever its parts are."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import atrisk as ar

SIZES = st.floats(1.0, 1_000.0)
CVS = st.floats(0.2, 1.5)
PLAIN = st.one_of(
    st.builds(lambda m, cv: ar.LogNormal(mean=m, cv=cv), SIZES, CVS),
    st.builds(lambda m, cv: ar.Gamma(mean=m, cv=cv), SIZES, CVS),
    st.builds(lambda m, cv: ar.Weibull(mean=m, cv=cv), SIZES, CVS),
    st.builds(lambda m, a: ar.Pareto(shape=a, scale=m), SIZES, st.floats(2.5, 9)),
    st.builds(lambda m, cv: ar.InverseGaussian(mean=m, cv=cv), SIZES, CVS),
    st.builds(lambda m, w: ar.Uniform(m, m + w), SIZES, SIZES),
    st.builds(lambda m, a, b: ar.Triangular(m, m + a, m + a + b), SIZES, SIZES, SIZES),
    st.builds(lambda a, b, w: ar.Beta(alpha=a, beta=b, upper=w), st.floats(0.5, 9), st.floats(0.5, 9), SIZES),
    st.builds(ar.Poisson, st.floats(0.1, 60)),
    st.builds(lambda m, r: ar.NegativeBinomial(mean=m, shape=r), st.floats(0.1, 60), st.floats(0.2, 5)),
    st.builds(ar.Empirical, st.lists(SIZES, min_size=1, max_size=8)),
    st.builds(ar.Fixed, SIZES),
)


def spliced(body, tail, p):
    """A splice where both have something to give: at the body's 80th percentile, a tail that can exceed it."""
    at = body.ppf(0.8)
    return body if tail.sf(at) < 1e-6 or body.cdf(at) > 1 - 1e-6 else ar.Spliced(body, tail, at=at, tail_probability=p)


def nested(parts):
    return st.one_of(
        st.builds(ar.Mixture, st.lists(st.tuples(st.floats(0.1, 1), parts), min_size=1, max_size=3)),
        st.builds(lambda whole: ar.Truncated(whole, whole.ppf(0.1), whole.ppf(0.95) + 1), parts),
        st.builds(spliced, parts, PLAIN, st.floats(0.01, 0.5)),
    )


P = np.concatenate([10.0 ** np.arange(-9, 0), np.linspace(0.11, 0.99, 60), 1 - 10.0 ** np.arange(-9.0, -2)])


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.recursive(PLAIN, nested, max_leaves=5))
def test_any_distribution(ours):
    p = np.sort(P)
    x = ours.ppf(p)
    assert (np.diff(x) >= -1e-12 * np.abs(x[1:])).all()
    scale = max(abs(ours.mean()), 1e-9)
    low, high = ours.support()
    # The value itself, or the next float where the density is high: its probability has been reached.
    assert (ours.cdf(x + 1e-12 * (np.abs(x) + scale)) >= p * (1 - 1e-9)).all()
    np.testing.assert_allclose(ours.cdf(x) + ours.sf(x), 1, rtol=1e-12)
    draws = ours.sample(20_000, seed=5)
    slack = 1e-7 * (np.abs(draws) + scale)
    assert ((draws >= low - slack) & (draws <= high + slack)).all()
    assert ours.table_error <= 1e-7
    # The mean is the integral of the quantile function; nodes crowd at both ends.
    v = (np.arange(4_000) + 0.5) / 4_000
    u, weight = v**3 * (10 - 15 * v + 6 * v**2), 30 * (v * (1 - v)) ** 2 / len(v)
    values = np.where(u < 0.5, ours.ppf(u), ours.isf((1 - v) ** 3 * (10 - 15 * (1 - v) + 6 * (1 - v) ** 2)))
    assert ours.mean() == pytest.approx(values @ weight, rel=5e-3)
