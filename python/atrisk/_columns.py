"""Reads the columns of a panel from any data frame, refusing what cannot be, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._errors import InputError
from atrisk._spec import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals as nw
    from numpy.typing import NDArray

REQUIRED = ("age", "sex", "risk_score")
SEXES = {"f": "female", "female": "female", "m": "male", "male": "male"}
MONTHS = 12

Columns = dict[str, "NDArray[Any]"]


def from_frame(frame: object) -> tuple[Columns, NDArray[np.uint64]]:
    """Return all columns of a frame, those the model knows checked, and the word of each member."""
    table = _table(frame)
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        hint = f"the columns are {', '.join(table.columns) or 'none'}"
        raise InputError("population", f"must have the columns {', '.join(REQUIRED)}", f"no {missing[0]}", hint)
    n = len(table)
    columns: Columns = {
        "age": _numbers(table, "age"),
        "sex": _sexes(table),
        "risk_score": _numbers(table, "risk_score"),
        "entry_month": _months(table, "entry_month", 1),
        "exit_month": _months(table, "exit_month", MONTHS),
        "payer": _texts(table, "payer") if "payer" in table.columns else np.full(n, "payer", dtype=object),
        "member_id": table["member_id"].to_numpy() if "member_id" in table.columns else np.arange(n),
    }
    columns |= {name: _whole_numbers(table, name) for name in ("entry_year", "exit_year") if name in table.columns}
    columns |= {name: table[name].to_numpy() for name in table.columns if name not in columns}
    if "member_id" not in table.columns:
        return columns, np.arange(n, dtype=np.uint64)
    return columns, _core.member_words(_texts(table, "member_id").tolist())


def read_only(values: NDArray[Any]) -> NDArray[Any]:
    """Return a copy that nobody can change."""
    copied = np.array(values)
    copied.setflags(write=False)
    return copied


def _table(frame: object) -> nw.DataFrame[Any]:
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

    names = list(getattr(frame, "column_names", getattr(frame, "columns", [])))
    for name in names:
        if not isinstance(name, str):
            raise InputError("population", "must have columns whose names are text", repr(name))
        if names.count(name) > 1:
            raise InputError("population", "must have each column once", f"{name!r} twice")
    table = nw.from_native(frame, eager_only=True, pass_through=True)
    if not isinstance(table, nw.DataFrame):
        given = f"a {type(frame).__name__}"
        raise InputError("population", "must be a data frame (pandas, polars or Arrow)", given)
    return table


def _is_missing(value: Any) -> bool:  # noqa: ANN401 - whatever a column holds
    """Say whether a value is None, NaN of any kind, NaT, NA or empty text."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    return bool(pd.api.types.is_scalar(value) and pd.isna(value)) or (isinstance(value, str) and not value.strip())


def _numbers(table: nw.DataFrame[Any], name: str) -> NDArray[np.float64]:
    values = table[name].to_numpy()
    if values.dtype.kind in "iuf":
        return values.astype(np.float64)
    return np.array([_number(f"population.{name}[{row}]", value) for row, value in enumerate(table[name].to_list())])


def _number(path: str, value: Any) -> float:  # noqa: ANN401 - whatever a column holds
    try:
        return np.nan if _is_missing(value) else float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf
    except (TypeError, ValueError):
        raise InputError(path, "must be a number", repr(value)) from None


def _months(table: nw.DataFrame[Any], name: str, default: int) -> NDArray[np.int64]:
    if name not in table.columns:
        return np.full(len(table), default, dtype=np.int64)
    values = _numbers(table, name)
    whole = (values >= 1) & (values <= MONTHS) & (values == np.round(values))
    for row in np.flatnonzero(~whole):
        raise InputError(f"population.{name}[{row}]", "must be a whole month between 1 and 12", f"{values[row]:g}")
    return values.astype(np.int64)


def _whole_numbers(table: nw.DataFrame[Any], name: str) -> NDArray[np.int64]:
    values = _numbers(table, name)
    for row in np.flatnonzero(~(np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 2**53))):
        raise InputError(f"population.{name}[{row}]", "must be a whole year", f"{values[row]:g}")
    return values.astype(np.int64)


def _sexes(table: nw.DataFrame[Any]) -> NDArray[Any]:
    given = table["sex"].to_list()
    sexes = [SEXES.get(str(value).strip().lower()) for value in given]
    for row, sex in enumerate(sexes):
        if sex is None:
            raise InputError(f"population.sex[{row}]", 'must be "female" or "male"', repr(given[row]))
    return np.array(sexes, dtype=object)


def _texts(table: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    """Read names or identifiers by their text: 17, 17.0 and "17" are the same."""
    values = table[name].to_list()
    if table[name].to_numpy().dtype.kind in "iu":
        return np.array([str(value) for value in values], dtype=object)
    return np.array([identifier(f"population.{name}[{row}]", value) for row, value in enumerate(values)], dtype=object)


def identifier(path: str, value: object) -> str:
    """Return a name or an identifier by its text, refusing a missing one."""
    if _is_missing(value):
        raise InputError(path, "must be given for every member", "a missing value")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def banded(path: str, column: NDArray[Any], factors: Mapping[Any, float]) -> NDArray[np.float64]:
    """Return the factor of the band of each value, bands being from each key on; refuses values below the lowest."""
    bounds = sorted(factors, key=lambda bound: plain(path, bound))
    known = np.array([_factor(f"{path}.{bound}", factors[bound]) for bound in bounds])
    place = np.searchsorted([float(bound) for bound in bounds], column, side="right") - 1
    for row in np.flatnonzero(place < 0):
        raise InputError(f"{path}[{row}]", f"must be at least {bounds[0]:g}, the lowest band", f"{column[row]:g}")
    return np.asarray(known[place])


def _factor(path: str, value: float) -> float:
    factor = plain(path, value)
    if factor < 0.0:
        raise InputError(path, "must be a factor of at least 0", f"{factor:g}")
    return factor


def looked_up(path: str, column: NDArray[Any], factors: Mapping[Any, float]) -> NDArray[np.float64]:
    """Return the factor of each value of a column, refusing values without one."""
    values = column.tolist()
    for row, value in enumerate(values):
        if value not in factors:
            raise InputError(f"{path}[{row}]", "must have a factor", repr(value), f"given are {list(factors)}")
    known = {value: plain(f"{path}.{value}", factor) for value, factor in factors.items()}
    looked_up = np.array([known[value] for value in values])
    for wrong in np.flatnonzero(looked_up < 0):
        raise InputError(f"{path}[{wrong}]", "must be a factor of at least 0", f"{looked_up[wrong]:g}")
    return looked_up
