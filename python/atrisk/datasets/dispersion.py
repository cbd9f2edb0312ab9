"""How much savings rates move from year to year, by size: luck that members share out, and what size does not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from atrisk import metrics
from atrisk._errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

FEWEST_MEMBERS = 5_000  # that the programme admits
BANDS = (5_000, 10_000, 20_000, 50_000)  # members, lower bound included
FEWEST_PAIRS = 10
STEPS = 1_000  # of the fit at most; it takes dozens
CLOSE = 1e-7  # relative change of every variance at which the fit has arrived
RATE_COLUMNS = ("aco_id", "performance_year", "agreement_start", "members", "savings_rate")
CHANGE_COLUMNS = ("first_year", "members", "savings_rate_change")


class Dispersion(NamedTuple):
    """The fit of :func:`fit_dispersion`: pairs (value, standard error), and the number of changes behind them."""

    sd_at_any_size: metrics.Figure
    sd_of_one_member: metrics.Figure
    mean_change: metrics.Figure
    pairs: int


def savings_rate_changes(rates: pd.DataFrame, *, years_apart: int = 1) -> pd.DataFrame:
    """Pair the years of each ACO.

    Parameters
    ----------
    rates : pandas.DataFrame
        Rows of :func:`atrisk.datasets.mssp_savings_rates`.
    years_apart : int
        Of the two years. 1 gives 2016-2017; 2 gives 2014-2016 and 2021-2023.

    Returns
    -------
    pandas.DataFrame
        One row for each ACO with at least 5,000 members in both years:

        - ``aco_id``: identifier
        - ``first_year``: the earlier performance year
        - ``members``: harmonic mean of the two years, number
        - ``savings_rate_change``: later less earlier savings rate, a difference of shares
        - ``same_agreement``: whether both years are of one agreement period, the benchmark not rebased between
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    _need(rates, RATE_COLUMNS, "mssp_savings_rates")
    large = rates[rates["members"] >= FEWEST_MEMBERS]
    earlier = large.assign(performance_year=large["performance_year"] + years_apart)
    both = earlier.merge(large, on=["aco_id", "performance_year"], suffixes=("_earlier", "_later"))
    changes = pd.DataFrame(
        {
            "aco_id": both["aco_id"],
            "first_year": both["performance_year"] - years_apart,
            "members": 2.0 / (1.0 / both["members_earlier"] + 1.0 / both["members_later"]),
            "savings_rate_change": both["savings_rate_later"] - both["savings_rate_earlier"],
            "same_agreement": both["agreement_start_earlier"] == both["agreement_start_later"],
        }
    )
    return changes.sort_values(["first_year", "aco_id"], ignore_index=True)


def dispersion_by_size(changes: pd.DataFrame) -> pd.DataFrame:
    """Spread of a single year's savings rate in each band of size.

    Parameters
    ----------
    changes : pandas.DataFrame
        Rows of :func:`savings_rate_changes`, of one first year.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``members`` ("5,000-10,000", "10,000-20,000", "20,000-50,000", "50,000+"; lower bound included):
        ``pairs``, their number; ``sd``, the standard deviation of the change over √2, a share of the benchmark; and
        ``sd_se``, its standard error. With fewer than two pairs both are missing.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    change, members = _one_period(changes)
    rows = {}
    for low, high in zip(BANDS, (*BANDS[1:], math.inf), strict=True):
        inside = change[(members >= low) & (members < high)] / math.sqrt(2.0)
        sd, error = metrics.standard_deviation(inside)
        label = f"{low:,}+" if high == math.inf else f"{low:,}-{high:,}"
        rows[label] = {"pairs": len(inside), "sd": sd, "sd_se": error}
    table = pd.DataFrame.from_dict(rows, orient="index").astype({"pairs": "int64", "sd": "Float64", "sd_se": "Float64"})
    table.index.name = "members"
    return table


def fit_dispersion(changes: pd.DataFrame, *, resamples: int = 1_000, seed: int = 0) -> Dispersion:
    """Fit the variance of changes as 2 (s² + k² / members): what size does not diversify, and luck.

    Parameters
    ----------
    changes : pandas.DataFrame
        Rows of :func:`savings_rate_changes`, of one first year.
    resamples : int
        Number of bootstrap samples of ACOs that the standard errors come from.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Dispersion
        ``sd_at_any_size`` (s) and ``sd_of_one_member`` (k, to divide by √members) of a single year's savings rate,
        shares of the benchmark; ``mean_change``, a share; ``pairs``, the number of changes.

    Notes
    -----
    Maximum likelihood of normal changes about a common mean, neither variance below zero. What all ACOs share in
    a year is in the mean, so not in s; true change, different from ACO to ACO, and redetermined benchmarks are in s,
    which for risk is therefore an upper bound. An error of k or s is rough where the fit is near zero.
    """
    change, members = _one_period(changes)
    n = len(change)
    if n < FEWEST_PAIRS:
        raise InputError("fit_dispersion.changes", f"must be at least {FEWEST_PAIRS}", str(n))
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=resamples)
    values = _likeliest(change, members, np.ones((1, n)))[0]
    errors = _likeliest(change, members, counts.astype(np.float64)).std(axis=0, ddof=1)
    mean, s, k = ((float(value), float(error)) for value, error in zip(values, errors, strict=True))
    return Dispersion(sd_at_any_size=s, sd_of_one_member=k, mean_change=mean, pairs=n)


def _likeliest(
    change: NDArray[np.float64], members: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return mean, s and k for each row of counts, by Fisher scoring: weighted least squares of squared changes."""
    x = members.mean() / members  # of order one
    variance = np.full(counts.shape, change.var())
    for _ in range(STEPS):
        mean = (counts / variance) @ change / (counts / variance).sum(axis=1)
        y = (change - mean[:, None]) ** 2 / 2.0
        w = counts / variance**2
        sw, sx, sxx = w.sum(axis=1), w @ x, w @ x**2
        sy, sxy = (w * y).sum(axis=1), (w * y) @ x
        determinant = sw * sxx - sx**2
        flat, steep = (sxx * sy - sx * sxy) / determinant, (sw * sxy - sx * sy) / determinant
        flat, steep = (
            np.where(flat < 0.0, 0.0, np.where(steep < 0.0, sy / sw, flat)),
            np.where(steep < 0.0, 0.0, np.where(flat < 0.0, sxy / sxx, steep)),
        )
        before, variance = variance, flat[:, None] + steep[:, None] * x
        if np.abs(variance - before).max() <= CLOSE * before.min():
            break
    return np.column_stack([mean, np.sqrt(flat), np.sqrt(steep * members.mean())])


def _one_period(changes: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    _need(changes, CHANGE_COLUMNS, "savings_rate_changes")
    years = changes["first_year"].nunique()
    if years != 1:
        raise InputError("changes", "must be of one first year", f"{years} of them", "group by first_year")
    return (
        changes["savings_rate_change"].to_numpy(dtype=np.float64),
        changes["members"].to_numpy(dtype=np.float64),
    )


def _need(frame: pd.DataFrame, columns: tuple[str, ...], maker: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(maker, f"must have the columns of {maker}()", f"no {', '.join(missing)}")
