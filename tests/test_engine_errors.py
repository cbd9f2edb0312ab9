"""Bad input of the engine: one error each, naming path, rule and value; the texts are the specification."""

import pandas as pd
import pytest

import atrisk as ar
from conftest import make_panel, make_services
from test_errors import message

TWO = [ar.Shock("a", 0.1), ar.Shock("b", 0.1)]
THREE = [*TWO, ar.Shock("c", 0.1)]


def study(care=None, arms=None, panel=None, **how):
    return ar.Study(panel or make_panel(20), care or utilization(), arms or {"A": ar.FeeForService()}, **how)


def utilization(**terms):
    return ar.Utilization(**{"services": make_services()} | terms)


def care(**terms):
    return study(utilization(**terms))


def shock(cv=0.1, **terms):
    return care(shocks=[ar.Shock("flu", cv, **terms)])


def service(**terms):
    fields = {"per_1000": 100, "allowed": 10.0} | terms
    return care(services=[ar.Service("inpatient", **fields)])


def pair(**parts):
    frame = {"age": [40.0, 50.0], "sex": "f", "risk_score": [1.0, 2.0], "stage": ["no", "yes"]}
    return ar.Population.from_frame(pd.DataFrame(frame), **parts)


def panel(**parts):
    return study(panel=pair(**parts))


def condition(**terms):
    fields = {"states": ("no", "yes"), "transition": [[0.9, 0.1], [0, 1]], "shares": [0.5, 0.5]} | terms
    return panel(conditions=[ar.Condition("diabetes", **fields)])


def savings(base_years=3, **terms):
    contract = ar.SharedSavings(**{"basis": "allowed", "sharing_rate": 0.5} | terms)
    return study(arms={"ACO": [ar.FeeForService(), contract]}, base_years=base_years)


def benchmark(base_years=3, **terms):
    return savings(base_years, benchmark=ar.Benchmark(**terms))


def programme(**terms):
    one = ar.Programme("care", **{"effect": -0.1} | terms)
    return study(arms={"ACO": ar.Arm(ar.FeeForService(), one)})


def capitation(**terms):
    return study(arms={"A": ar.Capitation(**{"pmpm": 1} | terms)})


def unknown(**how):
    terms = {name: ar.Normal(0, 0.01) for name in ("trend", "price_trend", "fixed_cost_trend")}
    return study(utilization(**terms), **how)


def frailty(**terms):
    return ar.Frailty(**{"cv": 0.5} | terms)


def enrolment(**terms):
    return panel(enrolment=ar.Enrolment(**terms))


def attribution(**terms):
    return panel(attribution=ar.Attribution(**terms))


def scores(**terms):
    return panel(risk_scores=ar.RiskScores(**terms))


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: care(shocks=THREE, shock_correlation=[[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]),
            "utilization.shock_correlation: must be positive definite, got a matrix in which row 2 "
            "contradicts the rows above it (nothing can be correlated so; lower the correlations)",
        ),
        (
            lambda: care(shocks=TWO, shock_correlation=[[1]]),
            "utilization.shock_correlation: must have a row and a column for each shock (2), got 1 × 1",
        ),
        (
            lambda: care(shocks=TWO, shock_correlation=[[1, 0.1], [0.2, 1]]),
            "utilization.shock_correlation: must be symmetric, got 0.1 at [0][1] and 0.2 at [1][0]",
        ),
        (
            lambda: care(shocks=TWO, shock_correlation=[[1, 2], [2, 1]]),
            "utilization.shock_correlation: must have entries between -1 and 1, got 2 at [0][1]",
        ),
        (
            lambda: care(shocks=TWO, shock_correlation=[[0.9, 0.1], [0.1, 1]]),
            "utilization.shock_correlation: must have ones on its diagonal, got 0.9 at [0][0]",
        ),
        (
            lambda: care(shocks=TWO, shock_correlation=[0.5]),
            "utilization.shock_correlation[0]: must be a list of numbers, got 0.5",
        ),
        (
            lambda: care(shocks=TWO, shock_correlation=[[1, "x"], ["x", 1]]),
            'utilization.shock_correlation[0][1]: must be a number, got "x"',
        ),
        (
            lambda: care(shock_correlation=[[1]]),
            "utilization.shock_correlation: must have a row and a column for each shock (0), got 1 × 1",
        ),
        (
            lambda: shock(2.6),
            "utilization.shocks[0].cv: must be between 0 and 2, got 2.6",
        ),
        (
            lambda: shock(-0.1),
            "utilization.shocks[0].cv: must be between 0 and 2, got -0.1",
        ),
        (
            lambda: shock(float("nan")),
            "utilization.shocks[0].cv: must be between 0 and 2, got nan",
        ),
        (
            lambda: shock(services=["surgery"]),
            'utilization.shocks[0].services: must name services of the utilization, got "surgery" '
            "(the services are admissions, drugs, tests, visits)",
        ),
        (
            lambda: shock(services=[]),
            "utilization.shocks[0].services: must name at least one service, got none",
        ),
        (
            lambda: shock(market_share=50),
            "utilization.shocks[0].market_share: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            lambda: shock(national_share=-1),
            "utilization.shocks[0].national_share: must be between 0 and 1, got -1",
        ),
        (
            lambda: shock(years=[30]),
            "utilization.shocks[0].years: must be whole years between -9 and 20, got 30",
        ),
        (
            lambda: shock(years=[1.5]),
            "utilization.shocks[0].years: must be whole years between -9 and 20, got 1.5",
        ),
        (
            lambda: shock(permanent=1),
            "shock flu.permanent: must be True or False, got 1",
        ),
        (
            lambda: care(shocks=[ar.Shock("a", 0.1), ar.Shock("a", 0.2)]),
            'utilization.shocks[1].name: must be a name of its own, got "a"',
        ),
        (
            lambda: care(shocks=[ar.Shock("", 0.1)]),
            'utilization.shocks[0].name: must not be empty, got ""',
        ),
        (
            lambda: care(shocks=ar.Shock("a", 0.1)),
            "utilization.shocks: must be a list of Shock, got a Shock",
        ),
        (
            lambda: care(shocks=["a"]),
            "utilization.shocks[0]: must be a Shock, got a str",
        ),
    ],
)
def test_shocks(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: care(frailty=0.5),
            "utilization.frailty: must be a Frailty, got a float",
        ),
        (
            lambda: service(frailty=0.5),
            "inpatient.frailty: must be a Frailty, got a float",
        ),
        (
            lambda: care(frailty=frailty(cv=21)),
            "utilization.frailty.cv: must be between 0 and 20, got 21",
        ),
        (
            lambda: care(frailty=frailty(permanent_share=60)),
            "utilization.frailty.permanent_share: must be between 0 and 1, got 60 (did you mean 0.60?)",
        ),
        (
            lambda: service(frailty=frailty(permanent_share=-1)),
            "inpatient.frailty.permanent_share: must be between 0 and 1, got -1",
        ),
        (
            lambda: care(frailty_cv=0.3, frailty=frailty()),
            "utilization.frailty: must not be given beside frailty_cv, got both (Frailty(cv=...) "
            "says all that frailty_cv says)",
        ),
        (
            lambda: ar.Frailty.non_users(1),
            "frailty.non_users: must be at least 0 and below 1, got 1",
        ),
        (
            lambda: ar.Frailty.non_users(30),
            "frailty.non_users: must be at least 0 and below 1, got 30",
        ),
        (
            lambda: care(severity_cv=6),
            "utilization.severity_cv: must be between 0 and 5, got 6",
        ),
        (
            lambda: care(severity_correlation=0.5),
            "utilization.severity_correlation: must be 0 without both severity_cv and a shared "
            "frailty that members keep, got 0.5",
        ),
        (
            lambda: care(severity_cv=0.5, severity_correlation=0.5),
            "utilization.severity_correlation: must be 0 without both severity_cv and a shared "
            "frailty that members keep, got 0.5",
        ),
        (
            lambda: care(severity_cv=0.5, frailty_cv=0.5, severity_correlation=1.5),
            "utilization.severity_correlation: must be between -1 and 1, got 1.5",
        ),
    ],
)
def test_frailty_and_severity(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: care(trend=3),
            "utilization.trend: must be a yearly rate between -0.9 and 1, got 3 (did you mean 0.03?)",
        ),
        (
            lambda: care(price_trend=2.5),
            "utilization.price_trend: must be a yearly rate between -0.9 and 1, got 2.5 (did you mean 0.025?)",
        ),
        (
            lambda: care(fixed_cost_trend=4),
            "utilization.fixed_cost_trend: must be a yearly rate between -0.9 and 1, got 4 (did you mean 0.04?)",
        ),
        (
            lambda: care(trend=-3),
            "utilization.trend: must be a yearly rate between -0.9 and 1, got -3",
        ),
        (
            lambda: care(trend=float("nan")),
            "utilization.trend: must be a yearly rate between -0.9 and 1, got nan",
        ),
        (
            lambda: care(trend="x"),
            'utilization.trend: must be a number, got "x"',
        ),
        (
            lambda: service(trend=3),
            "inpatient.trend: must be a yearly rate between -0.9 and 1, got 3 (did you mean 0.03?)",
        ),
        (
            lambda: service(price_trend=-0.95),
            "inpatient.price_trend: must be a yearly rate between -0.9 and 1, got -0.95",
        ),
        (
            lambda: service(own_cost_trend=300),
            "inpatient.own_cost_trend: must be a yearly rate between -0.9 and 1, got 300",
        ),
        (
            lambda: capitation(trend=3),
            "A[0].trend: must be between -0.9 and 1, got 3",
        ),
    ],
)
def test_trends(work, text):
    assert message(work) == text


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
            lambda: condition(transition=[[0.9, 0.2], [0, 1]]),
            "population.conditions.diabetes.transition[0]: must sum to 1, got 1.1",
        ),
        (
            lambda: condition(transition=[[0.9, 0.1]]),
            "population.conditions.diabetes.transition: must have a row for each state (2), got 1",
        ),
        (
            lambda: condition(transition=[[0.9, 0.1], [1]]),
            "population.conditions.diabetes.transition[1]: must have a probability for each state (2), got 1",
        ),
        (
            lambda: condition(transition=[[90, 10], [0, 100]]),
            "population.conditions.diabetes.transition[0][0]: must be between 0 and 1, got 90 (did you mean 0.90?)",
        ),
        (
            lambda: condition(transition=[0.5, 0.5]),
            "population.conditions.diabetes.transition[0]: must be a list of numbers, got 0.5",
        ),
        (
            lambda: condition(shares=[0.5, 0.75]),
            "population.conditions.diabetes.shares: must sum to 1, got 1.25",
        ),
        (
            lambda: condition(shares=[50, 50]),
            "population.conditions.diabetes.shares[0]: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            lambda: condition(shares=[1]),
            "population.conditions.diabetes.shares: must have a probability for each state (2), got 1",
        ),
        (
            lambda: condition(shares=None),
            "population.conditions.diabetes.shares: must be given, or a column of states, and not both, got neither",
        ),
        (
            lambda: condition(column="stage"),
            "population.conditions.diabetes.shares: must be given, or a column of states, and not both, got both",
        ),
        (
            lambda: condition(shares=None, column="stages"),
            "population.conditions.diabetes.column: must be a column of the panel, got 'stages' (it "
            "has age, sex, risk_score, entry_month, exit_month, payer, member_id, stage)",
        ),
        (
            lambda: condition(shares=None, column="sex"),
            "population.sex[0]: must be one of the states, got 'female' (the states are no, yes)",
        ),
        (
            lambda: condition(states=("no",), transition=[[1]], shares=[1]),
            "population.conditions.diabetes.states: must be 2 to 50 names, got 1",
        ),
        (
            lambda: condition(states=(1, 2)),
            "population.conditions.diabetes.states: must be text, got 1",
        ),
        (
            lambda: condition(relativities={"surgery": [1, 2]}),
            "population.conditions.diabetes.relativities: must name services of the utilization, got "
            '"surgery" (the services are admissions, drugs, tests, visits)',
        ),
        (
            lambda: condition(relativities={"visits": [1]}),
            "population.conditions.diabetes.relativities.visits: must have one for each state (2), got 1",
        ),
        (
            lambda: condition(relativities={"visits": [1, -2]}),
            "population.conditions.diabetes.relativities.visits[1]: must be between 0 and 1000, got -2",
        ),
        (
            lambda: condition(risk_scores=[1]),
            "population.conditions.diabetes.risk_scores: must have one for each state (2), got 1",
        ),
        (
            lambda: condition(risk_scores=[0, -1]),
            "population.conditions.diabetes.risk_scores[1]: must be between 0 and 1000, got -1",
        ),
        (
            lambda: pair(conditions=["a"]),
            "population.conditions[0]: must be a Condition, got a str",
        ),
    ],
)
def test_conditions(work, text):
    assert message(work) == text


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (
            lambda: enrolment(lapse_rate=2),
            "population.enrolment.lapse_rate: must be between 0 and 1, got 2 (did you mean 0.02?)",
        ),
        (
            lambda: enrolment(lapse_rate=-0.1),
            "population.enrolment.lapse_rate: must be between 0 and 1, got -0.1",
        ),
        (
            lambda: enrolment(lapse_rate=0.6, lapse_selection=1),
            "population.enrolment.lapse_rate: must be at most 1 for every member, got 1.2 (for the "
            "risk score 2 of row 1)",
        ),
        (
            lambda: enrolment(death_rate=1.5),
            "population.enrolment.death_rate[0]: must be between 0 and 1, got 1.5 (did you mean 0.015?)",
        ),
        (
            lambda: enrolment(death_rate={0: 0.01, 65: 3}),
            "population.enrolment.death_rate[1]: must be between 0 and 1, got 3 (did you mean 0.03?)",
        ),
        (
            lambda: enrolment(last_year_relativity=-1),
            "population.enrolment.last_year_relativity: must be between 0 and 100, got -1",
        ),
        (
            lambda: enrolment(last_year_relativity=101),
            "population.enrolment.last_year_relativity: must be between 0 and 100, got 101",
        ),
        (
            lambda: attribution(share=60),
            "population.attribution.share: must be between 0 and 1, got 60 (did you mean 0.60?)",
        ),
        (
            lambda: attribution(share=0.9, turnover=0.5),
            "population.attribution.turnover: must leave enough others to replace who is lost: at "
            "most (1 - share) / share, got 0.5",
        ),
        (
            lambda: attribution(share=0.4, turnover=0.8, selection=1),
            "population.attribution.turnover: must be at most 1 for every member, got 1.6 (for the "
            "risk score 2 of row 1)",
        ),
        (
            lambda: attribution(share=0.4, turnover=20),
            "population.attribution.turnover: must be between 0 and 1, got 20 (did you mean 0.20?)",
        ),
        (
            lambda: scores(coding_growth=3),
            "population.risk_scores.coding_growth: must be between -0.5 and 0.5, got 3",
        ),
        (
            lambda: scores(recapture=80),
            "population.risk_scores.recapture: must be between 0 and 1, got 80 (did you mean 0.80?)",
        ),
        (
            lambda: scores(noise_cv=-1),
            "population.risk_scores.noise_cv: must be between 0 and 10, got -1",
        ),
        (
            lambda: scores(new_member_score=-1),
            "population.risk_scores.new_member_score: must be between 0 and 100, got -1",
        ),
        (
            lambda: pair(risk_scores=1),
            "population.risk_scores: must be a RiskScores, got a int",
        ),
        (
            lambda: make_panel(10).with_joiners(-1, years=3),
            "with_joiners.share_per_year: must be between 0 and 10, got -1.0",
        ),
        (
            lambda: make_panel(10).with_joiners(0.1, years=1),
            "with_joiners.years: must be a whole number between 2 and 20, got 1",
        ),
    ],
)
def test_enrolment_and_scores(work, text):
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
            lambda: service(relativities={"region": {"a": 1}}),
            "inpatient.relativities.region: must be a column of the panel, got 'region' (the columns "
            "are age, sex, risk_score, entry_month, exit_month, payer, member_id)",
        ),
        (
            lambda: service(relativities={"sex": {"male": 1}}),
            "inpatient.relativities.sex[0]: must have a factor, got 'female' (given are ['male'])",
        ),
        (
            lambda: service(relativities={"sex": {"female": -1}}),
            "inpatient.relativities.sex[0]: must be a factor of at least 0, got -1",
        ),
        (
            lambda: service(relativities={"sex": 1.5}),
            "inpatient.relativities.sex: must map values to factors, got 1.5",
        ),
        (
            lambda: service(relativities=["sex"]),
            'inpatient.relativities: must map columns to factors, got a list (for example {"sex": '
            '{"female": 1.1, "male": 0.9}})',
        ),
        (
            lambda: service(relativities={"age": {18: 1}}),
            "inpatient.relativities.age: must begin at age 0, got 18",
        ),
        (
            lambda: service(relativities={"age": {0: 1, 18.5: 2}}),
            "inpatient.relativities.age: must name whole ages up to 150, got 18.5",
        ),
        (
            lambda: service(relativities={"age": {0: 1, 18: 2000}}),
            "inpatient.relativities.age.factors[1]: must be between 0 and 1000, got 2000",
        ),
        (
            lambda: service(relativities={"age": {}}),
            "inpatient.relativities.age: must map values to factors, got {}",
        ),
    ],
)
def test_relativities(work, text):
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
