"""How Python values become the JSON specification that the core reads."""

from __future__ import annotations

import dataclasses
import math
import numbers
import re
from decimal import Decimal
from typing import Any


def snake_case(name: str) -> str:
    """Return the low-level name of a class: ``StopLoss`` is ``stop_loss``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def number(value: object) -> float | str:
    """Return a number for the simulation; what is not finite or no number crosses as text, for the core to name."""
    if isinstance(value, bool) or not isinstance(value, (numbers.Real, Decimal)):
        return str(value)
    as_float = float(value)
    return as_float if math.isfinite(as_float) else str(as_float)


def term(value: object) -> Any:  # noqa: ANN401 - text, names, switches and None cross as they are
    """Return a contract's term: numbers as the decimal text that was written."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (Decimal, numbers.Integral)):
        return str(value)
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [str(name) for name in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return str(value)


def fields(instance: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return the fields of a dataclass that differ from nothing, by name."""
    return {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}
