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
DIGITS, STATUS_DIGITS = 4, 2  # of a case-mix group, of a discharge status
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
    if array.dtype.kind in "iuf":
        words: Sequence[object] = range(1, 100)
    else:
        words = known
        text = [_digits(value, STATUS_DIGITS) for value in array.ravel().tolist()]
        array = np.array(text, dtype=object).reshape(array.shape)
    at = codes(f"{PLACE}.discharge_status", array, words, "a discharge status of two digits, 01 to 99")
    rows = table("discharge_statuses").rows
    kinds = np.array([next((row["kind"] for row in rows if row["discharge_status"] == code), "") for code in known])
    return kinds[at] == "transfer", kinds[at] == "death"


def written_status(value: object) -> object:
    """Return a discharge status in two digits."""
    return _digits(value, STATUS_DIGITS)


def _digits(value: object, count: int) -> object:
    """Return digits as text of so many; other values as they are."""
    if isinstance(value, str):
        text = value.strip()
        return text.zfill(count) if text.isascii() and text.isdigit() else value
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value % 1 == 0
    return f"{int(value):0{count}d}" if whole else value  # type: ignore[call-overload]


def own_groups(given: Mapping[str, Any]) -> NDArray[np.object_] | None:
    """Return tier and case-mix group of each stay in one word; nothing where they are not given."""
    return _tier_and_group(PLACE, given["cmg"], given.get("tier")) if "cmg" in given else None


def _tier_and_group(place: str, cmg: object, tier: object) -> NDArray[np.object_]:
    """Return tiers and groups in one word; a group may have its tier before it, which then need not be given."""
    letters, groups = _cmgs(f"{place}.cmg", cmg)
    if tier is None:
        lacking = np.asarray(letters == "")
        rule = "must be given both cmg and tier, or neither"
        if lacking.any():
            raise InputError(place, rule, "no tier")
        return np.asarray(letters + groups, dtype=object)
    at = codes(f"{place}.tier", tier, TIERS, f"one of {', '.join(TIERS)}")
    named = np.array(TIERS, dtype=object)[at]
    refuse(f"{place}.tier", (letters != "") & (letters != named), "must be that of its cmg", named)
    return np.asarray(named + groups, dtype=object)


def _cmgs(path: str, values: object) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the tiers before case-mix groups (empty where there is none) and groups of four digits."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values, dtype=object)
    position, found = pd.factorize(array.ravel(), use_na_sentinel=False)
    tiers, groups = [], []
    for each, code in enumerate(found):
        tier = code.strip()[0] if isinstance(code, str) and code.strip()[:1] in TIERS else ""
        group = _digits(code.strip()[1:] if tier else code, DIGITS)
        if not (isinstance(group, str) and len(group) == DIGITS and group.isascii() and group.isdigit()):
            row = f"[{np.flatnonzero(position == each)[0]}]" if array.ndim else ""
            got = "a missing value" if pd.isna(code) else repr(code)
            raise InputError(f"{path}{row}", "must be a case-mix group of four digits", got)
        tiers.append(tier)
        groups.append(group)
    at = position.reshape(array.shape)
    of_tier, of_group = (np.array(each, dtype=object) for each in (tiers, groups))
    return np.asarray(of_tier[at], dtype=object), np.asarray(of_group[at], dtype=object)


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
        "none",
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
        _refuse_lacking(weights.groups, own, paid, special != OWN)
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
            "a missing value" if "special_weight" in given else "none",
            hint,
        )
    return np.asarray(np.where(special == OWN, weight, other))


def _refuse_lacking(
    known: Sequence[str], own: NDArray[np.object_], paid: NDArray[np.object_], special: NDArray[np.bool_]
) -> None:
    """Refuse a file without the group that pays a short stay or a death in place of its own."""
    for row in np.flatnonzero(special & ~np.isin(paid, list(known)))[:1]:
        group, replaced = (np.broadcast_to(each, paid.shape).flat[row] for each in (paid, own))
        at = f" of row {row}" if paid.ndim else ""
        needed = f"cmg {group[1:]} with tier {group[0]}"
        rule = f"must have {needed}, which pays the stay{at} in place of its own cmg {replaced[1:]}"
        raise InputError(f"{PLACE}.weights", rule, f"none of {group[1:]}")


def read_weights(weights: object) -> Weights:
    """Return groups of a user's file, each with its weight and its average length of stay (missing where unknown)."""
    place, needed = f"{PLACE}.weights", ["cmg", "weight"]
    names = ["cmg", "tier", "weight", "average_length_of_stay"]
    asked = {name: weights[name] for name in names if name in weights} if isinstance(weights, Mapping) else weights
    given = read_cases(place, asked, {}, names, needed)
    columns = {name: np.atleast_1d(np.asarray(value)) for name, value in given.items()}
    sizes = {len(column) for column in columns.values()}
    if len(sizes) > 1:
        raise InputError(place, "must have columns of one length", ", ".join(map(str, sorted(sizes))))
    known = list(_tier_and_group(place, columns["cmg"], columns.get("tier")))
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
