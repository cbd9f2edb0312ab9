"""Published historical benchmarks follow from base years, and trends are found again that are known."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import mssp
from atrisk.mssp._tables import table

YEARS = [2014, 2016, 2017, 2021, 2023]
KINDS = ["esrd", "disabled", "aged_dual", "aged_non_dual"]
TRENDS = {
    ("esrd", 1): 1.05,
    ("esrd", 2): 1.01,
    ("disabled", 1): 1.08,
    ("disabled", 2): 1.03,
    ("aged_dual", 1): 0.97,
    ("aged_dual", 2): 0.99,
    ("aged_non_dual", 1): 1.06,
    ("aged_non_dual", 2): 1.02,
}


@pytest.fixture(scope="module")
def frames():
    return {year: mssp.read_puf(ar.datasets.mssp_puf(year)) for year in YEARS}


@pytest.fixture(scope="module")
def reckoned(frames):
    return {year: mssp.benchmark(frame) for year, frame in frames.items()}


def made_up(acos=40, weights=(0.1, 0.3, 0.6), seed=3, **columns):
    """ACOs whose benchmarks follow from TRENDS, reckoned here one by one."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"aco_id": [f"A{i}" for i in range(acos)], "performance_year": 2016, "agreement_number": 1.0}
        | {"agreement_kind": None, "agreement_start": pd.Timestamp("2015-01-01"), "prior_savings_adjustment": np.nan}
    )
    level = {"esrd": 80_000, "disabled": 9_000, "aged_dual": 15_000, "aged_non_dual": 9_000}
    for kind in KINDS:
        frame[f"person_years_{kind}_base_year_3"] = rng.uniform(100, 4_000, acos)
        for year in (1, 2, 3):
            frame[f"per_capita_{kind}_base_year_{year}"] = level[kind] * rng.uniform(0.8, 1.2, acos)
            frame[f"risk_score_{kind}_base_year_{year}"] = rng.uniform(0.9, 1.1, acos)
    frame["historical_benchmark"] = [by_hand(row, weights) for row in frame.to_dict("records")]
    return frame.assign(**columns)


def by_hand(row, weights):
    total = sum(row[f"person_years_{kind}_base_year_3"] for kind in KINDS)
    benchmark = 0.0
    for kind in KINDS:
        of_kind = 0.0
        for year, weight in zip((1, 2, 3), weights, strict=True):
            risk = row[f"risk_score_{kind}_base_year_3"] / row[f"risk_score_{kind}_base_year_{year}"]
            of_kind += weight * row[f"per_capita_{kind}_base_year_{year}"] * risk * TRENDS.get((kind, year), 1.0)
        benchmark += of_kind * row[f"person_years_{kind}_base_year_3"] / total
    return benchmark


@pytest.mark.parametrize(
    ("year", "computed", "sd"),
    [(2014, 333, 0.000_034), (2016, 285, 0.000_26), (2017, 268, 0.000_29), (2021, 92, 0.000_21)],
)
def test_first_agreements_are_reckoned_within_a_tenth_of_a_percent(frames, reckoned, year, computed, sd):
    first = frames[year]["agreement_number"].fillna(1) == 1
    rows = reckoned[year][first & reckoned[year]["reason"].isna()]
    assert len(rows) == computed
    assert rows["residual"].abs().max() < 0.001
    assert rows["residual"].std() < sd
    assert abs(rows["residual"].mean()) < 3 * sd / np.sqrt(computed)
    ratio = rows["historical_benchmark"] / rows["historical_benchmark_published"] - 1
    pd.testing.assert_series_equal(ratio, rows["residual"], check_names=False)


def test_residuals_are_no_fit_of_chance(reckoned):
    """Hardly any ACO is further from its benchmark by trends that are estimated without it."""
    together = pd.concat(reckoned.values())
    known = together[together["reason"].isna()]
    assert len(known) == 1_250
    assert (known["residual_left_out"].abs() < 0.001).mean() > 0.997
    assert (known["residual_left_out"].abs() > known["residual"].abs()).all()


@pytest.mark.parametrize("year", [2014, 2016, 2017, 2021])
def test_rounding_explains_the_residuals(reckoned, year):
    rows = reckoned[year].dropna(subset=["residual"])
    in_units = rows["residual_left_out"] / rows["rounding_sd"]
    assert 0.9 < in_units.std() < 1.35
    assert in_units.abs().max() < 5


def test_renewals_with_national_trends(frames, reckoned):
    """Equal weights and the prior savings adjustment: those of 2016."""
    rows = reckoned[2016][frames[2016]["agreement_number"] == 2]
    assert rows["reason"].isna().all()
    assert len(rows) == 147
    assert rows["residual"].abs().max() < 0.001


@pytest.mark.parametrize(
    ("year", "start", "reason"),
    [
        (2023, None, "trends of the region and the regional adjustment by enrolment type are not published"),
        (2021, "2020-01-01", "trends of the region and the regional adjustment by enrolment type are not published"),
        (2017, "2014-01-01", "fewer than 16 ACOs of its start to estimate 8 trends from"),
    ],
)
def test_why_a_benchmark_is_not_reckoned(reckoned, year, start, reason):
    rows = reckoned[year] if start is None else reckoned[year][reckoned[year]["agreement_start"] == start]
    assert len(rows) > 0
    assert set(rows["reason"]) == {reason}
    assert rows["historical_benchmark"].isna().all()
    assert rows["historical_benchmark_published"].notna().all()


def test_years_together_are_as_each_alone(frames, reckoned):
    together = mssp.benchmark(pd.concat(frames.values(), ignore_index=True))
    apart = pd.concat(reckoned.values(), ignore_index=True)
    pd.testing.assert_frame_equal(together, apart, check_dtype=False, rtol=1e-9)


def test_known_trends_are_found_again():
    trends = mssp.benchmark_trends(made_up()).set_index(["enrolment_type", "base_year"])
    assert trends["trend"].to_dict() == pytest.approx(TRENDS, rel=1e-9)
    assert (trends["acos"] == 40).all()
    residual = mssp.benchmark(made_up())["residual"]
    assert residual.abs().max() < 1e-12


def test_another_weight_is_noticed():
    equal = made_up(weights=(1 / 3, 1 / 3, 1 / 3))
    assert mssp.benchmark(equal)["residual"].std() > 0.001
    renewed = equal.assign(agreement_number=2.0, agreement_start=pd.Timestamp("2016-01-01"))
    assert mssp.benchmark(renewed)["residual"].abs().max() < 1e-12


def test_the_prior_savings_adjustment_is_added_to_renewals_alone():
    frame = made_up(weights=(1 / 3, 1 / 3, 1 / 3), agreement_number=2.0, agreement_start=pd.Timestamp("2016-01-01"))
    frame["prior_savings_adjustment"] = np.where(np.arange(40) % 2, 150.0, np.nan)
    frame["historical_benchmark"] += frame["prior_savings_adjustment"].fillna(0)
    assert mssp.benchmark(frame)["residual"].abs().max() < 1e-12


def test_given_trends_serve_a_few_acos():
    frame = made_up()
    few = frame.iloc[[4]].assign(historical_benchmark=np.nan)
    assert mssp.benchmark(few)["reason"].tolist() == ["fewer than 16 ACOs of its start to estimate 8 trends from"]
    found = mssp.benchmark(few, trends=mssp.benchmark_trends(frame))
    assert found["historical_benchmark"].tolist() == pytest.approx([frame["historical_benchmark"][4]])
    assert found[["residual", "residual_left_out"]].isna().all(axis=None)
    assert found["reason"].tolist() == [None]


def test_an_aco_without_published_benchmark_is_reckoned_by_the_trends_of_the_others():
    frame = made_up()
    expected = frame["historical_benchmark"][7]
    frame.loc[7, "historical_benchmark"] = np.nan
    assert mssp.benchmark(frame)["historical_benchmark"][7] == pytest.approx(expected)


def test_a_missing_figure_is_told_but_not_of_a_type_without_members():
    frame = made_up()
    frame.loc[2, "per_capita_disabled_base_year_1"] = np.nan
    frame.loc[5, "person_years_esrd_base_year_3"] = 0.0
    frame.loc[5, "risk_score_esrd_base_year_2"] = np.nan
    found = mssp.benchmark(frame)
    assert found["reason"].dropna().to_dict() == {2: "a figure of its base years is missing"}
    assert found["historical_benchmark"].isna().sum() == 1


@pytest.mark.parametrize("columns", [{"agreement_number": np.nan}, {"agreement_start": pd.NaT}])
def test_an_unknown_agreement(columns):
    frame = made_up(agreement_kind="Renewal", **columns)
    assert set(mssp.benchmark(frame)["reason"]) == {"the number or start of its agreement period is unknown"}


def test_missing_columns_are_named_all_at_once():
    with pytest.raises(ar.InputError) as caught:
        mssp.benchmark(made_up().drop(columns=["aco_id", "risk_score_esrd_base_year_2"]))
    assert str(caught.value) == (
        "benchmark.frame: must have the columns of read_puf(), got no aco_id, risk_score_esrd_base_year_2"
    )


def test_rules_have_weights_of_one_and_a_source():
    for row in table("historical_benchmark_rules.csv"):
        weights = [pd.eval(row[f"weight_base_year_{year}"]) for year in (1, 2, 3)]
        assert sum(weights) == pytest.approx(1)
        assert row["trend"] in {"national", "regional"}
        assert row["adjustment"] in {"none", "prior_savings", "regional"}
        assert row["source"]
        assert row["confidence"] in {"read", "read_secondary", "recalled"}


def test_several_files_one_below_the_other(frames, reckoned):
    both = pd.concat([frames[2014], frames[2016]])
    together = mssp.benchmark(both)
    assert list(together.index) == list(both.index)
    apart = pd.concat([reckoned[2014], reckoned[2016]])
    np.testing.assert_allclose(together["historical_benchmark"], apart["historical_benchmark"], rtol=1e-12)
