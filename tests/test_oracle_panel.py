"""The slow twin on panels that move, members who pay claim by claim, care elsewhere, responses and health."""

import numpy as np
import pytest

import atrisk as ar
import oracle
from conftest import make_panel
from oracle_response import response_factor
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
    panel = make_moving_panel(with_years=name not in {"certain", "risk scores"}, **MOVES[name])
    study = ar.Study(panel, make_moving_care(), make_moving_arms(), base_years=2, years=3, seed=51)
    assert_agree(study, 20, looked_at=4)


def test_panels_without_years_agree_in_all_that_moves():
    """Who enters in January is in none of its first years; who leaves in December stays until it is lost."""
    panel = make_moving_panel(with_years=False, seed=22, **MOVES["all"])
    study = ar.Study(panel, make_moving_care(), make_moving_arms(), base_years=3, years=4, seed=52)
    results, _ = assert_agree(study, 20, looked_at=8)
    assert (results.values("member_months", "Fees", year=4) < results.values("member_months", "Fees", year=1)).all()


# ---------------------------------------------------------------------------------------------------------
# What members pay, claim by claim
# ---------------------------------------------------------------------------------------------------------

PLAN = ar.CostSharing(
    deductible=400, exempt=["tests"], copay={"visits": 25, "admissions": 250}, out_of_pocket_maximum=2_500
)
BASIC = ar.CostSharing(deductible=150, copay=5.0, coinsurance=0.3)
LEAN = ar.CostSharing(coinsurance={"visits": 0.5, "tests": 0.0}, out_of_pocket_maximum=900)
MORE_VISITS = ar.Programme(
    "outreach", effect=1.8, services=["visits", "tests"], reach=0.7, start_month=3, ramp_months=4
)
FEWER = ar.Programme("coaching", effect=-0.4, reach=0.6, start_month=5, ramp_months=10, cost_pmpm=3.5)

SHARINGS = {
    "for all": PLAN,
    "by payer": {"Medicare": PLAN, "employer": BASIC},
    "maximum alone": ar.CostSharing(out_of_pocket_maximum=300.0),
    "copay above prices": ar.CostSharing(copay=90.0, coinsurance=0.2, deductible=50.0),
}


def make_sharing_arms():
    """Layers on paid dollars, prices of the arm, terms of its own, and events that programmes take away and add."""
    covered = [
        ar.Capitation(pmpm=185.0),
        ar.StopLoss(attachment_point=3_000, ceded_share=0.9, limit=40_000, premium_pmpm=12.5),
        ar.StopLoss(attachment_point=200, scope=["visits"], premium_pmpm=1.0),
    ]
    return {
        "Fees": ar.FeeForService(fee_level=0.9),
        "Covered": ar.Arm(covered, [MORE_VISITS, FEWER]),
        "Own terms": ar.Arm(ar.FeeForService(), [MORE_VISITS], cost_sharing=BASIC),
        "Own terms by payer": ar.Arm(covered, cost_sharing={"Medicaid": LEAN, "employer": PLAN}),
        "Truncated": ar.Arm(
            [savings(benchmark=ar.Benchmark(), **TRUNCATED), ar.FeeForService(fee_level=1.2)], [MORE_VISITS, FEWER]
        ),
        "Truncated, own terms": ar.Arm(
            [savings(benchmark=ar.Benchmark(), **TRUNCATED), ar.FeeForService()], cost_sharing=LEAN
        ),
    }


@pytest.mark.parametrize("name", SHARINGS)
def test_cost_sharing_agrees_claim_by_claim(name):
    care = make_moving_care(cost_sharing=SHARINGS[name])
    study = ar.Study(make_moving_panel(50), care, make_sharing_arms(), base_years=1, years=2, seed=61)
    assert_agree(study, 20, looked_at=1)


# ---------------------------------------------------------------------------------------------------------
# Fee levels, care elsewhere, capacity and bills
# ---------------------------------------------------------------------------------------------------------

FEES = {"fee_levels": {"Medicare": 0.8, "employer": 1.6}}
OUTSIDE = {"out_of_network_rate": 0.25, "out_of_network_price": 1.7}
CAPACITIES = [
    ar.Capacity("clinicians", events_per_month=4.5, cost_per_month=1_100.0, services=["visits"], least=2),
    ar.Capacity("rooms", events_per_month=2, cost_per_month=100.5),
]
BILLS = {
    "Medicare": ar.Collections(denial_rate=0.05, bad_debt_rate=0.3, days_to_pay=50, billing_cost=4.0),
    "employer": ar.Collections(bad_debt_rate=0.1, days_to_pay=400),
    "Medicaid": ar.Collections(denial_rate=0.2, days_to_pay=14, billing_cost=7.25),
}
LOCAL = {
    "fee levels": {"services": make_lines(**FEES)},
    "out of network": {
        "services": make_lines(
            **OUTSIDE,
            frailty=ar.Frailty(cv=0.8, permanent_share=0.5),
            relativities={"age": {0: 1.2, 40: 0.8}, "sex": {"female": 1.3, "male": 0.7}},
        ),
        "shocks": [ar.Shock("news", 0.2, services=["visits"], market_share=0.7)],
    },
    "capacity": {"capacity": CAPACITIES},
    "collections": {"collections": BILLS},
    "collections of all": {"collections": ar.Collections(bad_debt_rate=0.2, days_to_pay=100, billing_cost=1.5)},
    "all": {
        "services": make_lines(**FEES, **OUTSIDE),
        "capacity": CAPACITIES,
        "collections": BILLS,
        "cost_sharing": SHARINGS["by payer"],
        "shocks": [ar.Shock("prices", 0.1, services=["visits"], on="price", permanent=True, market_share=0.5)],
    },
}


PROSPECTIVE = ar.Benchmark(trend="prospective", trend_rate=0.03)


def make_local_arms():
    return {
        "Fees": ar.FeeForService(fee_level=0.9),
        "Fees for visits": ar.FeeForService(fee_level=1.1, scope=["visits"]),
        "Capitation": ar.Capitation(pmpm=185.0),
        "Partial": [
            ar.Capitation(pmpm=60.0, scope=["visits", "admissions"]),
            ar.StopLoss(attachment_point=500, premium_pmpm=1.0),
            ar.FeeForService(scope=["tests"]),
        ],
        "Savings": ar.Arm([savings(benchmark=PROSPECTIVE), ar.FeeForService()], [MORE_VISITS, FEWER]),
        "Savings, truncated": savings(benchmark=PROSPECTIVE, **TRUNCATED),
    }


@pytest.mark.parametrize("name", LOCAL)
def test_what_payers_and_others_do_agrees(name):
    care = make_moving_care(**LOCAL[name])
    study = ar.Study(make_moving_panel(50, seed=23), care, make_local_arms(), base_years=1, years=2, seed=71)
    results, _ = assert_agree(study, 20, looked_at=3)
    assert_transfers_agree(study, results, 1, base_years=True)


@pytest.mark.parametrize("trend", ["national", "regional"])
def test_markets_weigh_care_out_of_network_at_its_own_price(trend):
    """What a service is of the market's spending is its events in and out of network, each at their mean price."""
    services = make_lines(**OUTSIDE)
    shock = ar.Shock("news", 0.2, services=["visits"], market_share=0.7)
    arms = {"ACO": savings(benchmark=ar.Benchmark(trend=trend), sharing_rate=1.0, loss_rate=1.0)}
    care = make_moving_care(services=services, shocks=[shock])
    assert_agree(ar.Study(make_moving_panel(30), care, arms, base_years=1, years=2, seed=72), 20, looked_at=0)


# ---------------------------------------------------------------------------------------------------------
# Responses and health
# ---------------------------------------------------------------------------------------------------------


def make_responding_arms(**other):
    """Arms that pay for more and for less care than fees do, and members who pay more and less."""
    both = {"elasticity": 0.4, "member_elasticity": -0.3, "cap": 1.6}
    response = ar.Response("Fees", **both | other)
    by_service = ar.Response(
        "Capitation", elasticity={"visits": 0.6, "admissions": -0.2}, member_elasticity={"tests": -1.0}
    )
    shared = savings(benchmark=PROSPECTIVE, sharing_rate=0.6)
    return {
        "Fees": ar.FeeForService(fee_level=0.9),
        "Capitation": ar.Arm(ar.Capitation(pmpm=185.0), response=response),
        "Partial": ar.Arm([ar.Capitation(pmpm=60.0, scope=["visits", "admissions"])], response=response),
        "More": ar.Arm(ar.FeeForService(fee_level=1.5), [MORE_VISITS, FEWER], response=response),
        "Savings": ar.Arm([shared, ar.FeeForService(fee_level=0.9)], [FEWER], response=response),
        "By service": ar.Arm(shared, cost_sharing=BASIC, response=by_service),
        "By payer": ar.Arm(ar.FeeForService(), cost_sharing={"Medicare": PLAN, "employer": LEAN}, response=response),
        "Capped": ar.Arm(ar.Capitation(pmpm=185.0), response=ar.Response("More", elasticity=3.0, cap=1.1)),
    }


RESPONDING = {
    "trends": {},
    "others": {"services": make_lines(**OUTSIDE, **FEES), "collections": BILLS},
    "cost sharing": {"cost_sharing": SHARINGS["by payer"], "price_trend": 0.02},
}


@pytest.mark.parametrize("name", RESPONDING)
def test_responses_agree(name):
    care = make_moving_care(**RESPONDING[name])
    study = ar.Study(make_moving_panel(30, seed=24), care, make_responding_arms(), base_years=1, years=2, seed=81)
    payers = study.population.payers
    order = np.argsort([line["name"] for line in oracle.services_of(study.spec)])
    theirs = [[response_factor(study.spec, arm, line, payers) for line in order] for arm in study.spec["arms"]]
    np.testing.assert_allclose(study.responses(), theirs, rtol=1e-9)
    assert len(np.unique(theirs)) > 10
    assert_agree(study, 20, looked_at=1)


def make_health(service="visits"):
    """Outcomes and measures, with doses of a service and columns, for all and for some."""
    sex, diabetes = {"female": 1.3, "male": 0.8}, {"none": 1.0, "mild": 1.1, "severe": 0.6}
    crises = {service: -0.7, "admissions": 0.4, "sex": sex, "adherence": -1.2}
    some = {"diabetes": ["mild", "severe"], "age": (30, 80)}
    return {
        "outcomes": [
            ar.Outcome("falls", per_member_year=0.8),
            ar.Outcome("crises", per_member_year=0.5, depends_on=crises),
        ],
        "measures": [
            ar.Measure("screened", rate=0.6),
            ar.Measure(
                "controlled",
                rate=0.7,
                eligible=some,
                sd_between=0.08,
                adherence_effect=1.5,
                depends_on={service: 0.9, "diabetes": diabetes},
            ),
        ],
    }


@pytest.mark.parametrize("moves", ["risk scores", "all"])
def test_health_agrees(moves):
    ban = ar.Programme("ban", effect=-1, start_month=1, reach=0.5)
    responding = {name: make_responding_arms()[name] for name in ("Fees", "More", "Savings")}
    arms = responding | {"Banned": ar.Arm(ar.FeeForService(), [ban])}
    care = make_moving_care(frailty=ar.Frailty(cv=0.8, permanent_share=0.5))
    panel = make_moving_panel(60, seed=25, **MOVES[moves])
    study = ar.Study(panel, care, arms, base_years=1, years=3, seed=91, **make_health())
    results, _ = assert_agree(study, 20, looked_at=1)
    crises = [results.found("crises", arm)[0].mean() for arm in ("Fees", "More", "Banned")]
    assert len(set(crises)) == 3


def test_doses_agree_of_services_that_are_given_out_of_network_too():
    """Programmes change both lines of a service alike: its dose is that factor, once."""
    care = make_moving_care(services=make_lines(**OUTSIDE))
    arms = {"Fees": ar.FeeForService(), "Fewer": ar.Arm(ar.FeeForService(), [FEWER])}
    study = ar.Study(make_moving_panel(60, seed=28), care, arms, years=2, seed=92, **make_health())
    assert_agree(study, 20, looked_at=0)


# ---------------------------------------------------------------------------------------------------------
# All at once, and not known
# ---------------------------------------------------------------------------------------------------------


def make_whole_arms():
    """What looks at attribution and recorded scores beside what responds."""
    insured = [
        ar.Capitation(pmpm=185.0, risk_adjusted=True, risk_score_cap=0.02, scope=["visits", "admissions"]),
        ar.StopLoss(attachment_point=3_000, ceded_share=0.9, premium_pmpm=12.5),
        ar.FeeForService(fee_level=1.1, scope=["tests"]),
    ]
    benchmark = ar.Benchmark(trend="prospective", trend_rate=0.03, risk_adjusted=True, rebase_every=1)
    responding = {name: make_responding_arms()[name] for name in ("Fees", "Savings", "By payer")}
    return responding | {
        "Insured": ar.Arm(insured, [MORE_VISITS, FEWER], response=ar.Response("Fees", elasticity=0.5)),
        "Adjusted": ar.Arm([savings(benchmark=benchmark, **TRUNCATED), ar.FeeForService()], [FEWER], cost_sharing=PLAN),
    }


def test_all_of_it_agrees_together():
    panel = make_moving_panel(60, seed=26, **MOVES["all"])
    care = make_moving_care(**LOCAL["all"], severity_cv=0.4, severity_correlation=0.5)
    study = ar.Study(panel, care, make_whole_arms(), base_years=2, years=3, seed=101, **make_health("tests"))
    results, _ = assert_agree(study, 20, looked_at=2)
    assert_transfers_agree(study, results, 3, base_years=True)


def make_unsure_study():
    """Inputs that are not known in every concept of this file."""
    between = ar.Uniform
    panel = make_moving_panel(
        50,
        seed=27,
        enrolment=ar.Enrolment(
            lapse_rate=between(0.0, 0.03),
            lapse_selection=between(-0.5, 0.5),
            death_rate={0: 0.001, 60: between(0.01, 0.05)},
            last_year_relativity=between(1, 4),
        ),
        attribution=ar.Attribution(share=between(0.5, 0.7), turnover=between(0.1, 0.2), selection=between(-0.2, 0.2)),
        conditions=[
            ar.Condition(
                "asthma",
                states=("no", "yes"),
                transition=[[0.7, 0.3], [0.4, 0.6]],
                shares=(0.75, 0.25),
                relativities={"visits": (1.0, between(1, 3))},
                risk_scores=(0.0, between(0.2, 0.6)),
            )
        ],
        risk_scores=ar.RiskScores(
            coding_growth=between(0.0, 0.05),
            recapture=between(0.6, 1.0),
            noise_cv=between(0.1, 0.3),
            new_member_score=between(0.8, 1.0),
        ),
    )
    plan = ar.CostSharing(
        deductible=between(100, 500),
        copay={"visits": between(0, 50)},
        coinsurance=between(0.1, 0.3),
        out_of_pocket_maximum=between(800, 2_000),
    )
    outside = {"out_of_network_rate": between(0.1, 0.4), "out_of_network_price": between(1, 2)}
    care = make_moving_care(
        services=make_lines(**outside, fee_levels={"employer": between(1, 2)}),
        capacity=[ar.Capacity("rooms", events_per_month=between(2, 4), cost_per_month=between(50, 99), least=1)],
        collections=ar.Collections(
            denial_rate=between(0, 0.1),
            bad_debt_rate=between(0, 0.2),
            days_to_pay=between(10, 90),
            billing_cost=between(1, 2),
        ),
        cost_sharing={"Medicare": plan},
    )
    response = ar.Response(
        "Fees", elasticity=between(0, 0.5), member_elasticity={"visits": between(-0.3, 0)}, cap=between(1.1, 2)
    )
    whole = ar.Capitation(pmpm=185, risk_adjusted=True, risk_score_cap=0.05)
    shared = savings(benchmark=ar.Benchmark(trend="prospective", trend_rate=0.02, risk_adjusted=True), **TRUNCATED)
    arms = {
        "Fees": ar.FeeForService(),
        "Capitation": ar.Arm(whole, [MORE_VISITS], response=response),
        "Savings": ar.Arm(
            [shared, ar.FeeForService()], [FEWER], cost_sharing=ar.CostSharing(copay=between(5, 20)), response=response
        ),
    }
    health = {
        "outcomes": [ar.Outcome("falls", per_member_year=between(0.5, 1), depends_on={"tests": between(-1, 0)})],
        "measures": [
            ar.Measure("met", rate=between(0.4, 0.8), sd_between=between(0.0, 0.1), depends_on={"tests": between(0, 1)})
        ],
    }
    return ar.Study(panel, care, arms, base_years=2, years=3, seed=111, **health)


def test_terms_that_are_not_known_agree():
    study = make_unsure_study()
    assert len(study.uncertain_inputs) > 30
    assert_agree(study, 30, looked_at=4)


def test_terms_at_their_means_agree():
    study = make_unsure_study()
    results = study.run(10, parameters="mean", progress=False)
    twin = oracle.run(study.spec | {"parameters": None}, oracle_columns(study), range(10))
    assert_figures_agree(study, results, twin)


def test_nested_draws_agree():
    study = make_unsure_study()
    results = study.run(3, draws=4, design="antithetic", progress=False)
    twin = oracle.run(study.spec, oracle_columns(study), range(3), draws=4, design="antithetic")
    assert_figures_agree(study, results, twin)
