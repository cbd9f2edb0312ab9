"""Pay for performance: ladders one step either side of each gate, withholds, pools that add up, what is refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar


def share(performance, ladder, **terms):
    return float(ar.MeasureLadder(ladder=ladder, **terms).settle(performance=performance)["share"])


@pytest.mark.parametrize(
    ("performance", "line", "step"),
    [
        (0.59, 0, 0),
        (0.6, 0.5, 0.5),
        (0.61, 0.525, 0.5),
        (0.7, 0.75, 0.5),
        (0.79, 0.975, 0.5),
        (0.8, 1, 1),
        (0.95, 1, 1),
    ],
)
def test_threshold_and_target(performance, line, step):
    ladder = [(0.6, 0.5), (0.8, 1)]
    assert share(performance, ladder) == pytest.approx(line)
    assert share(performance, ladder, straight_line=False) == step


@pytest.mark.parametrize(("performance", "earned"), [(0.19, 0), (0.18, 0), (0.17, 1 / 6), (0.12, 1), (0.11, 1)])
def test_less_may_be_better(performance, earned):
    assert share(performance, [(0.18, 0), (0.12, 1)]) == pytest.approx(earned)


@pytest.mark.parametrize(("performance", "earned"), [(0.799999, 0), (0.8, 1), (0.800001, 1)])
def test_all_or_nothing(performance, earned):
    assert share(performance, [(0.8, 1)]) == earned


@pytest.mark.parametrize(
    ("performance", "earned"),
    [(0.4, 0), (0.5, 0), (0.51, 1 / 3), (0.52, 2 / 3), (0.53, 1), (0.6, 1), (0.85, 1)],
)
def test_improvement_closes_a_part_of_the_gap(performance, earned):
    """From 0.5 to a target of 0.8: a tenth of the gap, 0.03, earns all."""
    measure = ar.MeasureLadder(ladder=[(0.7, 0), (0.8, 1)], improvement=0.1)
    statement = measure.settle(performance=performance, baseline=0.5, has_baseline=1)
    assert float(statement["share"]) == pytest.approx(earned)
    assert float(measure.settle(performance=0.6)["share"]) == 0, "no baseline, no improvement"


@pytest.mark.parametrize(
    ("score", "returned", "bonus"),
    [
        (0.0, "0.00", "0.00"),
        (0.4999, "0.00", "0.00"),
        (0.5, "30000.00", "12000.00"),
        (0.7499, "30000.00", "12000.00"),
        (0.75, "60000.00", "24000.00"),
        (1.0, "60000.00", "24000.00"),
    ],
)
def test_withhold_and_bonus_by_steps(score, returned, bonus):
    """10 % of 600,000 withheld, 2 PMPM × 12,000 in the pool; half from 0.5 on, all from 0.75."""
    plan = ar.PayForPerformance(withhold_rate=0.1, bonus_pmpm=2, ladder=[(0.5, 0.5), (0.75, 1)], straight_line=False)
    statement = plan.settle(score=score, payments=600_000, member_months=12_000)
    assert (statement["returned"], statement["bonus"]) == (Decimal(returned), Decimal(bonus))
    assert statement["net"] == Decimal(returned) + Decimal(bonus) - 60_000
    steps = statement.waterfall_steps()
    assert sum(amount for _, amount in steps[:-1]) == steps[-1][1]


def test_by_default_the_score_is_the_share():
    assert ar.PayForPerformance(withhold_rate=0.2).settle(score=0.37, payments=1_000)["returned"] == Decimal("74.00")


def plan_of_measures(**terms):
    measures = {
        "screening": ar.MeasureLadder(ladder=[(0.6, 0), (0.8, 1)]),
        "readmissions": ar.MeasureLadder(ladder=[(0.18, 0), (0.12, 1)], weight=3),
    }
    return ar.PayForPerformance(measures=measures, **({"bonus_pmpm": 1} | terms))


def test_measures_make_the_score_by_their_weights():
    frame = pd.DataFrame(
        {"screening": [0.7, 0.7, np.nan, np.nan], "readmissions": [0.12, np.nan, 0.15, np.nan], "member_months": 1_000},
        index=list("ABCD"),
    )
    settled = plan_of_measures().settle(frame)
    assert settled["score"].round(12).to_dict() == {"A": 0.875, "B": 0.5, "C": 0.5, "D": 0.0}
    assert settled["screening_share"].round(12).tolist()[:2] == [0.5, 0.5]
    assert np.isnan(settled["screening_share"]["C"])
    assert settled["bonus"].tolist() == [875, 500, 500, 0]
    assert plan_of_measures(minimum_measures=2).settle(frame)["bonus"].tolist() == [875, 0, 0, 0]


def test_the_share_of_measures_at_target():
    """A bonus pool times the share of measures that reach their target."""
    steps = {name: ar.MeasureLadder(ladder=[(0.8, 1)]) for name in ("a", "b", "c", "d")}
    plan = ar.PayForPerformance(measures=steps, bonus_pmpm=3)
    assert plan.settle(a=0.8, b=0.79, c=0.9, d=0.85, member_months=100)["bonus"] == Decimal("225.00")


def test_a_statement_shows_its_measures():
    statement = plan_of_measures().settle(screening=0.7, readmissions=0.12, member_months=1_000)
    assert (statement["screening_share"], statement["readmissions_share"]) == (Decimal("0.5"), 1)
    assert statement["score"] == Decimal("0.875")


def test_a_pool_is_split_in_proportion():
    """Shares × member-months 1,000 : 500 : 0 of 9,000 dollars."""
    plan = ar.PayForPerformance(pool=9_000)
    settled = plan.settle(score=[1.0, 0.25, 0.0], member_months=[1_000, 2_000, 5_000])
    assert settled["bonus"].tolist() == [6_000, 3_000, 0]
    assert plan.settle(score=[0.0, 0.0], member_months=[10, 10])["bonus"].tolist() == [0, 0]


def test_budget_neutral_withholds_move_money_between_providers():
    """10,000 each is withheld; scores 0.9 and 0.6 split 20,000 as 3 : 2."""
    plan = ar.PayForPerformance(withhold_rate=0.1, budget_neutral=True)
    settled = plan.settle(pl.DataFrame({"score": [0.9, 0.6], "payments": [100_000.0, 100_000.0]}))
    assert isinstance(settled, pl.DataFrame)
    assert settled["returned"].to_list() == [12_000, 8_000]
    assert settled["net"].to_list() == [2_000, -2_000]


providers = st.lists(
    st.tuples(st.integers(1, 100), st.floats(1, 1e8), st.integers(1, 100_000)), min_size=1, max_size=20
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(providers, st.booleans())
def test_pools_add_up(rows, fixed):
    """To the cent of each provider."""
    score, payments, member_months = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    terms = {"pool": 123_456.78} if fixed else {"bonus_pmpm": 1.37}
    plan = ar.PayForPerformance(withhold_rate=0.05, budget_neutral=True, **terms)
    settled = plan.settle(score=score / 100, payments=payments, member_months=member_months)
    cents = 0.01 * len(rows)
    assert settled["returned"].sum() == pytest.approx(settled["withheld"].sum(), rel=0, abs=cents)
    pool = 123_456.78 if fixed else settled["bonus_pool"].sum()
    assert settled["bonus"].sum() == pytest.approx(pool, rel=0, abs=cents)


rungs = st.lists(
    st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=5, unique_by=lambda rung: rung[0]
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    rungs, st.lists(st.integers(-5, 105), min_size=2, max_size=20), st.booleans(), st.integers(0, 100), st.booleans()
)
def test_better_never_earns_less(rungs, rates, straight_line, baseline, less):
    froms, gives = sorted(rung[0] for rung in rungs), sorted(rung[1] for rung in rungs)
    sign = -1 if less and len(rungs) > 1 else 1
    ladder = [(sign * start, share / 100) for start, share in zip(froms, gives, strict=True)]
    measure = ar.MeasureLadder(ladder=ladder, straight_line=straight_line, improvement=0.5)
    settled = measure.settle(performance=sign * np.sort(rates), baseline=sign * baseline, has_baseline=1)
    assert settled["share"].is_monotonic_increasing
    assert settled["share"].between(0, 1).all()


@pytest.mark.parametrize(
    ("terms", "facts", "text"),
    [
        (
            {"withhold_rate": 10},
            {},
            "PayForPerformance.withhold_rate: must be between 0 and 1, got 10 (did you mean 0.10?)",
        ),
        ({"bonus_pmpm": -1}, {}, "PayForPerformance.bonus_pmpm: must be between 0 and 1000000, got -1"),
        (
            {"bonus_pmpm": 1, "pool": 5},
            {"score": [1.0]},
            "PayForPerformance.pool: must be left out where bonus_pmpm is given, got 5",
        ),
        ({"ladder": []}, {}, "PayForPerformance.ladder: must have a rung"),
        ({"ladder": [0.5]}, {}, "PayForPerformance.ladder[0]: must be rungs (from, share), got 0.5"),
        (
            {"ladder": [(50, 1)]},
            {},
            "PayForPerformance.ladder[0].from: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            {"ladder": [(0.5, 1), (0.6, 0.9)]},
            {},
            "PayForPerformance.ladder[1].gives: must not lie below the rung before: a better value never earns less, "
            "got 0.9",
        ),
        (
            {"ladder": [(0.5, 0), (0.5, 1)]},
            {},
            "PayForPerformance.ladder[1].from: must go one way: rungs rise, or all fall where less is better, got 0.5",
        ),
        ({}, {"score": 1.5}, "PayForPerformance.score[0]: must be a number between 0 and 1, or missing, got 1.5"),
        (
            {},
            {"quality": 1},
            "PayForPerformance.quality: must be one of score, payments, member_months, got an unknown fact",
        ),
        (
            {"budget_neutral": True},
            {},
            "PayForPerformance: must be given all providers at once: what one earns depends",
        ),
        ({"budget_neutral": 1}, {"score": [1.0]}, "PayForPerformance.budget_neutral: must be True or False, got 1"),
        (
            {"measures": {"a": 0.8}},
            {"a": 0.7},
            "PayForPerformance.measures[a]: must be a MeasureLadder, got a float",
        ),
        (
            {"measures": {"a": ar.MeasureLadder(ladder=[(0.8, 1)], improvement=0)}},
            {"a": 0.7},
            "PayForPerformance.measures[a].improvement: must lie above 0, got 0",
        ),
        (
            {"measures": {"a": ar.MeasureLadder(ladder=[(0.8, 50)])}},
            {"a": 0.7},
            "PayForPerformance.measures[a].ladder[0].gives: must be between 0 and 1, got 50",
        ),
    ],
)
def test_what_is_refused(terms, facts, text):
    given_facts = facts or {"score": 0.5}
    needed = {"payments": 100, "member_months": 10}
    with pytest.raises(ar.InputError) as error:
        ar.PayForPerformance(**({"withhold_rate": 0.1} | terms)).settle(**given_facts, **needed)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"withhold_rate": 10}, "withhold_rate: must be between 0 and 1, got 10 (did you mean 0.10?)"),
        ({"withhold_rate": ar.Beta(mean=0.1, cv=0.1)}, "withhold_rate: must be known: a number and no distribution"),
        ({"ladder": []}, "ladder: must have a rung"),
        ({"pool": -1}, "pool: must be dollars of at least 0, got -1"),
        ({"pool": "all"}, "pool: must be a finite number, got 'all'"),
        ({"pool": 5, "bonus_pmpm": 1}, "pool: must be left out where bonus_pmpm is given, got 5"),
        ({"budget_neutral": 1}, "budget_neutral: must be True or False, got 1"),
        ({"bonus_rate": 2}, "bonus_rate: must be between 0 and 1, got 2 (did you mean 0.02?)"),
        ({"penalty_rate": -1}, "penalty_rate: must be between 0 and 1, got -1"),
        ({"penalty_ladder": [(0.5, 0.5), (0.6, 1)]}, "penalty_ladder[1].gives: must not lie above the rung before"),
        ({"minimum_eligible": 0}, "minimum_eligible: must be a whole number between 1 and 1,000,000,000, got 0"),
        ({"pool": 5, "bonus_rate": 0.1}, "pool: must be left out where bonus_rate is given, got 5"),
        ({"measures": {"a": None}}, "measures[a]: must be a MeasureLadder"),
        ({"minimum_measures": 0}, "minimum_measures: must be a whole number between 1 and 1,000, got 0"),
        ({"measures": ["a"]}, "measures: must map names to MeasureLadder, got a list"),
        ({"measures": {"a": 0.8}}, "measures[a]: must be a MeasureLadder, got a float"),
        (
            {"measures": {"a": ar.MeasureLadder(ladder=[(0.8, 50)])}},
            "measures[a].ladder[0].gives: must be between 0 and 1, got 50",
        ),
        (
            {"measures": {"a": ar.MeasureLadder(ladder=[(0.8, 1)], weight=0)}},
            "measures[a].weight: must be above 0, got 0",
        ),
        (
            {"measures": {"a": ar.MeasureLadder(ladder=[(0.8, 1)], improvement=ar.Uniform(0, 1))}},
            "measures[a].improvement: must be known: a number and no distribution",
        ),
    ],
)
def test_terms_are_refused_before_facts_are_looked_at(terms, text):
    with pytest.raises(ar.InputError) as error:
        ar.PayForPerformance(**terms).settle(nothing=1)
    assert str(error.value).startswith(f"PayForPerformance.{text}")


def test_missing_columns_are_named_at_once():
    with pytest.raises(ar.InputError, match="must have the columns screening, readmissions, member_months, got only x"):
        plan_of_measures().settle(pd.DataFrame({"x": [1]}))


def test_facts_beside_a_frame_go_by_position():
    plan = ar.PayForPerformance(withhold_rate=0.1, measures={"a": ar.MeasureLadder(ladder=[(0.6, 0), (0.8, 1)])})
    frame = pd.DataFrame({"payments": [100.0, 100.0]}, index=[5, 6])
    rates = pd.Series([0.8, 0.7], index=[5, 6])
    for column in (rates, rates.to_numpy(), rates.tolist()):
        settled = plan.settle(frame, a=column)
        np.testing.assert_allclose(settled["net"], [0.0, -5.0])
        assert list(settled.index) == [5, 6]


def test_a_number_holds_for_every_provider():
    plan = ar.PayForPerformance(withhold_rate=0.1)
    np.testing.assert_allclose(plan.settle(score=[1.0, 0.5], payments=100)["net"], [0.0, -5.0])
    assert float(plan.settle({"score": 0.5, "payments": 100})["net"]) == -5.0
