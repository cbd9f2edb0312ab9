"""Person-years in arrays, as they were observed and as a model simulates the same persons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError, a
from atrisk.contracts import FeeForService
from atrisk.person_years import MONTHS, Line, PersonYears
from atrisk.study import Study
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

OUT_OF_NETWORK = ", out of network"


@dataclass(frozen=True, eq=False)
class Layout:
    """Whose the person-years are: the same for data and model.

    Attributes
    ----------
    lines : tuple of Line
        The service lines.
    member : numpy.ndarray of int64
        Number of each row's member, from 0 on without gaps.
    spell : numpy.ndarray of int64
        Number of each row's spell, the years of one member without a gap; a spell's rows follow each other by year.
    """

    lines: tuple[Line, ...]
    member: NDArray[np.int64]
    spell: NDArray[np.int64]

    @classmethod
    def of(cls, table: PersonYears) -> Layout:
        """Return the layout of a table, whose rows are sorted by member and year."""
        year = table.frame["year"].to_numpy()
        member = np.unique(table.frame["member_id"].to_numpy(), return_inverse=True)[1].astype(np.int64)
        starts = np.ones(len(year), dtype=bool)
        starts[1:] = (member[1:] != member[:-1]) | (year[1:] != year[:-1] + 1)
        return cls(lines=table.lines, member=member, spell=np.cumsum(starts) - 1)

    @classmethod
    def joined(cls, layouts: Sequence[Layout]) -> Layout:
        """Return several layouts as one, their members kept apart."""
        members = np.cumsum([0, *(layout.members for layout in layouts)])
        spells = np.cumsum([0, *(layout.spells for layout in layouts)])
        return cls(
            lines=layouts[0].lines,
            member=np.concatenate([each.member + first for each, first in zip(layouts, members, strict=False)]),
            spell=np.concatenate([each.spell + first for each, first in zip(layouts, spells, strict=False)]),
        )

    @property
    def members(self) -> int:
        """Number of members."""
        return int(self.member.max()) + 1

    @property
    def spells(self) -> int:
        """Number of spells."""
        return int(self.spell[-1]) + 1

    @property
    def counted(self) -> list[str]:
        """Names of the lines whose events are counted."""
        return [line.name for line in self.lines if line.counted]

    def earlier(self, lag: int) -> NDArray[np.int64]:
        """Return the rows whose spell goes on for ``lag`` years; the later year of each is ``lag`` rows below."""
        rows = np.arange(max(len(self.spell) - lag, 0))
        return np.asarray(rows[self.spell[rows] == self.spell[rows + lag]])


@dataclass(frozen=True, eq=False)
class Sample:
    """What the person-years of a layout used: ``events`` (rows × counted lines) and ``dollars`` (rows × lines)."""

    layout: Layout
    events: NDArray[np.float64]
    dollars: NDArray[np.float64]

    @classmethod
    def observed(cls, table: PersonYears, layout: Layout) -> Sample:
        """Return what the data have."""
        counts = [line.events for line in table.lines if line.counted]
        return cls(
            layout=layout,
            events=table.frame[counts].to_numpy(dtype=np.float64),
            dollars=table.frame[[line.dollars for line in table.lines]].to_numpy(dtype=np.float64),
        )

    @classmethod
    def joined(cls, samples: Sequence[Sample], layout: Layout) -> Sample:
        """Return several samples as one, in the layout of all."""
        return cls(
            layout=layout,
            events=np.concatenate([sample.events for sample in samples]),
            dollars=np.concatenate([sample.dollars for sample in samples]),
        )

    @cached_property
    def total(self) -> NDArray[np.float64]:
        """Dollars of each row, over all lines."""
        return np.asarray(self.dollars.sum(axis=1))

    @cached_property
    def log_total(self) -> NDArray[np.float64]:
        """Log (1 + dollars) of each row."""
        return np.log1p(self.total)

    @cached_property
    def log_events(self) -> NDArray[np.float64]:
        """Log (1 + events) of each row and counted line."""
        return np.log1p(self.events)

    @cached_property
    def ascending(self) -> NDArray[np.int64]:
        """Rows from the cheapest to the dearest."""
        return np.argsort(self.total, kind="stable")

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        """Dollars of the rows, the cheapest first."""
        return self.total[self.ascending]

    @cached_property
    def unused(self) -> NDArray[np.float64]:
        """1 where a row has no dollars at all, then for each line no events, or no dollars where none are counted."""
        without = np.column_stack([self.total, self.dollars])
        counted = [position for position, line in enumerate(self.layout.lines, start=1) if line.counted]
        without[:, counted] = self.events
        return (without <= 0.0).astype(np.float64)


class Simulated:
    """The persons of a table, each simulated through its own years."""

    def __init__(self, care: Utilization, table: PersonYears, layout: Layout, seed: int) -> None:
        years = table.frame["year"].to_numpy()
        first = int(years.min())
        starts = np.flatnonzero(np.diff(layout.spell, prepend=-1))
        self.layout = layout
        # Claims say the spell and the year, rows of a spell follow each other by year.
        self._start = starts - (years[starts] - first + 1)
        span = int(years.max()) - first + 1
        arms = {"as it was paid": FeeForService()}
        self._study = Study(table.followed(), care, arms, years=span, seed=seed)
        self._line = _line_of(care, table.lines)

    def sample(self, replicate: int) -> Sample:
        """Return what one replicate's events come to, by person-year and line; 0 where there is none."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        claims = self._study.claims(replicate)
        names = list(self._line)
        line = np.array([self._line[name] for name in names])[pd.Index(names).get_indexer(pd.Index(claims["service"]))]
        row = self._start[claims["member_ix"].to_numpy()] + claims["year"].to_numpy()
        shape = (len(self.layout.member), len(self.layout.lines))
        cell, cells = row * shape[1] + line, shape[0] * shape[1]
        allowed = claims["allowed"].to_numpy(dtype=np.float64)
        dollars = np.bincount(cell, weights=allowed, minlength=cells).reshape(shape).astype(np.float64)
        counts = np.bincount(cell, minlength=cells).reshape(shape).astype(np.float64)
        counted = [position for position, each in enumerate(self.layout.lines) if each.counted]
        return Sample(layout=self.layout, events=counts[:, counted], dollars=dollars)


def partial_years(table: PersonYears, layout: Layout) -> int:
    """Count the years within a spell that are not full, which a simulated member can have at its ends alone."""
    months = table.frame["member_months"].to_numpy()
    inside = np.zeros(len(months), dtype=bool)
    inside[1:-1] = (layout.spell[1:-1] == layout.spell[:-2]) & (layout.spell[1:-1] == layout.spell[2:])
    return int(np.count_nonzero(inside & (months < MONTHS)))


def checked(path: str, care: object, table: object) -> tuple[Utilization, PersonYears]:
    """Return a model and person-years, refusing what is none or where service lines differ."""
    if not isinstance(care, Utilization):
        raise InputError(f"{path}.care", "must be a Utilization", a(care))
    if not isinstance(table, PersonYears):
        raise InputError(f"{path}.held_out", "must be PersonYears", a(table), "PersonYears.from_frame(...) reads them")
    has, needs = sorted(service.name for service in care.services), sorted(line.name for line in table.lines)
    if has != needs:
        rule = f"must be the service lines of the person-years, {', '.join(needs)}"
        raise InputError(f"{path}.care.services", rule, ", ".join(has) or "none")
    return care, table


def _line_of(care: Utilization, lines: Sequence[Line]) -> dict[str, int]:
    """Return the position of the line of each service; what is out of network is of the same line."""
    position = {line.name: position for position, line in enumerate(lines)}
    return position | {f"{service.name}{OUT_OF_NETWORK}": position[service.name] for service in care.services}
