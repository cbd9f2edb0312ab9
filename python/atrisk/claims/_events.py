"""Events of care: claim lines put together into claims, days or stays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from atrisk.claims._texts import pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(eq=False)
class Events:
    """Events in columns, in order of service line."""

    service: NDArray[np.int64]
    member: NDArray[np.int64]
    day: NDArray[np.int64]
    cents: NDArray[np.int64]
    known: NDArray[np.bool_]


@dataclass(eq=False)
class CareLines:
    """The lines that are care, in columns."""

    service: NDArray[np.int64]
    member: NDArray[np.int64]
    claim: NDArray[np.int64]
    day: NDArray[np.int64]
    thru: NDArray[np.int64]
    cents: NDArray[np.int64]
    known: NDArray[np.bool_]

    def of(self, rows: NDArray[np.int64]) -> CareLines:
        """Return some of the lines."""
        return CareLines(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def events_of(lines: CareLines, units: list[str]) -> Events:
    """Return the events of all service lines, given the unit of each."""
    parts = []
    for at, unit in enumerate(units):
        rows = np.flatnonzero(lines.service == at)
        if len(rows):
            part = lines.of(rows)
            parts.append(_events(part, _groups(part, unit)))
    names = ("service", "member", "day", "cents", "known")
    return Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _groups(lines: CareLines, unit: str) -> NDArray[np.int64]:
    if unit == "line":
        return np.arange(len(lines.day))
    if unit == "claim":
        return pairs(lines.claim, np.zeros_like(lines.claim))
    if unit == "day":
        return pairs(lines.member, lines.day - lines.day.min())
    return _stays(lines)


def _stays(lines: CareLines) -> NDArray[np.int64]:
    """Return a number for each stay: lines of a member whose days overlap or follow each other with no day between."""
    order = np.lexsort((lines.day, lines.member))
    member, day, thru = lines.member[order], lines.day[order], lines.thru[order]
    level = np.int64(1) << 40
    changes = np.ones(len(order), dtype=bool)
    changes[1:] = member[1:] != member[:-1]
    block = np.cumsum(changes) - 1
    latest = np.maximum.accumulate(thru + block * level) - block * level
    begins = changes.copy()
    begins[1:] |= day[1:] > latest[:-1] + 1
    groups = np.empty(len(order), dtype=np.int64)
    groups[order] = np.cumsum(begins) - 1
    return groups


def _events(lines: CareLines, groups: NDArray[np.int64]) -> Events:
    # Sorted by group and day, the first line of each group says when and whose the event is.
    order = np.lexsort((lines.day, groups))
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    first = order[starts]
    return Events(
        service=lines.service[first],
        member=lines.member[first],
        day=lines.day[first],
        cents=np.add.reduceat(lines.cents[order], starts),
        known=np.logical_and.reduceat(lines.known[order], starts),
    )
