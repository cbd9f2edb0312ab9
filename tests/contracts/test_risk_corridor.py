"""Risk corridors in an arm: a ladder of costs, the calculator's dollars, and stop-loss before or after."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from conftest import make_panel
from rider_cases import PAYERS, beside, lines_of, moved, one_month, other_party_pays, refused, run, total, two_payers

ACA = ((0.03, 0.08, 0.5), (0.08, None, 0.8))
STAYS = ar.Service("stays", per_1000=1_000, allowed=1_000.0, delivered_by="other_providers", coinsurance=0.1)
VISITS = ar.Service("visits", per_1000=3_000, allowed=100.0, own_cost=70.0, coinsurance=0.2)
CARE = [STAYS, VISITS]
CAPITATION = ar.Capitation(pmpm=100)
COVER = ar.StopLoss(attachment_point=1_500, premium_pmpm=10)
SAVINGS = ("loss", "gain", "payer_pays", "payer_takes", "settlement")


@pytest.mark.parametrize(
    ("cost", "settlement"),
    [
        # Half of each cent beyond 3 % of 100.00, four fifths beyond 8 %.
        ("102.99", "0.00"),
        ("103.00", "0.00"),
        ("103.01", "0.01"),
        ("107.99", "2.50"),
        ("108.00", "2.50"),
        ("108.01", "2.51"),
        ("97.00", "0.00"),
        ("96.99", "-0.01"),
        ("92.00", "-2.50"),
        ("91.99", "-2.51"),
    ],
)
@pytest.mark.parametrize("target", [{"target_pmpm": 100}, {"target_loss_ratio": 0.8}])
def test_a_ladder_of_costs(cost, settlement, target):
    """One member-month at a premium of 125.00: both ways to say the target come to 100.00."""
    statement = one_month(125, [ar.RiskCorridor(losses=ACA, **target)], price=cost)
    amount = Decimal(settlement)
    assert (statement["target"], statement["cost"]) == (Decimal("100.00"), Decimal(cost))
    assert statement["settlement"] == amount
    receipt = [("payer", "provider", 12, 21, amount)] if amount > 0 else []
    payment = [("provider", "payer", 12, 21, -amount)] if amount < 0 else []
    assert moved(statement, "corridor_receipt") == receipt
    assert moved(statement, "corridor_payment") == payment


@pytest.mark.parametrize(
    "corridor",
    [
        ar.RiskCorridor(losses=ACA, target_pmpm=95, value_own_services_at="own_cost"),
        ar.RiskCorridor(losses=ACA, gains=(), target_loss_ratio=0.9),
        ar.RiskCorridor.preset("medicare_part_d", year=2024, target_loss_ratio=0.85),
        ar.RiskCorridor.preset("aco_reach_professional", year=2024, target_pmpm=100),
    ],
)
def test_the_same_dollars_as_the_calculator(corridor):
    """On the figures of a statement, every line; the statement adds up and equals its transfers."""
    base = CAPITATION if corridor.share_of == "payer" else ar.FeeForService()
    results = run(CARE, {"A": [base, COVER, corridor]}, replicates=8, years=2)
    for replicate in range(8):
        statement = results.statement("A", replicate=replicate)
        for year in (1, 2):
            lines = lines_of(statement, "risk_corridor", year)
            calculated = corridor.settle(target=lines["target"], cost=lines["cost"])
            assert {name: calculated[name] for name in SAVINGS} == {name: lines[name] for name in SAVINGS}
            assert lines["cost"] == lines["care_by_others"] + lines["own_services"] - lines["recovered"]
            rows = [*moved(statement, "corridor_receipt"), *moved(statement, "corridor_payment")]
            of_year = [(to, amount) for _, to, month, _, amount in rows if month == 12 * year]
            assert sum(amount if to == "provider" else -amount for to, amount in of_year) == lines["settlement"]
    assert set(corridor.notes) <= set(statement.notes)
    assert not corridor.source or corridor.source in statement.notes


def test_care_by_others_is_what_was_purchased():
    statement = run(CARE, {"A": [CAPITATION, ar.RiskCorridor(losses=ACA, target_pmpm=95)]}).statement("A", replicate=0)
    assert statement["care_by_others"] == total(statement, "purchased_care")


def test_own_services_at_price_or_at_cost():
    arms = {
        value: [CAPITATION, ar.RiskCorridor(losses=ACA, target_pmpm=95, value_own_services_at=value)]
        for value in ("paid", "own_cost")
    }
    results = run(CARE, arms)
    at = {value: results.statement(value, replicate=0)["own_services"] for value in arms}
    visits = total(results.statement("paid", replicate=0), "own_cost") / 70
    assert at == {"paid": 80 * visits, "own_cost": 70 * visits}


def test_closed_form_and_every_dollar():
    """A Poisson number of stays at 900: the mean settlement by its law."""
    corridor = ar.RiskCorridor(losses=ACA, target_loss_ratio=0.7)
    results = run(STAYS, {"Bare": CAPITATION, "A": [CAPITATION, corridor]}, replicates=4_000)
    gained = other_party_pays(results, "A", "Bare")
    target = 0.7 * 100 * 100 * 12

    def of(n):
        away = np.abs(900.0 * n - target)
        shared = 0.5 * np.clip(away - 0.03 * target, 0, 0.05 * target) + 0.8 * np.maximum(away - 0.08 * target, 0)
        return np.sign(900.0 * n - target) * shared

    assert beside(gained, of, 100)


def test_it_grows_with_the_target_and_shares_no_more_than_all():
    targets = {f"{target}": [CAPITATION, ar.RiskCorridor(losses=ACA, target_pmpm=target)] for target in (70, 75, 80)}
    whole = {"all": [CAPITATION, ar.RiskCorridor(losses=[(0, None, 1)], target_pmpm=75)]}
    none = {"none": [CAPITATION, ar.RiskCorridor(losses=[(0, None, 0)], target_pmpm=75)]}
    results = run(STAYS, {"Bare": CAPITATION} | targets | whole | none, replicates=60)
    gained = {arm: other_party_pays(results, arm, "Bare") for arm in [*targets, "all", "none"]}
    assert (gained["70"] >= gained["75"]).all()
    assert (gained["75"] >= gained["80"]).all()
    assert (gained["none"] == 0).all()
    loss = results.values("provider_cost", "Bare") - 75 * 1_200
    np.testing.assert_allclose(gained["all"], loss, atol=1e-6)
    assert (np.abs(gained["75"]) <= np.abs(loss) + 1e-9).all()


def test_order_matters():
    """A stop-loss before the corridor takes its recoveries off the costs; one after it does not."""
    corridor = ar.RiskCorridor(losses=ACA, target_loss_ratio=0.75)
    arms = {
        "Cover first": [CAPITATION, COVER, corridor],
        "Corridor first": [CAPITATION, corridor, COVER],
        "Alone": [CAPITATION, corridor],
    }
    results = run(STAYS, arms)
    lines = {arm: lines_of(results.statement(arm, replicate=0), "risk_corridor") for arm in arms}
    recovery = total(results.statement("Cover first", replicate=0), "stop_loss_recovery")
    assert recovery > 0
    assert lines["Cover first"]["recovered"] == recovery
    assert lines["Cover first"]["cost"] == lines["Alone"]["cost"] - recovery
    assert lines["Corridor first"].equals(lines["Alone"])
    assert lines["Cover first"]["settlement"] < lines["Corridor first"]["settlement"]


def test_stop_loss_of_a_bundle_is_of_other_costs():
    """What a bundle's stop-loss repays is of billed visits; the corridor is about capitated stays."""
    episode = ar.Episode("visits", trigger="visits", window_days=30, absorbs=False)
    visits = ar.EpisodeBundle(episodes="visits", kind="prospective", target_price=90, case_attachment=50)
    stays = ar.Capitation(pmpm=80, scope=["stays"])
    corridor = ar.RiskCorridor(losses=ACA, target_loss_ratio=0.75)
    arms = {"Bundle": [stays, visits, COVER, corridor], "None": [stays, COVER, corridor]}
    study = ar.Study(make_panel(100), ar.Utilization(services=CARE, episodes=[episode]), arms, seed=11)
    statements = {arm: study.run(1, progress=False).statement(arm, replicate=0) for arm in arms}
    repaid = [total(statement, "stop_loss_recovery") for statement in statements.values()]
    assert repaid[0] > repaid[1] > 0
    lines = {arm: lines_of(statement, "risk_corridor") for arm, statement in statements.items()}
    assert lines["Bundle"].equals(lines["None"])
    assert lines["None"]["recovered"] == repaid[1]


def test_a_cover_costs_and_repays_the_same_beside_it():
    """The exact engine prices a cover in an arm with a corridor as in one without."""
    cover = ar.StopLoss(attachment_point=1_500, loading=0.2)
    riders = [ar.RiskCorridor(losses=ACA, target_pmpm=75), ar.MedicalLossRatioRebate(standard=0.8)]
    arms = {"A": [CAPITATION, cover, *riders, ar.Withhold(withhold_rate=0.1)], "Bare": [CAPITATION, cover]}
    study = ar.Study(two_payers(), ar.Utilization(services=CARE), arms, seed=1)
    beside, bare = study.expected_recoveries().to_numpy()
    np.testing.assert_array_equal(beside, bare)
    exact = study.exact()
    assert exact.figure("A", "paid_mean").value == exact.figure("Bare", "paid_mean").value


def test_only_its_payers_members_count():
    panel, one, other = two_payers(), PAYERS["one"], PAYERS["other"]
    corridor = ar.RiskCorridor(losses=ACA, target_loss_ratio=0.75)
    arms = {"A": ar.Arm(payers={one: [CAPITATION, COVER, corridor], other: [CAPITATION, COVER]})}
    statement = run(STAYS, arms, panel=panel).statement("A", replicate=0)
    claims = ar.Study(panel, ar.Utilization(services=[STAYS]), arms, seed=11).claims()
    of_one = claims[claims["member_ix"] % 3 == 0]
    years = 900 * of_one["member_ix"].value_counts()
    lines = lines_of(statement, "risk_corridor")
    assert lines["target"] == 75 * 12 * 30
    assert lines["care_by_others"] == 900 * len(of_one)
    assert lines["recovered"] == int((years - 1_500).clip(lower=0).sum()) > 0
    assert lines["recovered"] < total(statement, "stop_loss_recovery")


def test_shares_of_the_provider_are_of_what_the_payer_bears():
    """As in ACO REACH: all care that is paid for, of those attributed; stop-loss is the provider's own affair."""
    corridor = ar.RiskCorridor(losses=[(0, None, 0.5)], share_of="provider", target_pmpm=95)
    savings = ar.SharedSavings(benchmark_pmpm=95, sharing_rate=0.5, loss_rate=0.5)
    frame = pd.DataFrame({"age": np.full(90, 50.0), "sex": "female", "risk_score": 1.0})
    for attribution in (None, ar.Attribution(share=0.5)):
        panel = ar.Population.from_frame(frame, attribution=attribution)
        arms = {"A": [ar.FeeForService(), COVER, corridor, savings]}
        statement = run(CARE, arms, panel=panel).statement("A", replicate=0)
        lines, shared = lines_of(statement, "risk_corridor"), lines_of(statement, "shared_savings")
        assert (lines["member_months"] == 90 * 12) == (attribution is None)
        assert (lines["member_months"], lines["target"]) == (shared["member_months"], shared["benchmark"])
        assert (lines["cost"], lines["recovered"]) == (shared["spending"], 0)
        assert lines["settlement"] == shared["settlement"] != 0


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "two[1].target_pmpm: must be given, or target_loss_ratio, got neither"),
        (
            {"target_pmpm": 1, "target_loss_ratio": 0.5},
            "two[1].target_pmpm: must not be given beside target_loss_ratio, got both",
        ),
        ({"target_pmpm": -1}, "two[1].target_pmpm: must be a finite number of at least 0, got -1"),
        (
            {"target_loss_ratio": 85},
            "two[1].target_loss_ratio: must be between 0 and 1, got 85 (did you mean 0.85?)",
        ),
        (
            {"target_loss_ratio": 0.85, "share_of": "provider"},
            "two[1].target_loss_ratio: must not be given where shares are the provider's: the payer bears the costs, "
            "and there is no capitation, got 0.85",
        ),
        (
            {"target_pmpm": 1, "share_of": "provider", "value_own_services_at": "own_cost"},
            'two[1].value_own_services_at: must be "paid" where shares are the provider\'s: the payer bears what it '
            'pays, got "own_cost"',
        ),
        (
            {"target_pmpm": 1, "value_own_services_at": "charges"},
            'two[1].value_own_services_at: must be one of paid or own_cost, got "charges"',
        ),
        (
            {"target_pmpm": 1, "settle_month": 61},
            "two[1].settle_month: must be a whole month between 12 and 60, counted from the start of the year, got 61",
        ),
    ],
)
def test_terms_are_refused(terms, message):
    assert refused([CAPITATION, ar.RiskCorridor(losses=ACA, **terms)]) == message
