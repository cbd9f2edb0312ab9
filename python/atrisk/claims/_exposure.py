"""Months of enrolment in each year of each member, and what is known of the member in that year."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import text
from atrisk.claims._dates import UNKNOWN, as_times, day_of, written
from atrisk.claims._report import MENDED, NOTED, ClaimsReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.claims._membership import Membership

TABLE = "membership"
EPOCH_YEAR, TWELVE, MIDDLE = 1970, 12, 6
OLDEST = 130
FINE = 9  # decimals of member-months: sums of parts of a month come to whole ones
CALENDAR = "calendar"
AGES = ("mid-year", "first-day")
FIRST_OF_MONTH = re.compile(r"(0[1-9]|1[0-2])-01")


@dataclass(frozen=True)
class YearRule:
    """Years of twelve months from the first of a month on, named by the calendar year in which they begin."""

    first_month: int

    def of(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the year that each day lies in."""
        month = as_times(day).astype("datetime64[M]").astype(np.int64)
        return EPOCH_YEAR + (month - (self.first_month - 1)) // TWELVE

    def begins(self, year: NDArray[np.int64], later_months: int = 0) -> NDArray[np.int64]:
        """Return the first day of each year, or of one of its later months."""
        month = (year - EPOCH_YEAR) * TWELVE + self.first_month - 1 + later_months
        return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


@dataclass(eq=False)
class Years:
    """Person-years in columns, sorted by member and year; ``row`` is the membership row that tells the rest."""

    member: NDArray[np.int64]
    year: NDArray[np.int64]
    months: NDArray[np.float64]
    row: NDArray[np.int64]
    age: NDArray[np.float64]
    score: NDArray[np.float64]
    rule: YearRule

    def find(self, member: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the person-year that each day of a member lies in, -1 where none."""
        width = 1 << 16
        known = (member >= 0) & (day != UNKNOWN)
        wanted = np.where(known, member * width + self.rule.of(np.where(known, day, 0)), -1)
        keys = self.member * width + self.year
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, at, -1)

    def only(self, rows: NDArray[np.bool_]) -> Years:
        """Return some of the person-years."""
        names = ("member", "year", "months", "row", "age", "score")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def year_rule(year: object) -> YearRule:
    """Return when years begin: "calendar", or month and day such as "07-01"."""
    given = text("claims.person_years.year", year)
    if given == CALENDAR:
        return YearRule(1)
    if not FIRST_OF_MONTH.fullmatch(given):
        hint = 'for example "07-01": years begin on the first day of a month'
        raise InputError("claims.person_years.year", 'must be "calendar" or the first day of a month', repr(year), hint)
    return YearRule(int(given[:2]))


def period_of(given: object, day: NDArray[np.int64], inside: NDArray[np.bool_]) -> tuple[int, int]:
    """Return first and last day of the period; by default the whole months of the dates within enrolment."""
    path = "claims.person_years.period"
    if given is None:
        if not inside.any():
            hint = "do the identifiers and dates of the two tables fit together?"
            raise InputError("claims.person_years", "must have a claim within its member's enrolment", "none", hint)
        months = as_times(day[inside]).astype("datetime64[M]")
        last = (months.max() + 1).astype("datetime64[D]").astype(np.int64) - 1
        return int(months.min().astype("datetime64[D]").astype(np.int64)), int(last)
    if not isinstance(given, (tuple, list)) or len(given) != 2:  # noqa: PLR2004 - first and last
        raise InputError(path, "must be the first and the last day", repr(given), '("2023-01-01", "2024-12-31")')
    days = []
    for position, each in enumerate(given):
        try:
            days.append(day_of(each if isinstance(each, dt.date) else dt.date.fromisoformat(str(each))))
        except ValueError:
            raise InputError(f"{path}[{position}]", "must be a date, YYYY-MM-DD", repr(each)) from None
    if days[1] < days[0]:
        raise InputError(path, "must end after it begins", repr(given))
    return days[0], days[1]


def exposure(spans: Membership, period: tuple[int, int], rule: YearRule, age_at: str, report: ClaimsReport) -> Years:
    """Return the person-years of spans within a period."""
    begin, end = np.maximum(spans.start, period[0]), np.minimum(spans.end, period[1])
    _tell(spans, begin, end, period, report)
    inside = begin <= end
    if not inside.any():
        raise InputError("claims.person_years", "must have enrolment within the period", "none")
    begin, end, row, member = begin[inside], end[inside], spans.row[inside], spans.member[inside]
    first, last = rule.of(begin), rule.of(end)
    times = last - first + 1
    piece = np.repeat(np.arange(len(begin)), times)
    year = first[piece] + np.arange(len(piece)) - np.repeat(np.cumsum(times) - times, times)
    start = np.maximum(begin[piece], rule.begins(year))
    stop = np.minimum(end[piece] + 1, rule.begins(year + 1))
    months = _months(stop) - _months(start)
    return _by_year(spans, member[piece], year, months, row[piece], rule, age_at)


def member_months(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the months from one day through another: of each month, its days so covered over its days."""
    return np.asarray(np.round(_months(last + 1) - _months(first), FINE))


def _months(day: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return whole months since 1970-01 before a day and the part of its own month before it."""
    dates = as_times(day)
    month = dates.astype("datetime64[M]")
    opens = month.astype("datetime64[D]").astype(np.int64)
    length = (month + 1).astype("datetime64[D]").astype(np.int64) - opens
    return np.asarray(month.astype(np.int64) + (day - opens) / length)


def _by_year(  # noqa: PLR0913, PLR0917 - pieces in columns
    spans: Membership,
    member: NDArray[np.int64],
    year: NDArray[np.int64],
    months: NDArray[np.float64],
    row: NDArray[np.int64],
    rule: YearRule,
    age_at: str,
) -> Years:
    # The piece with the most months tells of the year; of equal ones the earlier.
    order = np.lexsort((np.arange(len(member)), -np.round(months, FINE), year, member))
    keys = member[order] * (1 << 16) + year[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = keys[1:] != keys[:-1]
    group = np.cumsum(first) - 1
    chosen = order[first]
    scores, weights = spans.score[row[order]], months[order]
    known = ~np.isnan(scores)
    sums = np.bincount(group, weights=np.where(known, scores * weights, 0.0))
    with_score = np.bincount(group, weights=np.where(known, weights, 0.0))
    score = np.divide(sums, with_score, out=np.full(len(sums), np.nan), where=with_score > 0)
    years = Years(
        member=member[chosen],
        year=year[chosen],
        months=np.minimum(np.round(np.bincount(group, weights=weights), FINE), TWELVE),
        row=row[chosen],
        age=np.zeros(len(chosen)),
        score=np.round(score, FINE),
        rule=rule,
    )
    years.age = _ages(spans, years, age_at)
    return years


def _ages(spans: Membership, years: Years, age_at: str) -> NDArray[np.float64]:
    """Return completed years, 0 for those born later in the year; missing where unknown or impossible."""
    if spans.age is not None:
        begun = np.full(len(spans.frame), 0)
        begun[spans.row] = years.rule.of(spans.start)
        age = spans.age[years.row] + years.year - begun[years.row]
    else:
        birth = spans.birth[years.member]
        known = birth != UNKNOWN
        born = as_times(np.where(known, birth, 0))
        months = born.astype("datetime64[M]").astype(np.int64)
        not_first = born.astype(np.int64) > born.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        at = (years.year - EPOCH_YEAR) * TWELVE + years.rule.first_month - 1 + (MIDDLE if age_at == AGES[0] else 0)
        age = ((at - months - not_first) // TWELVE).astype(np.float64)
        unborn = birth >= years.rule.begins(years.year + 1)
        age = np.where(known & ~unborn, np.maximum(age, 0.0), np.nan)
    return np.where(age <= OLDEST, age, np.nan)


def _tell(
    spans: Membership,
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    period: tuple[int, int],
    report: ClaimsReport,
) -> None:
    named = f"{written(period[0])} to {written(period[1])}"
    members = spans.words.codes
    still = spans.end > (1 << 38)
    done = f"closed on {written(period[1])}, the last day of the period"
    report.add(TABLE, "end missing: still enrolled", NOTED, np.sort(spans.row[still]), done, members=members)
    cut = (spans.start < period[0]) | ((spans.end > period[1]) & ~still)
    done = f"days outside the period of the claims, {named}, are left out"
    report.add(
        TABLE, "enrolment outside the period", NOTED, np.sort(spans.row[cut & (begin <= end)]), done, members=members
    )
    out = np.sort(spans.row[begin > end])
    report.add(TABLE, "span wholly outside the period", NOTED, out, f"left out; the period is {named}", members=members)


def fill_scores(spans: Membership, years: Years, report: ClaimsReport) -> None:
    """Give years without any known risk score the mean of the known ones, weighted by months."""
    missing = np.isnan(spans.score)
    members = spans.words.codes
    if not missing.any():
        return
    known = ~np.isnan(years.score)
    if not known.any():
        raise InputError("claims.person_years.risk_score", "must be known of some member", "none")
    mean = float(np.average(years.score[known], weights=years.months[known]))
    done = f"the member's other spans of the year, else the mean of all, {mean:.4f}"
    report.add(TABLE, "risk_score missing", MENDED, missing, done, members=members)
    years.score = np.where(known, years.score, mean)
