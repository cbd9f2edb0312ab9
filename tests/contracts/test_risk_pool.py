"""Risk pools: a ladder of budgets through shares and limits, deficits carried, and means in closed form."""

from decimal import Decimal

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from closed_forms import within
from conftest import make_panel, make_rich_panel, make_services
from test_errors import message

STAYS = ar.Service("stays", per_1000=500, allowed=100.0, delivered_by="other_providers", coinsurance=0.1)
DRUGS = ar.Service("drugs", per_1000=3_000, allowed=ar.LogNormal(mean=60, cv=2), delivered_by="other_providers")
VISITS = ar.Service("visits", per_1000=4_000, allowed=90.0, own_cost=50.0, coinsurance=0.2)


def study(pools, *, panel=None, services=(STAYS, DRUGS, VISITS), base=None, seed=7, **how):
    """An arm without a pool, and one with each of the pools on top of the same base."""
    base = [ar.FeeForService()] if base is None else base
    arms = {"Bare": base} | {name: [*base, pool] for name, pool in pools.items()}
    return ar.Study(panel or make_panel(60), ar.Utilization(services=list(services)), arms, seed=seed, **how)


def settled(results, name, **year):
    """What the pool pays the provider, less what it charges it."""
    return results.values("provider_net", name, **year) - results.values("provider_net", "Bare", **year)


def lines(results, name="Pool", replicate=0):
    frame = results.statement(name, replicate=replicate).to_frame()
    frame = frame[frame["kind"] == "risk_pool"].set_index(["year", "line"])
    return frame["value"]


@pytest.mark.parametrize(
    ("left", "paid", "charged"),
    [
        ("-500.00", "0", "100.00"),  # a quarter of 500, above the limit
        ("-400.04", "0", "100.00"),
        ("-400.00", "0", "100.00"),
        ("-399.96", "0", "99.99"),
        ("-0.04", "0", "0.01"),
        ("-0.01", "0", "0"),
        ("0.00", "0", "0"),
        ("0.01", "0.01", "0"),  # half a cent, rounded away from zero
        ("0.02", "0.01", "0"),
        ("200.00", "100.00", "0"),
        ("599.98", "299.99", "0"),
        ("600.00", "300.00", "0"),
        ("600.02", "300.00", "0"),
        ("900.00", "300.00", "0"),
    ],
)
def test_a_ladder_of_budgets(left, paid, charged):
    """One member-month; half of a surplus up to 300, a quarter of a deficit up to 100."""
    panel = make_panel(1, entry_month=[12])
    service = ar.Service("stays", per_1000=120_000, allowed=100.0, delivered_by="other_providers")
    spent = Decimal(100 * len(study({}, panel=panel, services=[service]).claims()))
    assert spent >= 500
    budget = spent + Decimal(left)
    pool = ar.RiskPool(
        budget_pmpm=budget,
        surplus_share=0.5,
        deficit_share=0.25,
        surplus_limit_rate=Decimal(300) / budget,
        deficit_limit_rate=Decimal(100) / budget,
    )
    results = study({"Pool": pool}, panel=panel, services=[service]).run(1, progress=False)
    found = lines(results)
    assert found[1, "budget"] == budget
    assert found[1, "spending"] == spent
    assert found[1, "surplus"] - found[1, "deficit"] == Decimal(left)
    assert (found[1, "surplus_paid"], found[1, "deficit_charged"]) == (Decimal(paid), Decimal(charged))
    assert settled(results, "Pool")[0] == pytest.approx(float(Decimal(paid) - Decimal(charged)), abs=0.0051)


def test_worked_example():
    """The one of the page: 300,000 too much, 60,000 charged, 240,000 set against the next surplus of 300,000."""
    panel = make_panel(1_000)
    free = ar.Service("stays", per_1000=0, allowed=1.0)
    terms = {"surplus_share": 0.5, "deficit_share": 0.5, "deficit_limit_rate": 0.05, "carry_deficit": True}
    pool = ar.RiskPool(budget_pmpm=100, **terms)
    found = lines(study({"Pool": pool}, panel=panel, services=[free]).run(1, progress=False))
    assert (found[1, "budget"], found[1, "surplus_paid"]) == (1_200_000, 600_000), "nothing is spent"
    deficit, budget = 300_000, 1_200_000
    charged = min(0.5 * deficit, 0.05 * budget)
    assert charged == 60_000
    assert balance_of([1_500_000, 900_000], [budget, budget], **terms) == [-60_000, 30_000]


def balance_of(spending, budgets, *, surplus_share, deficit_share=0.0, carry_deficit=False, **limits):
    """What the provider gets of each year, written again."""
    carried, nets = 0.0, []
    for spent, budget in zip(spending, budgets, strict=True):
        surplus, deficit = max(budget - spent, 0.0), max(spent - budget, 0.0)
        against = min(surplus, carried)
        paid = min(surplus_share * (surplus - against), limits.get("surplus_limit_rate", np.inf) * budget)
        charged = min(deficit_share * deficit, limits.get("deficit_limit_rate", np.inf) * budget)
        carried = carried - against + deficit - charged if carry_deficit else 0.0
        nets.append(paid - charged)
    return nets


TERMS = [
    {"surplus_share": 0.5},
    {"surplus_share": 0.6, "carry_deficit": True},
    {"surplus_share": 0.5, "deficit_share": 0.5},
    {"surplus_share": 0.5, "deficit_share": 0.4, "carry_deficit": True},
    {"surplus_share": 1.0, "deficit_share": 1.0, "surplus_limit_rate": 0.04, "deficit_limit_rate": 0.02},
    {"surplus_share": 0.8, "deficit_share": 0.7, "deficit_limit_rate": 0.03, "carry_deficit": True},
]


@pytest.mark.parametrize("terms", TERMS)
def test_deficits_are_carried_over_years(terms):
    """Every year of 60 replicates, beside the recurrence written again; the payer pays what the provider gets."""
    pool = ar.RiskPool(budget_pmpm=44, trend=0.02, **terms)
    results = study({"Pool": pool}, years=4).run(60, progress=False)
    years = range(1, 5)
    spending = np.array([results.values("payer_spend", "Bare", year=year) for year in years]).T
    budgets = [44 * 1.02 ** (year - 1) * 60 * 12 for year in years]
    expected = np.array([balance_of(spent, budgets, **terms) for spent in spending])
    found = np.array([settled(results, "Pool", year=year) for year in years]).T
    np.testing.assert_allclose(found, expected, atol=1e-6)
    spent = np.array([results.values("payer_spend", "Pool", year=year) - spending[:, year - 1] for year in years]).T
    np.testing.assert_allclose(spent, expected, atol=1e-6)
    assert (expected > 0).any()
    assert (expected < 0).any() == ("deficit_share" in terms)
    limits = terms.get("surplus_limit_rate", np.inf), terms.get("deficit_limit_rate", np.inf)
    assert (found <= limits[0] * np.array(budgets) + 1e-9).all()
    assert (-found <= limits[1] * np.array(budgets) + 1e-9).all()


def test_carrying_never_pays_more():
    terms = {"budget_pmpm": 44, "surplus_share": 0.5, "deficit_share": 0.3}
    pools = {name: ar.RiskPool(**terms, carry_deficit=name == "Carried") for name in ("Carried", "Forgotten")}
    results = study(pools, years=3).run(200, progress=False)
    less = settled(results, "Forgotten") - settled(results, "Carried")
    assert (less >= -1e-6).all()
    assert 0.2 < (less > 1).mean() < 1
    first = [settled(results, name, year=1).tobytes() for name in pools]
    assert first[0] == first[1], "there is nothing to carry into the first year"


RATE, PRICE, BUDGET = 20.0, 100.0, 2_000.0


@pytest.mark.parametrize(
    "terms",
    [
        {"surplus_share": 0.5, "deficit_share": 0.4},
        {"surplus_share": 0.7, "deficit_share": 1.0, "surplus_limit_rate": 0.1, "deficit_limit_rate": 0.1},
        {"surplus_share": 0.5, "deficit_share": 0.25, "deficit_limit_rate": 0.05, "carry_deficit": True},
        {"surplus_share": 1.0, "carry_deficit": True},
    ],
)
def test_means_of_two_years_in_closed_form(terms):
    """Events of each year are Poisson of 20 at a price of 100 that is shared: a sum over their probabilities."""
    service = ar.Service(
        "stays", per_1000=1_000 * RATE / 40, allowed=PRICE / 0.8, coinsurance=0.2, delivered_by="other_providers"
    )
    pool = ar.RiskPool(budget_pmpm=BUDGET / 40 / 12, **terms)
    panel, services = make_panel(40), [service]
    results = study({"Pool": pool}, panel=panel, services=services, years=2).run(4_000, progress=False)
    counts = np.arange(80)
    chance = stats.poisson(RATE).pmf(counts)
    nets = np.array([[balance_of([PRICE * n, PRICE * m], [BUDGET] * 2, **terms) for m in counts] for n in counts])
    for year in (1, 2):
        expected = float(chance @ nets[:, :, year - 1] @ chance)
        assert within(metrics.mean(settled(results, "Pool", year=year)), expected)
    assert abs(chance.sum() - 1) < 1e-12


def test_truncation_holds_each_members_year():
    dear = ar.Service("stays", per_1000=900, allowed=ar.LogNormal(mean=5_000, cv=2), coinsurance=0.1)
    terms = {"budget_pmpm": 400, "surplus_share": 1.0, "deficit_share": 1.0}
    pools = {"Pool": ar.RiskPool(**terms, truncation=9_000), "All": ar.RiskPool(**terms)}
    one = study(pools, services=[dear, VISITS])
    results = one.run(20, progress=False)
    for replicate in range(20):
        claims = one.claims(replicate)
        paid = claims["allowed"] * claims["service"].map({"stays": 0.9, "visits": 0.8})
        years = paid.groupby(claims["member_ix"]).sum()
        left = 400 * 60 * 12 - np.minimum(years, 9_000).sum()
        assert settled(results, "Pool")[replicate] == pytest.approx(left, abs=1e-6)
        found = lines(results, replicate=replicate)
        assert float(found[1, "truncated"]) == pytest.approx(np.maximum(years - 9_000, 0).sum(), abs=0.01)
    assert (settled(results, "Pool") >= settled(results, "All") - 1e-6).all()


def test_a_pool_beside_a_capitation_is_charged_with_the_rest():
    """Without a scope: what the payer pays for; the capitated visits are not in it."""
    terms = {"budget_pmpm": 15, "surplus_share": 0.5, "deficit_share": 0.5}
    base = [ar.Capitation(pmpm=30, scope=["visits"])]
    pools = {"Rest": ar.RiskPool(**terms), "Named": ar.RiskPool(**terms, scope=["stays", "drugs"])}
    results = study(pools, base=base).run(40, progress=False)
    assert settled(results, "Rest").tobytes() == settled(results, "Named").tobytes()
    spent = results.values("payer_spend", "Bare") - 30 * 60 * 12
    np.testing.assert_allclose(settled(results, "Rest"), 0.5 * (15 * 60 * 12 - spent), atol=1e-6)


def test_several_pools_settle_each_on_its_own():
    stays = ar.RiskPool(budget_pmpm=4, scope=["stays"], surplus_share=0.5, deficit_share=0.5)
    drugs = ar.RiskPool(budget_pmpm=15, scope=["drugs"], surplus_share=0.3, deficit_share=0.2)
    one = study({"Stays": stays, "Drugs": drugs})
    both = ar.Study(
        make_panel(60),
        ar.Utilization(services=[STAYS, DRUGS, VISITS]),
        {"Bare": ar.FeeForService(), "Both": [ar.FeeForService(), stays, drugs]},
        seed=7,
    )
    single, together = one.run(30, progress=False), both.run(30, progress=False)
    np.testing.assert_allclose(
        settled(together, "Both"), settled(single, "Stays") + settled(single, "Drugs"), atol=1e-8
    )


def test_fee_levels_are_what_is_paid():
    """Visits at 1.5 times their price, less a fifth."""
    pool = ar.RiskPool(budget_pmpm=30, scope=["visits"], surplus_share=1.0, deficit_share=1.0)
    results = study({"Pool": pool}, services=[VISITS], base=[ar.FeeForService(fee_level=1.5)]).run(20, progress=False)
    spent = results.values("allowed", "Bare") * 0.8
    np.testing.assert_allclose(settled(results, "Pool"), 30 * 60 * 12 - spent, atol=1e-6)


def test_only_members_of_its_payer_count():
    """The pool of one payer is charged with its members' care and funded by their months."""
    panel = make_panel(60, payer=["State"] * 20 + ["Plan"] * 40)
    pool = ar.RiskPool(budget_pmpm=44, surplus_share=1.0, deficit_share=1.0, truncation=600)
    services = ar.Utilization(services=[STAYS, DRUGS, VISITS])
    fees = ar.FeeForService()
    arms = {
        "Bare": ar.Arm(payers={"State": fees, "Plan": fees}),
        "Pool": ar.Arm(payers={"State": [fees, pool], "Plan": fees}),
        "All": ar.Arm(pool, payers={"State": fees, "Plan": fees}),
    }
    one = ar.Study(panel, services, arms, seed=3)
    results = one.run(10, progress=False)
    for replicate in range(10):
        claims = one.claims(replicate)
        paid = claims["allowed"] * claims["service"].map({"stays": 0.9, "drugs": 1.0, "visits": 0.8})
        years = np.minimum(paid.groupby(claims["member_ix"]).sum().reindex(range(60), fill_value=0), 600)
        assert settled(results, "Pool")[replicate] == pytest.approx(44 * 20 * 12 - years[:20].sum(), abs=1e-6)
        assert settled(results, "All")[replicate] == pytest.approx(44 * 60 * 12 - years.sum(), abs=1e-6)


def test_a_larger_budget_never_pays_less():
    budgets = [20, 30, 40, 44, 50, 80]
    terms = {"surplus_share": 0.5, "deficit_share": 0.5, "deficit_limit_rate": 0.1, "carry_deficit": True}
    pools = {str(budget): ar.RiskPool(budget_pmpm=budget, **terms) for budget in budgets}
    results = study(pools, years=2).run(40, progress=False)
    nets = np.array([settled(results, str(budget)) for budget in budgets])
    # A larger budget has a larger limit of what is charged, but also a smaller deficit.
    assert (np.diff(nets[3:], axis=0) >= -1e-6).all()
    assert (nets[-1] > nets[0]).all()


@pytest.mark.parametrize("terms", [TERMS[4], TERMS[5], {"surplus_share": 0.35, "truncation": 900}])
def test_statements_add_up_and_are_their_transfers(terms):
    base = [ar.Capitation(pmpm=60.0, scope=["visits"])]
    pool = ar.RiskPool(budget_pmpm=Decimal("91.37"), trend=0.031, **terms, settle_month=20)
    results = study({"Pool": pool}, base=base, panel=make_rich_panel(200), services=make_services(), years=3)
    results = results.run(6, progress=False)
    seen = set()
    for replicate in range(6):
        found = lines(results, replicate=replicate)
        ledger = results.statement("Pool", replicate=replicate).ledger()
        own = ledger[ledger["contract"] == "Pool[1]"]
        carried = Decimal(0)
        for year in (1, 2, 3):
            of = found[year]
            left = of["budget"] - of["spending"] + of.get("truncated", 0)
            assert (of["surplus"], of["deficit"]) == (max(left, 0), max(-left, 0))
            if terms.get("carry_deficit"):
                assert of["carried"] == carried
                assert of["set_against"] == min(of["surplus"], carried)
                carried += of["deficit"] - of["deficit_charged"] - of["set_against"]
                assert of["carried_on"] == carried
            moved = own[own["month_incurred"] == 12 * year]
            sums = moved.groupby("account")["amount"].sum()
            assert sums.get("pool_surplus", 0) == of["surplus_paid"]
            assert sums.get("pool_deficit", 0) == of["deficit_charged"]
            assert set(moved["month_cash"]) <= {12 * (year - 1) + 20}
            seen |= set(moved["account"])
        assert set(own["from_party"]) | set(own["to_party"]) <= {"payer", "provider"}
    assert "pool_surplus" in seen


def test_the_exact_engine_knows_that_pools_change_no_price():
    pool = ar.RiskPool(budget_pmpm=44, surplus_share=0.5)
    exact = study({"Pool": pool}).exact()
    assert exact.figure("Pool", "paid_mean").value == exact.figure("Bare", "paid_mean").value


def test_terms_may_be_uncertain():
    """A budget between 40 and 48, drawn for each replicate: what is settled follows it dollar for dollar."""
    pool = ar.RiskPool(budget_pmpm=ar.Uniform(40, 48), surplus_share=1.0, deficit_share=1.0)
    results = study({"Pool": pool}).run(30, progress=False)
    budgets = results.parameters()["Pool[1].budget_pmpm"].to_numpy()
    assert np.ptp(budgets) > 5
    spent = results.values("payer_spend", "Bare")
    np.testing.assert_allclose(settled(results, "Pool"), budgets * 60 * 12 - spent, atol=1e-6)


def pool_of(base=None, **terms):
    terms = {"budget_pmpm": 10, "surplus_share": 0.5} | terms
    return study({"Pool": ar.RiskPool(**terms)}, base=base)


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (lambda: pool_of(budget_pmpm=0), "Pool[1].budget_pmpm: must be a finite number above 0, got 0"),
        (lambda: pool_of(trend=5), "Pool[1].trend: must be between -0.9 and 1, got 5"),
        (
            lambda: pool_of(surplus_share=50),
            "Pool[1].surplus_share: must be between 0 and 1, got 50 (did you mean 0.50?)",
        ),
        (lambda: pool_of(deficit_share=-0.1), "Pool[1].deficit_share: must be between 0 and 1, got -0.1"),
        (
            lambda: pool_of(deficit_limit_rate=10),
            "Pool[1].deficit_limit_rate: must be between 0 and 1, got 10 (did you mean 0.10?)",
        ),
        (lambda: pool_of(truncation=0), "Pool[1].truncation: must be a finite number above 0, got 0"),
        (lambda: pool_of(carry_deficit="yes"), 'Pool[1].carry_deficit: must be True or False, got "yes"'),
        (
            lambda: pool_of(settle_month=6),
            "Pool[1].settle_month: must be a whole month between 12 and 60, counted from the start of the year, got 6",
        ),
        (
            lambda: pool_of(scope=["surgery"]),
            'Pool[1].scope: must name services of the utilization, got "surgery" (the services are drugs, stays, '
            "visits)",
        ),
        (
            lambda: pool_of([ar.Capitation(pmpm=1, scope=["stays"])], scope=["drugs", "stays"]),
            'Pool[1].scope: must name services that the payer pays for, got "stays", which a capitation bears (the '
            "provider pays for it already; carve it out of the capitation, or leave it out here)",
        ),
        (
            lambda: pool_of([ar.Capitation(pmpm=1)]),
            "Pool[1].scope: must leave services that the payer pays for, got none: a capitation bears all of them",
        ),
    ],
)
def test_bad_terms(work, text):
    assert message(work) == text


def test_a_capitation_of_another_payer_does_not_matter():
    panel = make_panel(10, payer=["State", "Plan"] * 5)
    pool = ar.RiskPool(budget_pmpm=10, surplus_share=0.5, scope=["stays"])
    payers = {"State": ar.Capitation(pmpm=5), "Plan": [pool]}
    results = ar.Study(panel, ar.Utilization(services=[STAYS]), {"A": ar.Arm(payers=payers)}, seed=1)
    assert results.run(2, progress=False).statement("A", replicate=0).to_frame()["kind"].tolist().count("risk_pool") > 3
    both = ar.Arm(pool, payers=payers | {"Plan": []})
    error = message(lambda: ar.Study(panel, ar.Utilization(services=[STAYS]), {"A": both}, seed=1))
    assert error.startswith('A[0].scope: must name services that the payer pays for, got "stays"')
