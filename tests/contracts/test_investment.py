"""Investment: cash at once, cost in a straight line over the life, and what of it lies after the study."""

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel
from money_cases import cents, change, lines, refusal, run, transfers, two_payers


@pytest.mark.parametrize(
    ("years", "by_year"),
    [(1, [5_000]), (2, [5_000, 6_000]), (3, [5_000, 6_000, 1_000]), (4, [5_000, 6_000, 1_000, 0])],
)
def test_a_ladder_of_years(years, by_year):
    """12,000 in month 3 with a life of 24 months: ten months of 500 in year 1, twelve in year 2, two in year 3."""
    results = run(ar.Investment(amount=12_000, month=3, life_months=24), years=years)
    np.testing.assert_allclose(change(results)[0], np.negative(by_year), atol=1e-9)
    np.testing.assert_allclose(change(results, "provider_cost")[0], by_year, atol=1e-9)
    assert (change(results, "provider_revenue") == 0).all()


def test_margin_and_cash_are_apart():
    results = run(ar.Investment(amount=12_000, month=3, life_months=24))
    assert change(results)[0, 0] == pytest.approx(-5_000)
    assert results.values("minimum_cash", "A")[0] == -12_000
    assert results.values("minimum_cash_month", "A")[0] == 3
    moved = transfers(results, "investment")
    assert {(payer, payee, cash) for payer, payee, _, cash, _ in moved} == {("provider", "suppliers", 3)}
    assert [incurred for _, _, incurred, _, _ in moved] == [*range(3, 13), 13]
    assert [dollars for *_, dollars in moved] == [cents(500)] * 10 + [cents(7_000)]
    assert lines(results, "investment") == {
        "amount": cents(12_000),
        "cash_paid": cents(12_000),
        "incurred_before": 0,
        "incurred": cents(5_000),
        "not_yet_incurred": cents(7_000),
    }


@pytest.mark.parametrize("years", [1, 2, 4])
@pytest.mark.parametrize(("month", "first", "life"), [(1, None, 1), (12, None, 600), (5, 9, 3), (9, 5, 14), (7, 1, 36)])
def test_the_straight_line(years, month, first, life):
    """What a year incurs is amount / life × the months of the life that fall in it."""
    investment = ar.Investment(amount=8_400.5, month=month, first_month=first, life_months=life)
    results = run(investment, years=years)
    begin = (first or month) - 1
    overlap = [max(min(begin + life, 12 * (y + 1)) - max(begin, 12 * y), 0) for y in range(years)]
    np.testing.assert_allclose(change(results)[0], -8_400.5 / life * np.array(overlap), atol=1e-8)
    assert sum(float(dollars) for *_, dollars in transfers(results, "investment")) == pytest.approx(8_400.5)


@pytest.mark.parametrize("amount", ["1000.01", "0.05", "999.99", "1000"])
def test_statements_add_up_to_the_cent(amount):
    """1,000.01 over seven months is 142.86 six times and 142.85 once: no cent is lost and none is made."""
    results = run(ar.Investment(amount=amount, month=2, life_months=7))
    dollars = [dollars for *_, dollars in transfers(results, "investment")]
    assert sum(dollars) == cents(amount)
    assert max(dollars) - min(dollars) <= cents("0.01") or len(dollars) < 7
    of_years = [
        lines(run(ar.Investment(amount=amount, month=2, life_months=19), years=3), "investment", y) for y in (1, 2, 3)
    ]
    assert sum(of["incurred"] for of in of_years) + of_years[-1]["not_yet_incurred"] == cents(amount)
    assert all(of["incurred_before"] + of["incurred"] + of["not_yet_incurred"] == cents(amount) for of in of_years)
    assert [of["cash_paid"] for of in of_years] == [cents(amount), 0, 0]


def test_totals_are_of_what_the_years_incurred():
    results = run(ar.Investment(amount=12_000, month=3, life_months=24))
    totals = results.statement("A", replicate=0).totals().set_index("account")["provider_net"]
    assert totals["investment"] == totals["total"] == cents(-5_000)


def test_a_longer_life_costs_a_year_less_and_moves_the_same_cash():
    lives = [1, 6, 12, 13, 60, 600]
    all_results = [run(ar.Investment(amount=6_000, month=1, life_months=life)) for life in lives]
    costs = [-change(results)[0, 0] for results in all_results]
    assert costs == sorted(costs, reverse=True)
    np.testing.assert_allclose(costs, [6_000, 6_000, 6_000, 12 / 13 * 6_000, 1_200, 120])
    assert {results.values("minimum_cash", "A")[0] for results in all_results} == {-6_000}


def test_luck_does_not_move_it():
    visits = ar.Service("visits", per_1000=4_000, allowed=ar.LogNormal(mean=100, cv=1.0))
    investment = ar.Investment(amount=12_000, month=3, life_months=24)
    results = run(investment, services=[visits], panel=make_panel(50), replicates=50)
    np.testing.assert_allclose(change(results), -5_000, atol=1e-7)


def test_an_investment_for_one_payer_is_made_once():
    investment = ar.Investment(amount=1_200, month=1, life_months=12)
    payers = {"Medicare": [ar.FeeForService(), investment], "employer": ar.FeeForService()}
    results = run(payers=payers, panel=two_payers())
    assert change(results)[0, 0] == pytest.approx(-1_200)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"amount": 0}, "A[1].amount: must be a finite number above 0, got 0"),
        ({"amount": float("nan")}, "A[1].amount: must be a finite number above 0, got nan"),
        ({"month": 0}, "A[1].month: must be a whole month between 1 and 24, the last of the study, got 0"),
        ({"month": 25}, "A[1].month: must be a whole month between 1 and 24, the last of the study, got 25"),
        ({"month": 2.5}, "A[1].month: must be a whole month between 1 and 24, the last of the study, got 2.5"),
        (
            {"first_month": 30},
            "A[1].first_month: must be a whole month between 1 and 24, the last of the study, got 30",
        ),
        ({"life_months": 0}, "A[1].life_months: must be a whole number of months between 1 and 600, got 0"),
        ({"life_months": 601}, "A[1].life_months: must be a whole number of months between 1 and 600, got 601"),
        ({"life_months": 1.5}, "A[1].life_months: must be a whole number of months between 1 and 600, got 1.5"),
    ],
)
def test_refusals(terms, text):
    assert refusal(ar.Investment(**{"amount": 100, "month": 1, "life_months": 12} | terms), years=2) == text
