"""Facts and lines by enrolment type: rows of a frame in, one case for each organization, rows out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk._errors import InputError, a
from atrisk.mssp._benchmark import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: What a fact may be, by its unit: wide enough for any population, narrow enough for products of them to hold.
RANGES = {"dollars": (0.0, 1e7), "factor": (0.05, 20.0), "rate": (0.0, 1.0), "count": (0.0, 1e8)}
#: Likewise by its name.
OWN_RANGES = {
    "adjusted_benchmark": (0.01, 1e7),
    "historical_benchmark": (0.01, 1e7),
    "prior_savings_year_1": (-1e7, 1e7),
    "prior_savings_year_2": (-1e7, 1e7),
    "prior_savings_year_3": (-1e7, 1e7),
    "regional_adjustments": (0.0, 1e3),
    "spending": (0.0, 1e12),
}
#: What stands for a missing fact of a type without members: it counts nothing.
WITHOUT_MEMBERS = {"dollars": 0.0, "factor": 1.0, "rate": 0.0, "count": 0.0}
#: Columns that tell cases apart, where they are given.
KEYS = ("aco_id", "performance_year")


class Fact(NamedTuple):
    """A fact of a case: its unit, whether it has a value for each type, and what it is where it is not given."""

    unit: str
    by_type: bool
    default: float | None


def base_name(name: str) -> tuple[str, str | None]:
    """Return a name without the type it ends with, and that type."""
    for kind in sorted(TYPES, key=len, reverse=True):
        if name.endswith(f"_{kind}"):
            return name.removesuffix(f"_{kind}"), kind
    return name, None


@dataclass(frozen=True)
class Cases:
    """Cases read from a frame.

    Attributes
    ----------
    columns : dict
        The columns that tell rows apart: keys and ``enrolment_type``.
    case : array of int
        The case of each row.
    kind : array of int
        The place of its type in ``TYPES``.
    facts : dict of arrays
        A value for each case by the core's name of the fact.
    """

    columns: dict[str, NDArray[Any]]
    case: NDArray[np.int64]
    kind: NDArray[np.int64]
    facts: dict[str, NDArray[np.float64]]

    def rows(self, lines: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[Any]]:
        """Return lines by row: those of its type, and those of its organization as they stand."""
        rows = dict(self.columns)
        for name in lines:
            base, kind = base_name(name)
            if kind is None:
                rows[base] = lines[name][self.case]
            elif base not in rows:
                of_types = np.stack([lines[f"{base}_{each}"] for each in TYPES])
                rows[base] = of_types[self.kind, self.case]
        return rows


def read_cases(place: str, frame: object, facts: Mapping[str, Fact]) -> Cases:
    """Read a row for each organization and enrolment type; all missing columns are named at once."""
    given = columns_of(place, frame)
    required = ["enrolment_type", *(name for name, fact in facts.items() if fact.default is None)]
    missing = [name for name in required if name not in given]
    if missing:
        raise InputError(place, "must have the columns of its facts", f"no {', '.join(missing)}")
    refuse_missing(place, given, [name for name in KEYS if name in given])
    kind = _kinds(place, given["enrolment_type"])
    keys = {name: given[name] for name in KEYS if name in given}
    case = _cases(place, keys, kind)
    numbers = {name: _numbers(f"{place}.{name}", given[name]) for name in facts if name in given}
    numbers = _without_members(numbers, facts)
    wide: dict[str, NDArray[np.float64]] = {}
    for name, values in numbers.items():
        _check(f"{place}.{name}", values, *_range(name, facts[name]), unknown=_unknown(facts[name]))
        wide |= _by_case(f"{place}.{name}", values, case, kind if facts[name].by_type else None)
    return Cases(keys | {"enrolment_type": given["enrolment_type"]}, case, kind, wide)


def read_facts(place: str, given: Mapping[str, object], facts: Mapping[str, Fact]) -> Cases:
    """Read one case: facts by name, those of types as a mapping from type to number or a number for all types."""
    unknown = [name for name in given if name not in facts]
    if unknown:
        raise InputError(f"{place}.{unknown[0]}", f"must be one of {', '.join(facts)}", "an unknown fact")
    missing = [name for name, fact in facts.items() if fact.default is None and name not in given]
    if missing:
        raise InputError(place, f"must be given {', '.join(missing)}", "none of them" if not given else None)
    columns: dict[str, object] = {"enrolment_type": np.array(TYPES, dtype=object)}
    for name, value in given.items():
        columns[name] = _of_types(f"{place}.{name}", value, facts[name])
    return read_cases(place, columns, facts)


def columns_of(place: str, frame: object) -> dict[str, NDArray[Any]]:
    """Return the columns of a frame of any kind, or of a mapping."""
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(frame, Mapping):
        return {str(name): np.atleast_1d(np.asarray(values)) for name, values in frame.items()}
    try:
        table = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
    except TypeError:
        raise InputError(place, "must be a data frame (pandas, polars, Arrow) or a mapping", a(frame)) from None
    return {name: table[name].to_numpy() for name in table.columns}


def refuse_missing(place: str, given: Mapping[str, NDArray[Any]], names: Sequence[str]) -> None:
    """Refuse rows without what tells them apart."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    for name in names:
        for row in np.flatnonzero(pd.isna(given[name])):
            raise InputError(f"{place}.{name}[{row}]", "must be given for every row", "a missing value")


def _of_types(path: str, value: object, fact: Fact) -> NDArray[Any]:
    if not isinstance(value, Mapping):
        return np.full(len(TYPES), value)
    if not fact.by_type:
        raise InputError(path, "must be one number: it is no fact of a type", a(value))
    if set(value) != set(TYPES):
        raise InputError(path, f"must have a number for {', '.join(TYPES)}", ", ".join(map(str, value)) or "nothing")
    return np.array([value[kind] for kind in TYPES])


def _kinds(place: str, given: NDArray[Any]) -> NDArray[np.int64]:
    for row, kind in enumerate(given):
        if kind not in TYPES:
            raise InputError(f"{place}.enrolment_type[{row}]", f"must be one of {', '.join(TYPES)}", repr(kind))
    return np.array([TYPES.index(kind) for kind in given], dtype=np.int64)


def _cases(place: str, keys: Mapping[str, NDArray[Any]], kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number for each row's case, in the order of their first rows; each has every type once."""
    numbers: dict[tuple[object, ...], int] = {}
    told = list(zip(*keys.values(), strict=True)) if keys else [()] * len(kind)
    case = np.array([numbers.setdefault(key, len(numbers)) for key in told], dtype=np.int64)
    counted = np.zeros((len(numbers), len(TYPES)), dtype=np.int64)
    np.add.at(counted, (case, kind), 1)
    for key, number in numbers.items():
        wrong = np.flatnonzero(counted[number] != 1)
        if len(wrong):
            of = " ".join(map(str, key)) or "the frame"
            got = ", ".join(f"{counted[number, position]} of {TYPES[position]}" for position in wrong)
            hint = "" if keys else f"; tell cases apart by the columns {' and '.join(KEYS)}"
            raise InputError(place, "must have one row for each enrolment type", f"{got} for {of}{hint}")
    return case


def _numbers(path: str, values: NDArray[Any]) -> NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(path, "must be numbers", repr(values)[:60]) from None


def _without_members(
    numbers: dict[str, NDArray[np.float64]], facts: Mapping[str, Fact]
) -> dict[str, NDArray[np.float64]]:
    """Fill what is missing of types without members."""
    counted = [values for name, values in numbers.items() if name.startswith("person_years")]
    nobody = np.logical_and.reduce([values == 0.0 for values in counted]) if counted else np.False_
    return {
        name: np.where(nobody & np.isnan(values), WITHOUT_MEMBERS[facts[name].unit], values)
        if facts[name].by_type
        else values
        for name, values in numbers.items()
    }


def _range(name: str, fact: Fact) -> tuple[float, float]:
    return OWN_RANGES.get(name, RANGES[fact.unit])


def _unknown(fact: Fact) -> bool:
    return fact.default is not None and np.isnan(fact.default)


def _check(path: str, values: NDArray[np.float64], low: float, high: float, *, unknown: bool) -> None:
    allowed = ((values >= low) & (values <= high)) | (unknown & np.isnan(values))
    for row in np.flatnonzero(~allowed):
        raise InputError(f"{path}[{row}]", f"must be a number between {low:g} and {high:,g}", f"{values[row]:g}")


def _by_case(
    path: str, values: NDArray[np.float64], case: NDArray[np.int64], kind: NDArray[np.int64] | None
) -> dict[str, NDArray[np.float64]]:
    """Return a value for each case: of each type, or the one that stands on all of its rows."""
    name = path.rpartition(".")[2]
    n = int(case.max(initial=-1)) + 1
    if kind is not None:
        by_type = np.empty((len(TYPES), n))
        by_type[kind, case] = values
        return {f"{name}_{each}": by_type[position] for position, each in enumerate(TYPES)}
    one = np.empty(n)
    one[case] = values
    apart = (one[case] != values) & ~(np.isnan(one[case]) & np.isnan(values))
    for row in np.flatnonzero(apart):
        raise InputError(f"{path}[{row}]", "must be the same on all rows of an organization", f"{values[row]:g}")
    return {name: one}


def described(rules: Sequence[Any], needed: frozenset[str]) -> dict[str, Fact]:
    """Return the facts that rules in a chain need, without what earlier ones compute.

    ``needed`` must be given although the core has a default: terms ask for them.
    """
    facts: dict[str, Fact] = {}
    computed: set[str] = set()
    for rule in rules:
        for name, unit, _, default in rule.core.facts():
            base, kind = base_name(name)
            if base in computed or (base in facts and facts[base].default is None):
                continue
            facts[base] = Fact(unit, kind is not None, None if base in needed else default)
        computed |= {base_name(name)[0] for name, *_ in rule.core.lines()}
    return facts
