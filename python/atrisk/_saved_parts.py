"""Parts of a study as JSON that means them exactly: numbers, texts, distributions and dataclasses of known names."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import distributions
from atrisk._errors import InputError, a
from atrisk._spec import fields
from atrisk.assumption import Assumption
from atrisk.condition import Condition, RiskScores
from atrisk.distributions._base import _again
from atrisk.enrolment import Attribution, Enrolment
from atrisk.health import Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.distributions import Distribution

PARTS: dict[str, type] = {
    kind.__name__: kind for kind in (Assumption, Attribution, Condition, Enrolment, Measure, RiskScores)
}
LAWS: dict[str, type[Distribution]] = {
    name: getattr(distributions, name) for name in distributions.__all__ if name != "Distribution"
}
#: How what has no JSON of its own is written, by the name of its tag, and read.
WRITTEN: dict[type, tuple[str, Callable[[Any], str]]] = {
    Decimal: ("decimal", str),
    date: ("date", date.isoformat),
    datetime: ("datetime", datetime.isoformat),
}
READ: dict[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "number": float,
}


def encoded(path: str, value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON, of every kind its own
    """Return a value as JSON.

    Raises
    ------
    InputError
        If it is of a kind that cannot be read back without running code.
    """
    if value is None or isinstance(value, bool):
        return value
    if type(value) in WRITTEN:
        tag, text_of = WRITTEN[type(value)]
        return {tag: text_of(value)}
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return encoded(path, value.item())
    if isinstance(value, str):
        return str(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else {"number": str(float(value))}
    if type(value).__name__ == "NAType":
        return {"missing": "NA"}
    return _encoded_part(path, value)


def _encoded_part(path: str, value: Any) -> Any:  # noqa: ANN401 - whatever a user gave
    """Return a value with parts of its own as JSON."""
    name = type(value).__name__
    if type(value) is LAWS.get(name):
        return {"distribution": name, "given": [[key, encoded(path, each)] for key, each in value.parameters.items()]}
    if type(value) is PARTS.get(name):
        given = {key: encoded(f"{path}.{key}", each) for key, each in fields(value).items()}
        return {"part": name, "fields": given}
    if isinstance(value, Mapping):
        return {"mapping": [[encoded(path, key), encoded(path, each)] for key, each in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [encoded(path, each) for each in value]}
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)  # sets have no order, files have
    if isinstance(value, (list, range, np.ndarray)):
        return [encoded(path, each) for each in value]
    raise InputError(path, "must be numbers, texts, dates or parts of atrisk to be saved", a(value))


def decoded(value: Any) -> Any:  # noqa: ANN401, PLR0911 - JSON, of every kind its own
    """Return the value that some JSON means; what means none raises KeyError, TypeError or ValueError."""
    if isinstance(value, list):
        return [decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "distribution" in value:
        given = tuple((str(name), decoded(each)) for name, each in value["given"])
        return _again(LAWS[value["distribution"]], given)
    if "part" in value:
        kind = PARTS[value["part"]]
        named = {field.name for field in dataclasses.fields(kind)}
        return kind(**{name: decoded(each) for name, each in value["fields"].items() if name in named})
    [(tag, content)] = value.items()
    if tag == "mapping":
        return {decoded(key): decoded(each) for key, each in content}
    if tag == "tuple":
        return tuple(decoded(each) for each in content)
    if tag == "missing":
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        return pd.NA
    return READ[tag](content)


def choices(path: str, values: Iterable[Any]) -> tuple[list[Any], NDArray[np.int64]]:
    """Return the different values of a column of objects as JSON, and the place of each row's among them."""
    places: dict[tuple[type, str], int] = {}
    different: list[Any] = []
    rows = []
    for row, value in enumerate(values):
        place = places.setdefault((type(value), repr(value)), len(places))
        if place == len(different):
            different.append(encoded(f"{path}[{row}]", value))
        rows.append(place)
    return different, np.array(rows, dtype=np.int64)


def chosen(different: list[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """Return the column of objects that was written by :func:`choices`."""
    values = np.empty(len(different), dtype=object)
    for place, value in enumerate(different):
        values[place] = decoded(value)
    column: NDArray[Any] = values[rows]
    return column
