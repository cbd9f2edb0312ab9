"""Which group pays a stay, and its weight: its own, that of a short stay, or that of a death."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._cases import codes, read_cases, whole_numbers
from atrisk._payment._checks import above_zero, known_or_missing, refuse
from atrisk.irf._names import PLACE, table, term
from atrisk.rules._facts import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TIERS = ("A", "B", "C", "D")
SPECIAL = ("A5001", "A5101", "A5102", "A5103", "A5104")
DIGITS = 4  # of a case-mix group
OWN = -1  # the position in SPECIAL of a stay that its own group pays
LARGEST_WEIGHT, LONGEST_STAY, MOST_CATEGORIES = 10.0, 1000, 21


class Weights(NamedTuple):
    """A user's file: groups, tier first, with weights and average lengths of stay."""

    groups: list[str]
    weight: NDArray[np.float64]
    average: NDArray[np.float64]


def statuses(values: object) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether each discharge status is a transfer and whether it is a death."""
    array = np.asarray(values)
    known = [f"{code:02d}" for code in range(1, 100)]
    words = list(range(1, 100)) if array.dtype.kind in "iuf" else known
    at = codes(f"{PLACE}.discharge_status", array, words, "a discharge status of two digits, 01 to 99")
    rows = table("discharge_statuses").rows
    kinds = np.array([next((row["kind"] for row in rows if row["discharge_status"] == code), "") for code in known])
    return kinds[at] == "transfer", kinds[at] == "death"


def own_groups(given: Mapping[str, Any]) -> NDArray[np.object_] | None:
    """Return tier and case-mix group of each stay in one word; nothing where they are not given."""
    if "cmg" not in given:
        return None
    tier = np.array(TIERS, dtype=object)[codes(f"{PLACE}.tier", given["tier"], TIERS, f"one of {', '.join(TIERS)}")]
    return np.asarray(tier + _cmgs(f"{PLACE}.cmg", given["cmg"]), dtype=object)


def _cmgs(path: str, values: object) -> NDArray[np.object_]:
    """Return case-mix groups as text of four digits, refusing others with their row."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values, dtype=object)
    position, found = pd.factorize(array.ravel(), use_na_sentinel=False)
    for each, code in enumerate(found):
        if not (isinstance(code, str) and len(code) == DIGITS and code.isascii() and code.isdigit()):
            row = f"[{np.flatnonzero(position == each)[0]}]" if array.ndim else ""
            raise InputError(f"{path}{row}", "must be a case-mix group of four digits, as text", repr(code))
    return np.asarray(np.array(list(found), dtype=object)[position.reshape(array.shape)], dtype=object)


def special_groups(
    given: Mapping[str, Any],
    own: NDArray[np.object_] | None,
    days: NDArray[np.float64],
    transfer: NDArray[np.bool_],
    died: NDArray[np.bool_],
) -> NDArray[np.intp]:
    """Return the position in ``SPECIAL`` of the group that pays each stay, ``OWN`` where it is its own."""
    short = ~transfer & (days <= float(term("short_stay_days")))
    dead = ~transfer & ~short & died
    category = np.full((), np.nan)
    if "impairment_category" in given:
        path = f"{PLACE}.impairment_category"
        category = whole_numbers(path, given["impairment_category"], 1, MOST_CATEGORIES, "categories")
    elif own is not None:
        digits = [int(group[1:3]) for group in own.ravel()]
        category = np.array(digits, dtype=np.float64).reshape(own.shape)
    hint = "which group pays a death depends on whether it is an orthopedic category"
    refuse(
        f"{PLACE}.impairment_category",
        dead & np.isnan(category),
        "must be given for a death where there is no cmg",
        None,
        hint,
    )
    first, last = (float(term(f"{which}_orthopedic_category")) for which in ("first", "last"))
    orthopedic = (category >= first) & (category <= last)
    orthopedic_group = np.where(days < float(term("orthopedic_days")), 1, 2)
    other_group = np.where(days < float(term("other_days")), 3, 4)
    of_dead = np.where(orthopedic, orthopedic_group, other_group)
    return np.asarray(np.where(short, 0, np.where(dead, of_dead, OWN)))


def group_weights(
    given: Mapping[str, Any], own: NDArray[np.object_] | None, special: NDArray[np.intp], weights: Weights | None
) -> NDArray[np.float64]:
    """Return the weight that pays each stay."""
    if weights is not None and own is not None:
        paid = np.where(special == OWN, own, np.array(SPECIAL, dtype=object)[special])
        return np.asarray(weights.weight[positions(weights.groups, paid)])
    weight = above_zero(f"{PLACE}.weight", given["weight"], LARGEST_WEIGHT)
    if "special_weight" in given:
        other = numbers(f"{PLACE}.special_weight", given["special_weight"])
        above_zero(f"{PLACE}.special_weight", np.where(np.isnan(other), 1.0, other), LARGEST_WEIGHT)
    else:
        other = np.full((), np.nan)
    asked = (special != OWN) & np.isnan(other)
    if asked.any():
        group = SPECIAL[np.broadcast_to(special, asked.shape).ravel()[np.flatnonzero(asked)[0]]]
        hint = f"{SPECIAL[0]} pays stays of at most {term('short_stay_days')} days, {', '.join(SPECIAL[1:])} pay deaths"
        refuse(
            f"{PLACE}.special_weight",
            asked,
            f"must be given: {group} pays the stay in place of its own group",
            None,
            hint,
        )
    return np.asarray(np.where(special == OWN, weight, other))


def read_weights(weights: object) -> Weights:
    """Return groups of a user's file, each with its weight and its average length of stay (missing where unknown)."""
    place, needed = f"{PLACE}.weights", ["cmg", "tier", "weight"]
    names = [*needed, "average_length_of_stay"]
    asked = {name: weights[name] for name in names if name in weights} if isinstance(weights, Mapping) else weights
    given = read_cases(place, asked, {}, names, needed)
    columns = {name: np.atleast_1d(np.asarray(value)) for name, value in given.items()}
    sizes = {len(column) for column in columns.values()}
    if len(sizes) > 1:
        raise InputError(place, "must have columns of one length", ", ".join(map(str, sorted(sizes))))
    tier = codes(f"{place}.tier", columns["tier"], TIERS, f"one of {', '.join(TIERS)}")
    known = list(np.array(TIERS, dtype=object)[tier] + _cmgs(f"{place}.cmg", columns["cmg"]))
    seen: set[str] = set()
    for row, group in enumerate(known):
        if group in seen:
            raise InputError(f"{place}.cmg[{row}]", "must have each group and tier once", repr(group))
        seen.add(group)
    weight = above_zero(f"{place}.weight", columns["weight"], LARGEST_WEIGHT)
    path = f"{place}.average_length_of_stay"
    unknown = np.full(len(known), np.nan)
    average = known_or_missing(path, columns.get("average_length_of_stay", unknown), 1, LONGEST_STAY, "days")
    return Weights(known, weight, average)


def positions(known: Sequence[str], groups: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the position of each group in a file, refusing those that it has not."""
    return codes(f"{PLACE}.cmg", groups, known, "a group with a weight, tier first", "add it to weights=")
