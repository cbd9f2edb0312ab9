"""Sequestration in an arm: what is taken off by month, by date, and of what stands before it."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from rider_cases import PAYERS, beside, lines_of, moved, one_month, other_party_pays, refused, run, total, two_payers

VISITS = ar.Service("visits", per_1000=3_000, allowed=100.0, own_cost=40.0, coinsurance=0.2)
FEES = ar.FeeForService()


@pytest.mark.parametrize(
    ("payment", "sequestered"),
    [(0.24, "0.00"), (0.25, "0.01"), (0.74, "0.01"), (0.75, "0.02"), (100, "2.00"), (0, "0.00")],
)
def test_a_ladder_of_payments(payment, sequestered):
    """The same cents as the calculator's, half of one away from zero."""
    cut = ar.Sequestration(rates=0.02, accounts=["capitation"])
    statement = one_month(payment, [cut])
    assert statement["sequestered"] == Decimal(sequestered) == cut.settle(amount=payment)["sequestered"]
    assert statement["paid"] == cut.settle(amount=payment)["paid"]
    taken = [("provider", "payer", 1, 1, Decimal(sequestered))] if Decimal(sequestered) else []
    assert moved(statement, "sequestered") == taken


def test_rates_follow_the_calendar():
    """From January 2020 over three years: 2 %, nothing from May 2020, 1 % from April and 2 % from July 2022."""
    cut = ar.Sequestration(accounts=["capitation"], first_date="2020-01-01")
    results = run(VISITS, {"A": [ar.Capitation(pmpm=10), cut]}, years=3)
    statement = results.statement("A", replicate=0)
    expected = {
        **dict.fromkeys(range(1, 5), 20),
        **dict.fromkeys(range(28, 31), 10),
        **dict.fromkeys(range(31, 37), 20),
    }
    assert {row[2]: row[4] for row in moved(statement, "sequestered")} == expected
    dates = [f"{2020 + month // 12}-{month % 12 + 1:02}-01" for month in range(36)]
    assert cut.settle(amount=1_000, date=dates)["sequestered"].sum() == sum(expected.values())
    assert "rate 0.01 from 2022-04-01 to 2022-06-30" in " ".join(statement.notes)


@pytest.mark.parametrize(
    ("date", "first"), [("2026-03-01", 3), ("2026-02-02", 3), ("2025-12-31", 1), ("2026-01-01", 1)]
)
def test_a_month_has_the_rate_of_its_first_day(date, first):
    rates = [("2020-01-01", 0), (date, 0.02)]
    cut = ar.Sequestration(rates=rates, accounts=["capitation"], first_date="2026-01-01")
    statement = run(VISITS, {"A": [ar.Capitation(pmpm=10), cut]}).statement("A", replicate=0)
    assert [row[2] for row in moved(statement, "sequestered")] == list(range(first, 13))
    assert statement.notes == []


def test_closed_form_and_every_dollar():
    arms = {"Bare": FEES, "A": [FEES, ar.Sequestration(rates=0.02)]}
    results = run(VISITS, arms, replicates=2_000)
    gained = other_party_pays(results, "A", "Bare")
    np.testing.assert_allclose(gained, -0.02 * results.values("payer_spend", "Bare"))
    assert beside(gained, lambda n: -0.02 * 80.0 * n, 300)


def test_it_grows_with_the_rate():
    arms = {f"{rate}": [FEES, ar.Sequestration(rates=rate)] for rate in (0, 0.02, 0.5, 1)}
    results = run(VISITS, arms, replicates=30)
    spent = [results.values("payer_spend", arm) for arm in arms]
    for less, more in zip(spent[1:], spent[:-1], strict=True):
        assert (less < more).all()
    np.testing.assert_allclose(spent[-1], 0, atol=1e-9)


def test_care_has_the_rate_of_its_month_and_moves_with_its_cash():
    """Paid two months later; 2 % of care from July on."""
    care = ar.Utilization(services=[VISITS], collections=ar.Collections(days_to_pay=61))
    rates = [("2026-01-01", 0), ("2026-07-01", 0.02)]
    arms = {"A": [FEES, ar.Sequestration(rates=rates, first_date="2026-01-01")]}
    study = ar.Study(two_payers(), care, arms, seed=4)
    statement = study.run(1, progress=False).statement("A", replicate=0)
    rows = moved(statement, "sequestered")
    assert [row[2:4] for row in rows] == [(month, month + 2) for month in range(7, 13)]
    lines = lines_of(statement, "sequestration")
    assert total(statement, "sequestered") == lines["sequestered"] == lines["payment"] - lines["paid"]
    assert lines["payment"] == total(statement, "claim")


def test_order_matters():
    """A withhold before it is seen where its accounts say so."""
    cut, withhold = ar.Sequestration(rates=0.02), ar.Withhold(withhold_rate=0.1, returned_share=0)
    net = ar.Sequestration(rates=0.02, accounts=["claim", "withheld"])
    arms = {"After": [FEES, withhold, cut], "Net": [FEES, withhold, net]}
    results = run(VISITS, arms)
    claims = float(total(results.statement("After", replicate=0), "claim"))
    after, of_net = (float(results.statement(arm, replicate=0)["sequestered"]) for arm in arms)
    assert after == pytest.approx(0.02 * claims, abs=0.06)
    assert of_net == pytest.approx(0.018 * claims, abs=0.06)


def test_only_its_payers_members_count():
    panel = two_payers()
    arms = {"A": ar.Arm(payers={PAYERS["one"]: [FEES, ar.Sequestration(rates=0.02)], PAYERS["other"]: FEES})}
    statement = run(VISITS, arms, panel=panel).statement("A", replicate=0)
    claims = ar.Study(panel, ar.Utilization(services=[VISITS]), arms, seed=11).claims()
    assert statement["payment"] == 80 * int((claims["member_ix"] % 3 == 0).sum())
    assert 0 < statement["payment"] < total(statement, "claim")


NEEDED = (
    "two[1].first_date: must be given where rates have dates, got None (the first day of the first performance year, "
    'for example "2026-01-01"; or one rate for all: rates=0.02)'
)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, NEEDED),
        ({"rates": [("2026-01-01", 0.02)]}, NEEDED),
        ({"rates": 0.02, "accounts": ()}, "two[1].accounts: must name at least one account, got none"),
        (
            {"rates": 0.02, "accounts": ["withheld", "withheld"]},
            'two[1].accounts: must name each account once, got "withheld" twice',
        ),
    ],
)
def test_terms_are_refused(terms, message):
    assert refused([FEES, ar.Sequestration(**terms)]) == message
    assert refused([FEES, ar.Sequestration(rates=0.02, accounts=["retainer"])]).startswith(
        'two[1].accounts: must name accounts between payer and provider, got "retainer" (they are claim, capitation, '
    )


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"first_date": "2013-03-01"}, "Sequestration.first_date: must be from 2013-04-01 on, got 2013-03-01"),
        ({"first_date": "2026-01-02"}, "Sequestration.first_date: must be the first day of a month, got 2026-01-02"),
        ({"first_date": "January"}, "Sequestration.first_date: must be a date (YYYY-MM-DD), got 'January'"),
        ({"rates": 2}, "Sequestration.rates: must be between 0 and 1, got 2 (did you mean 0.02?)"),
        ({"notes": "recalled"}, "Sequestration.notes: must be a list of texts, got 'recalled'"),
    ],
)
def test_terms_are_refused_when_they_are_given(terms, message):
    with pytest.raises(ar.InputError) as error:
        ar.Sequestration(**terms)
    assert str(error.value) == message
