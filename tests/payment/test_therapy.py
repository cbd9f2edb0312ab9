"""Units of therapy: every example of the manual, the whole table, ladders, what always holds, what is refused."""

import doctest
import hashlib
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar

units = ar.therapy.units
TIMED = ["97110", "97112", "97116", "97140", "97035", "97530", "97535"]
DAYS = st.dictionaries(st.sampled_from(TIMED), st.integers(0, 120), min_size=1, max_size=7)

# Examples: minutes, total, Medicare's units, units code by code.
EXAMPLES = [
    ({"97112": 24, "97110": 23}, 47, {"97112": 2, "97110": 1}, {"97112": 2, "97110": 2}),
    ({"97112": 20, "97110": 20}, 40, {"97112": 1, "97110": 2}, {"97112": 1, "97110": 1}),
    ({"97110": 33, "97140": 7}, 40, {"97110": 2, "97140": 1}, {"97110": 2, "97140": 0}),
    (
        {"97110": 18, "97140": 13, "97116": 10, "97035": 8},
        49,
        {"97110": 1, "97140": 1, "97116": 1, "97035": 0},
        {"97110": 1, "97140": 1, "97116": 1, "97035": 1},
    ),
    ({"97112": 7, "97110": 7, "97140": 7}, 21, {"97112": 0, "97110": 1, "97140": 0}, dict.fromkeys(TIMED[:2], 0)),
]


@pytest.mark.parametrize(("minutes", "total", "medicare", "alone"), EXAMPLES)
def test_examples_of_the_manual(minutes, total, medicare, alone):
    assert sum(minutes.values()) == total
    assert units(minutes) == medicare
    assert sum(medicare.values()) == (total + 7) // 15
    assert units(minutes, rule="ama") == {code: alone.get(code, 0) for code in minutes}


def test_the_whole_table_of_units_and_minutes():
    table = ar.therapy.tables()["eight_minute_units"]
    assert table["units"].tolist() == list(range(17))
    for row in table.itertuples():
        for minutes in range(row.least_minutes, row.most_minutes + 1):
            assert units({"97110": minutes}) == {"97110": row.units}
            split = units({"97110": minutes // 2, "97140": minutes - minutes // 2})
            assert sum(split.values()) == row.units, minutes
    assert (table["least_minutes"].iloc[1:].to_numpy() == table["most_minutes"].iloc[:-1].to_numpy() + 1).all()


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0, 0), (7, 0), (8, 1), (22, 1), (23, 2), (37, 2), (38, 3), (52, 3), (53, 4), (112, 7), (113, 8), (1440, 96)],
)
def test_a_ladder_of_minutes(minutes, expected):
    assert units({"97530": minutes}) == {"97530": expected}
    assert units({"97530": minutes}, rule="ama") == {"97530": expected}


def test_untimed_codes_are_one_a_day_and_their_minutes_do_not_count():
    assert units({"97165": 45, "97110": 7}) == {"97165": 1, "97110": 0}
    assert units({"97150": 60, "97110": 8}) == {"97150": 1, "97110": 1}
    assert units({"97150": 1}, rule="ama") == {"97150": 1}
    assert units({"code": ["97165", "97110"], "minutes": [None, 8]})["units"].tolist() == [1, 1]


def test_small_services_make_a_unit_for_the_one_with_most_minutes():
    assert units({"97110": 2, "97140": 6, "97112": 5}) == {"97110": 0, "97140": 1, "97112": 0}


def test_equal_rests_go_to_more_minutes_then_to_the_code():
    assert units({"97110": 7, "97140": 22}) == {"97110": 0, "97140": 2}  # both have 7 left of 29
    assert units({"97140": 20, "97110": 20}) == {"97140": 1, "97110": 2}


def test_first_minutes_and_further_ones():
    assert units({"97129": 15, "97130": 30}) == {"97129": 1, "97130": 2}
    assert units({"97129": 15, "97130": 7}) == {"97129": 1, "97130": 0}
    assert units({"97129": 8}) == {"97129": 1}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(DAYS)
def test_units_never_exceed_what_the_minutes_allow(minutes):
    found, total = units(minutes), sum(minutes.values())
    assert sum(found.values()) == (total + 7) // 15
    assert all(minutes[code] // 15 <= found[code] <= -(-minutes[code] // 15) for code in minutes)
    alone = units(minutes, rule="ama")
    assert all(alone[code] == (minutes[code] + 7) // 15 for code in minutes)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(DAYS, st.sampled_from(TIMED), st.integers(1, 60))
def test_more_minutes_never_make_fewer_units(minutes, code, more):
    longer = minutes | {code: minutes.get(code, 0) + more}
    for rule in ("cms", "ama"):
        assert sum(units(longer, rule=rule).values()) >= sum(units(minutes, rule=rule).values())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(DAYS)
def test_the_largest_rests_are_rounded_up(minutes):
    found = units(minutes)
    up = [minutes[code] % 15 for code in minutes if found[code] > minutes[code] // 15]
    down = [minutes[code] % 15 for code in minutes if found[code] == minutes[code] // 15]
    assert not up or not down or min(up) >= max(down)


def random_lines(n=2_000, seed=3):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "patient": rng.choice([f"patient {i}" for i in range(60)], n),
            "date": rng.choice(pd.date_range("2025-01-01", periods=40), n),
            "discipline": rng.choice(["physical", "occupational", "speech"], n),
            "code": rng.choice([*TIMED, "97150", "97165"], n),
            "minutes": rng.integers(1, 50, n),
        }
    )


def test_a_frame_is_its_days_one_by_one():
    lines = random_lines().drop_duplicates(["patient", "date", "discipline", "code"]).reset_index(drop=True)
    for rule in ("cms", "ama"):
        found = units(lines, rule=rule)
        assert list(found.columns) == [*lines.columns, "units"]
        for _, day in found.groupby(["patient", "date", "discipline"]):
            expected = units(dict(zip(day["code"], map(int, day["minutes"]), strict=True)), rule=rule)
            assert dict(zip(day["code"], day["units"], strict=True)) == expected


def test_the_order_of_lines_changes_nothing():
    lines = random_lines().drop_duplicates(["patient", "date", "discipline", "code"])
    mixed = lines.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(units(mixed)["units"].sort_index(), units(lines)["units"].sort_index())


def test_lines_of_one_code_share_its_units():
    lines = pd.DataFrame({"code": ["97110", "97110", "97140", "97150", "97150"], "minutes": [10, 28, 7, 30, 20]})
    assert units(lines)["units"].tolist() == [
        1,
        2,
        0,
        1,
        0,
    ]  # 45 minutes: 3; 97110 has 38 of them and all whole quarters
    found = units(random_lines())
    by_code = found.groupby(["patient", "date", "discipline", "code"])[["minutes", "units"]].sum()
    timed = by_code[by_code.index.get_level_values("code").isin(TIMED)]
    assert (timed["units"] >= timed["minutes"] // 15).all()
    assert (timed["units"] <= -(-timed["minutes"] // 15)).all()
    pools = timed.groupby(level=[0, 1, 2]).sum()
    assert (pools["units"] == (pools["minutes"] + 7) // 15).all()


def test_days_of_any_name_and_hours_of_a_date():
    lines = {"day": [1, 1, "b"], "code": "97110", "minutes": [4, 4, 8]}
    assert units({**lines, "code": ["97110", "97140", "97110"]})["units"].tolist() == [1, 0, 1]
    hours = pd.to_datetime(["2025-01-01 08:00", "2025-01-01 15:00"])
    assert units({"date": hours, "code": ["97110", "97140"], "minutes": [4, 4]})["units"].tolist() == [1, 0]


@pytest.mark.parametrize("kind", [pl.DataFrame, pa.table], ids=["polars", "arrow"])
def test_frames_come_back_in_their_kind(kind):
    found = units(kind({"code": ["97110", "97140"], "minutes": [33, 7]}))
    assert type(found) is type(kind({"a": [1]}))
    assert pl.DataFrame(found).to_dict(as_series=False) == {
        "code": ["97110", "97140"],
        "minutes": [33, 7],
        "units": [2, 1],
    }
    index = pd.DataFrame({"code": ["97110"], "minutes": [33]}, index=["x"])
    assert units(index)["units"].to_dict() == {"x": 2}


def test_codes_of_a_user():
    assert units({"99999": 30}, timed={"99999": True}) == {"99999": 2}
    assert units({"99999": 30}, timed={"99999": False}) == {"99999": 1}
    assert units({}) == {}


@pytest.mark.parametrize(
    ("minutes", "options", "text"),
    [
        ({"97110": -1}, {}, "therapy.units['97110']: must be between 0 and 1,440 minutes, got -1"),
        ({"97110": 1441}, {}, "therapy.units['97110']: must be between 0 and 1,440 minutes, got 1441"),
        ({"97110": 7.5}, {}, "therapy.units['97110']: must be a whole number of minutes, got 7.5"),
        (
            {"97110": float("nan")},
            {},
            "therapy.units['97110']: must be between 0 and 1,440 minutes, got a missing value",
        ),
        ({"97110": float("inf")}, {}, "therapy.units['97110']: must be between 0 and 1,440 minutes, got inf"),
        ({"97110": "ten"}, {}, "therapy.units['97110']: must be a number, got 'ten'"),
        ({"97110": [1]}, {}, "therapy.units['97110']: must be minutes, a whole number, got [1]"),
        (
            {"97110": 800, "97140": 641},
            {},
            "therapy.units['97110']: must come to at most 1,440 minutes on one day of a patient, got 1,441",
        ),
        (
            {"99999": 10, "X": 3},
            {},
            "therapy.units.code[0]: must be a code of tables()['codes'], got 99999, X (say it for others: "
            "timed={'99999': True} or False)",
        ),
        ({"99999": 10}, {"timed": {"99999": 1}}, "therapy.units.timed['99999']: must be True or False, got 1"),
        (
            {"97150": 0},
            {},
            "therapy.units['97150']: must be above 0 for an untimed code, got 0 (leave out the line of what was not "
            "done; leave minutes missing where they were not recorded)",
        ),
        (
            {"97129": 20},
            {},
            "therapy.units['97129']: must be at most 15 minutes of 97129 on a day, got 20 (it covers the first "
            "minutes; give further ones under the code that follows it)",
        ),
        (
            {"97130": 20},
            {},
            "therapy.units['97130']: must follow the full first minutes of 97129 on the same day, got 0 minutes of "
            "97129",
        ),
        (
            {"97129": 14, "97130": 20},
            {},
            "therapy.units['97130']: must follow the full first minutes of 97129 on the same day, got 14 minutes of "
            "97129",
        ),
        ({"97110": 10}, {"rule": "midpoint"}, "therapy.units.rule: must be one of cms, ama, got 'midpoint'"),
        ({"code": ["97110"]}, {}, "therapy.units: must be given minutes, got only code"),
        (
            {"code": ["97110", "97110"], "minutes": [8, -3]},
            {},
            "therapy.units.minutes[1]: must be between 0 and 1,440 minutes, got -3",
        ),
        (
            {"code": ["97110"], "minutes": [8], "discipline": ["PT"]},
            {},
            "therapy.units.discipline[0]: must be one of occupational, physical, speech, GO, GP, GN, got 'PT'",
        ),
        (
            {"code": ["97110"], "minutes": [8], "date": ["May 1"]},
            {},
            "therapy.units.date[0]: must be a date (YYYY-MM-DD), got 'May 1'",
        ),
        (
            {"code": ["97110", None], "minutes": [8, 8]},
            {},
            "therapy.units.code[1]: must not be missing",
        ),
        (7, {}, "therapy.units: must be a data frame (pandas, polars, Arrow) or a mapping, got an int"),
    ],
)
def test_what_is_refused(minutes, options, text):
    with pytest.raises(ar.InputError) as error:
        units(minutes, **options)
    assert str(error.value) == text


# Rows and a digest of the numbers of each table, to see that none moves.
SHIPPED = {
    "codes": (34, ["code", "timed", "always_therapy", "most_minutes", "after"], "d63c0f94002a362f"),
    "conversion_factors": (
        23,
        ["calendar_year", "first_date", "qualifying_apm", "conversion_factor"],
        "c72766ba8a076d72",
    ),
    "eight_minute_units": (17, ["units", "least_minutes", "most_minutes"], "28b4d69032d43de4"),
    "figures": (33, ["figure", "first_date", "last_date", "value"], "7056f50735e77081"),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_tables_are_whole(name):
    table = ar.therapy.tables()[name]
    rows, columns, digest = SHIPPED[name]
    assert len(table) == rows
    assert set(table["confidence"]) <= {"read", "read_secondary", "recalled"}
    assert (table["source"].str.len() > 0).all()
    text = table[columns].to_csv(index=False)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_figures_hold_from_date_to_date():
    figures = ar.therapy.tables()["figures"]
    thresholds = figures[figures["figure"] == "threshold"]["value"].tolist()
    assert thresholds == [2010, 2040, 2080, 2110, 2150, 2230, 2330, 2410, 2480]
    deductibles = figures[figures["figure"] == "deductible"]["value"].tolist()
    assert deductibles == [183, 185, 198, 203, 233, 226, 240, 257, 283]
    codes = ar.therapy.tables()["codes"].set_index("code")
    untimed = ["97018", "97022", "97150", *(str(code) for code in range(97161, 97169)), "G0283"]
    assert sorted(codes.index[codes["timed"] == 0]) == sorted(untimed)
    assert codes.index[codes["always_therapy"] == 0].tolist() == ["97129", "97130"]


PAGE = (Path(__file__).parents[2] / "docs/payment/therapy.md").read_text(encoding="utf-8")


def test_the_page_runs_and_names_every_fact_and_column():
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, "therapy", None, 0)
    assert doctest.DocTestRunner().run(test) == doctest.TestResults(0, 6)
    fees = {"code": ["97110"], "work": [0.45], "practice_expense": [0.4], "malpractice": [0.02]}
    lines = ar.therapy.price(fees=fees, code="97110", minutes=15, date="2025-01-02", discipline="GP")
    with pytest.raises(ar.InputError) as error:
        ar.therapy.price(fees=fees, unknown=1)
    for name in [*lines.columns, *re.findall(r"\w+", error.value.rule.removeprefix("must be one of"))]:
        assert f"`{name}`" in PAGE, name


@pytest.mark.parametrize("module", ["_figures", "_price", "_relative_values", "_units"])
def test_examples_run(module):
    found = doctest.testmod(import_module(f"atrisk.therapy.{module}"))
    assert found.attempted
    assert not found.failed
