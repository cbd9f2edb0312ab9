"""Readmissions reduction: the mock report's factor, published ratios, each gate, what is refused."""

import pandas as pd
import polars as pl
import pytest

import atrisk as ar
from published_hospitals import number, published

FILE = "FY_2024_Hospital_Readmissions_Reduction_Program_Hospital"


def measure(discharges=25, excess_ratio=1.1, peer_median=1.0, payment_ratio=0.1, name="HF"):
    return {
        "facility_id": ["A"],
        "measure": [name],
        "discharges": [discharges],
        "excess_ratio": [excess_ratio],
        "peer_median": [peer_median],
        "payment_ratio": [payment_ratio],
    }


def factor(neutrality_modifier=1.0, year=2024, **changes):
    settled = ar.hospital.hrrp(measure(**changes), fiscal_year=year, neutrality_modifier=neutrality_modifier)
    return settled.hospitals["payment_factor"].item()


def test_without_base_payments_there_are_no_dollars():
    result = ar.hospital.hrrp(
        {"facility_id": ["A"], "measure": ["PN"], "discharges": [48], "excess_ratio": [1.1]}
        | {"peer_median": [1.0], "payment_ratio": [0.05]},
        fiscal_year=2024,
        neutrality_modifier=0.96,
    )
    lines = [line.line for line in result.statement("A").lines]
    assert lines == ["weighted_excess", "reduction_rate", "payment_factor"]


def test_the_mock_report():
    """0.96305106 × 0.04293379 × (0.99739162 − 0.99185166) = 0.000229063, which is printed as 0.02 % and 0.9998."""
    report = published("hrrp_mock_report").assign(facility_id="mock")
    numbers = ["discharges", "excess_ratio", "peer_median", "payment_ratio", "neutrality_modifier", "payment_factor"]
    report[numbers] = report[numbers].astype(float)
    modifier = report["neutrality_modifier"][0]
    result = ar.hospital.hrrp(
        report, fiscal_year=2024, neutrality_modifier=modifier, base_payments={"mock": 10_000_000}
    )
    assert result.hospitals["payment_factor"].item() == report["payment_factor"][0] == 0.9998
    assert result.hospitals["reduction"].item() == 2_000
    assert result.hospitals["weighted_excess"].item() * modifier == pytest.approx(0.000229063, abs=1e-9)
    penalized = result.measures.set_index("measure")["weighted_excess"] > 0
    assert (penalized == (report.set_index("measure")["penalty"] == "Yes")).all()
    assert result.measures["counts"].tolist() == [False, False, True, True, False, True]
    assert str(result.statement("mock")["payment"]) == "9998000.00"


@pytest.mark.parametrize(("discharges", "expected"), [(0, 1.0), (24, 1.0), (25, 0.99), (26, 0.99)])
def test_the_gate_of_discharges(discharges, expected):
    assert factor(discharges=discharges) == expected


@pytest.mark.parametrize(
    ("excess_ratio", "expected"),
    [(0.9, 1.0), (1.0, 1.0), (1.0004, 1.0), (1.0005, 0.9999), (1.01, 0.999), (1.2999, 0.97), (1.3, 0.97), (1.4, 0.97)],
)
def test_a_ladder_of_ratios(excess_ratio, expected):
    """0.1 × the excess, in four decimals: 0.00004 is nothing, 0.00005 is 0.0001; at most 3 %."""
    assert factor(excess_ratio=excess_ratio) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("year", "floor"), [(2013, 0.99), (2014, 0.98), (2015, 0.97), (2024, 0.97)])
def test_floors_by_year(year, floor):
    assert factor(year=year, excess_ratio=3.0) == pytest.approx(floor, abs=1e-12)


def test_before_peer_groups_excess_is_over_one():
    frame = measure(excess_ratio=1.1)
    del frame["peer_median"]
    assert ar.hospital.hrrp(frame, fiscal_year=2018).hospitals["payment_factor"].item() == 0.99


def test_measures_add_up_and_good_ones_offset_nothing():
    parts = [measure(), measure(name="PN", excess_ratio=0.5), measure(name="AMI", excess_ratio=1.05, payment_ratio=0.2)]
    frame = pd.concat([pd.DataFrame(part) for part in parts])
    settled = ar.hospital.hrrp(frame, fiscal_year=2024, neutrality_modifier=0.9).hospitals
    assert settled["payment_factor"].item() == 0.982
    assert settled["measures"].item() == 3


def test_published_files_settle_with_two_columns_added():
    """A number of discharges that is withheld beside a ratio is enough of them."""
    table = published(FILE)
    settled = ar.hospital.hrrp(
        table.assign(peer_median=1.0, payment_ratio=0.02), fiscal_year=2024, neutrality_modifier=0.96
    )
    ratio = number(table["Excess Readmission Ratio"])
    assert settled.measures["counts"].sum() == ratio.notna().sum() == 4_890
    predicted, expected = number(table["Predicted Readmission Rate"]), number(table["Expected Readmission Rate"])
    # Four decimals are printed of all three; rates are 3 and more.
    assert (predicted / expected - ratio).abs().max() < 1e-4
    assert settled.hospitals["payment_factor"].between(0.97, 1).all()
    assert len(settled.hospitals) == 1_276


def test_frames_of_any_kind():
    settled = ar.hospital.hrrp(pl.DataFrame(measure()), fiscal_year=2024, neutrality_modifier=1.0)
    assert settled.hospitals["payment_factor"].to_list() == [0.99]


def test_recalled_figures_are_told():
    sure = ar.hospital.hrrp(measure(), fiscal_year=2024, neutrality_modifier=1)
    assert sure.hospitals["confidence"].item() == "read"
    later = ar.hospital.hrrp(measure(), fiscal_year=2025, neutrality_modifier=1)
    assert later.hospitals["confidence"].item() == "recalled"
    assert any("minimum_discharges 25" in note and "recalled" in note for note in later.statement("A").notes)


@pytest.mark.parametrize(
    ("frame", "arguments", "text"),
    [
        (
            {"facility_id": ["A"], "measure": ["HF"], "discharges": [30]},
            {},
            "hospital.hrrp: must have the columns excess_ratio, peer_median, payment_ratio, got only",
        ),
        (measure(), {"fiscal_year": 2012}, "hospital.hrrp.fiscal_year: must be one of the years 2013, "),
        (measure(), {"neutrality_modifier": None}, "hospital.hrrp.neutrality_modifier: must be given for fiscal years"),
        (
            measure(payment_ratio=4.3),
            {},
            "hospital.hrrp.payment_ratio[0]: must be a number between 0 and 1, or missing, got 4.3",
        ),
        (measure(peer_median=None), {}, "hospital.hrrp.peer_median[0]: must not be missing"),
        (measure(excess_ratio=-1), {}, "hospital.hrrp.excess_ratio[0]: must be a number between 0 and 100"),
    ],
)
def test_what_is_refused(frame, arguments, text):
    with pytest.raises(ar.InputError) as error:
        ar.hospital.hrrp(frame, **({"fiscal_year": 2024, "neutrality_modifier": 1.0} | arguments))
    assert str(error.value).startswith(text)
