"""Public use files of all years are read into one form, and what cannot be read is told in full."""

import gzip

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import mssp
from atrisk.mssp._tables import table

YEARS = [2014, 2016, 2017, 2021, 2023]
HEADER = "ACO_ID,ACO_Name,Current_Track,N_AB,MinSavPerc,EarnSaveLoss,ABtotBnchmk,ABtotExp,FinalShareRate"
ROW = 'A1,One,EN,"10,000",2.00%,-,"100,000,000","96,000,000",75.00%'


@pytest.fixture(scope="module")
def frames():
    return {year: mssp.read_puf(ar.datasets.mssp_puf(year)) for year in YEARS}


def written(path, *lines, encoding="utf-8"):
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def one(path, header=HEADER, row=ROW, **terms):
    return mssp.read_puf(written(path / "mssp_puf_2023.csv", header, row), **terms).iloc[0]


def row_of(frame, aco_id):
    (found,) = frame[frame["aco_id"] == aco_id].to_dict("records")
    return found


@pytest.mark.parametrize(
    ("year", "acos", "members", "benchmark", "earned", "paid", "owing"),
    [
        (2014, 333, 5_329_831, 52_885_283_830, 341_246_303, 86, 0),
        (2016, 432, 7_884_058, 81_376_645_025, 691_275_105, 134, 4),
        (2017, 472, 8_992_886, 94_914_491_913, 780_803_976, 159, 11),
        (2021, 475, 10_124_325, 113_300_821_564, 1_959_433_483, 274, 0),
        (2023, 453, 10_235_411, 127_870_094_703, 3_080_241_484, 313, 20),
    ],
)
def test_totals_are_those_of_the_raw_files(  # noqa: PLR0917 - one row of the table
    frames, year, acos, members, benchmark, earned, paid, owing
):
    frame = frames[year]
    assert len(frame) == frame["aco_id"].nunique() == acos
    assert (frame["performance_year"] == year).all()
    assert frame["members"].sum() == members
    assert frame["benchmark"].sum() == benchmark
    assert frame["earned_published"].sum() == earned
    assert ((frame["earned_published"] > 0).sum(), (frame["earned_published"] < 0).sum()) == (paid, owing)


@pytest.mark.parametrize("year", YEARS)
def test_rates_are_shares_whatever_their_form(frames, year):
    frame = frames[year]
    savings = frame["benchmark"] - frame["spending"]
    assert (frame["savings"] - savings).abs().max() <= 1
    assert (frame["savings_rate"] - frame["savings"] / frame["benchmark"]).abs().max() <= 0.000_05
    assert set(frame["final_sharing_rate"].round(1)) <= {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}
    assert frame["final_sharing_rate"].max() <= 0.75
    assert frame["minimum_savings_rate"].between(0.0, 0.26).all()
    assert frame["quality_score"].dropna().between(0.0, 1.0).all()
    assert frame["quality_score"].max() > 0.9


@pytest.mark.parametrize("year", YEARS)
def test_every_column_of_the_table_and_of_the_file_is_there(frames, year):
    frame = frames[year]
    assert {row["name"] for row in table("columns.csv")} <= set(frame.columns)
    raw = pd.read_csv(ar.datasets.mssp_puf(year), nrows=0, encoding="latin-1").columns
    published = {alias for row in table("columns.csv") for alias in row["aliases"].split(";")}
    kept = [name for name in raw if name in frame.columns]
    assert {"N_Ben_Female", "CapAnn_HHA", "P_EM_Total", "N_PCP"} <= set(kept)
    assert not published & set(kept)
    assert pd.api.types.is_float_dtype(frame["N_Ben_Female"])


def test_known_rows(frames):
    first = row_of(frames[2014], "A67373")
    assert (first["track"], first["members"], first["agreement_start"]) == (
        "Track 1",
        34_601,
        pd.Timestamp("2012-07-01"),
    )
    assert (first["minimum_savings_rate"], first["final_sharing_rate"]) == pytest.approx((0.02353985133, 0.458482143))
    assert first["person_years_aged_non_dual_base_year_3"] == pytest.approx(29_481.91667)
    assert first["per_capita_esrd_base_year_1"] == 92_004
    assert first["risk_score_aged_dual_base_year_2"] == 1.08942832
    last = row_of(frames[2023], "A1241")
    assert (last["track"], last["risk_model"], bool(last["low_revenue"])) == ("BASIC E", "Two-Sided", True)
    assert (last["savings"], last["disaster_adjustment"], last["earned_published"]) == (-8_290_897, 823_342, -1_149_065)
    assert (last["final_loss_rate"], last["regional_adjustment"]) == (0.3, 34)
    assert (last["final_loss_rate_printed"], last["final_loss_rate_half_unit"]) == ("30.00%", 0.000_05)


@pytest.mark.parametrize(
    ("year", "tracks"),
    [
        (2014, {"Track 1": 330, "Track 2": 3}),
        (2016, {"Track 1": 410, "Track 2": 6, "Track 3": 16}),
        (2017, {"Track 1": 433, "Track 2": 6, "Track 3": 33}),
        (
            2021,
            {
                "Track 1": 119,
                "Track 2": 2,
                "Track 3": 5,
                "Track 1+": 17,
                "BASIC A": 18,
                "BASIC B": 143,
                "BASIC C": 30,
                "BASIC D": 1,
                "BASIC E": 69,
                "ENHANCED": 71,
            },
        ),
        (2023, {"BASIC A": 27, "BASIC B": 124, "BASIC C": 9, "BASIC D": 10, "BASIC E": 123, "ENHANCED": 160}),
    ],
)
def test_tracks_have_one_name_in_all_years(frames, year, tracks):
    assert frames[year]["track"].value_counts().to_dict() == tracks


@pytest.mark.parametrize(
    ("year", "column", "half_unit"),
    [
        (2014, "final_sharing_rate", 5e-10),
        (2016, "final_sharing_rate", 0.000_05),
        (2017, "quality_score", 0.000_05),
        (2021, "quality_score", 0.000_05),
        (2021, "max_sharing_rate", 0.000_05),
        (2023, "minimum_savings_rate", 0.000_05),
        (2014, "minimum_savings_rate", 5e-12),
    ],
)
def test_half_a_unit_of_the_last_printed_digit(frames, year, column, half_unit):
    assert frames[year][f"{column}_half_unit"].dropna().unique() == pytest.approx([half_unit])


def test_reporting_alone_is_no_score(frames):
    assert frames[2014]["quality_by_reporting"].sum() == 119
    assert frames[2014].loc[frames[2014]["quality_by_reporting"], "quality_score"].isna().all()
    assert set(frames[2014]["quality_score_printed"]) >= {"P4R", "0.916964286"}
    assert not frames[2016]["quality_by_reporting"].any()


def test_a_column_that_is_a_flag_in_one_year_and_dollars_in_another(frames):
    assert frames[2021]["regional_adjustment"].isna().all()
    assert frames[2021]["regional_adjustment_positive"].value_counts().to_dict() == {True: 334, False: 49}
    assert frames[2023]["regional_adjustment_positive"].isna().all()
    regional = frames[2023]["regional_adjustment"]
    assert (regional.min(), regional.max(), regional.isna().sum()) == (-868, 888, 0)
    assert frames[2021]["revenue_loss_limit_applies"].sum() == 103
    assert frames[2021]["revenue_loss_limit"].isna().all()


def test_a_column_is_of_one_kind_in_all_years(frames):
    kinds = [{row["name"]: frame[row["name"]].dtype.kind for row in table("columns.csv")} for frame in frames.values()]
    assert all(kind == kinds[0] for kind in kinds)
    together = pd.concat(frames.values(), ignore_index=True)
    assert len(together) == 2_165
    assert pd.api.types.is_datetime64_any_dtype(together["agreement_start"])


def test_missing_is_missing(frames):
    assert frames[2023]["per_capita_esrd_performance_year"].isna().sum() == 42
    assert frames[2023]["met_alternative_quality_standard"].isna().all()
    assert frames[2014]["met_quality_standard"].isna().all()
    assert frames[2017]["disaster_adjustment"].notna().sum() == 11
    assert frames[2016]["ACO40"].isna().sum() == 41
    assert frames[2021]["Perc_Dual"].max() < 1.0


def test_utf_8_without_a_mark_is_read_as_such(frames):
    assert frames[2016]["aco_name"].str.contains("\u2013").any()
    assert not frames[2016]["aco_name"].str.contains("\u00e2").any()


def test_names_match_without_case_spaces_and_underscores(tmp_path):
    header = "aco id,ACO NAME,current track,n_ab,Min Sav Perc,earnsaveloss,ABTOTBNCHMK,ab_tot_exp,final_share_rate"
    assert one(tmp_path, header)["final_sharing_rate"] == 0.75


@pytest.mark.parametrize("rate", ["75.00%", "0.75", "75", " 75 % ", "75.0"])
def test_a_rate_in_any_form(tmp_path, rate):
    assert one(tmp_path, row=ROW.replace("75.00%", rate))["final_sharing_rate"] == 0.75


@pytest.mark.parametrize(
    ("rate", "share"), [("2.00%", 0.02), ("2", 0.02), ("0.5", 0.005), ("0.02", 0.02), ("0.25", 0.25)]
)
def test_a_minimum_rate_in_any_form(tmp_path, rate, share):
    assert one(tmp_path, row=ROW.replace("2.00%", rate))["minimum_savings_rate"] == pytest.approx(share)


@pytest.mark.parametrize("rate", ["0.04", "4", "4.00%"])
def test_a_savings_rate_in_any_form(tmp_path, rate):
    found = one(tmp_path, f"{HEADER},Sav_rate", f"{ROW},{rate}")
    assert (found["savings_rate"], found["savings"]) == (pytest.approx(0.04), 4_000_000)


def test_dollars_tell_a_small_percentage_from_a_share(tmp_path):
    row = ROW.replace('"96,000,000"', '"99,500,000"')
    assert one(tmp_path, f"{HEADER},Sav_rate", f"{row},0.5")["savings_rate"] == pytest.approx(0.005)
    assert one(tmp_path, f"{HEADER},Sav_rate", f"{row},0.005")["savings_rate"] == pytest.approx(0.005)


@pytest.mark.parametrize("missing", ["", "-", "*", ".", "N/A", "\u2013"])
def test_signs_of_a_missing_value(tmp_path, missing):
    assert np.isnan(one(tmp_path, row=ROW.replace("75.00%", missing))["final_sharing_rate"])


@pytest.mark.parametrize(
    ("text", "dollars"), [("(1,234)", -1_234), ("$1,234", 1_234), ("-1234", -1_234), ("\u22121234", -1_234)]
)
def test_dollars_in_any_form(tmp_path, text, dollars):
    assert one(tmp_path, row=ROW.replace(",-,", f',"{text}",'))["earned_published"] == dollars


@pytest.mark.parametrize(
    ("columns", "cells", "track"),
    [
        ("Track1,Track2", "0,1", "Track 2"),
        ("Current_Track_1,Current_Track_1_Plus", "0,1", "Track 1+"),
        ("Current_Track_1,Current_Track_1+", "1,1", "Track 1+"),
        ("Current BASIC E,Current ENHANCED", "1,0", "BASIC E"),
    ],
)
def test_a_column_for_each_track(tmp_path, columns, cells, track):
    header, row = HEADER.replace("Current_Track", columns), ROW.replace("EN", cells)
    assert one(tmp_path, header, row)["track"] == track


@pytest.mark.parametrize(
    ("text", "track"), [("A", "BASIC A"), ("Enhanced", "ENHANCED"), ("BASIC Level D", "BASIC D"), ("1+", "Track 1+")]
)
def test_a_track_in_words(tmp_path, text, track):
    assert one(tmp_path, row=ROW.replace("EN", text))["track"] == track


def test_totals_footnotes_and_repeated_rows_are_left_out(tmp_path):
    other = ROW.replace("A1,", "A2,")
    lines = [HEADER, ROW, other, other, "Total,,,20000,,,1,1,", ",,,,,,,,", "* suppressed,,,,,,,,", "Note: see methods"]
    assert mssp.read_puf(written(tmp_path / "PY2022.csv", *lines))["aco_id"].tolist() == ["A1", "A2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_encodings(tmp_path, encoding):
    path = written(tmp_path / "PY2022.csv", HEADER, ROW.replace("One", "Año"), encoding=encoding)
    assert mssp.read_puf(path)["aco_name"].tolist() == ["Año"]


@pytest.mark.parametrize(
    ("name", "column", "given", "year"),
    [
        ("mssp_puf_2022.csv", None, None, 2022),
        ("PY2022_results_2024-01-15.csv", None, None, 2022),
        ("Performance_Year_2019_Results.csv", None, None, 2019),
        ("results.csv", "2020", None, 2020),
        ("puf_2021.csv", "PY2020", None, 2020),
        ("results.csv", None, 2018, 2018),
        ("puf_2021.csv", None, 2018, 2018),
        ("puf_2021.csv", "2018", 2018, 2018),
    ],
)
def test_the_year_is_that_of_the_file_else_as_given_else_of_its_name(tmp_path, name, column, given, year):
    lines = [HEADER, ROW] if column is None else [f"{HEADER},Performance Year", f"{ROW},{column}"]
    frame = mssp.read_puf(written(tmp_path / name, *lines), performance_year=given)
    assert frame["performance_year"].tolist() == [year]


@pytest.mark.parametrize("name", ["results.csv", "results_2020_2021.csv", "puf_20231.csv", "mssp_1999.csv"])
def test_a_year_that_cannot_be_known(tmp_path, name):
    path = written(tmp_path / name, HEADER, ROW)
    with pytest.raises(ar.InputError, match=r"must tell its performance year .*got no year \(give performance_year="):
        mssp.read_puf(path)


@pytest.mark.parametrize(("given", "got"), [(1999, "1999"), (2_000_000, "2000000")])
def test_a_year_outside_of_the_program(tmp_path, given, got):
    with pytest.raises(ar.InputError, match=f"must tell its performance year .*got {got} "):
        one(tmp_path, performance_year=given)


@pytest.mark.parametrize("given", ["2023", 2023.0, True])
def test_a_year_that_is_none(tmp_path, given):
    with pytest.raises(ar.InputError, match="performance_year: must be a year, got a"):
        one(tmp_path, performance_year=given)


def test_years_that_contradict(tmp_path):
    header = f"{HEADER},PY"
    with pytest.raises(ar.InputError, match="must be of performance year 2019, got 2020"):
        one(tmp_path, header, f"{ROW},2020", performance_year=2019)
    with pytest.raises(ar.InputError, match="must be of one performance year, got 2020, 2021"):
        one(tmp_path, header, f"{ROW},2020\n{ROW.replace('A1', 'A2')},2021")


def test_missing_columns_are_named_all_at_once(tmp_path):
    path = written(tmp_path / "mssp_puf_2023.csv", "ACO_ID,ABtotExp,Other", "A1,1,2")
    with pytest.raises(ar.InputError) as caught:
        mssp.read_puf(path)
    assert str(caught.value) == (
        f"{path}: must have the columns of a public use file, got no track (Current_Track), members (N_AB), "
        "benchmark (ABtotBnchmk), minimum_savings_rate (MinSavPerc)"
    )


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "got an empty file"),
        (b"\xef\xbb\xbf\r\n \r\n", "got an empty file"),
        (HEADER.encode(), "must hold ACOs, got no row with an identifier and figures"),
        (b'"', "must be a comma-separated table"),
    ],
)
def test_a_file_without_acos(tmp_path, content, got):
    path = tmp_path / "mssp_puf_2023.csv"
    path.write_bytes(content)
    with pytest.raises(ar.InputError, match=got):
        mssp.read_puf(path)


def test_a_path_without_a_file(tmp_path):
    with pytest.raises(ar.InputError, match=r"nowhere_2023\.csv: must be a file, got nothing there"):
        mssp.read_puf(tmp_path / "nowhere_2023.csv")
    with pytest.raises(ar.InputError, match="must be a file, got a folder"):
        mssp.read_puf(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("75.00%", "most", r"mssp_puf_2023\.csv\.FinalShareRate\[0\]: must be a number, got 'most'"),
        ("75.00%", "inf", r"FinalShareRate\[0\]: must be a number, got 'inf'"),
        ('"10,000"', "many", r"N_AB\[0\]: must be a number, got 'many'"),
        ("EN", "F", r"Current_Track\[0\]: must be one track, got 'F' \(track_names\.csv lists them\)"),
    ],
)
def test_a_cell_that_cannot_be_understood(tmp_path, old, new, message):
    with pytest.raises(ar.InputError, match=message):
        one(tmp_path, row=ROW.replace(old, new))


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [("Start_Date", "31/31/2012", "a day, month first"), ("Met_QPS", "2", "1, 0 or missing"), ("PY", "two", "a year")],
)
def test_a_further_cell_that_cannot_be_understood(tmp_path, column, cell, rule):
    with pytest.raises(ar.InputError, match=rf"{column}\[0\]: must be {rule}, got '{cell}'"):
        one(tmp_path, f"{HEADER},{column}", f"{ROW},{cell}")


def test_a_row_of_no_track_or_two(tmp_path):
    header = HEADER.replace("Current_Track", "Track1,Track2")
    for cells, got in [("0,0", "none"), ("1,1", "Track 1, Track 2")]:
        with pytest.raises(ar.InputError, match=rf"track\[0\]: must be one track, got '{got}'"):
            one(tmp_path, header, ROW.replace("EN", cells))


def test_an_aco_twice_with_different_figures(tmp_path):
    path = written(tmp_path / "mssp_puf_2023.csv", HEADER, ROW, ROW.replace("10,000", "11,000"))
    with pytest.raises(ar.InputError, match="must hold every ACO once, got A1"):
        mssp.read_puf(path)


def test_compressed_and_plain_are_the_same(frames, tmp_path):
    packed = ar.datasets.mssp_puf(2017)
    plain = tmp_path / "mssp_puf_2017.csv"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    pd.testing.assert_frame_equal(mssp.read_puf(str(plain)), frames[2017])
