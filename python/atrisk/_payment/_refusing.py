"""Reads facts as columns and refuses cases that break a rule between them: the first, with its value and its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk.rules._facts import lengths, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


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


def refuse_where(wrong: NDArray[np.bool_], path: str, rule: str, value: object, hint: str | None = None) -> None:
    """Refuse the first case of those that are wrong, with its value and its row."""
    wrong = np.asarray(wrong)
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    given = np.broadcast_to(np.asarray(value), wrong.shape).flat[row]
    got = f"{given:.12g}" if isinstance(given, (int, float, np.number)) else str(given)
    got = "a missing value" if got == "nan" else got
    raise InputError(f"{path}[{row}]" if wrong.ndim else path, rule, got, hint)


def flags(path: str, values: object) -> NDArray[np.bool_]:
    """Return a flag or a column of flags, refusing what is neither true nor false with its row."""
    array = numbers(path, values)
    refuse_where(~np.isin(array, (0, 1)), path, "must be true or false", array)
    return np.asarray(array == 1)
