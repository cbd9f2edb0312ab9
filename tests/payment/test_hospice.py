"""Hospice: levels of care at their ends, an independent pricer, both caps, tables, what is refused."""

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

PLAIN = {"wage_index": 1.0, "fiscal_year": 2025}


def payment(level, **facts):
    return ar.hospice.price(level=level, **{**PLAIN, **facts})["payment"].item()


# --- levels of care at wage index 1, where rates are as they are written ---------------------------------------------


@pytest.mark.parametrize(
    ("prior", "days", "expected"),
    [
        (0, 1, 224.62),
        (59, 1, 224.62),  # day 60
        (60, 1, 176.92),  # day 61
        (59, 2, 401.54),
        (0, 60, 13_477.20),
        (0, 61, 13_654.12),
        (55, 10, 2_007.70),
        (400, 30, 5_307.60),
    ],
)
def test_routine_care_changes_on_day_61(prior, days, expected):
    assert payment("routine", days=days, prior_days=prior) == expected


@pytest.mark.parametrize(
    ("units", "prior", "expected"),
    [
        (1, 0, 224.62),
        (31, 0, 224.62),
        (31, 60, 176.92),
        (32, 0, 539.53),  # 67.4412 × 8
        (32, 60, 539.53),
        (33, 0, 556.39),
        (96, 0, 1_618.59),
    ],
)
def test_continuous_care_from_32_units(units, prior, expected):
    assert payment("continuous", units=units, prior_days=prior) == expected


@pytest.mark.parametrize(
    ("days", "before", "prior", "expected"),
    [
        (1, 0, 0, 518.78),
        (5, 0, 0, 2_593.90),
        (6, 0, 0, 2_818.52),
        (2, 4, 4, 743.40),
        (1, 5, 5, 224.62),
        (7, 0, 54, 2_995.44),  # day 60 of the stay is its last at the first rate: 224.62 + 176.92
    ],
)
def test_respite_is_five_days_in_a_row(days, before, prior, expected):
    assert payment("inpatient_respite", days=days, prior_respite_days=before, prior_days=prior) == expected


def test_general_inpatient_care_is_flat():
    assert payment("general_inpatient", days=7, prior_days=100) == 8_190.28


@pytest.mark.parametrize(
    ("units", "expected"), [(1, 16.86), (2, 33.72), (15, 252.90), (16, 269.76), (17, 269.76), (96, 269.76)]
)
def test_service_intensity_is_at_most_four_hours(units, expected):
    assert payment("service_intensity", units=units, days_before_death=6) == expected


# --- an independent pricer -------------------------------------------------------------------------------------------

RATES = {
    2024: "218.33 172.35 1565.46 507.71 1145.31",
    2025: "224.62 176.92 1618.59 518.78 1170.04",
    2026: "230.83 181.94 1674.29 532.48 1199.86",
}
SHARES = [Decimal(share) for share in (".66", ".66", ".752", ".61", ".635")]


def cents(value):
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def priced_by_hand(row):
    rates = [Decimal(rate) for rate in RATES[row["fiscal_year"]].split()]
    index = Decimal(str(row["wage_index"]))
    labor = [cents(rate * share) for rate, share in zip(rates, SHARES, strict=True)]
    first, later, continuous, respite, inpatient = (
        part * index + rate - part for rate, part in zip(rates, labor, strict=True)
    )

    def routine(days):
        early = sum(day <= 60 for day in days)
        return cents(first * early) + cents(later * (len(days) - early))

    level, prior = row["level"], row["prior_days"]
    hour = continuous / 24
    if level == "continuous":
        if row["units"] < 32:
            return routine([prior + 1])
        units = Decimal(int(row["units"]))
        return cents(hour.quantize(Decimal("0.0001"), ROUND_DOWN) * units / 4)
    if level == "service_intensity":
        return cents(cents(hour) * min(Decimal(int(row["units"])) / 4, Decimal(4)))
    days = range(prior + 1, prior + int(row["days"]) + 1)
    if level == "routine":
        return routine(days)
    if level == "general_inpatient":
        return cents(inpatient * len(days))
    paid = max(0, min(len(days), 5 - row["prior_respite_days"]))
    return cents(respite * paid) + routine(days[paid:])


def random_lines(n, seed):
    rng = np.random.default_rng(seed)
    levels = ["routine", "continuous", "inpatient_respite", "general_inpatient", "service_intensity"]
    level = rng.choice(levels, n)
    in_units = np.isin(level, ["continuous", "service_intensity"])
    prior = rng.integers(0, 90, n)
    return pd.DataFrame(
        {
            "level": level,
            "fiscal_year": rng.choice([2024, 2025, 2026], n),
            "wage_index": rng.uniform(0.4, 1.9, n).round(4),
            "days": np.where(in_units, np.nan, rng.integers(1, 31, n)),
            "units": np.where(in_units, rng.integers(1, 97, n), np.nan),
            "days_before_death": np.where(level == "service_intensity", rng.integers(0, 7, n), np.nan),
            "prior_days": prior,
            "prior_respite_days": np.minimum(prior, rng.integers(0, 8, n)),
        }
    )


def test_random_lines_to_the_cent():
    lines = random_lines(500, seed=5)
    ours = ar.hospice.price(lines)["payment"].tolist()
    assert ours == [float(priced_by_hand(row)) for row in lines.to_dict("records")]


def test_statements_add_up_and_agree_with_frames():
    lines = random_lines(20, seed=6)
    ours = ar.hospice.price(lines)["payment"]
    for position, row in enumerate(lines.to_dict("records")):
        statement = ar.hospice.explain(row)
        *portions, (_, total) = statement.waterfall_steps()
        assert sum(value for _, value in portions) == total
        assert float(total) == ours[position]


@given(prior=st.integers(0, 80), days=st.integers(1, 60), wage_index=st.floats(0.3, 2.0))
@settings(max_examples=40, deadline=None)
def test_more_days_never_pay_less(prior, days, wage_index):
    facts = {"wage_index": round(wage_index, 4), "prior_days": prior}
    for level in ("routine", "general_inpatient", "inpatient_respite"):
        assert payment(level, days=days + 1, **facts) > payment(level, days=days, **facts)


@given(cut=st.integers(1, 89))
@settings(max_examples=20, deadline=None)
def test_a_stay_in_lines_adds_up_day_for_day(cut):
    parts = ar.hospice.price(level="routine", days=[cut, 90 - cut], prior_days=[0, cut], **PLAIN)["payment"].sum()
    assert parts == pytest.approx(payment("routine", days=90), abs=1e-6)


# --- caps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inpatient", "repaid"), [(0, 0), (199, 0), (200, 0), (201, 800), (300, 80_000), (1000, 640_000)]
)
def test_inpatient_days_over_a_fifth_are_paid_as_routine(inpatient, repaid):
    facts = {"total_days": 1000, "inpatient_payments": 1000 * inpatient, "routine_rate": 200}
    assert ar.hospice.inpatient_cap(inpatient_days=inpatient, **facts)["repayment"] == repaid


@pytest.mark.parametrize(
    ("year", "cap"),
    [
        (2020, "29964.78"),
        (2021, "30683.93"),
        (2022, "31297.61"),
        (2023, "32486.92"),
        (2024, "33494.01"),
        (2025, "34465.34"),
        (2026, "35361.44"),
    ],
)
def test_the_aggregate_cap(year, cap):
    def repaid(payments):
        return ar.hospice.aggregate_cap(payments=payments, beneficiaries=100, cap_year=year)["repayment"]

    limit = 100 * Decimal(cap)
    assert repaid(limit) == 0
    assert repaid(limit - 1) == 0
    assert repaid(limit + Decimal("0.01")) == Decimal("0.01")


def test_caps_of_many_hospices():
    frame = pl.DataFrame({"payments": [1e6, 9e6], "beneficiaries": [100.0, 200.5], "cap_year": [2024, 2025]})
    repaid = ar.hospice.aggregate_cap(frame)
    assert isinstance(repaid, pl.DataFrame)
    assert repaid["repayment"].to_list() == [0.0, 2_089_699.33]
    one = ar.hospice.aggregate_cap(payments=10, beneficiaries=2, cap_amount=3)
    assert one.waterfall_steps() == [("payments", 10), ("repayment", -4), ("kept", 6)]
    with pytest.raises(
        ar.InputError, match=r"^hospice\.aggregate_cap: must be given cap_year or cap_amount, got both$"
    ):
        ar.hospice.aggregate_cap(payments=10, beneficiaries=2, cap_amount=3, cap_year=2024)
    with pytest.raises(
        ar.InputError, match=r"^hospice\.aggregate_cap\.cap_year: must be a cap year with figures: 2020,"
    ):
        ar.hospice.aggregate_cap(payments=10, beneficiaries=2, cap_year=2019)
    with pytest.raises(
        ar.InputError, match=r"^hospice\.aggregate_cap\.payments\[1\]: must be a number of at least 0, got -1"
    ):
        ar.hospice.aggregate_cap(payments=[1, -1], beneficiaries=2, cap_year=2024)
    with pytest.raises(
        ar.InputError, match=r"^hospice\.inpatient_cap\.inpatient_days: must be at most total_days, got 5$"
    ):
        ar.hospice.inpatient_cap(inpatient_days=5, total_days=4, inpatient_payments=1, routine_rate=1)
    with pytest.raises(
        ar.InputError, match=r"^hospice\.inpatient_cap: must be given total_days, inpatient_payments, rou"
    ):
        ar.hospice.inpatient_cap(inpatient_days=5)


# --- tables, frames, rates of one's own ------------------------------------------------------------------------------


def test_tables_are_whole():
    tables = ar.hospice.tables()
    rows = [f"{row.fiscal_year},{row.care},{row.rate:.2f}" for row in tables["rates"].itertuples()]
    assert len(rows) == 15
    assert hashlib.sha256("\n".join(rows).encode()).hexdigest() == (
        "5b917a5ad0470998c1c51bd4b44b2328b906948b4deaa8cde1b144fb84397e6d"
    )
    assert tables["labor_shares"]["labor_share"].tolist() == [0.66, 0.752, 0.61, 0.635]
    assert tables["rates"].groupby("fiscal_year")["confidence"].unique().str[0].to_dict() == {
        2024: "recalled",
        2025: "read_secondary",
        2026: "doubtful",
    }
    for table in tables.values():
        assert table["confidence"].isin(["read", "read_secondary", "recalled", "doubtful"]).all()
        assert (table["source"] != "").all()


def test_statements_say_what_is_doubtful():
    notes = "\n".join(ar.hospice.explain(level="routine", days=1, **{**PLAIN, "fiscal_year": 2026}).notes)
    assert "rates: doubtful, recalled and confirmed by nothing (hospice final rule, fiscal year 2026; doubtful" in notes
    assert ar.hospice.price(level="routine", days=1, **PLAIN)["confidence"].item() == "recalled", "labor shares are"


@pytest.mark.parametrize("kind", [pl.from_pandas, pa.Table.from_pandas], ids=["polars", "arrow"])
def test_frames_of_all_kinds_give_the_same(kind):
    lines = random_lines(50, seed=3)
    theirs = ar.hospice.price(kind(lines))
    assert type(theirs) is type(kind(lines))
    pd.testing.assert_frame_equal(theirs.to_pandas(), ar.hospice.price(lines), check_dtype=False)


def test_the_order_of_rows_changes_nothing():
    lines = random_lines(200, seed=4)
    shuffled = lines.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(ar.hospice.price(shuffled).sort_index(), ar.hospice.price(lines))


def test_rates_of_ones_own():
    own = ar.hospice.tables()["rates"].query("fiscal_year == 2025").drop(columns=["source", "confidence"])
    own["rate"] = (own["rate"] * 0.96).round(2)
    facts = {**PLAIN, "level": "routine", "days": 10}
    assert ar.hospice.price(facts, rates=own)["payment"].item() == 2_156.40
    assert (
        ar.hospice.price({**facts, "fiscal_year": 2027}, rates=own.assign(fiscal_year=2027))["payment"].item()
        == 2_156.40
    )
    with pytest.raises(
        ar.InputError, match=r"^hospice\.rates: must have all five rates of every fiscal year, got 2027$"
    ):
        ar.hospice.price({**facts, "fiscal_year": 2027}, rates=own.assign(fiscal_year=2027).iloc[:3])


def reported_and_not():
    """Rates of 2025 as they are, and those of hospices that did not report quality, 4 % lower."""
    rates = ar.hospice.tables()["rates"].query("fiscal_year == 2025").drop(columns=["source", "confidence"])
    lower = rates.assign(rate=(rates["rate"] * 0.96).round(2), quality_reported="no")
    return pd.concat([rates.assign(quality_reported="yes"), lower], ignore_index=True)


@pytest.mark.parametrize(
    "kind", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas], ids=["pandas", "polars", "arrow"]
)
def test_hospices_that_did_not_report_quality_have_their_own_rates(kind):
    facts = {**PLAIN, "level": "routine", "days": 10}
    both = {"quality_reported": [True, False]}
    for order in (slice(None), slice(None, None, -1)):
        rates = kind(reported_and_not().iloc[order])
        assert ar.hospice.price(facts, **both, rates=rates)["payment"].tolist() == [2_246.20, 2_156.40]
        assert ar.hospice.price(facts, rates=rates)["payment"].item() == 2_246.20
    with pytest.raises(ar.InputError) as error:
        ar.hospice.price(facts, **both)
    assert str(error.value) == (
        "hospice.quality_reported[1]: must be true where the rates of those that did not report are not known, "
        "got false (give them as rates=, with quality_reported no)"
    )
    statement = ar.hospice.explain(facts, quality_reported=False, rates=rates)
    assert statement["first_routine_rate"] == Decimal("215.64")


def test_rates_that_are_there_twice_are_refused():
    twice = reported_and_not().drop(columns="quality_reported")
    with pytest.raises(ar.InputError) as error:
        ar.hospice.price({**PLAIN, "level": "routine", "days": 10}, rates=twice)
    assert str(error.value) == (
        "hospice.rates.rate[5]: must be there once, got first_routine of 2025 again, after row 0 (those that did not "
        "report quality have a column quality_reported, yes or no)"
    )
    renamed = reported_and_not().rename(columns={"quality_reported": "quality_reportd"})
    with pytest.raises(ar.InputError, match=r"^hospice\.rates\.quality_reportd: must not look like a fact"):
        ar.hospice.price({**PLAIN, "level": "routine", "days": 10}, rates=renamed)


SHARES_2021 = {
    "routine_labor_share": 0.6871,
    "continuous_labor_share": 0.6871,
    "respite_labor_share": 0.5413,
    "inpatient_labor_share": 0.6401,
}


def test_rates_before_2022_need_their_own_labor_shares():
    own = ar.hospice.tables()["rates"].query("fiscal_year == 2025").assign(fiscal_year=2021, confidence="read")
    facts = {"level": "inpatient_respite", "days": 4, "wage_index": 0.9, "fiscal_year": 2021}
    with pytest.raises(ar.InputError) as error:
        ar.hospice.price(facts, rates=own, inpatient_labor_share=0.6401)
    assert str(error.value) == (
        "hospice: must be given routine_labor_share, continuous_labor_share, respite_labor_share, got rates of 2021 "
        "without them (shares are shipped from fiscal year 2022 on)"
    )
    row = ar.hospice.price(facts, rates=own, **SHARES_2021).iloc[0]
    labor = cents(Decimal("518.78") * Decimal("0.5413"))
    assert row["payment"] == float(cents(4 * (labor * Decimal("0.9") + Decimal("518.78") - labor)))
    assert row["confidence"] == "read", "all figures are the user's own"
    notes = ar.hospice.explain(facts, rates=own, **SHARES_2021).notes
    assert not any(note.startswith("labor shares") for note in notes)
    of_2022 = ar.hospice.price({**facts, "fiscal_year": 2022}, rates=own.assign(fiscal_year=2022))
    assert of_2022["respite_labor_share"].item() == 0.61


# --- sequestration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "held", "paid"),
    [
        ({"through_date": "2025-03-31"}, "44.92", "2201.28"),  # 2 % of 2,246.20
        ({"sequestration_rate": 0.01}, "22.46", "2223.74"),
        ({"sequestration_rate": 0}, "0.00", "2246.20"),
        ({"sequestration_rate": 0.01, "through_date": "2025-03-31"}, "22.46", "2223.74"),
    ],
)
def test_what_is_held_back_by_law(facts, held, paid):
    case = {**PLAIN, "level": "routine", "days": 10}
    statement = ar.hospice.explain(case, **facts)
    assert (statement["sequestered"], statement["medicare_payment"]) == (Decimal(held), Decimal(paid))
    *parts, (last, total) = statement.waterfall_steps()
    assert (last, sum(value for _, value in parts)) == ("medicare_payment", total)
    row = ar.hospice.price(case, **facts).iloc[0]
    assert (row["sequestered"], row["medicare_payment"]) == (float(held), float(paid))
    dated = "sequestration_rate" not in facts
    assert any("rate 0.02 from 2022-07-01" in note for note in statement.notes) == dated


def test_rates_of_sequestration_by_date():
    rates = ar.hospice.tables()["rates"].query("fiscal_year == 2025").assign(fiscal_year=2022)
    dates = pd.to_datetime(["2022-03-31", "2022-04-01", "2022-06-30", "2022-07-01"])
    lines = ar.hospice.price(level="routine", days=1, wage_index=1, fiscal_year=2022, through_date=dates, rates=rates)
    assert lines["sequestration_rate"].tolist() == [0.0, 0.01, 0.01, 0.02]
    with pytest.raises(ar.InputError) as error:
        ar.hospice.price(level="routine", days=1, **PLAIN, through_date=["2025-09-30", "2025-10-01"])
    assert str(error.value) == ("hospice.through_date[1]: must lie in the fiscal year of the line, got 2025-10-01")


def test_without_a_date_what_medicare_pays_is_not_known():
    statement = ar.hospice.explain(level="routine", days=10, **PLAIN)
    assert statement.waterfall_steps()[-1] == ("payment", Decimal("2246.20"))
    assert not {"sequestered", "medicare_payment"} & {line.line for line in statement.lines}
    assert any("give through_date or sequestration_rate" in note for note in statement.notes)
    assert (
        ar.hospice.price(level="routine", days=10, **PLAIN)[["sequestered", "medicare_payment"]].isna().all(axis=None)
    )


# --- statements ------------------------------------------------------------------------------------------------------

LEVELS = {
    "routine": {"days": 10, "prior_days": 55},
    "continuous": {"units": 40},
    "inpatient_respite": {"days": 3},
    "general_inpatient": {"days": 2},
    "service_intensity": {"units": 9, "days_before_death": 2},
}


@pytest.mark.parametrize(("level", "facts"), LEVELS.items())
def test_a_statement_shows_what_its_level_uses(level, facts):
    statement = ar.hospice.explain(level=level, **facts, **{**PLAIN, "wage_index": 0.9})
    lines = {line.line: line for line in statement.lines}
    words = {"routine": "routine", "continuous": "continuous", "inpatient_respite": "respite"}
    own = {**words, "general_inpatient": "inpatient", "service_intensity": "continuous"}[level]
    shares = {name for name in lines if name.endswith("labor_share")}
    assert shares == {f"{own}_labor_share"}
    assert len(statement.waterfall_steps()) == 2
    for line in lines.values():
        assert not any(letter.isdigit() for letter in line.formula), "figures of policy are lines"
        assert line.unit != "factor" or line.line == "wage_index", line
    assert statement.title.endswith(f"{level}, fiscal year 2025")


def test_a_reader_can_compute_a_statement_again():
    statement = ar.hospice.explain(level="continuous", units=40, wage_index=0.9537, fiscal_year=2025)
    labor = cents(statement["continuous_rate"] * statement["continuous_labor_share"])
    adjusted = labor * statement["wage_index"] + statement["continuous_rate"] - labor
    assert statement["adjusted_continuous_rate"] == adjusted
    assert {line.line: line.unit for line in statement.lines}["adjusted_continuous_rate"] == "exact_dollars"
    hourly = (adjusted / statement["hours_per_day"]).quantize(Decimal("0.0001"), ROUND_DOWN)
    assert statement["hourly_continuous_rate"] == hourly
    assert statement["continuous_payment"] == cents(hourly * 40 / statement["units_per_hour"])


def test_days_beyond_a_level_show_routine_care_too():
    short = ar.hospice.explain(level="continuous", units=20, wage_index=0.9, fiscal_year=2025)
    assert short["least_continuous_units"] == 32
    assert short["routine_payment"] == short["payment"]
    long = ar.hospice.explain(level="inpatient_respite", days=8, prior_days=54, wage_index=0.9, fiscal_year=2025)
    assert (long["most_respite_days"], long["days_as_routine"], long["first_rate_days"]) == (5, 3, 60)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"level": "home", "days": 1}, r"^hospice\.level: must be one of routine, .*, got 'home'$"),
        ({"level": "routine"}, r"^hospice: must be given days, got only wage_index, fiscal_year, level$"),
        ({"level": "continuous"}, r"^hospice: must be given units, got only wage_index, fiscal_year, level$"),
        (
            {"level": "routine", "days": 1, "units": 3},
            r"^hospice\.units: must be missing at this level of care, got routine$",
        ),
        (
            {"level": ["routine", "continuous"], "days": 1, "units": [np.nan, 40]},
            r"^hospice\.days: must be missing at this level of care, got continuous on row 1$",
        ),
        ({"level": "routine", "days": 0}, r"^hospice\.days: must be a whole number from 1 to 366 days, got 0$"),
        ({"level": "routine", "days": 1.5}, r"^hospice\.days: must be a whole number from 1 to 366 days, got 1\.5$"),
        (
            {"level": "continuous", "units": 97},
            r"^hospice\.units: must be a whole number from 1 to 96 quarter hours, got 97$",
        ),
        (
            {"level": "service_intensity", "units": 4, "days_before_death": 7},
            r"^hospice\.days_before_death: must be a whole number from 0 to 6 days, the day of death being 0, got 7$",
        ),
        (
            {"level": "service_intensity", "units": 4},
            r"^hospice: must be given days_before_death, got only",
        ),
        ({"level": "routine", "days": 1, "prior_days": -1}, r"^hospice\.prior_days: must be between 0 and 20,000 days"),
        (
            {"level": "inpatient_respite", "days": 1, "prior_respite_days": 3},
            r"^hospice\.prior_respite_days: must be at most prior_days, got 3$",
        ),
        ({"level": "routine", "days": 1, "wage_index": np.nan}, r"^hospice\.wage_index: .* got a missing value$"),
        (
            {"level": "routine", "days": 1, "fiscal_year": 2023},
            r"^hospice\.fiscal_year: must be a fiscal year with figures: 2024, 2025, 2026, got 2023$",
        ),
        ({"level": "routine", "days": 1, "age": 3}, r"^hospice\.age: must be one of .* got an unknown fact$"),
    ],
)
def test_what_is_refused(facts, text):
    with pytest.raises(ar.InputError, match=text):
        ar.hospice.price({**PLAIN, **facts})


def test_missing_facts_are_named_together():
    with pytest.raises(
        ar.InputError, match=r"^hospice: must be given fiscal_year, level, wage_index, days or units, got none$"
    ):
        ar.hospice.price()
    with pytest.raises(ar.InputError, match=r"^hospice\.days: must be a single value, got a list"):
        ar.hospice.explain(level="routine", days=[1, 2], **PLAIN)
