"""Figures of a sample of replicates, each with its Monte Carlo standard error.

A figure is a pair (value, standard error). What a sample is too small for is ``None``.

Every function takes ``draws``: the number of parameter draws the values are nested in, draw by draw, the same number
of replicates in each. ``None`` says that no two replicates share parameters. Replicates of one draw are not
independent, so errors of nested values are those of the draws: the influence of each replicate on the figure is
averaged over its draw, and the spread of those averages is the error.

Value ± 1.96 standard errors covers the truth 95 times in 100 to the second order (``tests/test_metrics.py``,
``tests/slow/test_coverage.py``), not with a handful of draws, and of a standard deviation only where tails are light.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Figure = tuple[float | None, float | None]

NORMAL = 1.96  # normal quantile of an interval of 95 %
WINDOW = 2.0  # standard errors either side of a quantile over which its density is read
FEWEST = 2  # independent values from which a spread can be computed
FEWEST_IN_TAIL = 10  # independent values beyond the quantile from which the error of a tail's mean can be computed


class VarianceSplit(NamedTuple):
    """Shares of the variance, each with its standard error: of not knowing the parameters, and of luck given them."""

    parameters: Figure
    luck: Figure


def cents(dollars: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to whole cents: what is less is the dust of sums, neither a gain nor a loss."""
    return np.round(dollars, 2)


def mean(values: NDArray[np.float64], *, draws: int | None = None) -> tuple[float, float | None]:
    """Return the mean; its standard error is sd / √n, of nested values that of the draws' means."""
    return float(values.mean()), _error(_averages(values, draws))


def standard_deviation(values: NDArray[np.float64], *, draws: int | None = None) -> Figure:
    """Return the standard deviation s; its standard error is that of the mean of ((x − mean)² − s²) / (2 s).

    Of independent values that is √((m₄ − s⁴) / n) / (2 s), m₄ the fourth central moment. Two values leave it open:
    they are always equally far from their mean.
    """
    if len(values) < FEWEST:
        return None, None
    sd = float(values.std(ddof=1))
    if sd == 0.0:
        return 0.0, 0.0
    if len(values) == FEWEST:
        return sd, None
    scaled = (values - values.mean()) / sd
    return sd, _error(_averages(sd * (scaled**2 - 1.0) / 2.0, draws))


def probability(hits: NDArray[np.bool_], *, draws: int | None = None) -> Figure:
    """Return the share of hits k / n; its standard error at p = (k + ½) / (n + 1), so that none seen is not never.

    Of nested hits it is the error of the draws' shares, corrected for their skewness; if they are all alike, as
    when there is no hit, that of as many independent values as there are draws.
    """
    n, k = len(hits), int(np.count_nonzero(hits))
    if not _independent(hits, draws):
        shares = _averages(hits, draws)
        error = _error_if_skewed(shares)
        if error != 0.0:
            return k / n, error
        return k / n, _error_of_share(k / n, len(shares))
    return k / n, _error_of_share(k / n, n)


def quantile(values: NDArray[np.float64], p: float, *, draws: int | None = None) -> Figure:
    """Return the quantile; its standard error is a quarter of the distance from Q(p − 2 e) to Q(p + 2 e).

    Q is the quantile of the sample (linear between order statistics), e the standard error of the share of values
    up to the quantile: √(p (1 − p) / n), of nested values that of the draws' shares. Where the sample does not
    reach that far the distance is taken from nearer, down to one e either side.
    """
    ordered = np.sort(values)
    value = float(np.quantile(ordered, p))
    e = _error_up_to(values, value, p, draws)
    if e is None:
        return value, None
    reach = min(p, 1.0 - p) / e if e > 0.0 else math.inf
    if reach < 1.0:
        return value, None
    width = min(reach, WINDOW)
    low, high = np.quantile(ordered, [max(p - width * e, 0.0), min(p + width * e, 1.0)])
    return value, float(high - low) / (2.0 * width)


def value_at_risk(losses: NDArray[np.float64], p: float, *, draws: int | None = None) -> Figure:
    """Return the loss that is not exceeded with probability p: its :func:`quantile`."""
    return quantile(losses, p, draws=draws)


def tail_value_at_risk(losses: NDArray[np.float64], p: float, *, draws: int | None = None) -> Figure:
    """Return the mean of the worst share 1 − p of the losses, q + mean(max(x − q, 0)) / (1 − p) with the quantile q.

    Its standard error is that of the mean of those terms, corrected for their skewness; q moves it in the second
    order only. With less than one value in the tail there is no figure, with fewer than 10 (of nested values: as
    many independent ones as would leave the share below q as uncertain) no error.
    """
    if len(losses) * (1.0 - p) < 1.0 - 1e-9:
        return None, None
    q = float(np.quantile(losses, p, method="inverted_cdf"))
    terms = q + np.maximum(losses - q, 0.0) / (1.0 - p)
    value = float(terms.mean())
    e = _error_up_to(losses, q, p, draws)
    if e is None or p * (1.0 - p) ** 2 < FEWEST_IN_TAIL * e**2 * (1.0 - 1e-9):
        return value, None
    return value, _error_if_skewed(_averages(terms, draws))


def lower_tail_mean(values: NDArray[np.float64], p: float, *, draws: int | None = None) -> Figure:
    """Return the mean of the lowest share p of the values: the tail value at risk of their loss, with its sign."""
    value, error = tail_value_at_risk(-values, 1.0 - p, draws=draws)
    return None if value is None else -value, error


def variance_split(values: NDArray[np.float64], draws: int) -> VarianceSplit:
    """Return which share of the variance comes from the parameters, which from luck.

    Luck is the mean variance w within a draw; the parameters are the variance of the draws' means less w / R, of
    which luck of R replicates is the cause. Shares are kept between 0 and 1. The standard errors leave out one
    draw after the other. Of fewer than two draws, or of two replicates, nothing is known.
    """
    rows = _rows(values, draws)
    if min(rows.shape) < FEWEST:
        return VarianceSplit((None, None), (None, None))
    means, within = rows.mean(axis=1), rows.var(axis=1, ddof=1)
    luck = float(within.mean())
    parameters = float(means.var(ddof=1)) - luck / rows.shape[1]
    if parameters + luck <= 0.0:
        return VarianceSplit((None, None), (None, None))
    error = None if draws == FEWEST else _jackknife_of_share(means, within, rows.shape[1])
    value = min(max(parameters / (parameters + luck), 0.0), 1.0)
    return VarianceSplit((value, error), (1.0 - value, error))


def _jackknife_of_share(means: NDArray[np.float64], within: NDArray[np.float64], replicates: int) -> float | None:
    draws = len(means)
    squares = (means - means.mean()) ** 2
    # Sum of squares about the mean of the others, and the mean of the others' variances within.
    between = (squares.sum() - squares * draws / (draws - 1)) / (draws - 2)
    luck = (within.sum() - within) / (draws - 1)
    parameters = between - luck / replicates
    if (parameters + luck).min() <= 0.0:
        return None
    shares = parameters / (parameters + luck)
    return math.sqrt((draws - 1) * float(shares.var()))


def _independent(values: NDArray[Any], draws: int | None) -> bool:
    return draws is None or draws == len(values)


def _rows(values: NDArray[Any], draws: int) -> NDArray[Any]:
    if draws < 1 or len(values) % draws:
        raise InputError("draws", f"must divide the number of values, {len(values)}", str(draws))
    return values.reshape(draws, -1)


def _averages(values: NDArray[Any], draws: int | None) -> NDArray[np.float64]:
    """Return values that are independent of each other: all of them, or the means of the draws."""
    if draws is None or _independent(values, draws):
        return values
    averages: NDArray[np.float64] = _rows(values, draws).mean(axis=1)
    return averages


def _error(averages: NDArray[np.float64]) -> float | None:
    if len(averages) < FEWEST:
        return None
    return float(averages.std(ddof=1) / math.sqrt(len(averages)))


def _error_if_skewed(averages: NDArray[np.float64]) -> float | None:
    """Return the error of a mean, times what makes ± 1.96 of it cover 95 % to the second order.

    Where values are skewed, a sample that misses the tail has both a low mean and a small spread, and ± 1.96 plain
    errors cover too seldom: by 2 z φ(z) times the correction below, the second term of the Edgeworth expansion of
    Student's ratio (Hall, The Bootstrap and Edgeworth Expansion, 1992, section 2.6). The corrected error is about
    twice the plain one at most, when one value carries it all.
    """
    error = _error(averages)
    if not error:
        return error
    n, z2 = len(averages), NORMAL**2
    scaled = (averages - averages.mean()) / averages.std()
    skewness, excess = float(np.mean(scaled**3)), float(np.mean(scaled**4)) - 3.0
    correction = skewness**2 * (z2**2 + 2 * z2 - 3) / 18 - excess * (z2 - 3) / 12 + (z2 + 1) / 4
    return error * (1.0 + max(correction, 0.0) / n)


def _error_of_share(share: float, n: int) -> float:
    p = (share * n + 0.5) / (n + 1)
    return math.sqrt(p * (1.0 - p) / n)


def _error_up_to(values: NDArray[np.float64], value: float, p: float, draws: int | None) -> float | None:
    """Return the standard error of the share of values up to one of them, the quantile of p."""
    if _independent(values, draws):
        return math.sqrt(p * (1.0 - p) / len(values))
    return _error(_averages(values <= value, draws))
