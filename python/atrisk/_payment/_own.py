"""Figures of a user's own, in the columns of a shipped table, in place of its rows or beside them."""

from __future__ import annotations

from typing import Any

from atrisk import _figures
from atrisk._errors import InputError, a
from atrisk.rules._facts import numbers

Row = dict[str, str]
LAST_YEAR = 9999


def own_rows(path: str, frame: object, words: dict[str, tuple[str, ...]], figure: str) -> list[Row]:
    """Return the rows of a user's frame as those of a shipped table, refusing what is missing or wrong."""
    if frame is None:
        return []
    rows = _rows(path, frame)
    need = [*words, figure] + ([] if {"first_year", "last_year"} <= set(rows[0]) else ["fiscal_year"])
    missing = [name for name in need if name not in rows[0]]
    if missing:
        raise InputError(path, f"must have the columns {', '.join(missing)}", f"only {', '.join(rows[0])}")
    return [_checked(path, at, row, words, figure) for at, row in enumerate(rows)]


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


def _checked(path: str, at: int, row: dict[str, Any], words: dict[str, tuple[str, ...]], figure: str) -> Row:
    """Return a row of a user's own as text, refusing names and numbers that no table has."""
    for name, allowed in words.items():
        if row[name] not in allowed:
            raise InputError(f"{path}.{name}[{at}]", f"must be one of {', '.join(allowed)}", repr(row[name]))
    value = _number(f"{path}.{figure}[{at}]", row[figure])
    if not 0 < value <= 1e6:  # noqa: PLR2004 - no rate or index is near it
        raise InputError(f"{path}.{figure}[{at}]", "must be a number above 0", f"{value:g}")
    span = {name: row["fiscal_year"] if "fiscal_year" in row else row[name] for name in ("first_year", "last_year")}
    span["fiscal_year"] = span["last_year"]
    for name, year in span.items():
        if not 0 < _number(f"{path}.{name}[{at}]", year) <= LAST_YEAR or year % 1 != 0:
            raise InputError(f"{path}.{name}[{at}]", "must be a year", repr(year))
    reported = row.get("quality_reported", "yes")
    own = {name: str(int(year)) for name, year in span.items()} | {name: row[name] for name in words}
    own |= {"quality_reported": "yes" if reported in ("yes", True) else "no", figure: repr(float(value))}
    return own | {"source": str(row.get("source", "given")), "confidence": _confidence(row.get("confidence"))}


def _confidence(word: object) -> str:
    """Return how sure a row is; a user answers for figures that do not say so."""
    return str(word) if word in _figures.CONFIDENCES else "read"


def _number(path: str, value: object) -> float:
    return float(numbers(path, value))
