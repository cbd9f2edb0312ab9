"""Surgeons and hospitals: how their effects spread shares and prices, what is common to kinds, what lines cost."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics

SURGEONS = ("Adams", "Baker", "Clark", "Davis")
MEMBERS, SHARE, AMOUNT, PRICE = 200, 0.34, 11_000.0, 15_000.0
FEES = {"Fees": ar.FeeForService()}
SD, CV = 0.6, 0.35


def panel(surgeons=SURGEONS):
    frame = pd.DataFrame({"age": np.full(MEMBERS, 70.0), "sex": "f", "risk_score": 1.0})
    return ar.Population.from_frame(frame.assign(surgeon=np.resize(list(surgeons), MEMBERS), ward="east"))


def kind(name="knee", effects=(), **terms):
    nursing = ar.EpisodeCare("nursing", amount=AMOUNT, days=(0, 0))
    paths = [ar.EpisodePath("home", share=1 - SHARE), ar.EpisodePath("nursing", share=SHARE, care=[nursing])]
    given = {"trigger": name, "window_days": 30, "paths": paths, "effects": effects, "within_lines": False}
    return ar.Episode(name, **given | terms)


def study(*kinds, members=None, arms=FEES, **terms):
    lines = [ar.Service(each.name, per_1000=2_000, allowed=PRICE) for each in kinds]
    lines.append(ar.Service("nursing", per_1000=1_500, allowed=AMOUNT, delivered_by="other_providers"))
    if not any(each.within_lines for each in kinds):
        lines[-1] = replace(lines[-1], per_1000=0)
    utilization = ar.Utilization(services=lines, episodes=list(kinds))
    return ar.Study(members or panel(), utilization, arms, **{"seed": 8} | terms)


def nursed(of, replicate, surgeons=SURGEONS):
    """By surgeon: the part of operations that is nursed, and dollars of a nursing."""
    claims = of.claims(replicate)
    claims["surgeon"] = np.resize(list(surgeons), MEMBERS)[claims["member_ix"]]
    nursing = claims[claims["service"] == "nursing"].groupby("surgeon")["allowed"]
    operations = claims[claims["service"] != "nursing"].groupby("surgeon")["allowed"].count()
    return (nursing.count() / operations).fillna(0.0), nursing.mean()


def test_surgeons_differ_in_odds_and_prices_and_keep_them():
    """Log odds and log prices of nursing of 60 surgeons spread as they are said to; each keeps its own."""
    of = study(kind(effects=[ar.EpisodeEffect("surgeon", log_odds_sd=SD, price_cv=CV)]), years=2)
    odds, prices, years = [], [], []
    for replicate in range(15):
        share, price = nursed(of, replicate)
        odds += np.log(share / (1 - share)).tolist()
        prices += np.log(price).tolist()
        claims = of.claims(replicate).query("service == 'nursing'")
        years += [claims.groupby([claims["member_ix"] % 4, "year"])["allowed"].std().max()]
    assert max(years) < 1e-6, "one price of nursing for each surgeon, in both years"
    n = len(odds)
    sampling = 1 / (2 * 2 * MEMBERS / 4 * SHARE * (1 - SHARE))  # variance of a log odds of two years' operations
    spread = np.sqrt(SD**2 + sampling)
    assert abs(np.mean(odds) - np.log(SHARE / (1 - SHARE))) < 4 * spread / np.sqrt(n)
    assert abs(np.std(odds) / spread - 1) < 4 / np.sqrt(2 * n)
    sigma = np.sqrt(np.log1p(CV**2))
    assert abs(np.mean(prices) - np.log(AMOUNT) + sigma**2 / 2) < 4 * sigma / np.sqrt(n)
    assert abs(np.std(prices) / sigma - 1) < 4 / np.sqrt(2 * n)


def test_mean_dollars_are_the_mean_over_effects():
    """Prices have mean 1; the mean share is that over a normal of the log odds, here by a fine grid."""
    of = study(kind(effects=[ar.EpisodeEffect("surgeon", log_odds_sd=1.5, price_cv=CV)]))
    results = of.run(3_000, cash=False, progress=False)
    z = np.linspace(-9, 9, 20_001)
    odds = SHARE / (1 - SHARE) * np.exp(1.5 * z)
    weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    share = float((weights * odds / (1 + odds)).sum())
    mean, error = metrics.mean(results.values("allowed", "Fees"))
    assert abs(mean - 2 * MEMBERS * (PRICE + share * AMOUNT)) < 4 * error
    assert abs(share - SHARE) * 2 * MEMBERS * AMOUNT > 4 * error, "an average surgeon is not the mean of surgeons"


def test_lines_cost_what_they_are_calibrated_to():
    """Within lines the mean over effects is taken off, of several effects and of all that odds move."""
    effects = [ar.EpisodeEffect("surgeon", log_odds_sd=1.2, price_cv=0.5), ar.EpisodeEffect("ward", log_odds_sd=0.9)]
    more = ar.EpisodeCare("nursing", amount=4_000.0, share=0.1, days=(2, 20))
    terms = {
        "within_lines": True,
        "death_rate": 0.1,
        "care": [more],
        "relativities": {"surgeon": {"Adams": 0.5, "Baker": 1.0, "Clark": 2.0, "Davis": 1.0}},
    }
    results = study(kind(effects=effects, **terms), years=2).run(6_000, cash=False, progress=False)
    for year in (1, 2):
        mean, error = metrics.mean(results.values("allowed", "Fees", year=year))
        assert abs(mean - MEMBERS * (2 * PRICE + 1.5 * AMOUNT)) < 4 * error, year


def test_one_surgeon_is_the_risk_of_all_its_cases():
    """The spread of a year's nursing is luck that shrinks with the number of surgeons, and luck that does not."""
    spread = {}
    for n in (1, 4, 40):
        of = study(
            kind(effects=[ar.EpisodeEffect("surgeon", log_odds_sd=SD)]),
            members=panel([f"S{each}" for each in range(n)]),
        )
        results = of.run(1_500, cash=False, progress=False)
        spread[n] = results.values("allowed", "Fees").std()
    alone = study(kind()).run(1_500, cash=False, progress=False).values("allowed", "Fees").std()
    of_effect = {n: np.sqrt(each**2 - alone**2) for n, each in spread.items()}
    # By the delta method a log odds of sd s moves a share by about s p (1 − p).
    wanted = 2 * MEMBERS * AMOUNT * SD * SHARE * (1 - SHARE)
    assert abs(of_effect[1] / wanted - 1) < 0.15
    assert abs(of_effect[4] / of_effect[1] - 0.5) < 0.12
    assert of_effect[40] < 0.35 * of_effect[1]


def test_kinds_of_one_surgeon_are_good_or_bad_together():
    """The same column is the same effect in every kind of episodes; another column is another."""

    def correlation(second):
        effects = [ar.EpisodeEffect("surgeon", log_odds_sd=1.5)]
        of = study(kind("knee", effects), kind("hip", [ar.EpisodeEffect(second, log_odds_sd=1.5)]), members=one)
        shares = []
        for replicate in range(60):
            claims = of.claims(replicate)
            nursing = claims[claims["service"] == "nursing"]
            # Nursing comes with its operation: the same member in the same month; kinds are told apart by months alike.
            knees, hips = (claims[claims["service"] == name] for name in ("knee", "hip"))
            months = nursing[["member_ix", "month"]].drop_duplicates()
            shares.append([len(each.merge(months, on=["member_ix", "month"])) / len(each) for each in (knees, hips)])
        return np.corrcoef(np.transpose(shares))[0, 1]

    one = panel(["Adams"])
    assert correlation("surgeon") > 0.9
    assert abs(correlation("ward")) < 4 / np.sqrt(60)


def test_effects_of_nothing_are_no_effects_bit_for_bit():
    bundle = {"Bundle": [ar.FeeForService(), ar.EpisodeBundle(episodes="knee", target_price=18_000)]}
    found = []
    for effects in ([], [ar.EpisodeEffect("surgeon")], [ar.EpisodeEffect("surgeon"), ar.EpisodeEffect("ward")]):
        for within in (True, False):
            results = study(kind(effects=effects, within_lines=within), arms=bundle).run(40, progress=False)
            found.append((within, results.values("provider_net", "Bundle").tobytes()))
    assert len(set(found)) == 2


def test_a_surgeon_is_known_by_its_name_alone():
    """Another order of members, and further surgeons, move nothing of those who were there."""
    effects = [ar.EpisodeEffect("surgeon", log_odds_sd=SD, price_cv=CV)]
    few, many = (study(kind(effects=effects), members=panel(names)) for names in (SURGEONS, ("Evans", *SURGEONS[1:])))
    for replicate in range(3):
        before, after = nursed(few, replicate)[1], nursed(many, replicate, ("Evans", *SURGEONS[1:]))[1]
        for name in SURGEONS[1:]:
            assert before[name] == after[name]
        assert before["Adams"] != after["Evans"]


@pytest.mark.parametrize(
    ("effects", "text"),
    [
        (
            [ar.EpisodeEffect("doctor")],
            "knee.effects.doctor: must be a column of the panel, got 'doctor' (the columns are ",
        ),
        (
            [ar.EpisodeEffect("surgeon", log_odds_sd=-0.1)],
            "knee.effects[surgeon].log_odds_sd: must be between 0 and 3, got -0.1",
        ),
        (
            [ar.EpisodeEffect("surgeon", price_cv=30)],
            "knee.effects[surgeon].price_cv: must be between 0 and 3, got 30 (did you mean 0.3?)",
        ),
        (
            [ar.EpisodeEffect("surgeon"), ar.EpisodeEffect("surgeon")],
            'knee.effects: must be of columns of their own, got "surgeon" twice',
        ),
        (["surgeon"], "knee.effects[0]: must be an EpisodeEffect, got a str"),
    ],
)
def test_bad_effects_are_named(effects, text):
    with pytest.raises(ar.InputError) as error:
        study(kind(effects=effects))
    assert str(error.value).startswith(text.split(" (did")[0])
