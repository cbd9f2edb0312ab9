"""Membership read into spans that do not overlap, with what is known of each member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._columns import SEXES
from atrisk._errors import InputError
from atrisk._frames import need, read_frame
from atrisk.claims._claim_table import named_columns
from atrisk.claims._dates import OPEN, UNKNOWN, Dates, read_dates
from atrisk.claims._report import MENDED, NOTED, SET_ASIDE, ClaimsReport
from atrisk.claims._texts import Texts, read_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

TABLE = "membership"
PATH = "claims.person_years.membership"
NEEDED = ("member_id", "start", "end", "sex")
USED = (*NEEDED, "birth_date", "death_date", "age")
WRITTEN_SEXES = SEXES | {"1": "male", "2": "female", "1.0": "male", "2.0": "female"}
SEX_NAMES = np.array(["female", "male"], dtype=object)
OLDEST = 130.0
HIGHEST_SCORE = 1e6


@dataclass(eq=False)
class Membership:
    """Spans sorted by member and start, none overlapping; what is of a member has one entry for each member."""

    frame: pd.DataFrame
    words: Texts
    row: NDArray[np.int64]
    member: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    sex: NDArray[np.int64]
    birth: NDArray[np.int64]
    age: NDArray[np.float64] | None
    score: NDArray[np.float64]

    def spans_of(self, member: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the span that each day of a member lies in, -1 where none."""
        if not len(self.member):
            return np.full(len(member), -1, dtype=np.int64)
        width = 1 << 22  # days, more than from year 1 to year 9999
        shift = width // 2
        keys = self.member * width + self.start + shift
        known = (member >= 0) & (day != UNKNOWN)
        wanted = np.where(known, member * width + np.where(known, day, 0) + shift, -1)
        at = np.maximum(np.searchsorted(keys, wanted, side="right") - 1, 0)
        inside = known & (self.member[at] == member) & (day >= self.start[at]) & (day <= self.end[at])
        return np.where(inside, at, -1)


def read_membership(
    frame: object, columns: Mapping[str, str] | None, risk_score: str, report: ClaimsReport
) -> Membership:
    """Read spans: those that cannot be are set aside, of overlapping days the earlier span keeps what it has."""
    given = read_frame(PATH, frame)
    report.source(TABLE, given)
    table = named_columns("claims.person_years.member_columns", given, columns, ())
    need(PATH, table, [name for name in NEEDED if name != "end"])
    if "birth_date" not in table.columns and "age" not in table.columns:
        raise InputError(PATH, "must have the column birth_date, or age", f"only {', '.join(map(str, table.columns))}")
    if not len(table):
        raise InputError(PATH, "must have rows", "none")
    read = read_texts(table["member_id"])
    members = read.texts
    report.add(
        TABLE, "member_id written as a decimal number", MENDED, read.floats, 'read as "17"', members=members.codes
    )
    done = "kept as they are: digits beyond the sixteenth are lost where they were read as numbers"
    report.add(TABLE, "member_id too long for a number", NOTED, read.inexact, done, members=members.codes)
    start, end, usable = _bounds(table, members, report)
    sex = _of_member(table, members, _sexes(table), "sex", report)
    birth = _births(table, members, report)
    rows = np.flatnonzero(usable)
    order = rows[np.lexsort((end[rows], start[rows], members.codes[rows]))]
    row, begin = _without_overlap(order, members, start, end, report)
    return Membership(
        frame=table,
        words=members,
        row=row,
        member=members.codes[row],
        start=begin,
        end=end[row],
        sex=sex,
        birth=birth,
        age=_ages(table, members, report) if "birth_date" not in table.columns else None,
        score=_scores(table, members, risk_score, report),
    )


def _bounds(
    table: pd.DataFrame, members: Texts, report: ClaimsReport
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return first and last day of each row, OPEN for one still enrolled, and the rows that can be used."""
    codes = members.codes
    starts = read_dates(table["start"])
    start = np.where(starts.days == OPEN, UNKNOWN, starts.days)
    end, end_wrong = np.full(len(table), OPEN), np.zeros(len(table), dtype=bool)
    if "end" in table.columns:
        ends = read_dates(table["end"])
        end, end_wrong = np.where(ends.missing, OPEN, ends.days), ends.impossible
        _ambiguous("end", ends, codes, report)
    _ambiguous("start", starts, codes, report)
    nobody, no_start = codes < 0, start == UNKNOWN
    usable = np.ones(len(table), dtype=bool)
    for problem, wrong in (
        ("member_id missing", nobody),
        ("start missing or impossible", no_start),
        ("end impossible", end_wrong),
        ("end before start", (end < start) & ~no_start & ~end_wrong),
    ):
        report.add(TABLE, problem, SET_ASIDE, wrong & usable, "the span is left out", members=codes)
        usable &= ~wrong
    if "death_date" in table.columns:
        end, usable = _until_death(table, members, start, end, usable, report)
    return start, end, usable


def _until_death(  # noqa: PLR0913, PLR0917 - the bounds and who they are of
    table: pd.DataFrame,
    members: Texts,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    usable: NDArray[np.bool_],
    report: ClaimsReport,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    dates = read_dates(table["death_date"])
    known = (dates.days != UNKNOWN) & (dates.days != OPEN) & (members.codes >= 0)
    died = np.full(len(members.words), OPEN)
    np.minimum.at(died, members.codes[known], dates.days[known])
    death = np.where(members.codes >= 0, np.append(died, OPEN)[members.codes], OPEN)
    report.add(TABLE, "death_date impossible", NOTED, dates.impossible, "taken as none", members=members.codes)
    late = usable & (death < start)
    report.add(TABLE, "span after death", SET_ASIDE, late, "the span is left out", members=members.codes)
    longer = usable & ~late & (end > death) & (end != OPEN)
    report.add(TABLE, "end after death", MENDED, longer, "enrolment ends on the day of death", members=members.codes)
    return np.minimum(end, death), usable & ~late


def _without_overlap(
    order: NDArray[np.int64], members: Texts, start: NDArray[np.int64], end: NDArray[np.int64], report: ClaimsReport
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and their first days not covered by an earlier span; those wholly covered are left out."""
    member, begin, last = members.codes[order], start[order], end[order]
    if not len(order):
        raise InputError(PATH, "must have a span that can be used", "none")
    first = np.ones(len(order), dtype=bool)
    first[1:] = member[1:] != member[:-1]
    block = np.cumsum(first) - 1
    # The latest end so far within each member: later members get a higher level, so that one running maximum does.
    level = np.int64(1) << 40
    bounded = np.minimum(last, np.int64(1) << 38)
    running = np.maximum.accumulate(bounded + block * level) - block * level
    covered = np.full(len(order), UNKNOWN)
    covered[1:] = np.where(first[1:], UNKNOWN, running[:-1])
    overlaps = covered >= begin
    done = "days are counted once; the span that begins earlier keeps them"
    report.add(TABLE, "overlapping enrolment", MENDED, np.sort(order[overlaps]), done, members=members.codes)
    begin = np.where(overlaps, covered + 1, begin)
    left = begin <= np.minimum(last, np.int64(1) << 38)
    return order[left], begin[left]


def _sexes(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return 0 for female, 1 for male, -1 for anything else."""
    texts = read_texts(table["sex"]).texts
    names = [WRITTEN_SEXES.get(str(word).lower()) for word in texts.words]
    return np.append(np.array([-1 if name is None else int(name == "male") for name in names], np.int64), -1)[
        texts.codes
    ]


def _births(table: pd.DataFrame, members: Texts, report: ClaimsReport) -> NDArray[np.int64]:
    if "birth_date" not in table.columns:
        return np.full(len(members.words), UNKNOWN)
    dates = read_dates(table["birth_date"])
    _ambiguous("birth_date", dates, members.codes, report)
    done = "taken as unknown"
    report.add(TABLE, "birth_date impossible", MENDED, dates.impossible, done, members=members.codes)
    days = np.where(dates.days == OPEN, UNKNOWN, dates.days)
    if "death_date" in table.columns:
        deaths = read_dates(table["death_date"]).days
        late = (days != UNKNOWN) & (deaths != UNKNOWN) & (days > deaths)
        report.add(TABLE, "birth_date after death", MENDED, late, done, members=members.codes)
        days = np.where(late, UNKNOWN, days)
    return _of_member(table, members, days, "birth_date", report, unknown=UNKNOWN)


def _of_member(  # noqa: PLR0913 - what, of whom, and what to call it
    table: pd.DataFrame,
    members: Texts,
    values: NDArray[np.int64],
    name: str,
    report: ClaimsReport,
    *,
    unknown: int = -1,
) -> NDArray[np.int64]:
    """Return the first known value of each member, telling where others contradict it."""
    known = np.flatnonzero((values != unknown) & (members.codes >= 0))
    first = np.full(len(members.words), unknown)
    first[members.codes[known[::-1]]] = values[known[::-1]]
    other = np.zeros(len(table), dtype=bool)
    other[known] = values[known] != first[members.codes[known]]
    report.add(TABLE, f"{name} contradicts another span", MENDED, other, "the first is taken", members=members.codes)
    return first


def _ages(table: pd.DataFrame, members: Texts, report: ClaimsReport) -> NDArray[np.float64]:
    values = _numbers(table["age"])
    wrong = ~((values >= 0) & (values <= OLDEST)) & table["age"].notna().to_numpy()
    report.add(TABLE, "age impossible", MENDED, wrong, "taken as unknown", members=members.codes)
    return np.where(wrong, np.nan, values)


def _scores(table: pd.DataFrame, members: Texts, name: str, report: ClaimsReport) -> NDArray[np.float64]:
    if name not in table.columns:
        return np.ones(len(table))
    column: Any = table[name]
    values = _numbers(column)
    wrong = ~((values >= 0) & (values <= HIGHEST_SCORE)) & column.notna().to_numpy()
    report.add(TABLE, "risk_score impossible", MENDED, wrong, "taken as missing", members=members.codes)
    return np.where(wrong, np.nan, values)


def _ambiguous(name: str, dates: Dates, members: NDArray[np.int64], report: ClaimsReport) -> None:
    report.add(TABLE, f"{name} ambiguous", NOTED, dates.ambiguous, dates.order, members=members)


def _numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Return a column as numbers, missing where it has none."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    read = pd.to_numeric(column, errors="coerce")
    if read.dtype.kind == "c":
        read = pd.to_numeric(column.astype(str), errors="coerce")
    return np.asarray(read.to_numpy(dtype=np.float64, na_value=np.nan))
