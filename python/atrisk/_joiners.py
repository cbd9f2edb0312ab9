"""Members who join a panel in later years, patterned on those who are there."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from atrisk import _core
from atrisk._errors import InputError
from atrisk._spec import whole

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from atrisk.population import Population

MONTHS = 12
MOST_YEARS = 20


def with_joiners(panel: Population, share_per_year: float, years: int, selection: float) -> Population:
    """Return a panel with joiners; systematic samples of it, so that nothing here is luck."""
    if not 0.0 <= share_per_year <= 10.0:  # noqa: PLR2004 - ten times the panel
        raise InputError("with_joiners.share_per_year", "must be between 0 and 10", f"{share_per_year}")
    years = whole("with_joiners.years", years, 2, MOST_YEARS)
    with np.errstate(divide="ignore"):
        weights = panel.columns["risk_score"].astype(np.float64) ** selection
    weights = np.where(np.isfinite(weights), weights, 0.0)
    if weights.sum() == 0.0:
        raise InputError("with_joiners.selection", "must leave members as patterns", f"{selection}")
    each = round(share_per_year * len(panel))
    rows = _systematic(weights, each)
    columns = {name: [values] for name, values in (dict(panel.columns) | _all_years(panel)).items()}
    words = [panel.member_words]
    for year in range(2, years + 1):
        names = [f"{panel.member_words[row]} joins in {year}, {copy}" for copy, row in enumerate(rows)]
        own = {
            "member_id": np.array(
                [f"{panel.columns['member_id'][row]} / {year}.{copy}" for copy, row in enumerate(rows)]
            ),
            "entry_month": 1 + np.arange(each) * MONTHS // max(each, 1),
            "exit_month": np.full(each, MONTHS),
            "entry_year": np.full(each, year),
            "exit_year": np.full(each, MOST_YEARS),
            # Ages are those of performance year 1.
            "age": np.maximum(panel.columns["age"][rows] - (year - 1), 0.0),
        }
        for name, parts in columns.items():
            parts.append(own[name] if name in own else panel.columns[name][rows])
        words.append(_core.member_words(names))
    joined = {name: _joined(parts) for name, parts in columns.items()}
    return dataclasses.replace(panel, columns=joined, member_words=np.concatenate(words))


def _systematic(weights: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Return rows in proportion to their weights: those at evenly spaced points of the cumulated weights."""
    points = (np.arange(n) + 0.5) / max(n, 1) * weights.sum()
    rows = np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)
    # Spread over the year, whatever order the panel is in.
    return np.asarray(rows[np.argsort((np.arange(n) * 0.6180339887498949) % 1.0, kind="stable")], dtype=np.int64)


def _all_years(panel: Population) -> dict[str, NDArray[np.int64]]:
    """Return the years of entry and exit, written out where the panel leaves them to be understood."""
    entry, exit_ = panel.columns["entry_month"], panel.columns["exit_month"]
    return {
        "entry_year": panel.columns.get("entry_year", np.where(entry == 1, 1 - 10, 1)),
        "exit_year": panel.columns.get("exit_year", np.where(exit_ == MONTHS, MOST_YEARS, 1)),
    }


def _joined(parts: list[Any]) -> NDArray[Any]:
    kinds = {part.dtype.kind for part in parts}
    return np.concatenate(parts if len(kinds) == 1 else [part.astype(object) for part in parts])
