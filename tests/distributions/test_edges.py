"""Where distributions are asked at their ends, far out, or for what nobody can answer."""

import itertools
import pickle
import time
from decimal import Decimal

import mpmath
import numpy as np
import pytest
from scipy import integrate, stats

import atrisk as ar

SOON = 1.0


def narrow():
    """Mean and variance of Normal(100, 20) from 99.9 to 100, at 40 digits."""
    with mpmath.workdps(40):
        z = [mpmath.mpf("99.9") / 20 - 5, mpmath.mpf(0)]
        inside, first, second = (mpmath.quad(lambda t, k=k: t**k * mpmath.npdf(t), z) for k in range(3))
        mean = first / inside
        return float(100 + 20 * mean), float(400 * (second / inside - mean**2))


CUTS = [
    (ar.Truncated(ar.Normal(100, 0.03), lower=0), 100, 0.03**2),
    (ar.Truncated(ar.Gamma(mean=1000, cv=0.01), upper=2000), 1000, 100),
    (ar.Truncated(ar.LogNormal(mean=100, cv=0.001), upper=200), 100, 0.01),
    (ar.Truncated(ar.Normal(100, 20), lower=99.9, upper=100), *narrow()),
    (ar.Truncated(ar.InverseGaussian(mean=1, cv=100), lower=1), None, None),
    (ar.Truncated(ar.Gamma(mean=1000, cv=20), lower=100), None, None),
    (ar.Truncated(ar.Beta(alpha=0.05, beta=1e5), lower=1e-9), None, None),
    (ar.Truncated(ar.Poisson(10_000), lower=1), 10_000, 10_000),
    (ar.Truncated(ar.Mixture([(1, ar.LogNormal(mean=1 + i, cv=1)) for i in range(1_000)]), lower=1e-9), 500.5, None),
    (ar.Truncated(ar.Mixture([(1, ar.Empirical(np.arange(20_000.0))), (1, ar.Gamma(mean=3, cv=1))]), upper=1e5),
     (9_999.5 + 3) / 2, None),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "mean", "var"), CUTS, ids=lambda case: repr(case)[:60])
def test_moments_of_what_is_cut_come_soon(ours, mean, var):
    start = time.perf_counter()
    got = ours.mean(), ours.var()
    assert time.perf_counter() - start < SOON
    if mean is None:
        # E X = lower + ∫ P(X > x) dx, on a logarithmic scale.
        lower = ours.parameters["lower"]
        ends = np.log(lower), np.log(ours.isf(1e-15))
        rest, _ = integrate.quad(lambda t: np.exp(t) * ours.sf(np.exp(t)), *ends, limit=500, epsrel=1e-10)
        mean = lower + rest
    assert got[0] == pytest.approx(mean, rel=1e-9)
    assert var is None or got[1] == pytest.approx(var, rel=1e-9)


@pytest.mark.parametrize(
    ("ours", "lower"),
    [
        (ar.NegativeBinomial(mean=10, shape=0.5), 1),
        (ar.NegativeBinomial(mean=1e6, shape=1e-3), 1),
        (ar.Poisson(3), 20),
        (ar.Binomial(10**7, 0.5), 5e6),
    ],
)
def test_moments_of_counts_that_are_cut(ours, lower):
    """E X (X − 1) ... of a count from `lower` on is a probability of the same family."""
    cut, given = ar.Truncated(ours, lower=lower), ours.parameters
    start = time.perf_counter()
    mean = cut.mean()
    assert time.perf_counter() - start < SOON
    if isinstance(ours, ar.NegativeBinomial):
        p = given["shape"] / (given["shape"] + given["mean"])
        biased = stats.nbinom(given["shape"] + 1, p).sf(lower - 2)
    elif isinstance(ours, ar.Poisson):
        biased = stats.poisson(given["rate"]).sf(lower - 2)
    else:
        biased = stats.binom(given["n"] - 1, given["probability"]).sf(lower - 2)
    assert mean == pytest.approx(ours.mean() * biased / ours.sf(lower - 1), rel=1e-9)
    assert cut.sample(10_000, seed=1).mean() == pytest.approx(mean, abs=5 * cut.std() / 100)


@pytest.mark.parametrize(
    ("ours", "support"),
    [
        (ar.Truncated(ar.Empirical([1, 2, 3]), lower=1.5, upper=2.5), (2, 2)),
        (ar.Truncated(ar.Empirical([2, 3]), lower=2, upper=2), (2, 2)),
        (ar.Truncated(ar.Poisson(3), upper=7.5), (0, 7)),
        (ar.Truncated(ar.Poisson(3), lower=1.5), (2, np.inf)),
        (ar.Truncated(ar.Mixture([(1, 0), (1, ar.Uniform(10, 20))]), lower=5), (10, 20)),
        (ar.Truncated(ar.Normal(0, 1), upper=5), (-np.inf, 5)),
        (ar.Spliced(ar.Normal(0, 1), ar.Normal(0, 1), at=1), (-np.inf, np.inf)),
    ],
)
def test_the_support_is_what_can_be(ours, support):
    assert ours.support() == support
    assert (ours.ppf(0), ours.ppf(1), ours.isf(0)) == (*support, support[1])


def test_a_cut_above_zero_is_a_price():
    ar.Service("inpatient", per_1000=80, allowed=ar.Truncated(ar.Empirical([-5, 1, 2]), lower=-1))
    ours = ar.Truncated(ar.Empirical([-5, 1, 2]), lower=-1)
    assert ours.support() == (1, 2)


COUNTS = [
    (ar.NegativeBinomial(mean=90970.45, shape=36.67), np.arange(225_000, 245_000, 7.0)),
    (ar.Binomial(10**9, 0.5), np.arange(499_900_000, 500_100_000, 301.0)),
    (ar.Poisson(1e6), np.arange(1_006_000, 1_007_600, 1.0)),
    (ar.Truncated(ar.Poisson(1e6), lower=1e6), np.arange(1_006_000, 1_007_600, 1.0)),
    (ar.Mixture([(1, ar.Poisson(30)), (2, ar.NegativeBinomial(mean=50, shape=2))]), np.arange(0, 700, 1.0)),
    (ar.Truncated(ar.Empirical(np.arange(1_000.0)), lower=100.5), np.arange(101, 1_000, 1.0)),
]


@pytest.mark.parametrize(("ours", "counts"), COUNTS, ids=lambda case: repr(case)[:40])
def test_counts_undo_their_probabilities(ours, counts):
    p, q = ours.cdf(counts), ours.sf(counts)
    told = (p != ours.cdf(counts - 1)) & (p < 1)
    np.testing.assert_array_equal(ours.ppf(p[told]), counts[told])
    told = (q != ours.sf(counts - 1)) & (q > 0)
    np.testing.assert_array_equal(ours.isf(q[told]), counts[told])
    assert told.sum() > 500


@pytest.mark.parametrize("k", [10, 10**7, 10**9, 5_120_025_254])
def test_small_shapes_and_large_means_keep_their_digits(k):
    """I(r, k + 1, p) by its hypergeometric series at 40 digits."""
    ours = ar.NegativeBinomial(mean=1e6, shape=1e-3)
    with mpmath.workdps(40):
        r, b = mpmath.mpf(1e-3), mpmath.mpf(k + 1)
        p = r / (r + 10**6)
        below = p**r * (1 - p) ** b / (r * mpmath.beta(r, b)) * mpmath.hyp2f1(1, r + b, r + 1, p)
        assert abs(ours.sf(k) / (1 - below) - 1) < 1e-12


def test_no_memory_is_an_error():
    with pytest.raises(MemoryError, match=r"a sample of 1,000,000,000,000 values needs 7,450\.6 GiB of memory"):
        ar.Fixed(1).sample(10**12)
    with pytest.raises(MemoryError, match="a sample needs 8000000000000000 bytes"):
        ar.Fixed(1)._law.sample(1, 10**15)


def test_scipy_keeps_an_atom_at_the_lower_end():
    ours = ar.Mixture([(1, 0), (1, ar.Uniform(0, 1))])
    for theirs in (ours.to_scipy(), pickle.loads(pickle.dumps(ours.to_scipy()))):  # noqa: S301
        assert (theirs.cdf(0), theirs.sf(0), theirs.cdf(-1e-9), theirs.cdf([0, 0.5])[1]) == (0.5, 0.5, 0, 0.75)
        assert (theirs.ppf(0.3), theirs.isf(0.7), theirs.support()) == (0, 0, (0, 1))
        assert np.isnan(theirs.ppf(2))


def test_from_scipy_moves_listed_values():
    ours = ar.Distribution.from_scipy(stats.rv_discrete(values=([1, 2], [0.5, 0.5]))(loc=5))
    assert ours.support() == (6, 7)


@pytest.mark.parametrize(
    "theirs",
    [stats.binom(10.5, 0.3), stats.nbinom(3, 0), stats.lognorm(1, scale=0), stats.gamma([1, 2]), stats.norm(0, -1)],
)
def test_from_scipy_refuses_what_no_parameter_is(theirs):
    with pytest.raises(ar.InputError):
        ar.Distribution.from_scipy(theirs)


def nested(depth):
    ours = ar.Gamma(mean=2, cv=1)
    for _ in range(depth - 1):
        ours = ar.Truncated(ours, upper=100)
    return ours


def test_nests_have_a_depth():
    assert nested(30).mean() == pytest.approx(2)
    with pytest.raises(ar.InputError, match="Truncated: must be nested at most 30 deep"):
        nested(31)
    inner = ar.Mixture([(1, ar.Uniform(0, 1))])
    for _ in range(28):
        inner = ar.Mixture([(1, inner), (1, 3)])
    ar.Service("inpatient", per_1000=80, allowed=inner)
    assert inner.mean() == pytest.approx(3, abs=1e-8)


@pytest.mark.parametrize("wrong", ["a", [[1], [1, 2]], 1j, 10**400, [object()]])
def test_what_is_no_number_is_named(wrong):
    with pytest.raises(ar.InputError, match=r"^Gamma\.cdf\.x: must be a number or an array of numbers, got an? "):
        ar.Gamma(mean=1, cv=1).cdf(wrong)


def test_words():
    ours = ar.Gamma(mean=1, cv=1)
    for ask, text in [
        (lambda: ours.ppf([0.5, 2]), "Gamma.ppf.p[1]: must be between 0 and 1, got 2"),
        (lambda: ours.isf(-1), "Gamma.isf.q: must be between 0 and 1, got -1"),
        (lambda: ours.ppf([[0, 1], [1, 3]]), "Gamma.ppf.p[1, 1]: must be between 0 and 1, got 3"),
        (lambda: ar.Gamma(mean="\ud800", cv=1).mean(), 'Gamma.mean: must be a number, got "\\\\ud800"'),
        (lambda: ar.Gamma(100, 1),
         "Gamma: must be given by keyword: Gamma(mean=..., cv=...) or Gamma(shape=..., scale=...), got 100, 1"),
        (lambda: ar.LogNormal(9, 1),
         "LogNormal: must be given by keyword: LogNormal(mean=..., cv=...) or LogNormal(mu=..., sigma=...), got 9, 1"),
        (lambda: ar.Beta(2, 3),
         "Beta: must be given by keyword: Beta(alpha=..., beta=...) or Beta(mean=..., cv=...), got 2, 3"),
        (lambda: ar.Empirical([1, np.nan]).mean(), "Empirical.values[1]: must be a finite number, got nan"),
        (lambda: ar.Triangular(1, 9, 5).mean(), "Triangular.mode: must be between lower (1) and upper (5), got 9"),
        (lambda: ar.Mixture([(1, None)]), "Mixture.components[0]: must be a distribution or a number, got a NoneType"),
    ]:  # fmt: skip
        with pytest.raises(ar.InputError) as caught:
            ask()
        assert str(caught.value) == text


def test_mixtures_take_any_pairs():
    expected = ar.Mixture([(1, 2.0), (3, 4.0)])
    for pairs in (zip([1, 3], [2.0, 4.0], strict=True), np.array([[1, 2], [3, 4]]),
                  [(Decimal(1), Decimal(2)), (np.float32(3), np.int64(4))], [(1, 2), (0, 9), (3, 4)]):  # fmt: skip
        ours = ar.Mixture(pairs)
        assert ours.mean() == expected.mean() == 3.5
        assert ours.support() == (2, 4)
    assert repr(ar.Mixture(zip(itertools.repeat(1, 50), range(50), strict=True))) == (
        "Mixture([(1, 0), (1, 1), (1, 2), ... 50 components ..., (1, 49)])"
    )


@pytest.mark.parametrize(
    "ours",
    [ar.Uniform(mean=5, cv=0), ar.Normal(5, 0), ar.Normal(5, cv=0), ar.Beta(mean=5, cv=0, upper=9),
     ar.InverseGaussian(mean=5, cv=0), ar.Weibull(mean=5, cv=0)],
)  # fmt: skip
def test_no_spread_is_a_fixed_value(ours):
    assert (ours.mean(), ours.var(), ours.support(), ours.pmf(5), ours.pdf(5)) == (5, 0, (5, 5), 1, 0)
    assert (ours.sample(10, seed=1) == 5).all()


def test_many_parts_take_no_time():
    values = np.random.default_rng(0).random((100, 3_000))
    many = ar.Mixture([(1, ar.Empirical(row)) for row in values])
    start = time.perf_counter()
    assert many.mean() == pytest.approx(values.mean())
    assert time.perf_counter() - start < SOON
    # Between two steps of 1 / 300,000.
    p = np.array([0.25, 0.5]) + 1e-6
    np.testing.assert_array_equal(many.ppf(p), np.quantile(values, p, method="inverted_cdf"))
    inner = ar.Mixture([(1, ar.Gamma(mean=2, cv=1)), (1, 3)])
    outer = ar.Mixture([(1, inner), (2, ar.Uniform(0, 1))])
    flat = ar.Mixture([(0.5, ar.Gamma(mean=2, cv=1)), (0.5, 3), (2, ar.Uniform(0, 1))])
    p = np.linspace(0.01, 0.99, 50)
    np.testing.assert_allclose(outer.ppf(p), flat.ppf(p), rtol=1e-14)


@pytest.mark.parametrize(
    "ours", [ar.Beta(alpha=0.01, beta=1e9), ar.Truncated(ar.Normal(0, 1), lower=1, upper=1 + 1e-10)]
)
def test_tables_of_narrow_and_steep_distributions(ours):
    start = time.perf_counter()
    assert ours.table_error <= 1e-7
    assert time.perf_counter() - start < 2 * SOON
