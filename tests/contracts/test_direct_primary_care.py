"""Direct primary care: retainers by age, who enters, and care for which there is no claim."""

import math
from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel

VISITS = ar.Service("visits", per_1000=4_000, allowed=120.0, own_cost=50.0, coinsurance=0.25)
LABS = ar.Service("labs", per_1000=2_000, allowed=60.0, own_cost=12.0, coinsurance=0.25)
STAYS = ar.Service("stays", per_1000=100, allowed=9_000.0, delivered_by="other_providers", coinsurance=0.1)
SERVICES = [VISITS, LABS, STAYS]


def run(contract, panel=None, *, replicates=1, years=1, seed=6, **care):
    """Fees and direct primary care, on the same years."""
    arms = {"Fees": ar.FeeForService(), "DPC": contract}
    utilization = ar.Utilization(services=care.pop("services", SERVICES), **care)
    study = ar.Study(make_panel(100) if panel is None else panel, utilization, arms, years=years, seed=seed)
    return study.run(replicates, progress=False)


def accounts_of(results, replicate=0):
    """Dollars of each account of the contract, as its statement has them."""
    ledger = results.statement("DPC", replicate=replicate).ledger()
    return ledger[ledger["contract"].notna()].groupby(["account", "from_party"])["amount"].sum().to_dict()


def visits_of(results):
    """Events of each replicate: what giving care of fixed cost came to, visits 50 and labs 12 dollars each."""
    return results.values("provider_cost", "DPC")


@pytest.mark.parametrize(
    ("age", "dollars"), [(0, 30), (17, 30), (18, 75), (64, 75), (65, 110), (89, 110), (90, 0), (100, 0)]
)
def test_a_ladder_of_ages(age, dollars):
    """A year of age either side of each bound."""
    bands = [(0, 18, 30), (18, 65, 75), (65, 90, 110)]
    panel = make_panel(3, age=float(age))
    accounts = accounts_of(run(ar.DirectPrimaryCare(retainer_pmpm=bands, scope=["visits"]), panel))
    assert accounts.get(("retainer", "member"), 0) == 3 * 12 * dollars


def test_worked_example():
    panel = make_panel(350, age=np.where(np.arange(350) < 300, 40.0, 10.0))
    contract = ar.DirectPrimaryCare(retainer_pmpm=[(0, 18, 30), (18, None, 75)], scope=["visits"])
    assert accounts_of(run(contract, panel)) == {("retainer", "member"): 288_000}


def test_care_in_scope_makes_no_claim():
    """No allowed amount, no cost share, no bill; the practice bears what 100 members' visits and labs cost it."""
    contract = ar.DirectPrimaryCare(retainer_pmpm=80, scope=["visits", "labs"])
    collections = ar.Collections(billing_cost=5.0)
    results = run(contract, collections=collections, replicates=20)
    stays = results.values("allowed", "DPC") / 9_000.0
    np.testing.assert_allclose(stays, np.round(stays), atol=1e-9)
    np.testing.assert_allclose(results.values("payer_spend", "DPC"), stays * 8_100.0)
    np.testing.assert_allclose(results.values("member_cost_share", "DPC"), 80 * 100 * 12 + stays * 900.0)
    np.testing.assert_allclose(results.values("provider_revenue", "DPC"), 80 * 100 * 12)
    bills = results.values("provider_cost", "Fees") - results.values("provider_cost", "DPC")
    np.testing.assert_allclose(bills, 5.0 * np.round(bills / 5.0), atol=1e-6)
    assert (bills > 0).all()


def test_nothing_in_scope_counts_toward_a_deductible():
    """Members pay for stays what they would pay if the practice's care were not there."""
    sharing = ar.CostSharing(deductible=1_000, copay=30, out_of_pocket_maximum=4_000)
    contract = ar.DirectPrimaryCare(retainer_pmpm=0, scope=["visits", "labs"])
    with_care = run(contract, cost_sharing=sharing, replicates=10)
    alone = run(ar.FeeForService(), services=[STAYS], cost_sharing=sharing, replicates=10)
    shares = [with_care.values("member_cost_share", "DPC"), alone.values("member_cost_share", "DPC")]
    np.testing.assert_allclose(*shares)
    assert shares[0].sum() > 0


def test_what_is_passed_through_costs_its_cost():
    contract = ar.DirectPrimaryCare(retainer_pmpm=0, scope=["visits"], pass_through=["labs"], pass_through_markup=0.1)
    services = [VISITS, LABS]
    results = run(contract, services=services, replicates=5)
    bare = run(ar.DirectPrimaryCare(retainer_pmpm=0, scope=["visits", "labs"]), services=services, replicates=5)
    revenue = results.values("provider_revenue", "DPC")
    labs = revenue / (1.1 * 12.0)
    np.testing.assert_allclose(labs, np.round(labs), atol=1e-9)
    assert (labs > 100).all()
    np.testing.assert_allclose(results.values("member_cost_share", "DPC"), revenue)
    np.testing.assert_allclose(results.values("provider_cost", "DPC"), bare.values("provider_cost", "DPC"))
    assert (bare.values("provider_revenue", "DPC") == 0).all()


def test_a_sponsor_pays_its_part():
    contract = ar.DirectPrimaryCare(retainer_pmpm=79.99, sponsor_share=0.333, enrolment_fee=50, scope=["visits"])
    panel = make_panel(100, entry_month=np.where(np.arange(100) < 30, 4, 1))
    accounts = accounts_of(run(contract, panel))
    total = Decimal("79.99") * (30 * 9 + 70 * 12)
    assert accounts["retainer", "member"] + accounts["retainer", "payer"] == total
    assert float(accounts["retainer", "payer"]) == pytest.approx(0.333 * float(total), abs=0.06)
    assert accounts["enrolment_fee", "member"] == 1_500


def test_who_enters_pays_the_enrolment_fee_once():
    """A ramp of 25 members a month from the practice's first month on, one of whom leaves after June."""
    months = 1 + np.arange(300) // 25
    leaves = np.where(np.arange(300) == 0, 6, 12)
    panel = make_panel(300, entry_month=months, entry_year=1, exit_month=leaves, exit_year=np.where(leaves == 6, 1, 2))
    contract = ar.DirectPrimaryCare(retainer_pmpm=60, enrolment_fee=99, scope=["visits"])
    results = run(contract, panel, years=2)
    ledger = results.statement("DPC", replicate=0).ledger()
    fees = ledger[ledger["account"] == "enrolment_fee"]
    assert fees["month_incurred"].tolist() == list(range(1, 13))
    assert set(fees["amount"]) == {Decimal(25 * 99)}
    retainers = ledger[ledger["account"] == "retainer"].set_index("month_incurred")["amount"]
    assert [int(retainers[month] / 60) for month in (1, 2, 6, 7, 12, 13, 24)] == [25, 50, 150, 174, 299, 299, 299]


def test_who_was_there_before_pays_no_enrolment_fee():
    contract = ar.DirectPrimaryCare(retainer_pmpm=60, enrolment_fee=99, scope=["visits"])
    assert accounts_of(run(contract)) == {("retainer", "member"): 60 * 100 * 12}
    joined = make_panel(100).with_joiners(0.5, years=3)
    accounts = accounts_of(run(contract, joined, years=3))
    assert accounts["enrolment_fee", "member"] == 2 * 50 * 99


def test_the_mean_of_a_panel_that_is_left():
    """Chance q a month to leave: (1 − q)^(m − 1) pay in month m; the practice bears 4 visits a year of who is there."""
    q, members = 0.04, 200
    panel = ar.Population.from_frame(make_panel(members).to_pandas(), enrolment=ar.Enrolment(lapse_rate=q))
    results = run(ar.DirectPrimaryCare(retainer_pmpm=75, scope=["visits"]), panel, services=[VISITS], replicates=400)
    months = members * float(((1 - q) ** np.arange(12)).sum())
    assert within(metrics.mean(results.values("provider_revenue", "DPC")), 75 * months)
    assert within(metrics.mean(results.values("provider_net", "DPC")), months * (75 - 50 * 4 / 12))


def test_entrants_who_leave_still_pay_once():
    """Nearly all leave within the two years, by chance; every one of them entered in March of the first."""
    frame = make_panel(200, entry_month=3).to_pandas()
    panel = ar.Population.from_frame(frame, enrolment=ar.Enrolment(lapse_rate=0.3))
    contract = ar.DirectPrimaryCare(retainer_pmpm=1, enrolment_fee=10, scope=["visits"])
    results = run(contract, panel, years=2, replicates=3)
    for replicate in range(3):
        accounts = accounts_of(results, replicate)
        assert accounts["enrolment_fee", "member"] == 2_000
        assert 200 < accounts["retainer", "member"] < 200 * 22


def test_only_its_payers_members_pay():
    panel = make_panel(100, payer=np.where(np.arange(100) < 40, "Own", "Plan"), entry_month=2)
    contract = ar.DirectPrimaryCare(retainer_pmpm=50, enrolment_fee=20, scope=["visits", "labs"])
    arm = ar.Arm(payers={"Own": contract, "Plan": ar.FeeForService()})
    results = run(arm, panel)
    ledger = results.statement("DPC", replicate=0).ledger()
    own = ledger[ledger["contract"] == "DPC.payers[Own][0]"].groupby("account")["amount"].sum().to_dict()
    assert own == {"retainer": 40 * 11 * 50, "enrolment_fee": 40 * 20}
    share = results.values("allowed", "DPC")[0] / results.values("allowed", "Fees")[0]
    assert 0.5 < share < 1.0  # care of Own in the practice is not allowed, that of Plan is
    assert (ledger[ledger["contract"] == "DPC.payers[Plan][0]"]["account"] == "claim").all()


def test_free_visits_are_asked_for_more():
    """A member's price falls from a quarter to nothing: its midpoint change is −2, the volume factor e^(2 × 0.2)."""
    contract = ar.DirectPrimaryCare(retainer_pmpm=0, scope=["visits"])
    arm = ar.Arm(contract, response=ar.Response(reference="Fees", member_elasticity=-0.2, cap=5))
    results = run(arm, make_panel(400), services=[VISITS], replicates=100)
    visits = results.values("provider_cost", "DPC") / 50.0
    assert within(metrics.mean(visits), 400 * 4.0 * math.exp(0.4))


def test_the_statement_adds_up_to_the_cent():
    rng = np.random.default_rng(2)
    panel = make_panel(150, age=rng.uniform(0, 90, 150), entry_month=rng.integers(1, 13, 150))
    contract = ar.DirectPrimaryCare(
        retainer_pmpm=[(0, 20, 31.37), (20, None, 74.93)],
        enrolment_fee=49.99,
        sponsor_share=0.411,
        scope=["visits"],
        pass_through=["labs"],
        pass_through_markup=0.055,
    )
    results = run(contract, panel)
    statement = results.statement("DPC", replicate=0)
    lines, ledger = statement.to_frame().set_index("line")["value"], statement.ledger()
    own = ledger[ledger["contract"] == "DPC[0]"]
    assert (own["to_party"] == "provider").all()
    assert lines["received"] == own["amount"].sum()
    assert lines["received"] == lines["retainers"] + lines["enrolment_fees"] + lines["passed_through"]
    age, months = panel.columns["age"], 13 - panel.columns["entry_month"]
    young = int(months[np.floor(age) < 20].sum())
    assert lines["retainers"] == Decimal("31.37") * young + Decimal("74.93") * (int(months.sum()) - young)
    assert lines["enrolment_fees"] == Decimal("49.99") * int((panel.columns["entry_month"] > 1).sum())
    net = results.values("provider_revenue", "DPC")[0]
    assert net == pytest.approx(float(lines["received"]), abs=0.2)  # cents of each posting


def test_more_is_more():
    def net(**terms):
        terms = {"retainer_pmpm": 50, "scope": ["visits"]} | terms
        return run(ar.DirectPrimaryCare(**terms), replicates=10).values("provider_net", "DPC")

    assert (np.diff([net(retainer_pmpm=fee) for fee in (0, 49.99, 50.0, 75)], axis=0) > 0).all()
    marked_up = [net(pass_through=["labs"], pass_through_markup=markup) for markup in (0.0, 0.05, 1.0)]
    assert (np.diff(marked_up, axis=0) > 0).all()
    paid = [run(ar.DirectPrimaryCare(retainer_pmpm=50, scope=["visits"], sponsor_share=s)) for s in (0.0, 0.5, 1.0)]
    nets = [results.values("provider_net", "DPC")[0] for results in paid]
    np.testing.assert_allclose(nets, nets[0])  # who pays a retainer is nothing to the practice
    assert np.diff([results.values("payer_spend", "DPC")[0] for results in paid]) == pytest.approx([30_000, 30_000])


BAD_TERMS = [
    ({"retainer_pmpm": -1}, "DPC[0].retainer_pmpm: must be a finite number of at least 0, got -1"),
    ({"retainer_pmpm": []}, "DPC[0].retainer_pmpm: must have at least one band, got none"),
    (
        {"retainer_pmpm": [(0, 18, 30), (20, None, 75)]},
        "DPC[0].retainer_pmpm[1].from: must be where the band before ends (18), got 20",
    ),
    (
        {"retainer_pmpm": [(0, 18, 30), (18, None, -5)]},
        "DPC[0].retainer_pmpm[1].pmpm: must be a finite number of at least 0, got -5",
    ),
    ({"enrolment_fee": float("nan")}, "DPC[0].enrolment_fee: must be a finite number of at least 0, got nan"),
    ({"sponsor_share": 50}, "DPC[0].sponsor_share: must be between 0 and 1, got 50 (did you mean 0.50?)"),
    ({"scope": None}, "DPC[0].scope: must name the services that the retainer is for, got None"),
    ({"scope": []}, "DPC[0].scope: must name at least one service, got none"),
    (
        {"scope": ["visit"]},
        'DPC[0].scope: must name services of the utilization, got "visit" (the services are labs, stays, visits)',
    ),
    (
        {"scope": ["stays"]},
        'DPC[0].scope: must name services that the provider delivers, got "stays", delivered by other providers '
        "(the payer pays others at their price without being told)",
    ),
    ({"pass_through": ["visits"]}, 'DPC[0].pass_through: must not name a service of scope, got "visits"'),
    (
        {"pass_through": ["labs"], "pass_through_markup": 10},
        "DPC[0].pass_through_markup: must be between 0 and 1, got 10 (did you mean 0.10?)",
    ),
]


@pytest.mark.parametrize(("terms", "text"), BAD_TERMS)
def test_bad_terms_are_named(terms, text):
    with pytest.raises(ar.InputError) as error:
        run(ar.DirectPrimaryCare(**({"retainer_pmpm": 75, "scope": ["visits"]} | terms)))
    assert str(error.value) == text


def test_care_has_one_base_payment():
    contracts = [ar.FeeForService(), ar.DirectPrimaryCare(retainer_pmpm=75, scope=["visits"])]
    with pytest.raises(ar.InputError) as error:
        run(contracts)
    assert str(error.value) == (
        'DPC[1].scope: must not overlap the scope of another base payment, got "visits", which DPC[0] claims too '
        "(give each service to one base payment by scope=[...])"
    )
