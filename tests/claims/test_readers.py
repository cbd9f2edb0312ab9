"""DE-SynPUF and RAND as person-years; frames of every kind give the same."""

import gzip
import hashlib
from importlib.resources import files

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar
from atrisk.claims import rand
from atrisk.datasets import desynpuf
from claims_cases import VISITS, lines, members


@pytest.fixture(scope="module")
def sample():
    return ar.datasets.desynpuf_sample()


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        (desynpuf.BENEFICIARIES, "bbfc91d5b8834129eb5223ba5e8b0103e56701447f3871c97876acc895443ce8"),
        (desynpuf.INPATIENT, "7b80a312d97154671c9f77d1adc62a4f0ee638a1db6f6f71a549cec97fdd8055"),
    ],
)
def test_the_sample_is_what_was_shipped(name, digest):
    content = gzip.decompress(files("atrisk.datasets").joinpath(name).read_bytes())
    assert hashlib.sha256(content).hexdigest() == digest


def test_the_sample_has_the_published_columns_as_text(sample):
    beneficiaries, inpatient = sample
    assert beneficiaries.shape == (1_471, 33)
    assert inpatient.shape == (297, 36)
    assert beneficiaries["DESYNPUF_ID"].nunique() == 500
    assert set(inpatient["DESYNPUF_ID"]) <= set(beneficiaries["DESYNPUF_ID"])
    assert beneficiaries["BENE_BIRTH_DT"].str.len().eq(8).all()


def test_claims_agree_with_the_annual_figures(sample):
    """Payments with pass-through by year of discharge are MEDREIMB_IP, what others pay BENRES_IP and PPPYMT_IP."""
    beneficiaries, inpatient = sample
    years = ar.claims.synpuf_person_years(beneficiaries, inpatient, keep_hmo=True).frame
    names = ["MEDREIMB_IP", "BENRES_IP", "PPPYMT_IP"]
    annual = beneficiaries.set_index(["DESYNPUF_ID", "YEAR"])[names].astype(float).sum(axis=1)
    keys = pd.MultiIndex.from_arrays([years["member_id"], years["year"].astype(str)])
    assert (years["inpatient_dollars"] > 0).sum() == 196
    assert annual.reindex(keys).tolist() == years["inpatient_dollars"].tolist()


def test_synpuf_person_years_account_for_every_claim(sample):
    years = ar.claims.synpuf_person_years(*sample)
    control = years.report.control
    assert control.loc["all lines", "lines"] == 297
    assert control.loc["second segment of a claim", "lines"] == 2
    assert control.drop("all lines")["cents"].sum() == control.loc["all lines", "cents"]
    assert control.loc["in person-years", "cents"] == round(years.frame["inpatient_dollars"].sum() * 100)
    assert years.frame["inpatient_events"].sum() == len(years.events) == control.loc["in person-years", "lines"]
    assert [(line.name, line.counted) for line in years.lines] == [
        ("inpatient", True),
        ("outpatient", False),
        ("carrier", False),
    ]
    problems = years.report.table.set_index("problem")["rows"]
    assert problems["HMO months"] + problems["no month in both Part A and B"] + len(years) == 1_471
    assert years.panel(2010).columns["heart_failure"].max() == 1


def test_generic_tables_of_synpuf_make_person_years(sample):
    claims, membership = ar.claims.synpuf(*sample)
    years = ar.claims.person_years(
        claims,
        membership,
        {"inpatient": ar.claims.ServiceLine(type_of_bill="11*")},
        period=("2008-01-01", "2010-12-31"),
    )
    whole = ar.claims.synpuf_person_years(*sample)
    assert years.frame["member_months"].sum() == pytest.approx(whole.frame["member_months"].sum())
    assert len(years) == len(whole)
    assert years.report.control.loc["all lines", "dollars"] == pytest.approx(claims["allowed"].sum())
    assert membership.attrs["report"]["years with HMO months, left out"] == 390


def small(**changes):
    row = {"DESYNPUF_ID": "A", "BENE_BIRTH_DT": 19400301, "BENE_DEATH_DT": None, "BENE_SEX_IDENT_CD": 1, "YEAR": 2009}
    row |= {f"BENE_{part}_CVRAGE_TOT_MONS": 12 for part in ("HI", "SMI")} | {"BENE_HMO_CVRAGE_TOT_MONS": 0}
    row |= {f"{kind}_{part}": 10.0 for part in ("IP", "OP", "CAR") for kind in ("MEDREIMB", "BENRES", "PPPYMT")}
    return row | changes


STAY = {
    "DESYNPUF_ID": "A", "CLM_ID": 7, "SEGMENT": 1, "CLM_FROM_DT": 20081230, "CLM_THRU_DT": 20090103,
    "NCH_BENE_DSCHRG_DT": "20090103",
    "CLM_PMT_AMT": "5000.00", "CLM_PASS_THRU_PER_DIEM_AMT": 20, "CLM_UTLZTN_DAY_CNT": 4,
    "NCH_PRMRY_PYR_CLM_PD_AMT": 0, "NCH_BENE_IP_DDCTBL_AMT": 1024, "NCH_BENE_PTA_COINSRNC_LBLTY_AM": 8,
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM": 1, "CLM_DRG_CD": "470",
}  # fmt: skip
SECOND = STAY | {"SEGMENT": 2, "CLM_FROM_DT": None, "CLM_THRU_DT": None, "CLM_UTLZTN_DAY_CNT": None, "CLM_PMT_AMT": 100}


def test_a_stay_by_hand_by_its_first_segment_in_the_year_of_discharge():
    years = ar.claims.synpuf_person_years(pd.DataFrame([small()]), pd.DataFrame([SECOND, STAY]))
    row = years.frame.iloc[0]
    # 5,000, 4 days at 20, deductible, coinsurance and blood
    assert row["inpatient_dollars"] == 5_080 + 1_033
    assert years.report.examples("second segment of a claim").index.tolist() == [0]
    assert (row["inpatient_events"], row["outpatient_dollars"], row["carrier_dollars"]) == (1, 30.0, 30.0)
    assert (row["age"], row["sex"], row["member_months"]) == (69.0, "male", 12.0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"BENE_SMI_CVRAGE_TOT_MONS": 5}], ["2009-01-01", "2009-05-31"]),
        ([{"BENE_SMI_CVRAGE_TOT_MONS": 5}, {"YEAR": 2010}], ["2009-08-01", "2009-12-31"]),
        ([{"YEAR": 2008}, {"BENE_HI_CVRAGE_TOT_MONS": 5}, {"YEAR": 2010}], ["2009-01-01", "2009-05-31"]),
        ([{"BENE_DEATH_DT": "20090301"}], ["2009-01-01", "2009-03-31"]),
    ],
)
def test_months_of_coverage_are_placed_as_said(rows, expected):
    _, spans = ar.claims.synpuf(pd.DataFrame([small(**row) for row in rows]), pd.DataFrame([STAY]))
    row = spans[spans["start"].dt.year == 2009].iloc[0]
    assert [str(row["start"].date()), str(row["end"].date())] == expected


def test_years_may_come_as_published_one_file_each():
    tables = {2009: pd.DataFrame([small()]).drop(columns="YEAR"), 2010: pd.DataFrame([small()]).drop(columns="YEAR")}
    years = ar.claims.synpuf_person_years(tables, pd.DataFrame([STAY]))
    assert years.frame["year"].tolist() == [2009, 2010]


def test_hmo_years_are_set_aside_unless_asked_for():
    people = pd.DataFrame([small(), small(DESYNPUF_ID="B", BENE_HMO_CVRAGE_TOT_MONS=1)])
    inpatient = pd.DataFrame([STAY, STAY | {"DESYNPUF_ID": "B", "CLM_ID": 8}])
    without = ar.claims.synpuf_person_years(people, inpatient)
    assert without.frame["member_id"].tolist() == ["A"]
    assert without.report.table.set_index("problem").loc["HMO months", "dollars"] == 60.0
    assert without.report.control.loc["person-year left out", "lines"] == 1
    assert len(ar.claims.synpuf_person_years(people, inpatient, keep_hmo=True)) == 2


def test_synpuf_refuses_what_is_missing():
    with pytest.raises(ar.InputError, match="beneficiaries: must have the columns BENE_SEX_IDENT_CD"):
        ar.claims.synpuf(pd.DataFrame([small()]).drop(columns="BENE_SEX_IDENT_CD"), pd.DataFrame([STAY]))
    with pytest.raises(ar.InputError, match="must have one row for each DESYNPUF_ID and YEAR"):
        ar.claims.synpuf(pd.DataFrame([small(), small()]), pd.DataFrame([STAY]))


def test_rand_by_plan_is_the_data():
    table = ar.datasets.rand_hie()
    table = table[table["enrolled_share"] == 1.0]
    years = ar.claims.rand_person_years()
    assert len(years) == len(table) == 20_145
    assert years.dollars.sum() == pytest.approx(ar.datasets.total_dollars(table).sum())
    counts = years.frame["plan_name"].value_counts().to_dict()
    assert counts == {
        "free": 6_811,
        "individual deductible, 0 %": 4_160,
        "25 %": 4_056,
        "95 %": 2_648,
        "50 %": 1_398,
        "individual deductible, 100 %": 1_072,
    }
    free = ar.claims.rand_person_years(coinsurance_percent=0, individual_deductible=0)
    assert set(free.frame["plan_name"]) == {"free"}
    assert free.frame["admissions_events"].sum() == 858  # docs/datasets.md
    assert free.frame["physician visits_events"].sum() == 24_180
    assert [line.name for line in free.lines if not line.counted] == ["drugs", "supplies"]


def test_rand_tells_of_dollars_without_events_and_keeps_them():
    table = ar.datasets.rand_hie()
    table = table[table["enrolled_share"] == 1.0]
    years = ar.claims.rand_person_years()
    told = years.report.table.set_index("problem")
    odd = (table["physician_visits"] == 0) & (table["outpatient_dollars"] > 0)
    assert told.loc["physician visits: dollars without an event", "rows"] == odd.sum() == 1_149
    assert told.loc["not the whole year", "rows"] == 45
    partial = ar.claims.rand_person_years(full_years=False)
    assert partial.frame["member_months"].min() < 12
    assert len(partial) == 20_190


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ({"coinsurance_percent": 30}, "coinsurance_percent: must be one of 0, 25, 50, 95, 100, got 30"),
        ({"coinsurance_percent": 100, "individual_deductible": 0}, "individual_deductible: must be one of 1, got 0"),
        ({"individual_deductible": 2}, "individual_deductible: must be one of 0, 1, got 2"),
    ],
)
def test_rand_refuses_plans_that_are_not(plan, expected):
    with pytest.raises(ar.InputError, match=expected):
        ar.claims.rand_person_years(**plan)


def test_plans_are_named_by_both_columns():
    table = pd.DataFrame({"coinsurance_percent": [0, 0, 95, 95], "individual_deductible": [0, 1, 0, 1]})
    assert rand.plan_names(table).tolist() == [
        "free",
        "individual deductible, 0 %",
        "95 %",
        "individual deductible, 95 %",
    ]


@pytest.mark.parametrize("kind", [dict, pl.DataFrame, pa.table])
def test_frames_of_every_kind_give_the_same(kind):
    claims = lines(("1", "A", "2023-02-01", 100.5), ("1", "B", "2023-03-01", None), ("1", "B", "2023-03-01", 7.25))
    spans = members(("1", "2023-01-01", None), risk_score=1.5)
    claims["date"] = pd.to_datetime(claims["date"])
    given = [kind({name: table[name].tolist() for name in table.columns}) for table in (claims, spans)]
    one, other = (ar.claims.person_years(*tables, VISITS) for tables in ((claims, spans), given))
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.events, other.events)
    pd.testing.assert_frame_equal(one.report.table, other.report.table)
    assert np.isclose(one.dollars.sum(), 107.75)
