"""Frailty against closed forms: moments and zeros of counts by family, negative binomials, what services share."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import integrate, stats

import atrisk as ar
from closed_forms import by_member, claims_of, covariance, mean, panel_with, variance, within

MEMBERS = 60_000


def parts_of(frailty):
    """Coefficients of variation of the kept and the yearly part."""
    c2, w = frailty.cv**2, frailty.permanent_share
    return math.sqrt(w * c2), math.sqrt((1 - w) * c2 / (1 + w * c2))


def no_event(family, rate, cv):
    """E exp(-rate × F) of one part."""
    if cv == 0:
        return math.exp(-rate)
    if family == "gamma":
        return (1 + rate * cv**2) ** (-1 / cv**2)
    if family == "two_point":
        none = cv**2 / (1 + cv**2)
        return none + (1 - none) * math.exp(-rate * (1 + cv**2))
    sigma = math.sqrt(math.log1p(cv**2))

    def at(z):
        return stats.norm.pdf(z) * math.exp(-rate * math.exp(sigma * z - sigma**2 / 2))

    return integrate.quad(at, -12, 12, epsabs=1e-12, limit=400)[0]


def zero_share(frailty, rate):
    """Chance of no event in a year under a product of two parts: one part inside an integral over the other."""
    none = 1 - (1 - frailty.non_user_share) * (1 - frailty.never_user_share)
    if none:
        users = dataclasses.replace(frailty, non_user_share=0.0, never_user_share=0.0)
        return none + (1 - none) * zero_share(users, rate / (1 - none))
    kept, yearly = parts_of(frailty)
    if frailty.family == "log_normal":
        return no_event("log_normal", rate, frailty.cv)
    if kept == 0 or yearly == 0:
        return no_event(frailty.family, rate, kept or yearly)
    if frailty.family == "two_point":
        none = kept**2 / (1 + kept**2)
        return none + (1 - none) * no_event("two_point", rate * (1 + kept**2), yearly)
    density = stats.gamma(1 / kept**2, scale=kept**2).ppf
    return integrate.quad(lambda u: no_event("gamma", rate * density(u), yearly), 0, 1, epsabs=1e-10, limit=400)[0]


FRAILTIES = [
    (ar.Frailty(cv=0.8), 1.4),
    (ar.Frailty(cv=1.5, permanent_share=0.4), 0.9),
    (ar.Frailty(cv=0.6, permanent_share=0.0), 3.0),
    (ar.Frailty(cv=0.9, family="log_normal"), 1.1),
    (ar.Frailty(cv=1.2, family="log_normal", permanent_share=0.5), 0.7),
    (ar.Frailty(cv=1.0, family="two_point"), 1.6),
    (ar.Frailty(cv=0.7, family="two_point", permanent_share=0.3), 2.0),
    (ar.Frailty(cv=0.9, permanent_share=0.6, non_user_share=0.15), 2.5),
    (ar.Frailty(cv=0.8, family="log_normal", non_user_share=0.3), 1.8),
    (ar.Frailty(cv=0.7, permanent_share=0.4, non_user_share=0.1, never_user_share=0.2), 2.2),
]


def total_variance(frailty):
    """Relative variance of a year's frailty: of users, and of there being others."""
    return (1 + frailty.cv**2) / ((1 - frailty.non_user_share) * (1 - frailty.never_user_share)) - 1


@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
@pytest.mark.parametrize(("frailty", "rate"), FRAILTIES, ids=lambda given: getattr(given, "family", None))
def test_moments_and_zeros_of_counts(frailty, rate, own):
    """Mean λ, variance λ + λ² c², share without events E exp(−λ F), in a year before and a year after the first."""
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0, frailty=frailty if own else None)
    care = {} if own else {"frailty": frailty}
    claims = claims_of(panel_with(MEMBERS), service, base_years=1, seed=31, **care)
    counts = by_member(claims, MEMBERS)
    for year in (0, 1):
        n = counts[year, "visits"]
        assert within(mean(n), rate)
        assert within(variance(n), rate + rate**2 * total_variance(frailty))
        assert within(mean(n == 0), zero_share(frailty, rate))


@pytest.mark.parametrize(
    ("cv", "rate", "risk", "own"),
    [
        (0.5, 2.0, 1.0, False),
        (1.0, 1.0, 1.3, True),
        (2.2, 0.8, 1.0, False),
        (1.4, 4.0, 0.5, True),
        (0.3, 0.6, 2.0, True),
    ],
)
def test_gamma_counts_are_negative_binomial(cv, rate, risk, own):
    """The whole distribution, of a shared and of an own frailty, by chi-square at one in ten thousand."""
    frailty = ar.Frailty(cv=cv)
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0, frailty=frailty if own else None)
    panel = panel_with(MEMBERS, {"risk_score": risk})
    claims = claims_of(panel, service, seed=32, **({} if own else {"frailty": frailty}))
    counts = by_member(claims, MEMBERS)[1, "visits"].astype(int)
    law = stats.nbinom(1 / cv**2, 1 / (1 + rate * risk * cv**2))
    cells = int(law.ppf(1 - 50 / MEMBERS))
    expected = np.append(law.pmf(np.arange(cells)), law.sf(cells - 1)) * MEMBERS
    observed = np.bincount(np.minimum(counts, cells), minlength=cells + 1)
    p = stats.chisquare(observed, expected).pvalue
    print(f"{cells + 1} cells, p = {p:.3f}")
    assert p > 1e-4


@pytest.mark.parametrize(
    ("shared", "first", "second"),
    [
        (ar.Frailty(cv=0.9), None, None),
        (ar.Frailty(cv=0.7), ar.Frailty(cv=1.1), ar.Frailty(cv=0.5, family="log_normal")),
        (ar.Frailty(cv=0.8, permanent_share=0.25), ar.Frailty(cv=0.6, permanent_share=0.5), None),
        (ar.Frailty(cv=0.8, family="log_normal", permanent_share=0.0), None, ar.Frailty(cv=0.8)),
        (None, ar.Frailty(cv=1.0), ar.Frailty(cv=1.0)),
        (ar.Frailty(cv=1.0, family="two_point"), ar.Frailty(cv=0.5), ar.Frailty(cv=0.5)),
    ],
)
def test_what_services_have_in_common(shared, first, second):
    """Cov = λ₁ λ₂ c² of the shared part alone; variances have the product of both, 1 + C² = (1 + c²)(1 + o²)."""
    rates = {"visits": 1.5, "drugs": 2.5}
    owns = {"visits": first, "drugs": second}
    services = [
        ar.Service(name, per_1000=1_000 * rate, allowed=1.0, frailty=owns[name]) for name, rate in rates.items()
    ]
    claims = claims_of(panel_with(MEMBERS), services, seed=33, **({} if shared is None else {"frailty": shared}))
    counts = by_member(claims, MEMBERS)
    common = 0.0 if shared is None else shared.cv**2
    expected = math.prod(rates.values()) * common
    assert within(covariance(counts[1, "visits"], counts[1, "drugs"]), expected)
    for name, rate in rates.items():
        own = 0.0 if owns[name] is None else owns[name].cv ** 2
        assert within(variance(counts[1, name]), rate + rate**2 * ((1 + common) * (1 + own) - 1))


@pytest.mark.parametrize(("share", "rate"), [(0.2, 1.0), (0.5, 0.8), (0.7, 0.3), (0.05, 2.0), (0.0, 0.4)])
def test_non_users(share, rate):
    """A share never has an event; the others have 1 / (1 − share) as many: zeros of one year and of two together."""
    frailty = ar.Frailty.non_users(share)
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0, frailty=frailty)
    counts = by_member(claims_of(panel_with(MEMBERS), service, years=2, seed=34), MEMBERS)
    first, second = counts[1, "visits"], counts[2, "visits"]
    users = rate / (1 - share)
    assert within(mean(first), rate)
    assert within(mean(first == 0), share + (1 - share) * math.exp(-users))
    assert within(mean(first + second == 0), share + (1 - share) * math.exp(-2 * users))


def test_non_users_of_each_year_differ():
    """Without a permanent share nobody keeps not using: years are independent."""
    share, rate = 0.5, 0.8
    frailty = ar.Frailty.non_users(share, permanent_share=0.0)
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=1.0, frailty=frailty)
    counts = by_member(claims_of(panel_with(MEMBERS), service, years=2, seed=35), MEMBERS)
    zero = share + (1 - share) * math.exp(-rate / (1 - share))
    assert within(mean((counts[1, "visits"] == 0) & (counts[2, "visits"] == 0)), zero**2)
