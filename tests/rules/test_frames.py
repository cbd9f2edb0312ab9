"""What every rule takes and gives back: scalars, columns, frames of three kinds, and what it refuses."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar

RULE = ar.RiskCorridor(losses=[(0.03, 0.08, 0.5), (0.08, None, 0.8)])
TARGET, COST = [100.0, 100.0, 100.0], [108.0, 97.0, 90.0]
SETTLED = [2.5, 0.0, -4.1]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_frames_come_back_in_their_kind(kind):
    settled = RULE.settle(kind({"cost": COST, "target": TARGET, "name": ["a", "b", "c"]}))
    assert type(settled) is type(kind({"a": [1]}))
    assert [*map(float, settled["settlement"])] == SETTLED if kind is not pa.table else True
    assert (
        pd.DataFrame(settled.to_pydict() if kind is pa.table else settled.to_dict())["settlement"].tolist() == SETTLED
    )
    assert "name" not in settled


def test_pandas_keeps_its_index():
    frame = pd.DataFrame({"target": TARGET, "cost": COST}, index=pd.Index(["x", "y", "z"], name="plan"))
    pd.testing.assert_index_equal(RULE.settle(frame).index, frame.index)
    pd.testing.assert_index_equal(RULE.settle(frame[["cost"]], target=100).index, frame.index)
    pd.testing.assert_index_equal(RULE.settle(target=frame["target"], cost=frame["cost"]).index, frame.index)
    with pytest.raises(ar.InputError, match="must have facts with one index"):
        RULE.settle(target=frame["target"], cost=frame["cost"].reset_index(drop=True))


@pytest.mark.parametrize(
    "cost",
    [
        COST,
        np.array(COST),
        np.array(COST, dtype=np.float32),
        [108, 97, 90],
        [Decimal(108), Decimal(97), Decimal(90)],
        pd.Series([108, 97, 90], dtype="Int64"),
        pd.Series(COST),
        pa.array(COST),
        pa.array([Decimal("108.00"), Decimal("97.00"), Decimal("90.00")]),
    ],
)
def test_columns_of_any_kind_meet_a_number(cost):
    settled = RULE.settle(target=100, cost=cost)
    assert isinstance(settled, pd.DataFrame)
    assert settled["settlement"].tolist() == SETTLED


def test_polars_series_give_a_polars_frame():
    assert RULE.settle(target=100, cost=pl.Series(COST))["settlement"].to_list() == SETTLED


def test_a_mapping_is_facts_by_name():
    assert RULE.settle({"target": 100, "cost": 108})["settlement"] == Decimal("2.50")
    assert RULE.settle({"target": TARGET, "cost": COST})["settlement"].tolist() == SETTLED


def test_no_cases_settle_to_none():
    settled = RULE.settle(pd.DataFrame({"target": [], "cost": []}))
    assert len(settled) == 0
    assert list(settled.columns) == ["loss", "gain", "payer_pays", "payer_takes", "settlement"]


def test_frames_agree_with_statements_to_the_cent():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"target": rng.uniform(1e3, 1e9, 300).round(2), "cost": rng.uniform(1e3, 1e9, 300).round(2)})
    settled = RULE.settle(frame)
    for row in range(300):
        statement = RULE.settle(**frame.loc[row])
        assert [float(statement[line]) for line in settled.columns] == settled.loc[row].tolist()


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({}, "RiskCorridor: must be given target, cost, got none of them"),
        ({"cost": 1}, "RiskCorridor: must be given target"),
        ({"target": 1, "cost": 1, "costs": 2}, "RiskCorridor.costs: must be one of target, cost, got an unknown fact"),
        ({"target": 1, "cost": "1"}, "RiskCorridor.cost: must be a number, got '1'"),
        ({"target": 1, "cost": ["1", 2]}, "RiskCorridor.cost[0]: must be a number, got '1'"),
        ({"target": 1, "cost": [1, "x"]}, "RiskCorridor.cost[0]: must be a number, got '1'"),
        (
            {"target": 1, "cost": [[1, 2], [3, 4]]},
            "RiskCorridor.cost: must be a number or a column of numbers, got 2 dimensions",
        ),
        (
            {"target": 1, "cost": [[1], [2, 3]]},
            "RiskCorridor.cost: must be a number or a column of numbers, got [[1], [2, 3]]",
        ),
        (
            {"target": [1, 2, 3], "cost": [1, 2]},
            "RiskCorridor: must have facts of one length, got target has 3, cost has 2",
        ),
        (
            {"target": 1, "cost": [1, np.nan]},
            "RiskCorridor.cost[1]: must be a number of dollars of at most 1e12 in size, got nan",
        ),
        (
            {"target": 1, "cost": pd.Series([1, 2, None], dtype="Int64")},
            "RiskCorridor.cost[2]: must be a number of dollars of at most 1e12 in size, got nan",
        ),
        (
            {"target": 1, "cost": pd.Series(["2024-01-01"]).astype("datetime64[ns]")},
            "RiskCorridor.cost[0]: must be a number, got",
        ),
        (
            {"target": 1, "cost": 2e12},
            "RiskCorridor.cost: must be a number of dollars of at most 1e12 in size, got 2000000000000",
        ),
    ],
)
def test_facts_are_refused(facts, message):
    with pytest.raises(ar.InputError) as error:
        RULE.settle(**facts)
    assert str(error.value).startswith(message) if message.endswith("got") else str(error.value) == message


def test_frames_are_refused():
    with pytest.raises(ar.InputError, match="RiskCorridor: must be given target, cost, got none of them"):
        RULE.settle(pd.DataFrame({"a": [1]}))
    with pytest.raises(ar.InputError, match=r"RiskCorridor.cost\[1\]: must be a number of dollars .* got nan"):
        RULE.settle(pl.DataFrame({"target": [1.0, 2.0], "cost": [1.0, None]}))
    with pytest.raises(ar.InputError, match=r"must be a data frame \(pandas, polars, Arrow\) or a mapping, got a list"):
        RULE.settle([1, 2])
    twice = pd.DataFrame([[1, 2, 3]], columns=["target", "cost", "cost"])
    with pytest.raises(ar.InputError, match="must have each column once"):
        RULE.settle(twice)
