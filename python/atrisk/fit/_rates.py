"""Rates and relativities of a line: a log-linear mean, with the influence of every member on each coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.fit._design import Design

MOST_STEPS = 100
CLOSE = 1e-10


@dataclass(frozen=True)
class Rates:
    """A fitted mean: ``exposure × exp(matrix @ coefficients)``.

    Attributes
    ----------
    coefficients : numpy.ndarray
        Logarithms: of what a member-year of exposure expects, then of relativities; 0 for levels without a rate of
        their own.
    free : numpy.ndarray of bool
        Which coefficients were estimated.
    mean : numpy.ndarray
        What each person-year is expected to use.
    influence : numpy.ndarray
        A row for each member: what it adds to each coefficient; their squares sum to the sandwich variance.
    """

    coefficients: NDArray[np.float64]
    free: NDArray[np.bool_]
    mean: NDArray[np.float64]
    influence: NDArray[np.float64]


def rates(path: str, used: NDArray[np.float64], design: Design, member: NDArray[np.int64]) -> Rates:
    """Fit the mean of what is used by quasi-likelihood of Poisson, which is right whatever the spread about it.

    Standard errors come from the members' own sums (Huber's sandwich, clustered), so that neither frailty nor a
    member's years together make them too small. A level in which nothing was used has no rate of its own: it is given
    the base's, and is not among the free coefficients. A base in which nothing was used is taken together with the
    level of most exposure that has a rate.
    """
    if not used.sum() > 0.0:
        raise InputError(path, "must be used by somebody", "nobody", "leave the line out")
    matrix, exposure = design.matrix, design.exposure
    free = matrix.T @ used > 0.0
    for column in _beside_an_empty_base(used, design):
        free[column] = False
    x = matrix[:, free]
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(used.sum() / exposure.sum())
    beta = _climb(path, used, exposure, x, beta)
    mean = exposure * np.exp(x @ beta)
    information = x.T @ (x * mean[:, None])
    scores = sums_of_members(x * (used - mean)[:, None], member)
    influence = np.zeros((len(scores), matrix.shape[1]))
    influence[:, free] = np.linalg.solve(information, scores.T).T
    coefficients = np.zeros(matrix.shape[1])
    coefficients[free] = beta
    return Rates(coefficients=coefficients, free=free, mean=mean, influence=influence)


def _beside_an_empty_base(used: NDArray[np.float64], design: Design) -> list[int]:
    """Return the columns of levels that are taken together with a base in which nothing was used."""
    columns, first = [], 1
    for factor in design.factors:
        exposed = np.bincount(factor.of_row, weights=design.exposure, minlength=len(factor.levels))
        of_level = np.bincount(factor.of_row, weights=used, minlength=len(factor.levels))
        if of_level[factor.base] == 0.0:
            with_use = np.where(of_level > 0.0, exposed, -1.0)
            columns.append(first + factor.others.index(int(with_use.argmax())))
        first += len(factor.others)
    return columns


def sums_of_members(values: NDArray[np.float64], member: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return sums over the rows of each member; rows stand by member."""
    starts = np.flatnonzero(np.diff(member, prepend=-1))
    return np.asarray(np.add.reduceat(values, starts, axis=0))


def _climb(
    path: str,
    used: NDArray[np.float64],
    exposure: NDArray[np.float64],
    x: NDArray[np.float64],
    beta: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Find the largest quasi-likelihood by Newton steps, halved where they go too far."""

    def fit_of(at: NDArray[np.float64]) -> float:
        with np.errstate(over="ignore"):
            linear = x @ at
            return float(used @ linear - exposure @ np.exp(linear))

    now = fit_of(beta)
    for _ in range(MOST_STEPS):
        mean = exposure * np.exp(x @ beta)
        step = np.linalg.lstsq(x.T @ (x * mean[:, None]), x.T @ (used - mean), rcond=None)[0]
        then = fit_of(beta + step)
        while not then >= now - abs(now) * CLOSE:
            step /= 2.0
            then = fit_of(beta + step)
        beta, now = beta + step, then
        if np.abs(step).max() < CLOSE:
            return beta
    raise InputError(path, "must have rates that can be told apart", "relativities that run away", "use fewer levels")
