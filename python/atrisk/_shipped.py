"""Tables that are shipped beside the code: rows as text, read once."""

from __future__ import annotations

from functools import cache

Row = dict[str, str]


@cache
def rows(package: str, file: str) -> tuple[Row, ...]:
    """Return the rows of a CSV file beside a package, every figure as the text that was written."""
    import csv  # noqa: PLC0415 - keeps the import of atrisk quick
    from importlib.resources import files  # noqa: PLC0415 - likewise

    with (files(package) / file).open(encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))
