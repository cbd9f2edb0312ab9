"""Hospital-acquired conditions: every published total of fiscal year 2024, winsorized z-scores, the worst quartile."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk.hospital.acquired_conditions import winsorized_z_scores
from published_hospitals import number, published

FILE = "FY_2024_HAC_Reduction_Program_Hospital"
ROUNDING = 1e-4 + 1e-9  # z-scores and totals are printed with four decimals: half a unit of each


@pytest.fixture(scope="module")
def result():
    return ar.hospital.hac(published(FILE), fiscal_year=2024)


def test_every_published_total(result):
    theirs = number(published(FILE).set_index("Facility ID")["Total HAC Score"])
    ours = result.hospitals.set_index("facility_id")["total_score"].reindex(theirs.index)
    assert theirs.notna().sum() == 1_215
    assert (theirs.notna() == ours.notna()).all()
    assert ((ours - theirs).abs().dropna() <= ROUNDING).all()
    rounded = np.sign(ours) * np.floor(ours.abs() * 1e4 + 0.5 + 1e-9) / 1e4
    exact = (rounded - theirs).abs() < 1e-9
    assert exact.sum() == 1_082, "to the last decimal, although z-scores have four decimals too"


def test_the_published_worst_quartile(result):
    """The nation's quartile lies between these totals; that of the sample is a little lower and takes one more."""
    table = published(FILE).set_index("Facility ID")
    total, reduced = number(table["Total HAC Score"]), table["Payment Reduction"]
    assert (total[reduced == "No"].max(), total[reduced == "Yes"].min()) == (0.3728, 0.3829)
    given = ar.hospital.hac(published(FILE), fiscal_year=2024, cutoff=0.38).hospitals.set_index("facility_id")
    assert (given["worst_quartile"].reindex(table.index) == (reduced == "Yes")).all()
    assert result.parameters["cutoff"] == pytest.approx(0.37225, abs=1e-5)
    assert result.hospitals["worst_quartile"].sum() == (reduced == "Yes").sum() + 1


def test_hospitals_of_maryland_are_exempt(result):
    table = published(FILE)
    maryland = table["Facility ID"][table["State"] == "MD"]
    exempt = result.hospitals.set_index("facility_id").loc[maryland]
    assert (exempt["total_score"] > result.parameters["cutoff"]).sum() == 5
    assert not exempt["worst_quartile"].any()


@pytest.mark.parametrize("infection", ["CLABSI", "CAUTI", "SSI", "CDI", "MRSA"])
def test_published_z_scores_are_winsorized(infection):
    """Between their ends, where a twentieth of hospitals is held on each side, they are a line of the ratio."""
    table = published(FILE)
    ratio, z_score = number(table[f"{infection} SIR"]), number(table[f"{infection} W Z Score"])
    inside = ratio.notna() & (z_score > z_score.min()) & (z_score < z_score.max())
    slope, level = np.polyfit(ratio[inside], z_score[inside], 1)
    assert np.abs(z_score - level - slope * ratio)[inside].max() < 1e-4
    mean, sd = -level / slope, 1 / slope
    ours = winsorized_z_scores(ratio.to_numpy(), 0.05, 0.95)
    held = np.clip(ratio, *ratio.quantile([0.05, 0.95]))
    print(f"{infection}: nation {mean:.4f} ± {sd:.4f}, sample {held.mean():.4f} ± {held.std(ddof=0):.4f}")
    assert held.mean() == pytest.approx(mean, abs=0.06)
    assert held.std(ddof=0) == pytest.approx(sd, rel=0.08)
    assert np.nanmax(np.abs(ours - z_score)) < 0.25, "the sample's z-scores are near the nation's"


def test_z_scores_by_hand():
    """Of 0, 1, ..., 20 the ends are 1 and 19: mean 10, variance 2 × (2 × 81 + Σ 1..8 squared) ÷ 21."""
    z_scores = winsorized_z_scores(np.arange(21.0), 0.05, 0.95)
    sd = np.sqrt(2 * (2 * 81 + 204) / 21)
    np.testing.assert_allclose(z_scores[[0, 1, 2, 10, 19, 20]], np.array([-9, -9, -8, 0, 9, 9]) / sd)
    with_missing = winsorized_z_scores(np.array([1.0, np.nan, 3.0]), 0.0, 1.0)
    np.testing.assert_allclose(with_missing, [-1, np.nan, 1])
    assert winsorized_z_scores(np.array([2.0, 2.0]), 0.05, 0.95).tolist() == [0, 0]
    assert np.isnan(winsorized_z_scores(np.array([np.nan]), 0.05, 0.95)).all()


def test_values_become_z_scores_of_their_measure():
    frame = pd.DataFrame(
        {"facility_id": list("ABAB"), "measure": ["CDI", "CDI", "MRSA", "MRSA"], "value": [1.0, 3.0, 20.0, 10.0]}
    )
    result = ar.hospital.hac(frame, fiscal_year=2024)
    assert result.measures["z_score"].tolist() == [-1, 1, 1, -1]
    assert result.hospitals["total_score"].tolist() == [0, 0]
    assert result.hospitals["confidence"].tolist() == ["recalled"] * 2
    assert any("low_percentile 0.05, high_percentile 0.95: recalled" in note for note in result.notes)


@pytest.mark.parametrize(("cutoff", "worst"), [(0.9999, True), (1.0, False), (1.0001, False)])
def test_the_gate(cutoff, worst):
    frame = pd.DataFrame({"facility_id": ["A", "A"], "measure": ["CDI", "MRSA"], "z_score": [0.5, 1.5]})
    hospitals = ar.hospital.hac(frame, fiscal_year=2024, cutoff=cutoff).hospitals
    assert hospitals["worst_quartile"].tolist() == [worst]
    assert hospitals["reduction_rate"].tolist() == [0.01 if worst else 0.0]


@pytest.mark.parametrize(
    ("frame", "year", "text"),
    [
        ({"measure": ["CDI"]}, 2024, "hospital.hac: must have the columns facility_id, z_score, got only measure"),
        (
            {"facility_id": ["A"], "measure": ["CDI"], "z_score": [0.1]},
            2019,
            "hospital.hac.fiscal_year: must be one of the years 2020, 2021, 2022, 2023, 2024, 2025, 2026, got 2019",
        ),
        (
            {"facility_id": ["A"], "measure": ["CDI"], "z_score": [1000]},
            2024,
            "hospital.hac.z_score[0]: must be a number between -100 and 100, or missing, got 1000",
        ),
    ],
)
def test_what_is_refused(frame, year, text):
    with pytest.raises(ar.InputError) as error:
        ar.hospital.hac(frame, fiscal_year=year)
    assert str(error.value) == text
