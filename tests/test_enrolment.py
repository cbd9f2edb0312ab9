"""Leaving, dying, joining and attribution against closed forms: expected months and events by year."""

import math

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from closed_forms import by_member, claims_of, correlation, mean, others, panel_with, savings_against, within

MEMBERS = 60_000


def expected(years, *, lapse, death, last_year=1.0, entry=1):
    """Months and exposure of each performance year of one member: sums over the month in which it leaves.

    `lapse` is a chance a month and `death` one for each year. At a month's end it dies with the chance of death, else
    leaves with that of leaving; exposure is months / 12, times `last_year` in the year of a death.
    """
    there, result = 1.0, []
    for year in range(1, years + 1):
        d = death[year - 1]
        months = exposure = 0.0
        first = entry if year == 1 else 1
        for month in range(first, 13):
            n = month - first + 1
            dies, leaves = there * d, there * (1 - d) * lapse
            months += (dies + leaves) * n
            exposure += (dies * last_year + leaves) * n / 12
            there -= dies + leaves
        months += there * (13 - first)
        exposure += there * (13 - first) / 12
        result.append((months, exposure))
    return result


def member_months(panel, years, replicates=400, seed=61):
    """Member-months per member of each year, with their standard errors."""
    care = ar.Utilization(services=[others("visits", 0, 1.0)])
    study = ar.Study(panel, care, {"A": ar.Capitation(pmpm=0)}, seed=seed, years=years)
    results = study.run(replicates, progress=False, cash=False)
    return [results.values("member_months", "A", year=year) / len(panel) for year in range(1, years + 1)]


@pytest.mark.parametrize(
    ("lapse", "death", "entry"),
    [(0.02, 0.0, 1), (0.0, 0.03, 1), (0.015, 0.01, 1), (0.08, 0.05, 1), (0.05, 0.02, 8), (0.0, 1.0, 3), (1.0, 0.0, 1)],
)
def test_expected_member_months(lapse, death, entry):
    """Sum of survival at the beginning of each month, three years in a row; entries in the year count from theirs."""
    enrolment = ar.Enrolment(lapse_rate=lapse, death_rate=death)
    panel = panel_with(500, {"entry_month": entry}, enrolment=enrolment)
    stays = (1 - lapse) * (1 - death)
    for year, values in enumerate(member_months(panel, 3)):
        before = 0 if year == 0 else 13 - entry + 12 * (year - 1)
        length = 13 - entry if year == 0 else 12
        theory = sum(stays ** (before + month) for month in range(length))
        assert math.isclose(theory, expected(3, lapse=lapse, death=[death] * 3, entry=entry)[year][0], abs_tol=1e-12)
        if lapse == 1 or death == 1:
            assert set(values) == {theory}
        else:
            assert within(mean(values), theory)


@pytest.mark.parametrize(
    ("lapse", "death", "last_year"),
    [(0.0, 0.02, 4.0), (0.03, 0.02, 3.0), (0.05, 0.0, 7.0), (0.01, 0.05, 0.0), (0.1, 0.1, 2.0)],
)
def test_expected_events_of_decedents(lapse, death, last_year):
    """Events follow enrolled months, times the last year's factor where the member dies and did not leave before."""
    enrolment = ar.Enrolment(lapse_rate=lapse, death_rate=death, last_year_relativity=last_year)
    service = ar.Service("visits", per_1000=2_000, allowed=1.0)
    claims = claims_of(panel_with(MEMBERS, enrolment=enrolment), service, years=3, seed=62)
    counts = by_member(claims, MEMBERS)
    for year, (_, exposure) in enumerate(expected(3, lapse=lapse, death=[death] * 3, last_year=last_year), start=1):
        assert within(mean(counts[year, "visits"]), 2.0 * exposure)


def test_death_by_age():
    """A band holds from its age on in completed years, and members age: 64 now, 65 next year, 66 then."""
    rates = {0: 0.001, 65: 0.02, 66: 0.06, 90: 0.5}
    columns = {"age": np.full(500, 64.7)}
    panel = panel_with(500, columns, enrolment=ar.Enrolment(death_rate=rates))
    theory = expected(3, lapse=0, death=[0.001, 0.02, 0.06])
    for values, (months, _) in zip(member_months(panel, 3), theory, strict=True):
        assert within(mean(values), months)


@pytest.mark.parametrize("selection", [-1.0, 0.0, 0.7, 2.0])
def test_leaving_depends_on_the_risk_score(selection):
    risk = np.repeat([0.5, 1.0, 2.0], 200)
    enrolment = ar.Enrolment(lapse_rate=0.03, lapse_selection=selection)
    panel = panel_with(600, {"risk_score": risk}, enrolment=enrolment)
    each = [expected(2, lapse=0.03 * r**selection, death=[0, 0]) for r in (0.5, 1.0, 2.0)]
    for year, values in enumerate(member_months(panel, 2)):
        assert within(mean(values), np.mean([member[year][0] for member in each]))


def test_who_has_left_does_not_come_back():
    """One member at a time: months of a year only after twelve of the year before, and no event after the last."""
    enrolment = ar.Enrolment(lapse_rate=0.03, death_rate=0.03, last_year_relativity=2.0)
    panel = panel_with(1, enrolment=enrolment)
    care = ar.Utilization(services=[others("visits", 20_000, 1.0)])
    study = ar.Study(panel, care, {"A": ar.Capitation(pmpm=0)}, seed=63, years=4)
    results = study.run(600, progress=False)
    months = np.array([results.values("member_months", "A", year=year) for year in range(1, 5)])
    assert ((months[1:] == 0) | (months[:-1] == 12)).all()
    assert {(months[:, r] == 0).sum() for r in range(600)} >= {0, 1, 2, 3}
    for replicate in range(40):
        claims = study.claims(replicate)
        last = (claims["year"] - 1) * 12 + claims["month"]
        assert (last <= months[:, replicate].sum()).all()


def test_base_years_are_years_of_the_same_members():
    """Who leaves in a base year is replaced at its end: each base year and year 1 expect the same, deaths included."""
    lapse, death, last_year = 0.02, 0.02, 3.0
    enrolment = ar.Enrolment(lapse_rate=lapse, death_rate=death, last_year_relativity=last_year)
    service = ar.Service("visits", per_1000=2_000, allowed=1.0)
    claims = claims_of(panel_with(MEMBERS, enrolment=enrolment), service, years=2, base_years=3, seed=64)
    counts = by_member(claims, MEMBERS)
    (_, first), (_, second) = expected(2, lapse=lapse, death=[death] * 2, last_year=last_year)
    for year in (-2, -1, 0, 1):
        assert within(mean(counts[year, "visits"]), 2.0 * first)
    assert within(mean(counts[2, "visits"]), 2.0 * second)


def test_leaving_moves_no_base_year_that_nobody_leaves():
    """Performance years' chances of leaving by age leave younger base years as they were, bit for bit."""
    service = ar.Service("visits", per_1000=2_000, allowed=ar.Gamma(mean=10, cv=1))
    columns = {"age": np.full(300, 65.0)}
    stay = claims_of(panel_with(300, columns), service, years=1, base_years=2, seed=65)
    leave = panel_with(300, columns, enrolment=ar.Enrolment(death_rate={0: 0.0, 65: 0.1}))
    left = claims_of(leave, service, years=1, base_years=2, seed=65)
    for year in (-1, 0):
        before, after = (claims[claims["year"] == year].reset_index(drop=True) for claims in (stay, left))
        pd.testing.assert_frame_equal(after, before, check_exact=True)
    assert len(left) < len(stay)


@pytest.mark.parametrize(("share", "years"), [(0.1, 3), (0.25, 2), (0.0, 4), (1.5, 2), (0.031, 3)])
def test_joiners(share, years):
    """Round(share × panel) members join in each year, spread evenly over its months, and stay."""
    members = 120
    panel = panel_with(members).with_joiners(share, years=years)
    each = round(share * members)
    assert len(panel) == members + each * (years - 1)
    entries = 1 + np.arange(each) * 12 // max(each, 1)
    in_first = (13 - entries).sum() if each else 0
    for year, values in enumerate(member_months(panel, years, replicates=2), start=1):
        joined = 0 if year == 1 else in_first + each * 12 * (year - 2)
        assert set(values * len(panel)) == {members * 12 + joined}


def test_joiners_leave_as_others_do():
    """A joiner's chances begin in its entry month."""
    lapse, members = 0.05, 240
    panel = panel_with(members, enrolment=ar.Enrolment(lapse_rate=lapse)).with_joiners(0.5, years=2)
    stays = 1 - lapse
    theory = members * sum(stays ** (12 + month) for month in range(12))
    theory += sum(10 * sum(stays**month for month in range(13 - entry)) for entry in range(1, 13))
    assert within(mean(member_months(panel, 2)[1] * len(panel)), theory)


@pytest.mark.parametrize(("share", "turnover"), [(0.3, 0.2), (0.6, 0.5), (0.9, 0.1), (0.5, 1.0), (0.8, 0.0)])
def test_attribution(share, turnover):
    """A share counts in every year; two years have correlation 1 − turnover / (1 − share) to the power of the lag."""
    attribution = ar.Attribution(share=share, turnover=turnover)
    panel = panel_with(1, attribution=attribution)
    care = ar.Utilization(services=[others("visits", 0, 1.0)])
    arms = {"A": ar.SharedSavings(benchmark_pmpm=1.0, basis="allowed", sharing_rate=1.0)}
    results = ar.Study(panel, care, arms, seed=66, years=3).run(6_000, progress=False, cash=False)
    counts = [results.values("provider_revenue", "A", year=year) / 12 for year in (1, 2, 3)]
    assert set(np.unique(counts)) <= {0.0, 1.0}
    for each in counts:
        assert within(mean(each), share)
    r = 1 - turnover / (1 - share)
    if turnover == 0:
        assert (counts[0] == counts[2]).all()
    elif abs(r) < 1:
        assert within(correlation(counts[0], counts[1]), r)
        assert within(correlation(counts[0], counts[2]), r**2)
    else:
        assert (counts[0] != counts[1]).all()


@pytest.mark.parametrize("selection", [0.0, 1.0, -0.5])
def test_turnover_depends_on_the_risk_score(selection):
    attribution = ar.Attribution(share=0.5, turnover=0.2, selection=selection)
    care = ar.Utilization(services=[others("visits", 0, 1.0)])
    arms = {"A": ar.SharedSavings(benchmark_pmpm=1.0, basis="allowed", sharing_rate=1.0)}
    panel = panel_with(1, {"risk_score": 2.0}, attribution=attribution)
    results = ar.Study(panel, care, arms, seed=67, years=2).run(8_000, progress=False, cash=False)
    first, second = (results.values("provider_revenue", "A", year=year) / 12 for year in (1, 2))
    turnover = 0.2 * 2.0**selection
    assert within(mean(second[first == 1] == 0), turnover)
    assert within(mean(second[first == 0] == 1), turnover)


def test_attribution_of_base_years():
    """Members of a benchmark are those attributed in the base year: the chain runs backwards with the same share."""
    panel = panel_with(1, attribution=ar.Attribution(share=0.4, turnover=0.3))
    care = ar.Utilization(services=[others("visits", 200_000, 1.0)])
    arms = {"A": savings_against([1.0, 0.0, 0.0])}
    results = ar.Study(panel, care, arms, seed=68, base_years=3).run(4_000, progress=False, cash=False)
    savings = results.values("provider_revenue", "A")
    # Attributed in year 1 but not in base year −2: a benchmark of nothing and 200 events owed.
    alone, chain = 0.4, 1 - 0.3 / 0.6
    both = alone * (alone + (1 - alone) * chain**3)
    assert within(mean(savings < -100), alone - both)
