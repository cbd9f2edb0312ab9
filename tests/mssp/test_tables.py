"""The shipped tables have every track and year once, in a closed set of words, each figure with its source."""

from itertools import pairwise

import numpy as np
import pytest

import atrisk as ar
from atrisk import mssp
from atrisk.mssp._tables import key, table

CONFIDENCE = {"read", "read_secondary", "recalled"}
WORDS = {
    "quality_rule": {"times_score", "all_or_nothing", "full_or_alternative"},
    "loss_rule": {"none", "fixed", "one_minus_share_times_quality"},
    "minimum_rate_rule": {"table", "fixed", "elected"},
    "confidence": CONFIDENCE,
}
RATES = ["sharing_rate", "payment_limit_rate", "loss_rate_min", "loss_rate_max", "loss_limit_benchmark_rate"]


def rows_of(track, year, agreement_year=1):
    return [
        row
        for row in table("tracks.csv")
        if row["track"] == track
        and int(row["first_year"]) <= year <= int(row["last_year"])
        and int(row["agreement_year_from"] or 1) <= agreement_year <= int(row["agreement_year_to"] or 99)
    ]


def rate_at(members):
    (row,) = [
        row
        for row in table("minimum_savings_rates.csv")
        if int(row["members_from"]) <= members <= float(row["members_to"] or "inf")
    ]
    low, high = float(row["rate_at_low"]), float(row["rate_at_high"])
    if not row["members_to"]:
        return low
    first, last = int(row["members_from"]), int(row["members_to"])
    return low + (members - first) / (last - first) * (high - low)


@pytest.mark.parametrize(
    ("track", "first", "last"),
    [("Track 1", 2012, 2021), ("Track 2", 2012, 2021), ("Track 3", 2016, 2021), ("Track 1+", 2018, 2021)]
    + [(f"BASIC {level}", 2019, 2026) for level in "ABCDE"]
    + [("ENHANCED", 2019, 2026)],
)
def test_every_track_and_year_has_one_row(track, first, last):
    for year in range(2012, 2027):
        for agreement_year in (1, 2, 3, 4):
            assert len(rows_of(track, year, agreement_year)) == (first <= year <= last)


def test_words_are_closed_and_figures_in_their_range():
    for row in table("tracks.csv"):
        for column, words in WORDS.items():
            assert row[column] in words
        assert row["source"]
        assert all(0 <= float(row[column] or 0) <= 1 for column in RATES)
        assert (row["loss_rule"] == "none") == (row["loss_rate_max"] == "") == (row["loss_limit_benchmark_rate"] == "")
        assert (row["minimum_rate_rule"] == "fixed") == (row["minimum_rate"] != "")


def test_every_year_has_one_row_of_payments():
    rows = table("payments.csv")
    years = [year for row in rows for year in range(int(row["first_year"]), int(row["last_year"]) + 1)]
    assert years == list(range(2012, 2027))
    for row in rows:
        assert row["source"]
        assert row["confidence"] in CONFIDENCE
        assert 0 <= int(row["emergency_months"]) <= 12


@pytest.mark.parametrize(
    ("year", "sequestration"),
    [(2014, 0.02), (2018, 0.02), (2019, 0.0), (2020, 0.0), (2021, 0.02), (2022, 0.02), (2023, 0.02), (2026, 0.02)],
)
def test_sequestration_of_a_year_and_one_quality_rule_for_all_tracks(year, sequestration):
    (payment,) = [row for row in table("payments.csv") if int(row["first_year"]) <= year <= int(row["last_year"])]
    assert float(payment["sequestration_rate"]) == sequestration
    rows = [row for row in table("tracks.csv") if int(row["first_year"]) <= year <= int(row["last_year"])]
    assert len({row["quality_rule"] for row in rows}) == 1


@pytest.mark.parametrize(
    ("track", "year", "share", "limit", "loss_limit"),
    [
        ("Track 1", 2014, 0.5, 0.1, None),
        ("Track 2", 2014, 0.6, 0.15, 0.05),
        ("Track 3", 2017, 0.75, 0.2, 0.15),
        ("Track 1+", 2020, 0.5, 0.1, 0.04),
        ("BASIC B", 2024, 0.4, 0.1, None),
        ("BASIC C", 2021, 0.5, 0.1, 0.01),
        ("BASIC E", 2023, 0.5, 0.1, 0.04),
        ("ENHANCED", 2026, 0.75, 0.2, 0.15),
    ],
)
def test_terms_of_tracks(track, year, share, limit, loss_limit):
    (row,) = rows_of(track, year)
    found = row["sharing_rate"], row["payment_limit_rate"], row["loss_limit_benchmark_rate"]
    assert [float(figure) if figure else None for figure in found] == [share, limit, loss_limit]


@pytest.mark.parametrize("year", [2021, 2023])
def test_sharing_rates_are_the_published_ones(year):
    frame = mssp.read_puf(ar.datasets.mssp_puf(year))
    for row in frame.itertuples():
        assert row.final_sharing_rate == float(rows_of(row.track, year)[0]["sharing_rate"])


def test_bands_of_minimum_rates_join():
    rows = table("minimum_savings_rates.csv")
    assert (rows[0]["members_from"], rows[-1]["members_to"]) == ("1", "")
    for row, following in pairwise(rows):
        assert int(following["members_from"]) == int(row["members_to"]) + 1
        assert float(following["rate_at_low"]) == float(row["rate_at_high"]) <= float(row["rate_at_low"])
        assert row["source"]
        assert row["confidence"] in CONFIDENCE
    assert rate_at(33_798) == pytest.approx(0.02362, abs=5e-6)


@pytest.mark.parametrize(("year", "one_sided"), [(2014, 330), (2016, 410), (2017, 433), (2021, 280), (2023, 151)])
def test_minimum_rates_of_one_sided_tracks_are_the_published_ones(year, one_sided):
    frame = mssp.read_puf(ar.datasets.mssp_puf(year))
    rows = frame[frame["track"].isin({"Track 1", "BASIC A", "BASIC B"})]
    apart = np.abs(rows["minimum_savings_rate"] - rows["members"].map(rate_at))
    assert len(rows) == one_sided
    assert (apart <= np.maximum(rows["minimum_savings_rate_half_unit"], 1e-9)).all()


@pytest.mark.parametrize("year", [2017, 2021, 2023])
def test_below_5_000_members_the_table_holds_for_all_tracks(year):
    frame = mssp.read_puf(ar.datasets.mssp_puf(year))
    few = frame[frame["members"] < 5_000]
    apart = np.abs(few["minimum_savings_rate"] - few["members"].map(rate_at))
    assert {"ENHANCED", "Track 3", "BASIC E"} & set(few["track"])
    assert (apart <= few["minimum_savings_rate_half_unit"] + 1e-12).all()


def test_no_alias_means_two_columns():
    aliases = [
        alias
        for row in table("columns.csv")
        for alias in {key(name) for name in [*row["aliases"].split(";"), row["name"]]}
    ]
    assert len(aliases) == len(set(aliases))
    assert all(row["meaning"] for row in table("columns.csv"))
    assert {row["unit"] for row in table("columns.csv")} == {
        "text",
        "year",
        "date",
        "count",
        "dollars",
        "rate",
        "score",
        "flag",
    }
