"""Rules on codes, the units of events, and drug codes in all their forms."""

import pytest

import atrisk as ar
from atrisk.claims._codes import ndc
from atrisk.claims.service_lines import FIELDS
from claims_cases import lines, made, members

NAMES = {"type_of_bill", "place_of_service", "drg", "procedure", "revenue_code", "ndc"}


def taken(rule, codes, field="procedure"):
    """How many of the codes a rule takes."""
    rows = lines(*(("1", str(at), "2023-02-01", "1") for at in range(len(codes))))
    table = rows.drop(columns="procedure").assign(**{field: codes})
    years = made(table, service_lines={"it": ar.claims.ServiceLine(**{field: rule}, unit="line")})
    return int(years.frame["it_events"].sum())


@pytest.mark.parametrize(
    ("field", "rule", "inside", "outside"),
    [
        ("procedure", "99213", ["99213", " 99213 ", 99213, 99213.0], ["99214", "9921", "992130"]),
        ("procedure", "992*", ["99213", "99299"], ["99313", "29921"]),
        ("procedure", "99202-99205", ["99202", "99203", "99205"], ["99201", "99206", "9920A", "G0438"]),
        ("procedure", "G0101-G0499", ["G0101", "g0300", "G0499"], ["G0100", "G0500", "H0200", "00200"]),
        ("procedure", "A0000-V9999", ["J1885", "Q4100"], ["99213", "W0001", "0001A"]),
        ("procedure", "0001F-7025F", ["1000F", "0001f"], ["1000T", "10000", "7026F"]),
        ("procedure", ["99213", "G0*"], ["99213", "G0438"], ["99214"]),
        ("procedure", "00100-01999", ["00100", "100", 1999], ["02000"]),
        ("drg", "469-470", ["469", "0470", 470], ["471", "047"]),
        ("drg", "1-42", ["001", "42", "042"], ["043"]),
        ("type_of_bill", "11*", ["111", "0111", 117, "11X"], ["121", "011"]),
        ("type_of_bill", "011*", ["111", "0111"], ["0121"]),
        ("type_of_bill", "0131", ["131", "0131"], ["132"]),
        ("revenue_code", "045*", ["0450", 450, "456"], ["0460", "4500"]),
        ("place_of_service", 23, ["23", 23.0], ["3"]),
        ("place_of_service", "2", ["02", 2], ["20"]),
        ("ndc", "*", ["00002143380"], ["no code"]),
        ("ndc", "0002-1433-80", ["00002-1433-80", "00002143380", "0002143380", "2143380"], ["00002143381"]),
        ("ndc", "00002*", ["0002-1433-80"], ["0003-1433-80"]),
        ("ndc", "00002-1433*", ["00002143380"], ["00002-1434-80"]),
    ],
)
def test_rules_take_the_codes_they_say(field, rule, inside, outside):
    for code in inside:
        assert taken(rule, [code, None], field) == 1, code
    for code in outside:
        rows = lines(("1", "A", "2023-02-01", "1")).drop(columns="procedure").assign(**{field: [code]})
        years = made(rows, service_lines={"it": ar.claims.ServiceLine(**{field: rule})})
        assert years.frame["it_events"].tolist() == [0], code
        assert years.frame["other services_dollars"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0002-1433-80", "00002143380"),  # 4-4-2
        ("50242-040-62", "50242004062"),  # 5-3-2
        ("60575-4112-1", "60575411201"),  # 5-4-1
        ("50242-0040-62", "50242004062"),  # 5-4-2
        ("50242004062", "50242004062"),
        ("2143380", "00002143380"),
        ("0002-143-80", None),
        ("00000000000", None),
        ("123456789012", None),
        ("insulin", None),
    ],
)
def test_drug_codes_are_written_5_4_2(given, expected):
    assert ndc(given) == expected


def test_short_and_wrong_drug_codes_are_told():
    rows = lines(("1", "A", "2023-02-01", "1"), ("1", "B", "2023-02-01", "1")).assign(ndc=["0002143380", "insulin"])
    years = made(rows, service_lines={"drugs": ar.claims.ServiceLine(ndc="*")})
    problems = years.report.table.set_index("problem")["rows"]
    assert problems["ndc of fewer than eleven digits"] == 1
    assert problems["ndc is no drug code"] == 1


def test_all_fields_must_match_and_any_of_a_list_of_lines_may():
    rows = lines(*(("1", str(at), "2023-02-01", "1") for at in range(4)))
    rows = rows.assign(procedure=["99213", "99213", "J1885", "J1885"], place_of_service=["11", "22", "11", "22"])
    office = ar.claims.ServiceLine(procedure="99213", place_of_service="11")
    hospital = ar.claims.ServiceLine(place_of_service="22")
    assert made(rows, service_lines={"office": office}).frame["office_events"].tolist() == [1]
    assert made(rows, service_lines={"either": [office, hospital]}).frame["either_events"].tolist() == [3]


def test_the_first_line_that_matches_takes_it():
    both = {"a": ar.claims.ServiceLine(procedure="992*"), "b": ar.claims.ServiceLine(procedure="99213")}
    rows = lines(("1", "A", "2023-02-01", "1"))
    assert made(rows, service_lines=both).frame[["a_events", "b_events"]].to_numpy().tolist() == [[1, 0]]
    other_way = dict(reversed(both.items()))
    assert made(rows, service_lines=other_way).frame[["a_events", "b_events"]].to_numpy().tolist() == [[0, 1]]


ROWS = lines(
    ("1", "A", "2023-02-01", "10"),
    ("1", "A", "2023-02-02", "20"),
    ("1", "B", "2023-02-02", "30"),
    ("1", "C", "2023-02-04", "40"),
    ("2", "C", "2023-02-04", "50"),
).assign(thru=["2023-02-01", "2023-02-02", "2023-02-02", "2023-02-09", None])
BOTH = members(("1", "2023-01-01", "2023-12-31"), ("2", "2023-01-01", "2023-12-31"))


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("line", [10.0, 20.0, 30.0, 40.0, 50.0]),
        ("claim", [30.0, 30.0, 40.0, 50.0]),
        ("day", [10.0, 40.0, 50.0, 50.0]),
        ("stay", [40.0, 50.0, 60.0]),
    ],
)
def test_what_one_event_is(unit, expected):
    years = made(ROWS, BOTH, {"it": ar.claims.ServiceLine(procedure="99213", unit=unit)})
    assert sorted(years.events["allowed"]) == expected
    assert years.frame["it_dollars"].tolist() == [100.0, 50.0]
    assert years.frame["it_events"].sum() == len(expected)


@pytest.mark.parametrize(
    ("starts", "stays"),
    [
        (["2023-02-06", "2023-02-20"], [1.0, 1.0, 1.0]),
        (["2023-02-05", "2023-02-20"], [1.0, 2.0]),
        (["2023-02-02", "2023-02-05"], [3.0]),
        (["2023-02-02", "2023-02-06"], [1.0, 2.0]),
    ],
)
def test_stays_run_on_over_adjacent_and_enclosed_days(starts, stays):
    # The first lasts from 1 to 4 February, the second a day: what it encloses does not shorten it.
    rows = lines(("1", "A", "2023-02-01", "1"), *(("1", str(at), day, "1") for at, day in enumerate(starts)))
    years = made(
        rows.assign(thru=["2023-02-04", None, None]),
        service_lines={"it": ar.claims.ServiceLine(procedure="992*", unit="stay")},
    )
    assert sorted(years.events["allowed"]) == stays


def test_an_event_is_of_the_year_of_its_first_day():
    rows = lines(("1", "A", "2023-12-30", "1"), ("1", "A", "2024-01-02", "2"))
    stay = {"it": ar.claims.ServiceLine(procedure="99213", unit="claim")}
    years = made(rows, members(("1", "2023-01-01", "2024-12-31")), stay, period=("2023-01-01", "2024-12-31"))
    assert years.frame["it_dollars"].tolist() == [3.0, 0.0]
    assert years.events[["year", "service", "member_id"]].to_numpy().tolist() == [[2023, "it", "1"]]


def test_standard_lines_say_their_sources_and_take_typical_lines():
    codes = ar.claims.standard_codes()
    assert set(codes["field"]) <= NAMES == set(FIELDS)
    assert set(codes["confidence"]) == {"recalled"}
    assert codes["source"].str.len().min() > 20
    rows = lines(*(("1", str(at), "2023-02-01", "1") for at in range(9)))
    rows["type_of_bill"] = ["0111", "211", "329", "131", "131", None, None, None, None]
    rows["revenue_code"] = ["0120", None, None, "0450", "0300", None, None, None, None]
    rows["procedure"] = [None, None, None, None, "80053", "99284", "99213", "70551", None]
    rows["ndc"] = [None] * 8 + ["0002-1433-80"]
    years = made(rows, service_lines=ar.claims.standard_lines())
    events = years.frame.filter(like="_events").iloc[0].to_dict()
    assert events == {
        "inpatient_events": 1,
        "skilled nursing_events": 1,
        "home health_events": 1,
        "emergency_events": 1,  # the two are of one day
        "outpatient hospital_events": 1,
        "physician visits_events": 1,
        "other professional_events": 1,
        "drugs_events": 1,
    }


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, "ServiceLine: must have a rule for some field"),
        ({"procedure": []}, "ServiceLine.procedure: must have a code"),
        ({"procedure": 99.5}, "ServiceLine.procedure: must be a code or a list"),
        ({"procedure": "9*2"}, r"must be a code, the beginning of codes, or a range, got '9\*2' \(codes are"),
        ({"procedure": "99215-99202"}, r"from the lower to the higher code, got '99215-99202' \(99202-99215\?\)"),
        ({"procedure": "G0101-99215"}, "must be a range between codes of one form"),
        ({"procedure": "99201-"}, "must be a range between codes of one form"),
        ({"ndc": "insulin"}, "must be a drug code of ten or eleven digits"),
        ({"drg": "470", "unit": "week"}, "ServiceLine.unit: must be one of claim, line, day, stay, got 'week'"),
    ],
)
def test_wrong_rules_are_refused(terms, expected):
    with pytest.raises(ar.InputError, match=expected):
        ar.claims.ServiceLine(**terms)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "service_lines: must map names to ServiceLine"),
        ({"a": "99213"}, "service_lines.a: must be a ServiceLine or a list"),
        ({"a": [ar.claims.ServiceLine(drg="1"), "2"]}, r"service_lines.a\[1\]: must be a ServiceLine"),
        (
            {"a": [ar.claims.ServiceLine(drg="1"), ar.claims.ServiceLine(drg="2", unit="day")]},
            r"a\[1\].unit: must be that of the first",
        ),
        ({" ": ar.claims.ServiceLine(drg="1")}, "must have names"),
    ],
)
def test_wrong_sets_of_lines_are_refused(given, expected):
    with pytest.raises(ar.InputError, match=expected):
        made(lines(("1", "A", "2023-02-01", "1")), service_lines=given)
