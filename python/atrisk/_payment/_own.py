"""Figures of a user's own, in the columns of a shipped table, in place of its rows or beside them."""

from __future__ import annotations

from typing import Any

from atrisk import _figures
from atrisk._errors import InputError, a
from atrisk._payment._cases import refuse_switches
from atrisk.rules._facts import numbers, refuse_near_misses

Row = dict[str, str]
SPAN = ("first_year", "last_year")
REPORTED = "quality_reported"
LAST_YEAR = 9999
LARGEST = 1e6  # no rate or index is near it


def own_rows(  # noqa: PLR0913 - what the table of a user is, by name
    path: str,
    frame: object,
    words: dict[str, tuple[str, ...]],
    figure: str,
    *,
    spans: bool = False,
    by_reporting: bool = False,
) -> list[Row]:
    """Return the rows of a user's frame as those of a shipped table, refusing what is missing, wrong or there twice.

    With ``spans`` rows may hold from ``first_year`` to ``last_year`` in place of one ``fiscal_year``; ``by_reporting``
    where they may be those of providers that did not report quality.
    """
    if frame is None:
        return []
    rows = _rows(path, frame)
    has_span = spans and "fiscal_year" not in rows[0] and set(SPAN) <= set(rows[0])
    dated = SPAN if has_span else ("fiscal_year",)
    optional = (*((REPORTED,) if by_reporting else ()), "source", "confidence")
    refuse_near_misses(path, rows[0], (), [*words, figure, *dated, *optional])
    missing = [name for name in (*words, figure, *dated) if name not in rows[0]]
    if missing:
        raise InputError(path, f"must have the columns {', '.join(missing)}", f"only {', '.join(rows[0])}")
    found = [
        {name: _word(f"{path}.{name}[{at}]", row[name], allowed) for name, allowed in words.items()}
        | {figure: repr(_above_zero(f"{path}.{figure}[{at}]", row[figure]))}
        | _years(path, at, row, dated)
        | ({REPORTED: _reported(f"{path}.{REPORTED}[{at}]", row.get(REPORTED, "yes"))} if by_reporting else {})
        | {"source": str(row.get("source", "given"))}
        | {"confidence": _word(f"{path}.confidence[{at}]", row.get("confidence", "read"), _figures.CONFIDENCES)}
        for at, row in enumerate(rows)
    ]
    _refuse_twice(f"{path}.{figure}", found, (*words, *((REPORTED,) if by_reporting else ())))
    return found


def _refuse_twice(path: str, rows: list[Row], names: tuple[str, ...]) -> None:
    """Refuse rows of the same figure whose years meet."""
    seen: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
    for at, row in enumerate(rows):
        first, last = int(row["first_year"]), int(row["last_year"])
        spans = seen.setdefault(tuple(row[name] for name in names), [])
        for before, from_year, to_year in spans:
            if first <= to_year and from_year <= last:
                named = " ".join(row[name] for name in names if name != REPORTED)
                got = f"{named} of {max(first, from_year)} again, after row {before}"
                hint = None
                if REPORTED in names:
                    hint = f"those that did not report quality have a column {REPORTED}, yes or no"
                raise InputError(f"{path}[{at}]", "must be there once", got, hint)
        spans.append((at, first, last))


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
    refuse_switches(path, value)
    read = float(numbers(path, value))
    if not 0 < read <= LARGEST:
        raise InputError(path, "must be a number above 0", "a missing value" if read != read else f"{read:g}")  # noqa: PLR0124 - what is missing differs from itself
    return read


def _years(path: str, at: int, row: dict[str, Any], dated: tuple[str, ...]) -> Row:
    """Return the year, or the first and the last, of a row in all the columns that tables have."""
    for name in dated:
        year = float(numbers(f"{path}.{name}[{at}]", row[name]))
        if not 0 < year <= LAST_YEAR or year % 1 != 0:
            raise InputError(f"{path}.{name}[{at}]", "must be a year", repr(row[name]))
    first, last = int(row[dated[0]]), int(row[dated[-1]])
    if first > last:
        raise InputError(f"{path}.{SPAN[1]}[{at}]", f"must not be before {SPAN[0]}, {first}", str(last))
    return {"fiscal_year": str(last), "first_year": str(first), "last_year": str(last)}
