"""Cases that a payment system priced: one is drawn for each event, with its price and what giving it costs."""

import numpy as np
import pandas as pd
import pytest

import atrisk as ar
from conftest import make_panel
from test_oracle_panel import FEES, FEWER, MORE_VISITS, OUTSIDE, make_moving_care, make_moving_panel
from twin import assert_agree

MIX = {
    "price": [90.0, 40.0, 65.0, 40.0, 1_000.0],
    "share": [3.0, 5.0, 2.0, 1.0, 0.01],
    "minutes": [45, 20, 30, 25, 300],
    "visits": [2, 1, 1, 1, 9],
}


def make_cases(**columns):
    return ar.CasePrices(MIX | columns, weight="share")


def visits_of(cases, **terms):
    return ar.Service("visits", **{"per_1000": 4_200, "price": cases, "own_cost_per": {"minutes": 1.5}} | terms)


def run(service, arms=None, *, members=400, replicates=400, cash=True, **more):
    study = ar.Study(
        make_panel(members), ar.Utilization(services=[service]), arms or {"Fees": ar.FeeForService()}, seed=5, **more
    )
    return study.run(replicates, cash=cash, progress=False)


# ---------------------------------------------------------------------------------------------------------
# The engine
# ---------------------------------------------------------------------------------------------------------


def test_cases_agree_with_the_slow_twin():
    """Trends, care elsewhere, fee levels, severity, events taken away and added, responses, payers, years."""
    terms = {"own_cost": 11.5, "own_cost_trend": 0.04, "price_trend": -0.02, "coinsurance": 0.2} | FEES | OUTSIDE
    lines = [visits_of(make_cases(), frailty=ar.Frailty(cv=0.5), **terms)]
    lines.append(ar.Service("tests", per_1000=1_800, allowed=35.5, own_cost=20))
    arms = {
        "Fees": ar.FeeForService(),
        "More": ar.Arm([ar.Capitation(pmpm=40.0)], [MORE_VISITS, FEWER]),
        "Response": ar.Arm(
            ar.FeeForService(fee_level=1.3), response=ar.Response(reference="Fees", elasticity=0.4, cap=3.0)
        ),
    }
    study = ar.Study(
        make_moving_panel(60), make_moving_care(services=lines, severity_cv=0.3), arms, base_years=1, years=3, seed=8
    )
    assert_agree(study, 20, looked_at=3)


def test_revenue_and_cost_have_their_closed_forms():
    """Compound Poisson: means and variances by the moments of price and cost, and their covariance."""
    cases, members, replicates = make_cases(), 400, 20_000
    results = run(visits_of(cases, own_cost=3.0), members=members, replicates=replicates)
    revenue, cost = (results.values(name, "Fees") for name in ("provider_revenue", "provider_cost"))
    rate = 4.2 * members
    costs = 3.0 + 1.5 * cases.cases["minutes"].to_numpy()
    for drawn, of_case in ((revenue, cases.prices), (cost, costs), (revenue - cost, cases.prices - costs)):
        mean, variance = rate * (cases.weights @ of_case), rate * (cases.weights @ of_case**2)
        assert abs(drawn.mean() - mean) < 4.0 * np.sqrt(variance / replicates)
        kurtosis = rate * (cases.weights @ of_case**4) / variance**2 + 3.0
        assert abs(drawn.var() - variance) < 4.0 * variance * np.sqrt((kurtosis - 1.0) / replicates)


def test_one_word_means_one_case_under_every_payment():
    """The same caseload under two payments: each price of one names the case, whose price in the other was drawn."""
    first = ar.CasePrices({"price": [10.0, 20.0, 30.0], "share": [5, 3, 2]}, weight="share")
    second = ar.CasePrices({"price": [7.0, 1.0, 4.0], "share": [5, 3, 2]}, weight="share")
    drawn = []
    for cases in (first, second):
        care = ar.Utilization(services=[visits_of(cases, own_cost_per=None)])
        drawn.append(ar.Study(make_panel(200), care, {"Fees": ar.FeeForService()}, seed=3).claims(0)["allowed"])
    expected = drawn[0].map({10.0: 7.0, 20.0: 1.0, 30.0: 4.0})
    assert set(drawn[0]) == {10.0, 20.0, 30.0}
    assert (drawn[1] == expected).all()


def test_cases_have_their_shares():
    care = ar.Utilization(services=[visits_of(make_cases(price=[1.0, 2.0, 3.0, 4.0, 5.0]))])
    claims = ar.Study(make_panel(5_000), care, {"Fees": ar.FeeForService()}, seed=4).claims(0)
    found = claims["allowed"].value_counts().reindex([1.0, 2.0, 3.0, 4.0, 5.0], fill_value=0).to_numpy()
    shares = make_cases().weights
    error = np.sqrt(len(claims) * shares * (1.0 - shares))
    assert (np.abs(found - len(claims) * shares) < 4.0 * error).all()


def test_costs_without_months_are_the_same_costs():
    with_months, without = (run(visits_of(make_cases()), cash=cash) for cash in (True, False))
    for name in ("provider_cost", "provider_revenue"):
        np.testing.assert_allclose(with_months.values(name, "Fees"), without.values(name, "Fees"), rtol=1e-12)


def test_own_cost_alike_for_all_cases_is_own_cost():
    """The same dollars whether they are said of an event or of the one visit that each case is."""
    cases = make_cases(visits=[1, 1, 1, 1, 1])
    of_visits = run(visits_of(cases, own_cost_per={"visits": 7.5}))
    of_events = run(visits_of(cases, own_cost=7.5, own_cost_per=None))
    np.testing.assert_allclose(
        of_visits.values("provider_cost", "Fees"), of_events.values("provider_cost", "Fees"), rtol=1e-12
    )


def test_statements_have_the_costs_of_cases():
    results = run(visits_of(make_cases()), replicates=4)
    for replicate in range(4):
        cost = results.values("provider_cost", "Fees")[replicate]
        totals = results.statement("Fees", replicate=replicate).totals().set_index("account")
        assert cost > 0
        assert float(totals.loc["own_cost", "provider_net"]) == pytest.approx(-cost, abs=0.07)


def test_the_exact_engine_knows_the_prices():
    cases = make_cases()
    care = ar.Utilization(services=[visits_of(cases)])
    study = ar.Study(make_panel(200), care, {"Fees": ar.FeeForService()}, seed=4)
    expected = study.exact().figure("Fees", "allowed_mean").value
    assert expected == pytest.approx(200 * 4.2 * cases.mean(), rel=1e-9)


# ---------------------------------------------------------------------------------------------------------
# Cases as they are given
# ---------------------------------------------------------------------------------------------------------


def test_means_and_words():
    cases = make_cases()
    assert cases.mean() == pytest.approx(np.average(MIX["price"], weights=MIX["share"]))
    assert cases.mean("minutes") == pytest.approx(np.average(MIX["minutes"], weights=MIX["share"]))
    assert repr(cases).startswith("CasePrices: 5 cases, mean price ")
    assert "part_of_events" in cases._repr_html_()
    assert cases.plot().get_xlabel() == "price of an event, dollars"
    assert ar.CasePrices({"price": [1.0, 3.0]}).mean() == 2.0


def test_equal_cases_are_equal():
    assert make_cases() == make_cases()
    assert hash(make_cases()) == hash(make_cases())
    assert make_cases() != make_cases(minutes=[1, 2, 3, 4, 5])
    assert visits_of(make_cases()) == visits_of(make_cases())


def test_frames_of_any_kind():
    polars, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    for frame in (pd.DataFrame(MIX), polars.DataFrame(MIX), arrow.table(MIX)):
        assert ar.CasePrices(frame, weight="share").mean() == make_cases().mean()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: ar.CasePrices({"cost": [1.0]}), "CasePrices: must have the columns price, got only cost"),
        (lambda: ar.CasePrices({"price": []}), "CasePrices: must have 1 to 1,000,000 cases, got 0"),
        (lambda: ar.CasePrices({"price": [5.0, -1.0]}), "CasePrices.price[1]: must be a number between 0 and 1e+12"),
        (lambda: ar.CasePrices({"price": [5.0, None]}), "CasePrices.price[1]: must not be missing"),
        (lambda: make_cases(share=[0, 0, 0, 0, 0]), "CasePrices.share: must not all be 0"),
        (
            lambda: make_cases().mean("days"),
            "CasePrices.days: must be a column of the cases, got 'days' (the",
        ),
    ],
)
def test_cases_that_are_none(make, text):
    with pytest.raises(ar.InputError) as error:
        make()
    assert str(error.value).startswith(text)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"allowed": 5.0}, "visits.allowed: must be given, or price in place of it, got both"),
        ({"price": None}, "visits.allowed: must be given, or price in place of it, got neither"),
        ({"price": None, "allowed": 5.0}, "visits.own_cost_per: must go with the cases of a price, got no price"),
        (
            {"price": None, "own_cost_per": None, "allowed": make_cases()},
            "visits.allowed: must be a distribution or a number, got CasePrices",
        ),
        ({"own_cost_per": {"minutes": ar.Normal(3, 1)}}, "visits.own_cost_per.minutes: must be a number of dollars"),
        ({"own_cost_per": {"minutes": 1e11}}, "visits.own_cost_per: must come to at most 1e+12 dollars a case"),
        ({"price": 60.0}, "visits.price: must be CasePrices, such as ar.snf.Pdpm(...), got a float"),
        ({"own_cost_per": {"days": 3.0}}, "visits.own_cost_per.days: must be a column of the cases, got 'days'"),
        ({"own_cost_per": {"minutes": -3.0}}, "visits.own_cost_per.minutes: must be at least 0 dollars, got -3"),
        ({"own_cost_per": 3.0}, "visits.own_cost_per: must map columns of the cases to dollars, got a float"),
    ],
)
def test_services_that_are_none(terms, text):
    service = visits_of(make_cases(), **terms)
    with pytest.raises(ar.InputError) as error:
        run(service, replicates=1)
    assert str(error.value).startswith(text)
