"""Dollars by price cell: one figure for all episodes, or one for each cell, matched to the rows of a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._spec import known_term, term

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

MOST_DOLLARS = 1e12  # what the core takes at most
OF_DOLLARS = "must be dollars between 0 and 1e12"


def by_cell_spec(given: object) -> dict[str, Any] | None:
    """Return dollars by cell as the core reads them; under an empty name a figure that holds for every cell."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        return {"": term(given)}
    return {str(cell).strip(): term(dollars) for cell, dollars in given.items()}


def dollars_by_cell(path: str, given: object) -> dict[str, float]:
    """Return known dollars by cell, refusing what is none; under an empty name a figure for every cell."""
    if isinstance(given, Mapping):
        if not given:
            raise InputError(path, "must have a cell", "{}")
        return {str(cell).strip(): _dollars(f"{path}[{cell}]", value) for cell, value in given.items()}
    return {"": _dollars(path, given)}


def _dollars(path: str, value: object) -> float:
    known = known_term(path, value)
    if isinstance(value, bool) or known is None:
        raise InputError(path, OF_DOLLARS, repr(value))
    try:
        number = float(known)
    except ValueError:
        raise InputError(path, OF_DOLLARS, repr(value)) from None
    if not 0 <= number <= MOST_DOLLARS:
        raise InputError(path, OF_DOLLARS, f"{number:g}")
    return number


def of_rows(place: str, term_name: str, given: object, table: pd.DataFrame) -> NDArray[np.float64] | float:
    """Return the dollars of each row by its cell, or one figure for all of them."""
    known = dollars_by_cell(f"{place}.{term_name}", given)
    if set(known) == {""}:
        return known[""]
    if "cell" not in table.columns:
        raise InputError(
            place, f"must have the column cell: {term_name} is by cell", ", ".join(map(str, table.columns))
        )
    codes, cells = labels(place, table, "cell")
    names = [str(cell).strip() for cell in cells]
    for code, name in enumerate(names):
        if name not in known:
            row = int(np.flatnonzero(codes == code)[0])
            rule = f"must be a cell of {term_name}: {', '.join(known)}"
            raise InputError(f"{place}.cell[{row}]", rule, repr(name))
    return np.array([known[name] for name in names], dtype=np.float64)[codes]


def labels(
    place: str, table: pd.DataFrame, column: str, *, in_order: bool = False
) -> tuple[NDArray[np.intp], list[Any]]:
    """Return the position of each row's label among all of them, refusing labels that are missing or none."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    try:
        codes, found = pd.factorize(table[column], sort=in_order)
    except TypeError:
        raise InputError(f"{place}.{column}", "must be labels of one kind: texts or numbers", "others") from None
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise InputError(f"{place}.{column}[{missing[0]}]", "must not be missing")
    return codes, list(found)


def refuse_crossed(place: str, low: object, high: object) -> None:
    """Refuse a figure to which episodes are raised that lies above the one at which they are truncated."""
    if low is None or high is None:
        return
    least, most = dollars_by_cell(f"{place}.raise_to", low), dollars_by_cell(f"{place}.truncate_at", high)
    cells = [cell for cell in {**least, **most} if cell or set(least) == set(most) == {""}]
    for cell in cells:
        floor, ceiling = least.get(cell, least.get("")), most.get(cell, most.get(""))
        if floor is not None and ceiling is not None and floor > ceiling:
            at = f"[{cell}]" if cell and "" not in least else ""
            raise InputError(f"{place}.raise_to{at}", f"must not lie above truncate_at, {ceiling:g}", f"{floor:g}")


def names_of_episodes(path: str, given: object) -> list[str]:
    """Return the names of the kinds of episodes of a bundle."""
    names = [given] if isinstance(given, str) and given.strip() else given
    if not isinstance(names, (list, tuple)) or not names:
        raise InputError(path, "must be the name of an episode, or a list of names", repr(given))
    for position, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"{path}[{position}]", "must be a name", repr(name))
    return [name.strip() for name in names]
