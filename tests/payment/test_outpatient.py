"""Outpatient services: wages, packaging, halves, outliers on a ladder, the copayment, a twin in decimals."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar

D = Decimal
HOSPITAL = {"wage_index": 1.1, "cost_to_charge_ratio": 0.25, "calendar_year": 2025}
LINE = {"apc_rate": 1000, "status": "S", "charges": 0, **HOSPITAL}


def price(**changes):
    return ar.outpatient.price({**LINE, **changes})


def test_the_steps_of_a_line():
    paid = ar.outpatient.explain(LINE, rural_sole_community=True, sequestration_rate=0.02)
    lines = ("wage_adjusted_rate", "service_payment", "copayment", "sequestration", "medicare_payment")
    assert [paid[line] for line in lines] == [D(1060), D("1135.26"), D("227.05"), D("18.16"), D("890.05")]
    assert any("recalled" in note for note in paid.notes)
    assert [line for line, _ in paid.waterfall_steps()] == ["service_payment", "outlier_payment", "payment"]


def test_further_procedures_are_paid_half_whatever_their_order():
    rates, status = [400, 1000, 300, 200], ["T", "T", "S", "T"]
    paid = price(apc_rate=rates, status=status, claim="A")
    assert paid["payment"].tolist() == [212, 1060, 318, 106]
    assert paid["paid_as"].tolist() == ["further_procedure", "whole", "whole", "further_procedure"]
    assert price(apc_rate=rates[::-1], status=status[::-1], claim="A")["payment"].tolist() == [106, 318, 1060, 212]
    assert price(apc_rate=rates, status=status)["payment"].tolist() == [424, 1060, 318, 212]


def test_a_comprehensive_service_packages_its_claim():
    paid = price(
        apc_rate=[600, 13_000, 12_000, 700, 600],
        status=["S", "J1", "J1", "T", "S"],
        charges=[100, 1000, 200, 300, 50],
        claim=["A", "A", "A", "A", "B"],
    )
    assert paid["payment"].tolist() == [0, 13_780, 0, 0, 636]
    assert paid["charges_with_packaged"].tolist() == [0, 1600, 0, 0, 50]


def test_packaged_charges_go_where_the_money_goes():
    paid = price(apc_rate=[300, 100, 0], status=["S", "V", "N"], charges=[10, 10, 400], claim=7)
    assert paid["charges_with_packaged"].tolist() == [310, 110, 0]


def test_outliers_need_the_multiple_and_the_fixed_amount():
    """Payment 10,600: 1.75 times is 18,550, plus 7,175 is 17,775; payment 1,060: 1,855 and 8,235."""
    ladder = price(apc_rate=10_000, cost_to_charge_ratio=1, charges=[17_775.01, 18_550, 18_550.02, 18_650])
    assert ladder["outlier_payment"].tolist() == [0, 0, 0.01, 50]
    small = price(cost_to_charge_ratio=1, charges=[8235, 8235.01, 1855.02])
    assert small["outlier_payment"].tolist() == [0, 3190.01, 0]


def test_the_copayment_has_a_floor_and_a_ceiling():
    paid = price(apc_rate=[1000, 13_000, 13_000], copayment_rate=[0.4, 0.2, 0.1999999999 + 1e-10])
    assert paid["copayment"].tolist() == [424, 1676, 1676]
    assert set(paid["inpatient_deductible"]) == {1676}


def test_a_twin_in_decimals_pays_the_same_cents():
    rng = np.random.default_rng(6)
    n = 500
    frame = pd.DataFrame(
        {
            "claim": rng.integers(0, 200, n),
            "apc_rate": rng.gamma(1, 2000, n).round(2),
            "status": rng.choice(["J1", "T", "S", "V", "N"], n, p=[0.05, 0.4, 0.2, 0.2, 0.15]),
            "charges": rng.gamma(1, 12_000, n).round(2),
            "cost_to_charge_ratio": 0.31,
            "wage_index": 0.9637,
        }
    )
    paid = ar.outpatient.price(frame, calendar_year=2025)
    assert (paid["outlier_payment"] > 0).sum() > 10
    for _, claim in frame.groupby("claim"):
        for row, value in twin(claim).items():
            assert paid["payment"][row] == pytest.approx(float(value), abs=1e-9)
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(ar.outpatient.price(shuffled, calendar_year=2025), paid.loc[shuffled.index])


def cents(value):
    return value.quantize(D("0.01"), ROUND_HALF_UP)


def twin(claim):
    """Return the payment of each line of a claim."""
    rows = {row: (D(str(line["apc_rate"])), line["status"], D(str(line["charges"]))) for row, line in claim.iterrows()}
    best = {
        status: max((rate, -row) for row, (rate, each, _) in rows.items() if each == status)
        for status in {each for _, each, _ in rows.values()}
    }
    parts = {}
    for row, (rate, status, _) in rows.items():
        first = (rate, -row) == best[status]
        if "J1" in best:
            parts[row] = D(1) if status == "J1" and first else D(0)
        else:
            parts[row] = {"N": D(0), "T": D(1) if first else D("0.5")}.get(status, D(1))
    packaged = sum(charges for row, (_, _, charges) in rows.items() if not parts[row])
    whole = sum(rate * parts[row] for row, (rate, _, _) in rows.items())
    paid = {}
    for row, (rate, _, charges) in rows.items():
        if not parts[row]:
            paid[row] = D(0)
            continue
        service = cents(cents(rate * (D("0.6") * D("0.9637") + D("0.4"))) * parts[row])
        cost = cents(cents(charges + packaged * rate * parts[row] / whole) * D("0.31"))
        beyond = cost - D("1.75") * service
        paid[row] = service + (cents(beyond / 2) if beyond > 0 and cost > service + 7175 else D(0))
    return paid


def test_frames_of_each_kind():
    pl = pytest.importorskip("polars")
    pa = pytest.importorskip("pyarrow")
    frame = pd.DataFrame({**LINE, "apc_rate": [100.0, 200.0, 300.0], "claim": ["A", "A", "B"], "status": "T"})
    expected = ar.outpatient.price(frame)["payment"].tolist()
    assert expected == [53, 212, 318]
    assert ar.outpatient.price(frame.iloc[:0]).empty
    assert ar.outpatient.price(pl.from_pandas(frame))["payment"].to_list() == expected
    assert ar.outpatient.price(pa.Table.from_pandas(frame))["payment"].to_pylist() == expected


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"status": "Q"}, "outpatient.status: must be one of J1, T, S, V, N, got 'Q'"),
        ({"apc_rate": [1, -2]}, "outpatient.apc_rate[1]: must be between 0 and 1,000,000 dollars, got -2"),
        (
            {"calendar_year": 2026},
            "outpatient.outlier_fixed_amount: must be given for calendar year 2026 (shipped for 2025)",
        ),
        (
            {"calendar_year": 2000},
            "outpatient.calendar_year: must be a calendar year with figures: 2018, 2019, 2020, 2021, 2022, 2023, 2024, "
            "2025, 2026, got 2000",
        ),
        ({"copayment_rate": 0.1}, "outpatient.copayment_rate: must be at least 0.2, got 0.1"),
        ({"claim": ["A", None]}, "outpatient.claim[1]: must name a claim, got a missing value"),
        (
            {"apc_rate": [1, 2], "charges": [1, 2, 3]},
            "outpatient: must have facts of one length, got apc_rate has 2, charges has 3",
        ),
        (
            {"rural_factor": 1.071},
            "outpatient.rural_factor: must come with rural_sole_community, which says where it holds",
        ),
    ],
)
def test_what_is_refused(changes, text):
    with pytest.raises(ar.InputError) as error:
        price(**changes)
    assert str(error.value) == text
