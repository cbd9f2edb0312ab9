"""MIPS and hospital value-based purchasing in arms: the cents of their calculators, lags, months, what is refused."""

from decimal import Decimal

import numpy as np
import pytest

import atrisk as ar
import rider_cases
from atrisk import metrics
from conftest import make_panel

VISITS = ar.Service("visits", per_1000=3_000, allowed=ar.LogNormal(mean=100, cv=0.8), coinsurance=0.2)
MEASURE = ar.Measure("m", rate=0.55, sd_between=0.25)


def study(contract, *, measures=(MEASURE,), base_years=2, members=40, **terms):
    arms = {"Fees": ar.FeeForService(), "Quality": [ar.FeeForService(), contract]}
    care = ar.Utilization(services=[VISITS])
    return ar.Study(make_panel(members), care, arms, measures=measures, base_years=base_years, seed=4, **terms)


def lines_of(statement, year=1):
    return rider_cases.lines_of(statement, "pay_for_performance", year)


def moved(statement, account):
    """Months of cash and dollars of an account."""
    ledger = statement.ledger()
    rows = ledger[ledger["account"] == account]
    return dict(zip(rows["month_cash"], rows["amount"], strict=True))


def mips(payment_year=2026, **terms):
    return ar.PayForPerformance.mips(payment_year=payment_year, **terms)


def purchasing(fiscal_year=2024, slope=2.5, **terms):
    return ar.PayForPerformance.value_based_purchasing(fiscal_year=fiscal_year, slope=slope, **terms)


@pytest.mark.parametrize("lag_years", [0, 2])
@pytest.mark.parametrize(("payment_year", "exceptional"), [(2026, None), (2024, 0.37), (2021, 0.05)])
def test_an_arm_has_the_cents_of_the_adjustment(payment_year, exceptional, lag_years):
    """Same score, same payments: line, ledger and calculator agree to the cent, on both sides of every threshold."""
    terms = {"scaling_factor": 0.31} | ({} if exceptional is None else {"exceptional_scaling_factor": exceptional})
    contract = mips(payment_year, lag_years=lag_years, **terms)
    results = study(contract, years=2).run(40, progress=False)
    signs = set()
    for replicate in range(40):
        statement = results.statement("Quality", replicate=replicate)
        owed = Decimal(0)
        for year in (1, 2):
            lines = lines_of(statement, year)
            points, payments = float(lines["points"]), float(lines["payments"])
            theirs = ar.mips.adjustment(points, year=payment_year - 2, payments=payments, **terms)
            assert lines["adjustment"] == theirs["adjustment"]
            assert lines["payment_rate"] == pytest.approx(theirs["payment_rate"], abs=Decimal("1e-12"))
            owed += theirs["adjustment"]
            signs.add(np.sign(float(theirs["adjustment"])))
        ledger = sum(moved(statement, "quality_payment").values()) - sum(moved(statement, "quality_penalty").values())
        assert ledger == owed
        net = (results.values("provider_net", "Quality") - results.values("provider_net", "Fees"))[replicate]
        assert net == pytest.approx(float(owed), abs=0.05), "but for the cents of a statement"
    assert signs >= {-1.0, 1.0}


@pytest.mark.parametrize("lag_years", [0, 2])
@pytest.mark.parametrize(("fiscal_year", "slope"), [(2015, 1.9), (2024, 2.7361), (2026, 3.0)])
def test_an_arm_has_the_cents_of_the_hospital_calculator(fiscal_year, slope, lag_years):
    results = study(purchasing(fiscal_year, slope, lag_years=lag_years), years=2).run(20, progress=False)
    sides = set()
    for replicate in range(20):
        statement = results.statement("Quality", replicate=replicate)
        lines = lines_of(statement)
        totals = {"facility_id": ["A"], "total_performance_score": [float(lines["points"])]}
        base = {"A": float(lines["payments"])}
        theirs = ar.hospital.vbp(totals, fiscal_year=fiscal_year, base_payments=base, slope=slope).statement("A")
        for line in ("withheld", "incentive", "payment"):
            assert lines[line] == theirs[line]
        withheld, returned = (
            sum(dollars for month, dollars in moved(statement, account).items() if month <= 12 or lag_years == 0)
            for account in ("withheld", "withhold_returned")
        )
        if lag_years:
            assert (withheld, returned) == (theirs["withheld"], theirs["incentive"])
        sides.add(theirs["incentive"] > theirs["withheld"])
    assert sides == {True, False}


def test_the_score_is_that_of_two_years_before():
    """Measures whose rate nearly says the year: benchmarks drift, so that years differ."""
    results = study(mips(), years=3, measures=(ar.Measure("m", rate=0.8),)).run(10, progress=False)
    same = study(mips(lag_years=0), years=3, measures=(ar.Measure("m", rate=0.8),)).run(10, progress=False)
    differ = 0
    for replicate in range(10):
        late = lines_of(results.statement("Quality", replicate=replicate), 3)
        early = lines_of(same.statement("Quality", replicate=replicate), 1)
        own = lines_of(same.statement("Quality", replicate=replicate), 3)
        assert late["score"] == early["score"]
        assert late["payments"] == own["payments"]
        differ += late["score"] != own["score"]
    assert differ


def test_base_years_have_scores_of_their_own():
    """Year 1 is moved by the rate of two years before it, which drift makes easier to reach."""
    measure = ar.Measure("m", rate=0.6, benchmarks=(0.5, 0.7), drift=0.05)
    results = study(mips(), measures=(measure,), members=200).run(5, progress=False)
    for replicate in range(5):
        lines = lines_of(results.statement("Quality", replicate=replicate))
        rate = float(lines["m_rate"])
        assert float(lines["score"]) == pytest.approx(np.clip((rate + 2 * 0.05 - 0.5) / 0.2, 0, 1), abs=1e-9)


def test_months_in_which_cash_moves():
    """A score that is known moves payments as they are paid; one of the year itself in the settle month."""
    contracts = {lag: purchasing(lag_years=lag) for lag in (0, 2)}
    for lag, contract in contracts.items():
        statement = study(contract).run(1, progress=False).statement("Quality", replicate=0)
        assert set(moved(statement, "withheld")) == set(range(1, 13))
        assert set(moved(statement, "withhold_returned")) == ({21} if lag == 0 else set(range(1, 13)))
    for lag in (0, 2):
        results = study(mips(lag_years=lag)).run(4, progress=False)
        for replicate in range(4):
            statement = results.statement("Quality", replicate=replicate)
            months = {*moved(statement, "quality_payment"), *moved(statement, "quality_penalty")}
            assert months == ({21} if lag == 0 else set(range(1, 13)))


def test_a_year_in_which_every_hospital_had_the_same_factor():
    contract = ar.PayForPerformance.value_based_purchasing(fiscal_year=2022)
    statement = study(contract).run(1, progress=False).statement("Quality", replicate=0)
    lines = lines_of(statement)
    assert (lines["withheld"], lines["incentive"]) == (0, 0)
    assert lines["payment"] == lines["payments"]
    assert "every hospital had a factor of 1" in " ".join(statement.notes)


def test_an_uncertain_scaling_factor():
    """It is drawn and leaves the contract as it was; the largest there may be is a rule of the core."""
    contract, measures = mips(scaling_factor=ar.Uniform(0.1, 0.4)), (ar.Measure("m", rate=0.95),)
    results = study(contract, measures=measures).run(400, progress=False)
    assert results.study.uncertain_inputs == ["Quality[1].payment_adjustment.mips.scaling_factor"]
    assert contract == mips(scaling_factor=ar.Uniform(0.1, 0.4))
    known = study(mips(scaling_factor=0.25), measures=measures).run(400, progress=False)
    gained, of_mean = (
        each.values("provider_net", "Quality") - each.values("provider_net", "Fees") for each in (results, known)
    )
    gains = of_mean > 0
    assert gains.sum() > 200
    drawn = 0.25 * gained[gains] / of_mean[gains]
    assert drawn.min() == pytest.approx(0.1, abs=0.01)
    assert drawn.max() == pytest.approx(0.4, abs=0.01)
    mean, error = metrics.mean(drawn)
    assert abs(mean - 0.25) < 4 * error
    np.testing.assert_allclose(gained[~gains], of_mean[~gains], err_msg="losses are not scaled")
    with pytest.raises(ar.InputError, match=r"scaling_factor: must be between 0 and 3"):
        study(mips(scaling_factor=ar.Uniform(4, 5))).run(1, progress=False)


def test_notes_say_what_rests_on_what():
    statement = study(mips(2024)).run(1, progress=False).statement("Quality", replicate=0)
    notes = " ".join(statement.notes)
    for text in ("MIPS, performance year 2022, payment year 2024", "42 CFR 414.1405", "before the scaling", "its pool"):
        assert text in notes
    notes = " ".join(purchasing().notes)
    assert "performance_lag_years 2: recalled, not checked against a text" in notes
    assert "42 USC 1395ww(o)" in notes


def test_a_commercial_ladder_with_a_gate_and_a_minimum():
    """The example of the page: half of the pool from 50 points, all from 75; below 50 a penalty of 1 % of payments."""
    plan = ar.PayForPerformance(
        bonus_pmpm=4,
        ladder=[(0.5, 0.5), (0.75, 1)],
        penalty_rate=0.01,
        penalty_ladder=[(0.4999, 1)],
        straight_line=False,
    )
    for score, net in ((0.49, -6_000), (0.5, 24_000), (0.74, 24_000), (0.75, 48_000), (1.0, 48_000)):
        assert plan.settle(score=score, payments=600_000, member_months=12_000)["net"] == net


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            lambda: mips(2018),
            "PayForPerformance.mips.payment_year: must be one of the years 2019, 2020, 2021, 2022, 2023, 2024, 2025, "
            "2026, 2027, 2028, got 2018",
        ),
        (lambda: mips(scaling_factor=4), "PayForPerformance.mips.scaling_factor: must be between 0 and 3, got 4"),
        (
            lambda: mips(exceptional_scaling_factor=0.5),
            "PayForPerformance.mips.exceptional_scaling_factor: must be left out: the year has no pool for exceptional "
            "performance, got 0.5",
        ),
        (
            lambda: mips(bonus_rate=0.1),
            "PayForPerformance.mips.bonus_rate: must be one of lag_years, minimum_eligible, minimum_measures, "
            "settle_month, got another term",
        ),
        (
            lambda: purchasing(2012),
            "PayForPerformance.value_based_purchasing.fiscal_year: must be one of the years 2013, 2014, 2015, 2016, "
            "2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026, got 2012",
        ),
        (
            lambda: purchasing(slope=None),
            "PayForPerformance.value_based_purchasing.slope: must be given: the slope that the year's exchange "
            "function has, published once for the nation, got None (ar.hospital.vbp computes one from many hospitals)",
        ),
        (
            lambda: purchasing(2023, 2.0),
            "PayForPerformance.value_based_purchasing.slope: must be left out: every hospital had the same factor in "
            "the year, got 2.0",
        ),
        (
            lambda: study(purchasing(slope=-1.0)),
            "Quality[1].payment_adjustment.slope: must be between 0 and 1000000, got -1",
        ),
        (
            lambda: study(mips(), base_years=1),
            "Quality[1].lag_years: must be at most the base years of the study, 1, got 2 "
            "(Study(..., base_years=2), or lag_years=0: a year's score moves its own payments)",
        ),
        (
            lambda: study(mips(lag_years=0.5)),
            "Quality[1].lag_years: must be a whole number between 0 and 10, got 0.5",
        ),
        (
            lambda: study(ar.PayForPerformance(payment_adjustment=mips().payment_adjustment, bonus_pmpm=2)),
            "Quality[1].bonus_pmpm: must be left out where payment_adjustment says what a score moves, got 2",
        ),
        (
            lambda: study(
                ar.PayForPerformance(payment_adjustment=mips().payment_adjustment, dollars_per_member={"m": 1})
            ),
            'Quality[1].dollars_per_member: must be left out where payment_adjustment says what a score moves, got "m"',
        ),
        (
            lambda: study(ar.PayForPerformance(payment_adjustment="mips")),
            "PayForPerformance.payment_adjustment: must be made by PayForPerformance.mips or "
            "PayForPerformance.value_based_purchasing, got a str",
        ),
        (
            lambda: mips().settle(score=0.8, payments=100),
            "PayForPerformance.payment_adjustment: must be left out where own figures are settled "
            "(ar.mips.adjustment and ar.hospital.vbp settle the programmes of Medicare)",
        ),
        (
            lambda: ar.PayForPerformance(lag_years=1).settle(score=0.8),
            "PayForPerformance.lag_years: must be left out where own figures are settled "
            "(ar.mips.adjustment and ar.hospital.vbp settle the programmes of Medicare)",
        ),
    ],
)
def test_what_is_refused(given, text):
    with pytest.raises(ar.InputError) as error:
        given()
    assert str(error.value) == text
