"""The shape of members' yearly dollars: how concentrated they are, and who stays where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TOPS = (1, 5, 10, 20, 50)  # percent of the members, those with most dollars
FEWEST = 100  # members of whom the top 1 % is one


def shape(dollars: ArrayLike) -> dict[str, float]:
    """Return the figures by which published shapes of spending are told.

    Parameters
    ----------
    dollars : array (years, members) or (members,)
        Dollars of each member in one year, or in two in order, at least 100 members.

    Returns
    -------
    dict of str to float
        ``top.1``, ``top.5``, ``top.10``, ``top.20``, ``top.50``: the part of the dollars of the first year that
        belongs to so many per cent of the members, those with most; ``users.any``: the part of the members with any;
        ``median_over_mean.any``: of those with any; ``mean.any``: dollars a member; with two years also ``stays.1``
        and ``stays.bottom_50``: of the top 1 % and of the bottom half of the first year, the part that is there in the
        second. Members with the same dollars are ranked by their position, so that those without any stay in order.

    Raises
    ------
    InputError
        If there are fewer than 100 members or no dollars, or if dollars are negative or missing.
    """
    years: NDArray[np.float64] = np.atleast_2d(np.asarray(dollars, dtype=float))
    members = years.shape[1]
    if years.ndim != 2 or members < FEWEST:  # noqa: PLR2004 - years and members
        raise InputError("shape.dollars", f"must have at least {FEWEST} members", f"{members}")
    if not (np.isfinite(years).all() and (years >= 0.0).all() and years[0].any()):
        raise InputError("shape.dollars", "must be finite, at least 0 and not all 0")
    first = years[0]
    running = np.cumsum(np.sort(first)[::-1]) / first.sum()
    some = first[first > 0.0]
    found: dict[str, Any] = {f"top.{part}": running[members * part // 100 - 1] for part in TOPS}
    found |= {"users.any": len(some) / members, "median_over_mean.any": np.median(some) / some.mean()}
    found["mean.any"] = first.mean()
    if len(years) > 1:
        before, after = (_ranks(year) for year in years[:2])
        top, half = members // 100, members // 2
        found["stays.1"] = np.mean(after[before < top] < top)
        found["stays.bottom_50"] = np.mean(after[before >= half] >= half)
    return {name: float(value) for name, value in found.items()}


def _ranks(dollars: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return how many members have more, each rank once."""
    ranks = np.empty(len(dollars), dtype=np.intp)
    ranks[np.argsort(-dollars, kind="stable")] = np.arange(len(dollars))
    return ranks
