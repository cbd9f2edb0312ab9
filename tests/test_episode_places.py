"""A caseload in place of a panel: how many episodes it brings, for whom, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics

VOLUME = 60
COLUMNS = {"frail": {"yes": 0.3, "no": 0.7}, "age": ar.Normal(72, 5), "joint": "knee", "ward": {1: 0.5, 2: 0.5}}


def episode(name="knee", **terms):
    return ar.Episode(name, trigger=f"{name} replacement", window_days=90, **terms)


def counted(panel, kinds=None, years=1, replicates=2_000, **terms):
    """Events that open episodes, by replicate and year: at a price of a dollar each."""
    care = ar.episodes.care(episode() if kinds is None else kinds, price=1.0, **terms)
    results = ar.Study(panel, care, {"fees": ar.FeeForService()}, years=years, seed=5).run(replicates, progress=False)
    return np.array([results.values("allowed", "fees", year=year + 1) for year in range(years)])


@pytest.mark.parametrize("volume", [VOLUME, 7.5])
def test_episodes_of_each_year_are_poisson(volume):
    panel = ar.Population.episodes(volume_per_year=volume, seed=1)
    for events in counted(panel, years=2):
        mean, error = metrics.mean(events)
        assert abs(mean - volume) < 4 * error
        sd, error = metrics.standard_deviation(events)
        assert abs(sd - volume**0.5) < 4 * error


def test_few_places_let_patients_return():
    """An event within the window of another in its place opens no episode: window / 365 / places of them."""
    missed = {}
    for places in (5, 100):
        panel = ar.Population.episodes(volume_per_year=VOLUME, places=places, seed=1)
        # A target of a dollar, of which nothing is spent, counts windows.
        bundle = ar.EpisodeBundle(episodes="knee", target_price=1.0)
        arms = {"fees": ar.FeeForService(), "bundle": [ar.FeeForService(), bundle]}
        care = ar.episodes.care(episode(), price=0.0)
        results = ar.Study(panel, care, arms, years=2, seed=5).run(2_000, progress=False)
        windows = results.values("provider_net", "bundle", year=2) - results.values("provider_net", "fees", year=2)
        mean, error = metrics.mean(windows)
        missed[places] = 1 - mean / VOLUME, error / VOLUME
        # Given that a window opens, further events of its place until its end are Poisson.
        rate = 90 / 365 / places
        assert abs(mean / VOLUME - 1 / (1 + rate)) < 4 * error / VOLUME
    assert missed[5][0] - missed[100][0] > 8 * missed[5][1]


def test_columns_are_drawn_by_their_shares():
    panel = ar.Population.episodes(volume_per_year=400, case_mix=COLUMNS, payers={"A": 0.25, "B": 0.75}, seed=3)
    n = len(panel)
    for of, share in (
        (panel.columns["frail"] == "yes", 0.3),
        (panel.columns["payer"] == "A", 0.25),
        (panel.columns["ward"] == 1, 0.5),
        (panel.columns["age"] < 72, 0.5),
    ):
        assert abs(of.mean() - share) < 4 * (share * (1 - share) / n) ** 0.5
    assert set(panel.columns["joint"]) == {"knee"}
    assert abs(np.corrcoef(panel.columns["ward"], panel.columns["age"])[0, 1]) < 4 / n**0.5


def test_rows_of_a_frame_stay_together():
    cases = pd.DataFrame({"age": [60.0, 80.0, 99.0], "frail": ["no", "yes", "never"], "share": [3.0, 1.0, 0.0]})
    panel = ar.Population.episodes(volume_per_year=100, case_mix=cases, seed=3)
    drawn = panel.to_pandas()
    assert set(zip(drawn["age"], drawn["frail"], strict=True)) == {(60.0, "no"), (80.0, "yes")}
    assert abs((drawn["frail"] == "yes").mean() - 0.25) < 4 * (0.25 * 0.75 / len(drawn)) ** 0.5
    assert "share" not in panel.columns


def test_more_volume_and_more_columns_move_nobody():
    few = ar.Population.episodes(volume_per_year=10, case_mix={"frail": COLUMNS["frail"]}, seed=3)
    many = ar.Population.episodes(volume_per_year=20, case_mix=COLUMNS, seed=3)
    other = ar.Population.episodes(volume_per_year=20, case_mix=COLUMNS, seed=4)
    assert (many.columns["frail"][: len(few)] == few.columns["frail"]).all()
    assert (many.columns["frail"] != other.columns["frail"]).any()


def test_case_mix_moves_the_odds_and_not_the_volume():
    care = [ar.EpisodeCare("readmission", share=0.2, amount=1.0, days=(0, 0))]
    kind = episode(care=care, relativities={"frail": {"yes": 3.0, "no": 1.0}})
    panel = ar.Population.episodes(volume_per_year=VOLUME, case_mix=COLUMNS, seed=1)
    (both,) = counted(panel, kind, replicates=3_000)
    (alone,) = counted(panel, replicates=3_000)
    frail = (panel.columns["frail"] == "yes").mean()
    expected = frail * 0.6 / (0.8 + 0.6) + (1 - frail) * 0.2
    mean, error = metrics.mean(both - alone)
    assert abs(mean / VOLUME - expected) < 4 * error / VOLUME
    assert expected - 0.2 > 8 * error / VOLUME


def test_kinds_have_their_shares():
    panel = ar.Population.episodes(volume_per_year=VOLUME, seed=1)
    kinds = [episode("knee"), episode("hip")]
    prices = {"knee replacement": 1.0, "hip replacement": 1_000.0}
    care = ar.episodes.care(kinds, price=prices, shares={"knee replacement": 0.6, "hip replacement": 0.4})
    results = ar.Study(panel, care, {"fees": ar.FeeForService()}, seed=5).run(2_000, progress=False)
    hips, knees = np.divmod(np.round(results.values("allowed", "fees")), 1_000)
    for of, share in ((knees, 0.6), (hips, 0.4)):
        mean, error = metrics.mean(of)
        assert abs(mean - share * VOLUME) < 4 * error


def test_lines_of_care_have_nothing_else_in_them():
    care = ar.episodes.care(
        episode(care=[ar.EpisodeCare("readmission", share=0.1, amount=13_000.0)]),
        price=14_000.0,
        own_cost=9_000.0,
        delivered_by={"readmission": "provider"},
        price_trend=0.02,
    )
    trigger, readmission = care.services
    assert (trigger.per_1000, trigger.own_cost, trigger.delivered_by) == (1_000, 9_000, "provider")
    assert (readmission.per_1000, readmission.delivered_by) == (0, "provider")
    assert not care.episodes[0].within_lines
    assert care.price_trend == 0.02


def test_priced_cases_open_episodes():
    cases = ar.CasePrices({"price": [10.0, 20.0]})
    care = ar.episodes.care(episode(), price=cases)
    assert care.services[0].price == cases


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"volume_per_year": 0}, "episodes.volume_per_year: must be above 0"),
        ({"volume_per_year": float("nan")}, "episodes.volume_per_year: must be a finite number"),
        ({"places": 0}, "episodes.places: must be a whole number between 1 and 10,000"),
        ({"volume_per_year": 1e7, "places": 10_000}, "episodes.places: must make at most"),
        ({"case_mix": {"frail": {"yes": 0.3, "no": 0.6}}}, "episodes.case_mix.frail: must have shares that come to 1"),
        ({"case_mix": {"frail": {"yes": 30, "no": 70}}}, "did you mean 0.3?"),
        ({"case_mix": {"frail": ["yes", "no"]}}, "episodes.case_mix.frail: must be a distribution"),
        ({"case_mix": {"risk_score": 2.0}}, "give it another name"),
        ({"case_mix": pd.DataFrame({"payer": ["A"]})}, "give payers="),
        ({"case_mix": pd.DataFrame({"age": [70.0], "share": [0.0]})}, "episodes.case_mix.share: must not all be 0"),
        (
            {"case_mix": pd.DataFrame({"age": [70.0], "share": [-1.0]})},
            "episodes.case_mix.share[0]: must be a number between 0 and",
        ),
        ({"case_mix": pd.DataFrame({"age": []})}, "episodes.case_mix: must have cases"),
        ({"case_mix": 3}, "episodes.case_mix: must be a mapping of columns"),
        ({"payers": {"A": 0.5, "B": 0.6}}, "episodes.payers: must have shares that come to 1"),
        ({"payers": ["A"]}, "episodes.payers: must be a name"),
        ({"seed": -1}, "episodes.seed: must be between 0"),
    ],
)
def test_what_cannot_be_is_refused(terms, said):
    with pytest.raises(ar.InputError) as refused:
        ar.Population.episodes(**({"volume_per_year": 100, "seed": 1} | terms))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"price": {"hip replacement": 1.0}}, "episodes.care.price.hip replacement: must be one of the services"),
        ({"price": {}}, "episodes.care.price.knee replacement: must be given for every trigger"),
        ({"shares": {"knee replacement": 0.9}}, "episodes.care.shares: must come to 1"),
        ({"delivered_by": {"hospice": "provider"}}, "episodes.care.delivered_by.hospice: must be one of the services"),
    ],
)
def test_care_that_cannot_be_is_refused(terms, said):
    with pytest.raises(ar.InputError) as refused:
        ar.episodes.care(episode(), **({"price": 1.0} | terms))
    assert said in str(refused.value)


def test_several_kinds_need_shares_and_triggers_of_their_own():
    with pytest.raises(ar.InputError, match=r"episodes\.care\.shares: must be given by trigger"):
        ar.episodes.care([episode("knee"), episode("hip")], price=1.0)
    with pytest.raises(ar.InputError, match="must have a trigger of their own each"):
        ar.episodes.care([episode("knee"), episode("knee")], price=1.0)
    with pytest.raises(ar.InputError, match="must have a trigger of their own each, got none"):
        ar.episodes.care([], price=1.0)
