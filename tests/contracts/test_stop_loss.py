"""Stop-loss: ladders of years through attachment, limit and ceded share, of members and of all of them together."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk.report._terms import in_sentences
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


ADMISSIONS = ar.Service(
    "admissions", per_1000=700, allowed=ar.LogNormal(mean=9_000, cv=1.2), delivered_by="other_providers"
)
VISITS = ar.Service("visits", per_1000=4_000, allowed=100.0, coinsurance=0.2)


def repaid(contracts, *, panel=None, services=(ADMISSIONS, VISITS), seed=2, payers=None, **how):
    """Recoveries of one world by the path of their contract, the statement, and the claims."""
    arm = ar.Arm(contracts, payers=payers)
    study = ar.Study(panel or make_panel(300), ar.Utilization(services=list(services)), {"A": arm}, seed=seed, **how)
    statement = study.run(1, progress=False).statement("A", replicate=0)
    ledger = statement.ledger()
    rows = ledger[ledger["account"] == "stop_loss_recovery"]
    return rows.groupby("contract")["amount"].sum().astype(float).to_dict(), statement, study.claims()


def years_of(claims, **shares):
    """Covered dollars of the members who have any."""
    return (claims["allowed"] * claims["service"].map(shares)).groupby(claims["member_ix"]).sum()


def one_stay(price, *covers):
    """What covers repay of a panel whose only member has one stay of this price."""
    service = ar.Service("stay", per_1000=1_000, allowed=price, delivered_by="other_providers")
    care = ar.Utilization(services=[service])
    study = ar.Study(make_panel(1), care, {"A": [ar.Capitation(pmpm=0), *covers]}, seed=5)
    once = next(replicate for replicate in range(50) if len(study.claims(replicate)) == 1)
    ledger = study.run(1, first=once, progress=False).statement("A", replicate=once).ledger()
    return [str(amount) for amount in ledger.loc[ledger["account"] == "stop_loss_recovery", "amount"]]


@pytest.mark.parametrize(
    ("year", "recovery"),
    [
        (99_999.99, []),
        (100_000.0, []),
        (100_000.01, ["0.01"]),
        (149_999.99, ["49999.99"]),
        (150_000.0, ["50000.00"]),
        (150_000.01, ["50000.00"]),
    ],
)
@pytest.mark.parametrize(
    "attachment", [{"attachment_point": 100_000}, {"attachment_rate": 1.25, "expected_pmpm": 6_666}]
)
def test_the_aggregate_gate_opens_at_its_cent(attachment, year, recovery):
    """1.25 × 6,666 × 12 member-months is 99,990: ten dollars lower."""
    lower = 0.0 if "attachment_point" in attachment else 10.0
    cover = ar.StopLoss(kind="aggregate", limit=50_000, premium_pmpm=0, **attachment)
    assert one_stay(year - lower, cover) == recovery


def test_aggregate_cover_is_net_of_what_was_repaid_before_it():
    """A stay of 250,000: the specific cover repays 150,000, of the 100,000 left 40,000 are above 60,000."""
    specific = ar.StopLoss(attachment_point=100_000, premium_pmpm=0)
    aggregate = ar.StopLoss(kind="aggregate", attachment_point=60_000, premium_pmpm=0)
    assert one_stay(250_000.0, specific, aggregate) == ["150000.00", "40000.00"]
    assert one_stay(250_000.0, aggregate, specific) == ["190000.00", "150000.00"]


def test_the_example_of_the_page():
    """1,000 members at 400 a month, attached at 120 %, and a year of known dollars."""
    specific = ar.StopLoss(attachment_point=20_000, ceded_share=0.9, premium_pmpm=0)
    aggregate = ar.StopLoss(kind="aggregate", attachment_rate=1.2, expected_pmpm=400, ceded_share=0.5, premium_pmpm=2)
    panel, service = (
        make_panel(1_000),
        ar.Service("stay", per_1000=900, allowed=7_000.0, delivered_by="other_providers"),
    )
    found, statement, claims = repaid([ar.Capitation(pmpm=1), specific, aggregate], panel=panel, services=[service])
    years = years_of(claims, stay=1.0)
    before = 0.9 * np.clip(years - 20_000, 0, None).sum()
    assert found["A[1]"] == pytest.approx(before, abs=0.005)
    assert found["A[2]"] == pytest.approx(0.5 * (years.sum() - before - 5_760_000), abs=0.01)
    lines = {line: float(value) for position, *_, line, _, value, _ in statement.steps if position == 2}
    assert lines["repaid_before"] == found["A[1]"]
    assert lines["attachment"] == 5_760_000
    assert lines["covered"] == pytest.approx(years.sum())
    assert lines["layer"] == lines["covered"] - lines["repaid_before"] - lines["attachment"]
    assert lines["recovery"] == pytest.approx(found["A[2]"], abs=0.005)
    assert lines["premium"] == 2 * 12_000


def test_each_year_is_net_of_its_own_recoveries():
    specific = ar.StopLoss(attachment_point=15_000, premium_pmpm=0)
    aggregate = ar.StopLoss(kind="aggregate", attachment_point=1_240_000, premium_pmpm=0)
    found, _, claims = repaid([ar.Capitation(pmpm=1), specific, aggregate], services=[ADMISSIONS], years=3)
    years = claims.groupby(["year", "member_ix"])["allowed"].sum()
    kept = years.clip(upper=15_000).groupby("year").sum()
    assert (kept > 1_240_000).tolist().count(True) == 2
    assert found["A[2]"] == pytest.approx(np.clip(kept - 1_240_000, 0, None).sum(), abs=0.05)


def test_the_mean_of_aggregate_cover_is_that_of_a_poisson_count():
    """Stays of 10,000 at 0.3 a year of 200 members: their number is Poisson of mean 60."""
    service = ar.Service("stay", per_1000=300, allowed=10_000.0, delivered_by="other_providers")
    cover = ar.StopLoss(kind="aggregate", attachment_point=660_000, ceded_share=0.8, limit=100_000, premium_pmpm=0)
    arms = {"Bare": ar.Capitation(pmpm=1), "Covered": [ar.Capitation(pmpm=1), cover]}
    study = ar.Study(make_panel(200), ar.Utilization(services=[service]), arms, seed=8)
    results = study.run(4_000, progress=False)
    recovery = results.values("provider_net", "Covered") - results.values("provider_net", "Bare")
    counts = np.arange(200)
    exact = stats.poisson(60).pmf(counts) @ (0.8 * np.clip(counts * 1e4 - 660_000, 0, 100_000))
    error = recovery.std(ddof=1) / np.sqrt(recovery.size)
    print(f"{recovery.mean():,.1f} ± {error:,.1f}, exact {exact:,.1f}")
    assert abs(recovery.mean() - exact) <= 4 * error
    assert recovery.max() == pytest.approx(80_000)
    assert study.exact(results).figure("Covered", "recovery_mean", position=1).value == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("terms", [{"kind": "aggregate", "attachment_point": 1_000_000}, {"attachment_point": 9_000}])
def test_more_is_repaid_by_lower_points_and_higher_limits(terms):
    base = ar.Capitation(pmpm=1)

    def total(**changed):
        return repaid([base, ar.StopLoss(**terms | changed, premium_pmpm=0)])[0].get("A[1]", 0.0)

    points = [total(attachment_point=terms["attachment_point"] * factor) for factor in (0.5, 1.0, 1.5, 2.0)]
    assert points == sorted(points, reverse=True)
    assert points[0] > points[-1]
    limits = [total(limit=terms["attachment_point"] * factor) for factor in (0.0, 0.1, 0.2, 1e6)]
    assert limits == sorted(limits)
    assert limits[0] == 0.0
    assert total(value_own_services_at=0.5) < total() < total(value_own_services_at=1.0) + 1e-9
    assert total(ceded_share=0.5) == pytest.approx(0.5 * total(), abs=0.01)


@pytest.mark.parametrize("names", [False, True])
def test_members_who_are_lasered_attach_elsewhere(names):
    """Members of several batches, by their names or by their rows."""
    identity = {"member_id": [f"M{row:03}" for row in range(300)]} if names else {}
    panel = make_panel(300, **identity)
    points = {row: 6_000.0 + 50 * row for row in (0, 7, 8, 63, 64, 131, 299)}
    lasers = {(f"M{row:03}" if names else row): point for row, point in points.items()}
    cover = ar.StopLoss(attachment_point=5_000, ceded_share=0.9, limit=20_000, premium_pmpm=0, lasers=lasers)
    found, _, claims = repaid([ar.Capitation(pmpm=1), cover], panel=panel)
    years = years_of(claims, admissions=1.0, visits=0.8).reindex(range(300), fill_value=0.0)
    begins = np.array([points.get(row, 5_000.0) for row in range(300)])
    assert found["A[1]"] == pytest.approx(0.9 * np.clip(years - begins, 0, 20_000).sum(), abs=0.005)
    without, *_ = repaid([ar.Capitation(pmpm=1), ar.StopLoss(attachment_point=5_000, premium_pmpm=0)], panel=panel)
    same = ar.StopLoss(attachment_point=5_000, premium_pmpm=0, lasers=dict.fromkeys(lasers, 5_000))
    assert repaid([ar.Capitation(pmpm=1), same], panel=panel)[0] == without


@pytest.mark.parametrize(
    ("basis", "lag", "last"),
    [("12/12", 0, 12), ("12/12", 1, 11), ("12/15", 3, 12), ("12/15", 5, 10), ("incurred", 9, 12)],
)
@pytest.mark.parametrize("kind", ["specific", "aggregate"])
def test_claims_that_are_paid_too_late_are_not_covered(kind, basis, lag, last):
    cover = ar.StopLoss(kind=kind, attachment_point=3_000, premium_pmpm=0, basis=basis, payment_lag_months=lag)
    found, _, claims = repaid([ar.Capitation(pmpm=1), cover])
    years = years_of(claims[claims["month"] <= last], admissions=1.0, visits=0.8)
    layers = np.clip(years - 3_000, 0, None).sum() if kind == "specific" else years.sum() - 3_000
    assert found["A[1]"] == pytest.approx(layers, abs=0.005)


def test_late_claims_with_programmes_and_without_months():
    """Care of other versions, and runs that draw no months for their cash, leave out the same claims."""
    cover = ar.StopLoss(attachment_point=3_000, premium_pmpm=0, basis="12/15", payment_lag_months=7)
    arms = {
        "Bare": ar.Capitation(pmpm=1),
        "Covered": [ar.Capitation(pmpm=1), cover],
        "Nothing done": ar.Arm([ar.Capitation(pmpm=1), cover], programmes=[ar.Programme("none", effect=0.0)]),
        "Halved": ar.Arm([ar.Capitation(pmpm=1), cover], programmes=[ar.Programme("half", effect=-0.5)]),
    }
    study = ar.Study(make_panel(200), ar.Utilization(services=[ADMISSIONS, VISITS]), arms, seed=4)
    by_month, by_year = study.run(5, progress=False), study.run(5, progress=False, cash=False)
    covered = by_month.values("provider_net", "Covered")
    assert np.allclose(covered, by_year.values("provider_net", "Covered"), rtol=1e-12)
    assert np.array_equal(covered, by_month.values("provider_net", "Nothing done"))
    saved = by_month.values("provider_net", "Covered") - by_month.values("provider_net", "Bare")
    assert (saved > 0).all()
    assert (by_month.values("provider_net", "Halved") > covered).all()


def test_own_services_count_for_a_part():
    cover = ar.StopLoss(attachment_point=5_000, premium_pmpm=0, value_own_services_at=0.6)
    found, _, claims = repaid([ar.Capitation(pmpm=1), cover])
    years = years_of(claims, admissions=1.0, visits=0.6 * 0.8)
    assert found["A[1]"] == pytest.approx(np.clip(years - 5_000, 0, None).sum(), abs=0.005)


def test_own_services_count_for_a_part_of_what_is_paid_in_the_order_of_claims():
    """With a deductible that takes all of every visit, and visits alone, nothing is paid and nothing counts."""
    plan = ar.CostSharing(deductible=1e6)
    care = ar.Utilization(services=[VISITS], cost_sharing=plan)
    cover = ar.StopLoss(attachment_point=0, premium_pmpm=0, value_own_services_at=0.5)
    arms = {"Bare": ar.Capitation(pmpm=1), "Covered": [ar.Capitation(pmpm=1), cover]}
    results = ar.Study(make_panel(50), care, arms, seed=4).run(3, progress=False)
    assert np.allclose(results.values("provider_net", "Covered"), results.values("provider_net", "Bare"))


@pytest.mark.parametrize("kind", ["specific", "aggregate"])
def test_only_the_members_of_its_payer_count(kind):
    panel = make_panel(300, payer=np.where(np.arange(300) % 3 == 0, "Medicare", "employer"))
    cover = ar.StopLoss(kind=kind, attachment_point=8_000, premium_pmpm=3)
    payers = {"Medicare": [ar.Capitation(pmpm=1), cover], "employer": [ar.FeeForService()]}
    found, statement, claims = repaid([], panel=panel, payers=payers)
    years = years_of(claims[claims["member_ix"] % 3 == 0], admissions=1.0, visits=0.8)
    layers = np.clip(years - 8_000, 0, None).sum() if kind == "specific" else years.sum() - 8_000
    assert found == {"A.payers[Medicare][1]": pytest.approx(layers, abs=0.005)}
    ledger = statement.ledger()
    premium = ledger.loc[ledger["account"] == "stop_loss_premium", "amount"].astype(float)
    assert premium.sum() == 3 * 100 * 12


def test_every_dollar_of_the_reinsurer_is_the_providers():
    specific = ar.StopLoss(attachment_point=9_000, ceded_share=0.9, premium_pmpm=7.77)
    aggregate = ar.StopLoss(kind="aggregate", attachment_point=900_000, ceded_share=0.7, premium_pmpm=1.11)
    found, statement, _ = repaid([ar.Capitation(pmpm=500), specific, aggregate])
    ledger = statement.ledger()
    parties = set(zip(ledger["from_party"], ledger["to_party"], strict=True))
    assert {pair for pair in parties if "reinsurer" in pair} == {("provider", "reinsurer"), ("reinsurer", "provider")}
    recoveries = {f"A[{at}]": float(value) for at, *_, line, _, value, _ in statement.steps if line == "recovery"}
    assert {path: round(value, 2) for path, value in recoveries.items()} == found


def test_reports_say_what_a_cover_is():
    panel = make_panel(50, member_id=[f"M{row}" for row in range(50)])
    late = {"basis": "12/15", "payment_lag_months": 4, "value_own_services_at": 0.5, "lasers": {"M7": 90_000}}
    arms = {
        "A": [
            ar.Capitation(pmpm=500),
            ar.StopLoss(attachment_point=50_000, limit=500_000, premium_pmpm=9, **late),
            ar.StopLoss(kind="aggregate", attachment_rate=1.25, expected_pmpm=400, ceded_share=0.9, premium_pmpm=2),
        ]
    }
    study = ar.Study(panel, ar.Utilization(services=[ADMISSIONS, VISITS]), arms, seed=2)
    first, second = in_sentences(SimpleNamespace(money="$"), study.spec["arms"][0])[1:]
    assert first.replace("\xa0", " ") == (
        "Stop-loss: a reinsurer bears 100 % of each member's year above 50,000 $, up to 500,000 $, for a premium of "
        "9 $ per member per month. M7 attaches at 90,000 $. Claims are covered if paid in time (12/15, 4 months after "
        "they are incurred). The provider's own services count at 50 %."
    )
    assert second.replace("\xa0", " ") == (
        "Stop-loss: a reinsurer bears 90 % of the year of all members together above 125 % of 400 $ per member per "
        "month, less what covers before it repay, for a premium of 2 $ per member per month."
    )
