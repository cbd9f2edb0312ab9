"""Person-years: read from any frame, split by persons, made a panel, followed through their spells, refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import atrisk as ar
from atrisk.person_years import Line, person_years_of
from fitted_cases import drawn
from test_errors import message


def table(**changes):
    """Three members: 7 of 2019 to 2021, 8 of 2019 and 2021, 9 of 2020 alone."""
    frame = {
        "member_id": [7, 7, 7, 8, 8, 9],
        "year": [2019, 2020, 2021, 2019, 2021, 2020],
        "age": [40, 41, 42, 64, 66, 0],
        "sex": ["F", "female", " f ", "m", "Male", "male"],
        "risk_score": [1.0, 1.2, 1.4, 2.0, 3.0, 0.5],
        "member_months": [4.0, 12.0, 7.4, 12.0, 12.0, 5.0],
        "plan": ["a", "a", "b", "a", "a", "b"],
        "visits_events": [1, 0, 2, 0, 1, 0],
        "visits_dollars": [80.0, 0.0, 160.0, 0.0, 90.0, 0.0],
        "drugs_dollars": [10.0, 20.0, 0.0, 5.0, 5.0, 0.0],
    }
    return pd.DataFrame(frame | changes)


def test_lines_and_columns_are_found_by_their_names():
    years = ar.PersonYears.from_frame(table().iloc[::-1])
    assert years.lines == (Line("visits", counted=True), Line("drugs", counted=False))
    assert (len(years), years.members) == (6, 3)
    assert years.frame["member_id"].tolist() == [7, 7, 7, 8, 8, 9]
    assert years.frame["sex"].tolist() == ["female"] * 3 + ["male"] * 3
    assert years.frame["plan"].tolist() == list("aabaab")
    assert years.dollars.tolist() == [90.0, 20.0, 160.0, 5.0, 95.0, 0.0]
    assert "6 person-years of 3 members, years 2019-2021" in repr(years)
    assert "lines: visits, drugs" in years._repr_html_()
    copy = years.to_pandas()
    copy["age"] = 0
    assert years.frame["age"].max() == 66
    whole = ar.PersonYears.from_frame(table().drop(columns=["risk_score", "member_months"]))
    assert (set(whole.frame["risk_score"]), set(whole.frame["member_months"])) == ({1.0}, {12.0})


def test_services_and_names_of_a_frame_of_ones_own():
    named = table().rename(columns={"member_id": "person", "age": "sex", "sex": "age", "visits_events": "n"})
    names = {"member_id": "person", "age": "sex", "sex": "age"}
    services = {"care": ("n", "visits_dollars"), "all drugs": "drugs_dollars"}
    years = ar.PersonYears.from_frame(named, columns=names, services=services)
    assert years.lines == (Line("care", counted=True), Line("all drugs", counted=False))
    assert years.frame["care_events"].tolist() == table()["visits_events"].tolist()
    assert years.frame["age"].tolist() == table()["age"].tolist()
    assert "visits_dollars" not in years.frame
    assert person_years_of(years) is years


def test_pandas_polars_arrow_and_mappings_are_alike():
    expected = ar.PersonYears.from_frame(table()).frame
    polars = pl.from_pandas(table())
    for frame in (polars, polars.to_arrow(), table().to_dict("list")):
        pd.testing.assert_frame_equal(ar.PersonYears.from_frame(frame).frame, expected)


def test_a_split_has_no_person_in_both_and_everybody_in_one():
    years = ar.PersonYears.from_frame(drawn(101))
    for share, first in ((0.5, 50), (0.25, 25), (0.0, 0), (1.0, 101)):
        one, other = years.split(share, seed=4)
        ids, rest = set(one.frame["member_id"]), set(other.frame["member_id"])
        assert len(ids) == first
        assert not ids & rest
        assert ids | rest == set(range(101))
        assert len(one) + len(other) == len(years)
    assert set(years.split(seed=4)[0].frame["member_id"]) == set(years.split(seed=4)[0].frame["member_id"])
    assert set(years.split(seed=4)[0].frame["member_id"]) != set(years.split(seed=5)[0].frame["member_id"])
    assert years.where(years.frame["sex"] == "male").frame["sex"].unique().tolist() == ["male"]


def test_a_panel_is_the_members_of_a_year():
    years = ar.PersonYears.from_frame(table())
    last, second = years.panel().columns, years.panel(2020).columns
    assert last["member_id"].tolist() == [7, 8]
    assert last["age"].tolist() == [42, 66]
    assert last["plan"].tolist() == ["b", "a"]
    assert second["member_id"].tolist() == [7, 9]
    assert second["risk_score"].tolist() == [1.2, 0.5]
    assert not {"year", "member_months", "visits_events", "drugs_dollars"} & set(last)
    assert (set(last["entry_month"]), set(last["exit_month"])) == ({1}, {12})


def test_members_are_followed_through_spells_without_a_gap():
    """7 has one spell from September 2019 to July 2021; 8 two of one year; 9 one of five months of 2020."""
    panel = ar.PersonYears.from_frame(table()).followed()
    columns = panel.columns
    assert columns["member_id"].tolist() == ["7 from 2019", "8 from 2019", "8 from 2021", "9 from 2020"]
    assert columns["entry_year"].tolist() == [1, 1, 3, 2]
    assert columns["exit_year"].tolist() == [3, 1, 3, 2]
    assert columns["entry_month"].tolist() == [9, 1, 1, 1]
    assert columns["exit_month"].tolist() == [7, 12, 12, 5]
    # Ages are those of the first year of the table: 8 is 66 in 2021; 9 was not born then, and enters as 0.
    assert columns["age"].tolist() == [40, 64, 64, 0]
    assert columns["risk_score"] == pytest.approx([1.2, 2.0, 3.0, 0.5])
    care = ar.Utilization(services=[ar.Service("visits", per_1000=1_000, allowed=10.0)])
    results = ar.Study(panel, care, {"Fees": ar.FeeForService()}, years=3, seed=1).run(2, progress=False)
    months = results.to_pandas().query("replicate == 0")["member_months"].tolist()
    assert months == [4 + 12, 12 + 5, 7 + 12]


def test_single_events_are_checked_and_left_out_of_parts():
    events = pd.DataFrame({"service": ["visits"] * 4, "allowed": [80.0, 60.0, 100.0, 90.0]})
    years = ar.PersonYears.from_frame(table(), events=pl.from_pandas(events))
    pd.testing.assert_frame_equal(years.events, events)
    assert years.where(np.ones(6, dtype=bool)).events is None


def read(**changes):
    return ar.PersonYears.from_frame(table(**changes))


def serve(services):
    return ar.PersonYears.from_frame(table(), services=services)


def tell(**events):
    return ar.PersonYears.from_frame(table(), events=pd.DataFrame(events))


EXAMPLE = '(for example {"inpatient": ("admissions", "inpatient_dollars"), "drugs": "drug_dollars"})'


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: ar.PersonYears.from_frame(3),
            "person_years: must be a data frame (pandas, polars, Arrow) or a mapping, got an int",
        ),
        (
            lambda: ar.PersonYears.from_frame(table()[["member_id", "year", "drugs_dollars"]]),
            "person_years: must have the columns age, sex, got only member_id, year, drugs_dollars",
        ),
        (lambda: ar.PersonYears.from_frame(table()[:0]), "person_years: must have rows, got none"),
        (
            lambda: read(year=[2019, 2019, 2021, 2019, 2021, 2020]),
            "person_years[1]: must have one row for each member_id and year, got 7, 2019 twice",
        ),
        (lambda: read(member_id=[7, 7, None, 8, 8, 9]), "person_years.member_id[2]: must not be missing"),
        (
            lambda: read(member_id=[7, 7, 7, "8", "8", "9"]),
            "person_years.member_id: must be of one kind: all text, or all numbers, got int and str",
        ),
        (lambda: read(year=2019.5 + np.arange(6)), "person_years.year[0]: must be a whole number, got 2019.5"),
        (lambda: read(age=-1), "person_years.age[0]: must be a number between 0 and 130, got -1"),
        (lambda: read(age=np.nan), "person_years.age[0]: must not be missing"),
        (lambda: read(sex=[*"fffmx", "m"]), 'person_years.sex[4]: must be "female" or "male", got \'x\''),
        (lambda: read(risk_score=-1.0), "person_years.risk_score[0]: must be a number between 0 and 1e+06, got -1.0"),
        (
            lambda: read(member_months=0),
            "person_years.member_months[0]: must be above 0, got 0 (leave out years without enrolment)",
        ),
        (lambda: read(member_months=13), "person_years.member_months[0]: must be a number between 0 and 12, got 13"),
        (lambda: read(visits_events=0.5), "person_years.visits_events[0]: must be a whole number, got 0.5"),
        (
            lambda: read(drugs_dollars="much"),
            "person_years.drugs_dollars[0]: must be a number between 0 and 1e+12, got much",
        ),
        (
            lambda: ar.PersonYears.from_frame(table()[["member_id", "year", "age", "sex"]]),
            f"person_years.services: must have service lines, got no column ends in _dollars {EXAMPLE}",
        ),
        (
            lambda: serve(["visits"]),
            f"person_years.services: must map service lines to their columns, got a list {EXAMPLE}",
        ),
        (
            lambda: serve({"visits": ("visits_events",)}),
            "person_years.services.visits: must be a pair of columns, or one of dollars, got ('visits_events',) "
            f"{EXAMPLE}",
        ),
        (
            lambda: serve({"visits": "cost"}),
            "person_years: must have the columns cost, got only member_id, year, age, sex, risk_score, member_months, "
            "plan, visits_events, visits_dollars, drugs_dollars",
        ),
        (
            lambda: ar.PersonYears.from_frame(table(), columns=["member_id"]),
            "person_years.columns: must map names to names of the frame, got a list",
        ),
        (
            lambda: person_years_of(read(), {"visits": "drugs_dollars"}),
            "services: must be left out: person-years have their lines, got a dict",
        ),
        (lambda: read().split(50), "person_years.split.share: must be between 0 and 1, got 50 (did you mean 0.5?)"),
        (
            lambda: read().split(seed=-1),
            "person_years.split.seed: must be a whole number between 0 and 9,223,372,036,854,775,807, got -1",
        ),
        (
            lambda: read().panel(2018),
            "person_years.panel.year: must be a year of the table, got 2018 (years 2019-2021)",
        ),
        (
            lambda: tell(service=["visits"], dollars=[1.0]),
            "person_years.events: must have the columns allowed, got only service, dollars",
        ),
        (
            lambda: tell(service=["visits", "drugs"], allowed=[1.0, 2.0]),
            "person_years.events.service[1]: must be a counted line, got 'drugs' (they are visits)",
        ),
        (
            lambda: tell(service=["visits"], allowed=[np.nan]),
            "person_years.events.allowed[0]: must not be missing",
        ),
    ],
)
def test_what_is_refused(work, text):
    assert message(work) == text
