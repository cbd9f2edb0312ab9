"""Windows of episodes from claims of which the month is known: what surely lies in each of them, and what may.

A window that an operation opens begins somewhere in a month, one that a condition opens at the start of a month. Of a
claim of a later month it may thus be known that it lies inside, or outside; at the edges it is not. Control totals of
bundles are computed for the least and the most that windows may hold, which are the same where no claim is at an
edge. Of a few lines more is known: on which day of a member's year they are, or that the window itself brings them.
"""

from typing import NamedTuple

import numpy as np

from arrangement_panel import BASE_YEARS, STAGES, YEARS

MONTHS = 12
DAYS_OF_MONTH = 365 / MONTHS
#: The line whose events come together with the operation that brings them, and that which windows of a condition bring.
AT_ONCE, OF_CONDITION = "complications", "crises"


class Windows(NamedTuple):
    """Windows of one kind of episodes that begin in the base years and the performance years, (windows,) each."""

    row: np.ndarray  # row of the member
    year: np.ndarray  # 1 is the first performance year
    month: np.ndarray  # in which it begins, 0 to 11
    counts: np.ndarray  # how many episodes it is
    earliest: np.ndarray  # month of its start at the earliest, from 0 of the first base year
    latest: np.ndarray  # and at the latest
    ends: np.ndarray  # months from start to end where nobody dies
    over: np.ndarray  # month in which it ends at the latest, whatever comes
    dies: float  # the part that death ends, but for what moves it
    opening: np.ndarray  # position of the claim that opens it, -1 for none


def of_operations(arrangement, claims):
    """Return the windows that operations among claims open."""
    episode = arrangement.episodes["surgery"]
    at = np.flatnonzero((claims.service == "surgery") & (claims.year <= YEARS))
    begins, length = claims.time[at].astype(float), np.full(len(at), episode.window_days / DAYS_OF_MONTH)
    month, ones, never = claims.time[at] % MONTHS, np.ones(len(at)), np.full(len(at), np.inf)
    rows, years = claims.row[at], claims.year[at]
    return Windows(rows, years, month, ones, begins, begins + 1, length, never, episode.death_rate, at)


def of_conditions(arrangement, _):
    """Return the windows of members who have the condition in a year, from the first month in which they are there."""
    episode, found = arrangement.episodes["chronic"], []
    counted = [STAGES.index(stage) for stage in episode.states or STAGES[1:]]
    window = episode.window_days / DAYS_OF_MONTH
    for year in range(1 - BASE_YEARS, YEARS + 1):
        standing = arrangement.standing[year]
        rows = np.flatnonzero((standing.months > 0) & np.isin(standing.states[0], counted))
        months, first = standing.months[rows], standing.first[rows] - 1
        begins = first + MONTHS * (year - 1 + BASE_YEARS)
        years, over = np.full(len(rows), year), np.full(len(rows), MONTHS * (year + BASE_YEARS))
        lengths, none = np.full(len(rows), window), np.full(len(rows), -1)
        found.append((rows, years, first, np.minimum(months, window) / window, begins, begins, lengths, over, none))
    *columns, opening = (np.concatenate(column) for column in zip(*found, strict=True))
    return Windows(*columns, dies=0.0, opening=opening)


OPENED = {"surgery": of_operations, "chronic": of_conditions}


class Inside(NamedTuple):
    """Which claims (windows, claims) lie in windows, or in the time after them."""

    surely: np.ndarray
    maybe: np.ndarray


def _between(claims, windows, from_, to):
    """Return which claims of its member lie between two times of a window, each known to lie between two months."""
    its = windows.row[:, np.newaxis] == claims.row
    (first, last), (until, most) = ((low[:, np.newaxis], high[:, np.newaxis]) for low, high in (from_, to))
    return Inside(
        its & (claims.early >= last) & (claims.late < until), its & (claims.late >= first) & (claims.early < most)
    )


def ends(windows):
    """Return when windows end at the earliest, unless somebody dies, and at the latest."""
    return tuple(np.minimum(begins + windows.ends, windows.over) for begins in (windows.earliest, windows.latest))


def inside(claims, windows):
    """Return which claims lie in windows: surely that which opens one and what it brings at once."""
    earliest, latest = ends(windows)
    known = windows.earliest if windows.dies else earliest
    found = _between(claims, windows, (windows.earliest, windows.latest), (known, latest))
    opened = np.flatnonzero(windows.opening >= 0)
    if not opened.size:
        # Nothing else brings a condition's own.
        own = (claims.service == OF_CONDITION) & (windows.row[:, np.newaxis] == claims.row)
        own &= windows.year[:, np.newaxis] == claims.year
        return Inside(found.surely | own, found.maybe)
    surely = found.surely.copy()
    surely[opened, windows.opening[opened]] = True
    same = (windows.row[:, np.newaxis] == windows.row) & (windows.earliest[:, np.newaxis] == windows.earliest)
    alone = (same.sum(axis=1) == 1)[:, np.newaxis]
    its = (windows.row[:, np.newaxis] == claims.row) & (windows.earliest[:, np.newaxis] == claims.time)
    return Inside(surely | (alone & its & (claims.service == AT_ONCE)), found.maybe)


def after(claims, windows, days):
    """Return which claims lie in the days after windows; nothing of those that death ends, where all of them die."""
    length = days / DAYS_OF_MONTH
    earliest, latest = ends(windows)
    found = _between(claims, windows, (earliest, latest), (earliest + length, latest + length))
    return Inside(found.surely & (windows.dies == 0), found.maybe & (windows.dies < 1))
