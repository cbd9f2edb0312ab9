"""The simulation against theory: closed forms, Fourier transforms and published figures, within 4 standard errors.

Seeds are fixed, so a test passes or fails once and for all; the bar is the Monte Carlo error of its own sample.
"""

import math

import numpy as np
import pytest
from scipy import stats

import atrisk as ar
from atrisk import metrics
from conftest import make_panel

STANDARD_ERRORS = 4.0


def within(figure, expected, extra=0.0):
    """Whether a (value, standard error) lies within 4 standard errors of what theory says."""
    value, error = figure
    distance = abs(value - expected)
    print(f"{value:,.6g} ± {error:,.3g}, theory {expected:,.6g}: {(value - expected) / error:+.2f} standard errors")
    return distance <= STANDARD_ERRORS * error + extra


def total_cost(members, service, replicates, *, arms=None, seed=1, frailty_cv=0.0):
    care = ar.Utilization(services=[service], frailty_cv=frailty_cv)
    arms = {"Fees": ar.FeeForService()} if arms is None else arms
    return ar.Study(make_panel(members), care, arms, seed=seed).run(replicates, progress=False)


def test_aggregate_claims():
    """Negative-binomial frequency (2,500, gamma mixing of cv 10 %), log-normal severity (10,000, cv 1.5)."""
    service = ar.Service("claims", per_1000=2_500_000, allowed=ar.LogNormal(mean=10_000, cv=1.5))
    allowed = total_cost(1, service, 20_000, frailty_cv=0.1).values("allowed", "Fees")
    assert within(metrics.mean(allowed), 25_000_000)
    assert within(metrics.standard_deviation(allowed), math.sqrt(7.0625e12))
    # Read off a Fourier transform that is printed to three decimals of a million.
    assert within(metrics.quantile(allowed, 0.99), 31.577e6, extra=0.5e3)


def test_stop_loss_of_each_member():
    """10,000 members, Poisson admissions at 0.25 a year, attachment 150,000: net of recoveries, by FFT."""
    service = ar.Service(
        "admissions", per_1000=250, allowed=ar.LogNormal(mean=10_000, cv=1.5), delivered_by="other_providers"
    )
    cover = ar.StopLoss(attachment_point=150_000, ceded_share=1, premium_pmpm=0)
    arms = {"Net": [ar.Capitation(pmpm=250), cover]}
    net = total_cost(10_000, service, 6_000, arms=arms, seed=2).values("provider_cost", "Net")
    # Printed figures are rounded: half a unit of their last digit is allowed beside the Monte Carlo error.
    assert within(metrics.mean(net), 24.800e6, extra=0.5e3)
    assert within(metrics.standard_deviation(net), 0.848e6, extra=0.5e3)
    assert within(metrics.quantile(net, 0.99), 26.82e6, extra=5e3)


def aggregate_distribution(shape, mean_count, severity, *, cells, step):
    """Negative-binomial compound of a severity rounded to cells, by Fourier transform: probabilities of the cells."""
    edges = (np.arange(cells + 1) - 0.5) * step
    mass = np.diff(severity.cdf(np.maximum(edges, 0.0)))
    transform = np.fft.rfft(mass)
    probability = np.fft.irfft((1.0 + mean_count / shape * (1.0 - transform)) ** -shape, cells)
    assert abs(probability.sum() - 1.0) < 1e-9
    assert probability[-cells // 8 :].max() < 1e-12, "the grid must not wrap"
    return probability


@pytest.mark.parametrize(("frailty_cv", "rate", "cv"), [(1.2, 2.1, 0.8), (0.7, 0.6, 1.3), (1.9, 5.0, 0.5)])
def test_a_service_with_frailty(frailty_cv, rate, cv):
    """Sum over 40 members of gamma-Poisson compounds: closed-form variance, and chances by FFT at a real shape."""
    members, mean, replicates = 40, 100.0, 40_000
    service = ar.Service("visits", per_1000=1_000 * rate, allowed=ar.LogNormal(mean=mean, cv=cv))
    allowed = total_cost(members, service, replicates, seed=3, frailty_cv=frailty_cv).values("allowed", "Fees")
    expected = members * rate * mean
    variance = members * mean**2 * (rate * (1 + cv**2) + (rate * frailty_cv) ** 2)
    assert within(metrics.mean(allowed), expected)
    assert within(metrics.standard_deviation(allowed), math.sqrt(variance))
    shape = members / frailty_cv**2
    assert shape != round(shape)
    sigma = math.sqrt(math.log1p(cv**2))
    severity = stats.lognorm(sigma, scale=mean * math.exp(-(sigma**2) / 2))
    step = 2.0
    probability = aggregate_distribution(shape, members * rate, severity, cells=2**17, step=step)
    for multiple in (0.5, 0.8, 1.0, 1.3, 1.8):
        at_most = multiple * expected
        cell = round(at_most / step)
        # The discrete sum stands for one within half a cell: its chance at the cells either side is the bracket.
        slack = probability[cell - 2 : cell + 3].max() * 2
        assert within(metrics.probability(allowed <= at_most), probability[: cell + 1].sum(), extra=slack)


@pytest.mark.parametrize(
    ("members", "replicates", "reward", "penalty"),
    [(5_000, 20_000, 0.258, 0.245), (50_000, 10_000, 0.0163, 0.0204)],
)
def test_luck_in_shared_savings(members, replicates, reward, penalty):
    """Nothing changed, yearly cost of cv 2.14, a fixed benchmark, a two-sided band of 2 %: who earns, who owes."""
    yearly_cv, rate, mean = 2.14, 2.0, 600.0
    severity_cv = math.sqrt(rate * yearly_cv**2 - 1)
    service = ar.Service("claims", per_1000=1_000 * rate, allowed=ar.LogNormal(mean=mean, cv=severity_cv))
    savings = ar.SharedSavings(
        benchmark_pmpm=rate * mean / 12,
        basis="allowed",
        sharing_rate=0.5,
        loss_rate=0.5,
        minimum_savings_rate=0.02,
        minimum_loss_rate=0.02,
    )
    results = total_cost(members, service, replicates, arms={"ACO": [ar.FeeForService(), savings]}, seed=4)
    settled = results.values("provider_revenue", "ACO") - results.values("paid", "ACO")
    assert within(metrics.probability(settled > 1), reward, extra=0.0005 if members == 5_000 else 0.00005)
    assert within(metrics.probability(settled < -1), penalty, extra=0.0005 if members == 5_000 else 0.00005)


def test_counts_months_and_frailty_of_members():
    """Counts of single members are negative binomial, months uniform over enrolment, exposure pro rata."""
    members = 60_000
    panel = make_panel(members, entry_month=4, exit_month=9, risk_score=1.6)
    care = ar.Utilization(services=[ar.Service("visits", per_1000=1_500, allowed=1.0)], frailty_cv=1.3)
    claims = ar.Study(panel, care, {"Fees": ar.FeeForService()}, seed=6).claims()
    counts = np.bincount(claims["member_ix"], minlength=members)
    shape, mean = 1 / 1.3**2, 1.5 * 1.6 * 0.5
    expected = stats.nbinom(shape, shape / (shape + mean)).pmf(np.arange(8)) * members
    observed = np.bincount(np.minimum(counts, 8), minlength=9)
    chi_square = ((observed[:8] - expected) ** 2 / expected).sum() + (observed[8] - (members - expected.sum())) ** 2 / (
        members - expected.sum()
    )
    assert stats.chi2(8).sf(chi_square) > 1e-4
    assert set(claims["month"]) == set(range(4, 10))
    assert stats.chisquare(np.bincount(claims["month"])[4:10]).pvalue > 1e-4
