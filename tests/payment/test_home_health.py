"""Home health: worked examples with their steps, boundaries, groups, tables, what is refused, a second computation."""

import hashlib
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar
from atrisk.home_health._names import table

DISCIPLINES = [
    "skilled_nursing",
    "physical_therapy",
    "occupational_therapy",
    "speech_language_pathology",
    "medical_social_services",
    "home_health_aide",
]
CASE = {"weight": 1.1, "lupa_threshold": 4, "first_period": True, "wage_index": 1.05, "calendar_year": 2026}
TEN = CASE | {"skilled_nursing_visits": 10}


def price(**facts):
    return ar.home_health.price(facts).iloc[0]


def payment(**facts):
    return Decimal(str(price(**facts)["payment"])).quantize(Decimal("0.01"))


# Worked examples.


def test_a_period_step_by_step():
    """Weight 1.1000, 10 visits, threshold 4, wage index 1.05, labor share 0.749, in 2026: 2,326.00."""
    steps = {
        "base_rate": 2038.22,
        "labor_share": 0.749,
        "visits": 10,
        "lupa": 0,
        "case_mix_payment": 2242.04,
        "case_mix_labor": 1763.25,
        "case_mix_nonlabor": 562.75,
        "full_period_payment": 2326.00,
        "partial_period_factor": 1,
        "period_payment": 2326.00,
        "fixed_dollar_loss": 754.14,
        "loss_labor": 593.09,
        "loss_nonlabor": 189.29,
        "outlier_threshold": 3108.38,
        "outlier_payment": 0,
        "lupa_payment": 0,
        "payment": 2326.00,
    }
    assert {name: price(**TEN)[name] for name in steps} == steps
    statement = ar.home_health.explain(TEN)
    assert statement["payment"] == Decimal("2326.00")
    assert "lupa_threshold" in repr(statement)


def test_a_partial_period_step_by_step():
    """17 days: 0.57 of the whole, 1,325.82."""
    priced = price(**TEN, partial_period_days=17)
    assert priced["partial_period_factor"] == 0.57
    assert priced["partial_period_reduction"] == 1000.18
    assert priced["payment"] == priced["period_payment"] == 1325.82


def test_few_visits_step_by_step():
    """One visit of occupational therapy, the first, and two of physical therapy: 749.59."""
    visits = {"occupational_therapy_visits": 1, "physical_therapy_visits": 2}
    days = {"occupational_therapy_first_day": 1, "physical_therapy_first_day": 4}
    steps = {
        "lupa": 1,
        "physical_therapy_labor": 304.23,
        "physical_therapy_nonlabor": 97.10,
        "occupational_therapy_labor": 153.15,
        "occupational_therapy_nonlabor": 48.88,
        "lupa_payment": 603.36,
        "occupational_therapy_add_on": 140.95,
        "physical_therapy_add_on": 0,
        "add_on_labor": 110.85,
        "add_on_nonlabor": 35.38,
        "lupa_add_on": 146.23,
        "period_payment": 0,
        "outlier_payment": 0,
        "payment": 749.59,
    }
    priced = price(**CASE, **visits, **days)
    assert {name: priced[name] for name in steps} == steps
    assert ar.home_health.explain(CASE | visits | days)["payment"] == Decimal("749.59")


# Boundaries.


def test_a_ladder_around_the_lupa_threshold():
    ladder = [price(**CASE, skilled_nursing_visits=visits) for visits in (3, 4, 5)]
    assert [step["lupa"] for step in ladder] == [1, 0, 0]
    assert [step["payment"] for step in ladder][1:] == [2326.0, 2326.0]
    assert ladder[0]["payment"] == 550.76 + 132.18


def outlier_with(unit_rate, **more):
    facts = {"skilled_nursing_units": 100, "skilled_nursing_unit_rate": unit_rate}
    return price(**(TEN | {"wage_index": 1.0} | facts | more))


def test_an_outlier_begins_at_its_cent():
    """At wage index 1 the threshold is 2,242.04 + 754.14 = 2,996.18: 100 units of 29.96 do not reach it."""
    ladder = [outlier_with(rate) for rate in (29.96, 29.97, 29.98)]
    assert [step["outlier_threshold"] for step in ladder] == [2996.18] * 3
    assert [step["imputed_cost"] for step in ladder] == [2996.00, 2997.00, 2998.00]
    assert [step["outlier_payment"] for step in ladder] == [0, 0.66, 1.46]
    for beyond, paid in [("-0.01", 0.0), ("0.00", 0.0), ("0.01", 0.01), ("0.02", 0.02), ("0.03", 0.02)]:
        rate = float(Decimal("2996.18") + Decimal(beyond))
        assert outlier_with(rate, skilled_nursing_units=1)["outlier_payment"] == paid


def test_the_cap_of_an_agency_takes_all_or_nothing():
    """An outlier of 0.66 with 10 % of 1,000.00 less what was paid before."""
    for before, paid in [(99.33, 0.66), (99.34, 0.66), (99.35, 0.0), (150.0, 0.0)]:
        priced = outlier_with(29.97, prior_payments=1000, prior_outliers=before)
        assert (priced["uncapped_outlier"], priced["outlier_payment"]) == (0.66, paid)
    assert outlier_with(29.97, prior_payments=1000, prior_outliers=0)["outlier_payment"] == 0.66
    assert outlier_with(29.97, prior_payments=0, prior_outliers=1000)["outlier_payment"] == 0.66


def test_few_visits_have_no_outlier_and_no_partial_period():
    few = CASE | {"skilled_nursing_visits": 3}
    priced = price(**few, skilled_nursing_units=900, skilled_nursing_unit_rate=50, partial_period_days=1)
    assert priced["payment"] == price(**few)["payment"] == 682.94
    assert priced["outlier_payment"] == 0


def add_on_of(*, calendar_year=2026, first_period=True, lupa_threshold=10, **facts):
    priced = price(
        **CASE
        | {"calendar_year": calendar_year, "first_period": first_period, "lupa_threshold": lupa_threshold}
        | facts
    )
    return [each for each in DISCIPLINES[:4] if priced[f"{each}_add_on"] > 0]


def test_the_earliest_visit_has_the_add_on_and_ties_go_in_order():
    every = {f"{each}_visits": 1 for each in DISCIPLINES[:4]}
    for at, first in enumerate(DISCIPLINES[:4]):
        days = {f"{each}_first_day": 3 for each in DISCIPLINES[:4]}
        assert add_on_of(**every, **days | {f"{first}_first_day": 2}) == [first]
        later = {f"{each}_first_day": 5 for each in DISCIPLINES[:at]}
        assert add_on_of(**every, **days | later) == [first]
    assert add_on_of(**every, **days, first_period=False) == []


def test_add_ons_need_an_eligible_discipline():
    assert add_on_of(home_health_aide_visits=2, medical_social_services_visits=1) == []
    assert add_on_of(home_health_aide_visits=2, physical_therapy_visits=1) == ["physical_therapy"]
    for year, first in [(2020, []), (2021, []), (2022, ["occupational_therapy"])]:
        assert add_on_of(calendar_year=year, occupational_therapy_visits=2) == first
    both = {"occupational_therapy_visits": 1, "speech_language_pathology_visits": 1}
    days = {"occupational_therapy_first_day": 1, "speech_language_pathology_first_day": 9}
    assert add_on_of(calendar_year=2021, **both, **days) == ["speech_language_pathology"]
    assert add_on_of(calendar_year=2022, **both, **days) == ["occupational_therapy"]


def test_late_notice_takes_a_thirtieth_a_day():
    paid = [payment(**TEN, late_notice_days=days) for days in (0, 1, 6, 30)]
    assert paid == [Decimal(text) for text in ("2326.00", "2248.47", "1860.80", "0.00")]
    few = CASE | {"skilled_nursing_visits": 3}
    assert payment(**few, late_notice_days=10) == payment(**few)


def test_value_based_purchasing_moves_the_period_and_each_line_of_visits():
    assert payment(**TEN, value_based_factor=1.05) == Decimal("2442.30")
    assert payment(**TEN, value_based_factor=0.95, late_notice_days=6) == Decimal("1767.76")
    few = price(**CASE, skilled_nursing_visits=3, value_based_factor=1.03)
    assert few["value_based_adjustment"] == pytest.approx(16.52 + 3.97)
    capped = outlier_with(29.97, value_based_factor=1.1)
    assert capped["payment"] == pytest.approx(2242.04 + 224.20 + 0.66)


@pytest.mark.parametrize(
    ("year", "category", "factor"),
    [
        (2020, "high_utilization", 1.005),
        (2020, "low_population", 1.03),
        (2020, "all_other", 1.02),
        (2021, "high_utilization", 1),
        (2021, "low_population", 1.02),
        (2021, "all_other", 1.01),
        (2022, "low_population", 1.01),
        (2023, "low_population", 1.01),
        (2023, "all_other", 1),
        (2024, "low_population", 1),
        (2026, "low_population", 1),
    ],
)
def test_rural_add_ons_by_year(year, category, factor):
    priced = price(**TEN | {"calendar_year": year}, rural_category=category)
    assert priced["rural_factor"] == factor
    assert price(**TEN | {"calendar_year": year})["rural_factor"] == 1


RATES = {
    2020: (1864.03, 1827.30, 0.56, 0.761, 149.68, 163.61, 164.74, 177.84, 239.92, 67.78, 0.8451, 0.67, 0, 0.6266),
    2021: (1901.12, None, 0.56, 0.761, 152.63, 166.83, 167.98, 181.34, 244.64, 69.11, 0.8451, 0.67, 0, 0.6266),
    2022: (2031.64, 1992.04, 0.40, 0.761, 156.90, 171.49, 172.67, 186.41, 251.48, 71.04, 0.8451, 0.67, 0.67, 0.6266),
    2023: (2010.69, 1972.02, 0.35, 0.761, 163.29, 178.47, 179.70, 194.00, 261.72, 73.93, 0.8451, 0.67, 0.67, 0.6266),
    2024: (2038.13, 1998.56, 0.27, 0.749, 168.37, 184.03, 185.29, 200.04, 269.87, 76.23, 0.8451, 0.67, 0.67, 0.6266),
    2025: (2057.35, 2017.28, 0.35, 0.749, 172.73, 188.79, 190.08, 205.22, 276.85, 78.20, 0.72, 0.6225, 0.7238, 0.6696),
    2026: (2038.22, None, 0.37, 0.749, 176.96, 193.42, 194.74, 210.25, 283.64, 80.12, 0.72, 0.6225, 0.7238, 0.6696),
}


@pytest.mark.parametrize("year", RATES)
def test_figures_of_each_year(year):
    base, without, ratio, labor, *others = RATES[year]
    priced = price(**TEN | {"calendar_year": year})
    assert [priced[name] for name in ("base_rate", "fixed_dollar_loss_ratio", "labor_share")] == [base, ratio, labor]
    assert [priced[f"{each}_visit_rate"] for each in DISCIPLINES] == others[:6]
    assert [priced[f"{each}_add_on_factor"] for each in DISCIPLINES[:4]] == others[6:]
    assert (priced["loss_sharing"], priced["agency_outlier_cap"]) == (0.8, 0.1)
    if without:
        assert price(**TEN | {"calendar_year": year}, quality_data=False)["base_rate"] == without
    else:
        with pytest.raises(
            ar.InputError, match=r"base_rate: must be given \(without quality data, rates are known for"
        ):
            price(**TEN | {"calendar_year": year}, quality_data=False)


def test_confidence_is_that_of_the_least_sure_figure():
    years = [2020, 2021, 2022, 2023, 2024, 2025, 2026]
    sure = ar.home_health.price({"calendar_year": years}, **{k: v for k, v in TEN.items() if k != "calendar_year"})
    assert sure["confidence"].tolist() == ["read", "recalled", "read", "read", "read", "read", "recalled"]
    assert price(**TEN | {"calendar_year": 2025, "lupa_threshold": 11})["confidence"] == "recalled"
    shipped = {"hipps": "1AA11", "wage_index": 1, "skilled_nursing_visits": 9, "calendar_year": 2025}
    assert price(**shipped)["confidence"] == "recalled"
    notes = ar.home_health.explain(shipped).notes
    assert any("presumed 2025" in note for note in notes)
    assert any("no 15-minute units were given" in note for note in notes)
    own = {"hipps": ["1AA11"], "weight": [1.2], "lupa_threshold": [3]}
    assert ar.home_health.price(shipped, weights=own)["confidence"].tolist() == ["read"]


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
    assert price(hipps="3AA11", first_period=True, **facts)["lupa_add_on"] > 0


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
    assert set(weights["confidence"]) == {"recalled"}
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
        assert set(frame["confidence"]) <= {"read", "read_secondary", "recalled"}
        assert (frame["source"].str.len() > 5).all()
    shares = tables["labor_shares"]
    assert (shares["labor_share"] + shares["nonlabor_share"]).round(12).eq(1).all()
    assert digest(tables["visits"], ["clinical_group", "calendar_year", "visits"]) == "fa24ddf91b5fdeba"


# What is refused.


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"partial_period_days": 31}, "home_health.partial_period_days: must be between 1 and 30 days, got 31"),
        ({"partial_period_days": 0}, "home_health.partial_period_days: must be between 1 and 30 days, got 0"),
        ({"partial_period_days": 1.5}, "home_health.partial_period_days: must be a whole number of days, got 1.5"),
        (
            {"calendar_year": 2019},
            "home_health.calendar_year: must be a year with figures: 2020, 2021, 2022, 2023, 2024, 2025, 2026, "
            "got 2019",
        ),
        (
            {"skilled_nursing_visits": -1},
            "home_health.skilled_nursing_visits: must be between 0 and 300 visits, got -1",
        ),
        (
            {"skilled_nursing_visits": [5, np.nan]},
            "home_health.skilled_nursing_visits[1]: must be between 0 and 300 visits, got a missing value",
        ),
        ({"skilled_nursing_visits": 0}, "home_health.visits: must be at least 1 of the six disciplines, got 0"),
        ({"wage_index": 0}, "home_health.wage_index: must be above 0, got 0"),
        ({"wage_index": np.inf}, "home_health.wage_index: must be between 0 and 10, got inf"),
        ({"weight": 0}, "home_health.weight: must be above 0, got 0"),
        ({"lupa_threshold": 1}, "home_health.lupa_threshold: must be between 2 and 300 visits, got 1"),
        (
            {"skilled_nursing_units": 4},
            "home_health.skilled_nursing_unit_rate: must be given with skilled_nursing_units (no table here has rates "
            "of 15-minute units: give those of the final rule of the year)",
        ),
        (
            {"physical_therapy_units": 4, "physical_therapy_unit_rate": 40},
            "home_health.physical_therapy_units: must be 0 where there are no visits",
        ),
        (
            {"skilled_nursing_units": 961, "skilled_nursing_unit_rate": 40},
            "home_health.skilled_nursing_units: must be between 0 and 960 units, got 961",
        ),
        ({"late_notice_days": 31}, "home_health.late_notice_days: must be between 0 and 30 days, got 31"),
        ({"late_notice_days": 1, "calendar_year": 2020}, "home_health.late_notice_days: must be 0 before 2021"),
        ({"value_based_factor": 0}, "home_health.value_based_factor: must be above 0, got 0"),
        (
            {"prior_payments": 5},
            "home_health: must be given both prior_payments and prior_outliers, or neither, got one of them",
        ),
        (
            {"rural_category": "A"},
            "home_health.rural_category: must be one of none, high_utilization, low_population, all_other, got 'A'",
        ),
        ({"first_period": 2}, "home_health.first_period: must be true or false, got 2"),
        (
            {"hipps": "1ZA11"},
            "home_health.hipps: must have one of A, B, C, D, E, F, G, H, I, J, K, L as character 2 "
            "(clinical group), got '1ZA11'",
        ),
        ({"weigth": 1}, None),
    ],
)
def test_what_is_refused(changes, text):
    with pytest.raises(ar.InputError) as error:
        ar.home_health.price(TEN | changes)
    if text is None:
        assert str(error.value).startswith("home_health.weigth: must be one of ")
    else:
        assert str(error.value) == text


def without(*names, **more):
    return {name: value for name, value in TEN.items() if name not in names} | more


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (without("wage_index", "calendar_year"), "home_health: must be given calendar_year, wage_index, got only "),
        (without("skilled_nursing_visits"), "home_health: must be given visits by discipline: some of "),
        (
            without("weight"),
            "home_health: must be given both weight and lupa_threshold, or neither, got only lupa_threshold",
        ),
        (
            without("weight", "lupa_threshold"),
            "home_health: must be given hipps, or weight and lupa_threshold, got neither",
        ),
        (without("first_period"), "home_health: must be given first_period where there is no hipps, got none (early"),
        (
            without("weight", "lupa_threshold", hipps=["1AA11", "1AA41"]),
            "home_health.hipps[1]: must have one of 1, 2, 3 as character 4 (comorbidity), got '1AA41'",
        ),
        (
            without("weight", "lupa_threshold", hipps="1AA1"),
            "home_health.hipps: must be a HIPPS code of 5 characters, got '1AA1'",
        ),
        (
            without("weight", "lupa_threshold", hipps=["1AA11", None]),
            "home_health.hipps[1]: must be a HIPPS code of 5 characters, got a missing value",
        ),
        (
            without("weight", "lupa_threshold", hipps=["1AA11", "1FA11"]),
            "home_health.hipps[1]: must be a group with a weight, got '1FA11' (give weights= with hipps, weight and "
            "lupa_threshold of all 432 groups)",
        ),
        (
            CASE | {"skilled_nursing_visits": [1, 1, 5], "physical_therapy_visits": [0, 1, 1]},
            "home_health.skilled_nursing_first_day[1]: must be given where several disciplines visited (",
        ),
        (
            CASE | {"calendar_year": 2025, "skilled_nursing_visits": 2, "quality_data": False},
            "home_health.skilled_nursing_visit_rate: must be given (rates of visits without quality data are "
            "in no table)",
        ),
    ],
)
def test_what_else_is_refused(facts, text):
    with pytest.raises(ar.InputError) as error:
        ar.home_health.price(facts)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        (
            {"hipps": ["1AA11", "1AA11"], "weight": [1, 1], "lupa_threshold": [2, 2]},
            "home_health.weights.hipps[1]: must have each group once, got '1AA11'",
        ),
        (
            {"hipps": ["1AA11"], "weight": [1]},
            "home_health.weights: must be given lupa_threshold, got only hipps, weight",
        ),
        (
            {"hipps": ["1AA11"], "weight": [-1], "lupa_threshold": [2]},
            "home_health.weights.weight[0]: must be between 0 and 10, got -1",
        ),
        (
            {"hipps": ["5AA11"], "weight": [1], "lupa_threshold": [2]},
            "home_health.weights.hipps[0]: must have one of 1, 2, 3, 4 as character 1 (admission source and timing), "
            "got '5AA11'",
        ),
        (
            {"hipps": ["1AA21"], "weight": [1], "lupa_threshold": [2]},
            "home_health.hipps: must be a group with a weight, got '1AA11' (give weights= with hipps, weight and "
            "lupa_threshold of all 432 groups)",
        ),
    ],
)
def test_weights_of_a_user_are_checked(weights, text):
    facts = {"hipps": "1AA11", "wage_index": 1, "skilled_nursing_visits": 9, "calendar_year": 2025}
    with pytest.raises(ar.InputError) as error:
        ar.home_health.price(facts, weights=weights)
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            {"timing": "early"},
            "home_health: must be given admission_source or days_since_discharge and discharged_from",
        ),
        ({"timing": "soon", "admission_source": "community"}, "home_health.timing: must be early or late, got 'soon'"),
        (
            {"timing": "late", "days_without_home_health": 3, "admission_source": "community"},
            "home_health.timing: must be left out where days_without_home_health is given, got both",
        ),
        (
            {"days_without_home_health": -1, "admission_source": "community"},
            "home_health.days_without_home_health: must be between 0 and 100,000 days, got -1",
        ),
    ],
)
def test_facts_of_groups_are_checked(facts, text):
    with pytest.raises(ar.InputError) as error:
        ar.home_health.hipps(facts | {"clinical_group": "A", "functional_level": "low", "comorbidity": "none"})
    assert str(error.value).startswith(text)


def test_explain_takes_one_case():
    with pytest.raises(ar.InputError, match="home_health: must be one case"):
        ar.home_health.explain(pd.DataFrame([TEN]))
    with pytest.raises(ar.InputError, match=r"home_health.skilled_nursing_visits: must be a single value, got a list"):
        ar.home_health.explain(TEN | {"skilled_nursing_visits": [1, 2]})
    row = pd.DataFrame([TEN | {"patient": "a"}]).iloc[0]
    assert ar.home_health.explain(row)["payment"] == Decimal("2326.00")


def test_statements_show_the_way_of_paying_that_applied():
    whole = [line.line for line in ar.home_health.explain(TEN).lines]
    assert "case_mix_labor" in whole
    assert not [line for line in whole if line.startswith("physical_therapy") or line == "skilled_nursing_labor"]
    few = [line.line for line in ar.home_health.explain(CASE | {"skilled_nursing_visits": 3}).lines]
    assert {"skilled_nursing_labor", "skilled_nursing_add_on", "lupa_add_on"} <= set(few)
    assert not {"case_mix_labor", "outlier_threshold", "fixed_dollar_loss_ratio"} & set(few)


# A second computation, from the rule's text, in decimals.


def cents(value):
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def expected(case, tables):
    number = {name: Decimal(str(float(value))) for name, value in case.items() if not isinstance(value, str)}
    row = {}
    for name in ("rates", "labor_shares", "visit_rates", "add_on_factors", "rural_factors"):
        row |= tables[name][int(case["calendar_year"])]
    labor = row["labor_share"]

    def adjusted(amount):
        return cents(number["wage_index"] * labor * amount) + cents((1 - labor) * amount)

    rural = row[case["rural_category"]]
    visits = [number[f"{each}_visits"] for each in DISCIPLINES]
    factor = number["value_based_factor"]
    if sum(visits) < number["lupa_threshold"]:
        rates = [cents(row[f"{each}_visit_rate"] * rural) for each in DISCIPLINES]
        lines = [adjusted(cents(n * rate)) for n, rate in zip(visits, rates, strict=True)]
        add_on = Decimal(0)
        may = [at for at in range(4) if visits[at] and row[f"{DISCIPLINES[at]}_add_on_factor"]]
        if number["first_period"] and may:
            at = min(may, key=lambda at: (number[f"{DISCIPLINES[at]}_first_day"], at))
            add_on = adjusted(cents(rates[at] * row[f"{DISCIPLINES[at]}_add_on_factor"]))
        return sum(cents(line * factor) for line in [*lines, add_on])
    rate = row["base_rate"] * rural
    period = adjusted(cents(number["weight"] * rate))
    period = cents(period * (number["partial_period_days"] / 30).quantize(Decimal("0.01"), ROUND_HALF_UP))
    threshold = adjusted(cents(rate * row["fixed_dollar_loss_ratio"]))
    cost = sum(
        adjusted(cents(cents(number[f"{each}_unit_rate"] * rural) * number[f"{each}_units"])) for each in DISCIPLINES
    )
    outlier = max(Decimal(0), cents(Decimal("0.80") * (cost - period - threshold)))
    if number["prior_payments"] and number["prior_outliers"]:
        room = cents(Decimal("0.10") * number["prior_payments"]) - number["prior_outliers"]
        outlier = outlier if room - outlier >= 0 else Decimal(0)
    late = number["late_notice_days"] / 30
    in_time = period - cents(period * late)
    return period + outlier - cents((period + outlier) * late) + cents(in_time * factor) - in_time


def random_cases(n, seed):
    rng = np.random.default_rng(seed)
    columns = {
        "weight": rng.uniform(0.5, 2, n).round(4),
        "lupa_threshold": rng.integers(2, 14, n),
        "calendar_year": rng.integers(2020, 2027, n),
        "wage_index": rng.uniform(0.7, 1.5, n).round(4),
        "first_period": rng.random(n) < 0.7,
        "partial_period_days": np.where(rng.random(n) < 0.5, 30, rng.integers(1, 31, n)),
        "rural_category": rng.choice(["none", "high_utilization", "low_population", "all_other"], n),
        "prior_payments": np.where(rng.random(n) < 0.5, 0, rng.uniform(0, 2e5, n).round(2)),
        "prior_outliers": np.where(rng.random(n) < 0.3, 0, rng.uniform(0, 2e4, n).round(2)),
        "value_based_factor": np.where(rng.random(n) < 0.5, 1, rng.uniform(0.95, 1.05, n).round(5)),
    }
    columns["late_notice_days"] = np.where(
        (rng.random(n) < 0.6) | (columns["calendar_year"] < 2021), 0, rng.integers(0, 31, n)
    )
    for each in DISCIPLINES:
        visits = rng.integers(0, 4, n)
        columns[f"{each}_visits"] = visits
        columns[f"{each}_units"] = np.where(visits > 0, rng.integers(0, 60, n), 0)
        columns[f"{each}_unit_rate"] = rng.uniform(15, 70, n).round(2)
    columns["skilled_nursing_visits"] = np.maximum(columns["skilled_nursing_visits"], 1)
    for each in DISCIPLINES[:4]:
        columns[f"{each}_first_day"] = rng.integers(1, 6, n)
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def tables():
    """The years' figures as the decimals that are written."""
    names = ("rates", "labor_shares", "visit_rates", "add_on_factors", "rural_factors")

    def row(each):
        return {key: Decimal(value) for key, value in each.items() if key not in {"source", "confidence"} and value}

    return {name: {int(each["calendar_year"]): row(each) for each in table(name).rows} for name in names}


def test_a_second_computation_agrees_to_the_cent(tables):
    cases = random_cases(1500, 7)
    priced = ar.home_health.price(cases)
    wanted = [float(expected(case, tables)) for case in cases.to_dict("records")]
    assert priced["payment"].round(2).tolist() == pytest.approx(wanted, abs=1e-9)
    assert (priced["payment"] == np.round(wanted, 2)).all()
    assert priced["lupa"].mean() > 0.05
    assert (priced["outlier_payment"] > 0).mean() > 0.05
    assert (priced["uncapped_outlier"] > priced["outlier_payment"]).any()


def test_statements_agree_with_frames_and_add_up():
    cases = random_cases(40, 3)
    priced = ar.home_health.price(cases)
    for (_, case), paid in zip(cases.iterrows(), priced["payment"], strict=True):
        statement = ar.home_health.explain(case)
        assert float(statement["payment"]) == paid
        *steps, (last, total) = statement.waterfall_steps()
        assert last == "payment"
        assert sum(amount for _, amount in steps) == total


def test_frames_of_any_kind_and_order_agree():
    cases = random_cases(60, 5)
    priced = ar.home_health.price(cases)
    of_polars = ar.home_health.price(pl.from_pandas(cases))
    assert isinstance(of_polars, pl.DataFrame)
    assert of_polars["payment"].to_list() == priced["payment"].tolist()
    of_arrow = ar.home_health.price(pa.Table.from_pandas(cases))
    assert isinstance(of_arrow, pa.Table)
    assert of_arrow["payment"].to_pylist() == priced["payment"].tolist()
    order = np.random.default_rng(1).permutation(60)
    turned = ar.home_health.price(cases.iloc[order])
    assert turned.index.tolist() == order.tolist()
    assert turned["payment"].tolist() == priced["payment"].iloc[order].tolist()
    alone = [ar.home_health.price(cases.iloc[[row]])["payment"].iloc[0] for row in range(60)]
    assert alone == priced["payment"].tolist()


def test_weights_come_in_frames_of_any_kind():
    weights = pd.DataFrame({"hipps": ["1FA11", "2FA11"], "weight": [0.9, 1.1], "lupa_threshold": [3, 4], "year": 2026})
    facts = {"hipps": ["2FA11", "1FA11"], "skilled_nursing_visits": [8, 3]}
    for kind in (weights, pl.from_pandas(weights), pa.Table.from_pandas(weights), weights.to_dict("list")):
        priced = ar.home_health.price(facts, weights=kind, calendar_year=2026, wage_index=1)
        assert priced["weight"].tolist() == [1.1, 0.9]
        assert priced["clinical_group"].tolist() == ["behavioral_health"] * 2
        assert priced["lupa"].tolist() == [0, 0]


def test_words_of_codes_come_in_frames_of_any_kind():
    facts = {"hipps": ["2CB21", "3EA11"], "skilled_nursing_visits": [9, 3]}
    for kind in (pd.DataFrame, pl.DataFrame, pa.table):
        priced = ar.home_health.price(kind(facts), calendar_year=2026, wage_index=1)
        assert list(priced["clinical_group"].to_numpy()) == ["wounds", "musculoskeletal_rehabilitation"]
        assert list(priced["timing"].to_numpy()) == ["early", "late"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    units=st.lists(st.integers(0, 160), min_size=2, max_size=2),
    rate=st.floats(1, 90).map(lambda value: round(value, 2)),
    before=st.floats(0, 5e4).map(lambda value: round(value, 2)),
    index=st.floats(0.5, 1.9).map(lambda value: round(value, 4)),
)
def test_outliers_are_never_negative_and_whole_or_nothing(units, rate, before, index):
    facts = TEN | {"wage_index": index, "physical_therapy_visits": 2, "prior_payments": 1e5, "prior_outliers": before}
    first, second = units
    of_units = {"skilled_nursing_units": first, "physical_therapy_units": second}
    priced = price(**facts, **of_units, skilled_nursing_unit_rate=rate, physical_therapy_unit_rate=rate)
    assert priced["outlier_payment"] >= 0
    assert priced["outlier_payment"] in (0, priced["uncapped_outlier"])
    assert priced["payment"] >= priced["period_payment"]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(days=st.integers(1, 29), visits=st.integers(4, 30))
def test_fewer_days_never_pay_more(days, visits):
    facts = CASE | {"skilled_nursing_visits": visits}
    assert payment(**facts, partial_period_days=days) <= payment(**facts, partial_period_days=days + 1)
    assert payment(**facts, partial_period_days=30) == payment(**facts)
