"""Claim lines read from a user's frame into clean columns, telling what was unusual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._frames import need, read_frame
from atrisk.claims._amounts import Amounts, read_amounts
from atrisk.claims._codes import FIELDS, in_form, is_short_ndc
from atrisk.claims._dates import OPEN, UNKNOWN, Dates, read_dates
from atrisk.claims._report import MENDED, NOTED, ClaimsReport
from atrisk.claims._texts import Texts, nothing, read_texts, reworded, unlike_only_by_zeros

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

TABLE = "claims"
PATH = "claims.person_years.claims"
NEEDED = ("member_id", "claim_id", "date", "allowed")
KNOWN = (*NEEDED, "line", "thru", "paid", "diagnosis", *FIELDS)
SHOWN = 5


@dataclass(eq=False)
class ClaimTable:
    """Claim lines in columns; days since 1970-01-01, cents, codes into unique texts."""

    frame: pd.DataFrame
    member: Texts
    claim: NDArray[np.int64]
    line: Texts
    day: NDArray[np.int64]
    thru: NDArray[np.int64]
    date_missing: NDArray[np.bool_]
    cents: NDArray[np.int64]
    known: NDArray[np.bool_]
    paid: NDArray[np.int64] | None
    codes: dict[str, Texts]

    def __len__(self) -> int:
        return len(self.day)


def named_columns(path: str, table: pd.DataFrame, columns: Mapping[str, str] | None, known: object) -> pd.DataFrame:
    """Return a frame whose columns have the names used here."""
    for name in table.columns[table.columns.duplicated()]:
        raise InputError(path.rpartition(".")[0], "must have each column once", f"{name!r} twice")
    if columns is None:
        return table
    if not isinstance(columns, Mapping):
        raise InputError(path, "must map names here to names of the frame", a(columns))
    names: tuple[str, ...] = tuple(known)  # type: ignore[arg-type]
    for here in columns:
        if names and here not in names:
            raise InputError(f"{path}.{here}", f"must be one of {', '.join(names)}", repr(here))
    need(path, table, [str(there) for there in columns.values()])
    clash = [here for here, there in columns.items() if here in table.columns and here != there]
    return table.drop(columns=clash).rename(columns={there: here for here, there in columns.items()})


def read_claims(frame: object, columns: Mapping[str, str] | None, report: ClaimsReport) -> ClaimTable:
    """Read claim lines; every row stays, what cannot be read is marked."""
    given = read_frame(PATH, frame)
    report.source(TABLE, given)
    table = named_columns("claims.person_years.claim_columns", given, columns, KNOWN)
    need(PATH, table, NEEDED)
    if not len(table):
        raise InputError(PATH, "must have rows", "none")
    amounts = read_amounts(table["allowed"])
    member = _identifiers(table, "member_id", report)
    claims = _claims(table, member, amounts.cents, report)
    _tell_amounts(amounts, member, report)
    dates = read_dates(table["date"])
    _tell_dates("date of service", dates, amounts.cents, member, report)
    day = np.where(dates.days == OPEN, UNKNOWN, dates.days)
    return ClaimTable(
        frame=table,
        member=member,
        claim=claims,
        line=read_texts(table["line"]).texts if "line" in table.columns else nothing(len(table)),
        day=day,
        thru=_thru(table, day, amounts.cents, member, report),
        date_missing=dates.missing,
        cents=amounts.cents,
        known=~(amounts.missing | amounts.unreadable),
        paid=read_amounts(table["paid"]).cents if "paid" in table.columns else None,
        codes={name: _codes(table, name, amounts.cents, member, report) for name in FIELDS},
    )


def _identifiers(table: pd.DataFrame, name: str, report: ClaimsReport) -> Texts:
    read = read_texts(table[name])
    members = read.texts.codes
    report.add(TABLE, f"{name} written as a decimal number", MENDED, read.floats, 'read as "17"', members=members)
    done = "kept as they are: digits beyond the sixteenth are lost where they were read as numbers"
    report.add(TABLE, f"{name} too long for a number", NOTED, read.inexact, done, members=members)
    return read.texts


def _claims(table: pd.DataFrame, member: Texts, cents: NDArray[np.int64], report: ClaimsReport) -> NDArray[np.int64]:
    """Return a code for each claim of a member; a line without identifier is a claim of its own."""
    claim = _identifiers(table, "claim_id", report)
    without = claim.codes < 0
    done = "each is taken as a claim of its own"
    report.add(TABLE, "claim_id missing", MENDED, without, done, cents=cents, members=member.codes)
    own = len(claim.words) + np.arange(len(table))
    return np.where(without, own, claim.codes)


def _tell_amounts(amounts: Amounts, member: Texts, report: ClaimsReport) -> None:
    counted = "kept as care without dollars; its event has dollars_known False"
    marks: list[tuple[str, str, NDArray[np.bool_], str]] = [
        ("allowed missing", MENDED, amounts.missing, counted),
        ("allowed is no amount", MENDED, amounts.unreadable, counted),
        ("allowed written with signs", NOTED, amounts.written, 'read: "1,234.50", "(12.00)", "$5", "12-"'),
        ("allowed finer than a cent", MENDED, amounts.rounded, "rounded to the cent, halves away from zero"),
    ]
    for problem, kind, rows, done in marks:
        report.add(TABLE, problem, kind, rows, done, cents=amounts.cents, members=member.codes)


def _tell_dates(what: str, dates: Dates, cents: NDArray[np.int64], member: Texts, report: ClaimsReport) -> None:
    report.add(TABLE, f"{what} ambiguous", NOTED, dates.ambiguous, dates.order, cents=cents, members=member.codes)
    if len(dates.formats) > 1:
        done = f"each read by its own form: {', '.join(dates.formats)}"
        report.add(TABLE, f"{what} in several forms", NOTED, ~dates.missing, done, cents=cents, members=member.codes)


def _thru(
    table: pd.DataFrame, day: NDArray[np.int64], cents: NDArray[np.int64], member: Texts, report: ClaimsReport
) -> NDArray[np.int64]:
    """Return the last day of each line: its first where none is given or it cannot be."""
    if "thru" not in table.columns:
        return day
    dates = read_dates(table["thru"])
    _tell_dates("thru date", dates, cents, member, report)
    wrong = dates.impossible | (dates.days == OPEN)
    done = "taken as the date of service"
    report.add(TABLE, "thru date impossible", MENDED, wrong, done, cents=cents, members=member.codes)
    before = ~wrong & (dates.days != UNKNOWN) & (day != UNKNOWN) & (dates.days < day)
    report.add(TABLE, "thru before the date of service", MENDED, before, done, cents=cents, members=member.codes)
    return np.where(wrong | before | dates.missing, day, dates.days)


def _codes(table: pd.DataFrame, name: str, cents: NDArray[np.int64], member: Texts, report: ClaimsReport) -> Texts:
    if name not in table.columns:
        return nothing(len(table))
    texts = read_texts(table[name]).texts
    formed = reworded(texts, [in_form(name, word) for word in texts.words])
    if name == "ndc":
        short = np.append(np.array([is_short_ndc(word) for word in texts.words], dtype=bool), False)[texts.codes]
        done = "zeros put in front: nothing tells which part is short"
        report.add(TABLE, "ndc of fewer than eleven digits", MENDED, short, done, cents=cents, members=member.codes)
        lost = (texts.codes >= 0) & (formed.codes < 0)
        report.add(TABLE, "ndc is no drug code", MENDED, lost, "taken as missing", cents=cents, members=member.codes)
    return formed


def tell_zeros(claims: Texts, members: Texts, report: ClaimsReport) -> None:
    """Tell of members whose identifiers differ only by zeros in front, within or between the tables."""
    alike = unlike_only_by_zeros(np.union1d(claims.words.astype(str), members.words.astype(str)).astype(object))
    if alike:
        shown = ", ".join(alike[:SHOWN]) + (" and more" if len(alike) > SHOWN else "")
        for table, texts in ((TABLE, claims), ("membership", members)):
            flags = np.append(np.isin(texts.words.astype(str), alike), False)[texts.codes]
            done = f"kept apart as different members: {shown}"
            report.add(table, "member_id with and without leading zeros", NOTED, flags, done, members=texts.codes)


def raw_codes(table: pd.DataFrame, name: str) -> NDArray[Any]:
    """Return codes of a column that is only compared with itself."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    return np.asarray(pd.factorize(table[name])[0])
