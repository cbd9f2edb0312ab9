"""Inpatient rehabilitation: worked examples, which group pays, tables, what is refused, a second computation."""

import hashlib
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar
from atrisk.irf._names import table, term

STAY = {
    "weight": 1.5,
    "wage_index": 1.02,
    "location": "urban",
    "fiscal_year": 2026,
    "length_of_stay": 14,
    "discharge_status": "01",
}
TRANSFER = STAY | {"length_of_stay": 6, "discharge_status": "03", "average_length_of_stay": 12}
WEIGHTS = {
    "cmg": ["0101", "0101", "0701", "5001", "5101", "5102", "5103", "5104"],
    "tier": ["A", "B", "A", "A", "A", "A", "A", "A"],
    "weight": [1.0, 1.2, 1.3, 0.17, 0.7, 1.8, 0.8, 2.1],
    "average_length_of_stay": [9, 11, 12, 2, 8, 17, 8, 22],
}
DEAD = {"discharge_status": "20"}


def price(**facts):
    return ar.irf.price(facts).iloc[0]


def without(case, *names, **more):
    return {name: value for name, value in case.items() if name not in names} | more


# Worked examples.


def test_a_stay_step_by_step():
    """Weight 1.5 and wage index 1.02 in 2026: 29,056.50 and 29,488.86."""
    steps = {
        "conversion_factor": 19371,
        "labor_share": 0.744,
        "transfer_fraction": 1,
        "standard_payment": 29056.50,
        "wage_adjustment": 1.01488,
        "federal_payment": 29488.86,
        "adjusted_threshold": 10211.72,
        "outlier_payment": 0,
        "payment": 29488.86,
    }
    priced = price(**STAY)
    assert {name: priced[name] for name in steps} == steps
    statement = ar.irf.explain(STAY)
    assert statement["standard_payment"] == Decimal("29056.50")
    assert statement["payment"] == Decimal("29488.86")


def test_a_transfer_step_by_step():
    """6 of 12 days: 6.5 ÷ 12 cut off at .5416, 15,971.17."""
    priced = price(**TRANSFER)
    assert priced["transfer_fraction"] == 0.5416
    assert priced["standard_payment"] == 15737.00  # 15,737.0004 is cut off
    assert priced["payment"] == 15971.17
    assert ar.irf.explain(TRANSFER)["payment"] == Decimal("15971.17")


def test_what_is_cut_off_is_not_rounded():
    """1.2345 × 19,371 = 23,913.4995."""
    assert price(**STAY | {"weight": 1.2345})["standard_payment"] == 23913.49


# Which group pays.


@pytest.mark.parametrize(
    ("status", "days", "transferred"),
    [("03", 11, 1), ("03", 12, 0), ("03", 2, 1), ("01", 6, 0), ("06", 6, 0), ("92", 6, 1), ("65", 6, 0)],
)
def test_transfers_end_before_the_average(status, days, transferred):
    facts = without(TRANSFER, "weight", cmg="0701", tier="A", discharge_status=status, length_of_stay=days)
    priced = ar.irf.price(facts, weights=WEIGHTS).iloc[0]
    assert priced["transfer"] == transferred
    assert priced["paid_group"] == "A0701"


@pytest.mark.parametrize(
    ("cmg", "days", "status", "paid"),
    [
        ("0701", 3, "01", "A5001"),
        ("0701", 4, "01", "A0701"),
        ("0701", 3, "20", "A5001"),
        ("0701", 13, "20", "A5101"),
        ("0701", 14, "20", "A5102"),
        ("0101", 14, "20", "A5103"),
        ("0101", 15, "20", "A5103"),
        ("0101", 16, "20", "A5104"),
        ("0101", 16, 1, "A0101"),
    ],
)
def test_short_stays_and_deaths_are_paid_by_their_groups(cmg, days, status, paid):
    facts = without(STAY, "weight") | {"cmg": cmg, "tier": "A", "length_of_stay": days, "discharge_status": status}
    priced = ar.irf.price(facts, weights=WEIGHTS).iloc[0]
    assert priced["paid_group"] == paid
    weights = {tier + group: weight for group, tier, weight in zip(*list(WEIGHTS.values())[:3], strict=True)}
    assert priced["weight"] == weights[paid]


@pytest.mark.parametrize(("category", "paid"), [(6, "A5103"), (7, "A5101"), (9, "A5101"), (10, "A5103")])
def test_orthopedic_categories(category, paid):
    priced = price(**STAY | DEAD | {"length_of_stay": 9}, impairment_category=category, special_weight=0.7)
    assert (priced["paid_group"], priced["weight"]) == (paid, 0.7)


def test_tiers_have_their_weights():
    facts = without(STAY, "weight") | {"cmg": ["0101", "0101"], "tier": ["B", "A"]}
    frames = [pd.DataFrame(WEIGHTS), pl.DataFrame(WEIGHTS), pa.table(WEIGHTS), WEIGHTS]
    for weights in frames:
        assert ar.irf.price(facts, weights=weights)["weight"].tolist() == [1.2, 1.0]


# Adjustments.


def test_location_low_income_teaching_outlier_and_late_assessment():
    facts = STAY | {"location": "rural", "low_income_percentage": 0.1, "teaching_ratio": 0.05}
    priced = price(**facts, covered_charges=200000, cost_to_charge_ratio=0.5)
    steps = {
        "location_factor": 1.149,
        "federal_payment": 33882.70,
        "low_income_factor": 0.030743147,
        "low_income_payment": 1041.66,
        "teaching_factor": 0.050835376,
        "teaching_payment": 1722.44,
        "adjusted_threshold": 12690.45,
        "cost": 100000.00,
        "outlier_payment": 40530.20,
        "payment": 77177.00,
    }
    assert {name: priced[name] for name in steps} == steps
    late = price(**facts, covered_charges=200000, cost_to_charge_ratio=0.5, late_assessment=True)
    assert late["payment"] == pytest.approx(25412.03 + 781.25 + 1291.83 + 30397.65)
    assert late["late_assessment_reduction"] == pytest.approx(77177.00 - late["payment"])


def test_an_outlier_begins_at_its_cent():
    """At wage index 1 the federal payment and the threshold are 29,056.50 + 10,062.00 = 39,118.50."""
    for cost, paid in [(39118.49, 0), (39118.50, 0), (39118.51, 0.01), (39119.50, 0.80)]:
        priced = price(**STAY | {"wage_index": 1}, covered_charges=cost, cost_to_charge_ratio=1)
        assert priced["outlier_payment"] == paid


def test_locations_by_year():
    factors = {2024: None, 2025: 1.0993, 2026: 1.0497}
    for year, factor in factors.items():
        facts = STAY | {"fiscal_year": year, "location": "formerly_rural"}
        if factor:
            assert price(**facts)["location_factor"] == factor
        else:
            with pytest.raises(ar.InputError) as error:
                price(**facts)
            text = "irf.location: must be urban or rural in this fiscal year (formerly_rural is known for 2025, 2026)"
            assert str(error.value) == text


RATES = {
    2020: (16489, 9300, 0.727, "recalled"),
    2021: (16856, 7906, 0.73, "recalled"),
    2022: (17240, 9491, 0.729, "recalled"),
    2023: (17878, 12526, 0.729, "recalled"),
    2024: (18541, 10423, 0.741, "recalled"),
    2025: (18907, 12043, 0.744, "recalled"),
    2026: (19371, 10062, 0.744, "read_secondary"),
}


@pytest.mark.parametrize("year", RATES)
def test_figures_of_each_year(year):
    priced = price(**STAY | {"fiscal_year": year, "location": "rural"})
    names = ("conversion_factor", "outlier_threshold", "labor_share", "confidence")
    assert tuple(priced[name] for name in names) == RATES[year]
    assert priced["location_factor"] == 1.149


def test_every_row_says_where_it_is_from():
    tables = ar.irf.tables()
    assert {name: len(frame) for name, frame in tables.items()} == {
        "rates": 7,
        "locations": 16,
        "discharge_statuses": 13,
        "terms": 11,
    }
    for frame in tables.values():
        assert set(frame["confidence"]) <= {"read", "read_secondary", "recalled"}
    transfers = [row["discharge_status"] for row in table("discharge_statuses").rows if row["kind"] == "transfer"]
    assert transfers == ["02", "03", "61", "62", "63", "64", "82", "83", "89", "90", "91", "92"]
    text = "\n".join(",".join([*row.values()][:4]) for row in table("rates").rows)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "209cc5443df7623c"


def test_notes_tell_what_is_recalled():
    notes = " ".join(ar.irf.explain(STAY | {"fiscal_year": 2024}).notes)
    assert "conversion factor, outlier threshold and labor share: recalled" in notes
    assert "no charges were given" in notes
    assert "within 3 midnights" in notes


# What is refused.


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            STAY | {"fiscal_year": 2019},
            "irf.fiscal_year: must be a fiscal year with figures: 2020, 2021, 2022, 2023, 2024, 2025, 2026, got 2019",
        ),
        (STAY | {"length_of_stay": 0}, "irf.length_of_stay: must be between 1 and 1,000 days, got 0"),
        (STAY | {"length_of_stay": [5, 2.5]}, "irf.length_of_stay[1]: must be a whole number of days, got 2.5"),
        (
            STAY | {"discharge_status": "1"},
            "irf.discharge_status: must be a discharge status of two digits, 01 to 99, got '1'",
        ),
        (STAY | {"location": "suburb"}, "irf.location: must be one of urban, rural, formerly_rural, got 'suburb'"),
        (STAY | {"wage_index": 0}, "irf.wage_index: must be above 0, got 0"),
        (STAY | {"weight": [1, -1]}, "irf.weight[1]: must be between 0 and 10, got -1"),
        (
            STAY | {"length_of_stay": [9, 3]},
            "irf.special_weight[1]: must be given: A5001 pays the stay in place of its own group (A5001 pays stays of "
            "at most 3 days, A5101, A5102, A5103, A5104 pay deaths)",
        ),
        (
            STAY | DEAD,
            "irf.impairment_category: must be given for a death where there is no cmg (which group pays a death "
            "depends on whether it is an orthopedic category)",
        ),
        (
            without(TRANSFER, "average_length_of_stay"),
            "irf.average_length_of_stay: must be given where the discharge status is a transfer",
        ),
        (without(STAY, "weight"), "irf: must be given weight, or weights= with cmg and tier, got neither"),
        (
            STAY | {"covered_charges": 1},
            "irf: must be given both covered_charges and cost_to_charge_ratio, or neither, got one of them",
        ),
        (
            STAY | {"covered_charges": 1, "cost_to_charge_ratio": 1.55},
            "irf.cost_to_charge_ratio: must be at most the ceiling of the year, 1.54 (above it the average of the "
            "nation holds: 0.398 urban, 0.463 rural)",
        ),
        (
            STAY | {"low_income_percentage": 12},
            "irf.low_income_percentage: must be between 0 and 2 as a part, not in percent, got 12",
        ),
        (STAY | {"late_assessment": 2}, "irf.late_assessment: must be true or false, got 2"),
        (without(STAY, "wage_index", "location"), "irf: must be given wage_index, location, got only "),
        (STAY | {"wieght": 1}, "irf.wieght: must be one of "),
        (STAY | {"cmg": "0101"}, "irf: must be given both cmg and tier, or neither, got no tier"),
    ],
)
def test_what_is_refused(facts, text):
    with pytest.raises(ar.InputError) as error:
        ar.irf.price(facts)
    assert str(error.value) == text or (text.endswith(" ") and str(error.value).startswith(text))


@pytest.mark.parametrize(
    ("weights", "case", "text"),
    [
        (WEIGHTS, {"cmg": "0102", "tier": "A"}, "irf.cmg: must be a group with a weight, tier first, got 'A0102' (add"),
        (WEIGHTS, {"cmg": "101", "tier": "A"}, "irf.cmg: must be a case-mix group of four digits, as text, got '101'"),
        (WEIGHTS, {"cmg": "0101", "tier": "E"}, "irf.tier: must be one of A, B, C, D, got 'E'"),
        (
            WEIGHTS,
            {"cmg": "0101", "tier": "A", "weight": 1},
            "irf.weights: must be left out where each stay has its weight",
        ),
        (
            {name: [*values, values[0]] for name, values in WEIGHTS.items()},
            {"cmg": "0101", "tier": "A"},
            "irf.weights.cmg[8]: must have each group and tier once, got 'A0101'",
        ),
    ],
)
def test_weights_of_a_user_are_checked(weights, case, text):
    with pytest.raises(ar.InputError) as error:
        ar.irf.price(without(STAY, "weight") | case, weights=weights)
    assert str(error.value).startswith(text)


def test_explain_takes_one_case():
    with pytest.raises(ar.InputError, match="irf: must be one case"):
        ar.irf.explain(pd.DataFrame([STAY]))
    with pytest.raises(ar.InputError, match=r"irf.weight: must be a single value, got a list"):
        ar.irf.explain(STAY | {"weight": [1, 2]})


# A second computation, from the rule's text, in decimals.


def cents(value):
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def cut(value, places):
    return value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)


def expected(case):
    number = {name: Decimal(str(float(value))) for name, value in case.items() if not isinstance(value, str)}
    year = next(row for row in table("rates").rows if int(row["fiscal_year"]) == int(number["fiscal_year"]))
    rural = next(
        Decimal(row["location_factor"])
        for row in table("locations").rows
        if (int(row["fiscal_year"]), row["location"]) == (int(number["fiscal_year"]), case["location"])
    )
    days, average, weight, part = (
        number["length_of_stay"],
        number["average_length_of_stay"],
        number["weight"],
        Decimal(1),
    )
    if case["discharge_status"] in "02 03 61 62 63 64 82 83 89 90 91 92" and days < average:
        part = min(Decimal(1), cut((days + Decimal("0.5")) / average, 4))
    elif days <= 3 or case["discharge_status"] == "20":
        weight = number["special_weight"]
    labor = Decimal(year["labor_share"])
    place = (labor * number["wage_index"] + 1 - labor) * rural
    federal = cents(cut(part * weight * Decimal(year["conversion_factor"]), 2) * place)
    low = ((1 + number["low_income_percentage"]) ** Decimal("0.3177") - 1).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    teaching = ((1 + number["teaching_ratio"]) ** Decimal("1.0163") - 1).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    payments = [federal, cents(federal * low), cents(federal * teaching)]
    threshold = cents(Decimal(year["outlier_threshold"]) * place * (1 + low + teaching))
    cost = cents(number["covered_charges"] * number["cost_to_charge_ratio"])
    payments.append(cents(Decimal("0.80") * max(Decimal(0), cost - sum(payments) - threshold)))
    if number["late_assessment"]:
        payments = [cents(payment * Decimal("0.75")) for payment in payments]
    return sum(payments)


def random_cases(n, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "weight": rng.uniform(0.3, 4, n).round(4),
            "special_weight": rng.uniform(0.1, 2, n).round(4),
            "fiscal_year": rng.integers(2020, 2027, n),
            "wage_index": rng.uniform(0.7, 1.5, n).round(4),
            "location": rng.choice(["urban", "rural"], n),
            "length_of_stay": rng.integers(1, 30, n),
            "average_length_of_stay": rng.integers(5, 30, n),
            "discharge_status": rng.choice(["01", "03", "06", "20", "62"], n),
            "impairment_category": rng.integers(1, 22, n),
            "low_income_percentage": rng.uniform(0, 0.6, n).round(4),
            "teaching_ratio": np.where(rng.random(n) < 0.5, 0, rng.uniform(0, 0.5, n).round(4)),
            "covered_charges": rng.uniform(1e4, 3e5, n).round(2),
            "cost_to_charge_ratio": rng.uniform(0.2, 0.9, n).round(3),
            "late_assessment": rng.random(n) < 0.2,
        }
    )


def test_a_second_computation_agrees_to_the_cent():
    cases = random_cases(800, 11)
    priced = ar.irf.price(cases)
    wanted = [float(expected(case)) for case in cases.to_dict("records")]
    assert priced["payment"].tolist() == wanted
    assert (priced["outlier_payment"] > 0).mean() > 0.1
    assert priced["transfer"].mean() > 0.1
    assert set(priced["paid_group"]) == {"as submitted", "A5001", "A5101", "A5102", "A5103", "A5104"}
    assert term("late_assessment_penalty") == "0.25"


def test_statements_agree_with_frames_and_add_up():
    cases = random_cases(40, 3)
    priced = ar.irf.price(cases)
    for (_, case), paid in zip(cases.iterrows(), priced["payment"], strict=True):
        statement = ar.irf.explain(case)
        assert float(statement["payment"]) == paid
        *steps, (_, total) = statement.waterfall_steps()
        assert sum(amount for _, amount in steps) == total


def test_frames_of_any_kind_and_order_agree():
    cases = random_cases(50, 5)
    priced = ar.irf.price(cases)
    of_polars = ar.irf.price(pl.from_pandas(cases))
    assert isinstance(of_polars, pl.DataFrame)
    assert of_polars["payment"].to_list() == priced["payment"].tolist()
    of_arrow = ar.irf.price(pa.Table.from_pandas(cases))
    assert isinstance(of_arrow, pa.Table)
    assert of_arrow["payment"].to_pylist() == priced["payment"].tolist()
    order = np.random.default_rng(1).permutation(50)
    turned = ar.irf.price(cases.iloc[order])
    assert turned.index.tolist() == order.tolist()
    assert turned["payment"].tolist() == priced["payment"].iloc[order].tolist()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    days=st.integers(4, 40),
    average=st.floats(1, 40).map(lambda value: round(value, 1)),
    weight=st.floats(0.1, 5).map(lambda value: round(value, 4)),
)
def test_a_transfer_never_pays_more_than_the_whole(days, average, weight):
    facts = STAY | {"length_of_stay": days, "average_length_of_stay": average, "weight": weight}
    transfer = price(**facts | {"discharge_status": "03"})
    assert transfer["payment"] <= price(**facts)["payment"]
    if days >= average:
        assert transfer["payment"] == price(**facts)["payment"]


def test_the_weight_that_pays_has_its_column_in_every_batch():
    facts = without(STAY, "length_of_stay", special_weight=0.17)
    for days, weights in [([9, 10], [1.5, 1.5]), ([9, 3], [1.5, 0.17])]:
        assert ar.irf.price(facts, length_of_stay=days)["weight"].tolist() == weights
