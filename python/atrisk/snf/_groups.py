"""Groups and HIPPS code of a resident, from clinical inputs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _figures
from atrisk._errors import InputError, a
from atrisk._payment import _tables
from atrisk._payment._cases import as_mapping, codes, columns_of, read_cases, whole_numbers
from atrisk._payment._checks import flags
from atrisk.rules._facts import as_frame, lengths
from atrisk.snf._hipps import ASSESSMENTS, GROUPS, PACKAGE, group_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PLACE = "snf.groups"
IMPAIRMENTS = ("acute_neurologic", "speech_comorbidity", "cognitive_impairment")
EATING_PROBLEMS = ("mechanically_altered_diet", "swallowing_disorder")
NURSING = ("nursing_category", "nursing_function_score", "depression", "restorative_nursing")
REQUIRED = ("clinical_category", "function_score", *IMPAIRMENTS, *EATING_PROBLEMS)
KNOWN = (*REQUIRED, "nursing_group", *NURSING, "nta_points", "conditions", "aids", "assessment")
HIGHEST_SCORE, HIGHEST_NURSING_SCORE = 24, 16
AIDS = "HIV/AIDS"


def groups(frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Return the groups and the HIPPS code of residents.

    Parameters
    ----------
    frame : data frame or mapping, optional
        Residents in rows; columns that neither are facts nor look like one are left alone.
    **facts
        Columns of the frame, or the same by name:

        - ``clinical_category``: ``major_joint_replacement_or_spinal_surgery``, ``other_orthopedic``,
          ``medical_management`` or ``non_orthopedic_surgery_and_acute_neurologic``; ``function_score``: of physical and
          occupational therapy, 0-24;
        - ``acute_neurologic``, ``speech_comorbidity``, ``cognitive_impairment``, ``mechanically_altered_diet``,
          ``swallowing_disorder``: flags;
        - ``nursing_group`` (ES3-PA1), or what makes it: ``nursing_category`` (the first that fits of
          ``tracheostomy_and_ventilator``, ``tracheostomy_or_ventilator``, ``infection_isolation``,
          ``special_care_high``, ``special_care_low``, ``clinically_complex``, ``behavioral_and_cognitive``,
          ``reduced_physical_function``), ``nursing_function_score`` (0-16), ``depression`` and ``restorative_nursing``
          (two services or more): flags;
        - ``nta_points``: points of comorbidities without AIDS; or, for one resident, ``conditions``: their names, of
          ``ar.snf.tables()["conditions"]``;
        - ``aids``: flag (false), handed on to :func:`price`: a HIPPS code does not tell it;
        - ``assessment``: ``five_day`` (default) or ``interim``.

    Returns
    -------
    data frame
        A row for each resident: ``therapy_group``, ``speech_group``, ``nursing_group``, ``nta_group``, ``hipps``,
        ``nta_points``, ``aids`` and ``confidence``; of the kind that was given.

    Raises
    ------
    InputError
        Where facts are missing, unknown or wrong, with their row.

    Notes
    -----
    Physical and occupational therapy share their group. The line from nursing category and score to nursing group is
    recalled (SNF PPS final rule, fiscal year 2019), as are those of therapy and speech.

    Examples
    --------
    >>> resident = {
    ...     "clinical_category": "non_orthopedic_surgery_and_acute_neurologic", "function_score": 8,
    ...     "acute_neurologic": True, "speech_comorbidity": False, "cognitive_impairment": True,
    ...     "mechanically_altered_diet": True, "swallowing_disorder": False,
    ...     "nursing_group": "CBC2", "conditions": ["Diabetes mellitus", "IV medication (post-admit)"],
    ... }
    >>> ar.snf.groups(resident)["hipps"].item()
    'NHNC1'
    """
    given = _read(frame, facts)
    arrays = columns_of(PLACE, given)
    n = lengths(PLACE, arrays)
    letters = {
        "therapy_group": _therapy(arrays),
        "speech_group": _speech(arrays),
        "nursing_group": _nursing(arrays),
        "nta_group": _nta(arrays),
    }
    words = list(ASSESSMENTS)
    last = codes(f"{PLACE}.assessment", arrays.get("assessment", "five_day"), words, f"one of {', '.join(words)}")
    every = np.broadcast_arrays(*letters.values(), last, np.empty(n))[:-1]
    hipps = _codes_of([np.asarray(column) for column in every])
    names = {
        group: np.array(group_names(component), dtype=object)[column]
        for (group, component), column in zip(GROUPS.items(), every, strict=False)
    }
    aids = flags(f"{PLACE}.aids", arrays.get("aids", False)) > 0
    columns = {
        **names,
        "hipps": hipps,
        "nta_points": np.broadcast_to(arrays["nta_points"], (n,)),
        "aids": np.broadcast_to(aids, (n,)),
        "confidence": np.full(n, _sure(arrays)),
    }
    return as_frame(PLACE, columns, as_mapping(frame), given)


def _read(frame: object, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, with the points of conditions by name."""
    given = read_cases(PLACE, frame, facts, KNOWN, ())
    nursing = NURSING if any(name in given for name in NURSING) and "nursing_group" not in given else ("nursing_group",)
    points = () if "conditions" in given else ("nta_points",)
    read_cases(PLACE, None, given, KNOWN, [*REQUIRED, *nursing, *points])
    both = [name for name in NURSING if name in given and "nursing_group" in given]
    if both:
        raise InputError(PLACE, "must be given nursing_group or what makes it", f"nursing_group and {', '.join(both)}")
    if "conditions" in given:
        if "nta_points" in given:
            raise InputError(PLACE, "must be given nta_points or conditions", "both")
        sum_of_points, aids = _of_conditions(given.pop("conditions"))
        if aids and not given.get("aids", True):
            raise InputError(f"{PLACE}.aids", f"must be true where {AIDS} is among the conditions", "false")
        given |= {"nta_points": sum_of_points} | ({"aids": True} if aids else {})
    return given


def _of_conditions(names: object) -> tuple[int, bool]:
    """Return the points of one resident's conditions, without AIDS, and whether AIDS is among them."""
    path = f"{PLACE}.conditions"
    if isinstance(names, (str, Mapping)) or not hasattr(names, "__iter__"):
        raise InputError(path, "must be a list of names, of one resident", a(names), "frames have nta_points")
    rows = _tables.read(PACKAGE, "conditions.csv").rows
    points = {row["condition"]: int(row["points"]) for row in rows}
    listed = list(names)
    for at, name in enumerate(listed):
        if name not in points:
            near = difflib.get_close_matches(str(name), points, n=1)
            hint = f"did you mean {near[0]!r}?" if near else 'names are those of ar.snf.tables()["conditions"]'
            raise InputError(f"{path}[{at}]", "must be one of the 50 conditions", repr(name), hint)
        if name in listed[:at]:
            raise InputError(f"{path}[{at}]", "must be given once", repr(name))
    return sum(points[name] for name in listed if name != AIDS), AIDS in listed


def _position(letter: str) -> int:
    return ord(letter) - ord("A")


def _therapy(arrays: Mapping[str, Any]) -> NDArray[np.intp]:
    """Return the letters of physical and occupational therapy."""
    rows = _tables.read(PACKAGE, "therapy_groups.csv").rows
    categories = list(dict.fromkeys(row["clinical_category"] for row in rows))
    letters = np.zeros((len(categories), HIGHEST_SCORE + 1), dtype=np.intp)
    for row in rows:
        span = slice(int(row["from_score"]), int(row["to_score"]) + 1)
        letters[categories.index(row["clinical_category"]), span] = _position(row["letter"])
    path, rule = f"{PLACE}.clinical_category", f"one of {', '.join(categories)}"
    category = codes(path, arrays["clinical_category"], categories, rule)
    score = whole_numbers(f"{PLACE}.function_score", arrays["function_score"], 0, HIGHEST_SCORE, "points")
    return np.asarray(letters[category, score.astype(np.intp)])


def _speech(arrays: Mapping[str, Any]) -> NDArray[np.intp]:
    """Return the letters of speech-language pathology."""
    letters = np.zeros((len(IMPAIRMENTS) + 1, len(EATING_PROBLEMS) + 1), dtype=np.intp)
    for row in _tables.read(PACKAGE, "speech_groups.csv").rows:
        letters[int(row["impairments"]), int(row["eating_problems"])] = _position(row["letter"])
    impairments, eating = (
        np.sum(np.broadcast_arrays(*(flags(f"{PLACE}.{name}", arrays[name]) for name in names)), axis=0).astype(np.intp)
        for names in (IMPAIRMENTS, EATING_PROBLEMS)
    )
    return np.asarray(letters[impairments, eating])


def _nursing(arrays: Mapping[str, Any]) -> NDArray[np.intp]:
    """Return the letters of nursing, from the group or from category, score and flags."""
    names = group_names("nursing")
    if "nursing_group" in arrays:
        return codes(f"{PLACE}.nursing_group", arrays["nursing_group"], names, f"one of {', '.join(names)}")
    rows = _tables.read(PACKAGE, "nursing_groups.csv").rows
    categories = list(dict.fromkeys(row["nursing_category"] for row in rows))
    letters = np.zeros((len(categories), HIGHEST_NURSING_SCORE + 1, 2, 2), dtype=np.intp)
    for row in rows:
        each = letters[categories.index(row["nursing_category"])]
        span = slice(int(row["from_score"]), int(row["to_score"]) + 1)
        each[span] = names.index(row["group_without"])
        with_it = names.index(row["group_with"])
        if row["split"] == "depression":
            each[span, 1, :] = with_it
        elif row["split"] == "restorative_nursing":
            each[span, :, 1] = with_it
    path, rule = f"{PLACE}.nursing_category", f"one of {', '.join(categories)}"
    category = codes(path, arrays["nursing_category"], categories, rule)
    given = arrays["nursing_function_score"]
    score = whole_numbers(f"{PLACE}.nursing_function_score", given, 0, HIGHEST_NURSING_SCORE, "points")
    told = (flags(f"{PLACE}.{name}", arrays[name]).astype(np.intp) for name in ("depression", "restorative_nursing"))
    return np.asarray(letters[category, score.astype(np.intp), *told])


def _nta(arrays: Mapping[str, Any]) -> NDArray[np.intp]:
    """Return the letters of ancillaries, from points without AIDS."""
    rows = sorted(_tables.read(PACKAGE, "nta_groups.csv").rows, key=lambda row: int(row["from_points"]))
    most = int(_tables.read(PACKAGE, "conditions.csv").numbers("points").sum())
    points = whole_numbers(f"{PLACE}.nta_points", arrays["nta_points"], 0, most, "points")
    at = np.searchsorted([int(row["from_points"]) for row in rows], points, side="right") - 1
    return np.asarray(np.array([_position(row["letter"]) for row in rows], dtype=np.intp)[at])


def _codes_of(columns: Sequence[NDArray[np.intp]]) -> NDArray[np.object_]:
    """Return HIPPS codes; each distinct one is written once."""
    *letters, last = columns
    sizes = [*(len(group_names(component)) for component in GROUPS.values()), len(ASSESSMENTS)]
    flat, at = np.unique(np.ravel_multi_index((*letters, last), sizes), return_inverse=True)
    written = [
        "".join(chr(ord("A") + position) for position in four) + list(ASSESSMENTS.values())[assessment]
        for *four, assessment in zip(*(each.tolist() for each in np.unravel_index(flat, sizes)), strict=True)
    ]
    return np.asarray(np.array(written, dtype=object)[at.reshape(-1)])


def _sure(arrays: Mapping[str, Any]) -> str:
    """Return how sure the least sure of the tables used is."""
    files = ["therapy_groups.csv", "speech_groups.csv", "nta_groups.csv"]
    files += [] if "nursing_group" in arrays else ["nursing_groups.csv"]
    return _figures.least_sure(_tables.read(PACKAGE, file).least_sure() for file in files)
