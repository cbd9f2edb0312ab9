"""Bad input of studies: years, uncertain inputs, runs, and what may be wrong anywhere; texts are the specification."""

import pytest

import atrisk as ar
from conftest import make_panel
from engine_inputs import (
    TWO,
    benchmark,
    care,
    condition,
    enrolment,
    frailty,
    pair,
    panel,
    programme,
    savings,
    service,
    shock,
    study,
    unknown,
)
from test_errors import message


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: study(years=0),
            "study.years: must be a whole number between 1 and 20, got 0",
        ),
        (
            lambda: study(years=21),
            "study.years: must be a whole number between 1 and 20, got 21",
        ),
        (
            lambda: study(base_years=11),
            "study.base_years: must be a whole number between 0 and 10, got 11",
        ),
        (
            lambda: study(base_years=1.5),
            "study.base_years: must be a whole number between 0 and 10, got 1.5",
        ),
        (
            lambda: study(years=float("nan")),
            "study.years: must be a whole number between 1 and 20, got nan",
        ),
        (
            lambda: study(years="x"),
            'study.years: must be a number, got "x"',
        ),
        (
            lambda: make_panel(2, entry_year=[1, 2], exit_year=[1, 1]),
            "population.exit_month[1]: must not be before entry_month (1), got 12 (of the year given "
            "by entry_year and exit_year)",
        ),
        (
            lambda: make_panel(2, entry_year=[1, 1.5]),
            "population.entry_year[1]: must be a whole year, got 1.5",
        ),
        (
            lambda: make_panel(2, exit_year=[1, 99]),
            "population.exit_year[1]: must be between -9 and 20, got 99",
        ),
    ],
)
def test_years(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: service(coinsurance=ar.Normal(0.25, 0.125)),
            "inpatient.coinsurance: must be between 0 and 1, got -0.34417803860286234 (drawn: "
            "inpatient.coinsurance = -0.344178; a Truncated or Beta distribution stays inside)",
        ),
        (
            lambda: service(per_1000=ar.Normal(100, 50)),
            "inpatient.per_1000: must be a finite number of at least 0, got -137.67121544114494 "
            "(drawn: inpatient.per_1000 = -137.671215; a Truncated or Beta distribution stays inside)",
        ),
        (
            lambda: care(trend=ar.Normal(0, 0.5)),
            "utilization.trend: must be a yearly rate between -0.9 and 1, got -2.3767121544114493 "
            "(drawn: utilization.trend = -2.376712; a Truncated or Beta distribution stays inside)",
        ),
        (
            lambda: shock(ar.Normal(0.1, 0.1)),
            "utilization.shocks[0].cv: must be between 0 and 2, got -0.3753424308822899 (drawn: "
            "utilization.shocks[0].cv = -0.375342; a Truncated or Beta distribution stays inside)",
        ),
        (
            lambda: care(frailty=frailty(cv=ar.Normal(0.5, 0.25))),
            "utilization.frailty.cv: must be between 0 and 20, got -0.6883560772057247 (drawn: "
            "utilization.frailty.cv = -0.688356; a Truncated or Beta distribution stays inside)",
        ),
        (
            lambda: programme(reach=ar.Normal(0.5, 0.25)),
            "ACO.programmes[0].reach: must be between 0 and 1, got -0.6883560772057247 (drawn: "
            "care.reach = -0.688356; a Truncated or Beta distribution stays inside)",
        ),
        (
            lambda: savings(0, benchmark_pmpm=500, sharing_rate=ar.Normal(0.5, 0.25)),
            "ACO[1].sharing_rate: must be between 0 and 1, got -0.6883560772057247 (drawn: "
            "ACO[1].sharing_rate = -0.688356; a Truncated or Beta distribution stays inside)",
        ),
        (
            lambda: enrolment(lapse_rate=ar.Normal(0.01, 0.01)),
            "population.enrolment.lapse_rate: must be between 0 and 1, got -0.03753424308822899 "
            "(drawn: population.enrolment.lapse_rate = -0.037534; a Truncated or Beta distribution "
            "stays inside)",
        ),
        (
            lambda: care(trend=ar.Normal(0, -1)),
            "Normal.sd: must be 0, or between 0.000000001 and 1000000000000, got -1",
        ),
        (
            lambda: unknown(parameter_correlation={("utilization.trend", "utilization.trends"): 0.5}),
            "study.parameter_correlation: must name uncertain inputs, got 'utilization.trends' (the "
            "uncertain inputs are utilization.fixed_cost_trend, utilization.price_trend, "
            "utilization.trend)",
        ),
        (
            lambda: unknown(parameter_correlation={("utilization.trend", "utilization.trend"): 0.5}),
            "study.parameter_correlation: must name pairs of different inputs, got "
            "('utilization.trend', 'utilization.trend')",
        ),
        (
            lambda: unknown(parameter_correlation={"utilization.trend": 0.5}),
            "study.parameter_correlation: must name pairs of different inputs, got 'utilization.trend'",
        ),
        (
            lambda: unknown(parameter_correlation=[[1, 0.5], [0.5, 1]]),
            "study.parameter_correlation: must be a mapping of pairs of paths to correlations, got a "
            'list (for example {("utilization.trend", "inpatient.per_1000"): 0.5})',
        ),
        (
            lambda: study(parameter_correlation={("utilization.trend", "utilization.price_trend"): 0.5}),
            "study.parameter_correlation: must name uncertain inputs, got 'utilization.trend' (the "
            "uncertain inputs are none)",
        ),
    ],
)
def test_uncertain_inputs(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: unknown().run(5, draws=1),
            "run.draws: must be a whole number between 2 and 858,993,459, got 1",
        ),
        (
            lambda: unknown().run(5, draws=2.5),
            "run.draws: must be a whole number between 2 and 858,993,459, got 2.5",
        ),
        (
            lambda: unknown().run(5, draws=2, first=3),
            "run.first: must be 0 with draws, got 3",
        ),
        (
            lambda: unknown().run(5, draws=2**32),
            "run.draws: must be a whole number between 2 and 858,993,459, got 4294967296",
        ),
        (
            lambda: unknown().run(5, design="sobol", first=3),
            "run.first: must be 0 with a sobol design, got 3",
        ),
        (
            lambda: unknown().run(5, design="latin_hypercube", first=1),
            "run.first: must be 0 with a latin_hypercube design, got 1",
        ),
        (
            lambda: unknown().run(5, design="halton"),
            "run.design: must be one of plain, antithetic, latin_hypercube, sobol, got 'halton'",
        ),
        (
            lambda: unknown().run(5, parameters="median"),
            "run.parameters: must be one of drawn, mean, got 'median'",
        ),
        (
            lambda: unknown().run(10, first=2**32 - 5),
            "run.first: must be a whole number between 0 and 4,294,967,286, got 4294967291",
        ),
        (
            lambda: unknown().run(5, progress=False).variance_split("A"),
            "variance_split: must have nested draws, got none (run(replicates=500, draws=200))",
        ),
        (
            lambda: unknown().run(5, progress=False).probability_of_loss("A", horizon="year"),
            'horizon: must be "total", "any_year" or a year, got \'year\'',
        ),
        (
            lambda: unknown().claims(0, base_years=1),
            "claims.base_years: must be True or False, got 1",
        ),
    ],
)
def test_runs(work, text):
    assert message(work) == text


WRONG = {
    "shock correlation a number": lambda: care(shocks=TWO, shock_correlation=0.5),
    "transition a number": lambda: condition(transition=0.5),
    "condition relativities a list": lambda: condition(relativities=[1, 2]),
    "states a number": lambda: condition(states=3),
    "states a text": lambda: condition(states="ny"),
    "states alike": lambda: condition(states=("no", "no")),
    "conditions a number": lambda: pair(conditions=3),
    "ages as text": lambda: enrolment(death_rate={"old": 0.01}),
    "path of lapse_selection": lambda: enrolment(lapse_selection=9),
    "bands as text": lambda: service(relativities={"age": {"old": 1}}),
    "factor as text": lambda: service(relativities={"sex": {"female": "x"}}),
    "factor uncertain": lambda: service(relativities={"sex": {"female": ar.Normal(1, 0.1)}}),
    "programmes a number": lambda: study(arms={"ACO": ar.Arm(ar.FeeForService(), 3)}),
    "infinite mean": lambda: care(trend=ar.Pareto(shape=1, scale=0.01)),
    "joiners as text": lambda: make_panel(10).with_joiners("x", years=2),
    "selection as text": lambda: make_panel(10).with_joiners(0.1, years=2, selection="x"),
    "non-users as text": lambda: ar.Frailty.non_users("x"),
    "shared family": lambda: care(frailty=frailty(family="weibull")),
    "own family": lambda: service(frailty=frailty(family="weibull")),
    "what a shock is on": lambda: shock(on="cost"),
    "kind of trend": lambda: benchmark(trend="local"),
    "benchmark a number": lambda: savings(benchmark=500),
    "cap without adjustment": lambda: benchmark(risk_score_cap=0.03),
    "conditions of one name": lambda: panel(
        conditions=[ar.Condition("a", states=("x", "y"), transition=[[1, 0], [0, 1]], shares=[1, 0])] * 2
    ),
    "uncertain years": lambda: study(years=ar.Empirical([1, 3])),
    "uncertain base years": lambda: study(base_years=ar.Empirical([1, 3])),
    "input correlation above 1": lambda: unknown(
        parameter_correlation={("utilization.trend", "utilization.price_trend"): 1.5}
    ),
    "input correlation as text": lambda: unknown(
        parameter_correlation={("utilization.trend", "utilization.price_trend"): "x"}
    ),
    "inputs that contradict": lambda: unknown(
        parameter_correlation={
            ("utilization.trend", "utilization.price_trend"): 0.9,
            ("utilization.trend", "utilization.fixed_cost_trend"): 0.9,
            ("utilization.fixed_cost_trend", "utilization.price_trend"): -0.9,
        }
    ),
}


@pytest.mark.parametrize("work", WRONG.values(), ids=WRONG.keys())
def test_whatever_is_wrong_is_told_by_path_rule_and_value(work):
    """Nothing but an InputError, whose rule is a sentence and whose path is where a user wrote it."""
    with pytest.raises(ar.InputError) as caught:
        work()
    error = caught.value
    assert error.rule.startswith("must ")
    assert error.value is not None
    assert error.path not in {"parameter_correlation", "population.enrolment.selection"}
    assert not error.path.startswith("study.parameters.")
