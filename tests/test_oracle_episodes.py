"""The slow twin on episodes: windows, paths and care of random arms, and what of them it would notice."""

import numpy as np
import pytest

import atrisk as ar
import oracle
import oracle_netting
from episode_kinds import make_services
from episode_studies import make_study
from oracle_arms import arm_events, care_of_arm
from rider_studies import make_people
from small_episodes import (
    FEWER,
    HOME,
    MORE,
    RETROSPECTIVE,
    assert_change_noticed,
    assert_other_noticed,
    changed,
    chronic,
    episode,
    named,
    operated,
    small_study,
)
from twin import assert_agree, assert_events_agree, assert_figures_agree, assert_transfers_agree, oracle_columns

NUMBERS = range(24)
QUICK = 8  # of them in every run


@pytest.mark.parametrize(
    "number", [number if number < QUICK else pytest.param(number, marks=pytest.mark.slow) for number in NUMBERS]
)
def test_random_arms_agree(number):
    """Events of all years, figures of every arm, and every transfer."""
    study = make_study(number)
    results, _ = assert_agree(study, 2, looked_at=1)
    assert_transfers_agree(study, results, 1, base_years=True, riders=True)


def contracts_of(spec):
    """Return the lists of contracts of a study, with whether each is with one payer."""
    found = []
    for arm in spec["arms"]:
        found += [(True, each["contracts"]) for each in arm["payers"]] + [(False, arm["contracts"])]
    return found


SPECS = []


def specs():
    """Return the specifications of all random studies, made once."""
    if not SPECS:
        SPECS.extend(make_study(number).spec for number in NUMBERS)
    return SPECS


@pytest.mark.slow
def test_every_term_of_episodes_is_among_them():
    """Each term away from its default somewhere, and all that may happen to an episode."""
    episodes = [each for spec in specs() for each in spec["utilization"]["episodes"]]
    arms = [arm for spec in specs() for arm in spec["arms"]]
    cares = [care for each in episodes for part in (each, *each["paths"]) for care in part["care"]]
    of_condition = [each for each in episodes if each["condition"] is not None]
    for term in ("absorbs", "within_lines"):
        assert {each[term] for each in episodes if each["condition"] is None} == {True, False}
    assert {each["within_lines"] for each in of_condition} == {True, False}
    assert {each["factor"] is None for each in episodes} == {True, False}
    assert {each["death_rate"] > 0 for each in episodes} == {True, False}
    assert {bool(each["paths"]) for each in episodes} == {True, False}
    assert {care["avoidable"] for care in cares} == {True, False}
    effects = {tuple(effect["name"] for effect in each["effects"]) for each in episodes}
    assert effects == {(), ("surgeon",), ("hospital",), ("surgeon", "hospital")}
    assert {each["condition"] for each in of_condition} == {"failure", "frail"}
    assert {each["states"] is None for each in of_condition} == {True, False}
    names = {programme["name"] for arm in arms for programme in arm["programmes"]}
    assert names == {"fewer", "more", "home", "any"}
    assert any(arm["response"] for arm in arms)


@pytest.mark.slow
def test_every_term_of_bundles_is_among_them():
    """Each term of a bundle away from its default somewhere, and contracts that count what bundles pay and do not."""
    bundles, riders, pairs, shares = [], set(), set(), set()
    for of_payer, contracts in [each for spec in specs() for each in contracts_of(spec)]:
        of_them = [each["episode_bundle"] for each in contracts if "episode_bundle" in each]
        bundles += of_them
        pairs.add(tuple(sorted({each["excludes_attributed"] for each in of_them})))
        for kind, terms in (pair for each in contracts for pair in each.items()):
            if kind in {"shared_savings", "risk_corridor"}:
                riders.add((kind, of_payer, terms["episode_payments"]))
                shares.add(terms.get("share_of"))
    nothing = {None, "0.0", "1.0", "21", "30", "False"}
    known = set(bundles[0]) - {"notes", "least_quality", "kind"}
    moved = {term for each in bundles for term in known if str(each[term]) not in {*map(str, nothing), "[]"}}
    assert moved == known
    assert {each["kind"] for each in bundles} == {"retrospective", "prospective"}
    assert any(each["least_quality"] is not None for each in bundles)
    baselines = [(each["kind"], each["baseline"]["weights"] is None) for each in bundles if each["baseline"]]
    assert set(baselines) == {(kind, equal) for kind in ("retrospective", "prospective") for equal in (True, False)}
    assert pairs >= {(), (False,), (True,), (False, True)}
    assert shares == {None, "provider", "payer"}
    kinds = ("shared_savings", "risk_corridor")
    assert riders == {(kind, of, how) for kind in kinds for of in (True, False) for how in ("counted", "apart")}


def test_uncertain_terms_agree():
    """A share of care, the part who die, the effect of a programme and a price, each of every draw its own."""
    stays = ar.EpisodeCare("stays", amount=2_500.0, share=ar.Uniform(0.2, 0.9))
    kind = episode(care=[stays], death_rate=ar.Uniform(0.0, 0.4))
    home = ar.Programme("home", episodes=["knee"], effect=ar.Uniform(-0.8, 0.2))
    study = small_study(RETROSPECTIVE | {"target_price": ar.Uniform(9_000, 14_000)}, kind=kind, programmes=[home])
    assert len(study.uncertain_inputs) == 4
    assert_agree(study, 6, looked_at=2)


@pytest.mark.parametrize("draws", [None, 2])
def test_uncertain_surgeons_and_baselines_agree(draws):
    """How much surgeons differ, and what base years make of prices, each draw its own; also in nested draws."""
    effects = [ar.EpisodeEffect("surgeon", log_odds_sd=ar.Uniform(0, 1), price_cv=ar.Uniform(0, 0.5))]
    baseline = ar.EpisodeBaseline(trend=ar.Normal(0.02, 0.01), own_share=ar.Uniform(0.3, 1))
    after = {"post_episode_threshold": ar.Uniform(50, 500), "post_episode_days": 60}
    bundle = RETROSPECTIVE | after | {"baseline": baseline}
    study = small_study(bundle, kind=operated(effects=effects), programmes=[HOME], base_years=2)
    assert len(study.uncertain_inputs) == 5
    assert_agree(study, 4, looked_at=0, **({} if draws is None else {"draws": draws}))


def test_a_panel_that_is_there_for_a_year_has_lines_of_that_year_alone():
    """Care that would come after everyone has left is expected of no line."""
    people = make_people(80, seed=4, enrolment=None, attribution=None, risk_scores=None)
    frame = people.to_pandas().assign(entry_year=1, entry_month=1, exit_year=1, exit_month=12)
    care = ar.Utilization(services=make_services(), episodes=[episode()])
    arms = {"Arm": [ar.FeeForService(), ar.EpisodeBundle(episodes="knee", **RETROSPECTIVE)]}
    study = ar.Study(ar.Population.from_frame(frame), care, arms, years=1, seed=8)
    results, _ = assert_agree(study, 3, looked_at=1)
    assert (results.values("allowed", "Arm") > 0).all()


# ---------------------------------------------------------------------------------------------------------
# That it notices
# ---------------------------------------------------------------------------------------------------------

OF_EPISODES = [
    (episode, "window_days", 91),
    (episode, "death_rate", 0.25),
    (episode, "absorbs", False),
    (episode, "within_lines", False),
    (episode, ("care", 0, "share"), 0.43),
    (episode, ("care", 0, "from_day"), 20.0),
    (episode, ("care", 0, "to_day"), 90.0),
    (episode, ("care", 0, "amount"), {"log_normal": {"mean": 4_001, "cv": 0.5}}),
    (episode, ("paths", 1, "care", 0, "amount"), 150.1),
    (episode, ("paths", 1, "care", 0, "share"), 0.95),
    (episode, ("paths", 1, "share"), 0.45),
    (operated, ("care", 0, "avoidable"), False),
    (operated, ("effects", 0, "log_odds_sd"), 0.63),
    (operated, ("effects", 0, "price_cv"), 0.301),
    (operated, ("effects", 0, "name"), "doctor"),
    (operated, ("effects", 1, "factor"), "factor:effect surgeon"),
    (operated, "effects", []),
    (chronic, "states", ["severe"]),
    (chronic, "condition", "frail"),
    (chronic, "window_days", 200),
    (chronic, "within_lines", False),
    (chronic, ("care", 0, "avoidable"), False),
    (chronic, ("care", 0, "to_day"), 190.0),
]


@pytest.mark.parametrize(("kind", "term", "value"), OF_EPISODES, ids=named)
def test_an_episode_that_is_a_little_different_is_noticed(kind, term, value):
    study = small_study(RETROSPECTIVE, kind=kind(), programmes=[] if kind is episode else [HOME])

    def change(spec):
        of_it = spec["utilization"]["episodes"][0]
        if term == "condition":
            of_it["states"] = None
        changed(of_it, term, value)

    assert_change_noticed(study, change)


OF_NETTING = [
    (operated, "spread_of", lambda _found, _episode: [(1.0, 1.0)]),
    (chronic, "part_of_condition", lambda found, *given: np.ones_like(found(*given))),
    (chronic, "expected_relativity", lambda found, *given: np.ones_like(found(*given))),
    (operated, "expected_relativity", lambda found, *given: np.ones_like(found(*given))),
]


@pytest.mark.parametrize(("kind", "function", "other"), OF_NETTING, ids=named)
def test_lines_that_are_netted_a_little_differently_are_noticed(monkeypatch, kind, function, other):
    """What effects spread odds to, how long members are there, and what conditions make of the lines."""
    study = small_study(RETROSPECTIVE, kind=kind())
    assert_other_noticed(study, monkeypatch, oracle_netting, function, other, replicates=20)


@pytest.mark.parametrize(
    ("term", "value"), [("effect", -0.5), ("reach", "0.9"), ("start_month", 12.0), ("ramp_months", 30.0)], ids=named
)
def test_a_programme_of_episodes_that_is_a_little_different_is_noticed(term, value):
    study = small_study(RETROSPECTIVE, programmes=[HOME, FEWER])
    assert_change_noticed(study, lambda spec: changed(spec["arms"][0]["programmes"][0], term, value), replicates=20)


@pytest.mark.parametrize(
    ("kind", "factor"), [(episode, "factor:episode knee"), (operated, "factor:effect surgeon")], ids=named
)
def test_factors_of_odds_and_the_surgeon_of_a_member_are_noticed(kind, factor):
    study = small_study(RETROSPECTIVE, kind=kind())
    results, columns = study.run(3, progress=False), oracle_columns(study)
    others = columns | {factor: np.floor(columns[factor] * 1.2) if "effect" in factor else columns[factor] * 1.2}
    with pytest.raises(AssertionError):
        assert_figures_agree(study, results, oracle.run(study.spec, others, range(3)))


# ---------------------------------------------------------------------------------------------------------
# What happens in windows
# ---------------------------------------------------------------------------------------------------------


def test_windows_are_absorbed_cut_by_death_and_reach_into_other_years():
    """What the twin is compared on does happen: in one world of some size, by counting."""
    frequent = [each for each in make_services() if each.name != "knee"]
    knees = ar.Service("knee", per_1000=1_500, allowed=9_000.0)
    care = ar.Utilization(services=[*frequent, knees], episodes=[episode(window_days=180)])
    arms = {"Fees": ar.FeeForService(), "More": ar.Arm(ar.FeeForService(), programmes=[MORE])}
    study = ar.Study(make_people(150, seed=1, earliest=-3), care, arms, base_years=1, years=2, seed=3)
    assert_events_agree(study, 0, base_years=True)
    columns = oracle_columns(study)
    world = oracle.simulate(study.spec, columns, 0)
    window = 180 / (365 / 12)
    for arm in study.spec["arms"]:
        opened = care_of_arm(world, columns, arm).episodes["knee"]
        lengths = opened.end - opened.start
        assert 0.1 < (lengths < window - 1e-9).mean() < 0.35
        crossing = np.floor(opened.end / 12) > np.floor(opened.start / 12)
        assert set(opened.year[crossing]) == {0, 1, 2, 3}
        events = [arm_events(world, columns, arm, year) for year in world.years]
        knee = [each["name"] for each in oracle.services_of(world.spec)].index("knee")
        triggers = sum(int((each.service == knee).sum()) for each in events)
        assert len(opened.row) < triggers, "some are absorbed"


def test_windows_of_a_condition_are_whole_and_in_parts():
    """Members with the condition come late, leave early and stay; none of their windows reaches into another year."""
    study = small_study(RETROSPECTIVE, kind=chronic())
    columns = oracle_columns(study)
    world = oracle.simulate(study.spec, columns, 0)
    opened = care_of_arm(world, columns, study.spec["arms"][0]).episodes["knee"]
    position = np.floor(opened.start / 12)
    assert (opened.end <= 12 * (position + 1)).all()
    assert (opened.end == 12 * (position + 1)).any()
    assert (opened.start % 12 > 0).any()
    assert 0.2 < (opened.episodes == 1).mean() < 0.95
    assert opened.episodes.min() < 0.5
