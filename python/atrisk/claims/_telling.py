"""What is told of claims that stay: codes that nobody takes, months without care, service before birth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError
from atrisk.claims._claim_table import TABLE, ClaimTable
from atrisk.claims._dates import UNKNOWN, as_times, written
from atrisk.claims._report import NOTED, ClaimsReport, Problem
from atrisk.claims.service_lines import Lines, needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.claims._membership import Membership


def need_codes(lines: Lines, table: ClaimTable, report: ClaimsReport) -> None:
    """Refuse claims without any column that a service line looks at, and tell of those that lack some."""
    fields = needed(lines)
    absent = [name for name in fields if name not in table.frame.columns]
    if len(absent) == len(fields):
        raise InputError(
            "claims.person_years.claims",
            "must have a column that a service line looks at",
            "none of " + ", ".join(fields),
        )
    for name in absent:
        done = "rules on it match nothing"
        report.problems.append(Problem(TABLE, f"no column {name}", NOTED, 0, None, 0, done, ()))


def tell_other(  # noqa: PLR0913, PLR0917 - which lines, and where they went
    table: ClaimTable,
    service: NDArray[np.int64],
    kept: NDArray[np.bool_],
    lines: Lines,
    other: str,
    report: ClaimsReport,
) -> None:
    """Tell of lines that no service line takes, apart those without any code."""
    rest = kept & (service == len(lines))
    without = np.ones(len(table), dtype=bool)
    for name in needed(lines):
        without &= table.codes[name].codes < 0
    members = table.member.codes
    done = f"in the line '{other}'"
    report.add(
        TABLE, "no code that a service line looks at", NOTED, rest & without, done, cents=table.cents, members=members
    )
    report.add(
        TABLE, "codes that no service line takes", NOTED, rest & ~without, done, cents=table.cents, members=members
    )


def tell_unborn(
    table: ClaimTable, member: NDArray[np.int64], spans: Membership, kept: NDArray[np.bool_], report: ClaimsReport
) -> None:
    """Tell of lines dated before their member's birth."""
    birth = np.append(spans.birth, UNKNOWN)[np.where(kept, member, -1)]
    early = kept & (birth != UNKNOWN) & (table.day < birth)
    done = "kept: the date or the birth date is wrong"
    report.add(TABLE, "service before birth", NOTED, early, done, cents=table.cents, members=table.member.codes)


def tell_quiet_months(
    table: ClaimTable, kept: NDArray[np.bool_], period: tuple[int, int], report: ClaimsReport
) -> None:
    """Tell of months of the period without a line, where claims may be missing."""
    first, last = (np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64) for day in period)
    used = as_times(table.day[kept]).astype("datetime64[M]").astype(np.int64)
    quiet = np.setdiff1d(np.arange(first, last + 1), used)
    if len(quiet):
        months = ", ".join(str(np.datetime64(int(month), "M")) for month in quiet[:6])
        done = f"counted as enrolment without care: {months}{' and more' if len(quiet) > 6 else ''}"  # noqa: PLR2004
        done += f"; the period is {written(period[0])} to {written(period[1])}"
        report.problems.append(Problem(TABLE, "months without a claim line", NOTED, 0, None, 0, done, ()))
