"""Facts of cases as columns of numbers, from what a user has, and lines back in the same kind of frame."""

from __future__ import annotations

import numbers as kinds
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def given_facts(place: str, frame: object, facts: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """Return facts by name, refusing unknown ones; a frame may have other columns."""
    if isinstance(frame, Mapping):
        facts = {**frame, **facts}
        frame = None
    for name in facts:
        if name not in known:
            raise InputError(f"{place}.{name}", f"must be one of {', '.join(known)}", "an unknown fact")
    return (_of_frame(place, frame, known) if frame is not None else {}) | dict(facts)


def _of_frame(place: str, frame: object, known: Sequence[str]) -> dict[str, Any]:
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

    try:
        table = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
    except TypeError:
        raise InputError(place, "must be a data frame (pandas, polars, Arrow) or a mapping", a(frame)) from None
    except nw.exceptions.DuplicateError as error:
        raise InputError(place, "must have each column once", str(error).splitlines()[0]) from None
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
        return array.astype(np.float64, copy=False)
    if array.ndim == 0:
        return np.asarray(_number(path, array[()]))
    return np.array([_number(f"{path}[{row}]", value) for row, value in enumerate(array)], dtype=np.float64)


def _number(path: str, value: object) -> float:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if value is None or value is pd.NA or value is pd.NaT:
        return np.nan
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
