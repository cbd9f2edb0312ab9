"""What a line's rate is compared by: the relativities of person-years as columns of zeros and ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError, a
from atrisk._spec import plain
from atrisk.service import AGE, BANDED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.person_years import PersonYears

PATH = "fit.relativities"
EXAMPLES = {"age": (0, 18, 65), "risk_score": (0, 1, 2)}
NO_LEVELS = ("member_id", "year", "member_months")
DEFAULT = {"age": (0, 18, 35, 45, 55, 65, 75, 85), "sex": None}
MONTHS, OLDEST = 12.0, 150


@dataclass(frozen=True)
class Factor:
    """A column that rates differ by: its levels, and which of them each person-year has.

    Attributes
    ----------
    column : str
        Name of the column.
    levels : tuple
        Its levels: values, or the lower bounds of bands.
    of_row : numpy.ndarray of int
        Place of each row's level.
    base : int
        Place of the level whose relativity is 1.
    """

    column: str
    levels: tuple[Any, ...]
    of_row: NDArray[np.int64]
    base: int

    @property
    def others(self) -> list[int]:
        """Places of the levels but the base."""
        return [place for place in range(len(self.levels)) if place != self.base]


@dataclass(frozen=True)
class Design:
    """Exposure of each person-year and the columns that its expected events are log-linear in.

    Attributes
    ----------
    exposure : numpy.ndarray
        Member-years times risk score.
    factors : tuple of Factor
        What rates differ by.
    matrix : numpy.ndarray
        A row for each person-year: 1, then for each level but the base whether it has it.
    """

    exposure: NDArray[np.float64]
    factors: tuple[Factor, ...]
    matrix: NDArray[np.float64]

    @property
    def names(self) -> list[tuple[str, Any]]:
        """Column and level of each column of the matrix but the first."""
        return [(factor.column, factor.levels[place]) for factor in self.factors for place in factor.others]


def design(person_years: PersonYears, relativities: object, base: Mapping[str, Any] | None) -> Design:
    """Return the design of person-years by the columns that are asked for."""
    frame = person_years.frame
    exposure = (frame["member_months"] * frame["risk_score"]).to_numpy(dtype=np.float64) / MONTHS
    if not exposure.sum() > 0.0:
        raise InputError("person_years.risk_score", "must be above 0 for somebody", "only zeros")
    if base is not None and not isinstance(base, Mapping):
        raise InputError("fit.base", "must map columns to levels", a(base), 'for example {"sex": "female"}')
    chosen = dict(base or {})
    factors = tuple(
        _factor(person_years, column, bounds, chosen.pop(column, None), exposure)
        for column, bounds in _asked(relativities).items()
    )
    if chosen:
        raise InputError("fit.base", "must name relativities", ", ".join(map(repr, chosen)))
    columns = [np.ones(len(frame))]
    columns += [(factor.of_row == place).astype(np.float64) for factor in factors for place in factor.others]
    return Design(exposure=exposure, factors=factors, matrix=np.column_stack(columns))


def _asked(relativities: object) -> dict[str, Any]:
    if relativities is None:
        return {}
    if isinstance(relativities, Mapping):
        return {str(column): bounds for column, bounds in relativities.items()}
    if isinstance(relativities, str) or not isinstance(relativities, Iterable):
        hint = 'for example {"age": (0, 18, 65), "sex": None} or ("sex", "plan")'
        raise InputError(PATH, "must be columns, or columns with bands", a(relativities), hint)
    return {str(column): DEFAULT.get(str(column)) for column in relativities}


def _factor(
    person_years: PersonYears,
    column: str,
    bounds: object,
    base: Any,  # noqa: ANN401 - whatever the column holds
    exposure: NDArray[np.float64],
) -> Factor:
    path = f"{PATH}.{column}"
    used = {name for line in person_years.lines for name in (line.events, line.dollars)}
    possible = [name for name in person_years.frame.columns if name not in {*NO_LEVELS, *used}]
    if column not in possible:
        hint = f"the columns are {', '.join(map(str, possible))}"
        raise InputError(path, "must be a column that members differ by", repr(column), hint)
    values = person_years.frame[column]
    if bounds is None and column in BANDED:
        hint = f'for example {{"{column}": {EXAMPLES[column]}}}'
        raise InputError(path, "must have bands, each from its bound on", "none", hint)
    if bounds is not None and column not in BANDED:
        # A Service looks the values of every other column up as they are.
        hint = "bands are for age and risk_score; give any other a column of its bands"
        raise InputError(path, "must be None: each value is a level", repr(bounds), hint)
    if bounds is None:
        if values.isna().any():
            row = int(np.flatnonzero(values.isna().to_numpy())[0])
            raise InputError(f"person_years.{column}[{row}]", "must not be missing")
        of_row, found = values.factorize(sort=True)
        levels = tuple(found.tolist())
    else:
        levels, of_row = _banded(path, column, values.to_numpy(dtype=np.float64), bounds)
    weight = np.bincount(of_row, weights=exposure, minlength=len(levels))
    if base is not None and base not in levels:
        raise InputError(f"fit.base.{column}", "must be one of its levels", repr(base), f"they are {list(levels)}")
    place = int(weight.argmax()) if base is None else levels.index(base)
    return Factor(column=column, levels=levels, of_row=np.asarray(of_row, dtype=np.int64), base=place)


def _banded(
    path: str, column: str, values: NDArray[np.float64], bounds: object
) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
    """Return the bands, also those that nobody is in, and whose they are."""
    if isinstance(bounds, str) or not isinstance(bounds, Iterable):
        raise InputError(path, "must be bounds of bands, each from its bound on", a(bounds))
    given = sorted({plain(f"{path}[{place}]", bound) for place, bound in enumerate(bounds)})
    lowest = f"{given[0]:g}" if given else "none"
    if column == AGE and lowest != "0":
        # As in a Service, whose members may be of any age.
        raise InputError(path, "must begin at age 0", lowest)
    if not given or given[0] > values.min():
        raise InputError(path, f"must begin at or below the lowest value, {values.min():g}", lowest)
    for bound in given:
        if column == AGE and not (bound.is_integer() and bound <= OLDEST):
            raise InputError(path, f"must name whole ages up to {OLDEST}", f"{bound:g}")
    of_row = np.searchsorted(given, values, side="right") - 1
    return tuple(int(bound) if bound.is_integer() else bound for bound in given), of_row
