"""Bad terms of contracts, benchmarks, arms and payers, refused at build: path, rule, value and hint are pinned."""

import numpy as np
import pytest

import atrisk as ar
from conftest import make_care, make_panel

SERVICES = "the services are admissions, drugs, tests, visits"
PAYERS = "the payers are Medicare, employer"
FEES = ar.FeeForService()


def build(arms, **how):
    """A study of two payers, whose members are called by their names."""
    payer = np.where(np.arange(20) < 12, "Medicare", "employer")
    panel = make_panel(20, payer=payer, member_id=[f"M{row:02}" for row in range(20)])
    return ar.Study(panel, make_care(), arms, seed=1, **how)


def arm(*contracts, **parts):
    return build({"A": ar.Arm(list(contracts), **parts)})


def fees(**terms):
    return arm(ar.FeeForService(**terms))


def capitation(**terms):
    return arm(ar.Capitation(**{"pmpm": 1} | terms))


def beside_fees(**terms):
    return arm(FEES, ar.Capitation(**{"pmpm": 1} | terms))


def savings(base_years=0, **terms):
    known = {} if "benchmark" in terms else {"benchmark_pmpm": 500}
    contract = ar.SharedSavings(**{"basis": "allowed", "sharing_rate": 0.5} | known | terms)
    return build({"A": [FEES, contract]}, base_years=base_years)


def benchmark(base_years=3, **terms):
    return savings(base_years, benchmark=ar.Benchmark(**terms))


def cover(**terms):
    return arm(ar.Capitation(pmpm=1), ar.StopLoss(**{"attachment_point": 100_000, "premium_pmpm": 10} | terms))


def aggregate(**terms):
    return arm(ar.Capitation(pmpm=1), ar.StopLoss(**{"kind": "aggregate", "premium_pmpm": 10} | terms))


def payers(given, *contracts):
    return arm(*contracts, payers=given)


def both(medicare, employer=FEES):
    return payers({"Medicare": medicare, "employer": employer})


FEES_AND_CAPITATION = [
    (lambda: fees(fee_level=95), "A[0].fee_level", "must be between 0 and 10", "95", None),
    (lambda: fees(fee_level=-0.1), "A[0].fee_level", "must be between 0 and 10", "-0.1", None),
    (lambda: fees(fee_level=float("nan")), "A[0].fee_level", "must be between 0 and 10", "nan", None),
    (lambda: fees(fee_level="full"), "A[0].fee_level", "must be a number", '"full"', None),
    (lambda: fees(fee_level=None), "A[0].fee_level", "must be a number", "None", None),
    (lambda: fees(scope=["surgery"]), "A[0].scope", "must name services of the utilization", '"surgery"', SERVICES),
    (lambda: fees(scope=[]), "A[0].scope", "must name at least one service", "none", None),
    (lambda: fees(scope=["tests", "tests"]), "A[0].scope", "must name each service once", '"tests" twice', None),
    (
        lambda: fees(scope=["admissions"]),
        "A[0].scope",
        "must name services that the provider delivers",
        '"admissions", delivered by other providers',
        "the payer pays others at their price without being told",
    ),
    (lambda: capitation(pmpm=-1), "A[0].pmpm", "must be a finite number of at least 0", "-1", None),
    (lambda: capitation(pmpm=None), "A[0].pmpm", "must be a number", "None", None),
    (lambda: capitation(pmpm="much"), "A[0].pmpm", "must be a number", '"much"', None),
    (lambda: capitation(pmpm=2e12), "A[0].pmpm", "must be at most 1e12 in size", "2000000000000.0", None),
    (lambda: capitation(pmpm=float("inf")), "A[0].pmpm", "must be a finite number of at least 0", "inf", None),
    (lambda: capitation(trend=3), "A[0].trend", "must be between -0.9 and 1", "3", None),
    (lambda: capitation(risk_adjusted="yes"), "A[0].risk_adjusted", "must be True or False", '"yes"', None),
    (lambda: capitation(normalization=1), "A[0].normalization", "must not be given without risk_adjusted", "1", None),
    (
        lambda: capitation(risk_adjusted=True, normalization=0),
        "A[0].normalization",
        "must be between 0.01 and 100",
        "0",
        None,
    ),
    (
        lambda: capitation(risk_adjusted=True, risk_score_cap=3),
        "A[0].risk_score_cap",
        "must be between 0 and 1",
        "3",
        "did you mean 0.03?",
    ),
    (lambda: capitation(scope=["drugs", "drugs"]), "A[0].scope", "must name each service once", '"drugs" twice', None),
    (
        lambda: beside_fees(scope=["surgery"]),
        "A[1].scope",
        "must name services of the utilization",
        '"surgery"',
        SERVICES,
    ),
    (
        beside_fees,
        "A[1].scope",
        "must not overlap the scope of another base payment",
        '"tests", which A[0] claims too',
        "give each service to one base payment by scope=[...]",
    ),
]

SHARED_SAVINGS = [
    (lambda: savings(sharing_rate=50), "A[1].sharing_rate", "must be between 0 and 1", "50", "did you mean 0.50?"),
    (lambda: savings(sharing_rate=float("nan")), "A[1].sharing_rate", "must be between 0 and 1", "nan", None),
    (lambda: savings(loss_rate=-0.1), "A[1].loss_rate", "must be between 0 and 1", "-0.1", None),
    (
        lambda: savings(minimum_savings_rate=2),
        "A[1].minimum_savings_rate",
        "must be between 0 and 1",
        "2",
        "did you mean 0.02?",
    ),
    (lambda: savings(minimum_loss_rate=101), "A[1].minimum_loss_rate", "must be between 0 and 1", "101", None),
    (
        lambda: savings(payment_limit_rate=10),
        "A[1].payment_limit_rate",
        "must be between 0 and 1",
        "10",
        "did you mean 0.10?",
    ),
    (lambda: savings(loss_limit_rate=-0.1), "A[1].loss_limit_rate", "must be between 0 and 1", "-0.1", None),
    (lambda: savings(quality_score=80), "A[1].quality_score", "must be between 0 and 1", "80", "did you mean 0.80?"),
    (
        lambda: savings(sequestration_rate=2),
        "A[1].sequestration_rate",
        "must be between 0 and 1",
        "2",
        "did you mean 0.02?",
    ),
    (
        lambda: savings(loss_rate_by_quality=(0.75, 0.4)),
        "A[1].loss_rate_by_quality",
        "must be (least, most), the least not above the most",
        "(0.75, 0.4)",
        None,
    ),
    (lambda: savings(loss_rate_by_quality=0.4), "loss_rate_by_quality", "must be two numbers", "0.4", None),
    (
        lambda: savings(reduced_sharing=(0.5, -1)),
        "A[1].reduced_sharing[1]",
        "must be a finite number of at least 0",
        "-1",
        None,
    ),
    (
        lambda: savings(loss_limit_revenue_rate=8),
        "A[1].loss_limit_revenue_rate",
        "must be between 0 and 1",
        "8",
        "did you mean 0.08?",
    ),
    (lambda: savings(basis="billed"), "A[1].basis", 'must be "allowed" or "paid"', '"billed"', None),
    (lambda: savings(basis=1), "A[1].basis", 'must be "allowed" or "paid"', '"1"', None),
    (lambda: savings(benchmark_pmpm=0), "A[1].benchmark_pmpm", "must be a finite number above 0", "0", None),
    (
        lambda: savings(benchmark_pmpm=None),
        "A[1].benchmark_pmpm",
        "must be given, or benchmark=Benchmark(...)",
        "neither",
        None,
    ),
    (
        lambda: savings(truncation=100_000),
        "A[1].benchmark_truncated",
        "must be True when spending is truncated",
        "False",
        "truncated spending against a benchmark that was not shows savings that are not there; "
        "compute benchmark_pmpm from truncated spending and say benchmark_truncated=True",
    ),
    (
        lambda: savings(truncation=0, benchmark_truncated=True),
        "A[1].truncation",
        "must be a finite number above 0",
        "0",
        None,
    ),
    (
        lambda: savings(benchmark_truncated=True),
        "A[1].truncation",
        "must be given when benchmark_truncated is True",
        "None",
        "spending that is not truncated against a benchmark that was shows losses that are not there",
    ),
    (lambda: savings(benchmark_truncated="no"), "A[1].benchmark_truncated", "must be True or False", '"no"', None),
    (
        lambda: savings(settle_month=6),
        "A[1].settle_month",
        "must be a whole month between 12 and 60, counted from the start of the year",
        "6",
        None,
    ),
    (
        lambda: savings(settle_month=61),
        "A[1].settle_month",
        "must be a whole month between 12 and 60, counted from the start of the year",
        "61",
        None,
    ),
    (
        lambda: savings(settle_month=14.5),
        "A[1].settle_month",
        "must be a whole month between 12 and 60, counted from the start of the year",
        "14.5",
        None,
    ),
]

BENCHMARKS = [
    (
        lambda: savings(3, benchmark=ar.Benchmark(), benchmark_pmpm=500),
        "A[1].benchmark_pmpm",
        "must not be given beside benchmark=Benchmark(...)",
        "both",
        None,
    ),
    (lambda: savings(benchmark=500), "benchmark", "must be a Benchmark", "500", "a fixed one is benchmark_pmpm="),
    (
        lambda: benchmark(0),
        "A[1].benchmark",
        "must have base years to be computed from",
        "base_years=0",
        "Study(..., base_years=3), or benchmark_pmpm= for one that is known",
    ),
    (
        lambda: benchmark(weights=[0.5, 0.5]),
        "A[1].benchmark.weights",
        "must have one weight for each base year (3), the earliest first",
        "2 weights",
        None,
    ),
    (lambda: benchmark(weights=[0.5, 0.25, 0.125]), "A[1].benchmark.weights", "must sum to 1", "0.875", None),
    (
        lambda: benchmark(weights=[10, 30, 60]),
        "A[1].benchmark.weights[0]",
        "must be between 0 and 1",
        "10",
        "did you mean 0.10?",
    ),
    (
        lambda: benchmark(trend="local"),
        "A[1].benchmark.trend",
        "must be one of national, regional, prospective",
        '"local"',
        None,
    ),
    (
        lambda: benchmark(trend="prospective"),
        "A[1].benchmark.trend_rate",
        "must be given for a prospective trend",
        "None",
        None,
    ),
    (
        lambda: benchmark(trend_rate=0.03),
        "A[1].benchmark.trend_rate",
        "must not be given for a trend that is read off a reference population",
        "0.03",
        None,
    ),
    (
        lambda: benchmark(trend="prospective", trend_rate=3),
        "A[1].benchmark.trend_rate",
        "must be between -0.9 and 1",
        "3",
        None,
    ),
    (lambda: benchmark(noise_cv=2), "A[1].benchmark.noise_cv", "must be between 0 and 1", "2", None),
    (lambda: benchmark(noise_cv=-0.1), "A[1].benchmark.noise_cv", "must be between 0 and 1", "-0.1", None),
    (lambda: benchmark(rebase_every=0), "A[1].benchmark.rebase_every", "must be a whole number of years", "0", None),
    (
        lambda: benchmark(rebase_every=1.5),
        "A[1].benchmark.rebase_every",
        "must be a whole number of years",
        "1.5",
        None,
    ),
    (
        lambda: benchmark(risk_score_cap=0.03),
        "A[1].benchmark.risk_score_cap",
        "must not be given without risk_adjusted",
        "0.03",
        None,
    ),
    (
        lambda: benchmark(risk_score_cap=3, risk_adjusted=True),
        "A[1].benchmark.risk_score_cap",
        "must be between 0 and 1",
        "3",
        "did you mean 0.03?",
    ),
    (
        lambda: savings(3, benchmark=ar.Benchmark(), truncation=-1),
        "A[1].truncation",
        "must be a finite number above 0",
        "-1",
        None,
    ),
    (
        lambda: savings(3, benchmark=ar.Benchmark(), benchmark_truncated=True),
        "A[1].truncation",
        "must be given when benchmark_truncated is True",
        "None",
        "spending that is not truncated against a benchmark that was shows losses that are not there",
    ),
]

STOP_LOSS = [
    (lambda: cover(attachment_point=-1), "A[1].attachment_point", "must be a finite number of at least 0", "-1", None),
    (lambda: cover(attachment_point=None), "A[1].attachment_point", "must be a number", "None", None),
    (lambda: cover(attachment_point="high"), "A[1].attachment_point", "must be a number", '"high"', None),
    (
        lambda: cover(attachment_point=float("nan")),
        "A[1].attachment_point",
        "must be a finite number of at least 0",
        "nan",
        None,
    ),
    (lambda: cover(ceded_share=90), "A[1].ceded_share", "must be between 0 and 1", "90", "did you mean 0.90?"),
    (lambda: cover(limit=-1), "A[1].limit", "must be a finite number of at least 0", "-1", None),
    (lambda: cover(premium_pmpm=-1), "A[1].premium_pmpm", "must be a finite number of at least 0", "-1", None),
    (lambda: cover(premium_pmpm="ten"), "A[1].premium_pmpm", "must be a number", '"ten"', None),
    (
        lambda: cover(premium_pmpm=None),
        "A[1].premium_pmpm",
        "must be given, or loading instead of it",
        "neither",
        "a loading prices the cover at its expected recovery × (1 + loading)",
    ),
    (
        lambda: cover(loading=0.2),
        "A[1].premium_pmpm",
        "must be given, or loading instead of it",
        "both",
        "a loading prices the cover at its expected recovery × (1 + loading)",
    ),
    (
        lambda: cover(premium_pmpm=None, loading=-0.1),
        "A[1].loading",
        "must be a finite number of at least 0",
        "-0.1",
        None,
    ),
    (lambda: cover(scope=["surgery"]), "A[1].scope", "must name services of the utilization", '"surgery"', SERVICES),
    (
        lambda: cover(settle_month=11),
        "A[1].settle_month",
        "must be a whole month between 12 and 60, counted from the start of the year",
        "11",
        None,
    ),
    (lambda: cover(kind="both"), "A[1].kind", "must be one of specific or aggregate", '"both"', None),
    (
        lambda: cover(attachment_rate=1.2),
        "A[1].attachment_rate",
        "must not be given for a specific cover",
        "a rate",
        None,
    ),
    (
        lambda: cover(expected_pmpm=400),
        "A[1].expected_pmpm",
        "must not be given without attachment_rate",
        "a number",
        None,
    ),
    (
        lambda: cover(lasers={"M77": 200_000}),
        "A[1].lasers",
        "must name members of the population",
        "'M77'",
        "the members are M00, M01, M02, ...",
    ),
    (
        lambda: cover(lasers={"M03": 50_000}),
        "A[1].lasers[M03]",
        "must be at least attachment_point (100000)",
        "50000",
        None,
    ),
    (lambda: cover(lasers={"M03": "high"}), "A[1].lasers[0].attachment_point", "must be a number", '"high"', None),
    (lambda: cover(lasers={"M03": 2e5, " M03": 3e5}), "lasers", "must name each member once", "'M03' twice", None),
    (
        lambda: cover(lasers=["M03"]),
        "lasers",
        "must map member_id to an attachment point",
        "a list",
        'for example {"M017": 500_000}',
    ),
    (
        lambda: cover(lasers={"M03": ar.Normal(2e5, 1)}),
        "lasers[M03]",
        "must be known: a number and no distribution",
        "Normal(mean=200000.0, sd=1)",
        None,
    ),
    (
        lambda: cover(basis="15/12"),
        "A[1].basis",
        'must be "incurred" or "12/12" to "12/60"',
        '"15/12"',
        "incurred in 12 months and paid within so many of their start",
    ),
    (
        lambda: cover(basis="12/61"),
        "A[1].basis",
        'must be "incurred" or "12/12" to "12/60"',
        '"12/61"',
        "incurred in 12 months and paid within so many of their start",
    ),
    (
        lambda: cover(basis="paid"),
        "A[1].basis",
        'must be "incurred" or "12/12" to "12/60"',
        '"paid"',
        "incurred in 12 months and paid within so many of their start",
    ),
    (
        lambda: cover(basis="12/15", payment_lag_months=15),
        "A[1].payment_lag_months",
        "must be a whole number of months, at least 0 and below 15",
        "15",
        None,
    ),
    (
        lambda: cover(payment_lag_months=1.5),
        "A[1].payment_lag_months",
        "must be a whole number of months, at least 0 and below 60",
        "1.5",
        None,
    ),
    (
        lambda: cover(payment_lag_months=-1),
        "A[1].payment_lag_months",
        "must be a whole number of months, at least 0 and below 60",
        "-1",
        None,
    ),
    (
        lambda: cover(value_own_services_at=60),
        "A[1].value_own_services_at",
        "must be between 0 and 1",
        "60",
        "did you mean 0.60?",
    ),
    (aggregate, "A[1].attachment_point", "must be given, or attachment_rate", "neither", None),
    (
        lambda: aggregate(attachment_point=1e6, attachment_rate=1.2),
        "A[1].attachment_rate",
        "must not be given beside attachment_point",
        "both",
        None,
    ),
    (
        lambda: aggregate(attachment_rate=120, expected_pmpm=400),
        "A[1].attachment_rate",
        "must be between 0 and 10",
        "120",
        None,
    ),
    (
        lambda: aggregate(attachment_rate=1.2),
        "A[1].expected_pmpm",
        "must be given beside attachment_rate",
        "None",
        None,
    ),
    (
        lambda: aggregate(attachment_rate=1.2, expected_pmpm=-1),
        "A[1].expected_pmpm",
        "must be a finite number of at least 0",
        "-1",
        None,
    ),
    (
        lambda: aggregate(attachment_point=1e6, lasers={"M03": 2e6}),
        "A[1].lasers",
        "must be given for a specific cover alone",
        "an aggregate one",
        None,
    ),
    (
        lambda: arm(
            ar.Capitation(pmpm=1),
            ar.StopLoss(attachment_point=1, premium_pmpm=1, basis="12/12", payment_lag_months=3),
            cost_sharing=ar.CostSharing(deductible=500),
        ),
        "A[1].basis",
        "must leave no claim out where members pay in the order of their claims",
        '"12/12"',
        'basis="incurred" leaves none out, nor does a shorter lag',
    ),
]

ARMS_AND_PAYERS = [
    (lambda: build({}), "arms", "must have at least one arm", "none", None),
    (lambda: build({"A": []}), "A", "must have at least one contract", "none", None),
    (lambda: build({" ": FEES}), "arms", "must have names", '""', None),
    (
        lambda: build([("A", FEES), ("A", ar.Capitation(pmpm=1))]),
        "arms",
        "must have names of their own",
        '"A" twice',
        None,
    ),
    (
        lambda: build(FEES),
        "arms",
        "must name their arrangements",
        "a FeeForService",
        'for example {"Fee-for-service": ar.FeeForService()}',
    ),
    (lambda: build({"A": [FEES, 3]}), "A[1]", "must be a contract", "a int", None),
    (lambda: build({"A": 3}), "A", "must be a contract or a list of contracts", "a int", None),
    (lambda: build({"A": "fees"}), "A", "must be a contract or a list of contracts", "a str", None),
    (
        lambda: payers(["Medicare"]),
        "A.payers",
        "must map payers to contracts",
        "a list",
        'for example {"Medicare": [ar.FeeForService()], "Commercial": ar.Capitation(pmpm=400)}',
    ),
    (
        lambda: payers({"Medicare": FEES}),
        "A.payers",
        "must say what holds for every payer; [] leaves one without a contract",
        'nothing for "employer"',
        PAYERS,
    ),
    (
        lambda: payers({"Medicare": FEES, "employer": FEES, "Medicaid": FEES}),
        "A.payers",
        "must name payers of the population",
        '"Medicaid"',
        PAYERS,
    ),
    (
        lambda: payers({"Medicare": FEES, "employer": FEES}, FEES),
        "A[0].scope",
        "must not overlap the scope of another base payment",
        '"tests", which A.payers[Medicare][0] claims too',
        "give each service to one base payment by scope=[...]",
    ),
    (lambda: payers({"Medicare": [], "employer": []}), "A", "must have at least one contract", "none", None),
    (lambda: both(3), "A.payers[Medicare]", "must be a contract or a list of contracts", "a int", None),
    (lambda: both([FEES, "cap"]), "A.payers[Medicare][1]", "must be a contract", "a str", None),
    (
        lambda: both(ar.Capitation(pmpm=-1)),
        "A.payers[Medicare][0].pmpm",
        "must be a finite number of at least 0",
        "-1",
        None,
    ),
    (
        lambda: both([FEES, ar.Capitation(pmpm=1)]),
        "A.payers[Medicare][1].scope",
        "must not overlap the scope of another base payment",
        '"tests", which A.payers[Medicare][0] claims too',
        "give each service to one base payment by scope=[...]",
    ),
    (
        lambda: both([ar.Capitation(pmpm=1), ar.StopLoss(attachment_point=9, premium_pmpm=1, lasers={"M15": 10})]),
        "A.payers[Medicare][1].lasers",
        "must name members of Medicare",
        "'M15'",
        "the members are M00, M01, M02, ...",
    ),
    (
        lambda: both([FEES, ar.SharedSavings(benchmark_pmpm=500, basis="allowed", sharing_rate=50)]),
        "A.payers[Medicare][1].sharing_rate",
        "must be between 0 and 1",
        "50",
        "did you mean 0.50?",
    ),
    (
        lambda: both(FEES, ar.FeeForService(scope=["surgery"])),
        "A.payers[employer][0].scope",
        "must name services of the utilization",
        '"surgery"',
        SERVICES,
    ),
]


ALL = [*FEES_AND_CAPITATION, *SHARED_SAVINGS, *BENCHMARKS, *STOP_LOSS, *ARMS_AND_PAYERS]


@pytest.mark.parametrize(("work", "path", "rule", "value", "hint"), ALL, ids=[f"{row[1]} {row[3]}" for row in ALL])
def test_a_bad_term_is_refused_when_the_study_is_built(work, path, rule, value, hint):
    with pytest.raises(ar.InputError) as caught:
        work()
    error = caught.value
    assert (error.path, error.rule, error.value, error.hint) == (path, rule, value, hint)
    got, meant = "" if value is None else f", got {value}", "" if hint is None else f" ({hint})"
    assert str(error) == f"{path}: {rule}{got}{meant}"


def test_rows_are_of_many_rules():
    assert len({row[1:4] for row in ALL}) >= 110
