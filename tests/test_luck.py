"""Luck in shared savings: what a benchmark of three base years leaves of it, in closed form, and whom it rewards."""

import math

import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from closed_forms import others, panel_with, within

EQUAL, WEIGHTED = [1 / 3, 1 / 3, 1 / 3], [0.1, 0.3, 0.6]
PRICE = 1_000.0


def yearly(rate, price_cv, frailty_cv, share):
    """Coefficient of variation c of a member's yearly cost and correlation r of two years, in closed form."""
    variance = (1 + price_cv**2) / rate + frailty_cv**2
    return math.sqrt(variance), share * frailty_cv**2 / variance


def settled(members, replicates, model, weights, *, seed, band=0.0, shocks=(), threads=None):
    """Measured savings rates of replicates in which nothing was saved, and what was earned less what was owed."""
    rate, price_cv, frailty_cv, share = model
    care = ar.Utilization(
        services=[others("care", 1_000 * rate, ar.LogNormal(mean=PRICE, cv=price_cv))],
        frailty=ar.Frailty(cv=frailty_cv, permanent_share=share),
        shocks=shocks,
    )
    benchmark = ar.Benchmark(weights=weights, trend="national")
    savings = ar.SharedSavings(
        benchmark=benchmark,
        basis="allowed",
        sharing_rate=1.0,
        loss_rate=1.0,
        minimum_savings_rate=band,
        minimum_loss_rate=band,
    )
    study = ar.Study(panel_with(members), care, {"ACO": savings}, seed=seed, base_years=3)
    results = study.run(replicates, progress=False, cash=False, threads=threads)
    savings = results.values("provider_revenue", "ACO")
    return savings, savings / (savings + results.values("allowed", "ACO"))


@pytest.mark.parametrize(("weights", "f"), [(EQUAL, 4 / 3), (WEIGHTED, 1.46)], ids=["equal", "10/30/60"])
@pytest.mark.parametrize(
    "model",
    [(0.5, 1.0, 1.2, 0.6), (2.0, 0.8, 1.5, 0.8), (1.0, 1.5, 0.0, 1.0), (4.0, 0.5, 1.0, 1.0), (1.0, 1.0, 1.0, 0.0)],
)
def test_spread_of_the_savings_rate(model, weights, f):
    """sd × √N = c √(f (1 − r)), f = 1 + Σ w²."""
    members = 1_000
    assert math.isclose(f, 1 + sum(w**2 for w in weights))
    c, rho = yearly(*model)
    theory = c * math.sqrt(f * (1 - rho))
    savings, rates = settled(members, 6_000, model, weights, seed=121)
    expected = members * model[0] * PRICE
    sd, error = metrics.standard_deviation(savings / expected * math.sqrt(members))
    print(f"c {c:.3f}, rho {rho:.3f}, f {f:.3f}")
    assert within((sd, error), theory)
    assert within(metrics.mean(savings), 0.0)
    # The measured rate, whose benchmark has luck too.
    measured = float(rates.std(ddof=1)) * math.sqrt(members)
    print(f"measured rate: {measured:.3f}, {measured / theory - 1:+.2%}")
    assert abs(measured / theory - 1) < 0.03


# A kept frailty of cv 1.2 and prices of cv 1.6, 1 claim a year: sd √N = 2.14 with equal weights.
SPREAD = 2.14
LIGHT = (1.0, math.sqrt(SPREAD**2 / (4 / 3) - 1.0), 1.2, 1.0)


@pytest.mark.parametrize(("members", "replicates"), [(5_000, 4_000), (50_000, 1_000)])
def test_who_is_rewarded_and_who_is_penalized(members, replicates):
    """Nothing changed, a two-sided band of 2 %: chances Φ(∓ 0.02 / sd)."""
    c, rho = yearly(*LIGHT)
    assert math.isclose(c * math.sqrt(4 / 3 * (1 - rho)), SPREAD)
    sd = SPREAD / math.sqrt(members)
    theory = stats.norm.cdf(-0.02 / sd)
    savings, _ = settled(members, replicates, LIGHT, EQUAL, seed=122, band=0.02)
    print(f"c {c:.3f}, rho {rho:.3f}, sd sqrt(N) {SPREAD}; N {members}, sd {sd:.4f}, chance {theory:.4f}")
    assert within(metrics.probability(savings > 0), theory)
    assert within(metrics.probability(savings < 0), theory)


def test_what_size_does_not_diversify():
    """Another 1.3 % each year that no market shares: at 50,000 members Φ(∓ 0.02 / √(luck² + 0.013² f))."""
    members = 50_000
    luck = SPREAD / math.sqrt(members)
    total = math.sqrt(luck**2 + 0.013**2 * 4 / 3)
    theory = stats.norm.cdf(-0.02 / total)
    savings, _ = settled(members, 400, LIGHT, EQUAL, seed=123, band=0.02, shocks=[ar.Shock.default()])
    alone = stats.norm.cdf(-0.02 / luck)
    print(f"sd {total:.4f} (luck alone {luck:.4f}), chance {theory:.4f} (luck alone {alone:.4f})")
    for hits in (savings > 0, savings < 0):
        share, error = metrics.probability(hits)
        assert within((share, error), theory)
        assert share - 4 * error > alone
