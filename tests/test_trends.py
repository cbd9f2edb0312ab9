"""Trends against closed forms: rates, prices and costs of each year, base years too, and expected dollars."""

import numpy as np
import pytest

import atrisk as ar
from closed_forms import by_member, claims_of, dollars_by_year, mean, others, panel_with, within

MEMBERS = 30_000
BOTH = [(0.0, 0.0), (0.04, 0.0), (0.0, 0.03), (0.12, -0.05), (-0.3, 0.08)]


@pytest.mark.parametrize(("own", "wide"), BOTH)
def test_rates_by_year(own, wide):
    """Counts of base years −2 to 0 and performance years 1 to 3: λ ((1 + service's)(1 + utilization's))^y."""
    services = [
        ar.Service("visits", per_1000=1_300, allowed=1.0, trend=own),
        ar.Service("drugs", per_1000=900, allowed=1.0),
    ]
    claims = claims_of(panel_with(MEMBERS), services, years=3, base_years=3, seed=51, trend=wide)
    counts = by_member(claims, MEMBERS)
    for year in range(-2, 4):
        assert within(mean(counts[year, "visits"]), 1.3 * ((1 + own) * (1 + wide)) ** year)
        assert within(mean(counts[year, "drugs"]), 0.9 * (1 + wide) ** year)


@pytest.mark.parametrize(("own", "wide"), BOTH)
def test_prices_by_year(own, wide):
    """A fixed price is that of year 0 times both growths, to the last digits; rates do not move."""
    service = ar.Service("visits", per_1000=1_000, allowed=80.0, price_trend=own)
    claims = claims_of(panel_with(300), service, years=3, base_years=3, seed=52, price_trend=wide)
    for year, prices in claims.groupby("year")["allowed"]:
        np.testing.assert_allclose(prices, 80.0 * ((1 + own) * (1 + wide)) ** year, rtol=1e-14)
    still = claims_of(
        panel_with(300), ar.Service("visits", per_1000=1_000, allowed=80.0), years=3, base_years=3, seed=52
    )
    assert claims["month"].tolist() == still["month"].tolist()


@pytest.mark.parametrize(
    ("rate", "price", "wide_rate", "wide_price"),
    [
        (0.03, 0.05, 0.01, 0.02),
        (-0.05, 0.1, 0.0, 0.0),
        (0.0, 0.0, 0.06, 0.04),
        (0.2, -0.1, -0.1, 0.2),
        (0.5, 0.0, 0, -0.4),
    ],
)
def test_expected_dollars_by_year(rate, price, wide_rate, wide_price):
    """λ m N times all four growths to the year, with prices that are drawn."""
    service = others("stays", 150, ar.Gamma(mean=1_200, cv=0.8), trend=rate, price_trend=price)
    dollars = dollars_by_year(
        panel_with(400), service, 3_000, years=3, base_years=3, seed=53, trend=wide_rate, price_trend=wide_price
    )
    growth = (1 + rate) * (1 + price) * (1 + wide_rate) * (1 + wide_price)
    for year, values in dollars.items():
        assert within(mean(values), 400 * 0.150 * 1_200 * growth**year)


@pytest.mark.parametrize(("own", "fixed"), [(0.04, 0.0), (0.0, 0.03), (0.1, 0.05), (-0.2, 0.5), (0.02, -0.1)])
def test_costs_by_year(own, fixed):
    """Own cost of an event and fixed cost of a month are those of year 0 grown, with no luck in them."""
    service = ar.Service("visits", per_1000=2_000, allowed=100.0, own_cost=60.0, own_cost_trend=own, price_trend=0.07)
    care = ar.Utilization(services=[service], fixed_cost_per_month=500.0, fixed_cost_trend=fixed)
    study = ar.Study(panel_with(200), care, {"Fees": ar.FeeForService()}, seed=54, years=4)
    results = study.run(50, progress=False)
    for year in range(1, 5):
        events = results.values("allowed", "Fees", year=year) / (100.0 * 1.07**year)
        np.testing.assert_allclose(events, np.round(events), rtol=1e-11)
        cost = events * 60.0 * (1 + own) ** year + 12 * 500.0 * (1 + fixed) ** year
        np.testing.assert_allclose(results.values("provider_cost", "Fees", year=year), cost, rtol=1e-11)


def test_no_trend_of_use_moves_costs_and_prices():
    """Price trends leave own costs, own cost trends leave prices, and neither moves a count."""

    def study(**terms):
        service = ar.Service("visits", per_1000=2_000, allowed=100.0, own_cost=60.0, **terms)
        care = ar.Utilization(services=[service])
        return ar.Study(panel_with(100), care, {"A": ar.FeeForService()}, seed=55, years=2).run(30, progress=False)

    plain, priced, dear = study(), study(price_trend=0.1), study(own_cost_trend=0.1)
    for year in (1, 2):

        def figure(results, name, year=year):
            return results.values(name, "A", year=year)

        assert figure(priced, "provider_cost").tobytes() == figure(plain, "provider_cost").tobytes()
        assert figure(dear, "allowed").tobytes() == figure(plain, "allowed").tobytes()
        np.testing.assert_allclose(figure(priced, "allowed"), figure(plain, "allowed") * 1.1**year, rtol=1e-12)


@pytest.mark.parametrize("trend", [0.0, 0.05, -0.2])
def test_a_payment_is_that_of_year_1(trend):
    """A capitation grows from the first performance year on, unlike rates: pmpm × (1 + trend)^(y − 1)."""
    care = ar.Utilization(services=[others("visits", 0, 1.0)])
    study = ar.Study(panel_with(70), care, {"A": ar.Capitation(pmpm=250.0, trend=trend)}, seed=1, years=4)
    results = study.run(2, progress=False)
    for year in range(1, 5):
        expected = 250.0 * (1 + trend) ** (year - 1) * 70 * 12
        np.testing.assert_allclose(results.values("provider_revenue", "A", year=year), expected, rtol=1e-12)


def test_relativities_by_age_move_with_the_years():
    """Members of 63 are in the band from 65 on in performance year 3, and were 60 in base year −2."""
    service = ar.Service(
        "visits", per_1000=1_000, allowed=1.0, relativities={"age": {0: 0.5, 62: 1.0, 65: 2.5}, "sex": {"female": 0.8}}
    )
    panel = panel_with(MEMBERS, {"age": np.full(MEMBERS, 63.0)})
    counts = by_member(claims_of(panel, service, years=4, base_years=3, seed=56), MEMBERS)
    for year, factor in {-2: 0.5, -1: 0.5, 0: 1.0, 1: 1.0, 2: 1.0, 3: 2.5, 4: 2.5}.items():
        assert within(mean(counts[year, "visits"]), 0.8 * factor)
