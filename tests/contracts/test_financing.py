"""Financing: compounding, annuities, both rates, the months after the last year, and its place in the arm."""

import itertools

import numpy as np
import pytest

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel
from money_cases import cents, change, lines, refusal, run, transfers, two_payers

MONTHLY = 0.01  # of 12 % a year


def growth(months, rate=MONTHLY):
    return (1 + rate) ** months


def annuity(months, rate=MONTHLY):
    """What a dollar at each month's end comes to with interest."""
    return (growth(months, rate) - 1) / rate


@pytest.mark.parametrize("years", [1, 2, 5])
def test_interest_bears_interest(years):
    """A debt of 10,000 at 12 % a year grows by 1 % each month."""
    results = run(ar.Financing(credit_rate=0.12, opening_cash=-10_000), years=years)
    by_year = [10_000 * (growth(12 * y + 12) - growth(12 * y)) for y in range(years)]
    np.testing.assert_allclose(change(results)[0], np.negative(by_year), rtol=1e-12)
    np.testing.assert_allclose(change(results, "provider_cost")[0], by_year, rtol=1e-12)
    assert lines(results, "financing", years)["closing_balance"] == pytest.approx(
        cents(-10_000 * growth(12 * years)), abs=cents("0.01") * 6 * years
    )


def test_an_annuity():
    """100 paid at the end of every month for two years."""
    results = run(ar.AdministrativeCost(per_year=1_200), ar.Financing(credit_rate=0.12), years=2)
    interest = -change(results).sum() - 2_400
    assert interest == pytest.approx(100 * annuity(24) - 2_400)


def test_a_loan_is_repaid_by_its_annuity():
    """10,000 at 6 % over 36 months: the payment of the textbooks, 304.22, leaves nothing."""
    payment = 10_000 * 0.005 / (1 - 1.005**-36)
    assert payment == pytest.approx(304.22, abs=0.005)
    results = run(
        ar.Financing(credit_rate=0.06, opening_cash=-10_000), years=3, bare=[ar.Capitation(pmpm=payment / 10)]
    )
    last = lines(results, "financing", 3)
    assert last["closing_balance"] == pytest.approx(0, abs=cents("0.36"))
    assert -change(results).sum() == pytest.approx(36 * payment - 10_000)


@pytest.mark.parametrize(("opening", "interest"), [(-1_200, -144 / 12), (-100, -1), (0, 0), (100, 0.25), (1_200, 3)])
def test_a_ladder_of_balances(opening, interest):
    """12 % below zero and 3 % above: a month's interest on what there is."""
    results = run(ar.Financing(credit_rate=0.12, deposit_rate=0.03, opening_cash=opening))
    first = [
        float(dollars) * (1 if payee == "provider" else -1)
        for _, payee, _, cash, dollars in transfers(results, "interest")
        if cash == 1
    ]
    assert sum(first) == pytest.approx(interest)


@pytest.mark.parametrize(
    ("opening", "party"), [("-0.01", "provider"), ("0.01", "lender"), ("0.00", None), ("-0.004", None)]
)
def test_a_cent_either_side_of_nothing(opening, party):
    """At 100 % a year on both sides a cent brings 0.08 of a cent a month: only the simulation has such parts."""
    results = run(ar.Financing(credit_rate=1, deposit_rate=1, opening_cash=opening))
    sign = {"provider": -1, "lender": 1, None: 0}[party]
    assert change(results)[0, 0] == pytest.approx(sign * 0.01 * ((1 + 1 / 12) ** 12 - 1))


def test_rates_by_the_side_of_zero():
    """A debt of 500 that 100 a month pays off in month 6; what is left earns another rate."""
    balance, interest = -500.0, 0.0
    for _ in range(12):
        due = balance * ((0.12 if balance < 0 else 0.03) / 12)
        interest += due
        balance += 100 + due
    results = run(ar.Financing(credit_rate=0.12, deposit_rate=0.03, opening_cash=-500), bare=[ar.Capitation(pmpm=10)])
    assert change(results)[0, 0] == pytest.approx(interest)
    assert {line[0] for line in transfers(results, "interest")} == {"provider", "lender"}
    assert float(lines(results, "financing")["closing_balance"]) == pytest.approx(balance, abs=0.06)


def test_what_is_settled_late_is_borne_in_the_last_year():
    """10,000 spent in month 1, 10,000 of savings paid in month 21: interest runs until then, incurred in month 12."""
    savings = ar.SharedSavings(benchmark_pmpm=10_000 / 120, basis="allowed", sharing_rate=1)
    spent = ar.Investment(amount=10_000, month=1, life_months=1)
    results = run(spent, ar.Financing(credit_rate=0.12), bare=[ar.FeeForService(), savings])
    owed = 10_000 * (growth(20) - 1)
    assert change(results)[0, 0] == pytest.approx(-10_000 - owed)
    interest = transfers(results, "interest")
    assert [cash for *_, cash, _ in interest] == list(range(2, 22))
    assert [incurred for _, _, incurred, _, _ in interest] == [*range(2, 13), *[12] * 9]
    of = lines(results, "financing")
    assert (
        of["opening_balance"] + of["cash_moved"] + of["interest_earned"] - of["interest_owed"] == of["closing_balance"]
    )
    assert of["cash_moved"] == 0
    assert of["lowest_balance"] == pytest.approx(cents(-10_000 * growth(19)), abs=cents("0.2"))


def test_margin_and_cash_are_apart():
    """Interest is on the cash that moved, all of it at once; the margin bears a year's part of the life."""
    results = run(ar.Investment(amount=12_000, month=12, life_months=24), ar.Financing(credit_rate=0.12), years=2)
    np.testing.assert_allclose(change(results)[0], [-500, -6_000 - 12_000 * (growth(12) - 1)])
    assert results.values("minimum_cash", "A", year=2)[0] == pytest.approx(-12_000 * growth(12), abs=0.005)


def test_years_follow_each_other_on_the_statement():
    terms = [
        ar.AdministrativeCost(per_year=999.99),
        ar.Financing(credit_rate=0.085, deposit_rate=0.011, opening_cash=1_500),
    ]
    results = run(*terms, years=3)
    of_years = [lines(results, "financing", year) for year in (1, 2, 3)]
    for before, after in itertools.pairwise(of_years):
        assert before["closing_balance"] == after["opening_balance"]
    moved = transfers(results, "interest")
    assert sum(of["interest_owed"] for of in of_years) == sum(d for payer, *_, d in moved if payer == "provider")
    assert sum(of["interest_earned"] for of in of_years) == sum(d for payer, *_, d in moved if payer == "lender")


def test_the_mean_with_luck():
    """Interest is linear in what is earned while the balance stays below zero: 4 visits a member and year at 100."""
    visits = ar.Service("visits", per_1000=4_000, allowed=100.0)
    results = run(
        ar.Financing(credit_rate=0.12, opening_cash=-1_000_000),
        services=[visits],
        panel=make_panel(100),
        replicates=400,
    )
    earned = 100 * 4 * 100 / 12
    expected = -1_000_000 * (growth(12) - 1) + earned * (annuity(12) - 12)
    assert within(metrics.mean(change(results)[:, 0]), expected)


def test_dearer_credit_costs_more_and_better_deposits_less():
    def net(credit, deposit):
        terms = ar.Financing(credit_rate=credit, deposit_rate=deposit, opening_cash=-500)
        return change(run(terms, bare=[ar.Capitation(pmpm=10)]))[0, 0]

    assert net(0, 0) == 0
    assert net(0.2, 0) < net(0.1, 0) < 0 < net(0, 0.1) < net(0, 0.2)


def test_it_sees_the_money_of_all_payers():
    """Nine members pay 10 each a month: three of Medicare, six of the employer."""
    each = ar.Capitation(pmpm=10)
    financing = ar.Financing(credit_rate=0, deposit_rate=0.12)
    results = run(financing, payers={"Medicare": each, "employer": each}, panel=two_payers(), bare=[each])
    assert change(results)[0, 0] == pytest.approx(90 * annuity(12) - 90 * 12)


def test_what_the_provider_owes_the_lender_gets():
    results = run(ar.Financing(credit_rate=0.12, opening_cash=-10_000))
    assert {(payer, payee) for payer, payee, *_ in transfers(results, "interest")} == {("provider", "lender")}
    assert (change(results, "payer_spend") == 0).all()


LAST = "must be the last contract of its arm, beside those of payers where there are any, got financing"
HINT = " (it looks at everything that is settled before it, and at nothing after)"


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"credit_rate": 8}, "A[1].credit_rate: must be between 0 and 1, got 8 (did you mean 0.08?)"),
        ({"credit_rate": -0.1}, "A[1].credit_rate: must be between 0 and 1, got -0.1"),
        ({"deposit_rate": 2}, "A[1].deposit_rate: must be between 0 and 1, got 2 (did you mean 0.02?)"),
        (
            {"opening_cash": float("nan")},
            "A[1].opening_cash: must be between -1000000000000 and 1000000000000, got nan",
        ),
    ],
)
def test_refusals(terms, text):
    assert refusal(ar.Financing(**{"credit_rate": 0.1} | terms)) == text


def test_it_must_come_last():
    financing = ar.Financing(credit_rate=0.1)
    assert refusal(financing, ar.AdministrativeCost(per_year=1)) == f"A[1]: {LAST}{HINT}"
    assert refusal(financing, financing) == f"A[1]: {LAST}{HINT}"
    payers = {"Medicare": [], "employer": [ar.FeeForService(), financing]}
    assert refusal(payers=payers, panel=two_payers()) == f"A.payers[employer][1]: {LAST}{HINT}"
    payers = {"Medicare": [financing], "employer": []}
    text = refusal(ar.AdministrativeCost(per_year=1), payers=payers, panel=two_payers())
    assert text == f"A.payers[Medicare][0]: {LAST}{HINT}"
