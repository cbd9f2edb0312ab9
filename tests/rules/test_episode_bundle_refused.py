"""What episode bundles refuse, and how they say so."""

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk.contracts.episode_bundle import EpisodeBundle
from episode_cases import bundle


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
            "EpisodeBundle.quality_loss_discounts: must not lie above quality_discounts (0.02 at a score of 0): "
            "episodes would gain and lose at once, got 0.03",
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


def test_episodes_may_all_count_for_the_same():
    """Raised to where they are truncated; a cent more is refused."""
    same = bundle(target_price=30, raise_to=20, truncate_at={"470": 20}).settle(
        pd.DataFrame({"cell": ["470", "470"], "actual": [3.0, 90.0]})
    )
    assert same["actual"] == 40
    with pytest.raises(ar.InputError, match=r"raise_to: must not lie above truncate_at, 20, got 20.01"):
        bundle(target_price=30, raise_to=20.01, truncate_at={"470": 20})


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
            "EpisodeBundle.Actual : must not look like a fact without being one, got 'Actual ' (rename it to "
            "'actual' if it is that, else drop it)",
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
        (
            {"target_price": 3, "kind": "prospective", "warranty_share": 0.5},
            {"frame": FRAME.assign(readmission=[0, 20_001])},
            "EpisodeBundle.readmission[1]: must be a part of actual: not above it, got 20001",
        ),
        (
            {"target_price": 3},
            {"frame": FRAME.assign(difference=["a", "b"]), "provider": "difference"},
            "EpisodeBundle.provider: must not be called as a line of the settlement, got 'difference'",
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


ODD = [
    None,
    "x",
    "",
    float("nan"),
    float("inf"),
    -1,
    10**30,
    1e-30,
    [],
    [(0, 0.1)],
    [(0,)],
    {},
    {"470": None},
    {"470": "x"},
    {470: 3},
    True,
    object(),
    np.float32(0.5),
    np.array([1.0]),
    Decimal("0.1"),
    pd.NA,
]


def refusal(settle):
    """What is refused, or nothing; any other fault is one of the package."""
    try:
        settle()
    except ar.InputError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", ["retrospective", "prospective"])
@pytest.mark.parametrize("term", [name for name in EpisodeBundle.__dataclass_fields__ if name != "kind"])
def test_odd_terms_settle_or_are_refused_by_their_name(term, kind):
    for odd in ODD:
        terms = {"episodes": "lejr", "kind": kind, "target_price": 10} | {term: odd}
        told = refusal(lambda terms=terms: EpisodeBundle(**terms).settle(FRAME, quality_score=0))
        assert told is None or told.startswith("EpisodeBundle"), odd


@pytest.mark.parametrize("column", ["cell", "target", "actual", "post_episode", "readmission", "hospital"])
def test_odd_columns_settle_or_are_refused_by_their_name(column):
    terms = [
        bundle(truncate_at={"470": 5, "469": 6}, post_episode_threshold=3),
        bundle(kind="prospective", warranty_share=0.5, case_attachment={"470": 5, "469": 6}),
    ]
    frame = FRAME.assign(target=5.0, post_episode=3.0, readmission=1.0, hospital="a").astype(object)
    for odd in ODD:
        odd_frame = frame.copy()
        odd_frame[column] = pd.Series([odd, frame[column][1]], dtype=object)
        for each in terms:
            told = refusal(lambda each=each, rows=odd_frame: each.settle(rows, provider="hospital"))
            assert told is None or told.startswith(("EpisodeBundle.", "EpisodeBundle:")), odd
