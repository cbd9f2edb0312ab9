"""Responses to incentives: factors that a person can compute from terms and mean prices, and what they lead to."""

import math

import numpy as np
import pytest

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel

VISITS = ar.Service("visits", per_1000=3_000, allowed=ar.Gamma(mean=100, cv=0.5), own_cost=60.0, coinsurance=0.1)
STAYS = ar.Service("stays", per_1000=100, allowed=10_000.0, delivered_by="other_providers")
FEES = ar.FeeForService()


def study_of(arms, services=(VISITS, STAYS), members=400, **more):
    return ar.Study(make_panel(members), ar.Utilization(services=services), arms, seed=4, **more)


def test_capitation_makes_events_dearer():
    """Fees leave 40 of 100; capitation leaves the cost share of 10 less 60; a stay costs its price, not nothing."""
    response = ar.Response("Fees", elasticity=0.2, cap=2.0)
    factors = study_of({"Fees": FEES, "Capitation": ar.Arm(ar.Capitation(pmpm=400), response=response)}).responses()
    assert factors.loc["Fees"].tolist() == [1.0, 1.0]
    assert factors.loc["Capitation", "visits"] == pytest.approx(math.exp(0.2 * (-50 - 40) / 100))
    assert factors.loc["Capitation", "stays"] == pytest.approx(math.exp(0.2 * -1.0))


def test_the_cap_holds():
    response = ar.Response("Fees", elasticity={"visits": 3.0, "stays": -3.0}, cap=1.25)
    factors = study_of({"Fees": FEES, "C": ar.Arm(ar.Capitation(pmpm=400), response=response)}).responses()
    assert factors.loc["C"].tolist() == pytest.approx([1.25, 0.8])  # services are in the order of their names
    assert list(factors.columns) == ["stays", "visits"]


def test_members_respond_to_their_price():
    """From a tenth of the price to a quarter: −0.2 × 2 × 0.15 / 0.35; stays, free in both arms, stay as they are."""
    sharing = ar.CostSharing(coinsurance={"visits": 0.25})
    arm = ar.Arm(FEES, cost_sharing=sharing, response=ar.Response("Fees", member_elasticity=-0.2))
    factors = study_of({"Fees": FEES, "Dearer": arm}).responses()
    assert factors.loc["Dearer", "visits"] == pytest.approx(math.exp(-0.2 * 2 * 0.15 / 0.35))
    assert factors.loc["Dearer", "stays"] == 1.0


def test_savings_are_weighed_with_the_chance_to_share():
    """Far below the benchmark all replicates earn: an event gives up the sharing rate of its price; far above, none."""
    for pmpm, chance in ((1_000, 1.0), (10, 0.0)):
        savings = ar.SharedSavings(benchmark_pmpm=pmpm, basis="allowed", sharing_rate=0.5)
        arm = ar.Arm([FEES, savings], response=ar.Response("Fees", elasticity=0.3, cap=3.0))
        study = study_of({"Fees": FEES, "ACO": arm})
        assert study.spec["arms"][1]["response"]["chances"] == {"ACO": [chance, 0.0]}
        factor = math.exp(-0.3 * 0.5 * chance)
        assert study.responses().loc["ACO"].tolist() == pytest.approx([factor, factor])


def test_volumes_follow_the_factors_and_elasticity_zero_changes_no_bit():
    response = ar.Response("Fees", elasticity={"visits": 0.2}, cap=2.0)
    arms = {
        "Fees": FEES,
        "Less": ar.Arm(ar.Capitation(pmpm=400), response=response),
        "Nothing": ar.Arm(ar.Capitation(pmpm=400), response=ar.Response("Fees", elasticity=0.0)),
        "Plain": ar.Capitation(pmpm=400),
    }
    results = study_of(arms, [VISITS]).run(400, progress=False)
    less = results.values("provider_cost", "Less") / 60.0
    assert within(metrics.mean(less), 400 * 3 * math.exp(0.2 * -0.9))
    for figure in ("provider_net", "allowed", "member_cost_share"):
        assert results.values(figure, "Nothing").tobytes() == results.values(figure, "Plain").tobytes()
    assert (less < results.values("provider_cost", "Plain") / 60.0).all(), "the same events, fewer of them"


def test_more_events_come_where_an_arm_pays_more():
    better = ar.Arm(ar.FeeForService(fee_level=1.5), response=ar.Response("Fees", elasticity=0.4, cap=2.0))
    results = study_of({"Fees": FEES, "Better": better}, [VISITS]).run(400, progress=False)
    visits = results.values("provider_cost", "Better") / 60.0
    assert within(metrics.mean(visits), 400 * 3 * math.exp(0.4 * 0.5))
    assert (visits >= results.values("provider_cost", "Fees") / 60.0).all()
    assert np.median(results.values("provider_revenue", "Better") / results.values("provider_revenue", "Fees")) > 1.5


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (
            ar.Response(elasticity=0.2),
            "C.response.reference: must name an arm to compare incentives with, got None (an elasticity tells nothing "
            "without a reference arm)",
        ),
        (
            ar.Response("Feees", elasticity=0.2),
            'C.response.reference: must be an arm of the study, got "Feees" (the arms are Fees, C)',
        ),
        (ar.Response("Fees", elasticity=20), "C.response.elasticity: must be between -10 and 10, got 20"),
        (ar.Response("Fees", cap=0.5), "C.response.cap: must be between 1 and 10, got 0.5"),
        (
            ar.Response("Fees", elasticity={"visit": 0.2}),
            'C.response.elasticity: must name services of the utilization, got "visit" (the services are stays, '
            "visits)",
        ),
        (
            ar.Response("Fees", elasticity=0.1, pilot_replicates=3),
            "response.pilot_replicates: must be a whole number between 10 and 100,000, got 3",
        ),
    ],
)
def test_responses_that_cannot_be(response, text):
    with pytest.raises(ar.InputError) as caught:
        study_of({"Fees": FEES, "C": ar.Arm(ar.Capitation(pmpm=400), response=response)})
    assert str(caught.value) == text
