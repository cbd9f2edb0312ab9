"""A hospital's payment after all three programs, and the figures they rest on."""

from decimal import Decimal

import pandas as pd
import pytest

import atrisk as ar


def test_conditions_come_after_the_other_two():
    """1,000,000 + 5,000 − 20,000 = 985,000 and 100,000 on top; 1 % of 1,085,000 is 10,850."""
    hospital = {"base_payment": 1_000_000, "other_payment": 100_000}
    factors = {"purchasing_factor": 1.005, "readmissions_factor": 0.98}
    statement = ar.hospital.payment(fiscal_year=2024, worst_quartile=True, **hospital, **factors)
    assert statement["purchasing_adjustment"] == 5_000
    assert statement["readmissions_reduction"] == 20_000
    assert statement["conditions_reduction"] == 10_850
    assert statement["payment"] == Decimal("1074150.00")
    steps = statement.waterfall_steps()
    assert sum(amount for _, amount in steps[:-1]) == steps[-1][1]
    assert any("recalled" in note for note in statement.notes)


def test_frames_and_defaults():
    frame = pd.DataFrame({"base_payment": [100.0, 100.0], "worst_quartile": [0, 1]}, index=["A", "B"])
    settled = ar.hospital.payment(frame, fiscal_year=2024)
    assert settled["payment"].to_dict() == {"A": 100, "B": 99}


def test_years_without_the_reduction_are_refused():
    with pytest.raises(ar.InputError, match=r"hospital\.payment\.fiscal_year: must be one of the years 2015, 2016"):
        ar.hospital.payment(fiscal_year=2014, base_payment=1)


@pytest.mark.parametrize("base_payment", [float("nan"), float("inf"), 1e13])
def test_facts_that_are_no_dollars_are_refused(base_payment):
    for given in (base_payment, [1.0, base_payment]):
        with pytest.raises(ar.InputError, match=r"^hospital\.payment\.base_payment.*: must be a number of dollars"):
            ar.hospital.payment(fiscal_year=2024, base_payment=given)


def test_programs_join_into_a_payment():
    purchasing = ar.hospital.vbp(
        {"facility_id": ["A"], "total_performance_score": [40.0]}, fiscal_year=2024, slope=3
    ).hospitals.set_index("facility_id")
    readmissions = ar.hospital.hrrp(
        {
            "facility_id": ["A"],
            "measure": ["HF"],
            "discharges": [30],
            "excess_ratio": [1.1],
            "peer_median": [1.0],
            "payment_ratio": [0.1],
        },
        fiscal_year=2024,
        neutrality_modifier=1,
    ).hospitals.set_index("facility_id")
    settled = ar.hospital.payment(
        fiscal_year=2024,
        base_payment=1e6,
        purchasing_factor=purchasing["payment_factor"].to_numpy(),
        readmissions_factor=readmissions["payment_factor"].to_numpy(),
    )
    assert settled["payment"].tolist() == [1e6 + 4_000 - 10_000]


@pytest.mark.parametrize("figures", [ar.hospital.figures, ar.mips.figures])
def test_figures_are_dated_and_sourced(figures):
    table = figures()
    assert table["confidence"].isin(["read", "read_secondary", "recalled"]).all()
    assert (table["source"].str.len() > 5).all()
    assert (table["first_year"] <= table["last_year"]).all()
    pd.to_numeric(table["value"])
    for _, rows in table.groupby(["program", "figure"]):
        ordered = rows.sort_values("first_year")
        assert (ordered["first_year"].iloc[1:].to_numpy() > ordered["last_year"].iloc[:-1].to_numpy()).all()
