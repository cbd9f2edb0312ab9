"""What the tests against closed forms share: counts of members, figures of years, and errors of functions of means."""

import math

import numpy as np
import pandas as pd

import atrisk as ar
from test_chance import within

__all__ = ["of_means", "within"]


def of_means(function, *columns):
    """A function of the means of columns of independent rows, with its delete-one jackknife standard error."""
    n = len(columns[0])
    value = float(function(*(column.mean() for column in columns)))
    left = function(*((column.sum() - column) / (n - 1) for column in columns))
    return value, math.sqrt((n - 1) * float(np.var(left)))


def variance(x):
    x = x - x.mean()
    return of_means(lambda m, mm: mm - m * m, x, x * x)


def covariance(x, y):
    x, y = x - x.mean(), y - y.mean()
    return of_means(lambda mx, my, xy: xy - mx * my, x, y, x * y)


def correlation(x, y):
    x, y = x - x.mean(), y - y.mean()

    def of(mx, my, xx, yy, xy):
        return (xy - mx * my) / np.sqrt((xx - mx * mx) * (yy - my * my))

    return of_means(of, x, y, x * x, y * y, x * y)


def mean(x):
    return float(np.mean(x)), float(np.std(x, ddof=1) / math.sqrt(len(x)))


def ratio(above, below):
    """A ratio of two independent (value, standard error) figures."""
    (a, a_error), (b, b_error) = above, below
    return a / b, a / b * math.hypot(a_error / a, b_error / b)


def claims_of(panel, services, *, seed=1, years=1, base_years=0, replicate=0, **care):
    """Every event of one world; `care` are further terms of the utilization."""
    services = [services] if isinstance(services, ar.Service) else services
    utilization = ar.Utilization(services=services, **care)
    arms = {"Fees": ar.FeeForService()}
    study = ar.Study(panel, utilization, arms, seed=seed, years=years, base_years=base_years)
    return study.claims(replicate, base_years=base_years > 0)


def by_member(claims, members, *, dollars=False):
    """Counts, or dollars, of each member (rows) by year and service: arrays by (year, service)."""
    return {
        key: np.bincount(rows["member_ix"], rows["allowed"] if dollars else None, members).astype(float)
        for key, rows in claims.groupby(["year", "service"], observed=True)
    }


def savings_against(weights, **terms):
    """Shared savings whose whole saving or loss is the provider's, against a benchmark of base years as they were."""
    how = {"trend": "prospective", "trend_rate": 0.0} | terms
    benchmark = ar.Benchmark(weights=weights, **how)
    return ar.SharedSavings(benchmark=benchmark, basis="allowed", sharing_rate=1.0, loss_rate=1.0)


def dollars_by_year(panel, services, replicates, *, years=1, base_years=0, seed=1, **care):
    """Dollars of all care by year (base years too, read off benchmarks of one base year alone), one per replicate."""
    services = [services] if isinstance(services, ar.Service) else services
    assert all(service.delivered_by == "other_providers" for service in services), "provider revenue is savings alone"
    arms = {"0": ar.StopLoss(attachment_point=0, ceded_share=0, premium_pmpm=0)}
    labels = range(1 - base_years, 1)
    for label in labels:
        arms[str(label) + " base"] = savings_against([float(label == other) for other in labels])
    utilization = ar.Utilization(services=services, **care)
    study = ar.Study(panel, utilization, arms, seed=seed, years=years, base_years=base_years)
    results = study.run(replicates, progress=False, threads=1, cash=False)
    dollars = {year: results.values("allowed", "0", year=year) for year in range(1, years + 1)}
    for label in labels:
        dollars[label] = results.values("provider_revenue", str(label) + " base", year=1) + dollars[1]
    return dollars


def others(name, per_1000, allowed, **terms):
    """A service line that others deliver, so that no dollar of it is the provider's."""
    return ar.Service(name, per_1000=per_1000, allowed=allowed, delivered_by="other_providers", **terms)


def panel_with(members, columns=None, **parts):
    """A panel of equal members with enrolment, attribution, conditions or risk scores."""
    base = {"age": np.full(members, 50.0), "sex": "female", "risk_score": 1.0}
    return ar.Population.from_frame(pd.DataFrame(base | (columns or {}), index=range(members)), **parts)
