"""One bundle and one ACO on the same members: who counts what episodes save, and that no dollar counts twice."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar

MEMBERS, PMPM, YEARS = 400, 300, (1, 2)
FEES = ar.FeeForService()
BUNDLES = {
    "after": ar.EpisodeBundle(episodes="joint", target_price=23_000, sharing_rate=0.8, stop_gain_rate=0.1),
    "before": ar.EpisodeBundle(
        episodes="joint", kind="prospective", target_price=23_000, case_attachment=40_000, discount=0.02
    ),
}
LINE, APART = "episode_payments", "episode_payments_apart"


def panel(attributed=None, payers=("Medicare",)):
    frame = pd.DataFrame({"age": np.full(MEMBERS, 70.0), "sex": "f", "risk_score": 1.0})
    frame["payer"] = np.resize(list(payers), MEMBERS)
    terms = {} if attributed is None else {"attribution": ar.Attribution(share=attributed, turnover=0.3)}
    return ar.Population.from_frame(frame, **terms)


def care():
    nursing = ar.EpisodeCare("nursing", amount=ar.LogNormal(mean=11_000, cv=0.7), share=0.4, days=(3, 80))
    return ar.Utilization(
        services=[
            ar.Service("joint", per_1000=120, allowed=ar.LogNormal(mean=15_000, cv=0.2)),
            ar.Service("nursing", per_1000=90, allowed=11_000.0, delivered_by="other_providers"),
            ar.Service("visits", per_1000=4_000, allowed=110.0, coinsurance=0.2),
        ],
        episodes=[ar.Episode("joint", trigger="joint", window_days=90, care=[nursing], death_rate=0.05)],
    )


def aco(**terms):
    """Return an ACO that shares everything both ways, without limits."""
    return ar.SharedSavings(**{"benchmark_pmpm": PMPM, "sharing_rate": 1, "loss_rate": 1} | terms)


def study(arms, members=None, **terms):
    return ar.Study(members or panel(), care(), {"Fees": FEES} | arms, **{"years": 2, "seed": 3} | terms)


def run(arms, *where, replicates=150, **terms):
    return study(arms, *where, **terms).run(replicates, progress=False)


def lines(results, arm, replicate=0, year=1, kind="shared_savings"):
    frame = results.statement(arm, replicate=replicate).to_frame()
    frame = frame[(frame["kind"] == kind) & (frame["year"] == year)]
    return dict(frame[["line", "value"]].itertuples(index=False))


def bundle_of(results, arm, replicate, year):
    """What bundles paid the provider in a year, less what they took: read off the transfers."""
    ledger = results.statement(arm, replicate=replicate).ledger()
    ledger = ledger[ledger["account"].str.startswith("episode_") & ((ledger["month_incurred"] - 1) // 12 == year - 1)]
    return sum(ledger["amount"].where(ledger["to_party"] == "provider", -ledger["amount"]), Decimal(0))


@pytest.mark.parametrize("kind", BUNDLES)
def test_whatever_a_bundle_pays_the_payer_spends_the_benchmark(kind):
    """Where an ACO shares all of it, each dollar that a bundle pays is a dollar of savings less: none counts twice."""
    results = run({"ACO": [FEES, aco()], "Both": [FEES, BUNDLES[kind], aco()], "Bundle": [FEES, BUNDLES[kind]]})
    for year in YEARS:
        for arm in ("ACO", "Both"):
            spend = results.values("payer_spend", arm, year=year)
            np.testing.assert_allclose(spend, PMPM * 12 * MEMBERS, rtol=0, atol=0.02)
        moved = results.values("payer_spend", "Bundle", year=year) - results.values("payer_spend", "Fees", year=year)
        assert np.abs(moved).min() > 1, "the bundle pays or takes"
    covers = results.values("provider_net", "Both") - results.values("provider_net", "ACO")
    repaid = [
        results.statement("Both", replicate=each).ledger().query("account == 'stop_loss_recovery'")["amount"].sum()
        for each in range(4)
    ]
    np.testing.assert_allclose(covers[:4], np.array(repaid, dtype=float), atol=0.02)


@pytest.mark.parametrize("kind", BUNDLES)
def test_apart_the_payer_pays_for_the_same_savings_twice(kind):
    bundle = BUNDLES[kind]
    arms = {"Bundle": [FEES, bundle], "Apart": [FEES, bundle, aco(episode_payments="apart")], "ACO": [FEES, aco()]}
    results = run(arms)
    for year in YEARS:
        spend = {arm: results.values("payer_spend", arm, year=year) for arm in ("Fees", *arms)}
        twice = spend["Bundle"] - spend["Fees"]
        np.testing.assert_allclose(spend["Apart"], spend["ACO"] + twice, atol=0.02)
    found = lines(results, "Apart", 5)
    assert found[APART] == bundle_of(results, "Apart", 5, 1) != 0
    assert LINE not in found


@pytest.mark.parametrize("kind", BUNDLES)
def test_the_statement_says_what_counts(kind):
    results = run({"Both": [FEES, BUNDLES[kind], aco(truncation=30_000, benchmark_truncated=True)]}, replicates=5)
    for replicate in range(5):
        for year in YEARS:
            found = lines(results, "Both", replicate, year)
            assert found[LINE] == bundle_of(results, "Both", replicate, year) != 0
            spent = found["spending"] - found["truncated"] + found[LINE]
            assert found["savings"] == found["benchmark"] - spent


def test_shares_and_limits_look_at_what_is_left():
    """Half of savings, from 2 % on: computed from the statement's own lines by the calculator."""
    terms = {"sharing_rate": 0.5, "loss_rate": 0.4, "minimum_savings_rate": 0.02, "minimum_loss_rate": 0.02}
    limits = {"payment_limit_rate": 0.1, "loss_limit_rate": 0.05}
    results = run({"Both": [FEES, BUNDLES["after"], aco(**terms, **limits)]}, replicates=20)
    signs = set()
    for replicate in range(20):
        found = lines(results, "Both", replicate)
        own = ar.SharedSavings(benchmark_pmpm=PMPM, **terms, **limits).settle(
            benchmark=found["benchmark"], spending=found["spending"] + found[LINE]
        )
        assert abs(own["settlement"] - found["settlement"]) <= Decimal("0.01"), (
            "spending is not rounded before it counts"
        )
        signs.add(int(found["settlement"].compare(Decimal(0))))
    assert signs >= {-1, 0}


def test_interim_settlements_do_not_know_of_bundles_yet():
    interim = {"interim_share": 0.5, "interim_month": 15}
    arms = {"ACO": [FEES, aco(**interim)], "Both": [FEES, BUNDLES["after"], aco(**interim)]}
    results = run(arms, replicates=30)
    paid = {}
    for arm in arms:
        ledger = [results.statement(arm, replicate=each).ledger() for each in range(6)]
        first = [each.query("account == 'interim_settlement' and month_cash == 15") for each in ledger]
        paid[arm] = [each["amount"].sum() for each in first]
    assert paid["ACO"] == paid["Both"]
    assert any(paid["ACO"])
    np.testing.assert_allclose(results.values("payer_spend", "Both"), 2 * PMPM * 12 * MEMBERS, atol=0.05)


def test_rebased_years_count_what_bundles_paid_in_them():
    """A year that becomes a base year has spent what its bundle paid; base years before the first have none."""
    benchmark = ar.Benchmark(trend="prospective", trend_rate=0.0, rebase_every=1)
    both = aco(benchmark_pmpm=None, benchmark=benchmark)
    results = run({"Both": [FEES, BUNDLES["before"], both]}, base_years=1, replicates=6)
    for replicate in range(6):
        first, second = (lines(results, "Both", replicate, year) for year in YEARS)
        spent = first["spending"] + first[LINE]
        assert second["base_year_pmpm"] == round(spent / (12 * MEMBERS), 2)
        assert abs(second["benchmark"] - spent) <= Decimal("0.01")


def test_a_corridor_of_the_provider_counts_too():
    bands = {"losses": ((0, None, 1),), "share_of": "provider", "target_pmpm": PMPM}
    arms = {
        "Corridor": [FEES, ar.RiskCorridor(**bands)],
        "Both": [FEES, BUNDLES["before"], ar.RiskCorridor(**bands)],
        "Apart": [FEES, BUNDLES["before"], ar.RiskCorridor(**bands, episode_payments="apart")],
        "Bundle": [FEES, BUNDLES["before"]],
    }
    results = run(arms)
    spend = {arm: results.values("payer_spend", arm) for arm in ("Fees", *arms)}
    for arm in ("Corridor", "Both"):
        np.testing.assert_allclose(spend[arm], 2 * PMPM * 12 * MEMBERS, atol=0.05)
    np.testing.assert_allclose(spend["Apart"] - spend["Corridor"], spend["Bundle"] - spend["Fees"], atol=0.05)
    found = lines(results, "Both", kind="risk_corridor")
    assert found["cost"] == found["care_by_others"] + found["own_services"] + found[LINE] - found["recovered"]


def test_members_of_the_aco_may_be_left_out_of_the_bundle():
    """Episodes of the attributed and of the others are those of all; what is paid for the others is no ACO's."""
    members = panel(attributed=0.6)
    bundle = {"episodes": "joint", "target_price": 23_000}
    arms = {
        "Attributed": [FEES, ar.EpisodeBundle(**bundle)],
        "Others": [FEES, ar.EpisodeBundle(**bundle, excludes_attributed=True)],
        "Each": [FEES, ar.EpisodeBundle(**bundle), ar.EpisodeBundle(**bundle, excludes_attributed=True)],
        "ACO": [FEES, aco()],
        "Both": [FEES, ar.EpisodeBundle(**bundle, excludes_attributed=True), aco()],
    }
    results = run(arms, members, replicates=60)
    whole = run({"Bundle": [FEES, ar.EpisodeBundle(**bundle)]}, replicates=60)
    moved = {arm: results.values("provider_net", arm) - results.values("provider_net", "Fees") for arm in arms}
    np.testing.assert_allclose(moved["Attributed"] + moved["Others"], moved["Each"], atol=0.02)
    np.testing.assert_allclose(
        moved["Each"], whole.values("provider_net", "Bundle") - whole.values("provider_net", "Fees"), atol=0.05
    )
    np.testing.assert_allclose(moved["Both"], moved["Others"] + moved["ACO"], atol=0.02)
    assert not {LINE, APART} & set(lines(results, "Both"))
    assert np.abs(moved["Others"]).min() > 1


@pytest.mark.parametrize(
    ("arm", "text"),
    [
        (
            [FEES, aco(), BUNDLES["after"]],
            "Arm[1]: must see the bundles whose payments it counts as spending, got shared_savings before Arm[2] "
            '(put it after Arm[2], or say episode_payments="apart")',
        ),
        (
            ar.Arm([FEES, BUNDLES["after"]], payers={"A": [aco()], "B": []}),
            "Arm.payers[A][0]: must see the bundles whose payments it counts as spending, got shared_savings before "
            'Arm[1] (give both to the same payers, or say episode_payments="apart")',
        ),
        (
            [FEES, aco(episode_payments="both")],
            'Arm[1].episode_payments: must be one of counted or apart, got "both"',
        ),
    ],
)
def test_a_contract_that_counts_what_it_cannot_see_is_refused(arm, text):
    with pytest.raises(ar.InputError) as error:
        study({"Arm": arm}, panel(payers=("A", "B")))
    assert str(error.value) == text


def test_bundles_of_other_payers_and_apart_need_no_order():
    apart = aco(episode_payments="apart")
    arms = {
        "Apart": [FEES, apart, BUNDLES["after"]],
        "Others": ar.Arm(payers={"A": [FEES, aco()], "B": [FEES, BUNDLES["after"]]}),
        "Same": ar.Arm(payers={"A": [FEES, BUNDLES["after"], aco()], "B": [FEES]}),
        "All": ar.Arm([aco()], payers={"A": [FEES, BUNDLES["after"]], "B": [FEES]}),
    }
    results = run(arms, panel(payers=("A", "B")), replicates=10)
    assert LINE not in lines(results, "Others")
    assert lines(results, "Same")[LINE] == lines(results, "All")[LINE] != 0
