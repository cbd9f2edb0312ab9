"""Units from minutes: the eight-minute rule over the timed codes of a day, or the midpoint rule code by code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._cases import columns_of, read_cases
from atrisk.rules._facts import is_one
from atrisk.therapy import _figures
from atrisk.therapy._groups import grouped, ranked
from atrisk.therapy._lines import GROUPS, read_lines, read_minutes, refuse_minutes_out_of_turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.therapy._lines import Lines

PLACE = "therapy.units"
RULES = ("cms", "ama")


def units(minutes: Any, /, *, rule: str = "cms", timed: Mapping[str, bool] | None = None) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Return the units that minutes of therapy come to.

    Parameters
    ----------
    minutes : dict or data frame
        Minutes of one patient's day by code; or lines in rows, with the columns ``code`` and ``minutes`` (whole, 0 to
        1,440; those of untimed codes may be missing), and ``patient``, ``provider``, ``date`` or ``day`` (any values)
        and ``discipline`` where there are several: minutes are counted together inside each.
    rule : {"cms", "ama"}
        ``cms``, Medicare's: a unit for each 15 minutes of all timed codes together, and one more for a rest of at least
        8. Each code gets its whole quarters of an hour, and what is left goes to the largest rests; among equals to the
        code with more minutes, then by code. ``ama``, of some other payers: the same for each code alone.
    timed : dict of str to bool, optional
        Whether codes that are not in the table are timed; 15 minutes a unit.

    Returns
    -------
    dict or data frame
        Units by code; or the lines with a column ``units``, in the given kind of frame. An untimed code (an evaluation,
        group therapy) has one unit a day, whatever its minutes, which are not counted. Several lines of one code on a
        day share its units in the same way.

    Raises
    ------
    InputError
        Minutes that are negative, not whole, or above a day; codes that are not known; more than the first 15 minutes
        of a code that covers no others (97129), or further ones (97130) without them.

    Notes
    -----
    Medicare Claims Processing Manual, chapter 5, section 20.2. Total units are (minutes + 7) ÷ 15, rounded down.

    Examples
    --------
    >>> import atrisk as ar
    >>> ar.therapy.units({"97110": 33, "97140": 7})
    {'97110': 2, '97140': 1}
    >>> ar.therapy.units({"97110": 33, "97140": 7}, rule="ama")
    {'97110': 2, '97140': 0}
    >>> ar.therapy.units({"97112": 7, "97110": 7, "97140": 7, "97150": 40})
    {'97112': 0, '97110': 1, '97140': 0, '97150': 1}
    """
    refuse_rule(PLACE, rule)
    if not isinstance(minutes, Mapping) or {"code", "minutes"} & set(minutes):
        return _of_frame(minutes, rule, timed)
    if not minutes:
        return {}
    for code, value in minutes.items():
        if not is_one(value):
            raise InputError(f"{PLACE}[{code!r}]", "must be minutes, a whole number", repr(value)[:60])
    try:
        found = _found({"code": list(map(str, minutes)), "minutes": list(minutes.values())}, rule, timed)
    except InputError as error:
        row = re.fullmatch(rf"{PLACE}\.minutes\[(\d+)\]", error.path)
        path = f"{PLACE}[{list(minutes)[int(row[1])]!r}]" if row else error.path
        raise InputError(path, error.rule, error.value, error.hint) from None
    return dict(zip(minutes, found.tolist(), strict=True))


def _of_frame(frame: object, rule: str, timed: Mapping[str, bool] | None) -> Any:  # noqa: ANN401 - a frame of the user's kind
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick
    import pandas as pd  # noqa: PLC0415

    if isinstance(frame, Mapping):
        frame = pd.DataFrame({name: np.atleast_1d(np.asarray(value)) for name, value in frame.items()})
    given = read_cases(PLACE, frame, {}, ["code", "minutes", *GROUPS, "day"], ["code", "minutes"])
    found = _found(given, rule, timed)
    if isinstance(frame, pd.DataFrame):
        return frame.assign(units=found)
    table: Any = nw.from_native(frame, eager_only=True)
    column = nw.new_series("units", found, backend=nw.get_native_namespace(table))
    return table.with_columns(column).to_native()


def _found(given: Mapping[str, Any], rule: str, timed: Mapping[str, bool] | None) -> NDArray[np.int64]:
    columns = columns_of(PLACE, given)
    lines = read_lines(PLACE, columns, timed)
    minutes = read_minutes(lines, columns["minutes"])
    refuse_minutes_out_of_turn(lines, minutes)
    return allocated(lines, minutes, rule)


def refuse_rule(place: str, rule: object) -> None:
    """Refuse what is no rule of units."""
    if rule not in RULES:
        raise InputError(f"{place}.rule", f"must be one of {', '.join(RULES)}", repr(rule)[:60])


def allocated(lines: Lines, minutes: NDArray[np.int64], rule: str) -> NDArray[np.int64]:
    """Return the units of each line."""
    pool, timed = lines.pool(), lines.codes.timed[lines.code]
    counted = np.where(timed, minutes, 0)
    of_code = grouped(pool, lines.code)
    first = np.zeros(of_code.max(initial=-1) + 1, dtype=np.int64)
    first[of_code[::-1]] = np.arange(lines.n)[::-1]
    by_code = np.bincount(of_code, counted, len(first)).astype(np.int64)
    if rule == "ama":
        earned = _earned(by_code)
    else:
        total = _earned(np.bincount(pool, counted).astype(np.int64))
        earned = _handed_out(total, pool[first], by_code, lines.code[first])
    earned = np.where(timed[first], earned, 1)
    if len(first) == lines.n:
        return earned[of_code]
    shared = _handed_out(earned, of_code, counted, lines.order)
    return np.where(timed, shared, ranked(of_code, lines.order) == 0)


def most_units(lines: Lines, minutes: NDArray[np.int64], rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the most units that each line's code may have, and the most that timed codes of its day may have together.

    Among equal rests the provider may choose.
    """
    pool, timed = lines.pool(), lines.codes.timed[lines.code]
    of_code, found = grouped(pool, lines.code), allocated(lines, minutes, rule)
    unit = _figures.undated("unit_minutes")
    spent = np.bincount(of_code, np.where(timed, minutes, 0)).astype(np.int64)[of_code]
    earned = np.bincount(of_code, found).astype(np.int64)[of_code]
    whole, rest = spent // unit, spent % unit
    smallest = np.full(pool.max(initial=-1) + 1, unit)
    up = timed & (earned > whole)
    np.minimum.at(smallest, pool[up], rest[up])
    chosen = whole + (rest >= smallest[pool])
    most = earned if rule == "ama" else chosen
    together = np.bincount(pool, np.where(timed, found, 0)).astype(np.int64)[pool]
    return np.where(timed, most, 1), together


def _earned(minutes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the units of minutes that are counted together."""
    unit, least = _figures.undated("unit_minutes"), _figures.undated("least_minutes")
    return (minutes + unit - least) // unit


def _handed_out(
    total: NDArray[np.int64], group: NDArray[np.int64], minutes: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Hand out the units of each group: whole quarters of an hour first, then to the largest rests."""
    unit = _figures.undated("unit_minutes")
    whole, rest = minutes // unit, minutes % unit
    left = total - np.bincount(group, whole, len(total)).astype(np.int64)
    return whole + (ranked(group, -rest, -minutes, order) < left[group])
