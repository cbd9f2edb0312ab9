"""Home health: what is refused, and in which words."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from home_health_cases import CASE, TEN, without

# What is refused.


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"partial_period_days": 31}, "home_health.partial_period_days: must be between 1 and 30 days, got 31"),
        ({"partial_period_days": 0}, "home_health.partial_period_days: must be between 1 and 30 days, got 0"),
        ({"partial_period_days": 1.5}, "home_health.partial_period_days: must be a whole number of days, got 1.5"),
        (
            {"calendar_year": 2019},
            "home_health.calendar_year: must be a calendar year with figures: 2020, 2021, 2022, "
            "2023, 2024, 2025, 2026, "
            "got 2019",
        ),
        (
            {"skilled_nursing_visits": -1},
            "home_health.skilled_nursing_visits: must be between 0 and 300 visits, got -1",
        ),
        (
            {"skilled_nursing_visits": [5, np.nan]},
            "home_health.skilled_nursing_visits[1]: must be between 0 and 300 visits, got a missing value "
            "(0 where there is none)",
        ),
        ({"skilled_nursing_visits": 0}, "home_health.visits: must be at least 1 of the six disciplines, got 0"),
        ({"wage_index": 0}, "home_health.wage_index: must be above 0, got 0"),
        ({"wage_index": np.inf}, "home_health.wage_index: must be between 0 and 10, got inf"),
        ({"weight": 0}, "home_health.weight: must be above 0, got 0"),
        ({"lupa_threshold": 1}, "home_health.lupa_threshold: must be between 2 and 300 visits, got 1"),
        (
            {"skilled_nursing_units": 4},
            "home_health.skilled_nursing_unit_rate: must be given with skilled_nursing_units, got "
            "none (no table here has rates "
            "of 15-minute units: give those of the final rule of the year)",
        ),
        (
            {"physical_therapy_units": 4, "physical_therapy_unit_rate": 40},
            "home_health.physical_therapy_units: must be 0 where there are no visits, got 4",
        ),
        (
            {"skilled_nursing_units": 961, "skilled_nursing_unit_rate": 40},
            "home_health.skilled_nursing_units: must be between 0 and 960 units, got 961",
        ),
        ({"late_notice_days": 31}, "home_health.late_notice_days: must be between 0 and 30 days, got 31"),
        ({"late_notice_days": 1, "calendar_year": 2020}, "home_health.late_notice_days: must be 0 before 2021, got 1"),
        ({"value_based_factor": 0}, "home_health.value_based_factor: must be above 0, got 0"),
        (
            {"prior_payments": 5},
            "home_health: must be given both prior_payments and prior_outliers, or neither, got one of them",
        ),
        (
            {"rural_category": "A"},
            "home_health.rural_category: must be one of none, high_utilization, low_population, all_other, got 'A'",
        ),
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


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (without("wage_index", "calendar_year"), "home_health: must be given calendar_year, wage_index, got only "),
        (without("skilled_nursing_visits"), "home_health: must be given visits by discipline: some of "),
        (
            without("weight"),
            "home_health: must be given weight, got only lupa_threshold, first_period, ",
        ),
        (
            without("weight", "lupa_threshold"),
            "home_health: must be given hipps, or weight and lupa_threshold, got only first_period, ",
        ),
        (
            without("first_period"),
            "home_health: must be given first_period (early groups are first), got only weight, ",
        ),
        (without("wage_index", first_period=2), "home_health: must be given wage_index, got only "),
        (without(first_period=2), "home_health.first_period: must be true or false"),
        (
            {"first_period": True},
            "home_health: must be given calendar_year, wage_index, hipps, or weight and lupa_threshold, visits by "
            "discipline: some of skilled_nursing_visits, ",
        ),
        (
            CASE | {"calendar_year": 2025, "skilled_nursing_visits": 9, "prior_payments": None, "prior_outliers": 0},
            "home_health.prior_payments: must be between 0 and 1e+12 dollars, got a missing value (0 "
            "where there is none)",
        ),
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
            "home_health.skilled_nursing_first_day[1]: must be given where several disciplines visited, got none (",
        ),
        (
            CASE | {"calendar_year": 2025, "skilled_nursing_visits": 2, "quality_data": False},
            "home_health.skilled_nursing_visit_rate: must be given, got none (rates of visits without quality data are "
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
