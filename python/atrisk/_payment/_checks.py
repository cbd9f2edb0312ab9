"""Checks of facts that name the first case that breaks a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._payment._cases import measured
from atrisk.rules._facts import is_one, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LOWEST_WAGE_INDEX, HIGHEST_WAGE_INDEX = 0.1, 5.0  # what is beyond is a slip


def refuse(path: str, wrong: NDArray[np.bool_], rule: str, got: object = None, hint: str | None = None) -> None:
    """Refuse the first case that is wrong, with its row.

    What was got is a text, or the value of every case, of which that of the first is told.
    """
    rows = np.flatnonzero(wrong)
    if rows.size:
        told = _first(got, np.shape(wrong), rows[0])
        raise InputError(f"{path}[{rows[0]}]" if np.ndim(wrong) else path, rule, told, hint)


@dataclass(frozen=True)
class Refusing:
    """Refuses facts of a system: at their row where they are a column, else as a whole with the row of the case.

    Attributes
    ----------
    place : str
        The payment system, as errors call it.
    given : dict
        What the user gave, by name.
    """

    place: str
    given: Mapping[str, Any]

    def __call__(
        self, name: str, wrong: NDArray[np.bool_], rule: str, got: object = None, hint: str | None = None
    ) -> None:
        """Refuse the first case that is wrong, as :func:`refuse` does."""
        rows = np.flatnonzero(wrong)
        if not rows.size:
            return
        told = _first(got, np.shape(wrong), rows[0])
        of_column = name in self.given and bool(np.ndim(self.given[name]))
        if np.ndim(wrong) and not of_column:
            told = f"{told} on row {rows[0]}"
        path = f"{self.place}.{name}"
        raise InputError(f"{path}[{rows[0]}]" if of_column else path, rule, told, hint)


def _first(got: object, shape: tuple[int, ...], row: int) -> str | None:
    """Return what is told of the first case: a text as it is, or its value."""
    return got if got is None or isinstance(got, str) else _told(np.broadcast_to(np.asarray(got), shape).flat[row])


def _told(value: Any) -> str:  # noqa: ANN401 - a value of any kind
    """Return a value as errors show it."""
    text = f"{value:.12g}" if isinstance(value, (int, float, np.number)) else str(value)
    return "a missing value" if text in {"nan", "NaT", "None", "<NA>"} else text


def above_zero(path: str, values: object, most: float, unit: str = "") -> NDArray[np.float64]:
    """Return numbers above 0 and up to a bound, refusing others with their row."""
    array = measured(path, values, 0, most, unit)
    refuse(path, array == 0, "must be above 0", "0")
    return array


def wage_index(path: str, values: object) -> NDArray[np.float64]:
    """Return wage indexes, refusing what is none with its row."""
    return measured(path, values, LOWEST_WAGE_INDEX, HIGHEST_WAGE_INDEX, "")


def flags(path: str, values: object) -> NDArray[np.float64]:
    """Return yes and no as 1 and 0, refusing what is neither true nor false (nor 1 nor 0) with its row.

    Words are refused: "N" is no empty text, and would be taken for true elsewhere.
    """
    rule = "must be true or false"
    try:
        array = numbers(path, values)
    except InputError as error:
        raise InputError(error.path, rule, error.value) from None
    refuse(path, ~np.isin(array, [0.0, 1.0]), rule, array)
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
