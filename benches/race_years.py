"""Three years with dispersion and shocks against the same model in plain NumPy, per core, in one run.

The panel task of ``race.py`` with two frailties for each service and two shocks: what members keep is drawn once a
replicate and what is another in every year each year, in both contestants.
"""

from __future__ import annotations

import argparse
import math

import numpy as np
import pandas as pd
from race import SERVICES, TRUNCATION, check, print_means, seconds

import atrisk as ar

YEARS = 3
SHARED = {"cv": 1.0, "permanent_share": 0.6}
OWN = {"cv": 0.8, "permanent_share": 0.5}
WALK, PASSING = 0.02, 0.013


def parts(cv: float, permanent_share: float) -> tuple[float, float]:
    """Return the shapes of the gamma parts that a member keeps and that are another in every year."""
    kept = permanent_share * cv * cv
    return 1.0 / kept, (1.0 + kept) / ((1.0 - permanent_share) * cv * cv)


def numpy_years(members: int, replicates: int, seed: int) -> np.ndarray:
    """Draw the model in NumPy as its user would: truncated spending of three years, summed, by replicate."""
    rng = np.random.default_rng(seed)
    ids = np.arange(members)
    (shared_kept, shared_yearly), (own_kept, own_yearly) = parts(**SHARED), parts(**OWN)
    walk_sigma, passing_sigma = (math.sqrt(math.log1p(cv * cv)) for cv in (WALK, PASSING))
    sums = np.empty(replicates)
    for replicate in range(replicates):
        kept = rng.gamma(shared_kept, 1.0 / shared_kept, members)
        own = [rng.gamma(own_kept, 1.0 / own_kept, members) for _ in SERVICES]
        level, spending = 1.0, 0.0
        for _ in range(YEARS):
            level *= math.exp(walk_sigma * rng.standard_normal() - walk_sigma**2 / 2)
            shock = level * math.exp(passing_sigma * rng.standard_normal() - passing_sigma**2 / 2)
            weight = kept * rng.gamma(shared_yearly, 1.0 / shared_yearly, members) * shock
            total = np.zeros(members)
            for service, (_, per_1000, mean, cv) in enumerate(SERVICES):
                rate = per_1000 / 1000 * weight * own[service] * rng.gamma(own_yearly, 1.0 / own_yearly, members)
                s2 = np.log1p(cv * cv)
                n = rng.poisson(rate)
                amounts = rng.lognormal(np.log(mean) - s2 / 2, np.sqrt(s2), n.sum())
                total += np.bincount(np.repeat(ids, n), weights=amounts, minlength=members)
            spending += np.minimum(total, TRUNCATION).sum()
        sums[replicate] = spending
    return sums


def study(members: int) -> ar.Study:
    """Build the same model."""
    frame = pd.DataFrame({"age": np.full(members, 50.0), "sex": "female", "risk_score": 1.0})
    services = [
        ar.Service(name, per_1000=per_1000, allowed=ar.LogNormal(mean=mean, cv=cv), frailty=ar.Frailty(**OWN))
        for name, per_1000, mean, cv in SERVICES
    ]
    shocks = [ar.Shock("walk", cv=WALK, permanent=True), ar.Shock("passing", cv=PASSING)]
    care = ar.Utilization(services=services, frailty=ar.Frailty(**SHARED), shocks=shocks)
    savings = ar.SharedSavings(
        benchmark_pmpm=10_000.0, basis="allowed", sharing_rate=0.5, truncation=TRUNCATION, benchmark_truncated=True
    )
    return ar.Study(ar.Population.from_frame(frame), care, {"ACO": [ar.FeeForService(), savings]}, years=YEARS, seed=1)


def truncated_spending(study: ar.Study, replicates: int, *, cash: bool) -> np.ndarray:
    """Run on one thread and read the truncated spending back from what was earned: half of the savings."""
    results = study.run(replicates, threads=1, cash=cash, progress=False)
    benchmark = 10_000.0 * results.values("member_months", "ACO")
    return benchmark - 2.0 * (results.values("provider_revenue", "ACO") - results.values("paid", "ACO"))


def main() -> None:
    """Run all in turn, best of some rounds; fail where the means differ or a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--least-ratio", type=float, default=0.0, help="fail below this many times NumPy per core")
    given = parser.parse_args()
    model = study(given.members)
    best: dict[str, float] = {}
    samples: dict[str, np.ndarray] = {}
    for seed in range(given.rounds):
        contestants = {
            "NumPy": lambda seed=seed: numpy_years(given.members, given.replicates, seed),
            "atrisk, 1 thread": lambda: truncated_spending(model, given.replicates, cash=True),
            "atrisk without months, 1 thread": lambda: truncated_spending(model, given.replicates, cash=False),
        }
        for name, work in contestants.items():
            took, samples[name] = seconds(work)
            best[name] = min(took, best.get(name, math.inf))
    for name, took in best.items():
        a_member_year = took / (given.members * given.replicates * YEARS) * 1e9
        print(f"{name:33} {a_member_year:6.0f} ns a member-year, {best['NumPy'] / took:5.2f} times NumPy")
    print_means({name: samples[name] for name in ("NumPy", "atrisk, 1 thread")})
    check("per core", best["NumPy"] / best["atrisk, 1 thread"], given.least_ratio)


if __name__ == "__main__":
    main()
