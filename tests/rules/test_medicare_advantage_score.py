"""Payment risk scores of Medicare Advantage: each rounding by eye, the years, and what is refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar

Y2024 = ar.MedicareAdvantageScore.preset(year=2024)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        # V28: 1.234 / 1.015 = 1.21576, × 0.941 = 1.144256.
        ("normalised_v28", "1.216"),
        ("adjusted_v28", "1.144"),
        # V24: 1.400 / 1.146 = 1.22164, × 0.941 = 1.149902.
        ("normalised_v24", "1.222"),
        ("adjusted_v24", "1.150"),
        # 0.67 × 1.150 + 0.33 × 1.144 = 1.14802.
        ("blended", "1.148"),
    ],
)
def test_a_member_of_2024(line, value):
    assert Y2024.settle(raw_v24=1.4, raw_v28=1.234)[line] == Decimal(value)


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        # 1.015 × 1.2155 = 1.2337325 is the half.
        (1.2337324, "1.215"),
        (1.2337325, "1.216"),
        (1.2337326, "1.216"),
        (0, "0"),
        (1.015, "1"),
    ],
)
def test_the_normalised_score_is_rounded(raw, normalised):
    rule = ar.MedicareAdvantageScore(coding_adjustment=0, v28=(1, 1.015))
    statement = rule.settle(raw_v28=raw)
    assert statement["normalised_v28"] == statement["blended"] == Decimal(normalised)


@pytest.mark.parametrize(
    ("normalised", "adjusted"),
    [
        # × 0.941: 0.469559, 0.4705, 0.471441; 1.4115 is a half too.
        (0.499, "0.470"),
        (0.5, "0.471"),
        (0.501, "0.471"),
        (1.5, "1.412"),
    ],
)
def test_the_adjusted_score_is_rounded(normalised, adjusted):
    rule = ar.MedicareAdvantageScore(coding_adjustment=0.059, v24=(1, 1))
    statement = rule.settle(raw_v24=normalised)
    assert statement["adjusted_v24"] == statement["blended"] == Decimal(adjusted)


@pytest.mark.parametrize(
    ("v24", "blended"),
    [
        # 0.67 × v24 + 0.33: 1.03283, 1.0335, 1.03417.
        (1.049, "1.033"),
        (1.05, "1.034"),
        (1.051, "1.034"),
    ],
)
def test_the_blend_is_rounded(v24, blended):
    rule = ar.MedicareAdvantageScore(coding_adjustment=0, v24=(0.67, 1), v28=(0.33, 1))
    assert rule.settle(raw_v24=v24, raw_v28=1)["blended"] == Decimal(blended)


def test_steps_are_rounded_in_their_order():
    """1.007 / 1.015 × 0.941 is 0.934 where only the end is rounded."""
    rule = ar.MedicareAdvantageScore(coding_adjustment=0.059, v28=(1, 1.015))
    assert rule.settle(raw_v28=1.007)["blended"] == Decimal("0.933")


@pytest.mark.parametrize(
    ("year", "v24", "v28"),
    [
        (2024, (0.67, 1.146), (0.33, 1.015)),
        (2025, (0.33, 1.153), (0.67, 1.045)),
        (2026, None, (1, 1.067)),
    ],
)
def test_years(year, v24, v28):
    rule = ar.MedicareAdvantageScore.preset(year=year)
    assert (rule.coding_adjustment, rule.v24, rule.v28) == (0.059, v24, v28)


def test_what_is_recalled_is_noted():
    assert Y2024.notes == ()
    (note,) = ar.MedicareAdvantageScore.preset(year=2025).settle(raw_v24=1, raw_v28=1).notes
    assert note == (
        "Recalled, not checked against a text: v24 normalization 1.153, v28 normalization 1.045, "
        "coding_adjustment 0.059 (CMS 2025 announcement)"
    )


@pytest.mark.parametrize("year", [2023, 2027])
def test_years_that_do_not_exist(year):
    with pytest.raises(ar.InputError) as error:
        ar.MedicareAdvantageScore.preset(year=year)
    rule = "must be a year of medicare_advantage (2024, 2025, 2026)"
    assert str(error.value) == f"MedicareAdvantageScore.preset.year: {rule}, got {year}"


def test_a_year_of_one_model_does_without_the_other():
    rule = ar.MedicareAdvantageScore.preset(year=2026)
    statement = rule.settle(raw_v28=1.234)
    lines = ["raw_v28", "normalised_v28", "adjusted_v28", "blended"]
    assert statement.to_frame()["line"].tolist() == lines
    # 1.234 / 1.067 = 1.157, × 0.941 = 1.089.
    assert statement["blended"] == Decimal("1.089")
    for raw_v24 in (1.4, None, np.nan):
        assert rule.settle(raw_v24=raw_v24, raw_v28=1.234)["blended"] == Decimal("1.089")
    settled = rule.settle(pd.DataFrame({"raw_v24": [1.4, np.nan], "raw_v28": [1.234, 1.234]}))
    assert settled["blended"].tolist() == [1.089, 1.089]
    assert settled["normalised_v24"].isna().all()


def test_frames_keep_their_kind_and_index():
    frame = pd.DataFrame({"raw_v24": [1.4, 0.0], "raw_v28": [1.234, 0.0], "id": [1, 2]}, index=["a", "b"])
    settled = Y2024.settle(frame)
    assert settled["blended"].tolist() == [1.148, 0.0]
    assert settled.index.tolist() == ["a", "b"]
    assert Y2024.settle(pl.from_pandas(frame))["blended"].to_list() == [1.148, 0.0]
    assert Y2024.settle(pa.table(frame))["blended"].to_pylist() == [1.148, 0.0]
    assert Y2024.settle(raw_v24=[1.4, 1.4], raw_v28=1.234)["blended"].tolist() == [1.148, 1.148]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({}, "MedicareAdvantageScore: must be given raw_v24, raw_v28, got none of them"),
        ({"raw_v24": 1}, "MedicareAdvantageScore: must be given raw_v28"),
        (
            {"raw_v24": 1, "raw_v28": None},
            "MedicareAdvantageScore.raw_v28: must be known under these terms, got a missing value",
        ),
        (
            {"raw_v24": [1, np.nan], "raw_v28": 1},
            "MedicareAdvantageScore.raw_v24[1]: must be known under these terms, got a missing value",
        ),
        (
            {"raw_v24": [1, 1e7], "raw_v28": 1},
            "MedicareAdvantageScore.raw_v24[1]: must be a number of at most 1e6 in size, got 10000000",
        ),
        ({"raw_v24": 1, "raw_v28": "1"}, "MedicareAdvantageScore.raw_v28: must be a number, got '1'"),
        (
            {"raw_v24": [1, 2], "raw_v28": [1, 2, 3]},
            "MedicareAdvantageScore: must have facts of one length, got raw_v24 has 2, raw_v28 has 3",
        ),
        (
            {"raw": 1, "raw_v28": 1},
            "MedicareAdvantageScore.raw: must be one of raw_v24, raw_v28, got an unknown fact",
        ),
    ],
)
def test_facts_are_refused(facts, message):
    with pytest.raises(ar.InputError) as error:
        Y2024.settle(**facts)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            {"coding_adjustment": 5.9, "v28": (1, 1)},
            "MedicareAdvantageScore.coding_adjustment: must be between 0 and 1, got 5.9 (did you mean 0.059?)",
        ),
        (
            {"coding_adjustment": 0},
            "MedicareAdvantageScore: must have weights that add up to 1 over its models, got 0",
        ),
        (
            {"coding_adjustment": 0, "v24": (0.67, 1), "v28": (0.32, 1)},
            "MedicareAdvantageScore: must have weights that add up to 1 over its models, got 0.99",
        ),
        (
            {"coding_adjustment": 0, "v24": (67, 1), "v28": (33, 1)},
            "MedicareAdvantageScore.v24.weight: must be between 0 and 1, got 67 (did you mean 0.67?)",
        ),
        (
            {"coding_adjustment": 0, "v28": (1, 0)},
            "MedicareAdvantageScore.v28.normalization: must be between 0.1 and 10, got 0",
        ),
        (
            {"coding_adjustment": 0, "v28": 1.015},
            "MedicareAdvantageScore.v28: must be two numbers (weight, normalization), got 1.015",
        ),
        (
            {"coding_adjustment": 0, "v28": (1, ar.Normal(1, 0.1))},
            "MedicareAdvantageScore.v28.normalization: must be known: a number and no distribution",
        ),
    ],
)
def test_terms_are_refused_when_they_are_given(terms, message):
    with pytest.raises(ar.InputError) as error:
        ar.MedicareAdvantageScore(**terms)
    assert str(error.value).startswith(message)
