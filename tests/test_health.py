"""Outcomes and measures on the same paths, against closed forms of counts and shares."""

import math

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel

MEMBERS = 500
STAYS = ar.Service("stays", per_1000=200, allowed=10_000.0)
LESS = ar.Programme("home care", services=["stays"], effect=-0.4)


def run(*, outcomes=(), measures=(), arms=None, panel=None, replicates=400, years=1, **care):
    arms = {"Fees": ar.FeeForService()} if arms is None else arms
    utilization = ar.Utilization(services=[STAYS], **care)
    panel = make_panel(MEMBERS) if panel is None else panel
    study = ar.Study(panel, utilization, arms, outcomes=outcomes, measures=measures, years=years, seed=6)
    return study.run(replicates, progress=False)


def test_outcomes_are_counted():
    results = run(outcomes=[ar.Outcome("falls", per_member_year=0.3)])
    count, enrolled = results.found("falls", "Fees")
    assert (enrolled == MEMBERS).all()
    assert within(metrics.mean(count), 0.3 * MEMBERS)
    assert within(metrics.standard_deviation(count), math.sqrt(0.3 * MEMBERS))
    table = results.outcomes()
    assert table.loc["Fees", "falls_per_1000"] == pytest.approx(1_000 * count.mean() / MEMBERS)


def test_outcomes_follow_risk_exposure_and_shared_frailty():
    panel = make_panel(MEMBERS, risk_score=2.0, exit_month=6)
    results = run(outcomes=[ar.Outcome("falls", per_member_year=0.3)], panel=panel, frailty_cv=0.8)
    count, _ = results.found("falls", "Fees")
    mean = 0.3 * 2.0 * 0.5
    assert within(metrics.mean(count), mean * MEMBERS)
    assert within(metrics.standard_deviation(count), math.sqrt(MEMBERS * (mean + (mean * 0.8) ** 2)))


def test_a_dose_moves_an_outcome_with_the_same_luck():
    """Fewer stays by 0.4: avoidable readmissions with elasticity 1 fall by as much, hospital-free deaths by none."""
    outcomes = [
        ar.Outcome("readmissions", per_member_year=0.1, depends_on={"stays": 1.0}),
        ar.Outcome("deaths", per_member_year=0.02),
    ]
    results = run(outcomes=outcomes, arms={"Fees": ar.FeeForService(), "Less": ar.Arm(ar.FeeForService(), [LESS])})
    before, after = (results.found("readmissions", arm)[0] for arm in results.arms)
    assert within(metrics.mean(after), 0.6 * 0.1 * MEMBERS)
    assert (after <= before).all()
    assert results.found("deaths", "Fees")[0].tobytes() == results.found("deaths", "Less")[0].tobytes()


def test_columns_move_an_outcome():
    rng = np.random.default_rng(2)
    adherence = rng.uniform(0, 1, MEMBERS)
    panel = make_panel(MEMBERS, adherence=adherence, area=np.where(np.arange(MEMBERS) < 100, "poor", "other"))
    depends_on = {"adherence": -1.5, "area": {"poor": 2.0, "other": 1.0}}
    results = run(outcomes=[ar.Outcome("falls", per_member_year=0.3, depends_on=depends_on)], panel=panel)
    factor = np.exp(-1.5 * (adherence - adherence.mean())) * np.where(np.arange(MEMBERS) < 100, 2.0, 1.0)
    assert within(metrics.mean(results.found("falls", "Fees")[0]), 0.3 * factor.sum())


def test_a_measure_of_a_provider_like_others():
    results = run(measures=[ar.Measure("screening", rate=0.7)])
    met, eligible = results.found("screening", "Fees")
    assert (eligible == MEMBERS).all()
    assert within(metrics.mean(met / eligible), 0.7)
    assert within(metrics.standard_deviation(met), math.sqrt(MEMBERS * 0.7 * 0.3))


def test_providers_differ_and_denominators_are_small():
    """The variance of what is found is that of the true rate and of its denominator: here 120 members."""
    panel = make_panel(MEMBERS, age=np.where(np.arange(MEMBERS) < 120, 60.0, 30.0))
    measure = ar.Measure("screening", rate=0.7, sd_between=0.05, eligible={"age": (50, 75)})
    results = run(measures=[measure], panel=panel, replicates=4_000)
    met, eligible = results.found("screening", "Fees")
    assert (eligible == 120).all()
    spread = 0.05 / (0.7 * 0.3)
    z = (np.arange(20_000) + 0.5) / 20_000
    true = 1 / (1 + np.exp(-(math.log(0.7 / 0.3) + spread * stats.norm.ppf(z))))
    variance = true.var() + (true * (1 - true)).mean() / 120
    assert within(metrics.mean(met / eligible), float(true.mean()))
    assert within(metrics.standard_deviation(met / eligible), math.sqrt(variance))
    assert abs(true.std() - 0.05) < 0.002


def test_a_providers_rate_is_its_own_in_all_years():
    results = run(measures=[ar.Measure("screening", rate=0.5, sd_between=0.1)], years=2, replicates=1_500)
    rates = [results.found("screening", "Fees", year=year)[0] / MEMBERS for year in (1, 2)]
    noise = 0.25 / MEMBERS
    correlation = np.corrcoef(*rates)[0, 1]
    assert correlation == pytest.approx(1 - noise / (noise + 0.0095), abs=0.02)


def test_adherence_moves_the_odds():
    adherence = np.repeat([0.2, 0.8], MEMBERS // 2)
    panel = make_panel(MEMBERS, adherence=adherence)
    results = run(measures=[ar.Measure("control", rate=0.6, adherence_effect=2.0)], panel=panel)
    odds = 1.5 * np.exp(2.0 * (adherence - 0.5))
    assert within(metrics.mean(results.found("control", "Fees")[0]), float((odds / (1 + odds)).sum()))


@pytest.mark.parametrize(
    ("rate", "year", "inverse", "score"),
    [
        (0.5, 1, False, 0.0),
        (0.6, 1, False, 0.25),
        (0.7, 1, False, 0.5),
        (0.8, 1, False, 0.75),
        (0.95, 1, False, 1.0),
        (0.75, 2, False, 0.5),
        (0.3, 1, True, 0.5),
        (0.05, 1, True, 1.0),
    ],
)
def test_a_ladder_of_scores(rate, year, inverse, score):
    """Benchmarks 0.5, 0.7, 0.9 that drift by 0.05 a year; inverse measures are scored by who does not meet them."""
    measure = ar.Measure("x", rate=0.5, benchmarks=(0.5, 0.7, 0.9), drift=0.05, inverse=inverse)
    assert measure.score(np.array([rate]), year)[0] == pytest.approx(score)


def test_the_quality_score_weighs_measures():
    measures = [
        ar.Measure("a", rate=0.6, benchmarks=(0.0, 1.0), weight=3.0),
        ar.Measure("b", rate=0.2, benchmarks=(0.0, 1.0), inverse=True),
    ]
    results = run(measures=measures, replicates=50)
    a, b = (results.found(name, "Fees")[0] / MEMBERS for name in ("a", "b"))
    np.testing.assert_allclose(results.quality_score("Fees", year=1), (3 * a + (1 - b)) / 4)
    table = results.measures()
    assert table.loc["Fees", "a_eligible"] == MEMBERS
    assert table.loc["Fees", "a_rate"] == pytest.approx(a.mean())


def test_an_added_outcome_moves_nothing_else():
    plain = run(replicates=20)
    more = run(outcomes=[ar.Outcome("falls", per_member_year=0.3)], measures=[ar.Measure("m", rate=0.5)], replicates=20)
    for figure in ("allowed", "provider_net", "minimum_cash"):
        assert plain.values(figure, "Fees").tobytes() == more.values(figure, "Fees").tobytes()


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: run(outcomes=[ar.Outcome("falls", per_member_year=-1)]),
            "outcomes.falls.per_member_year: must be between 0 and 1000, got -1",
        ),
        (
            lambda: run(measures=[ar.Measure("m", rate=70)]),
            "measures.m.rate: must be between 0 and 1, got 70 (did you mean 0.70?)",
        ),
        (
            lambda: run(measures=[ar.Measure("m", rate=0.7, benchmarks=(0.7, 0.5))]),
            "measures.m.benchmarks: must be two rates or more, rising, got (0.7, 0.5)",
        ),
        (
            lambda: run(outcomes=[ar.Outcome("falls", per_member_year=1, depends_on={"visits": 1.0})]),
            "outcomes.falls.depends_on: must name services or columns of the panel, got 'visits' (the columns are age, "
            "sex, risk_score, entry_month, exit_month, payer, member_id)",
        ),
        (
            lambda: run(outcomes=[ar.Outcome("x", per_member_year=1)], measures=[ar.Measure("x", rate=0.5)]),
            'measures[0].name: must be a name of its own, got "x" twice',
        ),
        (
            lambda: run(outcomes=[ar.Outcome("falls", per_member_year=1, depends_on={"sex": 0.5})]),
            "outcomes.falls.depends_on.sex: must map values to factors, got 0.5 (a number is for columns of numbers)",
        ),
        (
            lambda: run(outcomes=[ar.Outcome("falls", per_member_year=1, depends_on={"entry_month": ar.Normal(0, 1)})]),
            "outcomes.falls.depends_on.entry_month: must be a finite number, got Normal(mean=0, sd=1)",
        ),
        (
            lambda: run(outcomes=[ar.Outcome("falls", per_member_year=1, depends_on={"member_id": 900})]),
            "outcomes.falls.depends_on.member_id: must give finite factors of rate, got 900 "
            "(it is the change of the log rate for a unit more than the mean of the panel)",
        ),
    ],
)
def test_health_that_cannot_be(work, text):
    with pytest.raises(ar.InputError) as caught:
        work()
    assert str(caught.value) == text
