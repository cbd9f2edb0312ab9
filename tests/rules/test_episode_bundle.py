"""Episode bundles on ladders a person can check by eye, and against a slow twin."""

import time
from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atrisk as ar
import episode_twin as twin
from atrisk.contracts.episode_bundle import EpisodeBundle
from episode_cases import CAPS, FULL, PRICES, bundle, frame_of, settled

CENT = Decimal("0.01")


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


@pytest.mark.parametrize(
    "kind", [pd.DataFrame, pl.DataFrame, pa.table, dict], ids=["pandas", "polars", "arrow", "dict"]
)
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
