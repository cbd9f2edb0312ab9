"""Programmes against closed forms: what coupled arms save, reach, ramps, events added, arms within arms."""

import math

import numpy as np
import pytest

import atrisk as ar
from closed_forms import covariance, mean, others, panel_with, ratio, variance, within

MEMBERS, RATE = 50, 2.0
EVENTS = MEMBERS * RATE


def run(programmes, replicates=10_000, *, seed=81, price=1.0, years=1, panel=None, services=None, **care):
    """Dollars of all care of a baseline and of each arm, by (arm, year), on the same years."""
    services = services or [others("stays", 1_000 * RATE, price)]
    contract = ar.Capitation(pmpm=0)
    arms = {"0": contract} | {name: ar.Arm(contract, programme) for name, programme in programmes.items()}
    study = ar.Study(
        panel or panel_with(MEMBERS), ar.Utilization(services=services, **care), arms, seed=seed, years=years
    )
    results = study.run(replicates, progress=False, cash=False)
    return {(arm, year): results.values("allowed", arm, year=year) for arm in arms for year in range(1, years + 1)}


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5, 0.9, 1.0])
def test_avoided_events_are_thinned(p):
    """Saved and kept events are independent Poisson counts of means p λ and (1 − p) λ."""
    dollars = run({"less": ar.Programme("care", effect=-p)})
    saved = dollars["0", 1] - dollars["less", 1]
    assert (saved >= 0).all()
    assert within(mean(saved), p * EVENTS)
    assert within(variance(saved), p * EVENTS)
    if p < 1:
        assert within(covariance(saved, dollars["less", 1]), 0.0)
    else:
        assert set(dollars["less", 1]) == {0.0}


@pytest.mark.parametrize("p", [0.05, 0.2, 0.5])
def test_coupled_arms_against_seeds_of_their_own(p):
    """Variance of the saving with independent seeds, over that of coupled arms: (2 − p) / p."""
    programme = {"less": ar.Programme("care", effect=-p)}
    one, two = run(programme, 12_000), run(programme, 12_000, seed=82)
    paired = one["0", 1] - one["less", 1]
    other = one["0", 1] - two["less", 1]
    assert within(variance(paired), p * EVENTS)
    assert within(variance(other), (2 - p) * EVENTS)
    # The paired saving of the second seed, independent of both samples of the first baseline but for the arm itself.
    third = run(programme, 12_000, seed=83)
    assert within(ratio(variance(other), variance(third["0", 1] - third["less", 1])), (2 - p) / p)


@pytest.mark.parametrize(("p", "price_cv"), [(0.1, 0.5), (0.3, 1.5), (0.6, 1.0)])
def test_savings_in_dollars(p, price_cv):
    """A saving is the price of the events avoided: mean p λ m, variance p λ m² (1 + x²)."""
    dollars = run({"less": ar.Programme("care", effect=-p)}, price=ar.Gamma(mean=100, cv=price_cv))
    saved = dollars["0", 1] - dollars["less", 1]
    assert within(mean(saved), p * EVENTS * 100)
    assert within(variance(saved), p * EVENTS * 100**2 * (1 + price_cv**2))


@pytest.mark.parametrize(("p", "q"), [(0.2, 0.5), (0.5, 0.1), (1.0, 0.3), (0.05, 0.9), (0.8, 0.0)])
def test_reach(p, q):
    """Who is reached stays so: Var = N (q p λ + q (1 − q) p² λ²), Cov of two years = N q (1 − q) p² λ²."""
    dollars = run({"less": ar.Programme("care", effect=-p, reach=q)}, years=2)
    first, second = (dollars["0", year] - dollars["less", year] for year in (1, 2))
    if q == 0:
        assert set(first) == set(second) == {0.0}
        return
    common = MEMBERS * q * (1 - q) * (p * RATE) ** 2
    assert within(mean(first), MEMBERS * q * p * RATE)
    assert within(variance(first), MEMBERS * q * p * RATE + common)
    assert within(covariance(first, second), common)


@pytest.mark.parametrize(("start", "ramp"), [(1, 0), (4, 0), (1, 6), (10, 9), (13, 0), (20, 12), (24, 1)])
def test_ramps(start, ramp):
    """Avoided events of a year: λ / 12 × effect × sum over its months of min(1, (m − start + 1) / ramp)."""
    p = 0.4
    dollars = run({"less": ar.Programme("care", effect=-p, start_month=start, ramp_months=ramp)}, 5_000, years=2)
    for year in (1, 2):
        months = range(12 * year - 11, 12 * year + 1)
        parts = [0.0 if m < start else min(1.0, (m - start + 1) / max(ramp, 1)) for m in months]
        saved = dollars["0", year] - dollars["less", year]
        if sum(parts) == 0:
            assert set(saved) == {0.0}
        else:
            assert within(mean(saved), EVENTS / 12 * p * sum(parts))


@pytest.mark.parametrize(("effect", "start"), [(0.1, 1), (0.5, 1), (1.0, 5), (3.0, 12), (9.0, 1)])
def test_added_events(effect, start):
    """More care adds Poisson events of mean λ × effect × the part of the year, independent of the baseline."""
    dollars = run({"more": ar.Programme("care", effect=effect, start_month=start)}, 6_000)
    added = dollars["more", 1] - dollars["0", 1]
    expected = EVENTS * effect * (13 - start) / 12
    assert within(mean(added), expected)
    assert within(variance(added), expected)
    assert within(covariance(added, dollars["0", 1]), 0.0)


def test_added_events_have_frailty_and_prices_of_their_own():
    """Of one member's rate: Cov (added, baseline) = λ² e c²; added dollars have the prices of any other event."""
    effect, cv, price_cv = 0.6, 0.8, 0.7
    dollars = run(
        {"more": ar.Programme("care", effect=effect)}, 12_000, price=ar.Gamma(mean=10, cv=price_cv), frailty_cv=cv
    )
    added = dollars["more", 1] - dollars["0", 1]
    common = MEMBERS * (RATE * cv) ** 2 * effect * 100
    assert within(covariance(added, dollars["0", 1]), common)
    assert within(variance(added), EVENTS * effect * 100 * (1 + price_cv**2) + common * effect)


def test_arms_within_arms():
    """The events of a stronger programme are among those of a weaker one: differences are thinned events too."""
    programmes = {str(p): ar.Programme("care", effect=-p) for p in (0.1, 0.3, 0.7)}
    dollars = run(programmes)
    for weaker, stronger in ((0.1, 0.3), (0.3, 0.7), (0.1, 0.7)):
        difference = dollars[str(weaker), 1] - dollars[str(stronger), 1]
        assert (difference >= 0).all()
        assert within(mean(difference), (stronger - weaker) * EVENTS)
        assert within(variance(difference), (stronger - weaker) * EVENTS)


def test_reach_within_reach():
    """The same programme with less reach has its members among those of one with more; another name has others."""

    def programme(name, reach):
        return ar.Programme(name, effect=-1.0, reach=reach)

    arms = {"narrow": programme("care", 0.2), "wide": programme("care", 0.6), "other": programme("else", 0.2)}
    dollars = run(arms | {"both": [programme("care", 0.2), programme("else", 0.2)]})
    assert (dollars["narrow", 1] >= dollars["wide", 1]).all()
    assert within(mean(dollars["narrow", 1] - dollars["wide", 1]), 0.4 * EVENTS)
    assert within(mean(dollars["both", 1]), 0.8**2 * EVENTS)
    assert not (dollars["narrow", 1] >= dollars["other", 1]).all()


@pytest.mark.parametrize("effects", [(-0.2, -0.3), (-0.5, 0.6), (-0.5, 2.0), (0.5, 0.5), (-0.1, -0.1, -0.1)])
def test_programmes_multiply(effects):
    """The factor is the product: kept with min(f, 1), added with f − 1 where the product is above 1."""
    programmes = [ar.Programme(f"programme {i}", effect=effect) for i, effect in enumerate(effects)]
    dollars = run({"all": programmes})
    factor = math.prod(1 + effect for effect in effects)
    difference = dollars["all", 1] - dollars["0", 1]
    assert within(mean(dollars["all", 1]), EVENTS * factor)
    assert within(variance(dollars["all", 1]), EVENTS * factor)
    assert within(variance(difference), EVENTS * abs(factor - 1))


def test_what_undoes_itself_leaves_every_event():
    dollars = run(
        {"same": [ar.Programme("a", effect=-0.5), ar.Programme("b", effect=1.0)]}, 300, price=ar.Gamma(mean=3, cv=1)
    )
    assert dollars["same", 1].tobytes() == dollars["0", 1].tobytes()


def test_services_and_enrolment():
    """Only the services named change, and only in months that members are enrolled in."""
    services = [others("stays", 2_000, 1.0), others("drugs", 3_000, 1_000_000.0)]
    panel = panel_with(MEMBERS, {"entry_month": 7})
    programme = ar.Programme("care", effect=0.8, services=["stays"], start_month=4, ramp_months=6)
    dollars = run({"more": programme}, panel=panel, services=services)
    difference = dollars["more", 1] - dollars["0", 1]
    parts = [min(1.0, (m - 3) / 6) for m in range(7, 13)]
    assert difference.max() < 1_000_000
    assert within(mean(np.round(difference)), EVENTS / 12 * 0.8 * sum(parts))


@pytest.mark.parametrize(
    ("reach", "start", "pmpm", "once"),
    [(1.0, 1, 3.0, 0.0), (0.25, 1, 8.0, 100.0), (0.5, 7, 2.5, 1_000.0), (1, 15, 4, 50)],
)
def test_what_a_programme_costs(reach, start, pmpm, once):
    """Start cost in the first month, and cost × reach × members enrolled in each month from then on."""
    programme = ar.Programme("care", effect=0.0, reach=reach, start_month=start, cost_pmpm=pmpm, start_cost=once)
    panel = panel_with(40, {"exit_month": np.where(np.arange(40) < 10, 9, 12)})
    care = ar.Utilization(services=[others("stays", 0, 1.0)])
    study = ar.Study(panel, care, {"A": ar.Arm(ar.Capitation(pmpm=0), programme)}, seed=1, years=2)
    results = study.run(2, progress=False)
    for year in (1, 2):
        months = [m for m in range(12 * year - 11, 12 * year + 1) if m >= start]
        expected = sum(pmpm * reach * (40 if m <= 9 else 30) for m in months) + once * (start in months)
        np.testing.assert_allclose(results.values("provider_cost", "A", year=year), expected, rtol=1e-12)
