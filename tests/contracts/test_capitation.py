"""Capitation: a payment for every enrolled month, and the care in scope borne out of it."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
from closed_forms import mean, within
from conftest import make_panel, make_rich_panel
from engine_inputs import capitation
from test_errors import message

SERVICES = [
    ar.Service("visits", per_1000=3_000, allowed=110.0, own_cost=80.0, coinsurance=0.1),
    ar.Service("admissions", per_1000=100, allowed=9_000.0, coinsurance=0.05, delivered_by="other_providers"),
]


def settle(contract, panel=None):
    study = ar.Study(panel or make_panel(200), ar.Utilization(services=SERVICES), {"Capitation": contract}, seed=3)
    results = study.run(1, progress=False)
    events = study.claims()["service"].value_counts()
    return {name: results.values(name, "Capitation")[0] for name in FIGURES}, events


FIGURES = [
    "member_months",
    "allowed",
    "paid",
    "provider_revenue",
    "provider_cost",
    "payer_spend",
    "member_cost_share",
]


def test_global():
    """Own visits are paid zero but for the member's share; admissions by others are bought at their paid price."""
    figures, events = settle(ar.Capitation(pmpm=120))
    assert figures["payer_spend"] == 120 * 200 * 12
    np.testing.assert_allclose(figures["provider_revenue"], 120 * 200 * 12 + events["visits"] * 11.0)
    np.testing.assert_allclose(figures["provider_cost"], events["visits"] * 80.0 + events["admissions"] * 8_550.0)
    share = events["visits"] * 11.0 + events["admissions"] * 450.0
    np.testing.assert_allclose(figures["member_cost_share"], share)
    np.testing.assert_allclose(figures["allowed"] - figures["paid"], share)


def test_partial_leaves_the_rest_to_the_payer():
    figures, events = settle(ar.Capitation(pmpm=25, scope=["visits"]))
    np.testing.assert_allclose(figures["payer_spend"], 25 * 200 * 12 + events["admissions"] * 8_550.0)
    np.testing.assert_allclose(figures["provider_cost"], events["visits"] * 80.0)


def test_payment_follows_enrolment():
    panel = make_panel(200, entry_month=np.where(np.arange(200) < 50, 7, 1), exit_month=10)
    figures, _ = settle(ar.Capitation(pmpm=100.5), panel)
    months = 50 * 4 + 150 * 10
    assert figures["member_months"] == months
    np.testing.assert_allclose(figures["payer_spend"], 100.5 * months)


def test_worked_example():
    """5,000 members for a year at 500 PMPM: 30,000,000."""
    figures, _ = settle(ar.Capitation(pmpm=500), make_panel(5_000))
    assert figures["payer_spend"] == 30_000_000


# Rate cells

CELLS = [(0, 18, None, 0.5), (18, 65, "female", 1.25), (18, 65, "m", 0.9), (65, None, None, 2.0)]


def paid(contract, panel, years=1, replicates=1, **how):
    """What the payer pays in each year, replicates as rows."""
    care = ar.Utilization(services=[ar.Service("visits", per_1000=0, allowed=1.0)])
    results = ar.Study(panel, care, {"A": contract}, seed=4, years=years, **how).run(replicates, progress=False)
    return np.array([results.values("payer_spend", "A", year=year) for year in range(1, years + 1)]).T


@pytest.mark.parametrize(
    ("age", "sex", "payment"),
    [
        (0, "female", 600),
        (17.99, "male", 600),
        (18, "female", 1_500),
        (18, "male", 1_080),
        (64, "female", 1_500),
        (64.5, "male", 1_080),
        (65, "female", 2_400),
        (130, "male", 2_400),
    ],
)
def test_a_member_is_paid_for_by_its_cell(age, sex, payment):
    """100 a month × 12 × the factor of the cell, a year either side of each age."""
    panel = make_panel(1, age=[age], sex=[sex])
    np.testing.assert_allclose(paid(ar.Capitation(pmpm=100, cells=CELLS), panel), payment, rtol=1e-12)


def test_members_grow_into_the_next_cell():
    panel = make_panel(2, age=[63.0, 40.0], sex=["female", "male"])
    years = paid(ar.Capitation(pmpm=100, trend=0.1, cells=CELLS), panel, years=3)[0]
    np.testing.assert_allclose(years, [1_500 + 1_080, 1.1 * 2_580, 1.21 * (2_400 + 1_080)], rtol=1e-12)


def test_the_factor_is_normalized_to_the_payers_book():
    """A panel of one cell keeps its factor: its own mean is never looked at."""
    panel = make_panel(7, age=np.full(7, 80.0))
    contract = ar.Capitation(pmpm=100, cells=CELLS, cell_normalization=1.25)
    np.testing.assert_allclose(paid(contract, panel), 7 * 12 * 100 * 2.0 / 1.25, rtol=1e-12)


def test_one_cell_of_everybody_is_no_cell():
    """The same bits, and so are terms that say their defaults."""
    panel = make_rich_panel(80)
    services = [ar.Service("stays", per_1000=900, allowed=ar.Gamma(mean=900, cv=1), delivered_by="other_providers")]
    arms = {
        "A": ar.Capitation(pmpm=99.9),
        "B": ar.Capitation(pmpm=99.9, cells=[(0, None, None, 1)], cell_normalization=1, claims_lag_months=0),
    }
    results = ar.Study(panel, ar.Utilization(services=services), arms, seed=1, years=2).run(20, progress=False)
    for column in ("provider_net", "payer_spend", "minimum_cash", "minimum_cash_month"):
        assert results.values(column, "A").tobytes() == results.values(column, "B").tobytes()


def test_cells_are_of_the_members_of_their_payer():
    panel = make_panel(
        4, age=[10.0, 70.0, 30.0, 70.0], payer=["State", "State", "Plan", "Plan"], entry_month=[1, 1, 7, 1]
    )
    payers = {"State": ar.Capitation(pmpm=100, cells=CELLS), "Plan": ar.Capitation(pmpm=200, cells=CELLS)}
    both = paid(ar.Arm(payers=payers), panel)
    np.testing.assert_allclose(both, 100 * 12 * (0.5 + 2.0) + 200 * (6 * 1.25 + 12 * 2.0), rtol=1e-12)
    np.testing.assert_allclose(paid(ar.Arm(payers=payers | {"Plan": []}), panel), 100 * 12 * 2.5, rtol=1e-12)


def test_the_mean_under_lapses():
    """pmpm × Σ factor × expected months, which are Σ (1 − lapse)^m; care at 0.4 × 70 a year and member, exposed."""
    panel = ar.Population.from_frame(
        make_panel(300, age=np.repeat([10.0, 30.0, 70.0], 100)).to_pandas(), enrolment=ar.Enrolment(lapse_rate=0.05)
    )
    months = sum(0.95**month for month in range(12))
    service = ar.Service("stays", per_1000=400, allowed=70.0, delivered_by="other_providers")
    contract = ar.Capitation(pmpm=5, cells=CELLS, cell_normalization=0.8)
    study = ar.Study(panel, ar.Utilization(services=[service]), {"A": contract}, seed=9)
    results = study.run(2_000, progress=False)
    payment = 5 * 100 * (0.5 + 1.25 + 2.0) / 0.8 * months
    assert within(mean(results.values("provider_revenue", "A")), payment)
    assert within(mean(results.values("provider_net", "A")), payment - 300 * 0.4 * 70 * months / 12)


def test_factors_may_be_uncertain():
    cells = [(0, 40, None, ar.Uniform(0.5, 1.5)), (40, None, None, 1)]
    care = ar.Utilization(services=[ar.Service("visits", per_1000=0, allowed=1.0)])
    panel = make_panel(3, age=[20.0, 30.0, 70.0])
    results = ar.Study(panel, care, {"A": ar.Capitation(pmpm=100, cells=cells)}, seed=4).run(20, progress=False)
    factors = results.parameters()["A[0].cells[0].factor"].to_numpy()
    assert np.ptp(factors) > 0.5
    np.testing.assert_allclose(results.values("payer_spend", "A"), 1_200 * (2 * factors + 1), rtol=1e-12)


def test_a_higher_factor_pays_more():
    panel = make_rich_panel(50)
    payments = [
        float(paid(ar.Capitation(pmpm=100, cells=[(0, 40, None, 1), (40, None, None, f)]), panel)[0, 0])
        for f in (0, 0.5, 1, 2, 100)
    ]
    assert payments == sorted(set(payments))


# Carve-outs and partial capitation


def arms_of(arms, services, panel=None, replicates=30, years=1):
    study = ar.Study(panel or make_panel(150), ar.Utilization(services=services), arms, seed=6, years=years)
    return study.run(replicates, progress=False)


DRUGS = ar.Service("drugs", per_1000=9_000, allowed=55.0, coinsurance=0.2, delivered_by="other_providers")


def test_what_is_carved_out_is_not_borne():
    results = arms_of(
        {
            "Carved": ar.Capitation(pmpm=80, carve_outs=["drugs"]),
            "Scope": ar.Capitation(pmpm=80, scope=["visits", "admissions"]),
            "Both": ar.Capitation(pmpm=80, scope=["visits", "admissions", "drugs"], carve_outs=["drugs"]),
            "Global": ar.Capitation(pmpm=80),
        },
        [*SERVICES, DRUGS],
    )
    for column in ("provider_net", "payer_spend", "member_cost_share", "minimum_cash"):
        carved = results.values(column, "Carved")
        assert carved.tobytes() == results.values(column, "Scope").tobytes() == results.values(column, "Both").tobytes()
    saved = results.values("provider_net", "Carved") - results.values("provider_net", "Global")
    drugs = results.values("payer_spend", "Carved") - results.values("payer_spend", "Global")
    np.testing.assert_allclose(saved, drugs, rtol=1e-9)
    assert (np.round(drugs / 44.0) > 0).all()
    np.testing.assert_allclose(drugs / 44.0, np.round(drugs / 44.0), atol=1e-8)


def test_partial_capitation_with_fees_for_the_rest():
    """Visits for 25 a month, admissions by fee: revenue is the sum of both, visits are paid zero."""
    stays = ar.Service("admissions", per_1000=100, allowed=9_000.0, own_cost=6_000.0, coinsurance=0.05)
    contracts = [ar.Capitation(pmpm=25, scope=["visits"]), ar.FeeForService(scope=["admissions"], fee_level=0.9)]
    study = ar.Study(make_panel(200), ar.Utilization(services=[SERVICES[0], stays]), {"A": contracts}, seed=3)
    results, events = study.run(1, progress=False), study.claims()["service"].value_counts()
    fees = events["admissions"] * 0.9 * 9_000
    net = 25 * 200 * 12 + fees + events["visits"] * (11 - 80) - events["admissions"] * 6_000
    np.testing.assert_allclose(results.values("payer_spend", "A"), 25 * 200 * 12 + 0.95 * fees)
    np.testing.assert_allclose(results.values("provider_net", "A"), net)


# When the money moves


def late(results, arm, replicate=0):
    """Months by which cash is later than its cause, and dollars, by account."""
    ledger = results.statement(arm, replicate=replicate).ledger()
    rows = ledger[ledger["account"].isin(["capitation", "purchased_care"])]
    return rows.assign(later=rows["month_cash"] - rows["month_incurred"])


def test_members_known_late_are_paid_for_later():
    contract = {"pmpm": 99.99}
    results = arms_of(
        {
            "At once": ar.Capitation(**contract),
            "Later": ar.Capitation(**contract, retroactive_rate=0.125, retroactive_months=3),
        },
        SERVICES,
        make_rich_panel(150),
        years=2,
    )
    np.testing.assert_allclose(
        results.values("provider_net", "Later"), results.values("provider_net", "At once"), rtol=1e-9
    )
    assert (results.values("minimum_cash", "Later") < results.values("minimum_cash", "At once")).all()
    rows = late(results, "Later")
    rows = rows[rows["account"] == "capitation"]
    months = rows.groupby(["month_incurred", "later"])["amount"].sum().unstack()
    assert months.columns.tolist() == [0, 3]
    assert len(months) == 24
    whole = late(results, "At once")
    whole = whole[whole["account"] == "capitation"].groupby("month_incurred")["amount"].sum()
    assert (months.sum(axis=1) == whole).all(), "not a cent more or less"
    assert all(
        abs(part - Decimal("0.125") * total) <= Decimal("0.005") for part, total in zip(months[3], whole, strict=True)
    )
    lines = results.statement("Later", replicate=0).to_frame().set_index(["year", "line"])["value"]
    assert lines[1, "retroactive"] == months[3].loc[:12].sum()
    assert lines[2, "retroactive"] == months[3].loc[13:].sum()


def test_all_of_it_may_be_late():
    results = arms_of({"A": ar.Capitation(pmpm=10, retroactive_rate=1, retroactive_months=48)}, SERVICES)
    rows = late(results, "A")
    assert set(rows[rows["account"] == "capitation"]["later"]) == {48}


def test_claims_of_others_are_a_cost_when_incurred_and_cash_later():
    """The margin does not depend on the lag, cash does; what is unpaid at a year's end is its liability."""
    arms = {f"Lag {lag}": ar.Capitation(pmpm=100, claims_lag_months=lag) for lag in (0, 1, 3, 12)}
    results = arms_of(arms, SERVICES, years=2)
    nets = {results.values("provider_net", arm).tobytes() for arm in arms}
    assert len(nets) == 1
    lowest = np.array([results.values("minimum_cash", arm) for arm in arms])
    assert (np.diff(lowest, axis=0) >= 0).all()
    assert (lowest[-1] > lowest[0]).mean() > 0.5, "all but those whose lowest month is the last"
    for lag in (1, 3, 12):
        rows = late(results, f"Lag {lag}")
        rows = rows[rows["account"] == "purchased_care"]
        assert set(rows["later"]) == {lag}
        lines = results.statement(f"Lag {lag}", replicate=0).to_frame().set_index(["year", "line"])["value"]
        for year in (1, 2):
            unpaid = rows[rows["month_incurred"].between(12 * year - lag + 1, 12 * year)]
            assert lines[year, "claims_liability"] == unpaid["amount"].sum() > 0
    assert "claims_liability" not in set(results.statement("Lag 0", replicate=0).to_frame()["line"])


def test_the_liability_of_a_steady_year():
    """Care of λ a month at a price of p: a lag of 3 months leaves 3 λ p on average."""
    stays = ar.Service("stays", per_1000=1_200, allowed=50.0, delivered_by="other_providers")
    results = arms_of({"A": ar.Capitation(pmpm=10, claims_lag_months=3)}, [stays], replicates=150)
    liabilities = []
    for replicate in range(150):
        frame = results.statement("A", replicate=replicate).to_frame().set_index("line")["value"]
        liabilities.append(float(frame["claims_liability"]))
    assert within(mean(np.array(liabilities)), 3 * 150 * 0.1 * 50)


def test_a_statement_with_every_term_adds_up():
    contract = ar.Capitation(
        pmpm=133.33,
        trend=0.03,
        cells=CELLS,
        cell_normalization=1.07,
        carve_outs=["drugs"],
        retroactive_rate=0.07,
        retroactive_months=2,
        claims_lag_months=2,
    )
    results = arms_of({"A": contract}, [*SERVICES, DRUGS], make_rich_panel(150), years=3)
    for replicate in range(5):
        statement = results.statement("A", replicate=replicate)
        lines = statement.to_frame().set_index(["year", "line"])["value"]
        ledger = statement.ledger()
        own = ledger[ledger["contract"] == "A[0]"]
        for year in (1, 2, 3):
            of_year = own[own["month_incurred"].between(12 * year - 11, 12 * year)]
            sums = of_year.groupby("account")["amount"].sum()
            assert lines[year, "capitation"] == sums["capitation"]
            assert abs(lines[year, "purchased_care"] - sums["purchased_care"]) <= Decimal("0.06"), "twelve roundings"
            factor = lines[year, "cell_factor"] / Decimal("1.07") * lines[year, "member_months"]
            pmpm = Decimal("133.33") * Decimal("1.03") ** (year - 1)
            assert abs(lines[year, "capitation"] - pmpm * factor) <= Decimal("0.07")
        assert set(own["to_party"]) == {"provider", "other_providers"}
        payer = own[own["from_party"] == "payer"]["amount"].sum()
        assert payer == own[own["to_party"] == "provider"]["amount"].sum()


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            {"cells": [(0, None, None, 1)], "risk_adjusted": True},
            "A[0].cells: must not be given beside risk_adjusted, got both (a risk score tells age and sex already)",
        ),
        (
            {"cells": [(0, 18, None, 1), (19, None, None, 1)]},
            "A[0].cells: must hold every age and sex exactly once, got no cell of a female of 18 (the youngest cell "
            "begins at 0, the oldest has age_below=None)",
        ),
        (
            {"cells": [(0, None, "female", 1), (0, 50, "male", 1)]},
            "A[0].cells: must hold every age and sex exactly once, got no cell of a male of 50 (the youngest cell "
            "begins at 0, the oldest has age_below=None)",
        ),
        (
            {"cells": [(0, 19, None, 1), (18, None, None, 1)]},
            "A[0].cells: must hold every age and sex exactly once, got cells[0] and cells[1] of a female of 18 (the "
            "youngest cell begins at 0, the oldest has age_below=None)",
        ),
        (
            {"cells": []},
            "A[0].cells: must hold every age and sex exactly once, got no cell of a female of 0 (the youngest cell "
            "begins at 0, the oldest has age_below=None)",
        ),
        (
            {"cells": [(0, 18, "boys", 1)]},
            'A[0].cells[0].sex: must be one of female, male, other, got "boys"',
        ),
        (
            {"cells": [(0, 18.5, None, 1)]},
            "A[0].cells[0].age_below: must be a whole number of years between 1 and 130, got 18.5",
        ),
        (
            {"cells": [(18, 18, None, 1)]},
            "A[0].cells[0].age_below: must be a whole number of years between 19 and 130, got 18",
        ),
        ({"cells": [(0, None, None, 115)]}, "A[0].cells[0].factor: must be between 0 and 100, got 115"),
        (
            {"cells": [(0, None, 1)]},
            "Capitation.cells[0]: must be cells (age_from, age_below, sex, factor), where age_below and sex may be "
            "None, got (0, None, 1)",
        ),
        ({"cell_normalization": 1}, "A[0].cell_normalization: must not be given without cells, got 1"),
        (
            {"carve_outs": ["surgery"]},
            'A[0].carve_outs: must name services of the utilization, got "surgery" (the services are admissions, '
            "drugs, tests, visits)",
        ),
        (
            {"scope": ["visits"], "carve_outs": ["drugs"]},
            'A[0].carve_outs: must name services in the scope, got "drugs" (a capitation bears nothing outside its '
            "scope anyway)",
        ),
        (
            {"scope": ["visits"], "carve_outs": ["visits"]},
            "A[0].carve_outs: must leave a service in the scope, got all of it",
        ),
        ({"retroactive_rate": 5}, "A[0].retroactive_rate: must be between 0 and 1, got 5 (did you mean 0.05?)"),
        (
            {"retroactive_rate": 0.05},
            "A[0].retroactive_rate: must be given together with retroactive_months, got 0.05 alone",
        ),
        (
            {"retroactive_months": 3},
            "A[0].retroactive_months: must be given together with retroactive_rate, got 3 alone",
        ),
        (
            {"retroactive_rate": 0.1, "retroactive_months": 49},
            "A[0].retroactive_months: must be a whole number of months between 1 and 48, got 49",
        ),
        (
            {"claims_lag_months": 2.5},
            "A[0].claims_lag_months: must be a whole number of months between 0 and 12, got 2.5",
        ),
    ],
)
def test_bad_terms(terms, text):
    assert message(lambda: capitation(**terms)) == text


def test_what_is_carved_out_has_one_bearer():
    """A fee and a capitation may not both claim drugs; carved out, each has its own."""
    services = [SERVICES[0], ar.Service("tests", per_1000=500, allowed=30.0)]
    fee = ar.FeeForService(scope=["tests"])
    assert "must not overlap" in message(lambda: arms_of({"A": [ar.Capitation(pmpm=1), fee]}, services))
    results = arms_of({"A": [ar.Capitation(pmpm=0, carve_outs=["tests"]), fee]}, services)
    tests = results.values("payer_spend", "A") / 30.0
    np.testing.assert_allclose(tests, np.round(tests), atol=1e-9)
    assert tests.sum() > 0
