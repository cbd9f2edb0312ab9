"""Long-term care hospitals: short stays meet whole ones, outliers on ladders, site-neutral stays, a twin."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar

D = Decimal
STAY = {
    "weight": 1.2,
    "geometric_mean_length_of_stay": 24,
    "length_of_stay": 30,
    "charges": 100_000,
    "site_neutral": False,
    "wage_index": 1.1,
    "cost_to_charge_ratio": 0.2,
    "labor_share": 0.7,
    "ipps_comparable_amount": 10_000,
    "fiscal_year": 2026,
}


def price(**changes):
    return ar.ltch.price({**STAY, **changes})


def test_the_steps_of_a_whole_stay():
    """50,824.51 × (0.7 × 1.1 + 0.3) × 1.2."""
    paid = ar.ltch.explain(STAY)
    assert paid["standard_payment"] == D("65258.67")
    assert paid["payment"] == D("65258.67")
    assert [line for line, _ in paid.waterfall_steps()] == ["base_payment", "outlier_payment", "payment"]
    assert any("standard_rate 50824.51" in note and "recalled" in note for note in paid.notes)
    assert set(price()["confidence"]) == {"recalled"}


def test_short_stays_rise_to_the_whole_payment_at_five_sixths():
    days = np.arange(1, 31)
    paid = price(length_of_stay=days, ipps_comparable_amount=np.minimum(days * 1000, 10_000))
    assert paid["short_stay"].tolist() == [1.0] * 20 + [0.0] * 10
    assert paid["payment"].is_monotonic_increasing
    assert paid["payment"][19] == paid["payment"][20] == 65258.67
    # Day 10: half of 1.2 × 65,258.67 ÷ 24 × 10 and half of 10,000.
    assert paid["short_stay_per_diem_amount"][9] == 32629.34
    assert paid["payment"][9] == 21314.67


def test_a_long_mean_counts_25_days():
    paid = price(geometric_mean_length_of_stay=36, length_of_stay=[25, 30, 31])
    assert paid["short_stay"].tolist() == [1, 1, 0]
    assert paid["blend_part"].tolist() == [1, 1, 1]
    assert paid["payment"].tolist() == [54382.23, 65258.67, 65258.67]


def test_outliers_begin_a_cent_above_the_threshold():
    cost = 65258.67 + 78936
    charges = np.array([cost - 1, cost, cost + 0.02, cost + 1000]).round(2)
    paid = price(cost_to_charge_ratio=1, charges=charges)
    assert paid["outlier_payment"].tolist() == [0, 0, 0.02, 800]
    assert set(paid["outlier_threshold"]) == {144194.67}


def test_site_neutral_stays_are_never_paid_more_than_their_cost():
    cost = [0, 4000, 10_000, 50_397, 50_398, 60_397]
    paid = price(site_neutral=True, cost_to_charge_ratio=1, charges=cost)
    assert paid["payment"].tolist() == [0, 4000, 10_000, 10_000, 10_000.8, 18_000]
    assert (paid["payment"] <= paid["cost"]).all()
    assert (paid["short_stay"] == 0).all()


def test_a_twin_in_decimals_pays_the_same_cents():
    rng = np.random.default_rng(4)
    n = 400
    cases = pd.DataFrame(
        {
            "weight": rng.uniform(0.3, 3, n).round(4),
            "geometric_mean_length_of_stay": rng.uniform(10, 45, n).round(1),
            "length_of_stay": rng.integers(1, 60, n),
            "charges": rng.gamma(2, 300_000, n).round(2),
            "site_neutral": rng.random(n) < 0.3,
            "wage_index": rng.uniform(0.7, 1.5, n).round(4),
            "cost_to_charge_ratio": rng.uniform(0.1, 0.6, n).round(3),
            "labor_share": 0.719,
            "ipps_comparable_amount": rng.uniform(3000, 40_000, n).round(2),
        }
    )
    paid = ar.ltch.price(cases, fiscal_year=2025)["payment"]
    for case, value in zip(cases.astype(object).to_dict("records"), paid, strict=True):
        assert value == float(twin(**{name: D(str(float(fact))) for name, fact in case.items()})), case


def cents(value):
    return value.quantize(D("0.01"), ROUND_HALF_UP)


def twin(**case):
    wages = D("49383.26") * (case["labor_share"] * case["wage_index"] + 1 - case["labor_share"])
    whole = cents(wages * case["weight"])
    days, mean, other = (case[n] for n in ("length_of_stay", "geometric_mean_length_of_stay", "ipps_comparable_amount"))
    cost = cents(case["charges"] * case["cost_to_charge_ratio"])
    if case["site_neutral"]:
        outlier = cents(D("0.8") * max(D(0), cost - other - D(46217)))
        return min(other + outlier, cost)
    if 6 * days <= 5 * mean:
        part = min(D(1), days / min(5 * mean / 6, D(25)))
        whole = cents(part * min(whole, D("1.2") * days * whole / mean) + (1 - part) * other)
    return whole + cents(D("0.8") * max(D(0), cost - whole - 77048))


def test_frames_of_each_kind_and_any_order():
    pl = pytest.importorskip("polars")
    pa = pytest.importorskip("pyarrow")
    frame = pd.DataFrame({**STAY, "length_of_stay": np.arange(1, 40), "fiscal_year": np.resize([2024, 2025, 2026], 39)})
    paid = ar.ltch.price(frame)
    assert ar.ltch.price(pl.from_pandas(frame))["payment"].to_list() == paid["payment"].tolist()
    assert ar.ltch.price(pa.Table.from_pandas(frame))["payment"].to_pylist() == paid["payment"].tolist()
    assert list(ar.ltch.price(frame.iloc[:0])) == list(paid)
    back = frame.iloc[::-1]
    pd.testing.assert_frame_equal(ar.ltch.price(back), paid.iloc[::-1])
    assert float(ar.ltch.explain(frame.loc[7])["payment"]) == paid["payment"][7]


def test_the_comparable_amount_is_needed_only_where_it_counts():
    facts = {name: value for name, value in STAY.items() if name != "ipps_comparable_amount"}
    assert ar.ltch.price(facts)["payment"].tolist() == [65258.67]
    mixed = ar.ltch.price({**facts, "length_of_stay": [30, 10], "ipps_comparable_amount": [np.nan, 10_000]})
    assert mixed["payment"].tolist() == [65258.67, 21314.67]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"fiscal_year": 2023}, "ltch.fiscal_year: must be a fiscal year with figures: 2024, 2025, 2026, got 2023"),
        ({"length_of_stay": 0}, "ltch.length_of_stay: must be between 1 and 36,500 days, got 0"),
        ({"weight": [1, -1]}, "ltch.weight[1]: must be between 0.0001 and 1,000, got -1"),
        ({"site_neutral": 2}, "ltch.site_neutral: must be true or false, got 2"),
        (
            {"site_neutral": [False, True], "ipps_comparable_amount": np.nan},
            "ltch.ipps_comparable_amount[1]: must be given for short and site-neutral stays, got a missing value",
        ),
        (
            {"ipps_comparable_amount": -1},
            "ltch.ipps_comparable_amount: must be between 0 and 1,000,000,000 dollars, got -1",
        ),
        ({"labor_share": 70}, "ltch.labor_share: must be between 0 and 1, got 70"),
    ],
)
def test_what_is_refused(changes, text):
    with pytest.raises(ar.InputError) as error:
        price(**changes)
    assert str(error.value) == text


def test_figures_have_a_source_and_say_how_sure_they_are():
    figures = ar.ltch.figures()
    assert (figures["source"].str.len() > 0).all()
    read = figures[figures["confidence"] == "read"]
    assert set(read["figure"]) == {"site_neutral_fixed_loss_amount"}
    with pytest.raises(ar.InputError, match=r"^ltch.ipps_comparable_amount: must be given for short"):
        ar.ltch.price({name: v for name, v in STAY.items() if name != "ipps_comparable_amount"} | {"length_of_stay": 3})
