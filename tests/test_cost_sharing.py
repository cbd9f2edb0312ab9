"""What members pay in the order of their claims, against closed forms of compound Poisson years."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel

MEMBERS, REPLICATES = 400, 250


def results_of(sharing, services, *, panel=None, arms=None, years=1, **care):
    services = [services] if isinstance(services, ar.Service) else services
    utilization = ar.Utilization(services=services, cost_sharing=sharing, **care)
    arms = {"Fees": ar.FeeForService()} if arms is None else arms
    study = ar.Study(panel or make_panel(MEMBERS), utilization, arms, years=years, seed=11)
    return study.run(REPLICATES, progress=False)


def share_of(sharing, services, **more):
    """Mean share of a member-year, with its standard error."""
    results = results_of(sharing, services, **more)
    return metrics.mean(results.values("member_cost_share", results.arms[0]) / MEMBERS)


def visits(rate, allowed, **terms):
    return ar.Service("visits", per_1000=1_000 * rate, allowed=allowed, **terms)


def expected_least(rate, most, share=1.0):
    """E[min(share × N, most)] of Poisson events."""
    n = np.arange(200)
    return float(np.minimum(share * n, most) @ stats.poisson(rate).pmf(n))


@pytest.mark.parametrize(("rate", "events"), [(2.0, 3.0), (0.7, 1.0), (6.0, 4.5)])
def test_a_deductible_of_equal_claims(rate, events):
    expected = 100.0 * expected_least(rate, events)
    assert within(share_of(ar.CostSharing(deductible=100.0 * events), visits(rate, 100.0)), expected)


def test_coinsurance_begins_behind_the_deductible():
    n = np.arange(200)
    paid = np.minimum(n, 2) * 100.0 + 0.2 * 100.0 * np.maximum(n - 2, 0)
    expected = float(paid @ stats.poisson(3.0).pmf(n))
    assert within(share_of(ar.CostSharing(deductible=200, coinsurance=0.2), visits(3.0, 100.0)), expected)


def test_copays_up_to_a_maximum():
    """A copay of 30 of each visit, at most 100 a year: the fourth costs 10 and those behind it nothing."""
    expected = expected_least(4.0, 100.0, share=30.0)
    assert within(share_of(ar.CostSharing(copay=30, out_of_pocket_maximum=100), visits(4.0, 120.0)), expected)


def test_a_copay_is_at_most_the_price():
    assert within(share_of(ar.CostSharing(copay={"visits": 500}), visits(2.0, 120.0)), 240.0)


def compound_tail(x, rate, mean):
    """P(S > x) of a Poisson number of exponential claims: a sum of gamma tails."""
    n = np.arange(1, 200)
    return float(stats.gamma(n, scale=mean).sf(x) @ stats.poisson(rate).pmf(n))


@pytest.mark.parametrize(
    ("deductible", "coinsurance", "maximum"), [(300, 0.0, None), (300, 0.25, None), (200, 0.5, 450)]
)
def test_exponential_claims(deductible, coinsurance, maximum):
    """The share depends on the year's sum alone where one rule holds for all: an integral of its tail."""
    rate, mean = 2.5, 150.0
    slope_ends = math.inf if maximum is None else deductible + (maximum - deductible) / coinsurance
    tail = lambda x: compound_tail(x, rate, mean)  # noqa: E731 - an integrand
    expected = integrate.quad(tail, 0, deductible)[0]
    if coinsurance:
        expected += coinsurance * integrate.quad(tail, deductible, min(slope_ends, 20_000), limit=200)[0]
    sharing = ar.CostSharing(deductible=deductible, coinsurance=coinsurance, out_of_pocket_maximum=maximum)
    assert within(share_of(sharing, visits(rate, ar.Gamma(mean=mean, cv=1))), expected)


def test_exempt_services_and_services_of_their_own():
    services = [
        visits(2.0, 100.0),
        ar.Service("checks", per_1000=1_000, allowed=50.0),
        ar.Service("tests", per_1000=500, allowed=80.0),
    ]
    sharing = ar.CostSharing(deductible=100, exempt=["checks"], coinsurance={"tests": 0.5}, copay={"checks": 5})
    # Visits and tests use up the deductible in an order that chance decides: the first of both pays all up to it.
    n, m = np.meshgrid(np.arange(60), np.arange(30), indexing="ij")
    weight = stats.poisson(2.0).pmf(n) * stats.poisson(0.5).pmf(m)
    first_is_test = np.divide(m, n + m, out=np.zeros(n.shape), where=n + m > 0)
    begins_with_test = 80.0 + 0.5 * 80.0 * np.maximum(m - 1, 0)
    # After a test of 80, 20 of the deductible are left: of the next claim, a visit or another test.
    then_test = np.divide(m - 1, n + m - 1, out=np.zeros(n.shape), where=(n + m > 1) & (m > 0))
    rest = np.where(n + m > 1, then_test * (20.0 - 0.5 * 20.0) + (1 - then_test) * 20.0, 0.0)
    begins_with_visit = 100.0 + 0.5 * 80.0 * m
    paid = first_is_test * (begins_with_test + rest) + (1 - first_is_test) * begins_with_visit
    paid = np.where(n + m > 0, paid, 0.0)
    expected = float((paid * weight).sum()) + 5.0
    assert within(share_of(sharing, services), expected)


def test_every_year_begins_anew():
    results = results_of(ar.CostSharing(deductible=150), visits(2.0, 100.0), years=3)
    expected = 100.0 * expected_least(2.0, 1.5) * MEMBERS
    for year in (1, 2, 3):
        assert within(metrics.mean(results.values("member_cost_share", "Fees", year=year)), expected)


def test_payers_have_plans_of_their_own_at_the_arms_prices():
    panel = make_panel(MEMBERS, payer=np.where(np.arange(MEMBERS) < MEMBERS // 4, "one", "two"))
    sharing = {"one": ar.CostSharing(deductible=180)}
    arms = {"Fees": ar.FeeForService(fee_level=0.9)}
    share = share_of(sharing, visits(2.0, 100.0, coinsurance=0.1), panel=panel, arms=arms)
    # Behind the deductible of two visits members of the first payer pay the service's own coinsurance.
    first = expected_least(2.0, 2.0) + 0.1 * (2.0 - expected_least(2.0, 2.0))
    assert within(share, 0.25 * 90.0 * first + 0.75 * 0.1 * 2.0 * 90.0)


def test_layers_take_off_what_members_paid():
    """Stop-loss above 0 on what is paid repays the year less the members' share, to the cent."""
    cover = ar.StopLoss(attachment_point=0, premium_pmpm=0)
    arms = {"Covered": [ar.Capitation(pmpm=0), cover]}
    services = [visits(3.0, ar.LogNormal(mean=100, cv=1.5), delivered_by="other_providers")]
    results = results_of(ar.CostSharing(deductible=250, coinsurance=0.2), services, arms=arms)
    assert np.abs(results.values("provider_cost", "Covered")).max() < 1e-6
    assert results.values("member_cost_share", "Covered").min() > 0


def test_a_plan_without_rules_is_the_coinsurance_of_each_service():
    services = [visits(3.0, ar.LogNormal(mean=100, cv=1.5), coinsurance=0.3)]
    plain = results_of(None, services).values("member_cost_share", "Fees")
    np.testing.assert_allclose(
        results_of(ar.CostSharing(), services).values("member_cost_share", "Fees"), plain, rtol=1e-12
    )


def test_an_arm_may_ask_for_other_shares():
    arms = {
        "As it is": ar.FeeForService(),
        "Free": ar.Arm(ar.FeeForService(), cost_sharing=ar.CostSharing(coinsurance=0.0)),
    }
    results = results_of(ar.CostSharing(deductible=100), visits(2.0, 100.0), arms=arms)
    assert (results.values("member_cost_share", "Free") == 0).all()
    assert (results.values("member_cost_share", "As it is") > 0).all()
    assert results.values("allowed", "Free").tobytes() == results.values("allowed", "As it is").tobytes()
