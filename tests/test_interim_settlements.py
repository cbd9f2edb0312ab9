"""Interim settlements of shared savings: paid early, counted against the final one, clawed back where too much."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel
from rider_cases import lines_of, moved, refused, run, total

STAYS = ar.Service("stays", per_1000=1_000, allowed=ar.LogNormal(mean=1_000, cv=1.0), delivered_by="other_providers")
TERMS = {"benchmark_pmpm": 84, "sharing_rate": 0.5, "basis": "allowed"}
INTERIM = {"interim_share": 0.6, "interim_month": 14, "interim_claims_months": 6}
CENT = Decimal("0.01")


def contract(**terms):
    return ar.SharedSavings(**TERMS, **terms)


def both(replicates=40, services=STAYS, **terms):
    """Results of the terms without and with an interim settlement."""
    plain = {name: value for name, value in terms.items() if not name.startswith("interim")}
    interim = INTERIM | {name: value for name, value in terms.items() if name.startswith("interim")}
    arms = {"Without": contract(**plain), "With": contract(**plain, **interim)}
    return run(services, arms, replicates=replicates, years=2)


def net_of_cash(statement):
    """Dollars to the provider between payer and provider, by month of cash."""
    ledger = statement.ledger()
    net = {}
    for row in ledger.itertuples():
        if {row.from_party, row.to_party} == {"payer", "provider"}:
            sign = 1 if row.to_party == "provider" else -1
            net[row.month_cash] = net.get(row.month_cash, Decimal(0)) + sign * row.amount
    return net


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"interim_claims_months": 12},
        {"loss_rate": 0.4},
        {"truncation": 2_000, "benchmark_truncated": True},
        {"discount_rate": 0.02, "payment_limit_rate": 0.05, "sequestration_rate": 0.02},
        {"distributed_share": 0.3, "recovered_share": 0.3, "loss_rate": 0.4},
    ],
)
def test_what_is_paid_in_all_is_what_is_settled_without(terms):
    """To the cent: interim and final settlement add up; margin is the same, and only the months of cash differ."""
    results = both(**terms)
    with_it, without = (results.values("provider_net", arm) for arm in ("With", "Without"))
    np.testing.assert_allclose(with_it, without, rtol=0, atol=1e-9)
    for replicate in range(6):
        with_it, without = (results.statement(arm, replicate=replicate) for arm in ("With", "Without"))
        assert sum(net_of_cash(with_it).values()) == sum(net_of_cash(without).values())
        for account in ("shared_savings", "shared_losses", "distribution"):
            assert moved(with_it, account) == moved(without, account)
        for year in (1, 2):
            lines, plain = lines_of(with_it, "shared_savings", year), lines_of(without, "shared_savings", year)
            settlement = plain["earned"] - plain["owed"]
            assert lines["interim_settlement"] + lines["final_settlement"] == settlement
            cash = net_of_cash(with_it)
            assert cash.get(12 * year + 2, 0) == lines["interim_settlement"]
            assert cash.get(12 * year + 9, 0) == lines["final_settlement"]


def test_it_is_the_rule_on_the_first_months():
    """Recomputed from claims: six months of stays against six months of the benchmark, by the calculator."""
    terms = {"minimum_savings_rate": 0.02, "payment_limit_rate": 0.08}
    results = both(**terms)
    seen = set()
    for replicate in range(20):
        claims = results.study.claims(replicate)
        lines = lines_of(results.statement("With", replicate=replicate), "shared_savings")
        first = claims[(claims["year"] == 1) & (claims["month"] <= 6)]
        spending = round(float(first["allowed"].sum()), 2)
        theirs = contract(**terms).settle(benchmark=84 * 6 * 100, spending=spending)
        assert abs(lines["interim_earned"] - theirs["earned"]) <= CENT
        assert lines["interim_settlement"] == (lines["interim_earned"] * Decimal("0.6")).quantize(CENT)
        seen.add(theirs["earned"] > 0)
    assert seen == {True, False}


def test_of_all_claims_it_is_a_part_of_what_is_earned():
    results = both(interim_claims_months=12)
    for replicate in range(10):
        lines = lines_of(results.statement("With", replicate=replicate), "shared_savings")
        assert lines["interim_earned"] == lines["earned"]
        assert lines["clawed_back"] == 0


def test_what_was_too_much_is_clawed_back():
    """A year that began well and ended badly: the interim settlement goes back in the month of the final one."""
    results = both()
    clawed = 0
    for replicate in range(40):
        statement = results.statement("With", replicate=replicate)
        lines = lines_of(statement, "shared_savings")
        assert lines["clawed_back"] == max(lines["interim_settlement"] - lines["earned"], 0)
        if lines["clawed_back"] > 0:
            clawed += 1
            assert net_of_cash(statement)[21] == -lines["clawed_back"]
            there, back = moved(statement, "interim_settlement")[:2]
            assert there == ("payer", "provider", 12, 14, lines["interim_settlement"])
            assert back == ("provider", "payer", 12, 21, lines["interim_settlement"])
    assert 0 < clawed < 40


def test_truncated_dollars_of_the_first_months_are_in_proportion_to_spending():
    terms = {"truncation": 2_000, "benchmark_truncated": True}
    results = both(**terms)
    for replicate in range(10):
        claims = results.study.claims(replicate)
        lines = lines_of(results.statement("With", replicate=replicate), "shared_savings")
        year = claims[claims["year"] == 1]
        whole, half = float(year["allowed"].sum()), float(year[year["month"] <= 6]["allowed"].sum())
        above = float((year.groupby("member_ix")["allowed"].sum() - 2_000).clip(lower=0).sum())
        savings = 84 * 6 * 100 - (half - above * half / whole)
        assert float(lines["interim_earned"]) == pytest.approx(0.5 * max(savings, 0), abs=0.02)


def test_the_cash_trough_is_less_deep():
    """Fixed costs until the settlement: half of it paid nine months earlier lifts the lowest balance."""
    care = ar.Utilization(services=[STAYS], fixed_cost_per_month=200)
    settle = {"benchmark_pmpm": 120, "sharing_rate": 0.5, "basis": "allowed", "settle_month": 30}
    interim = {"interim_share": 0.5, "interim_month": 14, "interim_claims_months": 6}
    arms = {"Without": ar.SharedSavings(**settle), "With": ar.SharedSavings(**settle, **interim)}
    results = ar.Study(make_panel(100), care, arms, years=2, seed=3).run(50, progress=False)
    lowest = {arm: results.values("minimum_cash", arm) for arm in arms}
    assert (lowest["With"] >= lowest["Without"]).all()
    assert (lowest["With"] > lowest["Without"]).mean() > 0.9
    with_it, without = (results.values("provider_net", arm) for arm in ("With", "Without"))
    np.testing.assert_allclose(with_it, without, rtol=0, atol=1e-9)


def test_savings_that_an_advance_takes_are_whole():
    """An advance is taken back out of what is earned, which an interim settlement leaves as it is."""
    advance = ar.AdvancePayment(amount=500)
    arms = {"Without": [contract(), advance], "With": [contract(**INTERIM), advance]}
    results, in_all = run(STAYS, arms, replicates=5), 0
    for replicate in range(5):
        repaid = {total(results.statement(arm, replicate=replicate), "advance_repaid") for arm in arms}
        assert len(repaid) == 1
        in_all += repaid.pop()
    assert in_all > 0


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"interim_share": 50}, "two[0].interim_share: must be between 0 and 1, got 50 (did you mean 0.50?)"),
        ({"interim_month": None}, "two[0].interim_month: must be given with interim_share, got None"),
        ({"interim_share": 0.0}, "two[0].interim_month: must not be given without interim_share, got 14"),
        (
            {"interim_month": 9},
            "two[0].interim_month: must be a whole month between 12 and 60, counted from the start of the year, got 9",
        ),
        ({"interim_month": 21}, "two[0].interim_month: must be before settle_month, 21, got 21"),
        (
            {"interim_claims_months": 13},
            "two[0].interim_claims_months: must be a whole number between 1 and 12, got 13",
        ),
        (
            {"interim_claims_months": 0},
            "two[0].interim_claims_months: must be a whole number between 1 and 12, got 0",
        ),
    ],
)
def test_terms_are_refused(terms, text):
    assert refused([contract(**(INTERIM | terms))]) == text


def test_own_figures_have_no_months():
    with pytest.raises(ar.InputError, match=r"^SharedSavings\.interim_share: must be left out where own figures"):
        contract(**INTERIM).settle(benchmark=100, spending=90)
