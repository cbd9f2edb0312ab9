"""Prices of therapy: the manual's reduction, steps to the cent, running sums, a second computation, what is refused."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar

price = ar.therapy.price
FEES = pd.DataFrame(
    {
        "code": ["97110", "97140", "97112", "97530", "97165", "97150", "97129", "97130"],
        "work": [0.45, 0.43, 0.50, 0.44, 1.54, 0.29, 0.50, 0.48],
        "practice_expense": [0.40, 0.35, 0.49, 0.63, 1.31, 0.21, 0.14, 0.14],
        "malpractice": [0.02, 0.01, 0.02, 0.02, 0.05, 0.01, 0.03, 0.02],
    }
)
MET = {"deductible_met": 257, "threshold_used": 300}
DAY = {"code": ["97110", "97140"], "minutes": [33, 7], "date": "2025-03-03", "discipline": "physical"}


def test_the_example_of_the_reduction():
    """Two units of (7, 10, 1) and one of (11, 8, 1): 56 dollars become 47."""
    fees = {"code": ["A", "B"], "work": [7, 11], "practice_expense": [10, 8], "malpractice": [1, 1]}
    said = {"timed": {"A": True, "B": True}, "always_therapy": {"A": True, "B": True}}
    day = {"code": ["A", "B"], "units": [2, 1], "date": "2025-05-05", "discipline": "GP", "conversion_factor": 1}
    lines = price(day, fees=fees, **said)
    assert lines["unreduced"].tolist() == [36, 20]
    assert lines["multiple_procedure_reduction"].tolist() == [5, 4]
    assert lines["allowed"].tolist() == [31, 16]
    statement = ar.therapy.explain(day, fees=fees, **said)
    assert (statement["unreduced"], statement["allowed"]) == (56, 47)


def test_every_step_of_a_day():
    """97110: (0.45 + 0.40 + 0.02) × 32.3465 = 28.14, with half the practice expense 21.67; 97140: 25.55 and 19.89."""
    lines = price(DAY, fees=FEES, **MET)
    expected = {
        "units": [2, 1],
        "rank": [1, 2],
        "full_units": [1, 0],
        "conversion_factor": [32.3465] * 2,
        "fee": [28.14, 25.55],
        "reduced_fee": [21.67, 19.89],
        "unreduced": [56.28, 25.55],
        "multiple_procedure_reduction": [6.47, 5.66],
        "charge_reduction": [0, 0],
        "assistant_reduction": [0, 0],
        "allowed": [49.81, 19.89],
        "charges_before": [300, 349.81],
        "threshold_remaining": [2110, 2060.19],
        "denied": [0, 0],
        "covered": [49.81, 19.89],
        "deductible_left": [0, 0],
        "deductible": [0, 0],
        "coinsurance": [9.96, 3.98],
        "program_payment": [39.85, 15.91],
        "sequestration": [0.80, 0.32],
        "paid": [39.05, 15.59],
        "received": [49.01, 19.57],
        "confidence": ["recalled"] * 2,
    }
    assert {name: lines[name].tolist() for name in expected} == expected


def test_an_assistant_and_a_charge():
    """85 % of 49.81 is 42.34; of what is charged, 40, it is 34."""
    lines = price(DAY, fees=FEES, assistant=[1, 0], **MET)
    assert lines["assistant_reduction"].tolist() == [7.47, 0]
    assert lines["allowed"].tolist() == [42.34, 19.89]
    lines = price(DAY, fees=FEES, assistant=True, charge=[40.0, None], **MET)
    assert lines["charge_reduction"].tolist() == [9.81, 0]
    assert lines["allowed"].tolist() == [34.0, 16.91]
    early = {**DAY, "date": "2021-12-31"}
    assert price(early, fees=FEES, assistant=True)["assistant_reduction"].tolist() == [0, 0]
    late = {**DAY, "date": "2022-01-01"}
    assert (price(late, fees=FEES, assistant=True)["assistant_reduction"] > 0).all()


@pytest.mark.parametrize(
    ("date", "rate", "factor"),
    [
        ("2018-01-01", 0.02, 35.9996),
        ("2020-04-30", 0.02, 36.0896),
        ("2020-05-01", 0.0, 36.0896),
        ("2022-03-31", 0.0, 34.6062),
        ("2022-04-01", 0.01, 34.6062),
        ("2022-06-30", 0.01, 34.6062),
        ("2022-07-01", 0.02, 34.6062),
        ("2024-03-08", 0.02, 32.7442),
        ("2024-03-09", 0.02, 33.2875),
        ("2025-12-31", 0.02, 32.3465),
    ],
)
def test_figures_by_date(date, rate, factor):
    lines = price({**DAY, "date": date}, fees=FEES, deductible_met=150)
    assert set(lines["sequestration_rate"]) == {rate}
    assert set(lines["conversion_factor"]) == {factor}


def test_participants_in_alternative_payment_models():
    day = {**DAY, "date": "2026-02-02"}
    assert price(day, fees=FEES, qualifying_apm=False)["fee"].tolist() == [29.06, 26.39]
    assert price(day, fees=FEES, qualifying_apm=[True, False])["fee"].tolist() == [29.20, 26.39]
    assert price(day, fees=FEES, conversion_factor=40)["fee"].tolist() == [34.8, 31.6]


def test_what_is_not_always_therapy_is_not_reduced():
    day = {"code": ["97129", "97130", "97110", "97150"], "minutes": [15, 30, 15, 30], "date": "2025-03-03"}
    lines = price({**day, "discipline": "GN"}, fees=FEES)
    assert lines["units"].tolist() == [1, 2, 1, 1]
    assert lines["rank"].fillna(0).tolist() == [0, 0, 1, 2]
    assert lines["full_units"].tolist() == [1, 2, 1, 0]
    assert (lines["multiple_procedure_reduction"] > 0).tolist() == [False, False, False, True]


def test_the_reduction_goes_over_disciplines_but_not_over_providers():
    day = {"code": ["97110", "97530"], "minutes": [15, 15], "date": "2025-03-03", "discipline": ["GP", "GO"]}
    assert price(day, fees=FEES)["rank"].tolist() == [2, 1]
    assert price(day, fees=FEES, provider=["A", "B"])["rank"].tolist() == [1, 1]
    assert price(day, fees=FEES, patient=["A", "B"])["rank"].tolist() == [1, 1]
    apart = price({**day, "minutes": [7, 7]}, fees=FEES)
    assert apart["units"].tolist() == [0, 0], "minutes of two disciplines are not counted together"
    assert apart["allowed"].tolist() == [0, 0]


def test_the_deductible_runs_through_a_year():
    visits = {"code": "97530", "units": 2, "date": ["2025-02-01", "2025-01-02", "2024-12-30"], "discipline": "GO"}
    lines = price(visits, fees=FEES, deductible_met=[200.0, 200.0, 0.0])
    assert lines["allowed"].tolist() == [60.33, 60.33, 62.08]
    assert lines["deductible_left"].tolist() == [0, 57, 240]
    assert lines["deductible"].tolist() == [0, 57, 62.08]
    assert lines["coinsurance"].tolist() == [12.07, 0.67, 0]
    two = price({**visits, "patient": ["A", "B", "A"]}, fees=FEES, deductible_met=[257.0, 0.0, 240.0])
    assert two["deductible"].tolist() == [0, 60.33, 0]


def test_the_threshold_with_and_without_the_modifier():
    """Charges of 2,349.67 and 60.33 come to 2,410.00, which is not above it."""
    visits = {"code": "97530", "units": 2, "date": ["2025-02-01", "2025-02-02"], "discipline": "GO"}
    lines = price(visits, fees=FEES, threshold_used=2349.67, deductible_met=257)
    assert lines["charges_before"].tolist() == [2349.67, 2410]
    assert lines["threshold_remaining"].tolist() == [60.33, 0]
    assert lines["denied"].tolist() == [0, 1]
    assert lines["denied_amount"].tolist() == [0, 60.33]
    assert lines["received"].tolist()[1] == 0
    assert price(visits, fees=FEES, threshold_used=2349.68)["denied"].tolist() == [1, 1]
    kept = price(visits, fees=FEES, threshold_used=2349.68, kx_modifier=True)
    assert kept["denied"].tolist() == [0, 0]
    assert price(visits, fees=FEES, threshold_used=2939.67, kx_modifier=1)["targeted_review"].tolist() == [0, 1]


def test_denied_lines_leave_the_deductible():
    visits = {"code": "97530", "units": 2, "date": "2025-02-01", "discipline": ["GO", "GP"], "provider": ["A", "B"]}
    lines = price(visits, fees=FEES, threshold_used=[2409.0, 0.0], deductible_met=200)
    assert lines["denied"].tolist() == [1, 0]
    assert lines["deductible_left"].tolist() == [57, 57]
    assert lines["deductible"].tolist() == [0, 57]


def test_occupational_therapy_has_its_own_threshold():
    visits = {"code": "97530", "units": 1, "date": "2025-02-01", "discipline": ["GO", "GP", "GN", "occupational"]}
    lines = price(visits, fees=FEES)
    first, rest = 35.26, 25.07
    assert lines["allowed"].tolist() == [first, rest, rest, rest]
    assert lines["charges_before"].tolist() == [0, 0, rest, first]


CENT = Decimal("0.01")


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def _turn(row):
    """Lines of a day follow each other by code, those without the modifier first, then by discipline."""
    return row["date"], row["code"], row["kx_modifier"], row["discipline"]


def second(lines, gpci):
    """The same from the rules as they are written, in decimals, a line at a time."""
    fees = {row.code: row for row in FEES.itertuples()}
    exact = {code: [Decimal(str(v)) for v in row[2:]] for code, row in fees.items()}
    indexes = [Decimal(str(each)) for each in gpci]
    factors = {2024: Decimal("33.2875"), 2025: Decimal("32.3465"), 2022: Decimal("34.6062")}
    limits = {2024: (2330, 240), 2025: (2410, 257), 2022: (2150, 233)}
    rows = list(lines.to_dict("records"))
    firsts = {}
    for at, row in enumerate(rows):
        if row["units"] and row["code"] not in {"97129", "97130"}:
            key = (row["patient"], row["date"])
            rank = (-exact[row["code"]][1], row["code"], row["kx_modifier"], row["discipline"], at)
            firsts[key] = min(firsts.get(key, rank), rank)
    charges, met, results = defaultdict(Decimal), defaultdict(Decimal), {}
    for at in sorted(range(len(rows)), key=lambda at: _turn(rows[at])):
        row, year = rows[at], rows[at]["date"].year
        work, expense, malpractice = (v * i for v, i in zip(exact[row["code"]], indexes, strict=True))
        full = cents((work + expense + malpractice) * factors[year])
        half = cents((work + expense / 2 + malpractice) * factors[year])
        allowed = Decimal(0)
        for unit in range(row["units"]):
            reduced = row["code"] not in {"97129", "97130"}
            if reduced and firsts[row["patient"], row["date"]][-1] == at and unit == 0:
                reduced = False
            allowed += half if reduced else full
        allowed = min(allowed, Decimal(str(row["charge"])))
        if row["assistant"]:
            allowed = cents(allowed * Decimal("0.85"))
        threshold, deductible = limits[year]
        pool = (row["patient"], year, row["discipline"] == "occupational")
        denied = charges[pool] + allowed > threshold and not row["kx_modifier"]
        charges[pool] += allowed
        covered = Decimal(0) if denied else allowed
        patient_pays = min(covered, deductible - met[row["patient"], year])
        met[row["patient"], year] += patient_pays
        coinsurance = cents((covered - patient_pays) * Decimal("0.2"))
        program = covered - patient_pays - coinsurance
        rate = {2022: "0.01" if row["date"].month in {4, 5, 6} else "0"}.get(year, "0.02")
        held = cents(program * Decimal(rate))
        results[at] = [allowed, patient_pays, coinsurance, program, held, program - held]
    return [results[at] for at in range(len(rows))]


@pytest.mark.parametrize("seed", range(4))
def test_a_second_computation_agrees_to_the_cent(seed):
    rng = np.random.default_rng(seed)
    n = 700
    code = rng.choice(FEES["code"], n)
    dates = pd.to_datetime([*pd.date_range("2022-03-20", periods=60), *pd.date_range("2024-03-09", periods=40)])
    lines = pd.DataFrame(
        {
            "patient": rng.integers(0, 2, n),
            "date": rng.choice(dates, n),
            "discipline": rng.choice(["physical", "occupational", "speech"], n),
            "code": code,
            "units": np.where(np.isin(code, ["97165", "97150", "97129"]), 1, rng.integers(0, 5, n)),
            "charge": rng.uniform(10, 300, n).round(2),
            "assistant": rng.random(n) < 0.3,
            "kx_modifier": rng.random(n) < 0.5,
        }
    )
    lines["date"] = lines["date"].where(rng.random(n) < 0.8, pd.Timestamp("2025-06-30"))
    lines = lines.drop_duplicates(["patient", "date", "discipline", "code"]).reset_index(drop=True)
    firsts = lines.loc[lines["code"] == "97129", ["patient", "date", "discipline"]].apply(tuple, axis=1)
    pools = lines[["patient", "date", "discipline"]].apply(tuple, axis=1)
    lines = lines[(lines["code"] != "97130") | pools.isin(firsts)].reset_index(drop=True)
    assert (lines["code"] == "97130").any()
    gpci = (1.012, 0.943, 1.305)
    found = price(lines, fees=FEES, gpci=gpci)
    names = ["allowed", "deductible", "coinsurance", "program_payment", "sequestration", "paid"]
    expected = np.array(second(lines, gpci), dtype=np.float64)
    np.testing.assert_array_equal(found[names].to_numpy(), expected)
    assert found["denied"].sum() > 3
    assert (found["deductible"] > 0).sum() > 10


def random_year(n=600, seed=9):
    rng = np.random.default_rng(seed)
    lines = pd.DataFrame(
        {
            "patient": rng.choice(list("ABC"), n),
            "date": rng.choice(pd.date_range("2025-01-01", periods=150), n),
            "discipline": rng.choice(["GP", "GN"], n),
            "code": rng.choice(["97110", "97140", "97112", "97150"], n),
            "minutes": rng.integers(1, 50, n),
        }
    )
    return lines.drop_duplicates(["patient", "date", "discipline", "code"]).reset_index(drop=True)


def test_steps_add_up_and_days_come_in_any_order():
    lines = random_year()
    found = price(lines, fees=FEES)
    reductions = ["multiple_procedure_reduction", "charge_reduction", "assistant_reduction", "denied_amount"]
    patient = ["deductible", "coinsurance"]
    left = found["unreduced"] - found[[*reductions, *patient, "sequestration"]].sum(axis=1)
    np.testing.assert_allclose(left, found["paid"], atol=1e-9)
    days = lines.sort_values("date", ascending=False, kind="stable")
    pd.testing.assert_frame_equal(price(days, fees=FEES).sort_index(), found)
    year = found.groupby(lines["patient"])["deductible"].sum()
    assert (year.round(2) <= 257).all()
    assert found["denied"].any()


@pytest.mark.parametrize("seed", range(3))
def test_lines_of_a_day_come_in_any_order(seed):
    """Where a day crosses the deductible or the threshold, what is said of a line decides, and not its row."""
    rng = np.random.default_rng(seed)
    n = 400
    lines = pd.DataFrame(
        {
            "patient": rng.choice(list("AB"), n),
            "provider": rng.choice(np.array(["X", "Y", 3], dtype=object), n),
            "date": rng.choice(pd.date_range("2025-01-01", periods=20), n),
            "discipline": rng.choice(["GP", "GN", "GO"], n),
            "code": rng.choice(["97110", "97140", "97112", "97150"], n),
            "minutes": rng.integers(1, 20, n),
            "kx_modifier": rng.random(n) < 0.5,
            "assistant": rng.random(n) < 0.5,
            "charge": rng.choice([np.nan, 20.0, 30.0], n),
        }
    )
    facts = {"threshold_used": 1500, "deductible_met": 100}
    found = price(lines, fees=FEES, **facts)
    assert found["denied"].any()
    alike = lines.fillna({"charge": 0}).astype(str).agg("|".join, axis=1)
    assert (lines.groupby(["patient", "date"]).size() > 5).any()
    for again in range(4):
        shuffled = lines.sample(frac=1.0, random_state=again)
        other = price(shuffled, fees=FEES, **facts).sort_index()
        # Lines that are alike in all may change places.
        by_kind = [
            each.groupby(alike)[["units", "allowed", "covered", "paid"]].sum().round(2) for each in (found, other)
        ]
        pd.testing.assert_frame_equal(*by_kind)


def test_lines_of_a_day_follow_each_other_by_code():
    """2 lines of a day, 12 dollars below the threshold: the first code is paid in whichever row it stands."""
    day = {"code": ["97140", "97110"], "units": 1, "date": "2025-03-03", "discipline": "GP", "deductible_met": 257}
    for order in ([0, 1], [1, 0]):
        facts = {**day, "code": [day["code"][at] for at in order]}
        lines = price(facts, fees=FEES, threshold_used=2410 - 30)
        assert dict(zip(facts["code"], lines["denied"], strict=True)) == {"97110": 0, "97140": 1}
    same = {**day, "code": "97110", "kx_modifier": [True, False], "provider": ["A", "B"]}
    lines = price(same, fees=FEES, threshold_used=2410 - 30)
    assert lines["charges_before"].tolist() == [2408.14, 2380.0], "the line without the modifier comes first"
    assert lines["denied"].tolist() == [0, 0]


def test_a_line_without_units_is_not_denied():
    lines = price({**DAY, "minutes": [15, 0]}, fees=FEES, threshold_used=3000, deductible_met=257)
    assert lines["units"].tolist() == [1, 0]
    assert lines["denied"].tolist() == [1, 0]
    assert lines["denied_amount"].tolist() == [28.14, 0]


@pytest.mark.parametrize("kind", [pl.DataFrame, pa.table], ids=["polars", "arrow"])
def test_frames_come_back_in_their_kind(kind):
    lines = random_year(60)
    columns = {name: lines[name].tolist() for name in lines if name != "date"}
    columns["date"] = [date.date() for date in lines["date"]]
    found = price(kind(columns), fees=kind({name: FEES[name].tolist() for name in FEES}))
    assert type(found) is type(kind({"a": [1]}))
    pd.testing.assert_frame_equal(pd.DataFrame(pl.DataFrame(found).to_dict(as_series=False)), price(lines, fees=FEES))


def test_a_row_of_a_frame_is_one_line():
    row = pd.DataFrame({"code": ["97110"], "minutes": [20], "date": ["2025-03-03"], "discipline": ["GP"]}).loc[0]
    assert ar.therapy.explain(row, fees=FEES)["97110 units"] == 1
    assert price(row, fees=FEES)["units"].tolist() == [1]


def test_no_lines_have_no_prices():
    empty = pd.DataFrame({"code": [], "minutes": [], "date": [], "discipline": []})
    assert len(price(empty, fees=FEES)) == 0
    assert len(ar.therapy.units(empty)) == 0


def test_a_statement_adds_up_and_says_what_is_in_doubt():
    statement = ar.therapy.explain(DAY, fees=FEES, patient="Ada", assistant=[True, False], **MET)
    steps = statement.waterfall_steps()
    assert sum(amount for _, amount in steps[:-1]) == steps[-1][1] == Decimal("48.78")
    assert statement["97110 units"] == 2
    assert statement["97110 minutes"] == 33
    assert statement["97140 rank"] == 2
    assert statement.title == "Therapy on 2025-03-03, patient Ada"
    notes = " ".join(statement.notes)
    for figure in ("conversion_factor 32.3465", "threshold 2410", "assistant_factor 0.85", "97110, timed"):
        assert figure in notes
    assert "deductible_met" not in notes
    assert "deductible_met is 0" in " ".join(ar.therapy.explain(DAY, fees=FEES).notes)
    frame = price(DAY, fees=FEES, assistant=[True, False], **MET)
    for name in ("unreduced", "allowed", "coinsurance", "paid", "received"):
        assert float(statement[name]) == pytest.approx(frame[name].sum(), abs=1e-9)


def test_a_reader_can_compute_a_statement_again():
    """Every figure of a fee, of the threshold and of the deductible is a line."""
    facts = {"assistant": [True, False], "charge": [40.0, None], "deductible_met": 240, "threshold_used": 2350}
    statement = ar.therapy.explain(DAY, fees=FEES, gpci=(1.01, 0.95, 1.2), **facts)
    parts = ("work", "practice_expense", "malpractice")
    charges, met = statement["threshold_used"], statement["deductible_met"]
    for code in DAY["code"]:

        def of(name, code=code):
            return statement[f"{code} {name}"]

        whole, half = (
            cents(
                sum(
                    of(part) * statement[f"{part}_gpci"] * (factor if part == "practice_expense" else 1)
                    for part in parts
                )
                * statement["conversion_factor"]
            )
            for factor in (1, statement["practice_expense_factor"])
        )
        assert (of("fee"), of("reduced_fee")) == (whole, half)
        assert of("unreduced") == of("units") * whole
        reduced = of("unreduced") - (of("units") - of("full_units")) * (whole - half)
        left = reduced - of("charge_reduction")
        assert of("allowed") == cents(left * of("assistant_factor")) == left - of("assistant_reduction")
        assert of("charges_before") == charges
        assert of("deductible_left") == statement["annual_deductible"] - met
        charges += of("allowed")
        covered = of("allowed") if charges <= statement["threshold"] else Decimal(0)
        assert of("covered") == covered
        assert of("deductible") == min(covered, of("deductible_left"))
        met += of("deductible")
        assert of("coinsurance") == cents((covered - of("deductible")) * statement["coinsurance_rate"])
        assert of("sequestration") == cents(of("program_payment") * statement["sequestration_rate"])
    assert statement["97110 charge"] == 40
    assert statement["unit_minutes"] == 15


def test_a_conversion_factor_of_ones_own_is_said_to_be_given():
    statement = ar.therapy.explain(DAY, fees=FEES, conversion_factor=40, **MET)
    (line,) = [line for line in statement.lines if line.line == "conversion_factor"]
    assert line.formula.endswith(": given")
    assert line.source == ""
    assert "conversion_factor is given, in place of the table's" in statement.notes
    assert not any("given" in line.formula for line in ar.therapy.explain(DAY, fees=FEES, **MET).lines)


def test_codes_of_a_user_and_units_of_a_user():
    fees = pd.concat([FEES, FEES.head(1).assign(code="99999")])
    day = {**DAY, "code": ["97110", "99999"]}
    lines = price(day, fees=fees, timed={"99999": True}, always_therapy={"99999": False})
    assert lines["rank"].fillna(0).tolist() == [1, 0]
    assert price({**DAY, "units": [2, 0]}, fees=FEES)["units"].tolist() == [2, 0]
    assert price({**DAY, "minutes": [20, 20], "units": [1, 2]}, fees=FEES)["units"].tolist() == [1, 2]


PREAMBLE = """2025 National Physician Fee Schedule Relative Value File,,,,,,,,,
Codes are the property of others,,,,,,,,,
RELEASED 11/01/2024,,,,,,,,,
,,,,NOT USED FOR,NON-FAC,,FACILITY,,CONV
,,,,MEDICARE,,NA,,,
,,,WORK,PAYMENT,NON-FACILITY,NON-FAC,FACILITY,MP,
HCPCS,MOD,DESCRIPTION,RVU,INDICATOR,PE RVU,INDICATOR,PE RVU,RVU,FACTOR
97110,,one,0.45,,0.40,,0.40,0.02,32.3465
97140,,two,0.43,,0.35,,0.35,0.01,32.3465
97140,26,two,0.40,,0.1,,0.1,0.01,32.3465
"""


def test_the_file_of_medicare_is_read_as_it_is(tmp_path):
    path = tmp_path / "PPRRVU25_JAN.csv"
    path.write_text(PREAMBLE, encoding="latin-1")
    values = ar.therapy.read_relative_values(path)
    assert values.columns.tolist() == [
        "code",
        "modifier",
        "work",
        "practice_expense",
        "malpractice",
        "conversion_factor",
    ]
    assert values["code"].tolist() == ["97110", "97140", "97140"]
    assert values["modifier"].tolist() == ["", "", "26"]
    assert values["practice_expense"].tolist() == [0.40, 0.35, 0.1]
    assert values["malpractice"].tolist() == [0.02, 0.01, 0.01]
    for fees in (path, str(path)):
        pd.testing.assert_frame_equal(price(DAY, fees=fees), price(DAY, fees=FEES))
    layout = {"HCPCS": [97110], "MOD": [None], "WORK RVU": [0.45], "NON-FAC PE RVU": [0.4], "MP RVU": [0.02]}
    assert ar.therapy.read_relative_values(layout).iloc[0].tolist() == ["97110", "", 0.45, 0.4, 0.02]


def test_fees_by_year():
    schedule = ar.therapy.fee_schedule(FEES.head(2), calendar_year=2024)
    assert schedule["first_date"].tolist() == ["2024-01-01", "2024-03-09"] * 2
    assert schedule["fee"].tolist() == [28.49, 28.96, 25.87, 26.30]
    assert schedule["reduced_fee"].tolist() == [21.94, 22.30, 20.14, 20.47]
    assert set(schedule["confidence"]) == {"recalled"}
    both = ar.therapy.fee_schedule(FEES.head(1), calendar_year=2026)
    assert both["qualifying_apm"].tolist() == [0, 1]
    assert both["fee"].tolist() == [29.06, 29.20]
    early = ar.therapy.fee_schedule(pl.DataFrame(FEES.head(1).to_dict("list")), calendar_year=2012, gpci=(1, 1.1, 1))
    assert isinstance(early, pl.DataFrame)
    assert early["fee"].to_list() == [30.97]
    assert np.isnan(early["reduced_fee"].to_list()).all()
    years = FEES.head(1).loc[[0, 0]].assign(calendar_year=[2024, 2025], work=[0.45, 0.5])
    assert ar.therapy.fee_schedule(years, calendar_year=2025)["fee"].tolist() == [29.76]
    assert price({**DAY, "code": "97110", "minutes": 15}, fees=years)["fee"].tolist() == [29.76]
    none = ar.therapy.fee_schedule(FEES.head(1).assign(work=0, practice_expense=0, malpractice=0), calendar_year=2025)
    assert none["fee"].isna().all()


REFUSED = [
    (
        {"code": None},
        "therapy.price.code: must not be missing",
    ),
    (
        {"date": "2017-12-31"},
        "therapy.price.date: must be in a calendar year with figures: 2018, 2019, 2020, 2021, 2022, 2023, "
        "2024, 2025, 2026, got 2017-12-31",
    ),
    (
        {"calendar_year": 2024},
        "therapy.price.calendar_year: must be the year of the date, got 2024 for 2025-03-03",
    ),
    (
        {"date": "2026-03-03"},
        "therapy.price: must be given qualifying_apm, True or False: 2026 has two conversion factors, got none, and a "
        "date of 2026 on row 0",
    ),
    (
        {"discipline": "art"},
        "therapy.price.discipline: must be one of occupational, physical, speech, GO, GP, GN, got 'art'",
    ),
    (
        {"units": [3, 0]},
        "therapy.price.units[0]: must be at most 2, what 33 minutes of 97110 allow beside the others, got 3",
    ),
    (
        {"units": [4, 0]},
        "therapy.price.units[0]: must be at most 2, what 33 minutes of 97110 allow beside the others, got 4",
    ),
    (
        {"minutes": [20, 20], "units": [2, 2]},
        "therapy.price.units[0]: must come to at most 3 on a day, what 40 minutes of timed codes allow, got 4",
    ),
    (
        {"units": [1, 0.5]},
        "therapy.price.units[1]: must be a whole number of units, got 0.5",
    ),
    (
        {"units": [1, -1]},
        "therapy.price.units[1]: must be between 0 and 96 units, got -1",
    ),
    (
        {"units": [2, 1], "rule": "ama"},
        "therapy.price.units[1]: must be at most 0, what 7 minutes of 97140 allow beside the others, got 1",
    ),
    (
        {"assistant": 2},
        "therapy.price.assistant: must be true or false, got 2",
    ),
    (
        {"kx_modifier": [1, np.nan]},
        "therapy.price.kx_modifier[1]: must be true or false, got a missing value",
    ),
    (
        {"charge": -1},
        "therapy.price.charge: must be between 0 and 1,000,000 dollars, got -1",
    ),
    (
        {"charge": 1.234},
        "therapy.price.charge: must be dollars and whole cents, got 1.234",
    ),
    (
        {"deductible_met": 257.01},
        "therapy.price.deductible_met: must be at most the deductible of 2025, 257 dollars, got 257.01",
    ),
    (
        {"deductible_met": [0.0, 1.0]},
        "therapy.price.deductible_met[1]: must be the same on all lines of a patient's year, got 1 after 0 on row 0",
    ),
    (
        {"threshold_used": [0.0, 1.0]},
        "therapy.price.threshold_used[1]: must be the same on all lines of a patient's year and threshold, "
        "got 1 after 0 on row 0",
    ),
    (
        {"deductible_met": 10, "date": ["2024-05-01", "2025-05-01"]},
        "therapy.price.deductible_met: must be a column where a patient has lines of several years: each "
        "begins anew, got 10 for all",
    ),
    (
        {"conversion_factor": 0},
        "therapy.price.conversion_factor: must be above 0, got 0",
    ),
    (
        {"gpci": (1, 1)},
        "therapy.price.gpci: must be three numbers: of work, practice expense and malpractice, got (1, 1)",
    ),
    (
        {"gpci": (1, 1, 0)},
        "therapy.price.gpci[2]: must be above 0 and at most 10, got 0",
    ),
    (
        {"code": ["97110", "97113"]},
        "therapy.price.fees: must have a row for every code, got none for 97113",
    ),
    (
        {"code": ["97110", "99999"]},
        "therapy.price.code[1]: must be a code of tables()['codes'], got 99999 (say it for others: "
        "timed={'99999': True} or False)",
    ),
    (
        {"code": ["97110", "99999"], "timed": {"99999": True}},
        "therapy.price.code[1]: must be a code of tables()['codes'], got 99999 (say it for others: "
        "always_therapy={'99999': True} or False)",
    ),
    ({"colour": 1}, None),
    (
        {"minutes": [1, 2, 3]},
        "therapy.price: must have facts of one length, got code has 2, minutes has 3",
    ),
]


@pytest.mark.parametrize(("changed", "text"), REFUSED)
def test_what_is_refused(changed, text):
    with pytest.raises(ar.InputError) as error:
        price(**{**DAY, "fees": FEES, **changed})
    if text is None:
        assert str(error.value).endswith("got an unknown fact")
        assert "calendar_year" in str(error.value)
    else:
        assert str(error.value) == text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"code": "97130", "units": 1},
            "therapy.price.units: must follow the full first minutes of 97129 on the same day, got 0 units of 97129",
        ),
        (
            {"code": ["97110", "97130"], "units": [1, 2]},
            "therapy.price.units[1]: must follow the full first minutes of 97129 on the same day, got 0 units of 97129",
        ),
        (
            {"code": "97130", "minutes": 20},
            "therapy.price.minutes: must follow the full first minutes of 97129 on the same day, got 0 minutes of "
            "97129",
        ),
        ({"code": "97110", "units": 97}, "therapy.price.units: must be between 0 and 96 units, got 97"),
        ({"code": "97150", "units": 2}, "therapy.price.units: must be at most 1 of 97150 on a day, got 2"),
        ({"code": "97129", "units": 2}, "therapy.price.units: must be at most 1 of 97129 on a day, got 2"),
        (
            {"code": ["97110", "97140"], "units": [60, 37]},
            "therapy.price.units[0]: must come to at most 96 of timed codes on one day of a patient, got 97",
        ),
        ({"code": "97110"}, "therapy.price: must be given minutes or units, got only date, discipline, code"),
        (
            {"code": "97150", "units": 2, "minutes": 60},
            "therapy.price.units: must be at most 1, once a day: 97150 is not timed, got 2",
        ),
    ],
)
def test_units_that_no_minutes_allow_are_refused(changed, text):
    with pytest.raises(ar.InputError) as error:
        price(date="2025-03-03", discipline="GP", fees=FEES, **changed)
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("fees", "text"),
    [
        (
            {"code": ["97110"], "work": [1]},
            "therapy.price.fees: must have the columns practice_expense, malpractice, got only code, work",
        ),
        (
            FEES.assign(work=-1.0),
            "therapy.price.fees.work[0]: must be a number between 0 and 10,000, got -1.0",
        ),
        (pd.concat([FEES, FEES]), "therapy.price.fees.code[8]: must be there once, got 97110 twice"),
        (
            FEES.assign(work=0, practice_expense=0, malpractice=0),
            "therapy.price.fees: must have relative value units above 0: without any a code has no fee, got 0 for "
            "97110, 97140",
        ),
        (7, "therapy.price.fees: must be a data frame (pandas, polars, Arrow) or a mapping, got an int"),
    ],
)
def test_fees_that_are_refused(fees, text):
    with pytest.raises(ar.InputError) as error:
        price(DAY, fees=fees)
    assert str(error.value) == text


def test_missing_facts_are_named_together():
    with pytest.raises(ar.InputError) as error:
        price(code="97110", date="2025-03-03", fees=FEES)
    assert str(error.value) == "therapy.price: must be given discipline, minutes or units, got only code, date"


def test_files_that_are_not_there_and_codes_that_are_numbers(tmp_path):
    path = tmp_path / "PPRRVU25.csv"
    with pytest.raises(ar.InputError) as error:
        price(DAY, fees=path)
    assert (
        str(error.value)
        == f"therapy.price.fees: must be a file that can be read, got {path}: No such file or directory"
    )
    with pytest.raises(ar.InputError, match=r"^therapy\.read_relative_values: must be a file that can be read"):
        ar.therapy.read_relative_values(path)
    hint = r"got '?97110\.0'? \(codes are text, or whole numbers: read them as text\)$"
    with pytest.raises(ar.InputError, match=r"^therapy\.price\.fees\.code\[0\]: must be a code such as 97110, " + hint):
        price(DAY, fees=FEES.assign(code=[97110.0, *map(float, FEES["code"][1:])]))
    with pytest.raises(ar.InputError, match=r"^therapy\.price\.code\[1\]: must be a code of .*" + hint):
        price({**DAY, "code": pd.Series(["97140", 97110.0], dtype=object)}, fees=FEES)


def test_files_without_headers_and_several_days_are_refused(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("nothing,here\n", encoding="utf-8")
    with pytest.raises(ar.InputError, match="must have a row of headers that begins with HCPCS"):
        ar.therapy.read_relative_values(path)
    with pytest.raises(
        ar.InputError, match=r"therapy\.explain\.date: must be one: a single patient-day is explained, got 2"
    ):
        ar.therapy.explain({**DAY, "date": ["2025-03-03", "2025-03-04"]}, fees=FEES)
    with pytest.raises(
        ar.InputError, match=r"therapy\.fee_schedule\.calendar_year: must be a calendar year with a conversion"
    ):
        ar.therapy.fee_schedule(FEES, calendar_year=2011)
