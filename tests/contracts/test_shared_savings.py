"""Shared savings: benchmark, gates, limits, truncation and basis, against spending computed from the claims."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel

SERVICES = [
    ar.Service("admissions", per_1000=400, allowed=ar.LogNormal(mean=9_000, cv=1.2), delivered_by="other_providers"),
    ar.Service("visits", per_1000=4_000, allowed=100.0, coinsurance=0.2),
]
REPLICATES = 40


def settle(fee_level=1.0, **terms):
    terms = {"benchmark_pmpm": 330, "basis": "allowed", "sharing_rate": 0.5} | terms
    fees = ar.FeeForService(fee_level=fee_level)
    arms = {"Fees": fees, "ACO": [fees, ar.SharedSavings(**terms)]}
    study = ar.Study(make_panel(400), ar.Utilization(services=SERVICES), arms, seed=8)
    results = study.run(REPLICATES, progress=False)
    settled = results.values("provider_revenue", "ACO") - results.values("provider_revenue", "Fees")
    return study, results, settled


def spending(study, fee_level=1.0, *, paid=False, truncation=np.inf):
    totals = []
    for replicate in range(REPLICATES):
        claims = study.claims(replicate)
        visits = fee_level * (0.8 if paid else 1.0)
        worth = claims["allowed"] * claims["service"].map({"admissions": 1.0, "visits": visits})
        totals.append(np.minimum(worth.groupby(claims["member_ix"]).sum(), truncation).sum())
    return np.array(totals)


BENCHMARK = 330 * 400 * 12


@pytest.mark.parametrize("fee_level", [1.0, 0.8])
@pytest.mark.parametrize("basis", ["allowed", "paid"])
def test_savings_are_measured_on_the_basis(basis, fee_level):
    study, _, settled = settle(fee_level, basis=basis, loss_rate=0.5)
    expected = 0.5 * (BENCHMARK - spending(study, fee_level, paid=basis == "paid"))
    np.testing.assert_allclose(settled, expected, atol=0.005)
    assert (settled > 0).any()
    assert (settled < 0).any() or basis == "paid"


def test_truncation_holds_each_member():
    study, _, settled = settle(truncation=15_000, benchmark_truncated=True, loss_rate=0.5)
    np.testing.assert_allclose(settled, 0.5 * (BENCHMARK - spending(study, truncation=15_000)), atol=0.005)


def test_one_sided_owes_nothing():
    study, _, settled = settle()
    savings = BENCHMARK - spending(study)
    np.testing.assert_allclose(settled, 0.5 * np.maximum(savings, 0), atol=0.005)
    assert (savings < 0).any()


def test_gates_and_limits():
    terms = {
        "loss_rate": 0.4,
        "minimum_savings_rate": 0.03,
        "minimum_loss_rate": 0.04,
        "payment_limit_rate": 0.04,
        "loss_limit_rate": 0.03,
    }
    study, _, settled = settle(**terms)
    savings = BENCHMARK - spending(study)
    earned = np.where(savings >= 0.03 * BENCHMARK, np.minimum(0.5 * savings, 0.04 * BENCHMARK), 0.0)
    owed = np.where(-savings >= 0.04 * BENCHMARK, np.minimum(-0.4 * savings, 0.03 * BENCHMARK), 0.0)
    np.testing.assert_allclose(settled, earned - owed, atol=0.005)
    assert (np.isclose(settled, 0.04 * BENCHMARK)).any()
    assert (np.isclose(settled, -0.03 * BENCHMARK)).any()
    assert ((settled == 0) & (savings != 0)).any()


def test_meeting_the_minimum_is_enough_and_a_cent_less_is_not():
    """One member, one visit of 100 dollars: savings are the benchmark less 100, to the cent."""
    care = ar.Utilization(services=[ar.Service("visit", per_1000=1_000, allowed=100.0)])

    def earned(rate):
        # A benchmark of 125.00 a year: savings of 25.00 are exactly 20 % of it.
        savings = ar.SharedSavings(
            benchmark_pmpm="10.416666666666666666667",
            basis="allowed",
            sharing_rate=1,
            minimum_savings_rate=rate,
        )
        study = ar.Study(make_panel(1), care, {"ACO": [ar.FeeForService(), savings]}, seed=2)
        once = next(replicate for replicate in range(50) if len(study.claims(replicate)) == 1)
        results = study.run(1, first=once, progress=False)
        exact = results.statement("ACO", replicate=once).to_frame().set_index("line")["value"]["earned"]
        simulated = results.values("provider_revenue", "ACO")[0] - 100.0
        assert simulated == pytest.approx(float(exact), abs=0.005)
        return exact

    assert earned("0.2") == Decimal("25.00")
    assert earned("0.20003") == Decimal("25.00")  # 25.00375 is 25.00 in cents: met
    assert earned("0.2001") == 0  # 25.0125 is 25.01: a cent short


def test_the_cash_moves_in_its_month():
    _, results, settled = settle(loss_rate=0.5, settle_month=30)
    earning, owing = int(np.argmax(settled)), int(np.argmin(settled))
    for replicate, account in [(earning, "shared_savings"), (owing, "shared_losses")]:
        ledger = results.statement("ACO", replicate=replicate).ledger()
        line = ledger[ledger["account"] == account]
        assert line["month_cash"].tolist() == [30]
        assert float(line["amount"].iloc[0]) == pytest.approx(abs(settled[replicate]), abs=1.0)
