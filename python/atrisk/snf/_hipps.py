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
            got, of_code = (
                group_names(GROUPS[group])[np.atleast_1d(each).flat[differ[0] if np.size(each) > 1 else 0]]
                for each in (letters, coded[group])
            )
            raise InputError(f"{place}.{group}{row}", f"must be {of_code} where hipps is given too", repr(got))
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
    for position in _suspects(distinct):
        code = distinct[position]
        wrong = _wrong(code)
        if wrong is not None:
            row = f"[{np.flatnonzero(at == position)[0]}]" if values.ndim else ""
            raise InputError(f"{path}{row}", RULE, "a missing value" if pd.isna(code) else repr(code), wrong or None)
    priced = [_tables.parameter(PACKAGE, "default_hipps") if code == DEFAULT else code for code in distinct]
    read = _characters(priced)[:, : len(GROUPS)] - ord("A")
    return [read[at, letter].reshape(values.shape) for letter in range(len(GROUPS))]


def _characters(priced: list[str]) -> NDArray[np.intp]:
    """Return the five characters of each code as numbers."""
    width = len(DEFAULT)
    return np.asarray(np.array(priced, dtype=f"U{width}").view(np.uint32).reshape(-1, width).astype(np.intp))


def _suspects(distinct: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the positions of values that are not plainly codes: each is looked at closely."""
    long = np.array([isinstance(code, str) and len(code) == len(DEFAULT) for code in distinct], dtype=bool)
    wrong = ~long
    characters = _characters(list(distinct[long]))
    letters, last = characters[:, : len(GROUPS)] - ord("A"), characters[:, len(GROUPS)]
    fits = ((letters >= 0) & (letters < _sizes())).all(axis=1) & np.isin(last, [ord(c) for c in ASSESSMENTS.values()])
    wrong[long] = ~fits
    return np.flatnonzero(wrong)


def _sizes() -> list[int]:
    """Return how many groups each letter tells apart."""
    return [len(group_names(component)) for component in GROUPS.values()]


def _wrong(code: object) -> str | None:
    """Say what is wrong with a code: nothing for one that is right, no words where there are none."""
    if not isinstance(code, str) or len(code) != len(DEFAULT):
        return ""
    if code == DEFAULT:
        return None
    for group, letter, size in zip(GROUPS, code, _sizes(), strict=False):
        if not 0 <= ord(letter) - ord("A") < size:
            return f"{letter!r} is no {group.replace('_', ' ')}"
    return None if code[4] in ASSESSMENTS.values() else f"{code[4]!r} is no assessment"
