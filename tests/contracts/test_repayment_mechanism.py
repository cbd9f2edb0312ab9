"""Repayment mechanism: cash in escrow, fees of letters and bonds, and what the guarantee would cover."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel
from money_cases import cents, change, lines, refusal, run, transfers, two_payers

VISITS = ar.Service("visits", per_1000=4_000, allowed=ar.LogNormal(mean=100, cv=1.0))
LOSES = [ar.FeeForService(), ar.SharedSavings(benchmark_pmpm=5, basis="allowed", sharing_rate=0.5, loss_rate=0.4)]


def test_an_escrow_ties_up_cash_and_costs_nothing():
    """5,000 from month 1 until a year after the study's year has ended."""
    results = run(ar.RepaymentMechanism(form="escrow", amount=5_000))
    assert transfers(results, "guarantee") == [
        ("provider", "lender", 1, 1, cents(5_000)),
        ("lender", "provider", 1, 24, cents(5_000)),
    ]
    assert (change(results) == 0).all()
    assert results.values("minimum_cash", "A")[0] == -5_000
    assert results.values("minimum_cash_month", "A")[0] == 1
    of = lines(results, "repayment_mechanism")
    assert (of["guaranteed"], of["put_away"], of["returned"], of["fee"]) == (5_000, 5_000, 5_000, 0)


def test_an_escrow_over_years():
    results = run(ar.RepaymentMechanism(form="escrow", amount=5_000, first_month=13, release_month=15), years=3)
    assert [(incurred, cash) for _, _, incurred, cash, _ in transfers(results, "guarantee")] == [(13, 13), (13, 39)]
    assert (change(results) == 0).all()
    of_years = [lines(results, "repayment_mechanism", year) for year in (1, 2, 3)]
    assert [of["guaranteed"] for of in of_years] == [0, 5_000, 5_000]
    assert [of["put_away"] for of in of_years] == [0, 5_000, 0]
    assert [of["returned"] for of in of_years] == [0, 0, 5_000]


def test_what_an_escrow_costs_is_the_interest_on_it():
    """Borrowed at 1 % a month from month 1 to 24."""
    escrow = ar.RepaymentMechanism(form="escrow", amount=5_000)
    results = run(escrow, ar.Financing(credit_rate=0.12))
    assert change(results)[0, 0] == pytest.approx(-5_000 * (1.01**23 - 1))


@pytest.mark.parametrize("form", ["letter_of_credit", "surety_bond"])
@pytest.mark.parametrize(
    ("years", "first", "release", "months"),
    [(1, 1, 24, [24]), (1, 1, 12, [12]), (2, 1, 24, [12, 24]), (3, 7, 15, [6, 12, 15]), (2, 13, 12, [0, 12])],
)
def test_the_fee_of_every_month_that_it_stands(form, years, first, release, months):
    """2 % a year of 6,000 are 10 a month; what stands after the last year is a cost of that year."""
    mechanism = ar.RepaymentMechanism(
        form=form, amount=6_000, yearly_fee_rate=0.02, first_month=first, release_month=release
    )
    results = run(mechanism, years=years)
    np.testing.assert_allclose(change(results)[0], -10 * np.array(months), atol=1e-9)
    fees = transfers(results, "guarantee")
    assert [cash for *_, cash, _ in fees] == list(range(first, 12 * (years - 1) + release + 1))
    assert {(payer, payee) for payer, payee, *_ in fees} == {("provider", "lender")}
    assert max(incurred for _, _, incurred, _, _ in fees) <= 12 * years
    assert [lines(results, "repayment_mechanism", year + 1)["fee"] for year in range(years)] == [10 * n for n in months]


def test_fees_add_up_to_the_cent():
    mechanism = ar.RepaymentMechanism(form="surety_bond", amount=1_234.56, yearly_fee_rate=0.0133)
    results = run(mechanism, years=3)
    fees = [dollars for *_, dollars in transfers(results, "guarantee")]
    assert sum(fees) == cents(1234.56 * 0.0133 * 4)
    assert sum(lines(results, "repayment_mechanism", year)["fee"] for year in (1, 2, 3)) == sum(fees)
    assert max(fees) - min(fees) <= cents("0.01")


def test_a_share_of_the_benchmark():
    """1 % of 900 × 12 × 10 members."""
    terms = {"benchmark_share": 0.01, "benchmark_pmpm": 900}
    results = run(ar.RepaymentMechanism(form="escrow", **terms))
    assert lines(results, "repayment_mechanism")["guaranteed"] == 1_080
    assert results.values("minimum_cash", "A")[0] == -1_080


def test_the_mean_of_a_share():
    """Of 1,000 members one in twenty leaves at each month's end: in month 7 there are 1,000 × 0.95^6."""
    members = pd.DataFrame({"age": np.full(1_000, 50.0), "sex": "female", "risk_score": 1.0})
    panel = ar.Population.from_frame(members, enrolment=ar.Enrolment(lapse_rate=0.05))
    mechanism = ar.RepaymentMechanism(
        form="letter_of_credit",
        benchmark_share=0.01,
        benchmark_pmpm=900,
        yearly_fee_rate=0.02,
        first_month=7,
        release_month=18,
    )
    results = run(mechanism, panel=panel, replicates=400)
    guaranteed = 0.01 * 900 * 12 * 1_000 * 0.95**6
    assert within(metrics.mean(-change(results)[:, 0]), 0.02 * guaranteed)


@pytest.mark.parametrize(("off", "not_covered"), [("-0.01", "0.01"), ("0", "0.00"), ("0.01", "0.00")])
def test_a_cent_either_side_of_what_is_owed(off, not_covered):
    def of(amount):
        mechanism = ar.RepaymentMechanism(form="escrow", amount=str(amount))
        return lines(run(mechanism, bare=LOSES, services=[VISITS]), "repayment_mechanism")

    owed = of(1)["losses_owed"]
    assert owed > 100
    at = of(owed + Decimal(off))
    assert at["losses_owed"] == owed
    assert at["not_covered"] == cents(not_covered)
    assert at["covered"] == min(owed, at["guaranteed"])


def test_losses_are_paid_once():
    results = run(ar.RepaymentMechanism(form="escrow", amount=500), bare=LOSES, services=[VISITS], replicates=20)
    assert (change(results) == 0).all()
    for replicate in range(20):
        moved = transfers(results, "guarantee", replicate)
        assert sum(dollars if payee == "provider" else -dollars for _, payee, _, _, dollars in moved) == 0
        owed = sum(dollars for *_, dollars in transfers(results, "shared_losses", replicate))
        assert lines(results, "repayment_mechanism", 1, replicate)["losses_owed"] == owed


def test_only_its_payers_members_and_losses_count():
    terms = {"form": "surety_bond", "benchmark_share": 0.01, "benchmark_pmpm": 100, "yearly_fee_rate": 0.01}
    mechanism = ar.RepaymentMechanism(**terms)
    payers = {"Medicare": [*LOSES, mechanism], "employer": LOSES}
    results = run(payers=payers, panel=two_payers(), services=[VISITS])
    of = lines(results, "repayment_mechanism")
    assert of["guaranteed"] == 36
    ledger = results.statement("A", replicate=0).ledger()
    losses = ledger[(ledger["account"] == "shared_losses") & (ledger["contract"] == "A.payers[Medicare][1]")]
    assert of["losses_owed"] == losses["amount"].sum() > 0
    both = run(mechanism, payers={"Medicare": LOSES, "employer": LOSES}, panel=two_payers(), services=[VISITS])
    assert lines(both, "repayment_mechanism")["guaranteed"] == 108
    assert lines(both, "repayment_mechanism")["losses_owed"] > of["losses_owed"]


def test_a_larger_guarantee_costs_more():
    def fee(**terms):
        fixed = {"form": "surety_bond", "amount": 1_000, "yearly_fee_rate": 0.01}
        return -change(run(ar.RepaymentMechanism(**fixed | terms)))[0, 0]

    assert fee() < fee(amount=2_000) < fee(amount=2_000, yearly_fee_rate=0.02)
    assert fee(release_month=12) < fee()


ESCROW = {"form": "escrow"}
BOND = {"form": "surety_bond", "amount": 100}


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"form": "cash", "amount": 1},
            'A[1].form: must be one of escrow, letter_of_credit, surety_bond, got "cash"',
        ),
        (ESCROW, "A[1].amount: must be given, or benchmark_share and benchmark_pmpm, got None"),
        (ESCROW | {"amount": -5}, "A[1].amount: must be a finite number of at least 0, got -5"),
        (
            ESCROW | {"amount": 5, "benchmark_share": 0.01},
            "A[1].amount: must not be given beside benchmark_share, got both",
        ),
        (ESCROW | {"benchmark_share": 0.01}, "A[1].benchmark_pmpm: must be given with benchmark_share, got None"),
        (
            ESCROW | {"benchmark_share": 1.5, "benchmark_pmpm": 900},
            "A[1].benchmark_share: must be between 0 and 1, got 1.5 (did you mean 0.015?)",
        ),
        (
            ESCROW | {"amount": 5, "benchmark_pmpm": 900},
            "A[1].benchmark_pmpm: must not be given without benchmark_share, got amount instead",
        ),
        (BOND, "A[1].yearly_fee_rate: must be given for a letter of credit or a surety bond, got None"),
        (
            BOND | {"yearly_fee_rate": 2},
            "A[1].yearly_fee_rate: must be between 0 and 1, got 2 (did you mean 0.02?)",
        ),
        (
            ESCROW | {"amount": 5, "yearly_fee_rate": 0.02},
            "A[1].yearly_fee_rate: must not be given for an escrow, got a fee (an escrow ties up cash; Financing says "
            "what that costs)",
        ),
        (
            ESCROW | {"amount": 5, "first_month": 13},
            "A[1].first_month: must be a whole month between 1 and 12, the last of the study, got 13",
        ),
        (
            ESCROW | {"amount": 5, "release_month": 61},
            "A[1].release_month: must be a whole month between 12 and 60, counted from the start of the year, got 61",
        ),
    ],
)
def test_refusals(terms, text):
    assert refusal(ar.RepaymentMechanism(**terms)) == text


def test_more_members_need_more():
    share = ar.RepaymentMechanism(form="escrow", benchmark_share=0.02, benchmark_pmpm=50)
    amounts = [lines(run(share, panel=make_panel(n)), "repayment_mechanism")["guaranteed"] for n in (1, 10, 100)]
    assert amounts == [12, 120, 1_200]
