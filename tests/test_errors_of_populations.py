"""Bad input of populations: conditions, enrolment, attribution and risk scores; the texts are the specification."""

import pytest

from conftest import make_panel
from engine_inputs import attribution, condition, enrolment, pair, scores
from test_errors import message


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
