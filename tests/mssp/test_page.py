"""The page of the program tells how exact the settlements are: its table is measured again."""

import re
from pathlib import Path

import pytest

import atrisk as ar
from atrisk.mssp._tables import table

PAGE = (Path(__file__).parents[2] / "docs" / "mssp.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("year", [2014, 2016, 2017, 2021, 2023])
def test_accuracy_is_as_the_page_says(year):
    settled = ar.mssp.settle(ar.mssp.read_puf(ar.datasets.mssp_puf(year)))
    apart = (settled["earned"] - settled["earned_published"]).abs()
    exact, near = apart <= 1, apart <= settled["rounding_tolerance"] + 1
    money = settled["earned_published"] != 0
    measured = [
        len(settled),
        near.sum(),
        money.sum(),
        (exact & money).sum(),
        (near & ~exact & money).sum(),
        (~near).sum(),
    ]
    assert f"| {year} | " + " | ".join(map(str, measured)) + " |" in PAGE
    for aco_id in settled.loc[~near, "aco_id"]:
        assert aco_id in PAGE


def test_every_column_of_a_settlement_is_described():
    settled = ar.mssp.settle(ar.mssp.read_puf(ar.datasets.mssp_puf(2023)))
    described = "\n".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert set(settled.columns) <= set(re.findall(r"`(\w+)`", described))
    for name in settled.columns:
        assert f"``{name}``" in ar.mssp.settle.__doc__


def test_confidence_is_as_the_page_says():
    tracks = [row["confidence"] for row in table("tracks.csv")]
    assert (tracks.count("read"), tracks.count("recalled"), tracks.count("read_secondary")) == (30, 4, 4)
    assert {row["confidence"] for row in table("payments.csv")} == {"recalled"}
    rates = [row["confidence"] for row in table("minimum_savings_rates.csv")]
    assert (rates.count("read"), rates.count("recalled"), rates.count("read_secondary")) == (10, 1, 4)
