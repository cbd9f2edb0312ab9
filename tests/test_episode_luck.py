"""Luck in a bundle: the chance of owing by volume, limits that hold, truncation, and patients who go home instead."""

import math

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics

PRICES = {
    "skilled nursing": ar.LogNormal(mean=11_000, cv=0.7),
    "rehabilitation": ar.LogNormal(mean=19_000, cv=0.4),
    "readmission": ar.LogNormal(mean=13_000, cv=0.9),
}
ANCHOR, TARGET = 14_000.0, 20_300.0
SHARES = {"skilled nursing": 0.339, "rehabilitation": 0.060, "readmission": 0.063}
#: Rows for each episode: few, in the sample and in the studies alike.
PLACES = 40
VOLUMES = {50: 3_000, 100: 2_500, 200: 2_000, 400: 1_000, 800: 700}
FEES, BUNDLE, COUNTED = "fees", "bundle", "a dollar more"
#: Berry-Esseen constant of Poisson sums (Shevtsova 2014).
POISSON_SUMS = 0.3041


def bundle(target=TARGET, **terms):
    return [ar.FeeForService(), ar.EpisodeBundle(episodes="knee", target_price=target, **terms)]


def run(arms, volume=1.0, replicates=1_000, prices=PRICES, **terms):
    episode = ar.episodes.joint_replacement("knee", prices=prices)
    panel = ar.Population.episodes(volume_per_year=volume, places=PLACES, seed=1)
    study = ar.Study(panel, ar.episodes.care(episode, price=ANCHOR), {FEES: ar.FeeForService()} | arms, seed=9)
    return study.run(replicates, cash=False, progress=False, **terms)


def settled(results, arm):
    """Dollars that a bundle pays the provider in each replicate; below 0 it owes them."""
    return results.values("provider_net", arm) - results.values("provider_net", FEES)


@pytest.fixture(scope="module")
def sample():
    """Dollars of single episodes: of years that have one."""
    results = run({BUNDLE: bundle(0.0), COUNTED: bundle(1.0)}, replicates=250_000)
    spent = -settled(results, BUNDLE)
    episodes = np.round(settled(results, COUNTED) + spent)
    return spent[episodes == 1]


def chance_of_owing(volume, difference):
    """Exact chance that differences of a Poisson number of episodes sum to less than nothing (Gil-Pelaez)."""
    values, weights = np.unique(np.round(difference, -2), return_counts=True)
    t = np.linspace(1e-9, 6 / math.sqrt(volume * np.mean(difference**2)), 1_001)
    of_one = np.exp(1j * np.outer(t, values)) @ (weights / weights.sum())
    return 0.5 - np.trapezoid(np.exp(volume * (of_one - 1)).imag / t, t) / math.pi


def normal(volume, difference):
    """The same if the year were normal: mean n d, variance n E[d²], with n the expected number."""
    mean, square = volume * difference.mean(), volume * np.mean(difference**2)
    return float(stats.norm.cdf(-mean / math.sqrt(square)))


def test_an_episode_has_its_closed_form(sample):
    """A patient's return to its place is the little that is more: a part 90 / 365 / places of the episodes have one."""
    mean = ANCHOR + sum(SHARES[name] * law.mean() for name, law in PRICES.items())
    path = sum(SHARES[name] * (PRICES[name].var() + PRICES[name].mean() ** 2) for name in list(PRICES)[:2])
    of_path = path - sum(SHARES[name] * PRICES[name].mean() for name in list(PRICES)[:2]) ** 2
    again = PRICES["readmission"]
    of_readmission = (
        SHARES["readmission"] * (again.var() + again.mean() ** 2) - (SHARES["readmission"] * again.mean()) ** 2
    )
    rate = 90 / 365 / PLACES
    found, error = metrics.mean(sample)
    # What a return brings is at least the operation, and at most a whole episode.
    assert mean + rate * ANCHOR - 4 * error < found < mean * (1 + rate) + 4 * error
    sd, error = metrics.standard_deviation(sample)
    expected = of_path + of_readmission
    assert math.sqrt(expected) - 4 * error < sd < math.sqrt(expected + rate * mean**2) + 4 * error
    assert sample.min() >= ANCHOR - 0.01


@pytest.mark.parametrize("volume", VOLUMES)
def test_the_chance_of_owing_is_that_of_the_episodes(sample, volume):
    replicates = VOLUMES[volume]
    owing, error = metrics.probability(settled(run({BUNDLE: bundle()}, volume, replicates), BUNDLE) < 0)
    difference = TARGET - sample
    by_sample, by_normal = chance_of_owing(volume, difference), normal(volume, difference)
    # The sample's mean has an error too, which moves the argument by the root of the volume.
    moved = stats.norm.pdf(stats.norm.ppf(by_normal)) * math.sqrt(volume / len(sample))
    both = math.hypot(error, moved)
    print(f"{volume} a year: {owing:.4f} ± {both:.4f}, of the sample {by_sample:.4f}, normal {by_normal:.4f}")
    assert abs(owing - by_sample) < 4 * both
    skew = np.mean(np.abs(difference) ** 3) / np.mean(difference**2) ** 1.5
    assert abs(owing - by_normal) < POISSON_SUMS * skew / math.sqrt(volume) + 4 * both


def test_more_volume_owes_less_often(sample):
    """The target is above the mean, so that luck is what owes; a target below it would owe more often with volume."""
    chances = [chance_of_owing(volume, TARGET - sample) for volume in VOLUMES]
    assert chances == sorted(chances, reverse=True)
    below = [chance_of_owing(volume, 19_000.0 - sample) for volume in VOLUMES]
    assert below == sorted(below)
    gaps = [abs(chance_of_owing(volume, TARGET - sample) - normal(volume, TARGET - sample)) for volume in (50, 800)]
    assert gaps[1] < gaps[0]


def test_limits_are_never_exceeded():
    limits = {"stop_gain_rate": 0.05, "stop_loss_rate": 0.03}
    arms = {BUNDLE: bundle(), "limited": bundle(**limits), COUNTED: bundle(TARGET + 1)}
    results = run(arms, volume=50, replicates=2_000)
    free, limited = settled(results, BUNDLE), settled(results, "limited")
    targets = TARGET * np.round(settled(results, COUNTED) - free)
    assert (limited <= 0.05 * targets + 0.006).all()
    assert (limited >= -0.03 * targets - 0.006).all()
    np.testing.assert_allclose(limited, np.clip(free, -0.03 * targets, 0.05 * targets), atol=0.011)
    # Both limits are reached, and would be exceeded without.
    assert (free > 0.05 * targets).sum() > 100
    assert (free < -0.03 * targets).sum() > 100


def test_more_truncation_is_never_more_variance(sample):
    caps = [None, 80_000, 50_000, 35_000, 25_000, 18_000]
    arms = {f"{cap}": bundle(0.0, truncate_at=cap) for cap in caps}
    results = run(arms, volume=100, replicates=3_000)
    spent = {cap: -settled(results, f"{cap}") for cap in caps}
    for more, less in zip(caps[1:], caps, strict=False):
        assert (spent[more] <= spent[less] + 0.011).all()
        assert spent[more].var() < spent[less].var()
    for cap in caps:
        sd, error = metrics.standard_deviation(spent[cap])
        counted = sample if cap is None else np.minimum(sample, cap)
        assert abs(sd - math.sqrt(100 * np.mean(counted**2))) < 4 * math.hypot(error, sd / math.sqrt(2 * len(sample)))


ONE_PRICE = {"skilled nursing": 11_000.0, "rehabilitation": 19_000.0, "readmission": PRICES["readmission"]}


@pytest.mark.parametrize("effect", [-0.5, -0.1])
def test_patients_who_go_home_lower_the_spending_of_every_replicate(effect):
    """Nobody goes a worse path than before, and nothing else is moved."""
    home = ar.Programme("home first", effect=effect, episodes=["knee"])
    arms = {"home": ar.Arm(ar.FeeForService(), programmes=[home]), BUNDLE: bundle()}
    arms["both"] = ar.Arm(bundle(), programmes=[home])
    results = run(arms, volume=100, replicates=1_000, prices=ONE_PRICE)
    saved = results.values("allowed", FEES) - results.values("allowed", "home")
    # Patients leave nursing for home, or rehabilitation for nursing or home: whole numbers of known dollars.
    steps = np.round(saved / 1_000)
    np.testing.assert_allclose(saved, 1_000 * steps, atol=0.01)
    assert set(steps) <= {11 * a + 8 * b + 19 * c for a in range(60) for b in range(15) for c in range(5)}
    assert (saved >= 0).all()
    # The bundle has all of it, and what a patient who returns to its place after the year no longer needs.
    earned = settled(results, "both") - settled(results, BUNDLE)
    assert (earned > saved - 0.011).all()
    assert (earned < saved + 0.011).mean() > 0.98
    odds = {name: share / (1 - share) * (1 + effect) for name, share in (("any", 0.399), ("rehabilitation", 0.060))}
    after = {name: of / (1 + of) for name, of in odds.items()}
    expected = 11_000 * (0.399 - after["any"]) + 8_000 * (0.060 - after["rehabilitation"])
    mean, error = metrics.mean(saved)
    assert abs(mean - 100 * expected) < 4 * error
    if effect == -0.5:
        assert (saved > 0).all()


def test_a_programme_that_moves_patients_to_worse_paths_costs_in_every_replicate():
    worse = ar.Programme("nursing first", effect=0.5, episodes=["knee"])
    results = run({"worse": ar.Arm(ar.FeeForService(), programmes=[worse])}, volume=100, prices=ONE_PRICE)
    assert (results.values("allowed", "worse") > results.values("allowed", FEES)).all()
