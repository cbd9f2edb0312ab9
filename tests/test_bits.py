"""The same bits, whatever the threads, the order, the company: every figure compared byte for byte."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import _core
from conftest import make_arms, make_care, make_panel, make_rich_panel, make_services

FIGURES = _core.figure_names()


def bits(results, arms=None, rows=slice(None)):
    """All figures of some arms and replicates, as bytes."""
    arms = results.arms if arms is None else arms
    return {(arm, figure): results.values(figure, arm)[rows].tobytes() for arm in arms for figure in FIGURES}


def run(panel=None, care=None, arms=None, replicates=300, **how):
    study = ar.Study(panel or make_rich_panel(), care or make_care(), arms or make_arms(), seed=99)
    return study.run(replicates, progress=False, **how)


@pytest.fixture(scope="module")
def reference():
    return run(threads=1)


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_change_nothing(reference, threads):
    assert bits(run(threads=threads)) == bits(reference)


def test_replicates_alone_are_what_they_are_in_company(reference):
    assert bits(run(replicates=20, first=100)) == bits(reference, rows=slice(100, 120))
    assert bits(run(replicates=1, first=299)) == bits(reference, rows=slice(299, 300))


def test_more_replicates_keep_the_earlier_ones(reference):
    assert bits(run(replicates=600), rows=slice(0, 300)) == bits(reference)


def test_the_same_study_again_gives_the_same_bits(reference):
    again = reference.rerun()
    assert bits(again) == bits(reference)
    assert again is not reference
    assert again.spec == reference.spec


def test_another_seed_gives_other_luck(reference):
    other = ar.Study(make_rich_panel(), make_care(), make_arms(), seed=100).run(300, progress=False)
    assert not np.array_equal(other.values("allowed", "ACO"), reference.values("allowed", "ACO"))


def test_a_further_arm_moves_no_other(reference):
    arms = {"New": ar.Capitation(pmpm=1.0)} | make_arms() | {"Last": ar.StopLoss(attachment_point=77, premium_pmpm=0)}
    assert bits(run(arms=arms), arms=list(make_arms())) == bits(reference)


def test_reordered_arms_move_nothing(reference):
    assert bits(run(arms=dict(reversed(make_arms().items()))), arms=list(make_arms())) == bits(reference)


def test_reordered_services_move_nothing(reference):
    services = make_services()
    assert bits(run(care=make_care(services[::-1]))) == bits(reference)
    assert bits(run(care=make_care(services[2:] + services[:2]))) == bits(reference)


def test_an_inserted_service_moves_no_other_event():
    services = make_services()
    inserted = ar.Service("hospice", per_1000=500, allowed=ar.LogNormal(mean=900, cv=1.0))
    panel, arms = make_rich_panel(), make_arms()
    before = ar.Study(panel, make_care(services), arms, seed=99)
    after = ar.Study(panel, make_care([services[0], inserted, *services[1:]]), arms, seed=99)
    for replicate in (0, 17):
        with_it = after.claims(replicate)
        assert (with_it["service"] == "hospice").any()
        kept = with_it[with_it["service"] != "hospice"].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, before.claims(replicate), check_exact=True)


def test_an_inserted_service_that_nobody_uses_moves_no_dollar(reference):
    unused = ar.Service("gene therapy", per_1000=0, allowed=1e6, own_cost=9e5)
    assert bits(run(care=make_care([unused, *make_services()]))) == bits(reference)


def test_a_further_member_moves_no_other_event():
    small, large = make_rich_panel(), make_rich_panel()
    frame = large.to_pandas()
    newcomer = frame.iloc[[0]].assign(member_id="newcomer", risk_score=3.0)
    larger = ar.Population.from_frame(pd.concat([newcomer, frame], ignore_index=True))
    before = ar.Study(small, make_care(), make_arms(), seed=99).claims(5)
    after = ar.Study(larger, make_care(), make_arms(), seed=99).claims(5)
    kept = after[after["member_id"] != "newcomer"].reset_index(drop=True)
    assert len(after) > len(kept)
    columns = ["member_id", "service", "month", "allowed"]
    pd.testing.assert_frame_equal(kept[columns], before[columns], check_exact=True)


def test_without_identifiers_a_member_is_its_row():
    before = ar.Study(make_panel(50), make_care(), make_arms(), seed=1).claims()
    after = ar.Study(make_panel(51), make_care(), make_arms(), seed=1).claims()
    pd.testing.assert_frame_equal(after[after["member_ix"] < 50].reset_index(drop=True), before, check_exact=True)


def test_an_identifier_is_its_text():
    numbers = make_panel(30, member_id=np.arange(100, 130))
    texts = make_panel(30, member_id=[str(i) for i in range(100, 130)])
    assert numbers.member_words.tolist() == texts.member_words.tolist()


def test_halving_the_fee_leaves_cost_and_care_unchanged():
    arms = {"Full": ar.FeeForService(), "Half": ar.FeeForService(fee_level=0.5)}
    services = [ar.Service("visits", per_1000=4_000, allowed=ar.LogNormal(mean=110, cv=0.7), own_cost=90)]
    results = run(make_panel(), make_care(services), arms)
    assert bits(results, ["Full"])["Full", "provider_cost"] == bits(results, ["Half"])["Half", "provider_cost"]
    half = results.values("provider_revenue", "Half")
    np.testing.assert_allclose(half, 0.5 * results.values("provider_revenue", "Full"), rtol=1e-12)
    assert (results.values("provider_net", "Half") < 0).all()


def test_without_cash_by_month_nothing_else_moves():
    """Months have words of their own; only the order in which a year's dollars are added up differs."""
    study = ar.Study(make_rich_panel(), make_care(), make_arms(), seed=99)
    with_cash = study.run(20, progress=False)
    results = study.run(20, cash=False, progress=False)
    assert "minimum_cash_mean" not in results.summary()
    np.testing.assert_allclose(
        results.to_pandas().iloc[:, 4:], with_cash.to_pandas().iloc[:, 4:], rtol=1e-11, atol=1e-6
    )
    with pytest.raises(ar.InputError, match="must be known, got 'minimum_cash' \\(run with cash=True\\)"):
        results.values("minimum_cash", results.arms[0])
    again = results.rerun()
    assert not again.cash
    assert (
        again.values("provider_net", again.arms[0]).tobytes() == results.values("provider_net", again.arms[0]).tobytes()
    )


def test_values_are_pinned():
    """Drawn values that a new version may only move by saying so in the changelog."""
    study = ar.Study(make_rich_panel(), make_care(), make_arms(), seed=99)
    claims = study.claims(0)
    pinned = (len(claims), round(float(claims["allowed"].sum()), 6), int(claims["month"].sum()))
    assert pinned == (3206, 527142.822022, 21412)
