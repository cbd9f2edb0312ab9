"""Checks of facts that name the first case that breaks a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._payment._cases import measured
from atrisk.rules._facts import is_one, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def refuse(path: str, wrong: NDArray[np.bool_], rule: str, got: str | None = None, hint: str | None = None) -> None:
    """Refuse the first case that is wrong, with its row."""
    rows = np.flatnonzero(wrong)
    if rows.size:
        raise InputError(f"{path}[{rows[0]}]" if np.ndim(wrong) else path, rule, got, hint)


def above_zero(path: str, values: object, most: float, unit: str = "") -> NDArray[np.float64]:
    """Return numbers above 0 and up to a bound, refusing others with their row."""
    array = measured(path, values, 0, most, unit)
    refuse(path, array == 0, "must be above 0", "0")
    return array


def flags(path: str, values: object) -> NDArray[np.float64]:
    """Return yes and no as 1 and 0, refusing what is neither with its row."""
    array = numbers(path, values)
    refuse(path, ~np.isin(array, [0.0, 1.0]), "must be true or false")
    return array


def known_or_missing(path: str, values: object, low: float, high: float, unit: str) -> NDArray[np.float64]:
    """Return numbers between two bounds, or NaN where they are missing."""
    array = numbers(path, values)
    measured(path, np.where(np.isnan(array), low, array), low, high, unit)
    return array


def refuse_columns(place: str, given: Mapping[str, Any]) -> None:
    """Refuse columns where one case is wanted."""
    for name, value in given.items():
        if not is_one(value):
            raise InputError(f"{place}.{name}", "must be a single value", a(value), "price takes columns")
