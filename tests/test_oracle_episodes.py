"""The slow twin on episodes: windows, paths and care of random arms, and every bundle settled from its page."""

import copy

import numpy as np
import pytest

import atrisk as ar
import oracle
from episode_studies import make_services, make_study
from oracle_arms import arm_events, care_of_arm
from rider_studies import MEASURES, make_people
from twin import assert_agree, assert_events_agree, assert_figures_agree, assert_transfers_agree, oracle_columns

NUMBERS = range(18)


@pytest.mark.parametrize("number", NUMBERS)
def test_random_arms_agree(number):
    """Events of all years, figures of every arm, and every transfer."""
    study = make_study(number)
    results, _ = assert_agree(study, 2, looked_at=1)
    assert_transfers_agree(study, results, 1, base_years=True, riders=True)


def test_every_term_is_among_them():
    """Each term of bundles and of episodes away from its default somewhere, and all that may happen to an episode."""
    bundles, episodes, programmes, signs = [], [], set(), set()
    for number in NUMBERS:
        spec = make_study(number).spec
        episodes += spec["utilization"]["episodes"]
        for arm in spec["arms"]:
            programmes |= {programme["name"] for programme in arm["programmes"]}
            signs |= {"response"} if arm["response"] else set()
            for contracts in [arm["contracts"], *(each["contracts"] for each in arm["payers"])]:
                bundles += [each["episode_bundle"] for each in contracts if "episode_bundle" in each]
    nothing = {None, "0.0", "1.0", "21"}
    known = set(bundles[0]) - {"post_episode_threshold", "warranty_share", "notes", "least_quality", "kind"}
    moved = {term for each in bundles for term in known if str(each[term]) not in {*map(str, nothing), "[]"}}
    assert moved == known
    assert {each["kind"] for each in bundles} == {"retrospective", "prospective"}
    assert any(each["least_quality"] is not None for each in bundles)
    assert {each["absorbs"] for each in episodes} == {each["within_lines"] for each in episodes} == {True, False}
    assert {each["factor"] is None for each in episodes} == {True, False}
    assert {each["death_rate"] > 0 for each in episodes} == {True, False}
    assert {bool(each["paths"]) for each in episodes} == {True, False}
    assert programmes == {"fewer", "more", "home", "any"}
    assert signs == {"response"}


def test_uncertain_terms_agree():
    """A share of care, the part who die, the effect of a programme and a price, each of every draw its own."""
    stays = ar.EpisodeCare("stays", amount=2_500.0, share=ar.Uniform(0.2, 0.9))
    kind = episode(care=[stays], death_rate=ar.Uniform(0.0, 0.4))
    home = ar.Programme("home", episodes=["knee"], effect=ar.Uniform(-0.8, 0.2))
    study = small_study(RETROSPECTIVE | {"target_price": ar.Uniform(9_000, 14_000)}, kind=kind, programmes=[home])
    assert len(study.uncertain_inputs) == 4
    assert_agree(study, 6, looked_at=2)


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


def episode(**terms):
    """An episode with two paths, care of every kind, and death."""
    stays = ar.EpisodeCare("stays", amount=ar.LogNormal(mean=4_000, cv=0.5), share=0.4, days=(10, 80))
    drugs = ar.EpisodeCare("drugs", amount=150.0, days=(0, 60))
    given = {
        "trigger": "knee",
        "window_days": 90,
        "paths": [ar.EpisodePath("home", share=0.6), ar.EpisodePath("nursing", share=0.4, care=[drugs])],
        "care": [stays],
        "death_rate": 0.2,
        "relativities": {"sex": {"female": 1.6, "male": 0.7}},
    }
    return ar.Episode("knee", **given | terms)


HOME = ar.Programme("home", episodes=["knee"], effect=-0.4, reach=0.7, start_month=3, ramp_months=6)
FEWER = ar.Programme("fewer", services=["knee"], effect=-0.3)
MORE = ar.Programme("more", services=["knee"], effect=0.6)
RETROSPECTIVE = {"target_price": 12_000, "best_score": 20, "quality_score": 14, "settle_month": 20}
RUNGS = {"quality_discounts": [(0, 0.06), (8, 0.03), (14, 0.0)]}
LOSSES = {"quality_loss_discounts": [(0, 0.05), (8, 0.02), (14, 0.0)]}
GAINS = RETROSPECTIVE | {"target_price": 30_000}
PROSPECTIVE = {"kind": "prospective", "target_price": 11_000, "case_attachment": 11_500, "case_ceded_share": 0.6}

OF_EPISODES = [
    ("window_days", 91),
    ("death_rate", 0.25),
    ("absorbs", False),
    ("within_lines", False),
    (("care", 0, "share"), 0.43),
    (("care", 0, "from_day"), 20.0),
    (("care", 0, "to_day"), 90.0),
    (("care", 0, "amount"), {"log_normal": {"mean": 4_001, "cv": 0.5}}),
    (("paths", 1, "care", 0, "amount"), 150.1),
    (("paths", 1, "care", 0, "share"), 0.95),
    (("paths", 1, "share"), 0.45),
]
OF_BUNDLES = [
    (RETROSPECTIVE, "target_price", {"": "12000.5"}),
    (RETROSPECTIVE, "discount", "0.0001"),
    (RETROSPECTIVE, "loss_rate", "0.999"),
    (RETROSPECTIVE | {"truncate_at": 15_000}, "truncate_at", {"": "15001"}),
    (RETROSPECTIVE | {"raise_to": 11_000}, "raise_to", {"": "11001"}),
    (RETROSPECTIVE | {"stop_loss_rate": 0.02}, "stop_loss_rate", "0.0201"),
    (RETROSPECTIVE | {"minimum_loss_rate": 0.01}, "minimum_loss_rate", "0.999"),
    (RETROSPECTIVE | {"quality_loss_cut": 0.1}, "quality_loss_cut", "0.101"),
    (RETROSPECTIVE | {"quality_loss_cut": 0.1}, "quality_score", "14.1"),
    (RETROSPECTIVE | {"quality_loss_cut": 0.1}, "best_score", "20.1"),
    (RETROSPECTIVE | RUNGS, ("quality_discounts", 2, "gives"), "0.0001"),
    (RETROSPECTIVE | RUNGS, ("quality_discounts", 2, "from"), "14.1"),
    (RETROSPECTIVE | RUNGS | LOSSES, ("quality_loss_discounts", 2, "gives"), "0.0001"),
    (RETROSPECTIVE, "settle_month", "21"),
    (GAINS, "sharing_rate", "0.999"),
    (GAINS | {"stop_gain_rate": 0.05}, "stop_gain_rate", "0.0501"),
    (GAINS | {"minimum_savings_rate": 0.01}, "minimum_savings_rate", "0.999"),
    (GAINS | {"quality_gain_cut": 0.1}, "quality_gain_cut", "0.101"),
    (GAINS | {"least_quality": 14}, "least_quality", "14.1"),
    (PROSPECTIVE, "discount", "0.0001"),
    (PROSPECTIVE, "target_price", {"": "11000.5"}),
    (PROSPECTIVE, "case_attachment", {"": "11501"}),
    (PROSPECTIVE, "case_ceded_share", "0.601"),
    (PROSPECTIVE | {"aggregate_attachment_rate": 0.8}, "aggregate_attachment_rate", "0.801"),
]


def named(case):
    """Name a case by its term alone."""
    return str(case) if isinstance(case, (str, tuple)) else ""


def changed(node, term, value):
    """Put another value in the place of a term."""
    *way, last = term if isinstance(term, tuple) else (term,)
    for step in way:
        node = node[step]
    assert node[last] != value
    node[last] = value


def small_study(bundle=None, *, kind=None, programmes=()):
    """Return a study of an arm whose lines are all the provider's to be paid for."""
    contracts = [
        ar.FeeForService(fee_level=1.1),
        *([] if bundle is None else [ar.EpisodeBundle(episodes="knee", **bundle)]),
    ]
    arms = {"Arm": ar.Arm(contracts, programmes=list(programmes))}
    care = ar.Utilization(services=make_services(), episodes=[kind or episode()])
    moves = {"enrolment": None, "attribution": None, "risk_scores": None}
    return ar.Study(make_people(60, seed=4, **moves), care, arms, years=2, measures=MEASURES, seed=8)


@pytest.mark.parametrize(("term", "value"), OF_EPISODES, ids=named)
def test_an_episode_that_is_a_little_different_is_noticed(term, value):
    study = small_study(RETROSPECTIVE)
    results, columns = study.run(3, progress=False), oracle_columns(study)
    assert_figures_agree(study, results, oracle.run(study.spec, columns, range(3)))
    other = copy.deepcopy(study.spec)
    changed(other["utilization"]["episodes"][0], term, value)
    with pytest.raises(AssertionError):
        assert_figures_agree(study, results, oracle.run(other, columns, range(3)))


@pytest.mark.parametrize(("bundle", "term", "value"), OF_BUNDLES, ids=named)
def test_a_bundle_that_is_a_little_different_is_noticed(bundle, term, value):
    study = small_study(bundle)
    results, columns = study.run(3, progress=False), oracle_columns(study)
    assert_figures_agree(study, results, oracle.run(study.spec, columns, range(3)))
    assert_transfers_agree(study, results, 1, base_years=True, riders=True)
    other = copy.deepcopy(study.spec)
    changed(other["arms"][0]["contracts"][-1]["episode_bundle"], term, value)
    if term == "settle_month":
        with pytest.raises(AssertionError):
            assert_transfers_agree(study, results, 1, base_years=True, riders=True, spec=other)
        return
    with pytest.raises(AssertionError):
        assert_figures_agree(study, results, oracle.run(other, columns, range(3)))


@pytest.mark.parametrize(
    ("term", "value"), [("effect", -0.5), ("reach", "0.9"), ("start_month", 12.0), ("ramp_months", 30.0)], ids=named
)
def test_a_programme_of_episodes_that_is_a_little_different_is_noticed(term, value):
    study = small_study(RETROSPECTIVE, programmes=[HOME, FEWER])
    results, columns = study.run(20, progress=False), oracle_columns(study)
    assert_figures_agree(study, results, oracle.run(study.spec, columns, range(20)))
    other = copy.deepcopy(study.spec)
    changed(other["arms"][0]["programmes"][0], term, value)
    with pytest.raises(AssertionError):
        assert_figures_agree(study, results, oracle.run(other, columns, range(20)))


def test_factors_of_odds_and_the_payer_of_a_member_are_noticed():
    study = small_study(RETROSPECTIVE)
    results, columns = study.run(3, progress=False), oracle_columns(study)
    others = columns | {"factor:episode knee": columns["factor:episode knee"] * 1.2}
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


def test_a_provider_under_capitation_pays_nothing_back_for_care_that_nobody_paid():
    """What the payer pays of the care in windows is nothing where the provider bears all of it."""
    knees = ar.Service("knee", per_1000=400, allowed=9_000.0)
    care = ar.Utilization(services=[knees], episodes=[ar.Episode("knee", trigger="knee", window_days=90)])
    bundle = ar.EpisodeBundle(episodes="knee", kind="prospective", target_price=10_000)
    study = ar.Study(make_people(60, seed=4), care, {"Arm": [ar.Capitation(pmpm=100), bundle]}, seed=8)
    ledger = study.run(1, progress=False).statement("Arm", replicate=0).ledger()
    assert (ledger["account"] == "episode_price").any()
    assert not (ledger["account"] == "episode_care").any()
