"""Standard errors are honest: closed forms, samples reckoned by hand, and how often intervals cover the truth."""

import math

import numpy as np
import pytest

import atrisk as ar
from atrisk import metrics
from intervals import LAWS, REPETITIONS, coverage, figures, nested, nested_law, twin

SMALL = np.array([1.0, 3.0, 5.0, 7.0])
FIGURES = {
    "mean": metrics.mean,
    "standard deviation": metrics.standard_deviation,
    "probability": lambda values, **k: metrics.probability(values > 1.0, **k),
    "quantile": lambda values, **k: metrics.quantile(values, 0.9, **k),
    "value at risk": lambda values, **k: metrics.value_at_risk(values, 0.9, **k),
    "tail value at risk": lambda values, **k: metrics.tail_value_at_risk(values, 0.9, **k),
    "lower tail mean": lambda values, **k: metrics.lower_tail_mean(values, 0.1, **k),
}


@pytest.mark.parametrize("name", LAWS)
def test_intervals_cover_the_truth(name):
    """1,000 samples of 2,000: 93 to 97 intervals of 100 cover, of every figure."""
    rng = np.random.default_rng(20)
    law = LAWS[name]
    samples = law.rvs(size=(REPETITIONS, 2_000), random_state=rng)
    pairs = ((sample, twin(sample, rng, 0.3 * law.std())) for sample in samples)
    shares = coverage(pairs, figures(law))
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares


def test_nested_intervals_cover_the_truth():
    """The same for 200 draws of 20 replicates; tests/slow/test_coverage.py has 200 of 500."""
    rng = np.random.default_rng(21)
    pairs = ((x, twin(x, rng, 0.01)) for x in (nested(rng, 200, 20, parameters=0.03, luck=0.02) for _ in range(1_000)))
    shares = coverage(pairs, figures(nested_law(0.03, 0.02), draws=200))
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares


def test_the_error_of_a_nested_mean_is_that_of_its_draws():
    """Trend 3 % and luck 2 % of cost, 200 draws of 500: 0.21 % of cost, not the 0.011 % of 100,000 strangers."""
    values = nested(np.random.default_rng(1), 200, 500, parameters=0.03, luck=0.02)
    truth = math.sqrt(0.03**2 / 200 + 0.02**2 / 100_000)
    assert truth == pytest.approx(0.0021, abs=0.00005)
    _, error = metrics.mean(values, draws=200)
    assert error == pytest.approx(truth, rel=4 / math.sqrt(2 * 200))
    assert metrics.mean(values)[1] == pytest.approx(0.000114, rel=0.15)


def test_errors_of_strangers_do_not_cover_a_nested_truth():
    rng = np.random.default_rng(24)
    pairs = ((x, twin(x, rng, 0.001)) for x in (nested(rng, 200, 20, parameters=0.03, luck=0.02) for _ in range(200)))
    shares = coverage(pairs, figures(nested_law(0.03, 0.02)))
    assert all(share < 0.7 for share in shares.values()), shares


def test_means_and_spreads_by_hand():
    assert metrics.mean(SMALL) == (4.0, pytest.approx(math.sqrt(20 / 3) / 2))
    # The draws' means are 2 and 6: standard deviation √8, over √2.
    assert metrics.mean(SMALL, draws=2) == (4.0, pytest.approx(2.0))
    # s = 2; ((x − 1)² − 4) / 4 is −¾ three times and 5/4 once, of standard deviation 1; over √4.
    values = np.array([0.0, 0.0, 0.0, 4.0])
    assert metrics.standard_deviation(values) == (2.0, pytest.approx(0.5))
    # Means of the draws −¾ and ¼: half their distance.
    assert metrics.standard_deviation(values, draws=2) == (2.0, pytest.approx(0.5))


def test_the_error_of_a_standard_deviation_has_its_closed_form():
    """Gamma of shape 2: kurtosis 6, so √(5 / n) / 2 of s."""
    values = np.random.default_rng(2).gamma(2.0, 1.0, 100_000)
    sd, error = metrics.standard_deviation(values)
    assert abs(sd - math.sqrt(2)) < 4 * error
    assert error / sd == pytest.approx(math.sqrt(5 / 100_000) / 2, rel=0.05)


def test_probabilities_by_hand():
    assert metrics.probability(SMALL > 2) == (0.75, pytest.approx(math.sqrt(0.7 * 0.3 / 4)))
    assert metrics.probability(np.zeros(100, dtype=bool))[1] == pytest.approx(0.007, abs=0.0001)
    # Shares 0, ½, ½, 1: no skewness; kurtosis 2, so the correction is 1 + (0.8416 / 12 + 4.8416 / 4) / 4.
    hits = np.array([0, 0, 0, 1, 1, 0, 1, 1], dtype=bool)
    plain = math.sqrt(1 / 6) / 2
    expected = plain * (1 + (0.8416 / 12 + 4.8416 / 4) / 4)
    assert metrics.probability(hits, draws=4) == (0.5, pytest.approx(expected))


def test_none_seen_in_any_draw_counts_draws_not_replicates():
    value, error = metrics.probability(np.zeros(10_000, dtype=bool), draws=20)
    assert (value, error) == (0.0, pytest.approx(math.sqrt(0.5 / 21 * (1 - 0.5 / 21) / 20)))
    assert metrics.probability(np.ones(10_000, dtype=bool), draws=20) == (1.0, pytest.approx(error))


def test_quantiles_by_hand():
    """Of 0, 1 ... 1,000 the quantile p is 1,000 p: the error is the one of p, times 1,000."""
    values = np.random.default_rng(3).permutation(1001).astype(float)
    value, error = metrics.quantile(values, 0.05)
    assert value == pytest.approx(50)
    assert error == pytest.approx(1_000 * math.sqrt(0.05 * 0.95 / 1001))
    assert metrics.value_at_risk(values, 0.05) == (value, error)


def test_a_nested_quantile_asks_how_many_values_of_each_draw_lie_below():
    values = np.concatenate([np.arange(0.0, 60.0), np.arange(40.0, 100.0)])
    value, error = metrics.quantile(values, 0.5, draws=2)
    assert value == 49.5
    # 50 and 10 of 60 lie below: their standard error is a third. The sample reaches 1.5 of them either side.
    assert error == pytest.approx(99 / (2 * 1.5))


def test_tails_by_hand():
    """The worst tenth of 1 ... 100 is 91 ... 100; the terms of its mean are 90 + 10 × what is above 90."""
    values = np.random.default_rng(4).permutation(np.arange(1.0, 101.0))
    value, error = metrics.tail_value_at_risk(values, 0.9)
    assert value == pytest.approx(95.5)
    terms = np.concatenate([np.full(90, 90.0), 90.0 + 10.0 * np.arange(1.0, 11.0)])
    plain = terms.std(ddof=1) / 10
    skewness, kurtosis = (float(np.mean(((terms - terms.mean()) / terms.std()) ** power)) for power in (3, 4))
    z2 = 1.96**2
    expansion = skewness**2 * (z2**2 + 2 * z2 - 3) / 18 - (kurtosis - 3) * (z2 - 3) / 12 + (z2 + 1) / 4
    assert error == pytest.approx(plain * (1 + expansion / 100))
    assert 1.1 * plain < error < 1.3 * plain
    lowest, same = metrics.lower_tail_mean(values, 0.1)
    assert (lowest, same) == (pytest.approx(5.5), pytest.approx(error))


def test_a_tail_that_holds_part_of_a_value():
    """The worst 2.5 of 1 ... 10: all of 10 and of 9, half of 8."""
    assert metrics.tail_value_at_risk(np.arange(1.0, 11.0), 0.75) == (pytest.approx((10 + 9 + 4) / 2.5), None)


@pytest.mark.parametrize("name", FIGURES)
def test_draws_of_one_replicate_are_independent(name):
    values = np.random.default_rng(5).gamma(2.0, 1.0, 600)
    figure = FIGURES[name]
    assert figure(values, draws=600) == figure(values)
    assert figure(values, draws=600)[1] > 0


@pytest.mark.parametrize("name", FIGURES)
def test_values_told_twice_tell_nothing_new(name):
    """Replicates of a draw that are all alike: the errors of as many values as there are draws."""
    values = np.random.default_rng(6).gamma(2.0, 1.0, 1_000)
    figure = FIGURES[name]
    once = figure(values)
    told = figure(np.repeat(values, 10), draws=1_000)
    assert told[0] == pytest.approx(once[0], rel=0.005)
    assert told[1] == pytest.approx(once[1], rel=0.05)
    assert figure(np.repeat(values, 10))[1] < 0.5 * told[1]


@pytest.mark.parametrize("name", FIGURES)
def test_units_and_order_do_not_matter(name):
    values = nested(np.random.default_rng(7), 100, 20, parameters=0.3, luck=0.2)
    value, error = FIGURES[name](values, draws=100)
    turned = values.reshape(100, 20)[::-1, ::-1].ravel()
    assert FIGURES[name](turned, draws=100) == (pytest.approx(value), pytest.approx(error))
    if name != "probability":
        assert FIGURES[name](values * 1e9, draws=100) == (pytest.approx(value * 1e9), pytest.approx(error * 1e9))


def test_what_a_sample_is_too_small_for_is_none():
    one = np.array([5.0])
    assert metrics.mean(one) == (5.0, None)
    assert metrics.standard_deviation(one) == (None, None)
    assert metrics.standard_deviation(np.array([1.0, 3.0])) == (pytest.approx(math.sqrt(2)), None)
    assert metrics.standard_deviation(np.array([1.0, 2.0, 3.0]))[1] > 0
    assert metrics.quantile(one, 0.05) == (5.0, None)
    assert metrics.tail_value_at_risk(one, 0.95) == (None, None)
    assert metrics.lower_tail_mean(one, 0.05) == (None, None)
    values = np.arange(200.0)
    assert metrics.quantile(values[:10], 0.05)[1] is None
    assert metrics.quantile(values[:30], 0.05)[1] > 0
    assert metrics.tail_value_at_risk(values[:19], 0.95) == (None, None)
    assert metrics.tail_value_at_risk(values[:20], 0.95) == (19.0, None)
    assert metrics.tail_value_at_risk(values[:199], 0.95)[1] is None
    assert metrics.tail_value_at_risk(values, 0.95)[1] > 0


@pytest.mark.parametrize("name", FIGURES)
def test_one_draw_says_nothing_of_draws(name):
    value, error = FIGURES[name](np.arange(100.0), draws=1)
    assert value is not None
    assert error is None


def test_values_that_are_all_alike_have_no_error():
    alike = np.full(500, 7.0)
    for draws in (None, 50):
        assert metrics.mean(alike, draws=draws) == (7.0, 0.0)
        assert metrics.standard_deviation(alike, draws=draws) == (0.0, 0.0)
        assert metrics.quantile(alike, 0.1, draws=draws) == (7.0, 0.0)
        assert metrics.tail_value_at_risk(alike, 0.9, draws=draws) == (7.0, 0.0)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("draws", [0, -2, 7, 200])
def test_draws_that_do_not_divide_the_values_are_refused(name, draws):
    with pytest.raises(ar.InputError, match="draws: must divide the number of values, 100"):
        FIGURES[name](np.arange(100.0), draws=draws)


def test_a_split_by_hand():
    """Draws (0, 2) and (4, 6): variance of means 8, within 2, so parameters 8 − 1 = 7 of 9."""
    split = metrics.variance_split(np.array([0.0, 2.0, 4.0, 6.0]), 2)
    assert split.parameters == (pytest.approx(7 / 9), None)
    assert split.luck == (pytest.approx(2 / 9), None)
    # A third draw (10, 10): means' variance 61 / 3, within 4 / 3, so parameters 59 / 3. Leaving one out leaves
    # 12.5 and 1, 40.5 and 1, 8 and 2.
    split = metrics.variance_split(np.array([0.0, 2.0, 4.0, 6.0, 10.0, 10.0]), 3)
    left_out = np.array([12 / 13, 40 / 41, 7 / 9])
    assert split.parameters[0] == pytest.approx(59 / 63)
    assert split.parameters[1] == pytest.approx(math.sqrt(2 / 3 * ((left_out - left_out.mean()) ** 2).sum()))
    assert split.luck == (pytest.approx(4 / 63), split.parameters[1])


def test_intervals_of_the_split_cover_the_truth():
    rng = np.random.default_rng(22)
    truth = 0.03**2 / (0.03**2 + 0.02**2)
    splits = [metrics.variance_split(nested(rng, 200, 20, parameters=0.03, luck=0.02), 200) for _ in range(1_000)]
    for part, share in (("parameters", truth), ("luck", 1 - truth)):
        values, errors = np.array([getattr(split, part) for split in splits]).T
        covered = float(np.mean(np.abs(values - share) <= 1.96 * errors))
        print(f"{part}: {covered:.3f} covered, mean {values.mean():.4f}, truth {share:.4f}")
        assert 0.93 <= covered <= 0.97
        assert values.mean() == pytest.approx(share, abs=4 * values.std() / math.sqrt(1_000) + 0.002)


def test_luck_alone_is_all_luck():
    values = np.random.default_rng(8).normal(0.0, 1.0, 200 * 50)
    share, error = metrics.variance_split(values, 200).parameters
    assert 0 <= share <= 4 * error
    # Without the correction for luck in the means of 50 the share would be 1 / 51.
    assert error < 0.01
    shares = [
        metrics.variance_split(np.random.default_rng(seed).normal(0, 1, 400), 40).parameters[0] for seed in range(50)
    ]
    assert min(shares) == 0.0
    assert np.median(shares) < 0.02


def test_a_split_of_too_little_is_none():
    nothing = ((None, None), (None, None))
    assert metrics.variance_split(np.arange(4.0), 1) == nothing
    assert metrics.variance_split(np.arange(4.0), 4) == nothing
    assert metrics.variance_split(np.ones(4), 2) == nothing
    with pytest.raises(ar.InputError, match="draws"):
        metrics.variance_split(np.arange(5.0), 2)
