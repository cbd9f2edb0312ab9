"""Bad input of arms: payments by score, programmes and benchmarks; the texts are the specification."""

import pytest

import atrisk as ar
from engine_inputs import benchmark, capitation, programme, savings, study
from test_errors import message


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: capitation(normalization=1),
            "A[0].normalization: must not be given without risk_adjusted, got 1",
        ),
        (
            lambda: capitation(risk_adjusted=True, normalization=0),
            "A[0].normalization: must be between 0.01 and 100, got 0",
        ),
        (
            lambda: capitation(risk_adjusted=True, risk_score_cap=3),
            "A[0].risk_score_cap: must be between 0 and 1, got 3 (did you mean 0.03?)",
        ),
        (
            lambda: capitation(risk_adjusted="yes"),
            'A[0].risk_adjusted: must be True or False, got "yes"',
        ),
    ],
)
def test_payments_by_score(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: programme(services=["surgery"]),
            'ACO.programmes[0].services: must name services of the utilization, got "surgery" (the '
            "services are admissions, drugs, tests, visits)",
        ),
        (
            lambda: programme(services=[]),
            "ACO.programmes[0].services: must name at least one service, got none",
        ),
        (
            lambda: programme(effect=-15),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got -15 (did you mean -0.15?)",
        ),
        (
            lambda: programme(effect=-1.5),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got -1.5 (did you mean -0.015?)",
        ),
        (
            lambda: programme(effect=15),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got 15",
        ),
        (
            lambda: programme(effect=float("nan")),
            "ACO.programmes[0].effect: must be between -1 (no care is left) and 9, got nan",
        ),
        (
            lambda: programme(reach=50),
            "ACO.programmes[0].reach: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            lambda: programme(start_month=0),
            "ACO.programmes[0].start_month: must be a whole number of months between 1 and 240, got 0",
        ),
        (
            lambda: programme(start_month=1.5),
            "ACO.programmes[0].start_month: must be a whole number of months between 1 and 240, got 1.5",
        ),
        (
            lambda: programme(start_month=500),
            "ACO.programmes[0].start_month: must be a whole number of months between 1 and 240, got 500",
        ),
        (
            lambda: programme(ramp_months=-1),
            "ACO.programmes[0].ramp_months: must be a whole number of months between 0 and 240, got -1",
        ),
        (
            lambda: programme(cost_pmpm=-1),
            "ACO.programmes[0].cost_pmpm: must be a finite number of at least 0, got -1",
        ),
        (
            lambda: programme(start_cost="x"),
            'ACO.programmes[0].start_cost: must be a number, got "x"',
        ),
        (
            lambda: study(
                arms={"ACO": ar.Arm(ar.FeeForService(), [ar.Programme("a", effect=0.5), ar.Programme("a", effect=0.1)])}
            ),
            'ACO.programmes[1].name: must be a name of its own in its arm, got "a" twice',
        ),
        (
            lambda: study(arms={"ACO": ar.Arm(ar.FeeForService(), ["care"])}),
            "ACO.programmes[0]: must be a Programme, got a str",
        ),
        (
            lambda: study(arms={"ACO": ar.Arm(ar.FeeForService(), [ar.Programme("", effect=0.5)])}),
            'ACO.programmes[0].name: must not be empty, got ""',
        ),
        (
            lambda: study(arms={"ACO": ar.Arm([])}),
            "ACO: must have at least one contract, got none",
        ),
        (
            lambda: study(arms={"ACO": ar.Arm(3)}),
            "ACO: must be a contract or a list of contracts, got a int",
        ),
    ],
)
def test_programmes(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: benchmark(weights=[0.5, 0.5]),
            "ACO[1].benchmark.weights: must have one weight for each base year (3), the earliest first, got 2 weights",
        ),
        (
            lambda: benchmark(weights=[0.5, 0.25, 0.125]),
            "ACO[1].benchmark.weights: must sum to 1, got 0.875",
        ),
        (
            lambda: benchmark(weights=[10, 30, 60]),
            "ACO[1].benchmark.weights[0]: must be between 0 and 1, got 10 (did you mean 0.10?)",
        ),
        (
            lambda: benchmark(0),
            "ACO[1].benchmark: must have base years to be computed from, got base_years=0 "
            "(Study(..., base_years=3), or benchmark_pmpm= for one that is known)",
        ),
        (
            lambda: benchmark(0, weights=[1]),
            "ACO[1].benchmark: must have base years to be computed from, got base_years=0 "
            "(Study(..., base_years=3), or benchmark_pmpm= for one that is known)",
        ),
        (
            lambda: savings(benchmark=ar.Benchmark(), benchmark_pmpm=500),
            "ACO[1].benchmark_pmpm: must not be given beside benchmark=Benchmark(...), got both",
        ),
        (
            savings,
            "ACO[1].benchmark_pmpm: must be given, or benchmark=Benchmark(...), got neither",
        ),
        (
            lambda: benchmark(trend="prospective"),
            "ACO[1].benchmark.trend_rate: must be given for a prospective trend, got None",
        ),
        (
            lambda: benchmark(trend_rate=0.03),
            "ACO[1].benchmark.trend_rate: must not be given for a trend that is read off a reference "
            "population, got 0.03",
        ),
        (
            lambda: benchmark(trend="prospective", trend_rate=3),
            "ACO[1].benchmark.trend_rate: must be between -0.9 and 1, got 3",
        ),
        (
            lambda: benchmark(noise_cv=2),
            "ACO[1].benchmark.noise_cv: must be between 0 and 1, got 2",
        ),
        (
            lambda: benchmark(rebase_every=0),
            "ACO[1].benchmark.rebase_every: must be a whole number of years, got 0",
        ),
        (
            lambda: benchmark(rebase_every=1.5),
            "ACO[1].benchmark.rebase_every: must be a whole number of years, got 1.5",
        ),
        (
            lambda: benchmark(risk_score_cap=3, risk_adjusted=True),
            "ACO[1].benchmark.risk_score_cap: must be between 0 and 1, got 3 (did you mean 0.03?)",
        ),
        (
            lambda: savings(benchmark=ar.Benchmark(), truncation=-1),
            "ACO[1].truncation: must be a finite number above 0, got -1",
        ),
        (
            lambda: savings(benchmark=ar.Benchmark(), benchmark_truncated=True),
            "ACO[1].truncation: must be given when benchmark_truncated is True, got None (spending "
            "that is not truncated against a benchmark that was shows losses that are not there)",
        ),
    ],
)
def test_benchmarks(work, text):
    assert message(work) == text
