"""Target prices by hand, what they always hold, and what is refused."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar
from atrisk import episodes
from atrisk.contracts.episode_bundle import EpisodeBundle

TEAM = episodes.PriceRules.team(year=2026, category="lejr")


def baseline(rows=300, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "cell": rng.choice(["470", "469"], rows),
            "year": rng.choice([2022, 2023, 2024], rows),
            "actual": rng.lognormal(10, 0.7, rows).round(2),
        }
    )


def test_a_price_by_hand():
    """.17 × 10,000 + .33 × 20,000 + .50 × 30,000 = 23,300, trended, less 2 %, normalized."""
    frame = pd.DataFrame({"cell": "470", "year": [2024, 2022, 2023], "actual": [30_000.0, 10_000.0, 20_000.0]})
    rules = episodes.PriceRules.team(year=2026, category="lejr", cap_percentile=1.0)
    [row] = episodes.target_prices(frame, rules=rules, trend=1.1, normalization=0.9).to_dict("records")
    assert row["benchmark"] == pytest.approx(23_300, rel=1e-14)
    assert row["target_price"] == pytest.approx(23_300 * 1.1 * 0.98 * 0.9, rel=1e-14)
    assert (row["episodes"], row["cap"], row["capped_episodes"]) == (3, 30_000, 0)


def test_caps_by_hand():
    """Of 0, 100, ... 10,000 the 99th percentile is 9,900; of 1 to 5 mean 3 and standard deviation √2.5."""
    ladder = pd.DataFrame({"cell": "470", "actual": np.arange(101) * 100.0})
    rules = episodes.PriceRules(cap_percentile=0.99)
    [row] = episodes.target_prices(ladder, rules=rules).to_dict("records")
    assert (row["cap"], row["capped_episodes"]) == (9_900.0, 1)
    assert row["benchmark"] == pytest.approx((505_000 - 100) / 101, rel=1e-14)
    few = pd.DataFrame({"cell": "470", "actual": [1.0, 2.0, 3.0, 4.0, 50.0]})
    mean, spread = 12.0, np.sqrt((121 + 100 + 81 + 64 + 1_444) / 4)
    [row] = episodes.target_prices(few, rules=episodes.PriceRules(cap_deviations=1.0)).to_dict("records")
    assert row["cap"] == pytest.approx(mean + spread, rel=1e-14)
    assert row["benchmark"] == pytest.approx((10 + mean + spread) / 5, rel=1e-14)


def test_prices_are_those_of_plain_loops():
    frame = baseline()
    priced = episodes.target_prices(frame, rules=TEAM, trend={"469": 1.02, "470": 1.03}, normalization=0.98)
    for row in priced.itertuples():
        own = frame[frame["cell"] == row.cell]
        spent = sorted(own["actual"])
        place = 0.99 * (len(spent) - 1)
        low = spent[int(place)]
        cap = low + (place - int(place)) * (spent[int(place) + 1] - low)
        price = 0.0
        for year, weight in zip([2022, 2023, 2024], [0.17, 0.33, 0.5], strict=True):
            of_year = [min(each, cap) for each in own.loc[own["year"] == year, "actual"]]
            price += weight * sum(of_year) / len(of_year)
        trend = {"469": 1.02, "470": 1.03}[row.cell]
        assert row.cap == pytest.approx(cap, rel=1e-12)
        assert row.target_price == pytest.approx(price * trend * 0.98 * 0.98, rel=1e-12)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.permutations(range(300)))
def test_the_order_of_rows_changes_no_bit(order):
    frame = baseline()
    prices = episodes.target_prices(frame, rules=TEAM)
    pd.testing.assert_frame_equal(prices, episodes.target_prices(frame.iloc[order], rules=TEAM), check_exact=True)


def test_a_lower_cap_never_raises_a_price():
    frame = baseline()
    prices = [
        episodes.target_prices(frame, rules=episodes.PriceRules(cap_percentile=cap))["target_price"].to_numpy()
        for cap in (0.5, 0.9, 0.99, 1.0)
    ]
    assert all((low < high).all() for low, high in pairwise(prices))


def test_a_statement_explains_the_price():
    statement = episodes.explain(baseline(), cell="470", rules=TEAM, trend=1.05)
    priced = episodes.target_prices(baseline(), rules=TEAM, trend=1.05).set_index("cell").loc["470"]
    assert statement["target_price"] == Decimal(str(round(priced["target_price"], 2)))
    means = [statement[f"mean_{year}"] * statement[f"weight_{year}"] for year in (2022, 2023, 2024)]
    assert abs(sum(means) - statement["benchmark"]) <= Decimal("0.01")
    assert statement["capped_episodes"] == priced["capped_episodes"]
    assert "Recalled, not checked against a text: " in repr(statement)
    assert "percentile 99 of the cell" in repr(statement)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_frames_come_back_in_their_kind(kind):
    frame = kind(baseline().to_dict("list"))
    assert type(episodes.target_prices(frame, rules=TEAM)) is type(frame)
    adjusted = episodes.risk_adjusted_targets(frame, {"470": 1.0, "469": 2.0}, rules=TEAM)
    assert type(adjusted) is type(frame)


@pytest.mark.parametrize(
    ("trend", "normalization", "factor"),
    [
        (1.02, 0.98, 1.02 * 0.98),
        (1.03, 1.05, 1.03 * 1.05),
        (1.0301, 1.0501, 1.03 * 1.05),
        (2.0, 0.5, 1.03 * 0.95),
        (0.96, 0.95, 0.97 * 0.95),
    ],
)
def test_adjustments_are_held_at_3_and_5_percent(trend, normalization, factor):
    frame = pd.DataFrame({"cell": ["a", "b"], "conditions": [1.2, 0.8], "age": [1.5, 1.0]}, index=[7, 8])
    adjusted = episodes.risk_adjusted_targets(
        frame,
        {"a": 10_000, "b": 20_000},
        rules=TEAM,
        multipliers=["conditions", "age"],
        trend_adjustment=trend,
        normalization_adjustment=normalization,
    )
    assert adjusted["target"].to_numpy() == pytest.approx([18_000 * factor, 16_000 * factor], rel=1e-12)
    assert adjusted.index.tolist() == [7, 8]


def test_prices_feed_a_bundle():
    frame = baseline()
    prices = episodes.target_prices(frame, rules=TEAM).set_index("cell")
    bundle = EpisodeBundle.team(
        track=3,
        year=2026,
        category="lejr",
        target_price=prices["target_price"].round(2).to_dict(),
        truncate_at=prices["cap"].round(2).to_dict(),
    )
    by_cell = EpisodeBundle.team(track=3, year=2026, category="lejr", truncate_at=bundle.truncate_at)
    with_targets = episodes.risk_adjusted_targets(frame, bundle.target_price, rules=TEAM)
    settled = bundle.settle(frame, quality_score=80)
    assert settled["settlement"] == by_cell.settle(with_targets, quality_score=80)["settlement"]


def test_rules_of_programmes():
    assert TEAM.year_weights == (0.17, 0.33, 0.5)
    assert (TEAM.cap_percentile, TEAM.discount, TEAM.trend_limit, TEAM.normalization_limit) == (0.99, 0.02, 0.03, 0.05)
    assert episodes.PriceRules.team(year=2030, category="cabg").discount == 0.015
    early, late = episodes.PriceRules.cjr(5), episodes.PriceRules.cjr(6)
    assert (early.cap_deviations, early.cap_percentile, early.year_weights) == (2.0, None, (1.0,))
    assert (late.cap_deviations, late.cap_percentile, late.year_weights) == (None, 0.99, (1.0,))
    assert any(note.startswith("Doubtful") for note in early.notes)


FRAME = baseline()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: episodes.target_prices(FRAME.drop(columns="year"), rules=TEAM),
            "target_prices: must have the columns year, got only cell, actual",
        ),
        (
            lambda: episodes.target_prices(FRAME[FRAME["year"] > 2022], rules=TEAM),
            "target_prices.year: must have 3 years, one for each weight, got 2",
        ),
        (
            lambda: episodes.target_prices(FRAME[(FRAME["year"] > 2022) | (FRAME["cell"] == "469")], rules=TEAM),
            "target_prices.cell: must have episodes in every baseline year: 470 has, got 2023, 2024 (merge the cell "
            "with another, or give rules with fewer year_weights)",
        ),
        (
            lambda: episodes.target_prices(FRAME.assign(actual=-1.0), rules=TEAM),
            "target_prices.actual[0]: must be a number between 0 and 1e+12, got -1.0",
        ),
        (
            lambda: episodes.target_prices(FRAME, rules=0.99),
            "target_prices.rules: must be PriceRules, got a float",
        ),
        (
            lambda: episodes.target_prices(FRAME, rules=TEAM, trend={"470": 1.0}),
            "target_prices.trend: must have every cell, got none of 469",
        ),
        (
            lambda: episodes.target_prices(FRAME, rules=TEAM, normalization=0),
            "target_prices.normalization: must be above 0 and at most 1000, got 0",
        ),
        (
            lambda: episodes.explain(FRAME, rules=TEAM, cell="471"),
            "explain.cell: must be a cell of the frame: 469, 470, got '471'",
        ),
        (
            lambda: episodes.risk_adjusted_targets(FRAME, {"470": 1}, rules=TEAM),
            "risk_adjusted_targets.prices: must have every cell of the frame, got none of 469",
        ),
        (
            lambda: episodes.risk_adjusted_targets(
                FRAME.assign(age=0.0), {"470": 1, "469": 1}, rules=TEAM, multipliers=["age"]
            ),
            "risk_adjusted_targets.age[0]: must be above 0, got 0",
        ),
        (
            lambda: episodes.PriceRules(year_weights=(0.5, 0.4)),
            "PriceRules.year_weights: must add up to 1, got 0.9",
        ),
        (
            lambda: episodes.PriceRules(cap_percentile=99),
            "PriceRules.cap_percentile: must be between 0 and 1, got 99 (did you mean 0.99?)",
        ),
        (
            lambda: episodes.PriceRules(cap_percentile=0.99, cap_deviations=2),
            "PriceRules.cap_deviations: must not be given beside cap_percentile, got both (one of both caps episodes)",
        ),
        (
            lambda: episodes.PriceRules.team(year=2026, category="knee"),
            "PriceRules.team.category: must be one of lejr, shfft, spinal_fusion, cabg, major_bowel, got 'knee'",
        ),
        (
            lambda: episodes.PriceRules.cjr(0),
            "PriceRules.cjr.performance_year: must be a whole number between 1 and 8, got 0",
        ),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ar.InputError) as error:
        make()
    assert str(error.value) == message
