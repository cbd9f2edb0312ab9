"""Score of a provider from its measures: each one's share by its ladder, and their weighted mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from atrisk import _frames as frames
from atrisk._errors import InputError, a
from atrisk._spec import plain
from atrisk.rules.measure_ladder import MeasureLadder

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def check_measures(place: str, measures: object) -> Mapping[str, MeasureLadder]:
    """Return measures with their ladders, refusing those whose terms break a rule by their names."""
    if not isinstance(measures, Mapping):
        raise InputError(f"{place}.measures", "must map names to MeasureLadder", a(measures))
    for name, measure in measures.items():
        path = f"{place}.measures[{name}]"
        if not isinstance(measure, MeasureLadder):
            raise InputError(path, "must be a MeasureLadder", a(measure))
        _ = measure.rule(path).core
        _weight(place, name, measure)
    return measures


def scored(
    place: str, measures: Mapping[str, MeasureLadder], table: pd.DataFrame, least: tuple[int, int]
) -> dict[str, NDArray[np.float64]]:
    """Return ``<measure>_share`` of each measure, missing where its rate is, and ``score``, 0-1.

    A measure that is missing, or has fewer eligible members than the first of ``least``, leaves its weight to the
    others; fewer measures than the second make a score of 0.
    """
    minimum_eligible, minimum_measures = least
    shares = {name: _share(place, name, measure, table) for name, measure in measures.items()}
    if minimum_eligible > 1:
        for name, share in shares.items():
            eligible = frames.known_numbers(place, table, f"{name}_eligible", 0.0, 1e12)
            share[eligible < minimum_eligible] = np.nan
    weights = np.array([_weight(place, name, measure) for name, measure in measures.items()])
    earned = np.column_stack(list(shares.values()))
    available = ~np.isnan(earned)
    weight = (available * weights).sum(axis=1)
    points = (np.nan_to_num(earned) * weights).sum(axis=1)
    enough = (available.sum(axis=1) >= minimum_measures) & (weight > 0)
    score = np.divide(points, weight, out=np.zeros(len(table)), where=enough)
    return {f"{name}_share": share for name, share in shares.items()} | {"score": np.minimum(score, 1.0)}


def _weight(place: str, name: str, measure: MeasureLadder) -> float:
    path = f"{place}.measures[{name}].weight"
    weight = plain(path, measure.weight)
    if weight <= 0:
        raise InputError(path, "must be above 0", f"{weight:g}")
    return weight


def _share(place: str, name: str, measure: MeasureLadder, table: pd.DataFrame) -> NDArray[np.float64]:
    rate = frames.numbers(place, table, name, -1e6, 1e6)
    baseline = frames.numbers(place, table, f"{name}_baseline", -1e6, 1e6)
    facts = {
        "performance": np.nan_to_num(rate),
        "baseline": np.nan_to_num(baseline),
        "has_baseline": (~np.isnan(baseline)).astype(np.float64),
    }
    return np.where(np.isnan(rate), np.nan, measure.rule(f"{place}.measures[{name}]").columns(facts)["share"])
