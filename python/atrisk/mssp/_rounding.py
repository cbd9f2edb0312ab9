"""How far the rounding of published figures alone can move a historical benchmark that is reckoned from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

UNITS = (1.0, 0.1, 0.01, 0.001)
#: Variance of a rounding error, in squared units of the last digit: uniform over one unit.
VARIANCE = 1.0 / 12.0


def unit(values: NDArray[np.float64]) -> float:
    """Return the largest unit, 1 to 0.001, of which all values are multiples; 0 if there is none: not rounded."""
    known = values[~np.isnan(values)]
    return next((one for one in UNITS if np.allclose(known, np.round(known / one) * one, rtol=0.0, atol=1e-9)), 0.0)


def rounding_sd(frame: pd.DataFrame, parts: pd.DataFrame, kinds: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the standard deviation of the relative rounding error of each ACO's reckoned benchmark.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of :func:`read_puf`, of one performance year.
    parts : pandas.DataFrame
        What base years 1 and 2 of each enrolment type add to the benchmark but for their trends, dollars of a
        person-year, in columns ``"TYPE YEAR"``.
    kinds : tuple of str
        The enrolment types.

    Notes
    -----
    To first order, from independent errors of person-years and per-capita spending of base year 3, of risk scores and
    of the published benchmark; trends of 1 are near enough.
    """
    person_years = frame[[f"person_years_{kind}_base_year_3" for kind in kinds]].to_numpy("float64")
    per_capita = frame[[f"per_capita_{kind}_base_year_3" for kind in kinds]].to_numpy("float64")
    published = frame["historical_benchmark"].to_numpy("float64")
    total = np.nansum(person_years, axis=1)
    # A person-year more of a type moves the mean by the distance of its spending from the mean.
    of_shares = (per_capita - published[:, None]) * (unit(person_years) / total)[:, None]
    variance = np.nansum(of_shares**2, axis=1) + 1.0
    for kind in kinds:
        scores = frame[[f"risk_score_{kind}_base_year_{year}" for year in (1, 2, 3)]].to_numpy("float64")
        first, second = (parts[f"{kind} {year}"].to_numpy("float64") for year in (1, 2))
        moved = np.column_stack([first, second, first + second]) * (unit(scores) / scores)
        variance += np.nansum(moved**2, axis=1)
    return np.asarray(np.sqrt(variance * VARIANCE) / published, dtype=np.float64)
