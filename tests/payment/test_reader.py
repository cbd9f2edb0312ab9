"""What all payment systems and rules read alike: facts once, near misses refused, numbers as they are written."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar

CLAIM = {"hipps": "NHNC1", "area": "urban", "wage_index": 0.95, "days": 30}
STAY = {"level": "routine", "days": 10, "wage_index": 1.0}
FEES = {"code": ["97110"], "work": [0.45], "practice_expense": [0.4], "malpractice": [0.02]}
LINE = {"code": "97110", "minutes": 30, "date": "2025-03-03", "discipline": "GP"}


def kinds(columns):
    frame = pd.DataFrame(columns)
    return [frame, pl.from_pandas(frame), pa.Table.from_pandas(frame), columns]


@pytest.mark.parametrize("frame", kinds({**{name: [value] for name, value in CLAIM.items()}, "fiscal_year": [2025]}))
def test_a_column_and_the_same_by_name_are_refused(frame):
    rule = (
        r"^snf\.fiscal_year: must be given once, got a column and the same by name \(drop the column, or leave out fis"
    )
    with pytest.raises(ar.InputError, match=rule):
        ar.snf.price(frame, fiscal_year=2026)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: ar.hospice.price(pd.DataFrame([{**STAY, "fiscal_year": 2024}]), fiscal_year=2025), "fiscal_year"),
        (lambda: ar.therapy.price(pd.DataFrame([LINE]), fees=FEES, date="2024-03-03"), "date"),
        (lambda: ar.Sequestration().settle({"amount": [100.0], "date": ["2024-01-01"]}, date="2020-06-01"), "date"),
        (lambda: ar.hospice.explain({**STAY, "fiscal_year": 2024}, fiscal_year=2025), "fiscal_year"),
    ],
)
def test_nothing_is_given_twice_in_other_systems(call, name):
    with pytest.raises(ar.InputError, match=rf"\.{name}: must be given once"):
        call()


def test_frames_are_settled_as_before():
    frame = pl.DataFrame({"amount": [100.0, 50.0], "date": ["2024-01-01", "2020-06-01"]})
    settled = ar.Sequestration().settle(frame)
    assert isinstance(settled, pl.DataFrame)
    assert settled["paid"].to_list() == [98.0, 50.0]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_misspelt_columns_of_a_frame_are_refused(kind):
    frame = kind({**{name: [value] for name, value in CLAIM.items()}, "prior_day": [20]})
    rule = (
        r"^snf\.prior_day: must not look like a fact without being one, got 'prior_day' \(rename it to 'prior_days' if"
    )
    with pytest.raises(ar.InputError, match=rule):
        ar.snf.price(frame, fiscal_year=2026)
    with pytest.raises(ar.InputError, match=rule):
        ar.snf.price(pd.DataFrame({**CLAIM, "prior_day": 20}, index=[0]).iloc[0], fiscal_year=2026)


def test_other_columns_are_left_alone():
    frame = pd.DataFrame({name: [value] for name, value in CLAIM.items()})
    plain = ar.snf.price(frame, fiscal_year=2026, prior_days=0)
    wider = frame.assign(patient="Ada", admission_date="2026-01-01", payer="A", prior_day=3, Days=4)
    pd.testing.assert_frame_equal(ar.snf.price(wider, fiscal_year=2026, prior_days=0), plain)
    with pytest.raises(ar.InputError, match=r"^SharedSavings\.spendings: "):
        ar.SharedSavings(sharing_rate=0.5).settle(pd.DataFrame({"benchmark": [1e6], "spendings": [9e5]}))


@pytest.mark.parametrize("dtype", [np.float32, np.float16, "Float32"])
def test_short_numbers_are_read_as_they_are_written(dtype):
    """In single precision 0.95 is 0.949999988: cents would move."""
    indexes = np.random.default_rng(1).uniform(0.4, 1.9, 3000).round(4 if dtype != np.float16 else 2)
    frame = pd.DataFrame({**{name: [value] * 3000 for name, value in CLAIM.items()}, "wage_index": indexes})
    expected = ar.snf.price(frame, fiscal_year=2026)["payment"]
    short = frame.astype({"wage_index": dtype})
    pd.testing.assert_series_equal(ar.snf.price(short, fiscal_year=2026)["payment"], expected, check_exact=True)
    fees = pd.DataFrame(FEES).astype({"work": dtype, "practice_expense": dtype, "malpractice": dtype})
    assert ar.therapy.price(LINE, fees=fees)["fee"].tolist() == [28.14]
    paid = ar.Sequestration(rates=0.02).settle(amount=np.float32(1234.55))
    assert float(paid["payment"]) == 1234.55


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ar.snf.price({**CLAIM, "days": True}, fiscal_year=2026), "snf.days: must be a number, got true"),
        (
            lambda: ar.snf.price({**CLAIM, "days": [3, True]}, fiscal_year=2026, prior_days=np.array([False, True])),
            "snf.prior_days[0]: must be a number, got false",
        ),
        (
            lambda: ar.hospice.price({**STAY, "days": [True, True]}, fiscal_year=2025),
            "hospice.days[0]: must be a number, got true",
        ),
        (
            lambda: ar.therapy.price({**LINE, "minutes": True}, fees=FEES),
            "therapy.price.minutes: must be a number, got true",
        ),
        (
            lambda: ar.snf.price({**CLAIM, "wage_index": pd.Series([1.0, True], dtype=object)}, fiscal_year=2026),
            "snf.wage_index[1]: must be a number, got true",
        ),
    ],
)
def test_switches_are_no_numbers(call, text):
    with pytest.raises(ar.InputError) as error:
        call()
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: ar.snf.price({**CLAIM, "aids": "yes"}, fiscal_year=2026),
            "snf.aids: must be true or false, got 'yes'",
        ),
        (
            lambda: ar.therapy.price({**LINE, "assistant": ["CO"]}, fees=FEES),
            "therapy.price.assistant[0]: must be true or false, got 'CO'",
        ),
        (
            lambda: ar.hospice.price({**STAY, "quality_reported": 3}, fiscal_year=2025),
            "hospice.quality_reported: must be true or false, got 3",
        ),
    ],
)
def test_words_are_no_switches(call, text):
    with pytest.raises(ar.InputError) as error:
        call()
    assert str(error.value) == text


def test_the_row_is_told_where_a_value_holds_for_all():
    with pytest.raises(ar.InputError) as error:
        ar.snf.price({**CLAIM, "fiscal_year": [2026, 2021]}, quality_reported=False)
    assert str(error.value).startswith("snf.quality_reported: must be true where")
    assert "got false on row 0" in str(error.value)


def test_doubtful_is_the_least_sure():
    assert ar.hospice.price(STAY, fiscal_year=2026)["confidence"].item() == "doubtful"
    assert ar.snf.price({**CLAIM, "fiscal_year": [2021, 2024, 2025]})["confidence"].tolist() == [
        "doubtful",
        "doubtful",
        "recalled",
    ]
    notes = ar.hospice.explain(STAY, fiscal_year=2026).notes
    assert any(note.startswith("rates: doubtful, recalled and confirmed by nothing (hospice final") for note in notes)
    rural = ar.snf.tables()["base_rates"].query("fiscal_year == 2026 and area == 'rural'")
    assert rural["confidence"].value_counts().to_dict() == {"recalled": 3, "doubtful": 3}


def test_nothing_is_drawn_of_what_comes_to_nothing():
    import matplotlib.pyplot as plt  # noqa: PLC0415 - drawn here alone

    ax = ar.hospice.explain(level="inpatient_respite", days=3, wage_index=0.9, fiscal_year=2025).plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["respite payment", "payment"]
    plt.close(ax.figure)
