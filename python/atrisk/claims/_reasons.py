"""Why claim lines are set aside: each for the first reason that applies, every cent accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk.claims._claim_table import TABLE, ClaimTable
from atrisk.claims._dates import UNKNOWN
from atrisk.claims._report import KEPT, MENDED, SET_ASIDE, ClaimsReport
from atrisk.claims._reversals import duplicates, netted, reversed_lines, whole_claims

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.claims._exposure import Years


class Reasons:
    """Why each line is set aside: the first reason that applies."""

    def __init__(self, table: ClaimTable, report: ClaimsReport) -> None:
        self._table, self._report = table, report
        self.free = np.ones(len(table), dtype=bool)
        self._counts: list[tuple[str, NDArray[np.bool_]]] = []

    def add(self, reason: str, rows: NDArray[np.bool_], done: str) -> None:
        """Set lines aside that no earlier reason has."""
        rows = rows & self.free
        members = self._table.member.codes
        self._report.add(TABLE, reason, SET_ASIDE, rows, done, cents=self._table.cents, members=members)
        self._counts.append((reason, rows))
        self.free &= ~rows

    def settle(self, cents: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Write the account and return the lines that are in the person-years."""
        self._report.account(KEPT, int(self.free.sum()), int(cents[self.free].sum()))
        for reason, rows in self._counts:
            if rows.any():
                self._report.account(reason, int(rows.sum()), int(cents[rows].sum()))
        return self.free


def reasons_of(  # noqa: PLR0913, PLR0917 - what decides about a line
    table: ClaimTable,
    member: NDArray[np.int64],
    inside: NDArray[np.bool_],
    period: tuple[int, int],
    years: Years,
    report: ClaimsReport,
) -> tuple[Reasons, NDArray[np.int64], NDArray[np.bool_]]:
    """Return the reasons, the cents of each line after netting, and the negative lines that were netted."""
    claims = whole_claims(table)
    reasons = Reasons(table, report)
    left = "left out"
    cancelled = reversed_lines(table, claims)
    reasons.add("reversed line and its reversal", cancelled, "both left out")
    reasons.add("exact duplicate", duplicates(table, claims, cancelled), "left out; the first stays")
    reasons.add("member_id missing", table.member.codes < 0, left)
    reasons.add("date of service missing", table.date_missing, left)
    reasons.add("date of service impossible", table.day == UNKNOWN, left)
    reasons.add("member not in the membership", member == -2, left)  # noqa: PLR2004 - the mark of unknown members
    reasons.add("outside the member's enrolment", ~inside, left)
    outside = (table.day < period[0]) | (table.day > period[1])
    reasons.add("outside the period", outside, left)
    reasons.add("member of unknown sex or age", years.find(member, table.day) < 0, left)
    cents, negative, below, nil = netted(table.cents, claims, reasons.free)
    reasons.add("claim with a negative net", below, left)
    reasons.add("claim cancelled in full", nil, left)
    done = "taken off the lines of its claim, the largest first"
    report.add(TABLE, "negative line without a partner", MENDED, negative, done, cents=table.cents, members=member)
    return reasons, cents, negative
