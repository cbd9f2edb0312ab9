"""How Python values become the JSON specification that the core reads."""

from __future__ import annotations

import dataclasses
import math
import numbers
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np

from atrisk._errors import InputError


def snake_case(name: str) -> str:
    """Return the low-level name of a class: ``StopLoss`` is ``stop_loss``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def number(value: object) -> float | str:
    """Return a number for the simulation; what is not finite or no number crosses as text, for the core to name."""
    if isinstance(value, bool) or not isinstance(value, (numbers.Real, Decimal)):
        # Halves of characters, which no encoding can write, are shown by their number.
        return str(value).encode("utf-8", "backslashreplace").decode()
    try:
        as_float = float(value)
    except OverflowError:
        return shown(value)
    return as_float if math.isfinite(as_float) else str(as_float)


def term(value: object) -> str | bool | None:
    """Return a contract's term: numbers as the decimal text that was written; switches and None as they are."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return value if value is None else bool(value)
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        return repr(float(value))
    return shown(value)


def names(value: object) -> list[str] | None:
    """Return a scope as the names in it: one name, or any collection of them."""
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    given = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    return [str(name).strip() for name in (sorted(given, key=str) if isinstance(value, (set, frozenset)) else given)]


def flag(path: str, value: object) -> bool:
    """Return a switch, refusing what is neither True nor False."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(path, "must be True or False", repr(value))
    return bool(value)


def text(path: str, value: object) -> str:
    """Return a name or a choice of words, refusing what is not text."""
    if not isinstance(value, str):
        raise InputError(path, "must be text", repr(value))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InputError(path, "must be text that UTF-8 can write", repr(value)) from None
    return value.strip()


def whole(path: str, value: object, low: int, high: int) -> int:
    """Return a whole number within its range, from any kind of number that is one."""
    rule = f"must be a whole number between {low:,} and {high:,}"
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InputError(path, rule, repr(value))
    if not low <= value <= high or value != int(value):
        raise InputError(path, rule, f"{value:g}" if isinstance(value, (float, np.floating)) else shown(value)[:40])
    return int(value)


def shown(value: object) -> str:
    """Return a value as text; whole numbers too long for that are as good as infinite."""
    try:
        return str(value)
    except ValueError:
        return "inf" if isinstance(value, int) and value > 0 else "-inf"


def fields(instance: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return the fields of a dataclass by name."""
    return {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}
