"""How many cases a second each rule settles in a frame, on all processors, to the cent."""

from __future__ import annotations

import argparse
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import atrisk as ar

if TYPE_CHECKING:
    from collections.abc import Callable


def dollars(rng: np.random.Generator, low: float, high: float, n: int) -> np.ndarray:
    """Draw amounts in cents."""
    return np.round(rng.uniform(low, high, n), 2)


def rules(n: int) -> dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame]]:
    """Return a rule of each kind with its cases."""
    rng = np.random.default_rng(1)
    years = pd.DataFrame({"target": dollars(rng, 9e6, 11e6, n), "cost": dollars(rng, 8e6, 12e6, n)})
    insurers = pd.DataFrame(
        {
            "claims": dollars(rng, 7e6, 9e6, n),
            "premium": dollars(rng, 9e6, 11e6, n),
            "taxes_and_fees": dollars(rng, 0, 5e5, n),
            "life_years": rng.integers(500, 80_000, n),
            "average_deductible": dollars(rng, 0, 12_000, n),
        }
    )
    dates = np.datetime64("2018-01-01") + rng.integers(0, 3_000, n)
    payments = pd.DataFrame({"amount": dollars(rng, 0, 1e5, n), "date": dates})
    savers = pd.DataFrame({"benchmark": dollars(rng, 1e8, 3e8, n), "members": rng.integers(3_000, 60_000, n)})
    savers["spending"] = np.round(savers["benchmark"] * rng.uniform(0.9, 1.1, n), 2)
    savers["quality_score"] = np.round(rng.uniform(0.5, 1.0, n), 4)
    return {
        "shared savings": (ar.SharedSavings.mssp("ENHANCED", year=2024).settle, savers),
        "risk corridor": (ar.RiskCorridor.preset("aca", year=2014).settle, years),
        "medical loss ratio rebate": (ar.MedicalLossRatioRebate.preset("individual", year=2024).settle, insurers),
        "sequestration": (ar.Sequestration().settle, payments),
    }


def main() -> None:
    """Time every rule."""
    time_all(__doc__, rules, cases=1_000_000)


def time_all(
    about: str | None, of: Callable[[int], dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame]]], *, cases: int
) -> None:
    """Time what works on frames, best of some rounds; fail where one is slower than the bar."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--cases", type=int, default=cases)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--least", type=float, default=0.0, help="fail below this many million cases a second")
    given = parser.parse_args()
    slowest = math.inf
    for name, (settle, frame) in of(given.cases).items():
        best = math.inf
        for _ in range(given.rounds):
            start = time.perf_counter()
            settle(frame)
            best = min(best, time.perf_counter() - start)
        rate = given.cases / best / 1e6
        slowest = min(slowest, rate)
        print(f"{name:26} {rate:5.2f} million cases a second, {1e3 / rate:5.0f} ns each")
    if slowest < given.least:
        message = f"{slowest:.2f} million cases a second, below {given.least}"
        raise SystemExit(message)


if __name__ == "__main__":
    main()
