"""The same bits with episodes at work: threads, chunks, order, company of arms, programmes and episodes, and alone."""

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import atrisk as ar
from test_bits_of_everything import HEALTH, panel, services

REPLICATES = 40
NAMES = ("Fees", "Bundle", "Price")
YEARS = (1, 2, 3)


def episodes():
    drugs = ar.EpisodeCare("drugs", amount=ar.LogNormal(mean=60, cv=0.5), days=(0, 60))
    tests = ar.EpisodeCare("tests", amount=30.0, share=0.7, days=(5, 90))
    paths = [ar.EpisodePath("home", share=0.55), ar.EpisodePath("nursing", share=0.45, care=[drugs, tests])]
    odds = {"sex": {"female": 1.3, "male": 0.8}}
    surgeons = [ar.EpisodeEffect("sex", log_odds_sd=0.4, price_cv=0.2)]
    stay = ar.Episode(
        "stay",
        trigger="admissions",
        window_days=300,
        paths=paths,
        death_rate=0.1,
        relativities=odds,
        effects=surgeons,
    )
    avoidable = ar.EpisodeCare("drugs", amount=90.0, share=0.4, avoidable=True)
    year = ar.Episode("year", condition="diabetes", window_days=200, care=[avoidable], effects=surgeons)
    course = ar.Episode("course", trigger="courses", window_days=90, care=[tests], absorbs=False, within_lines=False)
    return [stay, course, year]


def lines():
    more = ar.Service("courses", per_1000=300, allowed=ar.Gamma(mean=700, cv=0.4), own_cost=300, trend=0.02)
    return [*services(), more]


def care(given=None, kinds=None):
    shocks = [ar.Shock("walk", cv=0.03, permanent=True), ar.Shock("price", cv=0.02, on="price")]
    return ar.Utilization(
        services=lines() if given is None else given,
        episodes=episodes() if kinds is None else kinds,
        frailty=ar.Frailty(cv=0.8, family="log_normal", permanent_share=0.6),
        severity_cv=0.3,
        trend=ar.Normal(0.02, 0.02),
        shocks=shocks,
        fixed_cost_per_month=2_000,
    )


def coaches(effect=-0.3):
    return [
        ar.Programme("coach", services=["admissions"], effect=effect, reach=0.5, ramp_months=6),
        ar.Programme("home", episodes=["stay", "year"], effect=effect, reach=0.8, start_month=4),
    ]


def arms():
    after = ar.EpisodeBundle(
        episodes=["stay", "course"],
        target_price={"stay": 15_000, "course": 900},
        truncate_at=20_000,
        quality_gain_cut=0.1,
        quality_measures=["control"],
        stop_gain_rate=0.2,
        baseline=ar.EpisodeBaseline(own_share=0.5),
        post_episode_threshold=100,
    )
    of_year = ar.EpisodeBundle(
        episodes="year",
        kind="prospective",
        target_price=800,
        target_multipliers={"sex": {"female": 1.1, "male": 0.9}},
        warranty_share=0.5,
        readmission_services=["admissions"],
    )
    counted = ar.SharedSavings(benchmark_pmpm=300, sharing_rate=0.5, loss_rate=0.5)
    before = ar.EpisodeBundle(
        episodes="stay",
        kind="prospective",
        target_price=14_000,
        case_attachment=16_000,
        case_ceded_share=0.8,
        aggregate_attachment_rate=1.2,
    )
    more = ar.Programme("more", services=["courses"], effect=0.6)
    return {
        "Fees": ar.FeeForService(),
        "Bundle": ar.Arm([ar.FeeForService(fee_level=0.95), after, of_year, counted], programmes=coaches()),
        "Price": ar.Arm([ar.FeeForService(), before], programmes=[more], response=ar.Response("Fees", elasticity=0.3)),
    }


def study_of(arrangements=None, utilization=None, population=None, **more):
    terms = {"base_years": 1, "years": 3, "seed": 78} | HEALTH | more
    return ar.Study(population or panel(), utilization or care(), arrangements or arms(), **terms)


def bits(results, names=NAMES, first=0, replicates=None, *, years=YEARS, cash=True):
    """Every figure's bytes by arm and year, of some replicates."""
    end = None if replicates is None else first + replicates
    figures = [*ar.results.COLUMNS, "minimum_cash", "minimum_cash_month"]
    figures = figures if cash else [name for name in figures if not name.startswith("minimum_cash")]
    return {
        (arm, year, figure): results.values(figure, arm, year=year)[first:end].tobytes()
        for arm in names
        for year in years
        for figure in figures
    }


def run(study, **how):
    return study.run(**({"replicates": REPLICATES, "progress": False} | how))


@pytest.fixture(scope="module")
def reference():
    return run(study_of(), threads=1)


def test_episodes_are_at_work(reference):
    """They bring care, and bundles and programmes move what is settled of it."""
    assert (
        reference.values("allowed", "Fees")
        != run(study_of(utilization=care(kinds=[]), arrangements={"Fees": ar.FeeForService()})).values(
            "allowed", "Fees"
        )
    ).all()
    for arm, account in (("Bundle", "episode_"), ("Price", "stop_loss_recovery")):
        accounts = {
            name for number in range(8) for name in reference.statement(arm, replicate=number).ledger()["account"]
        }
        assert any(name.startswith(account) for name in accounts), accounts
    alone = arms()["Bundle"]
    without = run(study_of({"Fees": ar.FeeForService(), "Bundle": alone.contracts}))
    assert (reference.values("allowed", "Bundle") != without.values("allowed", "Bundle")).all()


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("chunk", [None, 1, 13])
def test_threads_and_chunks_move_nothing(reference, threads, chunk):
    assert bits(run(study_of(), threads=threads, chunk_replicates=chunk)) == bits(reference)


def test_replicates_alone_and_among_more(reference):
    study = study_of()
    assert bits(run(study, replicates=1, first=17)) == bits(reference, first=17, replicates=1)
    assert bits(run(study, replicates=REPLICATES + 20), replicates=REPLICATES) == bits(reference)


def test_an_executor_moves_nothing(reference):
    with ThreadPoolExecutor(2) as executor:
        there = run(study_of(), executor=executor, chunk_replicates=7)
    assert bits(there) == bits(reference)


def test_the_order_of_services_of_episodes_and_of_arms_moves_nothing(reference):
    assert bits(run(study_of(utilization=care(lines()[::-1])))) == bits(reference)
    assert bits(run(study_of(utilization=care(kinds=episodes()[::-1])))) == bits(reference)
    assert bits(run(study_of(dict(reversed(arms().items()))))) == bits(reference)


def test_a_further_arm_a_programme_and_an_episode_move_nothing(reference):
    others = [ar.Programme("other", episodes=["stay", "course"], effect=0.5), ar.Programme("all", effect=0.4)]
    more = arms() | {"Another": ar.Arm(ar.FeeForService(), programmes=others)}
    assert bits(run(study_of(more))) == bits(reference)
    idle = ar.Programme("idle", episodes=["course"], effect=0.5, reach=0.0)
    fees, bundle, price = arms().values()
    within = ar.Arm(bundle.contracts, programmes=[*bundle.programmes, idle])
    assert bits(run(study_of({"Fees": fees, "Bundle": within, "Price": price}))) == bits(reference)
    empty = ar.Episode("check", trigger="therapy checks", window_days=30)
    checks = ar.Service("therapy checks", per_1000=0, allowed=10.0)
    assert bits(run(study_of(utilization=care([*lines(), checks], [*episodes(), empty])))) == bits(reference)


def test_a_further_episode_moves_no_other_event():
    """On top of the lines it brings care and moves nothing that was there."""
    checks = ar.Service("checks", per_1000=900, allowed=10.0)
    brought = ar.EpisodeCare("drugs", amount=123.25)
    further = ar.Episode("check", trigger="checks", window_days=90, care=[brought], within_lines=False)
    keys = ["member_id", "year", "service", "month", "allowed"]
    for first in ([], episodes()):
        before = study_of(utilization=care([*lines(), checks], first), arrangements={"Fees": ar.FeeForService()})
        after = study_of(
            utilization=care([*lines(), checks], [*first, further]), arrangements={"Fees": ar.FeeForService()}
        )
        old, new = (each.claims(5, base_years=True)[keys] for each in (before, after))
        both = new.merge(old, on=keys, how="outer", indicator=True)
        assert not (both["_merge"] == "right_only").any()
        added = both[both["_merge"] == "left_only"]
        assert len(new) - len(old) == len(added) > 50
        assert set(added["service"]) == {"drugs"}


def test_more_years_keep_the_earlier_ones(reference):
    longer = run(study_of(years=4))
    # The last year's cash goes on to its run-out.
    assert bits(longer, cash=False) == bits(reference, cash=False)
    assert bits(longer, years=(1, 2)) == bits(reference, years=(1, 2))


def test_effects_of_nothing_are_the_baseline_bit_for_bit(reference):
    """Programmes of services and of episodes that change nothing, and one that reaches nobody."""
    fees, nobody = ar.FeeForService(), ar.Programme("nobody", episodes=["stay"], effect=-0.9, reach=0.0)
    still = {"Fees": fees, "Still": ar.Arm(fees, programmes=coaches(0.0)), "Nobody": ar.Arm(fees, programmes=[nobody])}
    results = run(study_of(still))
    for arm in ("Still", "Nobody"):
        for (_, year, figure), value in bits(reference, ["Fees"]).items():
            assert results.values(figure, arm, year=year).tobytes() == value, (arm, year, figure)


def test_a_further_member_moves_no_other_event_on_top_of_lines():
    """Within lines the panel's own dollars say what a line is left with; on top of them nobody looks at the others."""
    on_top = [ar.Episode("stay", trigger="admissions", window_days=300, care=episodes()[1].care, within_lines=False)]
    small = panel()
    frame = small.to_pandas()
    newcomer = frame.iloc[[0]].assign(member_id="newcomer", risk_score=2.0)
    moves = {name: getattr(small, name) for name in ("enrolment", "attribution", "conditions", "risk_scores")}
    larger = ar.Population.from_frame(pd.concat([newcomer, frame], ignore_index=True), **moves)
    fees = {"Fees": ar.FeeForService()}
    before, after = (study_of(fees, care(kinds=on_top), each).claims(5, base_years=True) for each in (small, larger))
    kept = after[after["member_id"] != "newcomer"].reset_index(drop=True)
    columns = ["member_id", "year", "service", "month", "allowed"]
    assert len(after) > len(kept)
    pd.testing.assert_frame_equal(kept[columns], before[columns], check_exact=True)


def test_values_are_pinned(reference):
    """Drawn values that a new version may only move by saying so in the changelog."""
    claims = reference.study.claims(0, base_years=True)
    assert (len(claims), round(float(claims["allowed"].sum()), 6)) == PINNED
    assert float(reference.values("provider_net", "Bundle").sum().round(2)) == PINNED_NET


PINNED = (6_852, 1_244_963.996678)
PINNED_NET = 2_581_514.67
