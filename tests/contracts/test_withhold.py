"""Withhold: what is kept back by month, what comes back by quality, and what a deficit takes of it first."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel
from rider_cases import PAYERS, beside, lines_of, moved, one_month, other_party_pays, refused, run, total, two_payers

VISITS = ar.Service("visits", per_1000=3_000, allowed=100.0, own_cost=40.0, coinsurance=0.2)
FEES = ar.FeeForService()


@pytest.mark.parametrize(
    ("target", "returned"),
    [
        # 100.00 of 1,000.00 is kept back; each cent above the target takes one of it.
        (1_000.01, "100.00"),
        (1_000.00, "100.00"),
        (999.99, "99.99"),
        (900.01, "0.01"),
        (900.00, "0.00"),
        (899.99, "0.00"),
        (0.00, "0.00"),
    ],
)
def test_a_deficit_is_covered_first(target, returned):
    statement = one_month(1_000, [ar.Withhold(withhold_rate=0.1, accounts=["capitation"], target_pmpm=target)])
    assert (statement["payments"], statement["withheld"]) == (Decimal("1000.00"), Decimal("100.00"))
    assert statement["returned"] == Decimal(returned)
    assert moved(statement, "withheld") == [("provider", "payer", 1, 1, Decimal("100.00"))]
    back = [("payer", "provider", 12, 15, Decimal(returned))] if Decimal(returned) else []
    assert moved(statement, "withhold_returned") == back


@pytest.mark.parametrize(
    ("premium", "withheld"),
    [(0.04, "0.00"), (0.05, "0.01"), (0.14, "0.01"), (0.15, "0.02"), (10.04, "1.00"), (10.05, "1.01")],
)
def test_halves_of_a_cent_are_kept_back(premium, withheld):
    assert one_month(premium, [ar.Withhold(withhold_rate=0.1)])["withheld"] == Decimal(withheld)


@pytest.mark.parametrize(
    ("share", "score", "returned"), [(1, 1, "100.00"), (0.5, 1, "50.00"), (0.5, 0.8, "40.00"), (1, 0, "0.00")]
)
def test_shares_and_quality(share, score, returned):
    withhold = ar.Withhold(withhold_rate=0.1, accounts=["capitation"], returned_share=share, quality_score=score)
    assert one_month(1_000, [withhold])["returned"] == Decimal(returned)
    # A deficit of 20 comes off before the shares.
    pool = ar.Withhold(withhold_rate=0.1, returned_share=share, quality_score=score, target_pmpm=980)
    assert one_month(1_000, [pool])["returned"] == Decimal(returned) * 80 / 100


def test_the_page_example():
    """Claims of 100,000: 10,000 are kept back, the deficit above 96,000 is 4,000, and 6,000 come back."""
    capitation = [ar.Capitation(pmpm=1_000 / 12)]
    panel = make_panel(100)
    arms = {"A": [*capitation, ar.Withhold(withhold_rate=0.1, target_pmpm=80)]}
    statement = run(VISITS, arms, panel=panel).statement("A", replicate=0)
    assert statement["deficit"] == pytest.approx(4_000, abs=1)
    assert statement["returned"] == pytest.approx(6_000, abs=1)


def test_each_month_of_cash_keeps_its_part():
    care = ar.Utilization(services=[VISITS], collections=ar.Collections(denial_rate=0.05, days_to_pay=150))
    arms = {"A": [FEES, ar.Withhold(withhold_rate=0.15)]}
    statement = ar.Study(make_panel(100), care, arms, seed=3).run(1, progress=False).statement("A", replicate=0)
    claims = {(incurred, cash): amount for _, _, incurred, cash, amount in moved(statement, "claim")}
    withheld = {(incurred, cash): amount for _, _, incurred, cash, amount in moved(statement, "withheld")}
    cents = Decimal("0.01")
    assert withheld == {
        months: (amount * 15 / 100).quantize(cents, "ROUND_HALF_UP") for months, amount in claims.items()
    }
    assert len(withheld) == 12
    # December's cash moves in month 17: nothing comes back before.
    assert [row[2:4] for row in moved(statement, "withhold_returned")] == [(12, 17)]
    assert total(statement, "withhold_returned") == total(statement, "withheld") == statement["withheld"]


def test_closed_form_of_the_pool():
    """A Poisson number of visits at 80 paid: the mean of what is lost, by its law."""
    withhold = ar.Withhold(withhold_rate=0.1, returned_share=0.9, target_pmpm=20)
    results = run(VISITS, {"Bare": FEES, "A": [FEES, withhold]}, replicates=4_000)
    gained = other_party_pays(results, "A", "Bare")

    def of(n):
        spending = 80.0 * n
        return 0.9 * np.maximum(0.1 * spending - np.maximum(spending - 24_000, 0), 0) - 0.1 * spending

    assert beside(gained, of, 300)


def test_it_grows_with_its_shares_and_never_gives_more_than_it_kept():
    rates = {f"{rate}": [FEES, ar.Withhold(withhold_rate=rate, returned_share=0.5)] for rate in (0, 0.1, 0.2, 1)}
    targets = {
        f"target {target}": [FEES, ar.Withhold(withhold_rate=0.1, target_pmpm=target)] for target in (15, 19, 20, 30)
    }
    results = run(VISITS, {"Bare": FEES} | rates | targets, replicates=50)
    lost = {arm: -other_party_pays(results, arm, "Bare") for arm in [*rates, *targets]}
    for arms in (list(rates), list(targets)[::-1]):
        for few, many in pairwise(arms):
            assert (lost[few] <= lost[many] + 1e-9).all()
    paid = results.values("payer_spend", "Bare")
    assert (lost["0"] == 0).all()
    np.testing.assert_allclose(lost["1"], 0.5 * paid)
    for arm in targets:
        assert (lost[arm] >= -1e-6).all()
        assert (lost[arm] <= 0.1 * paid + 1e-6).all()


def test_order_matters():
    """After a cut of 2 % it keeps back a part of what is left; before the cut a part of all."""
    cut, withhold = ar.Sequestration(rates=0.02), ar.Withhold(withhold_rate=0.1, returned_share=0)
    arms = {"Cut first": [FEES, cut, withhold], "Withhold first": [FEES, withhold, cut]}
    results = run(VISITS, arms)
    claims = total(results.statement("Cut first", replicate=0), "claim")
    after, before = (results.statement(arm, replicate=0)["withheld"] for arm in arms)
    assert float(after) == pytest.approx(float(claims) * 0.098, abs=0.06)
    assert float(before) == pytest.approx(float(claims) * 0.1, abs=0.06)


def test_only_its_payers_members_count():
    panel, one = two_payers(), PAYERS["one"]
    withhold = ar.Withhold(withhold_rate=0.1, target_pmpm=20)
    arms = {
        "One": ar.Arm(payers={one: [FEES, withhold], PAYERS["other"]: FEES}),
        "Both": ar.Arm([FEES, withhold]),
    }
    results = run(VISITS, arms, panel=panel)
    study = ar.Study(panel, ar.Utilization(services=[VISITS]), arms, seed=11)
    claims = study.claims()
    assert results.statement("One", replicate=0)["member_months"] == 30 * 12
    of_one = int((claims["member_ix"] % 3 == 0).sum())
    spent = results.statement("One", replicate=0)
    assert spent["payments"] == spent["spending"] == 80 * of_one
    assert spent["withheld"] == 8 * of_one
    assert results.statement("Both", replicate=0)["withheld"] == 8 * len(claims)


def test_years_settle_by_themselves():
    results = run(VISITS, {"A": [FEES, ar.Withhold(withhold_rate=0.1, target_pmpm=20, settle_month=18)]}, years=3)
    statement = results.statement("A", replicate=0)
    for year in (1, 2, 3):
        lines = lines_of(statement, "withhold", year)
        of_year = [row for row in moved(statement, "withheld") if 12 * year - 12 < row[2] <= 12 * year]
        assert sum(row[4] for row in of_year) == lines["withheld"]
        left = max(lines["withheld"] - max(lines["spending"] - lines["target"], 0), 0)
        assert lines["returned"] == lines["left"] == left
        back = [row for row in moved(statement, "withhold_returned") if row[2] == 12 * year]
        assert [row[3:] for row in back] == ([(12 * year + 6, left)] if left else [])


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"withhold_rate": 10}, "two[1].withhold_rate: must be between 0 and 1, got 10 (did you mean 0.10?)"),
        ({"returned_share": -0.1}, "two[1].returned_share: must be between 0 and 1, got -0.1"),
        ({"quality_score": 1.5}, "two[1].quality_score: must be between 0 and 1, got 1.5 (did you mean 0.015?)"),
        ({"target_pmpm": -1}, "two[1].target_pmpm: must be a finite number of at least 0, got -1"),
        ({"accounts": []}, "two[1].accounts: must name at least one account, got none"),
        ({"accounts": ["claim", "claim"]}, 'two[1].accounts: must name each account once, got "claim" twice'),
        (
            {"accounts": "claims"},
            'two[1].accounts: must name accounts between payer and provider, got "claims" (they are claim, capitation, '
            "care_management_fee, shared_savings, shared_losses, quality_payment, quality_penalty, corridor_receipt, "
            "corridor_payment, pool_surplus, pool_deficit, withheld, withhold_returned, rebate, sequestered, advance, "
            "advance_repaid, episode_price, episode_gain)",
        ),
        (
            {"settle_month": 11},
            "two[1].settle_month: must be a whole month between 12 and 60, counted from the start of the year, got 11",
        ),
    ],
)
def test_terms_are_refused(terms, message):
    assert refused([FEES, ar.Withhold(**({"withhold_rate": 0.1} | terms))]) == message
