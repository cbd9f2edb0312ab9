"""Panels and care that many tests share."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar


def make_panel(members=400, **columns):
    """A panel of equal members, but for the columns given."""
    base = {"age": np.full(members, 50.0), "sex": "female", "risk_score": 1.0}
    return ar.Population.from_frame(pd.DataFrame(base | columns, index=range(members)))


def make_rich_panel(members=300, seed=5):
    """Members with identifiers who differ in risk and enrolment."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(1, 13, members)
    return make_panel(
        members,
        age=rng.uniform(0, 90, members),
        sex=rng.choice(["female", "male"], members),
        risk_score=rng.gamma(2.0, 0.5, members),
        member_id=[f"member {i}" for i in range(members)],
        payer=np.where(np.arange(members) % 3 == 0, "Medicare", "employer"),
        entry_month=np.where(rng.random(members) < 0.6, 1, entry),
        exit_month=12 - (rng.random(members) < 0.2) * rng.integers(0, 1 + np.minimum(12 - entry, 5)),
    )


def make_services():
    """Four services that exercise every field of a service line."""
    return [
        ar.Service("visits", per_1000=4_200, allowed=ar.LogNormal(mean=110, cv=0.7), own_cost=70.5, coinsurance=0.2),
        ar.Service(
            "admissions",
            per_1000=90,
            allowed=ar.LogNormal(mean=14_000, cv=1.4),
            delivered_by="other_providers",
        ),
        ar.Service(
            "drugs",
            per_1000=9_500,
            allowed=ar.Gamma(mean=62, cv=1.1),
            own_cost=3.0,
            delivered_by="other_providers",
            coinsurance=0.125,
        ),
        ar.Service("tests", per_1000=800, allowed=35.5, own_cost=20),
    ]


def make_care(services=None, frailty_cv=0.9, fixed_cost_per_month=2_000.0):
    """Care with a frailty and a fixed cost."""
    return ar.Utilization(
        services=make_services() if services is None else services,
        frailty_cv=frailty_cv,
        fixed_cost_per_month=fixed_cost_per_month,
    )


def make_arms():
    """Every contract, alone and combined."""
    savings = {"benchmark_pmpm": 190.0, "basis": "allowed", "sharing_rate": 0.5}
    return {
        "Fee-for-service": ar.FeeForService(fee_level=0.95),
        "Capitation": ar.Capitation(pmpm=185.0),
        "Capitation, covered": [
            ar.Capitation(pmpm=185.0),
            ar.StopLoss(attachment_point=8_000, ceded_share=0.9, limit=40_000, premium_pmpm=12.5),
        ],
        "Partial": [
            ar.FeeForService(scope=["tests"]),
            ar.Capitation(pmpm=60.0, scope=["visits", "drugs"]),
            ar.StopLoss(attachment_point=500, premium_pmpm=1.0),
        ],
        "ACO": [
            ar.FeeForService(),
            ar.SharedSavings(
                **savings,
                loss_rate=0.4,
                minimum_savings_rate=0.01,
                minimum_loss_rate=0.015,
                payment_limit_rate=0.1,
                loss_limit_rate=0.05,
            ),
        ],
        "ACO, truncated": [
            ar.FeeForService(fee_level=1.1),
            ar.SharedSavings(
                **{**savings, "basis": "paid", "benchmark_pmpm": 140.0},
                loss_rate=0.3,
                truncation=9_000,
                benchmark_truncated=True,
                settle_month=18,
            ),
        ],
    }


@pytest.fixture
def panel():
    return make_rich_panel()


@pytest.fixture
def care():
    return make_care()


@pytest.fixture
def arms():
    return make_arms()


@pytest.fixture
def study(panel, care, arms):
    return ar.Study(panel, care, arms, seed=20)
