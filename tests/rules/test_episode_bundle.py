"""Episode bundles on ladders a person can check by eye, against a slow twin, and what they always hold."""

import re
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import atrisk as ar
import episode_twin as twin
from atrisk.contracts.episode_bundle import EpisodeBundle

CENT = Decimal("0.01")
CELLS = ["469", "470", "521"]


def settled(bundle, target, actual, **facts):
    return bundle.settle(target=target, actual=actual, **facts)["settlement"]


def bundle(**terms):
    return EpisodeBundle(episodes="lejr", **terms)


def frame_of(rows=60, seed=3, providers=4):
    rng = np.random.default_rng(seed)
    actual = rng.lognormal(10.1, 0.6, rows).round(2)
    return pd.DataFrame(
        {
            "hospital": rng.choice([f"hospital {i}" for i in range(providers)], rows),
            "cell": rng.choice(CELLS, rows),
            "actual": actual,
            "post_episode": rng.lognormal(7.5, 1.0, rows).round(2),
            "readmission": (actual * (rng.random(rows) < 0.1) * 0.4).round(2),
        }
    )


PRICES = {"469": 41_250.35, "470": 24_000, "521": 52_000.1}
CAPS = {"469": 70_000, "470": 45_000.55, "521": 80_000}
FULL = {
    "target_price": PRICES,
    "truncate_at": CAPS,
    "raise_to": 9_000,
    "discount": 0.02,
    "best_score": 100,
    "quality_gain_cut": 0.1,
    "quality_loss_cut": 0.15,
    "minimum_savings_rate": 0.005,
    "minimum_loss_rate": 0.01,
    "sharing_rate": 0.75,
    "loss_rate": 0.5,
    "stop_gain_rate": 0.1,
    "stop_loss_rate": 0.05,
    "post_episode_threshold": {"469": 3_000, "470": 2_500.5, "521": 4_000},
}


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        # 1,000 at stake; gains count from 2 %, losses from 3 %; half of gains, a quarter of losses; limits 10 and 5 %.
        (1_000.00, "0.00"),
        (980.01, "0.00"),
        (980.00, "10.00"),
        (979.99, "10.01"),
        (800.01, "100.00"),
        (799.99, "100.00"),
        (0.00, "100.00"),
        (1_029.99, "0.00"),
        (1_030.00, "-7.50"),
        (1_030.01, "-7.50"),
        (1_199.98, "-50.00"),
        (1_200.00, "-50.00"),
        (1_200.04, "-50.00"),
        (9_000.00, "-50.00"),
    ],
)
def test_a_ladder_of_spending(actual, expected):
    terms = bundle(
        minimum_savings_rate=0.02,
        minimum_loss_rate=0.03,
        sharing_rate=0.5,
        loss_rate=0.25,
        stop_gain_rate=0.1,
        stop_loss_rate=0.05,
    )
    assert settled(terms, 1_000, actual) == Decimal(expected)


@pytest.mark.parametrize(
    ("score", "gain", "loss"),
    [(0, "90.00", "-100.00"), (1, "90.10", "-99.85"), (50, "95.00", "-92.50"), (100, "100.00", "-85.00")],
)
def test_quality_cuts_gains_where_it_is_poor_and_losses_where_it_is_good(score, gain, loss):
    terms = bundle(best_score=100, quality_gain_cut=0.1, quality_loss_cut=0.15)
    assert settled(terms, 1_000, 900, quality_score=score) == Decimal(gain)
    assert settled(terms, 1_000, 1_100, quality_score=score) == Decimal(loss)


def test_quality_comes_before_the_limits():
    terms = bundle(best_score=100, quality_gain_cut=0.1, stop_gain_rate=0.1)
    assert settled(terms, 1_000, 890, quality_score=0) == Decimal("99.00")
    assert settled(terms, 1_000, 880, quality_score=0) == Decimal("100.00")


def test_a_poor_score_is_paid_nothing_and_owes_what_it_owes():
    terms = bundle(best_score=20, least_quality=4)
    for score, gain in [(3.99, "0.00"), (3.9999999, "0.00"), (4, "100.00"), (4.01, "100.00")]:
        assert settled(terms, 1_000, 900, quality_score=score) == Decimal(gain)
        assert settled(terms, 1_000, 1_100, quality_score=score) == Decimal("-100.00")


@pytest.mark.parametrize(
    ("post_episode", "expected"), [(49.99, "100.00"), (50.00, "100.00"), (50.01, "99.99"), (250, "-100.00")]
)
def test_spending_after_the_episodes_comes_off_last(post_episode, expected):
    terms = bundle(stop_gain_rate=0.1, post_episode_threshold=25)
    facts = {"post_episode": post_episode, "post_episode_allowed": 50}
    assert settled(terms, 1_000, 500, **facts) == Decimal(expected)


@pytest.mark.parametrize(
    ("actual", "counts"),
    [(99.99, "100.00"), (100.00, "100.00"), (100.01, "100.01"), (300.00, "300.00"), (300.01, "300.00")],
)
def test_episodes_are_truncated_at_their_cent(actual, counts):
    terms = bundle(target_price=200, truncate_at={"a": 300}, raise_to=100)
    statement = terms.settle(pd.DataFrame({"cell": ["a"], "actual": [actual]}))
    assert statement["actual"] == Decimal(counts)
    assert statement.episodes["truncated"].tolist() == [float(counts)]
    assert statement["settlement"] == 200 - Decimal(counts)


@pytest.mark.parametrize(
    ("actual", "readmission", "expected"),
    [
        # A price of 30,000 less 2 %; a quarter of readmissions borne; 80 % repaid above 50,000.
        (29_400, 0, "0.00"),
        (29_400, 0.02, "0.02"),
        (40_000, 10_000, "-3100.00"),
        (50_000.00, 0, "-20600.00"),
        (50_000.01, 0, "-20600.00"),
        (50_000.02, 0, "-20600.00"),
        (50_000.03, 0, "-20600.01"),
        (60_000, 0, "-22600.00"),
        (60_000, 8_000, "-21400.00"),
    ],
)
def test_a_ladder_of_cases_paid_beforehand(actual, readmission, expected):
    terms = bundle(
        kind="prospective",
        target_price=30_000,
        discount=0.02,
        warranty_share=0.25,
        case_attachment=50_000,
        case_ceded_share=0.8,
    )
    frame = pd.DataFrame({"actual": [actual], "readmission": [readmission]})
    statement = terms.settle(frame)
    assert statement["margin"] == Decimal(expected)
    assert statement.episodes["margin"].tolist() == [float(expected)]


@pytest.mark.parametrize(("actual", "expected"), [(1_100, "-100.00"), (1_100.01, "-100.00"), (900, "100.00")])
def test_all_cases_together_attach_at_a_multiple_of_their_prices(actual, expected):
    terms = bundle(kind="prospective", aggregate_attachment_rate=1.1)
    assert terms.settle(target=1_000, actual=actual)["margin"] == Decimal(expected)


@pytest.mark.parametrize("score", [0, 37, 100])
@pytest.mark.parametrize("factor", [0.5, 0.9, 1.0, 1.4])
def test_the_slow_twin_settles_the_same_cents(score, factor):
    frame = frame_of().assign(actual=lambda table: (table["actual"] * factor).round(2))
    terms = bundle(**FULL)
    statement = terms.settle(frame, quality_score=score)
    assert statement["settlement"] == twin.reconcile(FULL, frame.to_dict("records"), score)
    by_hospital = terms.settle(frame, provider="hospital", quality_score=score).set_index("hospital")["settlement"]
    for hospital, own in frame.groupby("hospital"):
        expected = twin.reconcile(FULL, own.to_dict("records"), score)
        assert Decimal(str(by_hospital[hospital])) == expected
        assert terms.settle(own, quality_score=score)["settlement"] == expected


def test_the_slow_twin_keeps_the_same_margin():
    terms = {
        "target_price": PRICES,
        "discount": 0.035,
        "warranty_share": 0.35,
        "case_attachment": CAPS,
        "case_ceded_share": 0.85,
        "aggregate_attachment_rate": 0.5,
    }
    frame = frame_of()
    statement = bundle(kind="prospective", **terms).settle(frame)
    assert statement["margin"] == twin.margin(terms, frame.to_dict("records"))
    assert statement["aggregate_recovery"] > 0
    by_hospital = bundle(kind="prospective", **terms).settle(frame, provider="hospital").set_index("hospital")
    for hospital, own in frame.groupby("hospital"):
        margin = twin.margin(terms, own.to_dict("records"))
        assert Decimal(str(by_hospital.loc[hospital, "margin"])) == margin


@pytest.mark.parametrize("factor", [0.6, 0.97, 1.2])
def test_lines_add_up_to_the_cent_and_episodes_to_their_difference(factor):
    frame = frame_of(rows=500).assign(actual=lambda table: (table["actual"] * factor).round(2))
    statement = bundle(**FULL).settle(frame, quality_score=61.5)
    steps = [value for _, value in statement.waterfall_steps()]
    assert sum(steps[:-1]) == steps[-1] == statement["settlement"]
    assert statement["actual"] == Decimal(str(statement.episodes["truncated"].sum().round(2)))
    assert statement["spending"] == Decimal(str(frame["actual"].sum().round(2)))
    assert abs(statement["difference"] - Decimal(str(statement.episodes["difference"].sum()))) < CENT
    assert statement["episodes"] == len(frame)


def test_scores_by_provider():
    frame = frame_of()
    of_each = {name: 10.0 * i for i, name in enumerate(sorted(set(frame["hospital"])))}
    together = bundle(**FULL).settle(frame, provider="hospital", quality_score=of_each)
    assert together["quality_score"].tolist() == list(of_each.values())
    for hospital, amount in zip(together["hospital"], together["settlement"], strict=True):
        own = frame[frame["hospital"] == hospital]
        alone = bundle(**FULL).settle(own, quality_score=of_each[hospital])
        assert alone["settlement"] == Decimal(str(amount))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict], ids=["pandas", "polars", "arrow", "dict"])
def test_frames_come_back_in_their_kind(kind):
    frame = frame_of()
    given_frame = kind(frame.to_dict("list"))
    statement = bundle(**FULL).settle(given_frame, quality_score=50)
    of_pandas = bundle(**FULL).settle(frame, quality_score=50)
    assert statement["settlement"] == of_pandas["settlement"]
    expected = pd.DataFrame if kind is dict else type(given_frame)
    assert isinstance(statement.episodes, expected)
    by_hospital = bundle(**FULL).settle(given_frame, provider="hospital", quality_score=50)
    assert isinstance(by_hospital, expected)
    assert len(bundle(**FULL).by_episode(given_frame, quality_score=50)) == len(frame)


def test_pandas_keeps_its_index_and_an_own_target_is_used():
    frame = frame_of().assign(target=30_000.0).set_index(pd.Index(range(100, 160), name="claim"))
    terms = bundle()
    pd.testing.assert_index_equal(terms.settle(frame).episodes.index, frame.index)
    assert terms.settle(frame)["settlement"] == 60 * 30_000 - Decimal(str(frame["actual"].sum().round(2)))


def test_sums_settle_alone_in_a_mapping_or_in_columns():
    terms = bundle(sharing_rate=0.5, loss_rate=0)
    assert terms.settle({"target": 100, "actual": 90})["settlement"] == Decimal("5.00")
    assert terms.settle(target=[100, 100, 100], actual=[90, 100, 110])["settlement"].tolist() == [5.0, 0.0, 0.0]
    assert terms.settle(target=100, actual=90, quality_score=None)["settlement"] == Decimal("5.00")
    assert bundle(target_price=5).settle(pd.DataFrame({"actual": []}))["settlement"] == 0


def test_cells_may_be_numbers():
    frame = pd.DataFrame({"cell": [469, 470], "actual": [1.0, 2.0]})
    assert bundle(target_price={469: 3, "470": 4}).settle(frame)["settlement"] == Decimal("4.00")


def test_a_hundred_thousand_episodes_settle_in_a_moment():
    frame = pd.concat([frame_of(rows=50_000, providers=700, seed=seed) for seed in (1, 2)], ignore_index=True)
    terms, took = bundle(**FULL), []
    for _ in range(3):
        start = time.perf_counter()
        terms.settle(frame, provider="hospital", quality_score=50)
        took.append(time.perf_counter() - start)
    print(f"100,000 episodes of 700 hospitals: {min(took):.2f} s")
    assert min(took) < 1.0


# What always holds.

dollars = st.integers(0, 10_000_000).map(lambda cents: cents / 100)
score = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
rate = st.integers(0, 100).map(lambda percent: percent / 100)


@st.composite
def bundles(draw):
    return bundle(
        discount=draw(st.sampled_from([0, 0.02, 0.03])),
        best_score=100,
        quality_gain_cut=draw(rate),
        quality_loss_cut=draw(rate),
        minimum_savings_rate=draw(st.sampled_from([0, 0.01, 0.05])),
        minimum_loss_rate=draw(st.sampled_from([0, 0.01, 0.05])),
        sharing_rate=draw(rate),
        loss_rate=draw(rate),
        stop_gain_rate=draw(rate),
        stop_loss_rate=draw(rate),
        least_quality=draw(st.none() | score),
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(bundles(), dollars, dollars, score)
def test_what_is_paid_or_owed_is_within_the_limits_whatever_the_score(terms, target, actual, quality_score):
    statement = terms.settle(target=target, actual=actual, quality_score=quality_score)
    assert -statement["stop_loss"] <= statement["settlement"] <= statement["stop_gain"]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(bundles(), dollars, dollars, score)
def test_a_dollar_more_of_target_never_settles_lower(terms, target, actual, quality_score):
    less, more = (settled(terms, target + one, actual, quality_score=quality_score) for one in (0, 1))
    # A limit of losses grows with the target: of a loss that stands at it, more is owed.
    at_the_limit = terms.stop_loss_rate * (1 - terms.discount)
    assert more >= less - (Decimal(str(round(at_the_limit, 4))) + CENT if less < 0 else 0)
    unlimited = bundle(discount=terms.discount, sharing_rate=terms.sharing_rate, loss_rate=terms.loss_rate)
    assert settled(unlimited, target + 1, actual) >= settled(unlimited, target, actual)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(dollars, min_size=2, max_size=30), dollars, dollars)
def test_more_truncation_never_spreads_episodes(actual, one, other):
    low, high = sorted((one, other))
    frame = pd.DataFrame({"actual": actual})
    spread = [
        bundle(target_price=1, truncate_at=cap).by_episode(frame)["truncated"].to_numpy().var() for cap in (low, high)
    ]
    assert spread[0] <= spread[1] * (1 + 1e-12) + 1e-9


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.permutations(range(60)), score)
def test_the_order_of_rows_changes_no_cent(order, quality_score):
    frame = frame_of()
    terms = bundle(**FULL)
    shuffled = frame.iloc[list(order)]
    pd.testing.assert_frame_equal(
        terms.settle(frame, provider="hospital", quality_score=quality_score),
        terms.settle(shuffled, provider="hospital", quality_score=quality_score),
    )
    thirds = frame.assign(actual=frame["actual"] / 3)
    assert (
        terms.settle(thirds, quality_score=quality_score)["settlement"]
        == terms.settle(thirds.iloc[list(order)], quality_score=quality_score)["settlement"]
    )


def test_terms_cross_to_the_core_as_they_were_written():
    spec = bundle(**FULL, source="a contract", notes=("a note",)).to_spec()["episode_bundle"]
    assert spec["target_price"] == {"469": "41250.35", "470": "24000", "521": "52000.1"}
    assert spec["raise_to"] == {"": "9000"}
    assert spec["episodes"] == ["lejr"]
    assert spec["notes"] == ["a contract", "a note"]
    assert spec["stop_loss_rate"] == "0.05"
    assert set(spec) == {field for field in EpisodeBundle.__dataclass_fields__ if field != "source"}
    uncertain = bundle(target_price=ar.Normal(25_000, 1_000), sharing_rate=ar.Uniform(0, 1))
    assert uncertain.to_spec()["episode_bundle"]["sharing_rate"] == {"uncertain": ar.Uniform(0, 1)}


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"episodes": ""}, "EpisodeBundle.episodes: must be the name of an episode, or a list of names, got ''"),
        ({"episodes": ["a", 3]}, "EpisodeBundle.episodes[1]: must be a name, got 3"),
        ({"kind": "both"}, "EpisodeBundle.kind: must be retrospective or prospective, got 'both'"),
        ({"discount": 3}, "EpisodeBundle.discount: must be between 0 and 1, got 3 (did you mean 0.03?)"),
        ({"sharing_rate": 75}, "EpisodeBundle.sharing_rate: must be between 0 and 1, got 75 (did you mean 0.75?)"),
        ({"stop_loss_rate": -0.1}, "EpisodeBundle.stop_loss_rate: must be between 0 and 1, got -0.1"),
        ({"target_price": -1}, "EpisodeBundle.target_price: must be dollars between 0 and 1e12, got -1"),
        (
            {"target_price": {"470": "24k"}},
            "EpisodeBundle.target_price[470]: must be dollars between 0 and 1e12, got '24k'",
        ),
        ({"truncate_at": {}}, "EpisodeBundle.truncate_at: must have a cell, got {}"),
        (
            {"truncate_at": {"470": 10}, "raise_to": 20},
            "EpisodeBundle.raise_to: must not lie above truncate_at, 10, got 20",
        ),
        ({"best_score": 0}, "EpisodeBundle.best_score: must be between 0.000001 and 1000000, got 0"),
        ({"least_quality": 4}, "EpisodeBundle.least_quality: must be between 0 and 1, got 4"),
        (
            {"quality_discounts": [(0.2, 0.03)]},
            "EpisodeBundle.quality_discounts[0].from: must begin at 0: every score has a discount, got 0.2",
        ),
        (
            {"quality_discounts": [(0, 0.03), (0.5, 0.04)]},
            "EpisodeBundle.quality_discounts[1].gives: must not lie above the rung before: a better score never costs "
            "more, got 0.04",
        ),
        (
            {"quality_discounts": [(0, 0.03), (0, 0.02)]},
            "EpisodeBundle.quality_discounts[1].from: must lie above the rung before, got 0",
        ),
        (
            {"quality_discounts": [(0, 0.03)], "discount": 0.02},
            "EpisodeBundle.discount: must be left out where quality_discounts say what is taken off, got 0.02",
        ),
        (
            {"quality_discounts": [(0, 0.02)], "quality_loss_discounts": [(0, 0.03)]},
            "EpisodeBundle.quality_loss_discounts: must not lie above quality_discounts (0.02 at a score of 0): episodes "
            "would gain and lose at once, got 0.03",
        ),
        (
            {"quality_loss_discounts": [(0, 0.03)]},
            "EpisodeBundle.quality_loss_discounts: must be rungs beside those of quality_discounts",
        ),
        (
            {"quality_discounts": 0.03},
            "EpisodeBundle.quality_discounts: must be rungs of two numbers (score, discount), got 0.03",
        ),
        (
            {"kind": "prospective", "sharing_rate": 0.5},
            "EpisodeBundle.sharing_rate: must be left out where the bundle is prospective, got 0.5 "
            '(it belongs to kind="retrospective")',
        ),
        (
            {"case_attachment": 60_000},
            "EpisodeBundle.case_attachment: must be left out where the bundle is retrospective, got 60000 "
            '(it belongs to kind="prospective")',
        ),
        (
            {"kind": "prospective", "aggregate_attachment_rate": 110},
            "EpisodeBundle.aggregate_attachment_rate: must be between 0 and 10, got 110",
        ),
        ({"settle_month": 3}, "EpisodeBundle.settle_month: must be a whole number between 12 and 60, got 3"),
    ],
)
def test_terms_are_refused_when_they_are_given(terms, message):
    with pytest.raises(ar.InputError) as error:
        EpisodeBundle(**({"episodes": "lejr"} | terms))
    assert str(error.value) == message


FRAME = pd.DataFrame({"cell": ["469", "470"], "actual": [30_000.0, 20_000.0]})


@pytest.mark.parametrize(
    ("terms", "settle", "message"),
    [
        ({}, {"frame": FRAME}, "EpisodeBundle: must have the columns target, got only cell, actual"),
        (
            {"target_price": {"469": 3}},
            {"frame": FRAME},
            "EpisodeBundle.cell[1]: must be a cell of target_price: 469, got '470'",
        ),
        (
            {"target_price": {"469": 3}},
            {"frame": FRAME[["actual"]]},
            "EpisodeBundle: must have the column cell: target_price is by cell, got actual",
        ),
        (
            {"target_price": 3},
            {"frame": FRAME.assign(target=5)},
            "EpisodeBundle.target: must be given once, got a column and target_price (drop the column, or leave out "
            "target_price=)",
        ),
        (
            {"target_price": 3, "quality_gain_cut": 0.1},
            {"frame": FRAME},
            "EpisodeBundle.quality_score: must be given: these terms look at quality",
        ),
        (
            {"target_price": 3, "quality_gain_cut": 0.1},
            {"frame": FRAME, "quality_score": 70},
            "EpisodeBundle.quality_score: must be between 0 and 1, got 70 (did you mean 0.7?)",
        ),
        (
            {"quality_gain_cut": 0.1, "best_score": 100},
            {"target": 1, "actual": 1, "quality_score": [50, 101]},
            "EpisodeBundle.quality_score[1]: must be between 0 and 100, got 101",
        ),
        (
            {"quality_gain_cut": 0.1},
            {"target": 1, "actual": 1},
            "EpisodeBundle: must be given quality_score",
        ),
        (
            {"target_price": 3, "quality_gain_cut": 0.1},
            {"frame": FRAME, "provider": "cell", "quality_score": {"469": 1}},
            "EpisodeBundle.quality_score: must have every provider, got none of 470",
        ),
        (
            {"target_price": 3},
            {"frame": FRAME, "provider": "hospital"},
            "EpisodeBundle: must have the columns hospital, got only cell, actual",
        ),
        (
            {"target_price": 3},
            {"frame": FRAME.assign(actual=[1, -2])},
            "EpisodeBundle.actual[1]: must be at least 0, got -2",
        ),
        (
            {"target_price": 3},
            {"frame": FRAME.assign(actual=[1, np.nan])},
            "EpisodeBundle.actual[1]: must be a number of dollars of at most 1e12 in size, got nan",
        ),
        (
            {"target_price": 3},
            {"frame": FRAME.rename(columns={"actual": "Actual "})},
            "EpisodeBundle.Actual : must not look like a fact without being one, got 'Actual ' (rename it to 'actual' if "
            "it is that, else drop it)",
        ),
        (
            {"target_price": 3, "post_episode_threshold": 5},
            {"frame": FRAME},
            "EpisodeBundle: must have the columns post_episode, got only cell, actual",
        ),
        (
            {"target_price": 3, "post_episode_threshold": 5},
            {"frame": FRAME.assign(post_episode=[1, None])},
            "EpisodeBundle.post_episode[1]: must be dollars between 0 and 1e12, got nan",
        ),
        (
            {"target_price": 3},
            {"frame": FRAME, "actual": 5},
            "EpisodeBundle.actual: must be left out where episodes are given in rows, got 5",
        ),
        (
            {},
            {"target": 1, "actual": 1, "provider": "hospital"},
            "EpisodeBundle.provider: must name a column of a frame, got 'hospital'",
        ),
        ({"sharing_rate": ar.Uniform(0, 1)}, {"target": 1, "actual": 1}, "EpisodeBundle.sharing_rate: must be known"),
    ],
)
def test_own_episodes_are_refused(terms, settle, message):
    frame = settle.pop("frame", None)
    try:
        with pytest.raises(ar.InputError, match="^" + re.escape(message)) as error:
            bundle(**terms).settle(frame, **settle)
    finally:
        settle["frame"] = frame
    assert str(error.value) == message or message.endswith("known")
