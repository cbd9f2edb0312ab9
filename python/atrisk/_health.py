"""The tables of outcomes and measures of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from atrisk import _core, _summary, metrics
from atrisk._errors import InputError
from atrisk._spec import whole

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.health import Measure
    from atrisk.metrics import Figure
    from atrisk.results import Results


def found(results: Results, name: str, arm: str, year: int | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what was found of an outcome or measure, as :meth:`Results.found` tells it."""
    names = results.study.health
    if name not in names:
        raise InputError("found.name", f"must be one of {', '.join(names) or 'none'}", repr(name))
    place = len(_core.figure_names()) + 2 * names.index(name)
    years = slice(None) if year is None else slice(whole("year", year, 1, results.years) - 1, year)
    of_years = results._figures[:, results._arm_index(arm), years]  # noqa: SLF001 - its own package
    return of_years[:, :, place].sum(axis=1), of_years[:, :, place + 1].sum(axis=1)


def outcomes(results: Results, year: int | None) -> pd.DataFrame:
    """Return events per 1,000 member-years of each outcome by arm."""
    names = [each["name"] for each in results.spec["outcomes"]]

    def of(arm: str) -> dict[str, Figure]:
        months = results.values("member_months", arm, year=year)
        return {
            f"{name}_per_1000": metrics.mean(
                12_000.0 * results.found(name, arm, year=year)[0] / months, draws=results.clusters
            )
            for name in names
        }

    return _summary.table(results, {arm: of(arm) for arm in results.arms})


def measures(results: Results, year: int | None) -> pd.DataFrame:
    """Return rates, denominators and scores of each measure by arm; scores are of one year, by default the last."""

    def of(arm: str) -> dict[str, Figure]:
        figures: dict[str, Figure] = {}
        for measure in results.study.measures:
            met, eligible = results.found(measure.name, arm, year=year)
            rates = met[eligible > 0] / eligible[eligible > 0]
            scored = year or results.years
            scores, _ = _scores(results, measure, arm, scored)
            figures[f"{measure.name}_rate"] = metrics.mean(rates) if len(rates) else (None, None)
            figures[f"{measure.name}_rate_sd"] = metrics.standard_deviation(rates) if len(rates) else (None, None)
            figures[f"{measure.name}_eligible"] = metrics.mean(eligible, draws=results.clusters)
            figures[f"{measure.name}_score"] = metrics.mean(scores, draws=results.clusters)
        return figures

    return _summary.table(results, {arm: of(arm) for arm in results.arms})


def quality_score(results: Results, arm: str, year: int) -> NDArray[np.float64]:
    """Return the weighted mean of the measures' scores, replicate by replicate."""
    if not results.study.measures:
        raise InputError("quality_score", "must have measures", "none", "Study(..., measures=[Measure(...)])")
    sums, weights = np.zeros(results.replicates), np.zeros(results.replicates)
    for measure in results.study.measures:
        scores, counts = _scores(results, measure, arm, year)
        sums += measure.weight * scores * counts
        weights += measure.weight * counts
    return np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)


def _scores(results: Results, measure: Measure, arm: str, year: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the scores of a year, and 1 where anyone was eligible."""
    met, eligible = results.found(measure.name, arm, year=year)
    rates = np.divide(met, eligible, out=np.zeros_like(met), where=eligible > 0)
    return measure.score(rates, year), (eligible > 0).astype(np.float64)


class HealthFound:
    """What results tell of outcomes and measures; a part of :class:`Results`."""

    def outcomes(self, *, year: int | None = None) -> pd.DataFrame:
        """Outcomes by arm: events per 1,000 member-years of each, with Monte Carlo standard errors (``_se``)."""
        return outcomes(cast("Results", self), year)

    def measures(self, *, year: int | None = None) -> pd.DataFrame:
        """Measures by arm: the rate found, its spread, the denominator and the score, with standard errors."""
        return measures(cast("Results", self), year)

    def quality_score(self, arm: str, *, year: int) -> NDArray[np.float64]:
        """Return the quality score of an arm in a performance year, 0-1, one value per replicate.

        The mean of the measures' scores by their weights; a measure for which nobody is eligible does not count.
        """
        return quality_score(cast("Results", self), arm, year)
