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


def letters(rng: np.random.Generator, word: str, n: int) -> np.ndarray:
    """Draw letters of a word."""
    return rng.choice(list(word), n)


def joined(*columns: np.ndarray) -> list[str]:
    """Put letters together to codes."""
    return ["".join(row) for row in zip(*columns, strict=True)]


def systems(n: int) -> dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame]]:
    """Return every system with its cases."""
    rng = np.random.default_rng(1)
    wage_index = np.round(rng.uniform(0.8, 1.3, n), 4)
    visits = pd.DataFrame(
        {
            "patient": np.repeat(np.arange(n), LINES),
            "code": np.concatenate([CODES[:LINES]] * n),
            "minutes": rng.integers(1, 45, n * LINES),
        }
    )
    claims = pd.DataFrame(
        {
            "hipps": joined(
                letters(rng, "ABCDEFGHIJKLMNOP", n),
                letters(rng, "ABCDEFGHIJKL", n),
                letters(rng, "ABCDEFGHIJKLMNOPQRSTUVWXY", n),
                letters(rng, "ABCDEF", n),
                letters(rng, "01", n),
            ),
            "area": rng.choice(["urban", "rural"], n),
            "days": rng.integers(1, 31, n),
            "prior_days": rng.integers(0, 70, n),
            "wage_index": wage_index,
        }
    )
    periods = pd.DataFrame(
        {
            "weight": np.round(rng.uniform(0.6, 1.8, n), 4),
            "lupa_threshold": rng.integers(2, 7, n),
            "physical_therapy_visits": rng.integers(1, 12, n),
            "wage_index": wage_index,
        }
    )
    stays = pd.DataFrame(
        {
            "drg": rng.choice([291, 329, 469, 470, 481], n),
            "length_of_stay": rng.integers(1, 15, n),
            "charges": dollars(rng, 1e4, 3e5, n),
            "wage_index": wage_index,
            "discharge": rng.choice(["home", "post_acute", "acute_transfer"], n),
        }
    )
    rehabilitation = pd.DataFrame(
        {
            "weight": np.round(rng.uniform(0.8, 2.5, n), 4),
            "length_of_stay": rng.integers(4, 25, n),
            "wage_index": wage_index,
        }
    )
    hospice = pd.DataFrame(
        {
            "level": "routine",
            "days": rng.integers(1, 31, n),
            "prior_days": rng.integers(0, 90, n),
            "wage_index": wage_index,
        }
    )
    therapy = partial(ar.therapy.price, fees=FEES, date="2025-03-03", discipline="occupational")
    ratios = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
    irf = {"location": "urban", "average_length_of_stay": 12, "discharge_status": "01", "special_weight": 0.2}
    return {
        "therapy, visits of 3 codes": (therapy, visits),
        "therapy, units alone": (ar.therapy.units, visits),
        "skilled nursing": (partial(ar.snf.price, fiscal_year=2026), claims),
        "home health": (partial(ar.home_health.price, calendar_year=2026, first_period=False), periods),
        "inpatient": (partial(ar.drg.price, fiscal_year=2021, **ratios), stays),
        "rehabilitation": (partial(ar.irf.price, fiscal_year=2026, **irf), rehabilitation),
        "hospice": (partial(ar.hospice.price, fiscal_year=2025), hospice),
    }


if __name__ == "__main__":
    time_all(__doc__, systems, cases=200_000)
