"""How many cases a second each payment system prices in a frame, on all processors, every step a column."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from settlements import dollars, time_all

import atrisk as ar

if TYPE_CHECKING:
    from collections.abc import Callable

CODES = ("97110", "97112", "97140", "97530")
LINES = 3  # of a visit
FEES = {
    "code": list(CODES),
    "work": [0.45, 0.50, 0.43, 0.44],
    "practice_expense": [0.40, 0.46, 0.35, 0.64],
    "malpractice": [0.02, 0.02, 0.01, 0.01],
}


def letters(rng: np.random.Generator, words: list[str], n: int) -> list[str]:
    """Draw codes, each letter from a word of its own."""
    columns = [rng.choice(list(word), n) for word in words]
    return ["".join(row) for row in zip(*columns, strict=True)]


def wage_indexes(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw wage indexes of four decimals."""
    return np.round(rng.uniform(0.8, 1.3, n), 4)


def visits(n: int) -> pd.DataFrame:
    """Draw therapy visits, a row for each line."""
    minutes = np.random.default_rng(1).integers(1, 45, n * LINES)
    return pd.DataFrame(
        {"patient": np.repeat(np.arange(n), LINES), "code": np.concatenate([CODES[:LINES]] * n), "minutes": minutes}
    )


def skilled_nursing(n: int) -> pd.DataFrame:
    """Draw claims of skilled nursing facilities."""
    rng = np.random.default_rng(2)
    words = ["ABCDEFGHIJKLMNOP", "ABCDEFGHIJKL", "ABCDEFGHIJKLMNOPQRSTUVWXY", "ABCDEF", "01"]
    return pd.DataFrame(
        {
            "hipps": letters(rng, words, n),
            "area": rng.choice(["urban", "rural"], n),
            "days": rng.integers(1, 31, n),
            "prior_days": rng.integers(0, 70, n),
            "wage_index": wage_indexes(rng, n),
        }
    )


def home_health(n: int) -> pd.DataFrame:
    """Draw 30-day periods, some of few visits."""
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "weight": np.round(rng.uniform(0.6, 1.8, n), 4),
            "lupa_threshold": rng.integers(2, 7, n),
            "physical_therapy_visits": rng.integers(1, 12, n),
            "wage_index": wage_indexes(rng, n),
        }
    )


def inpatient(n: int) -> pd.DataFrame:
    """Draw inpatient stays, some of them transfers and outliers."""
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "drg": rng.choice([291, 329, 469, 470, 481], n),
            "length_of_stay": rng.integers(1, 15, n),
            "charges": dollars(rng, 1e4, 3e5, n),
            "wage_index": wage_indexes(rng, n),
            "discharge": rng.choice(["home", "post_acute", "acute_transfer"], n),
        }
    )


def by_weight(n: int) -> pd.DataFrame:
    """Draw stays of rehabilitation or of a long-term hospital."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "weight": np.round(rng.uniform(0.8, 2.5, n), 4),
            "length_of_stay": rng.integers(4, 25, n),
            "wage_index": wage_indexes(rng, n),
        }
    )


def hospice(n: int) -> pd.DataFrame:
    """Draw days of routine care."""
    rng = np.random.default_rng(6)
    days = {"days": rng.integers(1, 31, n), "prior_days": rng.integers(0, 90, n)}
    return pd.DataFrame({"level": "routine", **days, "wage_index": wage_indexes(rng, n)})


def outpatient(n: int) -> pd.DataFrame:
    """Draw outpatient lines, two to a claim."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "claim": np.arange(n) // 2,
            "apc_rate": dollars(rng, 50, 9_000, n),
            "status": rng.choice(["S", "T"], n),
            "charges": dollars(rng, 100, 60_000, n),
        }
    )


def systems(n: int) -> dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame]]:
    """Return every system with its cases."""
    therapy = partial(ar.therapy.price, fees=FEES, date="2025-03-03", discipline="occupational")
    ratios = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
    irf = {"location": "urban", "average_length_of_stay": 12, "discharge_status": "01", "special_weight": 0.2}
    ltch = {"geometric_mean_length_of_stay": 24, "cost_to_charge_ratio": 0.2, "labor_share": 0.7, "charges": 100_000}
    long_term = partial(ar.ltch.price, fiscal_year=2026, ipps_comparable_amount=10_000, **ltch)
    lines = partial(ar.outpatient.price, calendar_year=2025, wage_index=1.1, cost_to_charge_ratio=0.25)
    return {
        "therapy, visits of 3 codes": (therapy, visits(n)),
        "therapy, units alone": (ar.therapy.units, visits(n)),
        "skilled nursing": (partial(ar.snf.price, fiscal_year=2026), skilled_nursing(n)),
        "home health": (partial(ar.home_health.price, calendar_year=2026, first_period=False), home_health(n)),
        "inpatient": (partial(ar.drg.price, fiscal_year=2021, **ratios), inpatient(n)),
        "rehabilitation": (partial(ar.irf.price, fiscal_year=2026, **irf), by_weight(n)),
        "long-term hospital": (long_term, by_weight(n).assign(site_neutral=False)),
        "hospice": (partial(ar.hospice.price, fiscal_year=2025), hospice(n)),
        "outpatient lines": (lines, outpatient(n)),
    }


if __name__ == "__main__":
    time_all(__doc__, systems, cases=200_000)
