"""How Python values become the JSON specification that the core reads."""

from __future__ import annotations

import dataclasses
import math
import numbers as kinds
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from atrisk._errors import InputError, a, a_kind


def snake_case(name: str) -> str:
    """Return the low-level name of a class: ``StopLoss`` is ``stop_loss``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


UNCERTAIN = "uncertain"
ENOUGH = 1e-9  # shares that were written come to 1 within it


def uncertain(value: object) -> dict[str, Any] | None:
    """Return a distribution given where a number is meant, marked to be taken out; None for anything else."""
    from atrisk.distributions import Distribution  # noqa: PLC0415 - distributions are written by this module

    return {UNCERTAIN: value} if isinstance(value, Distribution) else None


def number(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a number for the simulation; what is not finite or no number crosses as text, for the core to name."""
    marked = uncertain(value)
    if marked is not None:
        return marked
    if isinstance(value, bool) or not isinstance(value, (kinds.Real, Decimal)):
        # Halves of characters, which no encoding can write, are shown by their number.
        return str(value).encode("utf-8", "backslashreplace").decode()
    try:
        as_float = float(value)
    except OverflowError:
        return shown(value)
    return as_float if math.isfinite(as_float) else str(as_float)


def term(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a contract's term: numbers as the decimal text that was written; switches and None as they are."""
    marked = uncertain(value)
    if marked is not None:
        return marked
    if value is None or isinstance(value, (bool, np.bool_)):
        return value if value is None else bool(value)
    if isinstance(value, kinds.Real) and not isinstance(value, kinds.Integral):
        return repr(float(value))
    return shown(value)


def nested_terms(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return terms by name, and those inside of them, as the core reads them."""
    return {name: nested_terms(each) if isinstance(each, Mapping) else term(each) for name, each in given.items()}


def known_term(path: str, value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a term that may not be uncertain."""
    if uncertain(value) is not None:
        raise InputError(path, "must be known: a number and no distribution", repr(value))
    return term(value)


def names(value: object) -> list[str] | None:
    """Return a scope as the names in it: one name, or any collection of them."""
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    given = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    return [str(name).strip() for name in (sorted(given, key=str) if isinstance(value, (set, frozenset)) else given)]


def optional_number(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a number that may be left out."""
    return None if value is None else number(value)


def numbers(path: str, values: object) -> list[Any]:
    """Return a sequence of numbers, refusing what is none."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError(path, "must be a list of numbers", repr(values))
    return [number(value) for value in values]


def matrix(path: str, rows: object) -> list[list[Any]]:
    """Return rows of numbers, refusing what is none."""
    if isinstance(rows, np.ndarray):
        rows = rows.tolist()
    if isinstance(rows, (str, Mapping)) or not isinstance(rows, Iterable):
        raise InputError(path, "must be a matrix: a list of rows of numbers", repr(rows))
    return [numbers(f"{path}[{position}]", row) for position, row in enumerate(rows)]


def known(path: str, value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a number that may not be uncertain; what is no number crosses as text, for the core to name."""
    if uncertain(value) is not None:
        raise InputError(path, "must be known: a number and no distribution", repr(value))
    return number(value)


def by_name(value: object) -> dict[str, Any]:
    """Return a term by the names it is given for; under an empty name one that is given for all."""
    if isinstance(value, Mapping):
        return {str(name).strip(): number(each) for name, each in value.items()}
    return {"": number(value)}


def plain(path: str, value: object) -> float:
    """Return a number that must be known: finite, and no distribution."""
    if isinstance(value, bool) or not isinstance(value, (kinds.Real, Decimal)) or not math.isfinite(float(value)):
        raise InputError(path, "must be a finite number", repr(value))
    return float(value)


def rate(path: str, value: object) -> float:
    """Return a known rate, refusing what is not between 0 and 1 and recognising a percent."""
    number = plain(path, value)
    if not 0 <= number <= 1:
        hint = f"did you mean {number / 100:.10g}?" if 1 < number <= 100 else None  # noqa: PLR2004
        raise InputError(path, "must be between 0 and 1", f"{number:.10g}", hint)
    return number


def refuse_other_sum(path: str, shares: Iterable[float], rule: str = "must come to 1") -> None:
    """Refuse shares of one whole, as they were written, that do not come to 1."""
    total = sum(shares)
    if abs(total - 1.0) > ENOUGH:
        raise InputError(path, rule, f"{total:.10g}")


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


def pair(path: str, given: object) -> list[Any] | None:
    """Return two terms, or None where none are given."""
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable) or len(parts := list(given)) != 2:  # noqa: PLR2004
        raise InputError(path, "must be two numbers", repr(given))
    return [term(part) for part in parts]


def texts(path: str, given: object) -> list[str]:
    """Return texts, refusing what is none."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(path, "must be a list of texts", repr(given))
    return [text(f"{path}[{position}]", each) for position, each in enumerate(given)]


def all_of(kind: type, path: str, given: object) -> tuple[Any, ...]:
    """Return a sequence whose items are all of a kind, refusing anything else."""
    if isinstance(given, (kind, str)) or not isinstance(given, Iterable):
        raise InputError(path, f"must be a list of {kind.__name__}", a(given))
    items = tuple(given)
    for position, item in enumerate(items):
        if not isinstance(item, kind):
            raise InputError(f"{path}[{position}]", f"must be {a_kind(kind)}", a(item))
    return items
