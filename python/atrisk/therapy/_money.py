"""What a user says of lines beside their minutes: flags, dollars, and what was used of a patient's year before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk.rules._facts import numbers
from atrisk.therapy._groups import same_in_group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk.therapy._lines import Lines

MOST_DOLLARS = 1e6


@dataclass(frozen=True)
class Facts:
    """Facts of lines by name."""

    lines: Lines
    given: Mapping[str, Any]

    def path(self, name: str, row: int) -> str:
        """Return what errors call a value: with its row where it stands in a column."""
        row_of = f"[{row}]" if np.ndim(self.given[name]) else ""
        return f"{self.lines.place}.{name}{row_of}"

    def numbers(
        self, name: str, low: float, high: float, unit: str = "", *, missing: bool = False
    ) -> NDArray[np.float64]:
        """Return a fact of each line between two bounds; missing ones are NaN where that is allowed."""
        array = np.broadcast_to(numbers(f"{self.lines.place}.{name}", self.given[name]), (self.lines.n,))
        fits = (array >= low) & (array <= high) | (np.isnan(array) & missing)
        for row in np.flatnonzero(~fits)[:1]:
            got = "a missing value" if np.isnan(array[row]) else f"{array[row]:g}"
            raise InputError(self.path(name, row), f"must be between {low:,.10g} and {high:,.10g} {unit}".rstrip(), got)
        return array


def flags(facts: Facts, name: str) -> NDArray[np.bool_]:
    """Return a flag of each line: false where it is not given."""
    if name not in facts.given:
        return np.zeros(facts.lines.n, dtype=bool)
    array = np.broadcast_to(numbers(f"{facts.lines.place}.{name}", facts.given[name]), (facts.lines.n,))
    for row in np.flatnonzero(~((array == 0) | (array == 1)))[:1]:
        got = "a missing value" if np.isnan(array[row]) else f"{array[row]:g}"
        raise InputError(facts.path(name, row), "must be true or false", got)
    return np.equal(array, 1)


def dollars(facts: Facts, name: str, *, missing: bool = False) -> NDArray[np.float64]:
    """Return dollars of each line, in whole cents."""
    array = facts.numbers(name, 0, MOST_DOLLARS, "dollars", missing=missing)
    for row in np.flatnonzero(~np.isnan(array) & (np.round(array, 2) != array))[:1]:
        raise InputError(facts.path(name, row), "must be dollars and whole cents", f"{array[row]:.10g}")
    return array


def factors(facts: Facts, name: str) -> NDArray[np.float64]:
    """Return a factor of each line, above 0."""
    array = facts.numbers(name, 0, 1000, "dollars")
    for row in np.flatnonzero(array == 0)[:1]:
        raise InputError(facts.path(name, row), "must be above 0", "0")
    return array


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
