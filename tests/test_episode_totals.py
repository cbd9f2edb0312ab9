"""Service lines cost what they are calibrated to, with episodes and without, in every year and for every payer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics

FEES = {"A": 1.0, "B": 1.4}
RISK = {"A": 0.8, "B": 1.7}
TREND, PRICE_TREND = 0.04, 0.03
MEMBERS = 200
LINES = {"surgery": (150.0, 14_000.0), "nursing": (150.0, 11_000.0), "inpatient": (240.0, 13_000.0)}
REPLICATES = 3_000


def panel():
    payer = np.repeat(["A", "B"], MEMBERS // 2)
    ages = np.tile(np.arange(65.0, 85.0), MEMBERS // 20)
    risk = np.array([RISK[of] for of in payer]) * np.tile([0.5, 1.5], MEMBERS // 2)
    return ar.Population.from_frame(pd.DataFrame({"age": ages, "sex": "female", "risk_score": risk, "payer": payer}))


def care(*, episodes=True, **terms):
    services = [
        ar.Service(
            name,
            per_1000=rate,
            allowed=ar.LogNormal(mean=mean, cv=0.6),
            trend=TREND,
            price_trend=PRICE_TREND,
            fee_levels=FEES,
        )
        for name, (rate, mean) in LINES.items()
    ]
    episode = ar.Episode(
        "joint",
        trigger="surgery",
        window_days=90,
        paths=[
            ar.EpisodePath("home", share=0.4),
            ar.EpisodePath("nursing", share=0.6, care=[ar.EpisodeCare("nursing", amount=9_000.0, days=(2, 20))]),
        ],
        care=[ar.EpisodeCare("inpatient", share=0.3, amount=ar.Gamma(mean=15_000, cv=0.9), days=(5, 90))],
        death_rate=0.15,
    )
    return ar.Utilization(services=services, episodes=[replace(episode, **terms)] if episodes else [])


def calibrated(payer, year, first):
    """Dollars that a payer's members are expected to have in a year, whose rates have grown since the first."""
    grown = ((1 + TREND) * (1 + PRICE_TREND)) ** (year - first)
    dollars = sum(rate / 1_000 * mean for rate, mean in LINES.values())
    return MEMBERS / 2 * RISK[payer] * dollars * FEES[payer] * grown


def run(of, years=1, base_years=0):
    study = ar.Study(panel(), of, {"fees": ar.FeeForService()}, years=years, base_years=base_years, seed=11)
    return study.run(REPLICATES, cash=False, keep="payers", progress=False)


def away(results, payer, year, first):
    """How far a payer's mean dollars of a year are from the calibrated ones, in standard errors."""
    mean, error = metrics.mean(results.values("allowed", "fees", year=year, payer=payer))
    return (mean - calibrated(payer, year, first)) / error


@pytest.mark.parametrize("episodes", [True, False])
@pytest.mark.parametrize(("years", "base_years"), [(1, 0), (3, 0), (3, 2)])
def test_every_payers_dollars_of_every_year_are_those_calibrated(episodes, years, base_years):
    results = run(care(episodes=episodes), years, base_years)
    # Rates and prices grow from the last year before the first performance year on.
    for year in range(1, years + 1):
        for payer in FEES:
            assert abs(away(results, payer, year, 0)) < 4, (year, payer)


def test_members_of_a_part_of_a_year_cost_what_they_are_calibrated_to():
    """Who enters or leaves within the year has less of what episodes bring, and so much less is taken off."""
    frame = panel().to_pandas()
    frame["entry_month"] = np.resize([1, 4, 8, 1], MEMBERS)
    frame["exit_month"] = np.resize([12, 12, 10, 5], MEMBERS)
    members = ar.Population.from_frame(frame)
    late = [ar.EpisodeCare("inpatient", share=0.5, amount=ar.Gamma(mean=9_000, cv=0.9), days=(5, 180))]
    study = ar.Study(
        members, care(window_days=180, care=late), {"fees": ar.FeeForService()}, base_years=1, years=1, seed=4
    )
    results = study.run(6_000, cash=False, keep="payers", progress=False)
    dollars = sum(rate / 1_000 * mean for rate, mean in LINES.values()) * (1 + TREND) * (1 + PRICE_TREND)
    fees = np.array([FEES[of] for of in frame["payer"]])
    weight = (frame["risk_score"] * fees * (frame["exit_month"] - frame["entry_month"] + 1) / 12).sum()
    mean, error = metrics.mean(results.values("allowed", "fees"))
    assert abs(mean - weight * dollars) < 4 * error


def test_care_on_top_of_the_lines_is_seen():
    results = run(care(within_lines=False))
    assert all(away(results, payer, 1, 0) > 8 for payer in FEES)


def test_episodes_take_the_place_of_the_lines_own_events():
    """What episodes bring is a large part of the nursing here, and the line's own events are fewer by as much."""
    own = {}
    for on in (True, False):
        study = ar.Study(panel(), care(episodes=on), {"fees": ar.FeeForService()}, seed=11)
        claims = pd.concat([study.claims(replicate) for replicate in range(20)])
        nursing = claims[claims["service"] == "nursing"]
        levels = np.where(nursing["member_ix"] < MEMBERS // 2, FEES["A"], FEES["B"])
        own[on] = (~np.isclose(nursing["allowed"] / levels, 9_000.0 * (1 + PRICE_TREND))).sum() / 20
    taken = 0.6 * 9_000 / 11_000  # per event that opens an episode, of which there are as many as of nursing
    # A little of what an episode brings falls to the year after, or is not lived to see.
    assert 0.9 * (1 - taken) < own[True] / own[False] < 1.1 * (1 - taken)


def test_more_than_the_line_has_is_refused():
    heavy = care()
    heavy = replace(
        heavy,
        services=[
            replace(each, per_1000=each.per_1000 * (30 if each.name == "surgery" else 1)) for each in heavy.services
        ],
    )
    with pytest.raises(ar.InputError, match=r"must have at least the dollars that episodes bring of the line"):
        ar.Study(panel(), heavy, {"fees": ar.FeeForService()}, seed=1)


@pytest.mark.parametrize("odds", [0.0, 1e-9, 1e300])
def test_care_that_is_certain_for_some_and_never_comes_to_others(odds):
    """Care with a share of 1, beside odds of 0 or beyond bounds of a payer's members: the lines cost what they cost."""
    certain = ar.EpisodeCare("inpatient", amount=9_000.0, days=(5, 90))
    effect = ar.EpisodeEffect("payer", log_odds_sd=3)
    of = care(paths=(), care=[certain], relativities={"payer": {"A": odds, "B": 1.0}}, effects=[effect])
    mean, error = metrics.mean(run(of).values("allowed", "fees", year=1))
    assert abs(mean - sum(calibrated(payer, 1, 0) for payer in FEES)) < 4 * error
