"""Prices of simulated services by payment systems: groups, days, visits and minutes are drawn, the system prices."""

import doctest
import math
import re
from pathlib import Path

import numpy as np
import pytest

import atrisk as ar
from conftest import make_panel

FEES = {
    "code": ["97110", "97140", "97165"],
    "work": [0.45, 0.43, 1.54],
    "practice_expense": [0.40, 0.38, 1.30],
    "malpractice": [0.02, 0.01, 0.05],
}
SNF = {"fiscal_year": 2026, "area": "urban", "wage_index": 0.95}
VISIT = {"fees": FEES, "date": "2025-03-03", "discipline": "occupational"}
HOME = {"calendar_year": 2026, "wage_index": 1.05}
IRF = {"fiscal_year": 2026, "wage_index": 1.02, "location": "urban", "average_length_of_stay": 12}
RATIOS = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
DRG = {"fiscal_year": 2021, "wage_index": 1.05, "discharge": "home", "charges": 0.0} | RATIOS


def test_skilled_nursing_stays_are_the_prices_of_their_claims():
    mix, days = {"NHNC1": 0.6, "KAQD1": 0.4}, {3: 0.2, 21: 0.5, 100: 0.3}
    stays = ar.snf.Pdpm(case_mix=mix, days=days, **SNF)
    assert len(stays) == 6
    expected = sum(
        of_group * of_days * float(ar.snf.explain(hipps=hipps, days=length, **SNF)["payment"])
        for hipps, of_group in mix.items()
        for length, of_days in days.items()
    )
    assert stays.mean() == pytest.approx(expected, abs=1e-6)
    assert stays.mean("days") == pytest.approx(3 * 0.2 + 21 * 0.5 + 100 * 0.3)
    assert set(stays.cases["confidence"]) == {"recalled"}


def test_days_of_a_law_are_rounded_up_and_end_with_the_benefit():
    law = ar.LogNormal(mean=25, cv=0.6)
    cases = ar.snf.Pdpm(case_mix="NHNC1", days=law, **SNF).cases.set_index("days")["share"]
    assert cases.index.tolist() == list(range(1, 101))
    for day in (1, 20, 99):
        assert cases[day] == pytest.approx(law.cdf(float(day)) - law.cdf(float(day - 1)), abs=1e-12)
    assert cases[100] == pytest.approx(law.sf(99.0), abs=1e-12)
    assert ar.snf.Pdpm(case_mix="NHNC1", days=law, most_days=20, **SNF).mean("days") < 20


def test_a_frame_may_say_everything_of_its_cases():
    frame = {"hipps": ["NHNC1", "KAQD1"], "share": [1, 3], "days": [30, 10], "area": ["urban", "rural"]}
    stays = ar.snf.Pdpm(fiscal_year=2026, case_mix=frame, wage_index=0.95, value_based_multiplier=0.985)
    assert stays.prices[0] == 22_815.55
    assert stays.mean("days") == 15.0


def test_visits_are_priced_by_the_eight_minute_rule():
    minutes = {"97110": {33: 1.0}, "97140": {0: 0.25, 7: 0.5, 22: 0.25}}
    visit = ar.therapy.Visit(minutes=minutes, **VISIT)
    assert visit.cases["units"].tolist() == [2, 3, 4]
    assert visit.cases["units_of_97140"].tolist() == [0, 1, 2]
    assert visit.cases["minutes"].tolist() == [33, 40, 55]
    for row, of_manual in enumerate((0, 7, 22)):
        codes = ["97110", "97140"] if of_manual else ["97110"]
        day = ar.therapy.price({"code": codes, "minutes": [33, of_manual][: len(codes)]}, **VISIT)
        assert visit.prices[row] == pytest.approx(day["allowed"].sum(), abs=1e-9)


def test_a_code_without_minutes_is_given_once():
    visit = ar.therapy.Visit(minutes={"97165": None, "97110": 15}, **VISIT)
    assert visit.cases[["units", "minutes"]].to_numpy().tolist() == [[2, 15]]
    assert (
        visit.prices[0]
        == ar.therapy.price({"code": ["97165", "97110"], "minutes": [math.nan, 15]}, **VISIT)["allowed"].sum()
    )


def test_a_visit_of_too_few_minutes_earns_nothing():
    visit = ar.therapy.Visit(minutes={"97110": {7: 0.5, 8: 0.5}}, **VISIT)
    assert visit.prices[0] == 0.0
    assert visit.prices[1] > 0.0


def test_episodes_of_visits_are_their_visits():
    minutes = {"97110": [33, 33, 25], "97140": [0, 7, 13], "share": [1, 2, 1], "visits": [3, 4, 10]}
    episodes = ar.therapy.Visit(minutes=minutes, **VISIT)
    visit = ar.therapy.Visit(minutes={name: minutes[name] for name in ("97110", "97140", "share")}, **VISIT)
    assert episodes.prices.tolist() == (visit.prices * [3, 4, 10]).round(2).tolist()
    assert episodes.cases["minutes"].tolist() == [99, 160, 380]
    assert episodes.cases["units_of_97140"].tolist() == [0, 1, 1]
    assert episodes.weights.tolist() == [0.25, 0.5, 0.25]
    alike = ar.therapy.Visit(minutes={97110: 33}, visits={1: 0.5, 8: 0.5}, **VISIT)
    assert alike.prices[1] == 8 * alike.prices[0]
    assert alike.cases["minutes_of_97110"].tolist() == [33, 33]


def test_one_list_of_episodes_is_one_caseload_under_every_system():
    """Builders keep the order and the shares of a frame, so that rows are the same episode everywhere."""
    share = [0.2, 0.5, 0.3]
    priced = [
        ar.therapy.Visit(minutes={"97110": [30, 40, 50], "visits": [4, 6, 9], "share": share}, **VISIT),
        ar.snf.Pdpm(case_mix={"hipps": ["NHNC1"] * 3, "days": [6, 9, 13], "share": share}, **SNF),
        ar.home_health.Pdgm(
            case_mix={"hipps": ["1EB11"] * 3, "occupational_therapy_visits": [4, 6, 9], "share": share}, **HOME
        ),
        ar.irf.Stay(
            case_mix={"weight": [1.5] * 3, "length_of_stay": [6, 9, 13], "share": share},
            discharge_status="01",
            special_weight=0.2,
            **IRF,
        ),
        ar.drg.Stay(case_mix={"drg": [470] * 3, "length_of_stay": [6, 9, 13], "share": share}, **DRG),
    ]
    for cases in priced:
        assert cases.weights.tolist() == share
        assert len(cases) == 3
    for cases in priced[1:2] + priced[3:]:
        assert cases.cases["days"].tolist() == [6, 9, 13]
    assert priced[2].cases["visits"].tolist() == [4, 6, 9]


def test_what_is_computed_prevails_over_what_came_along():
    frame = {"hipps": ["NHNC1"], "share": [1.0], "days": [30], "payment": [7.0], "confidence": ["read"]}
    stays = ar.snf.Pdpm(case_mix=frame, value_based_multiplier=0.985, **SNF)
    assert stays.prices.tolist() == [22_815.55]
    assert stays.cases["confidence"].tolist() == ["recalled"]


def test_visits_of_all_are_counted_as_those_of_a_law():
    facts = {"physical_therapy_visits": 5, "first_period": False}
    periods = ar.home_health.Pdgm(case_mix="3EB11", visits={"occupational_therapy": {3: 1.0}}, **facts, **HOME)
    assert periods.cases["visits"].tolist() == [8]
    assert ar.home_health.Pdgm(case_mix="3EB11", **facts, **HOME).cases["visits"].tolist() == [5]


def test_a_period_has_a_visit():
    laws = {"physical_therapy": {0: 0.5, 2: 0.5}, "occupational_therapy": {0: 0.5, 4: 0.5}}
    periods = ar.home_health.Pdgm(case_mix="3EB11", visits=laws, first_period=False, **HOME)
    assert sorted(periods.cases["visits"]) == [2, 4, 6]
    assert periods.weights == pytest.approx([1 / 3] * 3)


def test_home_health_periods_are_the_prices_of_their_periods():
    visits = {"occupational_therapy": {1: 0.5, 6: 0.5}, "physical_therapy": 2}
    first_days = {"occupational_therapy_first_day": 1, "physical_therapy_first_day": 2}
    weights = {"hipps": ["1EB11"], "weight": [1.1], "lupa_threshold": [4]}
    periods = ar.home_health.Pdgm(case_mix="1EB11", visits=visits, weights=weights, **first_days, **HOME)
    assert periods.cases["visits"].tolist() == [3, 8]
    assert periods.prices.tolist() == [749.59, 2_326.0]


def test_rehabilitation_and_hospital_stays_are_the_prices_of_their_stays():
    mix = {"weight": [1.5, 1.5], "share": [0.5, 0.5], "discharge_status": ["01", "03"], "length_of_stay": [14, 6]}
    assert ar.irf.Stay(case_mix=mix, **IRF).prices.tolist() == [29_488.86, 15_971.17]
    stays = ar.drg.Stay(case_mix={470: 0.75, 469: 0.25}, days={2: 1.0}, **DRG)
    assert stays.prices[0] == 12_628.54
    assert stays.weights.tolist() == [0.75, 0.25]


def test_longer_hospital_stays_charge_more_and_reach_outliers():
    short = DRG | {"charges": 30_000.0}
    stays = ar.drg.Stay(case_mix=470, days={2: 0.5, 60: 0.5}, charges_per_day=8_000.0, **short)
    assert stays.cases["charges"].tolist() == [46_000.0, 510_000.0]
    assert stays.prices[1] > stays.prices[0] == 12_628.54


def test_the_same_caseload_is_drawn_under_per_visit_per_diem_and_per_period_payment():
    """Three services of one name, whose cases stand in one order: every event is the same case in all of them."""
    n = 4
    share = {"share": np.full(n, 1.0 / n)}
    payments = {
        "per diem": ar.CasePrices({"price": [100.0, 200.0, 300.0, 400.0], **share}, weight="share"),
        "per visit": ar.CasePrices({"price": [9.0, 8.0, 7.0, 6.0], **share}, weight="share"),
        "per period": ar.CasePrices({"price": [55.0, 51.0, 52.0, 53.0], **share}, weight="share"),
    }
    population = make_panel(200)
    drawn = {}
    for name, cases in payments.items():
        care = ar.Utilization(services=[ar.Service("therapy", per_1000=3_000, price=cases)])
        claims = ar.Study(population, care, {"Fees": ar.FeeForService()}, seed=9).claims(0)
        case_of = {price: case for case, price in enumerate(cases.prices)}
        drawn[name] = claims["allowed"].map(case_of).to_numpy()
    assert set(drawn["per diem"]) == {0, 1, 2, 3}
    assert (drawn["per diem"] == drawn["per visit"]).all()
    assert (drawn["per diem"] == drawn["per period"]).all()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: ar.snf.Pdpm(case_mix={"NHNC1": -1.0}, days=5, **SNF), "snf.Pdpm.case_mix.share[0]: must be a number"),
        (lambda: ar.snf.Pdpm(case_mix={"NHNC1": 0.0}, days=5, **SNF), "snf.Pdpm.case_mix.share: must not all be 0"),
        (lambda: ar.snf.Pdpm(case_mix={"ZHNC1": 1.0}, days=5, **SNF), "snf"),
        (lambda: ar.snf.Pdpm(case_mix="NHNC1", days=0, **SNF), "snf.Pdpm.days: must be whole numbers from 1 to 100"),
        (lambda: ar.snf.Pdpm(case_mix="NHNC1", days=2.5, **SNF), "snf.Pdpm.days: must be whole numbers from 1 to 100"),
        (lambda: ar.snf.Pdpm(case_mix="NHNC1", **SNF), "snf"),
        (lambda: ar.snf.Pdpm(case_mix="NHNC1", days=[10, 20], **SNF), "snf.Pdpm.days: must be a number, numbers with"),
        (
            lambda: ar.snf.Pdpm(case_mix="NHNC1", days=ar.Normal(5, 10), **SNF),
            "snf.Pdpm.days: must not reach below 1, got 0.31 of it there (truncate it: Truncated(distribution",
        ),
        (
            lambda: ar.snf.Pdpm(case_mix={"hipps": ["NHNC1"], "share": [1], "days": [3]}, days=5, **SNF),
            "snf.Pdpm.days: must be given once, got in the mix and as a law",
        ),
        (
            lambda: ar.irf.Stay(case_mix={1.5: 1.0}, days=12, **IRF),
            "irf.Stay.case_mix: must be a frame",
        ),
        (
            lambda: ar.drg.Stay(case_mix=470, charges_per_day=100.0, **DRG),
            "drg.Stay: must have the columns length_of_stay",
        ),
        (
            lambda: ar.therapy.Visit(minutes={"97110": 0}, **VISIT),
            "therapy.Visit.minutes: must be above 0",
        ),
        (lambda: ar.therapy.Visit(minutes={}, **VISIT), "therapy.Visit.minutes: must map codes to minutes"),
        (
            lambda: ar.therapy.Visit(minutes={"97110": ar.Pareto(shape=1.5, scale=30)}, **VISIT),
            "therapy.Visit.minutes.97110: must not reach beyond 480",
        ),
        (
            lambda: ar.home_health.Pdgm(case_mix="1EB11", visits={"therapy": 3}, **HOME),
            "home_health.Pdgm.visits: must be of skilled_nursing",
        ),
        (lambda: ar.home_health.Pdgm(case_mix="1EB11", visits=3, **HOME), "home_health.Pdgm.visits: must map"),
        (lambda: ar.drg.Stay(case_mix={470: 1.0}, days=2, **DRG | {"fiscal_year": 1999}), "drg"),
    ],
)
def test_caseloads_that_are_none(make, text):
    with pytest.raises(ar.InputError) as error:
        make()
    assert str(error.value).startswith(text)


def test_too_many_combinations_are_refused():
    laws = dict.fromkeys(("97110", "97140", "97112"), ar.Truncated(ar.Uniform(0, 200), lower=0.0, upper=200.0))
    with pytest.raises(ar.InputError, match="must come to at most 1,000,000 cases"):
        ar.therapy.Visit(minutes=laws, **VISIT)


def test_the_page_runs():
    page = (Path(__file__).parents[2] / "docs/payment/caseloads.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, "caseloads", None, 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0
