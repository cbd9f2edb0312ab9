"""The 432 groups of home health and their HIPPS codes, both ways."""

from __future__ import annotations

from functools import cache
from itertools import chain, product
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment._cases import codes, read_cases
from atrisk._payment._checks import known_or_missing
from atrisk.home_health._names import PLACE, table, term
from atrisk.rules._facts import as_frame, is_one, lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PARTS = ("admission source and timing", "clinical group", "functional level", "comorbidity", "last character")
WORDS = ("admission_source", "timing", "clinical_group", "functional_level", "comorbidity")
SOURCES, TIMINGS = ("community", "institutional"), ("early", "late")
LONGEST_GAP = 100_000  # days: more is a slip, not a gap


@cache
def letters() -> tuple[dict[str, str], ...]:
    """Return for each character of a code its letters with their names."""
    rows = table("letters").rows
    positions = range(1, len(PARTS) + 1)
    return tuple({row["code"]: row["name"] for row in rows if int(row["position"]) == each} for each in positions)


@cache
def every_code() -> tuple[str, ...]:
    """Return all codes, sorted."""
    return tuple(sorted("".join(code) for code in product(*letters())))


def _fault(code: object) -> str | None:
    """Return the rule that a code breaks."""
    if not isinstance(code, str) or len(code) != len(PARTS):
        return f"must be a HIPPS code of {len(PARTS)} characters"
    for position, (letter, known, part) in enumerate(zip(code, letters(), PARTS, strict=True), 1):
        if letter not in known:
            choice = f"one of {', '.join(known)}" if len(known) > 1 else next(iter(known))
            return f"must have {choice} as character {position} ({part})"
    return None


def read_codes(path: str, values: object) -> tuple[NDArray[np.intp], list[str]]:
    """Return the position of each code among the different ones, and these; wrong ones are refused with their row."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    array = np.asarray(values, dtype=object)
    if array.ndim > 1:
        raise InputError(path, "must be a code or a column of codes", f"{array.ndim} dimensions")
    position, found = pd.factorize(array.ravel(), use_na_sentinel=False)
    for each, code in enumerate(found):
        fault = _fault(code)
        if fault:
            row = f"[{np.flatnonzero(position == each)[0]}]" if array.ndim else ""
            missing = not isinstance(code, str) and pd.isna(code)
            raise InputError(f"{path}{row}", fault, "a missing value" if missing else repr(code))
    return position.reshape(array.shape), list(found)


def words_of(position: NDArray[np.intp], found: Sequence[str]) -> dict[str, NDArray[np.object_]]:
    """Return what each code says, as words."""
    said = []
    for code in found:
        first, *others = (known[letter] for letter, known in zip(code[:4], letters(), strict=False))
        said.append((*first.split("_"), *others))
    columns = np.array(said, dtype=object).reshape(len(found), len(WORDS))
    return {word: columns[:, each][position] for each, word in enumerate(WORDS)}


def groups(hipps: object = None) -> Any:  # noqa: ANN401 - a frame of the user's kind
    """Return what HIPPS codes say; all 432 groups where none is given.

    Parameters
    ----------
    hipps : str or column of str, optional
        Codes of five characters: admission source and timing (1-4), clinical group (A-L), functional level (A-C),
        comorbidity (1-3), and 1.

    Returns
    -------
    data frame
        ``hipps admission_source timing clinical_group functional_level comorbidity``, a row for each code, of the
        kind of the column (pandas where it is none).

    Raises
    ------
    InputError
        A character that is not known, with its row.

    Notes
    -----
    42 CFR 484.205 and the final rule for calendar year 2020 (recalled).

    Examples
    --------
    >>> import atrisk as ar
    >>> len(ar.home_health.groups())
    432
    >>> ar.home_health.groups("2CB21").iloc[0].tolist()
    ['2CB21', 'institutional', 'early', 'wounds', 'medium', 'low']
    """
    values = list(every_code()) if hipps is None else hipps
    position, found = read_codes(f"{PLACE}.hipps", values)
    columns = {"hipps": np.array(found, dtype=object)[position], **words_of(position, found)}
    listed = {name: np.atleast_1d(column) for name, column in columns.items()}
    return as_frame(PLACE, listed, None, {} if is_one(values) else {"hipps": values})


def hipps(frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Return the HIPPS code of each period of care.

    Parameters
    ----------
    frame : data frame or mapping, optional
        A row for each period; or facts by name.
    **facts
        ``clinical_group`` (A-L or its name), ``functional_level`` (A-C, or ``low``, ``medium``, ``high``) and
        ``comorbidity`` (1-3, or ``none``, ``low``, ``high``). ``timing`` (``early``, ``late``), or
        ``days_without_home_health``: whole days between the last period and this one, missing where there was none; at
        least 60 are early. ``admission_source`` (``community``, ``institutional``), or ``days_since_discharge`` from
        an institution before the period, missing where there was none, with ``discharged_from``:
        ``acute_hospital``, ``skilled_nursing_facility``, ``inpatient_rehabilitation_facility``,
        ``long_term_care_hospital`` or ``inpatient_psychiatric_facility``. At most 14 days are institutional; a late
        period is so after an acute stay only.

    Returns
    -------
    data frame
        ``hipps admission_source timing clinical_group functional_level comorbidity``, rows in the given order.

    Raises
    ------
    InputError
        Missing facts, all named at once; words that are not known, with their row.

    Examples
    --------
    >>> import atrisk as ar
    >>> ar.home_health.hipps(
    ...     clinical_group="wounds", functional_level="medium", comorbidity="low",
    ...     days_without_home_health=60, days_since_discharge=14, discharged_from="skilled_nursing_facility",
    ... )["hipps"].tolist()
    ['2CB21']
    """
    either = {"timing": ["days_without_home_health"], "admission_source": ["days_since_discharge", "discharged_from"]}
    known = ["clinical_group", "functional_level", "comorbidity", *either, *chain.from_iterable(either.values())]
    given = read_cases(PLACE, frame, facts, known, known[:3])
    for word, days in either.items():
        missing = [name for name in days if name not in given]
        if word not in given and missing:
            raise InputError(PLACE, f"must be given {word} or {' and '.join(days)}", f"no {' and no '.join(missing)}")
        if word in given and len(missing) < len(days):
            raise InputError(f"{PLACE}.{word}", f"must be left out where {days[0]} is given", "both")
    n = lengths(PLACE, {name: np.asarray(value) for name, value in given.items()})
    late = _late(given)
    first = 2 * late + _institutional(given, late)
    letter = [first, *(_letters_of(name, given[name], at) for at, name in enumerate(known[:3], 1))]
    characters = [np.array(list(known), dtype=object) for known in letters()]
    picked = [np.broadcast_to(known[at], (n,)) for known, at in zip(characters, letter, strict=False)]
    code = sum(picked[1:], picked[0]) + characters[-1][0]
    position, found = read_codes(f"{PLACE}.hipps", code)
    columns: dict[str, Any] = {"hipps": code, **words_of(position, found)}
    return as_frame(PLACE, columns, frame, given)


def _letters_of(name: str, values: object, at: int) -> NDArray[np.intp]:
    """Return the position of each letter, given as letters, as their names, or as numbers where they are digits."""
    known = letters()[at]
    digits = [int(letter) for letter in known if letter.isdigit()]
    array = np.asarray(values)
    words = digits if digits and array.dtype.kind in "iuf" else [*known, *known.values()]
    named = [f"{letter} ({word})" for letter, word in known.items()]
    return codes(f"{PLACE}.{name}", array, words, f"one of {', '.join(named)}") % len(known)


def _late(given: dict[str, Any]) -> NDArray[np.intp]:
    if "timing" in given:
        return codes(f"{PLACE}.timing", given["timing"], TIMINGS, "early or late")
    days = _days("days_without_home_health", given)
    return np.asarray(days < float(term("new_sequence_days"))).astype(np.intp)


def _institutional(given: dict[str, Any], late: NDArray[np.intp]) -> NDArray[np.intp]:
    if "admission_source" in given:
        path = f"{PLACE}.admission_source"
        return codes(path, given["admission_source"], SOURCES, "community or institutional")
    days = _days("days_since_discharge", given)
    institutions = table("institutions")
    words = institutions.words("institution")
    places = np.asarray(given["discharged_from"], dtype=object)
    shape = np.broadcast_shapes(days.shape, places.shape)
    # Where nobody was discharged, where from is not asked.
    asked = np.broadcast_to(np.isnan(days), shape)
    places = np.where(asked, words[0], np.broadcast_to(places, shape))
    at = codes(f"{PLACE}.discharged_from", places, words, f"one of {', '.join(words)}")
    counts = [institutions.numbers(f"counts_for_{timing}")[at] > 0 for timing in TIMINGS]
    near = days <= float(term("institutional_days"))
    return np.asarray(near & np.where(late == 1, counts[1], counts[0])).astype(np.intp)


def _days(name: str, given: dict[str, Any]) -> NDArray[np.float64]:
    """Return days, missing where there was nothing."""
    return known_or_missing(f"{PLACE}.{name}", given[name], 0, LONGEST_GAP, "days")
