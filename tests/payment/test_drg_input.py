"""Inpatient stays of other years by a user's weights and amounts, and what is refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar

RATIOS = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
STAY = {"drg": 470, "length_of_stay": 2, "charges": 0, "discharge": "home", "wage_index": 1.05, **RATIOS}


def explain(weights=None, **changes):
    return ar.drg.explain({"fiscal_year": 2021, **STAY, **changes}, weights=weights)


def price(weights=None, **changes):
    return ar.drg.price({"fiscal_year": 2021, **STAY, **changes}, weights=weights)


OWN = pd.DataFrame(
    {
        "drg": ["001", "470"],
        "weight": [30.0, 2.0],
        "geometric_mean_length_of_stay": [28.0, 2.0],
        "post_acute": ["Y", "Y"],
        "special_pay": ["", "N"],
    }
)
LATER = {"fiscal_year": 2023, "labor_amount": 4310.0, "nonlabor_amount": 2065.74}


def test_other_years_by_weights_and_amounts_of_a_user():
    paid = explain(weights=OWN, **LATER)
    operating = (Decimal(4310) * Decimal("1.05") + Decimal("2065.74")) * 2
    capital = 2 * (Decimal("483.79") * Decimal("1.0340")).quantize(Decimal("0.01"))
    assert paid["payment"] == operating + capital
    assert paid["fixed_loss_threshold"] == 38788
    assert paid["labor_share"] == Decimal("0.676")
    several = pd.concat([OWN.assign(fiscal_year=2023), OWN.assign(fiscal_year=2022, weight=1.0)])
    years = price(**LATER | {"fiscal_year": [2022, 2023, 2022]}, weights=several)
    assert years["weight"].tolist() == [1, 2, 1]
    assert years["fixed_loss_threshold"].tolist() == [30988, 38788, 30988]


@pytest.mark.parametrize(
    ("year", "threshold", "capital", "confidence"),
    [
        (2014, 21748, 429.31, "read"),
        (2015, 24626, 434.97, "read"),
        (2016, 22538, 438.75, "read"),
        (2017, 23573, 446.79, "read"),
        (2018, 26537, 453.95, "read"),
        (2019, 25743, 459.41, "read"),
        (2020, 26552, 462.33, "read"),
        (2021, 29064, 466.21, "read"),
        (2022, 30988, 472.59, "read"),
        (2023, 38788, 483.79, "read"),
        (2024, 42750, 503.83, "read"),
        (2026, 40397, 524.15, "recalled"),
    ],
)
def test_figures_of_years(year, threshold, capital, confidence):
    paid = price(**LATER | {"fiscal_year": year}, weights=OWN)
    assert paid["fixed_loss_threshold"].tolist() == [threshold]
    assert paid["capital_rate"].tolist() == [capital]
    assert paid["confidence"].tolist() == [confidence]


def test_labor_shares_and_amounts_turn_above_a_wage_index_of_one():
    paid = price(wage_index=[0.9999, 1, 1.0001])
    assert paid["labor_amount"].tolist() == [3696.01, 3696.01, 4071.57]
    assert paid["nonlabor_amount"].tolist() == [2265.3, 2265.3, 1889.74]
    assert paid["labor_share"].tolist() == [0.62, 0.62, 0.683]
    years = {"fiscal_year": [2014, 2017, 2018, 2021, 2022, 2025, 2026], "capital_rate": 500}
    assert price(**LATER | years, weights=OWN)["labor_share"].tolist() == [
        0.696,
        0.696,
        0.683,
        0.683,
        0.676,
        0.676,
        0.66,
    ]


def test_what_is_recalled_is_noted():
    notes = explain(**LATER | {"fiscal_year": 2026}, weights=OWN).notes
    assert [note for note in notes if "capital_rate 524.15: recalled" in note]
    split = explain(fiscal_year=2024, weights=OWN)
    assert split["labor_amount"] + split["nonlabor_amount"] == Decimal("6497.77")
    assert any("labor_amount_above_one 4392.49" in note for note in split.notes)
    assert not explain().notes


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"drg": "4 70"}, "drg.drg: must be a group of the table of weights of its fiscal year, got '4 70'"),
        ({"drg": [470, 4711]}, "drg.drg[1]: must be a group of the table of weights of its fiscal year, got '4711'"),
        (
            {"drg": [470.0, np.nan]},
            "drg.drg[1]: must be a diagnosis-related group such as 470 or '001', got a missing value",
        ),
        ({"drg": 470.5}, "drg.drg: must be a diagnosis-related group such as 470 or '001', got 470.5"),
        ({"drg": 999}, "drg.drg: must be a group that has a weight, got '999'"),
        (
            {"fiscal_year": 2013},
            "drg.fiscal_year: must be a fiscal year with figures: 2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, "
            "2022, 2023, 2024, 2025, 2026, got 2013",
        ),
        ({"fiscal_year": 2022}, "drg.weights: must be given for fiscal year 2022 (there are weights of 2021)"),
        (
            {"fiscal_year": 2022, "weights": OWN},
            "drg.labor_amount: must be given for fiscal year 2022 (shipped for 2021, 2024)",
        ),
        (
            {**LATER, "fiscal_year": [2023, 2025], "weights": OWN},
            "drg.capital_rate[1]: must be given for fiscal year 2025 (shipped for 2014, 2015, 2016, 2017, 2018, 2019, "
            "2020, 2021, 2022, 2023, 2024, 2026)",
        ),
        (
            {**LATER, "weights": OWN, "covid_diagnosis": True},
            "drg.covid_factor: must be given for fiscal year 2023 (shipped for 2021)",
        ),
        ({"length_of_stay": -1}, "drg.length_of_stay: must be between 0 and 36,500 days, got -1"),
        ({"length_of_stay": [1, 1.5]}, "drg.length_of_stay[1]: must be a whole number of days, got 1.5"),
        ({"charges": np.inf}, "drg.charges: must be between 0 and 1,000,000,000 dollars, got inf"),
        ({"charges": [1, np.nan]}, "drg.charges[1]: must be between 0 and 1,000,000,000 dollars, got a missing value"),
        ({"wage_index": 0}, "drg.wage_index: must be between 0.01 and 10, got 0"),
        (
            {"discharge": "hospice"},
            "drg.discharge: must be home (or any that is no transfer), acute_transfer or post_acute, got 'hospice'",
        ),
        ({"ssi_ratio": 0.2}, "drg: must be given location, beds with ssi_ratio or medicaid_ratio"),
        (
            {"ssi_ratio": 0.2, "location": "suburb", "beds": 10},
            "drg.location: must be urban or rural, got 'suburb'",
        ),
        ({"readmissions_factor": 0.96}, "drg.readmissions_factor: must be at least 0.97 in its fiscal year, got 0.96"),
        (
            {"value_based_factor": [1, 0.97]},
            "drg.value_based_factor[1]: must be at least 0.98 in its fiscal year, got 0.97",
        ),
        ({"low_volume_rate": 0.26}, "drg.low_volume_rate: must be at most 0.25 in its fiscal year, got 0.26"),
        ({"worst_quartile": "yes"}, "drg.worst_quartile: must be true or false, got 'yes'"),
        (
            {"hospital_specific_rate": 5000},
            "drg.hospital_specific_rate: must be 0 for a hospital type without a rate of its own, got 5000 "
            "(types with one: medicare_dependent, medicare_dependent_and_rural_referral, sole_community, "
            "sole_community_and_rural_referral, essential_access, essential_access_and_rural_referral)",
        ),
        (
            {"covid_factor": 1.2},
            "drg.covid_factor: must come with covid_diagnosis, which says what stays it holds for",
        ),
    ],
)
def test_what_is_refused(changes, text):
    with pytest.raises(ar.InputError) as error:
        price(**changes)
    assert str(error.value) == text


def test_unknown_and_missing_facts_are_named():
    with pytest.raises(ar.InputError, match=r"drg.wage: must be one of drg, .*, got an unknown fact"):
        price(wage=1)
    with pytest.raises(ar.InputError) as error:
        ar.drg.price({"drg": [470]}, fiscal_year=2021, charges=1)
    assert str(error.value) == (
        "drg: must be given length_of_stay, discharge, wage_index, operating_cost_to_charge_ratio, "
        "capital_cost_to_charge_ratio, got only drg, charges, fiscal_year"
    )
    with pytest.raises(
        ar.InputError, match="drg: must be one case: a mapping, a row, or facts by name, got a DataFrame"
    ):
        ar.drg.explain(pd.DataFrame([STAY]), fiscal_year=2021)
    with pytest.raises(ar.InputError) as error:
        explain(charges=[1, 2])
    assert str(error.value) == "drg.charges: must be a single value, got a list (price takes columns)"
    row = pd.DataFrame([STAY]).assign(fiscal_year=2021, hospital_name="A").loc[0]
    assert float(ar.drg.explain(row)["payment"]) == 12628.54


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"drg": ["001", 1]}, "drg.weights.drg[1]: must be each group once, got '001'"),
        ({"weight": [1, -1]}, "drg.weights.weight[1]: must be between 0 and 1,000, got -1"),
        ({"post_acute": ["Y", "maybe"]}, "drg.weights.post_acute[1]: must be true or false, Y or N, got 'maybe'"),
        (
            {"special_pay": [1, 1], "post_acute": [1, 0]},
            "drg.weights.special_pay[1]: must be false where post_acute is false, got true",
        ),
        (
            {"geometric_mean_length_of_stay": [1, 0]},
            "drg.weights.geometric_mean_length_of_stay[1]: must be above 0 where there is a weight, got 0",
        ),
    ],
)
def test_weights_that_are_refused(changes, text):
    with pytest.raises(ar.InputError) as error:
        price(weights=OWN.assign(**changes), **LATER)
    assert str(error.value) == text
    with pytest.raises(ar.InputError, match=r"drg.weights: must have the columns weight, special_pay, got only drg, "):
        price(weights=OWN.drop(columns=["weight", "special_pay"]), **LATER)
