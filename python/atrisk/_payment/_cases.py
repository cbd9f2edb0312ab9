"""Cases of a payment system by name: frames, mappings or single values, with faults named by column and row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk.rules._facts import given_facts, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_cases(
    place: str, frame: object, facts: Mapping[str, Any], known: Sequence[str], required: Sequence[str]
) -> dict[str, Any]:
    """Return what is given of cases by name; unknown names are refused, missing ones are named all at once."""
    row = _as_mapping(frame)
    if isinstance(row, Mapping) and row is not frame:
        # A row of a frame may have other columns, as the frame may.
        row = {name: value for name, value in row.items() if name in known}
    given = given_facts(place, row, facts, known)
    missing = [name for name in required if name not in given]
    if missing:
        raise InputError(place, f"must be given {', '.join(missing)}", f"only {', '.join(given)}" if given else "none")
    return given


def _as_mapping(frame: object) -> object:
    """Return a row of a pandas frame as a mapping; anything else as it is."""
    if type(frame).__name__ == "Series" and hasattr(frame, "to_dict"):
        return frame.to_dict()
    return frame


def refuse_frames(place: str, case: object) -> None:
    """Refuse a frame where one case is wanted."""
    if case is not None and not isinstance(_as_mapping(case), Mapping):
        raise InputError(place, "must be one case: a mapping, a row, or facts by name", a(case))


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
    array = numbers(path, values)
    wrong = np.flatnonzero(~((array >= low) & (array <= high)))
    if wrong.size:
        value = array.flat[wrong[0]]
        row = f"[{wrong[0]}]" if array.ndim else ""
        got = "a missing value" if np.isnan(value) else f"{value:g}"
        raise InputError(f"{path}{row}", f"must be between {low:,g} and {high:,g} {unit}".rstrip(), got)
    return array


def whole_numbers(path: str, values: object, low: int, high: int, unit: str) -> NDArray[np.float64]:
    """Return whole numbers between two bounds, refusing others with their row."""
    array = measured(path, values, low, high, unit)
    wrong = np.flatnonzero(array % 1 != 0)
    if wrong.size:
        row = f"[{wrong[0]}]" if array.ndim else ""
        raise InputError(f"{path}{row}", f"must be a whole number of {unit}", f"{array.flat[wrong[0]]:g}")
    return array
