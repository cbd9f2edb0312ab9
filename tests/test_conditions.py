"""Conditions as Markov chains, and recorded risk scores, against closed forms."""

import math

import numpy as np
import pytest

import atrisk as ar
from closed_forms import by_member, claims_of, covariance, mean, others, panel_with, variance, within

MEMBERS = 60_000
STATES = ("none", "plain", "complicated")
TRANSITION = [[0.9, 0.08, 0.02], [0.1, 0.7, 0.2], [0.0, 0.0, 1.0]]
SHARES = [0.7, 0.2, 0.1]
FACTORS = [0.5, 1.5, 4.0]


def condition(**changes):
    fields = {"states": STATES, "transition": TRANSITION, "shares": SHARES, "relativities": {"visits": FACTORS}}
    return ar.Condition("diabetes", **fields | changes)


def shares_of(years, start=SHARES, transition=TRANSITION):
    """Share in each state in performance years 1, 2, ..."""
    rows = [np.array(start)]
    for _ in range(years - 1):
        rows.append(rows[-1] @ np.array(transition))
    return rows


@pytest.mark.parametrize(
    ("shares", "transition", "factors"),
    [
        (SHARES, TRANSITION, FACTORS),
        ([1, 0, 0], TRANSITION, FACTORS),
        ([0.2, 0.3, 0.5], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, 2, 0]),
        ([0.5, 0.5, 0.0], [[0, 1, 0], [0, 0, 1], [1, 0, 0]], [0, 1, 3]),
        ([0.1, 0.6, 0.3], [[0.2, 0.3, 0.5]] * 3, [2, 1, 0.25]),
    ],
)
def test_events_by_year(shares, transition, factors):
    """Mean λ Σ p(s) r(s), variance λ Σ p r + λ² Var r, in years 1 to 4; base years are in the states of year 1."""
    rate = 1.5
    services = [ar.Service(name, per_1000=1_000 * rate, allowed=1.0) for name in ("visits", "drugs")]
    chain = condition(shares=shares, transition=transition, relativities={"visits": factors})
    claims = claims_of(panel_with(MEMBERS, conditions=[chain]), services, years=4, base_years=2, seed=101)
    counts = by_member(claims, MEMBERS)
    r = np.array(factors)
    by_year = shares_of(4, shares, transition)
    for year in (-1, 0, 1, 2, 3, 4):
        p = by_year[max(year, 1) - 1]
        first, second = p @ r, p @ r**2
        assert within(mean(counts[year, "visits"]), rate * first)
        assert within(variance(counts[year, "visits"]), rate * first + rate**2 * (second - first**2))
        assert within(mean(counts[year, "drugs"]), rate)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (1, 3), (2, 4), (0, 1), (-1, 2)])
def test_states_persist(first, second):
    """Cov of two years' counts: λ² (Σ p(s) r(s) P(s → t) r(t) − mean × mean)."""
    rate = 1.5
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0)
    claims = claims_of(panel_with(MEMBERS, conditions=[condition()]), service, years=4, base_years=2, seed=102)
    counts = by_member(claims, MEMBERS)
    by_year, r = shares_of(4), np.array(FACTORS)
    p, q = by_year[max(first, 1) - 1], by_year[max(second, 1) - 1]
    steps = np.linalg.matrix_power(np.array(TRANSITION), max(second, 1) - max(first, 1))
    expected = rate**2 * ((p * r) @ steps @ r - (p @ r) * (q @ r))
    assert within(covariance(counts[first, "visits"], counts[second, "visits"]), expected)


def test_states_from_a_column():
    """Year 1 is as the column says: the counts of those without a factor are none, and later years step from there."""
    state = np.array(STATES)[np.arange(MEMBERS) % 3]
    chain = condition(shares=None, column="stage", relativities={"visits": [0, 1, 3]})
    panel = panel_with(MEMBERS, {"stage": state}, conditions=[chain])
    service = ar.Service("visits", per_1000=1_500, allowed=1.0)
    counts = by_member(claims_of(panel, service, years=2, seed=103), MEMBERS)
    for position, factor in enumerate((0, 1, 3)):
        own = np.arange(MEMBERS) % 3 == position
        if factor == 0:
            assert counts[1, "visits"][own].sum() == 0
        else:
            assert within(mean(counts[1, "visits"][own]), 1.5 * factor)
        assert within(mean(counts[2, "visits"][own]), 1.5 * np.array(TRANSITION[position]) @ np.array([0, 1, 3]))


def test_two_conditions_are_independent_and_multiply():
    second = ar.Condition(
        "asthma", states=("no", "yes"), transition=[[0.9, 0.1], [0.3, 0.7]], shares=[0.6, 0.4],
        relativities={"visits": [0.5, 2.0]},
    )  # fmt: skip
    panel = panel_with(MEMBERS, conditions=[condition(), second])
    counts = by_member(claims_of(panel, ar.Service("visits", per_1000=1_500, allowed=1.0), years=3, seed=104), MEMBERS)
    other = shares_of(3, [0.6, 0.4], [[0.9, 0.1], [0.3, 0.7]])
    for year, (p, q) in enumerate(zip(shares_of(3), other, strict=True), start=1):
        r, o = np.array(FACTORS), np.array([0.5, 2.0])
        one, two = (p @ r) * (q @ o), (p @ r**2) * (q @ o**2)
        assert within(mean(counts[year, "visits"]), 1.5 * one)
        assert within(variance(counts[year, "visits"]), 1.5 * one + 1.5**2 * (two - one**2))


def payments(panel, years, replicates=3_000, seed=105, **terms):
    """Revenue of a capitation of a dollar per month and unit of risk score, per member, by year."""
    care = ar.Utilization(services=[others("visits", 0, 1.0)])
    arms = {"A": ar.Capitation(pmpm=1.0, risk_adjusted=True, **terms)}
    results = ar.Study(panel, care, arms, seed=seed, years=years).run(replicates, progress=False, cash=False)
    return [results.values("provider_revenue", "A", year=year) / len(panel) / 12 for year in range(1, years + 1)]


@pytest.mark.parametrize(
    ("growth", "recapture", "noise"),
    [(0.0, 1.0, 0.0), (0.03, 0.8, 0.0), (0.0, 0.5, 0.4), (-0.02, 1.0, 1.0), (0.05, 0.0, 0.2)],
)
def test_recorded_scores(growth, recapture, noise):
    """(own + what is found again) × growth × noise: mean and variance over members, year by year."""
    own, adds, members = 0.8, np.array([0.0, 0.4, 1.1]), 100
    scores = ar.RiskScores(coding_growth=growth, recapture=recapture, noise_cv=noise)
    chain = condition(risk_scores=adds.tolist())
    panel = panel_with(members, {"risk_score": own}, conditions=[chain], risk_scores=scores)
    for year, (paid, p) in enumerate(zip(payments(panel, 3), shares_of(3), strict=True), start=1):
        coded = (1 + growth) ** (year - 1)
        first = own + recapture * (p @ adds)
        second = own**2 + 2 * own * recapture * (p @ adds) + recapture * (p @ adds**2)
        spread = coded**2 * (second * (1 + noise**2) - first**2)
        if spread < 1e-12:
            np.testing.assert_allclose(paid, coded * first, rtol=1e-12)
        else:
            assert within(mean(paid), coded * first)
            assert within(variance(paid), spread / members)


def test_conditions_without_risk_scores_record_what_members_are():
    """Without RiskScores the recorded score is the member's own, whatever its conditions add."""
    panel = panel_with(50, {"risk_score": 1.3}, conditions=[condition(risk_scores=[0, 1, 2])])
    for paid in payments(panel, 2, replicates=5):
        np.testing.assert_allclose(paid, 1.3, rtol=1e-12)


@pytest.mark.parametrize("score", [0.9, 0.0])
def test_new_members_have_a_score_of_their_own(score):
    """In the year of entry alone; who was there before has a history."""
    columns = {"risk_score": 2.0, "entry_month": np.repeat([1, 4], 20), "entry_year": np.repeat([0, 2], 20)}
    panel = panel_with(40, columns, risk_scores=ar.RiskScores(new_member_score=score))
    paid = payments(panel, 3, replicates=2)
    for values, expected in zip(paid, (20 * 2, 20 * 2 + 20 * score * 9 / 12, 40 * 2), strict=True):
        np.testing.assert_allclose(values * 40, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("growth", "cap", "normalization"), [(0.04, 0.05, 1.0), (0.1, 0.0, 1.25), (0.01, 0.5, 0.8), (-0.1, 0.0, 1)]
)
def test_a_cap_on_growing_scores(growth, cap, normalization):
    """pmpm × score / normalization, scores at most 1 + cap of those of year 1."""
    panel = panel_with(30, {"risk_score": 1.4}, risk_scores=ar.RiskScores(coding_growth=growth))
    paid = payments(panel, 4, replicates=2, risk_score_cap=cap, normalization=normalization)
    for year, values in enumerate(paid, start=1):
        expected = 1.4 * min((1 + growth) ** (year - 1), 1 + cap) / normalization
        np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_noise_of_a_score_moves_payments_and_not_care():
    service = others("visits", 2_000, ar.Gamma(mean=10, cv=1))
    care = ar.Utilization(services=[service])
    arms = {"A": ar.Capitation(pmpm=5.0, risk_adjusted=True)}
    plain, noisy = (
        ar.Study(panel_with(60, risk_scores=scores), care, arms, seed=1, years=2).run(20, progress=False)
        for scores in (None, ar.RiskScores(noise_cv=0.5, coding_growth=0.1))
    )
    assert noisy.values("provider_cost", "A").tobytes() == plain.values("provider_cost", "A").tobytes()
    assert not math.isclose(noisy.values("provider_revenue", "A").mean(), plain.values("provider_revenue", "A").mean())
