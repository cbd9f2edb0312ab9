"""Specific stop-loss: a ladder of members' years through attachment, limit and ceded share."""

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel, make_rich_panel


def settle(cover, base=None, *, seed=2, members=300):
    """Provider cost with and without the cover, and each member's covered dollars."""
    services = [
        ar.Service(
            "admissions",
            per_1000=700,
            allowed=ar.LogNormal(mean=9_000, cv=1.2),
            delivered_by="other_providers",
        ),
        ar.Service("visits", per_1000=4_000, allowed=100.0, coinsurance=0.2),
    ]
    base = ar.Capitation(pmpm=500) if base is None else base
    arms = {"Bare": base, "Covered": [base, cover]}
    study = ar.Study(make_panel(members), ar.Utilization(services=services), arms, seed=seed)
    results = study.run(1, progress=False)
    claims = study.claims()
    share = claims["service"].map({"admissions": 1.0, "visits": 0.8})
    years = (claims["allowed"] * share).groupby(claims["member_ix"]).sum().to_numpy()
    saved = results.values("provider_cost", "Bare") - results.values("provider_cost", "Covered")
    return float(saved[0]), years, claims


@pytest.mark.parametrize(
    ("attachment", "ceded", "limit"),
    [(0, 1.0, None), (5_000, 1.0, None), (20_000, 0.9, 15_000), (20_000, 0.5, 0), (1e9, 1.0, None)],
)
def test_the_layer_of_every_member(attachment, ceded, limit):
    saved, years, _ = settle(ar.StopLoss(attachment_point=attachment, ceded_share=ceded, limit=limit, premium_pmpm=0))
    layer = np.clip(years - attachment, 0, np.inf if limit is None else limit)
    assert saved == pytest.approx(ceded * layer.sum(), abs=0.005)


@pytest.mark.parametrize(("year", "recovery"), [(90_000, 0), (100_000, 0), (250_000, 135_000), (900_000, 450_000)])
def test_worked_example(year, recovery):
    """Attachment 100,000, ceded share 90 %, limit 500,000, one member with one stay of a fixed price."""
    cover = ar.StopLoss(attachment_point=100_000, ceded_share=0.9, limit=500_000, premium_pmpm=0)
    service = ar.Service("stay", per_1000=1_000, allowed=float(year), delivered_by="other_providers")
    arms = {"Bare": ar.Capitation(pmpm=0), "Covered": [ar.Capitation(pmpm=0), cover]}
    study = ar.Study(make_panel(1), ar.Utilization(services=[service]), arms, seed=5)
    once = next(replicate for replicate in range(50) if len(study.claims(replicate)) == 1)
    results = study.run(1, first=once, progress=False)
    saved = results.values("provider_net", "Covered") - results.values("provider_net", "Bare")
    assert saved[0] == pytest.approx(recovery)


def test_the_premium_follows_enrolment():
    saved, _, _ = settle(ar.StopLoss(attachment_point=1e9, premium_pmpm=7.25), members=40)
    assert saved == pytest.approx(-7.25 * 40 * 12)


def test_only_what_the_capitation_bears_is_covered():
    base = ar.Capitation(pmpm=100, scope=["visits"])
    saved, _, claims = settle(ar.StopLoss(attachment_point=100, premium_pmpm=0), base)
    visits = claims[claims["service"] == "visits"].groupby("member_ix")["allowed"].sum() * 0.8
    assert saved == pytest.approx(np.clip(visits - 100, 0, None).sum())


def test_without_a_capitation_every_service_is_covered():
    saved, years, _ = settle(ar.StopLoss(attachment_point=20_000, premium_pmpm=0), ar.FeeForService())
    assert saved == pytest.approx(np.clip(years - 20_000, 0, None).sum())


def test_the_recovery_arrives_in_its_month():
    cover = ar.StopLoss(attachment_point=2_000, premium_pmpm=5, settle_month=19)
    care = ar.Utilization(services=[ar.Service("stay", per_1000=900, allowed=9_000.0, delivered_by="other_providers")])
    study = ar.Study(make_rich_panel(80), care, {"A": [ar.Capitation(pmpm=300), cover]}, seed=1)
    ledger = study.run(1, progress=False).statement("A", replicate=0).ledger()
    recovery = ledger[ledger["account"] == "stop_loss_recovery"]
    assert recovery["month_cash"].tolist() == [19]
    assert recovery["month_incurred"].tolist() == [12]
    assert recovery["from_party"].tolist() == ["reinsurer"]
