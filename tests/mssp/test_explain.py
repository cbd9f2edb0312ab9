"""The statement of an ACO has the lines of its side, readable figures, and a waterfall that adds up to the cent."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar

plt = pytest.importorskip("matplotlib.pyplot")
YEARS = [2014, 2016, 2017, 2021, 2023]


@pytest.fixture(scope="module")
def frames():
    return {year: ar.mssp.read_puf(ar.datasets.mssp_puf(year)) for year in YEARS}


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def names(statement):
    return [line.line for line in statement.lines]


def test_an_aco_that_saved(frames):
    statement = ar.mssp.explain(frames[2023], "A2342")
    assert statement.title == (
        "Health Connect Partners, LLC (A2342), performance year 2023: "
        "ENHANCED, saved 8.09 % of a benchmark of 1,701.4 million dollars"
    )
    assert statement.waterfall_steps() == [
        ("savings", Decimal("137594028.00")),
        ("kept_by_payer", Decimal("-34398507.00")),
        ("sequestered", Decimal("-2063910.42")),
        ("earned", Decimal("101131610.58")),
    ]
    assert not {"loss_rate", "owed", "disaster_share", "low_revenue", "cash"} & set(names(statement))
    assert statement["quality_score"] == Decimal("0.8491")


def test_an_aco_that_owes_after_a_disaster(frames):
    statement = ar.mssp.explain(frames[2023], "A1539")
    assert "performance year 2023: ENHANCED, overspent 3.44 % of a benchmark of 243.0 million" in statement.title
    assert statement.waterfall_steps() == [
        ("savings", Decimal("-8354010.00")),
        ("borne_by_payer", Decimal("4892734.81")),
        ("disaster_reduction", Decimal("2566990.00")),
        ("owed", Decimal("-894285.19")),
    ]
    assert not {"sharing_rate", "shared", "sequestered", "earned"} & set(names(statement))
    assert statement["disaster_share"] == Decimal("0.416666667")


def test_an_aco_at_the_payment_limit(frames):
    statement = ar.mssp.explain(frames[2016], "A00755")
    assert [line for line, _ in statement.waterfall_steps()] == [
        "savings",
        "kept_by_payer",
        "sequestered",
        "above_payment_limit",
        "earned",
    ]
    assert statement["earned"] == Decimal("0.1") * statement["benchmark"] == Decimal("11976299.50")  # paid: 11,976,300


@pytest.mark.parametrize("year", YEARS)
def test_steps_add_up_and_the_settlement_is_that_of_the_frame(frames, year):
    rows = frames[year].iloc[::12]
    for aco_id, earned in zip(rows["aco_id"], ar.mssp.settle(rows)["earned"], strict=True):
        statement = ar.mssp.explain(rows, aco_id)
        *steps, (_, last) = statement.waterfall_steps()
        assert last == statement["settlement"] == sum(dollars for _, dollars in steps)
        assert float(last) == pytest.approx(earned, abs=0.006)
        kept = "kept_by_payer" if statement["savings"] >= 0 else "borne_by_payer"
        assert statement[kept] >= 0


def test_who_has_no_statement(frames):
    with pytest.raises(ar.InputError, match=r"mssp\.explain\.aco_id: must name one row of the frame, got 'A0', 0 rows"):
        ar.mssp.explain(frames[2023], "A0")
    unknown = frames[2023].assign(benchmark=np.nan)
    with pytest.raises(ar.InputError, match="must have a track, members, benchmark and spending"):
        ar.mssp.explain(unknown, "A2342")


def test_a_statement_of_own_figures_says_what_is_above_a_limit():
    terms = ar.SharedSavings(benchmark_pmpm=1, sharing_rate=0.5, loss_rate=0.4, loss_limit_rate=0.02)
    statement = terms.settle(benchmark=1_000_000, spending=1_100_000)
    assert statement.waterfall_steps() == [
        ("savings", Decimal(-100_000)),
        ("borne_by_payer", Decimal(60_000)),
        ("above_loss_limit", Decimal(20_000)),
        ("owed", Decimal(-20_000)),
    ]
    half_a_year = terms.settle(benchmark=1_000_000, spending=1_100_000, months_owed=6)
    assert half_a_year["months_not_owed"] == 10_000
    assert half_a_year["owed"] == 10_000


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_quality_of_the_terms_holds_for_frames_that_do_not_tell_it(kind):
    terms = ar.SharedSavings(benchmark_pmpm=1, sharing_rate=0.5, quality_score=0.8, quality_rule="times_score")
    year = {"benchmark": [100.0], "spending": [80.0]}
    assert np.asarray(terms.settle(kind(year))["earned"]).tolist() == [8.0]
    assert np.asarray(terms.settle(kind(year | {"quality_score": [0.5]}))["earned"]).tolist() == [5.0]
    assert terms.settle(benchmark=100, spending=80)["earned"] == 8


def test_the_waterfall_is_drawn_in_readable_units(frames):
    ax = ar.mssp.explain(frames[2023], "A2342").plot()
    assert ax.get_xlabel() == "million dollars"
    assert [text.get_text() for text in ax.texts] == ["137.6", "−34.4", "−2.1", "101.1"]
    names = ["savings", "kept by payer", "sequestered", "earned"]
    assert [label.get_text() for label in ax.get_yticklabels()] == names
    low, high = ax.get_xlim()
    assert low < 0.0
    assert high > 137.6
    ax = ar.mssp.explain(frames[2023], "A4825").plot()
    assert ax.get_xlabel() == "thousand dollars"
    assert [text.get_text() for text in ax.texts] == ["−673.4", "+471.4", "+84.6", "−117.4"]
    assert ax.get_xlim()[0] < -673.4


def test_a_waterfall_of_nothing_is_drawn():
    terms = ar.SharedSavings(benchmark_pmpm=1, sharing_rate=0.5)
    ax = terms.settle(benchmark=1_000, spending=1_000).plot()
    assert [text.get_text() for text in ax.texts] == ["0.00"], "steps that come to nothing are left out"
