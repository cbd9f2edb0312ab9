"""How much a member's years have in common: correlations at each lag against closed forms, of counts and of dollars."""

import math

import pytest
from scipy import integrate, stats

import atrisk as ar
from closed_forms import by_member, claims_of, correlation, covariance, mean, panel_with, variance, within

MEMBERS = 60_000


@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
@pytest.mark.parametrize(
    ("family", "cv", "w", "rate"),
    [
        ("gamma", 1.0, 1.0, 1.5),
        ("gamma", 1.2, 0.7, 1.0),
        ("gamma", 0.8, 0.3, 3.0),
        ("gamma", 1.0, 0.0, 2.0),
        ("log_normal", 0.9, 0.5, 2.0),
        ("two_point", 0.8, 0.6, 1.2),
    ],
)
def test_counts_of_two_years(family, cv, w, rate, own):
    """Corr = λ w c² / (1 + λ c²) at lags 1 and 2, over performance years and across the first of them alike."""
    frailty = ar.Frailty(cv=cv, family=family, permanent_share=w)
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0, frailty=frailty if own else None)
    claims = claims_of(
        panel_with(MEMBERS), service, years=2, base_years=2, seed=71, **({} if own else {"frailty": frailty})
    )
    n = {year: counts for (year, _), counts in by_member(claims, MEMBERS).items()}
    expected = rate * w * cv**2 / (1 + rate * cv**2)
    for pair in ((1, 2), (0, 1), (0, 2), (-1, 1)):
        assert within(correlation(n[pair[0]], n[pair[1]]), expected)


@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
def test_who_uses_nothing_is_another_in_every_year(own):
    """Cov = λ² ((1 + w c²) / (1 − n) − 1), Var = λ + λ² ((1 + c²) / ((1 − y) (1 − n)) − 1)."""
    without = {"non_user_share": 0.25, "never_user_share": 0.1}
    frailty, rate = ar.Frailty(cv=0.8, permanent_share=0.5, **without), 2.0
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0, frailty=frailty if own else None)
    claims = claims_of(panel_with(MEMBERS), service, years=3, seed=77, **({} if own else {"frailty": frailty}))
    n = {year: counts for (year, _), counts in by_member(claims, MEMBERS).items()}
    for pair in ((1, 2), (1, 3)):
        assert within(covariance(n[pair[0]], n[pair[1]]), rate**2 * ((1 + 0.5 * 0.8**2) / 0.9 - 1))
        assert within(variance(n[pair[0]]), rate + rate**2 * ((1 + 0.8**2) / (0.75 * 0.9) - 1))


@pytest.mark.parametrize(
    ("cv", "w", "rate", "price_cv"),
    [(1.0, 0.8, 2.0, 0.5), (0.7, 1.0, 4.0, 1.0), (1.3, 0.4, 1.0, 0.3), (1, 0.0, 2, 0.5)],
)
def test_dollars_of_two_years(cv, w, rate, price_cv):
    """Cov = λ² m² w c², Var = λ m² (1 + x²) + λ² m² c²."""
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=ar.Gamma(mean=100, cv=price_cv))
    frailty = ar.Frailty(cv=cv, permanent_share=w)
    claims = claims_of(panel_with(MEMBERS), service, years=3, seed=72, frailty=frailty)
    dollars = by_member(claims, MEMBERS, dollars=True)
    total = rate * (1 + price_cv**2) + (rate * cv) ** 2
    assert within(variance(dollars[2, "visits"] / 100), total)
    for pair in ((1, 2), (1, 3)):
        first, second = (dollars[year, "visits"] / 100 for year in pair)
        assert within(covariance(first, second), rate**2 * w * cv**2)
        assert within(correlation(first, second), rate**2 * w * cv**2 / total)


@pytest.mark.parametrize(
    ("frailty", "severity", "rate"),
    [(None, 0.8, 2.0), (ar.Frailty(cv=0.7, permanent_share=0.5), 0.6, 3.0), (ar.Frailty(cv=1.0), 0.4, 1.5)],
)
def test_severity_of_a_member(frailty, severity, rate):
    """A kept factor B on prices: Cov of years = λ² m² ((1 + w c²)(1 + b²) − 1), and counts know nothing of it."""
    price_cv = 0.5
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=ar.Gamma(mean=1, cv=price_cv))
    shared = {} if frailty is None else {"frailty": frailty}
    claims = claims_of(panel_with(MEMBERS), service, years=2, seed=73, severity_cv=severity, **shared)
    dollars = by_member(claims, MEMBERS, dollars=True)
    c2, w = (0.0, 0.0) if frailty is None else (frailty.cv**2, frailty.permanent_share)
    b2 = 1 + severity**2
    first, second = dollars[1, "visits"], dollars[2, "visits"]
    assert within(mean(first), rate)
    assert within(variance(first), b2 * (rate * (1 + price_cv**2) + rate**2 * (1 + c2)) - rate**2)
    assert within(covariance(first, second), rate**2 * ((1 + w * c2) * b2 - 1))
    counts = by_member(claims, MEMBERS)
    assert within(variance(counts[1, "visits"]), rate + rate**2 * c2)


@pytest.mark.parametrize("r", [-0.8, -0.3, 0.0, 0.5, 1.0])
def test_severity_that_goes_with_frailty(r):
    """Log-normal frailty F and severity B of correlated normals: E FB = exp(r σ τ), E F²B² = exp(σ² + τ² + 4 r σ τ)."""
    cv, severity, rate, price = 0.6, 0.5, 2.0, 10.0
    sigma, tau = (math.sqrt(math.log1p(c**2)) for c in (cv, severity))
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=price)
    claims = claims_of(
        panel_with(MEMBERS), service, years=2, seed=74,
        frailty=ar.Frailty(cv=cv, family="log_normal"), severity_cv=severity, severity_correlation=r,
    )  # fmt: skip
    dollars = by_member(claims, MEMBERS, dollars=True)
    first, second = dollars[1, "visits"] / price, dollars[2, "visits"] / price
    one, squares = math.exp(r * sigma * tau), math.exp(sigma**2 + tau**2 + 4 * r * sigma * tau)
    events = math.exp(tau**2 + 2 * r * sigma * tau)  # E F B²
    assert within(mean(first), rate * one)
    assert within(variance(first), rate * events + rate**2 * (squares - one**2))
    assert within(covariance(first, second), rate**2 * (squares - one**2))


@pytest.mark.parametrize(("cv", "r"), [(0.8, 0.6), (1.4, -0.5)])
def test_severity_that_goes_with_gamma_frailty(cv, r):
    """The normal is that of the uniform which makes the frailty: E FB as an integral over that normal."""
    severity, rate = 0.7, 2.0
    tau = math.sqrt(math.log1p(severity**2))
    law = stats.gamma(1 / cv**2, scale=cv**2)

    def at(z):
        frailty = law.ppf(stats.norm.cdf(z)) if z < 0 else law.isf(stats.norm.sf(z))
        return stats.norm.pdf(z) * frailty * math.exp(r * tau * z - (r * tau) ** 2 / 2)

    expected = integrate.quad(at, -9, 9, limit=200)[0]
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0)
    claims = claims_of(
        panel_with(MEMBERS), service, seed=75,
        frailty=ar.Frailty(cv=cv), severity_cv=severity, severity_correlation=r,
    )  # fmt: skip
    assert within(mean(by_member(claims, MEMBERS, dollars=True)[1, "visits"]), rate * expected)


def test_years_of_different_services():
    """Two services of two years have the kept part of the shared frailty in common, and nothing of their own ones."""
    services = [
        ar.Service("visits", per_1000=2_000, allowed=1.0, frailty=ar.Frailty(cv=1.0)),
        ar.Service("drugs", per_1000=3_000, allowed=1.0, frailty=ar.Frailty(cv=0.5)),
    ]
    frailty = ar.Frailty(cv=0.8, permanent_share=0.4)
    counts = by_member(claims_of(panel_with(MEMBERS), services, years=2, seed=76, frailty=frailty), MEMBERS)
    assert within(covariance(counts[1, "visits"], counts[2, "drugs"]), 6 * 0.4 * 0.8**2)
    assert within(covariance(counts[1, "visits"], counts[1, "drugs"]), 6 * 0.8**2)
    both = 4 * ((1 + 0.4 * 0.8**2) * (1 + 1.0**2) - 1)
    assert within(covariance(counts[1, "visits"], counts[2, "visits"]), both)
