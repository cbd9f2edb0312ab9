"""Care-management fee: tiers of risk, incentives that are paid first, fees paid ahead, and visits at a flat fee."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel

VISITS = ar.Service("visits", per_1000=3_000, allowed=110.0, own_cost=70.0, coinsurance=0.2)
TESTS = ar.Service("tests", per_1000=2_000, allowed=40.0, own_cost=15.0)
STAYS = ar.Service("stays", per_1000=100, allowed=9_000.0, delivered_by="other_providers")
FEES = ar.FeeForService()


def run(contract, panel=None, *, base=FEES, replicates=1, collections=None, payers=None, seed=4):
    """The base payment alone and with the fee, on the same years."""
    care = ar.Utilization(services=[VISITS, TESTS, STAYS], collections=collections)
    with_fee = [contract] if base is None else [base, contract]
    home = with_fee if payers is None else ar.Arm(FEES, payers={name: [] for name in payers} | {payers[0]: [contract]})
    arms = {"Bare": FEES, "Home": home}
    study = ar.Study(make_panel(200) if panel is None else panel, care, arms, seed=seed)
    return study.run(replicates, progress=False)


def gained(results, column="provider_net"):
    return results.values(column, "Home") - results.values(column, "Bare")


def ledger_of(results, replicate=0):
    transfers = results.statement("Home", replicate=replicate).ledger()
    return transfers[transfers["contract"] == "Home[1]"]


@pytest.mark.parametrize(
    ("risk", "fee"),
    [(0.0, 9), (0.799999, 9), (0.8, 11), (1.199999, 11), (1.2, 33), (1.200001, 33), (2.999999, 33), (3.0, 0), (9.0, 0)],
)
def test_a_ladder_of_tiers(risk, fee):
    """A risk score either side of each bound; nobody pays for members beyond the last band."""
    contract = ar.CareManagementFee(tiers=[(0, 0.8, 9), (0.8, 1.2, 11), (1.2, 3.0, 33)])
    results = run(contract, make_panel(7, risk_score=risk))
    assert gained(results)[0] == pytest.approx(7 * 12 * fee, abs=1e-6)


def test_worked_example():
    """1,000 members in a tier of 9 and 100 in one of 33; an incentive of 4 of which 60 % is earned."""
    panel = make_panel(1_100, risk_score=np.where(np.arange(1_100) < 1_000, 0.8, 2.5))
    terms = {"tiers": [(0, 1.5, 9), (1.5, None, 33)], "prepaid_incentive_pmpm": 4, "incentive_earned_share": 0.6}
    results = run(ar.CareManagementFee(**terms), panel)
    assert gained(results)[0] == pytest.approx(147_600 + 52_800 - 21_120)
    ledger = ledger_of(results)
    back = ledger[ledger["account"] == "quality_penalty"]
    assert back[["from_party", "to_party", "month_incurred", "month_cash"]].to_numpy().tolist() == [
        ["provider", "payer", 12, 18]
    ]
    assert back["amount"].tolist() == [Decimal("21120.00")]
    months = ledger[ledger["account"] == "care_management_fee"]
    assert months["month_cash"].tolist() == list(range(1, 13))
    assert set(months["amount"]) == {Decimal("12300.00")}


def test_fees_follow_enrolment():
    panel = make_panel(200, entry_month=np.where(np.arange(200) < 50, 7, 1), exit_month=10)
    assert gained(run(ar.CareManagementFee(pmpm=5.25), panel))[0] == pytest.approx(5.25 * (50 * 4 + 150 * 10))


def test_members_pay_their_coinsurance_of_the_fee():
    results = run(ar.CareManagementFee(pmpm=20, coinsurance=0.2))
    assert gained(results, "member_cost_share")[0] == pytest.approx(200 * 12 * 4)
    assert gained(results, "payer_spend")[0] == pytest.approx(200 * 12 * 16)


def visits_of(results):
    """Visits of each replicate, from what members paid of them: 22 dollars each."""
    return np.round(results.values("member_cost_share", "Bare") / 22.0)


def test_reduced_fees_and_what_is_paid_ahead():
    """A quarter of the payer's 88 a visit is taken off; what members pay stays, and tests are not in scope."""
    contract = ar.CareManagementFee(pmpm=0, prospective_pmpm=7.5, fee_reduction=0.25, reduced_scope=["visits"])
    results = run(contract)
    visits = visits_of(results)
    np.testing.assert_allclose(gained(results), 7.5 * 200 * 12 - 0.25 * 88.0 * visits)
    np.testing.assert_allclose(gained(results, "payer_spend"), 7.5 * 200 * 12 - 22.0 * visits)
    np.testing.assert_allclose(gained(results, "member_cost_share"), 0.0, atol=1e-9)
    ledger = ledger_of(results)
    assert set(ledger[ledger["account"] == "capitation"]["amount"]) == {Decimal("1500.00")}


def test_what_is_denied_cannot_be_reduced():
    collections = ar.Collections(denial_rate=0.1, days_to_pay=61)
    contract = ar.CareManagementFee(pmpm=0, fee_reduction=1.0, reduced_scope="visits")
    results = run(contract, collections=collections)
    np.testing.assert_allclose(gained(results), -0.9 * 88.0 * visits_of(results))
    ledger = ledger_of(results)
    assert (ledger["month_cash"] - ledger["month_incurred"] == 2).all()


def test_a_full_reduction_leaves_members_shares_alone():
    """The limit: nothing more can be taken off than the payer pays."""
    contract = ar.CareManagementFee(pmpm=0, fee_reduction=1.0, reduced_scope=["visits", "tests"])
    results = run(contract, replicates=20)
    stays = results.values("payer_spend", "Home")
    np.testing.assert_allclose(stays, np.round(stays / 9_000.0) * 9_000.0, atol=1e-6)
    assert (stays >= 0).all()


def test_a_capitated_service_has_no_fee_to_reduce():
    base = ar.Capitation(pmpm=30, scope=["visits", "tests"])
    contract = ar.CareManagementFee(pmpm=1, fee_reduction=0.5, reduced_scope=["visits"])
    arms = {"Bare": base, "Home": [base, contract]}
    study = ar.Study(make_panel(200), ar.Utilization(services=[VISITS, TESTS, STAYS]), arms, seed=4)
    assert gained(study.run(1, progress=False))[0] == pytest.approx(200 * 12)


def test_a_flat_visit_fee_of_another_contract_is_not_reduced():
    """The payer pays 45 for a visit of 110, so a reduction of the price would take off more than it pays."""
    flat = ar.CareManagementFee(pmpm=0, flat_visit_fee=45, visit_scope=["visits"])
    reduced = ar.CareManagementFee(pmpm=1, fee_reduction=0.5, reduced_scope=["visits"])
    arms = {"Bare": [flat, ar.FeeForService(scope=["tests"])]}
    arms["Home"] = [*arms["Bare"], reduced]
    study = ar.Study(make_panel(200), ar.Utilization(services=[VISITS, TESTS, STAYS]), arms, seed=4)
    assert gained(study.run(1, progress=False))[0] == pytest.approx(200 * 12)


def test_flat_visit_fees():
    """The payer pays 45 for a visit instead of 88, members 22 as before; tests are paid by fee."""
    contract = ar.CareManagementFee(pmpm=28, flat_visit_fee=45, visit_scope=["visits"])
    results = run(contract, base=ar.FeeForService(scope=["tests"]))
    visits = visits_of(results)
    np.testing.assert_allclose(gained(results), 28 * 200 * 12 + (45.0 - 88.0) * visits)
    np.testing.assert_allclose(gained(results, "member_cost_share"), 0.0, atol=1e-9)


def test_visits_are_billed_and_collected():
    collections = ar.Collections(billing_cost=2.5, denial_rate=0.1)
    contract = ar.CareManagementFee(pmpm=0, flat_visit_fee=45, visit_scope=["visits"])
    results = run(contract, base=ar.FeeForService(scope=["tests"]), collections=collections)
    np.testing.assert_allclose(gained(results), 0.9 * (45.0 - 88.0) * visits_of(results))
    np.testing.assert_allclose(gained(results, "provider_cost"), 0.0, atol=1e-9)


@pytest.mark.parametrize(("rate", "part"), [(-1.0, 0.0), (-0.1, 0.9), (0.0, 1.0), (0.5, 1.5)])
def test_performance_adjusts_fees_and_visits(rate, part):
    terms = {"pmpm": 28, "flat_visit_fee": 45, "visit_scope": ["visits"], "prepaid_incentive_pmpm": 2}
    contract = ar.CareManagementFee(**terms, performance_adjustment=rate, settle_month=21)
    results = run(contract, base=ar.FeeForService(scope=["tests"]))
    visits = visits_of(results)
    expected = part * (28 * 200 * 12 + 45.0 * visits) + 2 * 200 * 12 - 88.0 * visits
    np.testing.assert_allclose(gained(results), expected)
    ledger = ledger_of(results)
    late = ledger[ledger["month_cash"] == 21]
    accounts = {-1: ["quality_penalty"], 0: [], 1: ["quality_payment"]}[int(np.sign(rate))]
    assert late["account"].tolist() == accounts


def test_the_means_of_fees_and_visits():
    """Members leave with chance q a month: (1 − q)^(m − 1) of them are there in month m, and visits follow them."""
    q, members = 0.03, 300
    panel = ar.Population.from_frame(make_panel(members).to_pandas(), enrolment=ar.Enrolment(lapse_rate=q))
    months = float(((1 - q) ** np.arange(12)).sum())
    contract = ar.CareManagementFee(pmpm=10, flat_visit_fee=45, visit_scope=["visits"])
    results = run(contract, panel, base=ar.FeeForService(scope=["tests"]), replicates=400)
    expected = members * months * (10 + (45.0 - 88.0) * 3.0 / 12)
    assert within(metrics.mean(gained(results)), expected)


def test_more_is_more():
    def net(**terms):
        return run(ar.CareManagementFee(pmpm=5, prepaid_incentive_pmpm=4, **terms), replicates=10).values(
            "provider_net", "Home"
        )

    earned = [net(incentive_earned_share=share) for share in (0.0, 0.3, 1.0)]
    assert (np.diff(earned, axis=0) > 0).all()
    reduced = [net(fee_reduction=part, reduced_scope=["visits"]) for part in (0.1, 0.4, 1.0)]
    assert (np.diff(reduced, axis=0) < 0).all()


def test_only_its_payers_members_count():
    panel = make_panel(200, payer=np.where(np.arange(200) < 60, "Plan", "Other"))
    terms = {"prepaid_incentive_pmpm": 3, "incentive_earned_share": 0.5, "fee_reduction": 0.5}
    contract = ar.CareManagementFee(pmpm=8, reduced_scope=["visits"], **terms)
    results = run(contract, panel, payers=["Plan", "Other"])
    ledger = results.statement("Home", replicate=0).ledger()
    ledger = ledger[ledger["contract"] == "Home.payers[Plan][0]"]
    sums = ledger.groupby("account")["amount"].sum()
    assert sums["care_management_fee"] == 60 * 12 * 8
    assert (sums["quality_payment"], sums["quality_penalty"]) == (60 * 12 * 3, Decimal("1080.00"))
    claims = run(contract, panel).statement("Home", replicate=0).ledger()
    both = claims[(claims["contract"] == "Home[1]") & (claims["account"] == "claim")]["amount"].sum()
    assert 0 < sums["claim"] < both


def test_only_attributed_members_count():
    """Half of the members are attributed: their visits bring the flat fee, those of the others their price."""
    frame = make_panel(400).to_pandas()
    panel = ar.Population.from_frame(frame, attribution=ar.Attribution(share=0.5))
    contract = ar.CareManagementFee(pmpm=10, flat_visit_fee=45, visit_scope=["visits"])
    results = run(contract, panel, base=ar.FeeForService(scope=["tests"]), replicates=300)
    assert within(metrics.mean(gained(results)), 200 * (12 * 10 + 3.0 * (45.0 - 88.0)))


def test_the_statement_adds_up_to_the_cent():
    terms = {
        "tiers": [(0, 1, 9.37), (1, None, 33.11)],
        "coinsurance": 0.137,
        "prepaid_incentive_pmpm": 2.55,
        "incentive_earned_share": 0.613,
        "prospective_pmpm": 4.01,
        "fee_reduction": 0.333,
        "reduced_scope": ["tests"],
        "flat_visit_fee": 40.82,
        "visit_scope": ["visits"],
        "performance_adjustment": -0.077,
    }
    rng = np.random.default_rng(3)
    panel = make_panel(200, risk_score=rng.gamma(2.0, 0.5, 200), entry_month=rng.integers(1, 13, 200))
    results = run(ar.CareManagementFee(**terms), panel, base=None)
    statement = results.statement("Home", replicate=0)
    lines = statement.to_frame().set_index("line")["value"]
    ledger = statement.ledger()
    own = ledger[ledger["contract"] == "Home[0]"]
    signs = own["to_party"].map({"provider": 1, "payer": -1})
    assert lines["medical_home"] == sum(own["amount"] * signs)
    parts = ["care_management_fees", "prepaid_incentive", "prospective", "visit_fees", "performance_adjustment"]
    taken = ["incentive_returned", "fee_reduction"]
    assert lines["medical_home"] == sum(lines[part] for part in parts) - sum(lines[part] for part in taken)
    assert lines["performance_adjustment"] < 0
    base = lines["care_management_fees"] + lines["visit_fees"]
    assert lines["performance_adjustment"] == (base * Decimal("-0.077")).quantize(Decimal("0.01"))
    settled = results.values("provider_net", "Home")[0] - float(sum(own["amount"] * signs))
    others = ledger[ledger["contract"].isna()]
    net = others["to_party"].eq("provider").astype(int) - others["from_party"].eq("provider").astype(int)
    assert settled == pytest.approx(float(sum(others["amount"] * net)), abs=3.0)  # cents of each posting


def test_each_year_has_its_statement():
    """Base years are not settled; what a performance year's statement says are the transfers of its months."""
    contract = ar.CareManagementFee(
        pmpm=7.31, prepaid_incentive_pmpm=2, incentive_earned_share=0.25, flat_visit_fee=45, visit_scope=["visits"]
    )
    panel = make_panel(120, entry_month=np.where(np.arange(120) < 50, 9, 1))
    utilization = ar.Utilization(services=[VISITS, TESTS, STAYS])
    study = ar.Study(panel, utilization, {"Home": contract}, years=2, base_years=1, seed=8)
    statement = study.run(1, progress=False).statement("Home", replicate=0)
    lines, ledger = statement.to_frame(), statement.ledger()
    own = ledger[ledger["contract"] == "Home[0]"]
    net = own["amount"] * own["to_party"].map({"provider": 1, "payer": -1})
    for year in (1, 2):
        of_year = lines[lines["year"] == year].set_index("line")["value"]
        assert of_year["medical_home"] == sum(net[(own["month_incurred"] - 1) // 12 == year - 1])
        assert of_year["member_months"] == {1: 70 * 12 + 50 * 4, 2: 120 * 12}[year]
    assert own[own["account"] == "quality_penalty"]["month_cash"].tolist() == [18, 30]


def test_a_flat_fee_answers_a_providers_incentive():
    """Net marginal revenue of a visit falls from 110 − 70 to 45 + 22 − 70: by 43 / 110 of the price."""
    contracts = [ar.FeeForService(scope=["tests"])]
    contracts.append(ar.CareManagementFee(pmpm=0, flat_visit_fee=45, visit_scope=["visits"]))
    arm = ar.Arm(contracts, response=ar.Response("Bare", elasticity={"visits": 0.5}, cap=2))
    study = ar.Study(
        make_panel(200), ar.Utilization(services=[VISITS, TESTS, STAYS]), {"Bare": FEES, "Home": arm}, seed=4
    )
    visits = study.run(200, progress=False).values("member_cost_share", "Home") / 22.0
    assert within(metrics.mean(visits), 200 * 3.0 * np.exp(-0.5 * 43 / 110))


def test_every_dollar_has_two_sides():
    """What the fee changes for the provider is what payer and members pay for it."""
    contract = ar.CareManagementFee(
        pmpm=5, coinsurance=0.2, prospective_pmpm=2, fee_reduction=0.5, reduced_scope=["visits"]
    )
    results = run(contract, replicates=30)
    paid = gained(results, "payer_spend") + gained(results, "member_cost_share")
    np.testing.assert_allclose(gained(results), paid)


BAD_TERMS = [
    ({}, "Home[1].pmpm: must be given, or tiers, got neither"),
    ({"pmpm": 5, "tiers": [(0, None, 9)]}, "Home[1].pmpm: must not be given beside tiers, got both"),
    ({"pmpm": -1}, "Home[1].pmpm: must be a finite number of at least 0, got -1"),
    (
        {"tiers": [(0, 1, 9), (1.5, None, 11)]},
        "Home[1].tiers[1].from: must be where the band before ends (1), got 1.5",
    ),
    ({"tiers": [(0, 2, 9), (1, None, 11)]}, "Home[1].tiers[1].from: must be where the band before ends (2), got 1"),
    (
        {"tiers": [(0, None, 9), (1, 2, 9)]},
        "Home[1].tiers[0].below: must be given for every band but the last, got None",
    ),
    ({"tiers": [(1, 1, 9)]}, "Home[1].tiers[0].below: must be above from (1), got 1"),
    ({"pmpm": 5, "coinsurance": 20}, "Home[1].coinsurance: must be between 0 and 1, got 20 (did you mean 0.20?)"),
    (
        {"pmpm": 5, "incentive_earned_share": 60},
        "Home[1].incentive_earned_share: must be between 0 and 1, got 60 (did you mean 0.60?)",
    ),
    (
        {"pmpm": 5, "fee_reduction": 0.4},
        "Home[1].reduced_scope: must name the services whose fees are reduced, got None",
    ),
    (
        {"pmpm": 5, "reduced_scope": ["visits"]},
        "Home[1].fee_reduction: must be above 0 where reduced_scope is given, got 0",
    ),
    (
        {"pmpm": 5, "fee_reduction": 0.4, "reduced_scope": ["stays"]},
        'Home[1].reduced_scope: must name services that the provider delivers, got "stays", delivered by other '
        "providers (the payer pays others at their price without being told)",
    ),
    (
        {"pmpm": 5, "flat_visit_fee": 45},
        "Home[1].visit_scope: must name the services that flat_visit_fee is for, got None",
    ),
    ({"pmpm": 5, "visit_scope": "visits"}, "Home[1].flat_visit_fee: must be given where visit_scope is, got None"),
    (
        {"pmpm": 5, "flat_visit_fee": 45, "visit_scope": "visits", "fee_reduction": 0.4, "reduced_scope": ["visits"]},
        'Home[1].reduced_scope: must not name a service of visit_scope, got "visits"',
    ),
    ({"pmpm": 5, "performance_adjustment": 50}, "Home[1].performance_adjustment: must be between -1 and 1, got 50"),
    (
        {"pmpm": 5, "settle_month": 6},
        "Home[1].settle_month: must be a whole month between 12 and 60, counted from the start of the year, got 6",
    ),
    (
        {"pmpm": 5, "flat_visit_fee": 45, "visit_scope": ["visits"]},
        'Home[1].visit_scope: must not overlap the scope of another base payment, got "visits", '
        "which Home[0] claims too (give each service to one base payment by scope=[...])",
    ),
]


@pytest.mark.parametrize(("terms", "text"), BAD_TERMS)
def test_bad_terms_are_named(terms, text):
    with pytest.raises(ar.InputError) as error:
        run(ar.CareManagementFee(**terms))
    assert str(error.value) == text


def test_cpc_plus():
    contract = ar.CareManagementFee.cpc_plus(2, year=2018, risk_cut_points=[0.5, 0.9, 1.4, 2.2])
    assert contract.tiers == ((0.0, 0.5, 9), (0.5, 0.9, 11), (0.9, 1.4, 19), (1.4, 2.2, 33), (2.2, None, 100))
    assert contract.prepaid_incentive_pmpm == 4.0
    quartiles = ar.CareManagementFee.cpc_plus(1, year=2018, risk_cut_points=[1, 2, 3])
    assert np.mean([fee for _, _, fee in quartiles.tiers]) == 15  # the published mean of track 1
    statement = run(contract).statement("Home", replicate=0)
    assert "confidence: recalled" in str(statement.notes)
    with pytest.raises(ar.InputError, match=r"cpc_plus.year: must be a year of the table: 2017-2021, got 2022"):
        ar.CareManagementFee.cpc_plus(2, year=2022, risk_cut_points=[1, 2, 3, 4])
    with pytest.raises(ar.InputError, match=r"must be the 3 risk scores between the 4 tiers of the track, got 4"):
        ar.CareManagementFee.cpc_plus(1, year=2018, risk_cut_points=[1, 2, 3, 4])
    with pytest.raises(ar.InputError, match="must be given terms of CareManagementFee"):
        ar.CareManagementFee.cpc_plus(1, year=2018, risk_cut_points=[1, 2, 3], fee=4)


def test_primary_care_first():
    contract = ar.CareManagementFee.primary_care_first(3, year=2021, visit_scope=["visits"], performance_adjustment=0.5)
    results = run(contract, base=ar.FeeForService(scope=["tests"]))
    visits = visits_of(results)
    expected = 1.5 * (100 * 200 * 12 + 40.82 * visits) - 88.0 * visits
    np.testing.assert_allclose(gained(results), expected)
    with pytest.raises(ar.InputError, match=r"primary_care_first.year: must be a year of the table: 2021, got 2023"):
        ar.CareManagementFee.primary_care_first(3, year=2023, visit_scope=["visits"])


def test_chronic_care():
    """68 days of 2024 at the first rate, 298 at the second."""
    contract = ar.CareManagementFee.chronic_care({"99490": 0.5, "99439": 0.2}, year=2024, eligible_share=0.4)
    first, second = 0.5 * 61.56 + 0.2 * 47.15, 0.5 * 62.58 + 0.2 * 47.93
    assert contract.pmpm == pytest.approx(0.4 * (68 * first + 298 * second) / 366)
    with pytest.raises(ar.InputError, match="must be by codes of the table: 99490, 99439, 99487, 99489, got '99999'"):
        ar.CareManagementFee.chronic_care({"99999": 0.5}, year=2024)
    with pytest.raises(ar.InputError, match=r"chronic_care.year: must be a year of the table: 2024, got 2025"):
        ar.CareManagementFee.chronic_care({"99490": 0.5}, year=2025)
