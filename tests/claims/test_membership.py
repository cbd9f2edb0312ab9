"""Member-months, years, ages and scores by hand, and every kind of dirt in memberships."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk.claims._dates import day_of
from atrisk.claims._exposure import member_months
from claims_cases import found, lines, made, members

CLAIM = lines(("1", "A", "2023-02-01", "100.00"))
LEAP = ("2023-01-01", "2024-12-31")


def months(years):
    return years.frame.set_index(["member_id", "year"])["member_months"].to_dict()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-01-01", "2023-12-31", 12.0),
        ("2023-02-01", "2023-02-28", 1.0),
        ("2024-02-01", "2024-02-28", 28 / 29),
        ("2024-02-29", "2024-02-29", 1 / 29),
        ("2023-01-16", "2023-03-10", 16 / 31 + 1 + 10 / 31),
        ("2023-04-30", "2023-05-01", 1 / 30 + 1 / 31),
    ],
)
def test_member_months_are_days_over_the_days_of_each_month(start, end, expected):
    import datetime as dt  # noqa: PLC0415 - used here alone

    first, last = (np.array([day_of(dt.date.fromisoformat(each))]) for each in (start, end))
    assert member_months(first, last)[0] == pytest.approx(expected, abs=1e-9)


def test_months_of_every_span_are_the_sum_over_its_days():
    random = np.random.default_rng(5)
    first = random.integers(18_000, 20_000, 200)
    last = first + random.integers(0, 900, 200)
    for begin, end, got in zip(first, last, member_months(first, last), strict=True):
        days = pd.date_range(pd.Timestamp(int(begin), unit="D"), pd.Timestamp(int(end), unit="D"))
        assert got == pytest.approx((1 / np.asarray(days.days_in_month)).sum(), abs=1e-8)


def test_years_are_split_at_new_year_and_the_leap_day_counts():
    years = made(CLAIM, members(("1", "2023-01-01", "2024-02-15")), period=LEAP)
    assert months(years) == {("1", 2023): 12.0, ("1", 2024): pytest.approx(1 + 15 / 29)}


def test_years_may_begin_in_july():
    years = made(CLAIM, members(("1", "2023-01-01", "2023-08-31")), period=LEAP, year="07-01")
    assert months(years) == {("1", 2022): 6.0, ("1", 2023): 2.0}
    assert years.frame["visits_events"].tolist() == [1, 0]
    assert years.frame["age"].tolist() == [72.0, 73.0]  # on 1 January, born 15 March 1950


@pytest.mark.parametrize(("age_at", "age"), [("mid-year", 73.0), ("first-day", 72.0)])
def test_age_in_completed_years(age_at, age):
    assert made(CLAIM, age_at=age_at).frame["age"].tolist() == [age]


@pytest.mark.parametrize(("birth", "age"), [("1950-07-01", 73.0), ("1950-07-02", 72.0), ("2023-11-01", 0.0)])
def test_age_at_the_birthday_and_of_the_newborn(birth, age):
    assert made(CLAIM, members(birth_date=birth)).frame["age"].tolist() == [age]


def test_age_given_grows_with_the_years():
    spans = members(("1", "2023-01-01", "2024-12-31")).drop(columns="birth_date").assign(age=40)
    assert made(CLAIM, spans, period=LEAP).frame["age"].tolist() == [40.0, 41.0]


def test_overlapping_spans_count_once_and_gaps_are_kept():
    spans = members(
        ("1", "2023-01-01", "2023-03-31"), ("1", "2023-03-01", "2023-04-30"), ("1", "2023-06-01", "2023-06-30")
    )
    years = made(CLAIM, spans)
    assert months(years) == {("1", 2023): 5.0}
    assert found(years, "overlapping enrolment")[0] == 1
    covered = made(
        CLAIM,
        members(
            ("1", "2023-01-01", "2023-12-31"), ("1", "2023-02-01", "2023-03-31"), ("1", "2023-01-01", "2023-12-31")
        ),
    )
    assert months(covered) == {("1", 2023): 12.0}
    assert found(covered, "overlapping enrolment")[0] == 2


def test_claims_in_a_gap_are_outside():
    spans = members(("1", "2023-01-01", "2023-03-31"), ("1", "2023-06-01", "2023-06-30"))
    years = made(
        lines(("1", "A", "2023-03-31", "1"), ("1", "B", "2023-04-01", "2"), ("1", "C", "2023-06-01", "4")), spans
    )
    assert years.dollars.tolist() == [5.0]


@pytest.mark.parametrize("end", [None, "", "9999-12-31", "12/31/9999"])
def test_a_missing_end_is_closed_with_the_period_and_told(end):
    years = made(CLAIM, members(("1", "2023-01-01", end)), period=("2023-01-01", "2023-09-30"))
    assert months(years) == {("1", 2023): 9.0}
    assert found(years, "end missing: still enrolled")[2] == "noted"


def test_the_period_is_by_default_the_months_with_claims():
    spans = members(("1", "2015-01-01", None))
    years = made(lines(("1", "A", "2023-02-10", "1"), ("1", "B", "2023-05-02", "1")), spans, period=None)
    assert months(years) == {("1", 2023): 4.0}
    assert "2023-03, 2023-04" in years.report.table.set_index("problem").loc["months without a claim line", "done"]


@pytest.mark.parametrize(
    ("problem", "span", "columns"),
    [
        ("end before start", ("2", "2023-05-01", "2023-04-01"), {}),
        ("start missing or impossible", ("2", "2023-02-31", "2023-04-01"), {}),
        ("end impossible", ("2", "2023-01-01", "2023-02-31"), {}),
        ("member_id missing", (None, "2023-01-01", "2023-02-01"), {}),
        ("sex unknown", ("2", "2023-01-01", "2023-02-01"), {"sex": ["F", "U"]}),
        (
            "age or birth_date unknown or impossible",
            ("2", "2023-01-01", "2023-02-01"),
            {"birth_date": ["1950-01-01", ""]},
        ),
        (
            "age or birth_date unknown or impossible",
            ("2", "2023-01-01", "2023-02-01"),
            {"birth_date": ["1950-01-01", "2025-01-01"]},
        ),
        ("span after death", ("2", "2023-05-01", "2023-06-01"), {"death_date": [None, "2023-04-01"]}),
    ],
)
def test_spans_that_cannot_be_are_set_aside_with_their_claims(problem, span, columns):
    spans = members(("1", "2023-01-01", "2023-12-31"), span, **columns)
    years = made(lines(("1", "A", "2023-02-01", "100"), ("2", "B", "2023-01-20", "7")), spans)
    assert years.frame["member_id"].tolist() == ["1"]
    assert found(years, problem)[0::2] == (1, "set aside")
    assert years.report.control["cents"].to_dict()["in person-years"] == 10_000
    assert years.report.control["cents"]["all lines"] == 10_700


def test_birth_after_death_is_no_birth_date():
    spans = members(
        ("1", "2023-01-01", "2023-12-31"),
        ("2", "2023-01-01", None),
        birth_date=["1950-01-01", "2023-08-01"],
        death_date=[None, "2023-07-01"],
    )
    years = made(CLAIM, spans)
    assert found(years, "birth_date after death")[0] == 1
    assert len(years) == 1


@pytest.mark.parametrize(
    ("sex", "name"), [(1, "male"), (2, "female"), ("1", "male"), ("M", "male"), (" f ", "female"), (2.0, "female")]
)
def test_sexes_as_they_are_written(sex, name):
    assert made(CLAIM, members(sex=sex)).frame["sex"].tolist() == [name]


def test_contradictions_between_spans_are_told():
    spans = members(
        ("1", "2023-01-01", "2023-02-28"),
        ("1", "2023-03-01", "2023-12-31"),
        sex=["F", "M"],
        birth_date=["1950-01-01", "1951-01-01"],
    )
    years = made(CLAIM, spans)
    assert years.frame["sex"].tolist() == ["female"]
    assert found(years, "sex contradicts another span")[0] == 1
    assert found(years, "birth_date contradicts another span")[0] == 1


def test_scores_are_means_by_months_and_further_columns_those_of_most_months():
    spans = members(
        ("1", "2023-01-01", "2023-03-31"), ("1", "2023-04-01", "2023-12-31"), hcc=[1.0, 2.0], payer=["a", "b"]
    )
    years = made(CLAIM, spans, risk_score="hcc")
    assert years.frame["risk_score"].tolist() == [1.75]
    assert years.frame["payer"].tolist() == ["b"]
    assert made(CLAIM, spans).frame["risk_score"].tolist() == [1.0]


def test_missing_scores_take_the_mean_and_are_told():
    spans = members(
        ("1", "2023-01-01", "2023-12-31"), ("2", "2023-01-01", "2023-12-31"), ("3", "2023-01-01", "2023-06-30")
    )
    years = made(CLAIM, spans.assign(risk_score=[None, 1.0, 4.0]))
    assert years.frame["risk_score"].tolist() == [2.0, 1.0, 4.0]
    assert found(years, "risk_score missing")[0::2] == (1, "mended")


def test_names_of_columns_can_be_mapped():
    claims = CLAIM.rename(columns={"member_id": "MBR", "allowed": "ALLOWED_AMT"})
    spans = members().rename(columns={"birth_date": "DOB"}).assign(raf=0.5)
    years = made(
        claims,
        spans,
        claim_columns={"member_id": "MBR", "allowed": "ALLOWED_AMT"},
        member_columns={"birth_date": "DOB", "risk_score": "raf"},
    )
    assert years.dollars.tolist() == [100.0]
    assert years.frame["risk_score"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"claim_columns": {"member_id": "typo"}}, "claim_columns: must have the columns typo"),
        ({"claim_columns": {"price": "allowed"}}, "claim_columns.price: must be one of"),
        ({"risk_score": "typo"}, "risk_score: must be a column of membership, got 'typo'"),
        ({"year": "07-02"}, 'year: must be "calendar" or the first day of a month'),
        ({"period": ("2023-12-31", "2023-01-01")}, "period: must end after it begins"),
        ({"period": ("2023-02-31", "2023-01-01")}, r"period\[0\]: must be a date"),
        ({"period": ("2020-01-01", "2020-12-31")}, "must have enrolment within the period"),
        ({"age_at": "birth"}, "age_at: must be one of mid-year, first-day"),
        ({"on_problems": "ignore"}, "on_problems: must be one of report, raise"),
        ({"other": "visits"}, "other: must not be the name of a service line"),
    ],
)
def test_wrong_options_are_refused(options, expected):
    with pytest.raises(ar.InputError, match=expected):
        made(CLAIM, **options)


@pytest.mark.parametrize(
    ("claims", "spans", "expected"),
    [
        (CLAIM.drop(columns="allowed"), members(), "claims: must have the columns allowed"),
        (CLAIM.iloc[:0], members(), "claims: must have rows, got none"),
        (CLAIM, members().drop(columns="sex"), "membership: must have the columns sex"),
        (CLAIM, members().drop(columns="birth_date"), "membership: must have the column birth_date, or age"),
        (CLAIM, members(sex="?"), "must have members of known sex and age"),
        (
            CLAIM.assign(member_id="9"),
            members(),
            "must have claim lines that can be used.*member not in the membership: 1",
        ),
        (CLAIM.drop(columns="procedure"), members(), "must have a column that a service line looks at"),
        (7, members(), "claims: must be a data frame"),
        (pd.concat([CLAIM, CLAIM["allowed"]], axis=1), members(), "must have each column once, got 'allowed' twice"),
    ],
)
def test_tables_that_cannot_be_are_refused(claims, spans, expected):
    with pytest.raises(ar.InputError, match=expected):
        made(claims, spans)
