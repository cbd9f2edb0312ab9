"""Merit-based incentive payments: both sides of each gate, all years, exceptional performance, what is refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar


def rate(score, year=2023, scaling_factor=1.0, **more):
    return float(ar.mips.adjustment(score, year=year, scaling_factor=scaling_factor, **more)["payment_rate"])


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0, -0.09),
        (18.74, -0.09),
        (18.75, -0.09),  # a quarter of the threshold, the last with the full reduction
        (18.76, -0.067488),
        (60, -0.018),
        (74.99, -0.000012),
        (75, 0.0),
        (75.01, 0.000036),
        (80, 0.018),
        (100, 0.09),
    ],
)
def test_a_ladder_of_scores(score, expected):
    assert rate(score) == pytest.approx(expected, abs=1e-12)


def test_gains_are_scaled_and_losses_are_not():
    assert rate(80, scaling_factor=0.25) == pytest.approx(0.0045)
    assert rate(60, scaling_factor=0.25) == pytest.approx(-0.018)
    assert rate(100, scaling_factor=3) == pytest.approx(0.27)


@pytest.mark.parametrize(
    ("year", "payment_year", "threshold", "largest"),
    [
        (2017, 2019, 3, 0.04),
        (2018, 2020, 15, 0.05),
        (2019, 2021, 30, 0.07),
        (2020, 2022, 45, 0.09),
        (2021, 2023, 60, 0.09),
        (2022, 2024, 75, 0.09),
        (2023, 2025, 75, 0.09),
        (2024, 2026, 75, 0.09),
        (2025, 2027, 75, 0.09),
        (2026, 2028, 75, 0.09),
    ],
)
def test_years_are_performance_years(year, payment_year, threshold, largest):
    settled = ar.mips.adjustment([0, threshold, threshold - 0.01], year=year, scaling_factor=1)
    assert settled["payment_rate"].tolist()[:2] == [-largest, 0]
    assert settled["payment_rate"][2] < 0
    assert set(settled["payment_year"]) == {payment_year}
    assert set(settled["confidence"]) == {"read" if year < 2026 else "read_secondary"}


@pytest.mark.parametrize(
    ("year", "threshold"), [(2017, 70), (2018, 70), (2019, 75), (2020, 85), (2021, 85), (2022, 89)]
)
def test_exceptional_performance(year, threshold):
    """0.5 % at the additional threshold, 10 % at 100, scaled to its pool."""
    exceptional = [
        float(ar.mips.adjustment(score, year=year, scaling_factor=0, exceptional_scaling_factor=0.5)["payment_rate"])
        for score in (threshold - 0.01, threshold, (threshold + 100) / 2, 100)
    ]
    assert exceptional == pytest.approx([0, 0.0025, 0.02625, 0.05], abs=1e-11)


def test_dollars_and_statements():
    statement = ar.mips.adjustment(60, year=2023, scaling_factor=1, payments=100_000)
    assert statement["adjustment"] == Decimal("-1800.00")
    assert "performance year 2023, payment year 2025" in statement.notes
    later = ar.mips.adjustment(60, year=2026, scaling_factor=1)
    assert any("read in a secondary source" in note for note in later.notes)
    settled = ar.mips.adjustment(np.array([60.0, 80.0]), year=2023, scaling_factor=1, payments=[1e5, 1e5])
    assert settled["adjustment"].tolist() == [-1800, 1800]


def test_without_payments_there_are_no_dollars():
    statement = ar.mips.adjustment(60, year=2023, scaling_factor=1)
    assert [line.line for line in statement.lines] == ["score", "adjustment_rate", "exceptional_rate", "payment_rate"]
    nothing = ar.mips.adjustment(60, year=2023, scaling_factor=1, payments=0)
    assert nothing["adjustment"] == 0, "what was given is told"


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (pl.Series, pl.DataFrame),
        (lambda values: pa.chunked_array([values]), pa.Table),
        (pd.Series, pd.DataFrame),
        (list, pd.DataFrame),
    ],
)
def test_frames_are_of_the_kind_of_the_series(series, kind):
    scores, payments = series([60.0, 80.0]), series([1e5, 1e5])
    with_payments = ar.mips.adjustment(scores, year=2023, scaling_factor=1, payments=payments)
    without = ar.mips.adjustment(scores, year=2023, scaling_factor=1)
    assert type(with_payments) is type(without) is kind
    told = {name: with_payments[name].to_numpy().tolist() for name in ("adjustment", "payment_year", "confidence")}
    assert told == {"adjustment": [-1800, 1800], "payment_year": [2025, 2025], "confidence": ["read", "read"]}
    assert "adjustment" not in getattr(without, "column_names", without.columns)


def test_a_pandas_series_keeps_its_index():
    scores = pd.Series([60.0, 80.0], index=["a", "b"])
    assert ar.mips.adjustment(scores, year=2023, scaling_factor=1)["payment_rate"]["b"] == pytest.approx(0.018)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=30), st.integers(2017, 2026))
def test_a_better_score_never_earns_less(scores, year):
    extra = {"exceptional_scaling_factor": 0.3} if year <= 2022 else {}
    settled = ar.mips.adjustment(np.sort(scores), year=year, scaling_factor=0.2, **extra)
    assert settled["payment_rate"].is_monotonic_increasing
    assert (settled["payment_rate"] >= -0.09).all()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"year": 2016},
            "mips.adjustment.year: must be one of the years 2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, "
            "2026, got 2016",
        ),
        ({"score": 100.5}, "mips.adjustment.score: must be between 0 and 100, got 100.5"),
        ({"score": [50, -1]}, "mips.adjustment.score[1]: must be between 0 and 100, got -1"),
        ({"score": np.nan}, "mips.adjustment.score: must be between 0 and 100, got nan"),
        ({"score": "high"}, "mips.adjustment.score: must be numbers, got 'high'"),
        ({"scaling_factor": 3.01}, "mips.adjustment.scaling_factor: must be between 0 and 3, got 3.01"),
        (
            {"exceptional_scaling_factor": 0.5},
            "mips.adjustment.exceptional_scaling_factor: must be left out: the year has no pool for exceptional "
            "performance, got 0.5",
        ),
    ],
)
def test_what_is_refused(arguments, text):
    with pytest.raises(ar.InputError) as error:
        ar.mips.adjustment(**({"score": 50, "year": 2023, "scaling_factor": 1} | arguments))
    assert str(error.value) == text


def test_without_factors_it_is_before_scaling_and_says_so():
    statement = ar.mips.adjustment(100, year=2022)
    assert float(statement["payment_rate"]) == pytest.approx(0.09 + 0.1)
    assert sum("before" in note for note in statement.notes) == 2
    assert float(ar.mips.adjustment(80, year=2023)["payment_rate"]) == 0.018
    assert not any("before" in note for note in ar.mips.adjustment(80, year=2023, scaling_factor=1).notes)


def test_without_exceptional_scores_its_factor_is_not_needed():
    assert rate(88.99, year=2022) == pytest.approx(0.09 * 13.99 / 25)
