"""Lines of patient-days as columns: who, when, which code, how long; checked and grouped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._cases import refuse_switches
from atrisk.rules._dated_rates import day_of
from atrisk.rules._facts import lengths, numbers
from atrisk.therapy import _figures
from atrisk.therapy._groups import distinct, grouped, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


MINUTES_OF_A_DAY = 1440
GROUPS = ("patient", "provider", "date", "discipline")
DAYS = ("patient", "date", "day")
DISCIPLINES = {
    "occupational": "occupational",
    "physical": "physical",
    "speech": "speech",
    "GO": "occupational",
    "GP": "physical",
    "GN": "speech",
}
# By what lines of a day follow each other, after their codes: what tells them apart, whatever the order of rows.
ORDER = (
    "kx_modifier",
    "discipline",
    "provider",
    "assistant",
    "minutes",
    "units",
    "charge",
    "qualifying_apm",
    "conversion_factor",
)
MOST_FIRST = ("minutes", "units")


@dataclass(frozen=True)
class Lines:
    """Lines of patient-days.

    Attributes
    ----------
    place : str
        What errors call it.
    n : int
        Their number.
    code : array
        Position of each line's code.
    codes : Codes
        What is known of the codes, in their own order.
    by : dict
        Position of each line's patient, provider, date and discipline, where they are given, with the distinct values.
    order : array
        Position of each line among those of its day: by code, then by what else is said of it; only lines
        that are alike in all follow each other by row.
    columns : set of str
        Facts that were given as columns.
    """

    place: str
    n: int
    code: NDArray[np.int64]
    codes: _figures.Codes
    by: Mapping[str, tuple[NDArray[np.int64], list[Any]]]
    order: NDArray[np.int64]
    columns: frozenset[str]

    def groups(self, *names: str) -> NDArray[np.int64]:
        """Return the group of each line by some of patient, provider, date and discipline, where they are given."""
        columns = [self.by[name][0] for name in names if name in self.by]
        return grouped(*columns) if columns else np.zeros(self.n, dtype=np.int64)

    def pool(self) -> NDArray[np.int64]:
        """Return whose minutes are counted together: one patient, provider, day and discipline."""
        return self.groups(*GROUPS, "day")

    def path(self, column: str, row: int) -> str:
        """Return what errors call a value: with its row where it stands in a column."""
        return f"{self.place}.{column}[{row}]" if column in self.columns else f"{self.place}.{column}"


def read_lines(
    place: str,
    given: Mapping[str, NDArray[Any]],
    timed: Mapping[str, bool] | None,
    *,
    always: Mapping[str, bool] | None = None,
) -> Lines:
    """Return lines from columns by name; ``always`` is None where the practice expense does not matter."""
    n = lengths(place, given)
    at, found = distinct(f"{place}.code", given["code"], n)
    names = [str(code).strip().upper() for code in found]
    column = np.ndim(given["code"]) > 0
    first = np.unique(at, return_index=True)[1]
    rows = {name: f"[{row}]" if column else "" for name, row in reversed([*zip(names, first, strict=False)])}
    ordered = sorted(set(names))
    at = np.array([ordered.index(name) for name in names], dtype=np.int64)[at]
    said = _figures.told(f"{place}.timed", timed)
    therapy = None if always is None else _figures.told(f"{place}.always_therapy", always)
    readers = {"date": _dates, "discipline": _disciplines}
    by = {
        name: readers.get(name, distinct)(f"{place}.{name}", given[name], n)
        for name in (*GROUPS, "day")
        if name in given
    }
    codes = _figures.codes(place, ordered, [rows.get(name, "") for name in ordered], said, therapy)
    columns = frozenset(name for name, value in given.items() if value.ndim)
    return Lines(place, n, at, codes, by, _ordered(at, given, by), columns)


def _ordered(
    code: NDArray[np.int64], given: Mapping[str, NDArray[Any]], by: Mapping[str, tuple[NDArray[np.int64], list[Any]]]
) -> NDArray[np.int64]:
    """Return the position of each line by its code and by what else tells it apart."""
    keys = [code]
    for name in ORDER:
        column = given.get(name)
        if column is None or not column.ndim:
            continue
        position = by[name][0] if name == "discipline" else _sorted(column)
        keys.append(-position if name in MOST_FIRST else position)
    return in_order(*keys)


def _sorted(column: NDArray[Any]) -> NDArray[np.int64]:
    """Return the position of each value among the distinct ones in their order, missing ones first."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    try:
        at = pd.factorize(column, sort=True)[0]
    except TypeError:
        at = pd.factorize(np.array([f"{type(value).__name__} {value}" for value in column], dtype=object), sort=True)[0]
    return at.astype(np.int64) + 1


def _dates(path: str, values: object, n: int) -> tuple[NDArray[np.int64], list[Any]]:
    """Return dates as days: what differs in the hour alone is the same."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        array = array.astype("datetime64[D]")
    at, found = distinct(path, array, n)
    days = np.array([_of_first(path, array, at, position, day_of) for position in enumerate(found)], "datetime64[D]")
    unique, again = np.unique(days, return_inverse=True)
    return again.reshape(-1)[at], list(unique)


def _disciplines(path: str, values: object, n: int) -> tuple[NDArray[np.int64], list[Any]]:
    """Return disciplines by their names, whether they are given so or as modifiers."""
    array = np.asarray(values)
    at, found = distinct(path, array, n)
    names = [_of_first(path, array, at, position, _discipline) for position in enumerate(found)]
    unique = sorted(set(names))
    return np.array([unique.index(name) for name in names], dtype=np.int64)[at], unique


def _discipline(path: str, word: object) -> str:
    if not isinstance(word, str) or word not in DISCIPLINES:
        raise InputError(path, f"must be one of {', '.join(DISCIPLINES)}", repr(word)[:60])
    return DISCIPLINES[word]


def _of_first(
    path: str, array: NDArray[Any], at: NDArray[np.int64], position: tuple[int, Any], read: Callable[[str, Any], Any]
) -> Any:  # noqa: ANN401 - a day or a name
    """Read a distinct value; an error names the first row that has it."""
    try:
        return read(path, position[1].item() if isinstance(position[1], np.generic) else position[1])
    except InputError as error:
        row = f"[{np.argmax(at == position[0])}]" if array.ndim else ""
        raise InputError(f"{path}{row}", error.rule, error.value) from None


def read_minutes(lines: Lines, values: NDArray[Any]) -> NDArray[np.int64]:
    """Return whole minutes; those of untimed codes may be missing, and count as none."""
    path = f"{lines.place}.minutes"
    refuse_switches(path, values)
    array = np.broadcast_to(numbers(path, values), (lines.n,))
    timed = lines.codes.timed[lines.code]
    missing = np.isnan(array)

    def refuse(wrong: NDArray[np.bool_], rule: str, hint: str | None = None) -> None:
        for row in np.flatnonzero(wrong)[:1]:
            got = "a missing value" if missing[row] else f"{array[row]:g}"
            raise InputError(lines.path("minutes", row), rule, got, hint)

    with np.errstate(invalid="ignore"):
        within = (array >= 0) & (array <= MINUTES_OF_A_DAY)
        refuse(~within & ~(missing & ~timed), f"must be between 0 and {MINUTES_OF_A_DAY:,} minutes")
        refuse(~missing & (array % 1 != 0), "must be a whole number of minutes")
    hint = "leave out the line of what was not done; leave minutes missing where they were not recorded"
    refuse((array == 0) & ~timed, "must be above 0 for an untimed code", hint)
    minutes = np.where(missing, 0, array).astype(np.int64)
    day = lines.groups(*DAYS)
    total = np.bincount(day, minutes)[day]
    for row in np.flatnonzero(total > MINUTES_OF_A_DAY)[:1]:
        rule = f"must come to at most {MINUTES_OF_A_DAY:,} minutes on one day of a patient"
        raise InputError(lines.path("minutes", row), rule, f"{total[row]:,.0f}")
    return minutes


def refuse_minutes_out_of_turn(lines: Lines, minutes: NDArray[np.int64], fact: str = "minutes") -> None:
    """Refuse minutes beyond those that a code of first minutes covers, and further minutes before these are full.

    ``fact`` is what they were given as, minutes or units.
    """
    most, pool = lines.codes.most_minutes, lines.pool()
    for first, name in enumerate(lines.codes.names):
        if np.isnan(most[first]):
            continue
        followers = [other for other, after in enumerate(lines.codes.after) if after == name]
        total = np.bincount(pool, np.where(lines.code == first, minutes, 0))[pool]
        wrong = np.flatnonzero((lines.code == first) & (total > most[first]))
        for row in wrong[:1]:
            hint = "it covers the first minutes; give further ones under the code that follows it"
            rule = f"must be at most {most[first]:g} minutes of {name} on a day"
            raise InputError(lines.path(fact, row), rule, f"{total[row]:g}", hint)
        wrong = np.flatnonzero(np.isin(lines.code, followers) & (minutes > 0) & (total < most[first]))
        _refuse_follower(lines, wrong, f"{fact} of {name}", total)
    absent = [at for at, name in enumerate(lines.codes.after) if name and name not in lines.codes.names]
    wrong = np.flatnonzero(np.isin(lines.code, absent) & (minutes > 0))
    if wrong.size:
        _refuse_follower(lines, wrong, f"{fact} of {lines.codes.after[lines.code[wrong[0]]]}", np.zeros(lines.n))


def _refuse_follower(lines: Lines, wrong: NDArray[np.intp], first: str, total: NDArray[Any]) -> None:
    """Refuse further minutes; ``first`` is what must be full: minutes of 97129."""
    fact, _, name = first.split()
    for row in wrong[:1]:
        rule = f"must follow the full first minutes of {name} on the same day"
        raise InputError(lines.path(fact, row), rule, f"{total[row]:g} {first}")
