"""Settles a user's own figures by a rule of the core: one case as a statement, many as a frame."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _core
from atrisk._errors import InputError, a
from atrisk.statement import Line, Statement, in_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rule:
    """A rule of the core with its terms.

    Attributes
    ----------
    name : str
        Its low-level name.
    terms : dict
        Its terms as JSON; rates and dollars as decimal text.
    place : str
        What errors call it.
    waterfall : sequence of (str, int)
        Lines of a statement that add up.
    notes : sequence of str
        What a statement says below its lines.
    source : str
        What says so.
    """

    name: str
    terms: Mapping[str, Any]
    place: str
    waterfall: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()
    source: str = ""

    @cached_property
    def core(self) -> _core.Rule:
        """The rule, its terms checked."""
        return _core.Rule(self.name, self.place, json.dumps(self.terms))

    def settle(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
        """Settle a frame (a row is a case), or facts by name: numbers give a statement, arrays a frame."""
        known = [name for name, *_ in self.core.facts()]
        unknown = [name for name in facts if name not in known]
        if unknown:
            raise InputError(f"{self.place}.{unknown[0]}", f"must be one of {', '.join(known)}", "an unknown fact")
        if frame is None and all(np.ndim(value) == 0 for value in facts.values()):
            return self.statement(**facts)
        given = facts if frame is None else self._columns(frame) | facts
        lines = self.columns(given)
        return _as_frame(lines, frame)

    def columns(self, given: Mapping[str, object]) -> dict[str, NDArray[np.float64]]:
        """Settle columns of facts; numbers hold for every case."""
        self._need(given)
        described = self.core.facts()
        columns = [_numbers(f"{self.place}.{name}", given.get(name, default)) for name, _, _, default in described]
        lengths = {len(column) for column in columns if column.ndim}
        if len(lengths) > 1:
            raise InputError(self.place, "must have facts of one length", " and ".join(map(str, sorted(lengths))))
        n = max(lengths, default=1)
        return self.core.settle([np.ascontiguousarray(np.broadcast_to(column, n)) for column in columns])

    def statement(self, **facts: Any) -> Statement:  # noqa: ANN401 - numbers of any kind
        """Settle one case line by line."""
        self._need(facts)
        described = self.core.facts()
        values = [
            _numbers(f"{self.place}.{name}", facts.get(name, default)).item() for name, _, _, default in described
        ]
        # First, since it refuses facts that are none.
        computed = [
            Line(line, formula, in_unit(value, unit), unit, self.source)
            for line, formula, value, unit in self.core.statement(values)
        ]
        shown = [
            Line(name, meaning, in_unit(_decimal_text(value), unit), unit)
            for (name, unit, meaning, _), value in zip(described, values, strict=True)
            if name in facts and not np.isnan(value)
        ]
        return Statement(self.place, [*shown, *computed], self.waterfall, self.notes)

    def _need(self, given: Mapping[str, object]) -> None:
        missing = [name for name, _, _, default in self.core.facts() if default is None and name not in given]
        if missing:
            raise InputError(self.place, f"must be given {', '.join(missing)}", "none of them" if not given else None)

    def _columns(self, frame: object) -> dict[str, object]:
        import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

        if isinstance(frame, Mapping):
            return dict(frame)
        try:
            table = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
        except TypeError:
            raise InputError(
                self.place, "must be a data frame (pandas, polars, Arrow) or a mapping", a(frame)
            ) from None
        return {name: table[name].to_numpy() for name, *_ in self.core.facts() if name in table.columns}


def _numbers(path: str, values: object) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(path, "must be numbers", repr(values)[:60]) from None
    if numbers.ndim > 1:
        raise InputError(path, "must be a number or a column of numbers", f"{numbers.ndim} dimensions")
    return numbers


def _decimal_text(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _as_frame(lines: dict[str, NDArray[np.float64]], frame: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    if frame is None or isinstance(frame, (Mapping, pd.DataFrame)):
        return pd.DataFrame(lines, index=frame.index if isinstance(frame, pd.DataFrame) else None)
    import narwhals as nw  # noqa: PLC0415 - keeps the import of atrisk quick

    table = nw.from_native(frame, eager_only=True)  # type: ignore[call-overload]
    return nw.from_dict(lines, backend=nw.get_native_namespace(table)).to_native()
