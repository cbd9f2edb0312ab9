"""Compiled tables: every word gives the quantile at its uniform, within the error that is stated."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import _core
from distributions.points import CASES, POINTS

BITS = np.arange(12, 64, dtype=np.uint64)
POWERS = np.uint64(1) << BITS
WORDS = np.concatenate([POWERS, ~POWERS, np.random.default_rng(0).integers(0, 2**64, 4_000, dtype=np.uint64)])
UNIFORM = ((WORDS >> np.uint64(12)) + 0.5) * 2.0**-52


def exact(ours):
    return np.where(UNIFORM < 0.5, ours.ppf(UNIFORM), ours.isf(1 - UNIFORM))


@pytest.mark.parametrize(("family", "index"), CASES)
def test_words_give_quantiles(family, index):
    ours, _ = POINTS[family][index]
    got, expected = ours._law.drawn(WORDS), exact(ours)
    if ours._law.discrete():
        assert ours.table_error == 0
        # The last atom that a word can reach stands for all that are rarer.
        near = (UNIFORM > 2.0**-52) & (UNIFORM < 1 - 2.0**-52)
        np.testing.assert_array_equal(got[near], expected[near])
        return
    typical = abs(ours.mean()) if np.isfinite(ours.mean()) else ours.ppf(0.5)
    below_zero = ours.support()[0] < 0
    spread = (ours.isf(1 / 1024) - ours.ppf(1 / 1024)) / 6
    inside = isinstance(ours, ar.Truncated) and ours.parameters["distribution"].support()[0] < 0
    floor = max(1e-9 * typical, spread if below_zero else 0, 1e-6 * ours.ppf(0.5) if inside else 0)
    error = np.abs(got - expected) / np.maximum(np.abs(expected), floor)
    assert ours.table_error <= 1e-7
    assert error.max() <= max(ours.table_error, 1e-14), error.max()


@pytest.mark.parametrize("cv", [1e-200, 1e-12, 1e-6, 1e-4, 0.9e-3])
def test_gamma_of_a_small_cv_is_normal_with_its_skewness(cv):
    """Far beyond what a series could sum: mean × (1 + cv z + cv² (z² − 1) / 3 + ...), to the cube of cv."""
    inside = np.random.default_rng(0).random(2_000)
    z = stats.norm.ppf(inside)
    expected = 100 * (1 + cv * z + cv**2 * (z**2 - 1) / 3 + cv**3 * z * (z**2 - 7) / 36)
    ours = ar.Gamma(mean=100, cv=cv)
    np.testing.assert_allclose(ours.ppf(inside), expected, rtol=1e-9)
    if cv > 1e-12:
        np.testing.assert_allclose(ours.ppf(ours.cdf(expected)), expected, rtol=1e-9)


def test_no_spread_is_a_fixed_value():
    for ours in (
        ar.Fixed(7.5),
        ar.LogNormal(mean=7.5, cv=0),
        ar.Gamma(mean=7.5, cv=0),
        ar.LogNormal(mean=7.5, cv=1e-200),
    ):
        assert (ours.ppf([[0.1, 0.9], [1e-15, 0.5]]) == 7.5).all()
        assert (ours.sample(100, seed=1) == 7.5).all()
        assert (ours.mean(), ours.var(), ours.cdf(7.5), ours.cdf(7.49)) == (7.5, 0, 1, 0)


@pytest.mark.parametrize("weight", [0.3, 1 / 3, 1e-9, 0.5, 1 - 1e-9, 0.123456789])
def test_atoms_have_exactly_their_words(weight):
    """The last word of an atom and the first one beyond it, found in fractions: u = (k + 1/2) / 2^52 ≤ weight."""
    last = int((Fraction(weight) * 2**52 - Fraction(1, 2)).__floor__())
    words = np.array([(last + step) << 12 for step in (-1, 0, 1, 2)], dtype=np.uint64)
    for ours in (
        ar.Mixture([(weight, 5.0), (1 - weight, ar.Uniform(10, 20))]),
        ar.Empirical([5.0, 10.0], [weight, 1 - weight]),
        ar.Mixture([(weight, 5.0), (1 - weight, 12.0)]),
    ):
        assert (ours._law.drawn(words) == 5.0).tolist() == [True, True, False, False]


def test_an_atom_between_two_densities():
    ours = ar.Mixture([(1, ar.Uniform(0, 1)), (2, 1.0), (1, ar.Uniform(1, 2))])
    draws = ours.sample(1_000_000, seed=3)
    assert abs((draws == 1).mean() - 0.5) <= 4 * np.sqrt(0.25 / 1e6)
    edges = np.array([2**50 - 1, 2**50, 3 * 2**50 - 1, 3 * 2**50], dtype=np.uint64) << np.uint64(12)
    assert (ours._law.drawn(edges) == 1).tolist() == [False, True, True, False]


def test_a_large_empirical_distribution():
    values = np.random.default_rng(0).lognormal(8, 2, 1_000_000)
    ours = ar.Empirical(values)
    draws = ours.sample(200_000, seed=1)
    assert np.isin(draws, values).all()
    assert ours.mean() == pytest.approx(values.mean())
    rows = np.arange(0, 1_000_000, 997)
    middle = np.array([((2 * int(row) + 1) * 2**51 // 1_000_000) << 12 for row in rows], dtype=np.uint64)
    np.testing.assert_array_equal(ours._law.drawn(middle), np.sort(values)[rows])


def test_poisson_draws_are_the_counts_of_the_simulation():
    for rate in (0.01, 3.2, 59.99, 745.0, 1e6):
        counts = _core.poisson_quantile(UNIFORM, np.full_like(UNIFORM, rate))
        near = (UNIFORM > 1e-12) & (UNIFORM < 1 - 1e-12)
        np.testing.assert_array_equal(ar.Poisson(rate)._law.drawn(WORDS)[near], counts[near])


PINNED_WORDS = np.array([0, 2**61, 2**63, 2**64 - 2**60, 2**64 - 1], dtype=np.uint64)
PINNED = {
    "fixed": [
        "0x1.0000000000000p+0",
        "0x1.0000000000000p+0",
        "0x1.0000000000000p+0",
        "0x1.0000000000000p+0",
        "0x1.0000000000000p+0",
    ],
    "bernoulli": ["0x0.0p+0", "0x0.0p+0", "0x0.0p+0", "0x1.0000000000000p+0", "0x1.0000000000000p+0"],
    "uniform": [
        "0x1.0000000000000p+1",
        "0x1.1000000000001p+1",
        "0x1.4000000000001p+1",
        "0x1.7800000000001p+1",
        "0x1.8000000000000p+1",
    ],
    "triangular": [
        "0x1.6839537fece62p-27",
        "0x1.683954d648a7cp-2",
        "0x1.683954d648a7bp-1",
        "0x1.ed41c63b3b6ffp-1",
        "0x1.fffffff6f2f3dp-1",
    ],
    "normal": [
        "-0x1.4061a670e2e01p+5",
        "-0x1.301c9ed0f3cdep+2",
        "0x1.fffffffc63672p-1",
        "0x1.157593d4ee3b9p+3",
        "0x1.5061a670e2e01p+5",
    ],
    "beta": [
        "0x1.ffffffffffff3p-56",
        "0x1.0cf540f791211p-5",
        "0x1.45d819a0ce96cp-3",
        "0x1.fffffffd7a1c9p-2",
        "0x1.fff28bb032666p-1",
    ],
    "log_normal": [
        "0x1.bc2be5603da5ep+7",
        "0x1.8597678214144p+12",
        "0x1.4f6902a10378cp+13",
        "0x1.5a28833af78fcp+14",
        "0x1.fa8fa60a2b9e1p+18",
    ],
    "gamma": [
        "0x1.d152d5e0aa296p-6",
        "0x1.da907ae2bdc7cp+7",
        "0x1.cb01f1a2fed98p+8",
        "0x1.cf7e4955c0b6bp+9",
        "0x1.6b8500d9f9131p+12",
    ],
    "weibull": [
        "0x1.9000000000000p-46",
        "0x1.ab4ceab53841ep+4",
        "0x1.1542456611e9cp+7",
        "0x1.1542456fee59bp+9",
        "0x1.cb35c30129b16p+12",
    ],
    "pareto": [
        "0x1.c68ba2e8ba2e9p-45",
        "0x1.f49b83d5da631p+5",
        "0x1.7259d9f821aaap+8",
        "0x1.3bcbae30c5f7bp+11",
        "0x1.0a429fcc0ce54p+34",
    ],
    "inverse_gaussian": [
        "0x1.f640318ea69ebp+3",
        "0x1.357bf36b33ac5p+7",
        "0x1.0b262607b7d21p+8",
        "0x1.174f7e69c98c9p+9",
        "0x1.4b7c93322505fp+12",
    ],
    "empirical": ["0x0.0p+0", "0x0.0p+0", "0x0.0p+0", "0x0.0p+0", "0x1.9000000000000p+6"],
    "mixture": [
        "0x1.504bc466aa2d1p-27",
        "0x1.84ca91dcbf887p+5",
        "0x1.4231a89b2611dp+7",
        "0x1.f95cac53a5962p+8",
        "0x1.4c10f6cf2a577p+22",
    ],
    "spliced": [
        "0x1.856799b7f0bebp-1",
        "0x1.0f5c9f51fceb1p+8",
        "0x1.164a9bbacab13p+9",
        "0x1.d4c38577197dfp+10",
        "0x1.a56f4dd18106cp+21",
    ],
    "truncated": [
        "0x1.9000000000000p+6",
        "0x1.f5ad5d224deb1p+6",
        "0x1.bae6aabd5d9e9p+7",
        "0x1.0943de1d10ba1p+9",
        "0x1.f3fffffffffc3p+9",
    ],
    "poisson": [
        "0x0.0p+0",
        "0x1.0000000000000p+0",
        "0x1.8000000000000p+1",
        "0x1.8000000000000p+2",
        "0x1.b000000000000p+4",
    ],
    "negative_binomial": [
        "0x0.0p+0",
        "0x0.0p+0",
        "0x1.8000000000000p+1",
        "0x1.0000000000000p+3",
        "0x1.2000000000000p+6",
    ],
    "binomial": [
        "0x0.0p+0",
        "0x1.5000000000000p+4",
        "0x1.9000000000000p+4",
        "0x1.e000000000000p+4",
        "0x1.9000000000000p+5",
    ],
}


@pytest.mark.parametrize("family", POINTS)
def test_values_are_pinned(family):
    """Drawn values, to the last bit, that a new version may only move by saying so in the changelog."""
    ours, _ = POINTS[family][4]
    assert [value.hex() for value in ours._law.drawn(PINNED_WORDS)] == PINNED[family]
