"""Every kind of dirt in claim lines is counted, told and accounted for to the cent."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from claims_cases import balanced, found, lines, made, members

GOOD = ("1", "A", "2023-02-01", "100.00")


def test_clean_claims_have_no_problem():
    years = made(lines(GOOD, ("1", "B", "2023-03-01", "50.25"), line="1"))
    assert years.dollars.tolist() == [150.25]
    assert years.report.table["problem"].tolist() == ["months without a claim line"]
    assert balanced(years)


def test_exact_duplicates_are_taken_out_once():
    years = made(lines(GOOD, GOOD, GOOD, line="1"))
    assert years.dollars.tolist() == [100.0]
    assert found(years, "exact duplicate") == (2, 200.0, "set aside")
    assert years.report.examples("exact duplicate").index.tolist() == [1, 2]
    assert balanced(years)


@pytest.mark.parametrize("further", [{"line": ["1", "2"]}, {"modifier": ["25", "59"]}, {"paid": ["80", "70"]}])
def test_lines_that_differ_in_any_column_are_no_duplicates(further):
    years = made(lines(GOOD, GOOD, **further))
    assert years.dollars.tolist() == [200.0]


def test_a_reversal_takes_out_its_line_too():
    years = made(lines(GOOD, ("1", "A", "2023-02-01", "-100.00"), ("1", "B", "2023-03-01", "7")))
    assert years.dollars.tolist() == [7.0]
    assert found(years, "reversed line and its reversal") == (2, 0.0, "set aside")
    assert balanced(years)


def test_a_line_billed_again_after_its_reversal_stays():
    years = made(lines(GOOD, ("1", "A", "2023-02-01", "-100.00"), GOOD))
    assert years.dollars.tolist() == [100.0]
    assert found(years, "reversed line and its reversal")[0] == 2


def test_a_reversal_sent_twice_is_a_duplicate():
    years = made(
        lines(
            GOOD,
            ("1", "A", "2023-02-01", "-100.00"),
            ("1", "A", "2023-02-01", "-100.00"),
            ("1", "B", "2023-02-01", "9"),
        )
    )
    assert years.dollars.tolist() == [9.0]
    assert found(years, "exact duplicate") == (1, -100.0, "set aside")
    assert balanced(years)


@pytest.mark.parametrize(
    "other",
    [("2", "A", "2023-02-01", "-100"), ("1", "B", "2023-02-01", "-100"), ("1", "A", "2023-02-02", "-100")],
)
def test_a_negative_line_of_another_member_claim_or_day_is_no_reversal(other):
    years = made(
        lines(GOOD, other, ("1", "Z", "2023-02-01", "1")),
        members(("1", "2023-01-01", "2023-12-31"), ("2", "2023-01-01", "2023-12-31")),
    )
    assert "reversed line and its reversal" not in set(years.report.table["problem"])
    assert balanced(years)


def test_a_negative_line_is_netted_against_the_largest_line_of_its_claim():
    rows = lines(GOOD, ("1", "A", "2023-02-01", "300"), ("1", "A", "2023-02-01", "-320.50"), line=["1", "2", "3"])
    years = made(rows)
    assert years.dollars.tolist() == [79.5]
    assert sorted(years.events["allowed"]) == [0.0, 79.5]
    assert found(years, "negative line without a partner") == (1, -320.5, "mended")
    assert balanced(years)


def test_a_claim_whose_net_is_negative_is_moved_out():
    years = made(lines(GOOD, ("1", "A", "2023-02-01", "-150"), ("1", "B", "2023-02-01", "1")))
    assert years.dollars.tolist() == [1.0]
    assert found(years, "claim with a negative net") == (2, -50.0, "set aside")
    assert balanced(years)


def test_a_claim_cancelled_by_lines_of_other_amounts_is_no_care():
    years = made(
        lines(GOOD, ("1", "A", "2023-02-01", "-60"), ("1", "A", "2023-02-01", "-40"), ("1", "B", "2023-02-01", "1"))
    )
    assert years.frame["visits_events"].tolist() == [1]
    assert found(years, "claim cancelled in full") == (3, 0.0, "set aside")


def test_claims_of_nobody_of_strangers_and_outside_enrolment():
    rows = lines(
        GOOD,
        (None, "B", "2023-02-01", "1"),
        ("9", "C", "2023-02-01", "2"),
        ("1", "D", "2022-12-31", "4"),
        ("1", "E", "2024-01-01", "8"),
    )
    years = made(rows, period=None)
    assert years.dollars.tolist() == [100.0]
    assert found(years, "member_id missing")[1] == 1.0
    assert found(years, "member not in the membership")[1] == 2.0
    assert found(years, "outside the member's enrolment") == (2, 12.0, "set aside")
    assert balanced(years)


def test_claims_outside_the_period():
    years = made(lines(GOOD, ("1", "B", "2023-08-01", "5")), period=("2023-01-01", "2023-06-30"))
    assert years.frame["member_months"].tolist() == [6.0]
    assert found(years, "outside the period") == (1, 5.0, "set aside")


def test_claims_after_death():
    spans = members(("1", "2023-01-01", None), death_date="2023-06-30")
    years = made(lines(GOOD, ("1", "B", "2023-07-01", "5")), spans)
    assert found(years, "outside the member's enrolment") == (1, 5.0, "set aside")
    assert years.frame["member_months"].tolist() == [6.0]


@pytest.mark.parametrize("date", ["2023-02-31", "1/1/1800", "20231301", "soon", "9999-12-31", "12/31/9999"])
def test_impossible_dates(date):
    years = made(lines(GOOD, ("1", "B", date, "5")))
    assert found(years, "date of service impossible") == (1, 5.0, "set aside")
    assert balanced(years)


@pytest.mark.parametrize("date", ["00000000", "0", "", None, "NaT"])
def test_missing_dates(date):
    years = made(lines(GOOD, ("1", "B", date, "5")))
    assert found(years, "date of service missing") == (1, 5.0, "set aside")


def test_dates_in_mixed_forms_are_read_each_by_its_own():
    dates = ["20230131", "2023-01-31", "01/31/2023", "31JAN2023", "2023-01-31T08:30:00", 20230131.0, "1/31/2023"]
    years = made(lines(*(("1", str(at), date, "1") for at, date in enumerate(dates))))
    assert (years.events["date"] == "2023-01-31").all()
    assert len(years.events) == 7
    assert found(years, "date of service in several forms")[2] == "noted"


def test_ambiguous_dates_are_read_as_the_rest_of_the_column_is():
    american = made(lines(("1", "A", "02/03/2023", "1"), ("1", "B", "01/31/2023", "1")))
    assert sorted(american.events["date"].astype(str)) == ["2023-01-31", "2023-02-03"]
    european = made(lines(("1", "A", "02/03/2023", "1"), ("1", "B", "31/01/2023", "1")))
    assert sorted(european.events["date"].astype(str)) == ["2023-01-31", "2023-03-02"]
    for years in (american, european):
        assert found(years, "date of service ambiguous") == (1, 1.0, "noted")
    assert "day/month" in european.report.table.set_index("problem").loc["date of service ambiguous", "done"]


def test_dates_that_nothing_decides_are_read_month_first():
    years = made(lines(("1", "A", "02/03/2023", "1"), ("1", "B", "5/5/2023", "1")))
    assert sorted(years.events["date"].astype(str)) == ["2023-02-03", "2023-05-05"]
    assert "no row" in years.report.table.set_index("problem").loc["date of service ambiguous", "done"]
    assert found(years, "date of service ambiguous")[0] == 1


def test_ambiguous_dates_of_membership_are_told():
    years = made(lines(GOOD), members(("1", "01/02/2023", "12/31/2023"), birth_date="03/04/1950"))
    assert found(years, "start ambiguous")[0] == found(years, "birth_date ambiguous")[0] == 1
    assert years.frame["member_months"].iloc[0] == pytest.approx(11 + 30 / 31)


def test_both_orders_in_one_column_are_told():
    years = made(lines(("1", "A", "02/03/2023", "1"), ("1", "B", "01/31/2023", "1"), ("1", "C", "31/01/2023", "1")))
    assert sorted(years.events["date"].astype(str)) == ["2023-01-31", "2023-01-31", "2023-02-03"]
    told = years.report.table.set_index("problem")["done"]
    assert "DD/MM/YYYY, MM/DD/YYYY" in told["date of service in several forms"]
    assert "month/day" in told["date of service ambiguous"]


def test_thru_dates_that_cannot_be():
    years = made(lines(GOOD, ("1", "B", "2023-03-05", "1"), thru=["2023-01-01", "2023-02-30"]))
    assert found(years, "thru before the date of service")[0] == 1
    assert found(years, "thru date impossible")[0] == 1


@pytest.mark.parametrize(
    ("text", "dollars"),
    [("1,234.50", 1234.5), ("$5", 5.0), ("$ 1,000", 1000.0), ("7.", 7.0), (".5", 0.5), ("1e3", 1000.0), ("+3", 3.0)],
)
def test_amounts_as_text(text, dollars):
    years = made(lines(("1", "A", "2023-02-01", text)))
    assert years.dollars.tolist() == [dollars]


@pytest.mark.parametrize("text", ["(12.00)", "12.00-", "-$12.00", "$-12", "($12.00)"])
def test_negative_amounts_as_text(text):
    years = made(lines(("1", "A", "2023-02-01", "20"), ("1", "A", "2023-02-01", text)))
    assert years.dollars.tolist() == [8.0]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, "allowed missing"),
        ("", "allowed missing"),
        ("free", "allowed is no amount"),
        ("1,2", "allowed is no amount"),
        ("1e999999999999", "allowed is no amount"),
        ("inf", "allowed is no amount"),
        ("2e9", "allowed is no amount"),
        (["a list"], "allowed is no amount"),
    ],
)
def test_missing_amounts_are_care_without_dollars(given, problem):
    years = made(lines(GOOD, ("1", "B", "2023-02-01", given)))
    assert years.frame["visits_events"].tolist() == [2]
    assert years.dollars.tolist() == [100.0]
    assert years.events["dollars_known"].tolist() == [True, False]
    assert found(years, problem) == (1, 0.0, "mended")


def test_amounts_finer_than_a_cent_are_rounded_and_told():
    years = made(lines(("1", "A", "2023-02-01", "1.005"), ("1", "B", "2023-02-01", "0.10")))
    assert years.dollars.tolist() == [1.11]
    assert found(years, "allowed finer than a cent")[0] == 1
    numbers = made(lines(("1", "A", "2023-02-01", 0.1), ("1", "B", "2023-02-01", 33333.333)))
    assert numbers.dollars.tolist() == [33333.43]
    assert found(numbers, "allowed finer than a cent")[0] == 1


@pytest.mark.parametrize("member", [17, 17.0, "17", " 17 ", "17.0"])
def test_identifiers_are_the_same_however_they_are_written(member):
    years = made(lines((member, "A", "2023-02-01", "5")), members(("17", "2023-01-01", "2023-12-31")))
    assert years.frame["member_id"].tolist() == ["17"]
    assert years.dollars.tolist() == [5.0]


def test_leading_zeros_are_kept_and_told():
    spans = members(("0017", "2023-01-01", "2023-12-31"), ("17", "2023-01-01", "2023-12-31"))
    years = made(lines((" 0017 ", "A", "2023-02-01", "5"), ("17", "B", "2023-02-01", "7")), spans)
    assert years.frame.set_index("member_id")["visits_dollars"].to_dict() == {"0017": 5.0, "17": 7.0}
    told = years.report.table[years.report.table["problem"] == "member_id with and without leading zeros"]
    assert told["table"].tolist() == ["claims", "membership"]
    assert told["rows"].tolist() == [2, 2]


def test_identifiers_too_long_for_a_number_are_told():
    long = 12345678901234567890.0
    years = made(lines((long, "A", "2023-02-01", "5")), members((long, "2023-01-01", "2023-12-31")))
    told = years.report.table.set_index("problem").loc["member_id too long for a number"]
    assert told["table"].tolist() == ["claims", "membership"]


def test_a_line_without_claim_is_a_claim_of_its_own():
    unit = {"visits": ar.claims.ServiceLine(procedure="99213", unit="claim")}
    years = made(lines(("1", None, "2023-02-01", "5"), ("1", None, "2023-02-01", "6"), GOOD), service_lines=unit)
    assert years.frame["visits_events"].tolist() == [3]
    assert found(years, "claim_id missing") == (2, 11.0, "mended")


def test_equal_claim_numbers_of_two_members_are_two_claims():
    unit = {"visits": ar.claims.ServiceLine(procedure="99213", unit="claim")}
    spans = members(("1", "2023-01-01", "2023-12-31"), ("2", "2023-01-01", "2023-12-31"))
    years = made(lines(GOOD, ("2", "A", "2023-02-01", "100.00")), spans, unit)
    assert years.frame["visits_events"].tolist() == [1, 1]


def test_missing_codes_go_to_the_other_line():
    years = made(
        lines(GOOD, ("1", "B", "2023-02-01", "5"), ("1", "C", "2023-02-01", "6"), procedure=["99213", None, "J1885"])
    )
    assert years.frame["other services_dollars"].tolist() == [11.0]
    assert found(years, "no code that a service line looks at") == (1, 5.0, "noted")
    assert found(years, "codes that no service line takes") == (1, 6.0, "noted")


def test_service_before_birth_is_told_and_kept():
    years = made(lines(GOOD), members(birth_date="2023-02-10"))
    assert years.frame["age"].tolist() == [0.0]
    assert found(years, "service before birth") == (1, 100.0, "noted")


def test_paid_dollars_are_summed():
    years = made(lines(GOOD, ("1", "B", "2023-02-01", "50"), paid=["80.10", "(5.00)"]))
    assert years.frame["paid_dollars"].tolist() == [75.1]


def test_raise_refuses_what_would_be_set_aside_and_not_what_is_noted():
    made(lines(GOOD, procedure="J1885"), on_problems="raise")
    with pytest.raises(
        ar.InputError,
        match=r"claims\.person_years\.claims\[1\]: must have no rows of the problem 'exact duplicate', got 1 rows",
    ):
        made(lines(GOOD, GOOD), on_problems="raise")


def test_report_names_what_it_has_and_shows_itself():
    report = made(lines(GOOD, GOOD)).report
    with pytest.raises(ar.InputError, match="exact duplicate"):
        report.examples("typo")
    assert "exact duplicate" in report._repr_html_()
    assert report.examples("exact duplicate")["claim_id"].tolist() == ["A"]


def dirt(random, n):
    """Random lines with every kind of dirt."""
    spans = members(*((str(member), "2023-01-15", "2023-11-20") for member in range(8)), sex=["F"] * 7 + ["?"])
    cents = random.integers(-3_000, 9_000, n)
    forms = ["{:.2f}", "${:,.2f}", "{:.3f}"]
    texts = [forms[pick].format(value / 100) for pick, value in zip(random.integers(0, 3, n), cents, strict=True)]
    dates = np.array(
        ["2023-02-01", "2023-02-02", "20230501", "2023-02-30", "", "2024-01-01", "12/01/2023"], dtype=object
    )
    claims = pd.DataFrame(
        {
            "member_id": random.choice(np.array(["0", "1", "2", "3", "7", "99", ""], dtype=object), n),
            "claim_id": random.choice(np.array(["A", "B", "C", None], dtype=object), n),
            "date": dates[random.integers(0, len(dates), n)],
            "allowed": np.where(random.random(n) < 0.05, "none", texts),
            "procedure": random.choice(np.array(["99213", "J1885", None], dtype=object), n),
        }
    )
    reversal = claims.iloc[random.integers(0, n, n // 5)]
    return pd.concat(
        [claims, claims.sample(n // 5, random_state=1), reversal.assign(allowed="-" + reversal["allowed"])]
    ), spans


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("unit", ["claim", "line", "day", "stay"])
def test_every_cent_of_random_dirt_is_accounted_for(seed, unit):
    claims, spans = dirt(np.random.default_rng(seed), 150)
    claims = claims.reset_index(drop=True)
    years = made(claims, spans, {"visits": ar.claims.ServiceLine(procedure="99213", unit=unit)})
    read = [sum_of(text) for text in claims["allowed"]]
    assert years.report.control.loc["all lines", "cents"] == sum(read)
    assert years.report.control.loc["all lines", "lines"] == len(claims)
    assert balanced(years)
    assert (years.frame[["visits_dollars", "other services_dollars"]] >= 0).all(axis=None)
    assert round(years.events["allowed"].sum() * 100) == years.report.control.loc["in person-years", "cents"]
    assert years.frame["visits_events"].sum() == (years.events["service"] == "visits").sum()


def sum_of(text):
    """Cents of a text of the dirt above, read another way; "--5" and "-none" are no amounts."""
    bare = text.replace("$", "").replace(",", "")
    return 0 if bare.startswith("--") or "none" in bare else round(float(bare) * 100)


JUNK = [
    None,
    np.nan,
    pd.NaT,
    pd.NA,
    "",
    "x",
    -1,
    1e300,
    float("inf"),
    "1e99999999999",
    "(",
    "--5",
    "9999-12-31",
    True,
    [1],
]
JUNK += [
    {"a": 1},
    b"abc",
    "\ud800",
    "\u00b2\u00b3",
    "\u0661\u0662",
    2**70,
    complex(1, 2),
    pd.Timestamp("2023-03-03", tz="UTC"),
]


@pytest.mark.parametrize("seed", range(60))
def test_whatever_stands_in_a_cell_is_read_told_or_refused(seed):
    """Every cell of both tables may be anything; the account holds, or an error of the package says why not."""
    random = np.random.default_rng(seed)
    share = (0.02, 0.1, 0.5)[seed % 3]

    def spoiled(table):
        for name in table.columns:
            cells = table[name].tolist()
            marks = random.random(len(cells)) < share
            picks = random.integers(0, len(JUNK), len(cells))
            cells = [JUNK[pick] if mark else cell for cell, mark, pick in zip(cells, marks, picks, strict=True)]
            table[name] = pd.Series(cells, dtype=object)
        return table

    spans = spoiled(members(*[("1", "2023-01-01", "2023-12-31")] * 6, risk_score=1.0, payer="a", death_date=None))
    claims = lines(*[("1", str(at), "2023-02-01", "5.00") for at in range(30)], ndc="0002-1433-80", line="1", thru=None)
    try:
        years = ar.claims.person_years(spoiled(claims), spans, ar.claims.standard_lines())
    except ar.InputError as refused:
        years, path = None, refused.path
    assert balanced(years) if years else path.startswith("claims.person_years")
