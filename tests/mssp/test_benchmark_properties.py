"""What holds of every benchmark: caps, order, both arithmetics, frames in any order, published base years."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atrisk import datasets, mssp
from benchmark_cases import KINDS, by_type, long
from oracle_benchmark import benchmark_by_hand


def cents(low, high):
    return st.integers(low * 100, high * 100).map(lambda value: value / 100)


def thousandths(low, high):
    return st.integers(round(low * 1000), round(high * 1000)).map(lambda value: value / 1000)


def types(strategy):
    return st.tuples(*[strategy] * 4).map(lambda values: by_type(*values))


FACTS = st.fixed_dictionaries(
    {f"per_capita_base_year_{year}": types(cents(6_000, 15_000)) for year in (1, 2, 3)}
    | {
        f"{who}_trend_base_year_{year}": types(thousandths(0.9, 1.2))
        for who in ("national", "regional")
        for year in (1, 2)
    }
    | {f"risk_score_base_year_{year}": types(thousandths(0.8, 1.2)) for year in (1, 2, 3)}
    | {"market_share_base_year_3": types(thousandths(0, 1)), "market_share": types(thousandths(0, 1))}
    | {"person_years_base_year_3": types(st.integers(1, 20_000)), "person_years": types(st.integers(0, 20_000))}
    | {"regional_per_capita": types(cents(6_000, 15_000)), "national_per_capita": types(cents(6_000, 15_000))}
    | {"regional_adjustments": st.integers(0, 5), "dual_share_base_year_3": thousandths(0, 1)}
    | {f"prior_savings_year_{year}": cents(-500, 1_500) for year in (1, 2, 3)}
    | {"prior_savings_proration": thousandths(0.5, 1), "low_income_share": thousandths(0, 1)}
    | {"risk_score": types(thousandths(0.8, 1.3)), "market_share_all": thousandths(0, 1)}
    | {"national_trend": types(thousandths(0.9, 1.2)), "regional_trend": types(thousandths(0.9, 1.2))}
    | {name: types(thousandths(0.9, 1.1)) for name in ("demographic_score_base_year_3", "demographic_score")}
    | {"regional_risk_growth": types(thousandths(0.9, 1.2)), "prospective_trend": types(thousandths(0.9, 1.2))}
    | {"regional_risk_growth_all": thousandths(0.9, 1.2), "regional_demographic_growth_all": thousandths(0.9, 1.1)}
)
STARTS = st.sampled_from([2019, 2023, 2024, 2025, 2026])


@settings(max_examples=300, deadline=None)
@given(FACTS, STARTS, st.sampled_from([1, 2, 5]))
def test_decimals_agree_with_floating_point_to_the_cent(facts, start, number):
    statement = mssp.BenchmarkRules.preset(start, number).settle(**facts)
    for line, expected in benchmark_by_hand(facts, start, number).items():
        assert float(statement[line]) == pytest.approx(expected, abs=0.00501), line


@settings(max_examples=100, deadline=None)
@given(FACTS, STARTS)
def test_caps_hold_and_decreases_pass(facts, start):
    frame = mssp.BenchmarkRules.preset(start).settle(long(facts))
    national = frame["enrolment_type"].map(facts["national_per_capita"])
    assert (frame["regional_adjustment"] <= 0.05 * national + 1e-6).all()
    assert (frame["regional_adjustment"] >= -(0.05 if start < 2024 else 0.015) * national - 1e-6).all()
    falls = frame["risk_growth"] <= 1
    assert (frame["risk_factor"][falls] == frame["risk_growth"][falls]).all() or (frame["risk_cap"] < 1).any()
    assert (frame["risk_factor"] <= frame["risk_growth"]).all()
    if start < 2024 or frame["risk_growth_all"].iloc[0] > frame["risk_cap"].iloc[0]:
        assert (frame["risk_factor"] <= frame["risk_cap"] + 1e-12).all()
    offered = frame[["regional_adjustment_all", "prior_savings_adjustment", "population_adjustment"]].iloc[0]
    chosen = np.average(frame["adjustment"], weights=list(facts["person_years_base_year_3"].values()))
    expected = offered["regional_adjustment_all"] if start < 2024 else max(offered.max(), 0)
    assert chosen == pytest.approx(expected, abs=1e-6)
    assert (frame["regional_risk_factor"] >= 1).all()


@settings(max_examples=100, deadline=None)
@given(FACTS, STARTS, st.sampled_from([1, 2, 3]), st.sampled_from(KINDS), cents(1, 2_000))
def test_benchmarks_rise_with_spending(facts, start, year, kind, more):
    name = f"per_capita_base_year_{year}"
    raised = facts | {name: facts[name] | {kind: facts[name][kind] + more}}
    rules = mssp.BenchmarkRules.preset(start)
    both = [rules.historical(long(each)) for each in (facts, raised)]
    assert (both[1]["historical_benchmark"] >= both[0]["historical_benchmark"]).all()
    rising = both[1]["historical_benchmark"] > both[0]["historical_benchmark"]
    assert rising.tolist() == [each == kind for each in KINDS]


@settings(max_examples=50, deadline=None)
@given(st.lists(FACTS, min_size=1, max_size=4), STARTS, st.randoms(use_true_random=False))
def test_frames_and_statements_agree_in_any_order(cases, start, random):
    rules = mssp.BenchmarkRules.preset(start)
    frame = pd.concat([long(facts, aco_id=f"A{i}") for i, facts in enumerate(cases)], ignore_index=True)
    order = list(range(len(frame)))
    random.shuffle(order)
    settled = rules.settle(frame.iloc[order])
    assert settled.index.tolist() == order
    for i, facts in enumerate(cases):
        statement = rules.settle(**facts)
        rows = settled[settled["aco_id"] == f"A{i}"].set_index("enrolment_type")
        assert set(rows["updated_benchmark_total"]) == {float(statement["updated_benchmark_total"])}
        for kind in KINDS:
            found = rows.loc[kind, "updated_benchmark"]
            assert found == pytest.approx(float(statement[f"updated_benchmark_{kind}"]), abs=0.00501)


def test_published_benchmarks_of_2014_come_out_the_same():
    frame = mssp.read_puf(datasets.mssp_puf(2014))
    trends = mssp.benchmark_trends(frame).set_index(["agreement_start", "enrolment_type", "base_year"])["trend"]
    expected = mssp.benchmark(frame).set_index("aco_id")["historical_benchmark"]
    rows = []
    for aco in frame.to_dict("records"):
        for kind in KINDS:
            years = {
                f"{what}_base_year_{year}": aco[f"{what}_{kind}_base_year_{year}"]
                for what in ("per_capita", "risk_score")
                for year in (1, 2, 3)
            }
            own = {
                f"{who}_trend_base_year_{year}": trends[aco["agreement_start"], kind, year]
                for who in ("national", "regional")
                for year in (1, 2)
            }
            share = {"person_years_base_year_3": aco[f"person_years_{kind}_base_year_3"]}
            rows.append({"aco_id": aco["aco_id"], "enrolment_type": kind} | years | own | share)
    known = pd.DataFrame(rows).assign(market_share_base_year_3=1.0)
    known = known[known["aco_id"].map(expected.notna())]
    settled = mssp.BenchmarkRules.preset(2019).historical(known).groupby("aco_id")["historical_benchmark_all"].first()
    assert len(settled) > 300
    np.testing.assert_allclose(settled, expected[settled.index], rtol=1e-9)
