"""Medical loss ratio rebates in an arm: a ladder of costs, the calculator's dollars, and corridors before or after."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel
from rider_cases import PAYERS, beside, lines_of, moved, one_month, other_party_pays, refused, run, total, two_payers

STAYS = ar.Service("stays", per_1000=1_000, allowed=1_000.0, delivered_by="other_providers", coinsurance=0.1)
VISITS = ar.Service("visits", per_1000=3_000, allowed=100.0, own_cost=70.0, coinsurance=0.2)
CAPITATION = ar.Capitation(pmpm=100)
PLAIN = ar.MedicalLossRatioRebate(standard=0.8)
CORRIDOR = ar.RiskCorridor(losses=[(0, None, 0.5)], target_loss_ratio=0.8)


@pytest.mark.parametrize(
    ("cost", "rebate"), [("80.01", "0.00"), ("80.00", "0.00"), ("79.99", "0.01"), ("60.00", "20.00"), ("0.00", "80.00")]
)
def test_a_ladder_of_costs(cost, rebate):
    """One member-month at a premium of 100.00 and a standard of 80 %."""
    statement = one_month(100, [PLAIN], price=cost)
    assert (statement["claims"], statement["premium"]) == (Decimal(cost), Decimal("100.00"))
    assert statement["rebate"] == Decimal(rebate)
    paid = [("provider", "payer", 12, 21, Decimal(rebate))] if Decimal(rebate) else []
    assert moved(statement, "rebate") == paid


@pytest.mark.parametrize(
    ("cost", "rebate"), [("79.95", "0.00"), ("79.94", "0.10"), ("79.85", "0.10"), ("79.84", "0.20")]
)
def test_a_rounded_ratio_is_a_step(cost, rebate):
    rule = ar.MedicalLossRatioRebate(standard=0.8, ratio_decimals=3)
    assert one_month(100, [rule], price=cost)["rebate"] == Decimal(rebate)


@pytest.mark.parametrize(("members", "credible"), [(11, 0), (12, 1), (18, 1)])
def test_life_years_are_member_months_over_twelve(members, credible):
    rule = ar.MedicalLossRatioRebate(standard=0.8, credibility=[(12, 0.083), (24, 0.023)])
    care = ar.Service("stays", per_1000=1, allowed=0.0, delivered_by="other_providers")
    arms = {"A": [CAPITATION, rule]}
    statement = run(care, arms, panel=make_panel(members)).statement("A", replicate=0)
    factor = {11: "0", 12: "0.083", 18: "0.053"}[members]
    assert (statement["credible"], statement["base_credibility_factor"]) == (credible, Decimal(factor))
    assert statement["life_years"] == members
    assert statement["rebate"] == credible * (Decimal("0.8") - Decimal(factor)) * 1_200 * members


@pytest.mark.parametrize(
    "rule",
    [
        ar.MedicalLossRatioRebate(standard=0.85, value_own_services_at="own_cost"),
        ar.MedicalLossRatioRebate(standard=0.97, credibility=[(50, 0.08), (120, 0.01)], ratio_decimals=3),
        ar.MedicalLossRatioRebate.preset("medicare_advantage", year=2024, settle_month=24),
        ar.MedicalLossRatioRebate.preset("large_group", year=2024),
    ],
)
def test_the_same_dollars_as_the_calculator(rule):
    """On the figures of a statement, every line; the statement adds up and equals its transfers."""
    results = run([STAYS, VISITS], {"A": [ar.Capitation(pmpm=110), CORRIDOR, rule]}, replicates=8, years=2)
    for replicate in range(8):
        statement = results.statement("A", replicate=replicate)
        for year in (1, 2):
            lines = lines_of(statement, "medical_loss_ratio_rebate", year)
            life_years = {"life_years": lines["life_years"]} if rule.credibility else {}
            calculated = rule.settle(claims=lines["claims"], premium=lines["premium"], **life_years)
            names = [line.line for line in calculated.lines if line.line in lines.index]
            assert names[-1] == "rebate"
            for name in names:
                assert float(calculated[name]) == pytest.approx(float(lines[name]), abs=1e-12), name
            assert calculated["rebate"] == lines["rebate"]
            assert lines["claims"] == lines["care_by_others"] + lines["own_services"] - lines["corridor"]
            of_year = [row[3:] for row in moved(statement, "rebate") if row[2] == 12 * year]
            month = 12 * year - 12 + rule.settle_month
            assert of_year == ([(month, lines["rebate"])] if lines["rebate"] else [])
    assert set(rule.notes) <= set(statement.notes)


def test_care_by_others_is_what_was_purchased():
    statement = run([STAYS, VISITS], {"A": [CAPITATION, PLAIN]}).statement("A", replicate=0)
    assert statement["care_by_others"] == total(statement, "purchased_care")
    assert statement["premium"] == total(statement, "capitation") == 120_000


def test_closed_form_and_every_dollar():
    """A Poisson number of stays at 900 beside a capitation of 120,000: the mean rebate by its law."""
    results = run(STAYS, {"Bare": CAPITATION, "A": [CAPITATION, PLAIN]}, replicates=4_000)
    gained = other_party_pays(results, "A", "Bare")
    assert beside(gained, lambda n: -np.maximum(0.8 * 120_000 - 900.0 * n, 0), 100)


def test_it_grows_with_the_standard_and_gives_back_no_more_than_the_standard_leaves():
    arms = {f"{rate}": [CAPITATION, ar.MedicalLossRatioRebate(standard=rate)] for rate in (0, 0.7, 0.8, 0.9, 1)}
    results = run(STAYS, {"Bare": CAPITATION} | arms, replicates=60)
    rebates = {arm: -other_party_pays(results, arm, "Bare") for arm in arms}
    for low, high in [("0", "0.7"), ("0.7", "0.8"), ("0.8", "0.9"), ("0.9", "1")]:
        assert (rebates[low] <= rebates[high] + 1e-9).all()
    assert (rebates["0"] == 0).all()
    left = np.maximum(120_000 - results.values("provider_cost", "Bare"), 0)
    np.testing.assert_allclose(rebates["1"], left, atol=1e-6)


def test_order_matters():
    """What a corridor before it took counts as care; one after it does not count."""
    arms = {
        "Corridor first": [CAPITATION, CORRIDOR, PLAIN],
        "Rebate first": [CAPITATION, PLAIN, CORRIDOR],
        "Alone": [CAPITATION, PLAIN],
    }
    few = ar.Service("stays", per_1000=800, allowed=1_000.0, delivered_by="other_providers", coinsurance=0.1)
    results = run(few, arms)
    lines = {arm: lines_of(results.statement(arm, replicate=0), "medical_loss_ratio_rebate") for arm in arms}
    taken = total(results.statement("Corridor first", replicate=0), "corridor_payment")
    assert taken > 0
    assert lines["Corridor first"]["corridor"] == -taken
    assert lines["Corridor first"]["claims"] == lines["Alone"]["claims"] + taken
    assert lines["Rebate first"].equals(lines["Alone"])
    # Half of what was short went to the corridor.
    assert lines["Corridor first"]["rebate"] == lines["Alone"]["rebate"] / 2 > 0


def test_only_its_payers_members_count():
    panel, one, other = two_payers(), PAYERS["one"], PAYERS["other"]
    arms = {"A": ar.Arm(payers={one: [CAPITATION, PLAIN], other: [CAPITATION]})}
    statement = run(STAYS, arms, panel=panel).statement("A", replicate=0)
    claims = ar.Study(panel, ar.Utilization(services=[STAYS]), arms, seed=11).claims()
    lines = lines_of(statement, "medical_loss_ratio_rebate")
    assert lines["premium"] == 100 * 12 * 30
    assert lines["claims"] == 900 * int((claims["member_ix"] % 3 == 0).sum())


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            {"settle_month": 12.5},
            "two[1].settle_month: must be a whole month between 12 and 60, counted from the start of the year, "
            "got 12.5",
        ),
        (
            {"settle_month": "March"},
            'two[1].settle_month: must be a number, got "March"',
        ),
        (
            {"value_own_services_at": "price"},
            'two[1].value_own_services_at: must be one of paid or own_cost, got "price"',
        ),
    ],
)
def test_terms_are_refused(terms, message):
    assert refused([CAPITATION, ar.MedicalLossRatioRebate(standard=0.8, **terms)]) == message


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"standard": 80}, "MedicalLossRatioRebate.standard: must be between 0 and 1, got 80 (did you mean 0.80?)"),
        (
            {"standard": ar.Uniform(0, 1)},
            "MedicalLossRatioRebate.standard: must be known: a number and no distribution, "
            "got Uniform(lower=0, upper=1)",
        ),
        (
            {"credibility": [(1_000, 1.2)]},
            "MedicalLossRatioRebate.credibility[0].gives: must be between 0 and 1, got 1.2",
        ),
        (
            {"rebate_on": "capitation"},
            'MedicalLossRatioRebate.rebate_on: must be one of premium_less_taxes or premium, got "capitation"',
        ),
    ],
)
def test_terms_of_the_rule_are_refused_when_they_are_given(terms, message):
    with pytest.raises(ar.InputError) as error:
        ar.MedicalLossRatioRebate(**({"standard": 0.8} | terms))
    assert str(error.value) == message
