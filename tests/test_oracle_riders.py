"""The slow twin on every contract: random arms with several payers, in their order, to the month of the cash."""

import collections
import copy

import numpy as np
import pytest

import atrisk as ar
import oracle
from atrisk._spec import snake_case
from oracle_ledger import FROM_CARE, FROM_EARLIER, OVER_YEARS
from oracle_terms import contracts_of
from rider_studies import MEASURES, PAYERS, Arms, make_billed_care, make_lines, make_people, make_study
from twin import assert_agree, assert_figures_agree, assert_transfers_agree, oracle_columns

NUMBERS = range(12)
REPLICATES = 3


@pytest.mark.parametrize("number", NUMBERS)
def test_random_arms_agree(number):
    """Figures of every year, the lowest cash and its month, and every transfer."""
    study = make_study(number, years=3 if number % 4 == 3 else 2)
    results, _ = assert_agree(study, REPLICATES, looked_at=0)
    assert_transfers_agree(study, results, 1, base_years=True, riders=True)


def test_every_contract_is_among_them_with_one_payer_and_with_all():
    found = {True: {}, False: {}}
    for number in NUMBERS:
        drawn = Arms(number, years=3 if number % 4 == 3 else 2)
        for arm in (drawn.arm().to_spec("arm") for _ in range(6)):
            lists = [(True, each["contracts"]) for each in arm["payers"]] + [(False, arm["contracts"])]
            for of_payer, contracts in lists:
                for kind in (kind for contract in contracts for kind in contract):
                    found[of_payer][kind] = found[of_payer].get(kind, 0) + 1
    known = {*FROM_CARE, *FROM_EARLIER, *OVER_YEARS}
    assert set(found[False]) == known
    assert set(found[True]) == known - {"financing"}
    assert min(found[False].values()) >= 2
    assert min(found[True].values()) >= 4


def test_terms_of_each_kind_are_among_them():
    """Interim settlements, what quality makes of them, discounts of corridors, late claims, programmes, lags."""
    found = collections.Counter()
    for number in NUMBERS:
        drawn = Arms(number, years=3 if number % 4 == 3 else 2)
        for arm in (drawn.arm().to_spec("arm") for _ in range(6)):
            for kind, terms in contracts_of(arm):
                (programme,) = terms.get("payment_adjustment") or [None]
                given = {
                    f"by {programme}": programme is not None,
                    "with a lag": float(terms.get("lag_years") or 0) > 0,
                    "interim": float(terms.get("interim_share") or 0) > 0,
                    f"rule {terms.get('quality_rule')}": kind == "shared_savings",
                    "reduced": terms.get("reduced_sharing") is not None,
                    "late claims": (terms.get("basis") or "").startswith("12/") and terms["payment_lag_months"] != "0",
                    f"discount of {kind}": float(terms.get("discount_rate") or 0) > 0,
                    f"measures of {kind}": bool(terms.get("quality_measures")),
                }
                found.update(name for name, is_given in given.items() if is_given)
    rules = ("none", "times_score", "all_or_nothing", "full_or_alternative")
    of_savings = {"interim", "reduced", *(f"rule {rule}" for rule in rules)}
    both = {f"{term} of {kind}" for term in ("discount", "measures") for kind in ("shared_savings", "risk_corridor")}
    assert set(found) == of_savings | both | {"by mips", "by value_based_purchasing", "with a lag", "late claims"}
    assert min(found.values()) >= 4


def test_the_twin_knows_every_contract():
    names = {snake_case(name) for name in ar.contracts.__all__} - {"contract"}
    assert names == {*FROM_CARE, *FROM_EARLIER, *OVER_YEARS}


def test_responses_agree_where_payers_pay_in_different_ways():
    """Retainers, flat fees, capitation and fees, averaged over the payers, against an arm with all of them."""
    retained = [ar.DirectPrimaryCare(retainer_pmpm=60, scope=["visits"]), ar.FeeForService(scope=["tests"])]
    flat = ar.CareManagementFee(pmpm=5, flat_visit_fee=70, visit_scope=["visits", "tests"])
    payers = {
        "Commercial": [*retained, ar.SharedSavings(benchmark_pmpm=300, sharing_rate=0.5, loss_rate=0.3)],
        "Medicaid": ar.Capitation(pmpm=250, carve_outs=["drugs"]),
        "Medicare": [flat],
    }
    response = ar.Response(elasticity=0.4, member_elasticity=-0.2, reference="Fees", cap=1.8)
    copays = {"Commercial": ar.CostSharing(copay={"tests": 10}, coinsurance={"": 0.15})}
    arms = {
        "Fees": ar.FeeForService(),
        "Payers": ar.Arm(payers=payers, response=response),
        "Copays": ar.Arm(payers=payers, response=response, cost_sharing=copays),
    }
    study = ar.Study(make_people(80, seed=5), make_billed_care(cost_sharing=None), arms, years=2, seed=6)
    results, _ = assert_agree(study, 5, looked_at=0)
    assert_transfers_agree(study, results, 1, base_years=False, riders=True)
    assert (results.values("allowed", "Payers") != results.values("allowed", "Copays")).any()


def test_benchmarks_and_risk_scores_of_each_payer_agree():
    """Three base years of each payer's own members, and caps of its own mean risk score."""
    savings = {"sharing_rate": 0.5, "loss_rate": 0.5, "basis": "allowed"}
    benchmark = ar.Benchmark(risk_adjusted=True, risk_score_cap=0.02, rebase_every=2, noise_cv=0.01)
    capped = {"risk_adjusted": True, "normalization": 1.1, "risk_score_cap": 0.01}
    payers = {
        "Commercial": [ar.FeeForService(), ar.SharedSavings(benchmark=benchmark, **savings)],
        "Medicaid": [ar.Capitation(pmpm=200, trend=0.02, **capped), ar.StopLoss(attachment_point=900, premium_pmpm=9)],
        "Medicare": [ar.SharedSavings(benchmark=ar.Benchmark(trend="regional"), truncation=4_000, **savings)],
    }
    common = ar.SharedSavings(benchmark=benchmark, **savings)
    arms = {"Payers": ar.Arm(payers=payers), "All of them": ar.Arm(common, payers=payers)}
    people = make_people(90, seed=8, earliest=-4)
    study = ar.Study(people, make_billed_care(), arms, base_years=3, years=4, seed=9)
    results, _ = assert_agree(study, 10, looked_at=1)
    assert_transfers_agree(study, results, 2, base_years=True, riders=True)


# ---------------------------------------------------------------------------------------------------------
# That it notices
# ---------------------------------------------------------------------------------------------------------

FEES, GLOBAL = ar.FeeForService(), ar.Capitation(pmpm=400)
BANDS = [(0.0, 0.05, 0.5), (0.05, None, 0.8)]
LADDERS = {"checked": ar.MeasureLadder(ladder=[(0.7, 0.1), (0.95, 1)], improvement=0.3), "readmitted": None}
BANDED = ar.DirectPrimaryCare(
    retainer_pmpm=[(0, 65, 40), (65, None, 90)],
    scope=["visits"],
    pass_through=["tests"],
    enrolment_fee=80,
    sponsor_share=0.3,
)
RETURNING = {
    "tiers": [(0, 1, 8), (1, None, 20)],
    "coinsurance": 0.2,
    "prepaid_incentive_pmpm": 4,
    "incentive_earned_share": 0.5,
    "fee_reduction": 0.4,
    "reduced_scope": ["visits"],
    "prospective_pmpm": 6,
    "performance_adjustment": 0.1,
}
LATE = {"attachment_point": 900, "premium_pmpm": 9, "basis": "12/15", "payment_lag_months": 5}
MEASURED = {"losses": BANDS, "target_pmpm": 250, "discount_rate": 0.03, "quality_withhold_rate": 0.02}
REACH = MEASURED | {"quality_score": 0.6}
INTERIM = {
    "benchmark_pmpm": 400,
    "sharing_rate": 0.5,
    "quality_rule": "times_score",
    "quality_score": 0.8,
    "truncation": 900,
    "benchmark_truncated": True,
    "interim_share": 0.6,
    "interim_claims_months": 6,
    "interim_month": 14,
}
MIPS, VALUE = ("payment_adjustment", "mips"), ("payment_adjustment", "value_based_purchasing")
HOSPITALS = ar.PayForPerformance.value_based_purchasing(fiscal_year=2024, slope=2.5)
SCALED = {"scaling_factor": 0.25, "exceptional_scaling_factor": 0.5}
CLINICIANS = ar.PayForPerformance.mips(payment_year=2019, measures={"readmitted": None}, **SCALED)
LOW = ar.PayForPerformance.mips(payment_year=2026, scaling_factor=0.25, measures={"assessed": None})
SLIGHTLY = [
    ([ar.FeeForService(fee_level=0.9)], "fee_level", "0.901"),
    ([ar.Capitation(pmpm=100, cells=[(0, 60, None, 0.8), (60, None, None, 2)])], "cell_normalization", "1.001"),
    ([ar.Capitation(pmpm=100, cells=[(0, 60, None, 0.8), (60, None, None, 2)])], ("cells", 1, "factor"), "2.01"),
    ([ar.Capitation(pmpm=100, retroactive_rate=0.1, retroactive_months=6)], "retroactive_months", "7"),
    ([ar.Capitation(pmpm=100, claims_lag_months=1)], "claims_lag_months", "2"),
    ([ar.Capitation(pmpm=100, carve_outs=["drugs"])], "carve_outs", ["stays"]),
    ([BANDED], "sponsor_share", "0.301"),
    ([BANDED], "pass_through_markup", "0.01"),
    ([BANDED], "enrolment_fee", "80.5"),
    ([BANDED], ("retainer_pmpm", 0, "below"), "55"),
    ([FEES, ar.CareManagementFee(**RETURNING)], "coinsurance", "0.201"),
    ([FEES, ar.CareManagementFee(**RETURNING)], "fee_reduction", "0.401"),
    ([FEES, ar.CareManagementFee(**RETURNING)], "incentive_earned_share", "0.501"),
    ([FEES, ar.CareManagementFee(**RETURNING)], "performance_adjustment", "0.101"),
    ([FEES, ar.CareManagementFee(**RETURNING)], "settle_month", "30"),
    ([ar.CareManagementFee(pmpm=3, flat_visit_fee=50, visit_scope=["visits"])], "flat_visit_fee", "50.1"),
    ([FEES, ar.Withhold(withhold_rate=0.1, target_pmpm=150, returned_share=0.5)], "target_pmpm", "150.1"),
    ([FEES, ar.Withhold(withhold_rate=0.1, returned_share=0.5)], "settle_month", "24"),
    ([FEES, ar.Sequestration(rates=0.02)], ("rates", 0, "gives"), "0.0201"),
    ([GLOBAL, ar.RiskCorridor(losses=BANDS, target_loss_ratio=0.9)], ("losses", 0, "share"), "0.501"),
    ([GLOBAL, ar.RiskCorridor(losses=BANDS, target_loss_ratio=0.9)], "value_own_services_at", "own_cost"),
    ([FEES, ar.RiskCorridor(losses=BANDS, target_pmpm=200, share_of="provider")], "target_pmpm", "200.1"),
    ([GLOBAL, ar.MedicalLossRatioRebate(standard=0.99)], "standard", "0.991"),
    ([GLOBAL, ar.MedicalLossRatioRebate(standard=0.99)], "ratio_decimals", 2),
    ([FEES, ar.RiskPool(budget_pmpm=200, surplus_share=0.5, deficit_share=0.1)], "budget_pmpm", "200.1"),
    ([FEES, ar.RiskPool(budget_pmpm=140, surplus_share=0.5, carry_deficit=True)], "carry_deficit", False),
    ([FEES, ar.PayForPerformance(measures=LADDERS, bonus_pmpm=5)], ("measures", 0, "weight"), "1.01"),
    ([FEES, ar.PayForPerformance(measures=LADDERS, bonus_pmpm=5)], ("measures", 0, "ladder", "improvement"), None),
    ([FEES, ar.PayForPerformance(withhold_rate=0.05)], ("ladder", 1, "gives"), "1.01"),
    ([FEES, ar.PayForPerformance(penalty_rate=0.05)], ("penalty_ladder", 0, "gives"), "0.99"),
    ([FEES, ar.AdvancePayment(pmpm=3, first_month=2, last_month=9)], "last_month", "10"),
    ([FEES, ar.AdvancePayment(amount=900, repay_balance=True)], "repay_balance", False),
    ([FEES, ar.Investment(amount=900, month=5, life_months=30)], "life_months", "31"),
    ([FEES, ar.Investment(amount=900, month=5, life_months=30)], "first_month", "4"),
    ([FEES, ar.AdministrativeCost(hours_per_measure=3, hourly_cost=40)], "measures", "4"),
    ([FEES, ar.AdministrativeCost(per_year=900, trend=0.01)], "trend", "0.011"),
    ([FEES, ar.RepaymentMechanism(form="escrow", amount=90_000)], "amount", "90001"),
    ([FEES, ar.RepaymentMechanism(form="surety_bond", amount=900, yearly_fee_rate=0.1)], "release_month", "25"),
    ([FEES, ar.Financing(credit_rate=0.1, opening_cash=-9_000)], "credit_rate", "0.1001"),
    ([FEES, ar.Financing(credit_rate=0.1, deposit_rate=0.02)], "deposit_rate", "0.0201"),
    ([FEES, ar.SharedSavings(benchmark_pmpm=400, sharing_rate=0.5, discount_rate=0.02)], "discount_rate", "0.0201"),
    ([FEES, ar.SharedSavings(benchmark_pmpm=400, sharing_rate=0.5, distributed_share=0.2)], "distributed_share", "0.3"),
    ([GLOBAL, ar.StopLoss(attachment_point=900, premium_pmpm=9)], "attachment_point", "900.5"),
    ([GLOBAL, ar.StopLoss(**LATE)], "payment_lag_months", "6"),
    ([GLOBAL, ar.StopLoss(**LATE)], "basis", "12/16"),
    ([GLOBAL, ar.StopLoss(**LATE)], "basis", "incurred"),
    ([FEES, ar.SharedSavings(**INTERIM)], "interim_share", "0.601"),
    ([FEES, ar.SharedSavings(**INTERIM)], "interim_claims_months", "7"),
    ([FEES, ar.SharedSavings(**INTERIM)], "interim_month", "15"),
    ([FEES, ar.SharedSavings(**INTERIM)], "truncation", "901"),
    ([FEES, ar.SharedSavings(**INTERIM)], "quality_rule", "none"),
    ([FEES, ar.SharedSavings(**INTERIM | {"quality_rule": "all_or_nothing"})], "quality_rule", "times_score"),
    ([FEES, ar.SharedSavings(**INTERIM | {"quality_rule": "full_or_alternative"})], "quality_rule", "times_score"),
    ([GLOBAL, ar.RiskCorridor(**REACH)], "discount_rate", "0.0301"),
    ([GLOBAL, ar.RiskCorridor(**REACH)], "quality_withhold_rate", "0.0201"),
    ([GLOBAL, ar.RiskCorridor(**REACH)], "quality_score", "0.601"),
    ([FEES, ar.RiskCorridor(**REACH | {"share_of": "provider"})], "quality_score", "0.601"),
    ([GLOBAL, ar.RiskCorridor(**MEASURED, quality_measures=["checked"])], "quality_measures", ["readmitted"]),
    ([FEES, ar.PayForPerformance(withhold_rate=0.05, lag_years=1)], "lag_years", "2"),
    ([FEES, ar.PayForPerformance(measures=LADDERS, bonus_pmpm=5, lag_years=1)], "lag_years", "0"),
    ([FEES, CLINICIANS], (*MIPS, "performance_threshold"), "3.1"),
    ([FEES, CLINICIANS], (*MIPS, "applicable_rate"), "0.0401"),
    ([FEES, CLINICIANS], (*MIPS, "scaling_factor"), "0.251"),
    ([FEES, CLINICIANS], (*MIPS, "exceptional", "scaling_factor"), "0.51"),
    ([FEES, CLINICIANS], (*MIPS, "exceptional", "threshold"), "70.1"),
    ([FEES, CLINICIANS], (*MIPS, "exceptional", "least"), "0.0051"),
    ([FEES, CLINICIANS], (*MIPS, "exceptional"), None),
    ([FEES, CLINICIANS], "lag_years", "1"),
    ([FEES, LOW], (*MIPS, "full_reduction_part"), "1"),
    ([FEES, HOSPITALS], (*VALUE, "withhold_rate"), "0.0201"),
    ([FEES, HOSPITALS], (*VALUE, "slope"), "2.51"),
    ([FEES, HOSPITALS], (*VALUE, "divisor"), "110"),
    ([FEES, HOSPITALS], "lag_years", "0"),
]


def altered(spec, term, value):
    """The specification with one term of the last contract of its only arm changed."""
    changed = copy.deepcopy(spec)
    (node,) = changed["arms"][0]["contracts"][-1].values()
    *way, last = term if isinstance(term, tuple) else (term,)
    for step in way:
        node = node[step]
    assert node[last] != value
    node[last] = value
    return changed


@pytest.mark.parametrize(
    ("contracts", "term", "value"), SLIGHTLY, ids=lambda each: str(each)[:40] if isinstance(each, (str, tuple)) else ""
)
def test_a_term_that_is_a_little_different_is_noticed(contracts, term, value):
    people = make_people(40, seed=2, enrolment=None)
    care = ar.Utilization(services=make_lines(), fixed_cost_per_month=100)
    terms = {"base_years": 2, "years": 2, "measures": MEASURES, "seed": 3}
    study = ar.Study(people, care, {"Arm": contracts}, **terms)
    results, columns = study.run(3, progress=False), oracle_columns(study)
    assert_figures_agree(study, results, oracle.run(study.spec, columns, range(3)))
    assert_transfers_agree(study, results, 1, base_years=True, riders=True)
    other = altered(study.spec, term, value)
    if term in {"settle_month", "release_month", "interim_share", "interim_claims_months", "interim_month"}:
        # Cash that comes later need not be missed in the month of the lowest balance.
        with pytest.raises(AssertionError):
            assert_transfers_agree(study, results, 1, base_years=True, riders=True, spec=other)
        return
    with pytest.raises(AssertionError):
        assert_figures_agree(study, results, oracle.run(other, columns, range(3)))


def test_the_order_of_contracts_and_whom_they_are_with_are_noticed():
    """What stands after a withhold is not seen; a payer's contract looks at its own members."""
    cut, kept = ar.Sequestration(rates=0.1), ar.Withhold(withhold_rate=0.2, returned_share=0.5)
    of_each = {payer: [ar.FeeForService(), cut, kept] for payer in PAYERS}
    arm = ar.Arm(ar.Investment(amount=90, month=1, life_months=3), payers=of_each)
    study = ar.Study(make_people(40, seed=2), make_billed_care(), {"Arm": arm}, years=2, measures=MEASURES, seed=3)
    results, columns = study.run(3, progress=False), oracle_columns(study)
    assert_figures_agree(study, results, oracle.run(study.spec, columns, range(3)))
    turned, elsewhere = copy.deepcopy(study.spec), copy.deepcopy(study.spec)
    turned["arms"][0]["payers"][0]["contracts"].reverse()
    elsewhere["arms"][0]["payers"][1]["payer"], elsewhere["arms"][0]["payers"][0]["payer"] = PAYERS[0], PAYERS[1]
    elsewhere["arms"][0]["payers"][0]["contracts"].pop()
    for other in (turned, elsewhere):
        with pytest.raises(AssertionError):
            assert_figures_agree(study, results, oracle.run(other, columns, range(3)))


def test_terms_that_nobody_knows_are_refused():
    study = make_study(0)
    spec = copy.deepcopy(study.spec)
    spec["arms"][0]["contracts"].append({"lottery": {}})
    with pytest.raises(ValueError, match="unknown contract 'lottery'"):
        oracle.run(spec, oracle_columns(study), [0])
    kinds = {kind for arm in study.spec["arms"] for kind, _ in contracts_of(arm)}
    assert len(kinds) > 8
    assert np.isfinite(study.run(1, progress=False).values("provider_net", "Arm 0")).all()
