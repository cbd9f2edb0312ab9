"""Advances on savings: rates by score, the members that count, recoupment and savings paid in advance, by hand."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar
from atrisk import mssp


def members(scores, **columns):
    """Members whose area is of that percentile; "low" for low income, None for an unknown area."""
    low = [score == "low" for score in scores]
    area = [np.nan if score in {"low", None} else float(score) for score in scores]
    return pd.DataFrame({"low_income": low, "area_deprivation": area} | columns)


@pytest.mark.parametrize(
    ("score", "rate"),
    [
        *[(1, 0), (24, 0), (25, 20), (34, 20), (35, 24), (44, 24), (45, 28), (54, 28), (55, 32), (64, 32)],
        *[(65, 36), (74, 36), (75, 40), (84, 40), (85, 45), (100, 45), ("low", 45), (None, 28)],
    ],
)
def test_rates_by_score(score, rate):
    (row,) = mssp.advance_investment_payments(members([score])).to_dict("records")
    assert (row["quarterly_payment"], row["one_time_payment"], row["payment"]) == (rate, 250_000, 250_000 + rate)
    assert row["mean_score"] == {"low": 100, None: 50}.get(score, score)


def test_low_income_counts_before_the_area():
    frame = pd.DataFrame({"low_income": [True], "area_deprivation": [1.0]})
    assert mssp.advance_investment_payments(frame)["quarterly_payment"].tolist() == [45]


def test_two_quarters_by_hand():
    # 45 + 28 + 20 + 0, then 45 + 24: 93 and 69 dollars.
    frame = members(["low", None, 30, 10, "low", 40], quarter=[1, 1, 1, 1, 2, 2])
    result = mssp.advance_investment_payments(frame)
    assert result["quarterly_payment"].tolist() == [93, 69]
    assert result["members"].tolist() == [4, 2]
    assert result["one_time_payment"].tolist() == [250_000, 0]
    assert result["advanced"].tolist() == [250_093, 250_162]


@pytest.mark.parametrize("kind", [pl.DataFrame, pa.table, dict])
def test_payments_come_back_in_the_kind_of_their_members(kind):
    columns = {"aco_id": ["A1", "A1"], "low_income": [True, False], "area_deprivation": [None, 30], "quarter": [1, 2]}
    result = mssp.advance_investment_payments(kind(columns))
    assert isinstance(result, pd.DataFrame if kind is dict else type(kind({})))
    rows = pd.DataFrame({name: result[name].to_numpy() for name in ("aco_id", "quarter", "advanced")})
    assert rows.to_numpy().tolist() == [["A1", 1, 250_045], ["A1", 2, 250_065]]


@pytest.mark.parametrize(
    ("extra", "counted", "payment"), [(0, 9_999, 9_999 * 20), (1, 10_000, 200_000), (2, 10_000, 200_000)]
)
def test_at_most_ten_thousand_members_count(extra, counted, payment):
    (row,) = mssp.advance_investment_payments(members([30] * (9_999 + extra))).to_dict("records")
    assert (row["members"], row["members_counted"], row["quarterly_payment"]) == (9_999 + extra, counted, payment)


def test_those_with_the_highest_scores_count():
    frame = members([90, 30, 60, 10, "low"] * 3_000, aco_id=["A1", "A2", "A1", "A1", "A1"] * 3_000)
    result = mssp.advance_investment_payments(frame).set_index("aco_id")
    # A1: 6,000 at 45, 3,000 at 32 and 1,000 of 3,000 at 0; A2: 3,000 at 20.
    assert result["quarterly_payment"].to_dict() == {"A1": 6_000 * 45 + 3_000 * 32, "A2": 60_000}
    assert result["members_counted"].to_dict() == {"A1": 10_000, "A2": 3_000}


def test_advances_are_recouped_until_they_are_repaid():
    frame = pd.DataFrame({"advanced": [600, 1_000, 1_000, 1_000], "earned_savings": [200, -50, 900, 300]})
    result = mssp.recoup_advances(frame)
    assert result["outstanding_before"].tolist() == [600, 800, 800, 0]
    assert result["recouped"].tolist() == [200, 0, 800, 0]
    assert result["savings_paid"].tolist() == [0, 0, 100, 300]
    assert result["outstanding"].tolist() == [400, 800, 0, 0]


def test_organizations_are_recouped_apart_and_in_any_kind_of_frame():
    frame = pl.DataFrame(
        {"aco_id": ["A1", "A2", "A1", "A2"], "advanced": [100, 500, 100, 500], "earned_savings": [60, 70, 60, 80]}
        | {"leaves_early": [False, False, False, True]}
    )
    result = mssp.recoup_advances(frame)
    assert isinstance(result, pl.DataFrame)
    assert result["recouped"].to_list() == [60, 70, 40, 80]
    assert result["due"].to_list() == [0, 0, 0, 350]
    assert result["outstanding"].to_list() == [40, 430, 0, 0]


@pytest.mark.parametrize(
    ("earned", "recouped", "paid", "left"),
    [(-1, 0, 0, 100), (0, 0, 0, 100), (99.99, 99.99, 0, 0.01), (100, 100, 0, 0), (100.01, 100, 0.01, 0)],
)
def test_recoupment_on_a_ladder(earned, recouped, paid, left):
    statement = mssp.recoup_advances(advanced=150, recouped_before=50, earned_savings=earned)
    found = [float(statement[line]) for line in ("recouped", "savings_paid", "outstanding", "due")]
    assert found == [recouped, paid, left, 0]
    leaving = mssp.recoup_advances(advanced=150, recouped_before=50, earned_savings=earned, leaves_early=True)
    assert (float(leaving["due"]), float(leaving["outstanding"])) == (left, 0)
    assert sum(amount for _, amount in leaving.waterfall_steps()[:-1]) == leaving["outstanding"]


DOLLARS = st.integers(-10_000_00, 100_000_00).map(lambda cents: cents / 100)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5_000_000), DOLLARS), min_size=1, max_size=8))
def test_never_more_is_recouped_than_was_advanced_or_earned(years):
    frame = pd.DataFrame(years, columns=["advance", "earned_savings"])
    frame["advanced"] = frame["advance"].cumsum() / 100
    result = mssp.recoup_advances(frame[["advanced", "earned_savings"]])
    earned = frame["earned_savings"].clip(lower=0)
    assert (result["recouped"].cumsum() <= frame["advanced"] + 1e-6).all()
    assert (result["recouped"] <= earned).all()
    assert (result["recouped"] + result["savings_paid"]).tolist() == pytest.approx(earned.tolist(), abs=1e-6)
    owed = frame["advanced"] - result["recouped"].cumsum()
    assert result["outstanding"].tolist() == pytest.approx(owed.tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "multiplier", "payment"),
    [
        # A third of the mean, at most 5 % of 12,000; times 10,000 person-years, in four parts.
        (300, 300, 100, 250_000),
        (600, 0, 100, 250_000),
        (900, -300, 100, 250_000),
        (300, -300, 0, 0),
        (-300, 0, 0, 0),
        (1_799.97, 1_799.97, 599.99, 1_499_975),
        (1_800, 1_800, 600, 1_500_000),
        (1_900, 1_900, 600, 1_500_000),
    ],
)
def test_prepaid_savings(first, second, multiplier, payment):
    facts = {"national_per_capita_all": 12_000, "person_years": 10_000}
    rules = mssp.PrepaidSavings.preset(2026)
    statement = rules.settle(savings_base_year_1=first, savings_base_year_2=second, **facts)
    assert [float(statement[line]) for line in ("multiplier", "payment", "payment_of_year")] == [
        multiplier,
        payment,
        4 * payment,
    ]
    frame = rules.settle(pd.DataFrame([{"savings_base_year_1": first, "savings_base_year_2": second} | facts]))
    assert frame["payment"].tolist() == [payment]


def test_prepaid_savings_are_prorated_before_their_cap():
    facts = {"savings_base_year_1": 3_600, "savings_base_year_2": 3_600, "national_per_capita_all": 12_000}
    statement = mssp.PrepaidSavings.preset().settle(proration=0.25, person_years=1, **facts)
    assert float(statement["multiplier"]) == 300
    assert statement.notes == (
        "Doubtful: losses of one base year lessen savings of the other (not checked against a text).",
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: mssp.AdvancePayments.preset(2023),
            "AdvancePayments.agreement_start: must be a start that has terms: 2024, 2025, 2026, got 2023",
        ),
        (
            lambda: mssp.PrepaidSavings.preset(2025),
            "PrepaidSavings.agreement_start: must be a start that has terms: 2026, got 2025",
        ),
        (
            lambda: mssp.advance_investment_payments(pd.DataFrame({"aco_id": ["A1"]})),
            "AdvancePayments: must have a row for each member, got no low_income, area_deprivation",
        ),
        (
            lambda: mssp.advance_investment_payments(members([101])),
            "AdvancePayments.area_deprivation[0]: must be a whole percentile between 1 and 100, or missing, got 101.0",
        ),
        (
            lambda: mssp.advance_investment_payments(members([None, 24.9])),
            "AdvancePayments.area_deprivation[1]: must be a whole percentile between 1 and 100, or missing, got 24.9",
        ),
        (
            lambda: mssp.advance_investment_payments(members([1], quarter=[9])),
            "AdvancePayments.quarter[0]: must be a whole number between 1 and 8, got 9",
        ),
        (
            lambda: mssp.advance_investment_payments(members([1], aco_id=[None])),
            "AdvancePayments.aco_id[0]: must be given for every row, got a missing value",
        ),
        (
            lambda: mssp.advance_investment_payments(members([1]).assign(low_income=2)),
            "AdvancePayments.low_income[0]: must be true or false, got 2",
        ),
        (
            lambda: mssp.recoup_advances(pd.DataFrame({"aco_id": ["A1"]})),
            "recoup_advances: must have a row for each settled year, got no advanced, earned_savings",
        ),
        *(
            (
                lambda kind=kind: mssp.recoup_advances(
                    kind({"aco_id": ["A1", None], "advanced": [100.0, 100.0], "earned_savings": [60.0, 60.0]})
                ),
                "recoup_advances.aco_id[1]: must be given for every row, got a missing value",
            )
            for kind in (pd.DataFrame, pl.DataFrame, pa.table)
        ),
        (lambda: mssp.recoup_advances(advanced=1), "recoup_advances: must be given earned_savings"),
        (
            lambda: mssp.PrepaidSavings(prepaid_share=2, savings_share=0.5, cap=0.05, payments=4).settle(),
            "PrepaidSavings.prepaid_share: must be between 0 and 1, got 2 (did you mean 0.02?)",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ar.InputError) as refused:
        call()
    assert str(refused.value) == message
