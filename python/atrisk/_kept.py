"""What a run keeps on request: the figures of each payer, and the provider's cash month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from atrisk import _core, metrics
from atrisk._errors import InputError
from atrisk._rows import COLUMNS
from atrisk._spec import whole

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.results import Results

KEPT = ("payers", "months")
MONTHS_OF_A_YEAR = 12
#: Months of the last year and its run-out, as the core keeps them.
MONTHS = 60
SHARED = "shared"
TOTAL = "total"


def kept(given: object) -> dict[str, bool]:
    """Return what is asked to be kept, as the core reads it."""
    names: Any = [given] if isinstance(given, str) else given
    if not isinstance(names, Sequence):
        raise InputError("run.keep", f"must be of {', '.join(KEPT)}", repr(given))
    for name in names:
        if name not in KEPT:
            raise InputError("run.keep", f"must be of {', '.join(KEPT)}", repr(name))
    return {name: name in names for name in KEPT}


def width(spec: dict[str, Any], payers: int) -> int:
    """Return how many values are kept besides of each replicate, arm and year."""
    keep = spec.get("keep", {})
    return (len(COLUMNS) * payers if keep.get("payers") else 0) + (MONTHS if keep.get("months") else 0)


def of_payer(results: Results, figure: str, arm: str, payer: str, year: int | None) -> NDArray[np.float64]:
    """Return one figure of one payer's members, one value per replicate."""
    if not results.spec.get("keep", {}).get("payers"):
        raise InputError("values.payer", "must be kept", repr(payer), 'run with keep="payers"')
    payers = results.study.population.payers
    if payer not in payers:
        raise InputError("values.payer", f"must be one of {', '.join(payers)}", repr(payer))
    if figure not in COLUMNS:
        raise InputError("values.figure", f"must be one of {', '.join(COLUMNS)} for one payer", repr(figure))
    year = None if year is None else whole("year", year, 1, results.years)
    place = _first(results) + payers.index(payer) * len(COLUMNS) + COLUMNS.index(figure)
    years = results._figures[:, results._arm_index(arm), :, place]  # noqa: SLF001 - its own package
    return np.asarray(years.sum(axis=1) if year is None else years[:, year - 1])


def payers(results: Results, year: int | None) -> pd.DataFrame:
    """Return the table of :meth:`Results.payers`."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    rows: dict[tuple[str, str], dict[str, float | None]] = {}
    names = results.study.population.payers
    for arm in results.arms:
        total = {figure: results.values(figure, arm, year=year) for figure in COLUMNS}
        left = dict(total)
        for payer in names:
            figures = {figure: of_payer(results, figure, arm, payer, year) for figure in COLUMNS}
            rows[arm, payer] = _row(results, figures)
            left = {figure: left[figure] - figures[figure] for figure in COLUMNS}
        # Sums in another order differ in their last digits, which are no dollars.
        shared = {figure: np.round(values, 6) for figure, values in left.items()}
        rows[arm, SHARED], rows[arm, TOTAL] = _row(results, shared), _row(results, total)
    index = pd.MultiIndex.from_tuples(list(rows), names=["arm", "payer"])
    return pd.DataFrame(list(rows.values()), index=index)


def _row(results: Results, figures: dict[str, NDArray[np.float64]]) -> dict[str, float | None]:
    """Return means and the spread of the net, each with its standard error."""
    draws = results.clusters
    row: dict[str, float | None] = {}
    for name, values in figures.items():
        row[f"{name}_mean"], row[f"{name}_mean_se"] = metrics.mean(values, draws=draws)
    net = figures["provider_net"]
    row["provider_net_sd"], row["provider_net_sd_se"] = metrics.standard_deviation(net, draws=draws)
    below = metrics.cents(net) < 0
    row["probability_of_loss"], row["probability_of_loss_se"] = metrics.probability(below, draws=draws)
    return row


def cash(results: Results, arm: str) -> NDArray[np.float64]:
    """Return the month-end balances of :meth:`Results.cash_balance`."""
    if not results.spec.get("keep", {}).get("months"):
        raise InputError("cash_balance", "must be kept", repr(arm), 'run with keep="months"')
    last = results._figures.shape[3]  # noqa: SLF001 - its own package
    of_years = results._figures[:, results._arm_index(arm), :, last - MONTHS :]  # noqa: SLF001 - its own package
    early = of_years[:, :-1, :MONTHS_OF_A_YEAR].reshape(results.replicates, -1)
    moved = np.concatenate([early, of_years[:, -1, :]], axis=1)
    # Behind the last month in which any cash moves nothing is to be seen.
    moving = np.flatnonzero((moved != 0.0).any(axis=0))
    ends = max(results.years * MONTHS_OF_A_YEAR, int(moving[-1]) + 1 if len(moving) else 0)
    return np.asarray(moved[:, :ends].cumsum(axis=1))


def _first(results: Results) -> int:
    """Return where the figures of payers begin."""
    return len(_core.figure_names()) + 2 * len(results.study.health)


class Kept:
    """What results have besides, where it was kept; a part of :class:`Results`."""

    def payers(self, *, year: int | None = None) -> pd.DataFrame:
        """Return the figures of each payer beside the total, after a run with ``keep="payers"``.

        Parameters
        ----------
        year : int, optional
            One performance year, from 1; by default all of them together.

        Returns
        -------
        pandas.DataFrame
            Indexed by arm and payer; ``shared`` is what is of no payer (fixed costs, programmes, contracts with all of
            them), ``total`` is the sum. Means of the columns of :meth:`to_pandas` in dollars (``_mean``),
            ``provider_net_sd`` and ``probability_of_loss``, each with its standard error (``_se``).
        """
        results = cast("Results", self)
        return payers(results, None if year is None else whole("payers.year", year, 1, results.years))

    def cash_balance(self, arm: str) -> NDArray[np.float64]:
        """Return the provider's cash at the end of each month, after a run with ``keep="months"``.

        Parameters
        ----------
        arm : str
            Name of an arm.

        Returns
        -------
        numpy.ndarray
            Shape (replicates, months), dollars, from nothing before month 1 (the first of the first performance year)
            to the last month in which cash moves in any replicate.
        """
        return cash(cast("Results", self), arm)
