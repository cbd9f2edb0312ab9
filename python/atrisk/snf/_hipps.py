"""HIPPS codes of skilled nursing: five characters, four of which name the groups a claim is priced by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _tables
from atrisk._payment._cases import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

PACKAGE = "atrisk.snf"
DEFAULT = "ZZZZZ"
ASSESSMENTS = {"interim": "0", "five_day": "1"}
GROUPS = {
    "therapy_group": "physical_therapy",
    "speech_group": "speech_language",
    "nursing_group": "nursing",
    "nta_group": "nta",
}
RULE = "must be five characters: letters A-P, A-L, A-Y and A-F, then 0 or 1"


def group_names(component: str) -> list[str]:
    """Return the names of a component's groups in the order of their letters: TA to TP, ES3 to PA1."""
    rows = _tables.read(PACKAGE, "case_mix_indexes.csv").rows
    by_letter = {row["letter"]: row["group"] for row in rows if row["component"] == component}
    return [by_letter[letter] for letter in sorted(by_letter)]


def parameter(name: str, column: str = "value") -> str:
    """Return a parameter as it is written, or another column of its row."""
    return next(row[column] for row in _tables.read(PACKAGE, "parameters.csv").rows if row["parameter"] == name)


def given_groups(place: str, given: Mapping[str, Any]) -> dict[str, NDArray[np.intp]]:
    """Return the letters of a claim's groups as positions, by group, from HIPPS codes or from groups by name."""
    named = {group: _named(place, group, given[group]) for group in GROUPS if group in given}
    if "hipps" not in given:
        return named
    coded = dict(zip(GROUPS, _letters(f"{place}.hipps", np.asarray(given["hipps"])), strict=True))
    for group, letters in named.items():
        differ = np.flatnonzero(np.atleast_1d(coded[group] != letters))
        if differ.size:
            row = f"[{differ[0]}]" if np.ndim(given[group]) else ""
            raise InputError(f"{place}.{group}{row}", "must agree with hipps where both are given", None)
    return coded


def _named(place: str, group: str, values: object) -> NDArray[np.intp]:
    words = group_names(GROUPS[group])
    return codes(f"{place}.{group}", values, words, f"one of {', '.join(words)}")


def _letters(path: str, values: NDArray[Any]) -> list[NDArray[np.intp]]:
    """Return the positions of the four letters of each code; each distinct code is read once."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if values.ndim > 1:
        raise InputError(path, "must be a code or a column of codes", f"{values.ndim} dimensions")
    at, distinct = pd.factorize(values.ravel().astype(object), use_na_sentinel=False)
    last = [len(group_names(component)) for component in GROUPS.values()]
    read = np.zeros((len(distinct), 4), dtype=np.intp)
    for position, code in enumerate(distinct):
        wrong = _wrong(code, last)
        if wrong is not None:
            row = f"[{np.flatnonzero(at == position)[0]}]" if values.ndim else ""
            raise InputError(f"{path}{row}", RULE, "a missing value" if pd.isna(code) else repr(code), wrong or None)
        read[position] = [ord(letter) - ord("A") for letter in _priced(code)[:4]]
    return [read[at, letter].reshape(values.shape) for letter in range(4)]


def _priced(code: str) -> str:
    """Return what a code is priced as."""
    return parameter("default_hipps") if code == DEFAULT else code


def _wrong(code: object, last: list[int]) -> str | None:
    """Say what is wrong with a code: nothing for one that is right, no words where there are none."""
    if not isinstance(code, str) or len(code) != len(DEFAULT):
        return ""
    if code == DEFAULT:
        return None
    for group, letter, size in zip(GROUPS, code, last, strict=False):
        if not 0 <= ord(letter) - ord("A") < size:
            return f"{letter!r} is no {group.replace('_', ' ')}"
    return None if code[4] in ASSESSMENTS.values() else f"{code[4]!r} is no assessment"
