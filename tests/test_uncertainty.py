"""What is not known against closed forms: trends that accumulate, the split of variance, designs, correlations."""

import math

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from closed_forms import correlation, mean, others, panel_with, within
from test_chance import STANDARD_ERRORS

RATE, PRICE, MEMBERS = 0.5, 1_000.0, 10_000
MARGIN, LUCK, SPREAD = 0.03, 0.02, 0.02


def loss_in_year_3(*, parameters="drawn", replicates=2_500, **care):
    """A payment of 3 % more than is expected; exponential prices, so that luck's sd of the panel's cost is 2 %."""
    assert math.isclose(math.sqrt(2 / (RATE * MEMBERS)), LUCK)
    service = others("care", 1_000 * RATE, ar.Gamma(mean=PRICE, cv=1))
    arms = {"A": ar.Capitation(pmpm=(1 + MARGIN) * RATE * PRICE / 12)}
    utilization = ar.Utilization(services=[service], **care)
    study = ar.Study(panel_with(MEMBERS), utilization, arms, seed=141, years=3)
    results = study.run(replicates, parameters=parameters, progress=False, cash=False)
    return results.probability_of_loss("A", horizon=3)


def chance_of_loss(level):
    """P(cost above the payment) at a level of use: a Poisson sum of exponentials, exactly."""
    mean_count = RATE * MEMBERS * level
    counts = np.arange(int(mean_count - 9 * math.sqrt(mean_count)), int(mean_count + 9 * math.sqrt(mean_count)))
    at_least = stats.gamma.sf((1 + MARGIN) * RATE * MEMBERS, counts)
    return float(stats.poisson(mean_count).pmf(counts) @ at_least)


def over_normals(level):
    """Mean of the chance of loss over a standard normal that makes the level."""
    z, weights = np.polynomial.hermite_e.hermegauss(40)
    return float(weights @ [chance_of_loss(level(each)) for each in z] / math.sqrt(2 * math.pi))


def test_luck_alone():
    exact = chance_of_loss(1.0)
    print(f"exact {exact:.4f}, normal {stats.norm.cdf(-MARGIN / LUCK):.4f}")
    assert within(loss_in_year_3(parameters="mean", trend=ar.Normal(0, SPREAD)), exact)


def test_a_trend_that_is_not_known():
    """The same in every year: three years of it, Φ(−0.03 / √(0.06² + 0.02²)) to first order."""
    exact = over_normals(lambda z: (1 + SPREAD * z) ** 3)
    normal = stats.norm.cdf(-MARGIN / math.hypot(3 * SPREAD, LUCK))
    print(f"exact {exact:.4f}, normal {normal:.4f}")
    assert abs(exact - normal) < 0.02
    assert within(loss_in_year_3(trend=ar.Normal(0, SPREAD)), exact)


def test_a_trend_that_walks():
    """A permanent shock of the same spread: √3 years of it, Φ(−0.03 / √(3 × 0.02² + 0.02²)) to first order."""
    sigma = math.sqrt(math.log1p(SPREAD**2))
    exact = over_normals(lambda z: math.exp(math.sqrt(3) * sigma * z - 1.5 * sigma**2))
    normal = stats.norm.cdf(-MARGIN / math.hypot(math.sqrt(3) * SPREAD, LUCK))
    print(f"exact {exact:.4f}, normal {normal:.4f}")
    assert abs(exact - normal) < 0.02
    assert within(loss_in_year_3(shocks=[ar.Shock("walk", cv=SPREAD, permanent=True)]), exact)


@pytest.mark.parametrize(("members", "cv"), [(50, 0.1), (100, 0.3), (400, 0.05), (20, 0.02), (200, 0.6)])
def test_the_split_of_variance(members, cv):
    """A rate of cv k: parameters (N λ m k)², luck N λ m² (1 + x²)."""
    rate, price_cv = 2.0, 0.7
    service = others("care", ar.Gamma(mean=1_000 * rate, cv=cv), ar.Gamma(mean=1, cv=price_cv))
    study = ar.Study(panel_with(members), ar.Utilization(services=[service]), {"A": ar.Capitation(pmpm=0)}, seed=142)
    results = study.run(30, draws=400, progress=False, cash=False)
    unknown, luck = (members * rate * cv) ** 2, members * rate * (1 + price_cv**2)
    split = results.variance_split("A", "provider_cost")
    assert within(split.parameters, unknown / (unknown + luck))
    assert within(split.luck, luck / (unknown + luck))
    cost = results.values("provider_cost", "A")
    assert within(metrics.mean(cost, draws=400), members * rate)
    assert within(metrics.standard_deviation(cost, draws=400), math.sqrt(unknown + luck))


def squared_errors(design, draws=32, seeds=50):
    """Squared errors of the mean cost of small runs; three inputs of a product and a sum, with no luck beside."""
    errors = []
    for seed in range(seeds):
        care = ar.Utilization(
            services=[others("care", 0, 1.0)],
            fixed_cost_per_month=ar.LogNormal(mean=100, cv=0.6),
            fixed_cost_trend=ar.Normal(0.05, 0.05),
        )
        arms = {
            "A": ar.Arm(ar.Capitation(pmpm=0), ar.Programme("care", effect=0.0, start_cost=ar.Gamma(mean=900, cv=0.7)))
        }
        results = ar.Study(panel_with(5), care, arms, seed=seed).run(draws, design=design, progress=False, cash=False)
        errors.append((results.values("provider_cost", "A").mean() - (12 * 100 * 1.05 + 900)) ** 2)
    return np.array(errors)


# Variance of the mean of 32 plain draws: of the product of the first two inputs, and of the third.
PLAIN = ((12 * 100) ** 2 * ((1 + 0.6**2) * (1.05**2 + 0.05**2) - 1.05**2) + (900 * 0.7) ** 2) / 32


def test_errors_of_plain_draws():
    assert within(mean(squared_errors("plain")), PLAIN)


@pytest.mark.parametrize(("design", "at_most"), [("antithetic", 1 / 2), ("latin_hypercube", 1 / 10), ("sobol", 1 / 10)])
def test_designs_are_closer_to_the_truth(design, at_most):
    """Mean squared errors over 50 seeds, below a part of that of plain draws by 4 standard errors."""
    value, error = mean(squared_errors(design))
    print(f"{design}: {value:,.0f} ± {error:,.0f}, plain {PLAIN:,.0f}")
    assert value + STANDARD_ERRORS * error < at_most * PLAIN


def inputs(matrix=None, **how):
    """Four inputs of different families, two of them correlated or all."""
    services = [others("care", ar.Gamma(mean=800, cv=0.8), 1.0, trend=ar.Normal(0.02, 0.03))]
    care = ar.Utilization(
        services=services, price_trend=ar.Normal(0.01, 0.02), fixed_cost_per_month=ar.LogNormal(mean=100, cv=1.2)
    )
    study = ar.Study(panel_with(1), care, {"A": ar.Capitation(pmpm=0)}, seed=143, parameter_correlation=matrix)
    return study.run(1, draws=how.pop("draws", 5_000), progress=False, cash=False, **how).parameters()


PATHS = ["care.per_1000", "care.trend", "utilization.fixed_cost_per_month", "utilization.price_trend"]
LAWS = [
    stats.gamma(1 / 0.8**2, scale=800 * 0.8**2),
    stats.norm(0.02, 0.03),
    stats.lognorm(math.sqrt(math.log1p(1.2**2)), scale=100 / math.sqrt(1 + 1.2**2)),
    stats.norm(0.01, 0.02),
]


def test_inputs_have_their_distributions_and_are_independent():
    drawn = inputs()
    assert list(drawn.columns) == PATHS
    for path, law in zip(PATHS, LAWS, strict=True):
        assert stats.kstest(drawn[path], law.cdf).pvalue > 1e-4
    for first in range(4):
        for second in range(first):
            assert within(correlation(drawn[PATHS[first]].to_numpy(), drawn[PATHS[second]].to_numpy()), 0.0)


@pytest.mark.parametrize("design", ["plain", "antithetic"])
def test_correlated_inputs(design):
    """Normals of the copula have the stated correlation, values Spearman's 6 / π arcsin(r / 2), margins stay."""
    given = {(1, 3): 0.7, (0, 2): -0.5, (0, 1): 0.3}
    matrix = {(PATHS[a], PATHS[b]): r for (a, b), r in given.items()}
    drawn = inputs(matrix, design=design)
    if design == "antithetic":
        drawn = drawn.iloc[::2]
    normals = [stats.norm.ppf(law.cdf(drawn[path].to_numpy())) for path, law in zip(PATHS, LAWS, strict=True)]
    ranks = [stats.rankdata(drawn[path]) for path in PATHS]
    for path, law in zip(PATHS, LAWS, strict=True):
        assert stats.kstest(drawn[path], law.cdf).pvalue > 1e-4
    for first in range(4):
        for second in range(first + 1, 4):
            r = given.get((first, second), 0.0)
            assert within(correlation(normals[first], normals[second]), r)
            # Ranks are not independent rows, but their correlation has nearly the error of one of uniforms.
            assert within(correlation(ranks[first], ranks[second]), 6 / math.pi * math.asin(r / 2))


def test_inputs_that_are_one():
    drawn = inputs({(PATHS[1], PATHS[3]): 1.0}, draws=50)
    first, second = ((drawn[PATHS[i]] - LAWS[i].mean()) / LAWS[i].std() for i in (1, 3))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_antithetic_draws_mirror_each_other():
    drawn = inputs(design="antithetic", draws=40)
    plain = inputs(draws=20)
    for path, law in zip(PATHS, LAWS, strict=True):
        even, odd = drawn[path].to_numpy()[::2], drawn[path].to_numpy()[1::2]
        assert even.tobytes() == plain[path].to_numpy().tobytes()
        np.testing.assert_allclose(law.cdf(even) + law.cdf(odd), 1.0, atol=1e-7)


def test_a_latin_hypercube_has_one_draw_in_each_row():
    drawn = inputs(design="latin_hypercube", draws=200)
    for path, law in zip(PATHS, LAWS, strict=True):
        assert sorted(np.floor(law.cdf(drawn[path]) * 200).astype(int)) == list(range(200))


def test_an_uncertain_trend_is_one_for_all_years_of_a_draw():
    """Use of year 3 over year 1 is (1 + trend)² of the draw: expected dollars follow the draw's own trend."""
    service = others("care", 2_000, 1.0, trend=ar.Uniform(-0.2, 0.4))
    study = ar.Study(
        panel_with(2_000), ar.Utilization(services=[service]), {"A": ar.Capitation(pmpm=0)}, seed=144, years=3
    )
    results = study.run(400, progress=False, cash=False)
    trend = results.parameters()["care.trend"].to_numpy()
    for year in (1, 2, 3):
        expected = 4_000 * (1 + trend) ** year
        z = (results.values("allowed", "A", year=year) - expected) / np.sqrt(expected)
        assert within(mean(z), 0.0)
        assert within(mean(z**2), 1.0)
