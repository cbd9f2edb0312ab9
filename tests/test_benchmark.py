"""Benchmarks of base years against closed forms: weights, trends, shares of a market, noise, rebasing, risk scores."""

import math

import numpy as np
import pytest

import atrisk as ar
from closed_forms import covariance, mean, others, panel_with, savings_against, variance, within

MEMBERS, RATE = 50, 2.0
EVENTS = MEMBERS * RATE


def pmpms(benchmarks, replicates=3_000, *, years=1, base_years=3, panel=None, services=None, seed=111, **care):
    """Dollars per member-month of benchmarks by (name, year), and of spending under the name "spent"."""
    services = services or [others("visits", 1_000 * RATE, 12.0)]
    arms = {name: savings_against(**terms) for name, terms in benchmarks.items()}
    utilization = ar.Utilization(services=services, **care)
    study = ar.Study(panel or panel_with(MEMBERS), utilization, arms, seed=seed, years=years, base_years=base_years)
    results = study.run(replicates, progress=False, cash=False)
    found = {}
    for year in range(1, years + 1):
        for name in arms:
            months = results.values("member_months", name, year=year)
            spent = results.values("allowed", name, year=year)
            found[name, year] = (results.values("provider_revenue", name, year=year) + spent) / months
            found["spent", year] = spent / months
    return found


ONE_HOT = {f"base {b}": {"weights": [float(b == other) for other in (-2, -1, 0)]} for b in (-2, -1, 0)}


@pytest.mark.parametrize("weights", [None, [0.1, 0.3, 0.6], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
def test_weights(weights):
    """A weighted sum of what each base year alone gives; by default equal."""
    found = pmpms(ONE_HOT | {"all": {"weights": weights}}, 200, years=2)
    used = np.full(3, 1 / 3) if weights is None else np.array(weights)
    for year in (1, 2):
        expected = sum(w * found[f"base {b}", year] for w, b in zip(used, (-2, -1, 0), strict=True))
        np.testing.assert_allclose(found["all", year], expected, rtol=1e-11)


@pytest.mark.parametrize("weights", [[1 / 3, 1 / 3, 1 / 3], [0.1, 0.3, 0.6]])
def test_luck_of_a_benchmark(weights):
    """Mean as spending's, variance Σ w² of spending's, and no covariance with it where members share nothing."""
    found = pmpms({"all": {"weights": weights}}, 12_000)
    dollars = 12 * MEMBERS * found["all", 1]
    assert within(mean(dollars), EVENTS * 12)
    assert within(variance(dollars), EVENTS * 144 * sum(w**2 for w in weights))
    assert within(covariance(found["all", 1], found["spent", 1]), 0.0)


@pytest.mark.parametrize(("rate", "year"), [(0.03, 1), (0.03, 3), (-0.1, 2), (0.0, 2), (0.2, 1)])
def test_prospective_trends(rate, year):
    """(1 + rate)^(y − b) on each base year."""
    trended = {f"trended {b}": ONE_HOT[f"base {b}"] | {"trend_rate": rate} for b in (-2, -1, 0)}
    found = pmpms(ONE_HOT | trended, 50, years=3)
    for b in (-2, -1, 0):
        expected = found[f"base {b}", year] * (1 + rate) ** (year - b)
        np.testing.assert_allclose(found[f"trended {b}", year], expected, rtol=1e-11)


@pytest.mark.parametrize("trend", ["national", "regional"])
def test_retrospective_trends_follow_all_growth(trend):
    """M(y) / M(b) with services weighted by the dollars of year 0, each with its growth of use and price."""
    terms = {"visits": (0.02, 0.05, 2.0 * 12), "drugs": (0.1, -0.03, 3.0 * 40)}
    services = [
        others("visits", 2_000, 12.0, trend=0.02, price_trend=0.05),
        others("drugs", 3_000, ar.Gamma(mean=40, cv=0.5), trend=0.1, price_trend=-0.03),
    ]
    trended = {f"trended {b}": ONE_HOT[f"base {b}"] | {"trend": trend, "trend_rate": None} for b in (-2, -1, 0)}
    found = pmpms(ONE_HOT | trended, 50, years=2, services=services, trend=0.01, price_trend=0.03)

    def market(year):
        return sum(dollars * ((1 + use) * (1 + price) * 1.01 * 1.03) ** year for use, price, dollars in terms.values())

    for year in (1, 2):
        for b in (-2, -1, 0):
            expected = found[f"base {b}", year] * market(year) / market(b)
            np.testing.assert_allclose(found[f"trended {b}", year], expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("share", "national", "trend", "expected"),
    [
        (1.0, None, "regional", 1.0),
        (0.5, 0.2, "regional", 0.5),
        (0.5, 0.2, "national", 0.2),
        (0.7, None, "national", 0.7),
        (0.0, 1.0, "regional", 0.0),
    ],
)
@pytest.mark.parametrize("permanent", [False, True])
def test_what_the_market_shares(share, national, trend, expected, permanent):
    """The log of M(1) / M(b) is the share times σ of the shock's normals, less squares: its mean and variance."""
    cv = 0.2
    shock = ar.Shock("virus", cv=cv, permanent=permanent, market_share=share, national_share=national)
    trended = {f"trended {b}": ONE_HOT[f"base {b}"] | {"trend": trend, "trend_rate": None} for b in (-2, 0)}
    found = pmpms(ONE_HOT | trended, 8_000, shocks=[shock])
    for b in (-2, 0):
        log = np.log(found[f"trended {b}", 1] / found[f"base {b}", 1])
        sigma2 = expected**2 * math.log1p(cv**2)
        # A walk from year 0: base year −2 is two steps away on its own side, and year 1 one step on the other.
        up, down = 1, (-b if permanent else 1)
        if expected == 0:
            np.testing.assert_allclose(log, 0.0, atol=1e-11)
            continue
        assert within(mean(log), -sigma2 / 2 * (up - down))
        assert within(variance(log), sigma2 * (up + down))


@pytest.mark.parametrize("permanent", [False, True])
def test_a_market_that_shares_all_cancels_a_shock(permanent):
    """One service, market share 1: dollars less benchmark have luck alone, whatever the shock."""
    shock = ar.Shock("virus", cv=0.3, permanent=permanent, market_share=1.0)
    terms = {"weights": [0.0, 0.0, 1.0], "trend": "regional", "trend_rate": None}
    found = pmpms({"all": terms}, 10_000, shocks=[shock])
    difference = 12 * MEMBERS * (found["all", 1] - found["spent", 1])
    # Given the levels s (year 1) and b (year 0): Var = E m² s + E m² b (s / b)², and s, b are independent of mean 1.
    back = 1.0 if permanent else 1 + 0.3**2
    assert within(variance(difference), EVENTS * 144 * (1 + (1 + 0.3**2) * back))


@pytest.mark.parametrize("noise", [0.01, 0.1, 0.5])
def test_noise_of_what_is_measured(noise):
    """The log of the trend has variance 2 ln(1 + cv²); the noise of a year is one for all that is read in it."""
    terms = {"trend": "national", "trend_rate": None, "noise_cv": noise}
    trended = {f"trended {b}": ONE_HOT[f"base {b}"] | terms for b in (-2, -1, 0)}
    found = pmpms(ONE_HOT | trended, 8_000)
    logs = [np.log(found[f"trended {b}", 1] / found[f"base {b}", 1]) for b in (-2, -1, 0)]
    sigma2 = math.log1p(noise**2)
    for log in logs:
        assert within(mean(log), 0.0)
        assert within(variance(log), 2 * sigma2)
    assert within(covariance(logs[0], logs[2]), sigma2)


def test_rebasing():
    """After two performance years the base years are those just before: the last of three is then year 2 of the arm."""
    weights = {"rebased": {"weights": [0.0, 0.0, 1.0], "rebase_every": 2, "trend_rate": 0.04},
               "never": {"weights": [0.0, 0.0, 1.0], "trend_rate": 0.04}}  # fmt: skip
    found = pmpms(weights, 50, years=5)
    for year in (1, 2):
        assert found["rebased", year].tobytes() == found["never", year].tobytes()
    np.testing.assert_allclose(found["rebased", 3], found["spent", 2] * 1.04, rtol=1e-11)
    np.testing.assert_allclose(found["rebased", 4], found["spent", 2] * 1.04**2, rtol=1e-11)
    np.testing.assert_allclose(found["rebased", 5], found["spent", 4] * 1.04, rtol=1e-11)


def test_rebasing_reads_the_years_of_the_arm():
    """What a programme saves lowers the next benchmark; years before the first performance year know none."""
    benchmark = ar.Benchmark(weights=[1.0], trend="prospective", trend_rate=0.0, rebase_every=1)
    savings = ar.SharedSavings(benchmark=benchmark, basis="allowed", sharing_rate=1.0, loss_rate=1.0)
    programme = ar.Programme("care", effect=-0.4)
    care = ar.Utilization(services=[others("visits", 2_000, 12.0)])
    arms = {"plain": savings, "less": ar.Arm(savings, programme)}
    results = ar.Study(panel_with(MEMBERS), care, arms, seed=1, years=2, base_years=1).run(40, progress=False)

    def benchmark_of(arm, year):
        return results.values("provider_revenue", arm, year=year) + results.values("allowed", arm, year=year)

    np.testing.assert_allclose(benchmark_of("less", 1), benchmark_of("plain", 1), rtol=1e-12)
    np.testing.assert_allclose(benchmark_of("less", 2), results.values("allowed", "less", year=1), rtol=1e-11)


@pytest.mark.parametrize(("growth", "cap"), [(0.03, None), (0.03, 0.05), (-0.04, 0.0), (0.1, 0.03)])
def test_risk_scores(growth, cap):
    """Mean recorded score of the year over that of each base year, at most 1 + cap."""
    panel = panel_with(MEMBERS, {"risk_score": 1.2}, risk_scores=ar.RiskScores(coding_growth=growth))
    terms = {"risk_adjusted": True, "risk_score_cap": cap}
    adjusted = {f"adjusted {b}": ONE_HOT[f"base {b}"] | terms for b in (-2, -1, 0)}
    found = pmpms(ONE_HOT | adjusted, 20, years=3, panel=panel)
    for year in (1, 2, 3):
        for b in (-2, -1, 0):
            ratio = (1 + growth) ** (year - b)
            ratio = ratio if cap is None else min(ratio, 1 + cap)
            np.testing.assert_allclose(found[f"adjusted {b}", year], found[f"base {b}", year] * ratio, rtol=1e-11)


def test_spending_of_base_years_is_truncated_alike():
    """Prices above the truncation count for it in base years too: nothing is saved by truncating."""
    benchmark = ar.Benchmark(weights=[0.5, 0.5], trend="prospective", trend_rate=0.0)
    savings = ar.SharedSavings(
        benchmark=benchmark, basis="allowed", sharing_rate=1.0, loss_rate=1.0, truncation=1_000.0
    )
    care = ar.Utilization(services=[others("stays", 300, ar.LogNormal(mean=2_000, cv=2))])
    study = ar.Study(panel_with(400), care, {"A": savings}, seed=3, base_years=2)
    saved = study.run(3_000, progress=False, cash=False).values("provider_revenue", "A")
    assert within(mean(saved), 0.0)


def test_a_payer_without_members_in_a_base_year_is_refused():
    """What it would have spent is not known: nothing in its place would make a benchmark too low, year by year."""
    payer = np.where(np.arange(40) < 30, "old", "new")
    panel = panel_with(40, {"payer": payer, "entry_year": np.where(payer == "old", -1, 0)})
    care = ar.Utilization(services=[others("visits", 2_000, 12.0)])
    savings = ar.SharedSavings(benchmark=ar.Benchmark(), sharing_rate=0.5)
    nobody = r"population: must have members in every base year .* nobody enrolled with \"new\" in year -1"
    with pytest.raises(ar.InputError, match=nobody):
        ar.Study(panel, care, {"A": ar.Arm(payers={"old": [], "new": savings})}, seed=1, base_years=2)
    ar.Study(panel, care, {"A": ar.Arm(payers={"old": savings, "new": []}), "B": savings}, seed=1, base_years=2)
    with pytest.raises(ar.InputError, match=r"nobody enrolled in year -2"):
        ar.Study(panel, care, {"A": savings}, seed=1, base_years=3)


def test_improving_needs_no_members_before():
    """Without a rate of the year before there is nothing to be better than."""
    panel = panel_with(40, {"entry_year": 1})
    ladder = ar.MeasureLadder(ladder=[(0.99, 1)], improvement=0.01)
    care = ar.Utilization(services=[others("visits", 2_000, 12.0)])
    arms = {"A": ar.PayForPerformance(measures={"checked": ladder}, bonus_pmpm=5)}
    measures = [ar.Measure("checked", rate=0.5)]
    results = ar.Study(panel, care, arms, seed=1, base_years=1, measures=measures).run(20, progress=False)
    assert (results.values("provider_revenue", "A") == 0).all()


def test_a_benchmark_is_truncated_or_not_whatever_it_is_computed_from():
    care = ar.Utilization(services=[others("visits", 2_000, 12.0)])
    terms = {"sharing_rate": 0.5, "truncation": 900.0, "benchmark": ar.Benchmark(), "benchmark_truncated": "yes"}
    with pytest.raises(ar.InputError, match=r"A\[0\]\.benchmark_truncated: must be True or False, got .*yes"):
        ar.Study(panel_with(40), care, {"A": ar.SharedSavings(**terms)}, seed=1, base_years=2)
