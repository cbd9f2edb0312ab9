"""A million draws of every family at twelve and more points: Kolmogorov-Smirnov and moments, ours and SciPy's."""

import numpy as np
import pytest

from distributions.points import CASES, POINTS

DRAWS = 1_000_000

# One sample of this size lies further than this from its distribution once in ten thousand times.
LARGEST_DISTANCE = np.sqrt(np.log(2 / 1e-4) / (2 * DRAWS))


def distance(ordered, cdf):
    """The largest distance at 4,000 of the draws, just before and at each; never more than that at all of them."""
    x = np.unique(ordered[np.linspace(0, DRAWS - 1, 4_000).astype(int)])
    before, upto = np.searchsorted(ordered, x, "left") / DRAWS, np.searchsorted(ordered, x, "right") / DRAWS
    short = cdf(np.nextafter(x, -np.inf))
    return max(np.abs(upto - cdf(x)).max(), np.abs(before - short).max())


@pytest.mark.parametrize(("family", "index"), CASES)
def test_a_million_draws(family, index):
    ours, theirs = POINTS[family][index]
    draws = np.sort(ours.sample(DRAWS, seed=1_000 * index + len(family)))
    assert distance(draws, ours.cdf) < LARGEST_DISTANCE
    assert distance(draws, theirs.cdf) < LARGEST_DISTANCE
    if np.isfinite(theirs.var()) and ours.var() > 0:
        mean, var = draws.mean(), draws.var()
        error = np.sqrt(theirs.var() / DRAWS)
        assert abs(mean - theirs.mean()) <= 4 * error + 1e-12 * abs(mean)
        # Where the fourth moment is as heavy as these, a sample of this size does not know its own error.
        if ours.std() <= 2 * abs(ours.mean()) or ours.support()[0] < 0:
            error = np.sqrt(max(np.mean((draws - mean) ** 4) - var**2, 0.0) / DRAWS)
            assert abs(var - theirs.var()) <= 4 * error + 1e-12 * var


def test_every_family_has_twelve_points():
    from atrisk import _core  # noqa: PLC0415

    assert list(POINTS) == _core.distribution_names()
    assert min(map(len, POINTS.values())) >= 12


def test_a_wrong_distribution_is_noticed():
    ours, _ = POINTS["gamma"][5]
    draws = np.sort(ours.sample(DRAWS, seed=1))
    assert distance(draws, lambda x: ours.cdf(x * 1.01)) > LARGEST_DISTANCE
    assert distance(np.floor(draws), ours.cdf) > LARGEST_DISTANCE


@pytest.mark.parametrize(("family", "index"), CASES)
def test_moments_are_those_of_scipy(family, index):
    ours, theirs = POINTS[family][index]
    assert ours.mean() == pytest.approx(theirs.mean(), rel=1e-9, abs=1e-12)
    assert ours.var() == pytest.approx(theirs.var(), rel=1e-9, abs=1e-12)
    assert ours.std() == pytest.approx(np.sqrt(ours.var()))


def test_values_do_not_depend_on_how_many_are_drawn():
    ours, _ = POINTS["mixture"][2]
    many = ours.sample(5_000, seed=8)
    for n in (0, 1, 3, 4, 5, 1_024, 1_025):
        assert (ours.sample(n, seed=8) == many[:n]).all()
    assert not np.isin(ours.sample(100, seed=9), many).any()


def test_seeds_are_those_of_a_study():
    ours, _ = POINTS["gamma"][0]
    sequence = np.random.SeedSequence(5)
    assert (ours.sample(9, seed=sequence) == ours.sample(9, seed=int(sequence.generate_state(1, np.uint64)[0]))).all()
    assert (ours.sample(9, seed=np.random.default_rng(3)) == ours.sample(9, seed=np.random.default_rng(3))).all()
    assert (ours.sample(9) != ours.sample(9)).any()


@pytest.mark.parametrize("mean", [0.5, 3.0, 40.0])
def test_the_shape_of_a_negative_binomial_is_a_real_number(mean):
    """Shape 0.37 cut to a whole number would be none at all, shape 1.9 would be 1."""
    import atrisk as ar  # noqa: PLC0415

    for shape in (0.37, 1.9):
        draws = ar.NegativeBinomial(mean=mean, shape=shape).sample(DRAWS, seed=4)
        variance = mean + mean**2 / shape
        assert abs(draws.mean() - mean) <= 4 * np.sqrt(variance / DRAWS)
        fourth = np.mean((draws - draws.mean()) ** 4)
        assert abs(draws.var() - variance) <= 4 * np.sqrt((fourth - variance**2) / DRAWS)
