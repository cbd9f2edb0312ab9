"""Advance payment: what each year's savings take back, what is kept or due, and margin apart from cash."""

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel
from money_cases import cents, change, lines, refusal, run, transfers, two_payers


def saving(pmpm=10, **terms):
    """Nobody uses care, so that the benchmark is saved: 10 members × 10 × 12 months, of which half are earned."""
    return ar.SharedSavings(**{"benchmark_pmpm": pmpm, "basis": "allowed", "sharing_rate": 0.5} | terms)


SAVES = [ar.FeeForService(), saving()]  # 600 a year, paid in month 21 of it


@pytest.mark.parametrize(
    ("advanced", "recouped", "savings_paid", "outstanding"),
    [
        ("0.01", "0.01", "599.99", 0),
        ("599.99", "599.99", "0.01", 0),
        ("600.00", "600.00", 0, 0),
        ("600.01", "600.00", 0, "0.01"),
        ("1000.00", "600.00", 0, "400.00"),
    ],
)
def test_a_ladder_of_advances(advanced, recouped, savings_paid, outstanding):
    results = run(ar.AdvancePayment(amount=advanced), bare=SAVES)
    of = lines(results, "advance_payment")
    assert of["paid_in_year"] == of["advanced"] == cents(advanced)
    assert of["earned_savings"] == cents(600)
    assert (of["recouped"], of["savings_paid"]) == (cents(recouped), cents(savings_paid))
    assert of["outstanding"] == of["kept"] == cents(outstanding)
    assert change(results)[0, 0] == pytest.approx(float(outstanding))


def test_savings_of_one_year_after_another_repay_it():
    """1,000 in month 1: 600 come back in month 21, 400 in month 33, and no year's margin knows of it."""
    results = run(ar.AdvancePayment(amount=1_000), bare=SAVES, years=3)
    np.testing.assert_allclose(change(results), 0, atol=1e-9)
    np.testing.assert_allclose(change(results, "payer_spend"), 0, atol=1e-9)
    assert transfers(results, "advance") == [
        ("payer", "provider", 12, 1, cents(600)),
        ("payer", "provider", 24, 1, cents(400)),
    ]
    assert transfers(results, "advance_repaid") == [
        ("provider", "payer", 12, 21, cents(600)),
        ("provider", "payer", 24, 33, cents(400)),
    ]
    of_years = [lines(results, "advance_payment", year) for year in (1, 2, 3)]
    assert [of["recouped"] for of in of_years] == [600, 400, 0]
    assert [of["outstanding"] for of in of_years] == [400, 0, 0]


def test_a_year_is_what_the_calculator_makes_of_it():
    """The same rule settles a user's own figures."""
    terms = ar.AdvancePayment(pmpm=5, last_month=24, repay_balance=True)
    results = run(terms, bare=[ar.FeeForService(), saving(pmpm=7)], years=2)
    for year, facts in (
        (1, {"advanced": 1_050}),
        (2, {"advanced": 1_200, "recouped_before": 420, "leaves_early": True}),
    ):
        calculated = ar.mssp.recoup_advances(earned_savings=420, **facts)
        settled = lines(results, "advance_payment", year)
        names = ("outstanding_before", "recouped", "savings_paid", "due", "outstanding")
        assert {name: settled[name] for name in names} == {name: calculated[name] for name in names}


def test_what_is_outstanding_is_kept_or_due():
    """2,000 against 600 a year: after three years 200 are left."""
    kept = run(ar.AdvancePayment(amount=2_000), bare=SAVES, years=3)
    np.testing.assert_allclose(change(kept)[0], [0, 0, 200], atol=1e-9)
    np.testing.assert_allclose(change(kept, "payer_spend")[0], [0, 0, 200], atol=1e-9)
    assert lines(kept, "advance_payment", 3)["kept"] == 200
    due = run(ar.AdvancePayment(amount=2_000, repay_balance=True), bare=SAVES, years=3)
    np.testing.assert_allclose(change(due), 0, atol=1e-9)
    assert [(cash, dollars) for *_, cash, dollars in transfers(due, "advance_repaid")] == [
        (21, 600),
        (33, 600),
        (45, 800),
    ]
    last = lines(due, "advance_payment", 3)
    assert (last["recouped"], last["due"], last["outstanding"], last["kept"]) == (600, 200, 0, 0)


def test_without_savings_the_balance_is_due_at_the_end():
    results = run(ar.AdvancePayment(amount=500, repay_balance=True), years=2)
    assert transfers(results, "advance_repaid") == [("provider", "payer", 24, 24, cents(500))]
    np.testing.assert_allclose(change(results), 0, atol=1e-9)


@pytest.mark.parametrize(
    ("settle_month", "advanced", "recouped", "outstanding"),
    [(12, [600, 1_200], [600, 600], [0, 0]), (21, [1_050, 1_200], [600, 600], [450, 0])],
)
def test_what_is_paid_until_a_settlement_may_be_taken_back(settle_month, advanced, recouped, outstanding):
    """50 a month for 24 months: by month 21, when the first year is settled, 1,050 are paid."""
    advance = ar.AdvancePayment(pmpm=5, last_month=24)
    results = run(advance, bare=[ar.FeeForService(), saving(settle_month=settle_month)], years=2)
    of_years = [lines(results, "advance_payment", year) for year in (1, 2)]
    assert [of["paid_in_year"] for of in of_years] == [600, 600]
    assert [of["advanced"] for of in of_years] == advanced
    assert [of["recouped"] for of in of_years] == recouped
    assert [of["outstanding"] for of in of_years] == outstanding
    paid = transfers(results, "advance")
    assert [sum(dollars for *_, cash, dollars in paid if cash == month) for month in range(1, 25)] == [50] * 24
    np.testing.assert_allclose(change(results), 0, atol=1e-9)


def test_an_advance_is_a_loan_without_interest():
    """At 1 % a month 1,000 from month 1 to 21 and 400 of it to 33: what the same credit would have cost."""
    financing = ar.Financing(credit_rate=0.12, opening_cash=-1_000_000)
    bare, advance = {"bare": SAVES, "years": 2}, ar.AdvancePayment(amount=1_000)
    saved = change(run(advance, financing, **bare)) - change(run(financing, **bare))
    assert saved.sum() == pytest.approx(1_000 * 1.01**32 - 600 * 1.01**12 - 400, abs=1e-6)


def test_the_mean_of_what_is_kept():
    """One member, visits of 100 at a Poisson of mean 3, benchmark 600 a year, half of savings, 150 in advance."""
    visits = ar.Service("visits", per_1000=3_000, allowed=100.0)
    results = run(
        ar.AdvancePayment(amount=150),
        bare=[ar.FeeForService(), saving(50)],
        services=[visits],
        panel=make_panel(1),
        replicates=20_000,
    )
    n = np.arange(100)
    recouped = np.minimum(0.5 * np.maximum(600 - 100 * n, 0), 150)
    assert within(metrics.mean(change(results)[:, 0]), 150 - recouped @ stats.poisson(3).pmf(n))


def test_two_advances_do_not_take_the_same_savings():
    results = run(ar.AdvancePayment(amount=400), ar.AdvancePayment(amount=400), bare=SAVES)
    frame = results.statement("A", replicate=0).to_frame()
    recouped = frame[frame["line"] == "recouped"]["value"].tolist()
    assert recouped == [400, 200]
    assert sum(dollars for *_, dollars in transfers(results, "advance_repaid")) == 600


def test_only_contracts_before_it_repay_it():
    with pytest.raises(ar.InputError, match=r"A\[1\]: must stand after the payments that it is computed from"):
        run(saving(), bare=[ar.FeeForService(), ar.AdvancePayment(amount=400)])
    other = run(ar.AdvancePayment(amount=400, recouped_from="quality_payment"), bare=SAVES)
    assert lines(other, "advance_payment")["recouped"] == 0


def test_only_its_payers_members_and_savings_count():
    """Three of nine members are Medicare's: 2 each a month are 72, and 180 of savings repay them."""
    both = [ar.FeeForService(), saving()]

    def of(payer, advance):
        payers = {name: [*both, advance] if name == payer else both for name in ("Medicare", "employer")}
        return lines(run(payers=payers, panel=two_payers()), "advance_payment")

    members = {payer: of(payer, ar.AdvancePayment(pmpm=2, last_month=12)) for payer in ("Medicare", "employer")}
    assert {payer: each["advanced"] for payer, each in members.items()} == {"Medicare": 72, "employer": 144}
    savings = {payer: of(payer, ar.AdvancePayment(amount=5_000)) for payer in ("Medicare", "employer")}
    assert {payer: each["recouped"] for payer, each in savings.items()} == {"Medicare": 180, "employer": 360}
    payers = {"Medicare": both, "employer": both}
    of_all = run(ar.AdvancePayment(amount=5_000), payers=payers, panel=two_payers())
    assert lines(of_all, "advance_payment")["recouped"] == 540


def test_only_attributed_members_are_paid_for():
    panel = ar.Population.from_frame(make_panel(400).to_pandas(), attribution=ar.Attribution(share=0.25))
    results = run(ar.AdvancePayment(pmpm=1, last_month=12), panel=panel, replicates=200)
    assert within(metrics.mean(change(results)[:, 0]), 400 * 0.25 * 12)


def test_every_dollar_comes_from_the_payer_and_no_more_goes_back():
    visits = ar.Service("visits", per_1000=1_500, allowed=ar.LogNormal(mean=60, cv=1.0))
    advance = ar.AdvancePayment(amount=300, pmpm=1.5, last_month=20)
    results = run(advance, bare=SAVES, services=[visits], years=3, replicates=25)
    np.testing.assert_allclose(change(results), change(results, "payer_spend"), atol=1e-9)
    for replicate in range(25):
        paid = sum(dollars for *_, dollars in transfers(results, "advance", replicate))
        repaid = sum(dollars for *_, dollars in transfers(results, "advance_repaid", replicate))
        earned = sum(dollars for *_, dollars in transfers(results, "shared_savings", replicate))
        assert paid == 600
        assert repaid == min(paid, earned)
        assert lines(results, "advance_payment", 3, replicate)["kept"] == paid - repaid


def test_more_savings_leave_less_to_keep():
    kept = [
        change(run(ar.AdvancePayment(amount=1_000), bare=[ar.FeeForService(), saving(pmpm)]))[0, 0]
        for pmpm in (1, 5, 10, 16, 17, 40)
    ]
    np.testing.assert_allclose(kept, [940, 700, 400, 40, 0, 0], atol=1e-9)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({}, "A[1].amount: must be given, or pmpm, or both, got neither"),
        ({"amount": -1}, "A[1].amount: must be a finite number of at least 0, got -1"),
        ({"pmpm": float("nan"), "last_month": 3}, "A[1].pmpm: must be a finite number of at least 0, got nan"),
        ({"pmpm": 5}, "A[1].last_month: must be given with pmpm, got None"),
        ({"amount": 5, "last_month": 7}, "A[1].last_month: must not be given without pmpm, got 7"),
        (
            {"pmpm": 5, "first_month": 5, "last_month": 4},
            "A[1].last_month: must be a whole month between 5 and 24, the last of the study, got 4",
        ),
        (
            {"amount": 5, "first_month": 25},
            "A[1].first_month: must be a whole month between 1 and 24, the last of the study, got 25",
        ),
        ({"amount": 5, "recouped_from": []}, "A[1].recouped_from: must name at least one account, got none"),
        (
            {"amount": 5, "recouped_from": "savings"},
            "A[1].recouped_from[0]: must be one of shared_savings, quality_payment, corridor_receipt, pool_surplus, "
            'withhold_returned, got "savings"',
        ),
        ({"amount": 5, "repay_balance": "yes"}, 'A[1].repay_balance: must be True or False, got "yes"'),
    ],
)
def test_refusals(terms, text):
    assert refusal(ar.AdvancePayment(**terms), years=2) == text
