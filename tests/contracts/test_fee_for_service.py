"""Fee-for-service: fees by level and coinsurance, of what the provider delivers."""

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel


def settle(contract, **service):
    fields = {"per_1000": 3_000, "allowed": 110.0, "own_cost": 80.0} | service
    care = ar.Utilization(services=[ar.Service("visits", **fields)])
    study = ar.Study(make_panel(100), care, {"Fees": contract}, seed=1)
    events = np.array([len(study.claims(replicate)) for replicate in range(4)])
    return study.run(4, progress=False), events


@pytest.mark.parametrize(("fee_level", "coinsurance"), [(1.0, 0.0), (0.9, 0.2), (0.0, 0.2), (1.5, 1.0)])
def test_dollars_of_an_event(fee_level, coinsurance):
    """A visit of 110 at fee level 0.9 and coinsurance 20 %: allowed 99, member 19.80, payer 79.20."""
    results, events = settle(ar.FeeForService(fee_level=fee_level), coinsurance=coinsurance)
    allowed = events * 110.0 * fee_level
    np.testing.assert_allclose(results.values("allowed", "Fees"), allowed, atol=1e-6)
    np.testing.assert_allclose(results.values("member_cost_share", "Fees"), allowed * coinsurance, atol=1e-6)
    np.testing.assert_allclose(results.values("payer_spend", "Fees"), allowed * (1 - coinsurance), atol=1e-6)
    np.testing.assert_allclose(results.values("provider_revenue", "Fees"), allowed, atol=1e-6)
    np.testing.assert_allclose(results.values("provider_cost", "Fees"), events * 80.0, atol=1e-6)


def test_care_by_others_is_paid_at_its_price_whatever_the_fee():
    results, events = settle(ar.FeeForService(fee_level=0.5), delivered_by="other_providers")
    np.testing.assert_allclose(results.values("payer_spend", "Fees"), events * 110.0)
    assert not results.values("provider_revenue", "Fees").any()
    assert not results.values("provider_cost", "Fees").any()


def test_what_the_scope_leaves_out_the_payer_pays_at_the_drawn_price():
    services = [ar.Service(name, per_1000=2_000, allowed=100.0) for name in ("visits", "tests")]
    study = ar.Study(
        make_panel(50),
        ar.Utilization(services=services),
        {"Fees": ar.FeeForService(fee_level=0.5, scope="visits")},
        seed=1,
    )
    counts = study.claims()["service"].value_counts()
    revenue = study.run(1, progress=False).values("provider_revenue", "Fees")
    np.testing.assert_allclose(revenue, counts["visits"] * 50.0 + counts["tests"] * 100.0)
