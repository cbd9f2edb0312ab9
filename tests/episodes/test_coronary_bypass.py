"""Coronary bypass: what is not cited must be given, given shares are seen, and what is cited can be laid beside."""

import csv
from functools import partial
from importlib.resources import files

import numpy as np
import pytest

import atrisk as ar
from episode_shares import simulated, within

#: Examples, none of them cited.
SHARES = {"skilled nursing": 0.20, "rehabilitation": 0.11, "readmission": 0.16, "death": 0.05}
PRICES = {"skilled nursing": 11_000.0, "rehabilitation": 19_000.0, "readmission": 14_000.0}
GIVEN = {"window_days": 90, "shares": SHARES, "prices": PRICES}
HOME = {
    "shares": SHARES | {"home health": 0.4},
    "prices": PRICES | {"home health": 3_000.0},
}
CITED = {
    ("patients", "least payment"): 11_723,
    ("patients", "most payment"): 356_850,
    ("hospitals", "cheapest quarter"): 45_487,
    ("hospitals", "dearest quarter"): 54_399,
    ("hospitals", "more for the index stay"): 0.15,
    ("hospitals", "more for professionals"): 0.34,
    ("hospitals", "more for post-acute care"): 0.30,
    ("hospitals", "more for readmissions"): 0.35,
}


def refusal(**terms):
    with pytest.raises(ar.InputError) as refused:
        ar.episodes.coronary_bypass(**terms)
    return refused.value


def test_what_is_not_cited_is_named_all_at_once():
    nothing = refusal()
    assert nothing.path == "coronary_bypass"
    named = [
        "window_days",
        *(f"shares.{each}" for each in SHARES),
        *(f"prices.{each}" for each in PRICES),
    ]
    assert nothing.rule == f"must be given {', '.join(named)}"
    assert nothing.hint.startswith("cited are payments within 90 days, no shares and no prices: give your own")
    assert refusal(**GIVEN | {"window_days": None}).rule == "must be given window_days"
    some = refusal(window_days=30, shares={"death": 0.02}, prices={"readmission": 1.0})
    assert some.rule.removeprefix("must be given ").split(", ") == [
        name for name in named[1:] if name not in {"shares.death", "prices.readmission"}
    ]


@pytest.mark.parametrize(("of", "name"), [("shares", each) for each in SHARES] + [("prices", each) for each in PRICES])
def test_each_of_them_is_needed(of, name):
    left = {each: value for each, value in GIVEN[of].items() if each != name}
    assert refusal(**GIVEN | {of: left}).rule == f"must be given {of}.{name}"
    # What is there but none of these is told apart from what is missing.
    assert refusal(**GIVEN | {of: GIVEN[of] | {"hospice": 0.1}}).path == f"coronary_bypass.{of}.hospice"


def test_home_health_needs_a_price_where_it_has_a_share():
    assert refusal(**GIVEN | {"shares": HOME["shares"]}).rule == "must be given prices.home health"
    assert refusal(**GIVEN | {"prices": HOME["prices"]}).path == "coronary_bypass.prices.home health"


@pytest.mark.parametrize("window", [30, 90])
def test_paths_stand_by_falling_function_and_come_to_one(window):
    episode = ar.episodes.coronary_bypass(window_days=window, **HOME)
    assert [path.name for path in episode.paths] == ["home", "home health", "skilled nursing", "rehabilitation"]
    assert [path.share for path in episode.paths] == pytest.approx([0.29, 0.4, 0.2, 0.11])
    assert (episode.window_days, episode.name, episode.trigger) == (window, "coronary bypass", "coronary bypass")
    assert episode.death_rate == 0.05
    assert {path.name: [care.amount for care in path.care] for path in episode.paths[1:]} == {
        name: [HOME["prices"][name]] for name in ("home health", "skilled nursing", "rehabilitation")
    }
    (readmission,) = episode.care
    assert (readmission.service, readmission.amount, readmission.days) == ("readmission", 14_000.0, (0.0, window))
    assert readmission.share == pytest.approx(0.16 / (1 - 0.05 / 2))


def test_nobody_has_home_health_unless_said():
    assert [path.name for path in ar.episodes.coronary_bypass(**GIVEN).paths] == [
        "home",
        "skilled nursing",
        "rehabilitation",
    ]


@pytest.mark.parametrize("days", [None, {"skilled nursing": (5.0, 25.0), "readmission": (10.0, 30.0)}])
def test_simulated_shares_are_those_given(days):
    late, given = 29.9, SHARES | {"death": 0.2}
    make = partial(ar.episodes.coronary_bypass, window_days=30, shares=given, days=days)
    shares, episodes = simulated(make, late)
    for name in PRICES:
        assert within(shares[name], given[name], episodes), name
    assert within(1 - shares["alive"], given["death"] * late / 30, episodes)
    # What death takes away, were it not given back, would be seen.
    assert not within(given["readmission"] * (1 - 0.2 / 2), given["readmission"], episodes)


def test_a_study_of_bypasses_runs_with_the_users_names_and_cases():
    ratios = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
    stays = ar.drg.Stay(
        fiscal_year=2021,
        case_mix={"235": 0.4, "236": 0.6},
        days=8,
        discharge="home",
        charges=0,
        wage_index=1.0,
        **ratios,
    )
    episode = ar.episodes.coronary_bypass(
        **GIVEN | {"prices": PRICES | {"readmission": stays}}, name="bypass", services={"readmission": "inpatient"}
    )
    care = ar.episodes.care(episode, price=stays, assumptions=ar.episodes.facts("coronary_bypass", "patients"))
    panel = ar.Population.episodes(volume_per_year=100, seed=1)
    arms = {
        "fees": ar.FeeForService(),
        "bundle": [ar.FeeForService(), ar.EpisodeBundle(episodes="bypass", target_price=50_000)],
    }
    study = ar.Study(panel, care, arms, seed=1)
    claims = study.claims()
    assert {"coronary bypass", "skilled nursing", "rehabilitation", "inpatient"} == set(claims["service"])
    own = claims.loc[claims["service"].isin(["coronary bypass", "inpatient"]), "allowed"]
    assert np.isclose(own.to_numpy()[:, None], stays.prices[None, :]).any(axis=1).all()
    net = study.run(10, progress=False, cash=False)
    assert not np.array_equal(net.values("provider_net", "fees"), net.values("provider_net", "bundle"))
    assert study.assumptions == tuple(ar.episodes.facts("coronary_bypass", "patients"))


def test_facts_are_those_of_the_table():
    with (files("atrisk.episodes") / "facts.csv").open(encoding="utf-8") as lines:
        table = [row for row in csv.DictReader(lines) if row["procedure"] == "coronary_bypass"]
    assert {(row["kind"], row["item"].replace("_", " ")): float(row["value"]) for row in table} == CITED
    assert {(row["confidence"], row["window_days"]) for row in table} == {("read", "90")}
    assert all("PMC5833620" in row["source"] and "5,910 patients of 33 hospitals" in row["source"] for row in table)
    facts = ar.episodes.facts("coronary_bypass")
    assert {fact.figure: float(fact.value) for fact in facts} == {": ".join(key): CITED[key] for key in CITED}
    assert {fact.unit for fact in facts if "quarter" in fact.figure} == {"dollars for an episode, mean, within 90 days"}
    hospitals = ar.episodes.facts("coronary_bypass", "hospitals")
    assert [fact.figure for fact in hospitals] == [item for kind, item in CITED if kind == "hospitals"]
    with pytest.raises(ar.InputError, match=r"coronary_bypass\.kind: must be one of patients, hospitals, got 'knee'"):
        ar.episodes.facts("coronary_bypass", "knee")


def test_cited_parts_agree_with_the_cited_means():
    """What the dearest quarter is paid more in all lies between what it is paid more for each part."""
    more = CITED["hospitals", "dearest quarter"] / CITED["hospitals", "cheapest quarter"] - 1
    of_parts = [value for (_, item), value in CITED.items() if item.startswith("more for")]
    assert min(of_parts) < more < max(of_parts)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"window_days": 0}, "coronary_bypass.window_days: must be a whole number between 1 and 365, got 0"),
        ({"window_days": 366}, "coronary_bypass.window_days: must be a whole number between 1 and 365, got 366"),
        (
            {"shares": SHARES | {"readmission": 16}},
            "coronary_bypass.shares.readmission: must be between 0 and 1, got 16",
        ),
        ({"shares": SHARES | {"readmission": 16}}, "did you mean 0.16?"),
        (
            {"shares": SHARES | {"death": ar.Normal(0.02, 0.01)}},
            "coronary_bypass.shares.death: must be a finite number",
        ),
        (
            {"shares": SHARES | {"skilled nursing": 0.9}},
            "coronary_bypass.paths: must have shares that come to at most 1",
        ),
        ({"shares": 3}, "coronary_bypass.shares: must be by skilled nursing, rehabilitation, readmission, death"),
        ({"prices": 3}, "coronary_bypass.prices: must be by skilled nursing, rehabilitation, readmission, got an int"),
        (
            {"window_days": 30, "days": {"readmission": (5, 31)}},
            "coronary_bypass.days.readmission: must be days from 0 to 30",
        ),
        ({"days": {"death": (0, 1)}}, "coronary_bypass.days.death: must be one of"),
        ({"services": {"death": "hospice"}}, "coronary_bypass.services.death: must be one of"),
    ],
)
def test_what_is_not_known_is_refused(terms, said):
    assert said in str(refusal(**GIVEN | terms))
