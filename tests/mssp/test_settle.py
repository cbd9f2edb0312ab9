"""Every ACO-year of the public use files settled again: to the dollar, or within what a rounded rate leaves open."""

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import atrisk as ar
from atrisk import mssp
from atrisk.mssp._tables import table
from published_acos import YEARS, puf

ROOT = Path(__file__).parents[2]

#: Dollars that rounding of savings and of the settlement to whole dollars leaves open.
DOLLAR = 1.0

#: Rows that miss, with the input that is not published: the revenue of participants limits these losses of BASIC.
#: Published settlement, and the limit of the loss that it implies before the disaster adjustment.
REVENUE_LIMITED = {
    (2023, "A1241"): (-1_149_065, 1_972_407),
    (2023, "A4627"): (-138_360, 509_148),
    (2023, "A5293"): (-98_453, 171_148),
}

#: Rows, and of them those paid, those owing, and those to the dollar.
COUNTS = {
    2014: (333, 86, 0, 333),
    2016: (432, 134, 4, 321),
    2017: (472, 159, 11, 336),
    2021: (475, 274, 0, 475),
    2023: (453, 313, 20, 450),
}


@pytest.fixture(scope="module")
def settled():
    frames = {year: puf(year) for year in YEARS}
    return {year: mssp.settle(frame) for year, frame in frames.items()}


@pytest.mark.parametrize("year", YEARS)
def test_every_aco_to_the_dollar_or_within_its_rounding(settled, year):
    rows = settled[year].set_index("aco_id")
    apart = (rows["earned"] - rows["earned_published"]).abs()
    missed = set(apart.index[apart > DOLLAR + rows["rounding_tolerance"]])
    assert missed == {aco for of_year, aco in REVENUE_LIMITED if of_year == year}
    paid, owing = (rows["earned_published"] > 0).sum(), (rows["earned_published"] < 0).sum()
    assert (len(rows), paid, owing, (apart <= DOLLAR).sum()) == COUNTS[year]
    # Paid where paid, owing where owing, nothing where nothing.
    assert (np.sign(rows["earned"]) == np.sign(rows["earned_published"])).all()


def test_at_most_two_in_a_thousand_miss():
    assert len(REVENUE_LIMITED) / sum(rows for rows, *_ in COUNTS.values()) < 0.002


@pytest.mark.parametrize(("year", "aco_id"), REVENUE_LIMITED)
def test_the_missing_limit_explains_a_miss_to_the_dollar(year, aco_id):
    published, limit = REVENUE_LIMITED[year, aco_id]
    frame = puf(year)
    frame["revenue_loss_limit"] = np.where(frame["aco_id"] == aco_id, float(limit), np.nan)
    settled = mssp.settle(frame).set_index("aco_id").loc[aco_id]
    unlimited = mssp.settle(puf(year)).set_index("aco_id").loc[aco_id]
    assert settled["earned"] == pytest.approx(published, abs=DOLLAR)
    assert unlimited["loss_limit"] > limit  # by the benchmark alone more would be owed


@pytest.mark.parametrize("year", YEARS)
def test_totals_of_a_year(settled, year):
    """Dollars paid and owed by all ACOs, the three unexplained losses apart."""
    rows = settled[year]
    known = rows[~rows["aco_id"].isin([aco for of_year, aco in REVENUE_LIMITED if of_year == year])]
    for sign in (1, -1):
        computed, published = (
            known[name][known["earned_published"] * sign > 0] for name in ("earned", "earned_published")
        )
        open_dollars = (DOLLAR + known["rounding_tolerance"]).loc[computed.index].sum()
        assert computed.sum() == pytest.approx(published.sum(), abs=max(open_dollars, 1e-9))
        assert computed.sum() == pytest.approx(published.sum(), rel=2e-5)


def test_rounding_is_no_excuse_where_rates_are_whole(settled):
    """In the years of whole rates every paid row is exact, and no tolerance is claimed."""
    rows = settled[2021]
    assert (rows["rounding_tolerance"] == 0.0).all()
    paid = settled[2023][settled[2023]["earned_published"] > 0]
    assert (paid["rounding_tolerance"] == 0.0).all()


def test_tolerance_is_half_a_unit_of_the_printed_rate(settled):
    frame = puf(2016)
    rows = settled[2016].assign(printed=frame["final_sharing_rate_printed"], savings_dollars=frame["savings"])
    paid = rows[(rows["earned_published"] > 0) & (rows["rounding_tolerance"] > 0)]
    decimals = paid["printed"].str.rstrip("%").str.split(".").str[1].str.len().max()
    unit = 10.0**-decimals / (100.0 if paid["printed"].str.endswith("%").any() else 1.0)
    np.testing.assert_allclose(paid["rounding_tolerance"], 0.5 * unit * paid["savings_dollars"], rtol=1e-9)


def test_reasons_are_told(settled):
    counts = settled[2023]["reason"].value_counts()
    assert counts["savings shared"] == 313
    assert counts["losses of a one-sided track"] == 36
    assert settled[2021]["reason"].eq("losses all taken back for a disaster").sum() == 15
    capped = settled[2016].loc[settled[2016]["reason"] == "savings shared up to the payment limit"].squeeze()
    assert capped["earned"] == pytest.approx(0.1 * 119_763_005, rel=1e-3)
    assert capped["earned"] == capped["payment_limit"]


def test_the_order_of_rows_and_the_index_are_kept():
    frame = puf(2023).iloc[[5, 2, 9]].set_axis(["x", "y", "z"])
    together = mssp.settle(puf(2023)).iloc[[5, 2, 9]]
    apart = mssp.settle(frame)
    assert list(apart.index) == ["x", "y", "z"]
    assert list(apart["aco_id"]) == list(frame["aco_id"])
    np.testing.assert_array_equal(apart["earned"], together["earned"])


def test_several_years_at_once(settled):
    both = mssp.settle(pd.concat([puf(2017), puf(2021)], ignore_index=True).copy())
    np.testing.assert_array_equal(both["earned"], pd.concat([settled[2017], settled[2021]])["earned"])


def test_what_is_not_published_is_missing_and_says_so():
    frame = puf(2021)
    frame.loc[3, "benchmark"] = np.nan
    frame.loc[4, "earned_published"] = np.nan
    settled = mssp.settle(frame)
    assert np.isnan(settled.loc[3, "earned"])
    assert settled.loc[3, "reason"] == "track, members, benchmark or spending not published"
    assert np.isnan(settled.loc[4, "earned_published"])
    assert not np.isnan(settled.loc[4, "earned"])


def test_missing_columns_are_all_named():
    with pytest.raises(ar.InputError, match=r"mssp\.settle: must have the columns track, members, got only"):
        mssp.settle(puf(2021).drop(columns=["track", "members"]))


def test_a_frame_of_ones_own():
    mine = pd.DataFrame(
        {
            "aco_id": ["a", "b", "c"],
            "performance_year": [2024, 2024, 2025],
            "track": ["ENHANCED", "BASIC E", "BASIC A"],
            "members": [20_000, 12_000, 8_000],
            "benchmark": [250e6, 120e6, 90e6],
            "spending": [230e6, 130e6, 88e6],
            "minimum_savings_rate": [0.0, 0.01, 0.032],
        }
    )
    settled = mssp.settle(mine)
    # Three quarters of 20 M less 2 %; 30 % of 10 M, at most 4 % of 120 M; 2.2 % is below the 3.2 % of 8,000 members.
    np.testing.assert_allclose(settled["earned"], [0.75 * 20e6 * 0.98, -3.0e6, 0.0])
    assert settled["earned_published"].isna().all()
    low_revenue = mssp.settle(mine.assign(low_revenue=True, agreement_start=pd.Timestamp("2024-01-01")))
    # At half of 40 % below the minimum savings rate, for agreements from 2024 on.
    assert low_revenue.loc[2, "earned"] == pytest.approx(0.2 * 2e6 * 0.98)
    assert low_revenue.loc[2, "reason"] == "savings shared at the reduced rate"
    earlier = mssp.settle(mine.assign(low_revenue=True, agreement_start=pd.Timestamp("2023-01-01")))
    assert earlier.loc[2, "earned"] == 0.0


def test_a_year_without_terms_names_those_that_exist():
    with pytest.raises(
        ar.InputError, match=r"mssp\.year: must be a performance year of the track, got 2031 .*2019 to 2026"
    ):
        mssp.settle(puf(2023).assign(performance_year=2031))
    with pytest.raises(ar.InputError, match="must be a track: Track 1, Track 2"):
        ar.SharedSavings.mssp("PLATINUM", year=2024)


def test_an_explanation_holds_every_line_in_cents():
    statement = mssp.explain(puf(2023), "A1241")
    frame = statement.to_frame()
    assert "A1241" in statement.title
    dollars = frame.loc[frame["unit"] == "dollars", "value"]
    assert all(value == round(value, 2) for value in dollars)
    assert statement["savings"] == statement["benchmark"] - statement["spending"]
    assert statement["settlement"] == -statement["owed"]
    assert statement["owed"] == statement["limited_losses"] - statement["disaster_reduction"] == Decimal("1450906.97")
    assert float(statement["owed"]) == pytest.approx(1_450_906.97)
    assert any("recalled" in note for note in statement.notes)
    with pytest.raises(ar.InputError, match=r"must name one row of the frame, got 'A0', 0 rows"):
        mssp.explain(puf(2023), "A0")


def test_minimum_savings_rates_of_the_table():
    """The published rate of A1006 in 2020 (33,798 beneficiaries: 2.36 %) and both ends of bands."""
    members = np.array([33_798, 5_000, 5_999, 8_218, 10_000, 60_000, 1_000_000])
    rates = mssp.minimum_savings_rate(members)
    np.testing.assert_allclose(rates, [0.02362, 0.039, 0.036, 0.031782, 0.03, 0.02, 0.02], atol=5e-7 + 4e-6)
    assert mssp.minimum_savings_rate(5_000) == 0.039


def test_no_year_or_track_is_special_in_the_code():
    """What depends on year or track stands in tables; the rules name none."""
    # The reader knows which numbers can be years at all.
    package = [path for path in (ROOT / "python/atrisk/mssp").glob("*.py") if path.name != "_read.py"]
    sources = [*(ROOT / "src/rules").rglob("*.rs"), ROOT / "src/terms.rs", *package]
    for path in sources:
        code = path.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
        code = re.sub(r'"""(?:[^"\\]|"(?!""))*?"""|//.*|#.*', "", code, flags=re.DOTALL if path.suffix == ".py" else 0)
        code = re.sub(r"(?m)#.*$|//.*$", "", code)
        assert not re.search(r"\b20[0-3]\d\b", code), path
        assert not re.search(r"ENHANCED|BASIC|Track [123]", code), path


def test_every_row_has_a_source_and_a_confidence():
    for name in ("tracks.csv", "payments.csv", "minimum_savings_rates.csv"):
        for row in table(name):
            assert row["source"]
            assert row["confidence"] in {"read", "read_secondary", "recalled"}


BELOW = {
    "aco_id": ["a"],
    "performance_year": [2024],
    "track": ["BASIC E"],
    "members": [9_000],
    "benchmark": [1e8],
    "spending": [0.99e8],
    "minimum_savings_rate": [0.02],
    "agreement_start": pd.to_datetime(["2024-01-01"]),
    "reduced_sharing": [True],
}


@pytest.mark.parametrize(
    ("quality", "printed", "earned"),
    [
        (
            {"met_quality_standard": [False], "met_alternative_quality_standard": [True], "quality_score": [0.8]},
            0.2,
            196e3,
        ),
        (
            {"met_quality_standard": [False], "met_alternative_quality_standard": [True], "quality_score": [0.8]},
            0.2001,
            196_098,
        ),
        ({}, 0.25, 245e3),
        ({}, 0.2, 196e3),
    ],
)
def test_a_printed_rate_that_is_reduced_is_not_reduced_again(quality, printed, earned):
    settled = mssp.settle(pd.DataFrame(BELOW | quality | {"final_sharing_rate": [printed]}))
    assert settled["earned"].item() == pytest.approx(earned)


def test_a_rate_that_is_printed_though_quality_is_missed_earns_nothing():
    frame = puf(2023).assign(met_quality_standard=False, met_alternative_quality_standard=False)
    settled = mssp.settle(frame)
    assert settled["earned"].max() == 0.0
    assert settled["reason"].eq("quality standard not met").sum() == 313
    losing = settled[(settled["loss_rate"] > 0) & (settled["track"] == "ENHANCED")]
    assert (losing["loss_rate"] == 0.75).all()


def test_an_elected_rate_that_is_not_published_decides_nothing():
    settled = mssp.settle(puf(2023).assign(minimum_savings_rate=np.nan))
    unknown = settled["reason"] == "minimum rate not published"
    assert settled.loc[unknown, "earned"].isna().all()
    assert not settled.loc[unknown, "track"].isin({"BASIC A", "BASIC B"}).any()
    np.testing.assert_allclose(settled.loc[~unknown, "earned"], mssp.settle(puf(2023)).loc[~unknown, "earned"])


def test_the_same_row_twice_and_an_index_twice():
    both = pd.concat([puf(2021), puf(2023)])
    assert both.index.has_duplicates
    settled = mssp.settle(both)
    pd.testing.assert_index_equal(settled.index, both.index)
    assert len(settled) == 475 + 453


def test_files_and_frames_of_any_kind():
    reference = mssp.settle(puf(2023))
    pd.testing.assert_frame_equal(mssp.settle(ar.datasets.mssp_puf(2023)), reference)
    mine = pd.DataFrame({**BELOW, "agreement_start": ["2024-01-01"], "reduced_sharing": [False], "spending": [0.9e8]})
    for frame in (mine, pl.from_pandas(mine), mine.to_dict("list"), mine.assign(agreement_start=2024)):
        assert mssp.settle(frame)["earned"].item() == pytest.approx(0.5 * 1e7 * 0.98)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"performance_year": [2023.5]}, r"mssp\.settle\.performance_year\[0\]: must be a year, got 2023.5"),
        ({"performance_year": [np.nan]}, r"mssp\.settle\.performance_year\[0\]: must be a year, got nan"),
        ({"benchmark": ["many"]}, r"mssp\.settle\.benchmark\[0\]: must be a number"),
        ({"disaster_adjustment": [-1]}, r"mssp\.settle\.disaster_adjustment\[0\]: must be a number between 0 and"),
        ({"revenue_loss_limit": [-1]}, r"mssp\.settle\.revenue_loss_limit\[0\]: must be a number between 0 and"),
        ({"low_revenue": [0.5]}, r"mssp\.settle\.low_revenue\[0\]: must be true or false, got 0.5"),
        ({"track": ["E"]}, r"must be a track: Track 1, .*, got 'E'"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row(changes, told):
    with pytest.raises(ar.InputError, match=told):
        mssp.settle(pd.DataFrame(BELOW | changes))
    for nonsense in (None, 5, "no such file"):
        with pytest.raises(ar.InputError):
            mssp.settle(nonsense)


def test_a_first_year_that_is_long_counts_once():
    """Agreements of 2012: their first performance year ran to the end of 2013."""
    two = BELOW | {"track": ["Track 2"], "performance_year": [2014], "spending": [1.3e8], "reduced_sharing": [False]}
    limits = [
        mssp.settle(pd.DataFrame(two | {"agreement_start": pd.to_datetime([start])}))["loss_limit"].item()
        for start in ("2012-04-01", "2013-01-01", "2014-01-01")
    ]
    np.testing.assert_allclose(limits, [0.075e8, 0.075e8, 0.05e8])


def test_the_lowest_confidence_is_told():
    assert set(mssp.settle(puf(2023))["confidence"]) == {"recalled"}


def test_an_explanation_of_one_year_among_several():
    both = pd.concat([puf(2021), puf(2023)])
    assert "performance year 2021" in mssp.explain(both, "A1241", performance_year=2021).title
    with pytest.raises(ar.InputError, match=r"got 'A1241', 2 rows \(performance_year= says which year\)"):
        mssp.explain(both, "A1241")
