"""What the lines of a claim do to each other: packaging, one comprehensive payment, half for further procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATUSES = ("J1", "T", "S", "V", "N")


class Lines(NamedTuple):
    """Lines of claims: which are paid, which are further procedures, and their charges with what is packaged."""

    paid: NDArray[np.bool_]
    further: NDArray[np.bool_]
    charges: NDArray[np.float64]


def of_claims(
    claim: NDArray[np.intp],
    status: NDArray[np.intp],
    rate: NDArray[np.float64],
    charges: NDArray[np.float64],
    further_part: float,
) -> Lines:
    """Return what is paid of each line; a line's claim is a number from 0, its status a position in ``STATUSES``."""
    comprehensive, procedure, packaged = (status == STATUSES.index(word) for word in ("J1", "T", "N"))
    claims = int(claim.max(initial=-1)) + 1
    in_comprehensive = np.bincount(claim, comprehensive, claims)[claim] > 0
    paid = np.where(in_comprehensive, _highest(claim, comprehensive, rate), ~packaged)
    further = procedure & paid & ~_highest(claim, procedure, rate)
    # What is packaged goes to the paid lines of its claim in proportion to their national rates, further procedures
    # with the part of theirs that is paid.
    share = rate * paid * np.where(further, further_part, 1.0)
    whole = np.bincount(claim, share, claims)[claim]
    to_share = np.bincount(claim, charges * ~paid, claims)[claim]
    added = np.divide(to_share * share, whole, out=np.zeros_like(rate), where=whole > 0)
    return Lines(paid, further, np.where(paid, np.round(charges + added, 2), 0.0))


def _highest(claim: NDArray[np.intp], among: NDArray[np.bool_], rate: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the line of the highest rate in each claim, the first of several, among some lines."""
    rows = np.flatnonzero(among)
    order = rows[np.lexsort((rows, -rate[rows], claim[rows]))]
    first = np.ones(order.size, dtype=bool)
    first[1:] = claim[order][1:] != claim[order][:-1]
    highest = np.zeros(rate.size, dtype=bool)
    highest[order[first]] = True
    return highest
