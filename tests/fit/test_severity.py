"""Prices: families told from draws of SciPy, likelihoods, tails that are spliced on, and amounts that tell nothing."""

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk.distributions import Gamma, InverseGaussian, LogNormal, Pareto, Spliced, Weibull
from atrisk.fit._severity import _spliced, scaled, severity

DRAWS = 20_000
#: Family -> law of SciPy; its parameters, in the order of the fitted ones.
LAWS = {
    "log_normal": (stats.lognorm(0.9, scale=1_000), {"mu": np.log(1_000), "sigma": 0.9}),
    "gamma": (stats.gamma(1.7, scale=300), {"shape": 1.7, "scale": 300}),
    "weibull": (stats.weibull_min(0.7, scale=500), {"shape": 0.7, "scale": 500}),
    "inverse_gaussian": (stats.invgauss(0.8, scale=900), {"mean": 720, "shape": 900}),
}


def amounts(family, seed=1):
    return LAWS[family][0].rvs(DRAWS, random_state=np.random.default_rng(seed))


def with_tail(share=0.05, at=4_000.0, seed=4):
    """Log-normal up to ``at``, then a Pareto of shape 1.8 and scale 2,000 on the condition of lying beyond."""
    rng = np.random.default_rng(seed)
    body = stats.lognorm(0.8, scale=1_000)
    low = body.ppf(rng.random(DRAWS) * body.cdf(at))
    high = (at + 2_000.0) * rng.random(DRAWS) ** (-1 / 1.8) - 2_000.0
    return np.where(rng.random(DRAWS) < share, high, low)


def density(distribution):
    """Return the law of SciPy with the parameters that were fitted."""
    given = distribution.parameters
    if isinstance(distribution, LogNormal):
        return stats.lognorm(given["sigma"], scale=np.exp(given["mu"]))
    if isinstance(distribution, Gamma):
        return stats.gamma(given["shape"], scale=given["scale"])
    if isinstance(distribution, Weibull):
        return stats.weibull_min(given["shape"], scale=given["scale"])
    assert isinstance(distribution, InverseGaussian)
    return stats.invgauss(given["mean"] / given["shape"], scale=given["shape"])


@pytest.mark.parametrize("family", LAWS)
def test_the_family_of_20000_draws_is_told(family):
    """Parameters within 3 %: three standard errors of the widest, the shape of the gamma, are 2.8 %."""
    x = amounts(family)
    found = severity(x, float(x.mean()), None)
    assert found.family == family == min(found.criteria, key=found.criteria.get)
    assert found.amounts == DRAWS
    assert found.distribution.mean() == pytest.approx(x.mean(), rel=1e-9)
    given = found.distribution.parameters
    for name, value in LAWS[family][1].items():
        assert given[name] == pytest.approx(value, rel=0.03), name


@pytest.mark.parametrize("family", LAWS)
def test_criteria_are_those_of_scipys_densities(family):
    """Twice two parameters less twice the log-likelihood at the fit, and SciPy's own fit is no likelier."""
    x = amounts(family)
    found = severity(x, float(x.mean()), None)
    # The mean was given: the family's own maximum is undone by it only for the log-normal and the Weibull.
    own = scaled(found.distribution, 1.0)
    by_hand = 4.0 - 2.0 * density(own).logpdf(x).sum()
    assert found.criteria[family] == pytest.approx(by_hand, abs=0.5)
    assert found.criteria[family] <= by_hand + 1e-6
    likeliest = LAWS[family][0].dist.fit(x, floc=0)
    scipys = 4.0 - 2.0 * LAWS[family][0].dist(*likeliest).logpdf(x).sum()
    assert found.criteria[family] == pytest.approx(scipys, abs=0.05)


def test_a_tail_is_found_where_there_is_one_and_only_there():
    """Tail index 1.8 within 0.35: three standard errors of it, with its scale, from 1,000 amounts beyond the splice."""
    x = with_tail()
    found = severity(x, float(x.mean()), None)
    assert found.family == "log_normal_with_pareto_tail"
    assert found.distribution.parameters["tail"].parameters["shape"] == pytest.approx(1.8, abs=0.35)
    assert found.criteria["log_normal"] - found.criteria[found.family] > 100.0
    for family in LAWS:
        assert severity(amounts(family, seed=2), 1.0, None).family == family


def test_the_criterion_of_a_spliced_tail_is_its_density():
    """Log-normal below the splice and Pareto above, each on its condition, with the chance of lying there."""
    x = with_tail()
    (found,) = _spliced(np.sort(x))
    given = found.distribution.parameters
    at, share = given["at"], given["tail_probability"]
    body, tail = given["body"].parameters, given["tail"].parameters
    low = stats.lognorm(body["sigma"], scale=np.exp(body["mu"]))
    high = stats.lomax(tail["shape"], scale=tail["scale"])
    below, above = x[x <= at], x[x > at]
    likelihood = (
        len(below) * np.log1p(-share)
        + (low.logpdf(below) - low.logcdf(at)).sum()
        + len(above) * np.log(share)
        + (high.logpdf(above) - high.logsf(at)).sum()
    )
    assert found.criterion == pytest.approx(12.0 - 2.0 * likelihood, abs=1e-3)
    assert severity(x, float(x.mean()), None).criteria["log_normal_with_pareto_tail"] == found.criterion


def test_a_spread_of_all_events_takes_the_place_of_that_of_single_ones():
    x = amounts("gamma")
    found = severity(x, 1_000.0, 2.5)
    assert found.family == "gamma"
    assert found.distribution.mean() == pytest.approx(1_000.0)
    assert found.distribution.std() == pytest.approx(2_500.0)
    # A spliced tail has one spread, that of single events: where all events have another, it does not stand.
    assert severity(with_tail(), 1_000.0, 0.3).family != "log_normal_with_pareto_tail"


SCALED = {
    "log-normal": LogNormal(mu=3.0, sigma=0.8),
    "log-normal by its mean": LogNormal(mean=50.0, cv=1.1),
    "gamma": Gamma(shape=1.5, scale=20.0),
    "Weibull": Weibull(shape=0.7, scale=30.0),
    "inverse Gaussian": InverseGaussian(mean=40.0, cv=0.9),
    "Pareto": Pareto(shape=2.5, scale=60.0),
    "spliced": Spliced(LogNormal(mu=3.0, sigma=0.8), Pareto(shape=1.9, scale=30.0), at=60.0, tail_probability=0.07),
}


@pytest.mark.parametrize("distribution", SCALED.values(), ids=SCALED.keys())
def test_scaled_keeps_the_ratios_of_quantiles(distribution):
    at = np.array([0.01, 0.3, 0.5, 0.9, 0.95, 0.999])
    larger = scaled(distribution, 3.7)
    assert larger.ppf(at) / distribution.ppf(at) == pytest.approx(3.7, rel=1e-6)
    assert larger.mean() / distribution.mean() == pytest.approx(3.7, rel=1e-6)


def test_too_few_amounts_are_log_normal_of_their_spread_and_say_so():
    few = np.array([50.0, 100.0, 150.0])
    found = severity(few, 120.0, None)
    assert (found.family, dict(found.criteria), found.amounts) == ("log_normal", {}, 3)
    assert found.distribution.mean() == pytest.approx(120.0)
    assert found.distribution.std() == pytest.approx(120.0 * few.std(ddof=1) / 100.0)
    assert severity(few, 120.0, 0.4).distribution.std() == pytest.approx(48.0)
    # One price is a price, whether of many events or of one.
    assert severity(np.full(500, 80.0), 80.0, None).distribution.std() == 0.0
    assert severity(np.array([]), 80.0, None).distribution.std() == 0.0


def test_single_events_tell_the_family_of_a_fit():
    """Events of a line known one by one: 6,000 gamma prices; the other line has its dollars of years alone."""
    rng = np.random.default_rng(6)
    counts = rng.poisson(3.0, 2_000)
    prices = rng.gamma(1.7, 300.0, counts.sum())
    member = np.repeat(np.arange(2_000), counts)
    frame = {"member_id": range(2_000), "year": 1, "age": 40.0, "sex": "f", "visits_events": counts}
    frame["visits_dollars"] = np.bincount(member, weights=prices, minlength=2_000)
    events = {"service": ["visits"] * len(prices), "allowed": prices}
    years = ar.PersonYears.from_frame(frame, events=events)
    found = ar.Utilization.fit(years, relativities=None)
    assert found.lines[0].severity.family == "gamma"
    assert found.lines[0].severity.amounts == len(prices)
    assert found.lines[0].price_basis == "single events"
    assert found.lines[0].price == pytest.approx(prices.mean())
    by_years = ar.Utilization.fit(ar.PersonYears.from_frame(frame), relativities=None).lines[0]
    assert (by_years.price_basis, by_years.severity.amounts) == ("annual dollars", int((counts == 1).sum()))
