"""Shocks against closed forms: mean exactly 1, what they add to a panel's variance, walks, correlations, dated ones."""

import math

import pytest

import atrisk as ar
from closed_forms import covariance, dollars_by_year, mean, others, panel_with, variance, within

MEMBERS, REPLICATES = 40, 12_000


def run(services, **how):
    return dollars_by_year(panel_with(MEMBERS), services, how.pop("replicates", REPLICATES), **how)


@pytest.mark.parametrize("permanent", [False, True])
@pytest.mark.parametrize("on", ["use", "price"])
@pytest.mark.parametrize(("cv", "rate", "price_cv"), [(0.05, 4.0, 0.3), (0.3, 0.5, 1.0), (1.0, 0.2, 0.6)])
def test_one_shock(cv, rate, price_cv, on, permanent):
    """The mean does not move; Var = E m² (1 + x²) + (E m)² c², with the first term times 1 + c² where prices move."""
    service = others("visits", 1_000 * rate, ar.LogNormal(mean=100, cv=price_cv))
    shock = ar.Shock("demand", cv=cv, on=on, permanent=permanent)
    dollars = run(service, shocks=[shock], seed=41)[1]
    events = MEMBERS * rate
    luck = events * 100**2 * (1 + price_cv**2) * (1 + cv**2 if on == "price" else 1)
    assert within(mean(dollars), events * 100)
    assert within(variance(dollars), luck + (events * 100 * cv) ** 2)


@pytest.mark.parametrize("cv", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("on", ["use", "price"])
def test_a_permanent_shock_is_a_walk_from_year_0(cv, on):
    """Var of the level of year y: (1 + c²)^|y| − 1, base years on their own side; covariances of steps in common."""
    rate, price = 2.0, 50.0
    dollars = run(others("visits", 1_000 * rate, price), shocks=[ar.Shock("walk", cv, None, on, True)],  # noqa: FBT003
                  years=3, base_years=3, seed=42, replicates=8_000)  # fmt: skip
    events = MEMBERS * rate
    total = events * price
    for year, values in dollars.items():
        steps = abs(year)
        second = (1 + cv**2) ** steps
        luck = events * price**2 * (second if on == "price" else 1)
        assert within(mean(values), total)
        assert within(variance(values), luck + total**2 * (second - 1))
    assert within(covariance(dollars[2], dollars[3]), total**2 * ((1 + cv**2) ** 2 - 1))
    assert within(covariance(dollars[-2], dollars[-1]), total**2 * cv**2)
    assert within(covariance(dollars[-1], dollars[1]), 0.0)
    assert within(covariance(dollars[-2], dollars[3]), 0.0)


def test_a_transitory_shock_is_another_each_year():
    dollars = run(others("visits", 3_000, 10.0), shocks=[ar.Shock("flu", 0.3)], years=3, base_years=2, seed=43)
    total = MEMBERS * 3.0 * 10
    for year in (-1, 0, 1, 2, 3):
        assert within(variance(dollars[year]), total * 10 + total**2 * 0.3**2)
    for pair in ((1, 2), (2, 3), (1, 3), (0, 1), (-1, 0)):
        assert within(covariance(dollars[pair[0]], dollars[pair[1]]), 0.0)


@pytest.mark.parametrize(
    ("r", "first", "second"),
    [(0.6, "use", "use"), (-0.7, "use", "price"), (1.0, "price", "use"), (0.0, "use", "use"), (-1.0, "price", "price")],
)
def test_the_correlation_of_two_shocks(r, first, second):
    """Cov of two services' dollars: E₁ m₁ E₂ m₂ (exp(r σ₁ σ₂) − 1); each keeps its own variance."""
    cvs, rates = (0.4, 0.25), (1.5, 2.5)
    services = [others("visits", 1_000 * rates[0], 10.0), others("drugs", 1_000 * rates[1], 7.0)]
    shocks = [ar.Shock("one", cvs[0], ["visits"], first), ar.Shock("two", cvs[1], ["drugs"], second)]
    matrix = [[1, r], [r, 1]]
    each = {}
    for name, capitated in (("visits", ["visits"]), ("drugs", ["drugs"])):
        care = ar.Utilization(services=services, shocks=shocks, shock_correlation=matrix)
        study = ar.Study(panel_with(MEMBERS), care, {"A": ar.Capitation(pmpm=0, scope=capitated)}, seed=44)
        each[name] = study.run(REPLICATES, progress=False, cash=False).values("provider_cost", "A")
    totals = MEMBERS * rates[0] * 10, MEMBERS * rates[1] * 7
    sigmas = [math.sqrt(math.log1p(cv**2)) for cv in cvs]
    assert within(covariance(each["visits"], each["drugs"]), math.prod(totals) * math.expm1(r * math.prod(sigmas)))
    for values, total, price, cv, on in zip(each.values(), totals, (10, 7), cvs, (first, second), strict=True):
        luck = total * price * (1 + cv**2 if on == "price" else 1)
        assert within(variance(values), luck + (total * cv) ** 2)


@pytest.mark.parametrize(
    ("permanent", "years", "steps"),
    [
        (False, [2], {0: 0, 1: 0, 2: 1, 3: 0}),
        (True, [2], {0: 0, 1: 0, 2: 1, 3: 1}),
        (False, [0, 3], {0: 1, 1: 0, 2: 0, 3: 1}),
        (True, [0, 3], {-1: 1, 0: 0, 1: 0, 2: 0, 3: 1}),
        (True, [-1, 1], {-2: 1, -1: 0, 0: 0, 1: 1, 2: 1, 3: 1}),
    ],
)
def test_dated_shocks(permanent, years, steps):
    """Steps of other years are left out: a dated permanent shock stays, a transitory one is gone in the next year."""
    cv, total, price = 0.4, MEMBERS * 2.0 * 10, 10
    shock = ar.Shock("pandemic", cv, permanent=permanent, years=years)
    dollars = run(others("visits", 2_000, 10.0), shocks=[shock], years=3, base_years=3, seed=45, replicates=6_000)
    for year, n in steps.items():
        assert within(mean(dollars[year]), total)
        assert within(variance(dollars[year]), total * price + total**2 * ((1 + cv**2) ** n - 1))


def test_two_shocks_on_one_service_multiply():
    """Variance of the product of independent levels, on use and on price, and nothing on another service."""
    services = [others("visits", 2_000, 10.0), others("drugs", 3_000, 4.0)]
    shocks = [ar.Shock("a", 0.3, ["visits"]), ar.Shock("b", 0.2, ["visits"]), ar.Shock("c", 0.4, ["visits"], "price")]
    care = ar.Utilization(services=services, shocks=shocks)
    arms = {name: ar.Capitation(pmpm=0, scope=[name]) for name in ("visits", "drugs")}
    results = ar.Study(panel_with(MEMBERS), care, arms, seed=46).run(REPLICATES, progress=False, cash=False)
    events = MEMBERS * 2.0
    use, price = (1 + 0.3**2) * (1 + 0.2**2), 1 + 0.4**2
    expected = events * 100 * price + (events * 10) ** 2 * (use * price - 1)
    assert within(variance(results.values("provider_cost", "visits")), expected)
    assert within(variance(results.values("provider_cost", "drugs")), MEMBERS * 3.0 * 16)


@pytest.mark.parametrize("members", [200, 5_000])
def test_the_default_shock_does_not_shrink_with_size(members):
    """Variance of the rate of dollars per member: luck / N + 0.013²."""
    service = others("visits", 400, 100.0)
    dollars = dollars_by_year(panel_with(members), service, 3_000, shocks=[ar.Shock.default()], seed=47)[1]
    expected = members * 0.4 * 100
    assert within(variance(dollars / expected), 1 / (members * 0.4) + 0.013**2)
    assert within(mean(dollars / expected), 1.0)


def test_levels_multiply_rates_exactly():
    """All events of a year have the one price times the level of the year, 1 where the shock is of another."""
    shock = ar.Shock("fees", 0.2, on="price", years=[2])
    care = ar.Utilization(services=[others("visits", 3_000, 8.0)], shocks=[shock])
    study = ar.Study(panel_with(50), care, {"A": ar.FeeForService()}, seed=48, years=3)
    prices = study.claims(3).groupby("year")["allowed"].agg(["min", "max"])
    assert (prices["min"] == prices["max"]).all()
    assert prices["min"][1] == prices["min"][3] == 8.0
    assert prices["min"][2] != 8.0
