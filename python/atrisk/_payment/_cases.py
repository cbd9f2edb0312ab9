"""Cases of a payment system by name: frames, mappings or single values, with faults named by column and row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk.rules._facts import given_facts, lengths, numbers, refuse_near_misses

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_cases(
    place: str, frame: object, facts: Mapping[str, Any], known: Sequence[str], required: Sequence[str]
) -> dict[str, Any]:
    """Return what is given of cases by name; unknown names are refused, missing ones are named all at once.

    What is required may have alternatives: "minutes or units".
    """
    row = as_mapping(frame)
    if isinstance(row, Mapping) and row is not frame:
        # A row of a frame may have other columns, as the frame may.
        refuse_near_misses(place, row, facts, known)
        row = {name: value for name, value in row.items() if name in known}
    given = given_facts(place, row, facts, known)
    missing = [name for name in required if not given.keys() & set(name.split(" or "))]
    if missing:
        raise InputError(place, f"must be given {', '.join(missing)}", f"only {', '.join(given)}" if given else "none")
    return given


def as_mapping(frame: object) -> object:
    """Return a row of a pandas frame as a mapping; anything else as it is."""
    if type(frame).__name__ == "Series" and hasattr(frame, "to_dict"):
        return frame.to_dict()
    return frame


def refuse_frames(place: str, case: object) -> None:
    """Refuse a frame where one case is wanted."""
    if case is not None and not isinstance(as_mapping(case), Mapping):
        raise InputError(place, "must be one case: a mapping, a row, or facts by name", a(case))


def columns_of(place: str, given: Mapping[str, object]) -> dict[str, NDArray[Any]]:
    """Return facts as arrays, each converted once; columns of several lengths are refused."""
    arrays = {}
    for name, value in given.items():
        try:
            arrays[name] = np.asarray(value)
        except ValueError:
            raise InputError(f"{place}.{name}", "must be a value or a column of values", repr(value)[:60]) from None
    lengths(place, arrays)
    return arrays


def codes(path: str, values: object, words: Sequence[object], what: str, hint: str | None = None) -> NDArray[np.intp]:
    """Return the position in ``words`` of a value or of each of a column, refusing others with their row.

    ``what`` completes "must be": a letter A to P, a fiscal year with a table.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values)
    if array.ndim > 1:
        raise InputError(path, "must be a value or a column of values", f"{array.ndim} dimensions")
    found = pd.Index(list(words)).get_indexer(pd.Index(array.ravel()))
    wrong = np.flatnonzero(found < 0)
    if wrong.size:
        value = array.ravel()[wrong[0]]
        row = f"[{wrong[0]}]" if array.ndim else ""
        got = "a missing value" if pd.isna(value) else repr(value.item() if hasattr(value, "item") else value)
        raise InputError(f"{path}{row}", f"must be {what}", got, hint)
    return found.reshape(array.shape)


def years(path: str, values: object, available: Sequence[int], kind: str = "fiscal year") -> NDArray[np.intp]:
    """Return the position of each year in those that have a table; others are refused, with a list of these."""
    listed = ", ".join(map(str, available))
    return codes(path, np.asarray(values), list(available), f"a {kind} with figures: {listed}")


def measured(path: str, values: object, low: float, high: float, unit: str) -> NDArray[np.float64]:
    """Return a number or a column of numbers between two bounds, refusing others with their row."""
    refuse_switches(path, values)
    array = numbers(path, values)
    wrong = np.flatnonzero(~((array >= low) & (array <= high)))
    if wrong.size:
        value = array.flat[wrong[0]]
        row = f"[{wrong[0]}]" if array.ndim else ""
        got = "a missing value" if np.isnan(value) else f"{value:.12g}"
        raise InputError(f"{path}{row}", f"must be between {low:,.10g} and {high:,.10g} {unit}".rstrip(), got)
    return array


def refuse_switches(path: str, values: object) -> None:
    """Refuse true and false where numbers are wanted: they would count as 1 and 0."""
    array = np.asarray(values)
    of_switches = array.dtype.kind == "b"
    if not of_switches and array.dtype.kind != "O":
        return
    for row, value in enumerate(array.flat):
        if of_switches or isinstance(value, (bool, np.bool_)):
            raise InputError(f"{path}[{row}]" if array.ndim else path, "must be a number", str(bool(value)).lower())


def whole_numbers(path: str, values: object, low: int, high: int, unit: str) -> NDArray[np.float64]:
    """Return whole numbers between two bounds, refusing others with their row."""
    array = measured(path, values, low, high, unit)
    wrong = np.flatnonzero(array % 1 != 0)
    if wrong.size:
        row = f"[{wrong[0]}]" if array.ndim else ""
        raise InputError(f"{path}{row}", f"must be a whole number of {unit}", f"{array.flat[wrong[0]]:.12g}")
    return array
