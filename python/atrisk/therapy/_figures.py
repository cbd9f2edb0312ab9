"""ByDate figures of therapy: those in force on a day, the conversion factor, what a table says of codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from atrisk import _figures
from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._by_date import ByDate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

PACKAGE = "atrisk.therapy"
FILES = ("codes", "conversion_factors", "eight_minute_units", "figures")


def tables() -> dict[str, pd.DataFrame]:
    """Return the tables of therapy that are shipped.

    Returns
    -------
    dict of pandas.DataFrame
        ``codes``: whether a code is timed (15 minutes a unit) and "always therapy" (its practice expense is reduced),
        with the minutes of a code that covers only the first ones, and the code that a code follows.
        ``conversion_factors``: dollars for a relative value unit, by date and from 2026 by class.
        ``eight_minute_units``: the manual's table of units and minutes.
        ``figures``: dated rates and amounts. All have ``source`` and ``confidence``.

    Examples
    --------
    >>> import atrisk as ar
    >>> ar.therapy.tables()["eight_minute_units"].loc[3, ["least_minutes", "most_minutes"]].tolist()
    [38, 52]
    """
    return {file: _tables.read(PACKAGE, f"{file}.csv").frame() for file in FILES}


@cache
def dated(figure: str) -> ByDate:
    """Return the rows of a figure."""
    rows = [row for row in _tables.read(PACKAGE, "figures.csv").rows if row["figure"] == figure]
    return ByDate(tuple(sorted(rows, key=lambda row: row["first_date"])))


def undated(figure: str) -> int:
    """Return a whole number that holds at any date."""
    return int(dated(figure).rows[0]["value"])


def priced_years() -> list[int]:
    """Return the calendar years that have all figures of a price."""
    return [int(row["first_date"][:4]) for row in dated("threshold").rows]


@cache
def conversion_factors(*, qualifying: bool) -> ByDate:
    """Return the conversion factors of those who do or do not take part in a qualifying alternative payment model."""
    rows = _tables.read(PACKAGE, "conversion_factors.csv").rows
    return ByDate(tuple(row for row in rows if row["qualifying_apm"] in {"", str(int(qualifying))}))


def years_with_classes() -> list[int]:
    """Return the calendar years in which the conversion factor depends on the alternative payment model."""
    rows = _tables.read(PACKAGE, "conversion_factors.csv").rows
    return sorted({int(row["calendar_year"]) for row in rows if row["qualifying_apm"]})


@dataclass(frozen=True)
class Codes:
    """What is known of some codes, one position each.

    Attributes
    ----------
    names : list of str
        The codes.
    timed, always_therapy : array of bool
        Whether units follow minutes; whether the practice expense is reduced beside another service.
    most_minutes : array
        Minutes of a code that covers only the first ones; NaN for all others.
    after : list of str
        The code that must come before, or "".
    sure : array
        How sure it is.
    rows : tuple of dict
        The rows of the table that are used.
    """

    names: list[str]
    timed: NDArray[np.bool_]
    always_therapy: NDArray[np.bool_]
    most_minutes: NDArray[np.float64]
    after: list[str]
    sure: NDArray[np.intp]
    rows: tuple[dict[str, str], ...]


def told(path: str, given: Mapping[str, bool] | None) -> dict[str, bool]:
    """Read what a user says of codes: code -> True or False."""
    for code, answer in ({} if given is None else given).items():
        if not isinstance(answer, (bool, np.bool_)):
            raise InputError(f"{path}[{code!r}]", "must be True or False", repr(answer)[:60])
    return {str(code).strip().upper(): bool(answer) for code, answer in (given or {}).items()}


def codes(
    place: str, names: list[str], rows: list[str], timed: dict[str, bool], always: dict[str, bool] | None
) -> Codes:
    """Return what the table or the user says of codes; ``always`` is None where it does not matter.

    ``rows`` says where errors find each code first: "[3]", or nothing for a single value.
    """
    table = {row["code"]: row for row in _tables.read(PACKAGE, "codes.csv").rows}
    for word, said in (("timed", timed), ("always_therapy", always)):
        unknown = [name for name in names if said is not None and name not in table and name not in said]
        if unknown:
            hint = f"say it for others: {word}={{{unknown[0]!r}: True}} or False"
            if any(name.endswith(".0") for name in unknown):
                hint = "codes are text, or whole numbers: read them as text"
            row = rows[names.index(unknown[0])]
            raise InputError(f"{place}.code{row}", "must be a code of tables()['codes']", ", ".join(unknown), hint)
    told_of = [table.get(name, {}) for name in names]
    by_user = [name in timed and (always is None or name in always) for name in names]
    known = _figures.CONFIDENCES.index("read")

    def says(said: dict[str, bool], word: str) -> NDArray[np.bool_]:
        return np.array([said.get(n, row.get(word) == "1") for n, row in zip(names, told_of, strict=True)], dtype=bool)

    sure = [
        known if own or not row else _figures.CONFIDENCES.index(row["confidence"])
        for own, row in zip(by_user, told_of, strict=True)
    ]
    return Codes(
        names,
        says(timed, "timed"),
        says(always or {}, "always_therapy"),
        np.array([float(row.get("most_minutes") or "nan") for row in told_of]),
        [row.get("after", "") for row in told_of],
        np.array(sure, dtype=np.intp),
        tuple(row for own, row in zip(by_user, told_of, strict=True) if row and not own),
    )
