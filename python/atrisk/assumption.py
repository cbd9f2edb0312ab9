"""What a model rests on: each figure with its value, its year, what says so and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from atrisk._errors import InputError, a

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One figure that a model rests on.

    Parameters
    ----------
    figure : str
        What it is, such as ``"inpatient.per_1000"``.
    value : str
        The figure as its source has it, or as it was fitted.
    unit : str
        Its unit, such as ``"events per 1,000 member-years"``.
    year : str
        The year or years that it is of.
    source : str
        What says so: a table, a paper, a data set and how it was read.
    confidence : str
        How sure it is: ``"read"``, ``"read_secondary"``, ``"derived"`` (arithmetic on read figures), ``"fitted"``
        (chosen so that the model shows a read figure), ``"assumed"``, ``"recalled"`` or ``"doubtful"``.
    """

    figure: str
    value: str
    unit: str
    year: str
    source: str
    confidence: str


def checked(path: str, given: object) -> tuple[Assumption, ...]:
    """Return assumptions, refusing anything else."""
    if isinstance(given, (str, Assumption)) or not hasattr(given, "__iter__"):
        raise InputError(path, "must be a list of Assumption", a(given))
    items = tuple(given)
    for position, item in enumerate(items):
        if not isinstance(item, Assumption):
            raise InputError(f"{path}[{position}]", "must be an Assumption", a(item))
    return items


def table(assumptions: Iterable[Assumption] | Sequence[Assumption]) -> pd.DataFrame:
    """Return assumptions as a frame, a row for each."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    names = [field.name for field in fields(Assumption)]
    return pd.DataFrame([[getattr(each, name) for name in names] for each in assumptions], columns=names)
