"""Service lines as rules on the codes of claim lines, and a standard set of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError, a
from atrisk._spec import text
from atrisk.claims._codes import FIELDS, matches, rules_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from atrisk.claims._texts import Texts

UNITS = ("claim", "line", "day", "stay")
PATH = "claims.service_lines"
FILE = "standard_lines.csv"
HINT = 'for example {"inpatient": ar.claims.ServiceLine(type_of_bill="11*", unit="stay")}'


@dataclass(frozen=True, kw_only=True)
class ServiceLine:
    """Which claim lines a service line takes, and what one event of it is.

    Each field is a code, the beginning of codes (``"11*"``), a range (``"99202-99215"``, ``"G0101-G0499"``: codes of
    the same form between the two), or a list of these, any of which may match. Every field that is given must match.

    Parameters
    ----------
    type_of_bill : str or list of str, optional
        Three digits: ``"11*"``. The four-digit form with a leading zero is the same.
    place_of_service : str or list of str, optional
        Two digits: ``"23"``.
    drg : str or list of str, optional
        Three digits: ``"469-470"``.
    procedure : str or list of str, optional
        CPT or HCPCS code: ``"99281-99285"``.
    revenue_code : str or list of str, optional
        Four digits: ``"045*"``.
    ndc : str or list of str, optional
        National drug code in any of its forms; ``"*"`` is any.
    unit : str, default "claim"
        What one event is: ``"claim"`` (the lines of a claim that the service line takes), ``"line"``, ``"day"`` (the
        lines of a member on one day) or ``"stay"`` (the lines of a member on overlapping or adjacent days).

    Examples
    --------
    >>> import atrisk as ar
    >>> ar.claims.ServiceLine(type_of_bill=["11*", "12*"], unit="stay").type_of_bill
    ('11*', '12*')
    """

    type_of_bill: str | Sequence[str] | None = None
    place_of_service: str | Sequence[str] | None = None
    drg: str | Sequence[str] | None = None
    procedure: str | Sequence[str] | None = None
    revenue_code: str | Sequence[str] | None = None
    ndc: str | Sequence[str] | None = None
    unit: str = "claim"

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InputError("ServiceLine.unit", f"must be one of {', '.join(UNITS)}", repr(self.unit))
        for name in FIELDS:
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, rules_of(f"ServiceLine.{name}", name, given))
        if not self.rules:
            hint = "claim lines that no service line takes go to `other` by themselves"
            raise InputError("ServiceLine", "must have a rule for some field", "none", hint)

    @property
    def rules(self) -> dict[str, tuple[str, ...]]:
        """The rules of each field that has some."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name) is not None}


Lines = dict[str, tuple[ServiceLine, ...]]


def standard_lines() -> dict[str, list[ServiceLine]]:
    """Return service lines of Medicare's codes, in the order in which they take claim lines.

    Inpatient, skilled nursing, home health, emergency, outpatient hospital, physician visits, other professional and
    drugs; the codes stand in :func:`standard_codes` with their sources. Take the mapping as a beginning: add, replace
    or reorder.

    Examples
    --------
    >>> import atrisk as ar
    >>> list(ar.claims.standard_lines())[:3]
    ['inpatient', 'skilled nursing', 'home health']
    """
    lines: dict[str, list[ServiceLine]] = {}
    for (name, _), rows in standard_codes().groupby(["service", "alternative"], sort=False):
        fields = {str(field): tuple(part["codes"]) for field, part in rows.groupby("field", sort=False)}
        lines.setdefault(str(name), []).append(ServiceLine(**fields, unit=str(rows["unit"].iloc[0])))
    return lines


def standard_codes() -> pd.DataFrame:
    """Return the codes of :func:`standard_lines`: service, alternative, field, codes, unit, year, source, confidence.

    Rows of one service and alternative must all match for different fields, any of them within one field.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    with files("atrisk.claims").joinpath(FILE).open("rb") as stream:
        return pd.read_csv(stream, dtype=str)


def lines_of(given: object, other: object) -> tuple[Lines, str]:
    """Return service lines checked, and the name of what none of them takes."""
    if not isinstance(given, Mapping) or not given:
        raise InputError(PATH, "must map names to ServiceLine", a(given), HINT)
    lines = {text(PATH, name): _alternatives(f"{PATH}.{name}", each) for name, each in given.items()}
    name = text("claims.other", other)
    if name in lines:
        raise InputError("claims.other", "must not be the name of a service line", repr(name))
    for each in [*lines, name]:
        if not each:
            raise InputError(PATH, "must have names", repr(each))
    return lines, name


def _alternatives(path: str, given: object) -> tuple[ServiceLine, ...]:
    several = (given,) if isinstance(given, ServiceLine) else given
    if not isinstance(several, (list, tuple)) or not several:
        raise InputError(path, "must be a ServiceLine or a list of them", a(given), HINT)
    for position, each in enumerate(several):
        if not isinstance(each, ServiceLine):
            raise InputError(f"{path}[{position}]", "must be a ServiceLine", a(each), HINT)
        if each.unit != several[0].unit:
            raise InputError(f"{path}[{position}].unit", f"must be that of the first, {several[0].unit}", each.unit)
    return tuple(several)


def assign(lines: Lines, codes: Mapping[str, Texts], rows: int) -> NDArray[np.int64]:
    """Return the service line of each claim line, by position; their number where none takes it."""
    chosen = np.full(rows, len(lines), dtype=np.int64)
    for at, alternatives in enumerate(lines.values()):
        for line in alternatives:
            free = chosen == len(lines)
            for field, rules in line.rules.items():
                column = codes[field]
                taken = np.append(matches(field, rules, column.words), False)
                free &= taken[column.codes]
            chosen[free] = at
    return chosen


def needed(lines: Lines) -> list[str]:
    """Return the fields that some rule looks at."""
    return [name for name in FIELDS if any(name in line.rules for each in lines.values() for line in each)]
