"""Administrative cost: fixed, by members, by measures; its growth, its cents, and whose members count."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from money_cases import NO_CARE, cents, change, lines, refusal, run, transfers, two_payers

MEASURES = [ar.Measure("screening", rate=0.5), ar.Measure("control", rate=0.6)]


@pytest.mark.parametrize(
    ("terms", "cost"),
    [
        ({"per_year": 1_200}, 1_200),
        ({"pmpm": 2.5}, 2.5 * 120),
        ({"hours_per_measure": 3, "hourly_cost": 50, "measures": 4}, 600),
        ({"hours_per_measure": 3, "hourly_cost": 50, "measures": 0}, 0),
        ({"per_year": 0.01}, 0.01),
        ({"per_year": 1_200, "pmpm": 2.5, "hours_per_measure": 3, "hourly_cost": 50, "measures": 4}, 2_100),
    ],
)
def test_a_ladder_of_terms(terms, cost):
    results = run(ar.AdministrativeCost(**terms))
    assert change(results, "provider_cost")[0, 0] == pytest.approx(cost)
    assert change(results)[0, 0] == pytest.approx(-cost)
    assert lines(results, "administrative_cost")["cost"] == cents(cost)


def test_the_measures_of_the_study_are_counted_and_outcomes_are_not():
    contract = ar.AdministrativeCost(hours_per_measure=10, hourly_cost=60)
    falls = ar.Outcome("falls", per_member_year=0.1)
    results = run(contract, measures=MEASURES, outcomes=[falls])
    assert lines(results, "administrative_cost")["hours"] == 20
    assert change(results, "provider_cost")[0, 0] == pytest.approx(1_200)
    given = run(ar.AdministrativeCost(hours_per_measure=10, hourly_cost=60, measures=9), measures=MEASURES)
    assert change(given, "provider_cost")[0, 0] == pytest.approx(5_400)


def test_all_dollars_grow():
    terms = {"per_year": 1_000, "pmpm": 1, "hours_per_measure": 2, "hourly_cost": 40, "measures": 5}
    results = run(ar.AdministrativeCost(**terms, trend=0.1), years=3)
    np.testing.assert_allclose(change(results)[0], [-1_520, -1_672, -1_839.2])


def test_it_is_paid_month_by_month_and_adds_up_to_the_cent():
    """1,000 a year is 83.33 or 83.34 a month."""
    moved = transfers(run(ar.AdministrativeCost(per_year=1_000)), "administrative_cost")
    assert [(incurred, cash) for _, _, incurred, cash, _ in moved] == [(month, month) for month in range(1, 13)]
    assert {dollars for *_, dollars in moved} == {cents("83.33"), cents("83.34")}
    assert sum(dollars for *_, dollars in moved) == 1_000
    assert {(payer, payee) for payer, payee, *_ in moved} == {("provider", "suppliers")}


def test_the_statement_equals_its_transfers():
    contract = ar.AdministrativeCost(per_year=777.77, pmpm=1.333, hours_per_measure=0.7, hourly_cost=33.33, trend=0.07)
    results = run(contract, years=2, measures=MEASURES)
    of_years = [lines(results, "administrative_cost", year) for year in (1, 2)]
    for of in of_years:
        assert of["fixed"] + of["by_members"] + of["by_measures"] == of["cost"]
    assert sum(of["cost"] for of in of_years) == sum(d for *_, d in transfers(results, "administrative_cost"))


def test_members_who_leave_cost_nothing():
    """One in twenty leaves at each month's end: 1,000 members are 1,000 × (1 − 0.95^12) / 0.05 member-months."""
    members = pd.DataFrame({"age": np.full(1_000, 50.0), "sex": "female", "risk_score": 1.0})
    leaving = ar.Population.from_frame(members, enrolment=ar.Enrolment(lapse_rate=0.05))
    results = run(ar.AdministrativeCost(pmpm=3), panel=leaving, replicates=400)
    cost = change(results, "provider_cost")[:, 0]
    assert within(metrics.mean(cost), 3 * 1_000 * (1 - 0.95**12) / 0.05)


def test_only_its_payers_members_count():
    contract = ar.AdministrativeCost(pmpm=10)
    bare = ar.FeeForService()
    of_medicare = run(payers={"Medicare": [bare, contract], "employer": bare}, panel=two_payers())
    assert change(of_medicare, "provider_cost")[0, 0] == pytest.approx(10 * 3 * 12)
    of_employer = run(payers={"Medicare": bare, "employer": [bare, contract]}, panel=two_payers())
    assert change(of_employer, "provider_cost")[0, 0] == pytest.approx(10 * 6 * 12)
    of_all = run(contract, payers={"Medicare": bare, "employer": bare}, panel=two_payers())
    assert change(of_all, "provider_cost")[0, 0] == pytest.approx(10 * 9 * 12)


def test_more_of_anything_costs_more():
    terms = {"per_year": 100, "pmpm": 1, "hours_per_measure": 1, "hourly_cost": 20, "measures": 3}

    def cost(**more):
        return change(run(ar.AdministrativeCost(**terms | more)), "provider_cost")[0, 0]

    assert all(cost(**{term: 2 * value}) > cost() for term, value in terms.items())


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({}, "A[1].per_year: must be given, or pmpm, or hours_per_measure and hourly_cost, got None"),
        ({"per_year": -1}, "A[1].per_year: must be a finite number of at least 0, got -1"),
        ({"pmpm": float("inf")}, "A[1].pmpm: must be a finite number of at least 0, got inf"),
        ({"hours_per_measure": 3}, "A[1].hourly_cost: must be given with hours_per_measure, got None"),
        ({"hourly_cost": 3}, "A[1].hours_per_measure: must be given with hourly_cost, got None"),
        ({"per_year": 1, "measures": 3}, "A[1].hours_per_measure: must be given with measures, got None"),
        (
            {"hours_per_measure": 3, "hourly_cost": 50},
            "A[1].measures: must be given in a study without measures, got None (measures= says how many the "
            "contract asks for)",
        ),
        (
            {"hours_per_measure": 3, "hourly_cost": 50, "measures": 2.5},
            "A[1].measures: must be a whole number between 0 and 1000, got 2.5",
        ),
        ({"per_year": 1, "trend": 3}, "A[1].trend: must be between -0.9 and 1, got 3"),
    ],
)
def test_refusals(terms, text):
    assert refusal(ar.AdministrativeCost(**terms), services=[NO_CARE]) == text
