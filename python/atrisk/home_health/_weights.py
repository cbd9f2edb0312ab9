"""Case-mix weights and LUPA thresholds: of a user's file, of the package, or of each case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._cases import read_cases, whole_numbers
from atrisk._payment._checks import above_zero
from atrisk.home_health._groups import every_code, read_codes
from atrisk.home_health._names import PLACE, table, term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LARGEST_WEIGHT, MOST_VISITS = 10.0, 300


def weight_of(path: str, values: object) -> NDArray[np.float64]:
    """Return weights, refusing those out of range."""
    return above_zero(path, values, LARGEST_WEIGHT)


def threshold_of(path: str, values: object) -> NDArray[np.float64]:
    """Return LUPA thresholds, refusing those out of range."""
    return whole_numbers(path, values, int(term("least_threshold")), MOST_VISITS, "visits")


def looked_up(
    weights: object, position: NDArray[np.intp], found: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weight and the LUPA threshold of each code; a group without them is refused, never made up.

    ``position`` says which of the codes ``found`` each case has.
    """
    known, weight, threshold = _shipped() if weights is None else _of_user(weights)
    row = {code: each for each, code in enumerate(known)}
    at = np.array([row.get(code, -1) for code in found], dtype=np.intp)
    missing = [code for code, each in zip(found, at, strict=True) if each < 0]
    if missing:
        first = np.flatnonzero(at[position] < 0)[0]
        path = f"{PLACE}.hipps[{first}]" if position.ndim else f"{PLACE}.hipps"
        more = f" and {len(missing) - 1} other groups" if len(missing) > 1 else ""
        code = found[position.ravel()[first]]
        hint = f"give weights= with hipps, weight and lupa_threshold of all {len(every_code())} groups"
        raise InputError(path, "must be a group with a weight", f"'{code}'{more}", hint)
    return weight[at][position], threshold[at][position]


def _shipped() -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    rows = table("weights")
    return rows.words("hipps"), rows.numbers("weight"), rows.numbers("lupa_threshold")


def _of_user(weights: object) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    place = f"{PLACE}.weights"
    names = ["hipps", "weight", "lupa_threshold"]
    given: dict[str, Any] = read_cases(place, _without_others(weights, names), {}, names, names)
    columns = {name: np.atleast_1d(np.asarray(value)) for name, value in given.items()}
    position, found = read_codes(f"{place}.hipps", columns["hipps"])
    if len(found) < len(position):
        again = np.flatnonzero(np.bincount(position) > 1)[0]
        row = np.flatnonzero(position == again)[1]
        raise InputError(f"{place}.hipps[{row}]", "must have each group once", repr(found[again]))
    weight = weight_of(f"{place}.weight", columns["weight"])
    threshold = threshold_of(f"{place}.lupa_threshold", columns["lupa_threshold"])
    if not len(found) == len(weight) == len(threshold):
        raise InputError(place, "must have columns of one length", f"{len(found)}, {len(weight)}, {len(threshold)}")
    return list(found), weight, threshold


def _without_others(weights: object, names: Sequence[str]) -> object:
    """Return a mapping without its other columns, as frames may have them."""
    if isinstance(weights, Mapping):
        return {name: weights[name] for name in names if name in weights}
    return weights
