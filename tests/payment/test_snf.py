"""Skilled nursing: the worked example, an independent pricer, ladders of days, tables, what is refused."""

import datetime as dt
import hashlib
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar

CASE = {"hipps": "NHNC1", "area": "urban", "wage_index": 0.95, "days": 30, "value_based_multiplier": 0.985}
PLAIN = {"hipps": "NHNC1", "area": "urban", "wage_index": 1.0, "fiscal_year": 2026}
LETTERS = {"P": 16, "L": 12, "Y": 25, "F": 6}


def payment(**facts):
    return ar.snf.price({**PLAIN, **facts})["payment"].item()


# --- the worked example ---------------------------------------------------------------------------------------------

STEPS = {
    "physical_therapy_rate": "106.02",
    "occupational_therapy_rate": "100.10",
    "speech_language_rate": "76.36",
    "nursing_rate": "194.04",
    "nta_rate": "173.29",
    "non_case_mix_rate": "118.21",
    "therapy_factor_days": "29.74",
    "nta_factor_days": "36",
    "therapy_portion": "6130.01",
    "nta_portion": "6238.44",
    "other_portion": "11658.30",
    "total": "24026.75",
    "labor_portion": "17275.23",
    "adjusted_labor_portion": "16411.47",
    "nonlabor_portion": "6751.52",
    "federal_payment": "23162.99",
    "payment": "22815.55",
    "coinsurance_days": "10",
    "coinsurance": "2170.00",
    "sequestered": "412.91",
    "medicare_payment": "20232.64",
}


@pytest.mark.parametrize(("line", "value"), STEPS.items())
def test_the_worked_example_step_by_step(line, value):
    """Two percent of 22,815.55 − 10 × 217.00 are held back."""
    facts = {"fiscal_year": 2026, "calendar_year": 2026, "sequestration_rate": 0.02}
    assert ar.snf.explain(CASE, **facts)[line] == Decimal(value)
    assert ar.snf.price(CASE, **facts)[line].item() == float(value)


def test_the_worked_example_adds_up():
    statement = ar.snf.explain(CASE, fiscal_year=2026, through_date="2026-03-31")
    rates = [line for line in STEPS if line.endswith("_rate")]
    assert sum(statement[line] for line in rates) == Decimal("768.02")
    *steps, (last, total) = statement.waterfall_steps()
    assert (last, total) == ("medicare_payment", Decimal("20232.64"))
    assert sum(value for _, value in steps) == total


def test_without_a_year_coinsurance_is_not_known():
    statement = ar.snf.explain(CASE, fiscal_year=2026)
    *steps, (last, total) = statement.waterfall_steps()
    assert (last, sum(value for _, value in steps)) == ("payment", total)
    assert "coinsurance is not known: give calendar_year, through_date or coinsurance_per_day" in statement.notes
    row = ar.snf.price(CASE, fiscal_year=2026).iloc[0]
    assert np.isnan(row["coinsurance"])
    assert np.isnan(row["medicare_payment"])
    short = ar.snf.price({**CASE, "days": 20}, fiscal_year=2026, sequestration_rate=0).iloc[0]
    assert (short["coinsurance"], short["medicare_payment"]) == (0.0, short["payment"])


@pytest.mark.parametrize("year", [{"calendar_year": 2026}, {"days": 20}])
def test_without_a_date_sequestration_is_not_known(year):
    """Nothing is held back only where somebody says so."""
    statement = ar.snf.explain({**CASE, **year}, fiscal_year=2026)
    *steps, (last, total) = statement.waterfall_steps()
    assert (last, sum(value for _, value in steps)) == ("payment", total)
    assert not {"sequestered", "medicare_payment"} & {line.line for line in statement.lines}
    assert any("give through_date or sequestration_rate" in note for note in statement.notes)
    row = ar.snf.price({**CASE, **year}, fiscal_year=2026).iloc[0]
    assert row[["sequestered", "medicare_payment"]].isna().all()


# --- an independent pricer, from the steps and tables of the specification ------------------------------------------

RATES = {
    (2021, "urban"): "62.04 57.75 23.16 108.16 81.60 96.85",
    (2021, "rural"): "70.72 64.95 29.18 103.34 77.96 98.64",
    (2022, "urban"): "62.82 58.48 23.45 109.51 82.62 98.07",
    (2022, "rural"): "71.61 65.77 29.55 104.63 78.93 99.88",
    (2024, "urban"): "70.27 65.41 26.23 122.48 92.41 109.69",
    (2024, "rural"): "80.10 73.56 33.05 117.03 88.29 111.72",
    (2025, "urban"): "73.25 68.18 27.35 127.68 96.33 114.34",
    (2025, "rural"): "83.50 76.69 34.46 121.99 92.03 116.46",
    (2026, "urban"): "75.73 70.49 28.28 132.00 99.59 118.21",
    (2026, "rural"): "86.33 79.29 35.63 126.12 95.15 120.40",
}
SHARES = {2020: ".709", 2021: ".7130", 2022: ".704", 2023: ".708", 2024: ".711", 2025: ".720", 2026: ".719"}
NEW = (
    "1.45 1.61 1.78 1.81 1.34 1.52 1.58 1.10 1.07 1.34 1.44 1.03 1.20 1.40 1.47 1.02",
    "1.41 1.54 1.60 1.45 1.33 1.51 1.55 1.09 1.12 1.37 1.46 1.05 1.23 1.42 1.47 1.03",
    ".64 1.72 2.52 1.38 2.21 2.82 1.93 2.70 3.34 2.83 3.50 3.98",
    "3.84 2.90 2.77 2.27 1.88 2.12 1.76 1.97 1.64 1.63 1.35 1.77 1.53 1.47 1.03 1.27 .89 .98 .94 1.48 1.39 1.15 .67 "
    "1.07 .62",
    "3.06 2.39 1.74 1.26 .91 .68",
)
OLD = (
    "1.53 1.70 1.88 1.92 1.42 1.61 1.67 1.16 1.13 1.42 1.52 1.09 1.27 1.48 1.55 1.08",
    "1.49 1.63 1.69 1.53 1.41 1.60 1.64 1.15 1.18 1.45 1.54 1.11 1.30 1.50 1.55 1.09",
    ".68 1.82 2.67 1.46 2.34 2.98 2.04 2.86 3.53 2.99 3.70 4.21",
    "4.06 3.07 2.93 2.40 1.99 2.24 1.86 2.08 1.73 1.72 1.43 1.87 1.62 1.55 1.09 1.34 .94 1.04 .99 1.57 1.47 1.22 .71 "
    "1.13 .66",
    "3.25 2.53 1.85 1.34 .96 .72",
)
COINSURANCE = {2020: "176", 2021: "185.5", 2022: "194.5", 2023: "200", 2024: "204", 2025: "209.5", 2026: "217"}
MOVED = dict(zip("ABCDEF", "AAAABC", strict=True))


def cents(value):
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def therapy_factor(day):
    return Decimal(1) if day <= 20 else 1 - Decimal("0.02") * -(-(day - 20) // 7)


def nta_factor(day):
    return Decimal(3 if day <= 3 else 1)


def priced_by_hand(row):
    base = [Decimal(rate) for rate in RATES[row["fiscal_year"], row["area"]].split()]
    indexes = [[Decimal(index) for index in line.split()] for line in (OLD if row["fiscal_year"] < 2023 else NEW)]
    letters = "PAYF" if row["hipps"] == "ZZZZZ" else row["hipps"][:4]
    nta = MOVED[letters[3]] if row["aids"] else letters[3]
    groups = [letters[0], letters[0], letters[1], letters[2], nta]
    rates = [cents(index[ord(letter) - 65] * rate) for letter, index, rate in zip(groups, indexes, base, strict=False)]
    pt, ot, slp, nursing, ancillary = rates
    if row["aids"]:
        nursing = cents(nursing * Decimal("1.18"))
    days = range(row["prior_days"] + 1, row["prior_days"] + row["days"] + 1)
    total = cents((pt + ot) * sum(map(therapy_factor, days))) + cents(ancillary * sum(map(nta_factor, days)))
    total += cents((nursing + slp + base[5]) * row["days"])
    share = Decimal(SHARES[row["fiscal_year"]])
    labor = cents(cents(total * share) * Decimal(str(row["wage_index"])))
    paid = cents(Decimal(str(row["value_based_multiplier"])) * (labor + cents(total * (1 - share))))
    shared = min(paid, sum(day > 20 for day in days) * Decimal(COINSURANCE[row["calendar_year"]]))
    return paid, shared, paid - shared - cents((paid - shared) * Decimal(str(row["sequestration_rate"])))


def random_claims(n, seed):
    rng = np.random.default_rng(seed)
    prior = rng.integers(0, 99, n)
    year = rng.choice([2021, 2022, 2024, 2025, 2026], n)
    hipps = [
        "".join(chr(65 + rng.integers(size)) for size in LETTERS.values()) + str(rng.integers(2)) for _ in range(n)
    ]
    return pd.DataFrame(
        {
            "hipps": np.where(rng.random(n) < 0.03, "ZZZZZ", hipps),
            "fiscal_year": year,
            "calendar_year": year - rng.integers(0, 2, n),
            "area": rng.choice(["urban", "rural"], n),
            "wage_index": rng.uniform(0.4, 1.9, n).round(4),
            "days": [int(rng.integers(1, 101 - before)) for before in prior],
            "prior_days": prior,
            "value_based_multiplier": rng.uniform(0.98, 1.03, n).round(10),
            "aids": rng.random(n) < 0.3,
            "sequestration_rate": rng.choice([0.0, 0.01, 0.02], n),
        }
    )


def test_random_claims_to_the_cent():
    claims = random_claims(600, seed=7)
    ours = ar.snf.price(claims)
    by_hand = [priced_by_hand(row) for row in claims.to_dict("records")]
    for position, line in enumerate(["payment", "coinsurance", "medicare_payment"]):
        assert ours[line].tolist() == [float(amounts[position]) for amounts in by_hand], line


def test_statements_and_frames_agree():
    claims = random_claims(20, seed=8)
    ours = ar.snf.price(claims)
    for position, row in enumerate(claims.to_dict("records")):
        statement = ar.snf.explain(row)
        for line in ["total", "payment", "coinsurance", "medicare_payment"]:
            assert float(statement[line]) == ours[line][position]


# --- days -----------------------------------------------------------------------------------------------------------


def test_the_schedule_is_the_rule():
    table = ar.snf.tables()["variable_per_diem"]
    assert table["day"].tolist() == list(range(1, 101))
    assert table["therapy_factor"].tolist() == [float(therapy_factor(day)) for day in range(1, 101)]
    assert table["nta_factor"].tolist() == [float(nta_factor(day)) for day in range(1, 101)]


@pytest.mark.parametrize(
    ("day", "therapy", "nta"),
    [
        (1, 1.0, 3.0),
        (3, 1.0, 3.0),
        (4, 1.0, 1.0),
        (20, 1.0, 1.0),
        (21, 0.98, 1.0),
        (27, 0.98, 1.0),
        (28, 0.96, 1.0),
        (97, 0.78, 1.0),
        (98, 0.76, 1.0),
        (100, 0.76, 1.0),
    ],
)
def test_a_ladder_of_days(day, therapy, nta):
    row = ar.snf.price(**PLAIN, days=1, prior_days=day - 1, calendar_year=2026).iloc[0]
    assert (row["therapy_factor_days"], row["nta_factor_days"]) == (therapy, nta)
    assert row["coinsurance"] == (217.0 if day > 20 else 0.0)


def test_a_hundred_days():
    row = ar.snf.price(**PLAIN, days=100, calendar_year=2026).iloc[0]
    assert (row["therapy_factor_days"], row["nta_factor_days"]) == (90.04, 106.0)
    assert (row["coinsurance_days"], row["coinsurance"]) == (80, 17_360.0)


@given(
    hipps=st.tuples(*(st.integers(0, size - 1) for size in LETTERS.values())),
    prior=st.integers(0, 90),
    aids=st.booleans(),
    wage_index=st.floats(0.3, 2.0),
    multiplier=st.floats(0.9, 1.1),
)
@settings(max_examples=60, deadline=None)
def test_more_days_never_pay_less(hipps, prior, aids, wage_index, multiplier):
    code = "".join(chr(65 + letter) for letter in hipps) + "1"
    days = np.arange(1, 101 - prior)
    facts = {"hipps": code, "prior_days": prior, "aids": aids, "wage_index": round(wage_index, 4), "days": days}
    paid = ar.snf.price(**{**PLAIN, **facts}, value_based_multiplier=round(multiplier, 6))["payment"]
    assert (paid.diff().dropna() > 0).all()


@given(cuts=st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True))
@settings(max_examples=40, deadline=None)
def test_a_stay_in_claims_adds_up_day_for_day(cuts):
    """Factors add up exactly; amounts but for what each claim rounds: three portions, labor, and both adjustments."""
    ends = [0, *sorted(cuts), 100]
    prior, days = ends[:-1], [after - before for before, after in pairwise(ends)]
    facts = {"value_based_multiplier": 0.985, "calendar_year": 2026}
    claims = ar.snf.price(**PLAIN | facts, days=days, prior_days=prior)
    stay = ar.snf.price(**PLAIN | facts, days=100).iloc[0]
    for line in ["therapy_factor_days", "nta_factor_days", "coinsurance_days", "coinsurance"]:
        assert claims[line].sum() == pytest.approx(stay[line], abs=1e-9)
    assert claims["payment"].sum() == pytest.approx(stay["payment"], abs=0.035 * (len(days) + 1))


def test_days_of_an_earlier_stay_count_for_coinsurance_alone():
    row = ar.snf.price(**PLAIN, days=10, benefit_days_used=15, calendar_year=2026).iloc[0]
    assert (row["nta_factor_days"], row["coinsurance_days"]) == (16.0, 5)
    assert row["payment"] == payment(days=10)


def test_coinsurance_is_at_most_the_payment():
    cheap = {**PLAIN, "hipps": "PAYF1", "wage_index": 0.1, "value_based_multiplier": 0.5}
    row = ar.snf.price(**cheap, days=10, prior_days=90, calendar_year=2026, sequestration_rate=0.02).iloc[0]
    assert (row["coinsurance"], row["medicare_payment"]) == (row["payment"], 0.0)


# --- groups, AIDS, quality, years -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("letter", "moved"), MOVED.items())
def test_aids_moves_ancillaries_up_and_raises_nursing(letter, moved):
    row = ar.snf.price(**{**PLAIN, "hipps": f"NHN{letter}1"}, days=10, aids=True).iloc[0]
    assert row["nta_group"] == f"N{moved}"
    assert (row["aids_add_on"], row["nursing_rate"]) == (34.93, 228.97)  # 18 % of 194.04


def test_the_default_code_is_priced_as_its_groups():
    first, second = (ar.snf.price(**{**PLAIN, "hipps": code}, days=30) for code in ("ZZZZZ", "PAYF1"))
    pd.testing.assert_frame_equal(first, second)
    assert first[["therapy_group", "speech_group", "nursing_group", "nta_group"]].iloc[0].tolist() == [
        "TP",
        "SA",
        "PA1",
        "NF",
    ]


def test_groups_by_name_price_as_their_code():
    groups = {"therapy_group": "TN", "speech_group": "SH", "nursing_group": "CBC2", "nta_group": "NC"}
    by_name = ar.snf.price(groups, area="urban", wage_index=1.0, days=30, fiscal_year=2026)
    pd.testing.assert_frame_equal(by_name, ar.snf.price(**PLAIN, days=30))
    both = ar.snf.price(groups, **PLAIN, days=30)
    assert both["payment"].item() == by_name["payment"].item()
    with pytest.raises(ar.InputError, match=r"^snf\.nta_group: must be NC where hipps is given too, got 'ND'$"):
        ar.snf.price({**groups, "nta_group": "ND"}, **PLAIN, days=30)


@pytest.mark.parametrize("year", [2020, 2023])
def test_years_without_indexes_need_the_users_own(year):
    rule = rf"^snf\.fiscal_year: must be a fiscal year with figures: 2021, 2022, 2024, 2025, 2026, got {year} "
    with pytest.raises(ar.InputError, match=rule):
        payment(fiscal_year=year, days=30)
    table = ar.snf.tables()["case_mix_indexes"]
    own = table[table["first_year"] == 2024][["component", "letter", "index"]].assign(fiscal_year=year)
    row = ar.snf.price({**PLAIN, "fiscal_year": year, "days": 30}, case_mix_indexes=pl.from_pandas(own)).iloc[0]
    base = {2020: 60.75, 2023: 66.06}[year]
    assert row["physical_therapy_rate"] == float(cents(Decimal("1.40") * Decimal(str(base))))
    few = own[own["letter"] != "N"]
    with pytest.raises(ar.InputError, match=r"must have the index of physical_therapy of every claim's letter"):
        ar.snf.price({**PLAIN, "fiscal_year": year, "days": 30}, case_mix_indexes=few)


def test_rates_without_quality_reporting_are_the_users_own():
    rule = r"^snf\.quality_reported\[1\]: must be true where the rates of those that did not report are not known"
    with pytest.raises(ar.InputError, match=rule):
        ar.snf.price(**PLAIN, days=[10, 10], quality_reported=[True, False])
    with pytest.raises(ar.InputError, match=r"^snf\.quality_reported: "):
        payment(fiscal_year=2021, days=10, quality_reported=False)
    table = ar.snf.tables()["base_rates"].query("fiscal_year == 2026 and area == 'urban'")
    own = table.assign(rate=(table["rate"] * 0.98).round(2), quality_reported="no").drop(
        columns=["confidence", "source"]
    )
    flagged = own.assign(quality_reported=False)
    row = ar.snf.price({**PLAIN, "days": 10}, base_rates=flagged, quality_reported=False).iloc[0]
    assert (
        row["payment"] == ar.snf.price({**PLAIN, "days": 10}, base_rates=own, quality_reported=False)["payment"].item()
    )
    assert row["nursing_base_rate"] == 129.36
    assert row["payment"] < payment(days=10)


def test_figures_of_ones_own_for_a_new_year():
    tables = ar.snf.tables()
    rates = tables["base_rates"].query("fiscal_year == 2026").assign(fiscal_year=2027)
    indexes = tables["case_mix_indexes"].query("first_year == 2024").assign(first_year=2027, last_year=2027)
    facts = {**PLAIN, "fiscal_year": 2027, "days": 30}
    with pytest.raises(ar.InputError, match=r"^snf\.labor_share: must be given for this fiscal year, got 2027$"):
        ar.snf.price(facts, base_rates=rates, case_mix_indexes=indexes)
    own = ar.snf.price(facts, base_rates=rates, case_mix_indexes=indexes, labor_share=0.719, coinsurance_per_day=220)
    assert own["payment"].item() == payment(days=30)
    assert own["coinsurance"].item() == 2200.0


@pytest.mark.parametrize(("year", "word"), [(2021, "doubtful"), (2026, "recalled")])
def test_statements_say_what_nobody_read(year, word):
    notes = "\n".join(ar.snf.explain(**{**PLAIN, "fiscal_year": year}, days=10).notes)
    assert f"case-mix indexes: {word}" in notes
    assert ar.snf.price(**{**PLAIN, "fiscal_year": year}, days=10)["confidence"].item() == word


def test_confidence_is_that_of_the_figures_used():
    """The ends of the nursing range were read; with indexes of one's own only the rates of summaries are left."""
    own = ar.snf.tables()["case_mix_indexes"].query("first_year == 2024").drop(columns="confidence")
    row = ar.snf.price({**PLAIN, "days": [10, 30], "area": ["urban", "urban"]}, case_mix_indexes=own)
    assert row["confidence"].tolist() == ["read_secondary", "recalled"]


def own_indexes(**years):
    table = ar.snf.tables()["case_mix_indexes"].query("first_year == 2024")
    return table[["component", "letter", "index"]].assign(**years)


@pytest.mark.parametrize(
    ("first", "second", "year"),
    [
        ({"fiscal_year": 2026}, {"fiscal_year": 2026}, 2026),
        ({"first_year": 2024, "last_year": 2026}, {"first_year": 2026, "last_year": 2028}, 2026),
        ({"first_year": 2024, "last_year": 2028}, {"first_year": 2025, "last_year": 2025}, 2025),
    ],
)
def test_indexes_that_are_there_twice_are_refused(first, second, year):
    twice = pd.concat([own_indexes(**first), own_indexes(**second)], ignore_index=True)
    rule = rf"^snf\.case_mix_indexes\.index\[75\]: must be there once, got \w+ \w of {year} again, after row 0$"
    with pytest.raises(ar.InputError, match=rule):
        ar.snf.price({**PLAIN, "days": 10}, case_mix_indexes=twice)


def test_spans_that_follow_each_other_are_no_double():
    spans = [own_indexes(first_year=2024, last_year=2025), own_indexes(first_year=2026, last_year=2027)]
    own = pd.concat(spans, ignore_index=True)
    assert ar.snf.price({**PLAIN, "days": 10}, case_mix_indexes=own)["payment"].item() == payment(days=10)
    with pytest.raises(
        ar.InputError, match=r"^snf\.case_mix_indexes\.last_year\[0\]: must not be before first_year, 2026"
    ):
        ar.snf.price({**PLAIN, "days": 10}, case_mix_indexes=own_indexes(first_year=2026, last_year=2025))


def test_base_rates_that_are_there_twice_are_refused():
    table = ar.snf.tables()["base_rates"].query("fiscal_year == 2026")
    with pytest.raises(ar.InputError, match=r"^snf\.base_rates\.rate\[12\]: must be there once, got urban physical_th"):
        ar.snf.price({**PLAIN, "days": 10}, base_rates=pd.concat([table, table.head(1)], ignore_index=True))
    both = pd.concat([table, table.assign(quality_reported="no")], ignore_index=True)
    assert ar.snf.price({**PLAIN, "days": 10}, base_rates=both)["payment"].item() == payment(days=10)


# --- statements -----------------------------------------------------------------------------------------------------


def test_a_statement_tells_its_claim():
    statement = ar.snf.explain({**PLAIN, "days": 30, "aids": True}, through_date="2026-03-31")
    assert statement.title == "snf NHNC1 TN SH CBC2 NA, urban, fiscal year 2026, AIDS"
    assert (statement["aids_add_on_rate"], statement["full_days"]) == (Decimal("0.18"), 20)
    assert any(note.startswith("aids_add_on is taken of the nursing rate in cents") for note in statement.notes)
    without = ar.snf.explain({**PLAIN, "days": 30})
    assert without.title == "snf NHNC1 TN SH CBC2 NC, urban, fiscal year 2026"
    assert "aids_add_on_rate" not in {line.line for line in without.lines}


@pytest.mark.parametrize(
    ("date", "note"),
    [
        ("2022-04-15", "rate 0.01 from 2022-04-01 to 2022-06-30"),
        ("2022-08-15", "rate 0.02 from 2022-07-01 on"),
    ],
)
def test_the_note_of_sequestration_is_that_of_the_date(date, note):
    notes = ar.snf.explain({**PLAIN, "fiscal_year": 2022, "days": 10}, through_date=date).notes
    told = [each for each in notes if "rate 0.0" in each]
    assert len(told) == 1
    assert note in told[0]
    assert "2013" not in told[0]


# --- dates ----------------------------------------------------------------------------------------------------------


def test_dates_give_calendar_year_and_sequestration():
    dates = pd.to_datetime(["2025-10-31", "2025-12-31", "2026-01-31", "2026-09-30"])
    rows = ar.snf.price(**PLAIN, days=10, prior_days=30, through_date=dates)
    assert rows["coinsurance_per_day"].tolist() == [209.5, 209.5, 217.0, 217.0]
    assert rows["sequestration_rate"].tolist() == [0.02] * 4
    older = {**PLAIN, "fiscal_year": 2022}
    rows = ar.snf.price(**older, days=10, through_date=["2022-03-31", "2022-04-30", "2022-07-31"])
    assert rows["sequestration_rate"].tolist() == [0.0, 0.01, 0.02]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_dates_of_all_kinds(kind):
    dates = [dt.date(2025, 12, 31), dt.date(2026, 1, 31)]
    frame = kind({"through_date": dates, "hipps": ["NHNC1"] * 2, "days": [10, 10], "prior_days": [30, 30]})
    rows = ar.snf.price(frame, area="urban", wage_index=1.0, fiscal_year=2026)
    assert np.asarray(rows["coinsurance_per_day"]).tolist() == [209.5, 217.0]


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            {"through_date": "2025-09-30"},
            r"^snf\.through_date: must lie in the fiscal year of the claim, got 2025-09-30$",
        ),
        ({"through_date": "2026-10-01"}, r"^snf\.through_date: must lie in the fiscal year"),
        ({"through_date": "2025-10-05"}, r"^snf\.days: must begin in the fiscal year, got 10 \(a claim must not span"),
        (
            {"from_date": "2025-09-30", "through_date": "2025-10-15"},
            r"^snf\.from_date: must begin in the fiscal year, got 2025-09-30 \(a claim must not span fiscal years",
        ),
        (
            {"from_date": "2026-01-10", "through_date": "2026-01-18"},
            r"^snf\.days: must be at most the days from from_date to through_date, got 10$",
        ),
        (
            {"from_date": "2026-01-10", "through_date": "2026-01-09"},
            r"^snf\.from_date: must not lie after through_date, got 2026-01-10$",
        ),
        ({"from_date": "2026-01-10"}, r"^snf: must be given through_date with from_date, got only from_date$"),
        (
            {"through_date": "2026-01-05", "prior_days": 30},
            r"^snf\.through_date: must lie in one calendar year where patients pay coinsurance, got 2026-01-05 \(give",
        ),
        ({"through_date": "soon"}, r"^snf\.through_date: must be a date \(YYYY-MM-DD\), got 'soon'$"),
        ({"calendar_year": 2024}, r"^snf\.calendar_year: must be the fiscal year or the year before, got 2024$"),
        (
            {"calendar_year": 2025, "through_date": "2026-03-15"},
            r"^snf\.calendar_year: must be the calendar year of a day of the claim, got 2025$",
        ),
        (
            {"calendar_year": [2026, 2026], "through_date": ["2026-03-15", "2025-11-30"], "coinsurance_per_day": 1},
            r"^snf\.calendar_year\[1\]: must be the calendar year of a day of the claim, got 2026$",
        ),
    ],
)
def test_dates_that_cannot_be(facts, text):
    with pytest.raises(ar.InputError, match=text):
        ar.snf.price(**PLAIN, **{"days": 10, **facts})


def test_days_up_to_the_span_of_the_claim():
    dates = {"from_date": "2026-01-10", "through_date": "2026-01-19"}
    assert ar.snf.price(**PLAIN, days=10, **dates)["payment"].item() == payment(days=10)


# --- tables ---------------------------------------------------------------------------------------------------------


def checksum(frame, *columns):
    rows = [
        ",".join(f"{value:.2f}" if isinstance(value, float) else str(value) for value in row)
        for row in frame[list(columns)].itertuples(index=False)
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def test_tables_are_whole():
    tables = ar.snf.tables()
    indexes = tables["case_mix_indexes"]
    assert indexes.groupby("first_year").size().to_dict() == {2021: 75, 2024: 75}
    assert indexes["letter"].groupby(indexes["component"]).nunique().to_dict() == {
        "nta": 6,
        "nursing": 25,
        "occupational_therapy": 16,
        "physical_therapy": 16,
        "speech_language": 12,
    }
    whole = checksum(indexes, "first_year", "last_year", "component", "letter", "group", "index")
    assert whole == "1d51c403333b30946a5837de799d7f6fcf2161629de3dd843e0ebd10e54fabd8"
    conditions = tables["conditions"]
    assert (len(conditions), conditions["points"].sum()) == (50, 83)
    assert checksum(conditions, "condition", "points") == (
        "1c0cbf1c8a292a9e1971e157c643b4fd6a0bbb38cf0a6447b70c78c30ecae18b"
    )
    assert checksum(tables["variable_per_diem"], "day", "therapy_factor", "nta_factor") == (
        "90f714f2ec443b0579221db3dcfcc923d7dfdd36ad5479e6861312d6bce71920"
    )
    rates = tables["base_rates"].query("quality_reported == 'yes'")
    assert len(rates) == 7 * 2 * 6
    assert checksum(rates, "fiscal_year", "area", "component", "rate") == (
        "5399bf708e40515b98257981a73e110bf2bef24d982c8377d29a9ce0f18a152b"
    )
    assert checksum(tables["coinsurance"], "calendar_year", "coinsurance_per_day") == (
        "a3dc7049c81a8cfb00223f3d3b7599f015f925081c11b8296eb7bbc4d7d10ab7"
    )
    assert tables["labor_shares"].set_index("fiscal_year")["labor_share"].to_dict() == {
        year: float(share) for year, share in SHARES.items()
    }


@pytest.mark.parametrize("name", list(ar.snf.tables()))
def test_every_row_has_its_source(name):
    table = ar.snf.tables()[name]
    assert table["confidence"].isin(["read", "read_secondary", "recalled", "doubtful"]).all()
    assert (table["source"] != "").all()


# --- frames ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [pl.from_pandas, pa.Table.from_pandas], ids=["polars", "arrow"])
def test_frames_of_all_kinds_give_the_same(kind):
    claims = random_claims(50, seed=3)
    expected = ar.snf.price(claims)
    theirs = ar.snf.price(kind(claims))
    assert type(theirs) is type(kind(claims))
    pd.testing.assert_frame_equal(theirs.to_pandas(), expected, check_dtype=False)


def test_the_order_of_rows_changes_nothing():
    claims = random_claims(200, seed=4)
    shuffled = claims.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(ar.snf.price(shuffled).sort_index(), ar.snf.price(claims))
    assert ar.snf.price(claims.iloc[:0]).shape[0] == 0


# --- what is refused ------------------------------------------------------------------------------------------------

BAD = [
    (
        {"hipps": ["NHNC1", "QHNC1"]},
        r"^snf\.hipps\[1\]: must be five characters: .*, got 'QHNC1' \('Q' is no therapy group",
    ),
    ({"hipps": "NMNC1"}, r"^snf\.hipps: .* \('M' is no speech group\)$"),
    ({"hipps": "NHZC1"}, r"^snf\.hipps: .* \('Z' is no nursing group\)$"),
    ({"hipps": "NHNG1"}, r"^snf\.hipps: .* \('G' is no nta group\)$"),
    ({"hipps": "NHNC2"}, r"^snf\.hipps: .* \('2' is no assessment\)$"),
    ({"hipps": "nhnc1"}, r"^snf\.hipps: .* got 'nhnc1'"),
    ({"hipps": "NHNC"}, r"^snf\.hipps: .* got 'NHNC'$"),
    ({"hipps": ["NHNC1", None]}, r"^snf\.hipps\[1\]: .* got a missing value$"),
    ({"area": "suburban"}, r"^snf\.area: must be one of urban, rural, got 'suburban'$"),
    ({"days": 0}, r"^snf\.days: must be between 1 and 100 days, got 0$"),
    ({"days": [3, -1]}, r"^snf\.days\[1\]: must be between 1 and 100 days, got -1$"),
    ({"days": 2.5}, r"^snf\.days: must be a whole number of days, got 2\.5$"),
    ({"days": np.nan}, r"^snf\.days: .* got a missing value$"),
    ({"days": "ten"}, r"^snf\.days: must be a number, got 'ten'$"),
    ({"days": 11, "prior_days": 90}, r"^snf\.days: must, with prior_days, be at most the 100 days .* got 101$"),
    (
        {"days": [10, 30], "benefit_days_used": [0, 71]},
        r"^snf\.days\[1\]: must, with benefit_days_used, be at most the 100 days of a benefit period, got 101$",
    ),
    ({"prior_days": 30, "benefit_days_used": 20}, r"^snf\.benefit_days_used: must be at least prior_days, got 20$"),
    ({"prior_days": -1}, r"^snf\.prior_days: must be between 0 and 99 days, got -1$"),
    ({"wage_index": 0}, r"^snf\.wage_index: must be between 0\.1 and 5, got 0$"),
    ({"wage_index": np.inf}, r"^snf\.wage_index: must be between 0\.1 and 5, got inf$"),
    ({"value_based_multiplier": 0}, r"^snf\.value_based_multiplier: must be between 0\.5 and 1\.5, got 0$"),
    ({"aids": [True, None]}, r"^snf\.aids\[1\]: must be true or false, got a missing value$"),
    ({"aids": 2}, r"^snf\.aids: must be true or false, got 2$"),
    (
        {"fiscal_year": 2019},
        r"^snf\.fiscal_year: must be a fiscal year with figures: 2021, .*2026, got 2019 \(give your own case_mix",
    ),
    ({"calendar_year": 2010}, r"^snf\.calendar_year: must be a calendar year with figures: 2018, .*, got 2010$"),
    ({"labor_share": 71.9}, r"^snf\.labor_share: must be between 0 and 1, got 71\.9$"),
    ({"stay": 3}, r"^snf\.stay: must be one of fiscal_year, hipps, .* got an unknown fact$"),
    ({"days": [1, 2], "wage_index": [1.0, 1.0, 1.0]}, r"^snf: must have facts of one length, got "),
    ({"days": [[1, 2], [3]]}, r"^snf\.days: must be a value or a column of values, got \[\[1, 2\], \[3\]\]$"),
    ({"days": [[1, 2]]}, r"^snf\.days: must be a number or a column of numbers, got 2 dimensions$"),
]


@pytest.mark.parametrize(("facts", "text"), BAD)
def test_what_is_refused(facts, text):
    with pytest.raises(ar.InputError, match=text):
        ar.snf.price(**{**PLAIN, "days": 10, **facts})


def test_missing_facts_are_named_together():
    with pytest.raises(
        ar.InputError, match=r"^snf: must be given fiscal_year, hipps, area, wage_index, days, got none$"
    ):
        ar.snf.price()
    with pytest.raises(ar.InputError, match=r"^snf: must be given speech_group, nta_group, wage_index, got only "):
        ar.snf.price(fiscal_year=2026, therapy_group="TN", nursing_group="CBC2", area="urban", days=3)


def test_one_case_is_explained():
    with pytest.raises(ar.InputError, match=r"^snf: must be one case: a mapping, a row, or facts by name"):
        ar.snf.explain(pd.DataFrame([CASE]), fiscal_year=2026)
    with pytest.raises(ar.InputError, match=r"^snf\.days: must be a single value, got a list"):
        ar.snf.explain(**PLAIN, days=[1, 2])
    row = pd.DataFrame([CASE]).iloc[0]
    assert ar.snf.explain(row, fiscal_year=2026)["payment"] == Decimal("22815.55")
    assert ar.snf.price(row, fiscal_year=2026)["payment"].tolist() == [22_815.55]


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ([1], r"^snf\.base_rates: must be a data frame \(pandas, polars, Arrow\) or a mapping of columns"),
        ({"area": ["urban"]}, r"^snf\.base_rates: must have the columns component, rate, fiscal_year, got only area$"),
        (
            {"area": ["x"], "component": ["nta"], "rate": [1.0], "fiscal_year": [2026]},
            r"^snf\.base_rates\.area\[0\]: must be one of urban, rural, got 'x'$",
        ),
        (
            {"area": ["urban"], "component": ["nta"], "rate": [-1.0], "fiscal_year": [2026]},
            r"^snf\.base_rates\.rate\[0\]: must be a number above 0, got -1$",
        ),
        (
            {"area": ["urban"], "component": ["nta"], "rate": [1.0], "fiscal_year": [2026.5]},
            r"^snf\.base_rates\.fiscal_year\[0\]: must be a year, got 2026\.5$",
        ),
        (
            {"area": ["urban"], "component": ["nta"], "rate": [1.0], "first_year": [2024], "last_year": [2026]},
            r"^snf\.base_rates: must have the columns fiscal_year, got only area, component, rate, first_year, last_",
        ),
        (
            {"area": ["urban"], "component": ["nta"], "rate": ["x"], "fiscal_year": [2026]},
            r"^snf\.base_rates\.rate\[0\]: must be a number, got 'x'$",
        ),
        (
            {
                "area": ["urban"],
                "component": ["nta"],
                "rate": [1],
                "fiscal_year": [2026],
                "quality_reported": ["maybe"],
            },
            r"^snf\.base_rates\.quality_reported\[0\]: must be one of yes, no, got 'maybe'$",
        ),
        (
            {"area": ["urban"], "component": ["nta"], "rate": [1], "fiscal_year": [2026], "confidence": ["sure"]},
            r"^snf\.base_rates\.confidence\[0\]: must be one of doubtful, recalled, read_secondary, read, got 'sure'$",
        ),
    ],
)
def test_tables_of_ones_own_are_checked(own, text):
    with pytest.raises(ar.InputError, match=text):
        ar.snf.price({**PLAIN, "days": 10}, base_rates=own)
