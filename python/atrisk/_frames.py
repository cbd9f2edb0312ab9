"""Frames of a user's own kind: read into columns by name, and given back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray


def read_frame(path: str, frame: object) -> pd.DataFrame:
    """Return a frame of any kind (pandas, polars, Arrow, a mapping of columns) as a new one of pandas."""
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(frame, pd.DataFrame):
        return frame.reset_index(drop=True)
    if isinstance(frame, Mapping):
        return pd.DataFrame(frame)
    try:
        table = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
    except TypeError:
        raise InputError(path, "must be a data frame (pandas, polars, Arrow) or a mapping", a(frame)) from None
    return pd.DataFrame({name: table[name].to_numpy() for name in table.columns})


def give_back(table: pd.DataFrame, frame: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Return a table as a frame of the kind that was given."""
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if isinstance(frame, (Mapping, pd.DataFrame)) or frame is None:
        return table
    given = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
    columns = {name: table[name].to_list() for name in table.columns}
    return nw.from_dict(columns, backend=nw.get_native_namespace(given)).to_native()


def need(path: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a table that lacks columns, naming all of them at once."""
    missing = [name for name in columns if name not in table.columns]
    if missing:
        has = ", ".join(map(str, table.columns[:12]))
        raise InputError(path, f"must have the columns {', '.join(missing)}", f"only {has}" if has else "none")


def numbers(path: str, table: pd.DataFrame, name: str, low: float, high: float) -> NDArray[np.float64]:
    """Return a column as numbers, missing ones as NaN; others must lie between ``low`` and ``high``."""
    return _between(path, table, name, (low, high), ", or missing")


def known_numbers(path: str, table: pd.DataFrame, name: str, low: float, high: float) -> NDArray[np.float64]:
    """Return a column as numbers between ``low`` and ``high``, none of them missing."""
    if (table.columns == name).sum() > 1:
        raise InputError(f"{path}.{name}", "must be one column", "several of that name")
    values = _between(path, table, name, (low, high), "")
    refuse_missing(path, name, values)
    return values


def _between(
    path: str, table: pd.DataFrame, name: str, bounds: tuple[float, float], or_missing: str
) -> NDArray[np.float64]:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if name not in table.columns:
        return np.full(len(table), np.nan)
    low, high = bounds
    column = table[name]
    read = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~((read >= low) & (read <= high)) & column.notna().to_numpy()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        rule = f"must be a number between {low:g} and {high:g}{or_missing}"
        raise InputError(f"{path}.{name}[{row}]", rule, f"{column[row]}")
    return read


def refuse_missing(path: str, name: str, values: NDArray[np.float64]) -> None:
    """Refuse a column with missing values."""
    missing = np.flatnonzero(np.isnan(values))
    if len(missing):
        raise InputError(f"{path}.{name}[{missing[0]}]", "must not be missing")


def once(path: str, table: pd.DataFrame, columns: list[str]) -> None:
    """Refuse rows that say the same thing twice."""
    twice = table.duplicated(columns).to_numpy()
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        named = ", ".join(str(value) for value in table.loc[row, columns])
        raise InputError(f"{path}[{row}]", f"must have one row for each {' and '.join(columns)}", f"{named} twice")
