"""Home health: a second computation in decimals, frames of any kind, properties."""

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
from home_health_cases import CASE, DISCIPLINES, TEN, payment, price

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
        rates = [row[f"{each}_visit_rate"] for each in DISCIPLINES]
        lines = [adjusted(cents(n * rate)) for n, rate in zip(visits, rates, strict=True)]
        add_on = Decimal(0)
        earliest = min(
            (at for at in range(6) if visits[at]), key=lambda at: (number[f"{DISCIPLINES[at]}_first_day"], at)
        )
        if number["first_period"]:
            add_on = adjusted(cents(rates[earliest] * row.get(f"{DISCIPLINES[earliest]}_add_on_factor", Decimal(0))))
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
    for each in DISCIPLINES:
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
