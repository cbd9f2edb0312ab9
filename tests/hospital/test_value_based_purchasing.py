"""Value-based purchasing by small cases: points at each gate, domains, slope, dollars, what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar

HF = {"domain": "clinical_outcomes", "threshold": 0.5, "benchmark": 0.6}


def points(performance, baseline=None, **measure):
    """Achievement and improvement points of one measure."""
    row = {"facility_id": "A", "measure": "own", "performance": performance, "baseline": baseline} | HF | measure
    return ar.hospital.vbp(pd.DataFrame([row]), fiscal_year=2024).measures.iloc[0, 3:].tolist()


@pytest.mark.parametrize(
    ("performance", "achieved"),
    [
        (0.4999, 0),
        (0.5, 1),  # 0.5 of a point, rounded up
        (0.5111, 1),
        (0.5112, 2),  # 9 × 0.0112 ÷ 0.1 + 0.5 = 1.508
        (0.55, 5),
        (0.5944, 9),  # 8.996, and 9 from there on
        (0.5999, 9),
        (0.6, 10),
        (0.9, 10),
    ],
)
def test_achievement_on_a_ladder(performance, achieved):
    assert points(performance) == [achieved, 0, achieved]


@pytest.mark.parametrize(
    ("performance", "improved"),
    [
        (0.39, 0),
        (0.4, 0),
        (0.4001, 0),
        (0.4199, 0),  # 10 × 0.0199 ÷ 0.2 − 0.5 = 0.495
        (0.42, 1),  # 0.5, rounded up
        (0.4399, 1),
        (0.44, 2),
        (0.5999, 9),
        (0.6, 9),
        (0.7, 9),
    ],
)
def test_improvement_on_a_ladder(performance, improved):
    assert points(performance, baseline=0.4)[1] == improved


def test_less_is_better_where_the_benchmark_lies_below():
    infection = {"threshold": 0.7, "benchmark": 0.1}
    assert [points(rate, **infection)[0] for rate in (0.71, 0.7, 0.4, 0.101, 0.1, 0.0)] == [0, 1, 5, 9, 10, 10]
    assert points(0.4, baseline=0.4, **infection)[1] == 0
    assert points(0.3, baseline=0.4, **infection)[1] == 3  # 10 × 0.1 ÷ 0.3 − 0.5 = 2.83


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=20), st.integers(0, 1000))
def test_a_better_rate_never_earns_less(rates, baseline):
    rates = sorted(rates)
    frame = pd.DataFrame({"facility_id": [str(row) for row in range(len(rates))], "measure": "own", **HF})
    frame = frame.assign(performance=[rate / 1000 for rate in rates], baseline=baseline / 1000)
    measures = ar.hospital.vbp(frame, fiscal_year=2024).measures
    for line in ("achievement_points", "improvement_points", "measure_score"):
        assert measures[line].is_monotonic_increasing
        assert measures[line].between(0, 10).all()
        assert (measures[line] % 1 == 0).all()


def long(*rows):
    columns = ["facility_id", "measure", "domain", "performance"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(threshold=0.5, benchmark=0.6, floor=0.1)


def test_domains_and_totals_by_hand():
    """Clinical 6 of 20 points, safety too small, efficiency all, person: eight dimensions of 5 and consistency 20."""
    frame = long(
        ("A", "c1", "clinical_outcomes", 0.55),
        ("A", "c2", "clinical_outcomes", 0.5),
        ("A", "s1", "safety", 0.6),
        ("A", "e1", "efficiency_and_cost_reduction", 0.6),
        *[("A", f"p{dimension}", "person_and_community_engagement", 0.55) for dimension in range(8)],
        ("B", "e1", "efficiency_and_cost_reduction", 0.6),
    )
    result = ar.hospital.vbp(frame, fiscal_year=2024)
    by = result.domains[result.domains["facility_id"] == "A"].set_index("domain")
    assert by.loc["clinical_outcomes", "score"] == 30
    assert np.isnan(by.loc["safety", "score"])
    assert by.loc["efficiency_and_cost_reduction", "score"] == 100
    assert by.loc["person_and_community_engagement", ["points", "consistency_points", "score"]].tolist() == [40, 20, 60]
    assert by["weight"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    totals = result.hospitals.set_index("facility_id")["total_performance_score"]
    assert totals["A"] == pytest.approx(190 / 3)
    assert np.isnan(totals["B"]), "one domain makes no total"


@pytest.mark.parametrize(
    ("lowest", "consistent"), [(0.1, 0), (0.119, 0), (0.12, 1), (0.3, 10), (0.4999, 19), (0.5, 20)]
)
def test_consistency_is_the_lowest_dimension(lowest, consistent):
    """20 × 0.02 ÷ 0.4 − 0.5 = 0.5 rounds up to a point."""
    rows = [("A", f"p{each}", "person_and_community_engagement", lowest if each == 3 else 0.6) for each in range(8)]
    scored = ar.hospital.vbp(long(*rows), fiscal_year=2024).domains
    assert scored["consistency_points"].tolist() == [consistent]


def test_combined_measures_need_their_weights():
    frame = long(("A", "HAI-3", "safety", 0.6), ("A", "HAI-4", "safety", 0.4), ("A", "HAI-1", "safety", 0.5))
    with pytest.raises(
        ar.InputError, match=r"^hospital.vbp.weight: must be given .* make up SSI, got none for HAI-3 of A"
    ):
        ar.hospital.vbp(frame, fiscal_year=2024)
    frame["weight"] = [1.0, 3.0, np.nan]  # 10 × 1 ÷ 4 = 2.5, half up: 3; with 1 of the other: 4 of 20
    assert ar.hospital.vbp(frame, fiscal_year=2024).domains["score"].tolist() == [20]


def test_too_few_cases_are_left_out():
    frame = pd.DataFrame(
        {"facility_id": "A", "measure": ["MORT-30-HF", "MORT-30-PN"], "performance": [0.9, 0.9], "cases": [24, 25]}
    )
    result = ar.hospital.vbp(frame, fiscal_year=2024)
    assert result.measures["measure"].tolist() == ["MORT-30-PN"]
    assert any(note.startswith("minimum_cases") and "recalled" in note for note in result.notes)


def totals(*scores):
    return {"facility_id": [f"H{row}" for row in range(len(scores))], "total_performance_score": list(scores)}


@pytest.mark.parametrize(
    ("year", "score", "slope", "factor"),
    [
        (2024, 40, 2.5, 1.0),  # 2 % × 40 ÷ 100 × 2.5 = 2 %
        (2024, 0, 2.5, 0.98),
        (2024, 39.99, 2.5, 0.999995),
        (2024, 40.01, 2.5, 1.000005),
        (2024, 100, 2.5, 1.03),
        (2013, 0, 2.5, 0.99),
        (2014, 0, 2.5, 0.9875),
        (2015, 0, 2.5, 0.985),
        (2016, 0, 2.5, 0.9825),
        (2017, 0, 2.5, 0.98),
        (2026, 44, 2.5, 1.0),  # of 110
        (2022, 0, 2.5, 1.0),  # 42 CFR 412.168
    ],
)
def test_payment_factors(year, score, slope, factor):
    hospitals = ar.hospital.vbp(totals(score), fiscal_year=year, slope=slope).hospitals
    assert hospitals["payment_factor"].tolist() == pytest.approx([factor], abs=1e-12)


def test_dollars_by_hand():
    """Slope 2,000,000 ÷ (0.4 + 0.2) million = 3 1/3: A gets back 26,666.67 of 20,000, B 13,333.33."""
    base = {"H0": 1_000_000, "H1": 1_000_000}
    result = ar.hospital.vbp(totals(40, 20), fiscal_year=2024, base_payments=base)
    assert result.parameters["slope"] == pytest.approx(10 / 3)
    assert result.hospitals["withheld"].tolist() == [20_000, 20_000]
    assert result.hospitals["incentive"].tolist() == [26_666.67, 13_333.33]
    statement = result.statement("H0")
    assert str(statement["payment"]) == "1006666.67"
    assert statement.waterfall_steps()[-1][1] == sum(amount for _, amount in statement.waterfall_steps()[:-1])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(1, 10_000), st.floats(1e4, 1e9)), min_size=1, max_size=30))
def test_what_is_withheld_is_paid_out(hospitals):
    """To the cent of each hospital."""
    scores, dollars = zip(*hospitals, strict=True)
    frame = totals(*(score / 100 for score in scores))
    base = dict(zip(frame["facility_id"], dollars, strict=True))
    settled = ar.hospital.vbp(frame, fiscal_year=2024, base_payments=base).hospitals
    assert settled["incentive"].sum() == pytest.approx(settled["withheld"].sum(), rel=0, abs=0.01 * len(scores))


def test_the_slope_may_miss_its_total_by_a_cent_for_each_hospital():
    """Of 8.00 withheld three hospitals get a third each, 2.67: a hospital's dollars are its own rounded to cents."""
    base = {f"H{row}": 100 for row in range(4)}
    settled = ar.hospital.vbp(totals(10, 10, 10, 0), fiscal_year=2024, base_payments=base).hospitals
    assert settled["withheld"].tolist() == [2, 2, 2, 2]
    assert settled["incentive"].tolist() == [2.67, 2.67, 2.67, 0]


def test_hospitals_without_a_total_stand_outside():
    settled = ar.hospital.vbp(totals(40, np.nan), fiscal_year=2024, base_payments={"H0": 1e6, "H1": 1e6}).hospitals
    assert settled["payment_factor"].tolist() == [1.0, 1.0], "alone inside, the first gets back what it gave"
    assert settled["payment"].tolist() == [1e6, 1e6]
    assert settled["withheld"].tolist() == [20_000, 0]


def test_frames_of_any_kind():
    result = ar.hospital.vbp(pl.DataFrame(totals(40.0, 20.0)), fiscal_year=2024, slope=2)
    assert isinstance(result.hospitals, pl.DataFrame)
    assert result.hospitals["payment_factor"].to_list() == pytest.approx([0.996, 0.988])


def test_recalled_figures_are_told():
    scored = ar.hospital.vbp(long(("A", "c1", "clinical_outcomes", 0.55)), fiscal_year=2024)
    assert scored.hospitals["confidence"].tolist() == ["recalled"]
    assert any("achievement_factor 9" in note and "recalled" in note for note in scored.notes)
    given_totals = ar.hospital.vbp(totals(40), fiscal_year=2024, slope=2)
    assert given_totals.hospitals["confidence"].tolist() == ["read"]
    assert not given_totals.notes
    assert ar.hospital.vbp(totals(40), fiscal_year=2023).hospitals["confidence"].tolist() == ["recalled"]


@pytest.mark.parametrize(
    ("frame", "arguments", "text"),
    [
        (
            {"measure": ["x"], "domain": ["safety"]},
            {},
            "hospital.vbp: must have the columns facility_id, performance, threshold, benchmark, got only measure, "
            "domain",
        ),
        (totals(40), {"fiscal_year": 2012}, "hospital.vbp.fiscal_year: must be one of the years 2013, 2014, "),
        (
            long(("A", "x", "safety", 0.5)),
            {"fiscal_year": 2017},
            "hospital.vbp.fiscal_year: must be one of the years 2018, ",
        ),
        (
            totals(40, 100.01),
            {"fiscal_year": 2025},
            "hospital.vbp.total_performance_score[1]: must be a number between 0 and 100, or missing, got 100.01",
        ),
        (
            totals(110, 110.01),
            {"fiscal_year": 2026},
            "hospital.vbp.total_performance_score[1]: must be a number between 0 and 110, or missing, got 110.01",
        ),
        (
            totals(101),
            {"fiscal_year": 2022},
            "hospital.vbp.total_performance_score[0]: must be a number between 0 and 100, or missing, got 101",
        ),
        (long(("A", "x", "safty", 0.5)), {}, "hospital.vbp.domain[0]: must be one of clinical_outcomes, "),
        (long(("A", "x", "safety", "high")), {}, "hospital.vbp.performance[0]: must be a number between "),
        (
            long(("A", "x", "safety", 0.5), ("A", "x", "safety", 0.5)),
            {},
            "hospital.vbp[1]: must have one row for each facility_id and measure, got A, x twice",
        ),
        (
            long(("A", "x", "safety", 0.5)).assign(benchmark=0.5),
            {},
            "hospital.vbp.benchmark[0]: must differ from threshold",
        ),
        (
            totals(40, 20),
            {"base_payments": {"H0": 1e6}},
            "hospital.vbp.base_payments: must be given for every hospital, got 1 without: H1",
        ),
        (totals(0), {"base_payments": {"H0": 1e6}}, "hospital.vbp.slope: must be given where no hospital"),
        (totals(0), {"slope": float("nan")}, "hospital.vbp.slope: must be a finite number, got nan"),
        (totals(0), {"slope": -1}, "hospital.vbp.slope: must be between 0 and 1000000, got -1"),
        (totals(0, 0) | {"facility_id": ["A", "A"]}, {}, "hospital.vbp[1]: must have one row for each facility_id"),
        (3, {}, "hospital.vbp.measures: must be a data frame (pandas, polars, Arrow) or a mapping, got an int"),
        (
            pd.DataFrame({"Facility ID": ["1"], "State": ["AL"]}),
            {},
            "hospital.vbp.measures: must have columns of measures",
        ),
    ],
)
def test_what_is_refused(frame, arguments, text):
    with pytest.raises(ar.InputError) as error:
        ar.hospital.vbp(frame, **({"fiscal_year": 2024} | arguments))
    assert str(error.value).startswith(text)


def test_without_base_payments_there_are_no_dollars():
    statement = ar.hospital.vbp(totals(40), fiscal_year=2024, slope=2).statement("H0")
    assert [line.line for line in statement.lines] == ["total_performance_score", "incentive_rate", "payment_factor"]
    with pytest.raises(ar.InputError, match="must have lines that add up to one amount"):
        statement.plot()


def test_statements_of_nobody():
    result = ar.hospital.vbp(totals(40), fiscal_year=2024)
    with pytest.raises(ar.InputError, match="nothing to settle"):
        result.statement("H0")


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
@pytest.mark.parametrize(
    ("facility", "told"),
    [
        ("Z", "must be the facility_id of one of 3 hospitals, got 'Z' (such as '010001', '010005', '340002')"),
        (10005, "must be the facility_id of one of 3 hospitals, got 10005 (did you mean '010005'?)"),
        (
            "340002",
            "must be a hospital with a total performance score; others stand outside of the program, got '340002'",
        ),
    ],
)
def test_statements_of_hospitals_that_are_not_there(kind, facility, told):
    frame = {"facility_id": ["010001", "010005", "340002"], "total_performance_score": [40.0, 20.0, np.nan]}
    result = ar.hospital.vbp(kind(frame), fiscal_year=2024, slope=2)
    assert float(result.statement("010001")["incentive_rate"]) == 0.016
    with pytest.raises(ar.InputError) as error:
        result.statement(facility)
    assert str(error.value) == f"ProgramResult.statement: {told}"
