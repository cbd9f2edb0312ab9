"""Home health: the 432 groups both ways, and the tables whole."""

import hashlib

import numpy as np
import pytest

import atrisk as ar
from home_health_cases import price

# Groups.


def test_there_are_432_groups_and_codes_go_both_ways():
    groups = ar.home_health.groups()
    assert len(groups) == groups["hipps"].nunique() == 4 * 12 * 3 * 3 == 432
    assert (
        not groups[["admission_source", "timing", "clinical_group", "functional_level", "comorbidity"]]
        .duplicated()
        .any()
    )
    back = ar.home_health.hipps(groups.drop(columns="hipps"))
    assert back["hipps"].tolist() == groups["hipps"].tolist()
    first = groups.groupby(groups["hipps"].str[0])[["admission_source", "timing"]].first()
    assert first.agg(" ".join, axis=1).to_dict() == {
        "1": "community early",
        "2": "institutional early",
        "3": "community late",
        "4": "institutional late",
    }


def first_of(days_without, days_since, place="acute_hospital"):
    facts = {"clinical_group": "A", "functional_level": "A", "comorbidity": 1}
    when = {"days_without_home_health": days_without, "days_since_discharge": days_since, "discharged_from": place}
    return ar.home_health.hipps(facts | when)["hipps"][0][0]


def test_timing_and_source_from_days():
    never = np.nan
    assert [first_of(days, never) for days in (0, 59, 60, 61, never)] == ["3", "3", "1", "1", "1"]
    assert [first_of(never, days) for days in (0, 14, 15)] == ["2", "2", "1"]
    assert [first_of(0, days) for days in (0, 14, 15)] == ["4", "4", "3"]
    after = ["skilled_nursing_facility", "inpatient_rehabilitation_facility", "long_term_care_hospital"]
    for place in [*after, "inpatient_psychiatric_facility"]:
        assert first_of(never, 3, place) == "2"
        assert first_of(10, 3, place) == "3"  # only a new acute stay counts later on


def test_codes_say_whether_a_period_is_first():
    facts = {"wage_index": 1, "skilled_nursing_visits": 1, "calendar_year": 2025}
    add_on = [price(hipps=code, **facts)["lupa_add_on"] > 0 for code in ("1AA11", "2AA11", "3AA11", "4AA11")]
    assert add_on == [True, True, False, False]
    assert price(hipps="1AA11", first_period=False, **facts)["lupa_add_on"] == 0
    with pytest.raises(ar.InputError) as error:
        ar.home_health.price(hipps=["1AA11", "3CB21"], first_period=True, **facts)
    text = "home_health.first_period[1]: must be false where hipps is a late group, got true (the first period of a "
    assert str(error.value).startswith(text)


# Tables.


def digest(frame, columns):
    text = "\n".join(
        ",".join(f"{value:g}" if isinstance(value, float | int) else value for value in row)
        for row in frame[columns].to_numpy().tolist()
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_weights_are_whole():
    weights = ar.home_health.tables()["weights"]
    assert len(weights) == weights["hipps"].nunique() == 396
    assert set(weights["hipps"].str[1]) == set("ABCDEGHIJKL")
    assert set(weights["hipps"]) < set(ar.home_health.groups()["hipps"])
    assert set(weights["confidence"]) == {"doubtful"}
    assert weights["lupa_threshold"].between(2, 6).all()
    by = weights.assign(first=weights["hipps"].str[0], rest=weights["hipps"].str[1:]).pivot_table(
        index="rest", columns="first", values="weight"
    )
    for column, step in {"2": 0.2073, "3": -0.3481, "4": 0.1296}.items():
        assert (by[column] - by["1"]).sub(step).abs().max() < 0.0015
    assert weights["weight"].sum() == pytest.approx(462.992, abs=1e-9)
    assert digest(weights, ["hipps", "weight", "lupa_threshold"]) == "b0afefe8080c4c5a"


def test_every_row_says_where_it_is_from():
    tables = ar.home_health.tables()
    rows = {name: len(frame) for name, frame in tables.items()}
    assert rows == {
        "rates": 7,
        "labor_shares": 7,
        "visit_rates": 7,
        "add_on_factors": 7,
        "rural_factors": 7,
        "weights": 396,
        "letters": 23,
        "institutions": 5,
        "terms": 6,
        "visits": 65,
    }
    for frame in tables.values():
        assert set(frame["confidence"]) <= {"read", "read_secondary", "recalled", "doubtful"}
        assert (frame["source"].str.len() > 5).all()
    shares = tables["labor_shares"]
    assert (shares["labor_share"] + shares["nonlabor_share"]).round(12).eq(1).all()
    assert digest(tables["visits"], ["clinical_group", "calendar_year", "visits"]) == "fa24ddf91b5fdeba"
