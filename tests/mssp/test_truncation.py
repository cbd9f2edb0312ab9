"""Truncated years of members: annualised, cut off and weighted, worked by hand."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar
from atrisk import mssp

KINDS = ["esrd", "disabled", "aged_dual", "aged_non_dual"]
POINTS = dict.fromkeys(KINDS, 100_000)


def per_capita(rows, points=POINTS, **terms):
    frame = pd.DataFrame(rows, columns=["enrolment_type", "months", "spending"])
    return mssp.truncated_per_capita(frame, truncation_points=points, **terms)


def test_three_members_by_hand():
    # 3 of 12 months with 30,000 are 120,000 a year: 100,000 count, for a quarter of a year.
    rows = [("disabled", 3, 30_000), ("disabled", 12, 5_000), ("disabled", 6, 8_000), ("esrd", 12, 90_000)]
    disabled, esrd = per_capita(rows).to_dict("records")
    assert disabled == {
        "enrolment_type": "disabled",
        "person_years": 1.75,
        "members": 3,
        "members_truncated": 1,
        "spending": 43_000,
        "counted": 38_000,
        "per_capita": pytest.approx(38_000 / 1.75, rel=1e-15),
    }
    assert (esrd["person_years"], esrd["counted"], esrd["per_capita"]) == (1, 90_000, 90_000)


@pytest.mark.parametrize(
    ("months", "spending", "counted"),
    [
        (12, 99_999.99, 99_999.99),
        (12, 100_000, 100_000),
        (12, 100_000.01, 100_000),
        (6, 49_999.99, 49_999.99),
        (6, 50_000.01, 50_000),
        (1, 8_333.33, 8_333.33),
        (1, 8_334, 100_000 / 12),
        (12, 0, 0),
        (12, -500, -500),
    ],
)
def test_a_year_counts_up_to_its_truncation_point(months, spending, counted):
    (row,) = per_capita([("aged_dual", months, spending)]).to_dict("records")
    assert row["counted"] == pytest.approx(counted, abs=1e-6)
    assert row["members_truncated"] == (counted < spending - 1e-6)


def test_spending_is_completed_before_it_is_truncated():
    (row,) = per_capita([("esrd", 12, 99_000)], completion_factor=1.02).to_dict("records")
    assert (row["spending"], row["counted"]) == (100_980, 100_000)


def test_points_and_groups_by_year_and_organization():
    frame = pd.DataFrame(
        {"aco_id": ["A1", "A1", "A2", "A1"], "year": [2022, 2023, 2023, 2023], "enrolment_type": "esrd"}
        | {"member_id": [1, 1, 1, 2], "months": 12, "spending": [70_000, 70_000, 50_000, 40_000]}
    )
    points = {(2022, "esrd"): 60_000, (2023, "esrd"): 65_000}
    result = mssp.truncated_per_capita(frame, truncation_points=points).set_index(["aco_id", "year"])
    assert result["per_capita"].to_dict() == {("A1", 2022): 60_000, ("A1", 2023): 52_500, ("A2", 2023): 50_000}


@pytest.mark.parametrize("kind", [pl.DataFrame, pa.table, dict])
def test_frames_come_back_in_their_kind(kind):
    columns = {"aco_id": ["A1", "A1"], "enrolment_type": ["esrd", "esrd"], "months": [12, 6], "spending": [70.0, 20.0]}
    result = mssp.truncated_per_capita(kind(columns), truncation_points=POINTS)
    assert isinstance(result, pd.DataFrame if kind is dict else type(kind({})))
    rows = pd.DataFrame({name: result[name].to_numpy() for name in ("aco_id", "members", "per_capita")})
    assert rows.to_dict("records") == [{"aco_id": "A1", "members": 2, "per_capita": 60}]


MEMBERS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 12), st.integers(0, 30_000_000).map(lambda cents: cents / 100)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(MEMBERS, st.integers(1_000, 200_000))
def test_per_capita_never_exceeds_point_or_spending(rows, point):
    result = per_capita(rows, dict.fromkeys(KINDS, point)).set_index("enrolment_type")
    assert (result["per_capita"] <= point + 1e-6).all()
    assert (result["counted"] <= result["spending"] + 1e-6).all()
    for kind in {kind for kind, *_ in rows}:
        own = [(months, spending) for each, months, spending in rows if each == kind]
        counted = sum(min(spending * 12 / months, point) * months / 12 for months, spending in own)
        assert result.loc[kind, "counted"] == pytest.approx(counted, abs=0.005)
        assert result.loc[kind, "per_capita"] == pytest.approx(
            counted * 12 / sum(months for months, _ in own), abs=0.005
        )


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"points": POINTS | {"esrd": -1}}, "truncation_points['esrd']: must be dollars above 0, got -1"),
        ({"points": {(2022, "esrd"): 0}}, "truncation_points[(2022, 'esrd')]: must be dollars above 0, got 0"),
        ({"points": POINTS | {"esrd": "x"}}, "truncation_points['esrd']: must be a finite number, got 'x'"),
        ({"completion_factor": 0.98}, "completion_factor: must be at least 1 and at most 10, got 0.98"),
        ({"completion_factor": -1}, "completion_factor: must be at least 1 and at most 10, got -1"),
        ({"completion_factor": 10.1}, "completion_factor: must be at least 1 and at most 10, got 10.1"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms, message):
    rows = [("esrd", 12, 100), ("esrd", 6, 100)]
    assert len(per_capita(rows, completion_factor=10)) == 1
    with pytest.raises(ar.InputError) as refused:
        per_capita(rows, **terms)
    assert str(refused.value) == f"truncated_per_capita.{message}"


def test_missing_columns_are_named_at_once():
    with pytest.raises(ar.InputError) as refused:
        mssp.truncated_per_capita(pd.DataFrame({"months": [1]}), truncation_points=POINTS)
    assert str(refused.value) == (
        "truncated_per_capita: must have a row for each member and enrolment type, got no enrolment_type, spending"
    )


@pytest.mark.parametrize(
    ("changed", "points", "message"),
    [
        ({"months": 0}, POINTS, "truncated_per_capita.months[0]: must be above 0 and at most 12, got 0"),
        ({"months": 13}, POINTS, "truncated_per_capita.months[0]: must be above 0 and at most 12, got 13"),
        ({"months": "a"}, POINTS, "truncated_per_capita.months: must be numbers"),
        ({"spending": np.nan}, POINTS, "truncated_per_capita.spending[0]: must be a number of dollars"),
        ({"year": np.nan}, POINTS, "truncated_per_capita.year[0]: must be given for every row, got a missing value"),
        ({"enrolment_type": "kidney"}, POINTS, "truncated_per_capita.enrolment_type[0]: must be one of esrd"),
        (
            {},
            {"disabled": 1},
            "truncated_per_capita.truncation_points: must have every type and year of the frame, got no esrd",
        ),
        ({}, {(2022, "esrd"): 1}, "truncated_per_capita: must have a year for truncation points by year, got no year"),
        (
            {},
            100_000,
            "truncated_per_capita.truncation_points: must be a mapping by type, or by (year, type), got 100000",
        ),
        ({"member_id": 7}, POINTS, "truncated_per_capita.member_id[1]: must have each type once a year, got 7"),
        (
            {"member_id": 7, "enrolment_type": ["esrd", "disabled"]},
            POINTS,
            "truncated_per_capita.member_id[0]: must have at most 12 months a year, got 14",
        ),
    ],
)
def test_what_is_refused(changed, points, message):
    frame = pd.DataFrame({"enrolment_type": ["esrd", "esrd"], "months": 7, "spending": 100.0}).assign(**changed)
    with pytest.raises(ar.InputError) as refused:
        mssp.truncated_per_capita(frame, truncation_points=points)
    assert str(refused.value).startswith(message)
