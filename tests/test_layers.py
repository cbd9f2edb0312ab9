"""Layers of members' years against closed forms: compound Poisson and negative binomial, several laws of prices."""

import math

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from closed_forms import mean, others, panel_with, within

MEMBERS = 200
COUNTS = np.arange(200)


def excess_of_exponentials(n, scale, attachment):
    """E max(S − d, 0), S a sum of n exponentials: n θ P(S' > d) − d P(S > d), S' a sum of n + 1."""
    n = np.maximum(n, 1e-300)
    return n * scale * stats.gamma.sf(attachment, n + 1, scale=scale) - attachment * stats.gamma.sf(
        attachment, n, scale=scale
    )


def recoveries(services, replicates, *, panel=None, years=1, seed=91, care=None, **cover):
    """What a cover pays per member by year: the cost without it less the cost with it, on the same years."""
    contract = ar.Capitation(pmpm=0)
    arms = {"bare": contract, "covered": [contract, ar.StopLoss(premium_pmpm=0, **cover)]}
    services = services if isinstance(services, list) else [services]
    utilization = ar.Utilization(services=services, **(care or {}))
    study = ar.Study(panel or panel_with(MEMBERS), utilization, arms, seed=seed, years=years)
    results = study.run(replicates, progress=False, cash=False)

    def cost(arm, year):
        return results.values("provider_cost", arm, year=year)

    return [(cost("bare", year) - cost("covered", year)) / MEMBERS for year in range(1, years + 1)]


@pytest.mark.parametrize(
    ("rate", "attachment", "limit", "ceded"),
    [
        (0.3, 1_500, None, 1.0),
        (2.0, 4_000, None, 0.8),
        (1.0, 0, 500, 1.0),
        (0.8, 2_500, 2_000, 0.9),
        (5.0, 9_000, 1e6, 0.5),
    ],
)
def test_exponential_prices(rate, attachment, limit, ceded):
    """Poisson sums of exponentials are gamma given their number."""
    scale = 1_000.0
    service = others("stays", 1_000 * rate, ar.Gamma(mean=scale, cv=1))
    weights = stats.poisson(rate).pmf(COUNTS[1:])
    theory = weights @ excess_of_exponentials(COUNTS[1:], scale, attachment)
    if limit is not None:
        theory -= weights @ excess_of_exponentials(COUNTS[1:], scale, attachment + limit)
    terms = {"attachment_point": attachment, "limit": limit, "ceded_share": ceded}
    [recovery] = recoveries(service, 3_000, **terms)
    assert within(mean(recovery), ceded * theory)


@pytest.mark.parametrize(
    ("rate", "price", "attachment"), [(0.4, 700, 1_000), (2.5, 400, 1_300), (6, 100, 599.5), (1, 50, 0)]
)
def test_fixed_prices(rate, price, attachment):
    """E max(k N − d, 0) as a Poisson sum, and its variance over members."""
    law = stats.poisson(rate).pmf(COUNTS)
    layer = np.maximum(price * COUNTS - attachment, 0.0)
    [recovery] = recoveries(others("stays", 1_000 * rate, float(price)), 4_000, attachment_point=attachment)
    theory = law @ layer
    assert within(mean(recovery), theory)
    spread = recovery - theory
    assert within(mean(spread**2), (law @ layer**2 - theory**2) / MEMBERS)


@pytest.mark.parametrize(("cv", "rate", "attachment"), [(0.7, 1.0, 2_000), (1.5, 0.5, 3_000), (0.4, 3.0, 5_000)])
def test_with_frailty(cv, rate, attachment):
    """Gamma frailty makes the number negative binomial."""
    law = stats.nbinom(1 / cv**2, 1 / (1 + rate * cv**2)).pmf(COUNTS[1:])
    theory = law @ excess_of_exponentials(COUNTS[1:], 1_000.0, attachment)
    service = others("stays", 1_000 * rate, ar.Gamma(mean=1_000, cv=1))
    [recovery] = recoveries(service, 4_000, attachment_point=attachment, care={"frailty_cv": cv})
    assert within(mean(recovery), theory)


def log_normal_layer(rate, mean_price, cv, attachment, *, step, cells=2**17):
    """E max(S − d, 0) of a Poisson sum of log-normals, by Fourier transform of prices rounded to a grid."""
    sigma = math.sqrt(math.log1p(cv**2))
    price = stats.lognorm(sigma, scale=mean_price * math.exp(-(sigma**2) / 2))
    mass = np.diff(price.cdf(np.maximum((np.arange(cells + 1) - 0.5) * step, 0.0)))
    probability = np.fft.irfft(np.exp(rate * (np.fft.rfft(mass) - 1.0)), cells)
    assert abs(probability.sum() - 1.0) < 1e-7
    # Through E S - E min(S, d), so that nothing beyond the grid is missed.
    return rate * mean_price - probability @ np.minimum(np.arange(cells) * step, attachment)


@pytest.mark.parametrize(("rate", "cv", "attachment"), [(0.25, 1.5, 10_000), (1.0, 0.8, 8_000), (0.05, 1.2, 2_000)])
def test_log_normal_prices(rate, cv, attachment):
    theory = log_normal_layer(rate, 4_000, cv, attachment, step=10)
    finer = log_normal_layer(rate, 4_000, cv, attachment, step=5)
    assert abs(theory - finer) < 1e-4 * theory
    [recovery] = recoveries(
        others("stays", 1_000 * rate, ar.LogNormal(mean=4_000, cv=cv)), 4_000, attachment_point=attachment
    )
    assert within(mean(recovery), finer)


@pytest.mark.parametrize("limit", [500.0, 4_000.0, 20_000.0])
def test_at_most_one_event(limit):
    """Rare events: the limited expected value of one log-normal price, E min(X, d) = m Φ(z − σ) + d Φ(−z)."""
    rate, price, cv = 1e-4, 4_000.0, 1.5
    sigma = math.sqrt(math.log1p(cv**2))
    z = (math.log(limit / price) + sigma**2 / 2) / sigma
    limited = price * stats.norm.cdf(z - sigma) + limit * stats.norm.sf(z)
    law = stats.lognorm(sigma, scale=price * math.exp(-(sigma**2) / 2))
    assert math.isclose(limited, law.expect(lambda x: min(x, limit), lb=0, ub=np.inf, limit=500), rel_tol=1e-6)
    # P(N > 1) / P(N = 1) is rate / 2, a twentieth of a thousandth: far below the Monte Carlo error.
    [layer] = recoveries(
        others("stays", 1_000 * rate, ar.LogNormal(mean=price, cv=cv)), 100_000, attachment_point=0, limit=limit
    )
    assert within(mean(layer), rate * limited)


@pytest.mark.parametrize(("rate", "truncation"), [(1.0, 1_500), (0.4, 3_000), (4.0, 2_000)])
def test_truncation(rate, truncation):
    """Shared savings count a member's year for at most the truncation: E S − E max(S − T, 0)."""
    service = others("stays", 1_000 * rate, ar.Gamma(mean=1_000, cv=1))
    savings = ar.SharedSavings(
        benchmark_pmpm=10_000, basis="allowed", sharing_rate=1, truncation=truncation, benchmark_truncated=True
    )
    care = ar.Utilization(services=[service])
    results = ar.Study(panel_with(MEMBERS), care, {"A": savings}, seed=92).run(4_000, progress=False, cash=False)
    spending = 120_000 - results.values("provider_revenue", "A") / MEMBERS
    weights = stats.poisson(rate).pmf(COUNTS[1:])
    excess = weights @ excess_of_exponentials(COUNTS[1:], 1_000.0, truncation)
    assert within(mean(spending), rate * 1_000 - excess)


def test_layers_of_later_years_have_grown_prices():
    """Prices of 10 % more against the same attachment point, year by year: leverage of the layer."""
    rate, attachment = 0.8, 2_000
    service = others("stays", 1_000 * rate, ar.Gamma(mean=1_000, cv=1), price_trend=0.1)
    weights = stats.poisson(rate).pmf(COUNTS[1:])
    for year, recovery in enumerate(recoveries(service, 3_000, years=3, attachment_point=attachment), start=1):
        assert within(mean(recovery), weights @ excess_of_exponentials(COUNTS[1:], 1_000.0 * 1.1**year, attachment))


def test_a_layer_is_of_what_is_paid_for_the_services_covered():
    """Coinsurance leaves four fifths of each price in the layer; what is out of scope is not in it."""
    services = [
        others("stays", 800, ar.Gamma(mean=1_000, cv=1), coinsurance=0.2),
        others("drugs", 9_000, ar.Gamma(mean=500, cv=1)),
    ]
    weights = stats.poisson(0.8).pmf(COUNTS[1:])
    [recovery] = recoveries(services, 3_000, attachment_point=1_000, scope=["stays"])
    assert within(mean(recovery), weights @ excess_of_exponentials(COUNTS[1:], 800.0, 1_000))


def test_two_services_fill_one_layer():
    """Exponentials of the same mean from two lines are one compound Poisson sum."""
    services = [others("stays", 500, ar.Gamma(mean=1_000, cv=1)), others("drugs", 900, ar.Gamma(mean=1_000, cv=1))]
    weights = stats.poisson(1.4).pmf(COUNTS[1:])
    [recovery] = recoveries(services, 3_000, attachment_point=2_500, limit=2_000)
    theory = [weights @ excess_of_exponentials(COUNTS[1:], 1_000.0, point) for point in (2_500, 4_500)]
    assert within(mean(recovery), theory[0] - theory[1])
