"""Units of lines that are priced: from their minutes, or the user's own where the minutes allow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError
from atrisk.therapy import _figures
from atrisk.therapy._groups import grouped
from atrisk.therapy._lines import MINUTES_OF_A_DAY, read_minutes, refuse_minutes_out_of_turn
from atrisk.therapy._units import allocated, most_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.therapy._money import Facts


def read_units(facts: Facts, rule: str) -> NDArray[np.int64]:
    """Return the units of each line; those that a user gives must not be more than the minutes allow."""
    lines, given = facts.lines, facts.given
    minutes = read_minutes(lines, given["minutes"]) if "minutes" in given else None
    if minutes is not None:
        refuse_minutes_out_of_turn(lines, minutes)
    if "units" not in given:
        assert minutes is not None, "cases have minutes or units"  # noqa: S101
        return allocated(lines, minutes, rule)
    array = facts.numbers("units", 0, MINUTES_OF_A_DAY // _figures.undated("unit_minutes"), "units")
    for row in np.flatnonzero(array % 1 != 0)[:1]:
        raise InputError(facts.path("units", row), "must be a whole number of units", f"{array[row]:g}")
    units = array.astype(np.int64)
    if minutes is None:
        _refuse_too_many(facts, units)
    else:
        _refuse_above_minutes(facts, units, minutes, rule)
    return units


def _refuse_above_minutes(facts: Facts, units: NDArray[np.int64], minutes: NDArray[np.int64], rule: str) -> None:
    lines = facts.lines
    pool, of_code = lines.pool(), grouped(lines.pool(), lines.code)
    most, together = most_units(lines, minutes, rule)
    in_code = np.bincount(of_code, units)[of_code]
    timed = lines.codes.timed[lines.code]
    in_pool = np.bincount(pool, np.where(timed, units, 0))[pool]
    for row in np.flatnonzero(in_code > most)[:1]:
        name = lines.codes.names[lines.code[row]]
        spent = np.bincount(of_code, minutes)[of_code][row]
        of_minutes = f"what {spent:g} minutes of {name} allow beside the others"
        allow = of_minutes if timed[row] else f"once a day: {name} is not timed"
        raise InputError(facts.path("units", row), f"must be at most {most[row]}, {allow}", f"{in_code[row]:g}")
    for row in np.flatnonzero(timed & (in_pool > together))[:1]:
        spent = np.bincount(pool, np.where(timed, minutes, 0))[pool][row]
        rule = f"must come to at most {together[row]} on a day, what {spent:g} minutes of timed codes allow"
        raise InputError(facts.path("units", row), rule, f"{in_pool[row]:g}")


def _refuse_too_many(facts: Facts, units: NDArray[np.int64]) -> None:
    """Refuse units that no minutes would allow: of untimed codes, of codes of first minutes, of a whole day."""
    lines, codes = facts.lines, facts.lines.codes
    unit = _figures.undated("unit_minutes")
    of_code = grouped(lines.pool(), lines.code)
    in_code = np.bincount(of_code, units)[of_code]
    most = np.where(codes.timed, np.where(np.isnan(codes.most_minutes), np.inf, codes.most_minutes / unit), 1)
    for row in np.flatnonzero(in_code > most[lines.code])[:1]:
        name = codes.names[lines.code[row]]
        raise InputError(facts.path("units", row), f"must be at most 1 of {name} on a day", f"{in_code[row]:g}")
    least_minutes = np.where(np.isnan(codes.most_minutes), 1, codes.most_minutes)[lines.code]
    refuse_minutes_out_of_turn(lines, np.where(units > 0, least_minutes, 0).astype(np.int64), "units")
    day = lines.groups("patient", "date")
    in_day = np.bincount(day, np.where(codes.timed[lines.code], units, 0))[day]
    for row in np.flatnonzero(in_day > MINUTES_OF_A_DAY // unit)[:1]:
        rule = f"must come to at most {MINUTES_OF_A_DAY // unit} of timed codes on one day of a patient"
        raise InputError(facts.path("units", row), rule, f"{in_day[row]:g}")
