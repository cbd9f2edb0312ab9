"""What every episode bundle holds, whatever its terms and episodes."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from atrisk.episodes._sums import sums
from episode_cases import FULL, bundle, frame_of, settled

CENT = Decimal("0.01")

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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(0, 1e12), st.integers(0, 3)), min_size=1, max_size=40), st.randoms())
def test_sums_are_the_same_in_any_order_and_rounded_once(rows, random):
    """Beside the sum of fractions lies at most one number: amounts of six decimals add up as they were written."""
    values, groups = (np.array(column) for column in zip(*rows, strict=True))
    first = sums(values, groups.astype(np.intp), 4)
    random.shuffle(rows)
    values, groups = (np.array(column) for column in zip(*rows, strict=True))
    assert sums(values, groups.astype(np.intp), 4).tolist() == first.tolist()
    for each, total in enumerate(first):
        exact = float(sum(Fraction(value) for value, group in rows if group == each))
        assert abs(total - exact) <= np.spacing(exact)


def test_sums_keep_small_amounts_beside_large_ones():
    values, group = np.array([1e12, 1 / 3, 1 / 3, 1 / 3, -1e12]), np.zeros(5, dtype=np.intp)
    for order in ([0, 1, 2, 3, 4], [1, 2, 3, 0, 4], [4, 1, 0, 2, 3]):
        assert sums(values[order], group, 1).tolist() == [1.0]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 9 * 10**11), min_size=1, max_size=40))
def test_sums_of_cents_are_the_decimals_that_were_written(cents):
    total = sums(np.array(cents) / 100, np.zeros(len(cents), dtype=np.intp), 1)
    assert total.tolist() == [float(Decimal(sum(cents)) / 100)]
