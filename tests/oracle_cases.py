"""Second opinion on the cases of a bundle: what is used inside each window, and in the time after it."""

import math
from typing import NamedTuple

import numpy as np

from oracle_arms import times_of
from oracle_care import Book
from oracle_episodes import DAYS_OF_MONTH, Opened, some_of
from oracle_panel import MONTHS, Flags
from oracle_quantiles import number_of
from oracle_random import F64, I64, Terms
from oracle_terms import Signed, named


class Used(NamedTuple):
    """Every event of all years, every field (events,)."""

    row: I64  # of the member
    service: I64
    time: F64  # months from the start of the first simulated year
    dollars: F64  # allowed, or what the payer pays of them


class Cases(NamedTuple):
    """Episodes of one year that a bundle settles, every field (episodes,)."""

    cell: tuple[str, ...]
    month: I64  # in which they begin, 1 to 12
    episodes: F64  # how many each counts as
    multiplier: F64  # of the target price
    actual: F64  # dollars inside the window, of the lines that count
    readmission: F64  # dollars inside the window, of the lines of readmissions
    after: F64  # dollars in the time after the window, of the lines that count; nothing after a death


def used_by(book: Book, *, paid: bool) -> Used:
    """What everybody uses: allowed, or what the payer pays of it."""
    parts = []
    billed = np.array([[each is None or each.kind != "capitation" for each in of] for of in book.bearers])
    for year, events in book.care.events.items():
        due = billed[book.payer[events.member_row], events.service]
        dollars = (book.allowed[year] - book.shares[year]) * due if paid else book.allowed[year]
        times = times_of(book.world, book.columns, events, year)
        parts.append(Used(events.member_row, events.service, times, dollars))
    return Used(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def lines_of(names: list[str] | None, book: Book) -> Flags:
    """Which service lines are named, shape (lines,); where nothing is said all of them."""
    every = range(len(book.services))
    return np.isin(every, named(names, book.services, every))


def who_counts(signed: Signed, book: Book, year: int) -> Flags:
    """Whether a bundle settles the episodes of each member that begin in a year, shape (members,)."""
    attributed = book.world.panel[year].attributed
    which = ~attributed if signed.terms.get("excludes_attributed") else attributed
    return np.asarray(book.members_of(signed.payer) & which, dtype=np.bool_)


def months_after(terms: Terms) -> float:
    """Months after a window whose care is looked at."""
    return number_of(terms, "post_episode_days", 30.0) / DAYS_OF_MONTH


def sums_of(signed: Signed, book: Book, opened: Opened, used: Used) -> list[tuple[float, float, float]]:
    """Dollars inside each window, those of readmissions among them, and dollars after it."""
    terms, found = signed.terms, []
    counts, returns = (lines_of(terms.get("services"), book), lines_of(terms.get("readmission_services") or [], book))
    for row, start, end, died in zip(opened.row, opened.start, opened.end, opened.died, strict=True):
        own = used.row == row
        service, time, dollars = used.service[own], used.time[own], used.dollars[own]
        inside = (time >= start) & (time < end)
        after = (time >= end) & (time < end + months_after(terms)) & ~died
        which = (inside & counts[service], inside & returns[service], after & counts[service])
        actual, readmission, later = (math.fsum(dollars[each]) for each in which)
        found.append((actual, readmission, later))
    return found


def cases_of(signed: Signed, book: Book, year: int) -> Cases:
    """The episodes of a bundle that begin in a year, of its payer's members who count."""
    terms, counts = signed.terms, who_counts(signed, book, year)
    used = used_by(book, paid=terms["kind"] == "prospective")
    before = MONTHS * (year - min(book.world.years))
    cells: list[str] = []
    parts, sums = [], []
    for kind in terms["episodes"]:
        all_of_kind = book.care.episodes[kind]
        opened = some_of(all_of_kind, (all_of_kind.year == year) & counts[all_of_kind.row])
        cells += [kind] * len(opened.row)
        parts.append(opened)
        sums += sums_of(signed, book, opened, used)
    together = Opened(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    factor = terms.get("target_multipliers")
    multiplier = np.ones(len(cells)) if factor is None else np.asarray(book.columns[factor][together.row], np.float64)
    month = np.floor(together.start).astype(np.int64) - before + 1
    actual, readmission, after = np.array(sums, dtype=np.float64).reshape(len(cells), 3).T
    return Cases(tuple(cells), month, together.episodes, multiplier, actual, readmission, after)
