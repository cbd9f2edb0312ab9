"""The second opinion: the slow twin replays the same worlds and must come to the same counts and dollars."""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

import atrisk as ar
import oracle
from conftest import make_arms, make_care, make_panel, make_rich_panel, make_services
from twin import assert_agree, assert_events_agree, assert_figures_agree, assert_transfers_agree, oracle_columns

REPLICATES = 100
YEARS = (1, 2, 3, 4)


def test_one_year_agrees_in_every_figure_of_every_contract():
    study = ar.Study(make_rich_panel(), make_care(), make_arms(), seed=20)
    assert_agree(study, REPLICATES, looked_at=50)


def test_covers_of_every_kind_agree():
    """Lasers, own services at a part, and aggregate covers after and before specific ones, over two years."""
    capitation = ar.Capitation(pmpm=185.0)
    lasers = {f"member {row}": 9_000.0 + 40 * row for row in range(0, 300, 7)}
    specific = ar.StopLoss(attachment_point=8_000, ceded_share=0.9, limit=40_000, premium_pmpm=12.5, lasers=lasers)
    part = ar.StopLoss(
        attachment_point=2_000, premium_pmpm=1, value_own_services_at=0.3, scope=["visits", "admissions"]
    )
    expected = {"attachment_rate": 0.95, "expected_pmpm": 120}
    aggregate = ar.StopLoss(kind="aggregate", ceded_share=0.8, limit=200_000, premium_pmpm=2, **expected)
    arms = {"After": [capitation, specific, part, aggregate], "Before": [capitation, aggregate, specific]}
    assert_agree(ar.Study(make_rich_panel(), make_care(), arms, years=2, seed=22), 30, looked_at=10)


def test_agreement_does_not_depend_on_the_panel():
    """Another panel, other rates, no frailty, a heavy service: still the same counts and dollars."""
    services = [
        ar.Service("therapy", per_1000=90_000, allowed=ar.Gamma(mean=40, cv=0.5), own_cost=31.0),
        ar.Service("surgery", per_1000=12, allowed=ar.LogNormal(mean=40_000, cv=2.0), coinsurance=0.1),
        *make_services()[1:3],
    ]
    care = make_care(services, frailty_cv=0.0)
    arms = {"Capitation": ar.Capitation(pmpm=700), "Fees": ar.FeeForService(fee_level=0.8)}
    study = ar.Study(make_rich_panel(80, seed=8), care, arms, seed=2**64 - 1)
    assert_agree(study, 20, first=1_000)


TAILED = ar.Spliced(ar.LogNormal(mean=900, cv=1.2), ar.Pareto(shape=2.2, scale=3_000), at=4_000, tail_probability=0.02)
SEVERITIES = [
    ar.Pareto(shape=2.5, scale=4_000),
    ar.Spliced(ar.LogNormal(mean=900, cv=1.2), ar.Pareto(shape=2.2, scale=3_000), at=4_000),
    TAILED,
    ar.Empirical([10, 20, 55.5, 300], [5, 3, 1, 0.5]),
    ar.Mixture([(0.7, ar.Gamma(mean=80, cv=0.6)), (0.3, ar.LogNormal(mean=2_000, cv=1.5))]),
    ar.Mixture([(3, 0.0), (1, TAILED)]),
]


@pytest.mark.parametrize("allowed", SEVERITIES, ids=lambda allowed: type(allowed).__name__)
def test_severities_agree_event_by_event(allowed):
    care = make_care([ar.Service("visits", per_1000=6_000, allowed=allowed)], frailty_cv=0.5)
    study = ar.Study(make_rich_panel(120, seed=4), care, {"Fees": ar.FeeForService()}, seed=77)
    again = ar.Study.from_spec(study.population, study.run(2, progress=False).spec)
    assert study.claims(3).equals(again.claims(3))
    assert assert_events_agree(study, 3)[1] > 400


@pytest.mark.parametrize("allowed", SEVERITIES, ids=lambda allowed: type(allowed).__name__)
def test_samples_agree_value_by_value(allowed):
    theirs = oracle.sample(allowed.to_spec(), 2**64 - 5, 4_001)
    np.testing.assert_allclose(allowed.sample(4_001, seed=2**64 - 5), theirs, rtol=1e-6, atol=1e-9)


def make_years_panel(members=120, seed=9):
    """Members of regions who come and go over the years, from before the base years on."""
    rng = np.random.default_rng(seed)
    entry, leave = rng.integers(-3, 4, members), rng.integers(0, 5, members)
    return make_panel(
        members,
        age=np.floor(rng.uniform(0, 90, members)),
        sex=rng.choice(["female", "male"], members),
        risk_score=rng.gamma(2.0, 0.5, members),
        member_id=[f"person {i}" for i in range(members)],
        region=rng.choice(["north", "south"], members),
        entry_year=entry,
        entry_month=rng.integers(1, 13, members),
        exit_year=np.maximum(entry + 1, leave),
        exit_month=rng.integers(1, 13, members),
    )


def services_of_many_kinds():
    """Services with trends, relativities, and a frailty of their own in each family and permanence."""
    age, sex = {"age": {0: 1.3, 18: 0.6, 65: 2.1}}, {"sex": {"female": 1.2, "male": 0.7}}
    return [
        ar.Service(
            "visits",
            per_1000=4_200,
            allowed=ar.LogNormal(mean=110, cv=0.7),
            own_cost=70.5,
            coinsurance=0.2,
            frailty=ar.Frailty(cv=0.6, family="gamma", permanent_share=0.4),
            trend=0.03,
            price_trend=-0.02,
            own_cost_trend=0.05,
            relativities=age | sex | {"region": {"north": 0.9, "south": 1.1}},
        ),
        ar.Service(
            "admissions",
            per_1000=150,
            allowed=ar.LogNormal(mean=14_000, cv=1.4),
            delivered_by="other_providers",
            frailty=ar.Frailty(cv=1.1, family="log_normal", permanent_share=0.0),
            trend=-0.05,
            relativities=age,
        ),
        ar.Service(
            "drugs",
            per_1000=9_500,
            allowed=ar.Gamma(mean=62, cv=1.1),
            own_cost=3.0,
            delivered_by="other_providers",
            coinsurance=0.125,
            frailty=ar.Frailty.non_users(0.3, permanent_share=0.4),
            price_trend=0.06,
            relativities=sex,
        ),
        ar.Service(
            "tests",
            per_1000=800,
            allowed=35.5,
            own_cost=20,
            frailty=ar.Frailty(cv=0.8, family="two_point", permanent_share=1.0),
            own_cost_trend=-0.1,
        ),
    ]


def shocks_of_many_kinds():
    return [
        ar.Shock("weather", 0.05, market_share=0.6),
        ar.Shock("technology", 0.08, services=["admissions", "drugs"], on="price", permanent=True, national_share=0.5),
        ar.Shock("habits", 0.04, permanent=True, market_share=0.9, national_share=0.3),
        ar.Shock("pandemic", 0.15, services=["visits"], years=[0, 2], market_share=1.0),
        ar.Shock("reform", 0.1, on="price", permanent=True, years=[-1, 2, 3]),
    ]


SHOCK_CORRELATION = [
    [1.0, 0.3, 0.0, -0.2, 0.1],
    [0.3, 1.0, 0.4, 0.0, 0.5],
    [0.0, 0.4, 1.0, 0.0, 0.2],
    [-0.2, 0.0, 0.0, 1.0, 0.0],
    [0.1, 0.5, 0.2, 0.0, 1.0],
]


def make_eventful_care(**other):
    """Care in which everything moves."""
    terms = {
        "services": services_of_many_kinds(),
        "frailty": ar.Frailty(cv=0.7, family="gamma", permanent_share=0.4),
        "severity_cv": 0.5,
        "severity_correlation": -0.4,
        "trend": 0.02,
        "price_trend": 0.01,
        "shocks": shocks_of_many_kinds(),
        "shock_correlation": SHOCK_CORRELATION,
        "fixed_cost_per_month": 2_000.0,
        "fixed_cost_trend": 0.04,
    }
    return ar.Utilization(**terms | other)


BY_QUALITY = {
    "quality_score": 0.83,
    "quality_rule": "times_score",
    "loss_rate_by_quality": (0.55, 0.75),
    "minimum_rate_table": [(1, 40, 0.09, 0.03), (41, 90, 0.03, 0.01), (91, None, 0.01, 0.01)],
    "table_below_members": 5_000,
    "loss_limit_revenue_rate": 0.08,
    "payment_limit_rate": 0.12,
    "sequestration_rate": 0.02,
}


def savings(**terms):
    two_sided = {"basis": "allowed", "sharing_rate": 0.5, "loss_rate": 0.4}
    return ar.SharedSavings(**two_sided | terms)


COACHING = ar.Programme("coaching", effect=-0.25, reach=0.6, start_month=5, ramp_months=10, cost_pmpm=3.5)
CLINIC = ar.Programme("clinic", effect=-0.4, services=["admissions"], reach=0.5, start_month=14, start_cost=9_000)
OUTREACH = ar.Programme("outreach", effect=1.8, services=["visits", "tests"], reach=0.7, start_month=3, ramp_months=4)
FLOODS = ar.Programme("floods", effect=4, services=["tests"], start_month=7, cost_pmpm=0.1)

BENCHMARKS = {
    "National": ar.Benchmark(noise_cv=0.02),
    "National, adjusted": ar.Benchmark(risk_adjusted=True, risk_score_cap=0.005),
    "Regional": ar.Benchmark(
        trend="regional", weights=[0.2, 0.3, 0.5], rebase_every=2, noise_cv=0.01, risk_adjusted=True
    ),
    "Prospective": ar.Benchmark(
        trend="prospective", trend_rate=0.03, rebase_every=1, risk_adjusted=True, risk_score_cap=0.02
    ),
}
GATED = {
    "minimum_savings_rate": 0.02,
    "minimum_loss_rate": 0.03,
    "payment_limit_rate": 0.1,
    "loss_limit_rate": 0.05,
    "settle_month": 30,
}
TRUNCATED = {"truncation": 9_000, "basis": "paid"}


def make_arms_with_programmes():
    insured = [
        ar.Capitation(pmpm=185.0, trend=-0.01, risk_adjusted=True, normalization=1.1),
        ar.StopLoss(attachment_point=8_000, ceded_share=0.9, limit=40_000, premium_pmpm=12.5),
    ]
    late = ar.Programme("late", effect=-1.0, services="drugs", start_month=49, start_cost=1e6, cost_pmpm=1e3)
    ban = ar.Programme("ban", effect=-1, start_month=7, reach=0.9)
    return {
        "Without": ar.FeeForService(fee_level=0.95),
        "Coaching": ar.Arm(insured, [COACHING]),
        "Floods": ar.Arm(ar.FeeForService(fee_level=0.95), FLOODS),
        "Against each other": ar.Arm(insured, [OUTREACH, COACHING, FLOODS]),
        "Nothing left": ar.Arm(ar.FeeForService(), [ban, OUTREACH]),
        "Too late": ar.Arm(ar.FeeForService(), [late]),
        "Fixed benchmark": ar.Arm([savings(benchmark_pmpm=230.0, **GATED), ar.FeeForService()], [CLINIC, OUTREACH]),
        "By quality": savings(benchmark_pmpm=235.0, **BY_QUALITY),
        "By quality, with more to lose": savings(benchmark_pmpm=190.0, **BY_QUALITY),
    }


def make_arms_with_benchmarks():
    arms = {
        "Capitation": ar.Capitation(pmpm=185.0, trend=0.025),
        "Capitation, capped": ar.Capitation(pmpm=185.0, risk_adjusted=True, risk_score_cap=0.01, scope=["drugs"]),
    }
    for name, benchmark in BENCHMARKS.items():
        arms |= {
            name: savings(benchmark=benchmark),
            f"{name}, gated": [savings(benchmark=benchmark, **TRUNCATED, **GATED), ar.FeeForService(fee_level=1.1)],
        }
    return arms


def test_programmes_agree_that_avoid_and_add_events():
    """Thinned and added events, ramps within and across years, reach, costs, several programmes of one service."""
    study = ar.Study(make_years_panel(), make_eventful_care(), make_arms_with_programmes(), years=4, seed=32)
    results, _ = assert_agree(study, 50, looked_at=10)
    without = results.values("allowed", "Without", year=4)
    assert (results.values("allowed", "Floods", year=4) > without).all()
    assert (results.values("provider_cost", "Too late") < 1e6).all()


@pytest.fixture(scope="module")
def benchmarked():
    arms = make_arms_with_benchmarks()
    return ar.Study(make_years_panel(), make_eventful_care(), arms, base_years=3, years=4, seed=31)


def test_benchmarks_agree_over_four_years_after_three_base_years(benchmarked):
    """Every kind of trend, rebased or not, with noise, risk scores and their caps; payments adjusted and trended."""
    results, _ = assert_agree(benchmarked, 50, looked_at=10)
    for name in BENCHMARKS:
        # Years with savings, with losses, and with neither are among what was compared.
        arm = f"{name}, gated"
        shared = np.array(
            [results.values("payer_spend", arm, year=y) - results.values("paid", arm, year=y) for y in YEARS]
        )
        assert (shared > 1.0).any()
        assert (shared < -1.0).any()
        assert (np.abs(shared) < 1.0).any()


def test_transfers_agree_with_statements(benchmarked):
    """Who pays whom on which account, incurred and moving in which month; statements round each to a cent."""
    programmed = ar.Study(make_years_panel(), make_eventful_care(), make_arms_with_programmes(), years=4, seed=32)
    for study, base_years in ((benchmarked, True), (programmed, False)):
        results = study.run(2, progress=False)
        assert_transfers_agree(study, results, 1, base_years=base_years)


def test_shocks_agree_that_determine_each_other():
    """A correlation of 1 or -1 leaves nothing for a later shock to add."""
    shocks = [ar.Shock("use", 0.1), ar.Shock("prices", 0.1, on="price", permanent=True), ar.Shock("more", 0.05)]
    services = [ar.Service("visits", per_1000=4_000, allowed=90.0)]
    correlation = [[1, 0.5, -0.5], [0.5, 1, -1], [-0.5, -1, 1]]
    care = ar.Utilization(services=services, shocks=shocks, shock_correlation=correlation)
    assert_agree(ar.Study(make_panel(40), care, {"Fees": ar.FeeForService()}, base_years=2, years=3, seed=3), 50)


@pytest.mark.parametrize("trend", ["national", "regional"])
def test_markets_weigh_services_by_the_means_of_their_prices(trend):
    """A shock on some services reaches the market through what they are of its spending."""
    services = [
        ar.Service(f"service {i}", per_1000=300 + 200 * i, allowed=allowed, trend=0.1 * i, price_trend=-0.05 * i)
        for i, allowed in enumerate(SEVERITIES)
    ]
    shock = ar.Shock("news", 0.3, services=["service 0", "service 4"], market_share=0.8, national_share=0.4)
    care = ar.Utilization(services=services, shocks=[shock])
    arms = {"ACO": savings(benchmark=ar.Benchmark(trend=trend), sharing_rate=1.0, loss_rate=1.0)}
    assert_agree(ar.Study(make_panel(10), care, arms, base_years=1, years=2, seed=2), 5, looked_at=0)


def test_the_longest_studies_agree():
    """Ten base years and twenty performance years of members who grow older through the bands."""
    shocks = [ar.Shock("habits", 0.03, permanent=True, market_share=0.5), ar.Shock("weather", 0.05)]
    care = make_eventful_care(services=services_of_many_kinds()[:2], shocks=shocks, shock_correlation=None)
    arms = {"ACO": savings(benchmark=ar.Benchmark(rebase_every=3)), "Fees": ar.FeeForService()}
    panel = make_panel(30, region="north", age=np.arange(30.0) * 3)
    assert_agree(ar.Study(panel, care, arms, base_years=10, years=20, seed=6), 3, looked_at=1)


def test_benchmarks_agree_in_arms_with_programmes():
    """Base years have no programmes; years that become base years have those of the arm."""
    arms = {
        name: ar.Arm([savings(benchmark=benchmark, **TRUNCATED), ar.FeeForService(fee_level=1.1)], [COACHING, OUTREACH])
        for name, benchmark in BENCHMARKS.items()
    }
    study = ar.Study(make_years_panel(), make_eventful_care(), arms, base_years=3, years=4, seed=33)
    assert_agree(study, 12, looked_at=1)


FRAILTIES = [(family, share) for family in ("gamma", "log_normal", "two_point") for share in (0.0, 0.4, 1.0)]


@pytest.mark.parametrize(("family", "share"), FRAILTIES)
def test_frailties_agree_shared_and_own(family, share):
    """Shared and own, with parts that are kept and parts of a year, severity beside them."""
    without = {"non_user_share": 0.1, "never_user_share": 0.2} if share == 0.4 else {}
    frailty = ar.Frailty(cv=0.6, family=family, permanent_share=share, **without)
    services = [
        ar.Service("visits", per_1000=4_000, allowed=ar.Gamma(mean=90, cv=0.6), frailty=frailty),
        ar.Service("tests", per_1000=1_500, allowed=40.0),
    ]
    care = ar.Utilization(
        services=services, frailty=frailty, severity_cv=0.8, severity_correlation=0.6 if share else 0.0
    )
    study = ar.Study(make_rich_panel(100, seed=3), care, {"Fees": ar.FeeForService()}, base_years=2, years=2, seed=5)
    assert_agree(study, 50, looked_at=3)


def test_enrolment_without_years_agrees_before_and_after():
    """Who enters in January was there, who leaves in December stays."""
    study = ar.Study(make_rich_panel(150, seed=6), make_care(), make_arms(), base_years=2, years=3, seed=8)
    assert_agree(study, 50, looked_at=5)
    everyone = study.population.columns
    events = study.claims(0, base_years=True)
    before = everyone["entry_month"][events["member_ix"][events["year"] < 1].unique()]
    assert (before == 1).all()


UNSURE = {
    "own_cost": ar.Gamma(mean=60, cv=0.1),
    "trend": ar.Normal(0.02, 0.01),
    "price_trend": ar.Uniform(-0.01, 0.04),
}


def make_unsure_study(correlation=None, **care):
    """Inputs that are not known, of care, shocks, contracts and programmes."""
    services = [
        ar.Service("visits", per_1000=ar.LogNormal(mean=4_000, cv=0.1), allowed=ar.Gamma(mean=90, cv=0.6), **UNSURE),
        ar.Service(
            "admissions",
            per_1000=ar.Triangular(60, 90, 150),
            allowed=ar.LogNormal(mean=14_000, cv=1.4),
            delivered_by="other_providers",
            coinsurance=ar.Beta(mean=0.1, cv=0.3),
        ),
    ]
    shock = ar.Shock("habits", ar.Uniform(0.01, 0.06), permanent=True, market_share=ar.Beta(alpha=2, beta=2))
    terms = {
        "services": services,
        "frailty_cv": 0.7,
        "severity_cv": ar.Uniform(mean=0.3, cv=0.2),
        "severity_correlation": ar.Uniform(-0.2, 0.6),
        "trend": ar.Normal(mean=0.03, cv=0.5),
        "shocks": [shock],
        "fixed_cost_per_month": ar.Gamma(mean=2_000, cv=0.2),
    }
    programme = ar.Programme(
        "coaching", effect=ar.Uniform(-0.3, 0.3), reach=ar.Uniform(0.4, 0.7), cost_pmpm=ar.Gamma(mean=3, cv=0.3)
    )
    benchmark = ar.Benchmark(noise_cv=ar.Uniform(0.0, 0.03), risk_adjusted=True, risk_score_cap=ar.Uniform(0.0, 0.1))
    arms = {
        "ACO / two-sided": savings(benchmark=benchmark, sharing_rate=ar.Beta(mean=0.5, cv=0.1)),
        "Capitation": ar.Arm(ar.Capitation(pmpm=ar.Normal(170, 10), trend=ar.Uniform(0.0, 0.04)), [programme]),
    }
    panel = make_rich_panel(90, seed=12)
    unsure = ar.Utilization(**terms | care)
    return ar.Study(panel, unsure, arms, base_years=2, years=2, seed=44, parameter_correlation=correlation)


CORRELATION = {
    ("utilization.trend", "visits.trend"): 0.5,
    ("utilization.trend", "Capitation[0].trend"): -0.3,
    ("visits.per_1000", "admissions.per_1000"): 0.7,
}


@pytest.mark.parametrize("correlation", [None, CORRELATION], ids=["independent", "correlated"])
@pytest.mark.parametrize("design", ["plain", "antithetic"])
def test_uncertain_inputs_agree(correlation, design):
    study = make_unsure_study(correlation)
    assert len(study.uncertain_inputs) == 20
    results = study.run(50, first=3, design=design, progress=False)
    values = [oracle.input_values(study.spec, draw, design) for draw in range(3, 53)]
    np.testing.assert_allclose(results.parameters(), values, rtol=1e-9)
    twin = oracle.run(study.spec, oracle_columns(study), range(3, 53), design=design)
    assert_figures_agree(study, results, twin)
    for replicate in range(3, 8):
        assert_events_agree(study, replicate, base_years=True)


def test_terms_that_are_not_known_agree():
    """Terms of each contract, relativities, trends of costs and a frailty of atoms, each drawn in every replicate."""
    between = ar.Uniform
    visits = ar.Service(
        "visits",
        per_1000=4_000,
        allowed=ar.Gamma(mean=100, cv=0.5),
        own_cost=between(10, 20),
        own_cost_trend=between(-0.1, 0.1),
        coinsurance=between(0.1, 0.2),
        frailty=ar.Frailty(
            cv=between(0.2, 0.3),
            family="two_point",
            permanent_share=between(0.3, 0.6),
            non_user_share=between(0.0, 0.2),
            never_user_share=between(0.0, 0.1),
        ),
        relativities={"age": {0: between(0.8, 1.2), 40: between(1, 2)}},
    )
    gates = {"minimum_savings_rate": between(0.0, 0.05), "minimum_loss_rate": between(0.0, 0.05)}
    limits = {"payment_limit_rate": between(0.01, 0.1), "loss_limit_rate": between(0.01, 0.1)}
    arms = {
        "Prospective": savings(benchmark=ar.Benchmark(trend="prospective", trend_rate=between(0, 0.1)), **gates),
        "Capitation": [
            ar.Capitation(
                pmpm=between(20, 40),
                trend=between(0, 0.05),
                risk_adjusted=True,
                normalization=between(0.9, 1.1),
                risk_score_cap=between(0, 0.1),
            ),
            ar.StopLoss(
                attachment_point=between(500, 900),
                ceded_share=between(0.5, 1),
                limit=between(100, 400),
                premium_pmpm=between(1, 2),
            ),
        ],
        "Fixed": [
            ar.FeeForService(fee_level=between(0.8, 1.2)),
            savings(
                benchmark_pmpm=between(30, 60),
                truncation=between(500, 800),
                benchmark_truncated=True,
                **gates,
                **limits,
            ),
        ],
    }
    care = ar.Utilization(services=[visits], fixed_cost_per_month=between(10, 20), fixed_cost_trend=between(-0.1, 0.1))
    study = ar.Study(make_years_panel(80), care, arms, base_years=2, years=3, seed=14)
    assert_agree(study, 50)


def test_inputs_at_their_means_agree():
    study = make_unsure_study()
    results = study.run(20, parameters="mean", progress=False)
    twin = oracle.run(study.spec | {"parameters": None}, oracle_columns(study), range(20))
    assert_figures_agree(study, results, twin)


def test_nested_draws_agree_in_mirrored_pairs():
    study = make_unsure_study(CORRELATION)
    results = study.run(5, draws=10, design="antithetic", progress=False)
    twin = oracle.run(study.spec, oracle_columns(study), range(5), draws=10, design="antithetic")
    assert_figures_agree(study, results, twin)


def test_nested_draws_agree_with_frailties_that_are_not_known():
    """Each draw has luck of its own: what 5 draws of 10 replicates find is not what 50 replicates find."""
    frailty = ar.Frailty(cv=ar.Triangular(0.5, 0.7, 1.1), permanent_share=ar.Beta(mean=0.5, cv=0.3))
    study = make_unsure_study(CORRELATION, frailty_cv=0.0, frailty=frailty)
    results = study.run(10, draws=5, progress=False)
    twin = oracle.run(study.spec, oracle_columns(study), range(10), draws=5)
    assert_figures_agree(study, results, twin)
    assert len(results.parameters()) == 5
    assert len(np.unique(results.values("allowed", "Capitation"))) == 50


def test_the_twin_imports_nothing_but_numpy_and_scipy():
    modules = set()
    files = sorted(Path(oracle.__file__).parent.glob("oracle*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                modules.add(node.module.split(".")[0])
    own = {file.stem for file in files}
    assert modules - set(sys.stdlib_module_names) - own <= {"numpy", "scipy"}
