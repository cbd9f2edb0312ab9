"""What a provider's care costs and brings in: capacity, collections, fee levels, care out of network, own cost."""

import math

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel

MEMBERS = 200


def run(services, *, arms=None, replicates=400, panel=None, **care):
    services = [services] if isinstance(services, ar.Service) else services
    arms = {"Fees": ar.FeeForService()} if arms is None else arms
    utilization = ar.Utilization(services=services, **care)
    return ar.Study(panel or make_panel(MEMBERS), utilization, arms, seed=12).run(replicates, progress=False)


VISITS = ar.Service("visits", per_1000=3_000, allowed=100.0, own_cost=40.0, coinsurance=0.2)


def test_clinicians_come_in_whole_numbers():
    """About 600 visits a year, 12 × 50 by each clinician: one or two of them, by the year's count."""
    capacity = ar.Capacity("clinicians", events_per_month=50, cost_per_month=5_000)
    results = run(VISITS, capacity=[capacity])
    visits = results.values("allowed", "Fees") / 100.0
    needed = np.ceil(np.round(visits) / 600)
    cost = results.values("provider_cost", "Fees") - 40.0 * visits
    np.testing.assert_allclose(cost, needed * 60_000, atol=1e-6)
    n = np.arange(2_000)
    expected = float(np.ceil(n / 600) @ stats.poisson(600).pmf(n))
    assert within(metrics.mean(needed), expected)


def test_the_fewest_clinicians_are_kept():
    capacity = ar.Capacity("clinicians", events_per_month=20, cost_per_month=5_000, services=["visits"], least=6)
    results = run(VISITS, capacity=[capacity], replicates=20)
    visits = results.values("allowed", "Fees") / 100.0
    np.testing.assert_allclose(results.values("provider_cost", "Fees") - 40.0 * visits, 6 * 60_000, atol=1e-6)


def test_collections_take_their_parts():
    collections = ar.Collections(denial_rate=0.05, bad_debt_rate=0.3, days_to_pay=61, billing_cost=2.5)
    plain, taken = run(VISITS, replicates=30), run(VISITS, collections=collections, replicates=30)
    allowed = plain.values("allowed", "Fees")
    revenue = taken.values("provider_revenue", "Fees")
    np.testing.assert_allclose(revenue, 0.8 * 0.95 * allowed + 0.2 * 0.7 * allowed, rtol=1e-12)
    billed = taken.values("provider_cost", "Fees") - plain.values("provider_cost", "Fees")
    np.testing.assert_allclose(billed, 2.5 * allowed / 100.0, rtol=1e-9)
    ledger = taken.statement("Fees", replicate=3).ledger()
    claims = ledger[ledger["account"].isin(["claim", "cost_share"])]
    assert (claims["month_cash"] - claims["month_incurred"] == 2).all()
    lines = taken.statement("Fees", replicate=3).to_frame().set_index("line")["value"]
    assert lines["denied"] == pytest.approx(lines["paid"] * 5 / 100, abs=1)


def test_collections_are_by_payer():
    panel = make_panel(MEMBERS, payer=["one", "two"] * (MEMBERS // 2))
    collections = {"one": ar.Collections(denial_rate=1.0)}
    results = run(VISITS, panel=panel, collections=collections, replicates=200)
    paid = metrics.mean(results.values("payer_spend", "Fees"))
    assert within(paid, 0.5 * MEMBERS * 3 * 80.0)


def test_fee_levels_multiply_prices_of_a_payers_members():
    panel = make_panel(MEMBERS, payer=["one", "two"] * (MEMBERS // 2))
    service = ar.Service("visits", per_1000=3_000, allowed=100.0, fee_levels={"two": 1.5})
    results = run(service, panel=panel)
    assert within(metrics.mean(results.values("allowed", "Fees")), MEMBERS * 3 * 100.0 * 1.25)
    plain = run(ar.Service("visits", per_1000=3_000, allowed=100.0), panel=panel)
    spread = results.values("allowed", "Fees") - plain.values("allowed", "Fees")
    assert within(metrics.standard_deviation(spread), 50.0 * math.sqrt(MEMBERS / 2 * 3))


def test_care_out_of_network_is_bought_at_its_price():
    service = ar.Service(
        "visits", per_1000=3_000, allowed=100.0, own_cost=40.0, out_of_network_rate=0.2, out_of_network_price=1.6
    )
    arms = {"Fees": ar.FeeForService(), "Capitation": ar.Capitation(pmpm=0, scope=["visits"])}
    results = run(service, arms=arms)
    inside, outside = MEMBERS * 3 * 0.8, MEMBERS * 3 * 0.2
    assert within(metrics.mean(results.values("payer_spend", "Fees")), 100.0 * inside + 160.0 * outside)
    assert within(metrics.mean(results.values("provider_revenue", "Fees")), 100.0 * inside)
    assert within(metrics.mean(results.values("provider_cost", "Capitation")), 40.0 * inside + 160.0 * outside)
    names = set(results.study.claims()["service"])
    assert names == {"visits", "visits, out of network"}


def test_both_parts_of_a_service_share_its_own_frailty():
    """Counts in and out of network of a member vary together as one service's do: covariance λ² q (1 − q) c²."""
    members = 60_000
    service = ar.Service("visits", per_1000=2_000, allowed=1.0, frailty=ar.Frailty(cv=0.8), out_of_network_rate=0.4)
    care = ar.Utilization(services=[service])
    claims = ar.Study(make_panel(members), care, {"Fees": ar.FeeForService()}, seed=3).claims()
    inside, outside = (
        np.bincount(claims.loc[claims["service"] == name, "member_ix"], minlength=members)
        for name in ("visits", "visits, out of network")
    )
    product = (inside - 1.2) * (outside - 0.8)
    assert within(metrics.mean(product), 2.0**2 * 0.4 * 0.6 * 0.8**2)


def test_price_trend_moves_payment_and_own_cost_trend_moves_cost():
    service = ar.Service("visits", per_1000=3_000, allowed=100.0, own_cost=40.0, price_trend=0.1, own_cost_trend=0.02)
    results = run(service, replicates=20)
    visits = results.values("allowed", "Fees") / 110.0
    np.testing.assert_allclose(visits, np.round(visits), atol=1e-9)
    np.testing.assert_allclose(results.values("provider_cost", "Fees"), visits * 40.8, rtol=1e-12)
