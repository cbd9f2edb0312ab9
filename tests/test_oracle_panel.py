"""The slow twin on panels that move, members who pay claim by claim, care elsewhere, responses and health."""

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel
from twin import assert_agree, assert_figures_agree, assert_transfers_agree, oracle_columns

YEARS = (1, 2, 3)
PAYERS = ("Medicare", "Medicaid", "employer")


def make_moving_panel(members=70, seed=21, *, with_years=True, **moves):
    """Members of three payers who come and go, some of whom have a risk score of 0, with what moves them."""
    rng = np.random.default_rng(seed)
    score = np.where(rng.random(members) < 0.05, 0.0, rng.gamma(2.0, 0.5, members))
    entry, leave = rng.integers(-2, 3, members), rng.integers(1, 5, members)
    entry_month, exit_month = rng.integers(1, 13, members), rng.integers(1, 13, members)
    if with_years:
        when = {"entry_year": entry, "exit_year": np.maximum(entry + 1, leave)}
    else:
        when = {}
        entry_month = np.where(rng.random(members) < 0.7, 1, entry_month)
        exit_month = np.where(rng.random(members) < 0.8, 12, np.maximum(entry_month, exit_month))
    panel = make_panel(
        members,
        age=np.floor(rng.uniform(0, 95, members)),
        sex=rng.choice(["female", "male"], members),
        risk_score=score,
        member_id=[f"person {i}" for i in range(members)],
        payer=rng.choice(PAYERS, members),
        diabetes=rng.choice(["none", "mild", "severe"], members),
        adherence=rng.uniform(0, 1, members),
        entry_month=entry_month,
        exit_month=exit_month,
        **when,
    )
    return ar.Population(columns=panel.columns, member_words=panel.member_words, **moves)


def make_lines(**other):
    """Three services that members use often enough to have much to compare."""
    visits = {"own_cost": 70.5, "coinsurance": 0.2, "trend": 0.03, "price_trend": -0.02, "own_cost_trend": 0.04}
    return [
        ar.Service("visits", per_1000=4_200, allowed=ar.Gamma(mean=110, cv=0.7), **visits | other),
        ar.Service(
            "admissions", per_1000=180, allowed=ar.LogNormal(mean=14_000, cv=1.4), delivered_by="other_providers"
        ),
        ar.Service("tests", per_1000=1_800, allowed=35.5, own_cost=20, coinsurance=0.1, price_trend=0.05),
    ]


def make_moving_care(**other):
    terms = {
        "services": make_lines(),
        "frailty": ar.Frailty(cv=0.7, family="gamma", permanent_share=0.4),
        "fixed_cost_per_month": 900.0,
        "fixed_cost_trend": 0.04,
    }
    return ar.Utilization(**terms | other)


def savings(**terms):
    two_sided = {"basis": "allowed", "sharing_rate": 0.5, "loss_rate": 0.4}
    return ar.SharedSavings(**two_sided | terms)


ADJUSTED = ar.Benchmark(risk_adjusted=True, rebase_every=2)
TRUNCATED = {"truncation": 9_000, "basis": "paid"}


def make_moving_arms():
    """What looks at who is enrolled, who is attributed, and at recorded risk scores."""
    return {
        "Fees": ar.FeeForService(),
        "Capitation": [
            ar.Capitation(pmpm=185.0, trend=0.02, risk_adjusted=True, normalization=1.1),
            ar.StopLoss(attachment_point=5_000, ceded_share=0.9, limit=40_000, premium_pmpm=12.5),
        ],
        "Capitation, capped": ar.Capitation(pmpm=185.0, risk_adjusted=True, risk_score_cap=0.02),
        "Adjusted": savings(benchmark=ADJUSTED),
        "Adjusted, capped": savings(
            benchmark=ar.Benchmark(trend="regional", risk_adjusted=True, risk_score_cap=0.01), **TRUNCATED
        ),
        "Fixed": savings(benchmark_pmpm=230.0, minimum_savings_rate=0.01),
    }


LEAVING = ar.Enrolment(
    lapse_rate=0.02, lapse_selection=-0.5, death_rate={0: 0.002, 40: 0.01, 80: 0.05}, last_year_relativity=3.0
)
DIABETES = ar.Condition(
    "diabetes",
    states=("none", "mild", "severe"),
    transition=[[0.8, 0.15, 0.05], [0.1, 0.6, 0.3], [0.0, 0.1, 0.9]],
    column="diabetes",
    relativities={"visits": (0.8, 1.5, 2.5), "admissions": (0.7, 1.0, 4.0)},
    risk_scores=(0.0, 0.3, 0.9),
)
ASTHMA = ar.Condition(
    "asthma",
    states=("no", "yes"),
    transition=[[0.7, 0.3], [0.4, 0.6]],
    shares=(0.75, 0.25),
    relativities={"visits": (0.9, 1.4)},
    risk_scores=(0.05, 0.4),
)
RECORDED = ar.RiskScores(coding_growth=0.03, recapture=0.8, noise_cv=0.2, new_member_score=0.95)

MOVES = {
    "enrolment": {"enrolment": LEAVING},
    "lapse": {"enrolment": ar.Enrolment(lapse_rate=0.03, lapse_selection=0.8)},
    "death": {"enrolment": ar.Enrolment(death_rate=0.03, last_year_relativity=0.5)},
    "certain": {"enrolment": ar.Enrolment(lapse_rate=0.05, lapse_selection=1.5, death_rate={0: 0.0, 70: 1.0})},
    "attribution": {"attribution": ar.Attribution(share=0.6, turnover=0.3, selection=-0.4)},
    "all attributed": {"attribution": ar.Attribution(share=1.0)},
    "few attributed": {"attribution": ar.Attribution(share=0.3, turnover=0.4, selection=0.5)},
    "conditions": {"conditions": [DIABETES, ASTHMA]},
    "risk scores": {"risk_scores": RECORDED},
    "all": {
        "enrolment": LEAVING,
        "attribution": ar.Attribution(share=0.7, turnover=0.15, selection=0.5),
        "conditions": [DIABETES, ASTHMA],
        "risk_scores": RECORDED,
    },
}


@pytest.mark.parametrize("name", MOVES)
def test_panels_that_move_agree(name):
    panel = make_moving_panel(with_years=name not in {"lapse", "risk scores"}, **MOVES[name])
    study = ar.Study(panel, make_moving_care(), make_moving_arms(), base_years=2, years=3, seed=51)
    assert_agree(study, 20, looked_at=4)


def test_panels_without_years_agree_in_all_that_moves():
    """Who enters in January is in none of its first years; who leaves in December stays until it is lost."""
    panel = make_moving_panel(with_years=False, seed=22, **MOVES["all"])
    study = ar.Study(panel, make_moving_care(), make_moving_arms(), base_years=3, years=4, seed=52)
    results, _ = assert_agree(study, 20, looked_at=8)
    assert (results.values("member_months", "Fees", year=4) < results.values("member_months", "Fees", year=1)).all()
