"""Bad input of services: shocks, frailty, severity, trends and relativities; the texts are the specification."""

import pytest

import atrisk as ar
from engine_inputs import THREE, TWO, capitation, care, frailty, service, shock
from test_errors import message


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
            lambda: care(frailty=frailty(non_user_share=1)),
            "utilization.frailty.non_user_share: must be below 1: somebody must use care, got 1",
        ),
        (
            lambda: service(frailty=frailty(non_user_share=50)),
            "inpatient.frailty.non_user_share: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            lambda: care(frailty=frailty(non_user_share=-0.1)),
            "utilization.frailty.non_user_share: must be between 0 and 1, got -0.1",
        ),
        (
            lambda: care(frailty=frailty(non_user_share=float("nan"))),
            "utilization.frailty.non_user_share: must be between 0 and 1, got nan",
        ),
        (
            lambda: service(frailty=frailty(never_user_share=1)),
            "inpatient.frailty.never_user_share: must be below 1: somebody must use care, got 1",
        ),
        (
            lambda: care(frailty=frailty(never_user_share=50)),
            "utilization.frailty.never_user_share: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (
            lambda: service(frailty=frailty(never_user_share=-0.1)),
            "inpatient.frailty.never_user_share: must be between 0 and 1, got -0.1",
        ),
        (
            lambda: care(frailty=frailty(never_user_share=float("nan"))),
            "utilization.frailty.never_user_share: must be between 0 and 1, got nan",
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
        (
            lambda: service(relativities={"risk_score": {1.5: 1, 3: 2}}),
            "inpatient.relativities.risk_score[0]: must be at least 1.5, the lowest band, got 1",
        ),
        (
            lambda: service(relativities={"risk_score": {0: 1, 1: -2}}),
            "inpatient.relativities.risk_score.1: must be a factor of at least 0, got -2",
        ),
        (
            lambda: service(relativities={"risk_score": {"low": 1}}),
            "inpatient.relativities.risk_score: must be a finite number, got 'low'",
        ),
        (
            lambda: service(relativities={"risk_score": {0: "much"}}),
            "inpatient.relativities.risk_score.0: must be a finite number, got 'much'",
        ),
    ],
)
def test_relativities(work, text):
    assert message(work) == text
