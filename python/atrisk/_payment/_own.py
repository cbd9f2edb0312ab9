"""Figures of a user's own, in the columns of a shipped table, in place of its rows or beside them."""

from __future__ import annotations

from typing import Any

from atrisk import _figures
from atrisk._errors import InputError, a
from atrisk.rules._facts import numbers

Row = dict[str, str]
SPAN = ("first_year", "last_year")
LAST_YEAR = 9999
LARGEST = 1e6  # no rate or index is near it


def own_rows(
    path: str, frame: object, words: dict[str, tuple[str, ...]], figure: str, *, spans: bool = False
) -> list[Row]:
    """Return the rows of a user's frame as those of a shipped table, refusing what is missing or wrong.

    With ``spans`` rows may hold from ``first_year`` to ``last_year`` in place of one ``fiscal_year``.
    """
    if frame is None:
        return []
    rows = _rows(path, frame)
    has_span = spans and "fiscal_year" not in rows[0] and set(SPAN) <= set(rows[0])
    dated = SPAN if has_span else ("fiscal_year",)
    missing = [name for name in (*words, figure, *dated) if name not in rows[0]]
    if missing:
        raise InputError(path, f"must have the columns {', '.join(missing)}", f"only {', '.join(rows[0])}")
    return [
        {name: _word(f"{path}.{name}[{at}]", row[name], allowed) for name, allowed in words.items()}
        | {figure: repr(_above_zero(f"{path}.{figure}[{at}]", row[figure]))}
        | _years(path, at, row, dated)
        | {"quality_reported": _reported(f"{path}.quality_reported[{at}]", row.get("quality_reported", "yes"))}
        | {"source": str(row.get("source", "given"))}
        | {"confidence": _word(f"{path}.confidence[{at}]", row.get("confidence", "read"), _figures.CONFIDENCES)}
        for at, row in enumerate(rows)
    ]


def _rows(path: str, frame: object) -> list[dict[str, Any]]:
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick
    import pandas as pd  # noqa: PLC0415

    try:
        native = pd.DataFrame(frame) if isinstance(frame, dict) else frame
        rows = nw.from_native(native, eager_only=True).rows(named=True)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise InputError(
            path, "must be a data frame (pandas, polars, Arrow) or a mapping of columns", a(frame)
        ) from None
    if not rows:
        raise InputError(path, "must have rows", "none")
    return list(rows)


def _word(path: str, value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InputError(path, f"must be one of {', '.join(allowed)}", repr(value))
    return str(value)


def _reported(path: str, value: object) -> str:
    """Return whether quality was reported as it is written in tables."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return _word(path, value, ("yes", "no"))


def _above_zero(path: str, value: object) -> float:
    read = float(numbers(path, value))
    if not 0 < read <= LARGEST:
        raise InputError(path, "must be a number above 0", f"{read:g}")
    return read


def _years(path: str, at: int, row: dict[str, Any], dated: tuple[str, ...]) -> Row:
    """Return the year, or the first and the last, of a row in all the columns that tables have."""
    for name in dated:
        year = float(numbers(f"{path}.{name}[{at}]", row[name]))
        if not 0 < year <= LAST_YEAR or year % 1 != 0:
            raise InputError(f"{path}.{name}[{at}]", "must be a year", repr(row[name]))
    first, last = str(int(row[dated[0]])), str(int(row[dated[-1]]))
    return {"fiscal_year": last, "first_year": first, "last_year": last}
