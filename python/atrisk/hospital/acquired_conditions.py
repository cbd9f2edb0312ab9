"""Hospital-acquired condition reduction: z-scores into a total, whose worst quartile loses a part of its payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk import _figures
from atrisk import _frames as frames
from atrisk._spec import plain
from atrisk.hospital import _published
from atrisk.hospital._result import ProgramResult

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

PLACE = "hospital.hac"


def hac(measures: object, *, fiscal_year: int, cutoff: float | None = None) -> ProgramResult:
    """Score hospital-acquired conditions and find the worst quartile.

    Parameters
    ----------
    measures : data frame
        The file of the Provider Data Catalog as it is published, or a row for each hospital and measure:
        ``facility_id``, ``measure`` and either ``z_score`` (winsorized) or ``value``, of which more is worse
        (standardized infection ratio, composite). From values z-scores are made over the hospitals given.
        ``exempt`` (True or False, optional) marks hospitals that have a score and lose nothing. Missing is not
        available.
    fiscal_year : int
        Federal fiscal year of the payments; from 2020, when measures have had equal weights.
    cutoff : float, optional
        Total above which a hospital is in the worst quartile; by default the quartile of the hospitals given.

    Returns
    -------
    ProgramResult
        - ``measures``: ``facility_id measure z_score``
        - ``hospitals``: ``facility_id measures total_score worst_quartile reduction_rate confidence``; a hospital
          without any measure has no total and loses nothing
        - ``parameters``: ``cutoff``

    Raises
    ------
    InputError
        Missing columns (all named), scores out of range, a year without figures.

    Notes
    -----
    42 USC 1395ww(p), 42 CFR 412.170-412.172. Formulas stand in ``docs/hospital.md``; :func:`payment` applies the
    reduction after the other two programs.

    Examples
    --------
    >>> import atrisk as ar
    >>> scores = {"facility_id": list("AABCD"), "measure": ["CDI", "MRSA", "CDI", "CDI", "CDI"],
    ...           "z_score": [1.5, 0.5, 0.2, -0.4, -1.0]}
    >>> result = ar.hospital.hac(scores, fiscal_year=2024)
    >>> result.hospitals[["total_score", "worst_quartile"]].values.tolist()
    [[1.0, True], [0.2, False], [-0.4, False], [-1.0, False]]
    """
    figures = _figures.of_year("atrisk.hospital", "hac", f"{PLACE}.fiscal_year", fiscal_year, "equal_weights")
    table = frames.read_frame(f"{PLACE}.measures", measures)
    table = _scored(_published.conditions(table) if _published.is_published(table) else table, figures)
    figures["equal_weights"]  # the mean below has them
    by = table.groupby("facility_id")
    hospitals = by.agg(measures=("z_score", "count"), total_score=("z_score", "mean"), exempt=("exempt", "max"))
    hospitals = hospitals.reset_index()
    if cutoff is None:
        level = float(hospitals["total_score"].quantile(1.0 - figures.number("worst_part")))
    else:
        level = plain(f"{PLACE}.cutoff", cutoff)
    hospitals["worst_quartile"] = (hospitals["total_score"] > level) & ~hospitals.pop("exempt")
    hospitals["reduction_rate"] = np.where(hospitals["worst_quartile"], figures.number("reduction_rate"), 0.0)
    hospitals["confidence"] = figures.confidence
    return ProgramResult(
        hospitals=frames.give_back(hospitals, measures),
        measures=frames.give_back(table[["facility_id", "measure", "z_score"]], measures),
        parameters={"cutoff": level},
        notes=figures.notes,
    )


def _scored(table: pd.DataFrame, figures: _figures.Year) -> pd.DataFrame:
    """Return measures with their z-scores."""
    score = "value" if "value" in table.columns and "z_score" not in table.columns else "z_score"
    frames.need(PLACE, table, ["facility_id", "measure", score])
    table = table.assign(facility_id=table["facility_id"].astype(str))
    frames.once(PLACE, table, ["facility_id", "measure"])
    exempt = frames.numbers(PLACE, table, "exempt", 0, 1)
    table["exempt"] = np.nan_to_num(exempt) > 0
    if score == "z_score":
        return table.assign(z_score=frames.numbers(PLACE, table, "z_score", -100.0, 100.0))
    values = frames.numbers(PLACE, table, "value", -1e6, 1e6)
    low, high = figures.number("low_percentile"), figures.number("high_percentile")
    z_scores = np.full(len(table), np.nan)
    for rows in table.groupby("measure").indices.values():
        z_scores[rows] = winsorized_z_scores(values[rows], low, high)
    return table.assign(z_score=z_scores)


def winsorized_z_scores(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return z-scores of values that are first held between two of their quantiles; missing ones stay missing."""
    if np.isnan(values).all():
        return values
    held = np.clip(values, *np.nanquantile(values, [low, high]))
    spread = np.nanstd(held)
    return held - np.nanmean(held) if spread == 0 else (held - np.nanmean(held)) / spread
