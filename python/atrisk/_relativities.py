"""What columns of a panel come to for each member: factors by value, or by unit from the mean of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._columns import looked_up
from atrisk._errors import InputError
from atrisk._spec import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from atrisk.population import Population


def column(path: str, population: Population, name: str, rule: str = "must be a column of the panel") -> NDArray[Any]:
    """Return a column of a panel by its name, refusing a name that is none with ``rule``."""
    if name not in population.columns:
        raise InputError(path, rule, repr(name), f"the columns are {', '.join(population.columns)}")
    return population.columns[name]


def factors(path: str, values: NDArray[Any], effect: object, moves: str) -> NDArray[np.float64]:
    """Return the factor of each member's odds or rate, whichever ``moves``.

    A mapping has the factor of each value; a number is the change of the logarithm for a unit more than the panel's
    mean.
    """
    if isinstance(effect, Mapping):
        return looked_up(path, values, effect)
    if values.dtype.kind not in "biuf":
        raise InputError(path, "must map values to factors", repr(effect), "a number is for columns of numbers")
    change, numeric = plain(path, effect), values.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.exp(change * (numeric - numeric.mean()))
    if not np.isfinite(found).all():
        hint = f"it is the change of the log {moves} for a unit more than the mean of the panel"
        raise InputError(path, f"must give finite factors of {moves}", repr(effect), hint)
    return np.asarray(found, dtype=np.float64)
