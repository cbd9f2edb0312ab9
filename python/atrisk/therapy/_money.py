"""What a user says of lines beside their minutes: flags, dollars, and what was used of a patient's year before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _checks
from atrisk._payment._cases import measured
from atrisk.therapy._groups import same_in_group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk.therapy._lines import Lines

MOST_DOLLARS = 1e6
MOST_FACTOR = 1000


@dataclass(frozen=True)
class Facts:
    """Facts of lines by name."""

    lines: Lines
    given: Mapping[str, Any]

    @property
    def refuse(self) -> _checks.Refusing:
        """Refuses facts, with their row where they stand in a column."""
        return _checks.Refusing(self.lines.place, self.given)

    def path(self, name: str, row: int | None = None) -> str:
        """Return what errors call a fact, or its value on a row: with this where it stands in a column."""
        of_column = row is not None and np.ndim(self.given[name])
        return f"{self.lines.place}.{name}[{row}]" if of_column else f"{self.lines.place}.{name}"

    def on_lines(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a value, or a column of them, on every line."""
        return np.broadcast_to(values, (self.lines.n,))

    def numbers(self, name: str, low: float, high: float, unit: str = "") -> NDArray[np.float64]:
        """Return a fact of each line between two bounds."""
        return self.on_lines(measured(self.path(name), self.given[name], low, high, unit))


def flags(facts: Facts, name: str) -> NDArray[np.bool_]:
    """Return a flag of each line: false where it is not given."""
    return np.asarray(facts.on_lines(_checks.flags(facts.path(name), facts.given.get(name, False))) > 0)


def dollars(facts: Facts, name: str, *, missing: bool = False) -> NDArray[np.float64]:
    """Return dollars of each line, in whole cents; missing ones are NaN where that is allowed."""
    read = _checks.known_or_missing if missing else measured
    array = read(facts.path(name), facts.given[name], 0, MOST_DOLLARS, "dollars")
    facts.refuse(name, ~np.isnan(array) & (np.round(array, 2) != array), "must be dollars and whole cents", array)
    return facts.on_lines(array)


def factors(facts: Facts, name: str) -> NDArray[np.float64]:
    """Return dollars for a relative value unit, of each line."""
    return facts.on_lines(_checks.above_zero(facts.path(name), facts.given[name], MOST_FACTOR, "dollars"))


def of_the_year(
    facts: Facts, name: str, group: NDArray[np.int64], year: NDArray[np.int64], what: str
) -> NDArray[np.float64]:
    """Return what was used of a year before the frame: the same on all lines of a group, 0 where it is not given."""
    if name not in facts.given:
        return np.zeros(facts.lines.n)
    used = dollars(facts, name)
    if np.ndim(facts.given[name]):
        same_in_group(f"{facts.lines.place}.{name}", group, used, what)
        return used
    patients = facts.lines.groups("patient")
    if used.any() and year.max(initial=-1) > patients.max(initial=-1):
        rule = "must be a column where a patient has lines of several years: each begins anew"
        raise InputError(f"{facts.lines.place}.{name}", rule, f"{used[0]:g} for all")
    return used
