"""Sequestration: the calendar one day either side of each change, scalars and columns."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar

CALENDAR = [
    ("2013-04-01", 0.02),
    ("2020-04-30", 0.02),
    ("2020-05-01", 0.0),
    ("2022-03-31", 0.0),
    ("2022-04-01", 0.01),
    ("2022-06-30", 0.01),
    ("2022-07-01", 0.02),
    ("2031-01-01", 0.02),
]
DATES = [date for date, _ in CALENDAR]
RATES = [rate for _, rate in CALENDAR]


@pytest.mark.parametrize(("date", "rate"), CALENDAR)
def test_the_calendar(date, rate):
    for given in (date, dt.date.fromisoformat(date), pd.Timestamp(date), np.datetime64(date)):
        assert ar.Sequestration().rate(given) == rate
    assert isinstance(ar.Sequestration().rate(date), float)


@pytest.mark.parametrize(
    "dates",
    [
        DATES,
        np.array(DATES, dtype="datetime64[ns]"),
        pd.Series(pd.to_datetime(DATES)),
        pd.Series(pd.to_datetime(DATES)).dt.tz_localize("US/Eastern"),
        pl.Series(DATES).str.to_date(),
        pa.array([dt.date.fromisoformat(date) for date in DATES]),
    ],
    ids=["text", "numpy", "pandas", "pandas with a time zone", "polars", "arrow"],
)
def test_columns_of_dates(dates):
    assert ar.Sequestration().rate(dates).tolist() == RATES


@pytest.mark.parametrize(
    ("amount", "sequestered", "paid"),
    [
        # The earned savings of a published accountable care organization before its limit: 12,514,910 × 0.98.
        (12_514_910, "250298.20", "12264611.80"),
        (0.24, "0.00", "0.24"),
        (0.25, "0.01", "0.24"),
        (0, "0.00", "0.00"),
        (-100, "0.00", "-100.00"),
    ],
)
def test_a_ladder_of_amounts(amount, sequestered, paid):
    statement = ar.Sequestration().settle(amount=amount, date="2024-01-01")
    assert (statement["sequestered"], statement["paid"]) == (Decimal(sequestered), Decimal(paid))


def test_frames_keep_their_kind_and_index():
    frame = pd.DataFrame(
        {"amount": [100.0, 200.0], "date": ["2021-01-01", "2022-05-01"], "id": [1, 2]}, index=["a", "b"]
    )
    settled = ar.Sequestration().settle(frame)
    assert settled["paid"].tolist() == [100.0, 198.0]
    assert settled.index.tolist() == ["a", "b"]
    assert ar.Sequestration().settle(pl.from_pandas(frame))["sequestered"].to_list() == [0.0, 2.0]
    assert ar.Sequestration().settle(pa.table(frame))["sequestered"].to_pylist() == [0.0, 2.0]
    assert ar.Sequestration().settle(frame[["amount"]], date="2024-01-01")["paid"].tolist() == [98.0, 196.0]
    assert ar.Sequestration().settle(amount=100, date=frame["date"])["paid"].tolist() == [100.0, 99.0]


def test_rates_of_ones_own():
    assert ar.Sequestration(rates=0.04).settle(amount=100)["paid"] == 96
    assert ar.Sequestration(rates=0.04).settle(amount=[100, 50])["paid"].tolist() == [96.0, 48.0]
    assert ar.Sequestration().settle(amount=100, rate=0.06)["paid"] == 94
    steps = ar.Sequestration(rates=[("2025-01-01", 0.02), (dt.date(2026, 7, 1), 0.05)])
    assert steps.rate(["2025-01-01", "2026-06-30", "2026-07-01"]).tolist() == [0.02, 0.02, 0.05]
    assert steps.settle(amount=100, date="2026-07-01").notes == ()


def test_what_is_recalled_is_noted():
    statement = ar.Sequestration().settle(amount=100, date="2022-05-01")
    assert statement.notes[0] == "Paid on 2022-05-01"
    assert statement.notes[1].startswith(
        "Recalled, not checked against a text: rate 0.01 from 2022-04-01 to 2022-06-30"
    )


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({}, "Sequestration: must be given amount, date, got none of them"),
        ({"amount": 1}, "Sequestration: must be given date"),
        ({"amount": 1, "date": "2013-03-31"}, "Sequestration.date: must be from 2013-04-01 on, got 2013-03-31"),
        (
            {"amount": 1, "date": ["2024-01-01", "1999-01-01"]},
            "Sequestration.date[1]: must be from 2013-04-01 on, got 1999-01-01",
        ),
        ({"amount": 1, "date": "yesterday"}, "Sequestration.date: must be a date (YYYY-MM-DD), got 'yesterday'"),
        ({"amount": 1, "date": 20240101}, "Sequestration.date: must be a date (YYYY-MM-DD), got 20240101"),
        (
            {"amount": 1, "date": ["2024-01-01", None]},
            "Sequestration.date[1]: must be a date (YYYY-MM-DD), got a missing value",
        ),
        (
            {"amount": 1, "date": pd.to_datetime(pd.Series(["2024-01-01", None]))},
            "Sequestration.date[1]: must be a date (YYYY-MM-DD), got a missing value",
        ),
        ({"amount": 1, "date": "2024-01-01", "rate": 0.02}, "Sequestration: must be given date or rate, got both"),
        ({"amount": 1, "rate": 2}, "Sequestration.rate: must be between 0 and 1, got 2"),
        (
            {"amount": 1, "dat": "2024-01-01"},
            "Sequestration.dat: must be one of amount, date, rate, got an unknown fact",
        ),
    ],
)
def test_facts_are_refused(facts, message):
    with pytest.raises(ar.InputError) as error:
        ar.Sequestration().settle(**facts)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (2, "Sequestration.rates: must be between 0 and 1, got 2 (did you mean 0.02?)"),
        ([("2024-01-01", 2)], "Sequestration.rates[0]: must be between 0 and 1, got 2 (did you mean 0.02?)"),
        (
            [("2024-01-01", 0.02), ("2023-01-01", 0.02)],
            "Sequestration.rates[1]: must rise from date to date, got 2023-01-01",
        ),
        ("2 %", "Sequestration.rates: must be a rate, or rates with their dates: (date, rate), got '2 %'"),
        ([0.02], "Sequestration.rates[0]: must be a rate, or rates with their dates: (date, rate), got 0.02"),
    ],
)
def test_rates_are_refused_when_they_are_given(rates, message):
    with pytest.raises(ar.InputError) as error:
        ar.Sequestration(rates=rates)
    assert str(error.value) == message
