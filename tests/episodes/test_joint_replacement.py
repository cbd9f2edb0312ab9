"""Joint replacement: simulated shares are the cited ones, prices are the user's, and nothing is assumed in silence."""

import csv
from functools import partial
from importlib.resources import files

import numpy as np
import pytest

import atrisk as ar
from episode_shares import DIGITS, simulated, within

KINDS = ("knee", "hip", "fracture")
CITED = {
    "knee": {"skilled nursing": 0.339, "rehabilitation": 0.060, "readmission": 0.063, "death": 0.004},
    "hip": {"skilled nursing": 0.334, "rehabilitation": 0.067, "readmission": 0.070, "death": 0.005},
    "fracture": {"skilled nursing": 0.721, "rehabilitation": 0.235, "readmission": 0.192, "death": 0.134},
}
#: Care that everybody has who lives so long.
LATE = 89.9
PRICES = {"skilled nursing": 11_000.0, "rehabilitation": 19_000.0, "readmission": 13_000.0, "home health": 3_000.0}
EXAMPLES = {name: PRICES[name] for name in DIGITS[:3]}


def of_kind(kind, **terms):
    """What makes the episode of a kind from prices and further care."""
    return partial(ar.episodes.joint_replacement, kind, **terms)


@pytest.mark.parametrize("kind", KINDS)
def test_simulated_shares_are_those_cited(kind):
    shares, episodes = simulated(of_kind(kind), LATE)
    for name in EXAMPLES:
        assert within(shares[name], CITED[kind][name], episodes), name
    # Of those who die within the window this part does so before the late day.
    assert within(1 - shares["alive"], CITED[kind]["death"] * LATE / 90, episodes)


def test_what_death_takes_away_is_given_back():
    days = {"skilled nursing": (5.0, 25.0), "readmission": (30.0, 90.0)}
    shares, episodes = simulated(of_kind("fracture", days=days), LATE)
    for name in EXAMPLES:
        assert within(shares[name], CITED["fracture"][name], episodes), name
    given = ar.episodes.joint_replacement("fracture", prices=EXAMPLES, days=days)
    (readmission,) = given.care
    assert readmission.share == pytest.approx(0.192 / (1 - 0.134 * 60 / 90))
    assert given.paths[1].share == pytest.approx(0.721 / (1 - 0.134 * 15 / 90))
    # Without it the difference would be seen.
    assert not within(0.192 * (1 - 0.134 * 60 / 90), 0.192, episodes)


@pytest.mark.parametrize("kind", KINDS)
def test_paths_stand_by_falling_function_and_come_to_one(kind):
    episode = ar.episodes.joint_replacement(kind, prices=PRICES, home_health=0.03)
    assert [path.name for path in episode.paths] == ["home", "home health", "skilled nursing", "rehabilitation"]
    assert sum(path.share for path in episode.paths) == pytest.approx(1.0)
    assert (episode.window_days, episode.name, episode.trigger) == (90, kind, "joint replacement")
    assert {path.name: [care.amount for care in path.care] for path in episode.paths} == {
        "home": [],
        **{name: [PRICES[name]] for name in ("home health", "skilled nursing", "rehabilitation")},
    }


def test_nobody_has_home_health_by_default():
    episode = ar.episodes.joint_replacement("knee", prices=EXAMPLES)
    assert [path.name for path in episode.paths] == ["home", "skilled nursing", "rehabilitation"]


def test_names_are_the_users():
    episode = ar.episodes.joint_replacement(
        "hip", prices=EXAMPLES, name="elective hip", trigger="surgery", services={"readmission": "inpatient"}
    )
    assert (episode.name, episode.trigger, episode.care[0].service) == ("elective hip", "surgery", "inpatient")


def test_priced_cases_are_prices():
    stays = ar.snf.Pdpm(
        fiscal_year=2026, case_mix={"NHNC1": 0.6, "KAQD1": 0.4}, days={20: 0.5, 30: 0.5}, area="urban", wage_index=1.0
    )
    episode = ar.episodes.joint_replacement("knee", prices=EXAMPLES | {"skilled nursing": stays})
    panel = ar.Population.episodes(volume_per_year=50, seed=1)
    care = ar.episodes.care(episode, price=0.0, shares={"joint replacement": 1.0})
    claims = ar.Study(panel, care, {"fees": ar.FeeForService()}, seed=2).claims()
    of_nursing = claims.loc[claims["service"] == "skilled nursing", "allowed"]
    assert len(of_nursing)
    assert np.isclose(of_nursing.to_numpy()[:, None], stays.prices[None, :]).any(axis=1).all()


def test_facts_are_those_of_the_table():
    with (files("atrisk.episodes") / "facts.csv").open(encoding="utf-8") as lines:
        table = [row for row in csv.DictReader(lines) if row["procedure"] == "joint_replacement"]
    assert {(row["kind"], row["item"].replace("_", " ")): float(row["value"]) for row in table} == {
        (kind, name): share for kind, shares in CITED.items() for name, share in shares.items()
    }
    assert {row["confidence"] for row in table} == {"read"}
    assert {row["unit"] for row in table} == {"part of patients, 0-1"}
    assert all("PMC5572486" in row["source"] and row["years"] == "2013-2014" for row in table)
    facts = ar.episodes.facts("joint_replacement", "hip")
    assert {fact.figure: float(fact.value) for fact in facts} == CITED["hip"]
    assert len(ar.episodes.facts()) == len(table)
    episode = ar.episodes.joint_replacement("hip", prices=EXAMPLES)
    care = ar.episodes.care(episode, price=14_000.0, assumptions=facts)
    assert care.assumptions == tuple(facts)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"kind": "shoulder"}, "joint_replacement.kind: must be one of knee, hip, fracture"),
        ({"prices": {"readmission": 1.0}}, "joint_replacement.prices.skilled nursing: must be given, got none"),
        ({"prices": PRICES}, "joint_replacement.prices.home health: must be one of"),
        ({"prices": EXAMPLES, "home_health": 0.1}, "joint_replacement.prices.home health: must be given"),
        ({"prices": PRICES, "home_health": 30}, "did you mean 0.3?"),
        ({"prices": PRICES, "home_health": 0.7}, "joint_replacement.paths: must have shares that come to at most 1"),
        ({"days": {"readmission": (5, 91)}}, "joint_replacement.days.readmission: must be days from 0 to 90"),
        ({"days": {"readmission": (90, 90)}}, "the first before the end"),
        ({"days": {"readmission": 5}}, "joint_replacement.days.readmission: must be a first and a last day"),
        ({"days": {"death": (0, 1)}}, "joint_replacement.days.death: must be one of"),
        ({"services": {"death": "hospice"}}, "joint_replacement.services.death: must be one of"),
        ({"prices": 3}, "joint_replacement.prices: must be by"),
    ],
)
def test_what_is_not_known_is_refused(terms, said):
    with pytest.raises(ar.InputError) as refused:
        ar.episodes.joint_replacement(**({"kind": "knee", "prices": EXAMPLES} | terms))
    assert said in str(refused.value)


def test_an_unknown_procedure_is_refused():
    said = r"facts\.procedure: must be one of joint_replacement, coronary_bypass, got 'bypass'"
    with pytest.raises(ar.InputError, match=said):
        ar.episodes.facts("bypass")
