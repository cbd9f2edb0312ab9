"""Capitation: a payment for every enrolled month, and the care in scope borne out of it."""

import numpy as np

import atrisk as ar
from conftest import make_panel

SERVICES = [
    ar.Service("visits", per_1000=3_000, allowed=110.0, own_cost=80.0, coinsurance=0.1),
    ar.Service("admissions", per_1000=100, allowed=9_000.0, coinsurance=0.05, delivered_by="other_providers"),
]


def settle(contract, panel=None):
    study = ar.Study(panel or make_panel(200), ar.Utilization(services=SERVICES), {"Capitation": contract}, seed=3)
    results = study.run(1, progress=False)
    events = study.claims()["service"].value_counts()
    return {name: results.values(name, "Capitation")[0] for name in FIGURES}, events


FIGURES = [
    "member_months",
    "allowed",
    "paid",
    "provider_revenue",
    "provider_cost",
    "payer_spend",
    "member_cost_share",
]


def test_global():
    """Own visits are paid zero but for the member's share; admissions by others are bought at their paid price."""
    figures, events = settle(ar.Capitation(pmpm=120))
    assert figures["payer_spend"] == 120 * 200 * 12
    np.testing.assert_allclose(figures["provider_revenue"], 120 * 200 * 12 + events["visits"] * 11.0)
    np.testing.assert_allclose(figures["provider_cost"], events["visits"] * 80.0 + events["admissions"] * 8_550.0)
    share = events["visits"] * 11.0 + events["admissions"] * 450.0
    np.testing.assert_allclose(figures["member_cost_share"], share)
    np.testing.assert_allclose(figures["allowed"] - figures["paid"], share)


def test_partial_leaves_the_rest_to_the_payer():
    figures, events = settle(ar.Capitation(pmpm=25, scope=["visits"]))
    np.testing.assert_allclose(figures["payer_spend"], 25 * 200 * 12 + events["admissions"] * 8_550.0)
    np.testing.assert_allclose(figures["provider_cost"], events["visits"] * 80.0)


def test_payment_follows_enrolment():
    panel = make_panel(200, entry_month=np.where(np.arange(200) < 50, 7, 1), exit_month=10)
    figures, _ = settle(ar.Capitation(pmpm=100.5), panel)
    months = 50 * 4 + 150 * 10
    assert figures["member_months"] == months
    np.testing.assert_allclose(figures["payer_spend"], 100.5 * months)


def test_worked_example():
    """5,000 members for a year at 500 PMPM: 30,000,000."""
    figures, _ = settle(ar.Capitation(pmpm=500), make_panel(5_000))
    assert figures["payer_spend"] == 30_000_000
