"""What benchmark rules refuse, and the kinds of frames they take."""

import dataclasses
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import atrisk as ar
from atrisk import mssp
from atrisk.mssp._tables import table
from benchmark_cases import BASE_YEARS, REGION, SINCE_2024, YEAR, by_type, long

PAGE = (Path(__file__).parents[2] / "docs" / "mssp_benchmark.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("start", "day"),
    [
        (2019, "2019-07-01"),
        ("2022-01-01", "2022-01-01"),
        (date(2024, 1, 1), "2024-01-01"),
        (pd.Timestamp(2026, 1, 1), "2026-01-01"),
    ],
)
def test_starts_are_years_or_days(start, day):
    assert mssp.BenchmarkRules.preset(start) == mssp.BenchmarkRules.preset(day)


@pytest.mark.parametrize("start", [2018, 2027, "2019-01-01", "2027-01-01"])
def test_starts_without_rules_are_refused_with_those_that_have_some(start):
    known = "2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026; 2019 from 2019-07-01 on"
    with pytest.raises(ar.InputError) as refused:
        mssp.BenchmarkRules.preset(start)
    assert str(refused.value) == f"BenchmarkRules.agreement_start: must be a start that has terms: {known}, got {start}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"agreement_start": "soon"}, "BenchmarkRules.agreement_start: must be a year or a date, got 'soon'"),
        ({"agreement_start": True}, "BenchmarkRules.agreement_start: must be a year or a date, got True"),
        ({"agreement_number": 0}, "BenchmarkRules.agreement_number: must be a whole number between 1 and 99, got 0"),
        ({"cap": 1}, "BenchmarkRules.cap: must be one of base_year_weights, regional_weights_lower"),
    ],
)
def test_presets_refuse_what_is_none(given, message):
    with pytest.raises(ar.InputError) as refused:
        mssp.BenchmarkRules.preset(**({"agreement_start": 2024} | given))
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"base_year_weights": (0.1, 0.3, 0.5)}, "BenchmarkRules.base_year_weights: must sum to 1, got 0.9"),
        (
            {"base_year_weights": (-0.1, 0.5, 0.6)},
            "BenchmarkRules.base_year_weights: must be between 0 and 1, got -0.1",
        ),
        ({"regional_cap": 5}, "BenchmarkRules.regional_cap: must be between 0 and 1, got 5"),
        (
            {"regional_weights_lower": 0.35},
            "BenchmarkRules.regional_weights_lower: must be pairs (times, weight), got 0.35",
        ),
        (
            {"regional_weights_higher": ((2, 0.1), (1, 0.2))},
            "BenchmarkRules.regional_weights_higher: must be given for times",
        ),
        ({"regional_offset": 1}, "BenchmarkRules.regional_offset: must be True or False, got 1"),
        ({"population_floor": float("nan")}, "BenchmarkRules.population_floor: must be between 0 and 1, got nan"),
        ({"prior_savings_share": "half"}, "BenchmarkRules.prior_savings_share: must be a number, got"),
        ({"risk_cap_over": "aco"}, 'BenchmarkRules.risk_cap_over: must be one of type or all, got "aco"'),
        ({"prospective_as": "flat"}, 'BenchmarkRules.prospective_as: must be one of ratio or dollars, got "flat"'),
    ],
)
def test_terms_are_checked(changed, message):
    with pytest.raises(ar.InputError) as refused:
        mssp.BenchmarkRules.preset(2024, **changed).settle(**(BASE_YEARS | REGION | YEAR | SINCE_2024))
    assert str(refused.value).startswith(message)


def test_all_missing_columns_are_named_at_once():
    frame = long(BASE_YEARS | REGION).drop(columns=["risk_score_base_year_2", "regional_per_capita"])
    with pytest.raises(ar.InputError) as refused:
        mssp.BenchmarkRules.preset(2019).settle(frame)
    assert str(refused.value) == (
        "BenchmarkRules: must have the columns of its facts, got no risk_score_base_year_2, regional_per_capita, "
        "person_years, risk_score, market_share, national_trend, regional_trend"
    )
    with pytest.raises(ar.InputError) as refused:
        mssp.BenchmarkRules.preset(2024).settle(long(BASE_YEARS | REGION | YEAR))
    assert str(refused.value) == (
        "BenchmarkRules: must have the columns of its facts, got no demographic_score_base_year_3, demographic_score, "
        "regional_risk_growth, prospective_trend, regional_risk_growth_all, regional_demographic_growth_all, "
        "market_share_all"
    )


def broken(change):
    frame = long(BASE_YEARS | REGION | YEAR, aco_id="A1")
    return change(frame.astype({"risk_score_base_year_2": "float64", "regional_adjustments": "float64"}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda frame: frame.drop(index=1),
            "BenchmarkRules: must have one row for each enrolment type, got 0 of disabled for A1",
        ),
        (
            lambda frame: pd.concat([frame, frame.head(1)]),
            "BenchmarkRules: must have one row for each enrolment type, got 2 of esrd",
        ),
        (
            lambda frame: frame.replace("esrd", "kidney"),
            "BenchmarkRules.enrolment_type[0]: must be one of esrd, disabled",
        ),
        (
            lambda frame: frame.assign(aco_id=["A1", None, "A1", "A1"]),
            "BenchmarkRules.aco_id[1]: must be given for every row",
        ),
        (
            lambda frame: frame.assign(market_share=[0.2, 0.2, 1.2, 0.2]),
            "BenchmarkRules.market_share[2]: must be a number between 0 and 1, got 1.2",
        ),
        (
            lambda frame: frame.assign(risk_score_base_year_2=[1, 1, np.nan, 1]),
            "BenchmarkRules.risk_score_base_year_2[2]: must be a number between 0.05 and 20, got nan",
        ),
        (
            lambda frame: frame.assign(regional_adjustments=[1, 1, 2, 1]),
            "BenchmarkRules.regional_adjustments[2]: must be the same on all rows of an organization, got 2",
        ),
        (lambda frame: frame.assign(market_share="a"), "BenchmarkRules.market_share: must be numbers"),
        (lambda _: 5, "BenchmarkRules: must be a data frame (pandas, polars, Arrow) or a mapping, got an int"),
    ],
)
def test_frames_are_checked(change, message):
    with pytest.raises(ar.InputError) as refused:
        mssp.BenchmarkRules.preset(2019).settle(broken(change))
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"colour": 1}, "BenchmarkRules.colour: must be one of per_capita_base_year_1"),
        (
            {"market_share": {"esrd": 0.1}},
            "BenchmarkRules.market_share: must have a number for esrd, disabled, aged_dual",
        ),
        ({"regional_adjustments": by_type(1, 1, 1, 1)}, "BenchmarkRules.regional_adjustments: must be one number"),
    ],
)
def test_facts_are_checked(facts, message):
    with pytest.raises(ar.InputError) as refused:
        mssp.BenchmarkRules.preset(2019).settle(**(BASE_YEARS | REGION | YEAR | facts))
    assert str(refused.value).startswith(message)
    with pytest.raises(ar.InputError, match=r"must be given per_capita_base_year_1, .*, got none of them"):
        mssp.BenchmarkRules.preset(2019).settle()


def test_a_type_without_members_counts_nothing_whatever_is_missing_of_it():
    facts = BASE_YEARS | REGION | YEAR
    none = {"person_years_base_year_3": by_type(0, 1, 1, 1), "person_years": by_type(0, 1, 1, 1)}
    frame = long(facts | none, aco_id="A1").set_index("enrolment_type", drop=False)
    own = [
        name
        for name, value in frame.items()
        if name in facts and name not in {*none, *REGION} and value.dtype != object
    ]
    gone = frame.astype(dict.fromkeys([*own, "regional_per_capita"], "float64"))
    gone.loc["esrd", [*own, "regional_per_capita", "national_per_capita"]] = np.nan
    rules = mssp.BenchmarkRules.preset(2019)
    assert (
        rules.settle(gone)["updated_benchmark_total"].tolist()
        == rules.settle(frame)["updated_benchmark_total"].tolist()
    )


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "mapping"])
def test_frames_of_every_kind(kind):
    frame = long(BASE_YEARS, aco_id="A1", performance_year=2024)
    made = {"pandas": frame, "polars": pl.from_pandas(frame), "mapping": frame.to_dict("list")}
    made["arrow"] = made["polars"].to_arrow()
    settled = mssp.BenchmarkRules.preset(2024).historical(made[kind])
    assert [round(float(value), 6) for value in settled["historical_benchmark"]] == [89_660, 10_900, 16_965, 10_900]
    assert isinstance(settled, {"polars": pl.DataFrame}.get(kind, type(settled)))


def test_the_documented_example_runs(capsys):
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    exec(compile(code, "mssp_benchmark.md", "exec"), {})  # noqa: S102 - our own text
    assert f"It prints `{capsys.readouterr().out.strip()}`." in PAGE


def test_the_page_names_every_term():
    for field in dataclasses.fields(mssp.BenchmarkRules):
        assert f"`{field.name}`" in PAGE or field.name == "notes"
    assert all(row["source"].split(",")[0] in PAGE for row in table("truncation_rules.csv") if "CFR" in row["source"])
