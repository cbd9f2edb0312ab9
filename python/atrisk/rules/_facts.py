"""Facts of cases as columns of numbers, from what a user has, and lines back in the same kind of frame."""

from __future__ import annotations

import difflib
import numbers as kinds
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


ALIKE = 0.82  # how much of a column's name must be that of a fact to be taken for a slip


def given_facts(place: str, frame: object, facts: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """Return facts by name, refusing unknown ones and what is given twice; a frame may have other columns."""
    of_frame = frame if isinstance(frame, Mapping) else {} if frame is None else _of_frame(place, frame, known, facts)
    for name in facts:
        if name in of_frame:
            hint = f"drop the column, or leave out {name}="
            raise InputError(f"{place}.{name}", "must be given once", "a column and the same by name", hint)
    given = {**of_frame, **facts}
    for name in given:
        if name not in known:
            raise InputError(f"{place}.{name}", f"must be one of {', '.join(known)}", "an unknown fact")
    return given


def refuse_near_misses(place: str, columns: Iterable[object], given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a column that is no fact but looks like one that is not given: it would be left out without a word."""
    columns, given = list(columns), set(given)
    left = [name for name in known if name not in given and name not in columns]
    for column in columns:
        if column in known or not isinstance(column, str):
            continue
        near = difflib.get_close_matches(column.strip().lower().replace(" ", "_"), left, n=1, cutoff=ALIKE)
        if near:
            hint = f"rename it to {near[0]!r} if it is that, else drop it"
            raise InputError(f"{place}.{column}", "must not look like a fact without being one", repr(column), hint)


def _of_frame(place: str, frame: object, known: Sequence[str], by_name: Iterable[str]) -> dict[str, Any]:
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

    try:
        table = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
    except TypeError:
        raise InputError(place, "must be a data frame (pandas, polars, Arrow) or a mapping", a(frame)) from None
    except nw.exceptions.DuplicateError as error:
        raise InputError(place, "must have each column once", str(error).splitlines()[0]) from None
    refuse_near_misses(place, table.columns, by_name, known)
    return {name: table[name].to_native() for name in known if name in table.columns}


def is_one(value: object) -> bool:
    """Say whether a fact is a single value and no column."""
    return isinstance(value, str) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0


def numbers(path: str, values: object) -> NDArray[np.float64]:
    """Return a number or a column of numbers; what is missing is NaN, for the core to name."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(path, "must be a number or a column of numbers", repr(values)[:60]) from None
    if array.ndim > 1:
        raise InputError(path, "must be a number or a column of numbers", f"{array.ndim} dimensions")
    if array.dtype.kind in "biuf":
        return as_written(array)
    if array.ndim == 0:
        return np.asarray(_number(path, array[()]))
    return np.array([_number(f"{path}[{row}]", value) for row, value in enumerate(array)], dtype=np.float64)


def as_written(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers in double precision; those of less are read as they are written: 0.95, not 0.949999988."""
    if array.dtype.kind == "f" and array.dtype.itemsize < np.dtype(np.float64).itemsize:
        return array.astype(np.str_).astype(np.float64)
    return array.astype(np.float64, copy=False)


def _number(path: str, value: object) -> float:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if value is None or value is pd.NA or value is pd.NaT:
        return np.nan
    if isinstance(value, np.floating):
        return float(as_written(np.asarray(value)))
    if not isinstance(value, (kinds.Real, Decimal)):
        raise InputError(path, "must be a number", repr(str(value) if isinstance(value, str) else value)[:60])
    try:
        return float(value)
    except OverflowError:
        return np.inf


def lengths(place: str, columns: Mapping[str, NDArray[Any]]) -> int:
    """Return how many cases there are, refusing columns of several lengths."""
    found = {name: len(column) for name, column in columns.items() if column.ndim}
    if len(set(found.values())) > 1:
        given = ", ".join(f"{name} has {n}" for name, n in found.items())
        raise InputError(place, "must have facts of one length", given)
    return next(iter(found.values()), 1)


def as_frame(place: str, lines: dict[str, NDArray[np.float64]], frame: object, facts: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Return lines as a frame of the kind that was given, a row for each case; rows keep a pandas index."""
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick
    import pandas as pd  # noqa: PLC0415

    series = [value for value in facts.values() if nw.dependencies.is_into_series(value)]
    whole = [] if frame is None or isinstance(frame, Mapping) else [frame]
    indexes = [each.index for each in [*whole, *series] if isinstance(each, (pd.DataFrame, pd.Series))]
    if any(not index.equals(indexes[0]) for index in indexes[1:]):
        raise InputError(place, "must have facts with one index", "several", "reset_index(drop=True) goes by position")
    like: Any = nw.from_native(next(iter([*whole, *series]), pd.DataFrame()), eager_only=True, allow_series=True)
    if indexes or isinstance(nw.to_native(like), pd.DataFrame):
        return pd.DataFrame(lines, index=indexes[0] if indexes else None, copy=False)
    return nw.from_dict(lines, backend=nw.get_native_namespace(like)).to_native()
